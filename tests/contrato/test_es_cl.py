"""Los 120 CSV que produce una persona en Chile: el mismo contenido, guardado de cada manera, da las mismas filas canónicas.

Por qué son 120. Codificación y BOM no se combinan libremente: Windows-1252 no tiene BOM, y UTF-16 sin BOM no se puede
conocer (se rechaza y se dice; ver abajo). De las ocho combinaciones quedan cinco: UTF-8, UTF-8 con BOM, UTF-16 LE y UTF-16 BE
con BOM, y Windows-1252. Por tres separadores («,» «;» tabulador), por dos decimales (coma y punto), por cuatro fines de línea
(LF, CRLF, CR, y CRLF sin fin en la última línea, como lo dejan varios exportadores): 5 × 3 × 2 × 4 = 120.
"""

import codecs
import io
import itertools

import pytest

from esquemas.entrega import validar_libro
from esquemas.errores import ArchivoIlegible, Codigo
from esquemas.libro import Libro
from esquemas.revision import Contexto
from esquemas.tabla import leer_csv, leer_csv_en_flujo
from formularios.lector import leer_archivo
from tests.esquemas.fabrica import campo, catalogo_con, codigo, formato, sin_huecos

CODIFICACIONES = {
    "utf-8": (b"", "utf-8"),
    "utf-8-bom": (codecs.BOM_UTF8, "utf-8"),
    "utf-16-le-bom": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be-bom": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "cp1252": (b"", "cp1252"),
}
SEPARADORES = {"coma": ",", "punto-y-coma": ";", "tabulador": "\t"}
DECIMALES = {"coma": ",", "punto": "."}
FINES = {"lf": ("\n", True), "crlf": ("\r\n", True), "cr": ("\r", True), "crlf-sin-final": ("\r\n", False)}
TODAS = list(itertools.product(CODIFICACIONES, SEPARADORES, DECIMALES, FINES))

ESQUEMA = formato(
    "catastro",
    [
        codigo(),
        campo("nombre", title="Institución, año y región"),
        campo("detalle", "parrafo", title="Descripción"),
        campo("monto", "pesos", title="Presupuesto"),
        campo("avance", "porcentaje", title="Avance (%)"),
        campo("superficie", "decimal", title="Superficie"),
        campo("fecha", "fecha", title="Fecha de sesión"),
        campo("vigente", "logico", title="¿Vigente?"),
        campo("region", title="Región", catalogo="regiones"),
        campo("citas", title="Colores", catalogo="colores", varios=True),
    ],
)
CATALOGO = catalogo_con(ESQUEMA)
PARRAFO = 'Dijo: "¿cuánto?"\nNada; o casi nada,\n\nseñor.'
CANONICAS = [
    ("N-01", "Ñuñoa y Aysén, «ñandú» — 50 €", PARRAFO, "1252784000", "12.5",
     "1234.56", "2026-12-31", "si", "08", "rojo;verde"),
    ("N-02", "O’Higgins", 'Termina con comilla"', "0", "100", "-0.07", "2027-02-28", "no", "06", "azul"),
    ("N-03", "Última: ÁÉÍÓÚÜ áéíóúü", "", "", "", "7", "", "", "16", ""),
]  # fmt: skip


def escritas(decimal: str) -> list[list[str]]:
    """Las mismas filas como las escribe una persona. Con coma decimal, además, los miles van con punto."""
    d, miles = decimal, "." if decimal == "," else ""
    return [
        ["N-01", "Ñuñoa y Aysén, «ñandú» — 50 €", PARRAFO, "$ 1.252.784.000", f"12{d}5 %",
         f"1{miles}234{d}56", "31-12-2026", "Sí", "Biobío", "Rojo; verde"],
        ["N-02", "O’Higgins", 'Termina con comilla"', "0", f"100{d}0", f"-0{d}07", "28/02/2027", "NO", "6", "AZUL"],
        ["N-03", "Última: ÁÉÍÓÚÜ áéíóúü", "", "", "", "7", "", "", "16 · Ñuble", ""],
    ]  # fmt: skip


def a_mano(codificacion: str, separador: str, decimal: str, fin: str) -> bytes:
    """El archivo, byte por byte; sin `csv`, para no escribir con lo mismo que se lee."""
    bom, encoding = CODIFICACIONES[codificacion]
    sep, (salto, final) = SEPARADORES[separador], FINES[fin]
    dentro = "\r" if salto == "\r" else "\n"  # Alt+Enter en Excel deja LF; un Mac antiguo, CR

    def celda(texto: str) -> str:
        se_cita = any(s in texto for s in (sep, '"', "\n"))
        texto = texto.replace('"', '""').replace("\n", dentro)
        return f'"{texto}"' if se_cita else texto

    lineas = [sep.join(map(celda, fila)) for fila in ([c.titulo for c in ESQUEMA.campos], *escritas(DECIMALES[decimal]))]
    return bom + (salto.join(lineas) + (salto if final else "")).encode(encoding)


def test_son_ciento_veinte_y_todos_distintos() -> None:
    assert len(TODAS) == 120
    assert len({a_mano(*c) for c in TODAS}) == 120


@pytest.mark.parametrize("combinacion", TODAS, ids="/".join)
def test_el_mismo_archivo_da_las_mismas_filas(combinacion: tuple[str, str, str, str]) -> None:
    datos = a_mano(*combinacion)
    libro = leer_archivo(datos, "catastro.csv")
    resultado = sin_huecos(validar_libro(CATALOGO, ESQUEMA, libro, Contexto()))
    assert resultado.problemas == (), "ni un error ni una alerta"
    assert resultado.tablas["catastro"] == CANONICAS
    assert resultado.leidas == 3
    (hoja,) = libro.hojas
    assert hoja.numeros == [2, 3, 4], "una celda de cuatro líneas es una sola fila"
    # Lo mismo por la orden, que lee en flujo y de a lotes.
    lotes = list(leer_csv_en_flujo(io.BytesIO(datos), lote=2))
    assert [f for lote in lotes for f in lote.filas] == hoja.filas
    assert {lote.encabezado for lote in lotes} == {hoja.encabezado}
    en_flujo = [f for lote in lotes for f in validar_libro(CATALOGO, ESQUEMA, Libro([lote]), Contexto()).tablas["catastro"]]
    assert en_flujo == CANONICAS


@pytest.mark.parametrize("combinacion", TODAS, ids="/".join)
def test_la_vista_previa_muestra_enes_y_tildes(combinacion: tuple[str, str, str, str]) -> None:
    """Lo que se muestra a la persona antes de tocar nada: sus títulos y sus celdas, sin una letra cambiada."""
    hoja = leer_csv(a_mano(*combinacion))
    assert hoja.encabezado == tuple(c.titulo for c in ESQUEMA.campos)
    pedidas = escritas(DECIMALES[combinacion[2]])
    vista = [[str(c).replace("\r", "\n") for c in fila] for fila in hoja.filas]
    assert vista == pedidas
    texto = "".join(map("".join, [hoja.encabezado, *vista]))
    assert set("ñÑáéíóúüÁÉÍÓÚÜ¿«»—’€") <= set(texto)
    assert not set(texto) & set("\ufeff\ufffd\0ÃÂ"), "ni marcas ni letras rotas"


@pytest.mark.parametrize("codificacion", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separador", SEPARADORES)
def test_utf16_sin_bom_se_rechaza_y_se_dice(codificacion: str, separador: str) -> None:
    """Sin BOM no hay cómo saber cuál de las dos es, y no se adivina."""
    datos = a_mano("utf-8", separador, "coma", "crlf").decode().encode(codificacion)
    with pytest.raises(ArchivoIlegible) as error:
        leer_csv(datos)
    assert error.value.problema.codigo is Codigo.ARCHIVO_ILEGIBLE
    assert "CSV UTF-8" in error.value.problema.mensaje


def test_un_archivo_a_medio_convertir_no_se_lee_mal() -> None:
    """Mitad en Windows-1252 y mitad en UTF-8 («Ã±»): se rechaza, no se guarda «ÃƒÂ±»."""
    datos = a_mano("cp1252", "punto-y-coma", "coma", "crlf") + "N-04;Peñaflor;;;;;;;;\r\n".encode()
    with pytest.raises(ArchivoIlegible, match="mezcla dos codificaciones"):
        leer_csv(datos)
