"""La web: una vista por público. Aquí, lo común a todas: el núcleo que se les reparte y quién puede pasar.

Toda vista declara su público con `permitir`; la que lo olvida no atiende a nadie.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask import abort, current_app, g, redirect, request, session, url_for
from werkzeug.exceptions import Forbidden

from esquemas.modelo import Catalogo, Esquema
from formularios import sesiones
from formularios.accesos import Usuario, leer_usuario
from formularios.almacen import Almacen
from formularios.configuracion import Configuracion
from formularios.folio import NIVEL_CENTRAL
from formularios.roles import CENTRAL, EDITAN, ROLES, TRATAN, VEN
from formularios.sesiones import Sesion
from formularios.tablero import anotar_lectura, hay_personales
from formularios.vigencia import ejercicio_en_curso

PUBLICO = "publico"
# Lo decide el formato de la dirección: quién lo ve, agrega y quita filas, corrige algún campo suyo, y lo entrega.
LEEN, ESCRIBEN, CORRIGEN, ENTREGAN = "leen", "escriben", "corrigen", "entregan"
ACTUAN = "actuan"  # lo decide el acto de la dirección
EJERCICIOS = range(2000, 2101)
_PERMISOS = "permisos_de_focaliza"

Vista = TypeVar("Vista", bound=Callable[..., object])


class FaltaEntrar(Forbidden):
    """La página pide entrar y nadie ha entrado, o su sesión venció."""


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
    """Declara quién puede usar la vista: `PUBLICO`, roles, o lo que diga el formato (`LEEN`, `ENTREGAN`…)."""

    def declarar(vista: Vista) -> Vista:
        setattr(vista, _PERMISOS, frozenset(roles))
        return vista

    return declarar


def permisos_de(vista: Callable[..., object]) -> frozenset[str]:
    """Los declarados; ninguno si se olvidó."""
    return getattr(vista, _PERMISOS, frozenset())


def exigir_permiso() -> object:
    """Antes de cada petición: deniega todo lo que la vista no declaró, según los roles donde la dirección dice."""
    if request.endpoint is None:
        return None
    declarados = permisos_de(current_app.view_functions[request.endpoint])
    if PUBLICO in declarados:
        return None
    if falta_entrar():
        if request.method != "GET":
            raise FaltaEntrar
        session["siguiente"] = request.path
        return redirect(url_for("acceso.entrar"), 303)
    if not declarados:
        abort(403)
    exigir_su_region()
    permitidos = _segun_el_formato(declarados) if ACTUAN not in declarados else _segun_el_acto()
    if not permitidos & roles_aqui():
        abort(403, _que_falta(permitidos))
    return None


def falta_entrar() -> bool:
    """Si la vista declara quién pasa, no es pública y no hay quien haya entrado."""
    declarados = permisos_de(current_app.view_functions[request.endpoint])
    return bool(declarados) and PUBLICO not in declarados and usuario_en_sesion() is None


def _que_falta(permitidos: frozenset[str]) -> str:
    """Los roles que lo permiten, y dónde: para que la persona sepa qué pedir."""
    vista, opciones, nombres = request.view_args or {}, nucleo().catalogo.opciones, nombrar_roles(permitidos)
    cut, donde = vista.get("cut", ""), ""
    if cut:
        lugar = "el nivel central" if cut == NIVEL_CENTRAL else opciones["regiones"].nombre_de(cut)
        donde = f" en {lugar}, ejercicio {vista['ejercicio']}"
    return f"Aquí hace falta este rol{donde}: {nombres}. Lo da quien administra los permisos en el nivel central de Sercotec."


def nombrar_roles(roles: Container[str]) -> str:
    """«Lector o Nivel central de Sercotec»."""
    return " o ".join(nucleo().catalogo.opciones["roles"].nombre_de(r) for r in ROLES if r in roles)


def exigir_su_region() -> None:
    """404 si la dirección nombra una región o un ejercicio que no existen."""
    vista = request.view_args or {}
    if "cut" not in vista or usuario_en_sesion() is None:
        return  # lo lleva a entrar `exigir_permiso`
    conocidas = {o.codigo for o in nucleo().catalogo.opciones["regiones"].opciones}
    if "formato" in vista:  # una matriz puede ser nacional: si lo es, lo mira `la_matriz`
        conocidas.add(NIVEL_CENTRAL)
    if vista["cut"] not in conocidas or vista["ejercicio"] not in EJERCICIOS:
        abort(404)


def roles_aqui() -> frozenset[str]:
    """Los de quien entró, en la región y el ejercicio de la dirección; si no los trae, los que tenga en alguna parte."""
    usuario, vista = usuario_en_sesion(), request.view_args or {}
    if usuario is None:
        return frozenset()
    return usuario.roles_en(vista["cut"], vista["ejercicio"]) if "cut" in vista else usuario.roles


def _segun_el_acto() -> frozenset[str]:
    """Quiénes hacen el acto de la dirección. 404 si no existe."""
    acto = nucleo().catalogo.proceso.tramitacion.actos.get((request.view_args or {}).get("acto", ""))
    return frozenset(acto.quien) if acto else abort(404)


def _segun_el_formato(declarados: frozenset[str]) -> frozenset[str]:
    """Los mismos roles, con cada marca cambiada por los del formato de la dirección. 404 si no existe."""
    marcas = declarados & {LEEN, ESCRIBEN, CORRIGEN, ENTREGAN}
    vista = request.view_args or {}
    if not marcas:
        return declarados
    esquema = nucleo().catalogo.esquemas.get(vista.get("formato", vista.get("id", "")))
    if esquema is None or ("formato" in vista and esquema.es_encuesta):
        abort(404)
    return (declarados - marcas).union(*(roles_de(esquema, m) for m in marcas))


def roles_de(esquema: Esquema, que: str) -> frozenset[str]:
    """Quiénes hacen eso con un formato. Quien solo mira no ve datos de personas; la región, tampoco lo que no llena."""
    if que == LEEN and not roles_de(esquema, CORRIGEN) & set(EDITAN):
        return frozenset(esquema.escriben)
    if que == LEEN:
        return frozenset(TRATAN if hay_personales(esquema) else VEN)
    if que == CORRIGEN:
        return frozenset(esquema.escriben).union(*(c.escriben for c in esquema.campos))
    return frozenset(esquema.escriben if que == ESCRIBEN else esquema.entregan)


def puede(que: str, esquema: Esquema) -> bool:
    """Si quien entró puede hacer eso con el formato, en la región y el ejercicio de la dirección."""
    return bool(roles_de(esquema, que) & roles_aqui())


def exigir(que: str, esquema: Esquema) -> None:
    """403, con lo que falta, si no puede."""
    if not puede(que, esquema):
        abort(403, _que_falta(roles_de(esquema, que)))


def usuario_en_sesion() -> Usuario | None:
    """Quien entró, si su sesión no ha vencido y sigue activo. Se pregunta una vez por petición."""
    if "usuario" not in g:
        g.usuario = _leer_usuario()
    return g.usuario


def mis_lugares(usuario: Usuario) -> list[tuple[str, int]]:
    """Las regiones de quien entró, cada una con su ejercicio; el nivel central las tiene en su tablero."""
    en_curso = ejercicio_en_curso(nucleo().reloj())
    todas = [o.codigo for o in nucleo().catalogo.opciones["regiones"].opciones]
    suyos = [p for p in usuario.permisos if p.rol not in CENTRAL]
    anios = {p.ejercicio or en_curso for p in suyos}
    return [(c, e) for c in todas for e in sorted(anios) if any(p.alcanza(c, e) and e in (p.ejercicio, en_curso) for p in suyos)]


def sesion_en_curso() -> Sesion | None:
    """La de este navegador, aunque le falte el segundo factor. Se pregunta una vez por petición."""
    if "sesion" not in g:
        g.sesion = sesiones.leer(nucleo().almacen, session.get("ficha", ""), ahora_utc=nucleo().reloj())
    return g.sesion


def _leer_usuario() -> Usuario | None:
    sesion = sesion_en_curso()
    return leer_usuario(nucleo().almacen, sesion.usuario) if sesion and not sesion.pendiente else None


def anotar_pagina(objeto: str) -> None:
    """Deja constancia de que quien está en sesión vio una página con datos de personas."""
    n, actor = nucleo(), f"usuario {usuario_en_sesion().id}"
    anotar_lectura(n.almacen, actor=actor, objeto=objeto, ahora_utc=n.reloj(), una_al_dia=True)
