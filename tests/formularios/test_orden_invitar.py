"""`focaliza invitar`: del catastro a la bandeja, con sus códigos de salida, y de ahí a un servidor de verdad."""

import pytest

from tests.servicios.orden import correr
from tests.servicios.smtp import servidor_smtp

CABEZA = "codigo;institucion;correo;justificacion"
FILAS = (
    "ACT-01;Red de talleres;uno@ejemplo.cl;Reúne a los talleres.",
    "ACT-02;Municipio;dos@ejemplo.cl;Compra a las empresas.",
    "ACT-03;Feria sin correo;;La feria de la comuna.",
)
ENTORNO = {"FOCALIZA_URL_PUBLICA": "https://f.ejemplo.cl"}


@pytest.fixture
def archivo(tmp_path):
    def escribir(*filas, nombre="catastro.csv"):
        ruta = tmp_path / nombre
        ruta.write_text("\r\n".join([CABEZA, *filas]), encoding="utf-8")
        return ruta

    return escribir


@pytest.fixture
def orden(url):
    """La orden sobre una base vacía; `mas` son opciones y `entorno`, variables."""

    def invitar(ruta, *mas, region="06", **entorno):
        lugar = ("--region", region, "--ejercicio", 2027)
        return correr("invitar", ruta, *lugar, *mas, FOCALIZA_BASE_DE_DATOS=url, **ENTORNO, **entorno)

    invitar.url = url
    return invitar


def test_carga_invita_y_dice_cuantos(orden, archivo):
    hecho = orden(archivo(*FILAS))
    assert hecho.codigo == 0 and "Folio 2027-06-000001-0" in hecho.texto
    assert "Se invitó a 3 instituciones a «Formulario a actores clave»." in hecho.texto
    assert "Sin correo, comparta su enlace desde la web: ACT-03." in hecho.texto
    assert "En la bandeja de salida: 2 correos." in hecho.texto


def test_otra_vez_no_carga_ni_invita_de_nuevo(orden, archivo):
    orden(archivo(*FILAS), "--a", "ACT-01")
    hecho = orden(archivo(*FILAS))
    assert hecho.codigo == 0 and "Ya estaba cargado con el folio 2027-06-000001-0." in hecho.texto
    assert "Se invitó a 2 instituciones" in hecho.texto and "1 ya estaba invitada." in hecho.texto
    hecho = orden(archivo(*FILAS[:2]))
    assert "Reemplaza a 2027-06-000001-0: tenía 3 filas." in hecho.texto
    assert "Se invitó a 0 instituciones" in hecho.texto


def test_a_los_dichos_y_a_nadie_mas(orden, archivo):
    hecho = orden(archivo(*FILAS), "--a", "ACT-02", "--a", "ACT-03", "--encuesta", "evaluacion-expost")
    assert hecho.codigo == 0 and "Se invitó a 2 instituciones" in hecho.texto and "bandeja de salida: 1 correo." in hecho.texto


@pytest.mark.parametrize(
    ("filas", "mas", "dice"),
    [
        ((*FILAS, "ACT-01;;sin-arroba;x"), (), "corrija los errores"),
        (FILAS, ("--a", "ACT-99"), "no están en el catastro: ACT-99"),
    ],
)
def test_con_errores_sale_con_1_y_no_deja_nada(orden, archivo, filas, mas, dice):
    hecho = orden(archivo(*filas), *mas)
    assert hecho.codigo == 1 and dice in hecho.error
    assert "Folio 2027-06-000001-0" in orden(archivo(*FILAS)).texto  # nada quedó de antes


@pytest.mark.parametrize(
    ("nombre", "mas", "dice"),
    [
        ("no-existe.csv", (), "no se pudo usar"),
        ("catastro.csv", ("--encuesta", "catastro-actores"), "no se invita"),
        ("catastro.csv", ("--encuesta", "actor-clabe"), "actor-clave"),
    ],
)
def test_lo_que_no_se_entiende_sale_con_2(orden, archivo, tmp_path, nombre, mas, dice):
    archivo(*FILAS)
    hecho = orden(tmp_path / nombre, *mas)
    assert hecho.codigo == 2 and dice in hecho.error


@pytest.mark.parametrize("region", ["99", "00"])
def test_una_region_que_no_existe(orden, archivo, region):
    assert orden(archivo(*FILAS), region=region).codigo == 2


def test_de_la_orden_al_servidor_de_verdad(orden, archivo):
    orden(archivo(*FILAS))
    with servidor_smtp() as servidor:
        entorno = {"FOCALIZA_BASE_DE_DATOS": orden.url, "FOCALIZA_CORREO": servidor.direccion}
        hecho = correr("correo", "enviar", **entorno)
    assert hecho.codigo == 0 and hecho.texto.startswith("2 enviados, 0 con falla, 0 en espera")
    assert all("https://f.ejemplo.cl/formularios/" in m.get_content() for m in servidor.aceptados)
