"""Probar un archivo: se sube, se ve qué corregir en las propias filas y no se guarda nada."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, abort, render_template, request, send_file

from esquemas.entrega import validar_libro
from esquemas.errores import ArchivoIlegible, Codigo, Problema
from esquemas.hoja import TOPES
from esquemas.libro import Libro
from esquemas.marcado import marcar
from esquemas.modelo import Esquema
from esquemas.plantilla import Notas
from esquemas.referencias import referidos
from esquemas.validacion import Contexto, Resultado
from formularios import excepciones
from formularios.faltas import situar
from formularios.lector import leer_archivo
from formularios.resumen import resumir
from formularios.vistas import PUBLICO, nucleo, permitir

archivos = Blueprint("archivos", __name__, url_prefix="/validar")

MARCADO_A_MANO = 1_500_000  # bytes del libro marcado que caben en la propia respuesta
FILAS_A_MANO = 1_000  # con más, marcarlo tarda más que revisarlo: se hace solo si se pide
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def tope_de_subida(nombre: str) -> int:
    """Bytes de la petición: el archivo, los de las matrices referidas y un margen para lo demás."""
    esquema = nucleo().catalogo.esquemas.get(nombre)
    return TOPES.bytes * (1 + len(referidos(esquema) if esquema else ())) + 100_000


def _formato(nombre: str) -> Esquema:
    return nucleo().catalogo.esquemas.get(nombre) or abort(404)


@dataclass(frozen=True, slots=True)
class _Fallo:
    """Por qué un archivo no se pudo usar, y en qué campo del formulario se subió."""

    campo: str
    problemas: tuple[Problema, ...]


@archivos.get("/<formato>/")
@permitir(PUBLICO)
def subir(formato: str) -> object:
    return _dibujar(_formato(formato))


def _dibujar(esquema: Esquema, **resto: object) -> str:
    n = nucleo()
    referidas = [n.catalogo.esquemas[r] for r in referidos(esquema)]
    regiones = n.catalogo.opciones["regiones"].opciones
    comun = {"referidas": referidas, "regiones": regiones, "topes": TOPES, "elegido": request.form}
    return render_template("validar.html", esquema=esquema, **comun, **resto)


@archivos.post("/<formato>/")
@permitir(PUBLICO)
def validar(formato: str) -> object:
    esquema = _formato(formato)
    return revisar_subido(esquema, lambda: _contexto(esquema), _dibujar, partial(excepciones.comprobar, nucleo().catalogo))


def revisar_subido(
    esquema: Esquema,
    leer_contexto: Callable[[], "Contexto | _Fallo"],
    dibujar: Callable[..., str],
    comprobar: Callable[[Resultado], Resultado],
    anotar: Callable[[Libro, Resultado], Notas] = lambda *_: {},
) -> object:
    """Valida y comprueba lo subido y responde en la misma página (`dibujar`), o devuelve el libro marcado si se pidió.

    `anotar`: lo observado en las filas del archivo, que el libro marcado conserva.
    """
    n = nucleo()
    libro = _leer("archivo")
    if libro is None:
        return dibujar(esquema, falta=True), 400
    if isinstance(libro, _Fallo):
        return dibujar(esquema, fallo=libro), 422
    contexto = leer_contexto()
    if isinstance(contexto, _Fallo):
        return dibujar(esquema, fallo=contexto), 422
    resultado = situar(n.catalogo, libro, comprobar(validar_libro(n.catalogo, esquema, libro, contexto)))
    notas = anotar(libro, resultado)
    if request.form.get("accion") == "marcado":
        return descargar_xlsx(_marcar(libro, resultado, notas), f"{esquema.nombre}-marcado.xlsx")
    resumen = resumir(esquema, libro, resultado)
    nombre = request.files["archivo"].filename
    marcado = _en_la_respuesta(libro, resultado, notas) if resultado.problemas and resultado.leidas <= FILAS_A_MANO else ""
    ajena = next((p.valor for p in resultado.errores if p.codigo == Codigo.PLANTILLA_AJENA), "")
    suyo = n.catalogo.esquemas.get(ajena)
    pagina = dibujar(esquema, suyo=suyo, resultado=resultado, resumen=resumen, nombre=nombre, marcado=marcado)
    return pagina, 200 if resultado.valido else 422


def _leer(campo: str) -> Libro | _Fallo | None:
    """El libro subido en ese campo; None si no se eligió ninguno."""
    subido = request.files.get(campo)
    if subido is None or not subido.filename:
        return None
    try:
        return leer_archivo(subido.read(TOPES.bytes + 1), subido.filename)
    except ArchivoIlegible as error:
        return _Fallo(campo, (error.problema,))


def _contexto(esquema: Esquema) -> Contexto | _Fallo:
    """Las matrices referidas que se subieron, cada una validada con su esquema."""
    n = nucleo()
    referidas = {}
    for nombre in referidos(esquema):
        libro = _leer(f"con-{nombre}")
        if isinstance(libro, _Fallo):
            return libro
        if libro is not None:
            resultado = validar_libro(n.catalogo, n.catalogo.esquemas[nombre], libro, Contexto())
            if not resultado.tablas:
                return _Fallo(f"con-{nombre}", resultado.errores)
            referidas[nombre] = resultado.como_dict(nombre)
    region = request.form.get("region", "")
    conocida = region in {o.codigo for o in n.catalogo.opciones["regiones"].opciones}
    return Contexto(region=region if conocida else "", referidas=referidas)


def _marcar(libro: Libro, resultado: Resultado, notas: Notas) -> bytes:
    return marcar(libro.hojas, resultado.problemas, resultado.esquema, citas=nucleo().catalogo.citar, notas=notas)


def descargar_xlsx(libro: bytes, nombre: str) -> Response:
    """Una planilla para guardar."""
    return send_file(io.BytesIO(libro), mimetype=_XLSX, as_attachment=True, download_name=nombre)


def _en_la_respuesta(libro: Libro, resultado: Resultado, notas: Notas) -> str:
    """El libro marcado como `data:`, para no tener que subirlo otra vez; «» si pesa demasiado."""
    datos = _marcar(libro, resultado, notas)
    return f"data:{_XLSX};base64,{base64.b64encode(datos).decode()}" if len(datos) <= MARCADO_A_MANO else ""
