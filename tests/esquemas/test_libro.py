"""Las planillas que llegan: tipos, numeración, hojas y todo lo que puede venir mal."""

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from xlsxwriter import Workbook

from esquemas.errores import ArchivoIlegible, Codigo, Problema
from esquemas.hoja import FORMULA_SIN_VALOR, Hora, Topes
from esquemas.libro import ENCABEZADO_PROBLEMAS, Libro, comprobar_zip, leer_libro
from tests.esquemas import paquete


def problema_de(datos: bytes, **mas) -> Problema:
    with pytest.raises(ArchivoIlegible) as error:
        leer_libro(datos, **mas)
    return error.value.problema


def libro_de(*hojas: tuple[str, list[list[object]]]) -> openpyxl.Workbook:
    libro = openpyxl.Workbook()
    libro.remove(libro.active)
    for nombre, filas in hojas:
        hoja = libro.create_sheet(nombre)
        for fila in filas:
            hoja.append(fila)
    return libro


def guardar(libro: openpyxl.Workbook) -> bytes:
    salida = io.BytesIO()
    libro.save(salida)
    return salida.getvalue()


def test_tipos() -> None:
    salida = io.BytesIO()
    libro = Workbook(salida, {"in_memory": True, "strings_to_numbers": False})
    hoja = libro.add_worksheet("Datos")
    fecha, hora = libro.add_format({"num_format": "dd-mm-yyyy"}), libro.add_format({"num_format": "dd-mm-yyyy hh:mm"})
    duracion = libro.add_format({"num_format": "[h]:mm"})
    for j in range(12):
        hoja.write_string(0, j, f"c{j}")
    hoja.write_number(1, 0, 5.0)
    hoja.write_number(1, 1, 5.25)
    hoja.write_string(1, 2, "06")
    hoja.write_datetime(1, 3, datetime.datetime(2026, 12, 31), fecha)
    hoja.write_datetime(1, 4, datetime.datetime(2026, 12, 31, 10, 30), hora)
    hoja.write_datetime(1, 5, datetime.time(10, 30), hora)
    hoja.write_boolean(1, 6, True)
    hoja.write_formula(1, 7, "=NA()", None, "#N/A")
    hoja.write_formula(1, 8, "=#REF!", None, "#REF!")
    hoja.write_number(1, 9, 1e300)
    hoja.write_datetime(1, 10, datetime.timedelta(hours=30), duracion)
    hoja.write_formula(1, 11, "=1+1", None, 2)
    libro.close()
    (leida,) = leer_libro(salida.getvalue()).hojas
    (fila,) = leida.filas
    assert fila == [
        5, 5.25, "06", datetime.date(2026, 12, 31), Hora("31/12/2026 10:30"), Hora("10:30"), True, "#N/A", "#REF!", 1e300,
        Hora("30:00:00"), 2,
    ]  # fmt: skip
    assert [type(c) for c in (fila[0], fila[1], fila[6])] == [int, float, bool]


def test_duracion_negativa_y_un_numero_que_no_cabe_en_una_hora() -> None:
    def con(numero: float) -> bytes:
        libro = Workbook(salida := io.BytesIO(), {"in_memory": True})
        hoja = libro.add_worksheet("Mis datos")
        hoja.write_string(0, 0, "codigo")
        hoja.write_number(1, 0, numero, libro.add_format({"num_format": "[h]:mm"}))
        libro.close()
        return salida.getvalue()

    assert leer_libro(con(-1.25)).hojas[0].filas == [[Hora("-30:00:00")]]
    with pytest.raises(ArchivoIlegible, match=r"«Mis datos» trae una hora que no cabe\. Dele formato"):
        leer_libro(con(1_252_784_000))


DURACIONES = [
    ("PT10H30M00S", Hora("10:30")),
    ("PT30H05M09S", Hora("30:05:09")),
    ("PT36H0M0.500S", Hora("36:00:00")),
    ("-PT00H30M00S", Hora("-00:30:00")),
    ("PT", "PT"),
]


@pytest.mark.parametrize(("guardada", "leida"), DURACIONES)
def test_hora_y_duracion_de_un_ods(guardada: str, leida: object) -> None:
    celda = f'<table:table-cell office:value-type="time" office:time-value="{guardada}"/>'
    filas = (f"<table:table-row>{c}</table:table-row>" for c in (paquete.CELDA_ODS.format(1), celda))
    assert leer_libro(paquete.ods("".join(filas))).hojas[0].filas == [[leida]]


def test_numero_que_no_es_finito() -> None:
    (hoja,) = leer_libro(
        paquete.xlsx(f'<row r="1">{paquete.celda("A1")}</row><row r="2">{paquete.celda("A2", "NaN")}</row>')
    ).hojas
    assert hoja.encabezado == ("5",) and hoja.filas == [["nan"]]


def test_numeracion_y_columnas_donde_estan() -> None:
    libro = libro_de(("Datos", []))
    hoja = libro["Datos"]
    for direccion, valor in {"C4": "a", "E4": "b", "F4": " ", "C5": 1, "C8": 2, "E8": "x", "G8": "suelto"}.items():
        hoja[direccion] = valor
    (leida,) = leer_libro(guardar(libro)).hojas
    assert leida.encabezado == ("a", "b", "") and leida.columnas == (2, 4, 6)  # D y F, vacías, no son columnas
    assert leida.fila_encabezado == 4 and leida.numeros == [5, 8]
    assert leida.filas == [[1, "", ""], [2, "x", "suelto"]]
    assert leida.celda(1, 2) == "G8" and leida.celda_encabezado(2) == "G4"
    assert [(p.codigo, p.fila, p.hoja) for p in leida.problemas] == [(Codigo.FILA_EN_BLANCO, 6, "Datos")]


def test_un_error_en_una_celda_que_calamine_no_ve_se_ignora() -> None:
    # Un error sin texto no ocupa lugar para calamine: queda fuera de su rectángulo y no hay dónde ponerlo.
    datos = paquete.xlsx(f'<row r="1">{paquete.celda("A1")}</row><row r="3"><c r="A3" t="e"><v></v></c></row>')
    assert leer_libro(datos).hojas[0].encabezado == ("5",)


def test_hojas_ocultas_vacias_y_graficos() -> None:
    libro = libro_de(("Visible", [["a"]]), ("Vacía", []), ("Blancos", [[" "]]), ("Oculta", [["b"]]), ("Muy", [["c"]]))
    libro["Oculta"].sheet_state = "hidden"
    libro["Muy"].sheet_state = "veryHidden"
    libro.create_chartsheet("Gráfico")
    assert [(h.nombre, h.visible) for h in leer_libro(guardar(libro)).hojas] == [
        ("Visible", True),
        ("Oculta", False),
        ("Muy", False),
    ]


def test_la_hoja_problemas_se_ignora_por_su_encabezado_y_no_solo_por_su_nombre() -> None:
    nuestra = [list(ENCABEZADO_PROBLEMAS), ["error"]]
    libro = libro_de(("Problemas", nuestra), ("Datos", [["a"]]), ("Problemas (2)", [["Código", "Problema"], ["P-1", "Sequía"]]))
    assert [h.nombre for h in leer_libro(guardar(libro)).hojas] == ["Datos", "Problemas (2)"]


def test_una_hoja_listas_ajena_no_es_plantilla() -> None:
    libro = libro_de(("_listas", [["esquema", "x"], ["version"]]))
    assert leer_libro(guardar(libro)).plantilla is None
    assert Libro() == Libro([], None, "", "")


def test_una_hoja_con_nombre_de_ayuda_y_sin_las_demas_es_de_la_persona() -> None:
    for nombres, son in (("Ejemplo", "Datos"), (False, False)), (("Ejemplo", "Diccionario", "Datos"), (True, True, False)):
        libro = libro_de(*((n, [["a"]]) for n in nombres))
        assert tuple(h.ayuda for h in leer_libro(guardar(libro)).hojas) == son


def con_formula(direccion: str, dentro: str, tipo: str = "") -> str:
    return f'<c r="{direccion}"{tipo}><f>A1+1</f>{dentro}</c>'


@pytest.mark.parametrize(
    ("celda", "leido"),
    [
        (con_formula("B2", ""), FORMULA_SIN_VALOR),
        (con_formula("B2", "<v/>"), FORMULA_SIN_VALOR),
        (con_formula("B2", "<v></v>"), FORMULA_SIN_VALOR),
        (con_formula("B2", "<v />", ' s="1"'), FORMULA_SIN_VALOR),
        ('<c r="B2"><f t="shared" si="0"/></c>', FORMULA_SIN_VALOR),
        ('<c r="B2"><f t="shared" si="0"/><v>7</v></c>', 7),
        (con_formula("B2", "<v>7</v>"), 7),
        (con_formula("B2", "<v>0</v>"), 0),
        (con_formula("B2", "<v>siete</v>", ' t="str"'), "siete"),
        (con_formula("B2", "<v></v>", ' t="str"'), ""),  # una fórmula que da un texto vacío sí tiene su valor
        (con_formula("B2", "<v>#N/A</v>", ' t="e"'), "#N/A"),
        ('<c s="0"><f>1</f><v>7</v></c>', 7),  # sin dirección no se sabe cuál es: se lee y no se avisa
    ],
)  # fmt: skip
def test_el_valor_guardado_de_una_formula(celda: str, leido: object) -> None:
    filas = f'<row r="1">{paquete.celda("A1")}{paquete.celda("B1")}</row><row r="2">{paquete.celda("A2")}{celda}</row>'
    (hoja,) = leer_libro(paquete.xlsx(filas)).hojas
    assert hoja.filas == [[5, leido]]
    if "r=" in celda:
        assert hoja.formulas == 1
        (aviso,) = hoja.problemas
        assert (aviso.codigo, aviso.celda, aviso.fila, aviso.es_error) == (Codigo.FORMULAS_LEIDAS, "B2", 2, False)
        assert "una fórmula desde la celda B2" in aviso.mensaje


def test_formulas_de_un_programa_que_no_calcula() -> None:
    """openpyxl escribe fórmulas sin su valor: también bajo lo último que calamine ve, y a la derecha no hay columna."""
    libro = libro_de(("Datos", [["a", "b"], ["x", "=1+1"], [], ["=A1", "=2"]]), ("Otra", [["sin fórmulas"]]))
    libro["Datos"]["D9"] = "=1"
    libro["Otra"]["C5"] = "z"
    datos, otra = leer_libro(guardar(libro)).hojas
    assert datos.filas == [["x", FORMULA_SIN_VALOR], [FORMULA_SIN_VALOR, FORMULA_SIN_VALOR]]
    assert (datos.numeros, datos.formulas, otra.formulas) == ([2, 4], 4, 0)
    assert "4 fórmulas desde la celda B2" in datos.problemas[-1].mensaje and otra.problemas[0].codigo == Codigo.FILA_EN_BLANCO


def test_sin_formulas_no_se_avisa() -> None:
    (hoja,) = leer_libro(guardar(libro_de(("Datos", [["a"], ["<f>1</f>"], ["=no"[1:]]])))).hojas
    assert (hoja.formulas, hoja.problemas) == (0, ())


def test_formulas_de_un_ods() -> None:
    una = '<table:table-row><table:table-cell table:formula="of:=1+1"{}</table:table-row>'
    con_valor = una.format(' office:value-type="float" office:value="2"><text:p>2</text:p></table:table-cell>')
    encabezado = f"<table:table-row>{paquete.CELDA_ODS.format(1)}</table:table-row>"
    (hoja,) = leer_libro(paquete.ods(encabezado + con_valor + una.format("/>"))).hojas
    assert (hoja.filas, hoja.formulas) == ([[2], [FORMULA_SIN_VALOR]], 2)


# --- celdas combinadas --------------------------------------------------------------------------------------


def combinar(*rangos: str) -> bytes:
    """Los títulos en la fila 3, datos en las 4 a 8 y en la 10, y la columna C sin nada."""
    dato = ["P-1", "n", None, "c"]
    libro = libro_de(("Datos", [[], [], ["Código", "Nota", None, "Causa"], *[dato] * 5, [], dato]))
    for rango in rangos:
        libro["Datos"].merge_cells(rango)
    return guardar(libro)


def combinadas(datos: bytes) -> list[tuple[str, int | None, str]]:
    (hoja,) = leer_libro(datos).hojas
    avisos = [p for p in hoja.problemas if p.codigo == Codigo.CELDAS_COMBINADAS]
    assert all(p.hoja == hoja.nombre and not p.es_error for p in avisos)
    return [(p.celda, p.fila, p.mensaje) for p in avisos]


@pytest.mark.parametrize("rango", ["B4:B6", "B3:B4", "A4:B4", "B4:D4", "B8:B10"])
def test_las_celdas_combinadas_que_tocan_los_datos_se_avisan(rango: str) -> None:
    ((celda, fila, mensaje),) = combinadas(combinar(rango))
    assert (celda, fila) == (rango.partition(":")[0], int(rango[1]))
    assert f"Las celdas {rango} están combinadas: solo se ve el valor de la primera" in mensaje


@pytest.mark.parametrize("rango", ["A1:D2", "A3:B3", "B4:C4", "B10:B20", "C4:D4", "A9:B10", "F4:G9", "A2:A4"])
def test_las_que_no_esconden_nada_no_se_avisan(rango: str) -> None:
    """La portada, los títulos, la columna o las filas en blanco, y las que no tienen nada en la primera."""
    assert combinadas(combinar(rango)) == []


def test_muchas_combinadas_son_una_sola_alerta() -> None:
    rangos = [f"A{i}:B{i}" for i in (10, 4, 5, 6, 7, 8)]  # se dicen en el orden de la hoja
    assert [c for c, _, _ in combinadas(combinar(*rangos[:5]))] == ["A4", "A5", "A6", "A7", "A10"]
    ((celda, fila, mensaje),) = combinadas(combinar(*rangos))
    assert (celda, fila) == ("A4", 4)
    assert "Hay 6 grupos de celdas combinadas, A4:B4, A5:B5, A6:B6, A7:B7, A8:B8…: solo se ve el valor de la primera" in mensaje


def test_combinadas_de_un_ods() -> None:
    una = '<table:table-cell table:number-columns-spanned="{}" table:number-rows-spanned="{}" office:value-type="string">'
    una += "<text:p>a</text:p></table:table-cell>"
    tapada, fila = "<table:covered-table-cell/>", "<table:table-row>{}</table:table-row>"
    suelta = paquete.CELDA_ODS.format(1)
    filas = [suelta * 3, una.format(1, 2) + una.format(2, 1) + tapada, tapada + suelta + una.format(1, 1)]
    assert [c for c, _, _ in combinadas(paquete.ods("".join(map(fila.format, filas))))] == ["A2", "B2"]
    solas = [suelta * 3, una.format(2, 1) + tapada, suelta]
    assert "A2:B2" in combinadas(paquete.ods("".join(map(fila.format, solas))))[0][2]


# --- lo que no se puede leer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("datos", "codigo"),
    [
        (b"", Codigo.ARCHIVO_VACIO),
        (b"PK\x03\x04roto", Codigo.ARCHIVO_ILEGIBLE),
        (paquete.zipear({"a": "b"}), Codigo.ARCHIVO_ILEGIBLE),
        (paquete.xlsx(""), Codigo.SIN_ENCABEZADO),
        (paquete.zipear({"xl/workbook.xml": "<roto", "xl/_rels/workbook.xml.rels": "<a/>"}), Codigo.ARCHIVO_ILEGIBLE),
        (paquete.zipear({"xl/workbook.xml": "<a/>", "content.xml": "x"}), Codigo.ARCHIVO_ILEGIBLE),
        (paquete.ods_con_clave(), Codigo.ARCHIVO_ILEGIBLE),
        (paquete.zipear({"content.xml": '<?xml version="1.0" encoding="UTF-j"?><a/>'}), Codigo.ARCHIVO_ILEGIBLE),
        (paquete.ods(""), Codigo.SIN_ENCABEZADO),
        (paquete.LEJOS, Codigo.DEMASIADAS_FILAS),
        (paquete.SIN_DIRECCION, Codigo.DEMASIADAS_FILAS),
        (paquete.REPETIDO, Codigo.DEMASIADAS_FILAS),
        (paquete.xlsx(f'<row r="1">{paquete.celda("A1")}{paquete.celda("CW1")}</row>'), Codigo.DEMASIADAS_COLUMNAS),
        (paquete.xlsx("".join(f'<row r="{i}">{paquete.celda(f"A{i}")}</row>' for i in range(1, 5003))), Codigo.DEMASIADAS_FILAS),
        (paquete.CADENAS_INFLADAS, Codigo.ARCHIVO_SOSPECHOSO),
        (paquete.zipear({"xl/workbook.xml": b"\0" * 60_000_000}), Codigo.ARCHIVO_SOSPECHOSO),
        (paquete.zipear({f"f{i}": "x" for i in range(201)}), Codigo.ARCHIVO_SOSPECHOSO),
    ],
    ids=lambda v: v if isinstance(v, Codigo) else "",
)
def test_ilegibles(datos: bytes, codigo: Codigo) -> None:
    problema = problema_de(datos)
    assert problema.codigo == codigo and problema.es_error and problema.mensaje.endswith(".")


def test_dice_que_celda_esta_lejos() -> None:
    problema = problema_de(paquete.LEJOS)
    assert (problema.hoja, problema.celda, problema.fila) == ("H", "XFD1048576", 1_048_576)


@pytest.mark.parametrize(
    ("filas", "dice"),
    [
        (f'<row r="99999999999">{paquete.celda("A99999999999")}</row>', "la fila 99.999.999.999"),
        (f'<row r="99999999999">{paquete.celda("A1")}</row>', "la fila 99.999.999.999"),
        ('<row spans="1:1" r="4294967297"><c><v>1</v></c></row>', "la fila 4.294.967.297"),  # 2³² + 1: daría la vuelta
        (f'<row r="2000000">{paquete.celda("A2000000")}</row>', "la celda A2000000"),
        (f'<row r="1">{paquete.celda("ABCDE1")}</row>', "la columna ABCDE"),
        (f'<row r="1">{paquete.celda("ZZZ1")}</row>', "la celda ZZZ1"),
        (f'<row r="{"9" * 4_000}">{paquete.celda("A1")}</row>', "la fila 999.999.999.999.999"),
    ],
)
def test_un_lugar_que_ninguna_planilla_tiene(filas: str, dice: str) -> None:
    problema = problema_de(paquete.xlsx(f'<row r="1">{paquete.celda("A1")}</row>{filas}'))
    assert (problema.codigo, problema.celda, problema.fila) == (Codigo.DEMASIADAS_FILAS, "", None)
    assert f"dice tener {dice}, y una planilla llega a 1.048.576 filas y 16.384 columnas" in problema.mensaje
    assert len(problema.mensaje) < 250


def test_un_texto_con_numeros_largos_no_es_un_lugar() -> None:
    datos = paquete.xlsx('<row r="1"><c r="A1" t="inlineStr"><is><t>row r="99999999999" c r="ABCDE1"</t></is></c></row>')
    assert leer_libro(datos).hojas[0].encabezado == ('row r="99999999999" c r="ABCDE1"',)


def test_el_formato_de_celdas_vacias_hasta_el_final_no_estorba() -> None:
    datos = paquete.xlsx(f'<row r="1">{paquete.celda("A1")}</row><row r="1048576"><c r="XFD1048576" s="0"/></row>')
    assert leer_libro(datos).hojas[0].encabezado == ("5",)


def test_la_contrasena_se_nombra() -> None:
    assert "contraseña" in problema_de(paquete.ods_con_clave()).mensaje


def test_contrasena_que_solo_ve_calamine(monkeypatch: pytest.MonkeyPatch) -> None:
    from esquemas import libro as modulo

    class Cerrado:
        @staticmethod
        def from_filelike(_: object) -> None:
            raise modulo.PasswordError

    monkeypatch.setattr(modulo, "CalamineWorkbook", Cerrado)
    assert "contraseña" in problema_de(paquete.ods("")).mensaje


def test_cadenas_repetidas() -> None:
    datos = paquete.xlsx(
        "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 40)), "<si><t>" + "ab" * 500 + "</t></si>"
    )
    assert problema_de(datos, topes=Topes(inflado=20_000)).codigo == Codigo.ARCHIVO_GRANDE


def test_zip_que_miente_su_tamano() -> None:
    datos = bytearray(paquete.xlsx("", "<si>" + "x" * 5000 + "</si>"))
    with zipfile.ZipFile(io.BytesIO(datos)) as original:
        real = original.getinfo("xl/sharedStrings.xml").file_size.to_bytes(4, "little")
    mentido = bytes(datos).replace(real, (10).to_bytes(4, "little"))
    assert problema_de(mentido).codigo == Codigo.ARCHIVO_ILEGIBLE


def test_comprobar_zip_no_infla() -> None:
    with comprobar_zip(paquete.zipear({"a": "b"}), Topes()) as abierto:
        assert abierto.namelist() == ["a"]


def test_relacion_a_una_hoja_que_no_esta() -> None:
    relaciones = '<Relationships xmlns="x"><Relationship Id="r1" Target="worksheets/otra.xml"/></Relationships>'
    assert problema_de(paquete.xlsx("", **{"xl___rels__workbook.xml.rels": relaciones})).es_error


# --- ODS ----------------------------------------------------------------------------------------------------


def test_ods_con_error_de_formula_y_repeticiones() -> None:
    error = '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
    error += "<text:p>#N/A</text:p></table:table-cell>"
    vacias = '<table:covered-table-cell table:number-columns-repeated="2"/>'
    fila = "<table:table-row>{}</table:table-row>"
    relleno = '<table:table-row table:number-rows-repeated="1048570">'
    relleno += '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    una = paquete.CELDA_ODS.format(1)
    (hoja,) = leer_libro(paquete.ods(fila.format(una + vacias + una) + fila.format(una + vacias + error) + relleno)).hojas
    assert hoja.columnas == (0, 3) and hoja.filas == [["a", "#N/A"]]


def test_archivo_de_verdad(tmp_path: Path) -> None:
    ruta = tmp_path / "x.xlsx"
    libro_de(("Datos", [["Código", "Ñandú"], ["06", 1]])).save(ruta)
    assert leer_libro(ruta.read_bytes()).hojas[0].filas == [["06", 1]]
