"""Quién puede ser quién: los roles que un YAML puede nombrar, y quién escribe y entrega un formato que no lo dice.

Sus títulos y qué hace cada uno están en `catalogos/roles.yaml`.
"""

GORE_EDITOR, GORE_FIRMANTE, DIRECCION = "gore_editor", "gore_firmante", "direccion_regional"
SERCOTEC, LECTOR = "sercotec", "lector"
ROLES = (GORE_EDITOR, GORE_FIRMANTE, DIRECCION, SERCOTEC, LECTOR)
EDITAN = (GORE_EDITOR, GORE_FIRMANTE, DIRECCION)
FIRMAN = (GORE_FIRMANTE,)
