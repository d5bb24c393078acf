"""El llenado de una encuesta, sin web: qué llegó de una pantalla, qué se guarda, qué aparece y qué falta."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from esquemas.condicion import cumple
from esquemas.errores import Codigo, Problema
from esquemas.modelo import Campo, Catalogo, Esquema, Grupo, Seccion
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios.almacen import Almacen
from formularios.borradores import Borrador, BorradorCambiado, guardar_borrador, leer_borrador
from formularios.convocatoria import exigir_abierta
from formularios.envio import Envio, EnvioRechazado
from formularios.pantalla import Fila, Recibido, nombre_de
from formularios.recepcion import Recepcion, recibir


def hay_algo(fila: Mapping[str, str]) -> bool:
    """Si la persona escribió algo en esa fila. Una fila en blanco de un grupo no se valida ni se envía."""
    return any(v.strip() for v in fila.values())


# --- Lo que hay --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Llenado:
    """Un borrador ya revisado. Los problemas apuntan a las filas del borrador, contando las en blanco.

    `canonicas`: tabla → fila del borrador → valores canónicos, lo que miran las condiciones.
    """

    esquema: Esquema
    borrador: Borrador
    resultado: Resultado
    problemas: tuple[Problema, ...]
    canonicas: Mapping[str, Mapping[int, Mapping[str, str]]]
    varios: frozenset[str]

    @property
    def principal(self) -> Mapping[str, str]:
        return self.canonicas[self.esquema.nombre].get(0, {})

    def valor(self, campo: Campo, grupo: str = "", fila: int = 0) -> str:
        """Lo que escribió la persona."""
        filas = self.borrador.datos.get(grupo or self.esquema.nombre, ())
        return filas[fila].get(campo.nombre, "") if fila < len(filas) else ""

    def filas(self, grupo: Grupo) -> int:
        """Cuántas filas se dibujan: las guardadas y, si no hay, el mínimo y al menos una."""
        return len(self.borrador.datos.get(grupo.nombre, ())) or max(1, grupo.minimo)

    def visible(self, cosa: Campo | Grupo, grupo: str = "", fila: int = 0) -> bool:
        """Si la pregunta o el grupo corresponde, según lo respondido."""
        if cosa.mostrar_si is None:
            return True
        propia = self.canonicas.get(grupo, {}).get(fila, {}) if grupo else {}
        return cumple(cosa.mostrar_si, {**self.principal, **propia}, self.varios)

    def de_seccion(self, seccion: Seccion) -> list[Problema]:
        """Los problemas que se corrigen en esa pantalla."""
        return [p for p in self.problemas if seccion_de(self.esquema, p) is seccion]

    @property
    def errores(self) -> list[Problema]:
        return [p for p in self.problemas if p.es_error]


def seccion_de(esquema: Esquema, problema: Problema) -> Seccion:
    """La pantalla donde se corrige; la primera si no es de ninguna."""
    clave = problema.campo if problema.tabla in ("", esquema.nombre) else problema.tabla
    return next((s for s in esquema.secciones if clave in s.contenido), esquema.secciones[0])


def mirar(catalogo: Catalogo, esquema: Esquema, borrador: Borrador) -> Llenado:
    """Revisa el borrador entero con el núcleo. Las filas en blanco de los grupos no cuentan."""
    filas: dict[str, list[Fila]] = {esquema.nombre: [_principal(esquema, borrador)]}
    lugares: dict[str, list[int]] = {esquema.nombre: [0]}
    for grupo in esquema.grupos:
        conocidos = set(grupo.tabla.nombres)
        guardadas = [
            {k: v for k, v in f.items() if k in conocidos} for f in borrador.datos.get(grupo.nombre, ())
        ]
        con_algo = [(i, f) for i, f in enumerate(guardadas) if hay_algo(f)]
        # Si faltan filas, las que están a la vista en blanco se revisan: así se marca qué completar en ellas.
        if grupo.mostrar_si is None and any(c.obligatorio for c in grupo.tabla.campos):
            vistas = max(len(guardadas), grupo.minimo)
            vacias = [(i, {}) for i in range(vistas) if i not in dict(con_algo)]
            con_algo = sorted(con_algo + vacias[: max(0, grupo.minimo - len(con_algo))], key=lambda par: par[0])
        filas[grupo.nombre] = [f for _, f in con_algo]
        lugares[grupo.nombre] = [i for i, _ in con_algo]
    contexto = Contexto(region=borrador.region, ejercicio=borrador.ejercicio)
    resultado = validar_filas(catalogo, esquema, filas, contexto)
    problemas = tuple(_devolver(p, lugares) for p in resultado.problemas)
    canonicas = {}
    for tabla, suyos in lugares.items():
        leidas = resultado.como_dict(tabla)
        # Un grupo que no corresponde pierde sus filas: ahí no hay nada que mostrar.
        canonicas[tabla] = dict(zip(suyos, leidas, strict=True)) if len(leidas) == len(suyos) else {}
    varios = frozenset(c.nombre for t in esquema.tablas for c in t.campos if c.varios)
    return Llenado(esquema, borrador, resultado, problemas, canonicas, varios)


def _principal(esquema: Esquema, borrador: Borrador) -> Fila:
    # Un borrador de una versión anterior puede traer preguntas que ya no existen.
    guardada = (borrador.datos.get(esquema.nombre) or [{}])[0]
    conocidos = set(esquema.principal.nombres)
    return {k: v for k, v in guardada.items() if k in conocidos}


def _devolver(problema: Problema, lugares: Mapping[str, list[int]]) -> Problema:
    suyos = lugares.get(problema.tabla, [])
    if problema.indice is None or problema.indice >= len(suyos):
        return problema
    return replace(problema, indice=suyos[problema.indice])


# --- Guardar -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Guardado:
    """Qué cambió al guardar: `nuevas`, las preguntas que aparecieron; `quitadas`, las que ya no corresponden."""

    llenado: Llenado
    nuevas: tuple[str, ...]
    quitadas: tuple[str, ...]


def huella_de_pantalla(borrador: Borrador, seccion: Seccion) -> str:
    """Cambia solo si cambia lo guardado de esa sección: dos pestañas en secciones distintas no se estorban.

    Empieza con el borrador: lo que se escribió para uno no se guarda en otro que se abrió después en el mismo navegador.
    """
    principal = (borrador.datos.get(borrador.esquema) or [{}])[0]
    suyo = [[n, principal.get(n, ""), borrador.datos.get(n, [])] for n in seccion.contenido]
    texto = json.dumps([seccion.nombre, suyo], sort_keys=True)
    return f"{borrador.id}-{hashlib.sha256(texto.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def guardar_pantalla(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    secreto: str,
    seccion: Seccion,
    recibido: Recibido,
    *,
    base: str,
    ahora_utc: datetime,
) -> Guardado:
    """Guarda la sección tal como se escribió, con o sin errores, y sin lo que dejó de corresponder.

    `base` es la huella de la pantalla sobre la que se trabajó: si ya se guardó otra cosa, BorradorCambiado.
    """
    actual = leer_borrador(almacen, secreto, ahora_utc=ahora_utc)
    datos = {**actual.datos, **recibido.grupos}
    datos[esquema.nombre] = [{**_principal(esquema, actual), **recibido.principal}]
    llenado = mirar(catalogo, esquema, replace(actual, datos=datos))
    limpios, declaradas = _quitar_ocultas(llenado)
    quitadas = tuple(dict.fromkeys([*declaradas, *_vaciadas(actual, llenado)]))
    guardada = huella_de_pantalla(actual, seccion)
    # Con un doble clic la segunda vez llega sobre lo que ella misma guardó: no es otra pestaña.
    if guardada not in (base, huella_de_pantalla(replace(actual, datos=limpios), seccion)):
        raise BorradorCambiado(actual)
    cambiados = {n: f for n, f in limpios.items() if f != actual.datos.get(n)}
    principal = cambiados.pop(esquema.nombre, None)
    guardado = guardar_borrador(
        almacen,
        secreto,
        revision=actual.revision,
        ahora_utc=ahora_utc,
        principal=principal[0] if principal else None,
        grupos=cambiados,
    )
    if declaradas:
        llenado = mirar(catalogo, esquema, guardado)
    return Guardado(replace(llenado, borrador=guardado), _aparecidas(llenado, seccion, recibido), quitadas)


def _quitar_ocultas(llenado: Llenado) -> tuple[dict[str, list[Fila]], tuple[str, ...]]:
    """Los datos sin lo que el núcleo declara que no corresponde, y los nombres de lo quitado."""
    datos = {n: [dict(f) for f in filas] for n, filas in llenado.borrador.datos.items()}
    nombres = []
    for p in llenado.problemas:
        if p.codigo != Codigo.CAMPO_OCULTO or p.indice is None:
            continue
        if p.campo == "respuesta":
            datos[p.tabla][p.indice] = {}
            nombres.append(p.tabla)
        else:
            datos[p.tabla][p.indice][p.campo] = ""  # vacío y no ausente: lo ausente conserva lo guardado antes
            nombres.append(p.campo)
    for nombre in {n for n in nombres if n in datos and n != llenado.esquema.nombre}:
        datos[nombre] = [f for f in datos[nombre] if hay_algo(f)]
    return datos, tuple(dict.fromkeys(nombres))


def _vaciadas(antes: Borrador, llenado: Llenado) -> Iterator[str]:
    """Lo guardado que no llegó porque ya no corresponde: el script deshabilita lo que oculta."""
    grupos = {g.nombre: g for g in llenado.esquema.grupos}
    for tabla in llenado.esquema.tablas:
        grupo = grupos.get(tabla.nombre)
        viejas, nuevas = (b.datos.get(tabla.nombre, []) for b in (antes, llenado.borrador))
        if grupo and not llenado.visible(grupo) and any(map(hay_algo, viejas)):
            yield tabla.nombre
        elif len(viejas) == len(nuevas):
            for i, (vieja, nueva) in enumerate(zip(viejas, nuevas, strict=True)):
                for c in (c for c in tabla.campos if vieja.get(c.nombre) and not nueva.get(c.nombre)):
                    if not llenado.visible(c, grupo.nombre if grupo else "", i):
                        yield c.nombre


def _aparecidas(llenado: Llenado, seccion: Seccion, recibido: Recibido) -> tuple[str, ...]:
    """Lo que ahora corresponde en la misma pantalla y la persona no tuvo a la vista."""
    esquema, nuevas = llenado.esquema, []
    for campo in esquema.campos:
        condicional = campo.nombre in seccion.contenido and campo.mostrar_si is not None
        if condicional and llenado.visible(campo) and nombre_de(campo.nombre) not in recibido.mostrados:
            nuevas.append(nombre_de(campo.nombre))
    for grupo in (g for g in esquema.grupos if g.nombre in seccion.contenido):
        if not llenado.visible(grupo):
            continue
        if grupo.mostrar_si is not None and f"g.{grupo.nombre}" not in recibido.mostrados:
            nuevas.append(f"g.{grupo.nombre}")
            continue
        for i in range(len(recibido.grupos[grupo.nombre])):
            for campo in (c for c in grupo.tabla.campos if c.mostrar_si is not None):
                nombre = nombre_de(campo.nombre, grupo.nombre, i)
                if llenado.visible(campo, grupo.nombre, i) and nombre not in recibido.mostrados:
                    nuevas.append(nombre)
    return tuple(nuevas)


# --- Enviar ------------------------------------------------------------------------------------------


def enviar(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    borrador: Borrador,
    *,
    revision: int,
    ahora_utc: datetime,
    origen: str = "web",
    autor: str = "",
    entrevisto: str | None = None,
    vale: str = "",
) -> Envio:
    """Valida todo y lo entrega. La misma revisión enviada dos veces da el mismo envío; en una anónima, el mismo `vale`.

    `origen`, `autor` y `entrevisto` son los de `Recepcion`. EnvioRechazado con los problemas (sobre las filas del borrador);
    BorradorCambiado si lo que se mostró para revisar ya no es lo guardado; EncuestaCerrada si pasó el cierre;
    AlmacenNoDisponible si no se pudo guardar.
    """
    if borrador.revision != revision:
        raise BorradorCambiado(borrador)
    exigir_abierta(almacen, esquema.nombre, borrador.region, borrador.ejercicio, ahora_utc)
    llenado = mirar(catalogo, esquema, borrador)
    if llenado.errores:
        raise EnvioRechazado(llenado.errores)
    recepcion = Recepcion(borrador.region, borrador.ejercicio, ahora_utc, origen, autor, entrevisto)
    return recibir(almacen, catalogo, llenado.resultado, recepcion, borrador=borrador, vale=vale)


def vecinas(esquema: Esquema, seccion: Seccion) -> tuple[Seccion | None, Seccion | None]:
    """La sección anterior y la siguiente."""
    orden: Sequence[Seccion] = esquema.secciones
    i = orden.index(seccion)
    return (orden[i - 1] if i else None), (orden[i + 1] if i + 1 < len(orden) else None)
