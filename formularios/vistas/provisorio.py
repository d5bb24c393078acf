"""Provisorio, hasta que se junte «Entrar»."""

from formularios.vistas import usuario_en_sesion
from formularios.vistas.regiones import ROLES, exigir_su_region

VEN = ROLES
_NUEVOS = {"gore": "gore_firmante", "direccion": "direccion_regional", "sercotec": "sercotec"}
TRATAN = tuple(_NUEVOS.values())


def roles_aqui():
    return frozenset({_NUEVOS[usuario_en_sesion().rol]})
