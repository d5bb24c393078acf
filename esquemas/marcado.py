"""El libro de la persona, rehecho con cada problema en su celda: color, comentario y una hoja con la lista.

Conserva hojas, filas, columnas (también las ajenas y los blancos) y el tipo de cada valor. No conserva fórmulas ni
adornos: se escribe de nuevo desde lo leído, así que nada de lo que traía el archivo se ejecuta.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.worksheet import Worksheet

from esquemas.columnas import elegir_hojas
from esquemas.errores import Problema
from esquemas.hoja import Celda, Hoja, letra
from esquemas.libro import ENCABEZADO_PROBLEMAS, HOJA_LISTAS, HOJA_PROBLEMAS
from esquemas.modelo import Campo, Esquema, Tabla
from esquemas.normalizacion import plegar
from esquemas.planilla import FORMATO, Escritor
from esquemas.plantilla import FILAS_LIBRES, OBSERVADA, Citar, Lista, Notas, ayudar, citar, clave_de_lista, formato_columna

ERROR, ALERTA = {"bg_color": "#F8CBAD"}, {"bg_color": "#FFE699"}  # rojo suave, ámbar
LARGO_COMENTARIO = 2_000
_ANCHOS = (10, 20, 9, 30, 30, 80, 40, 26)
_DIRECCION = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CUERPO = {"text_wrap": True, "valign": "top"}
_NADA: Notas = {}

Colores = Mapping[tuple[int, int], Mapping[str, str]]  # (fila, columna), desde 0


def marcar(
    hojas: Sequence[Hoja], problemas: Sequence[Problema], esquema: Esquema, *, citas: Citar | None = None, notas: Notas = _NADA
) -> bytes:
    """Un XLSX con las mismas hojas y, delante, la hoja «Problemas» (ver `libro.ENCABEZADO_PROBLEMAS`).

    Un problema va a su `celda` de su `hoja`; sin celda, al encabezado de su `campo`, o al comienzo de su `fila`; sin
    lugar, queda solo en la lista. `notas`: lo observado, como en `escribir_plantilla`; va después de los problemas de su celda,
    y el color lo ponen ellos. Vuelto a leer con `leer_libro`, da los mismos valores.
    """
    escritor = Escritor()
    lista = escritor.hoja(_nombre_libre(hojas))
    tablas = _tablas(hojas, esquema)
    lugares = [_ubicar(p, hojas, tablas) for p in problemas]
    listas = _listas(hojas)
    nombres = []
    for i, hoja in enumerate(hojas):
        marcas: dict[tuple[int, int], list[Problema]] = defaultdict(list)
        for problema, lugar in zip(problemas, lugares, strict=True):
            if lugar and lugar[0] == i:
                marcas[lugar[1:]].append(problema)
        nueva = escritor.hoja(hoja.nombre)
        nombres.append(nueva.get_name())
        if not hoja.visible:
            nueva.hide()
        campos = _campos(hoja, tablas.get(i))
        _reponer_ayudas(escritor, nueva, hoja, campos, listas)
        observado = _observado(hoja, campos, notas) if tablas.get(i) is esquema.principal else {}
        colores = {**dict.fromkeys(observado, OBSERVADA), **{lugar: _color(los) for lugar, los in marcas.items()}}
        _copiar(escritor, nueva, hoja, campos, colores)
        for lugar in colores:
            dicho = "\n\n".join(filter(None, (_comentario(marcas.get(lugar, ()), citas), observado.get(lugar))))
            if dicho:
                nueva.write_comment(*lugar, dicho, {"author": "focaliza", "width": 320, "height": 160})
    _listar(escritor, lista, problemas, lugares, nombres, esquema, citas)
    lista.activate()
    return escritor.terminar()


def _nombre_libre(hojas: Sequence[Hoja]) -> str:
    """«Problemas», o «Problemas (2)» si la persona ya tiene una hoja con ese nombre: la suya no se toca."""
    usados = {h.nombre.strip().casefold() for h in hojas}
    posibles = (HOJA_PROBLEMAS, *(f"{HOJA_PROBLEMAS} ({n})" for n in range(2, len(hojas) + 3)))
    return next(n for n in posibles if n.casefold() not in usados)


def _tablas(hojas: Sequence[Hoja], esquema: Esquema) -> dict[int, Tabla]:
    """Posición de la hoja → su tabla."""
    elegidas, _ = elegir_hojas(esquema, list(hojas))
    return {i: t for t in esquema.tablas for i, h in enumerate(hojas) if h is elegidas.get(t.nombre)}


def _campos(hoja: Hoja, tabla: Tabla | None) -> list[Campo | None]:
    """El campo de cada columna de la hoja; None si la columna es ajena."""
    campos = tabla.campos if tabla else ()
    por_titulo = {plegar(texto): c for c in reversed(campos) for texto in c.rotulos}
    return [por_titulo.get(plegar(t)) for t in hoja.encabezado]


# --- dónde va cada problema ---------------------------------------------------------------------------------


def _ubicar(problema: Problema, hojas: Sequence[Hoja], tablas: Mapping[int, Tabla]) -> tuple[int, int, int] | None:
    """(hoja, fila, columna) desde 0; None si el problema no es de un lugar."""
    donde = next((i for i, h in enumerate(hojas) if problema.hoja and h.nombre == problema.hoja), None)
    if donde is None:
        donde = next((i for i, t in tablas.items() if problema.tabla in ("", t.nombre)), None)
    if donde is None:
        return None
    if direccion := _DIRECCION.fullmatch(problema.celda):
        columna = 0
        for una in direccion[1]:
            columna = columna * 26 + ord(una) - 64
        return donde, int(direccion[2]) - 1, columna - 1
    hoja = hojas[donde]
    columna = _columna_de(problema.campo, hoja, tablas.get(donde))
    if problema.fila is not None:
        return donde, problema.fila - 1, hoja.columnas[columna or 0]
    return None if columna is None else (donde, hoja.fila_encabezado - 1, hoja.columnas[columna])


def _columna_de(nombre: str, hoja: Hoja, tabla: Tabla | None) -> int | None:
    if not nombre:
        return None
    for j, (titulo, campo) in enumerate(zip(hoja.encabezado, _campos(hoja, tabla), strict=True)):
        if plegar(titulo) == plegar(nombre) or (campo and campo.nombre == nombre):
            return j
    return None


def _observado(hoja: Hoja, campos: Sequence[Campo | None], notas: Notas) -> dict[tuple[int, int], str]:
    columnas = {c.nombre: hoja.columnas[j] for j, c in enumerate(campos) if c}
    numeros = [*hoja.numeros, hoja.fila_encabezado]  # TITULO es el último
    return {(numeros[i] - 1, columnas[n]): nota for (i, n), nota in notas.items() if n in columnas}


# --- la copia -----------------------------------------------------------------------------------------------


def _copiar(escritor: Escritor, nueva: Worksheet, hoja: Hoja, campos: Sequence[Campo | None], colores: Colores) -> None:
    # Con formato de fecha un número se vuelve fecha, y al revés: cada valor conserva el tipo que traía.
    numericos = [{"num_format": FORMATO[c.tipo]} if c and c.tipo in FORMATO and c.tipo != "fecha" else {} for c in campos]
    celdas: list[tuple[int, int, Celda, dict[str, Any]]] = []
    for columna, titulo in zip(hoja.columnas, hoja.encabezado, strict=True):
        celdas.append((hoja.fila_encabezado - 1, columna, titulo, {"bold": True, "border": 1, **_CUERPO}))
    for numero, fila in zip(hoja.numeros, hoja.filas, strict=True):
        for columna, valor, formato in zip(hoja.columnas, fila, numericos, strict=True):
            celdas.append((numero - 1, columna, valor, formato if type(valor) in (int, float) else {}))
    celdas += [(numero - 1, columna, valor, {}) for numero, columna, valor in hoja.sobrantes]
    pendientes = set(colores)
    for fila, columna, valor, propiedades in celdas:
        if valor != "":
            pendientes.discard((fila, columna))
            escritor.escribir(nueva, fila, columna, valor, **propiedades, **colores.get((fila, columna), {}))
    for fila, columna in pendientes:
        escritor.escribir(nueva, fila, columna, "", **colores[fila, columna])
    nueva.freeze_panes(hoja.fila_encabezado, 0)


def _color(problemas: Sequence[Problema]) -> dict[str, str]:
    return ERROR if any(p.es_error for p in problemas) else ALERTA


def _comentario(problemas: Sequence[Problema], citas: Citar | None) -> str:
    partes = []
    for problema in problemas:
        norma = citar(problema.norma, citas)
        partes.append(f"{problema.gravedad.upper()}: {problema.mensaje}" + (f"\nNorma: {norma}" if norma else ""))
    texto = "\n\n".join(partes)
    return texto if len(texto) <= LARGO_COMENTARIO else f"{texto[:LARGO_COMENTARIO]}… (vea la hoja «{HOJA_PROBLEMAS}»)"


def _listas(hojas: Sequence[Hoja]) -> dict[str, Lista]:
    """Las de la hoja oculta, si el libro salió de una plantilla."""
    halladas = {}
    for hoja in (h for h in hojas if h.nombre == HOJA_LISTAS):
        for j, clave in enumerate(hoja.encabezado):
            valores = sum(fila[j] != "" for fila in hoja.filas)
            halladas[clave] = Lista(hoja.columnas[j], valores)
    return halladas


def _reponer_ayudas(
    escritor: Escritor,
    nueva: Worksheet,
    hoja: Hoja,
    campos: Sequence[Campo | None],
    listas: Mapping[str, Lista],
) -> None:
    """Ancho, formato, ayuda y lista de cada columna del esquema, para corregir en el mismo archivo."""
    ultima = (hoja.numeros[-1] if hoja.numeros else hoja.fila_encabezado) - 1 + FILAS_LIBRES
    for columna, campo in zip(hoja.columnas, campos, strict=True):
        if campo:
            formato_columna(escritor, nueva, columna, campo)
            ayudar(nueva, campo, columna, hoja.fila_encabezado, ultima, listas.get(clave_de_lista(campo)))


# --- la lista -----------------------------------------------------------------------------------------------


def _listar(
    escritor: Escritor,
    lista: Worksheet,
    problemas: Sequence[Problema],
    lugares: Sequence[tuple[int, int, int] | None],
    nombres: Sequence[str],
    esquema: Esquema,
    citas: Citar | None,
) -> None:
    titulos = {c.nombre: c.titulo for t in esquema.tablas for c in t.campos}
    lista.freeze_panes(1, 0)
    for j, (titulo, ancho) in enumerate(zip(ENCABEZADO_PROBLEMAS, _ANCHOS, strict=True)):
        lista.set_column(j, j, ancho)
        lista.write_string(0, j, titulo, escritor.encabezado)
    for i, (problema, lugar) in enumerate(zip(problemas, lugares, strict=True), 1):
        nombre = nombres[lugar[0]] if lugar else problema.hoja
        celda = f"{letra(lugar[2])}{lugar[1] + 1}" if lugar else problema.celda
        color = _color([problema])
        norma = citar(problema.norma, citas)
        titulo = titulos.get(problema.campo, problema.campo)
        textos = (problema.gravedad, nombre, celda, titulo, problema.valor, problema.mensaje, norma, problema.codigo)
        # LibreOffice no agranda sola una fila escrita por otro programa: el alto sale del texto más largo.
        lineas = max(-(-len(str(t)) // ancho) for t, ancho in zip(textos, _ANCHOS, strict=True))
        lista.set_row(i, 15 * max(1, lineas))
        for j, texto in enumerate(textos):
            escritor.escribir(lista, i, j, str(texto), **_CUERPO, **(color if j == 0 else {}))
        if lugar:
            destino = "internal:'{}'!{}".format(nombre.replace("'", "''"), celda)
            lista.write_url(i, 2, destino, escritor.formato(font_color="#0563C1", underline=1, **_CUERPO), celda)
