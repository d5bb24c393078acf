"""Lo que dijeron las respuestas vigentes de una región, y el paso de una cita a la matriz que corresponda. Sin web.

El cálculo está en `esquemas.analisis`; aquí se leen las filas y se sabe cuáles citas ya pasaron, por el origen de cada fila.
"""

from datetime import datetime

from esquemas.analisis import Analizado, Fila, analizar, tablas_de
from esquemas.modelo import Apartado, Catalogo, Esquema
from formularios.almacen import Almacen
from formularios.fila_en_curso import Fila as FilaEnCurso
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, leer_matriz
from formularios.seleccion import elegir


class CitaInexistente(Exception):
    """Esa cita no está entre las respuestas vigentes de la región, o su apartado no pasa a ninguna matriz."""


def leer_filas(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, region: str, ejercicio: int) -> dict[str, list[Fila]]:
    """Tabla → (folio, fila desde 1, valores) de los envíos vigentes. Lo bloqueado y lo suprimido no se cuenta."""
    seleccion = elegir(almacen, catalogo, esquema, region=region, ejercicio=ejercicio)
    tablas = {t.nombre: t for t in esquema.tablas}
    return {n: [(e.folio, i + 1, datos) for e, i, datos in seleccion.filas(tablas[n])] for n in tablas_de(esquema)}


def leer_analisis(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, region: str, ejercicio: int) -> Analizado:
    """El análisis completo de una encuesta que lo declara."""
    return analizar(catalogo, esquema, leer_filas(almacen, catalogo, esquema, region, ejercicio), region)


def origen_de(esquema: Esquema, folio: str, tabla: str, fila: int) -> str:
    """De dónde sale una fila, en corto: «actor-clave 2027-06-000012-3 problematicas 2»."""
    return f"{esquema.nombre} {folio} {tabla} {fila}"


def leer_pasadas(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, region: str, ejercicio: int) -> dict[str, FilaEnCurso]:
    """Origen → la fila en que está, de todas las matrices a las que pasa esta encuesta."""
    matrices = dict.fromkeys(a.pasa_a.esquema for a in esquema.analisis.apartados if a.pasa_a)
    filas = (f for m in matrices for f in leer_matriz(almacen, Matriz(catalogo.esquemas[m], region, ejercicio)))
    return {f.origen: f for f in filas if f.origen}


def pasar(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    apartado: Apartado,
    folio: str,
    fila: int,
    *,
    region: str,
    ejercicio: int,
    autor: str,
    ahora_utc: datetime,
) -> tuple[FilaEnCurso, bool]:
    """Agrega la cita a su matriz y dice si es nueva: la que ya estaba no entra otra vez. CitaInexistente si no procede."""
    pase, tabla = apartado.pasa_a, esquema.ubicar(apartado.palabras)[0].nombre if apartado.palabras else ""
    filas = leer_filas(almacen, catalogo, esquema, region, ejercicio).get(tabla, ())
    datos = next((d for f, i, d in filas if (f, i) == (folio, fila)), None)
    if pase is None or datos is None:
        raise CitaInexistente
    valores = {**pase.valores, **{destino: datos.get(propio, "") for destino, propio in pase.campos.items()}}
    matriz = Matriz(catalogo.esquemas[pase.esquema], region, ejercicio)
    origen = origen_de(esquema, folio, tabla, fila)
    return agregar_fila(almacen, catalogo, matriz, valores, origen=origen, autor=autor, ahora_utc=ahora_utc)
