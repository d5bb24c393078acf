"""Qué se puede corregir de una matriz en cada estado de la focalización, y por qué. Sin web.

En un estado que abre solo lo observado se corrige la fila (o el campo) que Sercotec observó y no ha resuelto, la que hoy no
cumple y la que quien firma abrió con un motivo. Lo que no se entrega por un acto está siempre abierto.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from esquemas.modelo import Campo, Catalogo, Esquema
from esquemas.saber import NADA, OBSERVADO, TODO
from formularios import almacen_expedientes, almacen_filas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.fila_en_curso import Fila, FilaInexistente, Matriz, clave_de
from formularios.juicio import contexto_en, juzgar
from formularios.observaciones import campo_de, es_de_observaciones, estado_en, impide_observar, leer_en, mover, observables

SIN_ENVIAR = "Todavía no se envía."
ENTERA = ""  # en lugar de un campo: la fila entera. En lugar de una fila: todas

Datos = Mapping[str, str]
Cambios = Sequence[tuple[Fila, Datos, str]]


class FilaCerrada(Exception):
    """Lo que se quiso cambiar no está abierto. El mensaje, para mostrar, dice qué es y qué hacer."""


@dataclass(frozen=True, slots=True)
class Apertura:
    """Lo que está abierto de una matriz. `razones`: clave de la fila (o ENTERA, todas) → campo (o ENTERA) → por qué.

    `toda`: nada está cerrado. `agrega`: se pueden agregar filas. `por_observado`: lo abierto se explica fila por fila.
    `cerrada`: qué decir de lo que no está. `fijos`: campos que no se cambian ni en una fila abierta. `llenos`: los que en blanco
    quedan como estaban.
    """

    esquema: Esquema
    toda: bool = False
    agrega: bool = False
    por_observado: bool = False
    cerrada: str = ""
    razones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fijos: frozenset[str] = frozenset()
    llenos: frozenset[str] = frozenset()

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
        if o.enviada and not o.resuelta and o.matriz == esquema.nombre:
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
    # Lo propio de la región no abre nada: una celda suya mal escrita es una alerta.
    for problema in juzgar(catalogo, matriz, filas, contexto_en(c, catalogo, matriz)).errores:
        if problema.indice is None:
            continue
        por = sumas.get(problema.codigo)
        suyos = por and [filas[problema.indice].datos.get(n) for n in por]
        for i, fila in enumerate(filas):
            if i == problema.indice or (suyos and [fila.datos.get(n) for n in por] == suyos):
                yield i, problema.mensaje


def _de_las_observaciones(c: Any, catalogo: Catalogo, matriz: Matriz, esquema: Esquema) -> Apertura:
    """Lo no enviado es un borrador. De lo enviado se responde mientras la región corrige, y se resuelve.

    Se observa, también otra vez, si la región lo va a ver: porque está corrigiendo o porque un acto lo manda.
    """
    estado = estado_en(c, catalogo, matriz.region, matriz.ejercicio)
    impide, responden = impide_observar(catalogo, estado), estado.abre == OBSERVADO
    suyos = ("estado",) if impide and not responden else ("observacion", "condicion", "estado")
    de_sercotec = dict.fromkeys(suyos, "Sercotec la resuelve o la observa otra vez." if suyos[1:] else "Sercotec la resuelve.")
    razones: dict[str, dict[str, str]] = {}
    for o in leer_en(c, catalogo, matriz.region, matriz.ejercicio):
        responde = {"respuesta": "La región la responde."} if responden and not o.resuelta else {}
        razones[o.codigo] = {**de_sercotec, **responde} if o.enviada else {ENTERA: SIN_ENVIAR}
    for quitada in map(Fila.de, almacen_filas.leer_quitadas(c, *matriz.lugar)):
        razones.setdefault(clave_de(esquema, quitada.datos), {ENTERA: SIN_ENVIAR})  # si fuera de las enviadas, ya estaría
    cerrada = "Lo que ya se envió se conserva como se envió: la región lo responde o Sercotec lo resuelve. "
    cerrada += impide or "Para decir otra cosa, agregue otra observación."
    llenos = frozenset({"estado"})  # en una nueva lo pone `mover`
    return Apertura(esquema, agrega=not impide, por_observado=True, cerrada=cerrada, razones=razones, llenos=llenos)


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
    ajenos: Mapping[str, str],
    ausentes: Collection[str],
    suyas: Collection[str] | None,
) -> tuple[list[Datos], list[Datos], dict[str, list[str]]]:
    """Lo que de un archivo se puede aplicar: sus filas para comparar, para guardar, y lo que queda fuera: qué → de qué filas.

    `canonicas`: los valores de `actuales` en su forma canónica. Lo que no se puede tocar se guarda como estaba, letra por letra.
    `ajenos`: campo que no escribe quien lo sube → quiénes sí. `ausentes`: los que el archivo no trae. Solo se tocan las filas
    `suyas`; None: todas.
    """
    esquema, comparar, guardar = apertura.esquema, [], []
    fuera: dict[str, list[str]] = {}

    def decir(clave: str, que: str, distintos: Iterable[Campo] = ()) -> None:
        partes = [f"{k.titulo} (lo escribe: {ajenos[k.nombre]})" if k.nombre in ajenos else k.titulo for k in distintos]
        fuera.setdefault(f"{que.format(', '.join(partes))}.", []).append(clave or "sin código")

    lugares = esquema.principal.emparejar(nuevas, canonicas)
    lugares = [i if suyas is None or clave_de(esquema, f) in suyas else None for i, f in zip(lugares, canonicas, strict=True)]
    for fila, antes, lugar in zip(actuales, canonicas, lugares, strict=True):
        clave, nueva = clave_de(esquema, antes), antes if lugar is None else nuevas[lugar]
        if lugar is None and suyas is None and apertura.entera(fila.datos):
            continue
        if lugar is None and (suyas is None or clave in suyas):
            decir(clave, "no está en su archivo. Queda como estaba: no se puede quitar")
        callados = {*ausentes, *(n for n in apertura.llenos if not nueva[n])}
        libres = apertura.campos(fila.datos) - ajenos.keys() - (callados & (apertura.llenos if suyas is None else callados))
        cerrados = [k for k in esquema.campos if k.nombre not in libres]
        distintos = [k for k in cerrados if k.nombre not in callados and nueva[k.nombre] != antes[k.nombre]]
        if distintos:
            decir(clave, "no se cambia {}. Queda como estaba", distintos)
        comparar.append({**nueva, **{k.nombre: antes[k.nombre] for k in cerrados}})
        guardar.append({**(fila.datos if lugar is None else nueva), **{k.nombre: fila.datos.get(k.nombre, "") for k in cerrados}})
    leidas, repone = set(lugares), ". Si se había quitado, se repone en «Filas quitadas» de la matriz" if suyas is None else ""
    for datos in (f for i, f in enumerate(nuevas) if i not in leidas):
        if not apertura.agrega or suyas is not None:
            decir(clave_de(esquema, datos), f"no se agrega{repone}")
            continue
        if distintos := [k for k in esquema.campos if k.nombre in ajenos and datos[k.nombre]]:
            decir(clave_de(esquema, datos), "se agrega sin {}", distintos)
        for filas in (comparar, guardar):
            filas.append({**datos, **dict.fromkeys(ajenos, "")})
    return comparar, guardar, fuera


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
