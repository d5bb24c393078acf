"""La encuesta en sus dos peores momentos: el último minuto, con doscientas personas enviando, y mil invitaciones con el
servidor de correo que se cae a la mitad y vuelve.

Además de medir se comprueba que nada se perdió ni se repitió: si falla, no hay medida. Solo habla con 127.0.0.1.
`python -m banco.encuesta DIRECCION CUANTOS` entrega correos sueltos: el límite con que se compara.
"""

import os
import random
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from banco.cliente import Conexion, galleta, get, post, servido
from banco.medida import percentiles
from banco.servidor import AHORA, MARCO, app_de_medir
from banco.validar import RAIZ
from esquemas.catalogo import cargar
from esquemas.modelo import Esquema
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_bitacora
from formularios.almacen import Almacen
from formularios.bandeja import LOTE, contar_pendientes
from formularios.borradores import crear_borrador, guardar_borrador, leer_borrador
from formularios.cascara import Cascara
from formularios.convocatoria import Convocatoria, cambiar_convocatoria, invitar
from formularios.correo import leer_servidor, redactor_de_invitacion
from formularios.orden_servir import PROCESOS
from formularios.recepcion import Recepcion, recibir
from tests.servicios.postgres import cluster_temporal, disponible
from tests.servicios.smtp import Servidor, servidor_smtp

PERSONAS, RONDAS, SEMILLA = 200, 3, 2027
MINUTO = 60.0  # segundos
INVITADOS = 1_000
LUGAR = {"region": "06", "ejercicio": 2027}
MOTORES = ("SQLite", "PostgreSQL")


def medir(carpeta: Path) -> dict[str, Any]:
    medida = {}
    for motor in MOTORES:
        if motor == "PostgreSQL" and disponible():
            continue
        with base_de(motor, carpeta) as base:
            medida[motor] = {"envios": _ultimo_minuto(base), "correos": _invitaciones(base)}
    return medida


@contextmanager
def base_de(motor: str, carpeta: Path) -> Iterator[str]:
    """Una base vacía de ese motor, que espera al disco."""
    if motor == "SQLite":
        base = f"sqlite:///{carpeta / 'encuesta.db'}"
        Almacen(base).migrar()
        yield base
    else:
        with cluster_temporal(duradero=True) as base:
            Almacen(base).migrar()
            yield base


# --- Doscientas personas -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Persona:
    """Quien ya llenó todo y está por enviar. `llega`: a cuántos segundos de empezar aprieta el botón."""

    secreto: str
    galleta: str
    llega: float


def _ultimo_minuto(base: str) -> dict[str, Any]:
    """Cuánto tarda en llegar el folio en las dos maneras de llegar, y cuánto tarda lo mismo en el marco."""
    catalogo, azar = cargar(), random.Random(SEMILLA)
    encuesta = next(e for e in catalogo.encuestas if e.invitados)
    almacen, app = Almacen(base), app_de_medir(base)
    cierre = Convocatoria(encuesta.nombre, **LUGAR, publica=True, cierra_utc=AHORA + timedelta(minutes=1))
    cambiar_convocatoria(almacen, cierre, autor="banco", ahora_utc=AHORA)
    # Cada vez más seguidas hasta el cierre; y, lo peor que puede pasar, todas en el mismo instante.
    llegadas = {"minuto": [azar.triangular(0, MINUTO, MINUTO) for _ in range(PERSONAS)], "juntas": [0.0] * PERSONAS}
    tiempos: dict[str, list[float]] = {f"{como} {que}": [] for como in llegadas for que in ("envio", "marco")}
    folios: list[str] = []
    with servido(base, PROCESOS) as puerto:
        formas = {
            "envio": _enviar(puerto, f"/formularios/encuestas/{encuesta.nombre}/revisar/", folios),
            "marco": _al_marco(puerto),
        }
        for como in ("minuto", *["juntas"] * RONDAS):
            secretos = [_llenar(almacen, encuesta) for _ in range(PERSONAS)]
            galletas = [galleta(app, encuesta.nombre, secreto) for secreto in secretos]
            personas = [Persona(*p) for p in zip(secretos, galletas, llegadas[como], strict=True)]
            for que, enviar in formas.items():
                tiempos[f"{como} {que}"] += a_la_vez(enviar, personas)
            _exigir_guardados(almacen, secretos, folios[-PERSONAS:])
    with almacen.leer() as c:
        fallas = almacen_bitacora.revisar(c)
    if fallas or len(set(folios)) != len(folios):
        raise RuntimeError(f"la bitácora no calza o hay folios repetidos: {fallas}")
    almacen.cerrar()
    return {"guardados": len(folios)} | {nombre: percentiles(suyos) for nombre, suyos in tiempos.items()}


def _llenar(almacen: Almacen, encuesta: Esquema) -> str:
    """Un borrador completo; devuelve su secreto."""
    _, secreto = crear_borrador(almacen, encuesta, **LUGAR, ahora_utc=AHORA)
    principal = {c.nombre: c.ejemplo for c in encuesta.campos if not c.automatico}
    grupos = {g.nombre: [{c.nombre: c.ejemplo for c in g.tabla.campos if not c.automatico}] for g in encuesta.grupos}
    guardar_borrador(almacen, secreto, revision=0, ahora_utc=AHORA, principal=principal, grupos=grupos)
    return secreto


def _enviar(puerto: int, ruta: str, folios: list[str]) -> Callable[[Persona], float]:
    """Aprieta «Enviar» y lee su comprobante. Se cuenta desde que aprieta hasta que hay folio."""

    def enviar(persona: Persona) -> float:
        conexion = Conexion(puerto)
        inicio = time.perf_counter()
        destino, _ = conexion.pedir(post(ruta, persona.galleta, {"revision": 1}), 303)
        segundos = time.perf_counter() - inicio
        folio = destino.rpartition("/comprobante/")[2]
        _, pagina = conexion.pedir(get(destino, conexion.galleta))
        conexion.cerrar()
        if folio.encode() not in pagina:
            raise RuntimeError(f"el comprobante no dice su folio: {destino}")
        folios.append(folio)
        return segundos

    return enviar


def _al_marco(puerto: int) -> Callable[[Persona], float]:
    """Lo mismo, a la ruta que no valida ni guarda."""

    def enviar(persona: Persona) -> float:
        conexion = Conexion(puerto)
        inicio = time.perf_counter()
        conexion.pedir(post(MARCO, persona.galleta, {"revision": 1}), 303)
        segundos = time.perf_counter() - inicio
        conexion.cerrar()
        return segundos

    return enviar


def a_la_vez(enviar: Callable[[Persona], float], personas: Sequence[Persona]) -> list[float]:
    """Los segundos de cada una, en su propio hilo y a su hora. La falla de una es la de todas."""
    hechos: list[float] = []
    fallas: list[BaseException] = []
    salida = threading.Barrier(len(personas))

    def correr(persona: Persona) -> None:
        salida.wait()
        time.sleep(persona.llega)
        try:
            hechos.append(enviar(persona))
        except Exception as error:
            fallas.append(error)

    hilos = [threading.Thread(target=correr, args=(p,)) for p in personas]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    if fallas:
        raise RuntimeError(f"{len(fallas)} de {len(personas)} no recibieron su respuesta") from fallas[0]
    return hechos


def _exigir_guardados(almacen: Almacen, secretos: Sequence[str], folios: Sequence[str]) -> None:
    """Cada borrador quedó enviado con uno de los folios que se entregaron, y con ninguno repetido."""
    guardados = {leer_borrador(almacen, secreto, ahora_utc=AHORA).envio for secreto in secretos}
    if len(guardados) != PERSONAS or guardados != set(folios):
        raise RuntimeError(f"se entregaron {len(folios)} folios y en la base hay {len(guardados - {None})}")


# --- Mil invitaciones ----------------------------------------------------------------------------------


def _invitaciones(base: str) -> dict[str, Any]:
    """Cuánto toma invitarlos y cuánto entregar los correos, con la caída; y entregarlos sin base y sin caída."""
    almacen = Almacen(base)
    invitar_a_todos = _catastro(almacen)
    inicio = time.perf_counter()
    invitar_a_todos()
    invitando = time.perf_counter() - inicio
    with servidor_smtp(cae_tras=INVITADOS // 2) as smtp:
        entregando = _despachar(base, smtp)
        antes = len(smtp.aceptados)
        smtp.levantar()
        entregando += _despachar(base, smtp)
    veces = Counter(m["To"] for m in smtp.aceptados)
    if antes != INVITADOS // 2 or len(veces) != INVITADOS or set(veces.values()) != {1} or contar_pendientes(almacen):
        raise RuntimeError(f"se aceptaron {antes} antes de la caída y {len(veces)} en total: {veces.most_common(3)}")
    almacen.cerrar()
    with servidor_smtp() as smtp:
        suelto = _correr([sys.executable, "-m", "banco.encuesta", smtp.direccion, str(INVITADOS)])
    return {"invitar": invitando, "entregar": entregando, "suelto": suelto}


def _catastro(almacen: Almacen) -> Callable[[], object]:
    """Carga el catastro; devuelve con qué se invita a todos los que están en él."""
    catalogo, ahora = cargar(), Cascara().ahora()
    encuesta = next(e for e in catalogo.encuestas if e.invitados)
    catastro, nombre, correo = (encuesta.invitados[n] for n in ("esquema", "nombre", "correo"))
    esquema = catalogo.esquemas[catastro]
    comun = {c.nombre: c.ejemplo for c in esquema.campos if c.obligatorio and not c.automatico}
    filas = [
        {**comun, "codigo": f"ACT-{i}", nombre: f"Institución {i}", correo: f"a{i}@ejemplo.cl"} for i in range(INVITADOS)
    ]
    resultado = validar_filas(catalogo, esquema, {catastro: filas}, Contexto(**LUGAR))
    recibir(almacen, catalogo, resultado, Recepcion(**LUGAR, recibido_utc=ahora, origen="orden"))
    convocatoria = Convocatoria(encuesta.nombre, **LUGAR)
    redactar = redactor_de_invitacion(catalogo, encuesta, convocatoria, "https://focaliza.ejemplo.cl")
    codigos = {f["codigo"] for f in filas}
    return lambda: invitar(almacen, encuesta, **LUGAR, codigos=codigos, redactar=redactar, autor="banco", ahora_utc=ahora)


def _despachar(base: str, smtp: Servidor) -> float:
    """Dos órdenes a la vez, como si dos personas apretaran el botón; segundos hasta que terminan las dos."""
    orden = [sys.executable, "-c", "from formularios.ordenes import focaliza; focaliza()", "correo", "enviar"]
    with ThreadPoolExecutor(2) as dos:
        return max(dos.map(lambda _: _correr(orden, FOCALIZA_BASE_DE_DATOS=base, FOCALIZA_CORREO=smtp.direccion), range(2)))


def _correr(orden: Sequence[str], **entorno: str) -> float:
    """Los segundos de una orden, con su arranque. Que el servidor se caiga es parte de lo que se mide: no es una falla."""
    limpio = {n: v for n, v in os.environ.items() if not n.startswith("FOCALIZA_")}  # noqa: TID251
    inicio = time.perf_counter()
    subprocess.run(orden, cwd=RAIZ, env={**limpio, **entorno}, check=False, capture_output=True, timeout=600)
    return time.perf_counter() - inicio


def _entregar_sueltos(direccion: str, cuantos: int) -> None:
    """Los mismos correos por `smtplib`, con una conexión por lote: sin base, sin redactar y sin anotar."""
    servidor = leer_servidor(direccion)
    texto = "x" * 1_000
    for desde in range(0, cuantos, LOTE):
        with smtplib.SMTP(servidor.equipo, servidor.puerto) as smtp:
            for i in range(desde, min(desde + LOTE, cuantos)):
                mensaje = EmailMessage()
                mensaje["From"], mensaje["To"], mensaje["Subject"] = servidor.de, f"a{i}@ejemplo.cl", "Invitación"
                mensaje.set_content(texto)
                smtp.send_message(mensaje)


if __name__ == "__main__":
    _entregar_sueltos(sys.argv[1], int(sys.argv[2]))
