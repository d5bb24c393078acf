"""Toda encuesta es un XLSForm que pyxform convierte sin avisos y ODK Validate acepta, con cada campo y cada condición."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from pyxform.errors import PyXFormError
from pyxform.validators.odk_validate import ODKValidateError
from pyxform.xls2xform import convert

from esquemas.catalogo import cargar
from esquemas.errores import Gravedad
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Grupo, Opcion, Opciones, Referencia, Regla, Seccion, Tabla
from esquemas.respuesta_odk import nombre_en_xlsform
from esquemas.xlsform import COLUMNAS, IDIOMA, PISTA, ROTULO, SI_FALTA, SI_NO_CUMPLE, Fila, escribir_xlsform, hojas_de_xlsform
from esquemas.xlsform import visibles as campos_visibles
from tests.esquemas.muestra import campo
from tests.servicios.exigencia import exigir

CATALOGO = cargar()
ACTOR = CATALOGO.esquemas["actor-clave"]


def convertir(datos: bytes, *, validar: bool = False) -> Any:
    return convert(io.BytesIO(datos), validate=validar, warnings=[], file_type=".xlsx")


def con_java() -> None:
    """ODK Validate viene dentro de pyxform; solo le falta Java."""
    if not shutil.which("java"):
        exigir("falta Java (en Debian: apt install default-jre-headless)")


def preguntas(catalogo: Catalogo, esquema: Esquema) -> dict[str, Fila]:
    """tabla/campo → fila de `survey`; lo demás, por su nombre."""
    salida, tabla = {}, esquema.nombre
    for fila in hojas_de_xlsform(catalogo, esquema)["survey"]:
        if fila["type"] == "begin_repeat":
            tabla = fila["name"]
        salida[f"{tabla}/{fila.get('name', '')}"] = fila
        if fila["type"] == "end_repeat":
            tabla = esquema.nombre
    return salida


def hojas_condicionadas(condicion: Condicion) -> Iterator[Condicion]:
    if not condicion.partes:
        yield condicion
    for parte in condicion.partes:
        yield from hojas_condicionadas(parte)


# --- todas las encuestas del catálogo ---------------------------------------------------------------------------


@pytest.mark.parametrize("esquema", CATALOGO.encuestas, ids=lambda e: e.nombre)
def test_pyxform_la_convierte_sin_avisos_y_siempre_igual(esquema: Esquema) -> None:
    datos = escribir_xlsform(CATALOGO, esquema)
    convertida = convertir(datos)
    assert convertida.warnings == []
    assert f'id="{esquema.nombre}" version="{esquema.version}"' in convertida.xform
    assert datos == escribir_xlsform(CATALOGO, esquema)


@pytest.mark.parametrize("esquema", CATALOGO.encuestas, ids=lambda e: e.nombre)
def test_odk_validate_la_acepta(esquema: Esquema) -> None:
    con_java()
    assert convertir(escribir_xlsform(CATALOGO, esquema), validar=True).warnings == []


@pytest.mark.parametrize("esquema", CATALOGO.encuestas, ids=lambda e: e.nombre)
def test_todo_campo_visible_aparece_con_su_condicion(esquema: Esquema) -> None:
    filas = preguntas(CATALOGO, esquema)
    for tabla in esquema.tablas:
        for c in campos_visibles(tabla):
            fila = filas[f"{tabla.nombre}/{nombre_en_xlsform(c.nombre)}"]
            assert fila[ROTULO] == c.titulo and (c.ayuda or c.descripcion) in fila[PISTA]
            assert bool(fila.get("relevant")) is bool(c.mostrar_si)
            if c.obligatorio:
                assert fila["required"] == "yes" and fila[SI_FALTA]
            for parte in hojas_condicionadas(c.mostrar_si) if c.mostrar_si else ():
                assert all(f"'{v}'" in fila["relevant"] for v in parte.valores) and parte.campo in fila["relevant"]
    for grupo in esquema.grupos:
        assert bool(filas[f"{grupo.nombre}/{grupo.nombre}"]["relevant"]) is bool(grupo.mostrar_si)


@pytest.mark.parametrize("esquema", CATALOGO.encuestas, ids=lambda e: e.nombre)
def test_toda_opcion_de_todo_catalogo_usado_aparece(esquema: Esquema) -> None:
    opciones = {(f["list_name"], f["name"]): f[ROTULO] for f in hojas_de_xlsform(CATALOGO, esquema)["choices"]}
    for c in (c for t in esquema.tablas for c in t.campos if c.catalogo):
        for o in CATALOGO.opciones[c.catalogo].opciones:
            assert opciones[c.catalogo, o.codigo] == o.nombre
    assert opciones["si_no", "si"] == "Sí" and opciones["si_no", "no"] == "No"


# --- actor-clave, en detalle ------------------------------------------------------------------------------------


def test_las_hojas_del_libro() -> None:
    libro = openpyxl.load_workbook(io.BytesIO(escribir_xlsform(CATALOGO, ACTOR)))
    assert libro.sheetnames == ["survey", "choices", "settings"]
    assert tuple(c.value for c in libro["survey"][1]) == COLUMNAS
    assert [c.value for c in libro["settings"][2]] == [ACTOR.titulo, "actor-clave", ACTOR.version, IDIOMA]
    pichilemu = next(f for f in libro["choices"].iter_rows(values_only=True) if f[1] == "06201")
    assert pichilemu == ("comunas", "06201", "Pichilemu", "06")


def test_privacidad_y_consentimiento() -> None:
    filas = preguntas(CATALOGO, ACTOR)
    primera = next(iter(filas.values()))
    assert (primera["type"], primera["name"]) == ("note", "nota_privacidad")
    for clave in ("responsable", "base", "retencion"):
        assert ACTOR.privacidad[clave] in primera[ROTULO]
    assert "Afiliación gremial de quien responde (dato sensible): " in primera[ROTULO]
    assert ACTOR.privacidad["consentimiento"] in filas["actor-clave/consentimiento"][PISTA]
    assert ACTOR.privacidad["consentimiento"] not in filas["actor-clave/participa_grupos"][PISTA]


def test_condiciones_reglas_y_grupos() -> None:
    filas = preguntas(CATALOGO, ACTOR)
    assert filas["actor-clave/tipo_institucion_cual"]["relevant"] == "${tipo_institucion} = 'otra'"
    assert filas["actor-clave/tipo_institucion_cual"]["required"] == "(${tipo_institucion} = 'otra')"
    assert filas["actor-clave/acciones_contacto_cual"]["relevant"] == "selected(${acciones_contacto}, 'otra')"
    assert filas["proyectos-conjuntos/proyectos-conjuntos"]["relevant"] == "not(${interes_alianza} = 'ninguno')"
    assert "required" not in filas["representantes/correo"]  # el teléfono se pregunta después
    assert filas["representantes/telefono"]["required"] == "not((${correo} != ''))"
    assert filas["actor-clave/minimo_representantes"]["relevant"] == "count(${representantes}) < 1"
    assert filas["actor-clave/maximo_representantes"]["relevant"] == "count(${representantes}) > 10"
    assert filas["actor-clave/maximo_representantes"]["required"] == "yes"
    assert "actor-clave/minimo_mesas" not in filas and filas["mesas/mesas"]["appearance"] == "minimal"
    assert filas["representantes/representantes"]["appearance"] == ""
    assert "De 1 a 10." in filas["actor-clave/nota_representantes"][ROTULO]
    assert filas["actor-clave/maximo_proyectos_conjuntos"]["relevant"].startswith("(not(${interes_alianza} = 'ninguno')) and ")
    assert filas["objetivos/meta_"][ROTULO] == "Meta"


def test_tipos_ayudas_y_limites() -> None:
    filas = preguntas(CATALOGO, ACTOR)
    assert filas["actor-clave/nombre_institucion"]["constraint"] == "string-length(.) >= 2 and string-length(.) <= 200"
    assert filas["actor-clave/nombre_institucion"][SI_NO_CUMPLE] == "Al menos 2 caracteres. Hasta 200 caracteres."
    assert filas["actor-clave/nombre_institucion"][PISTA].endswith("Ejemplo: Red de Talleres de Ejemplo")
    assert filas["actor-clave/porcentaje_menor_tamano"]["constraint"] == ". = round(., 2) and . >= 0 and . <= 100"
    assert filas["actor-clave/empresarios_directos"]["type"] == "integer"
    assert "Unidad: personas." in filas["actor-clave/empresarios_directos"][PISTA]
    assert filas["actor-clave/limitaciones"]["appearance"] == "multiline"
    comuna = filas["actor-clave/comuna"]
    assert (comuna["type"], comuna["appearance"]) == ("select_one comunas", "autocomplete") and "Ejemplo" not in comuna[PISTA]
    assert comuna["choice_filter"] == "not(${filtro_regiones} != '') or regiones = ${filtro_regiones}"
    assert filas["actor-clave/cobertura_territorial"]["type"] == "select_multiple comunas"
    orden = list(filas)
    assert orden.index("actor-clave/filtro_regiones") + 1 == orden.index("actor-clave/comuna")


# --- a mano: la gramática completa y los tipos que el catálogo no usa -------------------------------------------

SI = Condicion("es", "libre", ("O'Higgins",))
TODA = Condicion(
    "y",
    partes=(
        Condicion("o", partes=(SI, Condicion("en", "temas", ("agua", "mar")), Condicion("no_es", "citas", ("P-01", "P-02")))),
        Condicion("vacio", "dia"),
        Condicion("vacio", "otro", vacio=False),
        Condicion("es", "libre", ("dice \"no\" y 'sí'",)),
    ),
)
CLAVE = campo("respuesta", "Respuesta", automatico=True, obligatorio=True)
LIBRE = campo("libre", "Libre", patron="[a-z']+\"?", largo_maximo=20, ejemplo="a")


def regla(codigo: str, condicion: Condicion, si: Condicion | None = None, **mas: Any) -> Regla:
    datos = {"clase": "exige", "gravedad": Gravedad.ERROR, "campo": "libre", **mas}
    return Regla(codigo, mensaje=f"Pasa {codigo}.", arreglo="Arréglelo.", norma=(), si=si, condicion=condicion, **datos)


def encuesta(*campos: Campo, reglas: tuple[Regla, ...] = (), grupos: tuple[Grupo, ...] = (), secciones: Any = ()) -> Esquema:
    principal = Tabla("toda", "Toda", (CLAVE, *campos), ("respuesta",), reglas)
    return Esquema(
        "toda", "Toda", "encuesta", "Para probar.", "2.0.0", (), principal, {}, "ab", grupos=grupos, secciones=secciones
    )


OPCIONES = {
    "temas": Opciones("temas", "Temas", "", "1.0.0", (Opcion("agua", "Agua"), Opcion("mar", "Mar"))),
}
CAMPOS = (
    LIBRE,
    campo("temas", "Temas", catalogo="temas", varios=True),
    campo("citas", "Citas", referencia=Referencia("otra"), varios=True),
    campo("cita", "Cita", referencia=Referencia("otra")),
    campo("dia", "Día", "fecha"),
    campo("otro", "Otro", "ejercicio"),
    campo("rut", "RUT", "rut"),
    campo("correo", "Correo", "correo"),
    campo("fono", "Teléfono", "telefono"),
    campo("web", "Enlace", "enlace"),
    campo("codigo", "Código", "codigo"),
    campo("monto", "Monto", "pesos"),
    campo("bajo", "Bajo", "entero", minimo=-5_000_000_000, maximo=3),
    campo("chico", "Chico", "entero", maximo=3),
    campo("razon", "Razón", "decimal", unidad="metros"),
    campo("acepta", "Acepta", "logico"),
    campo("data", "Datos", obligatorio=True, mostrar_si=TODA),
)
POR_CATALOGO = replace(CATALOGO, opciones=OPCIONES)


def test_la_gramatica_completa_y_todos_los_tipos() -> None:
    esquema = encuesta(*CAMPOS)
    filas = preguntas(POR_CATALOGO, esquema)
    assert filas["toda/data_"]["relevant"] == (
        "((${libre} = \"O'Higgins\") or (selected(${temas}, 'agua') or selected(${temas}, 'mar')) or "
        "(not(contains(concat(';', translate(${citas}, ' ', ''), ';'), ';P-01;') or "
        "contains(concat(';', translate(${citas}, ' ', ''), ';'), ';P-02;')))) and "
        "(not(${dia} != '')) and (${otro} != '') and "
        "(${libre} = concat('dice \"no\" y ', \"'\", 'sí', \"'\", ''))"
    )
    tipos = {n.partition("/")[2]: f["type"] for n, f in filas.items()}
    assert (tipos["monto"], tipos["bajo"], tipos["chico"], tipos["razon"]) == ("text", "text", "integer", "decimal")
    assert (tipos["dia"], tipos["otro"], tipos["acepta"], tipos["citas"]) == ("date", "integer", "select_one si_no", "text")
    assert filas["toda/monto"]["appearance"] == "numbers" and "toda/nota_privacidad" not in filas
    assert all("regex(" in filas[f"toda/{n}"]["constraint"] for n in ("rut", "correo", "fono", "web", "codigo", "cita", "libre"))
    assert convertir(escribir_xlsform(POR_CATALOGO, esquema)).warnings == []
    con_java()
    assert convertir(escribir_xlsform(POR_CATALOGO, esquema), validar=True).warnings == []


def test_nombres_repetidos_se_nombran_por_su_ruta() -> None:
    ver = Condicion("y", partes=(Condicion("es", "libre", ("a",)), Condicion("es", "chico", ("1",)), SI))
    grupo = Grupo(Tabla("temas", "Temas", (CLAVE, LIBRE, campo("fin", "Fin", mostrar_si=ver))), "tema", mostrar_si=SI)
    otro = Grupo(Tabla("otros", "Otros", (CLAVE, campo("chico", "Chico"))), "otro")
    campos = (LIBRE, campo("chico", "Chico", "entero"), campo("visto", "Visto", mostrar_si=SI))
    secciones = (Seccion("una", "Una", ("libre", "chico")), Seccion("temas", "Dos", ("visto", "temas", "otros")))
    esquema = encuesta(*campos, grupos=(grupo, otro), secciones=secciones)
    filas = preguntas(POR_CATALOGO, esquema)
    assert filas["toda/visto"]["relevant"] == filas["temas/temas"]["relevant"] == '../../una/libre = "O\'Higgins"'
    assert filas["temas/fin"]["relevant"] == "(../libre = 'a') and (../../../una/chico = '1') and (../libre = \"O'Higgins\")"
    assert filas["toda/maximo_temas"]["relevant"].endswith("count(../temas) > 20")
    assert convertir(escribir_xlsform(POR_CATALOGO, esquema)).warnings == []
    con_java()
    assert convertir(escribir_xlsform(POR_CATALOGO, esquema), validar=True).warnings == []


def test_las_reglas_se_exigen_en_la_ultima_pregunta_que_miran() -> None:
    vacio = Condicion("vacio", "libre", vacio=False)
    reglas = (
        regla("una", Condicion("y", partes=(vacio, Condicion("es", "dia", ("2027-01-01",))))),
        regla("dos", Condicion("o", partes=(Condicion("no_es", "dia", ("2028-01-01",)), vacio)), SI),
        regla("nunca", Condicion("no_es", "dia", ("2029-01-01",)), Condicion("vacio", "dia", vacio=False)),
        regla("siempre", Condicion("vacio", "cita", vacio=False)),
        regla("toda", Condicion("y", partes=(Condicion("no_es", "dia", ("x",)),))),
        regla("ajena", Condicion("vacio", "respuesta", vacio=False)),
        regla("despues", vacio, Condicion("es", "dia", ("2030-01-01",))),
        regla("alerta", vacio, gravedad=Gravedad.ALERTA),
        regla("suma", vacio, clase="cita"),
    )
    filas = preguntas(POR_CATALOGO, encuesta(LIBRE, *CAMPOS[3:5], reglas=reglas))
    assert filas["toda/dia"]["required"] == "yes"  # sin fecha, «una» nunca se cumple
    assert "Pasa una. Arréglelo." in filas["toda/dia"][SI_FALTA] and "Pasa dos." not in filas["toda/dia"][SI_FALTA]
    assert filas["toda/dia"]["constraint"] == (
        "(((${libre} != '') and (. = '2027-01-01')))"
        " and (not(${libre} = \"O'Higgins\") or ((not(. = '2028-01-01')) or (${libre} != '')))"
        " and (not(. != '') or (not(. = '2029-01-01')))"
        " and (((not(. = 'x'))))"
    )
    assert filas["toda/cita"]["required"] == "yes" and "required" not in filas["toda/libre"]
    dos = (
        regla("a", Condicion("vacio", "dia", vacio=False), SI),
        regla("b", Condicion("vacio", "dia", vacio=False), Condicion("es", "libre", ("b",))),
    )
    filas = preguntas(POR_CATALOGO, encuesta(LIBRE, CAMPOS[4], reglas=dos))
    assert filas["toda/dia"]["required"] == "((${libre} = \"O'Higgins\")) or ((${libre} = 'b'))"


def test_lo_malo_se_nota() -> None:
    """El juez de estas pruebas muerde: una condición que nombra lo que no existe no pasa."""
    con_java()
    datos = escribir_xlsform(POR_CATALOGO, encuesta(LIBRE, campo("nota", "Nota", mostrar_si=SI)))
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    hoja = libro["survey"]
    celda = next(c for f in hoja.iter_rows() for c in f if c.value == '${libre} = "O\'Higgins"')
    for valor, error in (("${ajeno} = 1", PyXFormError), ("count(1, ) = = 2", (PyXFormError, ODKValidateError))):
        celda.value = valor
        salida = io.BytesIO()
        libro.save(salida)
        with pytest.raises(error):
            convertir(salida.getvalue(), validar=True)
