"""polars: vectorial. Las mismas exigencias, escritas a mano como una expresión por columna."""

import polars as pl

from banco.pares import CORREO, patrones_y_listas

_PATRON, _LISTA = patrones_y_listas()


def _texto(campo: str, minimo: int, maximo: int, forma: str = "") -> pl.Expr:
    largo = pl.col(campo).str.len_chars()
    mala = (largo < minimo) | (largo > maximo)
    return mala | ~pl.col(campo).str.contains(forma) if forma else mala


def _numero(campo: str, tipo: type[pl.DataType], minimo: float, maximo: float) -> pl.Expr:
    return ~pl.col(campo).cast(tipo, strict=False).is_between(minimo, maximo).fill_null(False)


def _fecha(campo: str) -> pl.Expr:
    return pl.col(campo).str.to_date("%Y-%m-%d", strict=False).is_null()


def _si_hay(campo: str, mala: pl.Expr) -> pl.Expr:
    return pl.col(campo).is_not_null() & mala


_MALAS = {
    "codigo": _texto("codigo", 1, 20, _PATRON["codigo"]) | ~pl.col("codigo").is_first_distinct(),
    "nombre": _texto("nombre", 3, 120),
    "region": ~pl.col("region").is_in(_LISTA["region"]),
    "comuna": _texto("comuna", 5, 5, _PATRON["comuna"]),
    "rubro": ~pl.col("rubro").is_in(_LISTA["rubro"]),
    "etapa": _si_hay("etapa", ~pl.col("etapa").is_in(_LISTA["etapa"])),
    "beneficiarios": _numero("beneficiarios", pl.Int64, 0, 100_000),
    "monto": _numero("monto", pl.Int64, 1, 9_999_999_999),
    "aporte": _si_hay("aporte", _numero("aporte", pl.Float64, 0, 100)),
    "inicio": _fecha("inicio"),
    "termino": _si_hay("termino", _fecha("termino")),
    "continuidad": ~pl.col("continuidad").is_in(["si", "no"]),
    "ejercicio": _numero("ejercicio", pl.Int64, 2020, 2035),
    "contacto": _texto("contacto", 1, 80, CORREO),
}


def malas(datos: bytes) -> int:
    tabla = pl.read_csv(datos, infer_schema=False)
    juzgada = tabla.select(mala.fill_null(True).alias(campo) for campo, mala in _MALAS.items())
    return juzgada.sum().transpose().sum().item()
