"""La web: una vista por público. Aquí, lo común a todas: el núcleo que se les reparte y quién puede pasar.

Toda vista declara su público con `permitir`; la que lo olvida no atiende a nadie.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import abort, current_app, g, redirect, request, session, url_for

from esquemas.modelo import Catalogo
from formularios.accesos import Usuario, leer_usuario
from formularios.almacen import Almacen
from formularios.configuracion import Configuracion
from formularios.tablero import anotar_lectura

PUBLICO = "publico"
HORAS_DE_SESION = 8
_PERMISOS = "permisos_de_focaliza"

Vista = TypeVar("Vista", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Nucleo:
    """Lo que `crear_app` recibió. `reloj` da la hora UTC."""

    configuracion: Configuracion
    catalogo: Catalogo
    almacen: Almacen
    reloj: Callable[[], datetime]
    tzdata: str


def nucleo() -> Nucleo:
    """El de la aplicación en curso."""
    return current_app.extensions["focaliza"]


def permitir(*roles: str) -> Callable[[Vista], Vista]:
    """Declara quién puede usar la vista: `PUBLICO` o roles de usuario."""

    def declarar(vista: Vista) -> Vista:
        setattr(vista, _PERMISOS, frozenset(roles))
        return vista

    return declarar


def permisos_de(vista: Callable[..., object]) -> frozenset[str]:
    """Los declarados; ninguno si se olvidó."""
    return getattr(vista, _PERMISOS, frozenset())


def exigir_permiso() -> object:
    """Antes de cada petición: deniega todo lo que la vista no declaró."""
    if request.endpoint is None:
        return None
    permitidos = permisos_de(current_app.view_functions[request.endpoint])
    if PUBLICO in permitidos:
        return None
    usuario = usuario_en_sesion() if permitidos else None
    if usuario and usuario.rol in permitidos:
        return None
    if permitidos and usuario is None and request.method == "GET":
        session["siguiente"] = request.path
        return redirect(url_for("acceso.entrar"), 303)
    abort(403)


def usuario_en_sesion() -> Usuario | None:
    """Quien entró, si su sesión no ha vencido y sigue activo. Se pregunta una vez por petición."""
    if "usuario" not in g:
        g.usuario = _leer_usuario()
    return g.usuario


def _leer_usuario() -> Usuario | None:
    id, entro = session.get("usuario"), session.get("entro")
    if id is None or entro is None or nucleo().reloj() >= fin_de_sesion():
        return None
    return leer_usuario(nucleo().almacen, id)


def fin_de_sesion() -> datetime:
    """Hasta cuándo dura la de quien entró."""
    return datetime.fromisoformat(session["entro"]) + timedelta(hours=HORAS_DE_SESION)


def anotar_pagina(objeto: str) -> None:
    """Deja constancia de que quien está en sesión vio una página con datos de personas."""
    n, actor = nucleo(), f"usuario {usuario_en_sesion().id}"
    anotar_lectura(n.almacen, actor=actor, objeto=objeto, ahora_utc=n.reloj(), una_al_dia=True)
