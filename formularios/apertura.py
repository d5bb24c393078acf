"""Qué se puede corregir de una matriz en cada estado de la focalización, y por qué. Sin web.

En un estado que abre solo lo observado se corrige la fila (o el campo) que Sercotec observó y no ha resuelto, la que hoy no
cumple y la que quien firma abrió con un motivo. Lo que no se entrega por un acto está siempre abierto.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.referencias import referidos
from esquemas.saber import NADA, OBSERVADO, TODO
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios import almacen_envios, almacen_expedientes, almacen_filas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.fila_en_curso import Fila, FilaInexistente, Matriz, clave_de
from formularios.observaciones import RESUELTA, abre_en, campo_de, es_de_observaciones, leer_en, mover, observables
from formularios.recepcion import referidas_en

ENTERA = ""  # en lugar de un campo: la fila entera. En lugar de una fila: todas

Datos = Mapping[str, str]
Cambios = Sequence[tuple[Fila, Datos, str]]


class FilaCerrada(Exception):
    """Lo que se quiso cambiar no está abierto. El mensaje, para mostrar, dice qué es y qué hacer."""


@dataclass(frozen=True, slots=True)
class Apertura:
    """Lo que está abierto de una matriz. `razones`: clave de la fila (o ENTERA, todas) → campo (o ENTERA) → por qué.

    `toda`: nada está cerrado. `agrega`: se pueden agregar filas. `por_observado`: lo abierto se explica fila por fila.
    `cerrada`: qué decir de lo que no está. `fijos`: campos que no se cambian ni en una fila abierta.
    """

    esquema: Esquema
    toda: bool = False
    agrega: bool = False
    por_observado: bool = False
    cerrada: str = ""
    razones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fijos: frozenset[str] = frozenset()

    def de(self, datos: Datos) -> dict[str, str]:
        """Campo (o ENTERA) → por qué está abierto en esa fila."""
        return {**self.razones.get(ENTERA, {}), **self.razones.get(clave_de(self.esquema, datos), {})}

    def campos(self, datos: Datos) -> frozenset[str]:
        """Los que se pueden cambiar en esa fila."""
        nombres = frozenset(self.esquema.principal.nombres)
        if self.toda:
            return nombres
        abiertos = self.de(datos)
        return (nombres if ENTERA in abiertos else nombres & abiertos.keys()) - self.fijos

    def abre(self, datos: Datos, campo: str) -> bool:
        """Si ese campo se puede cambiar ahí. Los propios de la región no se entregan: siempre."""
        return campo not in self.esquema.principal.nombres or campo in self.campos(datos)

    def entera(self, datos: Datos) -> bool:
        """Si esa fila se puede quitar y reponer."""
        return self.toda or ENTERA in self.de(datos)


def leer_apertura(almacen: Almacen, catalogo: Catalogo, matriz: Matriz) -> Apertura:
    with almacen.leer() as c:
        return apertura_en(c, catalogo, matriz)


def apertura_en(c: Any, catalogo: Catalogo, matriz: Matriz) -> Apertura:
    """Lo que está abierto ahora mismo."""
    esquema = catalogo.esquemas[matriz.esquema.nombre]
    if es_de_observaciones(catalogo, esquema):
        return _de_las_observaciones(c, catalogo, matriz, esquema)
    if esquema.nombre not in observables(catalogo):
        return Apertura(esquema, toda=True, agrega=True)
    tramite, guardado = catalogo.proceso.tramitacion, almacen_expedientes.leer(c, matriz.region, matriz.ejercicio)
    estado = tramite.estados[guardado["estado"] if guardado else tramite.inicial]
    if estado.abre == TODO:
        return Apertura(esquema, toda=True, agrega=True)
    if estado.abre == NADA:
        salidas = [f"«{a.titulo}»" for a in tramite.actos.values() if estado.nombre in a.de and tramite.estados[a.a].abre != NADA]
        luego = f"Se vuelve a corregir después de {' o de '.join(salidas)}." if salidas else "Ya no se corrige."
        return Apertura(esquema, cerrada=f"La focalización está en «{estado.titulo}». {estado.descripcion} {luego}")
    razones = _razones(c, catalogo, matriz, esquema, guardado["ultimo"])
    abierta = ENTERA in razones.get(ENTERA, {})
    return Apertura(
        esquema,
        toda=abierta,
        agrega=abierta,
        por_observado=True,
        cerrada=f"La focalización está en «{estado.titulo}»: se corrige lo que Sercotec observó y lo que hoy no cumple. "
        "Si esto hay que cambiarlo por otra razón, quien firma por la región puede abrirlo y decir por qué.",
        razones=razones,
        fijos=frozenset(esquema.principal.clave),  # es como Sercotec nombra la fila
    )


def _razones(c: Any, catalogo: Catalogo, matriz: Matriz, esquema: Esquema, ultimo: int) -> dict[str, dict[str, str]]:
    razones: dict[str, dict[str, str]] = {}

    def abrir(fila: str, campo: str, por_que: str) -> None:
        razones.setdefault(fila, {}).setdefault(campo, por_que)

    for o in leer_en(c, catalogo, matriz.region, matriz.ejercicio):
        if o.enviada and o.estado != RESUELTA and o.matriz == esquema.nombre:
            abrir(o.fila, campo_de(esquema, o.campo) if o.campo else ENTERA, f"La observó Sercotec ({o.codigo}).")
    filas = [Fila.de(f) for f in almacen_filas.leer_filas(c, *matriz.lugar)]
    for a in almacen_expedientes.leer_aperturas(c, matriz.region, matriz.ejercicio):
        if (a["numero"], a["esquema"]) == (ultimo, esquema.nombre):
            suya = almacen_filas.leer_fila(c, a["fila"]) if a["fila"] else None
            abrir(clave_de(esquema, Fila.de(suya).datos) if suya else ENTERA, ENTERA, f"La abrió quien firma: {a['motivo']}")
    for i, mensaje in _que_no_cumplen(c, catalogo, matriz, esquema, filas):
        abrir(clave_de(esquema, filas[i].datos), ENTERA, f"Hoy no cumple: {mensaje}")
    return razones


def _que_no_cumplen(
    c: Any, catalogo: Catalogo, matriz: Matriz, esquema: Esquema, filas: Sequence[Fila]
) -> Iterable[tuple[int, str]]:
    """(lugar de la fila, qué le pasa). Una suma que se pasa se dice en una fila, pero es de todas las que suma."""
    sumas = {r.codigo: r.datos["por"] for r in esquema.principal.reglas if r.clase == "suma"}
    for problema in _juzgar(c, catalogo, matriz, esquema, filas).errores:
        if problema.indice is None:
            continue
        por = sumas.get(problema.codigo)
        suyos = por and [filas[problema.indice].datos.get(n) for n in por]
        for i, fila in enumerate(filas):
            if i == problema.indice or (suyos and [fila.datos.get(n) for n in por] == suyos):
                yield i, problema.mensaje


def _juzgar(c: Any, catalogo: Catalogo, matriz: Matriz, esquema: Esquema, filas: Sequence[Fila]) -> Resultado:
    referidas = referidas_en(c, catalogo, esquema, matriz.region, matriz.ejercicio)
    for nombre in referidos(esquema):
        campos = catalogo.esquemas[nombre].principal.nombres
        if vivas := almacen_filas.leer_filas(c, nombre, matriz.region, matriz.ejercicio):
            referidas[nombre] = [{n: f.datos.get(n, "") for n in campos} for f in map(Fila.de, vivas)]
    propias = [{n: f.datos.get(n, "") for n in esquema.principal.nombres} for f in filas]
    excepciones = almacen_envios.leer_excepciones(c, *matriz.lugar)
    contexto = Contexto(matriz.region, matriz.ejercicio, referidas, excepciones)
    return validar_filas(catalogo, esquema, {esquema.nombre: propias}, contexto)


def _de_las_observaciones(c: Any, catalogo: Catalogo, matriz: Matriz, esquema: Esquema) -> Apertura:
    """Lo no enviado es un borrador. De lo enviado se responde mientras la región corrige, y se resuelve o se observa otra vez."""
    abre = abre_en(c, catalogo, matriz.region, matriz.ejercicio)
    razones: dict[str, dict[str, str]] = {}
    for o in leer_en(c, catalogo, matriz.region, matriz.ejercicio):
        de_sercotec = dict.fromkeys(("observacion", "condicion", "estado"), "Sercotec la resuelve o la observa otra vez.")
        responde = {"respuesta": "La región la responde."} if abre == OBSERVADO and not o.resuelta else {}
        razones[o.codigo] = {**de_sercotec, **responde} if o.enviada else {ENTERA: "Todavía no se envía."}
    cerrada = (
        "Esta observación ya se envió: se conserva como se envió, y ahora la región la responde o Sercotec la resuelve. "
        "Para decir otra cosa, agregue otra observación."
    )
    return Apertura(esquema, agrega=True, por_observado=True, cerrada=cerrada, razones=razones)


# --- Hacerlo cumplir -------------------------------------------------------------------------------------


def exigir(
    c: Any, catalogo: Catalogo, matriz: Matriz, cambios: Cambios = (), nuevas: Sequence[Datos] = ()
) -> tuple[Cambios, Sequence[Datos]]:
    """Lo mismo, con el estado que le toca a cada observación; FilaCerrada si algo toca lo que está cerrado.

    Cada cambio es (fila, cómo queda, qué se hace); si queda igual, se quita o se repone. Reserva el expediente: ningún acto
    ocurre entre que se mira y se guarda.
    """
    if es_de_observaciones(catalogo, matriz.esquema):
        cambios = [(f, mover(f.datos, datos) if datos != f.datos else datos, que) for f, datos, que in cambios]
        nuevas = [mover({}, datos) for datos in nuevas]
    elif matriz.esquema.nombre not in observables(catalogo):
        return cambios, nuevas
    if not (cambios or nuevas):
        return cambios, nuevas
    almacen_expedientes.tomar(c, matriz.region, matriz.ejercicio, catalogo.proceso.tramitacion.inicial)
    apertura = apertura_en(c, catalogo, matriz)
    for fila, datos, _ in cambios:
        if faltas := faltas_de(apertura, fila.datos, datos):
            raise FilaCerrada(f"{faltas} {apertura.cerrada}")
    if nuevas and not apertura.agrega:
        raise FilaCerrada(f"No se pueden agregar filas. {apertura.cerrada}")
    return cambios, nuevas


def faltas_de(apertura: Apertura, antes: Datos, datos: Datos) -> str:
    """Qué de ese cambio toca lo cerrado, en palabras; «» si nada."""
    esquema, fila = apertura.esquema, clave_de(apertura.esquema, antes)
    distintos = [k for k in esquema.campos if antes.get(k.nombre, "") != datos.get(k.nombre, "")]
    if dict(antes) == dict(datos):
        return "" if apertura.entera(antes) else f"La fila «{fila}» no se puede quitar ni reponer."
    abiertos = apertura.campos(antes)
    cerrados = [k.titulo for k in distintos if k.nombre not in abiertos]
    if not cerrados:
        return ""
    if not abiertos:
        return f"La fila «{fila}» está cerrada."
    return f"En la fila «{fila}» no se puede cambiar: {', '.join(cerrados)}."


def recortar(
    apertura: Apertura,
    actuales: Sequence[Fila],
    canonicas: Sequence[Datos],
    nuevas: Sequence[Datos],
    *,
    ajenos: Collection[str] = (),
    suyas: Collection[str] | None = None,
) -> tuple[list[Datos], list[Datos], list[str]]:
    """Lo que de un archivo se puede aplicar: sus filas para comparar, para guardar, y lo que queda fuera, fila por fila.

    `canonicas`: los valores de `actuales` en su forma canónica. Lo que no se puede tocar se guarda como estaba, letra por letra.
    Los campos `ajenos` a quien lo sube quedan como están, sin decirlo; también las filas que no son `suyas` (None: todas lo son).
    """
    esquema = apertura.esquema
    por_clave = {clave_de(esquema, datos): datos for datos in reversed(nuevas)}
    comparar, guardar, fuera = [], [], []
    for fila, antes in zip(actuales, canonicas, strict=True):
        clave = clave_de(esquema, antes)
        nueva = por_clave.pop(clave, None) if suyas is None or clave in suyas else antes
        if nueva is None and apertura.entera(fila.datos) and suyas is None:
            continue
        nueva = antes if nueva is None else nueva
        if nueva is antes:
            fuera += [f"{clave}: no está en su archivo, pero está cerrada y se queda."] if suyas is None else []
            comparar.append(antes)
            guardar.append(fila.datos)
            continue
        libres = apertura.campos(fila.datos) - set(ajenos)
        cerrados = [k for k in esquema.campos if k.nombre not in libres]
        distintos = [k.titulo for k in cerrados if k.nombre not in ajenos and nueva[k.nombre] != antes[k.nombre]]
        fuera += [f"{clave}: no se cambia {', '.join(distintos)}. Queda como estaba."] if distintos else []
        comparar.append({**nueva, **{k.nombre: antes[k.nombre] for k in cerrados}})
        guardar.append({**nueva, **{k.nombre: fila.datos.get(k.nombre, "") for k in cerrados}})
    if apertura.agrega and suyas is None:
        agregadas = [{**datos, **dict.fromkeys(ajenos, "")} for datos in nuevas if clave_de(esquema, datos) in por_clave]
        return comparar + agregadas, guardar + agregadas, fuera
    return comparar, guardar, fuera + [f"{clave or 'sin código'}: no se agrega." for clave in por_clave]


def abrir(
    almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, motivo: str, autor: str, ahora_utc: datetime
) -> None:
    """Abre esa fila (`id` vacío: toda la matriz) hasta el próximo acto. ValueError, para mostrar, si no procede."""
    if not motivo.strip():
        raise ValueError("Falta el motivo. Escriba por qué se abre: queda en el historial y en lo que se entrega.")
    with almacen.escribir() as c:
        suyo = almacen_expedientes.tomar(c, matriz.region, matriz.ejercicio, catalogo.proceso.tramitacion.inicial)
        fila = almacen_filas.leer_fila(c, id) if id else None
        if id and (fila is None or (fila["esquema"], fila["region"], fila["ejercicio"]) != matriz.lugar):
            raise FilaInexistente
        abre = catalogo.proceso.tramitacion.estados[suyo["estado"]].abre
        if abre != OBSERVADO or matriz.esquema.nombre not in observables(catalogo):
            raise ValueError("No hace falta, o ya no se puede: la focalización cambió de estado. Recargue la página.")
        lugar = {"region": matriz.region, "ejercicio": matriz.ejercicio, "numero": suyo["ultimo"]}
        valores = {**lugar, "esquema": matriz.esquema.nombre, "fila": id, "motivo": motivo.strip()[:2000]}
        almacen_expedientes.abrir(c, {**valores, "autor": autor, "cuando_utc": ahora_utc})
        objeto = f"{' '.join(map(str, matriz.lugar))} {id or 'toda'}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="abrir", objeto=objeto)


def leer_aperturas(almacen: Almacen, region: str, ejercicio: int, *, despues_de: int | None = None) -> list[dict[str, Any]]:
    """Lo que se abrió con un motivo, con el `codigo` de su fila («» si es toda la matriz). `despues_de`: solo tras ese acto."""
    with almacen.leer() as c:
        todas = [dict(a) for a in almacen_expedientes.leer_aperturas(c, region, ejercicio)]
        for a in todas:
            fila = almacen_filas.leer_fila(c, a["fila"]) if a["fila"] else None
            a["codigo"] = Fila.de(fila).datos.get("codigo", "") if fila else ""
    return [a for a in todas if despues_de in (None, a["numero"])]
