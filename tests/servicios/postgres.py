"""Un PostgreSQL de verdad para las pruebas: se crea, se usa y se borra.

No usa el clúster del sistema ni su puerto. Como `initdb` no corre siendo root, ahí baja a `postgres`.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USUARIO = "postgres"
INTENTOS_DE_PUERTO = 3
# Sin esperar al disco todo corre varias veces más rápido; quien prueba durabilidad pide `duradero=True`.
SIN_DISCO = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def _programas() -> Path | None:
    """La carpeta de programas de la versión más nueva instalada."""
    carpetas = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if carpetas:
        return max(carpetas, key=lambda c: int(c.parent.name))
    suelto = shutil.which("initdb")
    return Path(suelto).resolve().parent if suelto else None


def disponible() -> str | None:
    """None si se puede levantar un clúster; si no, la razón."""
    if _programas() is None:
        return "falta PostgreSQL (en Debian: apt install postgresql)"
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            return "PostgreSQL no corre como root y falta runuser"
        try:
            pwd.getpwnam(USUARIO)
        except KeyError:
            return f"PostgreSQL no corre como root y falta el usuario {USUARIO}"
    return None


@contextmanager
def cluster_temporal(duradero: bool = False) -> Iterator[str]:
    """Un clúster vacío, mientras dure el `with`. Entrega su dirección `postgresql+psycopg://…`.

    Atiende solo en 127.0.0.1, con contraseña propia. Con `duradero=True` espera al disco, como en producción.
    Lanza RuntimeError con el registro de PostgreSQL si no arranca.
    """
    razon = disponible()
    if razon:
        raise RuntimeError(razon)
    carpeta = Path(tempfile.mkdtemp(prefix="focaliza-pg-"))
    try:
        clave = secrets.token_urlsafe(16)
        datos = _crear(carpeta, clave)
        puerto = _arrancar(datos, duradero)
        try:
            yield f"postgresql+psycopg://{USUARIO}:{clave}@127.0.0.1:{puerto}/postgres"
        finally:
            _apagar(datos)
    finally:
        shutil.rmtree(carpeta, ignore_errors=True)


def _crear(carpeta: Path, clave: str) -> Path:
    archivo_clave = carpeta / "clave"
    archivo_clave.write_text(clave, encoding="ascii")
    if os.geteuid() == 0:
        shutil.chown(carpeta, USUARIO)
        shutil.chown(archivo_clave, USUARIO)
    datos = carpeta / "datos"
    _correr(
        "initdb", "--pgdata", datos, "--username", USUARIO, "--pwfile", archivo_clave,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
    )  # fmt: skip
    return datos


def _arrancar(datos: Path, duradero: bool) -> int:
    """Deja el servidor atendiendo y devuelve su puerto. Si otro proceso lo ocupa primero, prueba con otro."""
    registro = datos.parent / "registro"
    for intento in range(1, INTENTOS_DE_PUERTO + 1):
        puerto = puerto_libre()
        opciones = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={datos.parent}",
                    "-p", str(puerto), *(() if duradero else SIN_DISCO)]  # fmt: skip
        try:
            _correr("pg_ctl", "start", "--pgdata", datos, "--log", registro, "--wait", "--timeout", "60",
                    "--options", " ".join(opciones))  # fmt: skip
        except RuntimeError as e:
            if intento == INTENTOS_DE_PUERTO:
                detalle = registro.read_text(errors="replace") if registro.exists() else ""
                raise RuntimeError(f"{e}\n{detalle}") from e
        else:
            return puerto
    raise AssertionError("inalcanzable")


def _apagar(datos: Path) -> None:
    """Apaga el servidor por su identificador: cierre rápido y, si no obedece en 20 s, inmediato."""
    pid = int((datos / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
    for senal in (signal.SIGINT, signal.SIGQUIT):
        os.kill(pid, senal)
        limite = time.monotonic() + 20
        while time.monotonic() < limite:
            if not (datos / "postmaster.pid").exists():
                return
            time.sleep(0.05)


def _correr(programa: str, *argumentos: str | Path) -> None:
    carpeta = _programas()
    if carpeta is None:
        raise RuntimeError("falta PostgreSQL")
    orden = [str(carpeta / programa), *map(str, argumentos)]
    if os.geteuid() == 0:
        orden = ["runuser", "-u", USUARIO, "--", *orden]
    # La salida va a un archivo: pg_ctl deja un servidor vivo que heredaría la tubería y nunca la cerraría.
    with tempfile.TemporaryFile() as salida:
        codigo = subprocess.run(
            orden, stdin=subprocess.DEVNULL, stdout=salida, stderr=salida, cwd="/", timeout=120
        ).returncode
        if codigo:
            salida.seek(0)
            raise RuntimeError(f"{programa} terminó con {codigo}: {salida.read().decode(errors='replace')}")


def puerto_libre() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
