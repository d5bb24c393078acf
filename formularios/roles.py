"""Los roles, y los grupos con que cada vista declara quién pasa. Un solo lugar."""

from esquemas.roles import DIRECCION, EDITAN, FIRMAN, GORE_EDITOR, GORE_FIRMANTE, LECTOR, ROLES, SERCOTEC

CENTRAL = (SERCOTEC,)
TRATAN = EDITAN + CENTRAL  # datos de personas: a quien solo mira no se le muestran
VEN = (*TRATAN, LECTOR)

# De dónde es quien tiene el rol, como se anota en una entrevista.
INSTITUCIONES = {GORE_EDITOR: "gore", GORE_FIRMANTE: "gore", DIRECCION: "direccion", SERCOTEC: "sercotec"}

__all__ = ["CENTRAL", "DIRECCION", "EDITAN", "FIRMAN", "GORE_EDITOR", "GORE_FIRMANTE", "INSTITUCIONES", "LECTOR", "ROLES"]
__all__ += ["SERCOTEC", "TRATAN", "VEN"]
