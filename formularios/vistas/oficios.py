"""Los papeles de un acto: su comprobante, y el oficio conductor con las matrices de anexo, en PDF y para editar."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, abort, render_template, url_for

from esquemas.saber import ACUERDO, Acto
from formularios.escrito_docx import escribir_docx
from formularios.expediente import PDF, Actuacion, Expediente
from formularios.impreso import Renglon, imprimir, imprimir_oficio
from formularios.observaciones import campo_de, es_de_observaciones
from formularios.oficio import BORRADOR, Anexo, Oficio, armar
from formularios.recibido import comprobante
from formularios.roles import VEN
from formularios.tablero import detallar
from formularios.tramite import preparar
from formularios.vistas import exigir_su_region, nucleo, permitir
from formularios.vistas.actos import el_acto
from formularios.vistas.escritura import citas, de_catalogo, hora_chile, hora_utc, mostrar
from formularios.vistas.expedientes import bajar, la_actuacion, leer, lo_comun

oficios = Blueprint("oficios", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/expediente")
oficios.before_request(exigir_su_region)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ESCRITORES: Mapping[str, tuple[str, Callable[[Oficio], bytes]]] = {"pdf": (PDF, imprimir_oficio), "docx": (DOCX, escribir_docx)}


@oficios.get("/actuaciones/<int:numero>/")
@permitir(*VEN)
def actuacion(cut: str, ejercicio: int, numero: int) -> object:
    """El comprobante de un acto, y lo que se puede bajar de él."""
    expediente = leer(cut, ejercicio)
    hecha = la_actuacion(expediente, numero)
    renglones = renglones_de(expediente, hecha)
    return render_template("expediente_actuacion.html", **lo_comun(expediente), a=hecha, renglones=renglones)


@oficios.get("/<acto>/borrador.<clase>")
@permitir(*VEN)
def borrador(cut: str, ejercicio: int, acto: str, clase: str) -> object:
    """El oficio con lo que hay ahora, sin folio."""
    n, declarado, expediente = nucleo(), el_acto(acto), leer(cut, ejercicio)
    anexos = []
    for r in preparar(n.almacen, n.catalogo, expediente, declarado).revisadas:
        canonicas = r.resultado.como_dict(r.matriz.esquema.nombre)
        escritas = [f.datos for f in r.filas]  # lo que todavía no se puede leer va como se escribió
        sanas = canonicas if len(canonicas) == len(escritas) else escritas
        filas = [{**e, **{n: v for n, v in s.items() if v}} for s, e in zip(sanas, escritas, strict=True)]
        anexos.append(Anexo(n.catalogo.esquemas[r.matriz.esquema.nombre], filas))  # sin las columnas propias
    return _bajar_oficio(expediente, declarado, None, anexos, clase)


@oficios.get("/actuaciones/<int:numero>/oficio.<clase>")
@permitir(*VEN)
def oficio(cut: str, ejercicio: int, numero: int, clase: str) -> object:
    """El oficio de lo que se entregó, con sus folios."""
    n, expediente = nucleo(), leer(cut, ejercicio)
    hecha = la_actuacion(expediente, numero)
    acto = el_acto(hecha.acto)
    anexos = []
    for nombre in en_orden(acto, hecha):
        detalle = detallar(n.almacen, hecha.folios[nombre])
        filas = detalle.tablas.get(nombre, [])
        anexos.append(Anexo(n.catalogo.esquemas[nombre], filas, detalle.envio.folio, detalle.envio.huella))
    return _bajar_oficio(expediente, acto, hecha, anexos, clase)


def en_orden(acto: Acto, hecha: Actuacion) -> list[str]:
    """Los formatos que llevó, en el orden en que el acto los nombra."""
    return [n for n in dict.fromkeys((*acto.entrega, *hecha.folios)) if n in hecha.folios and n in nucleo().catalogo.esquemas]


def _bajar_oficio(expediente: Expediente, acto: Acto, hecha: Actuacion | None, anexos: Sequence[Anexo], clase: str) -> object:
    if clase not in ESCRITORES or not acto.entrega:
        abort(404)
    n = nucleo()
    texto = render_template(
        "oficio.txt",
        cut=expediente.region,
        ejercicio=expediente.ejercicio,
        acto=acto,
        hecha=hecha,
        motivo=" ".join(hecha.motivo.split()) if hecha else "",  # en una línea: en la plantilla, un párrafo es otro bloque
        con_acuerdo=ACUERDO in acto.exige,
        acuerdo=n.catalogo.proceso.tramitacion.acuerdo,
        datos=hecha.datos if hecha else {},
        verificar=n.configuracion.url_publica + url_for("publico.pedir_folio"),
    )
    donde = f"{de_catalogo(expediente.region, 'regiones')}, ejercicio {expediente.ejercicio}"
    rotulo = f"Expediente de {donde}, n.º {hecha.numero}" if hecha else BORRADOR
    fecha = hecha.recibido_utc if hecha else n.reloj()
    legibles = [replace(a, filas=_con_nombres(a)) for a in anexos]
    asunto = next((h.titulo for h in n.catalogo.proceso.hitos if h.nombre == acto.hito), acto.titulo)  # el acto dice qué apretar
    hecho = armar(f"{asunto}. {donde}", rotulo, texto, legibles, escribir=mostrar, fecha=fecha)
    tipo, escribir = ESCRITORES[clase]
    numero = hecha.numero if hecha else "borrador"
    return bajar(escribir(hecho), tipo, f"oficio-{acto.nombre}-{expediente.region}-{expediente.ejercicio}-{numero}.{clase}")


def _con_nombres(anexo: Anexo) -> Sequence[Mapping[str, str]]:
    """Las filas; en las observaciones, la matriz y el campo observados van por su nombre y no como se guardan."""
    catalogo = nucleo().catalogo
    if not es_de_observaciones(catalogo, anexo.esquema):
        return anexo.filas
    salida = []
    for fila in anexo.filas:
        observada = catalogo.esquemas.get(fila.get("matriz", ""))
        campo = observada and campo_de(observada, fila.get("campo", ""))
        nombres = {"matriz": observada.nombre_completo} if observada else {}
        salida.append({**fila, **nombres, **({"campo": observada.principal.campo(campo).titulo} if campo else {})})
    return salida


@oficios.get("/actuaciones/<int:numero>/comprobante.pdf")
@permitir(*VEN)
def comprobante_pdf(cut: str, ejercicio: int, numero: int) -> object:
    """El comprobante del acto en PDF/A."""
    n, expediente = nucleo(), leer(cut, ejercicio)
    hecha = la_actuacion(expediente, numero)
    pdf = imprimir(
        titulo="Comprobante de un acto del expediente",
        rotulo="Expediente",
        folio=f"{ejercicio}-{cut} n.º {numero}",
        estado=n.catalogo.proceso.tramitacion.estados[hecha.a].titulo,
        renglones=renglones_de(expediente, hecha),
        direccion=n.configuracion.url_publica + url_for("publico.pedir_folio"),
        recibido_utc=hecha.recibido_utc,
    )
    return bajar(pdf, PDF, f"comprobante-{cut}-{ejercicio}-{numero}.pdf")


def renglones_de(expediente: Expediente, hecha: Actuacion) -> list[Renglon]:
    """Lo que dice el comprobante, una sola vez para la página y el PDF."""
    n, acto = nucleo(), el_acto(hecha.acto)
    acuerdo = n.catalogo.proceso.tramitacion.acuerdo
    inhabil = "" if hecha.presentado_legal == hecha.recibido_utc else ". Llegó en día inhábil (Ley 19.880, art. 25)."
    # Retirar, validar o rechazar no entregan nada: recaen en lo que entregó el acto anterior, y eso es lo que se prueba.
    sobre = hecha if hecha.folios or acto.hito else expediente.actuaciones[hecha.numero - 2]
    entregados = []
    for nombre in en_orden(el_acto(sobre.acto), sobre):
        c = comprobante(n.almacen, sobre.folios[nombre])
        esquema = n.catalogo.esquemas[nombre]
        entregados += [
            Renglon(esquema.nombre_completo, f"Folio {c.folio}. Filas: {c.filas.get(nombre, 0)}"),
            Renglon("Su huella (SHA-256)", c.huella, fija=True),
        ]
    return [
        Renglon("Acto", acto.titulo),
        Renglon("Región y ejercicio", f"{de_catalogo(expediente.region, 'regiones')}, {expediente.ejercicio}"),
        Renglon("Recibido", hora_chile(hecha.recibido_utc)),
        Renglon("Recibido, en UTC", hora_utc(hecha.recibido_utc)),
        Renglon("Se entiende presentado", hora_chile(hecha.presentado_legal) + inhabil),
        Renglon("Lo hizo", " o ".join(de_catalogo(r, "roles") for r in acto.quien)),
        Renglon("Norma", "; ".join(c.texto for c in citas(acto.norma))),
        *([Renglon("Motivo", hecha.motivo)] if hecha.motivo else []),
        *([Renglon("Recae en", f"N.º {sobre.numero}: {el_acto(sobre.acto).titulo}")] if sobre is not hecha else []),
        *entregados,
        *(Renglon(c.titulo, mostrar(v, c)) for c in acuerdo.esquema.campos if (v := sobre.datos.get(c.nombre))),
        *(Renglon(f"{d.titulo}, huella", h, fija=True) for d in acuerdo.documentos if (h := sobre.datos.get(d.nombre))),
    ]
