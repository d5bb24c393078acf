"""El banco de medidas no mide lo que está mal: en chico, que todos reciban folio y nadie dos correos; y que su página lo diga."""

import pytest

from banco import encuesta, exportar, matriz, pagina

PERCENTILES = {"p50": 10.0, "p95": 40.0, "p99": 300.0}


@pytest.fixture
def en_chico(monkeypatch):
    for nombre, valor in {"PERSONAS": 12, "RONDAS": 1, "MINUTO": 0.2, "INVITADOS": 120, "MOTORES": ("SQLite",)}.items():
        monkeypatch.setattr(encuesta, nombre, valor)


def test_todos_con_folio_ninguno_doble_y_nadie_pierde_su_invitacion(en_chico, tmp_path):
    medida = encuesta.medir(tmp_path)["SQLite"]
    assert medida["envios"]["guardados"] == 24  # repartidos, y después todos juntos
    assert 0 < medida["envios"]["juntas envio"]["p50"] <= medida["envios"]["juntas envio"]["p99"]
    assert min(medida["correos"].values()) > 0


def test_si_a_uno_no_le_responden_no_hay_medida():
    def enviar(persona):
        if persona.secreto == "b":
            raise OSError("cortado")
        return 0.001

    personas = [encuesta.Persona(s, "", 0) for s in "abc"]
    with pytest.raises(RuntimeError, match="1 de 3 no recibieron"):
        encuesta.a_la_vez(enviar, personas)


def _medida(p95):
    envios = {f"{como} {que}": PERCENTILES for como in ("minuto", "juntas") for que in ("envio", "marco")}
    envios |= {"guardados": 800, "minuto envio": {**PERCENTILES, "p95": p95}}
    return {"SQLite": {"envios": envios, "correos": {"invitar": 0.3, "entregar": 8.0, "suelto": 2.0}}}


@pytest.mark.parametrize(("p95", "dice"), [(999.0, "- Se cumple: en el último minuto"), (1001.0, "- **No se cumple**: en el")])
def test_la_pagina_dice_si_se_cumple_y_que_falto(p95, dice):
    texto = pagina.de_encuesta(_medida(p95))
    assert dice in texto
    assert "No se midió, porque aquí no está: PostgreSQL." in texto


def test_la_matriz_se_compara_se_aplica_y_se_entrega_de_verdad(monkeypatch, tmp_path):
    for nombre, valor in {"FILAS": 30, "RONDAS": 2, "MOTORES": ("SQLite",)}.items():
        monkeypatch.setattr(matriz, nombre, valor)
    medida = matriz.medir(tmp_path)["SQLite"]
    assert min(medida[paso] for paso in (*matriz.PASOS, *matriz.LIMITES)) > 0 and medida["peor"] >= medida["comparar"]


@pytest.mark.parametrize(("comparar", "dice"), [(1.4, "- Se cumple: subir y revisar, 1,90"), (1.6, "- **No se cumple**: subir")])
def test_la_pagina_dice_si_subir_y_revisar_cabe_en_dos_segundos(comparar, dice):
    medida = dict.fromkeys((*matriz.PASOS, *matriz.LIMITES), 0.5) | {"comparar": comparar, "peor": 2.5, "openpyxl": 1.0}
    assert dice in (texto := pagina.de_matriz({"SQLite": medida}))
    assert f"| SQLite, **focaliza**: subir el XLSX y compararlo | {comparar:.2f} |".replace(".", ",") in texto


def test_la_pagina_da_la_razon_de_los_correos():
    assert "| SQLite | 0,25 | 125 | 0,30 |" in pagina.de_correos(_medida(1.0))


def test_lo_que_se_exporta_queda_sellado_y_vigente(monkeypatch, tmp_path):
    monkeypatch.setattr(exportar, "ENVIOS", 2)
    monkeypatch.setattr(exportar, "FILAS_POR_ENVIO", 3)
    exportar._sellar(tmp_path / "base.db")
    assert exportar._exportar_aparte("nuestro", tmp_path / "base.db", tmp_path / "todo.csv")["filas"] == 6
