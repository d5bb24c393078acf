"""El cuestionario entero en blanco, para imprimirlo y preparar las respuestas en papel."""

from collections.abc import Sequence

from flask import Blueprint, render_template, url_for

from esquemas import palabras
from esquemas.modelo import Campo, Esquema, Grupo, Opcion, Tabla
from esquemas.privacidad import consentimiento_de
from formularios.controles import exigencia
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.en_curso import leer_encuesta

imprimible = Blueprint("imprimible", __name__, url_prefix="/encuestas")

ESPACIOS = 3  # de cada grupo; quien necesite más, imprime otra hoja
CASILLAS = 40  # con más opciones (las comunas) se escribe el nombre


@imprimible.get("/<id>/imprimible/")
@permitir(PUBLICO)
def imprimir(id: str) -> object:
    esquema, n = leer_encuesta(id), nucleo()

    def si(cosa: Campo | Grupo, tabla: Tabla) -> str:
        """Cuándo corresponde, en palabras; nada si siempre."""
        dicha = cosa.mostrar_si
        return palabras.condicion(dicha, n.catalogo.opciones, (tabla, *esquema.tablas)) if dicha else ""

    def casillas(campo: Campo) -> Sequence[Opcion]:
        if campo.tipo == "logico":
            return (Opcion("si", "Sí"), Opcion("no", "No"))
        opciones = n.catalogo.opciones[campo.catalogo].opciones if campo.catalogo else ()
        return opciones if len(opciones) <= CASILLAS else ()

    return render_template(
        "encuesta_imprimible.html",
        esquema=esquema,
        secciones=[(s, [_bloque(esquema, nombre) for nombre in s.contenido]) for s in esquema.secciones],
        si=si,
        casillas=casillas,
        exigencia=lambda campo: exigencia(campo, n.catalogo.opciones, esquema),
        consentimiento=lambda campo: consentimiento_de(esquema, campo),
        direccion=n.configuracion.url_publica + url_for("encuestas.portada", id=id),
        espacios=ESPACIOS,
    )


def _bloque(esquema: Esquema, nombre: str) -> Campo | Grupo:
    grupo = next((g for g in esquema.grupos if g.nombre == nombre), None)
    return grupo or esquema.principal.campo(nombre)
