"""LibreOffice sin ventana para las pruebas: abre una planilla como una persona y la guarda de nuevo.

Cada llamada usa un perfil propio: dos conversiones no se estorban y no influye la configuración de nadie.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

NOMBRES = ("soffice", "libreoffice")


def _programa() -> str | None:
    return next((ruta for n in NOMBRES if (ruta := shutil.which(n))), None)


def disponible() -> str | None:
    """None si está LibreOffice Calc; si no, la razón."""
    programa = _programa()
    if programa is None:
        return "falta LibreOffice (en Debian: apt install libreoffice-calc)"
    # El lanzador es común a todos los módulos: sin la biblioteca de Calc no abre planillas.
    if not (Path(programa).resolve().parent / "libsclo.so").exists():
        return "está LibreOffice pero falta Calc (en Debian: apt install libreoffice-calc)"
    return None


def convertir(ruta: Path, formato: str, destino: Path, segundos: float = 90) -> Path:
    """Abre `ruta` en Calc y la guarda en la carpeta `destino` como `formato` («xlsx», «ods», «csv»…).

    `formato` admite el filtro de LibreOffice tras dos puntos («csv:Text - txt - csv (StarCalc):44,34,76»).
    Devuelve la ruta creada. Lanza RuntimeError si no la crea y TimeoutError si pasa de `segundos`.
    """
    razon = disponible()
    if razon:
        raise RuntimeError(razon)
    creado = destino / f"{ruta.stem}.{formato.split(':', 1)[0]}"
    if creado.resolve() == ruta.resolve():
        raise ValueError("El destino taparía el archivo de origen.")
    destino.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="focaliza-oficina-") as perfil:
        proceso = subprocess.Popen(
            [
                str(_programa()),
                f"-env:UserInstallation={Path(perfil).as_uri()}",
                "--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard",
                "--convert-to", formato, "--outdir", str(destino), str(ruta),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            salida, _ = proceso.communicate(timeout=segundos)
        except subprocess.TimeoutExpired as e:
            raise TimeoutError(f"LibreOffice no terminó {ruta.name} en {segundos:g} s") from e
        finally:
            _terminar(proceso)
    if not creado.exists():
        raise RuntimeError(f"LibreOffice no creó {creado.name}: {salida.decode(errors='replace')}")
    return creado


def _terminar(proceso: subprocess.Popen[bytes]) -> None:
    """El lanzador deja hijos: si sigue vivo, se termina su grupo entero, que es solo suyo."""
    if proceso.poll() is None:
        os.killpg(proceso.pid, signal.SIGKILL)
        proceso.communicate()
