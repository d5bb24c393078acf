"""La configuración: sin clave no se arranca, y ningún secreto se muestra."""

from pathlib import Path

import pytest

from formularios.configuracion import VARIABLES, Configuracion, ConfiguracionInvalida, Oidc, desde_entorno

CLAVE = "c" * 32


def test_por_omision():
    leida = desde_entorno({"FOCALIZA_CLAVE": CLAVE, "PATH": "/bin"})
    assert leida == Configuracion(clave=CLAVE)
    assert leida.base_de_datos == "sqlite:///datos/focaliza.db"
    assert (leida.demo, leida.segura, leida.esquemas, leida.sitio) == (False, False, None, Path("publicado"))


def test_todo_escrito():
    entorno = {
        "FOCALIZA_BASE_DE_DATOS": "postgresql://u:secreto@h/b",
        "FOCALIZA_CLAVE": CLAVE,
        "FOCALIZA_CORREO": "smtp://u:secreto@h",
        "FOCALIZA_URL_PUBLICA": "https://focaliza.example/",
        "FOCALIZA_ESQUEMAS": "/e",
        "FOCALIZA_SITIO": "/s",
        "FOCALIZA_DEMO": "Sí",
        "FOCALIZA_PROXIES": "2",
        "FOCALIZA_OIDC": "emisor=https://id.example/ cliente=yo secreto=a=b nombre=ClaveÚnica",
    }
    assert entorno.keys() == {v.nombre for v in VARIABLES}
    leida = desde_entorno(entorno)
    assert leida.url_publica == "https://focaliza.example"
    assert (leida.segura, leida.demo, leida.esquemas, leida.sitio) == (True, True, Path("/e"), Path("/s"))
    assert leida.proxies == 2
    assert leida.oidc == Oidc("https://id.example", "yo", "a=b", "ClaveÚnica")
    assert "secreto" not in repr(leida) and "a=b" not in repr(leida)
    assert CLAVE not in repr(leida)


def test_la_demostracion_usa_una_clave_al_azar():
    una, otra = desde_entorno({"FOCALIZA_DEMO": "1"}), desde_entorno({"FOCALIZA_DEMO": "1"})
    assert len(una.clave) >= 32
    assert una.clave != otra.clave


@pytest.mark.parametrize(
    ("entorno", "dice"),
    [
        ({}, "Falta FOCALIZA_CLAVE"),
        ({"FOCALIZA_CLAVE": ""}, "Falta FOCALIZA_CLAVE"),
        ({"FOCALIZA_CLAVE": "corta"}, "no llega a 32"),
        ({"FOCALIZA_CLAVE": "corta", "FOCALIZA_DEMO": "si"}, "no llega a 32"),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_DEMO": "quizás"}, "Escriba si o no"),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_URL_PUBLICA": "focaliza.example"}, "http:// o https://"),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_OIDC": "emisor=https://id.example cliente=yo"}, "cuatro partes"),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_OIDC": "emisor=https://id.example cliente=yo secreto= nombre=X"}, "cuatro partes"),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_OIDC": "emisor=http://id.example cliente=yo secreto=a nombre=X"}, "https://"),
        *(({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_PROXIES": malo}, "del 0 al 9") for malo in ("uno", "-1", "10", "²")),
        ({"FOCALIZA_CLAVE": CLAVE, "FOCALIZA_BASEDEDATOS": "x"}, "No se conoce FOCALIZA_BASEDEDATOS"),
    ],
)
def test_lo_que_no_deja_arrancar(entorno, dice):
    with pytest.raises(ConfiguracionInvalida, match=dice):
        desde_entorno(entorno)
