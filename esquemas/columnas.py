"""Qué columna del archivo es cada campo. Se revisa antes que las filas: con una columna mal puesta, todo lo demás es ruido."""

import difflib
from collections.abc import Iterable, Mapping

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Celda, Hoja, letra
from esquemas.modelo import Campo, Catalogo, Esquema, Tabla
from esquemas.normalizacion import plegar

HOJA_DE_DATOS = "Datos"
FILAS_DE_PORTADA = 20  # hasta dónde se buscan los títulos, si encima hay otra cosa
LARGO_DE_TITULO = 80  # lo que se repite en un mensaje del título que escribió la persona


def elegir_hojas(esquema: Esquema, hojas: list[Hoja]) -> tuple[Mapping[str, Hoja], tuple[Problema, ...]]:
    """Tabla → hoja del libro. La principal es «Datos», la de su nombre o título, o la visible cuyos títulos calzan más.

    Los problemas son errores: hoja equivocada o tabla que falta.
    """
    elegidas: dict[str, Hoja] = {}
    problemas = []
    visibles = [h for h in hojas if h.visible]
    por_nombre = {plegar(h.nombre): h for h in visibles}
    for tabla in esquema.tablas:
        es_principal = tabla is esquema.principal
        nombres = [tabla.nombre, tabla.titulo, tabla.titulo[:31], *([HOJA_DE_DATOS] if es_principal else [])]
        hoja = next((por_nombre[plegar(n)] for n in nombres if plegar(n) in por_nombre), None)
        if hoja is None and es_principal:
            mejor = max(visibles, key=lambda h: _calzan(tabla, h.encabezado), default=None)
            hoja = mejor if mejor and (_calzan(tabla, mejor.encabezado) or len(visibles) == 1) else None
        if hoja is not None and (es_principal or hoja not in elegidas.values()):
            elegidas[tabla.nombre] = hoja
        elif es_principal:
            presentes = ", ".join(f"«{h.nombre}»" for h in visibles) or "ninguna visible"
            problemas.append(
                Problema(
                    Gravedad.ERROR,
                    Codigo.HOJA_EQUIVOCADA,
                    f"Ninguna hoja tiene las columnas de «{esquema.titulo}». El archivo trae: {presentes}. "
                    f"Copie sus datos en la hoja «{HOJA_DE_DATOS}» de la plantilla.",
                    tabla=tabla.nombre,
                    norma=esquema.norma[:1],
                )
            )
        elif (grupo := next(g for g in esquema.grupos if g.tabla is tabla)).minimo and not grupo.mostrar_si:
            problemas.append(
                Problema(
                    Gravedad.ERROR,
                    Codigo.TABLA_FALTANTE,
                    f"Falta la hoja o el archivo «{tabla.nombre}» ({tabla.titulo}). Agréguela con sus columnas.",
                    tabla=tabla.nombre,
                    norma=esquema.norma[:1],
                )
            )
    return elegidas, tuple(problemas)


def _calzan(tabla: Tabla, fila: Iterable[Celda]) -> int:
    titulos = {plegar(t) for c in tabla.campos for t in (c.nombre, c.titulo)}
    return sum(plegar(str(t)) in titulos for t in fila)


def ubicar(tabla: Tabla, hoja: Hoja, catalogo: Catalogo, esquema: Esquema) -> tuple[list[int | None], list[Problema]]:
    """Para cada campo, la posición de su columna en `hoja.encabezado` (None si no está). Se acepta el título o el nombre."""
    # Al revés: si una columna propia se llama como otra que el formato agregó después, el título es de la del formato.
    indice = {plegar(t): i for i, c in reversed(tuple(enumerate(tabla.campos))) for t in c.rotulos}
    posiciones: list[int | None] = [None] * len(tabla.campos)
    problemas, ajenas = [], []

    def problema(gravedad: Gravedad, codigo: Codigo, mensaje: str, **mas: object) -> None:
        problemas.append(
            Problema(gravedad, codigo, mensaje, tabla=tabla.nombre, hoja=hoja.nombre, fila=hoja.fila_encabezado, **mas)
        )

    for j, titulo in enumerate(hoja.encabezado):
        celda = f"{letra(hoja.columnas[j])}{hoja.fila_encabezado}"
        if not titulo.strip():
            if any(fila[j] != "" for fila in hoja.filas):
                problema(
                    Gravedad.ALERTA,
                    Codigo.COLUMNA_SIN_NOMBRE,
                    f"La columna {letra(hoja.columnas[j])} tiene datos y no tiene título: no se lee. Póngale título o bórrela.",
                    celda=celda,
                )
            continue
        i = indice.get(plegar(titulo))
        if i is None:
            ajenas.append((titulo[:LARGO_DE_TITULO], celda))
        elif posiciones[i] is not None:
            problema(
                Gravedad.ERROR,
                Codigo.COLUMNA_REPETIDA,
                f"La columna «{titulo}» está dos veces. Deje una sola.",
                celda=celda,
                campo=tabla.campos[i].nombre,
                norma=tabla.campos[i].norma,
            )
        else:
            posiciones[i] = j
    for i, campo in enumerate(tabla.campos):
        if posiciones[i] is None and (campo.obligatorio or not campo.automatico):
            problema(*_faltante(campo), campo=campo.nombre, norma=campo.norma)
    faltan = [c.titulo for i, c in enumerate(tabla.campos) if posiciones[i] is None]
    for titulo, celda in ajenas:
        parecido = difflib.get_close_matches(plegar(titulo), [plegar(t) for t in faltan], n=1)
        pista = next((f" ¿Quiso escribir «{t}»?" for t in faltan if parecido and plegar(t) == parecido[0]), "")
        otra = _de_otro_esquema(titulo, catalogo, esquema) if not pista else ""
        problema(
            Gravedad.ALERTA,
            Codigo.COLUMNA_AJENA,
            f"La columna «{titulo}» no es de este formato: se conserva en su archivo y no entra al consolidado.{pista}{otra}",
            celda=celda,
            valor=titulo,
        )
    if len(ajenas) == len([t for t in hoja.encabezado if t.strip()]):
        problemas.clear()  # sin los títulos, lo que se diga de cada columna es su consecuencia
        problema(Gravedad.ERROR, Codigo.SIN_ENCABEZADO, _sin_titulos(tabla, hoja), celda=hoja.celda_encabezado(0))
    return posiciones, sorted(problemas, key=lambda p: not p.es_error)


def _sin_titulos(tabla: Tabla, hoja: Hoja) -> str:
    que = f"La fila {hoja.fila_encabezado}, la primera con datos, no tiene los títulos de «{tabla.titulo}»."
    for numero, fila in zip(hoja.numeros[:FILAS_DE_PORTADA], hoja.filas, strict=False):
        if _calzan(tabla, (*fila, *(c for n, _, c in hoja.sobrantes if n == numero))) > 1:
            return f"{que} Están en la fila {numero}: borre las filas que van antes."
    return f"{que} Agregue una fila encima con ellos: {', '.join(f'«{c.titulo}»' for c in tabla.campos[:4])}…"


def _faltante(campo: Campo) -> tuple[Gravedad, Codigo, str]:
    if campo.obligatorio and not campo.mostrar_si:
        return (
            Gravedad.ERROR,
            Codigo.COLUMNA_FALTANTE,
            f"Falta la columna «{campo.titulo}», que es obligatoria. Agréguela con ese título.",
        )
    que = "queda como está en la matriz" if campo.propia else "se toma como vacía"
    return (
        Gravedad.ALERTA,
        Codigo.COLUMNA_OPCIONAL_FALTANTE,
        f"No está la columna «{campo.rotulo}»: {que}. Agréguela si tiene el dato.",
    )


def _de_otro_esquema(titulo: str, catalogo: Catalogo, esquema: Esquema) -> str:
    plegado = plegar(titulo)
    for otro in catalogo.formatos:
        if otro is not esquema and any(plegado in (plegar(c.titulo), c.nombre) for c in otro.campos):
            return f" Ese título es de «{otro.nombre_completo}»."
    return ""
