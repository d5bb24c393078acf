"""De las medidas a la página: razones con su meta, y si se cumplió o no. La prosa es fija; toda cifra viene de la corrida."""

import importlib.metadata
import platform
import textwrap
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from banco import encuesta, exportar, matriz, planilla, recibir, sitio, validar
from banco.pares import PARES
from formularios.orden_servir import HILOS, PROCESOS

_PAQUETES = ("jsonschema-rs", "pydantic", "frictionless", "polars", "pandera", "openpyxl", "sqlalchemy", "flask", "gunicorn")
_PERCENTILES = ("p50", "p95", "p99")
_VECTORIALES = ("con_polars", "con_pandera")


def escribir(medidas: dict[str, Any]) -> str:
    partes = (
        _cabeza(),
        _de_validar(medidas["validar"]),
        _de_planilla(medidas["planilla"]),
        _de_exportar(medidas["exportar"]),
        _de_recibir(medidas["recibir"]),
        de_encuesta(medidas["encuesta"]),
        de_correos(medidas["encuesta"]),
        de_matriz(medidas["matriz"]),
        _de_sitio(medidas["sitio"]),
        _pie(),
    )
    return "\n\n".join(_acomodar(bloque) for parte in partes for bloque in parte.split("\n\n")) + "\n"


def _acomodar(bloque: str) -> str:
    """Un párrafo, en líneas del mismo ancho; tablas, listas y títulos, como están."""
    if bloque.startswith(("#", "|", "-")):
        return bloque
    return textwrap.fill(bloque, 128, break_long_words=False, break_on_hyphens=False)


def _cifra(numero: float) -> str:
    """1234.5 → «1.235»; 12.34 → «12,3»; 1.234 → «1,23»."""
    decimales = 0 if numero >= 100 else 1 if numero >= 10 else 2
    return f"{numero:,.{decimales}f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _tabla(encabezado: Sequence[str], filas: Iterable[Sequence[str]]) -> str:
    lineas = [encabezado, ["---"] + ["---:"] * (len(encabezado) - 1), *filas]
    return "\n".join(f"| {' | '.join(linea)} |" for linea in lineas)


def _meta(cumple: bool, texto: str) -> str:
    return f"- {'Se cumple' if cumple else '**No se cumple**'}: {texto}"


def _cabeza() -> str:
    modelo = next((li.split(":")[1].strip() for li in _leer("/proc/cpuinfo").splitlines() if li.startswith("model name")), "")
    memoria = int(_leer("/proc/meminfo").split()[1]) / 2**20
    carga = _leer("/proc/loadavg").split()[0].replace(".", ",")
    nucleos = sum(li.startswith("processor") for li in _leer("/proc/cpuinfo").splitlines())
    return f"""# Medidas

Esta página la escribe `make medir`. Son **razones** entre programas que corren por turnos en la misma corrida, sobre los mismos
bytes, y valen por eso: los segundos de una máquina no son los de otra. Donde hay una cifra suelta es porque la meta la pide.

Medido el {time.strftime("%d-%m-%Y")} en {nucleos} núcleos {modelo or platform.machine()} con {memoria:.0f} GB de memoria,
{platform.system()} {platform.release().split("-")[0]} y Python {platform.python_version()}. Carga al terminar: {carga}
(sobre {nucleos} quiere decir que había otros programas trabajando a la vez)."""


def _leer(ruta: str) -> str:
    archivo = Path(ruta)
    return archivo.read_text(encoding="utf-8") if archivo.exists() else "MemTotal: 0 0.00"


def _de_validar(m: dict[str, Any]) -> str:
    caliente, frio, halladas = m["caliente"], m["frio"], m["halladas"]
    filas = (
        (titulo, _veces(caliente, n), _veces(frio, n), "—" if n == "solo_csv" else _cifra(halladas[n]))
        for n, titulo in PARES.items()
    )
    otros = [n for n in PARES if n not in ("nuestro", "solo_csv")]
    mejor = min((n for n in otros if n not in _VECTORIALES), key=caliente.get)
    mejor_frio = min(otros, key=frio.get)
    contra_frictionless = caliente["con_frictionless"] / caliente["nuestro"]
    contra_mejor, contra_frio = caliente[mejor] / caliente["nuestro"], frio[mejor_frio] / frio["nuestro"]
    iguales = all(halladas[n] == m["malas"] for n in (*otros, "nuestro"))
    metas = (
        _meta(iguales, f"el mismo veredicto: hay {_cifra(m['malas'])} celdas malas y todos los que validan hallan esas."),
        _meta(contra_frictionless >= 10, f"{_cifra(contra_frictionless)} veces frictionless (meta: 10)."),
        _meta(contra_mejor > 1, f"{_cifra(contra_mejor)} veces el mejor que no es vectorial, {PARES[mejor]} (meta: más de 1)."),
        _meta(contra_frio > 1, f"en frío, {_cifra(contra_frio)} veces el mejor de todos, {PARES[mejor_frio]} (meta: más de 1)."),
    )
    frias = f"{_cifra(validar.FILAS_EN_FRIO)} filas, proceso frío"
    return f"""## Validar un CSV

Catorce columnas, {validar.MALAS} % de las celdas malas, desde los bytes ({_cifra(m["bytes"] / 1e6)} MB). Cada cifra
es cuántas veces el
tiempo de focaliza: más es más lento. «Proceso frío» incluye el arranque de Python y la importación de cada biblioteca.

{_tabla(("", f"{_cifra(validar.FILAS)} filas", frias, "celdas malas halladas"), filas)}

{chr(10).join(metas)}

Qué no es igual. focaliza da además el mensaje, la celda «B14» y cómo se arregla, y reconoce lo que se escribe en Chile
(«31-12-2026», «$ 1.000»); los demás, solo que está mal. pydantic y jsonschema-rs no saben de códigos repetidos, y el segundo
no lee números de un CSV: se convierten antes, en Python. polars y pandera recorren columnas enteras en código compilado y con
varios hilos; sus reglas se escribieron a mano, una expresión por columna. La orden `focaliza validar` lee además todos los YAML
al partir; aquí se parte de la definición que guarda la base, como los demás parten de la suya.

En qué se va el tiempo. Leer el CSV es una parte grande del total. Del resto, lo más caro es juntar los valores distintos de cada
columna, reconocer los que ya vienen canónicos y dar a cada celda mala su problema. En frío pesa importar: las clases de datos se
arman al partir."""


def _veces(segundos: dict[str, float], nombre: str) -> str:
    return _cifra(segundos[nombre] / segundos["nuestro"])


def _de_planilla(m: dict[str, Any]) -> str:
    segundos = m["segundos"]
    titulos = {"nuestro": "**focaliza**, en otro proceso y con topes", "openpyxl": "openpyxl"}
    filas = ((titulos.get(n, n), _cifra(s / segundos["nuestro"])) for n, s in segundos.items())
    return f"""## Leer un XLSX

{_cifra(planilla.FILAS)} filas por catorce columnas ({_cifra(m["bytes"] / 1e3)} kB). focaliza abre un proceso aparte
con tope de memoria y de
procesador, mira el archivo antes de inflarlo y devuelve las celdas con su tipo; openpyxl lee en el mismo proceso y sin topes.

{_tabla(("", "veces el tiempo de focaliza"), filas)}

{_meta(segundos["nuestro"] <= 0.4, f"{_cifra(segundos['nuestro'])} s (meta: 0,4 s).")}"""


def _de_exportar(m: dict[str, Any]) -> str:
    segundos, memoria = m["segundos"], m["memoria"]
    titulos = {"nuestro": "**focaliza**: la línea sellada, con la huella del archivo", "json y csv": "JSON, rearmado con `csv`"}
    filas = ((titulos.get(n, f"`{n}`"), _veces(segundos, n)) for n in segundos)
    por_segundo = m["filas"] / segundos["nuestro"]
    faltan = [n for n in ("sqlite3 -csv", "COPY de PostgreSQL") if n not in segundos]
    aviso = f"\n\nNo se midió, porque aquí no está: {', '.join(faltan)}." if faltan else ""
    return f"""## Exportar un millón de filas

{_cifra(m["filas"])} filas selladas en {exportar.ENVIOS} envíos, a un CSV de {_cifra(m["bytes"] / 1e6)} MB en disco.
`sqlite3 -csv` y `COPY`
leen una tabla con las mismas columnas ya separadas; focaliza concatena la línea que selló al recibir, la de la huella del
comprobante. Se cuenta desde que se pide hasta que el archivo está cerrado, sin el arranque de Python.

{_tabla(("", "veces el tiempo de focaliza"), filas)}

{_meta(por_segundo >= 200_000, f"{_cifra(por_segundo)} filas por segundo (meta: 200.000).")}
{_meta(memoria["nuestro"] < 150, f"{_cifra(memoria['nuestro'])} MB en el pico, con el intérprete (meta: 150).")}{aviso}"""


def _de_recibir(m: dict[str, Any]) -> str:
    envio, marco, insercion = m["envio"], m["marco"], m["insercion"]
    titulos = {
        "envio": "**focaliza**: envío validado, guardado y confirmado",
        "marco": "el mismo Flask, sin validar ni guardar",
        "insercion": "SQLite: insertar una fila y confirmar, sin web",
    }
    filas = (
        (
            titulo,
            _cifra(m[n]["por_segundo"] / marco["por_segundo"]),
            *(_cifra(m[n][p] / marco["p50"]) for p in ("p50", "p95", "p99")),
        )
        for n, titulo in titulos.items()
    )
    parte = envio["por_segundo"] / marco["por_segundo"]
    encabezado = ("", "por segundo, sobre el marco", "p50", "p95", "p99")
    return f"""## Recibir una respuesta

Cincuenta campos por HTTP, de a una petición, contra un proceso de gunicorn y SQLite con `synchronous=FULL`: cada folio se
entrega después de confirmar en el disco. Los percentiles son veces el p50 del marco. Se hicieron {m["envios"]} envíos y todos
quedaron guardados.

{_tabla(encabezado, filas)}

{_meta(parte >= 0.45, f"{_cifra(100 * parte)} % del límite del marco (meta: 45 %).")}
- En esta corrida: {_cifra(envio["por_segundo"])} envíos por segundo, contra {_cifra(marco["por_segundo"])} del marco y
  {_cifra(insercion["por_segundo"])} inserciones confirmadas.
- Un envío: p50 {_cifra(envio["p50"])} ms, p95 {_cifra(envio["p95"])} ms, p99 {_cifra(envio["p99"])} ms.

{_reparto(m["reparto"])}"""


def _reparto(partes: dict[str, float]) -> str:
    dicho = "; ".join(f"{titulo}, {_cifra(100 * parte)} %" for titulo, parte in partes.items())
    return f"""En qué se va el tiempo de procesador de un envío, sin la web: {dicho}. Son dos transacciones y muchas órdenes
cortas (el borrador, el cierre, el folio, lo que reemplaza, la definición, el envío, sus filas, las constancias y la bitácora
encadenada), todas armadas una sola vez. Lo demás es confirmar: cada envío escribe unas catorce páginas de la base, con sus
índices, y la fila con que se compara escribe dos."""


def de_encuesta(medida: dict[str, Any]) -> str:
    llegadas = {"minuto": "en el último minuto", "juntas": "todas en el mismo instante"}
    filas = (
        (f"{motor}, {titulo}", *(_cifra(m["envios"][f"{como} envio"][p] / 1e3) for p in _PERCENTILES), _sobre_el_marco(m, como))
        for motor, m in medida.items()
        for como, titulo in llegadas.items()
    )
    peor = max(m["envios"]["minuto envio"]["p95"] for m in medida.values()) / 1e3
    guardados = sum(m["envios"]["guardados"] for m in medida.values())
    metas = (
        _meta(True, f"{_cifra(guardados)} envíos, todos con folio, ninguno repetido y todos en la base: si no, no hay medida."),
        _meta(peor < 1, f"en el último minuto, p95 de {_cifra(peor)} s con el motor más lento (meta: menos de 1 s)."),
    )
    return f"""## Doscientas personas en el último minuto

{encuesta.PERSONAS} personas con la encuesta llena aprietan «Enviar» antes del cierre, cada vez más seguidas, y abren su
comprobante. Y lo peor que puede pasar: las {encuesta.PERSONAS} en el mismo instante, {encuesta.RONDAS} veces. gunicorn atiende
con las opciones de `focaliza servir` ({PROCESOS} procesos de {HILOS} hilos) y cada base espera al disco. Se cuenta desde que
cada una aprieta hasta que tiene folio, en segundos; lo que falta para el comprobante no se cuenta, pero la máquina lo paga.

{_tabla(("", "p50", "p95", "p99", "p95, en veces el del marco"), filas)}

{chr(10).join(metas)}

El marco es el mismo Flask, en los mismos procesos y con las mismas llegadas, que responde sin validar ni guardar. Esos procesos
y quien los mide comparten los núcleos. Cuando llegan todas juntas, la última espera a las demás: los envíos de una región toman
su folio de a uno, y eso es lo que hace que no se repitan.{_sin_postgres(medida)}"""


def _sobre_el_marco(m: dict[str, Any], como: str) -> str:
    return _cifra(m["envios"][f"{como} envio"]["p95"] / m["envios"][f"{como} marco"]["p95"])


def _sin_postgres(medida: dict[str, Any]) -> str:
    faltan = [motor for motor in encuesta.MOTORES if motor not in medida]
    return f"\n\nNo se midió, porque aquí no está: {', '.join(faltan)}." if faltan else ""


def de_correos(medida: dict[str, Any]) -> str:
    filas = (
        (
            motor,
            _cifra(m["correos"]["suelto"] / m["correos"]["entregar"]),
            _cifra(encuesta.INVITADOS / m["correos"]["entregar"]),
            _cifra(m["correos"]["invitar"]),
        )
        for motor, m in medida.items()
    )
    entregados = f"{_cifra(encuesta.INVITADOS)} invitaciones por motor, ninguna perdida ni doble: si no, no hay medida."
    return f"""## Mil invitaciones con el correo caído a la mitad

Se invita a {_cifra(encuesta.INVITADOS)} instituciones del catastro y dos `focaliza correo enviar` corren a la vez. El servidor
SMTP, que es de verdad y está en esta máquina, se cae cuando lleva la mitad: las órdenes lo dicen y terminan. Vuelve, se repiten
las dos, y salen las que faltaban. El límite es entregar la misma cantidad con `smtplib`, de corrido, sin base y sin caída.

{_tabla(("", "velocidad, sobre el límite", "correos por segundo, con el arranque de las órdenes", "segundos en invitar"), filas)}

{_meta(True, entregados)}

En qué se va el tiempo: cada correo que sale se anota en la base y se confirma antes de seguir con el otro. Así, si el
proceso muere, a lo más se repite uno, con el mismo identificador. Eso cuesta: entregar sin anotar es más rápido."""


def de_matriz(medida: dict[str, Any]) -> str:
    titulos = {n: f"**focaliza**: {t}" for n, t in matriz.PASOS.items()} | matriz.LIMITES
    filas = (
        (f"{motor}, {titulo}" if n in matriz.PASOS else titulo, _cifra(m[n] / m["openpyxl"]), _cifra(m[n]))
        for motor, m in medida.items()
        for n, titulo in titulos.items()
        if n in matriz.PASOS or motor == next(iter(medida))
    )
    razon = max(m["comparar"] / m["openpyxl"] for m in medida.values())
    subir = max(m["comparar"] + m["revisar"] for m in medida.values())
    peor = max(m["peor"] for m in medida.values())
    lento = max(m[paso] for m in medida.values() for paso in matriz.PASOS)
    metas = (
        _meta(subir < 2, f"subir y revisar, {_cifra(subir)} s con el motor más lento (meta: 2); la peor ronda, {_cifra(peor)}."),
        _meta(lento < 2, f"ningún paso tarda más de {_cifra(lento)} s (meta: 2)."),
        _meta(razon < 2, f"subir y comparar, {_cifra(razon)} veces lo que openpyxl tarda en leer el archivo (meta: 2)."),
    )
    return f"""## Una matriz de {_cifra(matriz.FILAS)} filas

Una B.2 de {_cifra(matriz.FILAS)} filas por HTTP, de a una petición, contra un proceso de gunicorn. El archivo cambia todas las
filas de las {_cifra(matriz.FILAS)} que ya estaban, y cada vez se revisa contra las otras matrices de la región. Son medianas de
{matriz.RONDAS - 1} rondas.

{_tabla(("", "veces leer el XLSX con openpyxl", "segundos"), filas)}

{chr(10).join(metas)}

En qué se va el tiempo. Subir es sobre todo leer el XLSX, en otro proceso y con topes. Ver, revisar y entregar es leer las
filas de la base y validarlas: nada se guarda ya juzgado, porque lo que se dice de una fila cambia cuando cambia otra
matriz.{_sin_postgres(medida)}"""


def _de_sitio(m: dict[str, Any]) -> str:
    segundos, doble = m["segundos"], m["peso_doble"]
    filas = ((n.capitalize(), _cifra(b / 1e3), _cifra(doble[n] / 1e3)) for n, b in m["peso"].items())
    razon, crece = segundos["todo"] / segundos["mkdocs"], segundos["doble"] / segundos["mkdocs"]
    nada = segundos["nada"] / segundos["mkdocs"]
    pesa_mas = max(doble[n] / b - 1 for n, b in m["peso"].items())
    metas = (
        _meta(max(m["peso"].values()) <= 150_000, f"la que más pesa, {_cifra(max(m['peso'].values()) / 1e3)} kB (meta: 150)."),
        _meta(pesa_mas < 0.01, f"con el doble de páginas, {_cifra(100 * pesa_mas)} % más (meta: menos de 1 %)."),
        _meta(razon <= 1.3, f"construirlo todo, {_cifra(razon)} veces `mkdocs build` solo, con los mismos archivos (meta: 1,3)."),
        _meta(crece <= 2.2, f"el doble de páginas cuesta {_cifra(crece)} veces: crece en línea (meta: 2,2)."),
        f"- Si nada cambió no se reconstruye; comprobarlo toma {_cifra(nada)} veces lo que `mkdocs build`. Es arrancar, leer\n"
        "  los YAML y generar, que también está en construirlo todo.",
    )
    return f"""## El sitio

{m["paginas"]} páginas. Lo que baja la primera vista, en kB comprimidos: el HTML, los estilos, los programas, los
íconos y la letra. En la segunda columna, el mismo sitio con todas sus páginas dos veces. Construirlo todo es leer los YAML,
generar las páginas y las planillas, `mkdocs build` y armar la búsqueda. Cada vez es un proceso nuevo, con su arranque; en la
carpeta de trabajo está lo de la vez anterior, también las plantillas ya compiladas.

{_tabla(("", "kB", "kB, con el doble de páginas"), filas)}

{chr(10).join(metas)}

{_lighthouse(m["lighthouse"])}"""


def _lighthouse(puntajes: dict[str, dict[str, float]] | None) -> str:
    if not puntajes:
        return "Lighthouse: no medido, porque aquí no está instalado."
    titulos = {"performance": "rendimiento", "accessibility": "accesibilidad", "best-practices": "buenas prácticas", "seo": "SEO"}
    pide = {"performance": 98, "accessibility": 100}
    filas = ((n.capitalize(), *(str(p[c]) for c in titulos)) for n, p in puntajes.items())
    cumple = all(p[c] >= pide.get(c, 95) for p in puntajes.values() for c in titulos)
    return f"""Lighthouse, como un teléfono con red lenta; mediana de {sitio.VECES_LIGHTHOUSE} pasadas. El
rendimiento baja si la máquina está ocupada en otra cosa.

{_tabla(("", *titulos.values()), filas)}

{_meta(cumple, "accesibilidad 100, rendimiento desde 98, lo demás desde 95.")}"""


def _pie() -> str:
    versiones = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in _PAQUETES)
    return f"""## Cómo repetirlo

`make medir` instala los pares en `.venv-medir`, desde `requirements-medir.txt` y sus huellas, mide y reescribe esta página. El
banco está en `banco/`: las tablas salen de una semilla fija y los esquemas están versionados ahí mismo. Se dan medianas:
{validar.RONDAS} rondas para validar ({validar.RONDAS_EN_FRIO} en frío), {planilla.RONDAS} para el XLSX,
{exportar.RONDAS} para exportar y
{recibir.RONDAS} de {recibir.POR_RONDA} peticiones para recibir; a los más lentos les tocan menos.

Versiones: {versiones}.

Ninguna prueba exige segundos: las máquinas son ruidosas."""
