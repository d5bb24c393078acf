"""Lo que llena Sercotec por la web: los montos de todo el país y las excepciones; y cómo se revisa contra ellos cada región."""

import pytest

from esquemas.libro import leer_libro
from esquemas.validacion import Contexto, validar_filas
from formularios.almacen_bitacora import revisar as integra
from formularios.almacen_envios import guardar_excepcion
from formularios.almacen_tablas import METADATOS
from formularios.envio import EnvioRechazado
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, empezar, guardar_fila, leer_matriz
from formularios.folio import NIVEL_CENTRAL
from formularios.matrices import revisar
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import excepciones_de, vigente_de
from formularios.roles import EDITAN
from formularios.vistas import CORRIGEN, roles_de
from tests.formularios.camino import aplicar, entregar_archivo, subir
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_filas import entregar
from tests.formularios.test_web_matrices import CATALOGO, app, gore  # noqa: F401

NACIONALES = [e for e in CATALOGO.formatos if e.ambito == "nacional"]
DE_SERCOTEC = [e for e in CATALOGO.formatos if not roles_de(e, CORRIGEN) & set(EDITAN)]
MONTOS, B2 = CATALOGO.esquemas["presupuesto-instrumentos"], CATALOGO.esquemas["focalizacion"]
PAIS = f"/formularios/regiones/{NIVEL_CENTRAL}/2027/matrices"
REGION = "/formularios/regiones/06/2027"
QUIEN = {"autor": "usuario 1", "ahora_utc": AHORA}
LINEAS = (
    "2027-06-crece-P;2027;06;crece;preliminar;40000000;Oficio 200;01-12-2026",
    "2027-06-semilla-P;2027;06;semilla;preliminar;50000000;;01-12-2026",
    "2027-05-crece-P;2027;05;crece;preliminar;1;Oficio 200;01-12-2026",
)


def archivo(*lineas):
    return "\r\n".join([";".join(MONTOS.principal.nombres), *lineas]).encode()


@pytest.fixture
def central(app):  # noqa: F811
    return entrar(app, "central@ejemplo.cl")


@pytest.mark.parametrize("esquema", NACIONALES, ids=lambda e: e.nombre)
def test_desde_el_tablero_se_llega_a_lo_que_llena_el_nivel_central(central, esquema):
    enlaces = {a.get("href") for a in central.abrir("/formularios/sercotec/?ejercicio=2027").todos("a")}
    assert f"{PAIS}/{esquema.nombre}/" in enlaces
    pagina = central.abrir(f"{PAIS}/{esquema.nombre}/")
    assert "Nivel central" in pagina.texto and "Nadie ha empezado" in pagina.texto
    assert "/formularios/sercotec/?ejercicio=2027" in {a.get("href") for a in pagina.todos("a")}


def test_los_montos_se_llenan_en_la_web_y_cada_fila_dice_su_region(central, almacen):
    central.abrir(f"{PAIS}/{MONTOS.nombre}/nueva/")
    valores = dict(zip(MONTOS.principal.nombres, LINEAS[0].split(";"), strict=True))
    pagina = central.enviar({f"c.{n}": v for n, v in valores.items() if n != "momento"} | {"c.momento": "preliminar"}, "guardar")
    renglon = [c.texto for c in pagina.todos("tr")[-1].todos("th", "td")]
    assert renglon[:5] == ["2027-06-crece-P : corregir", "O'Higgins", "Crece", "Preliminar", "40.000.000"], renglon
    central.abrir(f"{PAIS}/{MONTOS.nombre}/nueva/")
    central.enviar({"c.instrumento": "redes"}, "guardar")
    assert [f.datos["codigo"] for f in leer_matriz(almacen, Matriz(MONTOS, NIVEL_CENTRAL, 2027))] == ["2027-06-crece-P", ""], (
        "un código que se arma con lo que dice la fila no se inventa"
    )
    planilla = leer_libro(central.http.get(f"{PAIS}/{MONTOS.nombre}/planilla.xlsx").data)
    assert "2027-06-crece-P" in {str(c) for f in planilla.hojas[0].filas for c in f}


def test_la_region_se_revisa_contra_los_montos_que_sercotec_entrego(central, gore, almacen):  # noqa: F811
    for nombre in CATALOGO.proceso.tramitacion.actos["preliminar"].entrega:
        entregar(almacen, CATALOGO, CATALOGO.esquemas[nombre])  # de ejemplo: semilla, 35 millones; crece, 42 millones
    entrega = f"{REGION}/matrices/{B2.nombre}/entregar/"
    central.abrir(f"{PAIS}/{MONTOS.nombre}/subir/")
    subir(central, f"{PAIS}/{MONTOS.nombre}/", archivo(*LINEAS), 422)  # falta un oficio
    aplicar(central)
    assert "sin sus montos" not in gore.abrir(entrega).texto and "sobran" not in gore.pagina.texto, "aplicar no es informar"
    entregar_archivo(central, f"{PAIS}/{MONTOS.nombre}/", archivo(*LINEAS).replace(b"50000000;;", b"50000000;Oficio 201;"))
    folio = vigente_de(almacen, MONTOS.nombre, NIVEL_CENTRAL, 2027).folio
    assert folio.startswith("2027-00-") and folio in central.pagina.texto
    pagina = gore.abrir(entrega)
    (error,) = [li.texto for li in pagina.todos("li") if "sobran" in li.texto]
    assert all(d in error for d in ("«Crece»", "$42.000.000", "«Oficio 200»", "$40.000.000", "sobran $2.000.000")), error
    (alerta,) = [li.texto for li in pagina.todos("li") if "por asignar" in li.texto]
    assert all(d in alerta for d in ("«Semilla»", "$35.000.000", "«Oficio 201»", "$50.000.000", "faltan $15.000.000")), alerta
    assert "Antes hay que corregir" in pagina.texto and not pagina.todos("main")[0].todos("button")
    matriz = Matriz(B2, "06", 2027)
    crece = next(f for f in empezar(almacen, matriz, **QUIEN) if f.datos["instrumento"] == "crece")
    guardar_fila(almacen, CATALOGO, matriz, crece.id, {"presupuesto": "40000000"}, version=1, **QUIEN)
    assert "Antes hay que corregir" not in gore.abrir(entrega).texto and "por asignar" in gore.pagina.texto
    assert "Quedó hecho" in gore.enviar().texto


@pytest.mark.parametrize("de_sercotec", DE_SERCOTEC, ids=lambda e: e.nombre)
def test_lo_de_sercotec_no_lo_ve_ni_lo_llena_la_region(central, gore, almacen, de_sercotec):  # noqa: F811
    cut = NIVEL_CENTRAL if de_sercotec.ambito == "nacional" else "06"
    suya = f"/formularios/regiones/{cut}/2027/matrices/{de_sercotec.nombre}/"
    assert suya not in {a.get("href") for a in gore.abrir(f"{REGION}/").todos("a")}
    for ruta in ("", "nueva/", "planilla.xlsx", "subir/", "entregar/"):
        assert gore.http.get(suya + ruta).status_code == 403
        assert central.http.get(suya + ruta).status_code == 200
    ficha = [("csrf_token", gore.ficha())]
    for ruta in ("", "nueva/", "copiar/", "subir/", "subir/aplicar/", "entregar/"):
        gore.mandar(suya + ruta, ficha, 403)
    assert leer_matriz(almacen, Matriz(de_sercotec, cut, 2027)) == []


def test_lo_nacional_solo_esta_en_el_nivel_central_y_lo_regional_solo_en_su_region(central, almacen):
    for ruta in (
        f"{REGION}/matrices/{MONTOS.nombre}/",
        f"{PAIS}/{B2.nombre}/",
        f"/formularios/regiones/{NIVEL_CENTRAL}/2027/",
        f"/formularios/regiones/{NIVEL_CENTRAL}/2027/mapa/",
        f"/formularios/regiones/{NIVEL_CENTRAL}/2027/invitaciones/actor-clave/",
    ):
        central.abrir(ruta, 404)
    agregar_fila(almacen, CATALOGO, Matriz(MONTOS, NIVEL_CENTRAL, 2027), {"codigo": "x"}, **QUIEN)
    [fila] = leer_matriz(almacen, Matriz(MONTOS, NIVEL_CENTRAL, 2027))
    central.abrir(f"{REGION}/matrices/potencialidades-problematicas/{fila.id}/", 404)


# --- Lo que se admite sin cumplir ------------------------------------------------------------------------

EXCEPCIONES = CATALOGO.esquemas["excepciones"]
SUYAS = f"{REGION}/matrices/{EXCEPCIONES.nombre}/"
UNA = {"matriz": B2.nombre, "fila": "FOC-01", "campo": "cobertura", "regla": "obligatorio"}
RAZON = {"razon": "La fuente no trae la cobertura de esta acción.", "fuente": "Oficio de ejemplo N° 300"}


def anotar(central, *filas):
    for fila in filas:
        central.abrir(f"{SUYAS}nueva/")
        central.enviar({f"c.{n}": v for n, v in (RAZON | fila).items()}, "guardar")
    return central.abrir(f"{SUYAS}entregar/")


@pytest.fixture
def sin_cobertura(almacen):
    for nombre in CATALOGO.proceso.mapa.matrices:
        entregar(almacen, CATALOGO, CATALOGO.esquemas[nombre])
    matriz = Matriz(B2, "06", 2027)
    fila = empezar(almacen, matriz, **QUIEN)[0]
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"cobertura": ""}, version=1, **QUIEN)
    return matriz


def errores_de(almacen, matriz):
    resultado = revisar(almacen, CATALOGO, matriz, leer_matriz(almacen, matriz)).resultado
    return [(p.campo, str(p.codigo)) for p in resultado.errores]


def test_lo_entregado_por_la_web_exceptua_como_lo_de_la_orden(central, almacen, sin_cobertura):
    assert errores_de(almacen, sin_cobertura) == [("cobertura", "obligatorio")]
    anotar(central, UNA)
    assert errores_de(almacen, sin_cobertura) != [], "llenarlo no es entregarlo"
    central.enviar()
    folio = vigente_de(almacen, EXCEPCIONES.nombre, "06", 2027).folio
    assert errores_de(almacen, sin_cobertura) == []
    assert excepciones_de(almacen, *sin_cobertura.lugar) == [{n: v for n, v in (UNA | RAZON).items() if n != "matriz"}]
    with almacen.leer() as c:
        anotadas = {a["accion"]: a["objeto"] for a in c.execute(METADATOS.tables["bitacora"].select()).mappings()}
        assert integra(c) == []
    assert anotadas["exceptuar"] == "focalizacion 06 2027 FOC-01 cobertura obligatorio" and folio in anotadas["recibir"]
    # Lo que se quita de la entrega siguiente deja de exceptuar; lo que registró la orden, no.
    with almacen.escribir() as c:
        guardar_excepcion(c, {**dict(zip(("esquema", "region", "ejercicio"), sin_cobertura.lugar, strict=True)), **RAZON,
                              "fila": "FOC-02", "campo": "cobertura", "regla": "obligatorio"})  # fmt: skip
    matriz = Matriz(EXCEPCIONES, "06", 2027)
    [fila] = leer_matriz(almacen, matriz)
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"campo": "descripcion"}, version=fila.version, **QUIEN)
    central.abrir(f"{SUYAS}entregar/")
    central.enviar()
    assert [(e["fila"], e["campo"]) for e in excepciones_de(almacen, *sin_cobertura.lugar)] == [
        ("FOC-02", "cobertura"),
        ("FOC-01", "descripcion"),
    ]
    assert errores_de(almacen, sin_cobertura) == [("cobertura", "obligatorio")]


def test_lo_que_sigue_en_la_entrega_siguiente_sigue_exceptuando(central, almacen, sin_cobertura):
    anotar(central, UNA)
    central.enviar()
    anotar(central, UNA | {"fila": "FOC-02"})
    central.enviar()
    assert [e["fila"] for e in excepciones_de(almacen, *sin_cobertura.lugar)] == ["FOC-01", "FOC-02"]


@pytest.mark.parametrize(("matriz", "dicho"), [("", "Falta decir de qué matriz"), ("no-existe", "no es un formato de la región")])
def test_una_excepcion_dice_de_que_matriz_es(central, almacen, sin_cobertura, matriz, dicho):
    pagina = anotar(central, UNA | {"matriz": matriz})
    assert dicho in pagina.texto and B2.nombre in pagina.texto and not pagina.todos("main")[0].todos("form")
    assert excepciones_de(almacen, *sin_cobertura.lugar) == [] and vigente_de(almacen, EXCEPCIONES.nombre, "06", 2027) is None
    juzgado = validar_filas(CATALOGO, EXCEPCIONES, {EXCEPCIONES.nombre: [UNA | RAZON | {"matriz": matriz}]}, Contexto("06", 2027))
    with pytest.raises(EnvioRechazado, match=B2.nombre):
        recibir(almacen, CATALOGO, juzgado, Recepcion("06", 2027, AHORA, "prueba"))
