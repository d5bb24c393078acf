"""De lo que escribe una persona en Chile a la forma canónica, sin adivinar nunca un número ambiguo.

Cada función recibe un texto ya limpio (`limpiar`) y devuelve el texto canónico o una `Falla`. Lo canónico, releído, es idéntico.
Las cifras: ningún campo admite más de dos decimales; por eso un punto seguido de tres cifras siempre separa miles (contrato).
"""

import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from esquemas.errores import Codigo, Gravedad


class Falla(NamedTuple):
    """Por qué un valor no se pudo leer, o de qué hay que avisar si se pudo (`gravedad` alerta).

    `pista` busca un parecido («¿Quiso decir…?»). Es cara y optativa: quien arma el mensaje decide cuántas pide.
    """

    codigo: Codigo
    mensaje: str
    gravedad: Gravedad = Gravedad.ERROR
    pista: Callable[[], str] | None = None


LARGO_CITADO = 80  # lo que se repite en un mensaje de lo que escribió la persona
_CIFRAS = 15  # las que una planilla conserva exactas; más es un error de tipeo y desborda a otros programas
_ESPACIOS = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
# Marcas de corte sin ancho que traen los textos copiados de un PDF o de la web: no se ven y no dicen nada.
_SIN_ANCHO = re.compile("[\u00ad\u200b\u2060]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_MILES = re.compile(r"-?[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]{1,})?")
_LLANO = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]+)?")
_CON_CEROS = re.compile(r"-?0[0-9]+")
_EN_MILES = re.compile(r"(?i)(MM?)\$ *(.+)")
_AMBIGUO = re.compile(r"(-?[1-9][0-9]{0,2}),([0-9]{3})")
_ISO = re.compile(r"([12][0-9]{3})-([0-9]{2})-([0-9]{2})( 00:00(:00)?|T00:00(:00)?)?")
_CON_HORA = re.compile(r"([12][0-9]{3}-[0-9]{2}-[0-9]{2}|[0-9]{2}/[0-9]{2}/[12][0-9]{3})[ T][0-9]{1,2}:[0-9]{2}[0-9:.]*")
_DIA_PRIMERO = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([12][0-9]{3})")
_SERIE = re.compile(r"[1-9][0-9]{4}")
_RUT = re.compile(r"[1-9][0-9]?(\.?[0-9]{3}){2}-?[0-9Kk]")
ORIGEN_EXCEL = datetime.date(1899, 12, 30)  # el sistema de fechas 1900 de Excel, con su error de 1900 incluido
_SI, _NO = frozenset({"si", "s", "true", "verdadero", "1", "x"}), frozenset({"no", "n", "false", "falso", "0"})


def limpiar(texto: str) -> str:
    """NFC, espacios duros como espacios, fines de línea como «\\n», sin espacios en los extremos ni al final de una línea."""
    if texto.isascii() and texto.isprintable():
        return texto.strip()
    texto = unicodedata.normalize("NFC", _SIN_ANCHO.sub("", texto))
    texto = _ESPACIOS.sub(" ", texto.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(linea.rstrip(" ") for linea in texto.split("\n")).strip(" \n")


def caracter_invalido(texto: str) -> str:
    """El primer carácter de control del texto, o «»."""
    hallado = _CONTROL.search(texto)
    return hallado.group() if hallado else ""


def plegar(texto: str) -> str:
    """Sin tildes, sin mayúsculas y con espacios simples: solo para comparar títulos y nombres, nunca para guardar."""
    base = unicodedata.normalize("NFD", limpiar(texto)).casefold()
    return " ".join("".join(c for c in base if not unicodedata.combining(c)).split())


def citado(texto: str) -> str:
    """Entre comillas, y cortado si es muy largo: un mensaje no repite una página."""
    return f"«{texto}»" if len(texto) <= LARGO_CITADO else f"«{texto[:LARGO_CITADO]}…»"


def con_coma(numero: str) -> str:
    """«12.5» → «12,5», como se escribe en Chile."""
    return numero.replace(".", ",")


def _canonizar(entero: str, decimales: str) -> str:
    decimales = decimales.rstrip("0")
    texto = f"{entero}.{decimales}" if decimales else entero
    return "0" if texto in ("-0", "0") else texto


def leer_decimal(texto: str, *, entero: bool = False) -> str | Falla:
    """«1.234,5», «12,5», «12.5», «1234» → «1234.5», «12.5», «12.5», «1234». Hasta dos decimales.

    Con `entero`, ninguno: «12,0» → «12», y los mensajes no hablan de decimales que no se admiten.
    """
    if ambiguo := _AMBIGUO.fullmatch(texto):
        cifras, tres = ambiguo.groups()
        tope = "Aquí va un número entero" if entero else "Solo se admiten hasta dos decimales"
        return Falla(
            Codigo.NUMERO_AMBIGUO,
            f"«{texto}» se puede leer como {cifras} coma {tres} (decimales) o como {cifras}.{tres} (miles). "
            f"{tope}: si son decimales, redondee; si son miles, escriba {cifras}{tres}.",
        )
    if _MILES.fullmatch(texto):
        cifras, _, decimales = texto.replace(".", "").partition(",")
    elif _LLANO.fullmatch(texto):
        cifras, _, decimales = texto.replace(",", ".").partition(".")
        if decimales and len(decimales) % 3 == 0 and "." in texto:
            si_no = "redondéelo a un entero" if entero else "con coma y hasta dos"
            return Falla(
                Codigo.NUMERO_AMBIGUO,
                f"{citado(texto)} tiene un punto de miles fuera de lugar. Si son miles, escríbalo sin puntos; "
                f"si son decimales, {si_no}.",
            )
    elif _CON_CEROS.fullmatch(texto):
        return Falla(Codigo.NUMERO_INVALIDO, f"{citado(texto)} empieza con cero. Escríbalo sin ceros a la izquierda.")
    else:
        forma = "sin decimales, letras ni signos: 1234" if entero else "con coma para los decimales: 1234,5"
        return Falla(Codigo.NUMERO_INVALIDO, f"{citado(texto)} no es un número. Escriba solo cifras, {forma}.")
    if entero and decimales.strip("0"):
        return _con_decimales(texto)
    if len(decimales.rstrip("0")) > 2:
        return Falla(Codigo.DEMASIADOS_DECIMALES, f"{citado(texto)} tiene más de dos decimales. Redondéelo a dos.")
    if len(cifras.lstrip("-")) > _CIFRAS:
        return _larguisimo(texto)
    return _canonizar(cifras, decimales)


def _con_decimales(texto: str) -> Falla:
    return Falla(Codigo.NO_ES_ENTERO, f"{citado(texto)} tiene decimales y aquí va un número entero. Redondéelo.")


def _larguisimo(texto: str) -> Falla:
    return Falla(Codigo.NUMERO_INVALIDO, f"«{texto[:20]}…» tiene más de {_CIFRAS} cifras. Revise si sobran.")


def leer_entero(texto: str) -> str | Falla:
    """«1.252.784.000» y «1252784000» → «1252784000». Rechaza decimales distintos de cero."""
    return leer_decimal(texto, entero=True)


def leer_pesos(texto: str) -> str | Falla:
    """Como `leer_entero`, y admite el signo «$» delante («$ 1.252.784.000»). De «M$» y «MM$» dice cuántos pesos son."""
    if (en_miles := _EN_MILES.fullmatch(texto)) and isinstance(cifras := leer_decimal(en_miles[2]), str):
        que, pesos = ("miles", "millones")[len(en_miles[1]) - 1], int(Decimal(cifras) * 1000 ** len(en_miles[1]))
        return Falla(Codigo.NUMERO_INVALIDO, f"{citado(texto)} está en {que} de pesos. Escríbalo en pesos: {pesos}.")
    return leer_entero(texto.removeprefix("$").lstrip() or texto)


def leer_porcentaje(texto: str) -> str | Falla:
    """Como `leer_decimal`, y admite el signo «%» detrás («45 %» → «45»)."""
    return leer_decimal(texto.removesuffix("%").rstrip() or texto)


def leer_numero_de_planilla(numero: int | float, *, entero: bool) -> str | Falla:
    """Una celda numérica no es ambigua: su valor es exacto. Hasta dos decimales, finito."""
    if numero != numero or numero in (float("inf"), float("-inf")):
        return Falla(Codigo.NUMERO_INVALIDO, "La celda no tiene un número que se pueda leer. Escríbalo otra vez.")
    if abs(numero) >= 10**_CIFRAS:
        return _larguisimo(str(numero))
    decimal = Decimal(repr(numero)) if isinstance(numero, float) else Decimal(numero)
    exacto = decimal.quantize(Decimal("0.01"))
    # Una suma de Excel trae ruido binario (0.30000000000000004): se acepta si a 9 decimales es el mismo número.
    if abs(exacto - decimal) > Decimal("1e-9"):
        if entero:
            return _con_decimales(con_coma(str(numero)))
        return Falla(
            Codigo.DEMASIADOS_DECIMALES,
            f"La celda tiene más de dos decimales, aunque muestre menos: {con_coma(str(numero))}. Redondéela a dos.",
        )
    cifras, _, decimales = format(exacto, "f").partition(".")
    texto = _canonizar(cifras, decimales)
    if entero and "." in texto:
        return _con_decimales(con_coma(texto))
    return texto


def _fecha(anio: str, mes: str, dia: str, texto: str) -> str | Falla:
    try:
        return datetime.date(int(anio), int(mes), int(dia)).isoformat()
    except ValueError:
        dicho = f"«{texto}» no existe en el calendario. Revise el día y el mes. Por ejemplo: 31-12-2026."
        return Falla(Codigo.FECHA_INVALIDA, dicho)


def leer_fecha(texto: str) -> str | Falla:
    """«31-12-2026», «31/12/2026», «2026-12-31» → «2026-12-31». En Chile el día va primero; dos cifras de año se rechazan."""
    if iso := _ISO.fullmatch(texto):
        return _fecha(iso[1], iso[2], iso[3], texto)
    if local := _DIA_PRIMERO.fullmatch(texto):
        return _fecha(local[3], local[2], local[1], texto)
    if re.fullmatch(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}", texto):
        return Falla(Codigo.FECHA_AMBIGUA, f"«{texto}» no dice el siglo. Escriba el año con cuatro cifras: 31-12-2026.")
    if con_hora := _CON_HORA.fullmatch(texto):
        return Falla(Codigo.FECHA_INVALIDA, f"{citado(texto)} tiene hora. Escriba solo la fecha: {en_chile(con_hora[1])}.")
    return Falla(Codigo.FECHA_INVALIDA, f"{citado(texto)} no es una fecha. Escríbala con día, mes y año: 31-12-2026.")


def en_chile(iso: str) -> str:
    """«2026-12-31» → «31-12-2026»."""
    return "-".join(reversed(iso.split("-")))


def leer_serie_de_excel(numero: int) -> str | Falla:
    """46387 → «2026-12-31»: los días que Excel cuenta desde 1900. Entre 1954 y 2119; fuera de eso no es una fecha creíble."""
    if not 20_000 <= numero <= 80_000:
        return Falla(Codigo.FECHA_INVALIDA, f"«{numero}» no es una fecha. Escríbala con día, mes y año: 31-12-2026.")
    return (ORIGEN_EXCEL + datetime.timedelta(days=numero)).isoformat()


def es_serie(texto: str) -> bool:
    """Si un texto parece una fecha de Excel que perdió su formato."""
    return bool(_SERIE.fullmatch(texto))


def leer_logico(texto: str) -> str | Falla:
    """«Sí», «SI», «verdadero»… → «si»; «No», «falso»… → «no»."""
    plano = plegar(texto)
    if plano in _SI:
        return "si"
    if plano in _NO:
        return "no"
    return Falla(Codigo.LOGICO_INVALIDO, f"{citado(texto)} no es sí ni no. Escriba «sí» o «no».")


def leer_rut(texto: str) -> str | Falla:
    """«12.345.678-5», «123456785» → «12345678-5» con su dígito verificador comprobado."""
    if not _RUT.fullmatch(texto):
        return Falla(Codigo.RUT_INVALIDO, f"{citado(texto)} no es un RUT. Escríbalo como 12.345.678-5.")
    from stdnum.cl import rut as _rut  # aquí y no arriba: al importarse trae ssl e importlib.metadata, y casi nadie lee un RUT

    compacto = texto.replace(".", "").replace("-", "").upper()
    if not _rut.is_valid(compacto):
        return Falla(Codigo.RUT_INVALIDO, f"El dígito verificador de «{texto}» no calza. Revise las cifras.")
    return f"{compacto[:-1]}-{compacto[-1]}"
