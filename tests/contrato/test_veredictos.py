"""Nuestro veredicto y el de frictionless, celda por celda, sobre tablas sacadas de cada esquema.

Tres clases de tabla: válidas (ninguno dice nada), con cada restricción rota (ambos rechazan esa celda) y con lo que
escribe la gente. Podemos ser más estrictos solo en lo que dice `severidades.yaml`; más laxos, nunca: si el juez rechaza
una celda que aceptamos es porque la leímos y la guardamos de otra manera, y esa forma canónica el juez la acepta.

Es determinista: hypothesis no sortea (`derandomize`) ni recuerda entre corridas.
"""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from esquemas.catalogo import cargar
from esquemas.coherencia import contexto_de_ejemplo, ejemplos_de
from esquemas.condicion import cumple
from esquemas.entrega import validar_libro
from esquemas.hoja import Topes
from esquemas.juez import juzgar_csv
from esquemas.libro import Libro
from esquemas.tabla import escribir_csv, leer_csv
from tests.contrato import mutantes
from tests.contrato.estrategias import Lote, crudos, lotes, restricciones, rotos

CATALOGO = cargar()
TABLAS = [(e.nombre, t.nombre) for e in CATALOGO.esquemas.values() for t in e.tablas]
RESTRICCIONES = {
    (e, t): list(restricciones(CATALOGO, x)) for e, t in TABLAS for x in CATALOGO.esquemas[e].tablas if x.nombre == t
}
SEVERIDADES = yaml.safe_load((Path(__file__).parent / "severidades.yaml").read_text(encoding="utf-8"))
RAPIDO = os.environ.get("VEREDICTOS") == "rapido"  # así lo llama `mutantes.py`: basta con que uno se dé cuenta
POR_TABLA = 10 if RAPIDO else 100
# El lector rechaza entero un archivo con una celda de más de 2.000; aquí se prueba el límite de cada campo.
SIN_TOPE_DE_CELDA = Topes(celda=10_000)
CALMA = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # reducir un fallo a lo mínimo cuesta minutos; la tabla que falla se muestra entera
    suppress_health_check=list(HealthCheck),
)
por_tabla = pytest.mark.parametrize(("esquema", "tabla"), TABLAS, ids=[e if e == t else f"{e}/{t}" for e, t in TABLAS])


def buscar(esquema, tabla):
    esquema = CATALOGO.esquemas[esquema]
    return esquema, next(t for t in esquema.tablas if t.nombre == tabla)


# --- los dos veredictos -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Veredicto:
    """(fila del archivo, campo) → códigos de error. `alertas`: los nuestros; `canonicas`: las filas que se guardarían."""

    nuestro: dict
    suyo: dict
    alertas: list
    canonicas: list


def comparar(lote: Lote) -> Veredicto:
    """Valida y juzga la misma tabla, desde los mismos bytes."""
    tablas = acompanadas(lote)
    datos = {t.nombre: a_csv(t, tablas[t.nombre]) for t in lote.esquema.tablas if t.nombre in tablas}
    libro = Libro([leer_csv(d, nombre=n, topes=SIN_TOPE_DE_CELDA) for n, d in datos.items()])
    resultado = validar_libro(CATALOGO, lote.esquema, libro, lote.contexto)
    nuestro: dict = {}
    for p in resultado.errores:
        nuestro.setdefault((p.tabla, p.fila, p.campo), set()).add(str(p.codigo))
    suyo = juzgado(lote, datos[lote.tabla.nombre])
    propias = {(f, c): codigos for (t, f, c), codigos in nuestro.items() if t == lote.tabla.nombre}
    return Veredicto(propias, suyo, [str(p.codigo) for p in resultado.alertas], resultado.tablas[lote.tabla.nombre])


def acompanadas(lote: Lote) -> dict:
    """Las tablas del lote; si es la principal de una encuesta, cada respuesta lleva los grupos que se le exigen."""
    tablas = dict(lote.tablas)
    es_principal = lote.tabla is lote.esquema.principal
    for grupo in lote.esquema.grupos:
        if es_principal and grupo.minimo and grupo.nombre not in tablas:
            (modelo,) = ejemplos_de(lote.esquema)[grupo.nombre]
            tablas[grupo.nombre] = [{**modelo, "respuesta": f["respuesta"]} for f in lote.filas if f["respuesta"]]
    return tablas


def a_csv(tabla, filas) -> bytes:
    return escribir_csv(tabla.nombres, ([f.get(n, "") for n in tabla.nombres] for f in filas))


def juzgado(lote: Lote, datos: bytes) -> dict:
    _, problemas = juzgar_csv(CATALOGO, lote.esquema, datos, tabla=lote.tabla)
    salida: dict = {}
    for p in problemas:
        assert p.fila and (p.campo or p.codigo == "blank-row"), f"el juez habla de algo que no es una celda: {p}"
        salida.setdefault((p.fila, p.campo), set()).add(str(p.codigo))
    return salida


def exigir_acuerdo(lote: Lote) -> Veredicto:
    """Ni más laxos, ni más estrictos que lo declarado. Devuelve el veredicto para afirmar más sobre él."""
    visto = comparar(lote)
    assert len(visto.canonicas) == len(lote.filas), "hay filas que no se leyeron"
    for fila, campo in visto.nuestro.keys() - visto.suyo.keys():
        cruda = lote.filas[fila - 2].get(campo, "") if fila else ""
        for codigo in visto.nuestro[fila, campo]:
            assert declarada(lote, campo, codigo, cruda), f"severidad sin declarar: {codigo} en {campo}: {cruda!r}"
    releida = comparar(replace(lote, tablas=lote.tablas | {lote.tabla.nombre: en_mapas(lote, visto.canonicas)}))
    con_error = {fila for fila, _ in visto.nuestro}  # un campo que se vacía por su error puede ocultar a otro
    for i, (antes, despues) in enumerate(zip(visto.canonicas, releida.canonicas, strict=True)):
        assert antes == despues or i + 2 in con_error, f"lo canónico, releído, cambia: {antes} → {despues}"
    for juicio, es_canonica in ((visto.suyo, False), (releida.suyo, True)):
        for fila, campo in juicio.keys() - visto.nuestro.keys():
            if not campo:  # la fila entera quedó en blanco: todo lo que traía se rechazó
                assert any(f == fila for f, _ in visto.nuestro)
                continue
            j = lote.tabla.nombres.index(campo)
            cruda, canonica = lote.filas[fila - 2].get(campo, ""), visto.canonicas[fila - 2][j]
            if juicio[fila, campo] == {"primary-key"} and any((fila, c) in visto.nuestro for c in lote.tabla.clave):
                continue  # la clave entera ya está rechazada por otra de sus celdas
            assert cruda != canonica and not es_canonica, f"MÁS LAXOS: {campo}={cruda!r} y el juez: {juicio[fila, campo]}"
    return visto


def en_mapas(lote: Lote, filas) -> list:
    return [dict(zip(lote.tabla.nombres, fila, strict=True)) for fila in filas]


def declarada(lote: Lote, campo: str, codigo: str, cruda: str, severidades=SEVERIDADES) -> bool:
    """Si `severidades.yaml` dice que en esa celda podemos ser más estrictos."""
    return any(
        s["codigo"] == clase_de(lote.tabla, codigo)
        and tipo_de(lote.tabla, campo) in s.get("tipos", [tipo_de(lote.tabla, campo)])
        and re.fullmatch(s.get("forma", ".*"), cruda, re.DOTALL)
        for s in severidades
    )


def clase_de(tabla, codigo: str) -> str:
    """Las reglas de un YAML se declaran por su clase («regla:exige»); lo demás, por su código."""
    return next((f"regla:{r.clase}" for r in tabla.reglas if r.codigo == codigo), codigo)


def tipo_de(tabla, campo: str) -> str:
    if campo not in tabla.nombres:
        return "grupo"
    campo = tabla.campo(campo)
    return "opciones" if campo.catalogo else "referencia" if campo.referencia else campo.tipo


# --- válidas ------------------------------------------------------------------------------------------------


@por_tabla
def test_cien_tablas_validas_lo_son_para_los_dos(esquema, tabla):
    vistas = set()

    @settings(CALMA, max_examples=POR_TABLA * 5 // 4)  # hypothesis repite algunas: se cuentan las distintas
    @given(lotes(CATALOGO, *buscar(esquema, tabla)))
    def probar(lote):
        if (escrita := a_csv(lote.tabla, lote.filas)) in vistas or len(vistas) == POR_TABLA:
            return
        visto = comparar(lote)
        assert (visto.nuestro, visto.suyo, visto.alertas) == ({}, {}, [])
        assert visto.canonicas == [tuple(f.get(n, "") for n in lote.tabla.nombres) for f in lote.filas], "lo canónico no cambia"
        vistas.add(escrita)

    probar()
    assert len(vistas) == POR_TABLA or RAPIDO


# --- una restricción rota por celda -------------------------------------------------------------------------


@st.composite
def mutados(draw, esquema, tabla):
    """Una tabla válida y, debajo, una fila por restricción con esa restricción rota: (lote, [(fila, campo, restricción)])."""
    lote = draw(lotes(CATALOGO, esquema, tabla))
    esperadas, padre = [], lote.autor.padre
    for nombre, restriccion in RESTRICCIONES[esquema.nombre, tabla.nombre]:
        copiados = (nombre,) if nombre else tabla.clave
        de_otra_fila = restriccion in ("unique", "primaryKey")
        for malo in [None] if de_otra_fila else rotos(tabla.campo(nombre), CATALOGO, restriccion):
            fila = dict(lote.filas[0])
            for campo in tabla.campos:
                if (campo.unico or campo.nombre in tabla.clave[:1]) and not (padre and campo.nombre == "respuesta"):
                    fila[campo.nombre] = lote.autor.distinto(campo, 1000 + len(lote.filas))
            if de_otra_fila:
                fila |= {c: lote.filas[0][c] for c in copiados}
            else:
                if mostrar_si := tabla.campo(nombre).mostrar_si:
                    lote.autor.cumplir(mostrar_si, fila)
                    assert cumple(mostrar_si, {**padre, **fila}, lote.autor.varios), f"no se logra mostrar {nombre}"
                fila[nombre] = draw(malo)
            lote.filas.append(fila)
            esperadas.append((len(lote.filas) + 1, copiados[-1], restriccion))
    return lote, esperadas


@por_tabla
def test_cada_restriccion_rota_la_rechazan_los_dos(esquema, tabla):
    vistas = set()

    @settings(CALMA, max_examples=2 if RAPIDO else 5)
    @given(mutados(*buscar(esquema, tabla)))
    def probar(par):
        lote, esperadas = par
        visto = exigir_acuerdo(lote)
        for fila, campo, restriccion in esperadas:
            cruda = lote.filas[fila - 2][campo]
            assert (fila, campo) in visto.suyo, f"la mutación no rompe «{restriccion}» de {campo}: {cruda!r}"
            assert (fila, campo) in visto.nuestro, f"MÁS LAXOS: {restriccion} de {campo} = {cruda!r}"
            vistas.add((campo, restriccion))

    probar()
    clave = buscar(esquema, tabla)[1].clave
    assert vistas == {(c or clave[-1], r) for c, r in RESTRICCIONES[esquema, tabla]}


# --- lo que escribe la gente --------------------------------------------------------------------------------


@st.composite
def cualquiera(draw, esquema, tabla):
    """Una tabla válida con celdas cambiadas por cualquier cosa, menos las que la harían de otra respuesta o fila en blanco."""
    lote = draw(lotes(CATALOGO, esquema, tabla))
    libres = [c for c in tabla.campos if not (lote.autor.padre and c.nombre == "respuesta")]
    for fila in lote.filas:
        for campo in draw(st.lists(st.sampled_from(libres), max_size=8, unique=True)):
            fila[campo.nombre] = draw(crudos(campo, CATALOGO, lote.autor.citables))
        if not any(v.strip() for v in fila.values()):
            fila[libres[0].nombre] = "x"
    return lote


@por_tabla
def test_con_cualquier_celda_nunca_somos_mas_laxos(esquema, tabla):
    @settings(CALMA, max_examples=4 if RAPIDO else 20)
    @given(cualquiera(*buscar(esquema, tabla)))
    def probar(lote):
        exigir_acuerdo(lote)

    probar()


# --- las severidades declaradas -----------------------------------------------------------------------------


def lote_de(ejemplo) -> Lote:
    """Los ejemplos del YAML con los cambios que dice la severidad."""
    esquema, tabla = buscar(ejemplo["esquema"], ejemplo.get("tabla", ejemplo["esquema"]))
    tablas = {t: [dict(f) for f in filas] for t, filas in ejemplos_de(esquema).items()}
    for cambio in ejemplo["cambios"]:
        filas, i = tablas[tabla.nombre], cambio.get("fila", 1) - 1
        if i == len(filas):
            filas.append(dict(filas[0]))
        filas[i][cambio["campo"]] = cambio["valor"]
    if "sin" in ejemplo:
        tablas[ejemplo["sin"]] = []
    if "repite" in ejemplo:
        tablas[ejemplo["repite"]["tabla"]] *= ejemplo["repite"]["veces"]
    contexto = replace(
        contexto_de_ejemplo(CATALOGO, esquema), region=ejemplo.get("region", ""), ejercicio=ejemplo.get("ejercicio")
    )
    return Lote(esquema, tabla, tablas, contexto)


@pytest.mark.parametrize("severidad", SEVERIDADES, ids=[f"{i}-{s['codigo']}" for i, s in enumerate(SEVERIDADES, 1)])
def test_una_severidad_declarada_todavia_se_da(severidad):
    """Con el ejemplo a la vista: nosotros rechazamos esa celda por esa razón, y frictionless la acepta."""
    assert set(severidad) <= {"codigo", "tipos", "forma", "razon", "ejemplo"}
    assert severidad["razon"].endswith(".")
    ejemplo = severidad["ejemplo"]
    lote = lote_de(ejemplo)
    visto = comparar(lote)
    lugar = (ejemplo.get("fila", 1) + 1, ejemplo["campo"])
    assert severidad["codigo"] in {clase_de(lote.tabla, c) for c in visto.nuestro.get(lugar, ())}, visto.nuestro
    assert lugar not in visto.suyo
    cruda = lote.filas[lugar[0] - 2].get(lugar[1], "")
    (codigo,) = [c for c in visto.nuestro[lugar] if clase_de(lote.tabla, c) == severidad["codigo"]]
    assert declarada(lote, lugar[1], codigo, cruda, [severidad]), f"su forma o su tipo no calza con {cruda!r}"


def test_sin_cambios_los_ejemplos_no_tienen_ninguna_severidad():
    """El control: lo que hace severo a cada ejemplo es su cambio."""
    for severidad in SEVERIDADES:
        lote = lote_de({**{c: severidad["ejemplo"][c] for c in severidad["ejemplo"] if c in ("esquema", "tabla")}, "cambios": []})
        visto = comparar(lote)
        assert (visto.nuestro, visto.suyo, visto.alertas) == ({}, {}, [])


def test_una_severidad_no_declarada_se_nota():
    """Quitar cualquiera de la lista deja sin explicar su propio ejemplo."""
    for severidad in SEVERIDADES:
        lote = lote_de(severidad["ejemplo"])
        lugar = (severidad["ejemplo"].get("fila", 1) + 1, severidad["ejemplo"]["campo"])
        cruda = lote.filas[lugar[0] - 2].get(lugar[1], "")
        otras = [s for s in SEVERIDADES if s is not severidad]
        codigos = [c for c in comparar(lote).nuestro[lugar] if clase_de(lote.tabla, c) == severidad["codigo"]]
        assert not any(declarada(lote, lugar[1], c, cruda, otras) for c in codigos), severidad["codigo"]


# --- y si el validador se estropea --------------------------------------------------------------------------

MUESTRA = ("celda._limites: len(t) > maximo → len(t) > maximo + 1", "revision.Revision.exigir_unicos: !=", "reglas._exigir: not")


@pytest.mark.parametrize("cual", MUESTRA)
def test_una_muestra_de_mutantes_cae(cual):
    """Tres de la lista; todos, con `.venv/bin/python tests/contrato/mutantes.py`."""
    (mutante,) = [m for m in mutantes.MUTANTES if str(m).startswith(cual)]
    cayo, razon = mutantes.probar(mutante)
    assert cayo, razon


def test_todo_mutante_calza_con_el_codigo():
    """Si el código cambia, la lista cambia con él: un mutante que no se aplica no prueba nada."""
    assert len(set(mutantes.MUTANTES)) == len(mutantes.MUTANTES) >= 50
    for mutante in mutantes.MUTANTES:
        modulo = mutantes.RAIZ / "esquemas" / f"{mutante.modulo}.py"
        texto = modulo.read_text(encoding="utf-8")
        assert mutantes.estropear(texto, mutante) != texto, mutante
