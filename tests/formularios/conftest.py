"""Un catálogo pequeño, con todo lo que al almacén y a la exportación les importa, y cómo se recibe con él."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Catalogo, Esquema
from esquemas.saber import Proceso
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios.almacen import Almacen
from formularios.envio import Envio
from formularios.recepcion import Recepcion, recibir

AHORA = datetime(2026, 11, 15, 13, 45, 1, tzinfo=UTC)


def campo(nombre: str, tipo: str = "string", dato: str = "publico", **resto: Any) -> dict[str, Any]:
    limites = resto.pop("constraints", {})
    if tipo == "string" and not {"catalogo", "referencia"} & resto.keys():
        limites = {"maxLength": 200, **limites}
    return {
        "name": nombre,
        "title": nombre.replace("_", " ").capitalize(),
        "type": tipo,
        "description": f"El campo {nombre}.",
        "example": "1" if tipo == "integer" else "X-1",
        "norma": ["reglamento"],
        "dato": dato,
        **({"finalidad": "Probar."} if dato in ("personal", "sensible") else {}),
        **({"constraints": limites} if limites else {}),
        **resto,
    }


def descriptor(nombre: str, campos: list[dict[str, Any]], **resto: Any) -> dict[str, Any]:
    version = resto.pop("version", "1.0.0")
    return {
        "name": nombre,
        "title": nombre.capitalize(),
        "description": "De prueba.",
        "version": version,
        "norma": ["reglamento"],
        "llena": "Quien prueba",
        "no_revisa": [],
        "cambios": [{"version": version, "fecha": "2026-11-20", "description": "Cambia."}],
        "primaryKey": ["codigo"],
        "missingValues": [""],
        "fields": campos,
        **resto,
    }


CODIGO = campo("codigo", tipo="string", constraints={"required": True})
BASE = descriptor("base", [CODIGO, campo("tipo")])
MATRIZ = descriptor(
    "matriz",
    [
        CODIGO,
        campo("texto", tipo="string"),
        campo("monto", "integer"),
        campo("origen", referencia={"esquema": "base"}, varios=True),
        campo("reservado", dato="interno"),
    ],
)
MONTOS = descriptor(
    "montos",
    [CODIGO, campo("region"), campo("ejercicio", "integer"), campo("monto", "integer")],
    ambito="nacional",
)
CON_TOPE = descriptor(
    "con-tope",
    [CODIGO, campo("monto", "integer")],
    reglas=[
        {
            "codigo": "tope",
            "gravedad": "alerta",
            "campo": "monto",
            "suma": {
                "de": "monto",
                "por": ["codigo"],
                "relacion": "no_supera",
                "tope": {"esquema": "montos", "campo": "monto"},
            },
            "mensaje": "Pasa.",
            "arreglo": "Baje.",
            "norma": ["reglamento"],
        }
    ],
)
_RESPUESTA = campo("respuesta", automatico=True, constraints={"required": True})
ENCUESTA = {
    k: v
    for k, v in descriptor(
        "consulta",
        [],
        secciones=[{"name": "una", "title": "Una", "contenido": ["institucion", "personas"]}],
        resources=[
            {
                "name": "consulta",
                "path": "consulta.csv",
                "title": "Consulta",
                "schema": {
                    "primaryKey": ["respuesta"],
                    "missingValues": [""],
                    "fields": [_RESPUESTA, campo("institucion", constraints={"required": True})],
                },
            },
            {
                "name": "personas",
                "path": "personas.csv",
                "title": "Personas",
                "singular": "persona",
                "schema": {
                    "missingValues": [""],
                    "foreignKeys": [
                        {
                            "fields": ["respuesta"],
                            "reference": {"resource": "consulta", "fields": ["respuesta"]},
                        }
                    ],
                    "fields": [_RESPUESTA, campo("cargo"), campo("nombre", dato="personal")],
                },
            },
        ],
    ).items()
    if k not in ("primaryKey", "missingValues", "fields")
}


def armar_catalogo(*descriptores: dict[str, Any]) -> Catalogo:
    """Un catálogo con esos esquemas y nada más."""
    esquemas = {}
    for d in descriptores:
        clase = "encuesta" if "resources" in d else "formato"
        esquemas[d["name"]] = leer_esquema(d, f"{d['name']}.yaml", clase)
    return Catalogo(esquemas, {}, {}, {}, Proceso("1.0.0", "America/Santiago", (), (), ()))


@pytest.fixture
def catalogo() -> Catalogo:
    return armar_catalogo(BASE, MATRIZ, MONTOS, CON_TOPE, ENCUESTA)


@pytest.fixture
def validar() -> Callable[..., Resultado]:
    """(catálogo, esquema, filas de la principal, grupo=filas…) → Resultado."""

    def con_filas(
        catalogo: Catalogo, esquema: Esquema, filas: list[dict[str, str]], **grupos: Any
    ) -> Resultado:
        return validar_filas(catalogo, esquema, {esquema.nombre: filas, **grupos}, Contexto())

    return con_filas


@pytest.fixture
def enviar(almacen: Almacen, catalogo: Catalogo, validar: Callable[..., Resultado]) -> Callable[..., Envio]:
    """(nombre del esquema, filas, …) → Envio, recibido en `almacen`."""

    def enviar(nombre: str, filas: list[dict[str, str]], grupos: Any = None, **opciones: Any) -> Envio:
        suyo = opciones.pop("catalogo", catalogo)
        esquema = suyo.esquemas[nombre]
        propias = {c: opciones.pop(c) for c in ("borrador", "vale") if c in opciones}
        cuando, donde = opciones.pop("ahora_utc", AHORA), opciones.pop("almacen", almacen)
        lugar = {"region": "06", "ejercicio": 2027, "origen": "prueba", **opciones}
        resultado = validar(suyo, esquema, filas, **(grupos or {}))
        return recibir(donde, suyo, resultado, Recepcion(**lugar, recibido_utc=cuando), **propias)

    return enviar
