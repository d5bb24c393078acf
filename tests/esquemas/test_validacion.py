"""El validador entero: celdas, campos ocultos, unicidad, grupos repetibles y lo que sale hacia afuera."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.errores import Codigo, Gravedad
from esquemas.revision import PISTAS
from esquemas.validacion import Contexto, como_dict, validar_hojas
from tests.esquemas.fabrica import (
    RAPIDO,
    campo,
    catalogo_con,
    codigo,
    codigos,
    encuesta,
    formato,
    hoja,
    por_filas,
    por_hoja,
    regla,
    sin_huecos,
    unico,
)

TODO = formato(
    "todo",
    [
        codigo(),
        campo("color", catalogo="colores"),
        campo("colores", catalogo="colores", varios=True),
        campo("monto", "pesos", constraints={"minimum": 0}),
        campo("tasa", "porcentaje"),
        campo("dia", "fecha"),
        campo("anio", "ejercicio"),
        campo("activo", "logico"),
        campo("correo", "correo"),
        campo("texto", "parrafo"),
    ],
)


def test_una_fila_entera_queda_canonica():
    fila = {
        "codigo": " P-01 ",
        "color": "Rojo",
        "colores": "verde; Azul",
        "monto": "$ 1.000",
        "tasa": "12,50 %",
        "dia": "31/12/2026",
    }
    fila |= {"anio": 2027.0, "activo": True, "correo": "a@ejemplo.cl", "texto": "uno\r\ndos"}
    resultado = por_filas(TODO, [fila])
    assert resultado.tablas == {
        "todo": [("P-01", "rojo", "verde;azul", "1000", "12.5", "2026-12-31", "2027", "si", "a@ejemplo.cl", "uno\ndos")]
    }
    assert codigos(resultado) == ["espacios-sobrantes"]
    assert resultado.valido
    assert por_filas(TODO, resultado.como_dict("todo")).tablas == resultado.tablas


def test_una_celda_mala_no_guarda_nada_y_dice_donde():
    resultado = por_filas(TODO, [{"codigo": "P-01"}, {"codigo": "P-02", "monto": "1,234", "dia": "mañana"}])
    assert [(p.fila, p.indice, p.campo, p.valor, p.celda) for p in resultado.errores] == [
        (2, 1, "monto", "1,234", ""),
        (2, 1, "dia", "mañana", ""),
    ]
    assert resultado.tablas["todo"][1] == ("P-02", *[""] * 9)
    assert not resultado.valido
    assert resultado.alertas == ()


def test_uno_verdadero_y_uno_punto_cero_no_son_lo_mismo():
    esquema = formato("m", [codigo(), campo("v", "logico"), campo("t")])
    filas = [{"codigo": f"P{i}", "v": v, "t": t} for i, (v, t) in enumerate([(1, 1), (True, True), (1.0, 1.0), ("1", "1")])]
    assert [f[1:] for f in por_filas(esquema, filas).tablas["m"]] == [("si", "1"), ("si", "VERDADERO"), ("si", "1"), ("si", "1")]


def test_un_valor_repetido_mil_veces_se_dice_en_cada_fila():
    resultado = por_filas(TODO, [{"codigo": f"P{i}", "color": "morado"} for i in range(1000)])
    assert len(resultado.errores) == 1000
    assert [p.indice for p in resultado.errores] == list(range(1000))


@pytest.mark.parametrize("filas", [[], {}, {"todo": []}])
def test_sin_ninguna_fila_no_es_valido(filas):
    assert unico(por_filas(TODO, filas), Codigo.SIN_FILAS).tabla == "todo"


def test_un_campo_o_una_tabla_que_no_existe_es_un_problema():
    problema = unico(por_filas(TODO, [{"codigo": "P-01"}, {"codigo": "P-02", "otro": "x"}]), Codigo.COLUMNA_AJENA)
    assert (problema.fila, problema.indice, problema.campo) == (2, 1, "otro")
    problema = unico(por_filas(TODO, {"todo": [{"codigo": "P-01"}], "ajena": [{}]}), Codigo.HOJA_EQUIVOCADA)
    assert problema.tabla == "ajena"


def test_un_archivo_sin_la_hoja_principal_se_rechaza_y_no_se_cae():
    resultado = sin_huecos(validar_hojas(catalogo_con(TODO), TODO, {}, Contexto()))
    assert unico(resultado, Codigo.HOJA_EQUIVOCADA).es_error
    assert resultado.leidas == 0


# --- unicidad --------------------------------------------------------------------------------------

DOBLE = formato(
    "doble", [campo("a", constraints={"required": True}), campo("b", constraints={"required": True})], primaryKey=["a", "b"]
)


def test_codigo_repetido_nombra_la_primera_fila():
    resultado = por_filas(TODO, [{"codigo": "P-01"}, {"codigo": "P-02"}, {"codigo": "P-01"}, {"codigo": " P-01"}])
    repetidos = [p for p in resultado.errores if p.codigo == Codigo.REPETIDO]
    assert [(p.fila, p.campo, p.valor) for p in repetidos] == [(3, "codigo", "P-01"), (4, "codigo", " P-01")]
    assert "fila 1" in repetidos[0].mensaje


def test_codigo_repetido_en_un_archivo_cuenta_encabezado_y_blancos():
    texto = f"{','.join(c.nombre for c in TODO.campos)}\nP-01{',' * 9}\n\nP-01{',' * 9}\n"
    problema = por_hoja(TODO, texto).errores[0]
    assert (problema.celda, problema.fila) == ("A4", 4)
    assert "fila 2" in problema.mensaje


def test_codigos_que_difieren_no_se_repiten():
    assert por_filas(TODO, [{"codigo": "P-01"}, {"codigo": "p-01"}]).valido


def test_clave_compuesta():
    assert por_filas(DOBLE, [{"a": "1", "b": "1"}, {"a": "1", "b": "2"}]).problemas == ()
    problema = unico(por_filas(DOBLE, [{"a": "1", "b": "1"}, {"a": "1", "b": "1"}]), Codigo.REPETIDO)
    assert problema.campo == "b"
    assert "«A» y «B»" in problema.mensaje


def test_lo_que_no_se_repite_ademas_de_la_clave_nombra_las_dos_filas():
    campos = [codigo(), *(campo(n, constraints={"required": n != "c"}) for n in "abc")]
    esquema = formato("juntos", campos, uniqueKeys=[["a", "b", "c"]])
    filas = [{"codigo": f"P{i}", "a": "1", "b": b, "c": c.strip()} for i, (b, c) in enumerate(["xy", "xz", "x ", "x ", "xy"])]
    problema = unico(por_filas(esquema, filas), Codigo.REPETIDO)
    assert (problema.fila, problema.campo) == (5, "c")
    assert problema.mensaje.startswith("«A», «B» y «C» repiten lo de la fila 1: «1 / x / y».")


def test_una_clave_que_no_se_pudo_leer_no_se_compara():
    resultado = por_filas(DOBLE, [{"a": "1", "b": "x\ny"}, {"a": "1", "b": "x\nz"}])
    assert codigos(resultado) == ["varias-lineas", "varias-lineas"]


def test_lo_vacio_no_se_repite():
    esquema = formato("m", [codigo(), campo("alias", constraints={"unique": True})])
    assert por_filas(esquema, [{"codigo": "P1"}, {"codigo": "P2"}]).problemas == ()
    assert (
        unico(por_filas(esquema, [{"codigo": "P1", "alias": "x"}, {"codigo": "P2", "alias": "x"}]), Codigo.REPETIDO).campo
        == "alias"
    )


# --- campos ocultos --------------------------------------------------------------------------------

OCULTOS = formato(
    "ocultos",
    [
        codigo(),
        campo("color", catalogo="colores"),
        campo("cual", mostrar_si={"campo": "color", "es": "rojo"}, constraints={"required": True}, ayuda="Diga cuál."),
        campo("detalle", "entero", mostrar_si={"campo": "cual", "vacio": False}),
    ],
)


def test_visible_y_obligatorio_se_exige():
    problema = unico(por_filas(OCULTOS, [{"codigo": "P", "color": "rojo"}]), Codigo.OBLIGATORIO)
    assert problema.campo == "cual"
    assert "Diga cuál." in problema.mensaje
    assert por_filas(OCULTOS, [{"codigo": "P", "color": "rojo", "cual": "x"}]).problemas == ()


def test_oculto_no_se_exige_ni_se_guarda_y_se_avisa():
    assert por_filas(OCULTOS, [{"codigo": "P", "color": "verde"}]).problemas == ()
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "verde", "cual": "x"}])
    assert unico(resultado, Codigo.CAMPO_OCULTO, Gravedad.ALERTA).valor == "x"
    assert resultado.tablas["ocultos"] == [("P", "verde", "", "")]


def test_lo_que_no_se_guarda_dice_que_campo_lo_decide_y_con_que_valor():
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "verde", "cual": "x", "detalle": "5"}])
    assert [p.mensaje for p in resultado.problemas] == [
        "«Cual» no va cuando «Color» es «Verde»: no se guarda. Bórrelo o corrija «Color».",
        "«Detalle» no va cuando «Cual» está vacío: no se guarda. Bórrelo o corrija «Cual».",
    ]


@pytest.mark.parametrize(
    ("fila", "dice"),
    [
        ({"colores": "rojo;verde", "activa": "no"}, "«Activa» es «No»: no se guarda. Bórrelo o corrija «Activa»."),
        ({"colores": "azul;verde", "activa": "si"}, "«Colores» es «Azul, Verde»: no se guarda. Bórrelo o corrija «Colores»."),
        ({"colores": "", "activa": "no"}, "«Activa» es «No» y «Colores» está vacío: no se guarda. "),
        ({"colores": "rojo", "activa": "si", "nota": "Ya está"}, "«Nota» es «Ya está»: no se guarda. Bórrelo o corrija «Nota»."),
    ],
)
def test_de_una_condicion_compuesta_se_dice_solo_lo_que_no_se_cumple(fila, dice):
    rojos = {"o": [{"campo": "colores", "es": "rojo"}, {"campo": "colores", "es": "01"}]}
    y = {"y": [{"campo": "activa", "es": "si"}, rojos, {"campo": "nota", "vacio": True}]}
    campos = [codigo(), campo("colores", catalogo="colores", varios=True), campo("activa", "logico"), campo("nota")]
    esquema = formato("compuesta", [*campos, campo("motivo", mostrar_si=y)])
    resultado = por_filas(esquema, [{"codigo": "P", "motivo": "x", **fila}])
    assert dice in unico(resultado, Codigo.CAMPO_OCULTO, Gravedad.ALERTA).mensaje


def test_lo_oculto_encadenado_tampoco_se_guarda():
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "verde", "cual": "x", "detalle": "5"}])
    assert resultado.tablas["ocultos"] == [("P", "verde", "", "")]
    assert codigos(resultado) == ["campo-oculto", "campo-oculto"]


def test_un_error_en_lo_oculto_ya_no_importa():
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "verde", "detalle": "no es número"}])
    assert unico(resultado, Codigo.CAMPO_OCULTO, Gravedad.ALERTA).campo == "detalle"


def test_lo_visible_mal_escrito_es_un_solo_problema():
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "rojo", "cual": "a\nb"}])
    assert unico(resultado, Codigo.VARIAS_LINEAS).campo == "cual"


def test_si_lo_que_mira_esta_mal_no_hay_cascada():
    resultado = por_filas(OCULTOS, [{"codigo": "P", "color": "morado", "cual": "x"}])
    assert unico(resultado, Codigo.OPCION_DESCONOCIDA).campo == "color"
    assert resultado.tablas["ocultos"] == [("P", "", "x", "")]


def test_solo_espacios_en_lo_oculto_no_se_avisa():
    assert por_filas(OCULTOS, [{"codigo": "P", "color": "verde", "cual": "  "}]).problemas == ()


# --- grupos ----------------------------------------------------------------------------------------

ENCUESTA = encuesta(
    "consulta",
    [
        campo("nombre", constraints={"required": True}),
        campo("interes", "logico"),
        campo("nivel", catalogo="colores", mostrar_si={"campo": "interes", "es": "si"}),
    ],
    {
        "personas": {
            "campos": [
                campo("cargo", constraints={"required": True}),
                campo("correo", "correo", constraints={"unique": True}),
                campo("motivo", mostrar_si={"campo": "interes", "es": "si"}),
            ],
            "reglas": [
                regla("jefa-sin-correo", "correo", si={"campo": "cargo", "es": "jefa"}, exige={"campo": "correo", "vacio": False})
            ],
            "minimo": 1,
            "maximo": 2,
        },
        "ideas": {
            "campos": [
                campo("idea", constraints={"required": True}),
                campo("cita", referencia={"esquema": "matriz-estrategica-integrada"}),
            ],
            "minimo": 1,
            "maximo": 2,
            "mostrar_si": {"campo": "nivel", "es": "rojo"},
        },
    },
)
UNA = {"nombre": "Red"}


def responder(principal=UNA, personas=({"cargo": "otra"},), ideas=(), contexto=None):
    return por_filas(ENCUESTA, {"consulta": [principal], "personas": list(personas), "ideas": list(ideas)}, contexto)


def test_una_respuesta_minima():
    resultado = responder()
    assert resultado.problemas == ()
    assert resultado.tablas == {"consulta": [("1", "Red", "", "")], "personas": [("1", "otra", "", "")], "ideas": []}
    assert resultado.leidas == 1


def test_grupo_insuficiente_y_excedido():
    assert unico(responder(personas=[]), Codigo.GRUPO_INSUFICIENTE).campo == "personas"
    assert responder(personas=[{"cargo": "a"}, {"cargo": "b"}]).valido
    resultado = responder(personas=[{"cargo": c} for c in "abcd"])
    problema = unico(resultado, Codigo.GRUPO_EXCEDIDO)
    assert (problema.tabla, problema.indice, problema.fila, problema.valor) == ("consulta", 0, 1, "")
    assert "Quite 2" in problema.mensaje
    assert len(resultado.tablas["personas"]) == 4  # los sobrantes son un problema, nunca se recortan


def test_un_grupo_que_no_corresponde_no_se_exige_ni_se_guarda():
    con_nivel = UNA | {"interes": "si", "nivel": "rojo"}
    assert unico(responder(con_nivel), Codigo.GRUPO_INSUFICIENTE).campo == "ideas"
    assert responder(con_nivel, ideas=[{"idea": "x"}]).tablas["ideas"] == [("1", "x", "")]
    resultado = responder(UNA, ideas=[{"idea": "x"}])
    problema = unico(resultado, Codigo.CAMPO_OCULTO, Gravedad.ALERTA)
    assert (problema.tabla, problema.fila) == ("ideas", 1)
    assert resultado.tablas["ideas"] == []


def test_lo_malo_y_lo_que_sobra_de_un_grupo_que_no_corresponde_no_importa():
    ideas = [{"cita": "ñ"}, {"idea": "x", "cita": "NO-ESTA"}, {"idea": "y"}]
    contexto = Contexto(referidas={"matriz-estrategica-integrada": []})
    resultado = responder(UNA, ideas=ideas, contexto=contexto)
    assert codigos(resultado) == ["campo-oculto"] * 3
    assert resultado.tablas["ideas"] == []


def test_lo_que_no_se_guarda_no_se_repite():
    grupo = {"campos": [campo("clave", constraints={"unique": True})], "mostrar_si": {"campo": "nombre", "es": "si"}}
    esquema = encuesta("otra", [campo("nombre")], {"grupo": grupo})
    filas = [{"clave": "x"}, {"clave": "x"}]
    assert codigos(por_filas(esquema, {"otra": [{"nombre": "no"}], "grupo": filas})) == ["campo-oculto", "campo-oculto"]
    assert codigos(por_filas(esquema, {"otra": [{"nombre": "si"}], "grupo": filas})) == ["repetido"]


def test_un_grupo_mira_lo_que_se_guarda_no_lo_que_se_oculto():
    """`nivel` está oculto (no hay interés): aunque traiga «rojo», el grupo que lo mira no corresponde."""
    resultado = responder(UNA | {"interes": "no", "nivel": "rojo"}, ideas=[{"idea": "x"}])
    assert codigos(resultado) == ["campo-oculto", "campo-oculto"]
    assert resultado.tablas["ideas"] == []
    assert resultado.tablas["consulta"] == [("1", "Red", "no", "")]


def test_si_lo_que_el_grupo_mira_esta_mal_no_hay_cascada():
    resultado = responder(UNA | {"interes": "si", "nivel": "morado"}, ideas=[{"idea": "x"}])
    assert unico(resultado, Codigo.OPCION_DESCONOCIDA).campo == "nivel"
    assert resultado.tablas["ideas"] == [("1", "x", "")]


def test_un_campo_de_grupo_mira_la_tabla_principal():
    resultado = responder(personas=[{"cargo": "a", "motivo": "m"}])
    problema = unico(resultado, Codigo.CAMPO_OCULTO, Gravedad.ALERTA)
    assert problema.campo == "motivo" and "«Interes» está vacío" in problema.mensaje
    resultado = responder(UNA | {"interes": "si"}, personas=[{"cargo": "a", "motivo": "m"}])
    assert resultado.problemas == ()
    assert resultado.tablas["personas"] == [("1", "a", "", "m")]


def test_reglas_y_unicidad_dentro_de_un_grupo():
    resultado = responder(personas=[{"cargo": "jefa"}, {"cargo": "b", "correo": "a@ejemplo.cl"}])
    problema = unico(resultado, "jefa-sin-correo")
    assert (problema.tabla, problema.fila) == ("personas", 1)
    resultado = responder(personas=[{"cargo": c, "correo": "a@ejemplo.cl"} for c in "ab"])
    assert unico(resultado, Codigo.REPETIDO).tabla == "personas"


HOJAS = {
    "consulta": "Respuesta,Nombre,Interes,Nivel\nr1,Red,,\nr2,Otra,si,verde\n",
    "personas": "Respuesta,Cargo,Correo,Motivo\nr1,a,,\nr2,b,,m\n",
}


def test_una_encuesta_de_varias_hojas():
    resultado = por_hoja(ENCUESTA, HOJAS)
    assert resultado.problemas == ()
    assert resultado.tablas["personas"] == [("r1", "a", "", ""), ("r2", "b", "", "m")]
    assert resultado.leidas == 2


def test_una_fila_de_una_respuesta_que_no_existe():
    resultado = por_hoja(ENCUESTA, HOJAS | {"personas": f"{HOJAS['personas']}r3,c,,m\n"})
    problema = unico(resultado, Codigo.RESPUESTA_INEXISTENTE)
    assert (problema.celda, problema.valor, problema.hoja) == ("A4", "r3", "personas")


def test_una_fila_sin_respuesta_es_un_solo_problema():
    resultado = por_hoja(ENCUESTA, HOJAS | {"personas": f"{HOJAS['personas']},c,,m\n"})
    assert unico(resultado, Codigo.OBLIGATORIO).celda == "A4"


def test_sin_la_hoja_de_un_grupo_exigido_cada_respuesta_lo_dice():
    resultado = por_hoja(ENCUESTA, {"consulta": HOJAS["consulta"]})
    assert [(str(p.codigo), p.fila) for p in resultado.errores] == [("grupo-insuficiente", 2), ("grupo-insuficiente", 3)]


def test_los_problemas_salen_en_el_orden_de_las_tablas_y_las_filas():
    resultado = por_hoja(
        ENCUESTA,
        {
            "consulta": "Respuesta,Nombre,Interes,Nivel\nr1,,quizas,\n",
            "personas": "Respuesta,Cargo,Correo,Motivo\nr1,,x,\nr1,a,y,\n",
        },
    )
    assert [(p.tabla, p.fila) for p in resultado.errores] == [
        ("consulta", 2),
        ("consulta", 2),
        ("personas", 2),
        ("personas", 2),
        ("personas", 3),
    ]


# --- hacia afuera ----------------------------------------------------------------------------------


def test_la_salida_json_es_la_del_contrato():
    resultado = por_hoja(TODO, "codigo,monto,color,colores,tasa,dia,anio,activo,correo,texto\nP-01,1.5,,,,,,,,\n")
    salida = json.loads(json.dumps(como_dict(resultado)))
    assert {c: v for c, v in salida.items() if c != "problemas"} == {
        "esquema": "todo",
        "version": "1.0.0",
        "filas": 1,
        "valido": False,
    }
    (problema,) = salida["problemas"]
    assert problema | {"mensaje": ""} == {
        "gravedad": "error",
        "codigo": "no-es-entero",
        "tabla": "todo",
        "hoja": "Datos",
        "celda": "B2",
        "fila": 2,
        "campo": "monto",
        "valor": "1.5",
        "mensaje": "",
        "norma": ["decision:15"],
    }


def test_un_valor_larguisimo_se_recorta_al_mostrarlo():
    salida = como_dict(por_filas(TODO, [{"codigo": "x" * 3000}]))
    assert len(salida["problemas"][0]["valor"]) == 200


def test_los_problemas_de_la_lectura_llegan_con_una_norma_y_no_tapan_los_de_otras_filas():
    titulos = "codigo,monto,color,colores,tasa,dia,anio,activo,correo,texto"
    resultado = por_hoja(TODO, f"{titulos}\nP-01,mil,,,,,,,,,sobra\nP-02,cien,,,,,,,,\n")
    assert [(str(p.codigo), p.celda) for p in resultado.errores] == [("fila-irregular", "K2"), ("numero-invalido", "B3")]
    assert resultado.problemas[0].norma == TODO.norma[:1]
    assert [fila[0] for fila in resultado.tablas["todo"]] == ["P-02"]


def test_una_celda_larga_es_un_problema_mas_de_su_celda():
    titulos = "codigo,monto,color,colores,tasa,dia,anio,activo,correo,texto"
    resultado = por_hoja(TODO, f"{titulos}\nP-01,mil,,,,,,,,{'x' * 2001}\nP-02,cien,,,,,,,,\n")
    assert [(str(p.codigo), p.celda) for p in resultado.errores] == [
        ("numero-invalido", "B2"),
        ("celda-larga", "J2"),
        ("numero-invalido", "B3"),
    ]
    assert "2.001 caracteres y caben 200" in resultado.errores[1].mensaje


def test_los_avisos_de_columna_tambien_llevan_norma_cuando_otro_error_detiene():
    resultado = por_hoja(TODO, "codigo,codigo,ajena\nP-01,,\n")
    assert "columna-ajena" in codigos(resultado)  # `sin_huecos` ya comprobó la norma de todos


@RAPIDO
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["nombre", "interes", "nivel", "respuesta"]),
            st.one_of(st.text(max_size=8), st.booleans(), st.floats()),
        ),
        max_size=3,
    ),
    st.lists(st.dictionaries(st.sampled_from(["respuesta", "cargo", "correo", "motivo", "zz"]), st.text(max_size=8)), max_size=4),
    st.lists(
        st.dictionaries(st.sampled_from(["respuesta", "idea", "cita"]), st.sampled_from(["1", "", "x", "rojo"])), max_size=4
    ),
)
def test_llegue_lo_que_llegue_no_se_cae_y_lo_valido_es_canonico(principal, personas, ideas):
    resultado = por_filas(ENCUESTA, {"consulta": principal, "personas": personas, "ideas": ideas})
    if resultado.valido:
        de_nuevo = por_filas(ENCUESTA, {t.nombre: resultado.como_dict(t.nombre) for t in ENCUESTA.tablas})
        assert de_nuevo.tablas == resultado.tablas
        assert de_nuevo.valido


def test_la_hoja_de_prueba_es_la_del_lector():
    assert hoja("a\n1\n").numeros == [2]


def test_las_pistas_de_una_columna_tienen_tope():
    tabla = formato("matriz", [codigo(), campo("color", catalogo="colores")])
    filas = [{"codigo": f"F-{n}", "color": f"roj{n:04}"} for n in range(PISTAS + 10)]
    mensajes = [p.mensaje for p in por_filas(tabla, filas).errores]
    assert len(mensajes) == PISTAS + 10
    assert sum("¿Quiso decir «Rojo»" in m for m in mensajes) <= PISTAS
    assert all("Elija una de" in m for m in mensajes)
