"""Los datos con que se prueba el sistema en la propia máquina: una región a medio camino, por la misma puerta que lo real.

Sus matrices parten de las que publica `sitio/experiencias` y se completan con lo sintético de `sitio/proyecto`, que la página
de al lado explica. Lo demás son los ejemplos de los esquemas, entregados. Nada se escribe directo en la base.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from esquemas.coherencia import ejemplos_de
from esquemas.condicion import separar
from esquemas.entrega import validar_libro
from esquemas.modelo import Catalogo, Esquema
from esquemas.validacion import Contexto, validar_filas
from formularios import roles
from formularios.accesos import Usuario, guardar_usuario, leer_usuarios
from formularios.almacen import Almacen
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.fila_en_curso import Matriz
from formularios.filas import guardar_fila, leer_matriz
from formularios.juicio import contexto_de
from formularios.lector import leer_archivo
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import referidas_de
from formularios.subida import apartar, confirmar
from formularios.vigencia import ejercicios_de

REGION, EJERCICIO = "06", 2027  # los de los ejemplos
SERCOTEC, GORE, EDITORA, DIRECCION, LECTOR = (
    f"{quien}@ejemplo.cl" for quien in ("sercotec", "gore06", "editora06", "direccion06", "lector")
)
# Correo → su rol y su región. Los tres primeros llenan las matrices; el último queda al final: si está, ya se sembró.
PERSONAS = {
    GORE: (roles.GORE_FIRMANTE, REGION),
    EDITORA: (roles.GORE_EDITOR, REGION),
    DIRECCION: (roles.DIRECCION, REGION),
    LECTOR: (roles.LECTOR, ""),
    SERCOTEC: (roles.SERCOTEC, ""),
}
EQUIPO = (GORE, EDITORA, DIRECCION)
ENTRADAS = (
    ("Actor clave", "/formularios/encuestas/actor-clave/", "Responde sin cuenta."),
    ("Sercotec", "/formularios/entrar", f"Escriba {SERCOTEC}; el enlace llega a la bandeja local."),
    ("Equipo GORE", "/formularios/entrar", f"Escriba {GORE}, que firma, o {EDITORA}; el enlace llega a la bandeja local."),
    ("Dir. Regional", "/formularios/entrar", f"Escriba {DIRECCION}; el enlace llega a la bandeja local."),
    ("Solo mira", "/formularios/entrar", f"Escriba {LECTOR}; el enlace llega a la bandeja local."),
    ("Cualquiera", "/formularios/validar/focalizacion/", "Prueba una planilla sin entrar y sin guardar nada."),
)
SITIO = Path(__file__).resolve().parent.parent / "sitio"
PILOTO, EJEMPLO = SITIO / "experiencias/ohiggins-2019", SITIO / "proyecto/region-de-ejemplo"
AGREGA = "+"  # una completación que va después de lo que dice la fuente


def sembrar(almacen: Almacen, catalogo: Catalogo, ahora_utc: datetime) -> None:
    """Usuarios, matrices y envíos de ejemplo, una sola vez: si ya hay usuarios, no hace nada."""
    if any(u.correo not in EQUIPO for u in leer_usuarios(almacen)):
        return
    en_curso = matrices_en_curso(catalogo)
    # Sin observaciones, porque nada se ha enviado, ni excepciones: las matrices cumplen.
    sin_ejemplos = {catalogo.proceso.tramitacion.observaciones, catalogo.proceso.tramitacion.excepciones}
    for esquema in catalogo.esquemas.values():
        if esquema.nombre not in sin_ejemplos.union(en_curso):
            _entregar(almacen, catalogo, esquema, ahora_utc)
    abrir_encuestas(almacen, catalogo, ahora_utc)
    _empezar(almacen, catalogo, en_curso, ahora_utc)
    # Al final: si algo falla antes, la próxima vez se intenta de nuevo.
    for correo in (LECTOR, SERCOTEC):
        _dar_permiso(almacen, correo, ahora_utc)


def hay_personas_inventadas(almacen: Almacen) -> bool:
    """Si esa base es de la demostración: tiene sus personas, aunque ya no puedan entrar, y lo que entregaron."""
    return any(u.correo in PERSONAS for u in leer_usuarios(almacen))


def matrices_en_curso(catalogo: Catalogo) -> dict[str, Matriz]:
    """Las exigibles que publica el piloto, por esquema y en el orden del catálogo: lo citado va antes que quien lo cita."""
    suyas = (e for e in catalogo.formatos if e.exigible and (PILOTO / f"{e.nombre}.csv").exists())
    return {e.nombre: Matriz(e, REGION, EJERCICIO) for e in suyas}


def _entregar(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, ahora_utc: datetime) -> None:
    """Lo que la página de la región de ejemplo trae de ese formato o, si no trae, los ejemplos del esquema."""
    propio = EJEMPLO / f"{esquema.nombre}.csv"
    filas = {esquema.nombre: _leer(propio)} if propio.exists() else ejemplos_de(esquema)
    region = "00" if esquema.ambito == "nacional" else REGION
    contexto = Contexto(region, EJERCICIO, referidas_de(almacen, catalogo, esquema, REGION, EJERCICIO))
    recepcion = Recepcion(region=region, ejercicio=EJERCICIO, recibido_utc=ahora_utc, origen="demostracion")
    recibir(almacen, catalogo, validar_filas(catalogo, esquema, filas, contexto), recepcion)


def _dar_permiso(almacen: Almacen, correo: str, ahora_utc: datetime) -> Usuario:
    rol, region = PERSONAS[correo]
    return guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=ahora_utc, autor="demostracion")


def _leer(ruta: Path) -> list[dict[str, str]]:
    with ruta.open(encoding="utf-8", newline="") as archivo:
        return list(csv.DictReader(archivo))


def _empezar(almacen: Almacen, catalogo: Catalogo, matrices: Mapping[str, Matriz], ahora_utc: datetime) -> None:
    """Dos personas suben las matrices de las fuentes y, días después, una tercera las completa con lo sintético."""
    empieza = ahora_utc - timedelta(days=9)
    completa, sube, sube_otra = (f"usuario {_dar_permiso(almacen, correo, empieza).id}" for correo in EQUIPO)
    for dia, (nombre, matriz) in enumerate(matrices.items(), 1):
        archivo = f"{nombre}.csv"
        contexto = contexto_de(almacen, catalogo, matriz)
        leido = validar_libro(catalogo, matriz.esquema, leer_archivo((PILOTO / archivo).read_bytes(), archivo), contexto)
        quien = {"autor": sube if dia < 3 else sube_otra, "ahora_utc": empieza + timedelta(days=dia)}
        espera = apartar(almacen, catalogo, matriz, leido, nombre=archivo, **quien)
        if espera.id:  # vacío si ya estaba: la vez anterior falló después
            confirmar(almacen, catalogo, matriz, espera.id, **quien)
    for (nombre, codigo), valores in completaciones().items():
        matriz = matrices[nombre]
        fila = next(f for f in leer_matriz(almacen, matriz) if f.datos["codigo"] == codigo)
        nuevos = dict(completar(fila.datos, valores))
        quien = {"autor": completa, "ahora_utc": ahora_utc - timedelta(days=2)}
        guardar_fila(almacen, catalogo, matriz, fila.id, nuevos, version=fila.version, visto=fila.por_revisar, **quien)


def completaciones() -> dict[tuple[str, str], dict[str, str]]:
    """(Matriz, código de la fila) → campo → valor sintético, en el orden del archivo."""
    por_fila: dict[tuple[str, str], dict[str, str]] = {}
    for c in _leer(EJEMPLO / "completaciones.csv"):
        for codigo in separar(c["filas"]):
            por_fila.setdefault((c["matriz"], codigo), {})[c["campo"]] = c["valor"]
    return por_fila


def completar(datos: Mapping[str, str], valores: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Cada campo con lo que queda: lo sintético, o lo de la fuente y después lo sintético si empieza con «+»."""
    for campo, valor in valores.items():
        yield campo, f"{datos[campo]} {valor.removeprefix(AGREGA).strip()}" if valor.startswith(AGREGA) else valor


def abrir_encuestas(almacen: Almacen, catalogo: Catalogo, ahora_utc: datetime) -> None:
    """Deja que cualquiera responda en toda región: así la demostración se puede probar sin una invitación."""
    for encuesta in catalogo.encuestas:
        for region in catalogo.opciones["regiones"].opciones:
            for ejercicio in ejercicios_de(ahora_utc):
                abierta = Convocatoria(encuesta.nombre, region.codigo, ejercicio, publica=True)
                cambiar_convocatoria(almacen, abierta, autor="demostracion", ahora_utc=ahora_utc)
