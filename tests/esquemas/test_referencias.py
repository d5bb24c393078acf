"""Una matriz contra otra: existencia, tipo, varias, la misma tabla, lo citado y lo que falta por citar."""

import pytest

from esquemas.catalogo import cargar
from esquemas.errores import Codigo, Gravedad
from esquemas.referencias import citables, referidos
from esquemas.revision import PISTAS
from esquemas.validacion import Contexto
from tests.esquemas.fabrica import campo, codigo, codigos, encuesta, formato, por_filas, regla, unico

TIPO = {"catalogo": "tipos-potencialidad-problematica"}
A2 = formato(
    "origenes", [codigo(), campo("tipo", **TIPO), campo("atingente", "logico"), campo("temas", catalogo="colores", varios=True)]
)
B1 = formato(
    "destinos",
    [
        codigo(),
        campo("clase"),
        campo("una", referencia={"esquema": "origenes"}),
        campo("varias", referencia={"esquema": "origenes", "tipo": ["problematica"]}, varios=True),
        campo("madre", referencia={"esquema": "destinos"}),
    ],
    [
        regla("cita-potencialidad", "una", si={"campo": "clase", "es": "oportunidad"}, cita={"tipo": ["potencialidad"]}),
        regla(
            "sin-respuesta",
            "varias",
            gravedad="alerta",
            citados={"y": [{"campo": "tipo", "es": "problematica"}, {"campo": "atingente", "es": "si"}]},
        ),
    ],
)
ORIGENES = [
    {"codigo": "POT-01", "tipo": "potencialidad", "atingente": "si", "temas": ""},
    {"codigo": "PRO-01", "tipo": "problematica", "atingente": "no", "temas": ""},
    {"codigo": "PRO-02", "tipo": "problematica", "atingente": "no", "temas": "rojo;verde"},
]


def validar(filas, origenes=ORIGENES, esquema=B1, **mas):
    referidas = {} if origenes is None else {"origenes": origenes}
    filas = [{"codigo": f"D-{i}"} | f for i, f in enumerate(filas)]
    return por_filas(esquema, filas, Contexto(referidas=referidas, **mas), otros=[A2])


@pytest.mark.parametrize(
    "fila", [{"una": "POT-01"}, {"una": "PRO-01"}, {"varias": "PRO-01;PRO-02"}, {"una": "PRO-01 · lo que sea"}, {}]
)
def test_lo_citado_existe(fila):
    assert validar([fila]).problemas == ()


@pytest.mark.parametrize(
    ("fila", "malos"),
    [
        ({"una": "PRO-03"}, ["PRO-03"]),
        ({"una": "pro-01"}, ["pro-01"]),
        ({"varias": "PRO-01;X;PRO-02;Y"}, ["X", "Y"]),
    ],
)
def test_lo_citado_no_existe(fila, malos):
    resultado = validar([fila])
    assert codigos(resultado) == ["referencia-inexistente"] * len(malos)
    assert [p.valor for p in resultado.problemas] == malos
    assert all(p.campo in fila and p.indice == 0 for p in resultado.problemas)


def test_una_cita_inexistente_sugiere_o_dice_que_hacer():
    for citado in ("PRO-1", "pro-01", "Pro-1"):
        assert "¿Quiso decir «PRO-01»?" in unico(validar([{"una": citado}]), Codigo.REFERENCIA_INEXISTENTE).mensaje
    assert "agregue esa fila" in unico(validar([{"una": "zzz"}]), Codigo.REFERENCIA_INEXISTENTE).mensaje


def test_contra_una_matriz_vacia_nada_existe():
    assert unico(validar([{"una": "PRO-01"}], []), Codigo.REFERENCIA_INEXISTENTE)


def test_el_tipo_de_lo_citado():
    problema = unico(validar([{"varias": "PRO-01;POT-01"}]), Codigo.REFERENCIA_TIPO)
    assert problema.valor == "POT-01"
    assert "«potencialidad»" in problema.mensaje
    assert "problematica" in problema.mensaje


def test_una_fila_referida_sin_tipo_legible_no_provoca_otro_error():
    """Su error es de la otra matriz: repetirlo aquí lo ahogaría."""
    assert validar([{"varias": "PRO-01"}], [{"codigo": "PRO-01", "tipo": "", "atingente": "no"}]).problemas == ()


def test_las_pistas_tienen_tope():
    """Buscar un parecido es lo más caro: un archivo lleno de citas malas no puede detener el servidor."""
    malas = [{"una": f"PRO-X{n}"} for n in range(PISTAS + 5)]
    con_pista = [p for p in validar(malas).errores if "¿Quiso decir" in p.mensaje]
    assert len(validar(malas).errores) == PISTAS + 5
    assert len(con_pista) == PISTAS


def test_una_cita_mal_escrita_es_un_solo_problema():
    assert unico(validar([{"una": "PRO 01"}]), Codigo.CODIGO_INVALIDO)


# --- la misma tabla --------------------------------------------------------------------------------


def test_autorreferencia():
    assert validar([{"madre": "D-1"}, {}]).problemas == ()
    assert validar([{"madre": "D-0"}]).problemas == ()
    problema = unico(validar([{}, {"madre": "D-2"}]), Codigo.REFERENCIA_INEXISTENTE)
    assert (problema.indice, problema.campo) == (1, "madre")


def test_la_autorreferencia_mira_la_tabla_y_no_lo_que_dieron_aparte():
    contexto = Contexto(referidas={"destinos": [{"codigo": "OTRA"}]})
    resultado = por_filas(B1, [{"codigo": "D", "madre": "OTRA"}], contexto, otros=[A2])
    assert codigos(resultado) == ["referencia-sin-revisar", "referencia-inexistente"]


# --- cita y citados --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fila", "esperados"),
    [
        ({"clase": "oportunidad", "una": "POT-01"}, []),
        ({"clase": "oportunidad", "una": "PRO-01"}, ["cita-potencialidad"]),
        ({"clase": "desafio", "una": "PRO-01"}, []),
        ({"clase": "oportunidad"}, []),
        ({"clase": "oportunidad", "una": "NO-ESTA"}, ["referencia-inexistente"]),
        ({"clase": "opor\ntunidad", "una": "PRO-01"}, ["varias-lineas"]),
    ],
)
def test_cita(fila, esperados):
    assert codigos(validar([fila])) == esperados


def test_cita_dice_cual():
    problema = unico(validar([{"clase": "oportunidad", "una": "PRO-01"}]), "cita-potencialidad")
    assert (problema.valor, problema.campo, problema.indice) == ("PRO-01", "una", 0)
    assert "No lo es: PRO-01." in problema.mensaje


def test_citados():
    atingente = [*ORIGENES[:2], ORIGENES[2] | {"atingente": "si"}]
    assert validar([{}, {"varias": "PRO-01;PRO-02"}], atingente).problemas == ()
    problema = unico(validar([{"varias": "PRO-01"}], atingente), "sin-respuesta", Gravedad.ALERTA)
    assert (problema.valor, problema.fila, problema.campo) == ("PRO-02", None, "varias")
    assert "Falta: «PRO-02»." in problema.mensaje
    assert validar([{"varias": "PRO-01"}]).problemas == ()  # ninguna atingente: nada falta
    ambas = [f | {"atingente": "si"} for f in ORIGENES]
    assert codigos(validar([{}], ambas)) == ["sin-respuesta", "sin-respuesta"]


def test_citados_con_varios_en_la_otra_matriz():
    """En la matriz citada, `temas` tiene varios valores: «es» significa «contiene»."""
    reglas = [regla("rojas", "una", gravedad="alerta", citados={"campo": "temas", "es": "rojo"})]
    esquema = formato("rojos", [codigo(), campo("una", referencia={"esquema": "origenes"})], reglas)
    assert unico(validar([{}], esquema=esquema), "rojas", Gravedad.ALERTA).valor == "PRO-02"
    assert validar([{"una": "PRO-02"}], esquema=esquema).problemas == ()


# --- sin la otra matriz ----------------------------------------------------------------------------


def test_sin_la_otra_matriz_se_avisa_una_vez_y_no_se_rechaza():
    resultado = validar([{"una": "X", "varias": "Y"}, {"una": "Z"}], None)
    problema = unico(resultado, Codigo.REFERENCIA_SIN_REVISAR, Gravedad.ALERTA)
    assert "«Una», «Varias»" in problema.mensaje
    assert problema.valor == "origenes"
    assert resultado.valido


def test_sin_la_otra_matriz_y_sin_citas_se_avisa_si_habia_que_citar():
    assert unico(validar([{}], None), Codigo.REFERENCIA_SIN_REVISAR, Gravedad.ALERTA)
    esquema = formato("sola", [codigo(), campo("una", referencia={"esquema": "origenes"})])
    assert validar([{}], None, esquema).problemas == ()


def test_un_grupo_tambien_cita():
    esquema = encuesta("consulta", [campo("nombre")], {"citas": {"campos": [campo("una", referencia={"esquema": "origenes"})]}})
    filas = {"consulta": [{"nombre": "x"}], "citas": [{"una": "PRO-01"}, {"una": "NO"}]}
    problema = unico(
        por_filas(esquema, filas, Contexto(referidas={"origenes": ORIGENES}), otros=[A2]), Codigo.REFERENCIA_INEXISTENTE
    )
    assert (problema.tabla, problema.fila) == ("citas", 2)


def test_referidos():
    assert referidos(B1) == ("origenes",)
    assert referidos(A2) == ()
    focalizacion = cargar().esquemas["focalizacion"]
    assert referidos(focalizacion) == ("desafios-oportunidades-objetivos", "presupuesto-instrumentos")


def test_lo_que_cada_campo_puede_citar():
    catalogo = cargar()
    b1 = catalogo.esquemas["desafios-oportunidades-objetivos"]
    filas = [
        {"codigo": "POT-01", "tipo": "potencialidad", "descripcion": "Viñas"},
        {"codigo": "PRO-01", "tipo": "problematica", "descripcion": "Sequía"},
    ]
    de_a2 = [c.nombre for c in b1.campos if c.referencia and c.referencia.esquema == "potencialidades-problematicas"]
    assert citables(catalogo, b1, {}) == {}  # sin la matriz no se sabe
    assert citables(catalogo, b1, {"potencialidades-problematicas": filas}) == {
        n: [(f["codigo"], f["descripcion"]) for f in filas if not (t := b1.principal.campo(n).referencia.tipos) or f["tipo"] in t]
        for n in de_a2
    }
    assert de_a2
