"""Subir un archivo a la matriz de la región: sus problemas en sus celdas, qué cambiaría, y aplicarlo si se confirma."""

from flask import Blueprint, redirect, render_template, request, url_for

from esquemas.hoja import TOPES
from esquemas.modelo import Esquema
from esquemas.validacion import Contexto
from formularios.fila_en_curso import FilaCambiada, Matriz
from formularios.matrices import escribibles, referidas_vivas
from formularios.observaciones import leer_observaciones
from formularios.recepcion import excepciones_de
from formularios.subida import ArchivoPerdido, apartar, confirmar
from formularios.vistas import CORRIGEN, ESCRIBEN, exigir_su_region, nucleo, permitir, puede, roles_aqui
from formularios.vistas.archivos import revisar_subido
from formularios.vistas.matrices import la_matriz, lo_comun
from formularios.vistas.regiones import autor

subidas = Blueprint("subidas", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>/subir")
subidas.before_request(exigir_su_region)

PERDIDO = "Ese archivo venció, o usted subió otro después. Súbalo otra vez para ver qué cambiaría."
CAMBIO = "Alguien cambió la matriz después de que usted comparó su archivo. No se aplicó nada: súbalo otra vez para comparar."


@subidas.get("/")
@permitir(CORRIGEN)
def subir(cut: str, ejercicio: int, formato: str) -> object:
    return _dibujar(la_matriz(cut, ejercicio, formato))


def _dibujar(matriz: Matriz, **resto: object) -> str:
    # `referidas` vacío: se revisa contra las matrices de la región, no contra archivos.
    return render_template(
        "matriz_subir.html", **lo_comun(matriz), referidas=(), topes=TOPES, **{"comparado": None, "aviso": "", **resto}
    )


@subidas.post("/")
@permitir(CORRIGEN)
def comparar(cut: str, ejercicio: int, formato: str) -> object:
    """Revisa el archivo y lo compara con lo que hay. No cambia la matriz."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)

    def contexto() -> Contexto:
        vivas = referidas_vivas(n.almacen, n.catalogo, matriz)
        return Contexto(cut, ejercicio, vivas, excepciones_de(n.almacen, *matriz.lugar))

    def dibujar(_: Esquema, **resto: object) -> str:
        leido = resto.get("resultado")
        if leido is None or not leido.tablas.get(matriz.esquema.nombre):
            return _dibujar(matriz, **resto)
        ajenos = set(matriz.esquema.principal.nombres) - escribibles(matriz.esquema, roles_aqui())
        suyas = None
        if not puede(ESCRIBEN, matriz.esquema):
            suyas = {o.codigo for o in leer_observaciones(n.almacen, n.catalogo, cut, ejercicio)}
        quien = {"ajenos": ajenos, "suyas": suyas, "nombre": str(resto["nombre"]), "autor": autor(), "ahora_utc": n.reloj()}
        return _dibujar(matriz, comparado=apartar(n.almacen, n.catalogo, matriz, leido, **quien), **resto)

    return revisar_subido(matriz.esquema, contexto, dibujar)


@subidas.post("/aplicar/")
@permitir(CORRIGEN)
def aplicar(cut: str, ejercicio: int, formato: str) -> object:
    """Deja la matriz como el archivo que se comparó y, si no tenía errores, ofrece entregarla. Lo quitado se puede reponer."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    try:
        confirmar(n.almacen, n.catalogo, matriz, request.form.get("archivo", ""), autor=autor(), ahora_utc=n.reloj())
    except (ArchivoPerdido, FilaCambiada) as falla:
        return _dibujar(matriz, aviso=PERDIDO if isinstance(falla, ArchivoPerdido) else CAMBIO), 409
    donde = "entregas.revisada" if request.form.get("limpio") else "matrices.tabla"
    return redirect(url_for(donde, cut=cut, ejercicio=ejercicio, formato=formato, aplicado="1"), 303)
