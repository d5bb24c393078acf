"""Compila un campo en una función: de una celda a su texto canónico, o a un `Hallazgo` con lo que hay que decir.

Se compila una vez por campo y se llama una vez por valor distinto de cada columna (ver `validacion`).
"""

import difflib
import math
import re
from collections.abc import Callable, Set
from decimal import Decimal
from itertools import filterfalse
from typing import NamedTuple

from esquemas.condicion import SEPARADOR
from esquemas.errores import Codigo, Gravedad
from esquemas.modelo import Campo, Opciones
from esquemas.normalizacion import Falla, caracter_invalido, limpiar, plegar
from esquemas.tipos import TIPOS, Celda, como_texto

UNION = " · "  # entre código y nombre en las listas de la planilla
_ERRORES_DE_EXCEL = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#N/D", "#¡REF!", "#¡VALOR!", "#¿NOMBRE?", "#¡DIV/0!")
)


class Hallazgo(NamedTuple):
    """Una celda de la que hay algo que decir. `valor` es el canónico, «» si no se pudo leer."""

    valor: str
    fallas: tuple[Falla, ...]


Revisor = Callable[[Celda], str | Hallazgo]
Criba = Callable[[Set[str]], Set[str]]


def compilar(campo: Campo, opciones: Opciones | None) -> Revisor:
    """La función que lee una celda de ese campo. `opciones` es su catálogo, si tiene."""
    if campo.varios:
        leer = _varios(_opcion(campo, opciones) if opciones else _codigo_citado, campo.titulo)
    elif opciones:
        leer = _opcion(campo, opciones)
    elif campo.referencia:
        leer = _codigo_citado
    else:
        leer = TIPOS[campo.tipo].leer
    limitar = _limites(campo)
    avisar = getattr(TIPOS[campo.tipo], "aviso", None)
    exigir = campo.obligatorio and not campo.mostrar_si
    vacio: str | Hallazgo = ""
    if exigir:
        vacio = Hallazgo("", (Falla(Codigo.OBLIGATORIO, f"Falta «{campo.titulo}». {campo.ayuda or 'Complete la celda.'}"),))

    def revisar(celda: Celda) -> str | Hallazgo:
        avisos: tuple[Falla, ...] = ()
        if isinstance(celda, str):
            limpia = celda.strip() if celda.isascii() and celda.isprintable() else limpiar(celda)
            if not limpia:
                return vacio
            if limpia != celda and celda.strip() != celda:
                avisos = (_SOBRAN_ESPACIOS,)
            if falla := _ilegible(limpia):
                return Hallazgo("", (falla,))
            celda = limpia
        leido = leer(celda)
        if isinstance(leido, Falla):
            return Hallazgo("", (*avisos, leido))
        if limitar and (falla := limitar(leido)):
            return Hallazgo("", (*avisos, falla))
        if avisar and (aviso := avisar(celda, leido)):
            avisos = (*avisos, aviso)
        return Hallazgo(leido, avisos) if avisos else leido

    return revisar


def compilar_criba(campo: Campo, opciones: Opciones | None) -> Criba:
    """La función que aparta, de los textos distintos de una columna, los que hay que leer: los demás ya son canónicos.

    Puede apartar uno bueno (se lee y ya). Nunca deja pasar uno que el revisor cambiaría o del que diría algo: hay una
    prueba que lo exige.
    """
    if opciones and not campo.varios:
        revisar = compilar(campo, opciones)
        canonicos = frozenset(o.codigo for o in opciones.opciones if revisar(o.codigo) == o.codigo)
        return lambda textos: textos - canonicos
    tipo = TIPOS["codigo" if campo.referencia else campo.tipo]
    if campo.varios or not tipo.canonico:
        return lambda textos: textos
    largo = f"(?=.{{{campo.largo_minimo}}})" if campo.largo_minimo else ""
    largo += f"(?!.{{{campo.largo_maximo + 1}}})" if campo.largo_maximo else ""
    apartar = _cotejar(f"{largo}(?:{tipo.canonico})", campo.patron)
    if campo.minimo is None and campo.maximo is None:
        return apartar
    piso = -math.inf if campo.minimo is None else campo.minimo
    techo = math.inf if campo.maximo is None else campo.maximo

    def apartar_tambien_lo_que_no_cabe(textos: Set[str]) -> Set[str]:
        apartados = apartar(textos)
        con_forma = textos - apartados if apartados else textos
        numeros = list(map(float, con_forma))
        if not numeros or (piso <= min(numeros) and max(numeros) <= techo):
            return apartados
        return apartados | {t for t, n in zip(con_forma, numeros, strict=True) if not piso <= n <= techo}

    return apartar_tambien_lo_que_no_cabe


def _cotejar(forma: str, patron: str) -> Criba:
    """Aparta los que no tienen esa forma. Se cotejan todos de una vez, uno por línea: de a uno cuesta hasta el doble."""
    una = f"(?=(?:{patron})\\Z){forma}" if patron else forma
    seguidas = f"(?:(?:{forma})\n)*+"

    def apartar(textos: Set[str]) -> Set[str]:
        lineas = "" if patron else "\n".join(textos) + "\n"
        if lineas.count("\n") != len(textos):  # el patrón del YAML, o un párrafo, podría seguir en otra línea
            return set(filterfalse(re.compile(una).fullmatch, textos))
        seguir = re.compile(seguidas).match  # aquí y no antes: `re` los guarda, y en frío se compila solo el que se usa
        apartados, lugar = set(), 0
        while (lugar := seguir(lineas, lugar).end()) < len(lineas):
            fin = lineas.index("\n", lugar)
            apartados.add(lineas[lugar:fin])
            lugar = fin + 1
        return apartados

    return apartar


_SOBRAN_ESPACIOS = Falla(
    Codigo.ESPACIOS_SOBRANTES, "Había espacios al comienzo o al final; se quitaron. No tiene que hacer nada.", Gravedad.ALERTA
)


def _ilegible(texto: str) -> Falla | None:
    if not (texto.isascii() and texto.isprintable()) and (malo := caracter_invalido(texto)):
        return Falla(
            Codigo.CARACTER_INVALIDO,
            f"Hay un carácter invisible (U+{ord(malo):04X}) que no es texto. Bórrelo y escriba de nuevo.",
        )
    if texto in _ERRORES_DE_EXCEL:
        return Falla(
            Codigo.FORMULA_CON_ERROR, f"La celda muestra el error de fórmula «{texto}». Corrija la fórmula o escriba el valor."
        )
    return None


def _limites(campo: Campo) -> Callable[[str], Falla | None] | None:
    revisiones: list[Callable[[str], Falla | None]] = []
    if campo.largo_minimo:
        minimo = campo.largo_minimo
        corto = f"«{campo.titulo}» pide al menos {minimo} caracteres. Complete el texto."
        revisiones.append(lambda t: Falla(Codigo.MUY_CORTO, corto) if len(t) < minimo else None)
    if campo.largo_maximo:
        maximo = campo.largo_maximo
        revisiones.append(
            lambda t: (
                Falla(Codigo.MUY_LARGO, f"Tiene {len(t)} caracteres y caben {maximo}. Acórtelo.") if len(t) > maximo else None
            )
        )
    if campo.minimo is not None:
        piso = Decimal(campo.minimo)
        bajo = f"es menor que el mínimo, {campo.minimo}. Revise la cifra."
        revisiones.append(lambda t: Falla(Codigo.MENOR_QUE_MINIMO, f"«{t}» {bajo}") if Decimal(t) < piso else None)
    if campo.maximo is not None:
        techo = Decimal(campo.maximo)
        alto = f"es mayor que el máximo, {campo.maximo}. Revise la cifra."
        revisiones.append(lambda t: Falla(Codigo.MAYOR_QUE_MAXIMO, f"«{t}» {alto}") if Decimal(t) > techo else None)
    if campo.patron:
        patron = re.compile(campo.patron)
        forma = f"no tiene la forma pedida en «{campo.titulo}». Ejemplo: {campo.ejemplo}."
        revisiones.append(lambda t: None if patron.fullmatch(t) else Falla(Codigo.PATRON, f"«{t}» {forma}"))
    if len(revisiones) < 2:
        return revisiones[0] if revisiones else None
    return lambda t: next((f for r in revisiones if (f := r(t))), None)


def indice_de_opciones(opciones: Opciones) -> dict[str, str]:
    """Texto plegado → código. Se acepta el código, el nombre, un sinónimo o «código · nombre»; nunca un nombre repetido."""
    indice: dict[str, str] = {}
    repetidos = set()
    for opcion in opciones.opciones:
        for texto in (opcion.nombre, *opcion.sinonimos):
            clave = plegar(texto)
            if indice.setdefault(clave, opcion.codigo) != opcion.codigo:
                repetidos.add(clave)
    for clave in repetidos:
        del indice[clave]
    for opcion in opciones.opciones:
        indice[plegar(opcion.codigo)] = opcion.codigo
        indice[plegar(f"{opcion.codigo}{UNION}{opcion.nombre}")] = opcion.codigo
    return indice


def _opcion(campo: Campo, opciones: Opciones) -> Callable[[Celda], str | Falla]:
    codigos = {o.codigo: o.codigo for o in opciones.opciones}
    indice = indice_de_opciones(opciones)
    largos = {len(c) for c in codigos}
    # Excel quita los ceros a la izquierda: si todos los códigos son cifras de igual largo, «6» solo puede ser «06».
    elija = _elija(opciones)
    relleno = largos.pop() if len(largos) == 1 and all(c.isdecimal() for c in codigos) else 0

    def leer(celda: Celda) -> str | Falla:
        texto = como_texto(celda)
        if texto in codigos:
            return texto
        if relleno and texto.isascii() and texto.isdecimal() and texto.zfill(relleno) in codigos:
            return texto.zfill(relleno)
        if codigo := indice.get(plegar(texto)):
            return codigo
        if UNION in texto and (codigo := codigos.get(texto.split(UNION, 1)[0].strip())):
            return codigo  # «código · nombre» de una lista anterior: manda el código
        mensaje = f"«{texto}» no está en la lista de «{campo.titulo}». {elija}"
        return Falla(Codigo.OPCION_DESCONOCIDA, mensaje, pista=lambda: _parecida(texto, opciones))

    return leer


def _elija(opciones: Opciones) -> str:
    if len(opciones.opciones) <= 12:
        return f"Elija una de: {', '.join(o.nombre for o in opciones.opciones)}."
    return f"Elija una de las {len(opciones.opciones)} opciones de la lista «{opciones.titulo}»."


def _parecida(texto: str, opciones: Opciones) -> str:
    nombres = {plegar(o.nombre): o for o in opciones.opciones}
    parecidos = difflib.get_close_matches(plegar(texto[:100]), nombres, n=1)
    return f"¿Quiso decir «{nombres[parecidos[0]].nombre}» ({nombres[parecidos[0]].codigo})?" if parecidos else ""


def _codigo_citado(celda: Celda) -> str | Falla:
    return TIPOS["codigo"].leer(como_texto(celda).split(UNION, 1)[0].strip())


def _varios(leer_uno: Callable[[Celda], str | Falla], titulo: str) -> Callable[[Celda], str | Falla]:
    def leer(celda: Celda) -> str | Falla:
        valores: list[str] = []
        for trozo in como_texto(celda).replace("\n", SEPARADOR).split(SEPARADOR):
            if not (trozo := trozo.strip()):
                continue
            leido = leer_uno(trozo)
            if isinstance(leido, Falla):
                return leido
            if leido in valores:
                return Falla(Codigo.OPCION_REPETIDA, f"«{leido}» está dos veces en «{titulo}». Déjelo una sola vez.")
            valores.append(leido)
        if not valores:
            return Falla(
                Codigo.OPCION_DESCONOCIDA, f"En «{titulo}» solo hay separadores. Escriba un valor o deje la celda vacía."
            )
        return SEPARADOR.join(valores)

    return leer
