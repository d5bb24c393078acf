"""Los CSV que acompañan a una página escrita a mano, puestos en ella: sus cifras no se copian, se calculan.

Un marcador va en una línea, con sus opciones separadas por «;»:

    <!-- tabla: focalizacion.csv; columnas: instrumento, presupuesto, cobertura -->
    <!-- control: focalizacion.csv; campo: cobertura; declara: 1421 -->
    <!-- grafico: focalizacion.csv; nombre: instrumento; valor: cobertura; separa: unidad_cobertura -->
    <!-- traza: desafios-oportunidades-objetivos.csv, focalizacion.csv; columnas: desafio, objetivo, instrumento -->
    <!-- ficha: analisis-estrategico.csv; columnas: problematicas, causas, efectos -->
    <!-- descarga: focalizacion.csv; excepciones: excepciones.csv -->

`tabla` muestra el archivo con los nombres del catálogo y el total de lo que se puede sumar. `columnas` elige y ordena (si no
está, las que traen algún dato); `totales` dice cuáles se suman (vacío: ninguna); `juntar` reúne en una fila las que solo
difieren en esa columna; `nombra` es el esquema cuyos campos menciona la columna `campo`, para decirlos por su título.
`control` compara la suma de un campo con la que declara la fuente y lo dice en una oración. `grafico` y `traza` están en
`figura_de_datos`; `ficha` y `descarga`, en `ficha_de_datos`.
El esquema es el que se llama como el archivo, o el de la opción `esquema`; `descriptor` nombra un Table Schema que está al
lado del archivo, para lo que no es un formato. Dentro de un bloque de código no se toca nada.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from esquemas.modelo import Campo, Catalogo
from generador.datos import NUMERO, SE_SUMA, Datos, Pedido, cifra, cuantas
from generador.ficha_de_datos import descarga, ficha
from generador.figura_de_datos import grafico, traza
from generador.molde import escapar

_MARCADOR = re.compile(
    r"^(?P<cerca>`{3,}|~{3,}).*?^(?P=cerca)|`[^`\n]+`"
    r"|<!-- *(?P<clase>tabla|control|grafico|traza|ficha|descarga) *:(?P<pedido>[^\n]*?)-->",
    re.M | re.S,
)


def insertar_tablas(
    texto: str, leer: Callable[[str], bytes], catalogo: Catalogo, producidos: dict[str, bytes] | None = None
) -> str:
    """La página con sus marcadores resueltos. `leer` da los bytes de un archivo por su ruta relativa a la página.

    En `producidos` se agregan los archivos nuevos que la página enlaza, también por su ruta relativa. ValueError si un
    marcador pide lo que no hay: una tabla a medias no se publica. Sin marcadores, el mismo texto.
    """
    nuevos = {} if producidos is None else producidos

    def resolver(hallado: re.Match[str]) -> str:
        clase = hallado["clase"]
        if clase is None:  # un bloque de código
            return hallado[0]
        hacer, conocidas = _HACER[clase]
        archivo, *resto = (p.strip() for p in hallado["pedido"].split(";"))
        opciones = {c.strip(): v.strip() for c, _, v in (p.partition(":") for p in resto)}
        if ajenas := sorted(opciones.keys() - conocidas):
            raise ValueError(f"{archivo}: «{clase}» no conoce {', '.join(ajenas)}. Conoce: {', '.join(sorted(conocidas))}.")
        return hacer(Pedido(archivo, opciones, leer, catalogo, nuevos))

    return _MARCADOR.sub(resolver, texto)


def _tabla(pedido: Pedido) -> str:
    datos, opciones = pedido.datos(), pedido.opciones
    campos = datos.campos(pedido.lista("columnas"))
    filas = [[datos.mostrar(c, f[c.nombre]) for c in campos] for f in datos.filas]
    juntar = opciones.get("juntar", "")
    if juntar:
        filas = _juntar(filas, campos.index(datos.campo(juntar)))
    posibles = [] if juntar else [c for c in campos if c.tipo in SE_SUMA]
    sumados = [datos.campo(n) for n in pedido.lista("totales")] if "totales" in opciones else posibles
    if sumados:
        filas.append(_totales(datos, campos, sumados))
    guiones = ["---:" if c.tipo in NUMERO else "---" for c in campos]
    return "\n".join(f"| {' | '.join(f)} |" for f in ([escapar(c.titulo) for c in campos], guiones, *filas))


def _juntar(filas: Sequence[Sequence[str]], columna: int) -> list[list[str]]:
    grupos: dict[tuple[str, ...], list[str]] = {}
    for fila in filas:
        grupos.setdefault((*fila[:columna], *fila[columna + 1 :]), []).append(fila[columna])
    return [[*clave[:columna], ", ".join(valores), *clave[columna:]] for clave, valores in grupos.items()]


def _totales(datos: Datos, campos: Sequence[Campo], sumados: Sequence[Campo]) -> list[str]:
    fila = [_total(datos, c) if c in sumados else "" for c in campos]
    fila[0] = fila[0] or f"**Total** ({cuantas(len(datos.filas))})"
    return fila


def _total(datos: Datos, campo: Campo) -> str:
    faltan = len(datos.sin_dato(campo))
    nota = f" (sin contar {faltan} que no {'consta' if faltan == 1 else 'constan'})" if faltan else ""
    return f"**{cifra(campo, datos.suma(campo))}**{nota}"


def _control(pedido: Pedido) -> str:
    datos, opciones = pedido.datos(), pedido.opciones
    if not opciones.get("campo") or not opciones.get("declara", "").isdecimal():
        raise ValueError(f"{datos.archivo}: un control pide «campo» y, en «declara», el total de la fuente en cifras.")
    campo = datos.campo(opciones["campo"])
    if campo.tipo not in SE_SUMA:
        raise ValueError(f"{datos.archivo}: «{campo.nombre}» no se puede sumar.")
    declarado, suma = Decimal(opciones["declara"]), datos.suma(campo)
    vacias = datos.sin_dato(campo)
    con_dato = len(datos.filas) - len(vacias)
    dicho = f"{escapar(campo.titulo)}: la fuente declara un total de {cifra(campo, declarado)}; "
    dicho += f"{cuantas(con_dato)} con el dato {'suma' if con_dato == 1 else 'suman'} {cifra(campo, suma)}. "
    if suma == declarado:
        dicho += "Cuadra."
    else:
        dicho += f"{'Faltan' if suma < declarado else 'Sobran'} {cifra(campo, abs(declarado - suma))}."
    if vacias:
        codigos = escapar(", ".join(f.get("codigo", "") for f in vacias))
        dicho += f" El dato no consta en {cuantas(len(vacias))} ({codigos})."
    return dicho


# marcador → (quién lo resuelve, qué opciones conoce)
_HACER: Mapping[str, tuple[Callable[[Pedido], str], frozenset[str]]] = {
    "tabla": (_tabla, frozenset({"esquema", "columnas", "totales", "juntar", "nombra", "descriptor"})),
    "control": (_control, frozenset({"esquema", "campo", "declara"})),
    "grafico": (grafico, frozenset({"esquema", "nombre", "valor", "separa"})),
    "traza": (traza, frozenset({"columnas", "falta", "suma", "supone"})),
    "ficha": (ficha, frozenset({"esquema", "columnas", "titulo"})),
    "descarga": (descarga, frozenset({"esquema", "excepciones", "descriptor"})),
}
