"""Una excepción registrada baja a alerta ese problema de esa fila y ese campo, y nada más."""

import pytest

from esquemas.errores import Codigo, Gravedad
from esquemas.validacion import Contexto
from tests.esquemas.fabrica import campo, codigo, codigos, encuesta, formato, por_filas, regla, unico

ESQUEMA = formato(
    "matriz",
    [codigo(), campo("cobertura", "entero", constraints={"required": True}), campo("nota")],
    [regla("sin-nota", "nota", gravedad="alerta", exige={"campo": "nota", "vacio": False})],
)
FILAS = [{"codigo": "T-01", "nota": "x"}, {"codigo": "T-02", "nota": "x"}, {"codigo": "T-03", "cobertura": "5", "nota": "x"}]


def excepcion(**mas):
    base = {
        "fila": "T-01",
        "campo": "cobertura",
        "regla": "obligatorio",
        "razon": "La fuente no la trae.",
        "fuente": "Fuente 001",
    }
    return base | mas


def validar(*excepciones, filas=FILAS):
    return por_filas(ESQUEMA, filas, Contexto(excepciones=excepciones))


def test_sin_excepcion_la_fila_falla():
    resultado = validar()
    assert [(p.fila, str(p.codigo)) for p in resultado.errores] == [(1, "obligatorio"), (2, "obligatorio")]


def test_con_excepcion_solo_esa_fila_deja_de_fallar_y_lo_dice():
    resultado = validar(excepcion())
    assert [(p.fila, str(p.codigo)) for p in resultado.errores] == [(2, "obligatorio")]
    (alerta,) = resultado.alertas
    assert (alerta.fila, str(alerta.codigo), alerta.campo) == (1, "obligatorio", "cobertura")
    for trozo in ("Excepción registrada", "La fuente no la trae.", "Fuente 001", "Falta «Cobertura»"):
        assert trozo in alerta.mensaje
    assert validar(excepcion(), excepcion(fila="T-02")).valido


@pytest.mark.parametrize(
    "ajena",
    [excepcion(fila="T-03"), excepcion(fila="NO"), excepcion(campo="nota"), excepcion(regla="numero-invalido")],
)
def test_una_excepcion_que_no_calza_no_exceptua_y_se_avisa(ajena):
    resultado = validar(ajena)
    assert len(resultado.errores) == 2
    (alerta,) = resultado.alertas
    assert alerta.codigo is Codigo.EXCEPCION_SIN_USO
    assert f"fila «{ajena['fila']}»" in alerta.mensaje


def test_un_valor_que_no_se_puede_guardar_no_se_exceptua():
    """«25 comunas» se guardaría vacío: aceptarlo sería perder el dato en silencio."""
    resultado = validar(excepcion(regla="numero-invalido"), filas=[{"codigo": "T-01", "nota": "x", "cobertura": "25 comunas"}])
    assert [str(p.codigo) for p in resultado.errores] == ["numero-invalido"]
    assert [str(p.codigo) for p in resultado.alertas] == ["excepcion-sin-uso"]


def test_una_alerta_no_necesita_excepcion():
    filas = [{"codigo": "T-01", "cobertura": "5"}]
    assert codigos(validar(excepcion(campo="nota", regla="sin-nota"), filas=filas)) == ["excepcion-sin-uso", "sin-nota"]


def test_lo_sin_uso_sale_en_el_orden_en_que_se_registro():
    sobran = [excepcion(fila=f"X-{n}") for n in range(30)]
    assert [p.valor for p in validar(*sobran).alertas] == [f"X-{n}" for n in range(30)]


def test_un_problema_de_la_tabla_entera_no_se_exceptua():
    tabla = formato(
        "citas",
        [codigo(), campo("origen", referencia={"esquema": "potencialidades-problematicas"})],
        [regla("falta-citar", "origen", citados={"campo": "tipo", "es": "problematica"})],
    )
    referidas = {"potencialidades-problematicas": [{"codigo": "P", "tipo": "problematica"}]}
    contexto = Contexto(referidas=referidas, excepciones=[excepcion(fila="C", campo="origen", regla="falta-citar")])
    resultado = por_filas(tabla, [{"codigo": "C"}], contexto)
    assert codigos(resultado) == ["falta-citar", "excepcion-sin-uso"]
    assert not resultado.valido


def test_una_encuesta_sin_codigo_no_se_exceptua():
    esquema = encuesta(
        "consulta", [campo("nombre", constraints={"required": True})], {"grupo": {"campos": [campo("dato")], "minimo": 1}}
    )
    contexto = Contexto(excepciones=[excepcion(fila="1", campo="nombre")])
    resultado = por_filas(esquema, {"consulta": [{}], "grupo": [{"dato": "x"}]}, contexto)
    assert sorted(codigos(resultado)) == ["excepcion-sin-uso", "obligatorio"]
    assert not resultado.valido


def test_el_problema_exceptuado_conserva_su_lugar():
    resultado = validar(excepcion(), filas=FILAS[:1])
    problema = unico(resultado, Codigo.OBLIGATORIO, Gravedad.ALERTA)
    assert (problema.indice, problema.norma) == (0, ("decision:15",))
