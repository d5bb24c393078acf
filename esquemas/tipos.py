"""Un tipo, una clase pequeña: de qué tipo estándar es, cómo se dice en castellano y cómo se lee una celda.

`leer` recibe una celda con contenido (nunca «») y devuelve el texto canónico o una `Falla`. `canonico` es el patrón de lo
que ya viene en su forma canónica y `leer` dejaría igual: casi todo. Puede quedarse corto, nunca pasarse. Los límites del
campo (mínimo, largo, patrón) no son del tipo: los aplica `celda`.
"""

import datetime
import re

from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import Celda
from esquemas.normalizacion import (
    ORIGEN_EXCEL,
    Falla,
    citado,
    con_coma,
    en_chile,
    es_serie,
    leer_decimal,
    leer_entero,
    leer_fecha,
    leer_logico,
    leer_numero_de_planilla,
    leer_pesos,
    leer_porcentaje,
    leer_rut,
    leer_serie_de_excel,
)


def como_texto(celda: Celda) -> str:
    """Una celda tipada de planilla como la escribiría una persona: 7.0 → «7», VERDADERO → «si», fecha → ISO."""
    if isinstance(celda, str):
        return celda
    if isinstance(celda, bool):
        return "si" if celda else "no"
    if isinstance(celda, datetime.date):
        return celda.isoformat().removesuffix("T00:00:00")  # Excel guarda las fechas con su medianoche
    if isinstance(celda, float) and celda.is_integer():
        return str(int(celda))
    return str(celda)


def como_se_ve(celda: Celda) -> str:
    """Como se ve en una planilla en Chile: 7.5 → «7,5», VERDADERO, 03/05/2026. Es lo que se guarda de lo que no se pudo leer.

    Releído, da error otra vez: «123.456» pasaría por miles y «2026-05-03» por un código.
    """
    if isinstance(celda, bool):
        return "VERDADERO" if celda else "FALSO"
    if isinstance(celda, datetime.date):
        return en_chile(celda.isoformat()[:10]).replace("-", "/")
    return con_coma(como_texto(celda)) if isinstance(celda, float) else como_texto(celda)


def _dia(celda: datetime.date) -> str:
    return en_chile(celda.isoformat()[:10])


def _vuelto_fecha(celda: datetime.date) -> str:
    """Qué decir de una fecha donde va un número: puede ser el número con formato de fecha, o algo que Excel convirtió.

    Excel cree que 1900 fue bisiesto: antes de marzo de ese año cuenta un día menos.
    """
    serie = celda.toordinal() - ORIGEN_EXCEL.toordinal() - (celda.year == 1900 and celda.month < 3)
    return (
        f"La celda tiene la fecha {_dia(celda)}, que para Excel es el número {serie}. "
        "Si es ese número, dele formato de número a la celda; si no, escríbalo otra vez: Excel lo convirtió en fecha."
    )


def en_vez_de_fecha(celda: datetime.date, tipo: str, de_lista: bool) -> Falla | None:
    """La falla de una fecha en un campo que no es de fecha ni de texto libre; None si el tipo sabe qué hacer con ella."""
    if (not de_lista and tipo in ("texto", "parrafo", "fecha")) or TIPOS[tipo].base in ("integer", "number", "year"):
        return None
    return Falla(
        Codigo.CONVERTIDO_EN_FECHA,
        f"La celda tiene la fecha {_dia(celda)}: Excel convirtió lo que se escribió. "
        "Dele formato de texto a la celda y escríbalo otra vez.",
    )


class Texto:
    """Una línea."""

    base, formato, titulo = "string", "", "texto"
    # Letras latinas ya compuestas, sin espacios en los extremos y sin «#» al comienzo, que puede ser un error de Excel.
    canonico = r'[!"$-~¡-¬®-ÿ][ -~¡-¬®-ÿ]*(?<! )'

    def leer(self, celda: Celda) -> str | Falla:
        texto = como_se_ve(celda)
        if "\n" in texto:
            return Falla(Codigo.VARIAS_LINEAS, "El texto tiene más de una línea. Déjelo en una sola.")
        return texto

    def aviso(self, celda: Celda, canonico: str) -> Falla | None:
        """Lo que Excel tomó por fecha («1-2», «marzo 2026»), por porcentaje o por hora se guarda, pero nunca en silencio."""
        if type(celda) in (str, int):
            return None
        if not isinstance(celda, datetime.date):
            return Falla(
                Codigo.NO_ES_TEXTO,
                f"La celda no es texto: se leyó como «{canonico}». "
                "Si muestra otra cosa, dele formato de texto y escríbala de nuevo.",
                Gravedad.ALERTA,
            )
        return Falla(
            Codigo.CONVERTIDO_EN_FECHA,
            f"La celda tiene la fecha {_dia(celda)} y se leyó como «{canonico}». Si usted escribió otra cosa, Excel la "
            "convirtió: dele formato de texto a la celda y escríbala de nuevo.",
            Gravedad.ALERTA,
        )


class Parrafo(Texto):
    """Varias líneas."""

    titulo = "texto largo"

    def leer(self, celda: Celda) -> str | Falla:
        return como_se_ve(celda)


class ConPatron(Texto):
    """Una línea que debe calzar entera con un patrón ASCII."""

    patron: re.Pattern[str]
    codigo: Codigo
    arreglo: str

    def leer(self, celda: Celda) -> str | Falla:
        texto = como_texto(celda)
        if not self.patron.fullmatch(texto):
            return Falla(self.codigo, f"{citado(texto)} no es {self.titulo}. {self.arreglo}")
        return texto

    def aviso(self, celda: Celda, canonico: str) -> Falla | None:
        return None


class CodigoDeFila(ConPatron):
    titulo = "un código"
    canonico = r"(?![0-9]{1,4}-|[a-z]{3,4}-)[A-Za-z0-9][A-Za-z0-9._-]*"  # «03-may» se lee aparte: puede ser de Excel
    patron = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
    codigo = Codigo.CODIGO_INVALIDO
    arreglo = "Use letras sin tilde, cifras, punto y guion, sin espacios: P-01."
    _mes = "(?:ene|feb|mar|abr|may|jun|jul|ago|sept?|oct|nov|dic)"
    _de_excel = re.compile(
        rf"[0-9]{{1,2}}-{_mes}|{_mes}-[0-9]{{2}}|[0-9]{{1,2}}-[0-9]{{1,2}}-[0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    )

    def aviso(self, celda: Celda, canonico: str) -> Falla | None:
        """Un CSV guardado por Excel trae «03-may» donde alguien escribió «3-5»; «1.10» vuelve como el número 1,1."""
        if not self._de_excel.fullmatch(canonico):
            return Texto.aviso(self, celda, canonico)
        return Falla(
            Codigo.CONVERTIDO_EN_FECHA,
            f"El código «{canonico}» parece una fecha puesta por Excel. Si usted escribió otro, "
            "dele formato de texto a la celda y escríbalo de nuevo; si es ese, déjelo.",
            Gravedad.ALERTA,
        )


class Correo(ConPatron):
    formato, titulo = "email", "un correo electrónico"
    canonico = r"[A-Za-z0-9_-]{1,64}@[A-Za-z0-9]{1,63}\.[A-Za-z]{2,63}"
    patron = re.compile(r"[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
    codigo = Codigo.CORREO_INVALIDO
    arreglo = "Escríbalo como nombre@institucion.cl."

    def leer(self, celda: Celda) -> str | Falla:
        leido = super().leer(celda)
        if isinstance(leido, str) and (".." in leido or leido.startswith(".") or ".@" in leido):
            return Falla(self.codigo, f"{citado(leido)} tiene puntos mal puestos. {self.arreglo}")
        if isinstance(leido, str) and len(leido) > 254:
            return Falla(self.codigo, f"Un correo no pasa de 254 caracteres y este tiene {len(leido)}. {self.arreglo}")
        return leido


class Enlace(ConPatron):
    formato, titulo = "uri", "una dirección web"
    canonico = r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]{1,5})?([/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?"
    patron = re.compile(canonico)
    codigo = Codigo.ENLACE_INVALIDO
    arreglo = "Escríbala completa: https://www.ejemplo.cl."


class Telefono(ConPatron):
    titulo = "un teléfono"
    canonico = r"\+?[0-9]{8,15}"
    patron = re.compile(canonico)
    codigo = Codigo.TELEFONO_INVALIDO
    arreglo = "Escríbalo con código de país y sin letras: +56 9 1234 5678."

    def leer(self, celda: Celda) -> str | Falla:
        texto = como_texto(celda)
        leido = super().leer(re.sub(r"[ ().-]", "", texto))
        return leido if isinstance(leido, str) else Falla(self.codigo, f"{citado(texto)} no es {self.titulo}. {self.arreglo}")


class Rut(Texto):
    titulo = "RUT"
    canonico = ""  # hay que sumar su dígito verificador: ninguno se da por bueno mirándolo

    def leer(self, celda: Celda) -> str | Falla:
        return leer_rut(como_texto(celda))


class Entero:
    base, formato, titulo = "integer", "", "número entero"
    canonico = r"0|-?[1-9][0-9]{0,11}"  # hasta 12 cifras: `float` las compara exactas con los límites
    _leer = staticmethod(leer_entero)
    entero = True

    def leer(self, celda: Celda) -> str | Falla:
        if isinstance(celda, str):
            return type(self)._leer(celda)
        if isinstance(celda, datetime.date):
            return Falla(Codigo.NUMERO_INVALIDO, _vuelto_fecha(celda))
        if isinstance(celda, bool):
            return Falla(Codigo.NUMERO_INVALIDO, "La celda dice verdadero o falso y aquí va un número. Escriba solo cifras.")
        return leer_numero_de_planilla(celda, entero=self.entero)


class Pesos(Entero):
    titulo = "monto en pesos"
    _leer = staticmethod(leer_pesos)


class Decimal(Entero):
    base, titulo, entero = "number", "número con hasta dos decimales", False
    canonico = r"0|-?[1-9][0-9]{0,11}|-?(0|[1-9][0-9]{0,11})\.[0-9]?[1-9]"
    _leer = staticmethod(leer_decimal)
    _unidad, _sin_duda = "", ("0", "1", "-1")

    def aviso(self, celda: Celda, canonico: str) -> Falla | None:
        """Excel guarda «45 %» como 0,45 y al leer no se ve el formato: se toma el número, pero nunca en silencio."""
        if isinstance(celda, str) or canonico in self._sin_duda or abs(celda) > 1:
            return None
        return Falla(
            Codigo.NUMERO_AMBIGUO,
            f"Se leyó {con_coma(canonico)}{self._unidad}. Si la celda muestra {con_coma(f'{celda * 100:.10g}')} %, "
            "dele formato de número y escriba esa cifra sin el signo.",
            Gravedad.ALERTA,
        )


class Porcentaje(Decimal):
    titulo = "porcentaje"
    _leer = staticmethod(leer_porcentaje)
    _unidad, _sin_duda = " por ciento", ("0",)


class Ejercicio:
    base, formato, titulo = "year", "", "año"
    canonico = r"[12][0-9]{3}"

    def leer(self, celda: Celda) -> str | Falla:
        if isinstance(celda, datetime.date):
            return Falla(Codigo.EJERCICIO_INVALIDO, _vuelto_fecha(celda))
        texto = como_texto(celda)
        if not re.fullmatch(self.canonico, texto) or isinstance(celda, bool):
            return Falla(Codigo.EJERCICIO_INVALIDO, f"{citado(texto)} no es un año. Escríbalo con cuatro cifras: 2027.")
        return texto


class Fecha:
    base, formato, titulo = "date", "", "fecha"
    canonico = r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"  # los días que tienen todos los meses

    def leer(self, celda: Celda) -> str | Falla:
        if isinstance(celda, datetime.date):
            return leer_fecha(celda.isoformat()[:10])
        if isinstance(celda, float | int) and not isinstance(celda, bool):
            if isinstance(celda, float) and not celda.is_integer():
                return Falla(
                    Codigo.FECHA_INVALIDA,
                    f"«{con_coma(str(celda))}» no es una fecha. Escríbala con día, mes y año: 31-12-2026.",
                )
            return leer_serie_de_excel(int(celda))
        texto = como_texto(celda)
        if es_serie(texto):
            return leer_serie_de_excel(int(texto))
        return leer_fecha(texto)

    def aviso(self, celda: Celda, canonico: str) -> Falla | None:
        """El número con que Excel guarda una fecha se lee como ella, pero nunca en silencio."""
        if isinstance(celda, datetime.date) or not es_serie(como_texto(celda)):
            return None
        dia = en_chile(canonico)
        return Falla(
            Codigo.FECHA_DE_SERIE,
            f"Excel convirtió la fecha en el número {como_texto(celda)}, que es el {dia}, y así se leyó. "
            f"Si es ese día, escríbalo como {dia}; si no, corríjalo.",
            Gravedad.ALERTA,
        )


class Logico:
    base, formato, titulo = "boolean", "", "sí o no"
    canonico = r"si|no"

    def leer(self, celda: Celda) -> str | Falla:
        return leer_logico(como_texto(celda))


TIPOS = {
    "texto": Texto(),
    "parrafo": Parrafo(),
    "codigo": CodigoDeFila(),
    "rut": Rut(),
    "correo": Correo(),
    "enlace": Enlace(),
    "telefono": Telefono(),
    "entero": Entero(),
    "pesos": Pesos(),
    "decimal": Decimal(),
    "porcentaje": Porcentaje(),
    "ejercicio": Ejercicio(),
    "fecha": Fecha(),
    "logico": Logico(),
}


def tipo_por_omision(base: str) -> str:
    """El primer tipo de la lista que refina ese `type` de Table Schema; «» si no hay."""
    return next((nombre for nombre, tipo in TIPOS.items() if tipo.base == base), "")
