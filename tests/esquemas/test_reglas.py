"""Cada clase de regla con filas que cumplen y que no: el código del problema es el de la regla y el texto, el de su YAML."""

from dataclasses import replace

import pytest

from esquemas.errores import Codigo, Gravedad
from esquemas.propias import como_se_escribio
from esquemas.reglas import pesos
from esquemas.validacion import Contexto
from tests.esquemas.fabrica import campo, codigo, codigos, formato, por_filas, por_hoja, regla, unico

# --- exige -----------------------------------------------------------------------------------------

EXIGE = formato(
    "exige",
    [codigo(), campo("color", catalogo="colores", varios=True), campo("detalle"), campo("numero", "entero")],
    [
        regla("con-detalle", "detalle", si={"campo": "color", "es": "rojo"}, exige={"campo": "detalle", "vacio": False}),
        regla(
            "verde-solo",
            "color",
            gravedad="alerta",
            si={"y": [{"campo": "color", "es": "verde"}, {"campo": "numero", "vacio": False}]},
            exige={"y": [{"campo": "color", "no_es": "rojo"}, {"campo": "color", "no_es": "azul"}]},
        ),
        regla("algo", "codigo", exige={"o": [{"campo": "color", "vacio": False}, {"campo": "detalle", "vacio": False}]}),
    ],
)


@pytest.mark.parametrize(
    ("fila", "esperados"),
    [
        ({"color": "rojo", "detalle": "x"}, []),
        ({"color": "rojo"}, ["con-detalle"]),
        ({"color": "azul;rojo"}, ["con-detalle"]),
        ({"color": "azul"}, []),
        ({"color": "verde;azul"}, []),
        ({"color": "verde;azul", "numero": "1"}, ["verde-solo"]),
        ({"color": "verde", "numero": "1"}, []),
        ({"color": "verde;rojo", "numero": "1", "detalle": "x"}, ["verde-solo"]),
        ({}, ["algo"]),
        ({"detalle": "x"}, []),
        ({"color": "rojo", "numero": "malo"}, ["numero-invalido", "con-detalle"]),
        ({"color": "verde;azul", "numero": "malo"}, ["numero-invalido"]),
        ({"color": "morado"}, ["opcion-desconocida"]),
        ({"color": "rojo", "detalle": "a\nb"}, ["varias-lineas"]),
    ],
)
def test_exige(fila, esperados):
    assert codigos(por_filas(EXIGE, [{"codigo": "P-01"} | fila])) == esperados


def test_una_regla_calla_si_la_celda_donde_se_muestra_ya_tiene_un_error():
    assert codigos(por_filas(EXIGE, [{"codigo": "P 01"}])) == ["codigo-invalido"]


def test_el_problema_trae_el_texto_la_norma_y_el_lugar_de_su_regla():
    resultado = por_hoja(EXIGE, "codigo,color,numero,detalle\nP-01,azul,,\nP-02,rojo,,\n")
    problema = unico(resultado, "con-detalle")
    assert problema.mensaje == "Mensaje de con-detalle. Arreglo de con-detalle."
    assert (problema.celda, problema.fila, problema.indice, problema.campo) == ("D3", 3, 1, "detalle")
    assert problema.norma == ("decision:15",)
    assert not resultado.valido


def test_una_regla_de_alerta_no_invalida():
    resultado = por_filas(EXIGE, [{"codigo": "P", "color": "verde;azul", "numero": "1"}])
    assert unico(resultado, "verde-solo", Gravedad.ALERTA)
    assert resultado.valido


def test_el_error_de_una_regla_no_calla_a_la_siguiente():
    reglas = [regla(f"r{i}", "detalle", exige={"campo": "detalle", "vacio": False}) for i in range(3)]
    esquema = formato("m", [codigo(), campo("detalle")], reglas)
    assert codigos(por_filas(esquema, [{"codigo": "P"}])) == ["r0", "r1", "r2"]


# --- suma ------------------------------------------------------------------------------------------

TOPE = {"esquema": "montos", "campo": "monto", "prefiere": {"campo": "momento", "orden": ["preliminar", "exploratorio"]}}
MONTOS = formato(
    "montos",
    [
        codigo(),
        campo("region", catalogo="regiones"),
        campo("ejercicio", "ejercicio"),
        campo("instrumento", catalogo="instrumentos"),
        campo("momento", catalogo="momentos-presupuesto"),
        campo("monto", "pesos"),
    ],
)


def con_suma(relacion="no_supera", gravedad="error", tope=TOPE, por=("instrumento",)):
    suma = {"de": "plata", "por": list(por), "relacion": relacion, "tope": tope}
    campos = [
        codigo(),
        campo("instrumento", catalogo="instrumentos"),
        campo("plata", "pesos"),
        campo("fuente", catalogo="fuentes-presupuesto"),
    ]
    return formato(
        "suma", campos, [regla("la-suma", "plata", gravedad=gravedad, si={"campo": "fuente", "es": "sercotec"}, suma=suma)]
    )


def monto(cuanto, momento="preliminar", instrumento="crece", region="06", ejercicio="2027"):
    return {
        "codigo": f"{region}-{ejercicio}-{instrumento}-{momento}-{cuanto}",
        "region": region,
        "ejercicio": ejercicio,
        "instrumento": instrumento,
        "momento": momento,
        "monto": str(cuanto),
    }


def sumar(esquema, platas, montos, region="06", ejercicio=2027):
    filas = [{"codigo": f"F{i}", "instrumento": "crece", "fuente": "sercotec"} | p for i, p in enumerate(platas)]
    referidas = {} if montos is None else {"montos": montos}
    return por_filas(esquema, filas, Contexto(region, ejercicio, referidas), otros=[MONTOS])


@pytest.mark.parametrize(("platas", "mal"), [((60, 40), False), ((60, 41), True), ((101,), True), ((0, 0), False)])
def test_la_suma_no_supera(platas, mal):
    resultado = sumar(con_suma(), [{"plata": str(p)} for p in platas], [monto(100)])
    assert codigos(resultado) == (["la-suma"] if mal else [])


def test_el_problema_de_una_suma_dice_las_cifras_y_cae_en_la_ultima_fila():
    problema = unico(
        sumar(con_suma(), [{"plata": "1000000"}, {"plata": "252784000"}, {"plata": "5", "fuente": "fndr"}], [monto(1_000_000)]),
        "la-suma",
    )
    assert (problema.fila, problema.indice, problema.campo, problema.valor) == (2, 1, "plata", "253784000")
    for cifra in ("$253.784.000", "$1.000.000", "sobran $252.784.000", "«Crece»"):
        assert cifra in problema.mensaje


def test_una_suma_cae_en_una_fila_que_suma_y_no_llena_la_que_esta_en_blanco():
    resultado = sumar(con_suma(), [{"plata": "200"}, {"plata": ""}], [monto(100)])
    assert (unico(resultado, "la-suma").indice, unico(resultado, "la-suma").valor) == (0, "200")
    nada = replace(resultado, problemas=tuple(replace(p, indice=1) for p in resultado.problemas))
    assert [f["plata"] for f in como_se_escribio(nada)] == ["200", ""], "tampoco si cayera en ella"


def test_si_el_monto_dice_en_que_documento_consta_el_problema_tambien():
    montos = [monto(100) | {"oficio": "Oficio 200"}, monto(1, "exploratorio") | {"oficio": "Oficio 100"}]
    for relacion, platas in (("no_supera", "101"), ("alcanza", "99")):
        dicho = unico(sumar(con_suma(relacion, tope=TOPE | {"consta": "oficio"}), [{"plata": platas}], montos), "la-suma").mensaje
        assert "«Oficio 200»" in dicho and "Oficio 100" not in dicho
    sin_el = sumar(con_suma(tope=TOPE | {"consta": "oficio"}), [{"plata": "101"}], [monto(100)])
    assert "informado es $100" in unico(sin_el, "la-suma").mensaje


@pytest.mark.parametrize(("platas", "mal"), [((60, 40), False), ((60, 41), False), ((60, 39), True), ((), True)])
def test_la_suma_alcanza(platas, mal):
    otra = [{"plata": "5", "fuente": "fndr"}]
    resultado = sumar(con_suma("alcanza", "alerta"), [*({"plata": str(p)} for p in platas), *otra], [monto(100)])
    assert codigos(resultado) == (["la-suma"] if mal else [])


def test_lo_que_falta_por_asignar_de_un_instrumento_sin_filas_es_de_la_tabla_entera():
    problema = unico(
        sumar(con_suma("alcanza", "alerta"), [{"plata": "5", "fuente": "fndr"}], [monto(100)]), "la-suma", Gravedad.ALERTA
    )
    assert (problema.fila, problema.celda) == (None, "")
    assert "faltan $100" in problema.mensaje


def test_con_una_celda_ilegible_no_se_dice_que_falta_presupuesto():
    resultado = sumar(con_suma("alcanza", "alerta"), [{"plata": "60"}, {"plata": "1,234"}], [monto(100)])
    assert codigos(resultado) == ["numero-ambiguo"]


def test_con_una_celda_ilegible_si_se_dice_que_sobra():
    resultado = sumar(con_suma(), [{"plata": "101"}, {"plata": "1,234"}], [monto(100)])
    assert sorted(codigos(resultado)) == ["la-suma", "numero-ambiguo"]


@pytest.mark.parametrize("orden", [(0, 1), (1, 0)])
def test_vale_el_monto_preliminar_venga_antes_o_despues(orden):
    montos = [monto(100, "exploratorio"), monto(50, "preliminar")]
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [montos[i] for i in orden])) == ["la-suma"]
    montos = [monto(50, "exploratorio"), monto(100, "preliminar")]
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [montos[i] for i in orden])) == []


def test_sin_preliminar_vale_el_exploratorio():
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [monto(50, "exploratorio")])) == ["la-suma"]


@pytest.mark.parametrize("orden", [(0, 1, 2), (2, 0, 1), (0, 2, 1)])
def test_dos_exploratorios_no_estorban_si_hay_un_preliminar(orden):
    montos = [monto(10, "exploratorio"), monto(20, "exploratorio"), monto(100, "preliminar")]
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [montos[i] for i in orden])) == []


def test_dos_montos_para_lo_mismo_dejan_sin_comparar_solo_eso_y_se_dice_quien_lo_corrige():
    montos = [monto(50), monto(10, instrumento="juntos"), monto(20, instrumento="juntos")]
    for relacion, plata in (("no_supera", "80"), ("alcanza", "40")):
        resultado = sumar(con_suma(relacion), [{"plata": plata}, {"plata": "15", "instrumento": "juntos"}], montos)
        assert [p.mensaje.count("«Crece»") for p in resultado.errores] == [1]
        dudas = [p for p in resultado.problemas if p.codigo == Codigo.REGLA_SIN_DATOS]
        if relacion == "no_supera":  # se dice una vez, aunque la matriz tenga las dos reglas
            assert [(p.gravedad, p.fila) for p in dudas] == [(Gravedad.ALERTA, None)]
            assert "«Juntos»: «Montos» trae más de un monto" in dudas[0].mensaje
            assert "Lo corrige quien la llena: Quien prueba." in dudas[0].mensaje
        else:
            assert not dudas


def test_sin_preferencia_dos_momentos_se_contradicen():
    tope = {"esquema": "montos", "campo": "monto"}
    resultado = sumar(con_suma(tope=tope), [{"plata": "80"}], [monto(10), monto(20, "exploratorio")])
    assert unico(resultado, Codigo.REGLA_SIN_DATOS, Gravedad.ALERTA)
    assert codigos(sumar(con_suma(tope=tope), [{"plata": "80"}], [monto(10)])) == ["la-suma"]


def test_solo_cuentan_los_montos_de_la_region_y_el_ejercicio():
    ajenos = [monto(1, region="05"), monto(1, ejercicio="2026")]
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [*ajenos, monto(100)])) == []
    assert codigos(sumar(con_suma(), [{"plata": "80"}], [*ajenos, monto(50)])) == ["la-suma"]


def test_sin_region_conocida_dos_regiones_se_contradicen():
    resultado = sumar(con_suma(), [{"plata": "80"}], [monto(1, region="05"), monto(100)], region="", ejercicio=None)
    assert "Deje ahí una sola región." in unico(resultado, Codigo.REGLA_SIN_DATOS, Gravedad.ALERTA).mensaje


def test_un_instrumento_sin_monto_informado_se_avisa_y_no_se_calla():
    resultado = sumar(con_suma(), [{"plata": "80", "instrumento": "semilla"}, {"plata": "5"}], [monto(100)])
    problema = unico(resultado, Codigo.REGLA_SIN_DATOS, Gravedad.ALERTA)
    assert "«Semilla»" in problema.mensaje and "lo agrega quien la llena: Quien prueba." in problema.mensaje
    assert "«Crece»" not in problema.mensaje
    assert (
        codigos(sumar(con_suma("alcanza", "alerta"), [{"plata": "80", "instrumento": "semilla"}, {"plata": "100"}], [monto(100)]))
        == []
    )


@pytest.mark.parametrize("plata", ["", "0"])
def test_sin_plata_no_hace_falta_un_monto_informado(plata):
    assert codigos(sumar(con_suma(), [{"plata": plata, "instrumento": "semilla"}], [monto(100)])) == []


def test_un_presupuesto_vacio_suma_cero():
    assert codigos(sumar(con_suma(), [{"plata": ""}, {"plata": "100"}], [monto(100)])) == []


def test_sin_los_montos_se_avisa_que_no_se_revisaron():
    resultado = sumar(con_suma(), [{"plata": "80"}], None)
    problema = unico(resultado, Codigo.REFERENCIA_SIN_REVISAR, Gravedad.ALERTA)
    assert "las sumas contra sus montos" in problema.mensaje
    assert problema.valor == "montos"


def test_un_momento_que_no_esta_en_el_orden_va_al_final():
    tope = TOPE | {"prefiere": {"campo": "momento", "orden": ["preliminar"]}}
    montos = [monto(10, "exploratorio"), monto(100, "preliminar")]
    assert codigos(sumar(con_suma(tope=tope), [{"plata": "80"}], montos)) == []
    assert codigos(sumar(con_suma(tope=tope), [{"plata": "80"}], montos[:1])) == ["la-suma"]


# --- cociente --------------------------------------------------------------------------------------

COCIENTE = formato(
    "cociente",
    [
        codigo(),
        campo("instrumento", catalogo="instrumentos"),
        campo("plata", "pesos"),
        campo("cuantos", "entero"),
        campo("unidad"),
    ],
    [
        regla(
            "sobre-tope",
            "plata",
            gravedad="alerta",
            si={"campo": "unidad", "es": "empresas"},
            cociente={"de": "plata", "entre": "cuantos", "tope_de": "instrumento"},
        )
    ],
)
CRECE = 7_000_000  # Reglamento 3: 1.000.000 + 6.000.000


@pytest.mark.parametrize(
    ("fila", "mal"),
    [
        ({"plata": str(2 * CRECE), "cuantos": "2"}, False),
        ({"plata": str(2 * CRECE + 1), "cuantos": "2"}, True),
        ({"plata": str(CRECE + 1), "cuantos": "1"}, True),
        ({"plata": str(CRECE + 1), "cuantos": "1", "unidad": "comunas"}, False),
        ({"plata": str(CRECE + 1), "cuantos": "1", "instrumento": "redes"}, False),
        ({"plata": str(CRECE + 1), "cuantos": "1", "instrumento": ""}, False),
        ({"plata": str(CRECE + 1), "cuantos": "0"}, False),
        ({"plata": str(CRECE + 1), "cuantos": ""}, False),
        ({"plata": "", "cuantos": "1"}, False),
    ],
)
def test_cociente(fila, mal):
    resultado = por_filas(COCIENTE, [{"codigo": "P", "instrumento": "crece", "unidad": "empresas"} | fila])
    assert codigos(resultado) == (["sobre-tope"] if mal else [])
    assert resultado.valido


def test_el_problema_de_un_cociente_dice_las_cifras():
    fila = {"codigo": "P", "instrumento": "crece", "unidad": "empresas", "plata": "24000000", "cuantos": "3"}
    problema = unico(por_filas(COCIENTE, [fila]), "sobre-tope", Gravedad.ALERTA)
    assert "$8.000.000 por cada uno y el tope de Crece es $7.000.000" in problema.mensaje
    assert unico(por_filas(COCIENTE, [fila | {"cuantos": "tres"}]), Codigo.NUMERO_INVALIDO)


# --- pertenencia -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fila", "contexto", "esperados"),
    [
        ({"region": "06", "ejercicio": "2027"}, Contexto("06", 2027), []),
        ({"region": "05", "ejercicio": "2027"}, Contexto("06", 2027), ["region-distinta"]),
        ({"region": "06", "ejercicio": "2026"}, Contexto("06", 2027), ["ejercicio-distinto"]),
        ({"region": "05", "ejercicio": "2026"}, Contexto("06", 2027), ["region-distinta", "ejercicio-distinto"]),
        ({"region": "05", "ejercicio": "2026"}, Contexto(), []),
        ({"region": "05", "ejercicio": "2027"}, Contexto("00", 2027), []),
        ({"region": "", "ejercicio": ""}, Contexto("06", 2027), []),
        ({"region": "99", "ejercicio": "27"}, Contexto("06", 2027), ["opcion-desconocida", "ejercicio-invalido"]),
    ],
)
def test_region_y_ejercicio_de_la_entrega(fila, contexto, esperados):
    resultado = por_filas(MONTOS, [{"codigo": "M"} | fila], contexto)
    assert codigos(resultado) == esperados
    assert resultado.valido is not bool(esperados)


def test_una_tabla_sin_region_no_se_compara():
    assert codigos(por_filas(COCIENTE, [{"codigo": "P"}], Contexto("06", 2027))) == []


@pytest.mark.parametrize(("monto", "dicho"), [(0, "$0"), (999, "$999"), (1252784000, "$1.252.784.000"), (-1000, "$-1.000")])
def test_pesos(monto, dicho):
    assert pesos(monto) == dicho
