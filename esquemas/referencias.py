"""Una matriz contra otra: que lo citado exista y sea del tipo pedido, y que lo que debe citarse se cite.

Esa cadena (problemática → desafío → objetivo → instrumento → pesos) es lo que ninguna planilla suelta ofrece.
"""

import difflib
from collections.abc import Mapping, Sequence

from esquemas.condicion import cumple, separar
from esquemas.errores import Codigo, Gravedad
from esquemas.modelo import Campo, Catalogo, Esquema, Regla
from esquemas.reglas import decir, filas_de
from esquemas.revision import PISTAS, Contexto, Revision


def referidos(esquema: Esquema) -> tuple[str, ...]:
    """Los otros esquemas que hacen falta para juzgar este del todo: por sus referencias y por los topes de sus sumas."""
    nombres = [c.referencia.esquema for t in esquema.tablas for c in t.campos if c.referencia]
    nombres += [r.datos["tope"]["esquema"] for t in esquema.tablas for r in t.reglas if r.clase == "suma"]
    return tuple(dict.fromkeys(n for n in nombres if n != esquema.nombre))


def revisar_cruces(catalogo: Catalogo, esquema: Esquema, revision: Revision, contexto: Contexto) -> None:
    """Referencias de la tabla y sus reglas `cita` y `citados`. Sin la matriz referida, avisa que no se revisó."""
    sin_revisar: dict[str, list[str]] = {}
    for campo in revision.tabla.campos:
        if campo.referencia is None:
            continue
        if (filas := _filas_referidas(campo, esquema, revision, contexto)) is None:
            if any(revision.canonicas[revision.indice[campo.nombre]]) or _exige_citas(campo, revision):
                sin_revisar.setdefault(campo.referencia.esquema, []).append(campo.titulo)
            continue
        por_codigo = {f["codigo"]: f for f in filas}
        _revisar_existencia(catalogo, campo, por_codigo, revision)
        for regla in revision.tabla.reglas:
            if regla.campo == campo.nombre and regla.clase == "cita":
                _revisar_cita(regla, por_codigo, revision)
            elif regla.campo == campo.nombre and regla.clase == "citados":
                _revisar_citados(regla, catalogo.esquemas[campo.referencia.esquema], filas, revision)
    for nombre in referidos(esquema):
        de_suma = any(r.clase == "suma" and r.datos["tope"]["esquema"] == nombre for r in revision.tabla.reglas)
        if nombre in sin_revisar or (de_suma and nombre not in contexto.referidas):
            _avisar(catalogo.esquemas[nombre], sin_revisar.get(nombre, []), revision)


def _exige_citas(campo: Campo, revision: Revision) -> bool:
    return any(r.clase == "citados" and r.campo == campo.nombre for r in revision.tabla.reglas)


def _avisar(referido: Esquema, titulos: list[str], revision: Revision) -> None:
    que = f"las referencias de {', '.join(f'«{t}»' for t in titulos)}" if titulos else "las sumas contra sus montos"
    arreglo = "Llénela, o entregue también su archivo." if titulos else f"Los informa: {referido.llena}."
    mensaje = f"No se revisaron {que}: falta «{referido.nombre_completo}». {arreglo}"
    revision.agregar(Gravedad.ALERTA, Codigo.REFERENCIA_SIN_REVISAR, mensaje, None, "", referido.norma, referido.nombre)


def _filas_referidas(
    campo: Campo, esquema: Esquema, revision: Revision, contexto: Contexto
) -> Sequence[Mapping[str, str]] | None:
    if campo.referencia.esquema == esquema.nombre:
        return revision.filas()
    return contexto.referidas.get(campo.referencia.esquema)


def _revisar_existencia(
    catalogo: Catalogo, campo: Campo, por_codigo: Mapping[str, Mapping[str, str]], revision: Revision
) -> None:
    referido = catalogo.esquemas[campo.referencia.esquema]
    tipos = campo.referencia.tipos
    pistas: dict[str, str] = {}
    sin_mayusculas = {c.casefold(): c for c in por_codigo}

    def falla(codigo: str) -> tuple[Codigo, str] | None:
        if codigo not in por_codigo:
            if codigo not in pistas and len(pistas) < PISTAS:
                parecido = difflib.get_close_matches(codigo.casefold(), sin_mayusculas, n=1)
                pistas[codigo] = f" ¿Quiso decir «{sin_mayusculas[parecido[0]]}»?" if parecido else ""
            arreglo = f"Corrija el código o agregue esa fila a la otra matriz.{pistas.get(codigo, '')}"
            return Codigo.REFERENCIA_INEXISTENTE, f"«{codigo}» no existe en «{referido.nombre_completo}». {arreglo}"
        tipo = por_codigo[codigo].get("tipo")
        # Una fila referida con el tipo ilegible ya tiene su propio error: aquí sería una cascada.
        if tipos and tipo and tipo not in tipos:
            mensaje = f"«{codigo}» es «{tipo}» y aquí va {' o '.join(tipos)}. Cite otra fila de «{referido.nombre_completo}»."
            return Codigo.REFERENCIA_TIPO, mensaje
        return None

    def alguna_falla(fila: Mapping[str, str]) -> bool:
        return any(c not in por_codigo or falla(c) for c in separar(fila[campo.nombre]))

    columna = revision.canonicas[revision.indice[campo.nombre]]
    for i in revision.filas_donde((campo.nombre,), alguna_falla):
        for codigo in separar(columna[i]):
            if hallada := falla(codigo):
                revision.agregar(Gravedad.ERROR, *hallada, i, campo.nombre, campo.norma, codigo)


def _revisar_cita(regla: Regla, por_codigo: Mapping[str, Mapping[str, str]], revision: Revision) -> None:
    tipos = regla.datos["tipo"]

    def ajenos(valor: str) -> list[str]:
        citados = [por_codigo[c] for c in separar(valor) if c in por_codigo]
        return [f["codigo"] for f in citados if f.get("tipo") and f["tipo"] not in tipos]

    columna = revision.canonicas[revision.indice[regla.campo]]
    for i in filas_de(regla, revision, (regla.campo,), lambda fila: bool(ajenos(fila[regla.campo]))):
        cuales = ajenos(columna[i])
        decir(regla, revision, i, f"No lo es: {', '.join(cuales)}.", ";".join(cuales))


def _revisar_citados(regla: Regla, referido: Esquema, filas: Sequence[Mapping[str, str]], revision: Revision) -> None:
    citados = {c for v in revision.canonicas[revision.indice[regla.campo]] for c in separar(v)}
    varios = frozenset(c.nombre for c in referido.campos if c.varios)
    for fila in filas:
        if fila["codigo"] not in citados and cumple(regla.condicion, fila, varios):
            decir(regla, revision, None, f"Falta: «{fila['codigo']}».", fila["codigo"])


def citables(
    catalogo: Catalogo, esquema: Esquema, referidas: Mapping[str, Sequence[Mapping[str, str]]]
) -> dict[str, list[tuple[str, str]]]:
    """Campo → [(código, etiqueta)] de las filas que puede citar, filtradas por el tipo que pide la referencia."""
    salida = {}
    for campo in esquema.campos:
        if campo.referencia is None or (filas := referidas.get(campo.referencia.esquema)) is None:
            continue
        referido = catalogo.esquemas[campo.referencia.esquema]
        etiqueta = next(c.nombre for c in referido.campos if c.tipo in ("texto", "parrafo") and not c.catalogo)
        tipos = campo.referencia.tipos
        salida[campo.nombre] = [(f["codigo"], f[etiqueta]) for f in filas if not tipos or f.get("tipo") in tipos]
    return salida
