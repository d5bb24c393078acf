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
