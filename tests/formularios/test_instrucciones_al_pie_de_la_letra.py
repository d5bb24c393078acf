"""Lo que la encuesta le dice a la persona que escriba, escrito tal cual, vale: por la web, en la plantilla y en XLSForm."""

import io
import re

import openpyxl
import pytest

from esquemas.catalogo import cargar
from esquemas.plantilla import HOJA_EJEMPLO, escribir_plantilla
from esquemas.tipos import TIPOS
from esquemas.xlsform import hojas_de_xlsform
from formularios.controles import elegibles
from tests.formularios.cliente import en_template
from tests.formularios.test_web_encuesta import app, respuestas_de, web  # noqa: F401

CATALOGO = cargar()
ENCUESTAS = [e.nombre for e in CATALOGO.encuestas]
REGION = "13"  # la de más comunas: «puede elegir varias» es, también, elegirlas todas


@pytest.fixture
def motor():
    """Uno solo: lo que aquí se mira no depende de la base."""
    return "sqlite"


def opciones_de(campo):
    return [e.value for e in elegibles(CATALOGO, CATALOGO.opciones[campo.catalogo], REGION)]


def con_nombre(campo, dicho):
    """El código de la opción que la página muestra con ese nombre."""
    if campo.tipo == "logico":
        return {"sí": "si", "no": "no"}[dicho]
    return next(o.codigo for o in CATALOGO.opciones[campo.catalogo].opciones if o.nombre.lower() == dicho.lower())


# Qué se escribe si se obedece cada frase. Una frase que ya no está en ningún YAML sobra aquí, y la prueba lo dice.
FRASES = {
    r"escriba (\d+)\.": lambda c, m: [m[1]],
    r"número de (\d+) a (\d+), con dos decimales": lambda c, m: [m[1], m[2], f"{m[1]},55", "33,3"],
    r"De (\d) a (\d)": lambda c, m: [str(n) for n in range(int(m[1]), int(m[2]) + 1)],
    r"(?:elija|responde|Responda) «(\w+)»": lambda c, m: [con_nombre(c, m[1])],
    r"[Pp]uede elegir vari[ao]s": lambda c, m: [opciones_de(c)],
    r"[Pp]uede dejarla vacía|déjela vacía|o la deja vacía|Opcional\.": lambda c, m: [""],
    r"uno por línea": lambda c, m: ["Cooperativa de Ejemplo\r\nFederación de Ejemplo\r\nGremio de Ejemplo"],
    r"[Pp]or ejemplo,? ([^.:]+) o ([^.]+)\.": lambda c, m: [m[2], *m[1].split(", ")] if c.tipo in ("texto", "parrafo") else [],
    r"si la usa, la sigla": lambda c, m: ["Corporación de Desarrollo de Ejemplo (CDE)"],
    r"[Ss]olo el número": lambda c, m: ["7", "1.200"],
    r"código del país": lambda c, m: ["+56 9 0000 0000", "+56 2 2000 0000"],
    r"con un número y un plazo": lambda c, m: ["30 talleres en 2 años, al 31-12-2028"],
}


def preguntas(esquema):
    """(sección, campo, nombre en la página) de todo lo que se pregunta."""
    grupos = {g.nombre: g for g in esquema.grupos}
    for seccion in esquema.secciones:
        for nombre in seccion.contenido:
            if nombre in grupos:
                yield from ((seccion, c, f"g.{nombre}.0.{c.nombre}") for c in grupos[nombre].tabla.campos if not c.automatico)
            else:
                yield seccion, esquema.principal.campo(nombre), f"c.{nombre}"


def obedecer(esquema):
    """(sección, nombre, valor, frase) por cada cosa que una instrucción lleva a escribir."""
    for seccion, campo, nombre in preguntas(esquema):
        for frase, valores in FRASES.items():
            for m in re.finditer(frase, f"{campo.descripcion} {campo.ayuda}"):
                yield from ((seccion, nombre, v, frase) for v in valores(campo, m))
        if campo.tipo == "parrafo":
            justo = ("Ñandú 1.\r\n" * campo.largo_maximo)[: campo.largo_maximo - 1] + "."
            yield seccion, nombre, justo, "Hasta %s caracteres"
        if campo.catalogo and not campo.varios and "comuna" not in nombre:
            yield from ((seccion, nombre, o, "una opción de la lista") for o in opciones_de(campo))
        if campo.tipo == "logico":
            yield from ((seccion, nombre, o, "sí o no") for o in ("si", "no"))


def poner_ejemplos(web, esquema):  # noqa: F811
    """Llena todo con los ejemplos: así está a la vista cada pregunta que depende de otra."""
    respuestas = respuestas_de(esquema)
    web.abrir(f"/formularios/encuestas/{esquema.nombre}/")
    web.enviar({"region": REGION, "ejercicio": "2027"})
    for _ in range(4 * len(esquema.secciones)):
        if "/revisar/" in web.url:
            return respuestas
        presentes = {n.get("name") for n in web.formulario().todos("input", "select", "textarea") if not en_template(n)}
        web.enviar({n: v for n, v in respuestas.items() if n in presentes and not re.search("comuna|cobertura", n)}, "seguir")
    raise AssertionError(web.pagina.texto)


def reproches(web, url, nombre):  # noqa: F811
    """Lo que la página dice de esa respuesta: error o aviso."""
    web.abrir(f"{url}?errores=1")
    base = nombre.replace(".", "-")
    return [n.texto for n in web.pagina.recorrer() if n.get("id") in (f"{base}-error", f"{base}-aviso")]


@pytest.mark.parametrize("nombre", ENCUESTAS)
def test_cada_instruccion_obedecida_vale(web, nombre):  # noqa: F811
    esquema = CATALOGO.esquemas[nombre]
    poner_ejemplos(web, esquema)
    malas, hechas = [], 0
    for seccion, pregunta, valor, frase in obedecer(esquema):
        url = f"/formularios/encuestas/{nombre}/llenar/{seccion.nombre}/"
        web.abrir(url)
        antes = [v for n, v in web.campos(web.formulario()) if n == pregunta]
        assert pregunta in {n.get("name") for n in web.formulario().todos("input", "select", "textarea")}, pregunta
        web.enviar({pregunta: valor}, "salir")
        malas += [(pregunta, frase, valor, dicho) for dicho in reproches(web, url, pregunta)]
        web.abrir(url)
        if [v for n, v in web.campos(web.formulario()) if n == pregunta] != antes:
            poner_de_vuelta(web, esquema, url, pregunta, antes)
        hechas += 1
    assert malas == []
    assert hechas > 40


def poner_de_vuelta(web, esquema, url, pregunta, antes):  # noqa: F811
    """Como estaba, con lo que hubiera dejado de corresponder y ahora vuelve a preguntarse."""
    respuestas = respuestas_de(esquema)
    web.enviar({pregunta: antes}, "salir")
    for _ in range(2):
        web.abrir(url)
        actuales = dict(web.campos(web.formulario()))
        faltan = {n: v for n, v in respuestas.items() if n in actuales and not actuales[n] and "comuna" not in n}
        web.enviar(faltan, "salir")
    web.abrir(url)


def test_no_hay_frases_de_mas():
    dicho = " ".join(f"{c.descripcion} {c.ayuda}" for e in CATALOGO.encuestas for _, c, _ in preguntas(e))
    assert [f for f in FRASES if not re.search(f, dicho)] == []


@pytest.mark.parametrize("nombre", ENCUESTAS)
def test_cada_ejemplo_se_escribe_como_se_lee(web, nombre):  # noqa: F811
    """El «Ejemplo: …» de la página, letra por letra, y no el del YAML: «92,5» y no «92.5»."""
    esquema = CATALOGO.esquemas[nombre]
    poner_ejemplos(web, esquema)
    vistos = 0
    for seccion in esquema.secciones:
        url = f"/formularios/encuestas/{nombre}/llenar/{seccion.nombre}/"
        web.abrir(url)
        escritos = {}
        for ayuda in web.formulario().recorrer():
            if ayuda.get("class") == "ejemplo":
                control = ayuda.padre.get("id").removesuffix("-ayuda").replace("-", ".", 1)
                control = re.sub(r"^g\.(.+)-(\d+)-", r"g.\1.\2.", control)
                escritos[control] = ayuda.texto.removeprefix("Ejemplo: ")
        web.enviar(escritos, "salir")
        vistos += len(escritos)
        assert [(n, d) for n in escritos for d in reproches(web, url, n)] == []
    assert vistos == sum(not c.catalogo and c.tipo != "logico" for _, c, _ in preguntas(esquema))


@pytest.mark.parametrize("nombre", ENCUESTAS)
def test_los_repetibles_llegan_a_su_maximo(web, nombre):  # noqa: F811
    """«Hasta N»: N filas valen, y la página deja de ofrecer otra."""
    esquema = CATALOGO.esquemas[nombre]
    respuestas = poner_ejemplos(web, esquema)
    for grupo in esquema.grupos:
        seccion = next(s for s in esquema.secciones if grupo.nombre in s.contenido)
        url = f"/formularios/encuestas/{nombre}/llenar/{seccion.nombre}/"
        web.abrir(url)
        for i in range(1, grupo.maximo):
            web.enviar({}, f"agregar:{grupo.nombre}")
            primera = {n: v for n, v in respuestas.items() if n.startswith(f"g.{grupo.nombre}.0.")}
            web.enviar({n.replace(".0.", f".{i}.", 1): v for n, v in primera.items()}, "salir")
            web.abrir(url)
        assert f"Son {grupo.maximo} como máximo" in web.pagina.texto
        assert not [d for c in grupo.tabla.campos for d in reproches(web, url, f"g.{grupo.nombre}.{grupo.maximo - 1}.{c.nombre}")]
        assert reproches(web, url, f"g.{grupo.nombre}") == []


@pytest.mark.parametrize("nombre", ENCUESTAS)
def test_la_plantilla_llena_con_su_hoja_de_ejemplo_vale(web, nombre):  # noqa: F811
    """Copiar a mano la hoja «Ejemplo» en las hojas de datos, como dice la guía, y subirla."""
    esquema = CATALOGO.esquemas[nombre]
    libro = openpyxl.load_workbook(io.BytesIO(escribir_plantilla(esquema, CATALOGO.opciones, citas=CATALOGO.citar)))
    hojas = {t.titulo: libro[libro.sheetnames[i]] for i, t in enumerate(esquema.tablas)}
    actual = hojas[esquema.principal.titulo]
    copiadas = 0
    encabezado = True
    for fila in libro[HOJA_EJEMPLO].iter_rows(values_only=True):
        valores = [v for v in fila if v is not None]
        if not valores:
            continue
        if len(valores) == 1 and valores[0] in hojas:
            actual, encabezado = hojas[valores[0]], True
            continue
        if encabezado:
            encabezado, destino = False, 2
            continue
        for columna, valor in enumerate(fila, 1):
            actual.cell(destino, columna, valor)
        destino, copiadas = destino + 1, copiadas + 1
    assert copiadas >= len(esquema.tablas)
    salida = io.BytesIO()
    libro.save(salida)
    web.abrir(f"/formularios/validar/{nombre}/")
    web.subir({"archivo": (salida.getvalue(), f"{nombre}.xlsx")})
    assert "Sin errores" in web.pagina.texto, web.pagina.texto


@pytest.mark.parametrize("nombre", ENCUESTAS)
def test_el_ejemplo_de_cada_pista_de_xlsform_vale(nombre):
    esquema = CATALOGO.esquemas[nombre]
    campos = {c.nombre: c for _, c, _ in preguntas(esquema)}
    vistos = 0
    for fila in hojas_de_xlsform(CATALOGO, esquema)["survey"]:
        pista = next((v for k, v in fila.items() if k.startswith("hint")), "")
        campo = campos.get(fila.get("name", "").rstrip("_"))
        if campo and " Ejemplo: " in f" {pista}":
            dicho = pista.rpartition("Ejemplo: ")[2]
            assert isinstance(TIPOS[campo.tipo].leer(dicho), str), (campo.nombre, dicho)
            if fila["type"] in ("integer", "decimal"):
                assert float(dicho) >= 0  # el teléfono solo deja escribir cifras y punto
            vistos += 1
    assert vistos > 5
