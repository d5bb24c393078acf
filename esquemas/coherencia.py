"""Lo que solo se ve mirando todos los YAML a la vez: normas, catálogos, referencias y ejemplos que se sostienen entre sí."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from esquemas.errores import EsquemaInvalido
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Regla, Tabla
from esquemas.normalizacion import plegar
from esquemas.orientador import Estado, estado_de_condicion
from esquemas.referencias import referidos
from esquemas.saber import OBSERVADAS
from esquemas.tipos import TIPOS
from esquemas.validacion import Contexto, validar_filas


def comprobar(catalogo: Catalogo, archivos: Mapping[str, str]) -> None:
    """EsquemaInvalido en la primera incoherencia. `archivos`: «clase/nombre» → ruta del YAML, para decir dónde."""
    _comprobar_normas(catalogo, archivos)
    _comprobar_opciones(catalogo, archivos)
    _comprobar_hitos(catalogo, archivos)
    _comprobar_requisitos(catalogo, archivos)
    for esquema in catalogo.esquemas.values():
        archivo = archivos[f"{esquema.clase}/{esquema.nombre}"]
        _comprobar_invitados(catalogo, esquema, archivo)
        _comprobar_pases(catalogo, esquema, f"{archivo} → analisis")
        for grupo in esquema.grupos:
            if grupo.mostrar_si:
                _comprobar_condicion(catalogo, (esquema.principal,), grupo.mostrar_si, f"{archivo} → {grupo.nombre}")
        for tabla in esquema.tablas:
            for campo in (tabla.campo(n) for n in tabla.clave):
                if not campo.obligatorio or campo.mostrar_si:  # el juez rechaza una clave vacía: nosotros también
                    arreglo = "Póngale constraints: {required: true}, sin mostrar_si."
                    raise _falla(f"{archivo} → {tabla.nombre}.{campo.nombre}", "es clave y puede quedar vacío.", arreglo)
            for campo in tabla.campos:
                _comprobar_campo(catalogo, esquema, tabla, campo, f"{archivo} → {tabla.nombre}.{campo.nombre}")
            for regla in tabla.reglas:
                _comprobar_regla(catalogo, tabla, regla, f"{archivo} → {tabla.nombre}.reglas({regla.codigo})")
    for esquema in catalogo.esquemas.values():
        _comprobar_ejemplos(catalogo, esquema, archivos[f"{esquema.clase}/{esquema.nombre}"])


def _comprobar_invitados(catalogo: Catalogo, esquema: Esquema, archivo: str) -> None:
    if not esquema.invitados:
        return
    matriz = catalogo.esquemas.get(esquema.invitados["esquema"])
    campos = matriz.principal.nombres if matriz and "codigo" in matriz.principal.nombres else ()
    for papel in ("nombre", "correo"):
        if esquema.invitados[papel] not in campos:
            que = f"«{esquema.invitados[papel]}» no es un campo de «{esquema.invitados['esquema']}»."
            raise _falla(f"{archivo} → invitados.{papel}", que, "Nombre un campo de una matriz que exista y tenga código.")


def _comprobar_pases(catalogo: Catalogo, esquema: Esquema, lugar: str) -> None:
    """Una fila pasa a un formato de la región que existe, a campos que tiene, y con valores que ahí valen."""
    for pase in (a.pasa_a for a in (esquema.analisis.apartados if esquema.analisis else ()) if a.pasa_a):
        matriz = next((f for f in catalogo.formatos if f.nombre == pase.esquema), None)
        if matriz is None or matriz.ambito != "region" or "codigo" not in matriz.principal.nombres:
            raise _falla(lugar, f"«{pase.esquema}» no es un formato de la región con código.", "Corrija «pasa_a».")
        if ajenos := {*pase.valores, *pase.campos} - set(matriz.principal.nombres):
            raise _falla(lugar, f"«{min(ajenos)}» no es un campo de «{pase.esquema}».", "Corrija «pasa_a».")
        for campo, valor in pase.valores.items():
            _comprobar_condicion(catalogo, (matriz.principal,), Condicion("es", campo, (valor,)), lugar)


def normas_citadas(catalogo: Catalogo) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(clave del archivo, ruta, referencias) de todo lo que cita una norma. De aquí sale también «Citado por»."""
    for esquema in catalogo.esquemas.values():
        clave = f"{esquema.clase}/{esquema.nombre}"
        yield clave, "", esquema.norma
        if esquema.analisis:
            yield clave, "analisis", esquema.analisis.norma
        for tabla in esquema.tablas:
            for campo in tabla.campos:
                yield clave, f"{tabla.nombre}.{campo.nombre}", campo.norma
            for regla in tabla.reglas:
                yield clave, f"{tabla.nombre}.reglas({regla.codigo})", regla.norma
        for seccion in esquema.secciones:
            yield clave, f"secciones.{seccion.nombre}", seccion.norma
        for grupo in esquema.grupos:
            yield clave, grupo.nombre, grupo.norma
    for opciones in catalogo.opciones.values():
        if opciones.nombre != "instrumentos":  # se calcula de las fichas, que se recorren abajo
            yield f"catalogo/{opciones.nombre}", "", opciones.norma
    for instrumento in catalogo.instrumentos.values():
        clave = f"instrumento/{instrumento.nombre}"
        yield clave, "", instrumento.norma
        for monto in instrumento.montos:
            yield clave, f"montos.{monto.concepto}", monto.norma
        if instrumento.tope_por_beneficiario:
            yield clave, "tope_por_beneficiario", instrumento.tope_por_beneficiario.norma
        for requisito in instrumento.requisitos:
            yield clave, f"requisitos.{requisito.texto}", requisito.norma
    for pregunta in catalogo.preguntas:
        yield "orientador/orientador", pregunta.nombre, pregunta.norma
    for hito in catalogo.proceso.hitos:
        yield "proceso/proceso", f"hitos.{hito.nombre}", hito.norma
    for deber in catalogo.proceso.deberes:
        yield "proceso/proceso", f"deberes.{deber.titulo}", deber.norma
    if mapa := catalogo.proceso.mapa:
        yield "proceso/proceso", "mapa", mapa.norma
    if tramitacion := catalogo.proceso.tramitacion:
        yield "proceso/proceso", "tramitacion", tramitacion.norma
        for acto in tramitacion.actos.values():
            yield "proceso/proceso", f"tramitacion.actos.{acto.nombre}", acto.norma
        if acuerdo := tramitacion.acuerdo:
            yield "proceso/proceso", "tramitacion.acuerdo", acuerdo.esquema.norma
            for campo in (*acuerdo.esquema.campos, *acuerdo.documentos):
                yield "proceso/proceso", f"tramitacion.acuerdo.{campo.nombre}", campo.norma
    for notas in catalogo.notas.values():
        for nota in notas.notas:
            yield f"notas/{notas.nombre}", nota.nombre, (*nota.norma, *(referencia for referencia, _ in nota.dicen))


def _falla(lugar: str, que: str, arreglo: str) -> EsquemaInvalido:
    archivo, _, ruta = lugar.partition(" → ")
    return EsquemaInvalido(archivo, ruta, que, arreglo)


def _comprobar_normas(catalogo: Catalogo, archivos: Mapping[str, str]) -> None:
    for clave, ruta, referencias in normas_citadas(catalogo):
        lugar = f"{archivos[clave]} → {ruta}"
        if not referencias:
            raise _falla(lugar, "no dice de qué norma sale.", "Agregue norma: [documento:parte], aunque sea decision:NN.")
        for referencia in referencias:
            try:
                catalogo.citar(referencia)
            except KeyError:
                documentos = ", ".join(sorted(catalogo.documentos))
                arreglo = f"Corríjala o agréguela en normativa/. Documentos: {documentos}."
                raise _falla(lugar, f"la norma «{referencia}» no existe.", arreglo) from None


def _comprobar_opciones(catalogo: Catalogo, archivos: Mapping[str, str]) -> None:
    for opciones in catalogo.opciones.values():
        lugar = archivos.get(f"catalogo/{opciones.nombre}", "instrumentos/")
        vistos: dict[str, str] = {}
        for opcion in opciones.opciones:
            if opcion.padre and not opciones.padre:
                raise _falla(f"{lugar} → {opcion.codigo}", "trae «padre» y el catálogo no.", "Diga cuál: padre: nombre.")
            if opciones.padre and opcion.padre not in {o.codigo for o in _opciones(catalogo, opciones.padre, lugar)}:
                arreglo = f"Use un código de «{opciones.padre}»."
                raise _falla(f"{lugar} → {opcion.codigo}", f"el padre «{opcion.padre}» no existe.", arreglo)
            for texto in (opcion.nombre, *opcion.sinonimos):
                if vistos.setdefault(plegar(texto), opcion.codigo) != opcion.codigo:
                    arreglo = "Un nombre o sinónimo señala una sola opción: cámbielo."
                    raise _falla(f"{lugar} → {opcion.codigo}", f"«{texto}» también es {vistos[plegar(texto)]}.", arreglo)


def _opciones(catalogo: Catalogo, nombre: str, lugar: str) -> Iterable:
    if nombre not in catalogo.opciones:
        raise _falla(lugar, f"el catálogo «{nombre}» no existe.", f"Use uno de: {', '.join(sorted(catalogo.opciones))}.")
    return catalogo.opciones[nombre].opciones


def _comprobar_hitos(catalogo: Catalogo, archivos: Mapping[str, str]) -> None:
    nombrados = [(f"hitos.{h.nombre}.esquemas", h.esquemas) for h in catalogo.proceso.hitos]
    if mapa := catalogo.proceso.mapa:
        nombrados.append(("mapa.matrices", mapa.matrices))
    if tramitacion := catalogo.proceso.tramitacion:
        nombrados += [(f"tramitacion.actos.{a.nombre}.entrega", a.entrega) for a in tramitacion.actos.values()]
        suyos = {"observaciones": tramitacion.observaciones, "excepciones": tramitacion.excepciones}
        nombrados += [(f"tramitacion.{cual}", (n,)) for cual, n in suyos.items() if n]
    for ruta, esquemas in nombrados:
        for nombre in esquemas:
            if nombre not in catalogo.esquemas:
                lugar = f"{archivos['proceso/proceso']} → {ruta}"
                raise _falla(lugar, f"el esquema «{nombre}» no existe.", f"Use uno de: {', '.join(catalogo.esquemas)}.")
    if tramitacion and tramitacion.observaciones:
        faltan = set(OBSERVADAS) - set(catalogo.esquemas[tramitacion.observaciones].principal.nombres)
        if faltan:
            lugar, cuales = f"{archivos['proceso/proceso']} → tramitacion.observaciones", ", ".join(sorted(faltan))
            raise _falla(lugar, f"a «{tramitacion.observaciones}» le faltan los campos {cuales}.", "Agréguelos a su YAML.")
    for instrumento in catalogo.instrumentos.values():
        for otro in instrumento.agrupa:
            if otro not in catalogo.instrumentos:
                lugar = f"{archivos[f'instrumento/{instrumento.nombre}']} → agrupa"
                raise _falla(lugar, f"el instrumento «{otro}» no existe.", "Corrija el nombre.")


def _comprobar_requisitos(catalogo: Catalogo, archivos: Mapping[str, str]) -> None:
    """Un requisito mira preguntas y opciones que existen, y unas respuestas lo cumplen y otras no."""
    preguntas = {p.nombre: tuple(p.opciones) for p in catalogo.preguntas}
    for instrumento in catalogo.instrumentos.values():
        for requisito in instrumento.requisitos:
            lugar = f"{archivos[f'instrumento/{instrumento.nombre}']} → requisitos.{requisito.texto}"
            for condicion in filter(None, (requisito.si, requisito.duda)):
                _comprobar_respuestas(preguntas, condicion, lugar)


def _comprobar_respuestas(preguntas: Mapping[str, tuple[str, ...]], condicion: Condicion, lugar: str) -> None:
    for simple in condicion.simples():
        if simple.campo not in preguntas:
            raise _falla(lugar, f"el orientador no pregunta «{simple.campo}».", f"Use una de: {', '.join(preguntas)}.")
        if ajenas := set(simple.valores) - set(preguntas[simple.campo]):
            arreglo = f"Use: {', '.join(preguntas[simple.campo])}."
            raise _falla(lugar, f"«{min(ajenas)}» no es una respuesta de «{simple.campo}».", arreglo)
    campos = sorted(condicion.campos())
    todas = (dict(zip(campos, elegidas, strict=True)) for elegidas in product(*(preguntas[c] for c in campos)))
    if len({estado_de_condicion(condicion, r) for r in todas} & {Estado.CUMPLE, Estado.NO_CUMPLE}) < 2:
        raise _falla(lugar, "cualquier respuesta da lo mismo.", "Corrija la condición: la cumplen todos o no la cumple nadie.")


def _comprobar_campo(catalogo: Catalogo, esquema: Esquema, tabla: Tabla, campo: Campo, lugar: str) -> None:
    if campo.catalogo:
        _opciones(catalogo, campo.catalogo, lugar)
    if campo.referencia:
        referido = catalogo.esquemas.get(campo.referencia.esquema)
        if referido is None or "codigo" not in referido.principal.nombres:
            que = f"se refiere a «{campo.referencia.esquema}», que no existe o no tiene «codigo»."
            raise _falla(lugar, que, "Nombre un formato con campo «codigo».")
        if campo.referencia.tipos:
            _comprobar_tipos(catalogo, referido, campo.referencia.tipos, lugar)
    if campo.mostrar_si:
        _comprobar_condicion(catalogo, (tabla, esquema.principal), campo.mostrar_si, lugar)


def _comprobar_tipos(catalogo: Catalogo, referido: Esquema, tipos: Iterable[str], lugar: str) -> None:
    if "tipo" not in referido.principal.nombres:
        raise _falla(lugar, f"«{referido.nombre}» no tiene columna «tipo».", "Quite «tipo» de la referencia.")
    codigos = {o.codigo for o in _opciones(catalogo, referido.principal.campo("tipo").catalogo, lugar)}
    if ajenos := set(tipos) - codigos:
        raise _falla(lugar, f"tipos que no existen: {', '.join(sorted(ajenos))}.", f"Use: {', '.join(sorted(codigos))}.")


def _comprobar_condicion(catalogo: Catalogo, tablas: Iterable[Tabla], condicion: Condicion, lugar: str) -> None:
    """`tablas`: dónde se busca el campo, en orden; la propia antes que la principal, como al validar."""
    for parte in condicion.partes:
        _comprobar_condicion(catalogo, tablas, parte, lugar)
    if condicion.partes:
        return
    campo = next((t.campo(condicion.campo) for t in tablas if condicion.campo in t.nombres), None)
    if campo is None:
        nombres = ", ".join(sorted({n for t in tablas for n in t.nombres}))
        raise _falla(lugar, f"el campo «{condicion.campo}» no existe.", f"Use uno de: {nombres}.")
    if campo.catalogo:
        posibles = {o.codigo for o in _opciones(catalogo, campo.catalogo, lugar)}
    elif campo.tipo == "logico":
        posibles = {"si", "no"}
    else:
        return
    if ajenos := set(condicion.valores) - posibles:
        arreglo = f"Use: {', '.join(sorted(posibles)[:12])}."
        raise _falla(
            lugar, f"la condición compara con {', '.join(sorted(ajenos))}, que no es opción de «{campo.nombre}».", arreglo
        )


def _comprobar_regla(catalogo: Catalogo, tabla: Tabla, regla: Regla, lugar: str) -> None:
    if regla.si:
        _comprobar_condicion(catalogo, (tabla,), regla.si, lugar)
    referencia = tabla.campo(regla.campo).referencia
    match regla.clase:
        case "exige":
            _comprobar_condicion(catalogo, (tabla,), regla.condicion, lugar)
        case "cita" | "citados" if referencia is None:
            raise _falla(lugar, f"«{regla.campo}» no es una referencia.", "Estas reglas van sobre un campo con «referencia».")
        case "cita":
            _comprobar_tipos(catalogo, catalogo.esquemas[referencia.esquema], regla.datos["tipo"], lugar)
        case "citados":
            _comprobar_condicion(catalogo, (catalogo.esquemas[referencia.esquema].principal,), regla.condicion, lugar)
        case "suma":
            tope = regla.datos["tope"]
            otro = catalogo.esquemas.get(tope["esquema"])
            pedidos = {tope["campo"], *regla.datos["por"], *([tope["prefiere"]["campo"]] if "prefiere" in tope else [])}
            pedidos |= {tope["consta"]} if "consta" in tope else set()
            if otro is None or not pedidos <= set(otro.principal.nombres):
                raise _falla(lugar, f"«{tope['esquema']}» no existe o no tiene {', '.join(sorted(pedidos))}.", "Corrija «tope».")
            _exigir_enteros(lugar, tabla.campo(regla.datos["de"]), otro.principal.campo(tope["campo"]))
            for momento in tope["prefiere"]["orden"] if "prefiere" in tope else ():
                condicion = Condicion("es", tope["prefiere"]["campo"], (momento,))
                _comprobar_condicion(catalogo, (otro.principal,), condicion, lugar)
        case _:  # cociente
            _exigir_enteros(lugar, tabla.campo(regla.datos["de"]), tabla.campo(regla.datos["entre"]))
            if tabla.campo(regla.datos["tope_de"]).catalogo != "instrumentos":
                raise _falla(
                    lugar, f"«{regla.datos['tope_de']}» no es un instrumento.", "Use un campo con catalogo: instrumentos."
                )


def _exigir_enteros(lugar: str, *campos: Campo) -> None:
    for campo in campos:
        if TIPOS[campo.tipo].base != "integer":
            raise _falla(lugar, f"«{campo.nombre}» no es entero.", "Estas cuentas son sobre enteros (type: integer).")


def ejemplos_de(esquema: Esquema) -> dict[str, list[Mapping[str, str]]]:
    """Tabla → filas de ejemplo. En una encuesta, una respuesta con un elemento por grupo."""
    filas: dict[str, list[Mapping[str, str]]] = {esquema.nombre: list(esquema.ejemplos)}
    for grupo in esquema.grupos:
        filas[grupo.nombre] = [{c.nombre: c.ejemplo for c in grupo.tabla.campos}]
    return filas


def contexto_de_ejemplo(catalogo: Catalogo, esquema: Esquema) -> Contexto:
    """Los ejemplos de las matrices a las que se refiere."""
    return Contexto(referidas={n: catalogo.esquemas[n].ejemplos for n in referidos(esquema)})


def _comprobar_ejemplos(catalogo: Catalogo, esquema: Esquema, archivo: str) -> None:
    filas = ejemplos_de(esquema)
    resultado = validar_filas(catalogo, esquema, filas, contexto_de_ejemplo(catalogo, esquema))
    if resultado.problemas:
        p = resultado.problemas[0]
        ruta = f"ejemplo {p.fila or ''} de {p.tabla}.{p.campo}".strip(".")
        raise EsquemaInvalido(archivo, ruta, f"el ejemplo no cumple ({p.codigo}): {p.mensaje}", "Corrija el ejemplo o la regla.")
    for tabla in esquema.tablas:
        for i, (escrita, leida) in enumerate(zip(filas[tabla.nombre], resultado.como_dict(tabla.nombre), strict=True)):
            for campo, valor in leida.items():
                if escrita.get(campo, "") != valor:
                    ruta = f"ejemplo {i + 1} de {tabla.nombre}.{campo}"
                    que = f"el ejemplo «{escrita.get(campo, '')}» no está en forma canónica."
                    raise EsquemaInvalido(archivo, ruta, que, f"Escriba «{valor}».")
