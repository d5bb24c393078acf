"""En qué quedó lo entregado con un acto: la verificación, lo que se baja y el comprobante dicen si se retiró o se validó."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest

from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import leer_expediente
from formularios.recibido import comprobante
from formularios.tablero import DEL_ACTO, DESCARGAS
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.tramite import (
    ACTA,
    ACTOS,
    CATALOGO,
    CERTIFICADO,
    EJERCICIO,
    FOC,
    NOVIEMBRE,
    REGION,
    cargar_montos,
    hacer,
    llenar,
)

A1 = "matriz-estrategica-integrada"


@pytest.fixture
def app_a(almacen, tmp_path):
    """A una hora, con las personas de siempre: la primera (usuario 1) firma por la región."""
    for correo, rol in (("firma@ejemplo.cl", "gore_firmante"), ("central@ejemplo.cl", "sercotec")):
        region = REGION if rol == "gore_firmante" else ""
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    configuracion = Configuracion(clave="c" * 40, sitio=tmp_path, demo=True)
    return lambda ahora: crear_app(configuracion, CATALOGO, almacen, lambda: ahora)


@pytest.fixture
def app(app_a):
    return app_a(AHORA)


def bajado(almacen, nombre=FOC, **pedido):
    """(folio, acto) de lo que se baja para leer: lo mismo en el CSV para Excel y en el XLSX."""
    esquema = CATALOGO.esquemas[nombre]
    texto, libro = (DESCARGAS[f][-1](almacen, CATALOGO, esquema, **pedido) for f in ("csv-excel", "xlsx"))
    filas = list(csv.DictReader(io.StringIO(texto.decode("utf-8-sig")), delimiter=";"))
    titulos, *leidas = openpyxl.load_workbook(io.BytesIO(libro)).worksheets[0].values
    suyos = {(f["folio"], f.get(DEL_ACTO)) for f in filas}
    assert suyos == {(f[titulos.index("Folio")], f[-1] if DEL_ACTO in titulos else None) for f in leidas}
    return suyos


def test_lo_retirado_no_se_da_por_vigente_en_tramite(app, almacen):
    llenar(almacen)
    folio = hacer(almacen, "preliminar").folios[FOC]
    direccion = f"/formularios/verificar/{folio}"
    dicho = Navegador(app).abrir(direccion).texto
    assert "existe y está vigente" in dicho and "Enviar la focalización preliminar, el 03-11-2026" in dicho
    assert bajado(almacen) == {(folio, "Enviar la focalización preliminar")}
    hacer(almacen, "retirar-preliminar")
    dicho = Navegador(app).abrir(direccion).texto
    assert "está vigente" not in dicho and "ya no está en trámite: la región retiró el" in dicho
    assert bajado(almacen) == {(folio, "Retirar la preliminar para corregirla")}
    nuevo = hacer(almacen, "preliminar").folios[FOC]
    assert bajado(almacen) == {(nuevo, "Enviar la focalización preliminar")}
    assert "un envío posterior lo reemplazó" in Navegador(app).abrir(direccion).texto


def test_lo_que_se_baja_dice_si_es_la_final_y_si_se_valido(almacen):
    llenar(almacen)
    for acto in ("preliminar", "sin-observaciones"):
        hacer(almacen, acto)
        sigue = {"Enviar la focalización preliminar"}
        assert {acto for _, acto in bajado(almacen)} == sigue  # lo que sigue el trámite no la saca de él
    for acto in ("final", "validar"):
        hacer(almacen, acto)
        folios = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).ultima("final").folios
        assert bajado(almacen) == {(folios[FOC], ACTOS[acto].titulo)}
        assert bajado(almacen, A1, publico=True) == {(folios[A1], ACTOS[acto].titulo)}  # no cambió: la final lleva el mismo folio


def test_lo_que_no_se_entrega_con_un_acto_no_lleva_esa_columna(almacen):
    cargar_montos(almacen, "semilla")
    assert {acto for _, acto in bajado(almacen, "presupuesto-instrumentos")} == {None}


def test_el_comprobante_de_validar_dice_que_folios_huellas_y_acuerdo_quedan_firmes(app, almacen):
    llenar(almacen)
    for acto in ("preliminar", "sin-observaciones", "final", "validar"):
        hacer(almacen, acto)
    web, donde = entrar(app, "central@ejemplo.cl"), f"/formularios/regiones/{REGION}/{EJERCICIO}/expediente/actuaciones"
    folios = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).ultima("final").folios
    partes = {p for f in folios.values() for p in (f, comprobante(almacen, f).huella)}
    pagina = web.abrir(f"{donde}/4/").texto
    for dicho in (*partes, ACTA.huella, CERTIFICADO.huella, "412", "N.º 3: Enviar la focalización final"):
        assert dicho in pagina, dicho
    assert "Recae en" not in web.abrir(f"{donde}/2/").texto  # declarar que no hay observaciones cumple su propio hito


def test_con_el_plazo_vencido_el_expediente_lo_dice_y_no_promete_otra_cosa(app_a, almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    expediente = f"/formularios/regiones/{REGION}/{EJERCICIO}/expediente/"
    for dias, vencio in ((1, False), (60, True)):
        dicho = entrar(app_a(NOVIEMBRE + timedelta(days=dias)), "central@ejemplo.cl").abrir(expediente).texto
        assert ("Venció Todavía se puede." in dicho) is vencio
        assert "Si vence sin observaciones, la región puede enviar la final." in dicho
        assert "Si no hay nada que observar, declare que no hay observaciones." in dicho


def test_un_envio_dice_que_rol_lo_entrego_y_no_un_numero(app, almacen):
    llenar(almacen)
    folio = hacer(almacen, "preliminar").folios[FOC]
    dicho = entrar(app, "central@ejemplo.cl").abrir(f"/formularios/sercotec/envios/{folio}").texto
    rol = CATALOGO.opciones["roles"].nombre_de("gore_firmante")
    assert f"Entregado en este sitio, por {rol}" in dicho and "usuario 1" not in dicho and "Respondido" not in dicho


def test_lo_que_falta_para_entrar_al_nivel_central_se_dice_con_su_nombre(app):
    ruta = "/formularios/regiones/00/2027/matrices/presupuesto-instrumentos/"
    dicho = entrar(app, "firma@ejemplo.cl").abrir(ruta, 403).texto
    assert "en el nivel central, ejercicio 2027" in dicho and "en 00" not in dicho


def test_en_el_tablero_nacional_los_titulos_y_lo_entregado_son_cortos_para_que_quepa(app, almacen):
    llenar(almacen)
    folio = hacer(almacen, "preliminar").folios[FOC]
    regiones, *_, exigibles = entrar(app, "central@ejemplo.cl").abrir("/formularios/sercotec/?ejercicio=2027").todos("table")[:3]
    (enlace,) = [a for a in regiones.todos("a") if a.get("href").endswith(f"/envios/{folio}")]
    assert enlace.contenido[0] == "03-11-2026" and f", {folio}" in enlace.texto
    assert [a.texto for a in exigibles.todos("thead")[0].todos("abbr")] == ["A.1", "A.2", "B.1", "B.2", "C.1"]
