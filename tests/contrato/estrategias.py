"""Filas y tablas sacadas de cualquier esquema: válidas de verdad, rotas en una restricción, o con lo que escribe la gente.

Nada aquí nombra un campo ni un YAML: un formato nuevo se prueba solo. Lo válido se construye (un valor del tipo, dentro de
sus límites, y las reglas reparadas una por una), no se filtra con nuestro validador: así el veredicto tiene con qué fallar.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

from esquemas.coherencia import ejemplos_de
from esquemas.condicion import SEPARADOR, cumple, separar
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Regla, Tabla
from esquemas.publicacion import campo_estandar
from esquemas.referencias import referidos
from esquemas.revision import Contexto
from esquemas.tipos import TIPOS

Fila = dict[str, str]
LETRAS = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789ñÑáéíóúüÁÉÍÓÚÜçº°ª"
SIGNOS = " .,;:-–—_«»“”\"'()[]{}<>/\\|@#!¡?¿$%&=+*^~`€✓海🐟"
_CODIGO = "ABCXYZabcz0123456789._-"
_TOPE = 10**15 - 1  # las cifras que una planilla conserva exactas


# --- un valor bueno -----------------------------------------------------------------------------------------


def valores(campo: Campo, catalogo: Catalogo, citables: Mapping[str, list[Fila]] | None = None) -> st.SearchStrategy[str]:
    """Un valor canónico y no vacío del campo, también en sus bordes. `citables`: esquema → filas que se pueden citar."""
    if campo.referencia:
        filas = (citables or {}).get(campo.referencia.esquema, [])
        tipos = campo.referencia.tipos
        posibles = [f["codigo"] for f in filas if not tipos or f["tipo"] in tipos]
        return _varios(posibles, campo) if campo.varios else st.sampled_from(posibles)
    return _propios(campo, catalogo)


@cache  # armar una estrategia cuesta más que usarla
def _propios(campo: Campo, catalogo: Catalogo) -> st.SearchStrategy[str]:
    if campo.catalogo:
        posibles = [o.codigo for o in catalogo.opciones[campo.catalogo].opciones if len(o.codigo) <= _largo(campo)]
        return _varios(posibles, campo) if campo.varios else st.sampled_from(posibles)
    match campo.tipo:
        case "entero" | "pesos":
            return _enteros(campo, 1).map(str)
        case "decimal" | "porcentaje":
            return _enteros(campo, 100).map(_centesimos)
        case "ejercicio":
            piso, techo = int(campo.minimo or 1000), int(campo.maximo or 2999)
            return st.integers(max(piso, 1000), min(techo, 2999)).map(str)
        case "fecha":
            return st.dates().filter(lambda d: 1000 <= d.year < 3000).map(lambda d: d.isoformat())
        case "logico":
            return st.sampled_from(["si", "no"])
    if campo.patron:
        return st.from_regex(
            campo.patron, fullmatch=True, alphabet=st.characters(codec="ascii", categories=("L", "N", "P"))
        ).filter(lambda t: len(t) <= _largo(campo))
    return _TEXTOS[campo.tipo](campo)


def _largo(campo: Campo) -> int:
    return campo.largo_maximo or 2000


def _varios(posibles: list[str], campo: Campo) -> st.SearchStrategy[str]:
    def caben(elegidos: list[str]) -> str:
        while len(SEPARADOR.join(elegidos)) > _largo(campo):
            elegidos = elegidos[:-1]
        return SEPARADOR.join(elegidos)

    return st.lists(st.sampled_from(posibles), min_size=1, max_size=4, unique=True).map(caben)


def _enteros(campo: Campo, unidades: int) -> st.SearchStrategy[int]:
    piso = -_TOPE if campo.minimo is None else int(campo.minimo) * unidades
    techo = _TOPE if campo.maximo is None else int(campo.maximo) * unidades
    return st.one_of(st.integers(piso, techo), st.sampled_from([piso, techo]), st.integers(piso, min(techo, piso + 1000)))


def _centesimos(n: int) -> str:
    entero, resto = divmod(abs(n), 100)
    decimales = f"{resto:02}".rstrip("0")
    texto = f"{entero}.{decimales}" if decimales else str(entero)
    return f"-{texto}" if n < 0 else texto


def _textos(campo: Campo, saltos: str = "") -> st.SearchStrategy[str]:
    minimo, maximo = campo.largo_minimo or 1, _largo(campo)

    def canonico(texto: str) -> str:
        lineas = [" ".join(linea.split()) for linea in texto.split("\n")]
        texto = "\n".join(lineas).strip()[:maximo].strip()
        return f"{texto}{'x' * (minimo - len(texto))}" if len(texto) < minimo else texto

    corriente = st.text(LETRAS + SIGNOS + saltos, min_size=1, max_size=24).map(canonico)
    bordes = st.sampled_from(["ñ" * minimo, "ñ" * maximo, "x" * (maximo - 1) + "é"])
    return st.one_of(corriente, corriente, corriente, bordes)


def _codigos(campo: Campo) -> st.SearchStrategy[str]:
    resto = st.text(_CODIGO, max_size=min(_largo(campo), 12) - 1)
    return st.tuples(st.sampled_from(_CODIGO[:-3]), resto).map("".join)


_PALABRA = st.text("abcxyz0189", min_size=1, max_size=8)
_TEXTOS = {
    "texto": _textos,
    "parrafo": lambda campo: _textos(campo, "\n\n"),
    "codigo": _codigos,
    "rut": lambda campo: st.sampled_from(["12345678-5", "11111111-1", "7654321-6"]),
    "correo": lambda campo: st.builds("{}.{}+1@{}.{}.cl".format, _PALABRA, _PALABRA, _PALABRA, _PALABRA),
    "enlace": lambda campo: st.builds("{}://{}.cl/{}?a={}#b".format, st.sampled_from(["http", "https"]), *[_PALABRA] * 3),
    "telefono": lambda campo: st.builds("{}{}".format, st.sampled_from(["", "+"]), st.integers(10**7, 10**15 - 1)),
}


# --- una fila buena -----------------------------------------------------------------------------------------


@dataclass
class Autor:
    """Escribe filas válidas de una tabla: llena, y repara hasta que toda regla y toda condición se cumplen."""

    draw: Any
    catalogo: Catalogo
    tabla: Tabla
    citables: Mapping[str, list[Fila]] = field(default_factory=dict)
    padre: Mapping[str, str] = field(default_factory=dict)  # la fila principal, en un grupo

    @property
    def varios(self) -> frozenset[str]:
        return frozenset(c.nombre for c in self.tabla.campos if c.varios)

    def valor(self, campo: Campo) -> str:
        return self.draw(valores(campo, self.catalogo, self.citables))

    def cumple(self, condicion: Condicion, fila: Fila) -> bool:
        return cumple(condicion, {**self.padre, **fila}, self.varios)

    def fila(self, i: int, fija: Mapping[str, str]) -> Fila:
        """Una fila; `i` hace distinto lo que debe serlo, `fija` son los valores ya decididos."""
        fila: Fila = {c.nombre: "" for c in self.tabla.campos} | dict(fija)
        distintos = {c.nombre for c in self.tabla.campos if c.unico} | set(self.tabla.clave[:1])
        for campo in self.tabla.campos:
            if campo.nombre in fija or campo.mostrar_si:
                continue
            if campo.nombre in distintos:
                fila[campo.nombre] = self.distinto(campo, i)
            elif campo.obligatorio or self.draw(st.booleans()):
                fila[campo.nombre] = self.valor(campo)
        for juntos in self.tabla.unicos:  # con un ejercicio distinto ya no se repiten
            fila |= {c: str(1001 + i) for c in juntos if self.tabla.campo(c).tipo == "ejercicio" and c not in fija}
        return self.reparar(fila)

    def distinto(self, campo: Campo, i: int) -> str:
        marca = f"-{i}"
        return self.valor(campo)[: _largo(campo) - len(marca)].rstrip() + marca

    def reparar(self, fila: Fila) -> Fila:
        for _ in range(20):
            antes = dict(fila)
            for campo in self.tabla.campos:
                if campo.mostrar_si and not self.cumple(campo.mostrar_si, fila):
                    fila[campo.nombre] = ""
                elif campo.mostrar_si and not fila[campo.nombre] and (campo.obligatorio or self.draw(st.booleans())):
                    fila[campo.nombre] = self.valor(campo)
            for regla in self.tabla.reglas:
                if regla.si is None or self.cumple(regla.si, fila):
                    self._reparar_regla(regla, fila)
            if fila == antes:
                return fila
        raise AssertionError(f"{self.tabla.nombre}: no se halla una fila que cumpla todas sus reglas")

    def _reparar_regla(self, regla: Regla, fila: Fila) -> None:
        if regla.clase == "exige":
            self.cumplir(regla.condicion, fila)
        elif regla.clase == "cociente":
            de, entre = regla.datos["de"], fila[regla.datos["entre"]]
            instrumento = self.catalogo.instrumentos.get(fila[regla.datos["tope_de"]])
            tope = instrumento and instrumento.tope_por_beneficiario
            if tope and entre not in ("", "0") and int(fila[de] or 0) > tope.monto * int(entre):
                fila[de] = str(self.draw(st.integers(0, min(tope.monto * int(entre), _TOPE))))
        elif regla.clase == "cita":
            campo = self.tabla.campo(regla.campo)
            filas = self.citables[campo.referencia.esquema]
            buenas = [f for f in filas if f["tipo"] in regla.datos["tipo"]]
            if any(c not in {f["codigo"] for f in buenas} for c in separar(fila[regla.campo])):
                fila[regla.campo] = self.draw(valores(campo, self.catalogo, {campo.referencia.esquema: buenas}))

    def cumplir(self, condicion: Condicion, fila: Fila) -> None:
        """Cambia la fila lo necesario para que la cumpla."""
        if self.cumple(condicion, fila):
            return
        if condicion.operador == "o":
            return self.cumplir(self.draw(st.sampled_from(condicion.partes)), fila)
        for parte in condicion.partes:
            self.cumplir(parte, fila)
        if condicion.partes:
            return None
        nombre = condicion.campo
        campo, presentes = self.tabla.campo(nombre), separar(fila[nombre])
        if condicion.operador == "vacio":
            fila[nombre] = "" if condicion.vacio else self.valor(campo)
        elif condicion.operador in ("es", "en"):
            elegido = self.draw(st.sampled_from(condicion.valores))
            fila[nombre] = SEPARADOR.join([*presentes, elegido]) if campo.varios else elegido
        elif campo.varios and len(presentes) > 1:
            fila[nombre] = SEPARADOR.join(p for p in presentes if p not in condicion.valores)
        else:
            otros = valores(campo, self.catalogo, self.citables)
            fila[nombre] = self.draw(otros.filter(lambda v: not set(separar(v)) & set(condicion.valores)))
        if campo.mostrar_si and fila[nombre]:
            self.cumplir(campo.mostrar_si, fila)


# --- una tabla buena ----------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Lote:
    """Lo que hace falta para validar una tabla: ella, las que la acompañan y las que cita."""

    esquema: Esquema
    tabla: Tabla
    tablas: dict[str, list[Fila]]
    contexto: Contexto
    autor: Autor | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        filas = [{c: v if len(v) <= 60 else f"{v[:50]}…({len(v)})" for c, v in f.items() if v} for f in self.filas]
        return f"Lote({self.tabla.nombre}: {filas})"

    def _repr_pretty_(self, p: Any, cycle: bool) -> None:
        p.text(repr(self))  # hypothesis mostraría el catálogo entero

    @property
    def filas(self) -> list[Fila]:
        return self.tablas[self.tabla.nombre]


def pozo(catalogo: Catalogo, esquema: Esquema) -> dict[str, list[Fila]]:
    """Las filas dadas: los ejemplos de cada matriz referida, y otras iguales con otro código."""
    filas = {}
    for nombre in referidos(esquema):
        ejemplos = catalogo.esquemas[nombre].ejemplos
        filas[nombre] = [dict(f) for f in ejemplos] + [{**f, "codigo": f"x.{i}_Z"} for i, f in enumerate(ejemplos)]
    return filas


@st.composite
def lotes(draw: Any, catalogo: Catalogo, esquema: Esquema, tabla: Tabla, cuantas: int = 4) -> Lote:
    """Una tabla válida de 1 a `cuantas` filas, con su contexto. En un grupo, la respuesta es la de ejemplo."""
    citables = pozo(catalogo, esquema)
    padre = {} if tabla is esquema.principal else dict(esquema.ejemplos[0])
    autor = Autor(draw, catalogo, tabla, citables, padre)
    total = draw(st.integers(1, cuantas))
    fijas = [{"respuesta": padre["respuesta"]} if padre else {} for _ in range(total)]
    propias = [c.referencia for c in tabla.campos if c.referencia and c.referencia.esquema == esquema.nombre]
    if propias:  # se cita a sí misma: códigos y tipos se deciden antes, y la primera fila es citable
        for i, fija in enumerate(fijas):
            fija["codigo"] = autor.distinto(tabla.campo("codigo"), i)
            fija["tipo"] = autor.valor(tabla.campo("tipo")) if i else propias[0].tipos[0]
        citables[esquema.nombre] = fijas
    filas = [autor.fila(i, fija) for i, fija in enumerate(fijas)]
    tablas = {t: [dict(f) for f in ejemplo] for t, ejemplo in ejemplos_de(esquema).items()} if padre else {}
    return Lote(esquema, tabla, {**tablas, tabla.nombre: filas}, _contexto(tabla, filas, citables, esquema), autor)


def _contexto(tabla: Tabla, filas: list[Fila], citables: Mapping[str, list[Fila]], esquema: Esquema) -> Contexto:
    """Las matrices referidas, sin las filas que habría que citar y nadie cita, y con montos que calzan con las sumas."""
    referidas = {n: f for n, f in citables.items() if n != esquema.nombre}
    varios = frozenset(c.nombre for c in tabla.campos if c.varios)
    for regla in tabla.reglas:
        if regla.clase == "citados":
            nombre = tabla.campo(regla.campo).referencia.esquema
            citados = {c for f in filas for c in separar(f[regla.campo])}
            referidas[nombre] = [f for f in referidas[nombre] if f["codigo"] in citados or not cumple(regla.condicion, f)]
        elif regla.clase == "suma":
            tope, sumas = regla.datos["tope"], {}
            for fila in filas:
                if regla.si is None or cumple(regla.si, fila, varios):
                    clave = tuple(fila[c] for c in regla.datos["por"])
                    sumas[clave] = sumas.get(clave, 0) + int(fila[regla.datos["de"]] or 0)
            preferida = {tope["prefiere"]["campo"]: tope["prefiere"]["orden"][0]} if "prefiere" in tope else {}
            referidas[tope["esquema"]] = [
                {**dict(zip(regla.datos["por"], clave, strict=True)), tope["campo"]: str(suma), **preferida}
                for clave, suma in sumas.items()
            ]
    return Contexto(referidas=referidas)


# --- una restricción rota -----------------------------------------------------------------------------------


def restricciones(catalogo: Catalogo, tabla: Tabla) -> Iterator[tuple[str, str]]:
    """(campo, restricción) de todo lo que el esquema publicado exige a una celda; («», primaryKey) si tiene clave."""
    for campo in tabla.campos:
        publicado = campo_estandar(campo, catalogo.opciones.get(campo.catalogo))
        yield from ((campo.nombre, nombre) for nombre in publicado.get("constraints", {}))
        if publicado["type"] != "string":
            yield campo.nombre, "type"
        if "format" in publicado:
            yield campo.nombre, "format"
    if tabla.clave:
        yield "", "primaryKey"


_NO_SON = {
    "integer": ["uno", "1-2", "12abc", "1..2", "--1", "1 2", "1,5", "1.5", "$", "-"],
    "number": ["0,125", "uno", "1-2", "12abc", "1..2", "--1", "1 2", "%", "-"],
    "year": ["27", "20a7", "02027", "dos mil", "12026"],
    "date": ["ayer", "2026-02-30", "2026-13-01", "31-02-2026", "2026-1a-01", "01-01-26"],
    "boolean": ["quizás", "2", "sí y no", "-"],
    "email": ["sin-arroba", "a@", "@b.cl", "a b@c.cl", "a@b", "a@b..cl", "a@@b.cl"],
    "uri": ["sin esquema", "www.ejemplo.cl", "//ejemplo.cl", "ejemplo"],
}


def rotos(campo: Campo, catalogo: Catalogo, restriccion: str) -> Iterator[st.SearchStrategy[str]]:
    """Valores que rompen esa restricción del campo. De un tipo, todos los conocidos; los repetidos salen de otra fila."""
    if restriccion in ("type", "format"):
        publicado = campo_estandar(campo, catalogo.opciones.get(campo.catalogo))
        yield from map(st.just, _NO_SON[publicado[restriccion]])
    else:
        yield _rotos(campo, catalogo, restriccion)


def _rotos(campo: Campo, catalogo: Catalogo, restriccion: str) -> st.SearchStrategy[str]:
    """Por uno y por mucho."""
    publicado = campo_estandar(campo, catalogo.opciones.get(campo.catalogo))
    limite = publicado.get("constraints", {}).get(restriccion)
    pasos = [1, 2, 1000] if publicado["type"] in ("integer", "year") else [0.01, 0.5, 1, 1000]
    match restriccion:
        case "required":
            return st.just("")
        case "minimum":
            return st.sampled_from([f"{limite - p:.10g}" for p in pasos])
        case "maximum":
            return st.sampled_from([f"{limite + p:.10g}" for p in pasos])
        case "minLength":
            return st.integers(1, limite - 1).map(lambda n: "ñ" * n) | st.just("x" * (limite - 1))
        case "maxLength":
            return st.sampled_from([1, 2, 30]).map(lambda n: de_largo(campo, catalogo, limite + n))
        case "enum":
            return st.sampled_from(["no-existe", "Ñ", *(f"{c}x" for c in limite[:5]), *(f"x{c}" for c in limite[:5])])
        case "pattern":
            buenos = re.compile(limite)
            malos = ["Á1", "-a", "a b", "a/b", "ñ", "A B-", "9 ", "_", "no-existe!", "a;b c", "x\ny"]
            return st.sampled_from([m for m in malos if not buenos.fullmatch(m.strip())])
    raise AssertionError(f"{campo.nombre}: no hay cómo romper «{restriccion}»; agréguela aquí")


def de_largo(campo: Campo, catalogo: Catalogo, largo: int) -> str:
    """Un valor bueno salvo en que mide `largo`, hasta donde el tipo lo permite."""
    if campo.catalogo and campo.varios:
        codigos = SEPARADOR.join(o.codigo for o in catalogo.opciones[campo.catalogo].opciones)
        return codigos[:largo] if len(codigos) > largo else codigos.ljust(largo, "x")
    if campo.referencia and campo.varios:
        return SEPARADOR.join(f"P-{i:04}" for i in range(largo // 7 + 1))[:largo].rstrip(SEPARADOR).ljust(largo, "9")
    match campo.tipo:
        case "correo":
            return f"{'b.' * ((largo - 4) // 2)}cl".rjust(largo - 2, "b").join(("a@", ""))
        case "enlace":
            return "https://ejemplo.cl/".ljust(largo, "a")
    return ("A" if campo.tipo == "codigo" or campo.catalogo else "ñ") * largo


# --- lo que escribe la gente --------------------------------------------------------------------------------

RAROS = (
    "", " ", "\u00a0", "\u200b", "\t", "1_0", "+202", "nan", "NaN", "inf", "-inf", "1e5", "1E-2", "0x10", "007", "-0",
    "-0.0", "0.0", "1.0", "12.50", "1.234", "1,234", "12,5", "1.252.784.000", "$ 1.252.784.000", "45 %", "1.234.567,8",
    "3.14159", "0,125", "1234.567", "١٢٣", "１２３", "²", "9" * 15, "9" * 16, "9" * 40, ".5", "5.", "1 000", "--5", "−5",
    "31-12-2026",
    "31/12/2026", "2026-12-31", "2026-1-5", "2026-12-31T00:00:00", "0999-01-01", "3026-01-01", "46387", "20261231",
    "29-02-2027", "2027", "0027", "+027", "2_27", "9999", "si", "Sí", "SI", "sí", "NO", "verdadero", "1", "0", "x", "true",
    "#N/A", "#REF!", "#¡VALOR!", "=1+1", "@a", "hola\x07", "a\u202eb", "uno\ndos", "uno\r\ndos", "n\u0303", "e\u0301" * 12,
    "a;b", "a;a", "a;;b", ";", "a ; b", ";a;", "otra", "otra;otra", "no-existe", "a@b.cl", "A@B.CL", "a..b@c.cl", ".a@b.cl",
    "a@-b.cl", "a@b.c", "a@b_c.cl", "ñ@b.cl", "a@ñ.cl", '"a b"@c.cl', "a@localhost", "a@[127.0.0.1]", "http://a.cl",
    "HTTP://A.CL",
    "ftp://a.cl", "mailto:a@b.cl", "http://a", "http://-", "https://a.cl:99999/x", "https://a.cl/ñ",
    "https://a.cl/a b", "https://a.cl/%zz", "https://a.cl/?q=[1]", "https://1.1.1.1/", "https://a..cl", "https://a.cl#b#c",
    "http://usuario@a.cl", "+56 9 1234 5678", "(2) 2345-6789", "12345", "12.345.678-5", "P-01", "p 01", "P/01", "-P",
    "P-01 · Nombre", "\ufeffP-01", " P-01 ", "ﬁ", "K", "ñ" * 2001, "a" * 2001,
)  # fmt: skip
_CUALQUIERA = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


def crudos(campo: Campo, catalogo: Catalogo, citables: Mapping[str, list[Fila]]) -> st.SearchStrategy[str]:
    """Cualquier celda: buena, buena con adornos, rara, o de otro mundo."""
    buena = valores(campo, catalogo, citables)
    adornos = st.sampled_from(
        [str.upper, str.title, " {} ".format, "{}\u200b".format, "\u00a0{}".format, "{};".format, "0{}".format]
    )
    opciones = [buena, st.builds(lambda v, f: f(v), buena, adornos), st.sampled_from(RAROS), st.sampled_from(RAROS), _CUALQUIERA]
    if patron := getattr(TIPOS[campo.tipo], "patron", None):
        opciones.append(st.from_regex(patron, fullmatch=True))
    if campo.catalogo:
        nombres = [o.nombre for o in catalogo.opciones[campo.catalogo].opciones]
        opciones.append(st.sampled_from(nombres))
    return st.one_of(opciones)
