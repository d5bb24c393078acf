"""Todo lo que puede salir mal, con su código, en un solo archivo.

Un mensaje dice qué pasa y cómo se arregla; el lugar (hoja, celda, fila, campo) viaja en `Problema`.
Las pruebas afirman el código, no el texto. Las reglas de cada esquema traen su propio código y texto en el YAML.
"""

from dataclasses import dataclass
from enum import StrEnum


class Gravedad(StrEnum):
    ERROR = "error"
    ALERTA = "alerta"


class Codigo(StrEnum):
    """Códigos estables de los problemas que detecta el núcleo (los de las reglas viven en su YAML)."""

    # Archivo
    ARCHIVO_VACIO = "archivo-vacio"
    ARCHIVO_ILEGIBLE = "archivo-ilegible"
    ARCHIVO_GRANDE = "archivo-grande"
    ARCHIVO_SOSPECHOSO = "archivo-sospechoso"
    FORMATO_DESCONOCIDO = "formato-desconocido"
    DEMASIADAS_FILAS = "demasiadas-filas"
    DEMASIADAS_COLUMNAS = "demasiadas-columnas"
    CELDA_LARGA = "celda-larga"
    CODIFICACION_DOBLE = "codificacion-doble"
    COMILLAS_ROTAS = "comillas-rotas"
    FILA_IRREGULAR = "fila-irregular"
    # Hoja y plantilla
    SIN_ENCABEZADO = "sin-encabezado"
    SIN_FILAS = "sin-filas"
    HOJA_EQUIVOCADA = "hoja-equivocada"
    HOJA_SIN_LEER = "hoja-sin-leer"
    TABLA_FALTANTE = "tabla-faltante"
    PLANTILLA_ANTIGUA = "plantilla-antigua"
    PLANTILLA_AJENA = "plantilla-ajena"
    FILA_EN_BLANCO = "fila-en-blanco"
    FILA_DE_TOTALES = "fila-de-totales"
    CELDAS_COMBINADAS = "celdas-combinadas"
    FORMULAS_LEIDAS = "formulas-leidas"
    EXPORTACION_LEIDA = "exportacion-leida"
    RESPUESTA_RECHAZADA = "respuesta-rechazada"
    # Columnas
    COLUMNA_FALTANTE = "columna-faltante"
    COLUMNA_OPCIONAL_FALTANTE = "columna-opcional-faltante"
    COLUMNA_REPETIDA = "columna-repetida"
    COLUMNA_AJENA = "columna-ajena"
    COLUMNA_SIN_NOMBRE = "columna-sin-nombre"
    # Celdas
    OBLIGATORIO = "obligatorio"
    ESPACIOS_SOBRANTES = "espacios-sobrantes"
    CARACTER_INVALIDO = "caracter-invalido"
    VARIAS_LINEAS = "varias-lineas"
    NUMERO_INVALIDO = "numero-invalido"
    NUMERO_AMBIGUO = "numero-ambiguo"
    DEMASIADOS_DECIMALES = "demasiados-decimales"
    NO_ES_ENTERO = "no-es-entero"
    FECHA_INVALIDA = "fecha-invalida"
    FECHA_AMBIGUA = "fecha-ambigua"
    NO_ES_TEXTO = "no-es-texto"
    FECHA_DE_SERIE = "fecha-de-serie"
    CONVERTIDO_EN_FECHA = "convertido-en-fecha"
    LOGICO_INVALIDO = "logico-invalido"
    EJERCICIO_INVALIDO = "ejercicio-invalido"
    RUT_INVALIDO = "rut-invalido"
    CORREO_INVALIDO = "correo-invalido"
    ENLACE_INVALIDO = "enlace-invalido"
    TELEFONO_INVALIDO = "telefono-invalido"
    CODIGO_INVALIDO = "codigo-invalido"
    MUY_CORTO = "muy-corto"
    MUY_LARGO = "muy-largo"
    MENOR_QUE_MINIMO = "menor-que-minimo"
    MAYOR_QUE_MAXIMO = "mayor-que-maximo"
    PATRON = "patron"
    OPCION_DESCONOCIDA = "opcion-desconocida"
    OPCION_REPETIDA = "opcion-repetida"
    FORMULA_CON_ERROR = "formula-con-error"
    FORMULA_SIN_VALOR = "formula-sin-valor"
    # Entre filas y entre tablas
    REPETIDO = "repetido"
    REFERENCIA_INEXISTENTE = "referencia-inexistente"
    REFERENCIA_TIPO = "referencia-de-otro-tipo"
    REFERENCIA_SIN_REVISAR = "referencia-sin-revisar"
    CAMPO_OCULTO = "campo-oculto"
    GRUPO_INSUFICIENTE = "grupo-insuficiente"
    GRUPO_EXCEDIDO = "grupo-excedido"
    RESPUESTA_INEXISTENTE = "respuesta-inexistente"
    REGION_DISTINTA = "region-distinta"
    EJERCICIO_DISTINTO = "ejercicio-distinto"
    # Reglas que no se pueden juzgar y excepciones
    REGLA_SIN_DATOS = "regla-sin-datos"
    EXCEPCION_SIN_USO = "excepcion-sin-uso"


@dataclass(frozen=True, slots=True)
class Problema:
    """Un dato que no cumple. Es un valor: se cuenta, se ordena y se muestra; nunca se lanza.

    `fila` es el número en el archivo de la persona (1 = primera fila, cuenta encabezado y blancos); None si el problema
    no es de una fila. `indice` es la posición de la fila en la tabla leída (0 = primera con datos), para volver a ella.
    `celda` es la dirección al estilo de Excel («B14»), vacía si no aplica. `mensaje` dice qué pasa y cómo se arregla.
    `norma` son las referencias de las que sale la exigencia, como en el YAML («reglamento:1.territorial»). Lo del
    archivo o de las columnas no sale de ninguna: cita solo la primera de su esquema.
    """

    gravedad: Gravedad
    codigo: str
    mensaje: str
    tabla: str = ""
    hoja: str = ""
    celda: str = ""
    fila: int | None = None
    indice: int | None = None
    campo: str = ""
    valor: str = ""
    norma: tuple[str, ...] = ()

    @property
    def es_error(self) -> bool:
        return self.gravedad is Gravedad.ERROR


class EsquemaInvalido(Exception):
    """Un YAML que no se puede usar. Detiene el arranque: dice archivo, ruta dentro del YAML, qué pasa y cómo se arregla."""

    def __init__(self, archivo: str, ruta: str, que: str, arreglo: str) -> None:
        self.archivo, self.ruta, self.que, self.arreglo = archivo, ruta, que, arreglo
        donde = f"{archivo} → {ruta}" if ruta else archivo
        super().__init__(f"{donde}: {que} {arreglo}")


class ArchivoIlegible(Exception):
    """Un archivo de una persona que no se pudo leer (código de salida 2). Lleva su `Problema`: nunca un rechazo vacío."""

    def __init__(self, problema: Problema) -> None:
        self.problema = problema
        super().__init__(problema.mensaje)
