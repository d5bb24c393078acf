"""Compila un campo en una función: de una celda a su texto canónico, o a un `Hallazgo` con lo que hay que decir.

Se compila una vez por campo y se llama una vez por valor distinto de cada columna (ver `validacion`).
"""

import datetime
import math
import re
from collections.abc import Callable, Set
from decimal import Decimal
from itertools import filterfalse
from typing import NamedTuple

from esquemas.condicion import SEPARADOR
from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import FORMULA_SIN_VALOR, TOPES, Hora, miles
from esquemas.modelo import Campo, Opciones
from esquemas.normalizacion import Falla, caracter_invalido, citado, con_coma, limpiar, plegar
from esquemas.sugerencia import UNION, codigos_juntos, elegir, repartir, sugerir, unir
from esquemas.tipos import TIPOS, Celda, como_texto, en_vez_de_fecha

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
        leer = _varios(_opcion(campo, opciones) if opciones else _codigo_citado(campo), campo.titulo)
    elif opciones:
        leer = _opcion(campo, opciones)
    elif campo.referencia:
        leer = _codigo_citado(campo)
    else:
        leer = TIPOS[campo.tipo].leer
    limitar = _limites(campo)
    exigir = campo.obligatorio and not campo.mostrar_si
    largo = min(campo.largo_maximo or TOPES.celda, TOPES.celda)
    de_lista = bool(campo.catalogo or campo.referencia)
    avisar = None if de_lista else getattr(TIPOS[campo.tipo], "aviso", None)
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
            if falla := _ilegible(limpia, largo):
                return Hallazgo("", (falla,))
            celda = limpia
        elif isinstance(celda, datetime.date) and (falla := en_vez_de_fecha(celda, campo.tipo, de_lista)):
            return Hallazgo("", (falla,))
        leido = leer(celda.texto if isinstance(celda, Hora) else celda)
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
    if campo.largo_maximo or tipo.base == "string":
        largo += f"(?!.{{{min(campo.largo_maximo or TOPES.celda, TOPES.celda) + 1}}})"
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


def _ilegible(texto: str, largo: int) -> Falla | None:
    if len(texto) > TOPES.celda:
        return Falla(Codigo.CELDA_LARGA, f"La celda tiene {miles(len(texto))} caracteres y caben {miles(largo)}. Acórtela.")
    if not (texto.isascii() and texto.isprintable()) and (malo := caracter_invalido(texto)):
        return Falla(
            Codigo.CARACTER_INVALIDO,
            f"Hay un carácter que no se ve y no es texto (U+{ord(malo):04X}). Borre el texto y escríbalo de nuevo.",
        )
    if texto == FORMULA_SIN_VALOR:
        return Falla(
            Codigo.FORMULA_SIN_VALOR,
            "La celda tiene una fórmula y el archivo no guarda su resultado. Ábralo en Excel o LibreOffice, guárdelo y súbalo "
            "otra vez; o escriba el valor en vez de la fórmula.",
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
        corto = f"Es muy corto: «{campo.titulo}» pide al menos {minimo} caracteres. Complete el texto."
        revisiones.append(lambda t: Falla(Codigo.MUY_CORTO, corto) if len(t) < minimo else None)
    if campo.largo_maximo:
        maximo = campo.largo_maximo
        largo = "Tiene {} caracteres y caben {}. Acórtelo."
        revisiones.append(
            lambda t: Falla(Codigo.MUY_LARGO, largo.format(miles(len(t)), miles(maximo))) if len(t) > maximo else None
        )
    if campo.minimo is not None:
        piso = Decimal(campo.minimo)
        bajo = f"es menor que el mínimo, {miles(campo.minimo)}. Revise la cifra."
        revisiones.append(lambda t: Falla(Codigo.MENOR_QUE_MINIMO, f"«{con_coma(t)}» {bajo}") if Decimal(t) < piso else None)
    if campo.maximo is not None:
        techo = Decimal(campo.maximo)
        alto = f"es mayor que el máximo, {miles(campo.maximo)}. Revise la cifra."
        revisiones.append(lambda t: Falla(Codigo.MAYOR_QUE_MAXIMO, f"«{con_coma(t)}» {alto}") if Decimal(t) > techo else None)
    if campo.patron:
        patron = re.compile(campo.patron)
        forma = f"no tiene la forma pedida en «{campo.titulo}». Ejemplo: {campo.ejemplo}."
        revisiones.append(lambda t: None if patron.fullmatch(t) else Falla(Codigo.PATRON, f"{citado(t)} {forma}"))
    if len(revisiones) < 2:
        return revisiones[0] if revisiones else None
    return lambda t: next((f for r in revisiones if (f := r(t))), None)


def indice_de_opciones(opciones: Opciones) -> dict[str, str]:
    """Texto plegado → código: el código, el nombre, un sinónimo, «código · nombre» o «sigla · nombre»; nunca uno repetido."""
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
        for texto in (*opcion.sinonimos, opcion.codigo):
            indice[plegar(unir(texto, opcion.nombre))] = opcion.codigo
    return indice


def _opcion(campo: Campo, opciones: Opciones) -> Callable[[Celda], str | Falla]:
    codigos = {o.codigo: o.codigo for o in opciones.opciones}
    indice = indice_de_opciones(opciones)
    largos = {len(c) for c in codigos}
    # Excel quita los ceros a la izquierda: si todos los códigos son cifras de igual largo, «6» solo puede ser «06».
    elija = elegir(campo, opciones)
    relleno = largos.pop() if len(largos) == 1 and all(c.isdecimal() for c in codigos) else 0

    def leer(celda: Celda) -> str | Falla:
        texto = como_texto(celda)
        if texto in codigos:
            return texto
        if relleno and texto.isascii() and texto.isdecimal() and texto.zfill(relleno) in codigos:
            return texto.zfill(relleno)
        if codigo := indice.get(plegar(texto)):
            return codigo
        antes, _, despues = texto.partition(UNION)
        if codigo := codigos.get(antes.strip()):
            if (otro := indice.get(plegar(despues), codigo)) != codigo:
                dicen = f"«{codigo}» es «{opciones.nombre_de(codigo)}» y {citado(despues)} es «{otro}»"
                return Falla(Codigo.OPCION_DESCONOCIDA, f"{citado(texto)} dice dos cosas: {dicen}. Deje la que corresponde.")
            if all(c in ("", codigo) for c, _ in repartir(despues, leer)):
                return codigo  # «código · nombre» de una lista anterior: manda el código, si no viene otra opción detrás
        mensaje = f"{citado(texto)} no está en la lista de «{campo.titulo}». {elija}"
        return Falla(Codigo.OPCION_DESCONOCIDA, mensaje, pista=lambda: sugerir(texto, campo, opciones, leer))

    return leer


def _codigo_citado(campo: Campo) -> Callable[[Celda], str | Falla]:
    def leer(celda: Celda) -> str | Falla:
        texto = como_texto(celda).removesuffix(UNION.rstrip())  # lo que citaba no tenía nombre: «POA-03 · »
        leido = TIPOS["codigo"].leer(texto.split(UNION, 1)[0].strip())
        # «OBJ-01 · Uno, OBJ-02 · Otro» empieza con un código bueno: leer solo ese perdería el otro en silencio.
        return (codigos_juntos(texto, campo) or leido) if isinstance(leido, Falla) or UNION in texto else leido

    return leer


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
