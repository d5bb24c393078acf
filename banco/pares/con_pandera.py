"""pandera sobre polars: vectorial. Sus comprobaciones donde las tiene; los números y las fechas, como expresiones de polars."""

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from banco.pares import CORREO, patrones_y_listas

_PATRON, _LISTA = patrones_y_listas()
_Datos = pa.PolarsData


def _numero(tipo: type[pl.DataType], minimo: float, maximo: float) -> pa.Check:
    def cabe(datos: _Datos) -> pl.LazyFrame:
        leido = pl.col(datos.key).cast(tipo, strict=False).is_between(minimo, maximo).fill_null(False)
        return datos.lazyframe.select(pl.col(datos.key).is_null() | leido)

    return pa.Check(cabe)


def _es_fecha(datos: _Datos) -> pl.LazyFrame:
    leida = pl.col(datos.key).str.to_date("%Y-%m-%d", strict=False)
    return datos.lazyframe.select(pl.col(datos.key).is_null() | leida.is_not_null())


def _columna(*comprobaciones: pa.Check, **mas: bool) -> pa.Column:
    return pa.Column(pl.String, list(comprobaciones), **mas)


_ESQUEMA = pa.DataFrameSchema(
    {
        "codigo": _columna(pa.Check.str_matches(_PATRON["codigo"]), pa.Check.str_length(1, 20), unique=True),
        "nombre": _columna(pa.Check.str_length(3, 120)),
        "region": _columna(pa.Check.isin(_LISTA["region"])),
        "comuna": _columna(pa.Check.str_matches(_PATRON["comuna"])),
        "rubro": _columna(pa.Check.isin(_LISTA["rubro"])),
        "etapa": _columna(pa.Check.isin(_LISTA["etapa"]), nullable=True),
        "beneficiarios": _columna(_numero(pl.Int64, 0, 100_000)),
        "monto": _columna(_numero(pl.Int64, 1, 9_999_999_999)),
        "aporte": _columna(_numero(pl.Float64, 0, 100), nullable=True),
        "inicio": _columna(pa.Check(_es_fecha)),
        "termino": _columna(pa.Check(_es_fecha), nullable=True),
        "continuidad": _columna(pa.Check.isin(["si", "no"])),
        "ejercicio": _columna(_numero(pl.Int64, 2020, 2035)),
        "contacto": _columna(pa.Check.str_matches(CORREO), pa.Check.str_length(1, 80)),
    }
)


def malas(datos: bytes) -> int:
    tabla = pl.read_csv(datos, infer_schema=False)
    try:
        _ESQUEMA.validate(tabla, lazy=True)
    except SchemaErrors as error:
        return error.failure_cases.select("column", "index").unique().height
    return 0
