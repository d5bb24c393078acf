"""La única entrada y salida de `esquemas`: lee los YAML de una carpeta, una vez, y no vuelve a tocar el disco.

El cargador es estricto (decisión 02): YAML 1.1 lee `01101` como 577 y `NO` como falso; aquí eso no arranca.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from esquemas.coherencia import comprobar
from esquemas.errores import EsquemaInvalido
from esquemas.lectura_esquema import leer_esquema
from esquemas.lectura_orientador import leer_preguntas
from esquemas.lectura_saber import leer_documento, leer_instrumento, leer_notas, leer_opciones, leer_proceso
from esquemas.modelo import Catalogo, Esquema, Opcion, Opciones
from esquemas.saber import Instrumento

CARPETA = Path(__file__).parent
_ENTERO = re.compile(r"0|-?[1-9][0-9]*")
# Lo que PyYAML deja como texto y un lector de YAML 1.2 (o una persona) leería como número: 08, 0o7, 1e5.
_PARECE_NUMERO = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")


class _Cargador(yaml.CSafeLoader):
    """SafeLoader (el compilado, cinco veces más rápido) sin alias, sin claves repetidas y sin conversiones que sorprendan."""

    def __init__(self, texto: str, archivo: str) -> None:
        super().__init__(texto)
        self.archivo = archivo

    def falla(self, marca: yaml.Mark, que: str, arreglo: str) -> EsquemaInvalido:
        return EsquemaInvalido(self.archivo, f"línea {marca.line + 1}, columna {marca.column + 1}", que, arreglo)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        vistas = set()
        for clave, _ in node.value:
            if clave.tag != "tag:yaml.org,2002:str":
                raise self.falla(clave.start_mark, f"la clave «{clave.value}» no es texto.", "Póngala entre comillas.")
            if clave.value in vistas:
                raise self.falla(clave.start_mark, f"la clave «{clave.value}» está repetida.", "Deje una sola.")
            vistas.add(clave.value)
        return super().construct_mapping(node, deep=True)


def _escalar(cargador: _Cargador, nodo: yaml.ScalarNode) -> Any:
    """Un escalar que YAML 1.1 convertiría: solo pasan `true`, `false` y los enteros decimales sin cero inicial."""
    if nodo.value in ("true", "false"):
        return nodo.value == "true"
    if nodo.tag.endswith(":int") and _ENTERO.fullmatch(nodo.value):
        return int(nodo.value)
    que = f"«{nodo.value}» sin comillas YAML lo convertiría en otra cosa."
    raise cargador.falla(nodo.start_mark, que, f'Escríbalo entre comillas: "{nodo.value}".')


def _texto(cargador: _Cargador, nodo: yaml.ScalarNode) -> str:
    if not nodo.style and _PARECE_NUMERO.fullmatch(nodo.value):
        return _escalar(cargador, nodo)
    return nodo.value


_Cargador.add_constructor("tag:yaml.org,2002:str", _texto)
for _tag in ("bool", "int", "float", "null", "timestamp", "binary", "merge", "value"):
    _Cargador.add_constructor(f"tag:yaml.org,2002:{_tag}", _escalar)


def leer_yaml(texto: str, archivo: str) -> Any:
    """El contenido de un YAML estricto. `archivo` es el nombre que se muestra en los errores (EsquemaInvalido)."""
    cargador = None
    try:
        cargador = _Cargador(texto, archivo)  # ya aquí falla si hay un carácter de control
        for evento in yaml.parse(texto, yaml.CSafeLoader) if "&" in texto or "*" in texto else ():
            if getattr(evento, "anchor", None):
                raise cargador.falla(evento.start_mark, "los alias («&», «*») no se admiten.", "Escriba el valor completo.")
        return cargador.get_single_data()
    except yaml.YAMLError as error:
        marca = getattr(error, "problem_mark", None)
        ruta = f"línea {marca.line + 1}, columna {marca.column + 1}" if marca else ""
        que = f"no es YAML válido ({getattr(error, 'problem', None) or error})."
        raise EsquemaInvalido(archivo, ruta, que, "Revise la sangría y las comillas de esa línea.") from None
    finally:
        if cargador:
            cargador.dispose()


def _leer(carpeta: Path, sub: str) -> dict[str, Any]:
    """ruta relativa → contenido, en orden alfabético."""
    leidos = {}
    for ruta in sorted((carpeta / sub).glob("*.yml")):
        arreglo = "Póngale la extensión .yaml: con otra no se lee."
        raise EsquemaInvalido(f"{carpeta.name}/{ruta.relative_to(carpeta).as_posix()}", "", "no termina en .yaml.", arreglo)
    for ruta in sorted((carpeta / sub).glob("*.yaml") if not sub.endswith(".yaml") else [carpeta / sub]):
        archivo = f"{carpeta.name}/{ruta.relative_to(carpeta).as_posix()}"
        try:
            leidos[archivo] = leer_yaml(ruta.read_text(encoding="utf-8"), archivo)
        except UnicodeDecodeError:
            raise EsquemaInvalido(archivo, "", "no está en UTF-8.", "Guárdelo como UTF-8.") from None
        except OSError as error:
            raise EsquemaInvalido(
                archivo, "", f"no se pudo leer ({error.strerror}).", "Revise que exista y sus permisos."
            ) from None
    return leidos


@cache
def cargar(carpeta: Path = CARPETA) -> Catalogo:
    """Todo lo que se sabe, leído y comprobado. EsquemaInvalido a la primera falla: archivo, ruta, qué y arreglo."""
    archivos: dict[str, str] = {}

    def leer(sub: str, clase: str, lector: Any) -> dict[str, Any]:
        salida = {}
        for archivo, dato in _leer(carpeta, sub).items():
            cosa = lector(dato, archivo)
            nombre = getattr(cosa, "nombre", clase)
            archivos[f"{clase}/{nombre}"] = archivo
            salida[nombre] = cosa
        return salida

    instrumentos = leer("instrumentos", "instrumento", leer_instrumento)
    opciones = leer("catalogos", "catalogo", leer_opciones)
    if "instrumentos" in opciones:
        archivo = archivos["catalogo/instrumentos"]
        raise EsquemaInvalido(archivo, "", "este catálogo se calcula de instrumentos/.", "Borre el archivo.")
    opciones["instrumentos"] = _opciones_de(instrumentos)
    esquemas: dict[str, Esquema] = {}
    for sub, clase in (("formatos", "formato"), ("encuestas", "encuesta")):
        leidos = leer(sub, clase, lambda dato, archivo, clase=clase: leer_esquema(dato, archivo, clase))
        for nombre in leidos.keys() & esquemas.keys():
            raise EsquemaInvalido(
                archivos[f"{clase}/{nombre}"], "name", "ya hay un formato con ese nombre.", "Cambie uno de los dos."
            )
        esquemas |= dict(sorted(leidos.items(), key=lambda par: (par[1].orden, par[0])))
    proceso = leer("proceso.yaml", "proceso", leer_proceso)["proceso"]
    documentos = leer("normativa", "documento", leer_documento)
    notas = leer("notas", "notas", leer_notas)
    preguntas = leer("orientador.yaml", "orientador", leer_preguntas)["orientador"]
    catalogo = Catalogo(esquemas, opciones, instrumentos, documentos, proceso, notas, preguntas)
    comprobar(catalogo, archivos)
    return catalogo


def _opciones_de(instrumentos: dict[str, Instrumento]) -> Opciones:
    """El catálogo `instrumentos`, calculado de las fichas: primero los traspasados."""
    orden = sorted(instrumentos.values(), key=lambda i: (not i.traspasado, i.titulo))
    opciones = tuple(Opcion(i.nombre, i.nombre_corto, i.objetivo, sinonimos=(i.titulo, *i.sinonimos)) for i in orden)
    normas = tuple(dict.fromkeys(n for i in orden for n in i.norma))
    return Opciones(
        nombre="instrumentos",
        titulo="Instrumentos",
        descripcion="Los instrumentos de Sercotec, traspasados o no, con su nombre corto.",
        version="1.0.0",
        opciones=opciones,
        norma=normas,
    )
