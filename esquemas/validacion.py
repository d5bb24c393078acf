"""El único validador en ejecución: compilado del esquema, columna por columna, y después fila por fila.

Cada columna se revisa sobre sus valores distintos (una región escribe «Territorial» mil veces: se mira una). Las reglas
entre columnas miran solo celdas que se pudieron leer: un dato malo da un problema, no una cascada.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from esquemas.celda import Criba, Revisor, compilar, compilar_criba
from esquemas.columnas import ubicar
from esquemas.condicion import cumple
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.excepciones import aplicar_excepciones
from esquemas.fila_ajena import apartar_ajenas
from esquemas.hoja import Hoja, sin_recolector
from esquemas.libro import HOJA_DATOS
from esquemas.modelo import Catalogo, Esquema, Grupo, Tabla
from esquemas.referencias import revisar_cruces
from esquemas.reglas import revisar_reglas
from esquemas.revision import Contexto, Revision
from esquemas.tipos import Celda


@dataclass(frozen=True, slots=True)
class Resultado:
    """Lo leído y lo que hay que decir. `tablas`: nombre → filas canónicas en el orden de los campos («» = vacío).

    `apartadas`: el `indice` de las filas de la tabla principal que no son datos (las de totales): no están en `tablas`.
    `hoja`: la que se leyó como tabla principal; «» si ninguna, o si es un CSV suelto.
    """

    esquema: Esquema
    tablas: Mapping[str, list[tuple[str, ...]]]
    problemas: tuple[Problema, ...]
    leidas: int
    apartadas: frozenset[int] = frozenset()
    hoja: str = ""

    @property
    def indices(self) -> list[int]:
        """El `indice` de cada fila de la tabla principal, en su orden: el que llevan sus problemas."""
        return [i for i in range(self.leidas) if i not in self.apartadas]

    @property
    def errores(self) -> tuple[Problema, ...]:
        return tuple(p for p in self.problemas if p.es_error)

    @property
    def alertas(self) -> tuple[Problema, ...]:
        return tuple(p for p in self.problemas if not p.es_error)

    @property
    def valido(self) -> bool:
        return not self.errores

    def como_dict(self, tabla: str) -> list[dict[str, str]]:
        """Las filas canónicas de una tabla como mapas campo → texto."""
        nombres = next(t.nombres for t in self.esquema.tablas if t.nombre == tabla)
        return [dict(zip(nombres, fila, strict=True)) for fila in self.tablas.get(tabla, ())]


@lru_cache(maxsize=128)
def _revisores(catalogo: Catalogo, tabla: Tabla) -> tuple[tuple[Revisor, Criba], ...]:
    con_opciones = [(c, catalogo.opciones.get(c.catalogo)) for c in tabla.campos]
    return tuple((compilar(*par), compilar_criba(*par)) for par in con_opciones)


def validar_hojas(catalogo: Catalogo, esquema: Esquema, hojas: Mapping[str, Hoja], contexto: Contexto) -> Resultado:
    """Valida un archivo leído: `hojas` es tabla → hoja (ver `columnas.elegir_hojas`). Con errores de columna no mira filas."""
    problemas: list[Problema] = []
    revisiones: list[Revision] = []
    for tabla in esquema.tablas:
        if (hoja := hojas.get(tabla.nombre)) is None:
            continue
        posiciones, de_columna = ubicar(tabla, hoja, catalogo, esquema)
        problemas += de_columna
        if not any(p.codigo == Codigo.SIN_ENCABEZADO for p in de_columna):  # sin títulos, los demás son su consecuencia
            problemas += [replace(p, tabla=tabla.nombre) for p in hoja.problemas]
        revisiones.append(Revision(tabla, hoja.filas, posiciones, hoja))
    principal = hojas.get(esquema.nombre)
    if principal is None:
        mensaje = f"Ninguna hoja es «{esquema.titulo}». Copie sus datos en la hoja «{HOJA_DATOS}» de la plantilla."
        problemas.append(Problema(Gravedad.ERROR, Codigo.HOJA_EQUIVOCADA, mensaje, esquema.nombre))
    elif not principal.filas and not any(p.es_error for p in problemas):
        mensaje = "El archivo tiene los títulos y ninguna fila. Escriba al menos una debajo de ellos."
        problemas.append(Problema(Gravedad.ERROR, Codigo.SIN_FILAS, mensaje, esquema.nombre, principal.nombre))
    if any(p.es_error and p.indice is None for p in problemas):  # el error de una fila no tapa los de las demás
        return _cerrar(esquema, {}, problemas, len(principal.filas) if principal else 0)
    with sin_recolector():
        return _revisar(catalogo, esquema, revisiones, contexto, problemas)


def validar_filas(
    catalogo: Catalogo, esquema: Esquema, filas: Mapping[str, Sequence[Mapping[str, Celda]]], contexto: Contexto
) -> Resultado:
    """Valida lo que llega de un formulario: tabla → filas (mapas campo → celda). En una encuesta de una sola respuesta,
    `respuesta` se pone sola. Una tabla o un campo que no es del esquema es un problema, nunca se ignora."""
    problemas: list[Problema] = []
    revisiones = []
    for ajena in sorted(filas.keys() - {t.nombre for t in esquema.tablas}):
        mensaje = f"«{ajena}» no es una tabla de «{esquema.titulo}». Quítela."
        problemas.append(Problema(Gravedad.ERROR, Codigo.HOJA_EQUIVOCADA, mensaje, ajena))
    if not filas.get(esquema.nombre):
        mensaje = f"No hay ninguna fila de «{esquema.principal.titulo}». Agregue al menos una."
        problemas.append(Problema(Gravedad.ERROR, Codigo.SIN_FILAS, mensaje, esquema.nombre))
    for tabla in esquema.tablas:
        propias = filas.get(tabla.nombre, ())
        conocidos = set(tabla.nombres)
        for i, fila in enumerate(propias):
            for ajeno in sorted(set(fila) - conocidos):
                mensaje = f"«{ajeno}» no es un campo de «{tabla.titulo}». Quítelo."
                problemas.append(
                    Problema(Gravedad.ERROR, Codigo.COLUMNA_AJENA, mensaje, tabla.nombre, fila=i + 1, indice=i, campo=ajeno)
                )
        omision = {"respuesta": "1"} if esquema.es_encuesta else {}
        crudas = [[f.get(n, omision.get(n, "")) for n in tabla.nombres] for f in propias]
        revisiones.append(Revision(tabla, crudas, range(len(tabla.campos))))
    return _revisar(catalogo, esquema, revisiones, contexto, problemas)


def _revisar(
    catalogo: Catalogo, esquema: Esquema, revisiones: list[Revision], contexto: Contexto, previos: list[Problema]
) -> Resultado:
    for revision in revisiones:
        revision.revisar_celdas(_revisores(catalogo, revision.tabla))
        apartar_ajenas(revision)
    principal = revisiones[0]
    por_respuesta: dict[str, int] = {}
    for revision in revisiones:
        if grupo := next((g for g in esquema.grupos if g.tabla is revision.tabla), None):
            _revisar_grupo(grupo, revision, principal, por_respuesta)
            padres = [principal.fila(por_respuesta[r]) if r in por_respuesta else {} for r in revision.canonicas[0]]
            revision.ocultar(padres, principal.tabla, catalogo.opciones)
        else:
            revision.ocultar(None, principal.tabla, catalogo.opciones)
            if esquema.es_encuesta:
                por_respuesta = {r: i for i, r in enumerate(revision.canonicas[0]) if r}
        revision.exigir_unicos()
        revision.cerrada = True
        revisar_reglas(catalogo, revision, contexto)
        revisar_cruces(catalogo, esquema, revision, contexto)
    if esquema.es_encuesta:
        presentes = {r.tabla.nombre for r in revisiones}
        for grupo in esquema.grupos:
            if grupo.tabla.nombre not in presentes:
                _revisar_cuenta(grupo, {}, principal)
    problemas = [*previos, *(p for r in revisiones for p in r.problemas)]
    problemas = aplicar_excepciones(problemas, principal, contexto)
    tablas = {r.tabla.nombre: r.filas_canonicas() for r in revisiones}
    cerrado = _cerrar(esquema, tablas, problemas, principal.total)
    return replace(cerrado, apartadas=frozenset(principal.descartadas))


def _cerrar(
    esquema: Esquema, tablas: Mapping[str, list[tuple[str, ...]]], problemas: list[Problema], leidas: int
) -> Resultado:
    """El resultado, con los problemas en el orden del archivo y todos con la norma de la que salen."""
    orden = {t.nombre: n for n, t in enumerate(esquema.tablas)}
    problemas = [p if p.norma else replace(p, norma=esquema.norma[:1]) for p in problemas]
    problemas.sort(key=lambda p: (orden.get(p.tabla, 0), p.fila or 0))
    return Resultado(esquema, {t.nombre: tablas.get(t.nombre, []) for t in esquema.tablas}, tuple(problemas), leidas)


def _corresponde(grupo: Grupo, principal: Revision, i: int) -> bool | None:
    """Si el grupo se muestra en esa respuesta; None si no se sabe, porque lo que mira tiene un error."""
    if grupo.mostrar_si is None:
        return True
    if any((i, c) in principal.malas for c in grupo.mostrar_si.campos()):
        return None
    return cumple(grupo.mostrar_si, principal.fila(i), principal.varios)


def _revisar_grupo(grupo: Grupo, revision: Revision, principal: Revision, por_respuesta: Mapping[str, int]) -> None:
    cuenta: dict[str, int] = {}
    for i, respuesta in enumerate(revision.canonicas[0]):
        cuenta[respuesta] = cuenta.get(respuesta, 0) + 1
        if (i, "respuesta") in revision.malas or i in revision.descartadas:
            continue
        if respuesta not in por_respuesta:
            mensaje = f"La respuesta «{respuesta}» no está en la tabla principal. Corrija el código o agregue la respuesta."
            revision.agregar(Gravedad.ERROR, Codigo.RESPUESTA_INEXISTENTE, mensaje, i, "respuesta", grupo.norma)
        elif _corresponde(grupo, principal, por_respuesta[respuesta]) is False:
            revision.descartar(i)
            mensaje = f"«{grupo.tabla.titulo}» no corresponde a lo que respondió antes: no se guarda. Bórrela o revise la otra."
            revision.agregar(Gravedad.ALERTA, Codigo.CAMPO_OCULTO, mensaje, i, "respuesta", grupo.norma)
    _revisar_cuenta(grupo, cuenta, principal)


def _revisar_cuenta(grupo: Grupo, cuenta: Mapping[str, int], principal: Revision) -> None:
    for i in range(principal.total):
        if i in principal.descartadas or not _corresponde(grupo, principal, i):
            continue
        veces = cuenta.get(principal.canonicas[0][i], 0)
        if veces < grupo.minimo:
            mensaje = f"«{grupo.tabla.titulo}» pide al menos {grupo.minimo} y hay {veces}. Agregue {grupo.minimo - veces} más."
            principal.agregar(Gravedad.ERROR, Codigo.GRUPO_INSUFICIENTE, mensaje, i, grupo.nombre, grupo.norma, "")
        elif veces > grupo.maximo:
            mensaje = f"«{grupo.tabla.titulo}» admite {grupo.maximo} y hay {veces}. Quite {veces - grupo.maximo} o resuma."
            principal.agregar(Gravedad.ERROR, Codigo.GRUPO_EXCEDIDO, mensaje, i, grupo.nombre, grupo.norma, "")


def como_dict(resultado: Resultado) -> dict[str, object]:
    """La salida estable de `validar --json` (contrato)."""
    return {
        "esquema": resultado.esquema.nombre,
        "version": resultado.esquema.version,
        "filas": resultado.leidas,
        "valido": resultado.valido,
        "problemas": [problema_como_dict(p) for p in resultado.problemas],
    }


def problema_como_dict(problema: Problema) -> dict[str, object]:
    """Un problema con las claves del contrato, ni una menos."""
    return {
        "gravedad": str(problema.gravedad),
        "codigo": str(problema.codigo),
        "tabla": problema.tabla,
        "hoja": problema.hoja,
        "celda": problema.celda,
        "fila": problema.fila,
        "campo": problema.campo,
        "valor": problema.valor[:200],
        "mensaje": problema.mensaje,
        "norma": list(problema.norma),
    }
