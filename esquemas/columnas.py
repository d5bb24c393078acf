"""Qué columna del archivo es cada campo. Se revisa antes que las filas: con una columna mal puesta, todo lo demás es ruido."""

import difflib
from collections.abc import Iterable, Mapping

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Celda, Hoja, letra
from esquemas.libro import HOJA_DATOS, HOJA_EJEMPLO, HOJAS_DE_AYUDA
from esquemas.modelo import Campo, Catalogo, Esquema, Tabla
from esquemas.normalizacion import plegar

FILAS_DE_PORTADA = 20  # hasta dónde se buscan los títulos, si encima hay otra cosa
LARGO_DE_TITULO = 80  # lo que se repite en un mensaje del título que escribió la persona


def elegir_hojas(esquema: Esquema, hojas: list[Hoja]) -> tuple[Mapping[str, Hoja], tuple[Problema, ...]]:
    """Tabla → hoja del libro. La principal es «Datos», la de su nombre o título, o la visible cuyos títulos calzan más.

    Una hoja de ayuda de la plantilla nunca es los datos. Los problemas son errores (hoja equivocada o tabla
    que falta) y la alerta de otra hoja que también sirve y no se lee.
    """
    elegidas: dict[str, Hoja] = {}
    problemas, norma = [], esquema.norma[:1]
    por_nombre = {plegar(h.nombre): h for h in hojas if h.visible}
    for tabla in esquema.tablas:
        es_principal = tabla is esquema.principal
        nombres = [plegar(n) for n in (tabla.nombre, tabla.titulo, tabla.titulo[:31], *([HOJA_DATOS] if es_principal else ()))]
        hoja = next((por_nombre[n] for n in nombres if n in por_nombre), None)
        if hoja is None and es_principal:
            hoja = _por_titulos(tabla, hojas, nombres)
        if hoja is not None and hoja.visible and (es_principal or hoja not in elegidas.values()):
            elegidas[tabla.nombre] = hoja
        elif es_principal:
            mensaje = _sin_hoja(esquema, hojas, hoja)
            problemas.append(Problema(Gravedad.ERROR, Codigo.HOJA_EQUIVOCADA, mensaje, tabla.nombre, norma=norma))
        elif (grupo := next(g for g in esquema.grupos if g.tabla is tabla)).minimo and not grupo.mostrar_si:
            mensaje = f"Falta la hoja o el archivo «{tabla.nombre}» ({tabla.titulo}). Agréguela con sus columnas."
            problemas.append(Problema(Gravedad.ERROR, Codigo.TABLA_FALTANTE, mensaje, tabla.nombre, norma=norma))
    leida = elegidas.get(esquema.nombre)
    sueltas = [h for h in hojas if leida and h not in elegidas.values() and h.visible and h.filas]
    for otra in (h for h in sueltas if _esta_completa(esquema.principal, h)):
        que = f"La hoja «{otra.nombre}» también tiene estas columnas y no se leyó: se leyó «{leida.nombre}»."
        mensaje = f"{que} Si algo de ella vale, páselo a «{leida.nombre}»; si no, bórrela."
        problemas.append(Problema(Gravedad.ALERTA, Codigo.HOJA_SIN_LEER, mensaje, esquema.nombre, otra.nombre, norma=norma))
    return elegidas, tuple(problemas)


def _esta_completa(tabla: Tabla, hoja: Hoja) -> bool:
    """Si trae todas las columnas obligatorias y no es de ayuda."""
    titulos = {plegar(t) for t in hoja.encabezado}
    exigidos = [{plegar(t) for t in c.rotulos} for c in tabla.campos if c.obligatorio and not c.mostrar_si and not c.automatico]
    return hoja.nombre not in HOJAS_DE_AYUDA and bool(exigidos) and all(titulos & rotulos for rotulos in exigidos)


def _por_titulos(tabla: Tabla, hojas: list[Hoja], nombres: list[str]) -> Hoja | None:
    """La visible de más títulos, o la única. La oculta, si es claro que ahí van los datos."""
    visibles, ocultas = ([h for h in hojas if h.visible is v and not h.ayuda] for v in (True, False))
    (calzan, mejor), (tapados, oculta) = (_de_mas_titulos(tabla, grupo) for grupo in (visibles, ocultas))
    if tapados > calzan and (plegar(oculta.nombre) in nombres or (not calzan and _esta_completa(tabla, oculta))):
        return oculta
    return mejor if calzan or len(visibles) == 1 else None


def _de_mas_titulos(tabla: Tabla, hojas: list[Hoja]) -> tuple[int, Hoja | None]:
    """Cuántos calzan y en cuál. «Ejemplo» es de ayuda también donde lo demás de la plantilla ya no está."""
    calces = [0 if h.nombre == HOJA_EJEMPLO else _calzan(tabla, h.encabezado) for h in hojas]
    return (max(calces), hojas[calces.index(max(calces))]) if hojas else (0, None)


def _sin_hoja(esquema: Esquema, hojas: list[Hoja], oculta: Hoja | None) -> str:
    if oculta:
        return f"La hoja «{oculta.nombre}» está oculta: muéstrela, guarde y súbala otra vez."
    presentes = ", ".join(f"«{h.nombre}»" for h in hojas if h.visible and not h.ayuda)
    if not presentes and any(h.ayuda for h in hojas):
        que = f"Falta la hoja «{HOJA_DATOS}», o está vacía; las demás son de ayuda y no se leen."
        return f"{que} Descargue la planilla otra vez y escriba sus filas en esa hoja, debajo de los títulos."
    que = f"Ninguna hoja tiene las columnas de «{esquema.titulo}». El archivo trae: {presentes or 'ninguna visible'}."
    return f"{que} Copie sus datos en la hoja «{HOJA_DATOS}» de la plantilla."


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
