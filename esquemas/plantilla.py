"""La planilla que una persona llena: Datos, Diccionario, Ejemplo y una hoja oculta con las listas y la versión.

La hoja de listas lleva en A1:B4 el esquema, su versión, su huella y la región y el ejercicio; desde la columna D,
una lista por columna con su clave en la fila 1. `libro` reconoce por ella la plantilla y `marcado` repone las listas.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from esquemas import palabras
from esquemas.condicion import SEPARADOR, separar
from esquemas.hoja import letra
from esquemas.libro import HOJA_DICCIONARIO, HOJA_EJEMPLO, HOJA_LISTAS
from esquemas.modelo import Campo, Cita, Esquema, Opcion, Opciones, Tabla
from esquemas.planilla import FORMATO, TEXTO, Escritor, nombre_de_hoja, tipar
from esquemas.sugerencia import unir

FILAS_LIBRES = 900  # en blanco después de la última con datos, con listas y ayudas
REGIONES = "regiones"  # el catálogo del que dependen las comunas
LARGO_ETIQUETA = 120  # caracteres de la fila citada que se ven en la lista
_PRIMERA_COLUMNA = 3  # D: desde aquí las listas
_DICCIONARIO = ("Campo", "Tipo", "Obligatorio", "Qué es", "Cómo se llena", "Ejemplo", "Norma")
_ANCHOS = (28, 22, 16, 48, 48, 28, 32)
_OBLIGATORIO, _OPTATIVO = {"bg_color": "#1F4E79", "font_color": "#FFFFFF"}, {"bg_color": "#DCE6F1"}
_PROPIA = {"bg_color": "#E2EFDA"}
_TITULO = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1, "num_format": TEXTO}
_CUERPO = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}

Citar = Callable[[str], Cita | str]
Referencias = Mapping[str, Sequence[tuple[str, str]]]
Notas = Mapping[tuple[int, str], str]
TITULO = -1  # en lugar de una fila: el encabezado de la columna
OBSERVADA = {"bg_color": "#D9D2E9"}  # violeta suave: ni el rojo de los errores ni el ámbar de las alertas


@dataclass(frozen=True, slots=True)
class Lista:
    """Dónde quedó una lista en la hoja oculta: columna (0 = A) y cuántos valores tiene."""

    columna: int
    valores: int

    @property
    def rango(self) -> str:
        columna = letra(self.columna)
        return f"={HOJA_LISTAS}!${columna}$2:${columna}${self.valores + 1}"


def escribir_plantilla(
    esquema: Esquema,
    opciones: Mapping[str, Opciones],
    *,
    filas: Sequence[Mapping[str, str]] = (),
    referencias: Referencias | None = None,
    region: str = "",
    ejercicio: int | None = None,
    citas: Citar | None = None,
    notas: Notas | None = None,
) -> bytes:
    """La plantilla XLSX de un formato o una encuesta.

    `opciones`: catálogo por nombre. `filas`: las que ya existen, campo → valor canónico. `referencias`: nombre del
    campo → [(código, etiqueta)] de las filas que puede citar. Con `region` las comunas y demás opciones que dependen de
    una región son solo las suyas. `citas` resuelve una referencia `norma`; sin ella se escribe tal cual. `notas` pinta celdas
    de la tabla principal: (lugar de la fila, o TITULO; campo) → su comentario, o «» si va sin comentario.
    """
    referencias = {
        campo: [(c, _cortar(" ".join(e.replace(SEPARADOR, ",").split()), LARGO_ETIQUETA)) for c, e in pares]
        for campo, pares in (referencias or {}).items()
    }
    citables = {c.nombre for t in esquema.tablas for c in t.campos if c.referencia}
    if ajenas := sorted(set(referencias) - citables):
        raise ValueError(f"Estos campos de {esquema.nombre} no son una referencia: {', '.join(ajenas)}.")
    escritor = Escritor()
    contenido = _listas(esquema, opciones, referencias, region)
    listas = {k: Lista(_PRIMERA_COLUMNA + i, len(v)) for i, (k, v) in enumerate(contenido.items())}
    for tabla in esquema.tablas:
        existentes = filas if tabla is esquema.principal else ()
        suyas = notas or {} if tabla is esquema.principal else {}
        _escribir_datos(escritor, esquema, tabla, opciones, referencias, existentes, listas, suyas)
    _escribir_diccionario(escritor, esquema, opciones, citas)
    _escribir_ejemplo(escritor, esquema, opciones, referencias)
    proceso = f"{region}/{ejercicio or ''}"
    _escribir_listas(escritor, esquema, proceso, contenido)
    return escritor.terminar()


def campos_visibles(esquema: Esquema, tabla: Tabla) -> list[Campo]:
    """Los que la persona llena. En una encuesta también la clave `respuesta`: une cada grupo con su respuesta."""
    return [c for c in tabla.campos if esquema.es_encuesta or not c.automatico]


# --- la hoja de datos ---------------------------------------------------------------------------------------


def _escribir_datos(
    escritor: Escritor,
    esquema: Esquema,
    tabla: Tabla,
    opciones: Mapping[str, Opciones],
    referencias: Referencias,
    filas: Sequence[Mapping[str, str]],
    listas: Mapping[str, Lista],
    notas: Notas,
) -> None:
    hoja = escritor.hoja(nombre_de_hoja(esquema, tabla))
    hoja.freeze_panes(1, 1)
    hoja.set_row(0, 45)
    for j, campo in enumerate(campos_visibles(esquema, tabla)):
        formato_columna(escritor, hoja, j, campo)
        observado = notas.get((TITULO, campo.nombre), "")
        escribir_titulo(escritor, hoja, j, campo, palabras.obligatoriedad(campo, opciones, esquema), observado)
        ayudar(hoja, campo, j, 1, len(filas) + FILAS_LIBRES, listas.get(clave_de_lista(campo)))
        for i, fila in enumerate(filas, 1):
            valor, nota = fila.get(campo.nombre, ""), notas.get((i - 1, campo.nombre))
            if valor or nota is not None:
                celda = tipar(campo, _nombrar(campo, valor, opciones, referencias))
                escritor.escribir(hoja, i, j, celda, **_propiedades(campo), **(OBSERVADA if nota is not None else {}))
            if nota:
                hoja.write_comment(i, j, nota, {"author": "Sercotec", "width": 320, "height": 160})


def formato_columna(escritor: Escritor, hoja: Worksheet, columna: int, campo: Campo) -> None:
    """Ancho y formato de la columna entera: también para las filas que aún no existen."""
    ancho = 50 if campo.tipo == "parrafo" else 32 if campo.catalogo or campo.referencia else 18
    formato = escritor.formato(**_propiedades(campo))
    hoja.set_column(columna, columna, max(ancho, min(len(campo.rotulo) + 2, 32)), formato)


def _propiedades(campo: Campo) -> dict[str, object]:
    return {"num_format": FORMATO.get(campo.tipo, TEXTO), "valign": "top", "text_wrap": campo.tipo == "parrafo"}


def escribir_titulo(
    escritor: Escritor, hoja: Worksheet, columna: int, campo: Campo, exigencia: str, observado: str = ""
) -> None:
    """El encabezado de un campo: oscuro si es obligatorio, con lo observado, toda su ayuda y cuándo se exige en un comentario."""
    color = _PROPIA if campo.propia else _OBLIGATORIO if campo.obligatorio and not campo.mostrar_si else _OPTATIVO
    color = OBSERVADA if observado else color
    hoja.write_string(0, columna, campo.rotulo, escritor.formato(**_TITULO, **color))
    ejemplo = f"Ejemplo: {campo.ejemplo}" if campo.ejemplo else ""
    partes = (observado, campo.descripcion, campo.ayuda, _separar(campo), ejemplo)
    texto = "\n".join(p for p in (*partes, f"{exigencia}.") if p)
    hoja.write_comment(0, columna, texto, {"author": "focaliza", "width": 300, "height": 140})


def _separar(campo: Campo) -> str:
    return f"Separe los valores con «{SEPARADOR}»." if campo.varios else ""


def ayudar(hoja: Worksheet, campo: Campo, columna: int, primera: int, ultima: int, lista: Lista | None) -> None:
    """La ayuda al pararse en la celda y, si hay, su lista: bloquea si el campo admite un valor, sugiere si varios."""
    ayuda = f"{_separar(campo)} {campo.ayuda or campo.descripcion}".lstrip()
    regla = {"validate": "any", "input_title": campo.titulo[:32], "input_message": _cortar(ayuda, 255)}
    if lista or campo.tipo == "logico":
        regla |= {
            "validate": "list",
            "source": lista.rango if lista else ["si", "no"],
            "show_error": not campo.varios,
            "error_title": "No está en la lista",
            "error_message": "Elija un valor de la lista de la celda, o escriba su código tal como aparece en ella.",
        }
    hoja.data_validation(primera, columna, ultima, columna, regla)


# --- las listas ---------------------------------------------------------------------------------------------


def clave_de_lista(campo: Campo) -> str:
    """Cómo se llama su lista en la hoja oculta; los campos de un mismo catálogo la comparten."""
    if campo.catalogo:
        return f"catalogo:{campo.catalogo}"
    return f"referencia:{campo.nombre}" if campo.referencia else ""


def _listas(esquema: Esquema, opciones: Mapping[str, Opciones], referencias: Referencias, region: str) -> dict[str, list[str]]:
    contenido: dict[str, list[str]] = {}
    for campo in (c for t in esquema.tablas for c in campos_visibles(esquema, t)):
        if campo.catalogo:
            pares = [(o.codigo, o.nombre) for o in de_la_region(campo.catalogo, opciones, region)]
        else:
            pares = list(referencias.get(campo.nombre, ()))
        if pares:
            contenido[clave_de_lista(campo)] = [unir(codigo, nombre) for codigo, nombre in pares]
    return contenido


def de_la_region(catalogo: str, opciones: Mapping[str, Opciones], region: str) -> Sequence[Opcion]:
    """Las opciones de un catálogo que dependen de esa región, directamente o por sus padres; todas, si no depende."""
    elegido = opciones[catalogo]
    if not region or not elegido.padre:
        return elegido.opciones
    padres = {region}
    if elegido.padre != REGIONES:
        padres = {o.codigo for o in de_la_region(elegido.padre, opciones, region)}
    return [o for o in elegido.opciones if not o.padre or o.padre in padres]


def _escribir_listas(escritor: Escritor, esquema: Esquema, proceso: str, contenido: Mapping[str, Sequence[str]]) -> None:
    hoja = escritor.hoja(HOJA_LISTAS)
    hoja.hide()
    identidad = {"esquema": esquema.nombre, "version": esquema.version, "huella": esquema.huella, "proceso": proceso}
    for i, (clave, valor) in enumerate(identidad.items()):
        escritor.escribir(hoja, i, 0, clave)
        escritor.escribir(hoja, i, 1, valor)
    for j, (clave, valores) in enumerate(contenido.items(), _PRIMERA_COLUMNA):
        for i, valor in enumerate((clave, *valores)):
            escritor.escribir(hoja, i, j, valor)


def _nombrar(campo: Campo, valor: str, opciones: Mapping[str, Opciones], referencias: Referencias) -> str:
    """El valor canónico como se ve en la lista: «06» → «06 · O'Higgins»."""
    if campo.catalogo:
        nombres = {o.codigo: o.nombre for o in opciones[campo.catalogo].opciones}
    elif campo.referencia:
        nombres = dict(referencias.get(campo.nombre, ()))
    else:
        return valor
    codigos = separar(valor) if campo.varios else [valor]
    return f"{SEPARADOR} ".join(unir(c, nombres.get(c, "")) for c in codigos)


# --- diccionario y ejemplo ----------------------------------------------------------------------------------


def _escribir_diccionario(escritor: Escritor, esquema: Esquema, opciones: Mapping[str, Opciones], citas: Citar | None) -> None:
    hoja = escritor.hoja(HOJA_DICCIONARIO)
    hoja.freeze_panes(1, 1)
    encabezado = _DICCIONARIO
    anchos: tuple[int, ...] = _ANCHOS
    if esquema.grupos:
        encabezado, anchos = ("Hoja", *encabezado), (24, *anchos)
    for j, (titulo, ancho) in enumerate(zip(encabezado, anchos, strict=True)):
        hoja.set_column(j, j, ancho)
        hoja.write_string(0, j, titulo, escritor.encabezado)
    pares = [(t, c) for t in esquema.tablas for c in campos_visibles(esquema, t)]
    for i, (tabla, campo) in enumerate(pares, 1):
        norma = citar(campo.norma, citas)
        fila = (
            campo.rotulo,
            palabras.tipo(campo),
            palabras.obligatoriedad(campo, opciones, esquema),
            campo.descripcion,
            campo.ayuda,
            campo.ejemplo,
            norma,
        )
        for j, texto in enumerate((nombre_de_hoja(esquema, tabla), *fila) if esquema.grupos else fila):
            escritor.escribir(hoja, i, j, texto, **_CUERPO)


def _escribir_ejemplo(escritor: Escritor, esquema: Esquema, opciones: Mapping[str, Opciones], referencias: Referencias) -> None:
    """Las filas de ejemplo con el mismo encabezado que Datos; los grupos de una encuesta, debajo y con su título."""
    hoja = escritor.hoja(HOJA_EJEMPLO)
    hoja.set_column(0, max(len(t.campos) for t in esquema.tablas) - 1, 26)
    fila = 0
    for tabla in esquema.tablas:
        campos = campos_visibles(esquema, tabla)
        ejemplos = esquema.ejemplos if tabla is esquema.principal else [{c.nombre: c.ejemplo for c in campos}]
        if tabla is not esquema.principal:
            escritor.escribir(hoja, fila + 1, 0, tabla.titulo, bold=True)
            fila += 2
        for j, campo in enumerate(campos):
            hoja.write_string(fila, j, campo.rotulo, escritor.encabezado)
            for i, ejemplo in enumerate(ejemplos, fila + 1):
                celda = tipar(campo, _nombrar(campo, ejemplo.get(campo.nombre, ""), opciones, referencias))
                escritor.escribir(hoja, i, j, celda, **_CUERPO, num_format=FORMATO.get(campo.tipo, TEXTO))
        fila += len(ejemplos) + 1


def citar(norma: Sequence[str], citas: Citar | None) -> str:
    """Las referencias como se nombran, separadas por «; ». Sin `citas`, tal como están en el YAML."""
    halladas = [citas(r) if citas else r for r in norma]
    return "; ".join(c if isinstance(c, str) else c.texto for c in halladas)


def _cortar(texto: str, largo: int) -> str:
    return texto if len(texto) <= largo else f"{texto[: largo - 1]}…"
