"""Las filas de varias matrices → la cadena que forman al citarse: los nodos por columna y las flechas que dibuja `traza`.

Nada se une a mano: una flecha existe porque un campo con `referencia` cita un código. Qué clase de fila puede citar a cuál
también sale del esquema, y así se sabe qué enlace falta y cuál nunca se esperó.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from esquemas import palabras
from esquemas.condicion import cumple, separar
from esquemas.hoja import miles
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema
from esquemas.normalizacion import plegar
from esquemas.reglas import pesos
from esquemas.traza import Columna, Flecha, Nodo

Fila = Mapping[str, str]  # campo → texto canónico, «» si está vacío
Matrices = Mapping[str, Sequence[Fila]]  # esquema → sus filas
Reunidas = Mapping[str, Sequence[Fila]]  # clave de un nodo → las filas que son él

_ITEM = re.compile(r"(?:^|\s)\d+\.-?\s")
_ANTE_O = re.compile(r" o (?=[oó])", re.IGNORECASE)  # «desafío u oportunidad»
_PALABRA = re.compile(r"\w{4,}")  # las más cortas no dicen nada
_SEMEJANZA = 0.5


def armar(
    catalogo: Catalogo, matrices: Matrices, columnas: Sequence[str], *, suma: str = "", supone: str = ""
) -> tuple[tuple[Columna, ...], tuple[Flecha, ...]]:
    """Las columnas y las flechas de unas matrices; una que no se tiene va sin filas.

    Cada columna es una clase, o varias unidas con «+». Una clase es un valor del campo `tipo` («desafio»), y cada fila es
    un nodo; o el nombre de otro campo («instrumento»), y las filas con el mismo valor son uno. `suma` es un campo entero:
    su suma es la nota de los nodos que lo tienen. `supone` es un campo de texto con una lista numerada: cada ítem se une,
    como supuesto, al nodo de la columna anterior con que comparte más de la mitad de las palabras. KeyError si un esquema
    no existe; ValueError si ninguno tiene esa clase.
    """
    esquemas = [catalogo.esquemas[n] for n in matrices]
    clases = [[_clase(catalogo, esquemas, nombre) for nombre in columna.split("+")] for columna in columnas]
    reunidas = [{k: f for c in grupo for k, f in c.reunir(matrices[c.esquema.nombre]).items()} for grupo in clases]
    vienen, llevan = _posibles(esquemas, [c for grupo in clases for c in grupo])
    hechas = []
    for grupo in clases:
        nodos = [n for c in grupo for n in c.nodos(catalogo, matrices[c.esquema.nombre], suma, _exigidas(esquemas, c))]
        nombres = {c.nombre for c in grupo}
        titulo = _ANTE_O.sub(" u ", " o ".join(c.titulo for c in grupo))
        hechas.append(Columna(titulo, nodos, antes=bool(nombres & vienen), despues=bool(nombres & llevan)))
    flechas = {(f.desde, f.hasta): f for f in (*_supuestas(hechas, reunidas, supone), *_citas(esquemas, matrices, reunidas))}
    return tuple(hechas), tuple(flechas.values())  # lo citado pisa lo supuesto


@dataclass(frozen=True, slots=True)
class _Clase:
    """Una clase de fila de un esquema. `campo` es `tipo`, o el campo por cuyo valor se reúnen las filas."""

    nombre: str
    titulo: str
    esquema: Esquema
    campo: Campo

    @property
    def es_tipo(self) -> bool:
        return self.nombre != self.campo.nombre

    def reunir(self, filas: Sequence[Fila]) -> dict[str, list[Fila]]:
        hecho: dict[str, list[Fila]] = {}
        for fila in filas:
            valor = fila[self.campo.nombre]
            if valor and (not self.es_tipo or valor == self.nombre):
                propia = fila["codigo"] if self.es_tipo else f"{self.nombre}={valor}"
                hecho.setdefault(f"{self.esquema.nombre}:{propia}", []).append(fila)
        return hecho

    def nodos(
        self, catalogo: Catalogo, filas: Sequence[Fila], suma: str, exigidas: Sequence[Condicion] = ()
    ) -> Iterator[Nodo]:
        varios = frozenset(c.nombre for c in self.esquema.campos if c.varios)
        for clave, suyas in self.reunir(filas).items():
            # Si falta decir lo que la regla mira, se espera: no consta que no corresponda.
            sigue = not exigidas or any(cumple(c, f, varios) or not all(map(f.get, c.campos())) for c in exigidas for f in suyas)
            if self.es_tipo:
                rotulo, texto = suyas[0]["codigo"], suyas[0][_enunciado(self.esquema)]
            else:
                rotulo = palabras.valor(self.campo, suyas[0][self.campo.nombre], catalogo.opciones)
                texto = ", ".join(f["codigo"] for f in suyas)
            yield Nodo(clave, rotulo, texto, self._nota(suyas, suma), sigue)

    def _nota(self, filas: Sequence[Fila], suma: str) -> str:
        numeros = [int(f[suma]) for f in filas if f.get(suma)]
        escribir = pesos if numeros and self.esquema.principal.campo(suma).tipo == "pesos" else miles
        return escribir(sum(numeros)) if numeros else ""


def _clase(catalogo: Catalogo, esquemas: Sequence[Esquema], nombre: str) -> _Clase:
    for esquema in esquemas:
        for campo in esquema.principal.campos:
            if campo.nombre == nombre:
                return _Clase(nombre, campo.titulo, esquema, campo)
            tipos = catalogo.opciones[campo.catalogo].opciones if campo.nombre == "tipo" and campo.catalogo else ()
            if opcion := next((o for o in tipos if o.codigo == nombre), None):
                return _Clase(nombre, opcion.nombre, esquema, campo)
    raise ValueError(f"ninguna de esas matrices tiene «{nombre}» como tipo de fila ni como campo")


def _enunciado(esquema: Esquema) -> str:
    """El campo que dice qué es la fila: su primer texto libre."""
    libres = (c for c in esquema.principal.campos if c.tipo in ("texto", "parrafo") and not (c.catalogo or c.referencia))
    return next(libres).nombre


# --- quién cita a quién -------------------------------------------------------------------------------


def _con_referencia(esquemas: Sequence[Esquema]) -> Iterator[tuple[Esquema, Campo, str]]:
    """(esquema, campo que cita, esquema citado), solo entre estos esquemas."""
    presentes = {e.nombre for e in esquemas}
    for esquema in esquemas:
        for campo in esquema.principal.campos:
            if campo.referencia and campo.referencia.esquema in presentes:
                yield esquema, campo, campo.referencia.esquema


def _citas(esquemas: Sequence[Esquema], matrices: Matrices, reunidas: Sequence[Reunidas]) -> Iterator[Flecha]:
    nodos = {(k.partition(":")[0], f["codigo"]): k for grupo in reunidas for k, filas in grupo.items() for f in filas}
    for esquema, campo, citado in _con_referencia(esquemas):
        for fila in matrices[esquema.nombre]:
            for codigo in separar(fila[campo.nombre]):
                desde, hasta = nodos.get((citado, codigo)), nodos.get((esquema.nombre, fila["codigo"]))
                if desde and hasta:
                    yield Flecha(desde, hasta)


def _posibles(esquemas: Sequence[Esquema], clases: Sequence[_Clase]) -> tuple[set[str], set[str]]:
    """Las clases que pueden venir de otra, y las que pueden llevar a otra, según las referencias de los esquemas."""
    vienen: set[str] = set()
    llevan: set[str] = set()
    for esquema, campo, citado in _con_referencia(esquemas):
        si, tipos = campo.mostrar_si, campo.referencia.tipos
        citan = {c.nombre for c in clases if c.esquema is esquema and (not si or cumple(si, {"tipo": c.nombre}))}
        citadas = {c.nombre for c in clases if c.esquema.nombre == citado and (not tipos or c.nombre in tipos)}
        if citan and citadas:
            vienen |= citan
            llevan |= citadas
    return vienen, llevan


def _exigidas(esquemas: Sequence[Esquema], clase: _Clase) -> list[Condicion]:
    """Qué filas de esa clase debe citar otra matriz; vacía si ninguna regla lo dice: entonces se espera de todas."""
    dichas = []
    for esquema, campo, citado in _con_referencia(esquemas):
        if citado == clase.esquema.nombre:
            dichas += [r.condicion for r in esquema.principal.reglas if r.clase == "citados" and r.campo == campo.nombre]
    return [c for c in dichas if any(clase.nombre in s.valores for s in c.simples())]


def _supuestas(columnas: Sequence[Columna], reunidas: Sequence[Reunidas], supone: str) -> Iterator[Flecha]:
    for anterior, grupo in zip(columnas, reunidas[1:], strict=False):
        for clave, filas in grupo.items():
            for item in (i for f in filas for i in _ITEM.split(f.get(supone, ""))):
                parecidos = [(_semejanza(item, n.texto), n.clave) for n in anterior.nodos]
                if parecidos and max(parecidos)[0] > _SEMEJANZA:
                    yield Flecha(max(parecidos)[1], clave, supuesta=True)


def _semejanza(uno: str, otro: str) -> float:
    """Las palabras que comparten, de todas las que usan: de 0 a 1."""
    unas, otras = (set(_PALABRA.findall(plegar(t))) for t in (uno, otro))
    return len(unas & otras) / len(unas | otras) if unas | otras else 0
