"""De un `Esquema` a lo que leen otros programas: Table Schema y Data Package del estándar, con nuestras claves al lado.

Lo publicado es más explícito que el YAML: las opciones del catálogo salen como `enum` y los tipos propios como `pattern`,
para que quien no nos conoce valide lo mismo. La forma canónica de todo lo que aceptamos, frictionless la acepta.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from esquemas.coherencia import ejemplos_de
from esquemas.condicion import SEPARADOR
from esquemas.modelo import Campo, Catalogo, Esquema, Opciones, Tabla
from esquemas.tabla import escribir_csv
from esquemas.tipos import TIPOS

# Las que se agregan al final de cada fila exportada (contrato, «CSV»), con su tipo estándar y qué son.
COLUMNAS_DE_ENVIO = {
    "folio": ("Folio", "string", "Número del envío que entregó la fila."),
    "region": ("Región", "string", "Código único territorial de la región que entregó."),
    "ejercicio": ("Ejercicio", "year", "Año presupuestario en que se gasta."),
    "version_esquema": ("Versión del esquema", "string", "Versión con que se validó el envío."),
    "estado": ("Estado del envío", "string", "vigente, reemplazado o anulado."),
    "presentado": ("Presentado", "datetime", "Cuándo se entiende presentado, en UTC (Ley 19.880, art. 25)."),
}
_PROPIAS = ("ayuda", "norma", "dato", "finalidad", "unidad", "catalogo", "referencia", "varios", "mostrar_si", "automatico")


@dataclass(frozen=True, slots=True)
class Enlace:
    """Una tabla de enlace: cada valor de un campo `varios` en su propia fila, con clave ajena estándar.

    `destino` es el esquema referido o el catálogo, según `de_catalogo`.
    """

    nombre: str
    tabla: Tabla
    campo: Campo
    destino: str
    de_catalogo: bool


def campo_estandar(campo: Campo, opciones: Opciones | None) -> dict[str, Any]:
    """Un Field de Table Schema: lo nuestro traducido a `constraints`, y nuestras claves tal como se escribieron."""
    tipo = TIPOS[campo.tipo]
    limites: dict[str, Any] = {}
    if campo.obligatorio and not campo.mostrar_si:  # lo condicional no existe en el estándar
        limites["required"] = True
    if campo.unico:
        limites["unique"] = True
    for clave, valor in (
        ("minimum", campo.minimo),
        ("maximum", campo.maximo),
        ("minLength", campo.largo_minimo),
        ("maxLength", campo.largo_maximo),
    ):
        if valor is not None:
            limites[clave] = valor
    if opciones and not campo.varios:
        limites["enum"] = [o.codigo for o in opciones.opciones]
    elif patron := _patron(campo, opciones):
        limites["pattern"] = patron
    salida: dict[str, Any] = {"name": campo.nombre, "title": campo.titulo, "type": tipo.base, "description": campo.descripcion}
    if tipo.formato:
        salida["format"] = tipo.formato
    if tipo.base == "boolean":
        salida |= {"trueValues": ["si"], "falseValues": ["no"]}
    if campo.ejemplo:
        salida["example"] = campo.ejemplo
    if limites:
        salida["constraints"] = limites
    return salida


def _patron(campo: Campo, opciones: Opciones | None) -> str:
    if campo.patron:
        return campo.patron
    uno = ""
    if opciones:
        uno = "|".join(re.escape(o.codigo) for o in opciones.opciones)
    elif campo.referencia or campo.tipo == "codigo":
        uno = TIPOS["codigo"].patron.pattern
    return f"({uno})({SEPARADOR}({uno}))*" if campo.varios else uno


def tabla_estandar(catalogo: Catalogo, tabla: Tabla) -> dict[str, Any]:
    """El Table Schema de una tabla, sin claves ajenas (frictionless no las juzga en un CSV suelto)."""
    return {
        "fields": [campo_estandar(c, catalogo.opciones.get(c.catalogo)) for c in tabla.campos],
        "missingValues": [""],
        "primaryKey": list(tabla.clave),
    }


def esquema_json(catalogo: Catalogo, esquema: Esquema) -> dict[str, Any]:
    """Lo que se publica en /descargas/esquemas/<id>.json: el estándar, nuestras claves y la huella del YAML."""
    cabeza = {c: v for c, v in esquema.descriptor.items() if c not in ("fields", "resources", "primaryKey", "missingValues")}
    cabeza["huella"] = esquema.huella
    if not esquema.es_encuesta:
        return cabeza | _con_claves_propias(catalogo, esquema.principal, esquema.descriptor)
    recursos = []
    for crudo, tabla in zip(esquema.descriptor["resources"], esquema.tablas, strict=True):
        ajenas = {c: v for c, v in crudo["schema"].items() if c in ("foreignKeys", "reglas")}
        recursos.append(crudo | {"schema": _con_claves_propias(catalogo, tabla, crudo["schema"]) | ajenas})
    return cabeza | {"resources": recursos}


def _con_claves_propias(catalogo: Catalogo, tabla: Tabla, crudo: Mapping[str, Any]) -> dict[str, Any]:
    salida = tabla_estandar(catalogo, tabla)
    for campo, escrito in zip(salida["fields"], crudo["fields"], strict=True):
        campo |= {c: escrito[c] for c in _PROPIAS if c in escrito}
    return salida


def columnas_agregadas(tabla: Tabla) -> tuple[str, ...]:
    """Las de envío que la tabla no trae ya como propias."""
    return tuple(c for c in COLUMNAS_DE_ENVIO if c not in tabla.nombres)


def tabla_exportada(
    catalogo: Catalogo, tabla: Tabla, *, publico: bool = False, exceptuados: Iterable[str] = ()
) -> dict[str, Any]:
    """El Table Schema de lo exportado: la tabla y las columnas de envío.

    `publico` deja solo los campos `dato: publico`; `exceptuados` son los campos con una excepción registrada en lo
    exportado: ahí un vacío es legítimo y no se exige. Sin unicidad de fila: en el consolidado el código se repite
    entre regiones y la clave es (ejercicio, region, codigo), o (folio, respuesta) en una encuesta.
    """
    campos = []
    for campo in tabla.campos:
        if publico and campo.dato != "publico":
            continue
        descrito = campo_estandar(campo, catalogo.opciones.get(campo.catalogo))
        limites = descrito.get("constraints", {})
        limites.pop("unique", None)
        if campo.nombre in exceptuados:
            limites.pop("required", None)
        campos.append(descrito)
    for nombre in columnas_agregadas(tabla):
        titulo, tipo, que = COLUMNAS_DE_ENVIO[nombre]
        campos.append({"name": nombre, "title": titulo, "type": tipo, "description": que, "constraints": {"required": True}})
    esquema: dict[str, Any] = {"fields": campos, "missingValues": [""]}
    if not publico or set(clave_exportada(tabla)) <= {c["name"] for c in campos}:
        esquema["primaryKey"] = list(clave_exportada(tabla))
    return esquema


def clave_exportada(tabla: Tabla) -> tuple[str, ...]:
    """La clave de una fila en el consolidado nacional de lo vigente."""
    if not tabla.clave:
        return ()
    propias = ("folio",) if "respuesta" in tabla.clave else ("ejercicio", "region")
    return tuple(dict.fromkeys((*propias, *tabla.clave)))


def enlaces(esquema: Esquema, *, publico: bool = False) -> tuple[Enlace, ...]:
    """Las tablas de enlace del esquema: una por campo con referencia a otra matriz y una por campo `varios` de catálogo."""
    salida = []
    for tabla in esquema.tablas:
        for campo in tabla.campos:
            if publico and campo.dato != "publico":
                continue
            if campo.referencia:
                salida.append(Enlace(_nombre_de_enlace(tabla, campo), tabla, campo, campo.referencia.esquema, False))
            elif campo.varios:
                salida.append(Enlace(_nombre_de_enlace(tabla, campo), tabla, campo, campo.catalogo, True))
    return tuple(salida)


def _nombre_de_enlace(tabla: Tabla, campo: Campo) -> str:
    return f"enlace-{tabla.nombre}-{campo.nombre.replace('_', '-')}"


def catalogos_usados(esquema: Esquema, *, publico: bool = False) -> tuple[str, ...]:
    """Los catálogos de códigos que sus campos usan, sin repetir."""
    campos = [c for t in esquema.tablas for c in t.campos if not publico or c.dato == "publico"]
    return tuple(dict.fromkeys(c.catalogo for c in campos if c.catalogo))


def tabla_de_enlace(enlace: Enlace) -> dict[str, Any]:
    """El Table Schema de un enlace: la clave de la fila, `valor` y sus dos claves ajenas.

    Solo las filas vigentes cuya cita existe van al enlace; las citas sin destino quedan en el informe del paquete.
    """
    clave = clave_exportada(enlace.tabla) or ("folio", "respuesta", "orden")
    campos = [{"name": c, "type": "string"} for c in (*clave, "valor")]
    destino = ["codigo"] if enlace.de_catalogo else ["ejercicio", "region", "codigo"]
    aqui = ["valor"] if enlace.de_catalogo else ["ejercicio", "region", "valor"]
    recurso = f"catalogo-{enlace.destino}" if enlace.de_catalogo else enlace.destino
    ajenas: list[dict[str, Any]] = [{"fields": aqui, "reference": {"resource": recurso, "fields": destino}}]
    if enlace.tabla.clave:
        ajenas.append({"fields": list(clave), "reference": {"resource": enlace.tabla.nombre, "fields": list(clave)}})
    return {"fields": campos, "missingValues": [""], "primaryKey": [*clave, "valor"], "foreignKeys": ajenas}


def tabla_de_catalogo(opciones: Opciones) -> dict[str, Any]:
    """El Table Schema de un catálogo exportado."""
    nombres = ("codigo", "nombre", "descripcion", "padre")
    campos = [{"name": n, "type": "string"} for n in nombres]
    return {"title": opciones.titulo, "fields": campos, "missingValues": [""], "primaryKey": ["codigo"]}


def catalogo_csv(opciones: Opciones) -> bytes:
    """Un catálogo de códigos como CSV."""
    filas = ((o.codigo, o.nombre, o.descripcion, o.padre) for o in opciones.opciones)
    return escribir_csv(("codigo", "nombre", "descripcion", "padre"), filas)


def ejemplo_csv(esquema: Esquema, tabla: Tabla | None = None) -> bytes:
    """El ejemplo válido de una tabla (la principal si no se dice otra)."""
    tabla = tabla or esquema.principal
    filas = ejemplos_de(esquema)[tabla.nombre]
    return escribir_csv(tabla.nombres, ([f.get(n, "") for n in tabla.nombres] for f in filas))
