"""Una matriz larga se abre de a una página, y lo que hay que corregir está a la vista aunque esté en otra."""

from dataclasses import replace

import pytest

from esquemas.errores import Codigo, Gravedad, Problema
from formularios import hojear
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, guardar_fila, leer_matriz
from formularios.matrices import revisar
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_matrices import CATALOGO, app, gore  # noqa: F401

A2 = CATALOGO.esquemas["potencialidades-problematicas"]
LUGAR = f"/formularios/regiones/06/2027/matrices/{A2.nombre}/"
MATRIZ = Matriz(A2, "06", 2027)
QUIEN = {"autor": "usuario 1", "ahora_utc": AHORA}


@pytest.fixture
def motor():
    """Uno solo: lo que depende de la base se prueba en los dos en test_filas.py."""
    return "sqlite"


@pytest.fixture
def larga(almacen, monkeypatch):
    """Doce filas en páginas de cinco; solo la octava tiene un error."""
    monkeypatch.setattr(hojear, "POR_PAGINA", 5)
    for i in range(1, 13):
        valores = {"codigo": f"POT-{i:02}", "tipo": "potencialidad", "origen": "" if i == 8 else "DOC-01", "atingente": "no"}
        valores["descripcion"] = f"La caleta número {i} recibe visitantes todo el año."
        agregar_fila(almacen, CATALOGO, MATRIZ, valores, **QUIEN)
    return leer_matriz(almacen, MATRIZ)


def codigos(pagina):
    return [th.texto.split(" ")[0] for th in pagina.todos("th") if th.get("scope") == "row"]


def esperados(*numeros):
    return [f"POT-{n:02}" for n in numeros]


def test_se_pasa_de_pagina_con_enlaces(gore, larga):  # noqa: F811
    pagina = gore.abrir(LUGAR)
    assert codigos(pagina) == esperados(*range(1, 6)) and "12 filas" in pagina.texto
    enlaces = [a.get("href") for a in pagina.todos("nav")[1].todos("a")]
    assert [codigos(gore.abrir(e)) for e in enlaces] == [esperados(*range(6, 11)), esperados(11, 12)]
    for ajena, cual in (("0", 1), ("99", 11), ("-3", 1), ("x", 1), ("9" * 40, 1)):
        assert codigos(gore.abrir(f"{LUGAR}?pagina={ajena}"))[0] == f"POT-{cual:02}"


def test_lo_que_tiene_errores_esta_a_la_vista_desde_cualquier_pagina(gore, larga):  # noqa: F811
    pagina = gore.abrir(f"{LUGAR}?pagina=3")
    assert "Hay una fila con errores" in pagina.texto
    assert f"{LUGAR}{larga[7].id}/" in {a.get("href") for a in pagina.todos("a")}
    assert codigos(gore.abrir(f"{LUGAR}?solo=errores")) == ["POT-08"]
    assert "1 fila con lo que pidió" in gore.pagina.texto


def test_una_fila_con_alertas_no_esta_entre_las_que_tienen_errores(almacen, larga):
    revisada = revisar(almacen, CATALOGO, MATRIZ, larga)
    alerta = Problema(Gravedad.ALERTA, Codigo.ESPACIOS_SOBRANTES, "Sobra.", A2.nombre, indice=0)
    con_alerta = replace(revisada, resultado=replace(revisada.resultado, problemas=(*revisada.resultado.problemas, alerta)))
    vista = hojear.hojear(con_alerta, solo=hojear.ERRORES)
    assert [r.fila.datos["codigo"] for r in vista.malas] == ["POT-08"] and vista.cuentas[hojear.ERRORES] == 1


def test_se_busca_sin_tildes_en_todas_las_filas(gore, almacen, larga):  # noqa: F811
    gore.abrir(LUGAR)
    assert codigos(gore.abrir(f"{LUGAR}?buscado=NUMERO+11")) == ["POT-11"]
    assert "Ninguna fila con lo que pidió" in gore.abrir(f"{LUGAR}?buscado=numero+11&solo=errores").texto
    assert codigos(gore.abrir(f"{LUGAR}?buscado=caleta&pagina=2")) == esperados(*range(6, 11))
    assert "buscado=caleta" in gore.respuesta.text, "pasar de página no pierde lo buscado"


def test_despues_de_guardar_queda_en_la_pagina_de_esa_fila(gore, almacen, larga):  # noqa: F811
    gore.abrir(f"{LUGAR}{larga[10].id}/")
    gore.enviar({"c.descripcion": "La caleta número 11 ya no recibe visitantes."}, "guardar")
    assert codigos(gore.pagina) == esperados(11, 12)
    assert f'id="f-{larga[10].id}"' in gore.respuesta.text


def test_lo_que_quedo_por_revisar_se_ve_junto(gore, almacen, larga):  # noqa: F811
    a1 = Matriz(CATALOGO.esquemas["matriz-estrategica-integrada"], "06", 2027)
    doc, _ = agregar_fila(almacen, CATALOGO, a1, {"codigo": "DOC-01"}, **QUIEN)
    guardar_fila(almacen, CATALOGO, a1, doc.id, {"documento": "Otro"}, version=1, **QUIEN)
    gore.abrir(f"{LUGAR}?solo=por-revisar&pagina=3")
    assert codigos(gore.pagina) == esperados(12) and "11 filas con lo que pidió" in gore.pagina.texto
