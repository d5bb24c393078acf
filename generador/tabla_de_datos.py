"""Los CSV que acompañan a una página escrita a mano, puestos en ella como tablas: sus cifras no se copian, se calculan.

Tres marcadores, en una línea, con sus opciones separadas por «;»:

    <!-- tabla: focalizacion.csv; columnas: instrumento, presupuesto, cobertura -->
    <!-- control: focalizacion.csv; campo: cobertura; declara: 1421 -->
    <!-- grafico: focalizacion.csv; nombre: instrumento; valor: presupuesto -->

`tabla` muestra el archivo con los nombres del catálogo y el total de lo que se puede sumar. `columnas` elige y ordena (si no
está, las que traen algún dato); `totales` dice cuáles se suman (vacío: ninguna); `juntar` reúne en una fila las que solo
difieren en esa columna; `nombra` es el esquema cuyos campos menciona la columna `campo`, para decirlos por su título.
`control` compara la suma de un campo con la que declara la fuente y lo dice en una oración. `grafico` dibuja una barra por fila;
va siempre cerca de su tabla.
El esquema es el que se llama como el archivo, o el de la opción `esquema`. Dentro de un bloque de código no se toca nada.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape

from esquemas import palabras
from esquemas.condicion import separar
from esquemas.graficos import barras
from esquemas.modelo import Campo, Catalogo, Esquema
from esquemas.tabla import leer_csv
from generador.molde import escapar

NO_CONSTA = "No consta"
OPCIONES = {
    "tabla": {"esquema", "columnas", "totales", "juntar", "nombra"},
    "control": {"esquema", "campo", "declara"},
    "grafico": {"esquema", "nombre", "valor"},
}
_SE_SUMA = frozenset({"pesos", "entero", "decimal"})
_NUMERO = _SE_SUMA | {"porcentaje"}
_MARCADOR = re.compile(
    r"^(?P<cerca>`{3,}|~{3,}).*?^(?P=cerca)|`[^`\n]+`|<!-- *(?P<clase>tabla|control|grafico) *:(?P<pedido>[^\n]*?)-->",
    re.M | re.S,
)
_A_CASTELLANO = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class _Datos:
    """Un CSV leído con su esquema. `filas`: campo → texto canónico, «» si está vacío."""

    archivo: str
    esquema: Esquema
    catalogo: Catalogo
    filas: Sequence[Mapping[str, str]]
    nombra: Esquema | None = None

    def campo(self, nombre: str) -> Campo:
        if nombre not in self.esquema.principal.nombres:
            raise ValueError(f"{self.archivo}: «{nombre}» no es un campo de «{self.esquema.nombre}».")
        return self.esquema.principal.campo(nombre)

    def suma(self, campo: Campo) -> Decimal:
        return sum((self._numero(campo, f[campo.nombre]) for f in self.filas if f[campo.nombre]), Decimal())

    def sin_dato(self, campo: Campo) -> list[Mapping[str, str]]:
        return [f for f in self.filas if not f[campo.nombre]]

    def mostrar(self, campo: Campo, texto: str) -> str:
        """Una celda en Markdown, como la lee una persona."""
        if not texto:
            return NO_CONSTA
        if self.nombra and campo.nombre == "campo" and texto in self.nombra.principal.nombres:
            return escapar(self.nombra.principal.campo(texto).titulo)
        if campo.tipo in _NUMERO:
            return cifra(campo, self._numero(campo, texto))
        if campo.tipo == "fecha":
            return "-".join(reversed(texto.split("-")))
        partes = separar(texto) if campo.varios else (texto,)
        lineas = ", ".join(palabras.valor(campo, p, self.catalogo.opciones) for p in partes).split("\n")
        return "<br>".join(escapar(linea) for linea in lineas)

    def _numero(self, campo: Campo, texto: str) -> Decimal:
        try:
            return Decimal(texto)
        except InvalidOperation:
            raise ValueError(f"{self.archivo}: «{texto}» no es un número en «{campo.nombre}».") from None


def insertar_tablas(texto: str, leer: Callable[[str], bytes], catalogo: Catalogo) -> str:
    """La página con sus marcadores resueltos. `leer` da los bytes de un archivo por su ruta relativa a la página.

    ValueError si un marcador pide lo que no hay: una tabla a medias no se publica. Sin marcadores, el mismo texto.
    """

    def resolver(hallado: re.Match[str]) -> str:
        clase = hallado["clase"]
        if clase is None:  # un bloque de código
            return hallado[0]
        archivo, opciones = _leer_pedido(clase, hallado["pedido"])
        datos = _leer_datos(archivo, opciones, leer, catalogo)
        return _HACER[clase](datos, opciones)

    return _MARCADOR.sub(resolver, texto)


def cifra(campo: Campo, numero: Decimal) -> str:
    """«$1.252.784.000» si es dinero; si no, «1.421» o «3,5»."""
    signo = "$" if campo.tipo == "pesos" else ""
    return f"{signo}{numero:,}".translate(_A_CASTELLANO)


def _leer_pedido(clase: str, pedido: str) -> tuple[str, dict[str, str]]:
    archivo, *resto = (p.strip() for p in pedido.split(";"))
    opciones = {c.strip(): v.strip() for c, _, v in (p.partition(":") for p in resto)}
    if ajenas := sorted(opciones.keys() - OPCIONES[clase]):
        raise ValueError(f"{archivo}: «{clase}» no conoce {', '.join(ajenas)}. Conoce: {', '.join(sorted(OPCIONES[clase]))}.")
    return archivo, opciones


def _leer_datos(archivo: str, opciones: Mapping[str, str], leer: Callable[[str], bytes], catalogo: Catalogo) -> _Datos:
    nombre = opciones.get("esquema") or archivo.rpartition("/")[2].removesuffix(".csv")
    nombra = opciones.get("nombra", "")
    for pedido in filter(None, (nombre, nombra)):
        if pedido not in catalogo.esquemas:
            raise ValueError(f"{archivo}: no existe el esquema «{pedido}». Dígalo con «; esquema: …».")
    esquema = catalogo.esquemas[nombre]
    hoja = leer_csv(leer(archivo))
    if hoja.encabezado != esquema.principal.nombres:
        raise ValueError(f"{archivo}: sus columnas no son las de «{nombre}», en su orden.")
    if graves := [p.mensaje for p in hoja.problemas if p.es_error]:
        raise ValueError(f"{archivo}: {graves[0]}")
    filas = [dict(zip(hoja.encabezado, map(str, fila), strict=True)) for fila in hoja.filas]
    return _Datos(archivo, esquema, catalogo, filas, catalogo.esquemas[nombra] if nombra else None)


def _nombres(escritos: str) -> list[str]:
    return [n.strip() for n in escritos.split(",") if n.strip()]


def _tabla(datos: _Datos, opciones: Mapping[str, str]) -> str:
    con_dato = [n for n in datos.esquema.principal.nombres if any(f[n] for f in datos.filas)]
    campos = [datos.campo(n) for n in (_nombres(opciones["columnas"]) if "columnas" in opciones else con_dato)]
    filas = [[datos.mostrar(c, f[c.nombre]) for c in campos] for f in datos.filas]
    juntar = opciones.get("juntar", "")
    if juntar:
        filas = _juntar(filas, campos.index(datos.campo(juntar)))
    posibles = [] if juntar else [c.nombre for c in campos if c.tipo in _SE_SUMA]
    pedidos = [datos.campo(n) for n in (_nombres(opciones["totales"]) if "totales" in opciones else posibles)]
    if pedidos:
        filas.append(_totales(datos, campos, pedidos))
    guiones = ["---:" if c.tipo in _NUMERO else "---" for c in campos]
    return "\n".join(f"| {' | '.join(f)} |" for f in ([escapar(c.titulo) for c in campos], guiones, *filas))


def _juntar(filas: Sequence[Sequence[str]], columna: int) -> list[list[str]]:
    grupos: dict[tuple[str, ...], list[str]] = {}
    for fila in filas:
        grupos.setdefault((*fila[:columna], *fila[columna + 1 :]), []).append(fila[columna])
    return [[*clave[:columna], ", ".join(valores), *clave[columna:]] for clave, valores in grupos.items()]


def _totales(datos: _Datos, campos: Sequence[Campo], sumados: Sequence[Campo]) -> list[str]:
    fila = [_total(datos, c) if c in sumados else "" for c in campos]
    fila[0] = fila[0] or f"**Total** ({_cuantas(len(datos.filas))})"
    return fila


def _total(datos: _Datos, campo: Campo) -> str:
    faltan = len(datos.sin_dato(campo))
    nota = f" (sin contar {faltan} que no {'consta' if faltan == 1 else 'constan'})" if faltan else ""
    return f"**{cifra(campo, datos.suma(campo))}**{nota}"


def _control(datos: _Datos, opciones: Mapping[str, str]) -> str:
    if not opciones.get("campo") or not opciones.get("declara", "").isdecimal():
        raise ValueError(f"{datos.archivo}: un control pide «campo» y, en «declara», el total de la fuente en cifras.")
    campo = datos.campo(opciones["campo"])
    if campo.tipo not in _SE_SUMA:
        raise ValueError(f"{datos.archivo}: «{campo.nombre}» no se puede sumar.")
    declarado, suma = Decimal(opciones["declara"]), datos.suma(campo)
    vacias = datos.sin_dato(campo)
    con_dato = len(datos.filas) - len(vacias)
    dicho = f"{escapar(campo.titulo)}: la fuente declara un total de {cifra(campo, declarado)}; "
    dicho += f"{_cuantas(con_dato)} con el dato {'suma' if con_dato == 1 else 'suman'} {cifra(campo, suma)}. "
    if suma == declarado:
        dicho += "Cuadra."
    else:
        dicho += f"{'Faltan' if suma < declarado else 'Sobran'} {cifra(campo, abs(declarado - suma))}."
    if vacias:
        codigos = escapar(", ".join(f.get("codigo", "") for f in vacias))
        dicho += f" El dato no consta en {_cuantas(len(vacias))} ({codigos})."
    return dicho


def _grafico(datos: _Datos, opciones: Mapping[str, str]) -> str:
    if not (opciones.get("nombre") and opciones.get("valor")):
        raise ValueError(f"{datos.archivo}: un gráfico pide «nombre» y «valor».")
    nombre, valor = datos.campo(opciones["nombre"]), datos.campo(opciones["valor"])
    if valor.tipo not in ("pesos", "entero"):
        raise ValueError(f"{datos.archivo}: «{valor.nombre}» no es un número entero y no se puede dibujar.")
    titulos = [unescape(datos.mostrar(nombre, f[nombre.nombre])) for f in datos.filas]
    numeros = [int(f[valor.nombre]) if f[valor.nombre] else None for f in datos.filas]
    titulo = f"{valor.titulo} por {nombre.titulo.lower()}"
    descripcion = f"{_cuantas(len(datos.filas))}. Los mismos datos están en la tabla."
    dibujo = barras(titulo, descripcion, list(zip(titulos, numeros, strict=True)), lambda n: cifra(valor, Decimal(n)))
    return f'<figure class="grafico" markdown="0"><figcaption>{escapar(titulo)}</figcaption>{dibujo}</figure>'


_HACER = {"tabla": _tabla, "control": _control, "grafico": _grafico}


def _cuantas(filas: int) -> str:
    return f"{filas} fila" if filas == 1 else f"{filas} filas"
