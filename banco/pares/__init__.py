"""Un par, un archivo, una función `malas(datos)`: el mismo esquema escrito como lo escribiría quien usa esa biblioteca.

Devuelve cuántas celdas malas encuentra en los bytes de un CSV. Cada par se importa solo cuando se mide, para que el
proceso frío pague lo suyo y nada más. Los patrones y las listas, iguales para todos, salen de `construccion/banco`,
que escribe `banco.tablas.publicar` desde el esquema.
"""

import json
from pathlib import Path

PARES = {  # módulo → cómo se llama en la página
    "nuestro": "**focaliza**",
    "con_jsonschema_rs": "jsonschema-rs",
    "con_pydantic": "pydantic",
    "con_frictionless": "frictionless",
    "con_polars": "polars (vectorial)",
    "con_pandera": "pandera sobre polars (vectorial)",
    "solo_csv": "solo leer, con `csv`",
}
LUGAR = Path(__file__).resolve().parents[2] / "construccion" / "banco"
DEFINICION = LUGAR / "definicion.json"  # el descriptor, como lo guarda la base con cada envío
ESTANDAR = LUGAR / "estandar.json"  # el Table Schema que publicamos
CORREO = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"  # para quien no trae un tipo correo


def patrones_y_listas() -> tuple[dict[str, str], dict[str, list[str]]]:
    """(campo → patrón anclado, campo → códigos), del Table Schema publicado."""
    limites = {c["name"]: c.get("constraints", {}) for c in json.loads(ESTANDAR.read_text(encoding="utf-8"))["fields"]}
    patrones = {campo: f"^(?:{suyos['pattern']})$" for campo, suyos in limites.items() if "pattern" in suyos}
    return patrones, {campo: suyos["enum"] for campo, suyos in limites.items() if "enum" in suyos}
