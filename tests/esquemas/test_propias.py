"""Columnas propias de una región: se validan como las demás y no cambian el formato."""

import datetime
import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.entrega import validar_libro
from esquemas.errores import Codigo
from esquemas.hoja import Hoja
from esquemas.libro import Libro, leer_libro
from esquemas.marcado import marcar
from esquemas.plantilla import escribir_plantilla
from esquemas.propias import (
    LARGOS,
    PREFIJO,
    TIPOS_PROPIOS,
    TOPE,
    Columna,
    ColumnaInvalida,
    ampliar,
    aparte,
    como_se_escribio,
    conservar,
    copia_de,
    declarar,
    proyectar,
)
from esquemas.tabla import leer_csv
from esquemas.validacion import Contexto, validar_filas
from tests.esquemas.fabrica import RAPIDO, campo, catalogo_con, codigo, formato

MATRIZ = formato("matriz", [codigo(), campo("texto", title="Descripción"), campo("monto", "pesos")])
CATALOGO = catalogo_con(MATRIZ)
COLUMNAS = tuple(Columna(f"{PREFIJO}{t}", f"Mi {t}", t, "Ayuda.") for t in TIPOS_PROPIOS)
AMPLIADA = ampliar(MATRIZ, COLUMNAS)
BUENA = {"codigo": "A-01", "texto": "Uno", "monto": "5"}
PROPIA = {"texto": "algo", "parrafo": "uno\ndos", "entero": "1.200", "pesos": "$ 5.000", "fecha": "31-12-2026", "logico": "Sí"}
PROPIA = {f"{PREFIJO}{t}": v for t, v in PROPIA.items()}


def validar(esquema, *filas):
    return validar_filas(CATALOGO, esquema, {"matriz": filas}, Contexto())


def leer(esquema, texto):
    return validar_libro(CATALOGO, esquema, Libro([leer_csv(texto.encode())]), Contexto())


def test_sin_columnas_el_formato_es_el_mismo():
    assert ampliar(MATRIZ, ()) is MATRIZ and MATRIZ.propias == ()
    resultado = validar(MATRIZ, BUENA)
    assert proyectar(resultado) is resultado and copia_de(resultado) is None


def test_van_al_final_y_cada_una_se_lee_segun_su_tipo():
    assert AMPLIADA.oficial is MATRIZ and AMPLIADA.campos[:3] == MATRIZ.campos
    assert [c.tipo for c in AMPLIADA.propias] == list(TIPOS_PROPIOS)
    assert {c.dato for c in AMPLIADA.propias} == {"interno"} and not any(c.obligatorio for c in AMPLIADA.propias)
    assert ampliar(MATRIZ, COLUMNAS) is AMPLIADA, "la misma: sus revisores no se compilan otra vez"
    [fila] = validar(AMPLIADA, BUENA | PROPIA).como_dict("matriz")
    assert [fila[k.nombre] for k in COLUMNAS] == ["algo", "uno\ndos", "1200", "5000", "2026-12-31", "si"]


@pytest.mark.parametrize("tipo", ["entero", "pesos", "fecha", "logico"])
def test_una_celda_propia_mal_escrita_se_avisa_no_impide_entregar_y_no_se_pierde(tipo):
    mala = BUENA | {f"{PREFIJO}{tipo}": "cualquier cosa"}
    resultado = validar(AMPLIADA, mala)
    [alerta] = resultado.alertas
    assert resultado.valido and alerta.campo == f"{PREFIJO}{tipo}" and alerta.norma == ("guia:aprendizajes.2",)
    assert como_se_escribio(resultado)[0][f"{PREFIJO}{tipo}"] == "cualquier cosa"
    assert proyectar(resultado) == validar(MATRIZ, BUENA)


@pytest.mark.parametrize(
    ("nombre", "celda", "guardado"),
    [
        ("codigo", datetime.date(2026, 5, 3), "03/05/2026"),
        ("monto", 123.456, "123,456"),
        (f"{PREFIJO}pesos", 1.234, "1,234"),
        (f"{PREFIJO}entero", 70000.125, "70000,125"),
        (f"{PREFIJO}logico", datetime.date(2026, 5, 3), "03/05/2026"),
    ],
)
def test_lo_que_la_planilla_trae_mal_se_guarda_como_se_ve_y_sigue_mal(nombre, celda, guardado):
    fila = {"codigo": "A-01", "texto": "Uno", "monto": 5, **dict.fromkeys(PROPIA, ""), nombre: celda}
    hoja = Hoja("Datos", tuple(fila), [list(fila.values())], [2], tuple(range(len(fila))), 1)
    resultado = validar_libro(CATALOGO, AMPLIADA, Libro([hoja]), Contexto())
    [escrita] = como_se_escribio(resultado)
    assert escrita[nombre] == guardado
    [releido] = [p for p in validar(AMPLIADA, escrita).problemas if p.campo == nombre]
    assert (releido.gravedad, releido.valor) == (resultado.problemas[0].gravedad, guardado)


@RAPIDO
@given(st.lists(st.fixed_dictionaries({f"{PREFIJO}{t}": st.text(max_size=30) for t in TIPOS_PROPIOS}), min_size=1, max_size=5))
def test_lo_que_se_entrega_es_igual_diga_lo_que_diga_lo_propio(propias):
    filas = [{"codigo": f"A-{i:02}", "texto": "x", "monto": "no"} for i in range(len(propias))]
    con_ellas = validar(AMPLIADA, *(f | p for f, p in zip(filas, propias, strict=True)))
    assert proyectar(con_ellas) == validar(MATRIZ, *filas)


def test_lo_que_el_formato_exige_sigue_siendo_un_error():
    resultado = validar(AMPLIADA, {**PROPIA, "monto": "caro"})
    assert {p.campo for p in resultado.errores} == {"codigo", "monto"}
    assert [f["monto"] for f in como_se_escribio(resultado)] == ["caro"]
    assert proyectar(resultado) == validar(MATRIZ, {"monto": "caro"})


def test_lo_propio_sale_aparte_con_la_clave_de_su_fila():
    resultado = validar(AMPLIADA, BUENA | PROPIA)
    assert list(aparte(resultado)[0]) == ["codigo", *(k.nombre for k in COLUMNAS)]
    columnas, filas = copia_de(resultado)
    assert tuple(Columna(**k) for k in columnas) == COLUMNAS and filas == aparte(resultado)


# --- Declarar -----------------------------------------------------------------------------------------------


def test_el_nombre_sale_del_titulo_y_no_choca():
    assert declarar(MATRIZ, (), "  Prioridad  del Consejo ", "texto").nombre == "propia_prioridad_del_consejo"
    assert declarar(MATRIZ, (), "Ñuñoa (propia)", "texto") == Columna("propia_nunoa", "Ñuñoa", "texto")
    assert declarar(MATRIZ, (), "—", "texto").nombre == "propia_columna"
    una = declarar(MATRIZ, (), "Costo 1", "pesos")
    assert declarar(MATRIZ, [una], "Costo (1)", "pesos").nombre == "propia_costo_1_2"
    assert declarar(ampliar(MATRIZ, (una,)), [una], "Costo (1)", "pesos").nombre == "propia_costo_1_2"


@pytest.mark.parametrize(
    ("titulo", "tipo", "ayuda", "campo", "dice"),
    [
        ("  ", "texto", "", "titulo", "Falta el título"),
        ("(propia)", "texto", "", "titulo", "Falta el título"),
        ("x" * (LARGOS["titulo"] + 1), "texto", "", "titulo", "Acórtelo"),
        ("Nota", "texto", "x" * (LARGOS["ayuda"] + 1), "ayuda", "Acórtelo"),
        ("Nota", "correo", "", "tipo", "Elija una opción"),
        ("DESCRIPCION", "texto", "", "titulo", "ya es una columna de este formato"),
        ("monto", "texto", "", "titulo", "ya es una columna de este formato"),
        ("mi téxto", "texto", "", "titulo", "ya agregó una columna"),
        ("propia_texto", "texto", "", "titulo", "ya agregó una columna"),
    ],
)
def test_una_que_no_se_puede_dice_donde_y_como_se_arregla(titulo, tipo, ayuda, campo, dice):
    with pytest.raises(ColumnaInvalida, match=dice) as falla:
        declarar(AMPLIADA, COLUMNAS, titulo, tipo, ayuda)
    assert falla.value.campo == campo


def test_hay_un_maximo_y_cambiar_una_no_cuenta_como_otra():
    todas = [Columna(f"{PREFIJO}{i}", f"Columna {i}", "texto") for i in range(TOPE)]
    with pytest.raises(ColumnaInvalida, match="máximo"):
        declarar(MATRIZ, todas, "Otra", "texto")
    assert declarar(MATRIZ, todas, "columna 0", "fecha", nombre="propia_0") == Columna("propia_0", "columna 0", "fecha")
    with pytest.raises(ColumnaInvalida, match="ya agregó"):
        declarar(MATRIZ, todas, "Columna 1", "texto", nombre="propia_0")


def test_ningun_campo_del_catalogo_usa_el_prefijo():
    assert [c.nombre for e in CATALOGO.esquemas.values() for c in e.campos if c.nombre.startswith(PREFIJO)] == []


# --- En un archivo ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotulo", ["Mi texto", "mi TEXTO (propia)", "propia_texto"])
def test_se_reconoce_por_su_titulo_por_su_nombre_o_como_va_en_la_planilla(rotulo):
    resultado = leer(AMPLIADA, f"codigo;Descripción;monto;{rotulo}\r\nA-01;Uno;5;algo")
    assert resultado.como_dict("matriz")[0]["propia_texto"] == "algo" and resultado.valido
    assert not any(p.codigo == Codigo.COLUMNA_AJENA for p in resultado.problemas)


def test_la_que_el_archivo_no_trae_queda_como_estaba():
    resultado = leer(AMPLIADA, "codigo;Descripción;monto;Mi texto\r\nA-01;Uno;5;\r\nA-02;Dos;6;nuevo")
    faltan = [p.mensaje for p in resultado.alertas if p.codigo == Codigo.COLUMNA_OPCIONAL_FALTANTE]
    assert len(faltan) == len(COLUMNAS) - 1 and "«Mi fecha (propia)»: queda como está en la matriz" in " ".join(faltan)
    assert como_se_escribio(resultado) == resultado.como_dict("matriz"), "lo que se dice del archivo no es de una fila"
    actuales = [{"codigo": "A-01", "monto": "9", **PROPIA}, {"codigo": "A-01", "propia_fecha": "otra"}]
    una, otra = conservar(resultado, actuales).como_dict("matriz")
    assert (una["propia_fecha"], una["propia_texto"], una["monto"]) == ("31-12-2026", "", "5"), "la que trae vacía, se vacía"
    assert (otra["propia_fecha"], otra["propia_texto"]) == ("", "nuevo")


def test_una_fila_de_totales_no_corre_lo_escrito_en_las_demas_ni_lo_repetido_se_mezcla():
    texto = "codigo;Descripción;monto\r\nA-01;Uno;5\r\nTOTAL;;caro\r\nA-01;Dos;mal\r\nTOTAL;;caro"
    resultado = leer(AMPLIADA, texto)
    assert resultado.indices == [0, 2] and resultado.apartadas == {1, 3}
    assert [f["monto"] for f in como_se_escribio(resultado)] == ["5", "mal"]
    actuales = [{"codigo": "A-01", "propia_texto": "de la primera"}, {"codigo": "A-01", "propia_texto": "de la segunda"}]
    quedan = [f["propia_texto"] for f in conservar(resultado, actuales).como_dict("matriz")]
    assert quedan == ["de la primera", "de la segunda"]


def test_si_el_formato_agrega_una_columna_con_ese_titulo_el_titulo_es_del_formato():
    nueva = formato("matriz", [codigo(), campo("texto", title="Mi texto")])
    ampliada = ampliar(nueva, (Columna("propia_texto", "Mi texto", "texto"),))
    resultado = leer(ampliada, "codigo;Mi texto;Mi texto (propia)\r\nA-01;del formato;de la región")
    [fila] = resultado.como_dict("matriz")
    assert (fila["texto"], fila["propia_texto"]) == ("del formato", "de la región")


def test_la_planilla_las_trae_al_final_marcadas_y_se_lee_igual():
    filas = validar(AMPLIADA, BUENA | PROPIA).como_dict("matriz")
    datos = escribir_plantilla(AMPLIADA, CATALOGO.opciones, filas=filas)
    hoja = openpyxl.load_workbook(io.BytesIO(datos))["Datos"]
    titulos = [c.value for c in hoja[1]]
    assert titulos == ["Código", "Descripción", "Monto", *(f"Mi {t} (propia)" for t in TIPOS_PROPIOS)]
    oficial, propia = hoja.cell(1, 2), hoja.cell(1, 4)
    assert oficial.fill.fgColor.rgb != propia.fill.fgColor.rgb and "no va en la entrega" in propia.comment.text
    libro = leer_libro(datos)
    resultado = validar_libro(CATALOGO, AMPLIADA, libro, Contexto())
    assert resultado.problemas == () and resultado.como_dict("matriz") == filas
    assert libro.plantilla[2] == MATRIZ.huella, "la planilla es la del formato"


def test_el_archivo_marcado_senala_la_celda_propia():
    texto = "codigo;Descripción;monto;Mi fecha (propia)\r\nA-01;Uno;5;pronto"
    libro = Libro([replace(leer_csv(texto.encode()), nombre="Datos")])
    resultado = validar_libro(CATALOGO, AMPLIADA, libro, Contexto())
    hoja = openpyxl.load_workbook(io.BytesIO(marcar(libro.hojas, resultado.problemas, AMPLIADA)))["Datos"]
    assert "pronto" in hoja["D2"].comment.text
