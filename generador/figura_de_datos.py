"""Las figuras de una página: un gráfico de barras o la traza de sus matrices, siempre con los mismos datos en palabras.

`grafico` suma el `valor` de las filas con el mismo `nombre` y dibuja una barra por cada uno. `separa` es el campo con la
unidad: no se comparan barras que cuentan cosas distintas, y la que queda sola se dice en una oración. Lo que no consta en
ninguna fila se dice y no se dibuja.
`traza` dibuja las matrices nombradas y pone debajo su tabla. `columnas` y `supone` son los de `esquemas.cadena`; `suma`, el
campo que se suma en cada nodo; `falta`, el esquema de una matriz que no se tiene.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from html import unescape

from esquemas.cadena import armar
from esquemas.graficos import barras
from esquemas.modelo import Campo
from esquemas.traza import Renglon, dibujar, renglones
from generador.datos import NO_CONSTA, Datos, Pedido, cifra, cuantas
from generador.molde import escapar


def grafico(pedido: Pedido) -> str:
    datos, opciones = pedido.datos(), pedido.opciones
    if not (opciones.get("nombre") and opciones.get("valor")):
        raise ValueError(f"{datos.archivo}: un gráfico pide «nombre» y «valor».")
    nombre, valor = datos.campo(opciones["nombre"]), datos.campo(opciones["valor"])
    separa = datos.campo(opciones["separa"]) if opciones.get("separa") else None
    if valor.tipo not in ("pesos", "entero"):
        raise ValueError(f"{datos.archivo}: «{valor.nombre}» no es un número entero y no se puede dibujar.")
    if len(datos.sin_dato(valor)) == len(datos.filas):
        return f"{escapar(valor.titulo)}: no consta en ninguna de las {cuantas(len(datos.filas))}, y no hay qué dibujar."
    grupos: dict[str, list[Mapping[str, str]]] = {}
    for fila in datos.filas:
        grupos.setdefault(fila[separa.nombre] if separa else "", []).append(fila)
    figuras, sueltas = [], []
    for clave, filas in grupos.items():
        sumas = _por_nombre(datos, nombre, valor, filas)
        unidad = unescape(datos.mostrar(separa, clave)).lower() if separa else ""
        if separa and len(sumas) == 1:
            sueltas.append(f"{escapar(sumas[0][0])}, {_en_palabras(valor, sumas[0][1])} ({escapar(unidad)})")
        else:
            figuras.append(_figura(nombre, valor, sumas, f" ({separa.titulo.lower()}: {unidad})" if separa else ""))
    aparte = [f"Aparte, porque su unidad es otra: {'; '.join(sueltas)}."] if sueltas else []
    return "\n\n".join((*figuras, *aparte))


def _por_nombre(datos: Datos, nombre: Campo, valor: Campo, filas: Sequence[Mapping[str, str]]) -> list[tuple[str, int | None]]:
    """(nombre, suma o None si no consta). Si a una parte de las filas le falta el dato, el nombre lo dice."""
    grupos: dict[str, list[str]] = {}
    for fila in filas:
        grupos.setdefault(unescape(datos.mostrar(nombre, fila[nombre.nombre])), []).append(fila[valor.nombre])
    hecho = []
    for titulo, valores in grupos.items():
        numeros = [int(v) for v in valores if v]
        nota = f" (sin {cuantas(len(valores) - len(numeros))} que no consta)" if 0 < len(numeros) < len(valores) else ""
        hecho.append((titulo + nota, sum(numeros) if numeros else None))
    return hecho


def _figura(nombre: Campo, valor: Campo, sumas: Sequence[tuple[str, int | None]], aclara: str) -> str:
    titulo = f"{valor.titulo} por {nombre.titulo.lower()}{aclara}"
    dichas = "; ".join(f"{n}, {_en_palabras(valor, s)}" for n, s in sumas)
    dibujo = barras(titulo, f"{dichas}.", sumas, lambda n: _en_palabras(valor, n))
    return f'<figure class="grafico" markdown="0"><figcaption>{escapar(titulo)}</figcaption>{dibujo}</figure>'


def _en_palabras(valor: Campo, suma: int | None) -> str:
    return NO_CONSTA.lower() if suma is None else cifra(valor, Decimal(suma))


# --- la traza -----------------------------------------------------------------------------------------

_SUPUESTA = " (por sus palabras)"
_SIGNOS = '<span aria-hidden="true">●</span> unida a otra. <span aria-hidden="true">○</span> sin el enlace que se espera.'
_SUPUESTAS = " Línea cortada: enlace que no está en los datos; lo suponemos porque los dos textos usan las mismas palabras."


def traza(pedido: Pedido) -> str:
    presentes = [pedido.datos(a.strip()) for a in pedido.archivo.split(",")]
    matrices: dict[str, Sequence[Mapping[str, str]]] = {d.esquema.nombre: d.filas for d in presentes}
    matrices |= {pedido.esquema(n).nombre: () for n in pedido.lista("falta")}
    suma, supone = (pedido.opciones.get(o, "") for o in ("suma", "supone"))
    try:
        columnas, flechas = armar(pedido.catalogo, matrices, pedido.lista("columnas"), suma=suma, supone=supone)
    except ValueError as error:
        raise ValueError(f"{pedido.archivo}: {error}.") from error
    filas = renglones(columnas, flechas, _SUPUESTA)
    cuenta = [_cuenta(c.titulo, [r for r in filas if r.columna == c.titulo]) for c in columnas]
    titulo = " → ".join(c.titulo for c in columnas)
    dibujo = dibujar(titulo, f"{' '.join(cuenta)} Los mismos datos están en la tabla que sigue.", columnas, flechas)
    caja = f'<div class="lienzo" tabindex="0" role="group" aria-label="Dibujo de la traza">{dibujo}</div>'
    signos = _SIGNOS + (_SUPUESTAS if any(f.supuesta for f in flechas) else "")
    figura = f'<figure class="traza" markdown="0">{caja}<figcaption>{signos}</figcaption></figure>'
    return "\n\n".join((figura, "\n".join(f"- {escapar(c)}" for c in cuenta), _tabla(filas)))


def _cuenta(titulo: str, filas: Sequence[Renglon]) -> str:
    """Cuántos hay de una clase y a cuáles les falta un enlace."""
    dicho = f"{titulo}: {len(filas) or NO_CONSTA.lower()}."
    for lado, hacia in (("viene", "atrás"), ("lleva", "adelante")):
        if sin := [r.nodo.rotulo for r in filas if getattr(r, lado) == ()]:
            cuales = "" if len(sin) == len(filas) else f" ({', '.join(sin)})"
            dicho += f" Sin enlace hacia {hacia}: {len(sin)}{cuales}."
    return dicho


def _tabla(filas: Sequence[Renglon]) -> str:
    lineas = ["| Código o nombre | Tipo | Qué dice, o sus filas | Viene de | Lleva a |", "| --- | --- | --- | --- | --- |"]
    for r in filas:
        dicho = " · ".join(filter(None, (r.nodo.texto, r.nodo.nota)))
        lineas.append(f"| {' | '.join(map(escapar, (r.nodo.rotulo, r.columna, dicho, _unidos(r.viene), _unidos(r.lleva))))} |")
    return "\n".join(lineas)


def _unidos(rotulos: Sequence[str] | None) -> str:
    return "—" if rotulos is None else ", ".join(rotulos) or "Sin enlace"
