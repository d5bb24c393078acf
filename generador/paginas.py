"""Del catálogo a las páginas: una función pura de lo que se sabe a {ruta: contenido}. Aquí no se escribe nada.

Los enlaces se arman contra la lista de todo lo que el sitio tendrá; uno que no llega a ninguna parte es una excepción.
"""

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping

from jinja2 import BytecodeCache

from esquemas.modelo import Catalogo, Esquema
from esquemas.normalizacion import plegar
from esquemas.privacidad import aviso_de
from esquemas.saber import Hito
from generador.calendario import EJERCICIOS, paginas_de_calendario
from generador.cambios import CANAL, cambios_de
from generador.citas import citado_por, como_se_cita, legislacion, notas_por_norma
from generador.datos_abiertos import CATALOGO, conjuntos, dcat
from generador.definiciones import GLOSARIO
from generador.descargas import descargas
from generador.documento import a_mano_esperadas, ancla, numerales, paginas_de_documentos
from generador.esquema import datos_de, url_de
from generador.instrumentos import paginas_de_instrumentos
from generador.molde import crear_molde
from generador.pagina import Pagina
from generador.tabla_de_datos import insertar_tablas

_BLANCOS = re.compile(r"\n\s*\n(?=\S)")


def paginas(
    catalogo: Catalogo, ajenas: Mapping[str, bytes] | None = None, compiladas: BytecodeCache | None = None
) -> dict[str, str | bytes]:
    """Ruta relativa → contenido de todo lo que se genera: páginas en Markdown (`str`) y descargas (`bytes`).

    `ajenas` es lo escrito a mano, que también se puede enlazar y descargar; sin ello se suponen las páginas que las normas
    citan. `compiladas` es el de `crear_molde`. KeyError si una norma del catálogo lleva a una página que no existe.
    """
    archivos: dict[str, str | bytes] = dict(descargas(catalogo, EJERCICIOS))
    por_hacer = list(lista(catalogo))
    reunidos = conjuntos(catalogo, (*archivos, CANAL), ajenas or {})
    existentes = {*archivos, CANAL, CATALOGO, *(p.archivo for p in por_hacer)}
    existentes |= a_mano_esperadas(catalogo) if ajenas is None else ajenas.keys()
    molde = crear_molde(catalogo.citar, existentes, compiladas)
    molde.globals |= {"catalogo": catalogo, "url_de": url_de, "ancla": ancla, "propias": _paginas_propias(existentes)}
    molde.globals |= {"citado": citado_por(catalogo), "como_se_cita": como_se_cita, "hitos_de": _hitos_por_norma(catalogo)}
    molde.globals |= {n: notas_por_norma(catalogo, n) for n in ("simple", "contradicciones")}
    molde.globals |= {"conjuntos": reunidos, "catalogo_dcat": CATALOGO, "canal": CANAL}
    archivos[CANAL] = molde.get_template("cambios.xml.j2").render(cambios=cambios_de(catalogo)).encode()
    archivos[CATALOGO] = dcat(reunidos)
    siglas = _siglas(catalogo)
    indice = sorted(((p.titulo, p.archivo) for p in por_hacer), key=lambda par: par[0].casefold())
    for pagina in por_hacer:
        meta = {"title": pagina.titulo, "clase": pagina.clase}
        meta |= {c: pagina.datos[c] for c in ("legislacion", "hide") if c in pagina.datos}
        cabeza = "".join(f"{c}: {json.dumps(v, ensure_ascii=False)}\n" for c, v in meta.items())
        datos = {"titulo": pagina.titulo, "indice": indice, **pagina.datos}
        cuerpo = molde.get_template(pagina.plantilla).render(datos)
        archivos[pagina.archivo] = f"---\n{cabeza}---\n\n{_BLANCOS.sub(chr(10) * 2, cuerpo).strip()}\n{siglas}"
    return archivos


def _hitos_por_norma(catalogo: Catalogo) -> dict[str, list[Hito]]:
    hitos = catalogo.proceso.hitos
    return {n: [h for h in hitos if n in h.norma] for n in dict.fromkeys(n for h in hitos for n in h.norma)}


def _siglas(catalogo: Catalogo) -> str:
    """El glosario como lo pide Markdown: una sigla se lee al pasar sobre ella; un término, además, lleva a su definición."""
    notas = catalogo.notas["glosario"].notas if "glosario" in catalogo.notas else ()
    siglas = (f"\n*[{n.titulo}]: {n.texto.partition('.')[0]}\n" for n in notas if n.titulo.isupper())
    return "".join((*siglas, *(f'\n[{n.titulo}]: {GLOSARIO}{n.nombre} "{n.texto}"\n' for n in notas if not n.titulo.isupper())))


def _paginas_propias(archivos: Collection[str]) -> dict[str, str]:
    """«003» → «/biblioteca/003-plan-cluster/»: la página escrita a mano de un documento de origen, por su número."""
    propias = {}
    for archivo in archivos:
        if hallada := re.fullmatch(r"(biblioteca/([0-9]{3})-[^/]+/)index\.md", archivo):
            propias[hallada[2]] = f"/{hallada[1]}"
    return propias


def completar(catalogo: Catalogo, a_mano: Mapping[str, bytes]) -> dict[str, bytes]:
    """Lo escrito a mano, con las tablas de sus CSV ya puestas. ValueError si una pide un archivo o un campo que no hay."""
    siglas = _siglas(catalogo).encode()
    hecho = dict(a_mano)
    for pagina in (r for r in a_mano if r.endswith(".md")):
        texto, producidos = _completa(catalogo, a_mano, pagina)
        hecho |= {pagina: texto + siglas, **producidos}
    return hecho


def _completa(catalogo: Catalogo, a_mano: Mapping[str, bytes], pagina: str) -> tuple[bytes, dict[str, bytes]]:
    """La página, y los archivos nuevos que enlaza."""

    def ubicar(relativa: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(pagina), relativa))

    def leer(relativa: str) -> bytes:
        if (ruta := ubicar(relativa)) not in a_mano:
            raise ValueError(f"no existe {ruta}.")
        return a_mano[ruta]

    producidos: dict[str, bytes] = {}
    try:
        texto = insertar_tablas(a_mano[pagina].decode(), leer, catalogo, producidos)
    except ValueError as error:
        raise ValueError(f"{pagina}: {error}") from error
    return texto.encode(), {ubicar(relativa): datos for relativa, datos in producidos.items()}


def lista(catalogo: Catalogo) -> Iterator[Pagina]:
    """Las páginas que se generan, sin su contenido, en el orden en que se navegan."""
    yield _portada(catalogo)
    yield from _de_esquemas(catalogo)
    yield from _de_documentos(catalogo)
    yield from paginas_de_instrumentos(catalogo)
    yield from paginas_de_calendario(catalogo)
    yield from _de_notas(catalogo)
    yield from _sobre_el_sitio(catalogo)
    yield Pagina("buscar.md", "Buscar", "", "buscar.md.j2")


def _de_esquemas(catalogo: Catalogo) -> Iterator[Pagina]:
    yield Pagina("formatos/index.md", "Formatos", "Formatos", "formatos.md.j2")
    yield from (_de_un_esquema(catalogo, e) for e in catalogo.formatos)
    yield Pagina("encuestas/index.md", "Encuestas", "Formatos", "encuestas.md.j2")
    yield from (_de_un_esquema(catalogo, e) for e in catalogo.encuestas)
    yield Pagina("catalogos/index.md", "Listas de códigos", "Formatos", "catalogos.md.j2")
    for nombre, opciones in catalogo.opciones.items():
        usos = [(e, c) for e in catalogo.esquemas.values() for t in e.tablas for c in t.campos if c.catalogo == nombre]
        usan = list({e.nombre: e for e, _ in usos}.values())
        datos = {"opciones": opciones, "usan": usan}
        yield Pagina(f"catalogos/{nombre}.md", opciones.titulo, "Formatos", "catalogo.md.j2", datos)


def _de_un_esquema(catalogo: Catalogo, esquema: Esquema) -> Pagina:
    archivo = f"{url_de(esquema).strip('/')}.md"
    return Pagina(archivo, esquema.nombre_completo, "Formatos", "esquema.md.j2", datos_de(catalogo, esquema))


def _de_documentos(catalogo: Catalogo) -> Iterator[Pagina]:
    for ruta, tramos in paginas_de_documentos(catalogo).items():
        primero = tramos[0]
        datos = {"tramos": tramos, "numerales": numerales(primero.documento)}
        if primero.documento.vigencia and datos["numerales"]:
            datos["legislacion"] = legislacion(primero.documento, primero.cabeza)
        carpeta = ruta.strip("/")
        literal = primero.documento.literal
        if primero.cabeza:
            titulo = f"{primero.cabeza.etiqueta}. {primero.cabeza.titulo}" if literal else primero.cabeza.titulo
            plantilla = "numeral.md.j2" if literal else "apartado.md.j2"
            yield Pagina(f"{carpeta}.md", titulo, primero.documento.nombre_corto, plantilla, datos)
        elif datos["numerales"] and literal:
            todo = [t for ts in paginas_de_documentos(catalogo).values() for t in ts if t.documento is primero.documento]
            titulo = primero.documento.nombre_corto
            yield Pagina(f"{carpeta}/index.md", titulo, titulo, "reglamento.md.j2", datos)
            yield Pagina(f"{carpeta}/completo.md", f"{titulo} completo", titulo, "completo.md.j2", {**datos, "tramos": todo})
        else:
            titulo = _TITULOS.get(carpeta, primero.documento.titulo)
            plantilla = {"guia": "guia.md.j2", "normativa": "normativa.md.j2"}.get(carpeta, "documentos.md.j2")
            yield Pagina(f"{carpeta}/index.md", titulo, titulo, plantilla, datos)


_TITULOS = {"normativa": "Marco normativo", "biblioteca": "Biblioteca"}  # páginas que reúnen varios documentos


def _de_notas(catalogo: Catalogo) -> Iterator[Pagina]:
    for archivo, carpeta in (("contradicciones", "observaciones"), ("glosario", "glosario")):
        if notas := catalogo.notas.get(archivo):
            en_orden = notas.notas if archivo == "contradicciones" else sorted(notas.notas, key=lambda n: plegar(n.titulo))
            datos = {"notas": notas, "en_orden": en_orden}
            yield Pagina(f"{carpeta}/index.md", notas.titulo, notas.titulo, f"{carpeta}.md.j2", datos)


def _portada(catalogo: Catalogo) -> Pagina:
    fechas = next(paginas_de_calendario(catalogo)).datos
    titulo = "Focalización regional de Sercotec"
    return Pagina("index.md", titulo, "", "portada.md.j2", {**fechas, "hide": ["navigation", "toc"]})


def _sobre_el_sitio(catalogo: Catalogo) -> Iterator[Pagina]:
    """Lo que da cuenta del sitio mismo. Accesibilidad y cómo reportar un error se escriben a mano."""
    clase = "Sobre este sitio"
    avisos = [(e, aviso_de(catalogo, e)) for e in catalogo.esquemas.values()]
    yield Pagina("datos-abiertos/index.md", "Datos abiertos", clase, "datos-abiertos.md.j2")
    yield Pagina("cambios/index.md", "Cambios", clase, "cambios.md.j2", {"cambios": cambios_de(catalogo)})
    yield Pagina("privacidad/index.md", "Privacidad", clase, "privacidad.md.j2", {"avisos": avisos})
