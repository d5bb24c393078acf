"""Comenzar y terminar la sesión de este navegador, entre por donde entre."""

from flask import abort, redirect, session, url_for

from formularios import segundo_factor, sesiones
from formularios.accesos import Usuario, contar_intento
from formularios.entrevista import cerrar as cerrar_entrevistas
from formularios.roles import CENTRAL
from formularios.vistas import mis_lugares, nucleo
from formularios.vistas.en_curso import sin_entrevistas

UNA_HORA = 3600


def comenzar(usuario: Usuario, con: str, *, paso: bool = False) -> object:
    """Sesión nueva: nada de antes sirve para suplantar. A quien tiene segundo factor, primero se le pide; `paso`: ya lo dio."""
    n, siguiente = nucleo(), session.get("siguiente", "")
    recordado, entrevistas = sin_entrevistas()
    cerrar_entrevistas(n.almacen, entrevistas)
    anterior = session.get("ficha", "")
    pendiente = not paso and segundo_factor.activo(n.almacen, usuario.id)
    session.clear()
    comun = {"con": con, "pendiente": pendiente, "anterior": anterior, "ahora_utc": n.reloj()}
    session["ficha"] = sesiones.abrir(n.almacen, usuario.id, **comun)
    session.update(recordado)
    if pendiente:
        session["siguiente"] = siguiente
        return redirect(url_for("cuenta.pedir_codigo"), 303)
    return redirect(siguiente if siguiente.startswith("/formularios/") else inicio(usuario), 303)


def inicio(usuario: Usuario) -> str:
    """A dónde va al entrar: su tablero, su región o la lista de las suyas."""
    suyas = mis_lugares(usuario)
    if usuario.roles & set(CENTRAL) and not suyas:
        return url_for("sercotec.tablero")
    if len(suyas) == 1:
        return url_for("regiones.inicio", cut=suyas[0][0], ejercicio=suyas[0][1])
    return url_for("acceso.mis_regiones")


def limitar(clave: str, limite: int) -> None:
    """429 si esa clave ya pasó de esos intentos en la hora."""
    n = nucleo()
    if not contar_intento(n.almacen, clave, limite=limite, segundos=UNA_HORA, ahora_utc=n.reloj()):
        abort(429)
