"""Quién puede qué y dónde: los permisos, su migración y lo que cada YAML dice de quien escribe y entrega."""

from pathlib import Path

import pytest
from sqlalchemy import text

from esquemas.catalogo import cargar
from esquemas.errores import EsquemaInvalido
from esquemas.lectura_esquema import leer_esquema
from esquemas.roles import EDITAN, FIRMAN, ROLES
from formularios.accesos import Permiso, Usuario, guardar_usuario, leer_usuario, leer_usuarios, quitar_permiso
from formularios.almacen import Almacen
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import PERSONAS
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, leer_matriz
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA, CODIGO, descriptor
from tests.formularios.test_convocatoria import entrar
from tests.formularios.tramite import hacer, llenar, observada

CATALOGO = cargar()
LUGAR = "/formularios/regiones/06/2027"
OBSERVACIONES = CATALOGO.esquemas["observaciones"]


def persona(*permisos):
    return Usuario(1, "a@b.cl", True, tuple(Permiso(*p) for p in permisos))


# --- El permiso ---------------------------------------------------------------------------------------


def test_un_permiso_vale_en_su_region_y_en_su_ejercicio():
    quien = persona(("gore_editor", "06", 2027), ("lector", "", 0), ("direccion_regional", "05", 0))
    assert quien.roles_en("06", 2027) == {"gore_editor", "lector"}
    assert quien.roles_en("06", 2028) == quien.roles_en("13", 2027) == {"lector"}
    assert quien.roles_en("05", 2030) == {"direccion_regional", "lector"}
    assert quien.roles == {"gore_editor", "lector", "direccion_regional"}
    # Lo que no es de un ejercicio pide el permiso de todos.
    assert quien.regiones_con(EDITAN) == {"05"} and quien.regiones_con(("lector",)) == {""}
    assert persona().roles_en("06", 2027) == frozenset()


def test_el_catalogo_explica_todo_rol_y_ninguno_mas():
    assert tuple(o.codigo for o in CATALOGO.opciones["roles"].opciones) == ROLES
    assert all(o.descripcion for o in CATALOGO.opciones["roles"].opciones)


def test_se_dan_y_se_quitan_de_a_uno(almacen):
    dado = {"correo": "ana@ejemplo.cl", "rol": "gore_editor", "ahora_utc": AHORA, "autor": "orden"}
    guardar_usuario(almacen, **dado, region="06")
    guardar_usuario(almacen, **dado, region="06")
    ana = guardar_usuario(almacen, **dado, region="05", ejercicio=2027)
    assert ana.permisos == (Permiso("gore_editor", "05", 2027), Permiso("gore_editor", "06"))
    assert quitar_permiso(almacen, **dado, region="06")
    assert not quitar_permiso(almacen, **dado, region="06")
    assert not quitar_permiso(almacen, **{**dado, "correo": "nadie@ejemplo.cl"}, region="06")
    assert leer_usuario(almacen, ana.id).permisos == (Permiso("gore_editor", "05", 2027),)


def test_la_migracion_conserva_a_quienes_ya_entraban(url_vacia):
    almacen = Almacen(url_vacia)
    almacen.migrar("0007")
    with almacen.escribir() as c:
        for id, rol, region in ((1, "gore", "06"), (2, "direccion", "05"), (3, "sercotec", "")):
            valores = f"'u{id}@ejemplo.cl', '{rol}', '{region}', true"
            c.execute(text(f"INSERT INTO usuario (correo, rol, region, activo) VALUES ({valores})"))
        c.execute(text("INSERT INTO acceso VALUES ('h', 2, '2026-11-15T13:45:01.000000Z', NULL)"))
    almacen.migrar()
    quedan = {u.id: u.permisos for u in leer_usuarios(almacen)}
    esperados = {1: Permiso("gore_firmante", "06"), 2: Permiso("direccion_regional", "05"), 3: Permiso("sercotec")}
    assert quedan == {id: (p,) for id, p in esperados.items()}
    nueva = guardar_usuario(almacen, correo="nueva@ejemplo.cl", rol="lector", ahora_utc=AHORA, autor="prueba")
    assert nueva.id == 4
    with almacen.leer() as c:
        assert c.execute(text("SELECT usuario FROM acceso")).scalar_one() == 2
        if almacen.es_sqlite:
            assert c.execute(text("PRAGMA foreign_key_check")).all() == []
    almacen.cerrar()


# --- Lo que dice el YAML ------------------------------------------------------------------------------


def test_quien_no_lo_dice_lo_escriben_los_que_editan_y_lo_entrega_el_que_firma():
    callado = leer_esquema(descriptor("base", [CODIGO]), "base.yaml", "formato")
    assert (callado.escriben, callado.entregan, callado.campos[0].escriben) == (EDITAN, FIRMAN, ())
    suyo = descriptor("base", [CODIGO | {"escriben": ["lector"]}], escriben=["sercotec"], entregan=["lector"])
    dicho = leer_esquema(suyo, "base.yaml", "formato")
    assert (dicho.escriben, dicho.entregan, dicho.campos[0].escriben) == (("sercotec",), ("lector",), ("lector",))


@pytest.mark.parametrize("malo", [["jefe"], [], "sercotec", ["sercotec", "jefe"]])
@pytest.mark.parametrize("clave", ["escriben", "entregan"])
def test_un_rol_que_no_existe_no_arranca(clave, malo):
    with pytest.raises(EsquemaInvalido, match=clave):
        leer_esquema(descriptor("base", [CODIGO], **{clave: malo}), "base.yaml", "formato")
    if clave == "escriben":
        with pytest.raises(EsquemaInvalido, match=r"fields\[0\]\(codigo\).escriben"):
            leer_esquema(descriptor("base", [CODIGO | {clave: malo}]), "base.yaml", "formato")


# --- En la web ----------------------------------------------------------------------------------------


@pytest.fixture
def app(almacen):
    for correo, (rol, region) in PERSONAS.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    for region in ("06", "13"):
        suyo = {"rol": "gore_editor", "region": region, "ejercicio": 2027}
        guardar_usuario(almacen, correo="varias@ejemplo.cl", **suyo, ahora_utc=AHORA, autor="prueba")
    return crear_app(Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)


def en_cabeza(web: Navegador) -> set[str]:
    return {a.texto for a in web.pagina.todos("nav")[0].todos("a")}


def test_cada_quien_entra_donde_le_toca(app):
    llega = {correo: entrar(app, correo).url for correo in PERSONAS}
    assert llega["sercotec@ejemplo.cl"].endswith("/formularios/sercotec/")
    assert llega["editora06@ejemplo.cl"].endswith(f"{LUGAR}/")
    lector = entrar(app, "lector@ejemplo.cl")
    assert lector.url.endswith("/formularios/mis-regiones/")
    assert len([h for h in lector.pagina.todos("li") if "Lector" in h.texto]) == 16
    varias = entrar(app, "varias@ejemplo.cl")
    assert [h.texto.split(",")[0] for h in varias.pagina.todos("li")] == ["O'Higgins", "Metropolitana de Santiago"]
    assert "Mis regiones" in en_cabeza(varias)
    assert "Mi región" in en_cabeza(entrar(app, "editora06@ejemplo.cl"))
    assert "Tablero" in en_cabeza(entrar(app, "sercotec@ejemplo.cl"))


def test_el_permiso_de_un_ejercicio_no_alcanza_a_otro(app):
    varias = entrar(app, "varias@ejemplo.cl")
    varias.abrir(f"{LUGAR}/")
    varias.abrir("/formularios/regiones/06/2026/", 403)
    assert "Aquí hace falta" in varias.pagina.texto and "ejercicio 2026" in varias.pagina.texto
    varias.abrir("/formularios/regiones/05/2027/", 403)


def test_quien_mira_no_ve_botones_que_no_puede_usar_ni_datos_de_personas(app):
    lector = entrar(app, "lector@ejemplo.cl")
    pagina = lector.abrir(f"{LUGAR}/")
    enlaces = {a.get("href") for a in pagina.todos("a")}
    assert not [e for e in enlaces if "catastro-actores" in e or "solicitudes" in e or "invitaciones" in e]
    lector.abrir(f"{LUGAR}/matrices/catastro-actores/", 403)
    rotulos = {a.texto for a in lector.abrir(f"{LUGAR}/matrices/focalizacion/").todos("a", "button")}
    assert not rotulos & {"Agregar una fila", "Subir una planilla"}
    editora = entrar(app, "editora06@ejemplo.cl")
    rotulos = {a.texto for a in editora.abrir(f"{LUGAR}/matrices/focalizacion/").todos("a", "button")}
    assert {"Agregar una fila", "Subir una planilla"} <= rotulos
    assert f"{LUGAR}/matrices/catastro-actores/" in {a.get("href") for a in editora.abrir(f"{LUGAR}/").todos("a")}


def test_quien_edita_revisa_y_no_entrega(app, almacen):
    editora = entrar(app, "editora06@ejemplo.cl")
    documento = CATALOGO.esquemas["informe-hitos"]
    agregar_fila(almacen, CATALOGO, Matriz(documento, "06", 2027), documento.ejemplos[0], autor="usuario 1", ahora_utc=AHORA)
    url = f"{LUGAR}/matrices/{documento.nombre}/entregar/"
    pagina = editora.abrir(url)
    assert "La entrega: Firmante del Gobierno Regional." in pagina.texto
    assert "Entregar la matriz" not in {b.texto for b in pagina.todos("button")}
    negado = editora.mandar(url, [("csrf_token", editora.ficha()), ("base", "x")], 403)
    assert "en O'Higgins, ejercicio 2027: Firmante del Gobierno Regional." in negado.texto
    firmante = entrar(app, "gore06@ejemplo.cl")
    assert "Entregar la matriz" in {b.texto for b in firmante.abrir(url).todos("button")}


def test_cada_uno_escribe_solo_sus_campos(app, almacen):
    """Sercotec observa; la región responde: ninguno toca lo del otro."""
    observada(almacen)
    [fila] = leer_matriz(almacen, Matriz(OBSERVACIONES, "06", 2027))
    url = f"{LUGAR}/observaciones/{fila.id}/"
    gore, central = entrar(app, "editora06@ejemplo.cl"), entrar(app, "sercotec@ejemplo.cl")
    for web, suyo, ajeno in ((gore, "c.respuesta", "c.observacion"), (central, "c.observacion", "c.respuesta")):
        web.abrir(url)
        campos = {n for f in web.pagina.todos("main")[0].todos("form") for n, _ in web.campos(f)}
        assert suyo in campos and ajeno not in campos
    ficha = [("csrf_token", gore.ficha()), ("revision", "1")]
    gore.mandar(url, [*ficha, ("accion", "devolver"), ("c.observacion", "Otra cosa, escrita por la región.")], 403)
    gore.mandar(url, [*ficha, ("accion", "resolver")], 403)
    central.mandar(url, [("csrf_token", central.ficha()), ("accion", "responder"), ("c.respuesta", "x")], 403)
    for accion in ("quitar/", "reponer/", ""):
        gore.mandar(f"{LUGAR}/matrices/observaciones/{fila.id}/{accion}", ficha, 403 if accion else 200)
    gore.abrir(f"{LUGAR}/matrices/observaciones/nueva/")
    assert gore.url.endswith("/observaciones/"), "va a la lista: no escribe observaciones"
    assert leer_matriz(almacen, Matriz(OBSERVACIONES, "06", 2027))[0].datos == fila.datos


def test_la_planilla_de_sercotec_no_pisa_la_respuesta_de_la_region(app, almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    matriz = Matriz(OBSERVACIONES, "06", 2027)
    ejemplo = {**OBSERVACIONES.ejemplos[0], "respuesta": "Lo de la región."}
    agregar_fila(almacen, CATALOGO, matriz, ejemplo, autor="usuario 1", ahora_utc=AHORA)
    central = entrar(app, "sercotec@ejemplo.cl")
    central.abrir(f"{LUGAR}/matrices/observaciones/subir/")
    nombres = OBSERVACIONES.principal.nombres
    nueva = {**ejemplo, "respuesta": "Pisada.", "observacion": "El monto de la fila no calza con el oficio de diciembre."}
    datos = "\r\n".join(";".join(valores) for valores in (nombres, [nueva[n] for n in nombres])).encode()
    central.subir({"archivo": (datos, "obs.csv")}, 422, accion="revisar")  # su folio no existe: se aplica con su error
    formulario = next(f for f in central.pagina.todos("form") if "/aplicar/" in f.get("action"))
    central.mandar(formulario.get("action"), central.campos(formulario))
    [fila] = leer_matriz(almacen, matriz)
    assert (fila.datos["respuesta"], fila.datos["observacion"]) == ("Lo de la región.", nueva["observacion"])
