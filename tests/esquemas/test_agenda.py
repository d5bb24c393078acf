"""El calendario que se importa en una agenda: lo que se escribe es lo que se vuelve a leer."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from icalendar import Calendar

from esquemas.agenda import a_ics, citar_llano, sello_de
from esquemas.plazos import calendario
from esquemas.saber import Hito

SELLO = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tzdata_fijada():
    """La base de zonas del candado, no la del sistema."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


def hito(nombre, responsable, regla=None, *, exigible=True, nota=""):
    return Hito(
        nombre, f"Título, de {nombre}; único", "Qué es.", responsable, exigible,
        ("reglamento:8.final", "decreto-246"), regla, "Alguna vez.", nota=nota,
    )  # fmt: skip


QUINCENA = {"clase": "ventana", "desde": "11-01", "hasta": "11-15"}
QUINCE_DIAS = {
    "clase": "dias-desde",
    "dias": 15,
    "computo": "corridos",
    "desde": "preliminar",
    "hecho": "recepcion",
}
AGOSTO = {"clase": "a-mas-tardar", "fecha": "08-30"}
HITOS = (
    hito("preliminar", "Gobierno Regional", QUINCENA),
    hito("observaciones", "Sercotec", QUINCE_DIAS),
    hito("sesion", "conjunta", AGOSTO, exigible=False, nota="Ojo: es otra."),
    hito("ajuste", "Gobierno Regional"),
)


def escribir(hechos=None, **opciones):
    opciones = {"titulo": "Focalización 2027", "sello": SELLO} | opciones
    return a_ics(calendario(HITOS, 2027, hechos), 2027, **opciones)


def leer(contenido):
    return {str(e["uid"]): e for e in Calendar.from_ical(contenido).walk("VEVENT")}


def test_se_vuelve_a_leer_con_los_mismos_eventos():
    contenido = escribir()
    eventos = leer(contenido)
    fechas = {uid: (e["dtstart"].dt, e["dtend"].dt) for uid, e in eventos.items()}
    assert fechas == {
        "preliminar-2027@focaliza": (date(2026, 11, 1), date(2026, 11, 17)),  # con la prórroga, exclusivo
        "observaciones-2027@focaliza": (date(2026, 11, 30), date(2026, 12, 1)),
        "sesion-2027@focaliza": (date(2026, 8, 30), date(2026, 9, 1)),
    }
    assert all(not isinstance(inicio, datetime) for inicio, _ in fechas.values())
    assert Calendar.from_ical(contenido).to_ical() == contenido


def test_el_calendario_cumple_lo_minimo_del_rfc_5545():
    contenido = escribir()
    leido = Calendar.from_ical(contenido)
    assert (leido["version"], leido["method"]) == ("2.0", "PUBLISH")
    assert leido["prodid"]
    assert leido["x-wr-calname"] == "Focalización 2027"
    assert all(e["dtstamp"].dt == SELLO for e in leido.walk("VEVENT"))
    lineas = contenido.split(b"\r\n")
    assert b"\n" not in b"".join(lineas)
    assert max(map(len, lineas)) <= 75


def test_los_mismos_argumentos_dan_los_mismos_bytes():
    assert escribir() == escribir()
    santiago = SELLO.astimezone(timezone(timedelta(hours=-3)))
    assert escribir(sello=santiago) == escribir()


def test_el_uid_no_cambia_aunque_cambie_la_fecha():
    antes, despues = leer(escribir()), leer(escribir({"preliminar": date(2026, 11, 9)}))
    assert set(antes) == set(despues)
    estimado, firme = (e["observaciones-2027@focaliza"] for e in (antes, despues))
    assert (estimado["status"], firme["status"]) == ("TENTATIVE", "CONFIRMED")
    assert (firme["dtstart"].dt, firme["dtend"].dt) == (date(2026, 11, 10), date(2026, 11, 25))


def test_el_evento_dice_que_es_cuando_cierra_y_de_donde_sale():
    preliminar = leer(escribir())["preliminar-2027@focaliza"]
    assert preliminar["summary"] == "Título, de preliminar; único · ejercicio 2027"
    assert preliminar["categories"].cats == ["Exigible", "Gobierno Regional"]
    lineas = preliminar["description"].split("\n")
    assert lineas[0] == "Qué es."
    assert lineas[1] == "Responsable: Gobierno Regional. Exigible."
    assert "se prorroga al lunes 16 de noviembre de 2026" in lineas[2]
    assert lineas[3].startswith("Cierra a las 00:00 del 17-11-2026 (America/Santiago); ")
    assert lineas[3].endswith("22:00 del 16-11-2026 (Pacific/Easter).")
    assert lineas[4:] == ["Norma: Reglamento 8.final; Decreto 246."]
    assert "url" not in preliminar


def test_lo_recomendado_se_distingue_y_la_nota_va_al_final():
    sesion = leer(escribir())["sesion-2027@focaliza"]
    assert sesion["categories"].cats == ["Recomendado", "conjunta"]
    assert "Recomendado por la guía." in sesion["description"]
    assert sesion["description"].endswith("\nOjo: es otra.")


@pytest.mark.parametrize(
    ("responsable", "hitos"),
    [
        ("Gobierno Regional", {"preliminar", "sesion"}),
        ("Sercotec", {"observaciones", "sesion"}),
        ("Dirección Regional", {"sesion"}),
    ],
)
def test_cada_responsable_recibe_lo_suyo_y_lo_compartido(responsable, hitos):
    assert {uid.split("-")[0] for uid in leer(escribir(responsable=responsable))} == hitos


def test_quien_llama_puede_citar_con_su_catalogo():
    eventos = leer(escribir(citar=lambda referencia: f"<{referencia}>"))
    assert "Norma: <reglamento:8.final>; <decreto-246>." in eventos["preliminar-2027@focaliza"]["description"]


@pytest.mark.parametrize(
    ("referencia", "texto"),
    [
        ("reglamento:4.a.viii", "Reglamento 4.a.viii"),
        ("guia:A.1", "Guía A.1"),
        ("decreto-246", "Decreto 246"),
        ("ley-19880:25", "Ley 19880 25"),
    ],
)
def test_citar_llano(referencia, texto):
    assert citar_llano(referencia) == texto


def test_un_sello_sin_zona_se_rechaza():
    with pytest.raises(ValueError, match="zona horaria"):
        escribir(sello=datetime(2026, 3, 2, 12))


def test_el_sello_es_fijo_y_de_antes_que_todo():
    """Las mismas reglas dan los mismos bytes: el sello no sale del reloj."""
    assert sello_de(2027) == datetime(2026, 1, 1, tzinfo=UTC)
