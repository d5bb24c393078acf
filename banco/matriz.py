"""Una matriz de 5.000 filas por HTTP: subirla y compararla con otra de 5.000, aplicarla, verla, revisarla y entregarla.

Cada ronda sube un XLSX que cambia todas las filas de la anterior. Además de medir se comprueba que se comparó, se aplicó y se
entregó: si no, no hay medida. Solo habla con 127.0.0.1.
"""

import io
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite
from openpyxl import load_workbook

from banco.cliente import Conexion, get, post, publicar_archivo, servido
from banco.encuesta import LUGAR, MOTORES, base_de
from banco.medida import cronometrar
from banco.servidor import AHORA, CLAVE, MARCO
from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.modelo import Esquema
from esquemas.planilla import tipar
from esquemas.validacion import Contexto, validar_filas
from formularios.accesos import guardar_usuario
from formularios.actuar import Pedido, actuar
from formularios.almacen import Almacen, modo_de_bitacora
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.recepcion import Recepcion, recibir
from tests.formularios.cliente import Navegador
from tests.servicios.libro import escribir_libro
from tests.servicios.postgres import disponible

FILAS, RONDAS = 5_000, 5
CORREO = "banco@ejemplo.cl"
PASOS = {
    "comparar": "subir el XLSX y compararlo",
    "aplicar": "aplicarlo",
    "tabla": "ver la tabla, una página",
    "revisar": "revisarla entera para entregar",
    "entregar": "entregarla con las demás, con sus folios",
}
LIMITES = {
    "openpyxl": "openpyxl: leer el mismo XLSX, y nada más",
    "marco": "el mismo Flask: recibir el mismo archivo, y nada más",
    "insercion": "SQLite: insertar las filas con su historial y confirmar, sin web",
}


def medir(carpeta: Path) -> dict[str, Any]:
    """Motor → {paso o límite → mediana de segundos, «peor» → el subir y revisar más lento}."""
    medida = {}
    for motor in MOTORES:
        if motor == "PostgreSQL" and disponible():
            continue
        with base_de(motor, carpeta) as base:
            medida[motor] = _rondas(base, carpeta)
    return medida


def _rondas(base: str, carpeta: Path) -> dict[str, float]:
    catalogo, almacen = cargar(), Almacen(base)
    nombre, actos = catalogo.proceso.mapa.matrices[-1], catalogo.proceso.tramitacion.actos.values()
    esquema, acto = catalogo.esquemas[nombre], next(a for a in actos if nombre in a.entrega)
    regreso = next(a for a in actos if acto.a in a.de and a.a in acto.de)
    for citada in (catalogo.esquemas[n] for n in acto.entrega if n != nombre):
        resultado = validar_filas(catalogo, citada, ejemplos_de(citada), Contexto(**LUGAR))
        recibir(almacen, catalogo, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="orden"))
    web = _entrar(base, almacen)
    region = "/formularios/regiones/{region}/{ejercicio}/".format(**LUGAR)
    ruta, entrega = f"{region}matrices/{nombre}/", f"{region}expediente/{acto.nombre}/"
    web.abrir(f"{ruta}subir/")
    galleta, ficha = web.http.get_cookie("focaliza").value, {"csrf_token": web.ficha()}
    tiempos: dict[str, list[float]] = {paso: [] for paso in (*PASOS, *LIMITES)}
    with servido(base) as puerto:
        for ronda in range(RONDAS + 1):
            datos, dicho = _planilla(esquema, ronda), {}

            def pedir(paso: str, peticion: bytes, estado: int = 200, dicho: dict[str, Any] = dicho) -> Callable[[], None]:
                return lambda: dicho.update({paso: _pedir(puerto, peticion, estado)})

            def medir_uno(paso: str, hacer: Callable[[], Any], cuenta: bool = ronda > 1) -> None:
                segundos = cronometrar(hacer)
                if cuenta:  # la primera agrega todo y la segunda es para entrar en calor: se cuenta lo que cambia todo
                    tiempos[paso].append(segundos)

            medir_uno("openpyxl", lambda datos=datos: _con_openpyxl(datos))
            medir_uno("marco", pedir("marco", publicar_archivo(MARCO, galleta, ficha, datos), 303))
            medir_uno("insercion", lambda: _insertar(carpeta / "matriz.db", esquema))
            medir_uno("comparar", pedir("comparar", publicar_archivo(f"{ruta}subir/", galleta, ficha, datos)))
            _exigir(dicho, "comparar", rf"{'Cambia' if ronda else 'Agrega'}: {FILAS}\b".encode())
            archivo = re.search(rb'name="archivo" value="(\w+)"', dicho["comparar"][1])[1].decode()
            medir_uno("aplicar", pedir("aplicar", post(f"{ruta}subir/aplicar/", galleta, {**ficha, "archivo": archivo}), 303))
            medir_uno("tabla", pedir("tabla", get(ruta, galleta)))
            medir_uno("revisar", pedir("revisar", get(entrega, galleta)))
            visto = dict(re.findall(r'name="(base|visto)" value="(\w+)"', dicho["revisar"][1].decode()))
            medir_uno("entregar", pedir("entregar", post(entrega, galleta, {**ficha, **visto}), 303))
            hechas = 2 * ronda + 1
            if f"/actuaciones/{hechas}/" not in dicho["entregar"][0]:
                raise RuntimeError(f"la ronda {ronda} no se entregó: {dicho['entregar'][0]}")
            pedido = Pedido(regreso.nombre, regreso.quien, "banco", hechas, motivo="Otra ronda.")
            actuar(almacen, catalogo, **LUGAR, pedido=pedido, ahora_utc=AHORA)
    almacen.cerrar()
    peor = max(a + b for a, b in zip(tiempos["comparar"], tiempos["revisar"], strict=True))
    return {"peor": peor} | {paso: statistics.median(suyos) for paso, suyos in tiempos.items()}


def _pedir(puerto: int, peticion: bytes, estado: int) -> tuple[str, bytes]:
    """En una conexión nueva: entre un paso y otro, el servidor puede haber cerrado la que estaba quieta."""
    conexion = Conexion(puerto)
    try:
        return conexion.pedir(peticion, estado)
    finally:
        conexion.cerrar()


def _exigir(dicho: dict[str, Any], paso: str, patron: bytes) -> None:
    if not re.search(patron, dicho[paso][1]):
        raise RuntimeError(f"al {paso} no dijo {patron.decode()}")


def _entrar(base: str, almacen: Almacen) -> Navegador:
    """Alguien del equipo de la región, con su sesión: la misma que después usa el servidor."""
    guardar_usuario(almacen, correo=CORREO, rol="gore_firmante", region=LUGAR["region"], ahora_utc=AHORA, autor="banco")
    app = crear_app(Configuracion(clave=CLAVE, sitio=Path("no-hay"), demo=True), cargar(), almacen, lambda: AHORA)
    return Navegador(app).entrar(CORREO)


def _planilla(esquema: Esquema, ronda: int) -> bytes:
    """El XLSX de esa ronda: los mismos códigos, y en cada fila otra descripción."""
    ejemplos = ejemplos_de(esquema)[esquema.nombre]
    campos = [c for c in esquema.campos if not c.automatico]

    def fila(i: int) -> list[Any]:
        texto = f"La acción {i}, versión {ronda}, dice qué se hará, cuántas veces y para quiénes."
        valores = {**ejemplos[i % len(ejemplos)], "codigo": f"FOC-{i:05}", "descripcion": texto}
        return [tipar(c, valores.get(c.nombre, "")) for c in campos]

    return escribir_libro([("Datos", [c.nombre for c in campos], map(fila, range(FILAS)))])


def _con_openpyxl(datos: bytes) -> None:
    for fila in load_workbook(io.BytesIO(datos), read_only=True, data_only=True).active.iter_rows(values_only=True):
        list(fila)


def _insertar(base: Path, esquema: Esquema) -> None:
    """Las filas y un cambio de cada una, del mismo peso y en una transacción: lo que el disco permite."""
    conexion = sqlite.connect(str(base), isolation_level=None)
    conexion.execute("PRAGMA synchronous=FULL")
    conexion.execute(f"PRAGMA journal_mode={modo_de_bitacora(sqlite.sqlite_version_info)}")
    conexion.execute("CREATE TABLE IF NOT EXISTS dato (texto TEXT)")
    texto = str(ejemplos_de(esquema)[esquema.nombre][0])
    conexion.execute("BEGIN IMMEDIATE")
    conexion.executemany("INSERT INTO dato VALUES (?)", [(texto,)] * FILAS * 2)
    conexion.execute("COMMIT")
    conexion.close()
