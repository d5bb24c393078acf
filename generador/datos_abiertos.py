"""Todo lo que el sitio deja descargar, reunido en conjuntos con título: la página de datos abiertos y su catálogo DCAT.

Un archivo nuevo entra solo: los generados se reparten por su carpeta y su nombre; los escritos a mano, por su carpeta.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from esquemas.modelo import Catalogo, Esquema
from generador.esquema import url_de
from generador.pagina import encabezado

CATALOGO = "descargas/catalogo.jsonld"
PROPIA = "Licencia MIT, la de este proyecto"
AJENA = "No consta: la fuente no declara una licencia"
FORMATOS, LISTAS, FUENTES, OTROS = "Formatos y encuestas", "Listas de códigos", "Datos de las fuentes", "Otros"
QUE_ES = {
    "plantillas": "Plantilla para llenar",
    "ejemplos": "Ejemplo válido",
    "esquemas": "Definición: campos, límites y reglas",
    "xlsform": "Encuesta para ODK y Kobo",
    "catalogos": "Códigos y nombres",
}
TIPOS = {
    "csv": "text/csv", "json": "application/json", "ics": "text/calendar", "xml": "application/atom+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
_IANA = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True, slots=True)
class Archivo:
    """Un archivo descargable. `esquema` es la ruta de su definición, o «» si no tiene."""

    ruta: str
    que_es: str
    esquema: str = ""

    @property
    def formato(self) -> str:
        return self.ruta.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Conjunto:
    """Lo descargable de un mismo asunto. `url` es la página que lo explica."""

    clase: str
    titulo: str
    descripcion: str
    url: str
    condicion: str
    archivos: tuple[Archivo, ...]


def conjuntos(catalogo: Catalogo, generados: Collection[str], a_mano: Mapping[str, bytes]) -> list[Conjunto]:
    """Los de cada formato y encuesta, las listas de códigos, los datos de las fuentes y lo demás."""
    quedan = set(generados)
    listas = []
    for nombre, opciones in catalogo.opciones.items():
        ruta = f"descargas/catalogos/{nombre}.csv"
        quedan.discard(ruta)
        suyo = (Archivo(ruta, QUE_ES["catalogos"]),)
        listas.append(Conjunto(LISTAS, opciones.titulo, opciones.descripcion, f"/catalogos/{nombre}/", PROPIA, suyo))
    de_esquema = {}
    for esquema in sorted(catalogo.esquemas.values(), key=lambda e: -len(e.nombre)):  # «plan» no se lleva lo de «plan-barrio»
        suyas = {r for r in quedan if re.fullmatch(rf"descargas/[^/]+/{esquema.nombre}(-[^/]+)?\.\w+", r)}
        quedan -= suyas
        de_esquema[esquema.nombre] = _de_esquema(esquema, sorted(suyas))
    demas = tuple(Archivo(r, r.rpartition("/")[2].partition(".")[0].replace("-", " ").capitalize()) for r in sorted(quedan))
    que_son = "Las fechas de cada ejercicio, el canal de cambios y lo que no cabe en los conjuntos anteriores."
    otros = Conjunto(OTROS, "Calendario, cambios y demás", que_son, "/calendario/", PROPIA, demas)
    return [*(de_esquema[n] for n in catalogo.esquemas), *listas, *_de_las_fuentes(catalogo, a_mano), otros]


def _de_esquema(esquema: Esquema, rutas: list[str]) -> Conjunto:
    definicion = f"descargas/esquemas/{esquema.nombre}.json"
    archivos = []
    for ruta in rutas:
        resto = ruta.rpartition("/")[2].partition(".")[0].removeprefix(esquema.nombre).strip("-")
        grupo = next((g.tabla.titulo for g in esquema.grupos if resto.startswith(g.nombre)), "")
        que_es = (QUE_ES.get(ruta.split("/")[1], "Archivo"), grupo, "para Excel" if resto.endswith("para-excel") else "")
        archivos.append(Archivo(ruta, ", ".join(filter(None, que_es)), definicion if ruta != definicion else ""))
    return Conjunto(FORMATOS, esquema.nombre_completo, esquema.descripcion, url_de(esquema), PROPIA, tuple(archivos))


def _de_las_fuentes(catalogo: Catalogo, a_mano: Mapping[str, bytes]) -> Iterator[Conjunto]:
    """Los CSV que acompañan a una página; su definición es la del esquema con sus mismas columnas, o la que traen al lado."""
    por_columnas = {",".join(e.principal.nombres): e for e in catalogo.esquemas.values()}
    for pagina in sorted(r for r in a_mano if r.endswith("/index.md")):
        carpeta = pagina.removesuffix("index.md")
        archivos = []
        for ruta in sorted(r for r in a_mano if re.fullmatch(rf"{re.escape(carpeta)}[^/]+\.csv", r)):
            esquema = por_columnas.get(a_mano[ruta].decode("utf-8-sig").partition("\n")[0].strip())
            propio = f"{ruta.removesuffix('csv')}schema.json"
            que_es = esquema.nombre_completo if esquema else json.loads(a_mano[propio])["title"]
            archivos.append(Archivo(ruta, que_es, f"descargas/esquemas/{esquema.nombre}.json" if esquema else propio))
        if archivos:
            titulo = encabezado(a_mano[pagina].decode())
            que_son = "Transcritos de la fuente, sin datos de personas."
            yield Conjunto(FUENTES, titulo, que_son, f"/{carpeta}", AJENA, tuple(archivos))


def dcat(reunidos: list[Conjunto]) -> bytes:
    """El catálogo en DCAT (JSON-LD). Sus direcciones son relativas a él: valen donde se publique el sitio."""
    contexto = {
        "dcat": "http://www.w3.org/ns/dcat#",
        **{c: {"@id": f"http://purl.org/dc/terms/{i}", "@language": "es"} for c, i in _TEXTOS.items()},
        **{c: {"@id": i, "@type": "@id"} for c, i in _ENLACES.items()},
        **{"conjuntos": "dcat:dataset", "archivos": "dcat:distribution"},
    }
    presenta = {"titulo": "Datos abiertos de Focaliza", "descripcion": "Lo que se puede descargar, con su definición."}
    datos = {"@context": contexto, "@type": "dcat:Catalog", **presenta, "conjuntos": [_dcat_de(c) for c in reunidos]}
    return (json.dumps(datos, ensure_ascii=False, indent=1) + "\n").encode()


_TEXTOS = {"titulo": "title", "descripcion": "description", "derechos": "rights"}
_ENLACES = {
    "pagina": "dcat:landingPage", "descarga": "dcat:downloadURL", "tipo": "dcat:mediaType",
    "definicion": "http://purl.org/dc/terms/conformsTo",
}  # fmt: skip


def _dcat_de(conjunto: Conjunto) -> dict[str, object]:
    archivos = []
    for archivo in conjunto.archivos:
        tipo = _IANA + TIPOS.get(archivo.formato, "application/octet-stream")
        dicho = {"@type": "dcat:Distribution", "titulo": archivo.que_es, "descarga": f"../{archivo.ruta}", "tipo": tipo}
        archivos.append(dicho | ({"definicion": f"../{archivo.esquema}"} if archivo.esquema else {}))
    textos = {"titulo": conjunto.titulo, "descripcion": conjunto.descripcion, "derechos": conjunto.condicion}
    return {"@type": "dcat:Dataset", **textos, "pagina": f"..{conjunto.url}", "archivos": archivos}
