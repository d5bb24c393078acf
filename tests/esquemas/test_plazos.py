"""Las fechas del ciclo: cuatro zonas, horas que no existen o se repiten, feriados, prórrogas y ±1 segundo.

Los valores esperados se sacaron a mano del calendario y de la norma; ninguna prueba mira el reloj.
"""

import json
import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esquemas import plazos
from esquemas.catalogo import leer_yaml
from esquemas.lectura_saber import leer_proceso
from esquemas.plazos import Plazo, calendario, cierre, en_plazo, instante
from esquemas.saber import Hito
from esquemas.tiempo import SEMANA, UN_DIA, ZONA, ZONAS, feriados_con_alcance

ARCHIVO = Path(__file__).resolve().parents[2] / "esquemas" / "proceso.yaml"
ANIOS = range(2021, 2029)
SEGUNDO = timedelta(seconds=1)
CAMBIOS = {  # cuántas veces cambia la hora entre 2021 y 2028
    "America/Santiago": 16,
    "America/Punta_Arenas": 0,
    "America/Coyhaique": 8,  # dejó de cambiar en 2025
    "Pacific/Easter": 16,
}

CINCO_HABILES = {
    "clase": "dias-desde",
    "dias": 5,
    "computo": "habiles",
    "desde": "origen",
    "hecho": "recepcion",
}


@pytest.fixture(autouse=True)
def tzdata_fijada():
    """La base de zonas del candado, no la del sistema."""
    zoneinfo.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache()


PROCESO = leer_proceso(leer_yaml(ARCHIVO.read_text(encoding="utf-8"), "esquemas/proceso.yaml"), "proceso.yaml")
HITOS = list(PROCESO.hitos)


def plazo(nombre, ejercicio, **opciones):
    return next(p for p in calendario(HITOS, ejercicio, **opciones) if p.hito.nombre == nombre)


def hito(regla, nombre="prueba", exigible=True):
    return Hito(nombre, nombre.title(), "", "Sercotec", exigible, ("reglamento:8",), regla, "Alguna vez.")


def utc(*partes):
    return datetime(*partes, tzinfo=UTC)


# --- Días hábiles ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fecha", "region", "habil"),
    [
        (date(2026, 11, 20), None, True),  # viernes
        (date(2026, 11, 21), None, False),  # sábado
        (date(2026, 11, 22), None, False),  # domingo
        (date(2026, 12, 8), None, False),  # Inmaculada, martes
        (date(2026, 12, 31), None, True),  # feriado solo bancario
        (date(2022, 9, 16), None, False),  # por una ley de ese año
        (date(2024, 9, 20), None, False),
        (date(2027, 6, 7), None, True),
        (date(2027, 6, 7), "15", False),  # Arica y Parinacota
        (date(2027, 6, 7), "16", True),
        (date(2027, 8, 20), "06", True),
        (date(2027, 8, 20), "16", False),  # Ñuble
    ],
)
def test_dias_habiles_con_feriados_y_region(fecha, region, habil):
    assert plazos.es_habil(fecha, region) is habil


def test_los_feriados_traen_nombre_en_espanol_y_no_se_pueden_alterar():
    dias = plazos.feriados(2026)
    assert dias[date(2026, 12, 25)] == "Navidad"
    assert list(dias) == sorted(dias)
    with pytest.raises(TypeError):
        dias[date(2026, 1, 2)] = "otro"


def test_solo_dos_regiones_tienen_feriado_propio():
    comunes = set(plazos.feriados(2027))
    propios = {r: set(plazos.feriados(2027, r)) - comunes for r in (f"{n:02}" for n in range(1, 17))}
    assert {r: d for r, d in propios.items() if d} == {"15": {date(2027, 6, 7)}, "16": {date(2027, 8, 20)}}


def test_los_feriados_con_su_alcance():
    todos = feriados_con_alcance(2026)
    assert [f[0] for f in todos] == sorted(f[0] for f in todos)
    assert {dia: nombre for dia, nombre, donde in todos if not donde} == dict(plazos.feriados(2026))
    assert {dia: donde for dia, _, donde in todos if donde} == {date(2026, 6, 7): ("15",), date(2026, 8, 20): ("16",)}
    assert "Chillán y Chillán Viejo" in next(nombre for dia, nombre, _ in todos if dia == date(2026, 8, 20))


def test_region_o_anio_desconocidos_no_se_callan():
    with pytest.raises(KeyError):
        plazos.feriados(2027, "17")
    with pytest.raises(ValueError, match="1800"):
        plazos.feriados(1800)


@pytest.mark.parametrize(
    ("anio", "dia"),
    [(2021, 1), (2022, 1), (2023, 1), (2024, 2), (2025, 1), (2026, 1), (2027, 1), (2028, 1)],
)
def test_primer_dia_habil_de_diciembre(anio, dia):
    assert plazos.enesimo_habil(anio, 12, 1) == date(anio, 12, dia)


@pytest.mark.parametrize(
    ("anio", "mes", "numero", "region", "dia"),
    [
        (2026, 12, 6, None, 9),  # 1, 2, 3, 4, 7 y salta el martes 8
        (2025, 12, 6, None, 9),  # salta el lunes 8
        (2027, 12, 6, None, 9),  # salta el miércoles 8
        (2027, 1, 1, None, 4),  # viernes 1 feriado
        (2027, 6, 5, None, 7),
        (2027, 6, 5, "15", 8),
        (2026, 12, 21, None, 31),  # el último
    ],
)
def test_enesimo_habil(anio, mes, numero, region, dia):
    assert plazos.enesimo_habil(anio, mes, numero, region) == date(anio, mes, dia)


@pytest.mark.parametrize("numero", [-1, 0, 22, 262])
def test_enesimo_habil_que_el_mes_no_tiene(numero):
    with pytest.raises(ValueError, match="diciembre de 2026"):
        plazos.enesimo_habil(2026, 12, numero)


@pytest.mark.parametrize(
    ("fecha", "siguiente"),
    [
        (date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2023, 12, 30), date(2024, 1, 2)),  # sábado, domingo y Año Nuevo
        (date(2026, 9, 18), date(2026, 9, 21)),
    ],
)
def test_siguiente_habil(fecha, siguiente):
    assert plazos.siguiente_habil(fecha) == siguiente
    assert plazos.siguiente_habil(siguiente) == siguiente


@given(
    st.dates(date(2021, 1, 1), date(2028, 12, 31)),
    st.integers(1, 60),
    st.sampled_from([None, "15", "16"]),
)
@settings(deadline=None, derandomize=True)
def test_sumar_dias_habiles_cuenta_lo_que_dice(fecha, dias, region):
    fin = plazos.sumar_dias(fecha, dias, "habiles", region)
    entre = (fecha + n * UN_DIA for n in range(1, (fin - fecha).days + 1))
    assert sum(plazos.es_habil(d, region) for d in entre) == dias
    assert plazos.es_habil(fin, region)


def test_sumar_dias_corridos_no_mira_feriados():
    assert plazos.sumar_dias(date(2026, 11, 15), 15) == date(2026, 11, 30)


# --- Instantes: cuatro zonas × hueco y doblez × ±1 s × 2021–2028 -----------------------------------


def buscar_cambios(zona):
    """Los instantes UTC en que cambia la hora, con su desfase antes y después, mirando hora por hora."""
    local = zoneinfo.ZoneInfo(zona)
    momento, fin = utc(2021, 1, 1), utc(2029, 1, 1)
    antes = momento.astimezone(local).utcoffset()
    while momento < fin:
        ahora = momento.astimezone(local).utcoffset()
        if ahora != antes:
            yield momento, antes, ahora
        antes = ahora
        momento += timedelta(hours=1)


def leer_reloj(reloj, zona, **opciones):
    return instante(reloj.date(), reloj.time(), zona, **opciones)


@pytest.mark.parametrize("zona", ZONAS)
def test_huecos_y_dobleces(zona):
    cambios = list(buscar_cambios(zona))
    assert len(cambios) == CAMBIOS[zona]
    for salto, antes, despues in cambios:
        # Lo que marcaría el reloj en el cambio, con un desfase y con el otro.
        viejo, nuevo = (salto + d for d in (antes, despues))
        desde, hasta = min(viejo, nuevo).replace(tzinfo=None), max(viejo, nuevo).replace(tzinfo=None)
        dentro = [desde, desde + SEGUNDO, desde + timedelta(minutes=30), hasta - SEGUNDO]
        for es_cierre in (False, True):
            justo_antes = desde.replace(tzinfo=UTC) - SEGUNDO - antes
            assert leer_reloj(desde - SEGUNDO, zona, cierre=es_cierre) == justo_antes
            assert leer_reloj(hasta, zona, cierre=es_cierre) == hasta.replace(tzinfo=UTC) - despues
        for reloj in dentro:
            if despues > antes:  # hueco: nada marca esa hora
                assert leer_reloj(reloj, zona) == leer_reloj(reloj, zona, cierre=True) == salto
            else:  # doblez: la marca dos veces
                assert leer_reloj(reloj, zona) == reloj.replace(tzinfo=UTC) - antes < salto
                assert leer_reloj(reloj, zona, cierre=True) == reloj.replace(tzinfo=UTC) - despues >= salto


def test_el_hueco_no_arrastra_fracciones_de_segundo():
    assert instante(date(2026, 9, 6), time(0, 30, 0, 500_000)) == utc(2026, 9, 6, 4)
    assert instante(date(2026, 9, 7), time(0, 30, 0, 500_000)) == utc(2026, 9, 7, 3, 30, 0, 500_000)


def test_los_casos_conocidos_de_santiago():
    assert instante(date(2026, 9, 6), time()) == utc(2026, 9, 6, 4)  # no existe: la 01:00
    assert instante(date(2026, 9, 6), time(0, 59, 59)) == utc(2026, 9, 6, 4)
    assert instante(date(2026, 4, 4), time(23)) == utc(2026, 4, 5, 2)  # ocurre dos veces
    assert instante(date(2026, 4, 4), time(23), cierre=True) == utc(2026, 4, 5, 3)
    assert instante(date(2026, 11, 15), time(12)) == utc(2026, 11, 15, 15)


@pytest.mark.parametrize("zona", ZONAS)
def test_el_cierre_es_el_primer_instante_que_ya_no_es_ese_dia(zona):
    local = zoneinfo.ZoneInfo(zona)
    dia = date(2021, 1, 1)
    while dia.year < 2029:
        fin = cierre(dia, zona)
        assert fin.tzinfo is UTC
        assert (fin - SEGUNDO).astimezone(local).date() == dia
        assert fin.astimezone(local).date() == (fin + SEGUNDO).astimezone(local).date() == dia + UN_DIA
        dia += UN_DIA


def test_en_zonas():
    horas = plazos.en_zonas(utc(2026, 7, 1, 4))
    assert tuple(horas) == ZONAS
    assert [f"{h:%d %H:%M}" for h in horas.values()] == ["01 00:00", "01 01:00", "01 01:00", "30 22:00"]
    assert list(plazos.en_zonas(utc(2026, 7, 1), ["Pacific/Easter"])) == ["Pacific/Easter"]


@pytest.mark.parametrize(
    ("recibido", "region", "legal"),
    [
        (utc(2026, 11, 13, 15), None, utc(2026, 11, 13, 15)),  # viernes
        (utc(2026, 11, 14, 2, 59, 59), None, utc(2026, 11, 14, 2, 59, 59)),  # viernes 23:59:59 en Santiago
        (utc(2026, 11, 14, 3), None, utc(2026, 11, 16, 3)),  # sábado 00:00
        (utc(2026, 11, 16, 2, 59, 59), None, utc(2026, 11, 16, 3)),  # domingo 23:59:59
        (utc(2026, 11, 16, 3), None, utc(2026, 11, 16, 3)),  # lunes 00:00
        (utc(2028, 12, 30, 20), None, utc(2029, 1, 2, 3)),
        (utc(2027, 6, 7, 15), None, utc(2027, 6, 7, 15)),
        (utc(2027, 6, 7, 15), "15", utc(2027, 6, 8, 4)),
    ],
)
def test_presentado_legal(recibido, region, legal):
    assert plazos.presentado_legal(recibido, region) == legal
    assert plazos.presentado_legal(legal, region) == legal  # idempotente


def test_presentado_legal_normaliza_a_utc():
    santiago = datetime(2026, 11, 13, 12, tzinfo=zoneinfo.ZoneInfo(ZONA))
    assert plazos.presentado_legal(santiago).tzinfo is UTC


@pytest.mark.parametrize("funcion", [plazos.presentado_legal, plazos.en_zonas])
def test_un_instante_sin_zona_se_rechaza(funcion):
    with pytest.raises(ValueError, match="zona horaria"):
        funcion(datetime(2026, 11, 13, 15))


# --- Calendario -----------------------------------------------------------------------------------


def test_el_ejercicio_2027_completo():
    fechas = {p.hito.nombre: (p.inicio, p.fin, p.prorroga) for p in calendario(HITOS, 2027) if p.fin}
    assert fechas == {
        "oficio-inicio": (date(2026, 3, 1), date(2026, 3, 15), date(2026, 3, 16)),
        "presupuesto-exploratorio": (date(2026, 6, 16), date(2026, 6, 30), None),
        "primera-sesion": (None, date(2026, 8, 30), None),  # domingo, pero lo sugerido no se prorroga
        "focalizacion-preliminar": (date(2026, 11, 1), date(2026, 11, 15), date(2026, 11, 16)),
        "observaciones": (None, date(2026, 11, 30), None),
        "montos-preliminares": (None, date(2026, 12, 1), None),
        "focalizacion-final": (None, date(2026, 12, 30), None),
    }


def test_estan_todos_los_hitos_en_orden_y_calcular_dos_veces_da_lo_mismo():
    una, otra = calendario(iter(HITOS), 2027, region="16"), calendario(HITOS, 2027, {}, "16")
    assert una == otra
    assert [p.hito for p in una] == HITOS
    assert {p.region for p in una} == {"16"}


def test_un_hito_sin_regla_no_tiene_fechas_y_dice_cuando():
    ajuste = plazo("ajuste", 2027)
    assert (ajuste.fin, ajuste.prorroga, ajuste.vence, ajuste.instante_fin_utc) == (None,) * 4
    assert ajuste.cuenta == ajuste.hito.cuando
    assert en_plazo(utc(2026, 1, 1), ajuste)


@pytest.mark.parametrize(
    ("anio", "prorroga"),
    [
        (2023, date(2024, 1, 2)),  # sábado; el lunes 1 es feriado
        (2024, None),
        (2028, date(2029, 1, 2)),  # sábado
        (2029, date(2029, 12, 31)),  # domingo
    ],
)
def test_el_30_de_diciembre_en_fin_de_semana(anio, prorroga):
    final = plazo("focalizacion-final", anio + 1)
    assert final.fin == date(anio, 12, 30)
    assert final.prorroga == prorroga
    assert final.vence == (prorroga or final.fin)
    assert final.instante_fin_utc == cierre(final.vence)
    assert ("art. 25" in final.cuenta) is (prorroga is not None)


def test_lo_presentado_el_ultimo_sabado_llega_a_tiempo():
    final = plazo("focalizacion-final", 2029)
    legal = plazos.presentado_legal(utc(2028, 12, 30, 20))
    assert en_plazo(legal, final)
    assert not en_plazo(final.instante_fin_utc, final)


def test_la_cuenta_se_explica_en_palabras():
    assert plazo("focalizacion-preliminar", 2027).cuenta == (
        "Del domingo 1 de noviembre de 2026 al domingo 15 de noviembre de 2026. El último día es inhábil "
        "(domingo): se prorroga al lunes 16 de noviembre de 2026 (Ley 19.880, art. 25)."
    )
    assert plazo("montos-preliminares", 2027).cuenta == (
        "Primer día hábil de diciembre: martes 1 de diciembre de 2026. "
        "Si el mes empezara en sábado, domingo o feriado, ese día no contaría."
    )
    assert plazo("primera-sesion", 2027).cuenta.endswith(
        "El último día es inhábil (domingo), pero la fecha es una sugerencia: no se prorroga."
    )
    assert plazo("focalizacion-final", 2027).cuenta.endswith("El último día es hábil: no se prorroga.")


@pytest.mark.parametrize(
    ("mes", "numero", "calculo", "limite"),
    [
        (5, 1, "Primer día hábil de mayo: lunes 4 de mayo de 2026.", "viernes 1 de mayo de 2026, sábado 2 de mayo de 2026, d"),
        (12, 2, "Segundo día hábil de diciembre: miércoles 2 de diciembre de 2026.", "Si el mes empezara en sábado"),
        (12, 3, "Tercer día hábil de diciembre: jueves 3 de diciembre de 2026.", "Si el mes empezara en sábado"),
        (12, 6, "6.º día hábil de diciembre: miércoles 9 de diciembre de 2026.", "sábado 5 de diciembre de 2026, domingo 6"),
    ],
)
def test_el_dia_habil_dice_cual_es_y_cuales_no_cuentan(mes, numero, calculo, limite):
    (p,) = calendario([hito({"clase": "dia-habil", "mes": mes, "numero": numero})], 2027)
    assert (p.calculo, p.ultimo_dia, p.computo) == (calculo, "", "habiles")
    assert limite in p.limite
    assert ("No cuentan, por inhábiles: " in p.limite) is (not limite.startswith("Si"))


def test_el_caso_limite_del_15_de_noviembre_se_dice_con_su_suma():
    assert plazo("observaciones", 2027).limite == (
        "Si fuera el domingo 15 de noviembre de 2026: 15-11 + 15 corridos = 30-11. "
        "Si fuera el lunes 16 de noviembre de 2026: 16-11 + 15 corridos = 01-12."
    )
    # El 15 de noviembre de 2027 es lunes: no hay prórroga que contar.
    assert plazo("observaciones", 2028).limite == "Si fuera el lunes 15 de noviembre de 2027: 15-11 + 15 corridos = 30-11."


def test_la_salvedad_de_una_fecha():
    dichas = {p.hito.nombre: p.salvedad for p in calendario(HITOS, 2027)}
    assert {n: s for n, s in dichas.items() if s} == {"primera-sesion": "sugerida", "observaciones": "estimada"}


@pytest.mark.parametrize("anio", ANIOS)
def test_la_medianoche_de_un_cierre_exigible_existe_y_ocurre_una_vez(anio):
    """Lo dice la página: el cambio de hora cae en sábado y lo exigible no vence un sábado."""
    santiago = zoneinfo.ZoneInfo(ZONA)
    for p in calendario(HITOS, anio + 1):
        if p.vence and p.hito.exigible:
            assert p.vence.weekday() < 5
            medianoche = datetime.combine(p.vence + UN_DIA, time(), santiago)
            assert medianoche.astimezone(UTC).astimezone(santiago) == medianoche
            assert medianoche.utcoffset() == medianoche.replace(fold=1).utcoffset()
            assert p.instante_fin_utc == medianoche


def test_el_cierre_se_dice_como_el_final_de_su_dia_en_cada_zona():
    dichos = plazos.cierres(plazo("presupuesto-exploratorio", 2027), PROCESO.zonas)
    assert [d.partition(", hora de ")[0] for d in dichos] == [
        "24:00 del 30-06-2026", "01:00 del 01-07-2026", "01:00 del 01-07-2026", "22:00 del 30-06-2026",
    ]  # fmt: skip
    assert [d.partition(", hora de ")[2] for d in dichos] == [z.nombre for z in PROCESO.zonas]
    pascua = plazos.cierres(plazo("presupuesto-exploratorio", 2027, zona="Pacific/Easter"), PROCESO.zonas)
    assert pascua[0].startswith("24:00 del 30-06-2026, hora de Rapa Nui")
    assert plazos.cierres(plazo("ajuste", 2027), PROCESO.zonas) == []


def test_la_cuenta_nombra_el_feriado():
    (navidad,) = calendario([hito({"clase": "a-mas-tardar", "fecha": "12-25"})], 2027)
    assert "inhábil (Navidad)" in navidad.cuenta
    assert navidad.prorroga == date(2026, 12, 28)


def test_la_region_cambia_la_prorroga():
    regla = {"clase": "a-mas-tardar", "fecha": "06-07"}
    assert calendario([hito(regla)], 2028)[0].prorroga is None
    assert calendario([hito(regla)], 2028, region="15")[0].prorroga == date(2027, 6, 8)


@pytest.mark.parametrize("anio", ANIOS)
def test_caso_limite_preliminar_el_15_de_noviembre(anio):
    recibida = {"focalizacion-preliminar": date(anio, 11, 15)}
    real = plazo("observaciones", anio + 1, hechos=recibida)
    assert (real.inicio, real.fin, real.estimado) == (date(anio, 11, 16), date(anio, 11, 30), False)
    estimada = plazo("observaciones", anio + 1)
    assert (estimada.inicio, estimada.fin, estimada.estimado) == (None, date(anio, 11, 30), True)
    assert "aún no ocurre" in estimada.cuenta
    assert "aún no ocurre" not in real.cuenta


def test_los_dias_corren_desde_que_se_recibe():
    observaciones = plazo("observaciones", 2027, hechos={"focalizacion-preliminar": date(2026, 11, 6)})
    assert observaciones.fin == date(2026, 11, 21)  # sábado
    assert observaciones.prorroga == date(2026, 11, 23)
    assert en_plazo(utc(2026, 11, 24, 2, 59, 59), observaciones)
    assert not en_plazo(utc(2026, 11, 24, 3), observaciones)


def test_dias_habiles_desde_un_hecho():
    pedido = [hito(None, "origen"), hito(CINCO_HABILES)]
    sin_fecha = calendario(pedido, 2027)[1]
    assert (sin_fecha.fin, sin_fecha.estimado) == (None, True)
    assert sin_fecha.cuenta == "5 días hábiles desde la recepción de «Origen», que aún no ocurre."
    con_fecha = calendario(pedido, 2027, {"origen": date(2026, 12, 3)})[1]
    assert con_fecha.fin == date(2026, 12, 11)  # 4, 7, 9, 10, 11


def test_un_plazo_estimado_aun_no_corre():
    assert not en_plazo(utc(2026, 11, 20), plazo("observaciones", 2027))


@pytest.mark.parametrize("zona", ZONAS)
@pytest.mark.parametrize("anio", ANIOS)
def test_en_plazo_al_segundo(anio, zona):
    recibida = {"focalizacion-preliminar": date(anio, 11, 9)}
    local = zoneinfo.ZoneInfo(zona)
    for p in calendario(HITOS, anio + 1, recibida, zona=zona):
        if p.fin is None:
            continue
        fin = p.instante_fin_utc
        assert p.zona == zona
        assert en_plazo(fin - SEGUNDO, p)
        assert not en_plazo(fin, p)
        assert (fin - SEGUNDO).astimezone(local).date() == p.vence
        if p.inicio:
            assert en_plazo(p.instante_inicio_utc, p)
            assert not en_plazo(p.instante_inicio_utc - SEGUNDO, p)
        else:
            assert p.instante_inicio_utc is None
            assert en_plazo(utc(anio, 1, 1), p)


def test_un_cierre_en_el_hueco_y_otro_en_el_doblez():
    hueco, doblez = (
        Plazo(hito(None), "", fin=fecha, region=None, zona=ZONA) for fecha in (date(2024, 9, 6), date(2024, 4, 5))
    )
    assert hueco.instante_fin_utc == utc(2024, 9, 7, 4)
    assert doblez.instante_fin_utc == utc(2024, 4, 6, 3)
    # Un sábado de cambio, sin prórroga de por medio: el día termina cuando de verdad termina.
    assert cierre(date(2024, 9, 7)) == utc(2024, 9, 8, 4)
    assert cierre(date(2024, 4, 6)) == utc(2024, 4, 7, 4)


def test_una_regla_que_no_existe_o_mira_adelante_no_se_calla():
    with pytest.raises(KeyError):
        calendario([hito({"clase": "otra"})], 2027)
    with pytest.raises(KeyError):
        calendario([hito(CINCO_HABILES), hito(None, "origen")], 2027)


# --- Ampliación -----------------------------------------------------------------------------------


def observaciones_recibidas():
    return plazo("observaciones", 2027, hechos={"focalizacion-preliminar": date(2026, 11, 9)})  # hasta el 24


def test_ampliar_hasta_la_mitad():
    ahora = utc(2026, 11, 20)
    amplio = plazos.ampliar(observaciones_recibidas(), 7, ahora)
    assert (amplio.fin, amplio.ampliacion, amplio.dias) == (date(2026, 12, 1), 7, 15)
    assert "Ampliado en 7 días, hasta el martes 1 de diciembre de 2026 (Ley 19.880, art. 26)." in amplio.cuenta
    assert en_plazo(utc(2026, 11, 30), amplio)
    for dias in (0, -1, 8):
        with pytest.raises(ValueError, match="mitad"):
            plazos.ampliar(observaciones_recibidas(), dias, ahora)


def test_ampliar_en_partes_no_pasa_de_la_mitad():
    ahora = utc(2026, 11, 20)
    amplio = plazos.ampliar(plazos.ampliar(observaciones_recibidas(), 4, ahora), 3, ahora)
    assert amplio.fin == date(2026, 12, 1)
    with pytest.raises(ValueError, match="mitad"):
        plazos.ampliar(amplio, 1, ahora)


def test_la_mitad_exacta_de_un_plazo_par_cabe():
    regla = {"clase": "ventana", "desde": "11-02", "hasta": "11-05"}
    (ventana,) = calendario([hito(regla)], 2027)
    assert ventana.dias == 4
    assert plazos.ampliar(ventana, 2, utc(2026, 11, 3)).fin == date(2026, 11, 7)
    with pytest.raises(ValueError, match="mitad"):
        plazos.ampliar(ventana, 3, utc(2026, 11, 3))


def test_ampliar_solo_antes_de_vencer():
    observaciones = observaciones_recibidas()
    fin = observaciones.instante_fin_utc
    assert plazos.ampliar(observaciones, 1, fin - SEGUNDO).fin == date(2026, 11, 25)
    with pytest.raises(ValueError, match="ya venció"):
        plazos.ampliar(observaciones, 1, fin)


def test_ampliar_en_dias_habiles():
    pedido = [hito(None, "origen"), hito(CINCO_HABILES)]
    base = calendario(pedido, 2027, {"origen": date(2026, 12, 3)})[1]
    assert plazos.ampliar(base, 2, utc(2026, 12, 4)).fin == date(2026, 12, 15)  # viernes 11 + lunes y martes


@pytest.mark.parametrize("nombre", ["focalizacion-final", "observaciones", "ajuste"])
def test_sin_largo_conocido_no_se_amplia(nombre):
    with pytest.raises(ValueError, match="largo conocido"):
        plazos.ampliar(plazo(nombre, 2027), 1, utc(2026, 1, 1))


# --- JSON -----------------------------------------------------------------------------------------


def test_plazo_a_dict_viaja_en_json():
    preliminar = plazos.plazo_a_dict(plazo("focalizacion-preliminar", 2027, region="06"))
    assert json.loads(json.dumps(preliminar)) == preliminar
    esperado = {
        "hito": "focalizacion-preliminar",
        "exigible": True,
        "inicio": "2026-11-01",
        "fin": "2026-11-15",
        "prorroga": "2026-11-16",
        "prorroga_norma": "ley-19880:25",
        "vence": "2026-11-16",
        "apertura_utc": "2026-11-01T03:00:00+00:00",
        "cierre_utc": "2026-11-17T03:00:00+00:00",
        "zona": ZONA,
        "region": "06",
        "estimado": False,
    }
    assert {clave: preliminar[clave] for clave in esperado} == esperado
    assert preliminar["cierre_local"]["Pacific/Easter"] == "2026-11-16T22:00:00-05:00"


def test_plazo_a_dict_sin_fechas():
    ajuste = plazos.plazo_a_dict(plazo("ajuste", 2027))
    vacias = ("inicio", "fin", "prorroga", "prorroga_norma", "vence", "apertura_utc", "cierre_utc")
    assert [ajuste[clave] for clave in vacias] == [None] * 7
    assert ajuste["cierre_local"] == {}
    assert set(ajuste) == set(plazos.plazo_a_dict(plazo("observaciones", 2027)))


# --- proceso.yaml ---------------------------------------------------------------------------------


def test_el_proceso_trae_los_26_hitos_bien_formados():
    nombres = [h.nombre for h in HITOS]
    assert len(nombres) == len(set(nombres)) == 26
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", n) for n in nombres)
    assert list(dict.fromkeys(h.etapa for h in HITOS)) == [
        "Diagnóstico estratégico",
        "Vocaciones y problemáticas territoriales",
        "Focalización regional",
        "Cierre y mejora",
    ]
    responsables = {"Sercotec", "Gobierno Regional", "Dirección Regional", "conjunta", "todos"}
    assert {h.responsable for h in HITOS} == responsables


def test_lo_exigible_cita_el_reglamento_o_el_decreto():
    for h in HITOS:
        assert h.norma
        obliga = any(n.split(":")[0] in ("reglamento", "decreto-246") for n in h.norma)
        assert obliga or not h.exigible, h.nombre


def test_las_reglas_del_proceso_usan_solo_sus_claves():
    vistos = set()
    for h in HITOS:
        if h.regla:
            assert set(h.regla) == plazos.CLAVES_DE_REGLA[h.regla["clase"]], h.nombre
            if h.regla["clase"] == "dias-desde":
                assert h.regla["desde"] in vistos
                assert h.regla["hecho"] in plazos.HECHOS
                assert h.regla["computo"] in plazos.COMPUTOS
        vistos.add(h.nombre)
    assert set(plazos.REGLAS) == set(plazos.CLAVES_DE_REGLA) == {h.regla["clase"] for h in HITOS if h.regla}


def test_las_zonas_del_proceso_son_las_del_codigo_y_cubren_las_regiones():
    assert PROCESO.zona == ZONA
    assert tuple(z.zona for z in PROCESO.zonas) == ZONAS
    assert sorted(r for z in PROCESO.zonas for r in z.regiones) == [f"{n:02}" for n in range(1, 17)]


def test_los_deberes_del_reglamento_4():
    literales = {"a": 8, "b1": 6, "b2": 5}
    romanos = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii"]
    esperados = [f"reglamento:4.{letra}.{r}" for letra, n in literales.items() for r in romanos[:n]]
    assert [n for d in PROCESO.deberes for n in d.norma] == esperados


def test_en_palabras():
    assert plazos.en_palabras(date(2026, 12, 1)) == "martes 1 de diciembre de 2026"
    assert len(SEMANA) == 7
