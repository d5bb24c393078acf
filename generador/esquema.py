"""La página de un formato o una encuesta: qué se sabe de cada campo, cada regla y cada tabla, listo para mostrarse.

Las anclas son parte del contrato: un campo es `#nombre` y el de un grupo repetible `#grupo-nombre`. Los nombres de
campo no llevan guion, así que los títulos fijos de la página, que sí lo llevan, no los pisan.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from esquemas import palabras
from esquemas.modelo import Campo, Catalogo, Cita, Esquema, Grupo, Opciones, Regla, Tabla
from esquemas.publicacion import catalogos_usados
from esquemas.saber import Documento

POCAS = 30  # opciones que se leen en la misma página; con más, solo se enlaza la lista
Usos = Mapping[str, Mapping[str, str]]  # clase de lo que cita («Campos», «Reglas»…) → {título: ancla en la página}


@dataclass(frozen=True, slots=True)
class FichaDeCampo:
    """Un campo con todo lo que su página dice de él."""

    campo: Campo
    ancla: str
    tipo: str
    obligatoriedad: str
    limites: tuple[str, ...]
    opciones: Opciones | None
    referido: Esquema | None
    tipos_referidos: tuple[str, ...]
    reglas: tuple[Regla, ...]
    dato: str


@dataclass(frozen=True, slots=True)
class FichaDeTabla:
    """Una tabla y sus campos; `grupo` es None en la principal. `ejemplos`: título de columna → valor, sin vacías."""

    tabla: Tabla
    grupo: Grupo | None
    campos: tuple[FichaDeCampo, ...]
    reglas: tuple[tuple[Regla, str], ...]
    ejemplos: tuple[Mapping[str, str], ...]
    cuando: str
    archivo: str


@dataclass(frozen=True, slots=True)
class FichaDeDocumento:
    """Un documento de la norma y las partes suyas que se citan: (cita, título de la parte, quiénes la citan)."""

    documento: Documento
    partes: tuple[tuple[Cita, str, Usos], ...]


def url_de(esquema: Esquema) -> str:
    """La dirección de su página."""
    return f"/{'encuestas' if esquema.es_encuesta else 'formatos'}/{esquema.nombre}/"


def url_para_llenar(esquema: Esquema) -> str:
    """Dónde se llena (encuesta) o se prueba un archivo (formato), en los formularios."""
    return f"/formularios/{'encuestas' if esquema.es_encuesta else 'validar'}/{esquema.nombre}/"


def datos_de(catalogo: Catalogo, esquema: Esquema) -> dict[str, object]:
    """Lo que necesita la plantilla `esquema.md.j2`."""
    tablas = [_tabla(catalogo, esquema, esquema.principal, None)]
    tablas += [_tabla(catalogo, esquema, g.tabla, g) for g in esquema.grupos]
    return {
        "esquema": esquema,
        "tablas": tablas,
        "anclas": {f.ancla: f.campo.titulo for t in tablas for f in t.campos},
        "normas": _normas(catalogo, esquema, tablas),
        "POCAS": POCAS,
        "llenar": url_para_llenar(esquema),
        "hitos": [h for h in catalogo.proceso.hitos if esquema.nombre in h.esquemas],
        "citado_por": _citado_por(catalogo, esquema),
        "catalogos": [catalogo.opciones[n] for n in catalogos_usados(esquema)],
    }


def _tabla(catalogo: Catalogo, esquema: Esquema, tabla: Tabla, grupo: Grupo | None) -> FichaDeTabla:
    prefijo = f"{tabla.nombre}-" if grupo else ""
    filas = [{c.nombre: c.ejemplo for c in tabla.campos}] if grupo else esquema.ejemplos
    con_dato = [c for c in tabla.campos if any(f.get(c.nombre) for f in filas)]
    return FichaDeTabla(
        tabla=tabla,
        grupo=grupo,
        campos=tuple(_campo(catalogo, esquema, tabla, c, prefijo) for c in tabla.campos),
        reglas=tuple((r, palabras.regla(r, tabla, esquema, catalogo)) for r in tabla.reglas),
        ejemplos=tuple({c.titulo: f.get(c.nombre, "") for c in con_dato} for f in filas),
        cuando=palabras.condicion(grupo.mostrar_si, catalogo.opciones, esquema.tablas) if grupo and grupo.mostrar_si else "",
        archivo=f"{esquema.nombre}{f'-{grupo.nombre}' if grupo else ''}",
    )


def _campo(catalogo: Catalogo, esquema: Esquema, tabla: Tabla, campo: Campo, prefijo: str) -> FichaDeCampo:
    referido = catalogo.esquemas[campo.referencia.esquema] if campo.referencia else None
    tipos: tuple[str, ...] = ()
    if referido and campo.referencia.tipos:
        tipo = referido.principal.campo("tipo")
        tipos = tuple(palabras.valor(tipo, t, catalogo.opciones) for t in campo.referencia.tipos)
    return FichaDeCampo(
        campo=campo,
        ancla=f"{prefijo}{campo.nombre}",
        tipo=palabras.tipo(campo),
        obligatoriedad=palabras.obligatoriedad(campo, catalogo.opciones, esquema),
        limites=tuple(palabras.limites(campo)),
        opciones=catalogo.opciones.get(campo.catalogo),
        referido=referido,
        tipos_referidos=tipos,
        reglas=tuple(r for r in tabla.reglas if campo.nombre in _mirados(r)),
        dato=palabras.DATO[campo.dato],
    )


def _mirados(regla: Regla) -> set[str]:
    """Los campos de su tabla que una regla mira, y aquel en que se muestra."""
    de_datos = (regla.datos.get(clave, ()) for clave in ("de", "entre", "por"))
    nombres = {regla.campo}.union(*((n,) if isinstance(n, str) else n for n in de_datos))
    condiciones = (regla.si, regla.condicion if regla.clase == "exige" else None)
    return nombres.union(*(c.campos() for c in condiciones if c))


def _normas(catalogo: Catalogo, esquema: Esquema, tablas: list[FichaDeTabla]) -> list[FichaDeDocumento]:
    """Cada documento que la página cita, en el orden en que aparece, con sus partes en el orden del documento."""
    todo = "La encuesta entera" if esquema.es_encuesta else "El formato entero"
    usos = [(n, "", todo, "que-es") for n in esquema.norma]
    usos += [(n, "Pasos", s.titulo, "secciones-de-la-encuesta") for s in esquema.secciones for n in s.norma]
    usos += [(n, "Tablas", t.tabla.titulo, f"tabla-{t.tabla.nombre}") for t in tablas if t.grupo for n in t.grupo.norma]
    for t in tablas:
        de = f" ({t.tabla.titulo})" if t.grupo else ""
        usos += [(n, "Campos", f.campo.titulo + de, f.ancla) for f in t.campos for n in f.campo.norma]
    usos += [(n, "Reglas", r.mensaje.rstrip("."), f"regla-{r.codigo}") for t in tablas for r, _ in t.reglas for n in r.norma]
    citan: dict[str, dict[str, Usos]] = {}
    for norma, clase, titulo, ancla in usos:
        citan.setdefault(norma.partition(":")[0], {}).setdefault(norma, {}).setdefault(clase, {})[titulo] = ancla
    return [_documento(catalogo, catalogo.documentos[nombre], partes) for nombre, partes in citan.items()]


def _documento(catalogo: Catalogo, documento: Documento, citan: Mapping[str, Usos]) -> FichaDeDocumento:
    titulos = {documento.nombre: "", **{f"{documento.nombre}:{p.id}": p.titulo for p in documento.partes}}
    return FichaDeDocumento(documento, tuple((catalogo.citar(n), t, citan[n]) for n, t in titulos.items() if n in citan))


def _citado_por(catalogo: Catalogo, esquema: Esquema) -> list[tuple[Esquema, Campo]]:
    """Los campos de otras matrices que apuntan a filas de esta."""
    return [
        (otro, campo)
        for otro in catalogo.esquemas.values()
        for campo in otro.campos
        if campo.referencia and campo.referencia.esquema == esquema.nombre and otro is not esquema
    ]
