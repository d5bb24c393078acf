"""El almacén: el mismo en ambos motores, y honesto cuando no puede guardar."""

import json
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone

import pysqlite3.dbapi2 as sqlite
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from formularios import almacen as modulo
from formularios.almacen import (
    Almacen,
    AlmacenNoDisponible,
    Repetido,
    leer_direccion,
    migrar,
    modo_de_bitacora,
)
from formularios.almacen_bitacora import anotar, punta, revisar
from formularios.almacen_columnas import escribir_instante
from formularios.almacen_tablas import METADATOS, bitacora, definicion, fila, sello
from formularios.bandeja import tomar
from formularios.borradores import BorradorInexistente, guardar_borrador, huella_de_secreto, leer_borrador
from tests.formularios.conftest import AHORA

# --- La compuerta de versión de SQLite ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "modo"),
    [
        ((3, 6, 23), "DELETE"),
        ((3, 7, 0), "DELETE"),
        ((3, 40, 1), "DELETE"),
        ((3, 44, 5), "DELETE"),
        ((3, 44, 6), "WAL"),
        ((3, 44, 7), "DELETE"),
        ((3, 50, 6), "DELETE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_modo_de_bitacora(version, modo):
    assert modo_de_bitacora(version) == modo


def test_sqlite_queda_en_full_con_el_modo_de_su_version(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    abierto = Almacen(url)
    with abierto.leer() as c:
        pragmas = {
            p: c.execute(text(f"PRAGMA {p}")).scalar()
            for p in ("synchronous", "foreign_keys", "journal_mode")
        }
        espera = c.execute(text("PRAGMA busy_timeout")).scalar()
    abierto.cerrar()
    modo = modo_de_bitacora(sqlite.sqlite_version_info).lower()
    assert (pragmas, espera) == ({"synchronous": 2, "foreign_keys": 1, "journal_mode": modo}, 10_000)


def test_con_una_biblioteca_enferma_sale_de_wal(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 40, 1))
    abierto = Almacen(url)
    with abierto.leer() as c:
        assert c.execute(text("PRAGMA journal_mode")).scalar() == "delete"
    abierto.cerrar()


def test_si_no_puede_salir_de_wal_no_atiende(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    otro = sqlite.connect(tmp_path / "a.db", isolation_level=None)
    otro.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite, "sqlite_version_info", (3, 40, 1))
    monkeypatch.setattr(modulo, "ESPERA", 0)
    abierto = Almacen(url)
    with pytest.raises(AlmacenNoDisponible, match="ocupada"), abierto.leer():
        pass
    abierto.cerrar()
    otro.close()


def test_postgres_espera_al_disco(almacen, motor):
    if motor == "postgresql":
        with almacen.leer() as c:
            assert c.execute(text("SHOW synchronous_commit")).scalar() == "on"
            assert c.execute(text("SHOW lock_timeout")).scalar() == "10s"


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite://", "sqlite:///", "datos.db", "postgres://x/y"])
def test_una_direccion_que_no_sirve(url):
    with pytest.raises(ValueError, match="FOCALIZA_BASE_DE_DATOS"):
        leer_direccion(url)


# --- La migración ------------------------------------------------------------------------------------


def test_la_migracion_crea_lo_que_dicen_las_tablas(almacen):
    with almacen.leer() as c:
        diferencias = compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), METADATOS)
    assert diferencias == []


def test_migrar_dos_veces_no_cambia_nada(url_vacia):
    migrar(url_vacia)
    migrar(url_vacia)
    abierto = Almacen(url_vacia)
    assert abierto.salud() == (True, "")
    abierto.cerrar()


def test_los_enlaces_repartidos_antes_de_la_0002_siguen_abriendo(url_vacia):
    antes, secretos = Almacen(url_vacia), {"a": "secreto-a", "b": "secreto-b", "v": "secreto-v"}
    antes.migrar("0001")
    tiempos = {"creado_utc": AHORA, "actualizado_utc": AHORA, "vence_utc": AHORA + timedelta(days=60)}
    comun = {"esquema": "actor-clave", "version": "1.0.0", "region": "06", "ejercicio": 2027, "datos": '{"x": [{"y": "ñ"}]}'}
    columnas = (*comun, *tiempos, "id", "huella_secreto", "revision")
    con_texto = {n: escribir_instante(v) for n, v in tiempos.items()}
    poner = text(f"INSERT INTO borrador ({', '.join(columnas)}) VALUES ({', '.join(f':{n}' for n in columnas)})")
    with antes.escribir() as c:
        for id, secreto in secretos.items():
            vence = {"vence_utc": escribir_instante(AHORA)} if id == "v" else {}
            suyo = {"id": id, "huella_secreto": huella_de_secreto(secreto), "revision": 3}
            c.execute(poner, {**comun, **con_texto, **suyo, **vence})
        espera = "INSERT INTO correo (para, asunto, cuerpo, creado_utc, intentos, error) VALUES ('p', 'a', 'c', :h, 1, '')"
        c.execute(text(espera), {"h": con_texto["creado_utc"]})
    antes.cerrar()
    migrar(url_vacia)
    despues = Almacen(url_vacia)
    for id in ("a", "b"):
        borrador = leer_borrador(despues, secretos[id], ahora_utc=AHORA)
        assert (borrador.id, borrador.revision, borrador.datos) == (id, 3, {"x": [{"y": "ñ"}]})
    assert guardar_borrador(despues, secretos["a"], revision=3, ahora_utc=AHORA, principal={"z": "1"}).revision == 4
    with pytest.raises(BorradorInexistente):
        leer_borrador(despues, secretos["v"], ahora_utc=AHORA)
    assert [m.para for m in tomar(despues, ahora_utc=AHORA)] == ["p"]  # lo que esperaba en la bandeja sale igual
    despues.cerrar()


def test_migrar_a_la_vez(url_vacia, en_paralelo):
    en_paralelo(migrar, [(url_vacia,)] * 4)
    abierto = Almacen(url_vacia)
    assert abierto.salud() == (True, "")
    abierto.cerrar()


def test_crea_la_carpeta_que_falta(tmp_path):
    url = f"sqlite:///{tmp_path}/datos/nuevos/a.db"
    migrar(url)
    assert (tmp_path / "datos/nuevos/a.db").exists()
    assert (tmp_path / "datos/nuevos").stat().st_mode & 0o777 == 0o700


# --- Transacciones -----------------------------------------------------------------------------------


def _poner(c, huella="h"):
    c.execute(insert(definicion).values(huella=huella, esquema="e", version="1.0.0", json="{}"))


def test_una_excepcion_deshace_todo(almacen):
    with pytest.raises(RuntimeError), almacen.escribir() as c:
        _poner(c)
        raise RuntimeError
    with almacen.leer() as c:
        assert c.execute(select(definicion)).all() == []


def test_lo_unico_repetido_se_dice_y_lo_demas_es_un_defecto(almacen):
    with almacen.escribir() as c:
        _poner(c)
    with pytest.raises(Repetido), almacen.escribir() as c:
        _poner(c)
    huerfana = {"envio": "no-hay", "tabla": "t", "orden": 0, "codigo": "", "datos": "{}", "linea": ""}
    with pytest.raises(IntegrityError), almacen.escribir() as c:
        c.execute(insert(fila).values(huerfana))


def test_un_instante_es_igual_en_ambos_motores():
    chile = timezone(timedelta(hours=-3))
    assert escribir_instante(datetime(2026, 1, 2, 3, 4, 5, 6, chile)) == "2026-01-02T06:04:05.000006Z"
    with pytest.raises(ValueError, match="sin zona"):
        escribir_instante(datetime(2026, 1, 2))


# --- Cuando no se puede guardar ----------------------------------------------------------------------


@contextmanager
def _sin_espacio(url):
    """Un almacén SQLite cuyo archivo no puede crecer ni una página: lo que se ve con el disco lleno."""
    from sqlalchemy import event

    abierto = Almacen(url)

    @event.listens_for(abierto._motor, "connect")
    def llenar(conexion, _):
        paginas = conexion.execute("PRAGMA page_count").fetchone()[0]
        conexion.execute(f"PRAGMA max_page_count={paginas}")

    yield abierto
    abierto.cerrar()


def test_salud(almacen):
    assert almacen.salud() == (True, "")
    assert almacen.salud() == (True, "")


def test_salud_sin_migrar(url_vacia):
    abierto = Almacen(url_vacia)
    assert abierto.salud() == (False, "la base de datos no tiene las tablas de esta versión")
    abierto.cerrar()


def test_disco_lleno(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    with _sin_espacio(url) as lleno:
        with pytest.raises(AlmacenNoDisponible, match="no queda espacio"), lleno.escribir() as c:
            c.execute(insert(definicion).values(huella="h", esquema="e", version="1", json="x" * 200_000))
        with lleno.leer() as c:  # la conexión sigue sana y nada quedó a medias
            assert c.execute(select(definicion)).all() == []


def test_solo_lectura(almacen, url, motor):
    if motor == "sqlite":
        archivo = url.removeprefix("sqlite:///")
        cerrado = Almacen(f"sqlite:///file:{archivo}?mode=ro&uri=true")
    else:
        cerrado = Almacen(f"{url}?options=-c%20default_transaction_read_only%3Don")
    assert cerrado.salud() == (False, "la base de datos es de solo lectura")
    with pytest.raises(AlmacenNoDisponible, match="solo lectura"), cerrado.escribir() as c:
        _poner(c)
    cerrado.cerrar()


def test_ocupada(almacen, url, motor, monkeypatch):
    monkeypatch.setattr(modulo, "ESPERA", 1)
    otro = Almacen(url)
    with almacen.escribir() as c:
        if motor == "postgresql":
            c.execute(text("LOCK TABLE latido"))
        assert otro.salud() == (False, "la base de datos está ocupada por otro proceso")
    assert otro.salud() == (True, "")
    otro.cerrar()


@pytest.mark.parametrize(
    ("url", "causa"),
    [
        ("sqlite:////proc/no/existe/a.db", "no se puede abrir el archivo de la base de datos"),
        ("postgresql://u:secreto@127.0.0.1:1/b", "no hay conexión con la base de datos"),
    ],
)
def test_no_esta(url, causa):
    abierto = Almacen(url)
    assert abierto.salud() == (False, causa)
    abierto.cerrar()


def test_un_archivo_que_no_es_una_base(tmp_path):
    (tmp_path / "a.db").write_bytes(b"esto no es una base de datos" * 100)
    abierto = Almacen(f"sqlite:///{tmp_path}/a.db")
    assert abierto.salud() == (False, "el archivo configurado no es una base de datos")
    abierto.cerrar()


def test_un_archivo_roto(tmp_path):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    archivo = tmp_path / "a.db"
    bytes_ = bytearray(archivo.read_bytes())
    bytes_[4096:] = b"\xff" * (len(bytes_) - 4096)
    archivo.write_bytes(bytes_)
    abierto = Almacen(url)
    bien, causa = abierto.salud()
    assert not bien and "dañado" in causa
    abierto.cerrar()


# --- La bitácora -------------------------------------------------------------------------------------


@pytest.fixture
def anotado(almacen):
    for i in range(1, 6):
        with almacen.escribir() as c:
            anotar(
                c, cuando_utc=AHORA + timedelta(seconds=i), actor="ñandú", accion="probar", objeto=f"cosa {i}"
            )
    return almacen


def test_la_cadena_integra(anotado):
    with anotado.leer() as c:
        assert revisar(c) == []
        n, huella = punta(c)
        assert (n, huella) == (5, c.execute(select(bitacora.c.huella).where(bitacora.c.n == 5)).scalar())


def test_la_cadena_vacia(almacen):
    with almacen.leer() as c:
        assert revisar(c) == []
        assert punta(c) == (0, "0" * 64)


@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.parametrize(
    "cambio",
    [
        {"actor": "otro"},
        {"accion": "otra"},
        {"objeto": "otro"},
        {"cuando_utc": AHORA},
        {"huella": "f" * 64},
        {"huella_anterior": "f" * 64},
    ],
    ids=lambda c: next(iter(c)),
)
def test_la_cadena_detecta_un_cambio(anotado, n, cambio):
    with anotado.escribir() as c:
        c.execute(update(bitacora).where(bitacora.c.n == n).values(cambio))
    with anotado.leer() as c:
        assert revisar(c)


@pytest.mark.parametrize("desde", range(1, 6))
@pytest.mark.parametrize("cuantas", [1, 2])
def test_la_cadena_detecta_un_borrado(anotado, desde, cuantas):
    with anotado.escribir() as c:
        c.execute(delete(bitacora).where(bitacora.c.n.between(desde, desde + cuantas - 1)))
    with anotado.leer() as c:
        assert revisar(c)


@pytest.mark.parametrize(("a", "b"), [(1, 2), (2, 4), (4, 5), (1, 5)])
def test_la_cadena_detecta_un_reorden(anotado, a, b):
    with anotado.escribir() as c:
        for desde, hasta in ((a, 99), (b, a), (99, b)):
            c.execute(update(bitacora).where(bitacora.c.n == desde).values(n=hasta))
    with anotado.leer() as c:
        assert revisar(c)


def test_la_cadena_detecta_una_agregada_y_un_sello_ajeno(anotado):
    with anotado.escribir() as c:
        c.execute(update(sello).values(n=4))
    with anotado.leer() as c:
        assert revisar(c)


def test_anotar_a_la_vez_no_rompe_la_cadena(almacen, en_paralelo):
    def anotar_una(i):
        with almacen.escribir() as c:
            anotar(c, cuando_utc=AHORA, actor="a", accion="probar", objeto=json.dumps(i))

    en_paralelo(anotar_una, [(i,) for i in range(24)])
    with almacen.leer() as c:
        assert revisar(c) == []
        assert punta(c)[0] == 24
