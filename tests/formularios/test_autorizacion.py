"""Quién puede qué, entero: rol × ruta × (región propia, ajena) × estado de la región, contra tablas escritas aquí.

No salen del código: una ruta que no esté, o que cambie de público, falla. El estado no cambia quién entra a cada ruta
(si un día cambia, va en `EN_ESA_SITUACION`): cambia qué acto procede (`PROCEDEN`) y qué filas se corrigen (`SE_CORRIGE`).
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from flask import url_for

from esquemas.catalogo import cargar
from formularios import sesiones
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen
from formularios.almacen_tablas import METADATOS
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import leer_expediente
from formularios.filas import guardar_fila
from formularios.tramite import preparar
from tests.formularios import tramite
from tests.formularios.conftest import AHORA

CATALOGO = cargar()
REGION, EJERCICIO = "06", 2027
LETRAS = {"E": "gore_editor", "F": "gore_firmante", "D": "direccion_regional", "S": "sercotec", "L": "lector"}
TODOS, PUBLICO = "EFDSL", "publico"
LEEN, ESCRIBEN, CORRIGEN, ENTREGAN, ACTUAN = "leen", "escriben", "corrigen", "entregan", "actuan"

OFICIOS = ("oficios.actuacion", "oficios.comprobante_pdf", "oficios.oficio", "oficios.borrador")

# Vista → quiénes pasan: letras de `LETRAS`, todo el mundo, o lo que diga el formato en `FORMATOS`.
TABLA = {
    **dict.fromkeys(("raiz.salud", "publico.portada", "publico.pedir_folio", "publico.verificar"), PUBLICO),
    **dict.fromkeys((f"acceso.{v}" for v in ("entrar", "pedir", "enlace", "canjear", "salir", "bandeja")), PUBLICO),
    **dict.fromkeys(("cuenta.pedir_codigo", "cuenta.dar_codigo", "oidc.ir", "oidc.volver"), PUBLICO),
    **dict.fromkeys(("archivos.subir", "archivos.validar", "imprimible.imprimir"), PUBLICO),
    **dict.fromkeys((f"derechos.{v}" for v in ("pedir", "recibir", "pedir_estado", "estado")), PUBLICO),
    **dict.fromkeys(("encuestas.portada", "encuestas.comenzar", "encuestas.retomar", "encuestas.canjear"), PUBLICO),
    **dict.fromkeys(("encuestas.pausa", "encuestas.cambiar_enlace", "encuestas.mandar_enlace"), PUBLICO),
    **dict.fromkeys(("encuestas.con_codigo", "encuestas.canjear_codigo", "llenado.llenar", "llenado.guardar"), PUBLICO),
    **dict.fromkeys(("entrega.revisar", "entrega.entregar", "entrega.comprobar", "entrega.bajar_pdf"), PUBLICO),
    **dict.fromkeys(("entrega.bajar_copia", "entrega.mandar_comprobante", "entrega.corregir"), PUBLICO),
    **dict.fromkeys(("publicado.elegir", "publicado.ver_publico", "publicado.descargar_publico"), PUBLICO),
    **dict.fromkeys(("acceso.mis_regiones", "cuenta.ver", "cuenta.actuar", "regiones.inicio", "mapa.ver"), TODOS),
    **dict.fromkeys(("regiones.invitaciones", "regiones.actuar", "regiones.convocar"), "EFDS"),
    **dict.fromkeys(("entrevistas.preparar", "entrevistas.comenzar"), "EFDS"),
    **dict.fromkeys((f"solicitudes.{v}" for v in ("bandeja", "ver", "exportar", "ejecutar", "responder")), "EFDS"),
    **dict.fromkeys(("sercotec.tablero", "sercotec.descargar", "sercotec.envio"), "S"),
    **dict.fromkeys(("lecturas.ver_lecturas", "lecturas.descargar_lecturas"), "S"),
    **dict.fromkeys(("analisis.ver", "analisis.descargar", "analisis.descargar_citas"), LEEN),
    "analisis.pasar": "EFD",
    **dict.fromkeys(("matrices.tabla", "matrices.planilla", "filas.una", "filas.historial"), LEEN),
    **dict.fromkeys(("matrices.comenzar", "matrices.copiar_anterior", "filas.quitar", "filas.reponer"), ESCRIBEN),
    **dict.fromkeys(("subidas.subir", "subidas.comparar", "subidas.aplicar"), CORRIGEN),
    "filas.guardar": CORRIGEN,
    "entregas.revisada": LEEN,
    "entregas.entregar": ENTREGAN,
    **dict.fromkeys(("propias.en_csv", "propias.en_xlsx"), LEEN),
    **dict.fromkeys(("propias.ver", "propias.actuar"), ESCRIBEN),
    "regiones.cargar": TODOS,
    **dict.fromkeys(("observaciones.lista", "observaciones.planilla", "observaciones.una"), TODOS),
    **dict.fromkeys(("observaciones.nueva", "observaciones.agregar"), "S"),
    "observaciones.actuar": "EFDS",
    "matrices.abrir_cerrada": ENTREGAN,
    "cotejos.marcar_deber": "EFDS",
    "sercotec.regiones_csv": "S",
    **dict.fromkeys(("expedientes.ver", "expedientes.documento", "actos.revisar", *OFICIOS), TODOS),
    "actos.hacer": ACTUAN,
}
FORMATOS = {
    "focalizacion": {LEEN: TODOS, ESCRIBEN: "EFD", CORRIGEN: "EFD", ENTREGAN: "F"},
    "catastro-actores": {LEEN: "EFDS", ESCRIBEN: "EFD", CORRIGEN: "EFD", ENTREGAN: "EFD"},  # tiene datos de personas
    "plan-barrio": {LEEN: TODOS, ESCRIBEN: "EFD", CORRIGEN: "EFD", ENTREGAN: "EFD"},
    "informe-valoracion": {LEEN: TODOS, ESCRIBEN: "D", CORRIGEN: "D", ENTREGAN: "D"},
    "observaciones": {LEEN: TODOS, ESCRIBEN: "S", CORRIGEN: "EFS", ENTREGAN: "S"},
}
ACTOS = {"preliminar": {ACTUAN: "F"}, "final": {ACTUAN: "F"}, "observar": {ACTUAN: "S"}, "validar": {ACTUAN: "S"}}
ENCUESTAS = {"actor-clave": {LEEN: "EFDS"}, "evaluacion-expost": {LEEN: TODOS}}



def hasta(*actos: str) -> Callable[[Almacen], None]:
    """Llena las matrices y hace esos actos; después de «observar», la región responde."""

    def llevar(almacen: Almacen) -> None:
        tramite.llenar(almacen)
        for acto in actos:
            if acto == "observar":
                una = tramite.observar(almacen, OBSERVADA)
            tramite.hacer(almacen, acto)
            if acto == "observar":
                matriz, quien = tramite.matriz(tramite.OBSERVACIONES), {"version": una.version, **tramite.QUIEN}
                guardar_fila(almacen, CATALOGO, matriz, una.id, {"respuesta": "Se corrigió."}, **quien)

    return llevar


# En qué está la región al pedir: nombre → lo que la deja así. Las excepciones a la tabla van por (situación, vista).
OBSERVADA, FILAS = "FOC-01", {"FOC-01", "FOC-02", "FOC-03"}
SITUACIONES: dict[str, Callable[[Almacen], None]] = {
    "sin empezar": lambda almacen: None,
    "en preparación": hasta(),
    "preliminar enviada": hasta("preliminar"),
    "con observaciones": hasta("preliminar", "observar"),
    "final enviada": hasta("preliminar", "observar", "final"),
    "validada": hasta("preliminar", "observar", "final", "validar"),
}
EN_ESA_SITUACION: dict[tuple[str, str], str] = {}
# Los actos que proceden con lo que hay (sin una observación pendiente, no hay qué enviar), y quién los hace.
PROCEDEN = {
    "sin empezar": {},
    "en preparación": {"preliminar": "F"},
    "preliminar enviada": {"retirar-preliminar": "F", "sin-observaciones": "S"},
    "con observaciones": {"final": "F"},
    "final enviada": {"validar": "S", "rechazar": "S"},
    "validada": {},
}
# Las filas de B.2 que la región corrige; quién, lo dice FORMATOS.
SE_CORRIGE = {
    "sin empezar": set(),
    "en preparación": FILAS,
    "preliminar enviada": set(),
    "con observaciones": {OBSERVADA},
    "final enviada": set(),
    "validada": set(),
}
A_ENTRAR = ("cuenta.pedir_codigo", "cuenta.dar_codigo")  # sin el segundo factor pendiente, llevan ahí
NEGADO = "Aquí hace falta".encode()  # lo que dice la página a quien le falta un rol

VALORES = {"cut": REGION, "ejercicio": EJERCICIO, "seccion": "x", "secreto": "x", "folio": "2027-06-000001-0"}
VALORES |= {"numero": "D-2026-000001-0", "esquema": "focalizacion", "cual": "OBS-01", "clase": "pdf"}
NUMERADAS = ("expedientes.documento", *OFICIOS)
EN_FORMATO = {"solicitudes.exportar": "json", "sercotec.descargar": "csv"}  # ahí «formato» es el del archivo


def quienes() -> dict[str, tuple[str, str, int]]:
    """Nombre → su permiso: cada rol aquí, en otra región y en otro ejercicio. `sercotec` es de todas y de todos."""
    gente = {}
    for letra, rol in LETRAS.items():
        if letra == "S":
            gente["S aquí"] = (rol, "", 0)
            continue
        gente |= {f"{letra} aquí": (rol, REGION, EJERCICIO), f"{letra} aquí siempre": (rol, REGION, 0)}
        gente |= {f"{letra} otra región": (rol, "05", 0), f"{letra} otro ejercicio": (rol, REGION, EJERCICIO - 1)}
    return gente | {"L en todas": ("lector", "", 0)}


QUIENES = quienes()
# Con la región ya andando: uno por rol, quien mira todas, y los de otra región. Lo demás no depende del estado.
EN_MARCHA = {"nadie", "L en todas", *(n for n in QUIENES if n.endswith((" aquí", " otra región")))}


def peticiones(app) -> list[tuple[str, str, Mapping[str, str], str, bool]]:
    """(vista, método, lo que dicen sus marcas, dirección, si es de una región) de toda regla, con cada formato y encuesta."""
    salen = []
    for regla in app.url_map.iter_rules():
        modelos: Mapping[str, Mapping[str, str]] = {"": {}}
        if "formato" in regla.arguments and regla.endpoint not in EN_FORMATO:
            modelos = FORMATOS
        elif "acto" in regla.arguments:
            modelos = ACTOS
        elif "id" in regla.arguments:
            modelos = ENCUESTAS
        for nombre, dice in modelos.items():
            valores = {**VALORES, "formato": EN_FORMATO.get(regla.endpoint, nombre)}
            valores |= {"id": nombre if modelos is ENCUESTAS else "x", "acto": nombre}
            if regla.endpoint in NUMERADAS:
                valores |= {"numero": 1, "documento": "acta"}
            de_region = "cut" in regla.arguments and TABLA.get(regla.endpoint) != PUBLICO
            with app.test_request_context():
                url = url_for(regla.endpoint, **{a: valores[a] for a in regla.arguments})
            metodos = regla.methods & {"GET", "POST"}
            salen += [(regla.endpoint, metodo, dice, url, de_region) for metodo in sorted(metodos)]
    return salen


def pasa(quien: str, permitidas: str, de_region: bool) -> bool:
    letra, _, donde = quien.partition(" ")
    alcanza = donde in ("aquí", "aquí siempre", "en todas") or not de_region
    return letra in permitidas and alcanza


def todo_lo_guardado(almacen: Almacen) -> dict[str, list[tuple]]:
    with almacen.leer() as c:
        return {t.name: sorted(map(str, c.execute(t.select()).all())) for t in METADATOS.sorted_tables}


@pytest.fixture
def app(almacen):
    armada = crear_app(Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)
    armada.config["WTF_CSRF_ENABLED"] = False  # aquí se prueba quién, no cómo
    return armada


@pytest.fixture
def navegadores(app, almacen):
    """Cada persona, ya adentro; y «nadie»."""
    abiertos = {"nadie": app.test_client()}
    for n, (nombre, (rol, region, ejercicio)) in enumerate(QUIENES.items()):
        suyo = {"rol": rol, "region": region, "ejercicio": ejercicio}
        usuario = guardar_usuario(almacen, correo=f"u{n}@ejemplo.cl", **suyo, ahora_utc=AHORA, autor="prueba")
        abiertos[nombre] = app.test_client()
        with abiertos[nombre].session_transaction() as cookie:
            cookie["ficha"] = sesiones.abrir(almacen, usuario.id, con="enlace", ahora_utc=AHORA)
    return abiertos


def test_la_tabla_tiene_todas_las_rutas_y_ninguna_de_mas(app):
    assert {r.endpoint for r in app.url_map.iter_rules()} == set(TABLA)


def test_los_formatos_de_la_tabla_son_los_que_dicen_algo_distinto():
    """Un YAML que reparta los permisos de otra manera que estos agrega aquí su fila."""
    iniciales = {rol: letra for letra, rol in LETRAS.items()}

    def dicho(esquema) -> tuple[str, ...]:
        return tuple("".join(sorted(iniciales[r] for r in roles)) for roles in (esquema.escriben, esquema.entregan))

    de_la_tabla = {("".join(sorted(f[ESCRIBEN])), "".join(sorted(f[ENTREGAN]))) for f in FORMATOS.values()}
    assert {dicho(e) for e in CATALOGO.formatos} <= de_la_tabla


def de_la_situacion(app, navegadores, situacion) -> tuple[list, dict]:
    """Las peticiones y las personas que se prueban: todas al empezar; después, lo del trámite de la región."""
    todas = peticiones(app)
    if situacion == "sin empezar":
        return todas, navegadores
    suyos = ({}, *ACTOS.values(), FORMATOS["focalizacion"], FORMATOS["observaciones"])
    return [p for p in todas if p[-1] and p[2] in suyos], {n: v for n, v in navegadores.items() if n in EN_MARCHA}


@pytest.mark.parametrize("situacion", SITUACIONES)
def test_quien_no_puede_no_pasa_ni_toca_nada(app, navegadores, almacen, situacion):
    SITUACIONES[situacion](almacen)
    antes, malos, cuantas = todo_lo_guardado(almacen), [], 0
    pedidos, gente = de_la_situacion(app, navegadores, situacion)
    for vista, metodo, dice, url, de_region in pedidos:
        permitidas = EN_ESA_SITUACION.get((situacion, vista), TABLA[vista])
        permitidas = dice.get(permitidas, permitidas)
        for quien, navegador in gente.items():
            if permitidas == PUBLICO or pasa(quien, permitidas, de_region):
                continue
            respuesta, cuantas = navegador.open(url, method=metodo), cuantas + 1
            a_entrar = respuesta.status_code == 303 and respuesta.headers["Location"].endswith("/entrar")
            negado = respuesta.status_code == 403 and (quien == "nadie" or NEGADO in respuesta.data)
            if not (a_entrar if quien == "nadie" and metodo == "GET" else negado):
                malos.append((vista, metodo, url, quien, respuesta.status_code))
    assert malos == []
    assert todo_lo_guardado(almacen) == antes, "un pedido que no pasa no guarda nada"
    assert cuantas > (1000 if situacion == "sin empezar" else 200)


@pytest.mark.parametrize("situacion", SITUACIONES)
def test_quien_puede_pasa(app, navegadores, almacen, situacion):
    SITUACIONES[situacion](almacen)
    malos = []
    pedidos, gente = de_la_situacion(app, navegadores, situacion)
    for vista, metodo, dice, url, de_region in pedidos:
        permitidas = EN_ESA_SITUACION.get((situacion, vista), TABLA[vista])
        permitidas = dice.get(permitidas, permitidas)
        for quien, navegador in gente.items():
            if permitidas != PUBLICO and not pasa(quien, permitidas, de_region):
                continue
            if vista == "acceso.salir" and quien != "nadie":
                continue  # cerraría la sesión con que se prueba lo demás
            estado = (respuesta := navegador.open(url, method=metodo)).status_code
            a_entrar = estado == 303 and respuesta.headers["Location"].endswith("/entrar") and vista not in A_ENTRAR
            if estado >= 500 or a_entrar or NEGADO in respuesta.data:
                malos.append((vista, metodo, url, quien, estado))
    assert malos == []




def de_los_actos(almacen) -> dict[str, dict[str, str]]:
    """Acto → lo que manda quien lo revisó entero: si no se hace, es porque no puede o no procede."""
    expediente, actos = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO), CATALOGO.proceso.tramitacion.actos
    visto = {"visto": str(expediente.ultimo), "motivo": "Porque sí."}
    return {n: {**visto, "base": preparar(almacen, CATALOGO, expediente, a).base} for n, a in actos.items()}


@pytest.mark.parametrize("situacion", SITUACIONES)
def test_cada_acto_lo_hace_quien_puede_y_cuando_procede(navegadores, almacen, situacion):
    SITUACIONES[situacion](almacen)
    antes, ofrecidos = todo_lo_guardado(almacen), set()
    for acto, mandado in de_los_actos(almacen).items():
        url = f"/formularios/regiones/{REGION}/{EJERCICIO}/expediente/{acto}/"
        for quien in EN_MARCHA:
            if re.search(rb"<button>(?!Salir)", navegadores[quien].get(url).data.partition(b"<main")[2]):
                ofrecidos.add((acto, quien))
            elif navegadores[quien].post(url, data=mandado).status_code not in (403, 422):
                ofrecidos.add((acto, quien, "lo hizo sin tener el botón"))
    assert ofrecidos == {(acto, f"{letra} aquí") for acto, letra in PROCEDEN[situacion].items()}
    assert todo_lo_guardado(almacen) == antes


@pytest.mark.parametrize("situacion", SITUACIONES)
def test_cada_fila_la_corrige_quien_puede_y_si_el_estado_la_abre(navegadores, almacen, situacion):
    SITUACIONES[situacion](almacen)
    hechos = set()
    for fila in tramite.filas(almacen):
        for quien in EN_MARCHA:
            actual, escrito = tramite.fila(almacen, fila.datos["codigo"]), f"La escribió {quien}"
            url = f"/formularios/regiones/{REGION}/{EJERCICIO}/matrices/focalizacion/{fila.id}/"
            mandado = {f"c.{n}": v for n, v in actual.datos.items()} | {"c.accion": escrito, "revision": str(actual.version)}
            navegadores[quien].post(url, data=mandado)
            if tramite.fila(almacen, fila.datos["codigo"]).datos["accion"] == escrito:
                hechos.add((fila.datos["codigo"], quien))
    esperados = {(codigo, f"{letra} aquí") for codigo in SE_CORRIGE[situacion] for letra in FORMATOS["focalizacion"][CORRIGEN]}
    assert hechos == esperados
