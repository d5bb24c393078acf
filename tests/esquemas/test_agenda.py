"""El calendario que se importa en una agenda: lo que se escribe es lo que se vuelve a leer."""

import io
import zoneinfo
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from esquemas.agenda import a_ics, agendas
from esquemas.catalogo import cargar
from esquemas.plazos import calendario
from esquemas.saber import Hito
from esquemas.tiempo import ZONA


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
REAL = cargar()
CATALOGO = replace(REAL, proceso=replace(REAL.proceso, hitos=HITOS))


def escribir(hechos=None, responsable="", catalogo=CATALOGO, ejercicio=2027):
    return a_ics(catalogo, ejercicio, calendario(catalogo.proceso.hitos, ejercicio, hechos), responsable)


def leer(contenido):
    """UID sin el dominio → evento. Un UID repetido se nota."""
    eventos = Calendar.from_ical(contenido).walk("VEVENT")
    leidos = {str(e["uid"]).removesuffix("@focaliza"): e for e in eventos}
    assert len(leidos) == len(eventos)
    return leidos


def lineas_enteras(contenido):
    """Las líneas de un iCalendar, ya desdobladas y sin biblioteca: lo que otro programa leería."""
    return contenido.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def en_santiago(*partes):
    return datetime(*partes, tzinfo=zoneinfo.ZoneInfo(ZONA))


def test_se_vuelve_a_leer_con_los_mismos_eventos():
    contenido = escribir()
    fechas = {uid: (e["dtstart"].dt, e["dtend"].dt) for uid, e in leer(contenido).items()}
    assert fechas == {
        "preliminar-2027": (date(2026, 11, 1), date(2026, 11, 17)),  # con la prórroga, exclusivo
        "preliminar-2027-cierre": (en_santiago(2026, 11, 16, 23), en_santiago(2026, 11, 17)),
        "observaciones-2027": (date(2026, 11, 30), date(2026, 12, 1)),
        "observaciones-2027-cierre": (en_santiago(2026, 11, 30, 23), en_santiago(2026, 12, 1)),
        "sesion-2027": (date(2026, 8, 30), date(2026, 8, 31)),  # sugerida: ni prórroga ni hora de cierre
    }
    de_dia = {uid for uid, (inicio, _) in fechas.items() if not isinstance(inicio, datetime)}
    assert de_dia == {uid for uid in fechas if not uid.endswith("-cierre")}
    assert Calendar.from_ical(contenido).to_ical() == contenido


def test_el_cierre_es_el_mismo_instante_que_calcula_el_plazo():
    for ejercicio in range(2022, 2030):
        leidos = leer(escribir(catalogo=REAL, ejercicio=ejercicio))
        exigibles = [p for p in calendario(REAL.proceso.hitos, ejercicio) if p.fin and p.hito.exigible]
        assert len(exigibles) == 6
        for plazo in exigibles:
            cierra = leidos[f"{plazo.hito.nombre}-{ejercicio}-cierre"]
            assert cierra["dtend"].dt.astimezone(UTC) == plazo.instante_fin_utc
            assert cierra["dtstart"].dt.date() == plazo.vence
            assert cierra["dtend"].params["TZID"] == ZONA


def test_el_calendario_cumple_lo_que_pide_el_rfc_5545():
    contenido = escribir(catalogo=REAL)
    dobladas = contenido.split(b"\r\n")
    assert b"\n" not in b"".join(dobladas) and b"\r" not in b"".join(dobladas)
    assert max(map(len, dobladas)) <= 75
    assert all(linea.decode() is not None for linea in dobladas), "ningún doblez parte una letra"
    lineas = lineas_enteras(contenido)
    assert (lineas[0], lineas[1], lineas[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    for una in ("PRODID:-//focaliza//calendario//ES", "METHOD:PUBLISH", f"X-WR-TIMEZONE:{ZONA}",
                "X-WR-CALNAME:Focalización regional 2027", "NAME:Focalización regional 2027",
                "REFRESH-INTERVAL;VALUE=DURATION:P1D", "X-PUBLISHED-TTL:P1D", f"TZID:{ZONA}"):  # fmt: skip
        assert lineas.count(una) == 1, una
    assert lineas.index("BEGIN:VTIMEZONE") < lineas.index("BEGIN:VEVENT")
    eventos = "\n".join(lineas).split("BEGIN:VEVENT")[1:]
    for evento in eventos:
        for clave in ("UID:", "DTSTAMP:20260101T000000Z", "DTSTART;", "DTEND;", "SUMMARY:", "SEQUENCE:"):
            assert evento.count(f"\n{clave}") == 1, clave
    usados = {linea.partition(":")[0].partition("TZID=")[2] for linea in lineas if "TZID=" in linea}
    assert usados == {ZONA}, "cada TZID tiene su VTIMEZONE"


@pytest.mark.parametrize("ejercicio", [2026, 2027, 2028])
def test_otro_lector_ve_la_misma_hora_en_el_huso(ejercicio):
    """El VTIMEZONE leído con dateutil, hora por hora, contra tzdata. Cada cambio va solo: hay quien ignora RDATE."""
    texto = "\n".join(lineas_enteras(escribir(ejercicio=ejercicio)))
    huso = texto[texto.index("BEGIN:VTIMEZONE") : texto.index("END:VTIMEZONE")] + "END:VTIMEZONE\n"
    assert "RDATE" not in huso
    leido, real = tzical(io.StringIO(huso)).get(), zoneinfo.ZoneInfo(ZONA)
    hora = datetime(2025, 1, 1, tzinfo=UTC)  # los de las otras agendas también: hay quien usa un solo huso con todas
    while hora.year < 2028:
        local = hora.astimezone(real)
        assert local.replace(tzinfo=leido).utcoffset() == local.utcoffset(), local
        hora += timedelta(hours=1)


def test_cada_cambio_de_hora_del_huso_es_el_de_tzdata_al_segundo():
    """El RFC 5545 escribe el comienzo en la hora de antes del cambio: ese instante, menos un segundo, todavía es la anterior."""
    real = zoneinfo.ZoneInfo(ZONA)
    cambios = [c for c in Calendar.from_ical(escribir()).walk() if c.name in ("STANDARD", "DAYLIGHT")]
    assert len(cambios) == 1 + 2 * 7  # el que abre y dos por año
    for cambio in cambios:
        instante = (cambio.DTSTART - cambio.TZOFFSETFROM).replace(tzinfo=UTC)
        assert instante.astimezone(real).utcoffset() == cambio.TZOFFSETTO, cambio.DTSTART
        assert (instante - timedelta(seconds=1)).astimezone(real).utcoffset() == cambio.TZOFFSETFROM, cambio.DTSTART


def test_sin_hora_de_cierre_no_va_el_huso():
    assert b"VTIMEZONE" not in escribir(responsable="Dirección Regional")


def test_los_mismos_argumentos_dan_los_mismos_bytes():
    assert escribir() == escribir()


def test_el_uid_no_cambia_aunque_cambie_la_fecha():
    antes, despues = leer(escribir()), leer(escribir({"preliminar": date(2026, 11, 9)}))
    assert set(antes) == set(despues)
    estimado, firme = (e["observaciones-2027"] for e in (antes, despues))
    assert (estimado["status"], firme["status"]) == ("TENTATIVE", "CONFIRMED")
    assert estimado["summary"].endswith("(fecha estimada)") and not firme["summary"].endswith(")")
    assert (firme["dtstart"].dt, firme["dtend"].dt) == (date(2026, 11, 10), date(2026, 11, 25))


def test_la_secuencia_crece_con_la_version_del_proceso():
    versiones = ("1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0")
    secuencias = []
    for version in versiones:
        proceso = replace(CATALOGO.proceso, version=version)
        (una,) = {e["sequence"] for e in leer(escribir(catalogo=replace(CATALOGO, proceso=proceso))).values()}
        secuencias.append(una)
    assert secuencias == sorted(set(secuencias))
    assert max(secuencias) < 2**31


def test_el_evento_dice_que_es_cuando_cierra_y_de_donde_sale():
    leidos = leer(escribir())
    preliminar, cierre = leidos["preliminar-2027"], leidos["preliminar-2027-cierre"]
    assert preliminar["summary"] == "Título, de preliminar; único · ejercicio 2027"
    assert cierre["summary"] == "Cierra a las 24:00: Título, de preliminar; único · ejercicio 2027"
    assert preliminar["categories"].cats == ["Exigible", "Gobierno Regional"]
    lineas = preliminar["description"].split("\n")
    assert lineas[:2] == ["Qué es.", "Responsable: Gobierno Regional. Exigible."]
    assert "se prorroga al lunes 16 de noviembre de 2026" in lineas[2]
    assert lineas[3] == "Hasta las 24:00 del 16-11-2026, hora de Chile continental."
    assert lineas[4].startswith("En otras zonas: 24:00 del 16-11-2026, hora de Magallanes")
    assert "; 22:00 del 16-11-2026, hora de Rapa Nui" in lineas[4]
    assert lineas[5:] == ["Norma: Reglamento, 8 (Plazo de la focalización final y su ajuste); Decreto 246."]
    assert cierre["description"].split("\n") == [*lineas[3:5], lineas[2]]
    assert "00:00" not in escribir().decode()
    assert "url" not in preliminar


def test_lo_recomendado_se_distingue_y_la_nota_va_al_final():
    sesion = leer(escribir())["sesion-2027"]
    assert sesion["summary"].endswith(" (fecha sugerida)")
    assert sesion["categories"].cats == ["Recomendado", "conjunta"]
    assert "Recomendado por la guía." in sesion["description"]
    assert "24:00" not in sesion["description"]
    assert sesion["description"].endswith("\nOjo: es otra.")


@pytest.mark.parametrize(
    ("responsable", "hitos"),
    [
        ("Gobierno Regional", {"preliminar", "sesion"}),
        ("Sercotec", {"observaciones", "sesion"}),
        ("Dirección Regional", {"sesion"}),
    ],
)
def test_cada_responsable_recibe_lo_suyo_y_lo_compartido_con_el_mismo_uid(responsable, hitos):
    todo, suyo = leer(escribir()), leer(escribir(responsable=responsable))
    assert {uid.split("-")[0] for uid in suyo} == hitos
    assert all(e.to_ical() == todo[uid].to_ical() for uid, e in suyo.items())


def test_hay_una_agenda_con_todo_y_una_por_responsable_con_fechas():
    publicadas = agendas(REAL, 2027)
    assert [(a.archivo, a.responsable) for a in publicadas] == [
        ("calendario-2027.ics", ""),
        ("calendario-2027-direccion-regional.ics", "Dirección Regional"),
        ("calendario-2027-gobierno-regional.ics", "Gobierno Regional"),
        ("calendario-2027-sercotec.ics", "Sercotec"),
    ]
    for agenda in publicadas:
        de_dia = [e for uid, e in leer(agenda.ics).items() if not uid.endswith("-cierre")]
        assert len(de_dia) == agenda.fechas > 0
        assert agenda.ics == escribir(catalogo=REAL, responsable=agenda.responsable)
    assert sum(a.fechas for a in publicadas[1:]) - 2 == publicadas[0].fechas, "lo compartido va en las tres"


def test_nadie_se_suscribe_a_una_agenda_vacia():
    sin_sesion = (HITOS[0], HITOS[1], hito("informe", "Dirección Regional"))
    catalogo = replace(REAL, proceso=replace(REAL.proceso, hitos=sin_sesion))
    assert [a.responsable for a in agendas(catalogo, 2027)] == ["", "Gobierno Regional", "Sercotec"]
