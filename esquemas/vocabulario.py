"""Textos → grupos por palabra: de qué se habla y en cuántas respuestas. Sin tildes ni mayúsculas, y por la raíz en español."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from esquemas.normalizacion import limpiar

DE_VARIOS = 2  # respuestas distintas: con una sola no hay grupo
_PALABRA = re.compile(r"[^\W\d_]{3,}")
_SIN_TILDE = str.maketrans("áéíóúàèìòùü", "aeiouaeiouu")  # la ñ es otra letra: «caña» no es «cana»
# Las que unen y no nombran. La lista está sin tildes.
_VACIAS = frozenset(
    """ademas ahi ahora algo algun alguna algunas alguno algunos alla alli ante antes aquel aquella aquello aquellos aqui asi aun
    aunque año años bajo bien cada casi como con contra cosa cosas cual cuales cualquier cuando cuanta cuanto cuya cuyo
    dan dar debe deben debido del demas dentro desde despues dice dicen donde dos durante ella ellas ello ellos embargo
    entonces entre era eran eres esa esas ese eso esos esta estaba estado estan estar estas este esto estos etc fin fue
    fuera fueron gran grande grandes hace hacen hacer hacia han hasta hay haya hemos incluso ir junto lado las les los
    luego mas mayor mayoria mediante menos mi mientras mis misma mismas mismo mismos mucha muchas mucho muchos muy nada
    nadie ningun ninguna ninguno nos nosotros nuestra nuestras nuestro nuestros nunca otra otras otro otros para parte
    pero poca pocas poco pocos poder podria por porque posible puede pueden pues que quien quienes sea sean segun ser sera
    seran si sido siempre siendo sin sino sobre solamente solo son sus suya suyo tal tales tambien tan tanta tanto tenemos
    tener tengan tiene tienen toda todas todavia todo todos tras traves tres una unas uno unos usted varias varios veces
    vez via ya""".split()  # noqa: SIM905
)
_raiz = snowballstemmer.stemmer("spanish")


@dataclass(frozen=True, slots=True)
class Dicho:
    """Un texto y de dónde sale: la respuesta (`folio`), y la tabla y el orden de su fila."""

    folio: str
    tabla: str
    orden: int
    texto: str


@dataclass(frozen=True, slots=True)
class Palabra:
    """Un grupo: `nombre` es la forma más usada. `respuestas` cuenta respuestas distintas, no apariciones."""

    nombre: str
    respuestas: int
    dichos: tuple[Dicho, ...]


@lru_cache(maxsize=20_000)
def raiz_de(palabra: str) -> str:
    """«capacitaciones» y «Capacitación» → «capacit»; «» si es una palabra vacía."""
    llana = palabra.casefold().translate(_SIN_TILDE)
    return "" if llana in _VACIAS else _raiz.stemWord(llana).translate(_SIN_TILDE)


def agrupar(dichos: Sequence[Dicho], omite: Collection[str] = ()) -> tuple[tuple[Palabra, ...], tuple[Dicho, ...]]:
    """Las palabras que comparten dos o más respuestas, de la más frecuente a la menos, y los dichos que no comparten ninguna."""
    omitidas = {raiz_de(limpiar(p)) for p in omite} | {""}
    formas: dict[str, Counter[str]] = defaultdict(Counter)
    donde: dict[str, dict[Dicho, None]] = defaultdict(dict)
    for dicho in dichos:
        for palabra in _PALABRA.findall(limpiar(dicho.texto).lower()):
            if (raiz := raiz_de(palabra)) not in omitidas:
                formas[raiz][palabra] += 1
                donde[raiz][dicho] = None
    palabras = []
    for raiz, suyos in donde.items():
        if (respuestas := len({d.folio for d in suyos})) >= DE_VARIOS:
            forma = min(formas[raiz].items(), key=lambda par: (-par[1], par[0]))[0]
            palabras.append(Palabra(forma, respuestas, tuple(suyos)))
    palabras.sort(key=lambda p: (-p.respuestas, p.nombre.translate(_SIN_TILDE)))
    agrupados = {d for p in palabras for d in p.dichos}
    return tuple(palabras), tuple(d for d in dichos if d not in agrupados)
