"""Subir un archivo a la matriz de la región: sus problemas en sus celdas, qué cambiaría, y aplicarlo si se confirma."""

from dataclasses import replace
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for

from esquemas.errores import Codigo
from esquemas.hoja import TOPES
from esquemas.libro import Libro
from esquemas.modelo import Esquema
from esquemas.plantilla import Notas
from esquemas.propias import como_se_escribio
from esquemas.validacion import Resultado
from formularios.apertura import leer_apertura
from formularios.faltas import leer_filas
from formularios.fila_en_curso import FilaCambiada, FilaInexistente, Matriz, clave_de
from formularios.filas import leer_quitadas
from formularios.juicio import contexto_de
from formularios.matrices import comprobar, escribibles
from formularios.observaciones import leer_observaciones, notas_de
from formularios.subida import ArchivoPerdido, apartar, confirmar
from formularios.vistas import CORRIGEN, ESCRIBEN, exigir_su_region, nombrar_roles, nucleo, permitir, puede, roles_aqui
from formularios.vistas.archivos import revisar_subido
from formularios.vistas.matrices import de_apertura, la_matriz, lo_comun
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
    apertura = leer_apertura(nucleo().almacen, nucleo().catalogo, matriz)
    vuelven = {clave_de(matriz.esquema, f.datos) for f in leer_quitadas(nucleo().almacen, matriz) if apertura.entera(f.datos)}
    propio = {"referidas": (), "topes": TOPES, "apertura": apertura, "vuelven": vuelven, "comparado": None, "aviso": ""}
    return render_template("matriz_subir.html", **lo_comun(matriz), **{**propio, **resto})


@subidas.post("/")
@permitir(CORRIGEN)
def comparar(cut: str, ejercicio: int, formato: str) -> object:
    """Revisa el archivo y lo compara con lo que hay. No cambia la matriz.

    A quien solo responde no se le exige ni se le juzga lo que no escribe.
    """
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    suyos = escribibles(matriz.esquema, roles_aqui())
    ajenos = {k.nombre: nombrar_roles(k.escriben or matriz.esquema.escriben) for k in matriz.esquema.campos}
    ajenos = {n: quienes for n, quienes in ajenos.items() if n not in suyos}
    suyas, ausentes, pedido, sin_exigir = None, set(), matriz.esquema, set()
    if not puede(ESCRIBEN, matriz.esquema):
        suyas = {o.codigo for o in leer_observaciones(n.almacen, n.catalogo, cut, ejercicio)}
        sin_exigir = ajenos.keys() - set(pedido.principal.clave)
        campos = tuple(replace(k, obligatorio=k.obligatorio and k.nombre not in sin_exigir) for k in pedido.campos)
        pedido = replace(pedido, principal=replace(pedido.principal, campos=campos))

    def comprobar_lo_suyo(leido: Resultado) -> Resultado:
        juzgado = comprobar(n.almacen, n.catalogo, matriz, leido)
        ausentes.update(p.campo for p in juzgado.problemas if p.codigo == Codigo.COLUMNA_OPCIONAL_FALTANTE)
        if not sin_exigir:
            return juzgado
        # Lo malo en una celda ajena no se le reprocha, pero queda escrito: si no, se vería vacía y no se diría que se ignora.
        filas = [tuple(f.values()) for f in como_se_escribio(juzgado)]
        problemas = tuple(p for p in juzgado.problemas if p.campo not in sin_exigir)
        return replace(juzgado, tablas={**juzgado.tablas, pedido.nombre: filas}, problemas=problemas)

    def dibujar(_: Esquema, **resto: object) -> str:
        leido = resto.get("resultado")
        # Con celdas de más no se sabe qué dicen sus filas, y aplicar el archivo sin ellas las quitaría.
        if not leido or not leido.tablas.get(pedido.nombre) or any(p.codigo == Codigo.FILA_IRREGULAR for p in leido.errores):
            return _dibujar(matriz, **resto)
        quien = {"ajenos": ajenos, "suyas": suyas, "ausentes": ausentes}
        quien |= {"nombre": str(resto["nombre"]), "autor": autor(), "ahora_utc": n.reloj()}
        return _dibujar(matriz, comparado=apartar(n.almacen, n.catalogo, matriz, leido, **quien), **resto)

    def anotar(libro: Libro, leido: Resultado) -> Notas:
        observadas = de_apertura(matriz)["observadas"]
        return notas_de(n.catalogo, matriz.esquema, leer_filas(n.catalogo, libro, leido), observadas) if observadas else {}

    contexto = partial(contexto_de, n.almacen, n.catalogo, matriz)
    return revisar_subido(pedido, contexto, dibujar, comprobar_lo_suyo, anotar)


@subidas.post("/aplicar/")
@permitir(CORRIGEN)
def aplicar(cut: str, ejercicio: int, formato: str) -> object:
    """Deja la matriz como el archivo que se comparó y, si no tenía errores, ofrece entregarla. Lo quitado se puede reponer."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    try:
        confirmar(n.almacen, n.catalogo, matriz, request.form.get("archivo", ""), autor=autor(), ahora_utc=n.reloj())
    except (ArchivoPerdido, FilaCambiada, FilaInexistente) as falla:
        return _dibujar(matriz, aviso=PERDIDO if isinstance(falla, ArchivoPerdido) else CAMBIO), 409
    donde = "entregas.revisada" if request.form.get("limpio") else "matrices.tabla"
    return redirect(url_for(donde, cut=cut, ejercicio=ejercicio, formato=formato, aplicado="1"), 303)
