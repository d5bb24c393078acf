"""Dónde viven los envíos: SQLite o PostgreSQL. Solo este módulo y los `almacen_*` conocen SQLAlchemy.

Los casos de uso piden una transacción (`leer`, `escribir`) y con ella llaman a funciones de los `almacen_*`.
Lo que la base no pueda hacer (disco lleno, solo lectura, ocupada, apagada) sale como `AlmacenNoDisponible`
con la causa en llano, también si falla al confirmar: quien recibió un folio es porque se guardó.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as dialecto_sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as SinConexiones

from formularios.almacen_tablas import latido

ESPERA = 10  # segundos que se espera a otro que escribe
MIGRACIONES = Path(__file__).parent / "migraciones"
_CERROJO_DE_MIGRACION = 0x666F63616C697A61  # «focaliza»: dos procesos que arrancan a la vez migran por turno

_CAUSAS_SQLITE = {
    5: "la base de datos está ocupada por otro proceso",
    6: "la base de datos está ocupada por otro proceso",
    8: "la base de datos es de solo lectura",
    10: "el disco de la base de datos falla al leer o escribir",
    11: "el archivo de la base de datos está dañado",
    13: "no queda espacio en el disco de la base de datos",
    14: "no se puede abrir el archivo de la base de datos",
    26: "el archivo configurado no es una base de datos",
}
_CAUSAS_POSTGRES = {
    "53100": "no queda espacio en el disco de la base de datos",
    "53200": "la base de datos no tiene memoria",
    "53300": "la base de datos no admite más conexiones",
    "25006": "la base de datos es de solo lectura",
    "55P03": "la base de datos está ocupada por otro proceso",
    "40P01": "la base de datos está ocupada por otro proceso",
    "57014": "la base de datos tardó demasiado",
    "57P01": "la base de datos se está apagando",
    "57P02": "la base de datos se está apagando",
    "57P03": "la base de datos está arrancando",
    "58030": "el disco de la base de datos falla al leer o escribir",
    "28P01": "la base de datos rechaza el usuario o la clave configurados",
    "3D000": "la base de datos configurada no existe",
}


class AlmacenNoDisponible(Exception):
    """La base no puede guardar o leer ahora. `causa` se muestra a las personas: sin rutas ni claves."""

    def __init__(self, causa: str) -> None:
        self.causa = causa
        super().__init__(causa)


class Repetido(Exception):
    """Otro guardó antes lo que debía ser único. Quien llama relee y responde con lo ya guardado."""


def modo_de_bitacora(version_sqlite: tuple[int, ...]) -> str:
    """El `journal_mode` sano para esa versión de la biblioteca enlazada: «WAL» o «DELETE».

    De 3.7.0 a 3.51.2 existe el defecto WAL-reset (https://www.sqlite.org/wal.html#walresetbug), corregido
    también en 3.44.6 y 3.50.7; antes de 3.7.0 no hay WAL.
    """
    sana = version_sqlite > (3, 51, 2) or version_sqlite in ((3, 44, 6), (3, 50, 7))
    return "WAL" if sana else "DELETE"


def leer_direccion(url: str) -> URL:
    """La dirección con su controlador. ValueError si no es una base SQLite en archivo ni PostgreSQL."""
    try:
        direccion = make_url(url)
    except ArgumentError:
        direccion = None
    motor = direccion.get_backend_name() if direccion else ""
    if motor not in ("sqlite", "postgresql") or (motor == "sqlite" and not direccion.database):
        raise ValueError(
            "FOCALIZA_BASE_DE_DATOS debe ser sqlite:///ruta/archivo.db o postgresql://usuario:clave@servidor/base"
        )
    return direccion.set(drivername="sqlite+pysqlite" if motor == "sqlite" else "postgresql+psycopg")


class Almacen:
    """Una base abierta. Se comparte entre hilos; cada proceso abre la suya."""

    def __init__(self, url: str) -> None:
        self.direccion = leer_direccion(url)
        self.es_sqlite = self.direccion.get_backend_name() == "sqlite"
        self._motor = _abrir_sqlite(self.direccion) if self.es_sqlite else _abrir_postgres(self.direccion)
        self._motor_que_escribe = self._motor.execution_options(inicio="BEGIN IMMEDIATE")

    @contextmanager
    def escribir(self) -> Iterator[Connection]:
        """Una transacción que confirma al salir, o nada. En SQLite toma el turno de escritura al empezar."""
        with _en_llano(), self._motor_que_escribe.begin() as c:
            yield c

    @contextmanager
    def leer(self) -> Iterator[Connection]:
        """Una transacción para consultar. No espera a quien escribe ni lo detiene más que lo que dure."""
        with _en_llano(), self._motor.connect() as c:
            yield c

    def migrar(self, hasta: str = "head") -> None:
        """Deja las tablas al día, o en la versión `hasta`. Se puede llamar siempre: si ya lo están, no cambia nada."""
        if self.es_sqlite and not self.direccion.database.startswith("file:"):
            try:
                # Solo quien lo ejecuta: adentro hay datos personales.
                Path(self.direccion.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError as e:
                raise AlmacenNoDisponible("no se puede crear la carpeta de la base de datos") from e
        with self.escribir() as c:
            if not self.es_sqlite:
                c.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _CERROJO_DE_MIGRACION})
            config = Config()
            config.set_main_option("script_location", str(MIGRACIONES))
            config.set_main_option("version_locations", str(MIGRACIONES / "versiones"))
            config.set_main_option("path_separator", "newline")
            config.attributes["conexion"] = c
            command.upgrade(config, hasta)

    def salud(self) -> tuple[bool, str]:
        """(True, «») si ahora mismo se puede guardar; si no, (False, causa). Confirma una fila de verdad."""
        latir = insertar_segun(self._motor)(latido).values(id=1, cuenta=1)
        # Da la vuelta en un millón: es señal de vida, no una cuenta.
        siguiente = {"cuenta": (latido.c.cuenta + 1) % 1_000_000}
        try:
            with self.escribir() as c:
                c.execute(latir.on_conflict_do_update(index_elements=["id"], set_=siguiente))
        except AlmacenNoDisponible as e:
            return False, e.causa
        except SQLAlchemyError:
            return False, "la base de datos no tiene las tablas de esta versión"
        return True, ""

    def cerrar(self) -> None:
        """Suelta las conexiones."""
        self._motor.dispose()


def migrar(url: str) -> None:
    """Abre, pone al día y cierra."""
    almacen = Almacen(url)
    try:
        almacen.migrar()
    finally:
        almacen.cerrar()


def insertar_segun(motor: Engine | Connection):
    """El `insert` con `on_conflict…` del dialecto: SQLite y PostgreSQL lo escriben igual."""
    return dialecto_sqlite.insert if motor.dialect.name == "sqlite" else postgresql.insert


@contextmanager
def _en_llano() -> Iterator[None]:
    """Traduce lo que impide trabajar con la base; un defecto del programa sigue su camino."""
    try:
        yield
    except SinConexiones as e:
        raise AlmacenNoDisponible("hay demasiadas personas guardando a la vez") from e
    except DBAPIError as e:
        if _es_repetido(e.orig):
            raise Repetido from e
        if causa := causa_de(e.orig):
            raise AlmacenNoDisponible(causa) from e
        raise


def _es_repetido(error: BaseException | None) -> bool:
    # pysqlite3 da solo el código básico, común a toda restricción: cuál fue lo dice el mensaje, que es estable.
    de_sqlite = isinstance(error, sqlite.IntegrityError) and str(error).startswith("UNIQUE constraint failed")
    return de_sqlite or getattr(error, "sqlstate", None) == "23505"


def causa_de(error: BaseException | None) -> str | None:
    """La causa en llano de un error del controlador; None si no es falta de disponibilidad."""
    if isinstance(error, sqlite.Error):
        # El código extendido lleva el básico en el byte bajo.
        return _CAUSAS_SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    estado = getattr(error, "sqlstate", None) or ""
    if estado in _CAUSAS_POSTGRES:
        return _CAUSAS_POSTGRES[estado]
    # Sin código: psycopg no llegó a hablar con el servidor, o se cortó.
    cortada = estado.startswith("08") or (not estado and isinstance(error, psycopg.OperationalError))
    return "no hay conexión con la base de datos" if cortada else None


def _abrir_sqlite(direccion: URL) -> Engine:
    motor = create_engine(direccion, hide_parameters=True, module=sqlite, connect_args={"timeout": ESPERA})

    @event.listens_for(motor, "connect")
    def preparar(conexion: sqlite.Connection, _registro: object) -> None:
        # Sin transacciones implícitas: las abre `empezar`, y así también las migraciones caben en una.
        conexion.isolation_level = None
        conexion.execute("PRAGMA foreign_keys=ON")
        conexion.execute("PRAGMA synchronous=FULL")
        _fijar_bitacora(conexion, modo_de_bitacora(sqlite.sqlite_version_info))

    @event.listens_for(motor, "begin")
    def empezar(c: Connection) -> None:
        c.exec_driver_sql(c.get_execution_options().get("inicio", "BEGIN"))

    return motor


def _fijar_bitacora(conexion: sqlite.Connection, modo: str) -> None:
    """Deja el modo pedido. Si no se puede: WAL se puede posponer, salir de un WAL enfermo no."""
    vigente = conexion.execute("PRAGMA journal_mode").fetchone()[0]
    if vigente.upper() == modo:
        return
    try:
        vigente = conexion.execute(f"PRAGMA journal_mode={modo}").fetchone()[0]
    except sqlite.OperationalError:
        if modo != "WAL":
            raise
    if modo != "WAL" and vigente.upper() != modo:
        raise AlmacenNoDisponible("la base de datos está ocupada por otro proceso")


def _abrir_postgres(direccion: URL) -> Engine:
    motor = create_engine(direccion, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": ESPERA})

    @event.listens_for(motor, "connect")
    def preparar(conexion, _registro: object) -> None:
        conexion.execute("SET synchronous_commit = on")
        conexion.execute(f"SET lock_timeout = '{ESPERA}s'")
        conexion.commit()

    return motor
