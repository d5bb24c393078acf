"""Lo que Sercotec observa de lo que una región envió y lo que la región responde. Sin web.

Son las filas del formato que `proceso.yaml` nombra en `tramitacion.observaciones`. Una observación está enviada cuando la
selló un acto: antes solo la ve Sercotec. Su estado lo mueve lo que se hace: responderla la deja respondida; volver a observar,
pendiente.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from esquemas.marcado import LARGO_COMENTARIO
from esquemas.modelo import Catalogo, Esquema
from esquemas.normalizacion import plegar
from esquemas.plantilla import TITULO, campos_visibles
from esquemas.saber import ENVIADAS, OBSERVADAS, OBSERVADO, PENDIENTES, RESPUESTAS, Acto, Estado
from esquemas.validacion import Resultado
from formularios import almacen_envios, almacen_expedientes, almacen_filas
from formularios.almacen import Almacen
from formularios.envio import VIGENTE
from formularios.faltas import agregar_faltas
from formularios.fila_en_curso import Fila, Matriz, clave_de

PENDIENTE, RESPONDIDA, RESUELTA = "pendiente", "respondida", "resuelta"


@dataclass(frozen=True, slots=True)
class Observacion:
    """Una observación como está ahora. Sin `fila`, es de toda la matriz; sin `campo`, de la fila. `id`: su fila en curso.

    `reemplazo`: si todavía no se envía y el envío que observa ya no es el vigente, el folio del que lo es.
    """

    codigo: str
    envio: str
    matriz: str
    fila: str
    campo: str
    observacion: str
    condicion: str
    respuesta: str
    estado: str
    id: str = ""
    version: int = 0
    enviada: bool = False
    cambiada_utc: datetime | None = None
    reemplazo: str = ""

    @property
    def resuelta(self) -> bool:
        return self.estado == RESUELTA

    @property
    def cerrada(self) -> bool:
        """Si ya nadie tiene que hacer nada con ella."""
        return self.enviada and self.resuelta


def formato_de(catalogo: Catalogo) -> Esquema | None:
    """El formato con que se observa; None si el proceso no lo tiene."""
    tramite = catalogo.proceso.tramitacion
    return catalogo.esquemas[tramite.observaciones] if tramite and tramite.observaciones else None


def es_de_observaciones(catalogo: Catalogo, esquema: Esquema) -> bool:
    tramite = catalogo.proceso.tramitacion
    return tramite is not None and tramite.observaciones == esquema.nombre


def observables(catalogo: Catalogo) -> list[str]:
    """Los formatos que se entregan por un acto, sin el de las observaciones: lo que se puede observar y se cierra."""
    tramite = catalogo.proceso.tramitacion
    entregan = [n for a in tramite.actos.values() for n in a.entrega] if tramite else []
    return [n for n in dict.fromkeys(entregan) if n != tramite.observaciones]


def envian(catalogo: Catalogo, estado: str) -> list[Acto]:
    """Los actos que desde ese estado le mandan a la región lo que Sercotec observa."""
    tramite = catalogo.proceso.tramitacion
    suyos = [a for a in tramite.actos.values() if estado in a.de and tramite.observaciones in a.entrega]
    return [a for a in suyos if RESPUESTAS not in a.exige]


def impide_observar(catalogo: Catalogo, estado: Estado) -> str:
    """Por qué no se observa en ese estado y desde cuándo se podrá; «» si un acto mandaría lo que se escriba."""
    if envian(catalogo, estado.nombre):
        return ""
    actos = catalogo.proceso.tramitacion.actos.values()
    salidas = [f"«{a.titulo}»" for a in actos if estado.nombre in a.de and envian(catalogo, a.a)]
    luego = f"Se podrá después de {' o de '.join(salidas)}." if salidas else "Ya no habrá otro."
    return f"La focalización está en «{estado.titulo}»: ningún acto le enviaría a la región otra observación. {luego}"


def impide_cerrar(catalogo: Catalogo, estado: str, acto: Acto, vistas: Sequence[Observacion]) -> str:
    """Por qué ese acto no procede mientras haya observaciones escritas sin enviar, y qué hacer con ellas; «» si procede."""
    sueltas = [o.codigo for o in vistas if not o.enviada]
    if ENVIADAS not in acto.exige or not sueltas:
        return ""
    caminos = " o ".join(f"«{a.titulo}»" for a in envian(catalogo, estado))
    return f"Hay observaciones escritas y sin enviar: {', '.join(sueltas)}. Envíelas con {caminos}, o quite cada una."


def campo_de(esquema: Esquema, escrito: str) -> str:
    """El nombre del campo que se observó, por su título o por su nombre; «» si no es ninguno."""
    return next((c.nombre for c in esquema.campos if plegar(escrito) in (plegar(c.titulo), plegar(c.nombre))), "")


# --- Leer ------------------------------------------------------------------------------------------------


def leer_observaciones(
    almacen: Almacen, catalogo: Catalogo, region: str, ejercicio: int, *, todas: bool = False
) -> list[Observacion]:
    """Las enviadas, como las ve la región: vivas mientras le toca corregir y, si no, como se enviaron.

    `todas`: las que ve Sercotec, también las que no envía todavía.
    """
    with almacen.leer() as c:
        vivas = leer_en(c, catalogo, region, ejercicio)
        if todas:
            return vivas
        enviadas = _selladas(c, catalogo, region, ejercicio)
        if estado_en(c, catalogo, region, ejercicio).abre == OBSERVADO:
            return [o for o in vivas if o.enviada]
    ids = {o.codigo: o for o in vivas}
    return [replace(o, id=ids[o.codigo].id, version=ids[o.codigo].version) if o.codigo in ids else o for o in enviadas]


def leer_en(c: Any, catalogo: Catalogo, region: str, ejercicio: int) -> list[Observacion]:
    """Todas, como están ahora."""
    formato = formato_de(catalogo)
    if formato is None:
        return []
    enviadas = _selladas(c, catalogo, region, ejercicio)
    if almacen_filas.leer_matriz(c, formato.nombre, region, ejercicio) is None:
        return enviadas
    codigos = {o.codigo for o in enviadas}
    vivas = []
    for f in map(Fila.de, almacen_filas.leer_filas(c, formato.nombre, region, ejercicio)):
        suyo = {"id": f.id, "version": f.version, "cambiada_utc": f.cambiada_utc, "enviada": f.datos.get("codigo") in codigos}
        vivas.append(_de(f.datos, **suyo, reemplazo="" if suyo["enviada"] else _reemplazo_de(c, f.datos.get("envio", ""))))
    return vivas


def _reemplazo_de(c: Any, folio: str) -> str:
    """El folio que hoy vale en lugar de ese; «» si es él, o si no existe."""
    envio = almacen_envios.leer_envio(c, folio)
    if envio is None or envio.estado == VIGENTE:
        return ""
    lugar = {"region": envio.region, "ejercicio": envio.ejercicio, "estado": VIGENTE}
    return next((v.folio for v in almacen_envios.buscar_envios(c, envio.esquema, **lugar)), "")


def _selladas(c: Any, catalogo: Catalogo, region: str, ejercicio: int) -> list[Observacion]:
    formato = formato_de(catalogo)
    filas = almacen_envios.leer_filas_vigentes(c, formato.nombre, region, ejercicio) if formato else None
    return [_de(f, enviada=True) for f in filas or []]


def _de(datos: Mapping[str, str], **resto: Any) -> Observacion:
    return Observacion(**{n: datos.get(n, "") for n in OBSERVADAS}, **resto)


def estado_en(c: Any, catalogo: Catalogo, region: str, ejercicio: int) -> Estado:
    """El estado de esa focalización."""
    tramite, guardado = catalogo.proceso.tramitacion, almacen_expedientes.leer(c, region, ejercicio)
    return tramite.estados[guardado["estado"] if guardado else tramite.inicial]


def leer_observados(c: Any, catalogo: Catalogo, matriz: Matriz) -> set[str]:
    """Los códigos de las filas de esa matriz que Sercotec nombró en una observación."""
    return {o.fila for o in leer_en(c, catalogo, matriz.region, matriz.ejercicio) if o.fila and o.matriz == matriz.esquema.nombre}


def mover(antes: Mapping[str, str], datos: Mapping[str, str]) -> dict[str, str]:
    """La fila con el estado que le toca por lo que cambió en ella."""
    distinto = {n for n in OBSERVADAS if antes.get(n, "") != datos.get(n, "")}
    estado = datos.get("estado") or antes.get("estado") or PENDIENTE
    if "respuesta" in distinto:
        estado = RESPONDIDA if datos["respuesta"].strip() else PENDIENTE
    elif distinto & {"observacion", "condicion"} and estado == antes.get("estado"):
        estado = PENDIENTE
    return {**datos, "estado": estado}


# --- Entregar --------------------------------------------------------------------------------------------


def por_sellar(almacen: Almacen, catalogo: Catalogo, acto: Acto, matriz: Matriz, filas: Sequence[Fila]) -> list[Fila]:
    """De esas filas, las que sella el acto: con las respuestas de la región no van las que Sercotec todavía no envía."""
    if RESPUESTAS not in acto.exige or not es_de_observaciones(catalogo, matriz.esquema):
        return list(filas)
    with almacen.leer() as c:
        codigos = {o.codigo for o in _selladas(c, catalogo, matriz.region, matriz.ejercicio)}
    return [f for f in filas if f.datos.get("codigo") in codigos]


def sin_responder(c: Any, catalogo: Catalogo, region: str, ejercicio: int, resultado: Resultado | None) -> list[str]:
    """Los códigos de las enviadas que `resultado`, lo que se va a sellar, deja sin respuesta."""
    filas = resultado.como_dict(resultado.esquema.nombre) if resultado else []
    listas = {f["codigo"] for f in filas if f["estado"] != PENDIENTE}
    return [o.codigo for o in _selladas(c, catalogo, region, ejercicio) if o.codigo not in listas]


def sin_pendientes(catalogo: Catalogo, acto: Acto, resultados: Mapping[str, Resultado]) -> bool:
    """Si el acto exige que la región tenga algo que responder y, con eso que se va a sellar, no tiene."""
    observadas = resultados.get(catalogo.proceso.tramitacion.observaciones)
    filas = observadas.como_dict(observadas.esquema.nombre) if observadas else []
    return PENDIENTES in acto.exige and not any(f["estado"] == PENDIENTE for f in filas)


def sin_enviar(c: Any, catalogo: Catalogo, region: str, ejercicio: int, resultado: Resultado | None) -> list[str]:
    """Los códigos de `resultado` que Sercotec todavía no envía: un acto de la región no los puede sellar."""
    enviadas = {o.codigo for o in _selladas(c, catalogo, region, ejercicio)}
    filas = resultado.como_dict(resultado.esquema.nombre) if resultado else []
    return [f["codigo"] for f in filas if f["codigo"] not in enviadas]


def nombrar(catalogo: Catalogo, o: Observacion, campo: str) -> str:
    """Ese campo de una observación, como lo lee una persona."""
    valor, definicion = getattr(o, campo), formato_de(catalogo).principal.campo(campo)
    observada = catalogo.esquemas.get(o.matriz)
    if observada and campo == "matriz":
        return observada.nombre_completo
    if definicion.catalogo:
        return catalogo.opciones[definicion.catalogo].nombre_de(valor)
    if observada and campo == "campo" and valor:
        return observada.principal.campo(campo_de(observada, valor)).titulo if campo_de(observada, valor) else valor
    return valor or {"fila": "Toda la matriz", "campo": "La fila entera" if o.fila else "Toda la matriz"}.get(campo, "")


def notas_de(
    catalogo: Catalogo, esquema: Esquema, filas: Sequence[Mapping[str, str]], vistas: Sequence[Observacion]
) -> dict[tuple[int, str], str]:
    """Para `escribir_plantilla`: las celdas observadas de esa matriz, cada una con lo que se observó y lo que se respondió."""
    notas: dict[tuple[int, str], str] = {}
    visibles = [c.nombre for c in campos_visibles(esquema, esquema.principal)]
    lugares = {clave_de(esquema, datos): i for i, datos in reversed(list(enumerate(filas)))}
    for o in vistas:
        if o.matriz != esquema.nombre:
            continue
        lugar, campo = (lugares.get(o.fila) if o.fila else TITULO), campo_de(esquema, o.campo) or visibles[0]
        if lugar is None:
            continue  # la fila ya no está
        if not o.campo and o.fila:  # la fila entera se pinta; se comenta en su primera celda
            notas = {**{(lugar, n): "" for n in visibles}, **notas}
        dicho = f"OBSERVACIÓN {o.codigo} ({nombrar(catalogo, o, 'condicion')}): {o.observacion}"
        dicho += f"\nRESPUESTA: {o.respuesta or 'Falta responder.'}\nESTADO: {nombrar(catalogo, o, 'estado')}."
        notas[lugar, campo] = "\n\n".join(filter(None, (notas.get((lugar, campo)), dicho)))[:LARGO_COMENTARIO]
    return notas


# --- Comprobar -------------------------------------------------------------------------------------------


def comprobar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, resultado: Resultado) -> Resultado:
    """El mismo resultado, con un error por cada folio, matriz, fila o campo observado que no exista."""
    filas_de: dict[str, set[str]] = {}
    with almacen.leer() as c:
        return agregar_faltas(resultado, lambda datos: _faltas(c, catalogo, matriz, datos, filas_de))


def _faltas(
    c: Any, catalogo: Catalogo, matriz: Matriz, datos: Mapping[str, str], filas_de: dict[str, set[str]]
) -> list[tuple[str, str]]:
    """(campo, qué pasa y cómo se arregla). `filas_de`: lo ya leído, folio → códigos de sus filas."""
    nombre, folio = datos["matriz"], datos["envio"]
    if not folio or nombre not in observables(catalogo):
        return []  # ya se dijo que falta, o que no está en la lista
    envio, esquema = almacen_envios.leer_envio(c, folio), catalogo.esquemas[nombre]
    if envio is None or (envio.esquema, envio.region, envio.ejercicio) != (nombre, matriz.region, matriz.ejercicio):
        de_que = f"El folio «{folio}» no es de «{esquema.nombre_completo}» en esta región y este ejercicio."
        return [("envio", f"{de_que} Cópielo del comprobante.")]
    faltas: list[tuple[str, str]] = []
    if folio not in filas_de:
        lotes = almacen_envios.recorrer_filas(c, [folio], nombre, "datos")
        filas_de[folio] = {clave_de(esquema, json.loads(f[2])) for lote in lotes for f in lote}
    if datos["fila"] and datos["fila"] not in filas_de[folio]:
        faltas.append(("fila", f"La fila «{datos['fila']}» no está en el envío {folio}. Use el código de una de sus filas."))
    if datos["campo"] and not campo_de(esquema, datos["campo"]):
        titulos = ", ".join(f"«{k.titulo}»" for k in esquema.campos)
        faltas.append(("campo", f"«{datos['campo']}» no es una columna de «{esquema.titulo}». Use una de: {titulos}."))
    return faltas
