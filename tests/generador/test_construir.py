"""Lo construido de verdad: enlaces y anclas que llegan, nada de terceros, y una construcción que falla sin romper nada."""

import dataclasses
import hashlib
import json
import posixpath
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from esquemas.catalogo import cargar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from generador.__main__ import RAIZ, ConstruccionFallida, construir, construir_sitio

# Etiqueta → atributos que el navegador carga solo. Un enlace (`a`) no: lo sigue una persona.
CARGAN = {
    "script": ("src",), "link": ("href",), "img": ("src", "srcset"), "iframe": ("src",), "source": ("src", "srcset"),
    "video": ("src", "poster"), "audio": ("src",), "track": ("src",), "embed": ("src",), "object": ("data",),
    "use": ("href", "xlink:href"), "image": ("href", "xlink:href"), "input": ("src",), "form": ("action",),
}  # fmt: skip
DE_LOS_FORMULARIOS = "/formularios/"  # los atiende la otra mitad de la aplicación


class Lectura(HTMLParser):
    def __init__(self, texto):
        super().__init__()
        self.ids, self.enlaces, self.cargas, self.etiquetas, self.idioma = [], [], [], [], ""
        self.feed(texto)

    def handle_starttag(self, tag, attrs):
        atributos = dict(attrs)
        self.etiquetas.append((tag, atributos))
        if tag == "html":
            self.idioma = atributos.get("lang", "")
        if "id" in atributos:
            self.ids.append(atributos["id"])
        if tag == "a" and "href" in atributos:
            self.enlaces.append(atributos["href"])
        self.cargas += [(tag, atributos[a]) for a in CARGAN.get(tag, ()) if atributos.get(a)]


@pytest.fixture(scope="module")
def leidas(construido):
    """Dirección de la página («/formatos/») → lo leído de su HTML."""
    salida = {}
    for archivo in construido.destino.rglob("*.html"):
        ruta = f"/{archivo.relative_to(construido.destino).as_posix()}".removesuffix("index.html")
        salida[ruta] = Lectura(archivo.read_text(encoding="utf-8"))
    return salida


def _adonde(pagina, enlace):
    partes = urlsplit(enlace)
    ruta = posixpath.normpath(posixpath.join(posixpath.dirname(pagina), unquote(partes.path))) if partes.path else pagina
    if partes.path.endswith(("/", ".", "..")) and not ruta.endswith("/"):
        ruta += "/"
    return ruta, unquote(partes.fragment)


def test_todo_enlace_y_toda_ancla_llegan(leidas, construido):
    rotos = []
    for pagina, leida in leidas.items():
        for enlace in leida.enlaces:
            if urlsplit(enlace).scheme or enlace.startswith(DE_LOS_FORMULARIOS):
                continue
            ruta, ancla = _adonde(pagina, enlace)
            if ruta in leidas:
                if ancla and ancla not in leidas[ruta].ids:
                    rotos.append(f"{pagina} → {enlace}")
            elif not (construido.destino / ruta.lstrip("/")).is_file():
                rotos.append(f"{pagina} → {enlace}")
    assert rotos == []


def test_cada_enlace_a_los_formularios_llega_a_una_pantalla_de_un_esquema_que_existe(leidas, catalogo):
    rutas = crear_app(Configuracion(clave="k" * 40), catalogo, None, lambda: None).url_map.bind("")
    seguidos = {e.partition("#")[0] for leida in leidas.values() for e in leida.enlaces if e.startswith(DE_LOS_FORMULARIOS)}
    assert len(seguidos) > len(catalogo.esquemas)
    for enlace in seguidos:
        vista, valores = rutas.match(enlace, method="GET")  # NotFound si ninguna vista lo atiende
        if "nombre" in valores:
            assert catalogo.esquemas[valores["nombre"]].es_encuesta == ("/encuestas/" in enlace), (enlace, vista)


def test_ninguna_pagina_repite_un_id_y_todas_dicen_titulo_e_idioma(leidas):
    for pagina, leida in leidas.items():
        repetidos = {i for i in leida.ids if leida.ids.count(i) > 1}
        assert repetidos == set(), pagina
        assert leida.idioma == "es"
        assert [t for t, _ in leida.etiquetas].count("h1") == 1, pagina


def test_ni_una_peticion_a_terceros(leidas, construido):
    ajenos = []
    for pagina, leida in leidas.items():
        for etiqueta, carga in leida.cargas:
            if urlsplit(carga).scheme not in ("", "data") or urlsplit(carga).netloc:
                ajenos.append(f"{pagina} <{etiqueta}> {carga}")
    for archivo in construido.destino.rglob("*.css"):
        texto = archivo.read_text(encoding="utf-8")
        ajenos += [f"{archivo.name}: {u}" for u in re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^)\"']+)", texto)]
    assert ajenos == []


def test_todo_lo_que_una_pagina_carga_existe(leidas, construido):
    faltan = set()
    for pagina, leida in leidas.items():
        for etiqueta, carga in leida.cargas:
            if urlsplit(carga).scheme == "data" or etiqueta == "form":
                continue
            ruta, _ = _adonde(pagina, carga)
            if not (construido.destino / ruta.lstrip("/")).exists():
                faltan.add(f"{pagina} <{etiqueta}> {carga}")
    assert faltan == set()


def test_toda_tabla_se_desplaza_con_el_teclado(leidas):
    for leida in leidas.values():
        tablas = [i for i, (t, _) in enumerate(leida.etiquetas) if t == "table"]
        for i in tablas:
            etiqueta, atributos = leida.etiquetas[i - 1]
            assert (etiqueta, atributos["class"], atributos["tabindex"]) == ("div", "tabla", "0")


def test_lo_publicado_lleva_la_huella_con_que_se_valida(construido, catalogo):
    for esquema in catalogo.esquemas.values():
        publicado = json.loads((construido.destino / f"descargas/esquemas/{esquema.nombre}.json").read_bytes())
        assert publicado["huella"] == esquema.huella
        carpeta = "encuestas" if esquema.es_encuesta else "formatos"
        assert esquema.huella in (construido.destino / carpeta / esquema.nombre / "index.html").read_text(encoding="utf-8")


def test_lo_escrito_a_mano_tambien_se_publica(construido):
    for archivo in (RAIZ / "sitio").rglob("*.csv"):
        publicado = construido.destino / archivo.relative_to(RAIZ / "sitio")
        assert publicado.read_bytes() == archivo.read_bytes()
    assert "<!-- tabla:" not in "".join(p.read_text("utf-8") for p in construido.destino.glob("experiencias/**/*.html"))


def test_la_busqueda_es_propia(construido):
    assert (construido.destino / "pagefind/pagefind-ui.js").is_file()
    assert not (construido.destino / "search").exists()


def _huellas(carpeta):
    archivos = (a for a in carpeta.rglob("*") if a.is_file() and "pagefind" not in a.parts)
    return {a.relative_to(carpeta).as_posix(): hashlib.sha256(a.read_bytes()).hexdigest() for a in archivos}


def test_sin_cambios_no_reconstruye(construido, catalogo):
    antes = {a: a.stat().st_mtime_ns for a in construido.destino.rglob("*.html")}
    assert not construir_sitio(catalogo, construido.destino, construccion=construido.construccion)
    assert {a: a.stat().st_mtime_ns for a in construido.destino.rglob("*.html")} == antes


def test_si_algo_cambia_o_falta_reconstruye_y_lo_mismo_da_lo_mismo(construido, catalogo, tmp_path):
    otro = tmp_path / "publicado"
    argumentos = {"construccion": tmp_path / "construccion", "buscador": False}
    assert construir_sitio(catalogo, otro, **argumentos)
    assert _huellas(otro) == _huellas(construido.destino)
    shutil.rmtree(otro)
    assert construir_sitio(catalogo, otro, **argumentos)
    assert (otro / "index.html").is_file()


def test_un_yaml_nuevo_llega_al_sitio_sin_tocar_codigo(carpeta_con_formato_nuevo, tmp_path):
    destino = tmp_path / "publicado"
    nuevo = cargar(carpeta_con_formato_nuevo)
    assert construir_sitio(nuevo, destino, construccion=tmp_path / "construccion", buscador=False)
    pagina = (destino / "formatos/registro-prueba/index.html").read_text(encoding="utf-8")
    assert 'id="codigo"' in pagina
    assert "registro-prueba" in (destino / "formatos/index.html").read_text(encoding="utf-8")
    assert (destino / "descargas/plantillas/registro-prueba.xlsx").is_file()


def test_lo_que_se_quita_no_queda_de_la_vez_anterior(catalogo, sitio, tmp_path):
    destino, suelta = tmp_path / "publicado", sitio / "suelta.md"
    argumentos = {"sitio": sitio, "construccion": tmp_path / "construccion", "buscador": False}
    suelta.write_text("# Suelta\n", encoding="utf-8")
    construir_sitio(catalogo, destino, **argumentos)
    assert (destino / "suelta/index.html").is_file()
    suelta.unlink()
    construir_sitio(catalogo, destino, **argumentos)
    assert not (destino / "suelta").exists()


@pytest.fixture
def sitio(tmp_path):
    """Una copia de lo escrito a mano, para romperla."""
    return shutil.copytree(RAIZ / "sitio", tmp_path / "sitio")


def _falla(catalogo, sitio, tmp_path):
    destino = tmp_path / "publicado"
    destino.mkdir()
    (destino / "index.html").write_text("el de antes", encoding="utf-8")
    with pytest.raises(ConstruccionFallida) as error:
        construir_sitio(catalogo, destino, sitio=sitio, construccion=tmp_path / "construccion", buscador=False)
    assert (destino / "index.html").read_text(encoding="utf-8") == "el de antes"
    return str(error.value)


def test_dos_paginas_con_la_misma_ruta_fallan(catalogo, sitio, tmp_path):
    (sitio / "formatos").mkdir()
    (sitio / "formatos/focalizacion.md").write_text("# Otra\n", encoding="utf-8")
    mensaje = _falla(catalogo, sitio, tmp_path)
    assert "formatos/focalizacion.md" in mensaje
    assert "Quite de sitio/" in mensaje


def test_dos_archivos_que_dan_la_misma_direccion_fallan(catalogo, sitio, tmp_path):
    (sitio / "formatos/focalizacion").mkdir(parents=True)
    (sitio / "formatos/focalizacion/index.md").write_text("# Otra\n", encoding="utf-8")
    assert "/formatos/focalizacion/" in _falla(catalogo, sitio, tmp_path)


@pytest.mark.parametrize("enlace", ["formatos/nada.md", "reglamento/4.md#a-xx", "/guia/nada/"])
def test_un_enlace_roto_detiene_la_construccion_y_deja_el_sitio_anterior(catalogo, sitio, tmp_path, enlace):
    (sitio / "suelta.md").write_text(f"# Suelta\n\n[roto]({enlace})\n", encoding="utf-8")
    mensaje = _falla(catalogo, sitio, tmp_path)
    assert "suelta.md" in mensaje
    assert enlace.split("#")[-1].strip("/") in mensaje


def test_una_norma_que_lleva_a_una_pagina_que_no_esta_falla(catalogo, sitio, tmp_path):
    shutil.rmtree(sitio / "proyecto")
    assert "/proyecto/decisiones/" in _falla(catalogo, sitio, tmp_path)


def test_una_tabla_que_pide_un_archivo_que_no_hay_falla(catalogo, sitio, tmp_path):
    (sitio / "suelta.md").write_text("# Suelta\n\n<!-- tabla: focalizacion.csv -->\n", encoding="utf-8")
    assert _falla(catalogo, sitio, tmp_path) == "suelta.md: no existe focalizacion.csv."


def test_no_pisa_una_carpeta_ajena(catalogo, tmp_path):
    (tmp_path / "carta.txt").write_text("mía", encoding="utf-8")
    with pytest.raises(ConstruccionFallida, match="Elija otra carpeta"):
        construir_sitio(catalogo, tmp_path, construccion=tmp_path / "construccion")
    assert (tmp_path / "carta.txt").read_text(encoding="utf-8") == "mía"


def test_la_orden_dice_lo_que_hizo(construido, catalogo, monkeypatch, tmp_path):
    @dataclasses.dataclass
    class Cascara:
        catalogo: object

    llamadas = []

    def falsa(catalogo, destino):
        llamadas.append((catalogo, destino))
        if len(llamadas) == 3:
            raise ConstruccionFallida("no se pudo")
        return len(llamadas) == 1

    monkeypatch.setattr("generador.__main__.construir_sitio", falsa)
    correr = [CliRunner().invoke(construir, ["--destino", str(tmp_path)], obj=Cascara(catalogo)) for _ in range(3)]
    assert [c.exit_code for c in correr] == [0, 0, 1]
    assert ["construido" in correr[0].output, "al día" in correr[1].output, "no se pudo" in correr[2].output] == [True] * 3
    assert llamadas[0] == (catalogo, tmp_path)
