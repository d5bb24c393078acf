"""Los marcadores de una página escrita a mano: qué tabla sale, qué suma y qué se niega a publicar."""

import pytest

from esquemas.catalogo import cargar
from esquemas.tabla import escribir_csv
from generador.tabla_de_datos import insertar_tablas

CATALOGO = cargar()


def archivo(*filas, esquema="focalizacion"):
    """El CSV canónico de unas filas con solo algunos campos."""
    nombres = CATALOGO.esquemas[esquema].principal.nombres
    return escribir_csv(nombres, ([f.get(n, "") for n in nombres] for f in filas))


DOS = archivo(
    {"codigo": "A", "instrumento": "crece", "criterios": "territorial;perfil", "presupuesto": "1234567", "cobertura": "1000"},
    {"codigo": "B", "instrumento": "redes", "criterios": "sin-focalizacion", "presupuesto": "3", "orientacion": "a|b <i> *c*"},
)


def poner(texto, datos=DOS):
    pedidos = []

    def leer(ruta):
        pedidos.append(ruta)
        return datos

    return insertar_tablas(texto, leer, CATALOGO), pedidos


def test_sin_marcadores_el_texto_no_cambia():
    texto = "# Título\n\n<!-- un comentario -->\n\n| a | b |\n"
    assert poner(texto) == (texto, [])


def test_las_columnas_elegidas_con_nombres_de_catalogo_miles_y_totales():
    texto, pedidos = poner("x\n\n<!-- tabla: focalizacion.csv; columnas: instrumento, criterios, presupuesto, cobertura -->\n\ny")
    assert pedidos == ["focalizacion.csv"]
    assert texto.split("\n") == [
        "x",
        "",
        "| Instrumento | Criterios de focalización | Presupuesto estimado | Cobertura estimada |",
        "| --- | --- | ---: | ---: |",
        "| Crece | Territorial, Perfil de clientes | $1.234.567 | 1.000 |",
        "| Redes de Oportunidades | Sin focalización | $3 | No consta |",
        "| **Total** (2 filas) |  | **$1.234.570** | **1.000** (sin contar 1 que no consta) |",
        "",
        "y",
    ]


def test_sin_elegir_columnas_salen_las_que_traen_algun_dato():
    encabezado = poner("<!-- tabla: focalizacion.csv -->")[0].split("\n")[0]
    con_dato = ("codigo", "instrumento", "orientacion", "criterios", "presupuesto", "cobertura")
    principal = CATALOGO.esquemas["focalizacion"].principal
    assert encabezado == f"| {' | '.join(principal.campo(n).titulo for n in con_dato)} |"


def test_un_texto_con_signos_no_rompe_la_tabla():
    fila = poner("<!-- tabla: focalizacion.csv; columnas: codigo, orientacion -->")[0].split("\n")[3]
    assert fila.count("|") == 3 and "<i>" not in fila and "*" not in fila


def test_los_totales_se_eligen_o_se_callan():
    base = "<!-- tabla: focalizacion.csv; columnas: codigo, presupuesto, cobertura; totales:{} -->"
    assert poner(base.format(" presupuesto"))[0].split("\n")[-1] == "| **Total** (2 filas) | **$1.234.570** |  |"
    assert "Total" not in poner(base.format(""))[0]


def test_juntar_reune_las_filas_que_solo_difieren_en_una_columna():
    iguales = {"campo": "cobertura", "regla": "obligatorio", "razon": "No está en la fuente.", "fuente": "Fuente 001"}
    otra = {**iguales, "fila": "B", "razon": "Otra razón."}
    datos = archivo({**iguales, "fila": "A"}, {**iguales, "fila": "B"}, otra, esquema="excepciones")
    pedido = "<!-- tabla: excepciones.csv; columnas: campo, razon, fila; juntar: fila; nombra: focalizacion -->"
    assert poner(pedido, datos)[0].split("\n")[2:] == [
        "| Cobertura estimada | No está en la fuente. | A, B |",
        "| Cobertura estimada | Otra razón. | B |",
    ]


def test_el_esquema_se_puede_decir_aparte():
    texto, pedidos = poner("<!-- tabla: datos/piloto.csv; esquema: focalizacion; columnas: codigo -->")
    assert pedidos == ["datos/piloto.csv"] and texto.endswith("| B |")


@pytest.mark.parametrize(
    ("declara", "esperado"),
    [
        ("1234570", "2 filas con el dato suman $1.234.570. Cuadra."),
        ("1234580", "2 filas con el dato suman $1.234.570. Faltan $10."),
        ("1234560", "2 filas con el dato suman $1.234.570. Sobran $10."),
    ],
)
def test_el_control_dice_si_cuadra(declara, esperado):
    texto = poner(f"- <!-- control: focalizacion.csv; campo: presupuesto; declara: {declara} -->")[0]
    assert texto.startswith("- Presupuesto estimado: la fuente declara un total de $1.234.5") and texto.endswith(esperado)


def test_el_control_nombra_las_filas_sin_dato():
    texto = poner("<!-- control: focalizacion.csv; campo: cobertura; declara: 1421 -->")[0]
    assert texto.endswith("; 1 fila con el dato suma 1.000. Faltan 421. El dato no consta en 1 fila (B).")


@pytest.mark.parametrize("muestra", ["```\n{}\n```", "~~~~md\n{}\n~~~~", "Escriba `{}` en la página."])
def test_dentro_de_codigo_un_marcador_es_una_muestra(muestra):
    texto = muestra.format("<!-- tabla: focalizacion.csv -->")
    assert poner(texto) == (texto, [])


def test_un_marcador_despues_de_un_bloque_de_codigo_si_vale():
    assert "Total" in poner("```sh\nls\n```\n\n<!-- tabla: focalizacion.csv -->")[0]


@pytest.mark.parametrize(
    ("pedido", "dice"),
    [
        ("tabla: no-existe.csv", "no-existe"),
        ("tabla: focalizacion.csv; nombra: no-existe", "no-existe"),
        ("tabla: focalizacion.csv; columnas: monto", "monto"),
        ("tabla: focalizacion.csv; columna: codigo", "no conoce columna"),
        ("tabla: focalizacion.csv; esquema: excepciones", "columnas"),
        ("control: focalizacion.csv; campo: presupuesto", "declara"),
        ("control: focalizacion.csv; campo: presupuesto; declara: 1.421", "cifras"),
        ("control: focalizacion.csv; campo: instrumento; declara: 3", "no se puede sumar"),
    ],
)
def test_un_pedido_que_no_se_puede_cumplir_no_se_publica(pedido, dice):
    with pytest.raises(ValueError, match=dice):
        poner(f"<!-- {pedido} -->")


def test_un_archivo_que_no_sirve_no_se_publica():
    for datos, dice in (
        (archivo({"codigo": "A", "presupuesto": "muchos"}), "no es un número"),
        (archivo({"codigo": "A"}) + b"uno,dos\r\n" + b"," * 40 + b"x\r\n", "focalizacion.csv"),
    ):
        with pytest.raises(ValueError, match=dice):
            poner("<!-- tabla: focalizacion.csv; columnas: codigo, presupuesto -->", datos)


def test_un_grafico_dibuja_una_barra_por_fila_y_dice_lo_que_no_consta():
    dibujo = poner("<!-- grafico: focalizacion.csv; nombre: instrumento; valor: cobertura -->")[0]
    assert dibujo.count("<rect") == 2 and "Crece" in dibujo and "1.000" in dibujo and "No consta" in dibujo
    assert "<figcaption>Cobertura estimada por instrumento</figcaption>" in dibujo


@pytest.mark.parametrize("pedido", ["valor: presupuesto", "nombre: codigo; valor: orientacion", "nombre: codigo; valor: nada"])
def test_un_grafico_mal_pedido_no_se_publica(pedido):
    with pytest.raises(ValueError, match=r"focalizacion\.csv"):
        poner(f"<!-- grafico: focalizacion.csv; {pedido} -->")


def test_las_lineas_de_una_celda_se_leen_separadas():
    datos = archivo({"codigo": "A", "descripcion": "uno\ndos"})
    assert "| A | uno<br>dos |" in poner("<!-- tabla: focalizacion.csv; columnas: codigo, descripcion -->", datos)[0]


# --- gráficos con unidades ----------------------------------------------------------------------------

MEZCLA = archivo(
    {"codigo": "A", "instrumento": "crece", "cobertura": "100", "unidad_cobertura": "empresas"},
    {"codigo": "B", "instrumento": "crece", "cobertura": "30", "unidad_cobertura": "empresas"},
    {"codigo": "C", "instrumento": "redes", "cobertura": "", "unidad_cobertura": "empresas"},
    {"codigo": "D", "instrumento": "crece", "cobertura": "", "unidad_cobertura": "empresas"},
    {"codigo": "E", "instrumento": "semilla", "cobertura": "5", "unidad_cobertura": "comunas"},
)


def test_un_grafico_suma_las_filas_del_mismo_nombre_y_no_mezcla_unidades():
    hecho = poner("<!-- grafico: focalizacion.csv; nombre: instrumento; valor: cobertura; separa: unidad_cobertura -->", MEZCLA)[
        0
    ]
    assert hecho.count("<figure") == 1 and hecho.count("<rect") == 2
    assert "<desc>Crece (sin 1 fila que no consta), 130; Redes de Oportunidades, no consta.</desc>" in hecho
    assert "<figcaption>Cobertura estimada por instrumento (unidad de la cobertura: empresas)</figcaption>" in hecho
    assert hecho.endswith("Aparte, porque su unidad es otra: Semilla, 5 (comunas).")


def test_lo_que_no_consta_en_ninguna_fila_se_dice_y_no_se_dibuja():
    dicho = poner("<!-- grafico: focalizacion.csv; nombre: instrumento; valor: presupuesto -->", MEZCLA)[0]
    assert dicho == "Presupuesto estimado: no consta en ninguna de las 5 filas, y no hay qué dibujar."


# --- la traza -----------------------------------------------------------------------------------------

B1 = archivo(
    {"codigo": "DES-1", "tipo": "desafio", "enunciado": "Vender *más* | todo el año"},
    {"codigo": "OBJ-1", "tipo": "objetivo", "enunciado": "Abrir canales de venta", "desafios": "DES-1"},
    {"codigo": "OBJ-2", "tipo": "objetivo", "enunciado": "Otro objetivo cualquiera"},
    esquema="desafios-oportunidades-objetivos",
)
B2 = archivo(
    {"codigo": "F-1", "instrumento": "crece", "objetivos": "OBJ-1", "presupuesto": "1500"},
    {"codigo": "F-2", "instrumento": "redes", "orientacion": "1.- Abrir más canales de venta"},
)
TRAZA = "<!-- traza: desafios-oportunidades-objetivos.csv, focalizacion.csv; columnas: desafio, objetivo, instrumento{} -->"


def poner_traza(resto="", marcador=TRAZA):
    archivos = {"desafios-oportunidades-objetivos.csv": B1, "focalizacion.csv": B2}
    return insertar_tablas(marcador.format(resto), archivos.__getitem__, CATALOGO)


def test_la_traza_trae_su_dibujo_la_cuenta_de_sus_huecos_y_su_tabla():
    figura, cuenta, tabla = poner_traza("; suma: presupuesto").split("\n\n")
    assert figura.count("<path") == 2 and 'role="img"' in figura and 'tabindex="0"' in figura
    assert cuenta.split("\n") == [
        "- Desafío: 1.",
        "- Objetivo estratégico: 2. Sin enlace hacia atrás: 1 (OBJ-2). Sin enlace hacia adelante: 1 (OBJ-2).",
        "- Instrumento: 2. Sin enlace hacia atrás: 1 (Redes de Oportunidades).",
    ]
    assert tabla.split("\n") == [
        "| Código o nombre | Tipo | Qué dice, o sus filas | Viene de | Lleva a |",
        "| --- | --- | --- | --- | --- |",
        "| DES-1 | Desafío | Vender &#42;más&#42; &#124; todo el año | — | OBJ-1 |",
        "| OBJ-1 | Objetivo estratégico | Abrir canales de venta | DES-1 | Crece |",
        "| OBJ-2 | Objetivo estratégico | Otro objetivo cualquiera | Sin enlace | Sin enlace |",
        "| Crece | Instrumento | F-1 · $1.500 | OBJ-1 | — |",
        "| Redes de Oportunidades | Instrumento | F-2 | Sin enlace | — |",
    ]


def test_lo_supuesto_se_dibuja_aparte_y_se_declara():
    assert "Línea cortada" not in poner_traza()
    hecho = poner_traza("; supone: orientacion")
    assert "Línea cortada" in hecho and hecho.count('class="flecha supuesta"') == 1
    assert "| Redes de Oportunidades | Instrumento | F-2 | OBJ-1 (por sus palabras) | — |" in hecho


def test_de_la_matriz_que_falta_se_dice_que_no_consta():
    hecho = poner_traza("; falta: focalizacion", TRAZA.replace(", focalizacion.csv", ""))
    assert "- Instrumento: no consta." in hecho and "Sin enlace hacia adelante: 2." in hecho


@pytest.mark.parametrize("resto", [", cosa", "; falta: no-existe", "; sume: presupuesto"])
def test_una_traza_mal_pedida_no_se_publica(resto):
    with pytest.raises(ValueError, match=r"focalizacion\.csv"):
        poner_traza(resto)


# --- fichas y descargas -------------------------------------------------------------------------------


def test_una_sola_fila_se_lee_como_lista_de_definiciones_con_sus_numeros():
    datos = archivo(
        {"codigo": "A", "accion": "<b>", "descripcion": "1. uno\n2. dos", "orientacion": "x\ny", "instrumento": "crece"}
    )
    ficha = poner("<!-- ficha: focalizacion.csv; columnas: instrumento, accion, descripcion, orientacion, cobertura -->", datos)[
        0
    ]
    assert ficha == (
        '<dl class="registro" markdown="0"><dt>Instrumento</dt><dd>Crece</dd>'
        "<dt>Acción o proyecto</dt><dd>&#60;b&#62;</dd>"
        "<dt>Descripción</dt><dd><ol><li>uno</li><li>dos</li></ol></dd>"
        "<dt>Orientación estratégica</dt><dd>x<br>y</dd>"
        "<dt>Cobertura estimada</dt><dd>No consta</dd></dl>"
    )


def test_varias_filas_van_plegadas_bajo_su_nombre_y_sin_lo_que_no_se_les_pide():
    actividades = ({"codigo": c, "etapa": e, "plazo": "2007"} for c, e in (("A", "competitividad"), ("B", "difusion")))
    pedido = "<!-- ficha: plan-cluster.csv; titulo: codigo, plazo; columnas: codigo, ambito, apoyo -->"
    una, otra = poner(pedido, archivo(*actividades, esquema="plan-cluster"))[0].split("\n")
    assert "<summary>A · 2007</summary>" in una and "<dt>Código" not in una
    assert "<dt>Ámbito</dt><dd>No consta</dd>" in una and "Ámbito" not in otra  # solo una etapa tiene ámbitos
    assert una.count("<dt>") == 2 and otra.count("<dt>") == 1


def test_varias_filas_sin_nombre_no_se_publican():
    with pytest.raises(ValueError, match="titulo"):
        poner("<!-- ficha: focalizacion.csv -->")


def test_la_descarga_enlaza_lo_exacto_lo_de_excel_lo_que_significa_y_sus_excepciones():
    archivos = {
        "x/focalizacion.csv": DOS,
        "x/exc.csv": archivo({"fila": "A", "campo": "accion"}, {"fila": "B", "campo": "accion"}, esquema="excepciones"),
    }
    producidos = {}
    pedido = "- <!-- descarga: x/focalizacion.csv{} -->"
    hecho = insertar_tablas(pedido.format("; excepciones: x/exc.csv"), archivos.__getitem__, CATALOGO, producidos)
    assert hecho == (
        "- **B.2 · Matriz de Focalización**, 2 filas: [focalizacion.csv](x/focalizacion.csv), "
        "[CSV para Excel](x/focalizacion-excel.csv) y [qué es cada columna](/descargas/esquemas/focalizacion.json). "
        "Excepciones registradas: [2, con su razón](x/exc.csv)."
    )
    assert producidos["x/focalizacion-excel.csv"].decode("utf-8-sig").startswith("Código;Instrumento;")
    assert insertar_tablas(pedido.format(""), archivos.__getitem__, CATALOGO).endswith("Excepciones registradas: ninguna.")


def test_lo_que_no_es_un_formato_trae_su_descriptor_al_lado():
    archivos = {
        "comunas.csv": b"comuna,paga\r\n06101,gore\r\n06102,\r\n",
        "comunas.schema.json": b"""{"title": "Comunas", "fields": [{"name": "comuna", "title": "Comuna"},
            {"name": "paga", "title": "Quien paga", "categories": [{"value": "gore", "label": "Gobierno Regional"}]}]}""",
    }
    pedidos = "\n\n".join(f"<!-- {clase}: comunas.csv; descriptor: comunas.schema.json -->" for clase in ("tabla", "descarga"))
    tabla, descarga = insertar_tablas(pedidos, archivos.__getitem__, CATALOGO).split("\n\n")
    assert tabla.split("\n")[2:] == ["| 06101 | Gobierno Regional |", "| 06102 | No consta |"]
    assert "**Comunas**, 2 filas" in descarga and "[qué es cada columna](comunas.schema.json)" in descarga
