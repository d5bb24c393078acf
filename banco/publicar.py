"""Deja en `construccion/banco` el esquema como lo lee cada par: la definición que guarda la base y el Table Schema."""

import json

from banco.pares import DEFINICION, ESTANDAR, LUGAR
from banco.tablas import catalogo, esquema
from esquemas.publicacion import tabla_estandar


def publicar() -> None:
    LUGAR.mkdir(parents=True, exist_ok=True)
    opciones = {n: {o.codigo: o.nombre for o in c.opciones} for n, c in catalogo().opciones.items()}
    DEFINICION.write_text(json.dumps({"esquema": esquema().descriptor, "opciones": opciones}), encoding="utf-8")
    ESTANDAR.write_text(json.dumps(tabla_estandar(catalogo(), esquema().principal)), encoding="utf-8")
