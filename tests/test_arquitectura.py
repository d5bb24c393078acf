"""Lo que el proyecto promete de sí mismo y ni ruff ni import-linter ven solos.

También rompe a propósito lo que esas dos herramientas cuidan: lo que no puede fallar no es una regla.
"""

import ast
import io
import os
import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from esquemas.catalogo import cargar

RAIZ = Path(__file__).resolve().parent.parent
PAQUETES = ("esquemas", "generador", "formularios")
# Líneas de código, sin pruebas: el techo de cada paquete. Qué se cuenta y cuándo puede subir: decisión 18.
PRESUPUESTO = {"esquemas": 6_370, "generador": 1_185, "formularios": 11_950}
VAGOS = {"utils", "util", "helpers", "helper", "manager", "service", "common", "misc"}


def _versionables() -> list[Path]:
    """Lo que está o estaría en el repositorio, sin lo que .gitignore aparta."""
    salida = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=RAIZ, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return sorted(r for n in salida.split("\0") if n and (r := RAIZ / n).is_file())


ARCHIVOS = _versionables() if (RAIZ / ".git").exists() else []
MODULOS = sorted(p for paquete in PAQUETES for p in (RAIZ / paquete).rglob("*.py"))
DECISIONES = sorted((RAIZ / "sitio/proyecto/decisiones").glob("[0-9]*.md"))


def _ruta(p: Path) -> str:
    return p.relative_to(RAIZ).as_posix()


# --- módulos --------------------------------------------------------------------------------------


@pytest.mark.parametrize("modulo", MODULOS, ids=_ruta)
def test_cada_modulo_dice_por_que_existe(modulo):
    arbol = ast.parse(modulo.read_text(encoding="utf-8"))
    if arbol.body:
        assert ast.get_docstring(arbol), f"{_ruta(modulo)} no abre con una docstring"


@pytest.mark.parametrize("modulo", MODULOS, ids=_ruta)
def test_identificadores_ascii_y_sin_nombres_vagos(modulo):
    arbol = ast.parse(modulo.read_text(encoding="utf-8"))
    nombres = {n.id for n in ast.walk(arbol) if isinstance(n, ast.Name)}
    nombres |= {n.arg for n in ast.walk(arbol) if isinstance(n, ast.arg)}
    nombres |= {
        n.name
        for n in ast.walk(arbol)
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    assert [n for n in sorted(nombres) if not n.isascii()] == []
    assert not VAGOS & set(modulo.stem.split("_")), "nómbrelo por lo que hace"


def _lineas_de_codigo(texto: str) -> int:
    """Las que el intérprete lee: sin blancos, comentarios ni docstrings. Documentar no gasta presupuesto."""
    documentos = set()
    for nodo in ast.walk(ast.parse(texto)):
        if isinstance(nodo, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(nodo) is not None:
            documentos |= set(range(nodo.body[0].lineno, nodo.body[0].end_lineno + 1))
    mudos = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    fichas = [f for f in tokenize.generate_tokens(io.StringIO(texto).readline) if f.type not in mudos]
    return len({n for f in fichas for n in range(f.start[0], f.end[0] + 1)} - documentos)


def test_las_lineas_de_codigo_no_cuentan_lo_que_no_se_ejecuta():
    assert _lineas_de_codigo('"""Uno.\n\nDos.\n"""\n\n# tres\nx = (\n    1,  # cuatro\n)\n') == 3


@pytest.mark.parametrize("paquete", PAQUETES)
def test_el_presupuesto_de_lineas_alcanza(paquete):
    propios = [m for m in (RAIZ / paquete).rglob("*.py") if "migraciones" not in m.parts]
    assert sum(_lineas_de_codigo(m.read_text(encoding="utf-8")) for m in propios) <= PRESUPUESTO[paquete]


def test_las_pruebas_no_son_paquetes():
    # Con un __init__.py, tests/esquemas pasaría por el paquete esquemas.
    assert [_ruta(p) for p in (RAIZ / "tests").rglob("__init__.py")] == []


# --- archivos -------------------------------------------------------------------------------------


def test_nombres_de_archivo_ascii():
    assert [_ruta(p) for p in ARCHIVOS if not _ruta(p).isascii()] == []


# Partidos, para que este archivo no se acuse a sí mismo.
AJENO = re.compile(
    r"py" r"pi\.org|python" r"hosted|registry\.np" r"mjs|deb\.deb" r"ian"
    r"|/op" r"t/(pypi|wheels)|/wo" r"rk/(main|shared)|/ro" r"ot/|/ho" r"me/\w"
)


def test_sin_direcciones_de_indices_ni_rutas_de_una_maquina():
    malos = []
    for archivo in ARCHIVOS:
        try:
            texto = archivo.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        malos += [f"{_ruta(archivo)}: {m.group()}" for m in AJENO.finditer(texto)]
    assert malos == []


# --- dependencias ---------------------------------------------------------------------------------


def _directas(nombre: str) -> set[str]:
    lineas = (RAIZ / nombre).read_text(encoding="utf-8").splitlines()
    return {
        re.split(r"[<>=~! ;]", linea)[0]
        for linea in lineas
        if linea and not linea.startswith(("#", "-"))
    }


@pytest.mark.parametrize("candado", ["requirements.txt", "requirements-dev.txt"])
def test_el_candado_tiene_huellas_y_no_dice_de_donde_bajar(candado):
    texto = (RAIZ / candado).read_text(encoding="utf-8")
    bloques = re.split(r"\n(?=[a-z0-9])", texto, flags=re.IGNORECASE)[1:]
    assert bloques
    for bloque in bloques:
        assert re.match(r"[\w.-]+==", bloque), bloque.splitlines()[0]
        assert "--hash=sha256:" in bloque, bloque.splitlines()[0]
    assert "://" not in texto
    assert not re.search(r"^\s*--?(index|extra-index|find-links|trusted)", texto, re.MULTILINE)


@pytest.mark.parametrize("nombre", ["requirements", "requirements-dev"])
def test_el_candado_corresponde_a_lo_pedido(nombre):
    def sin_extras(p: str) -> str:
        return p.split("[")[0]

    fijadas = set(re.findall(r"^([\w.-]+)==", (RAIZ / f"{nombre}.txt").read_text("utf-8"), re.MULTILINE))
    assert {sin_extras(p) for p in _directas(f"{nombre}.in")} <= fijadas


def test_lo_de_ejecucion_y_lo_de_pruebas_fijan_lo_mismo():
    def fijadas(nombre: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[^ \n]+", (RAIZ / nombre).read_text("utf-8"), re.MULTILINE))

    assert fijadas("requirements.txt") <= fijadas("requirements-dev.txt")


def test_cada_dependencia_dice_para_que():
    adr = next(p for p in DECISIONES if p.name.startswith("17-")).read_text("utf-8")
    explicadas = re.findall(r"^\| `([^`]+)` \|", adr, re.MULTILINE)
    assert sorted(explicadas) == sorted(_directas("requirements.in") | _directas("requirements-dev.in"))


# --- documentos -----------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", DECISIONES, ids=lambda p: p.stem)
def test_cada_decision_tiene_su_forma(decision):
    texto = decision.read_text(encoding="utf-8")
    assert texto.startswith(f"# {decision.name[:2]}. ")
    assert re.findall(r"^## (.+)$", texto, re.MULTILINE) == ["Contexto", "Decisión", "Consecuencias"]


def test_el_indice_trae_todas_las_decisiones_con_su_titulo():
    indice = (RAIZ / "sitio/proyecto/decisiones/index.md").read_text(encoding="utf-8")
    filas = re.findall(r"^\| (\d\d) \| \[(.+)\]\((.+)\) \|$", indice, re.MULTILINE)
    esperadas = []
    for d in DECISIONES:
        numero, titulo = d.read_text("utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        esperadas.append((numero, titulo, d.name))
    assert filas == esperadas
    assert [f[0] for f in filas] == [f"{n:02}" for n in range(1, len(filas) + 1)]


def test_los_esquemas_citan_las_decisiones_por_su_titulo_y_lugar():
    citables = {p.id: (p.titulo, p.url) for p in cargar().documentos["decision"].partes}
    escritas = {}
    for d in DECISIONES:
        numero, titulo = d.read_text("utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        escritas[numero] = (titulo, f"/proyecto/decisiones/{d.stem}/")
    assert citables == escritas


def test_los_verbos_y_enlaces_del_readme_existen():
    readme = (RAIZ / "README.md").read_text(encoding="utf-8")
    verbos = set(re.findall(r"^([a-z-]+):", (RAIZ / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", readme)) - {"y"} <= verbos
    enlaces = re.findall(r"\]\(([^)#]+)\)", readme)
    assert [e for e in enlaces if "://" not in e and not (RAIZ / e).exists()] == []


def test_el_ejemplo_de_contribuir_carga(tmp_path):
    texto = (RAIZ / "sitio/proyecto/contribuir.md").read_text(encoding="utf-8")
    formato, reglas = re.findall(r"^```yaml\n(.*?)^```", texto, re.MULTILINE | re.DOTALL)
    carpeta = shutil.copytree(RAIZ / "esquemas", tmp_path / "esquemas", ignore=shutil.ignore_patterns("*.py"))
    (carpeta / "formatos/compromisos-sesion.yaml").write_text(formato + reglas, encoding="utf-8")
    esquema = cargar(carpeta).esquemas["compromisos-sesion"]
    assert [c.nombre for c in esquema.campos] == ["codigo", "compromiso", "institucion", "plazo"]
    assert [r.codigo for r in esquema.principal.reglas] == ["plazo-si-hay-municipio"]


# --- las herramientas pueden fallar ----------------------------------------------------------------


@pytest.fixture
def copia(tmp_path):
    """Los tres paquetes y su configuración, para romperlos sin consecuencias."""
    for paquete in PAQUETES:
        shutil.copytree(
            RAIZ / paquete, tmp_path / paquete,
            ignore=lambda carpeta, nombres: [
                n for n in nombres if not n.endswith(".py") and not (Path(carpeta) / n).is_dir()
            ],
        )  # fmt: skip
    for nombre in (".importlinter", "pyproject.toml"):
        shutil.copy(RAIZ / nombre, tmp_path)
    return tmp_path


def _revisar_capas(carpeta: Path) -> subprocess.CompletedProcess[str]:
    programa = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    entorno = os.environ | {"PYTHONPATH": str(carpeta), "PYTHONUTF8": "1", "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, "-c", programa, "--no-cache"],
        cwd=carpeta, env=entorno, capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("modulo", "linea", "contrato"),
    [
        ("esquemas/modelo.py", "from os import path", "esquemas no toca"),
        ("esquemas/normalizacion.py", "import time", "esquemas no toca"),
        ("esquemas/modelo.py", "import frictionless", "solo por el juez"),
        ("esquemas/errores.py", "import esquemas.modelo", "dentro de esquemas"),
        ("esquemas/nuevo.py", "", "dentro de esquemas"),
        ("formularios/nuevo.py", "", "dentro de formularios"),
        ("formularios/nuevo.py", "import sqlalchemy", "solo en el almacén"),
        ("formularios/nuevo.py", "import flask", "Flask, solo"),
        ("formularios/nuevo.py", "import wtforms", "WTForms dibuja"),
        ("formularios/nuevo.py", "import generador", "no se conocen"),
        ("generador/paginas.py", "import formularios", "no se conocen"),
        ("generador/paginas.py", "import pathlib", "función pura"),
    ],
)
def test_import_linter_ve_lo_que_cruza_una_frontera(copia, modulo, linea, contrato):
    with (copia / modulo).open("a", encoding="utf-8") as f:
        f.write(f"\n{linea}\n")
    resultado = _revisar_capas(copia)
    assert resultado.returncode == 1, resultado.stdout + resultado.stderr
    rotos = [ln for ln in resultado.stdout.splitlines() if " BROKEN" in ln]
    assert any(contrato in ln for ln in rotos), resultado.stdout


@pytest.mark.parametrize(
    "linea",
    [
        "import datetime\n\nhoy = datetime.date.today()",
        "from datetime import datetime\n\nahora = datetime.now()",
        "import os\n\nclave = os.environ['FOCALIZA_CLAVE']",
        "from os import getenv\n\nclave = getenv('FOCALIZA_CLAVE')",
    ],
)
def test_ruff_prohibe_el_reloj_y_el_entorno_fuera_de_la_cascara(linea):
    def codigos(nombre: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", nombre, "-"], cwd=RAIZ,
            input=linea + "\n", capture_output=True, text=True, encoding="utf-8", timeout=60,
        ).stdout  # fmt: skip

    assert "TID251" in codigos("formularios/recepcion.py")
    assert "TID251" in codigos("esquemas/plazos.py")
    assert "TID251" not in codigos("formularios/cascara.py")
