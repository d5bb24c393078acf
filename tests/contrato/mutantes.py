"""Mutantes del validador: se estropea una línea en una copia de `esquemas/` y `test_veredictos` tiene que darse cuenta.

    .venv/bin/python tests/contrato/mutantes.py            todos (unos minutos)
    .venv/bin/python tests/contrato/mutantes.py limites    los que nombran eso

Sale con 0 si todos caen. Un mutante que ya no calza con el código también es un fallo: la lista se mantiene al día. Nunca
toca el repositorio: cada uno vive en su carpeta temporal. La batería normal corre solo una muestra de tres.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
# Las que antes se dan cuenta, primero. La versión rápida de cada una mira menos tablas.
PRUEBAS = (
    "test_una_severidad_declarada_todavia_se_da",
    "test_cada_restriccion_rota_la_rechazan_los_dos",
    "test_con_cualquier_celda_nunca_somos_mas_laxos",
    "test_cien_tablas_validas_lo_son_para_los_dos",
)
ESPERA = 600  # segundos: un mutante que no termina también cayó


@dataclass(frozen=True)
class Mutante:
    """En `funcion` de `esquemas/<modulo>.py`, `viejo` (una sola vez) pasa a `nuevo`."""

    modulo: str
    funcion: str
    viejo: str
    nuevo: str

    def __str__(self) -> str:
        return f"{self.modulo}.{self.funcion}: {self.viejo} → {self.nuevo}"


VACIO = "«retorno vacío»"  # en lugar de `viejo`: la función vuelve sin hacer nada
M = Mutante
MUTANTES = (
    # Los límites de una celda: invertidos, y corridos en uno.
    M("celda", "_limites", "len(t) < minimo", "len(t) > minimo"),
    M("celda", "_limites", "len(t) < minimo", "len(t) < minimo - 1"),
    M("celda", "_limites", "len(t) > maximo", "len(t) < maximo"),
    M("celda", "_limites", "len(t) > maximo", "len(t) > maximo + 1"),
    M("celda", "_limites", "Decimal(t) < piso", "Decimal(t) > piso"),
    M("celda", "_limites", "Decimal(t) < piso", "Decimal(t) < piso - 1"),
    M("celda", "_limites", "Decimal(t) > techo", "Decimal(t) < techo"),
    M("celda", "_limites", "Decimal(t) > techo", "Decimal(t) > techo + 1"),
    M("celda", "_limites", "None if patron.fullmatch(t) else", "None if not patron.fullmatch(t) else"),
    M("celda", "_limites", "len(revisiones) < 2", "len(revisiones) < 3"),
    M("celda", "_limites", VACIO, "return None"),
    # Lo que se da por canónico sin leerlo no puede ser menos exigente.
    M("celda", "compilar_criba", "if not piso <= n", "if not piso - 1 <= n"),
    M("celda", "compilar_criba", "piso <= min(numeros)", "piso - 1 <= min(numeros)"),
    M("celda", "compilar_criba", "<= techo}", "<= techo + 1}"),
    M("celda", "compilar_criba", "TOPES.celda) + 1}}}", "TOPES.celda) + 2}}}"),
    M("celda", "compilar_criba", "{{{campo.largo_minimo}}}", "{{{campo.largo_minimo - 1}}}"),
    M("celda", "compilar_criba", "campo.patron)", '"")'),
    M("celda", "compilar_criba", "if campo.varios or not tipo.canonico", "if not tipo.canonico"),
    M("celda", "compilar_criba", "minimo is None and", "minimo is None or"),
    M("celda", "compilar_criba", "return apartados |", "return apartados and"),
    # La celda vacía, la ilegible y las opciones.
    M("celda", "compilar", "campo.obligatorio and not campo.mostrar_si", "campo.obligatorio or not campo.mostrar_si"),
    M("celda", "compilar", "campo.obligatorio and not campo.mostrar_si", "False"),
    M("celda", "compilar", "if limitar and (", "if not limitar and ("),
    M("celda", "compilar", "if not limpia:", "if limpia:"),
    M("celda", "_ilegible", VACIO, "return None"),
    M("celda", "_opcion", "if texto in codigos:", "if texto not in codigos:"),
    M("celda", "_varios", "if leido in valores:", "if leido not in valores:"),
    M("celda", "_varios", "if not valores:", "if valores:"),
    # Los tipos.
    M("normalizacion", "leer_decimal", 'len(decimales.rstrip("0")) > 2', 'len(decimales.rstrip("0")) > 3'),
    M("normalizacion", "leer_decimal", "> _CIFRAS", "> _CIFRAS + 1"),
    M("normalizacion", "leer_decimal", 'if decimales and len(decimales) % 3 == 0 and "." in texto', "if False"),
    M("normalizacion", "leer_decimal", "if entero and decimales", "if not entero and decimales"),
    M("normalizacion", "leer_decimal", 'if entero and decimales.strip("0")', "if False"),
    M("normalizacion", "leer_logico", "if plano in _SI", "if plano not in _SI"),
    M("tipos", "ConPatron.leer", "if not self.patron.fullmatch(texto)", "if self.patron.fullmatch(texto)"),
    M("tipos", "Texto.leer", 'if "\\n" in texto', 'if "\\n" not in texto'),
    M("tipos", "Ejercicio.leer", "texto) or isinstance", "texto) and isinstance"),
    M("tipos", "Fecha", "2[0-8])", "2[0-8]|3[0-9])"),
    M("tipos", "Decimal", "0-9]?[1-9]", "0-9]*[1-9]"),
    # Lo único, lo que se muestra y lo que se oculta.
    M("revision", "Revision.exigir_unicos", "!= i", "== i"),
    M("revision", "Revision.exigir_unicos", "if c.unico)", "if not c.unico)"),
    M("revision", "Revision.exigir_unicos", ", *self.tabla.unicos]", "]"),
    M("revision", "Revision.exigir_unicos", "self.tabla.clave and self", "not self.tabla.clave and self"),
    M("revision", "Revision.exigir_unicos", VACIO, "return None"),
    M("revision", "Revision.ocultar", "elif campo.obligatorio and not", "elif not campo.obligatorio and not"),
    M("revision", "Revision.ocultar", VACIO, "return None"),
    # Las reglas, las citas y los grupos.
    M("condicion", "cumple", "return all(", "return any("),
    M("condicion", "cumple", "return any(", "return all("),
    M("condicion", "cumple", 'is condicion.vacio', "is not condicion.vacio"),
    M("condicion", "cumple", "return not hay if", "return hay if"),
    M("reglas", "_exigir", "not cumple(", "cumple("),
    M("reglas", "_exigir", VACIO, "return None"),
    M("reglas", "_sumar", "suma > monto", "suma >= monto"),
    M("reglas", "_sumar", "suma < monto", "suma <= monto"),
    M("reglas", "revisar_reglas", VACIO, "return None"),
    M("referencias", "_revisar_existencia", "if codigo not in por_codigo", "if codigo in por_codigo"),
    M("referencias", "_revisar_existencia", VACIO, "return None"),
    M("referencias", "_revisar_cita", VACIO, "return None"),
    M("validacion", "_revisar_grupo", "if respuesta not in por_respuesta", "if respuesta in por_respuesta"),
    M("validacion", "_revisar_cuenta", "veces < grupo.minimo", "veces <= grupo.minimo"),
    M("validacion", "_revisar_cuenta", "veces > grupo.maximo", "veces > grupo.maximo + 1"),
)  # fmt: skip


def funcion_de(texto: str, nombre: str) -> tuple[int, int, ast.FunctionDef]:
    """(desde, hasta, nodo) de una función o de un método, en caracteres del texto."""
    nodo: ast.AST = ast.parse(texto)
    for parte in nombre.split("."):
        hallados = [n for n in ast.iter_child_nodes(nodo) if getattr(n, "name", "") == parte]
        if len(hallados) != 1:
            raise ValueError(f"no está «{nombre}»")
        nodo = hallados[0]
    lineas = texto.splitlines(keepends=True)
    return len("".join(lineas[: nodo.lineno - 1])), len("".join(lineas[: nodo.end_lineno])), nodo


def estropear(texto: str, mutante: Mutante) -> str:
    """El módulo con la mutación. ValueError si ya no calza: una mutación que no se aplica no prueba nada."""
    desde, hasta, nodo = funcion_de(texto, mutante.funcion)
    trozo = texto[desde:hasta]
    if mutante.viejo == VACIO:
        primera = next(n for n in nodo.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)))
        lineas = texto.splitlines(keepends=True)
        lineas.insert(primera.lineno - 1, " " * primera.col_offset + mutante.nuevo + "\n")
        salida = "".join(lineas)
    else:
        if trozo.count(mutante.viejo) != 1:
            raise ValueError(f"«{mutante.viejo}» está {trozo.count(mutante.viejo)} veces")
        salida = texto[:desde] + trozo.replace(mutante.viejo, mutante.nuevo) + texto[hasta:]
    ast.parse(salida)
    return salida


def copiar(origen: Path, carpeta: Path) -> None:
    """Lo que la prueba necesita, y nada más."""
    for parte in ("esquemas", "tests/contrato"):
        shutil.copytree(origen / parte, carpeta / parte, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(origen / "pyproject.toml", carpeta)


def correr(carpeta: Path) -> tuple[bool, str]:
    """(pasó, última línea útil) de `test_veredictos` en esa copia, en su versión rápida."""
    donde = subprocess.run(
        [sys.executable, "-c", "import esquemas; print(esquemas.__path__[0])"],
        cwd=carpeta,
        capture_output=True,
        text=True,
        check=True,
    )
    if not Path(donde.stdout.strip()).samefile(carpeta / "esquemas"):
        raise RuntimeError(f"se probaría {donde.stdout.strip()} y no la copia")
    orden = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--tb=line"]
    orden += [f"tests/contrato/test_veredictos.py::{prueba}" for prueba in PRUEBAS]
    entorno = os.environ | {"VEREDICTOS": "rapido", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        hecho = subprocess.run(orden, cwd=carpeta, env=entorno, capture_output=True, text=True, timeout=ESPERA)
    except subprocess.TimeoutExpired:
        return False, "no terminó"
    razones = re.findall(
        r"^(?:E +|FAILED |ERROR )(.+)|: ((?:Assertion|[A-Z]\w*)(?:Error|Invalido)[: ].+)", hecho.stdout, re.MULTILINE
    )
    return hecho.returncode == 0, next((a or b for a, b in razones if a or b), hecho.stdout[-200:])


def probar(mutante: Mutante | None, origen: Path = RAIZ) -> tuple[bool, str]:
    """(cayó, por qué). Sin mutante, el control: la copia intacta."""
    with tempfile.TemporaryDirectory(prefix="mutante-") as temporal:
        carpeta = Path(temporal)
        copiar(origen, carpeta)
        if mutante:
            archivo = carpeta / "esquemas" / f"{mutante.modulo}.py"
            try:
                archivo.write_text(estropear(archivo.read_text(encoding="utf-8"), mutante), encoding="utf-8")
            except ValueError as error:
                return False, f"YA NO CALZA: {error}"
        paso, razon = correr(carpeta)
        return not paso, razon


def principal(pedidos: Iterable[str]) -> int:
    elegidos = [m for m in MUTANTES if all(p in str(m) for p in pedidos)]
    vivos = 0
    with tempfile.TemporaryDirectory(prefix="origen-") as origen, ThreadPoolExecutor(os.cpu_count()) as hilos:
        copiar(RAIZ, Path(origen))  # una foto: que editar mientras corre no mezcle versiones
        cayo, razon = probar(None, Path(origen))
        if cayo:
            print(f"La copia intacta no pasa: {razon}")
            return 2
        hechos = hilos.map(lambda m: probar(m, Path(origen)), elegidos)
        for mutante, (cayo, razon) in zip(elegidos, hechos, strict=True):
            vivos += not cayo
            print(f"{'cayó' if cayo else 'VIVO'}  {mutante}", textwrap.shorten(razon, 110), sep="\n        ", flush=True)
    print(f"{len(elegidos) - vivos} de {len(elegidos)} mutantes cayeron.")
    return 1 if vivos else 0


if __name__ == "__main__":
    sys.exit(principal(sys.argv[1:]))
