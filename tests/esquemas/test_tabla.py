"""Los CSV que produce una persona en Chile, y los que entregamos."""

import csv
import datetime
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esquemas.errores import ArchivoIlegible, Codigo, Gravedad
from esquemas.hoja import Hoja, Topes, letra
from esquemas.tabla import escribir_csv, escribir_csv_excel, leer_csv, leer_csv_en_flujo, linea_csv, neutralizar
from tests.esquemas.muestra import CARGAS


def codigo_de(datos: bytes, **mas) -> Codigo:
    with pytest.raises(ArchivoIlegible) as error:
        leer_csv(datos, **mas)
    problema = error.value.problema
    assert problema.es_error and problema.mensaje.count(".") >= 1  # dice qué pasa y cómo se arregla
    return problema.codigo


# --- lo que Excel en Chile produce --------------------------------------------------------------------------

FILAS = [["06", "Ñuñoa y Aysén", "1.252.784,5"], ["07", "«¿Cuánto?»", "12"]]


@pytest.mark.parametrize("codificacion", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separador", [",", ";", "\t"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("citar", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_codificacion_separador_y_fin_de_linea(codificacion: str, separador: str, fin: str, citar: int) -> None:
    salida = io.StringIO()
    escritor = csv.writer(salida, delimiter=separador, lineterminator=fin, quoting=citar)
    escritor.writerows([["Código", "Título", "Monto"], *FILAS])
    hoja = leer_csv(salida.getvalue().encode(codificacion))
    assert hoja.encabezado == ("Código", "Título", "Monto")
    assert hoja.filas == FILAS
    assert hoja.numeros == [2, 3] and hoja.fila_encabezado == 1 and hoja.columnas == (0, 1, 2)
    assert hoja.problemas == () and hoja.visible


def test_utf16_de_los_dos_lados() -> None:
    texto = "\ufeffa\tñ\r\n1\t2\r\n"
    assert leer_csv(texto.encode("utf-16-be")).encabezado == ("a", "ñ")
    assert leer_csv(texto.encode("utf-16-le")).encabezado == ("a", "ñ")


def test_cp1252_solo_si_no_es_utf8() -> None:
    assert leer_csv("año\nÑandú\n".encode("cp1252")).filas == [["Ñandú"]]
    assert leer_csv("año\nÑandú\n".encode()).filas == [["Ñandú"]]


@pytest.mark.parametrize(
    ("encabezado", "columnas"),
    [
        ("a;b;c", 3),
        ("Región, provincia o comuna;Monto", 2),  # empate: el «;» gana porque la coma va dentro de títulos
        ('"a;b;c",d', 2),  # lo citado no cuenta
        ('"dice ""a;b;c""",d', 2),
        ("sola", 1),
        ('a,Largo 5",c', 3),  # una comilla a mitad de celda no abre nada
    ],
)
def test_el_separador_sale_del_encabezado(encabezado: str, columnas: int) -> None:
    assert len(leer_csv(f"{encabezado}\n1\n".encode()).encabezado) == columnas


def test_un_encabezado_de_varias_lineas_es_una_fila() -> None:
    hoja = leer_csv('"Código\nde fila";b\n1;2\n'.encode())
    assert hoja.encabezado == ("Código\nde fila", "b") and hoja.numeros == [2]


# --- numeración: la de Excel --------------------------------------------------------------------------------


def test_las_filas_tras_una_en_blanco_conservan_su_numero() -> None:
    hoja = leer_csv(b"\r\n;;\r\na;b;;\r\n1;2\r\n\r\n  ;\t\r\n;\r\n3;4\r\n\r\n5;6\r\n;\r\n\r\n")
    assert hoja.encabezado == ("a", "b") and hoja.fila_encabezado == 3
    assert hoja.filas == [["1", "2"], ["3", "4"], ["5", "6"]]
    assert hoja.numeros == [4, 8, 10]
    assert [(p.codigo, p.gravedad, p.fila, p.celda) for p in hoja.problemas] == [
        (Codigo.FILA_EN_BLANCO, Gravedad.ALERTA, 5, "A5"),
        (Codigo.FILA_EN_BLANCO, Gravedad.ALERTA, 9, "A9"),
    ]  # las del final no estorban a nadie
    assert "5 a 7" in hoja.problemas[0].mensaje
    assert (hoja.celda(1, 1), hoja.celda_encabezado(0)) == ("B8", "A3")


def test_una_celda_de_tres_lineas_es_una_fila() -> None:
    hoja = leer_csv(b'a,b\r\n"uno\r\ndos\ntres",x\r\nfin,y\r\n')
    assert hoja.filas == [["uno\r\ndos\ntres", "x"], ["fin", "y"]]
    assert hoja.numeros == [2, 3]


@pytest.mark.parametrize(("columna", "texto"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")])
def test_letra(columna: int, texto: str) -> None:
    assert letra(columna) == texto


# --- anchos -------------------------------------------------------------------------------------------------


def test_filas_cortas_se_completan_y_columnas_vacias_del_final_se_ignoran() -> None:
    hoja = leer_csv(b"a,b,,c,,\n1\n1,2,3,4,,\n")
    assert hoja.encabezado == ("a", "b", "", "c")
    assert hoja.filas == [["1", "", "", ""], ["1", "2", "3", "4"]] and hoja.problemas == ()


def test_fila_irregular() -> None:
    hoja = leer_csv(b"a,b\n1,2\nRancagua, centro,x,,\n")
    (problema,) = hoja.problemas
    assert (problema.codigo, problema.gravedad, problema.fila, problema.indice, problema.celda) == (
        Codigo.FILA_IRREGULAR,
        Gravedad.ERROR,
        3,
        1,
        "C3",
    )
    assert "fila 3" in problema.mensaje and "3 celdas" in problema.mensaje and "encabezado 2" in problema.mensaje
    assert hoja.filas[1] == ["Rancagua", " centro"] and hoja.sobrantes == ((3, 2, "x"),)


def test_celda_larga() -> None:
    """Se lee entera, también entre comillas: decir que es larga le toca a quien revisa la celda."""
    largo = "ñ" * 200_000
    hoja = leer_csv(f'a,b\n1,"{largo}"\n,,,{largo}\n'.encode())
    assert [(p.codigo, p.celda) for p in hoja.problemas] == [(Codigo.FILA_IRREGULAR, "D3")]
    assert len(hoja.problemas[0].valor) == 81 and hoja.filas[0][1] == largo


# --- lo que no se puede leer --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("datos", "codigo"),
    [
        (b"", Codigo.ARCHIVO_VACIO),
        (b"\xef\xbb\xbf", Codigo.SIN_ENCABEZADO),
        (b"\n;;\n \n", Codigo.SIN_ENCABEZADO),
        (b"a,b\n1,\0\n", Codigo.ARCHIVO_ILEGIBLE),
        ("a,b".encode("utf-16-le"), Codigo.ARCHIVO_ILEGIBLE),  # sin BOM
        (b"\xff\xfea\0\n", Codigo.ARCHIVO_ILEGIBLE),  # UTF-16 cortado
        (b"a,b\n\x81\x8d", Codigo.ARCHIVO_ILEGIBLE),  # ni UTF-8 ni Windows-1252
        (b'a,b\n1,"dos\n3,4\n', Codigo.COMILLAS_ROTAS),
        (b'a,b\n"uno"x,2\n', Codigo.COMILLAS_ROTAS),
        (b'a,b\n"' + b"x" * 140_000, Codigo.COMILLAS_ROTAS),
        (b"a,b\n" + b"1,2\n" * 5001, Codigo.DEMASIADAS_FILAS),
        (b",".join([b"a"] * 101), Codigo.DEMASIADAS_COLUMNAS),
        (b"a\n" * 2_500_001, Codigo.ARCHIVO_GRANDE),
    ],
    ids=lambda v: v if isinstance(v, Codigo) else "",
)
def test_ilegibles(datos: bytes, codigo: Codigo) -> None:
    assert codigo_de(datos) == codigo


def test_las_comillas_rotas_dicen_la_fila() -> None:
    with pytest.raises(ArchivoIlegible) as error:
        leer_csv(b'a,b\n1,2\n\n3,"dos\n')
    assert error.value.problema.fila == 4


def test_topes_propios_y_en_el_borde() -> None:
    assert len(leer_csv(b"a\n" + b"1\n" * 5000).filas) == 5000
    assert codigo_de(b"a\n1\n2\n", topes=Topes(filas=1)) == Codigo.DEMASIADAS_FILAS


# --- en flujo -----------------------------------------------------------------------------------------------


def test_en_flujo_no_hay_tope_de_filas_y_los_lotes_suman_lo_mismo() -> None:
    datos = b"a,b\n" + b"".join(b"%d,x\n\n" % i for i in range(6000))
    lotes = list(leer_csv_en_flujo(io.BytesIO(datos), lote=2500, nombre="grande"))
    assert [len(h.filas) for h in lotes] == [2500, 2500, 1000]
    assert [n for h in lotes for n in h.numeros] == list(range(2, 12_002, 2))
    assert {(h.nombre, h.encabezado) for h in lotes} == {("grande", ("a", "b"))}
    assert sum(len(h.problemas) for h in lotes) == 5999


def test_en_flujo_sin_filas_da_una_hoja_y_cierra_el_archivo() -> None:
    archivo = io.BytesIO(b"a,b\n")
    (hoja,) = leer_csv_en_flujo(archivo)
    assert hoja == Hoja("", ("a", "b"), [], [], (0, 1), 1) and archivo.closed


def test_en_flujo_vacio() -> None:
    with pytest.raises(ArchivoIlegible) as error:
        next(leer_csv_en_flujo(io.BytesIO(b"")))
    assert error.value.problema.codigo == Codigo.ARCHIVO_VACIO


# --- escribir -----------------------------------------------------------------------------------------------

TEXTO = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=20)


@settings(deadline=None)
@given(st.integers(1, 6).flatmap(lambda n: st.lists(st.lists(TEXTO, min_size=n, max_size=n), max_size=8)))
def test_lo_escrito_se_lee_identico(filas: list[list[str]]) -> None:
    ancho = len(filas[0]) if filas else 1
    encabezado = [f"c{i}" for i in range(ancho)]
    hoja = leer_csv(escribir_csv(encabezado, filas))
    assert hoja.encabezado == tuple(encabezado)
    assert hoja.filas == [f for f in filas if "".join(f).strip()]


@settings(deadline=None)
@given(st.lists(st.lists(TEXTO, min_size=2, max_size=2), max_size=8))
def test_la_biblioteca_estandar_lee_lo_mismo(filas: list[list[str]]) -> None:
    texto = escribir_csv(["a", "b"], filas).decode()
    assert list(csv.reader(io.StringIO(texto, newline=""), strict=True)) == [["a", "b"], *filas]


def test_la_linea_es_la_base_de_la_huella() -> None:
    assert linea_csv(["06", "a,b", 'dice "x"', "dos\nlíneas", "", " ", "=1+1"]) == '06,"a,b","dice ""x""","dos\nlíneas",, ,=1+1'
    assert linea_csv([""]) == '""'
    assert escribir_csv(["a"], [["ñ"]]) == "a\r\nñ\r\n".encode()


def test_para_excel() -> None:
    datos = escribir_csv_excel(["Título; con", "b"], [[datetime.date(2026, 1, 5), 1234.5], [True, -3], [False, 'a"b']])
    assert datos.decode("utf-8") == '\ufeff"Título; con";b\r\n05-01-2026;1234,5\r\nsi;-3\r\nno;"a""b"\r\n'


@pytest.mark.parametrize("carga", CARGAS)
def test_inyeccion_de_formulas(carga: str) -> None:
    (fila,) = leer_csv(escribir_csv_excel(["a", "b"], [[carga, "x"]])).filas
    assert fila[0] == ("'" + carga if carga[0] != '"' else carga) and fila[1] == "x"
    assert leer_csv(escribir_csv(["a", "b"], [[carga, "x"]])).filas == [[carga, "x"]]  # el de máquinas, intacto


@pytest.mark.parametrize("texto", ["-5", "-1234,5", "-1.234,5", "+56912345678", "+56 9 1234 5678", "06", "a=b", "a-b", ""])
def test_neutralizar_no_toca_numeros_ni_telefonos(texto: str) -> None:
    assert neutralizar(texto) == texto


def test_un_archivo_con_dos_codificaciones_se_rechaza_en_vez_de_leerse_mal():
    """Un solo byte suelto de Windows-1252 en un CSV UTF-8: leerlo todo como Windows-1252 daría «RegiÃ³n»."""
    mezclado = "codigo,nombre\r\n1,Región\r\n".encode() + b"2,Ca\xf1ete\r\n"
    with pytest.raises(ArchivoIlegible) as rechazo:
        leer_csv(mezclado)
    assert rechazo.value.problema.codigo is Codigo.ARCHIVO_ILEGIBLE
    assert "dos codificaciones" in rechazo.value.problema.mensaje


@pytest.mark.parametrize("codificacion", ["cp850", "mac_roman"])
@pytest.mark.parametrize(
    "texto",
    [
        "Código;Región\nP-1;06\n",  # los títulos
        "codigo;nombre\nP-1;El vino de la región\n",
        "CÓDIGO;NOMBRE\nP-1;a\n",
        "codigo;nombre\nP-1;ClaveÚnica, que en MS-DOS parece «é», y además la región histórica · sí\n",
    ],
)
def test_lo_que_guarda_excel_para_ms_dos_o_macintosh_no_se_lee_mal(texto: str, codificacion: str) -> None:
    """Como Windows-1252 serían «C¢digo» y «regi—n»: con esos títulos se diría que falta una columna."""
    with pytest.raises(ArchivoIlegible) as rechazo:
        leer_csv(texto.encode(codificacion))
    assert rechazo.value.problema.codigo is Codigo.ARCHIVO_ILEGIBLE
    assert "no está en UTF-8 ni en Windows-1252" in rechazo.value.problema.mensaje


@pytest.mark.parametrize(
    "texto",
    [
        "Código;Año—mes\nP-1;¿qué? ¡hola! 50 ¢, £10, O’Higgins, Sacré-Cœur, 25–30 km\n",
        "Región\nCamión ‡ cruce pero¡ojo\n",
        "NOMBRE\nBARÇA DE ÑUÑOA\n",
    ],
)
def test_un_texto_castellano_en_windows_1252_se_lee(texto: str) -> None:
    assert leer_csv(texto.encode("cp1252")).filas == [texto.split("\n")[1].split(";")]


CSV_DEL_PROYECTO = sorted((Path(__file__).resolve().parents[2] / "sitio/biblioteca").rglob("*.csv"))


@pytest.mark.parametrize("ruta", CSV_DEL_PROYECTO, ids=lambda r: f"{r.parent.name}-{r.stem}")
def test_los_csv_de_verdad_se_leen_y_guardados_para_ms_dos_no(ruta: Path) -> None:
    texto = ruta.read_text(encoding="utf-8")
    for codificacion in ("utf-8", "cp1252"):
        assert leer_csv(texto.encode(codificacion, "replace")).problemas == ()
    for codificacion in () if texto.isascii() else ("cp850", "mac_roman"):
        assert codigo_de(texto.encode(codificacion, "replace")) == Codigo.ARCHIVO_ILEGIBLE


def test_lo_guardado_dos_veces_se_avisa_con_su_celda() -> None:
    doble = "año y exportación, ÑUÑOA".encode().decode("cp1252")
    hoja = leer_csv(f"codigo;nombre;nota\nP-1;sana;región\nP-2;{doble};\nP-3;;{doble}\n".encode())
    assert [(p.celda, p.fila) for p in hoja.problemas] == [("B3", 3), ("C4", 4)]
    assert {(p.codigo, p.es_error) for p in hoja.problemas} == {(Codigo.CODIFICACION_DOBLE, False)}


@pytest.mark.parametrize("palabra", ["región", "ÚTIL", "PINGÜINO", "año", "NIÑO", "JOSÉ"])
def test_lo_guardado_dos_veces_se_avisa_tambien_por_lotes(palabra: str) -> None:
    doble = palabra.encode().decode("cp1252")
    lotes = list(leer_csv_en_flujo(io.BytesIO(f"codigo,nota\nP-1,sana\nP-2,{doble}\n".encode()), lote=1))
    assert [[p.celda for p in hoja.problemas] for hoja in lotes] == [[], ["B3"]]
    for letra_sola in "ÉÓÑ":
        assert leer_csv(f"a;b\nP-1;{letra_sola.encode().decode('cp1252')}\n".encode()).problemas
    (una,) = leer_csv("a;b\nP-1;NÂ° de AcciÃ³n\n".encode()).problemas
    assert una.celda == "B2" and "«Ã³»" in una.mensaje
    assert leer_csv("a;b\nSÃO PAULO;IRMÃ,Ã\n".encode()).problemas == ()


def test_los_titulos_guardados_dos_veces_no_son_columnas_que_falten() -> None:
    with pytest.raises(ArchivoIlegible) as rechazo:
        leer_csv("Código;Descripción\nP-1;sí\n".encode().decode("cp1252").encode())
    assert rechazo.value.problema.codigo is Codigo.ARCHIVO_ILEGIBLE
    assert "«Ã³»" in rechazo.value.problema.mensaje
