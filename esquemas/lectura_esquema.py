"""Lee un formato (Table Schema) o una encuesta (Data Package) entera: sus tablas, secciones, cambios y ejemplos."""

from collections.abc import Mapping
from typing import Any

from esquemas import modelo
from esquemas.lectura import NOMBRE, Lector, huella_de, leer_nombre, leer_version
from esquemas.lectura_analisis import leer_analisis
from esquemas.lectura_campo import leer_campo, leer_condicion, leer_regla
from esquemas.modelo import Esquema, Grupo, Seccion, Tabla
from esquemas.normalizacion import leer_fecha, plegar
from esquemas.roles import EDITAN, FIRMAN

_COMUNES = {"name", "title", "description", "version", "exigible", "orden", "llena", "norma", "no_revisa", "cambios"}
_FORMATO = _COMUNES | {"sigla", "ambito", "primaryKey", "missingValues", "fields", "reglas", "ejemplos", "escriben", "entregan"}
_FORMATO |= {"uniqueKeys"}
_ENCUESTA = _COMUNES | {"privacidad", "secciones", "resources", "invitados", "analisis", "anonima"}
_RECURSO = {"name", "path", "title", "singular", "ayuda", "norma", "minimo", "maximo", "mostrar_si", "schema"}
_TABLA = {"primaryKey", "missingValues", "foreignKeys", "fields", "reglas"}


def leer_esquema(dato: Any, archivo: str, clase: str) -> Esquema:
    """Un formato (`clase` «formato») o una encuesta («encuesta»). `archivo` es la ruta que se muestra en los errores."""
    lector = Lector(archivo)
    admitidas = _FORMATO if clase == "formato" else _ENCUESTA
    lector.claves(dato, "", admitidas, ("name", "title", "description", "version", "norma", "llena"))
    nombre, version = leer_nombre(lector, dato), leer_version(lector, dato)
    ambito = lector.texto(dato, "ambito", "", "region")
    if ambito not in ("region", "nacional"):
        raise lector.falla("ambito", f"«{ambito}» no existe.", "Use region o nacional.")
    grupos: tuple[Grupo, ...] = ()
    if clase == "formato":
        principal = _leer_tabla(lector, dato, "", nombre, lector.texto(dato, "title", ""))
    else:
        principal, grupos = _leer_recursos(lector, dato, nombre)
    return Esquema(
        nombre=nombre,
        titulo=lector.texto(dato, "title", ""),
        clase=clase,
        descripcion=lector.texto(dato, "description", ""),
        version=version,
        norma=lector.textos(dato, "norma", ""),
        principal=principal,
        descriptor=dato,
        huella=huella_de(dato),
        sigla=lector.texto(dato, "sigla", ""),
        exigible=lector.logico(dato, "exigible", ""),
        ambito=ambito,
        llena=lector.texto(dato, "llena", ""),
        orden=lector.entero(dato, "orden", "", 0) or 0,
        grupos=grupos,
        secciones=_leer_secciones(lector, dato, principal, grupos),
        no_revisa=lector.textos(dato, "no_revisa", ""),
        cambios=_leer_cambios(lector, dato, version),
        **_leer_privacidad(lector, dato),
        invitados=_leer_invitados(lector, dato),
        escriben=lector.roles(dato, "escriben", "", EDITAN),
        entregan=lector.roles(dato, "entregan", "", FIRMAN),
        analisis=leer_analisis(lector, dato, principal, grupos),
        anonima=_leer_anonima(lector, dato, (principal, *(g.tabla for g in grupos))),
        ejemplos=_leer_ejemplos(lector, dato, principal),
    )


def _leer_tabla(lector: Lector, dato: Mapping[str, Any], ruta: str, nombre: str, titulo: str) -> Tabla:
    faltantes = dato.get("missingValues")
    if faltantes != [""]:
        raise lector.falla(f"{ruta}.missingValues".strip("."), 'falta o no es [""].', 'Escriba missingValues: [""].')
    campos = tuple(
        leer_campo(lector, c, f"{ruta}.fields[{i}]".strip(".")) for i, c in enumerate(lector.lista(dato, "fields", ruta))
    )
    if not campos:
        raise lector.falla(f"{ruta}.fields".strip("."), "no hay campos.", "Agregue al menos uno.")
    lector.sin_repetir([c.nombre for c in campos], f"{ruta}.fields".strip("."), "name")
    # Una columna se reconoce por su título o su nombre, sin tildes ni mayúsculas: dos campos no pueden calzar con el mismo.
    rotulos = [rotulo for c in campos for rotulo in {plegar(c.titulo), plegar(c.nombre)}]
    lector.sin_repetir(rotulos, f"{ruta}.fields".strip("."), "title")
    nombres = {c.nombre for c in campos}
    clave = lector.textos(dato, "primaryKey", ruta)
    for campo in clave:
        lector.existe(campo, nombres, f"{ruta}.primaryKey".strip("."))
    unicos = tuple(lector.textos({"uniqueKeys": u}, "uniqueKeys", ruta) for u in lector.lista(dato, "uniqueKeys", ruta))
    for campo in (c for juntos in unicos for c in juntos):
        lector.existe(campo, nombres, f"{ruta}.uniqueKeys".strip("."))
    reglas = tuple(
        leer_regla(lector, r, f"{ruta}.reglas[{i}]".strip("."), nombres) for i, r in enumerate(lector.lista(dato, "reglas", ruta))
    )
    lector.sin_repetir([r.codigo for r in reglas], f"{ruta}.reglas".strip("."), "codigo")
    for i, campo in enumerate(campos):
        for mirado in campo.mostrar_si.campos() if campo.mostrar_si else ():
            # En una encuesta un grupo puede mirar la tabla principal: eso lo revisa `_leer_recursos`.
            if mirado in {c.nombre for c in campos[i:]} or (ruta == "" and mirado not in nombres):
                que = f"«{mirado}» no es un campo anterior."
                raise lector.falla(f"{ruta}.fields[{i}].mostrar_si".strip("."), que, "Nombre uno que se llene antes que este.")
    return Tabla(nombre, titulo, campos, clave, reglas, unicos)


def _leer_recursos(lector: Lector, dato: Mapping[str, Any], nombre: str) -> tuple[Tabla, tuple[Grupo, ...]]:
    tablas: list[tuple[Mapping[str, Any], Tabla]] = []
    for i, recurso in enumerate(lector.lista(dato, "resources", "")):
        ruta = f"resources[{i}]"
        lector.claves(recurso, ruta, _RECURSO, ("name", "path", "title", "schema"))
        tabla = lector.texto(recurso, "name", ruta)
        if not NOMBRE.fullmatch(tabla) or len(tabla) > 31 or recurso["path"] != f"{tabla}.csv":
            raise lector.falla(
                ruta, f"«{tabla}» y su path no calzan.", f"Use minúsculas y guiones (hasta 31) y path: {tabla}.csv."
            )
        ruta = f"{ruta}({tabla}).schema"
        contenido = lector.claves(recurso["schema"], ruta, _TABLA, ("fields",))
        tablas.append((recurso, _leer_tabla(lector, contenido, ruta, tabla, lector.texto(recurso, "title", ruta))))
        if tablas[-1][1].campos[0].nombre != "respuesta" or not tablas[-1][1].campos[0].automatico:
            raise lector.falla(
                ruta, "el primer campo no es «respuesta» automático.", "Es el que une las tablas: póngalo primero."
            )
    if not tablas or tablas[0][1].nombre != nombre:
        raise lector.falla("resources", "falta la tabla principal.", f"La primera tabla se llama «{nombre}».")
    lector.sin_repetir([t.nombre for _, t in tablas], "resources", "name")
    principal = tablas[0][1]
    grupos = []
    for recurso, tabla in tablas[1:]:
        mostrar = leer_condicion(lector, recurso["mostrar_si"], f"{tabla.nombre}.mostrar_si") if "mostrar_si" in recurso else None
        for campo in mostrar.campos() if mostrar else ():
            lector.existe(campo, set(principal.nombres), f"{tabla.nombre}.mostrar_si")
        minimo, maximo = lector.entero(recurso, "minimo", tabla.nombre, 0), lector.entero(recurso, "maximo", tabla.nombre, 20)
        if not 0 <= minimo <= maximo or maximo < 1:
            raise lector.falla(tabla.nombre, f"de {minimo} a {maximo} no se puede.", "«minimo» va de 0 a «maximo», y este de 1.")
        grupos.append(
            Grupo(
                tabla=tabla,
                singular=lector.texto(recurso, "singular", tabla.nombre),
                ayuda=lector.texto(recurso, "ayuda", tabla.nombre),
                norma=lector.textos(recurso, "norma", tabla.nombre),
                minimo=minimo,
                maximo=maximo,
                mostrar_si=mostrar,
            )
        )
    for tabla in (principal, *(g.tabla for g in grupos)):
        visibles = set(principal.nombres) | set(tabla.nombres)
        for campo in tabla.campos:
            for mirado in campo.mostrar_si.campos() if campo.mostrar_si else ():
                lector.existe(mirado, visibles, f"{tabla.nombre}.{campo.nombre}.mostrar_si")
    return principal, tuple(grupos)


def _leer_secciones(lector: Lector, dato: Mapping[str, Any], principal: Tabla, grupos: tuple[Grupo, ...]) -> tuple[Seccion, ...]:
    secciones = []
    for i, crudo in enumerate(lector.lista(dato, "secciones", "")):
        ruta = f"secciones[{i}]"
        lector.claves(crudo, ruta, ("name", "title", "ayuda", "norma", "contenido"), ("name", "title", "contenido"))
        secciones.append(
            Seccion(
                nombre=lector.texto(crudo, "name", ruta),
                titulo=lector.texto(crudo, "title", ruta),
                contenido=lector.textos(crudo, "contenido", ruta),
                ayuda=lector.texto(crudo, "ayuda", ruta),
                norma=lector.textos(crudo, "norma", ruta),
            )
        )
    if not grupos and not secciones:
        return ()
    esperado = [c.nombre for c in principal.campos if not c.automatico] + [g.nombre for g in grupos]
    lector.sin_repetir(esperado, "resources", "name")
    puestos = [nombre for s in secciones for nombre in s.contenido]
    lector.sin_repetir(puestos, "secciones", "contenido")
    if sobrantes := set(puestos) ^ set(esperado):
        raise lector.falla(
            "secciones", f"no calzan con las tablas: {', '.join(sorted(sobrantes))}.", "Cada campo y grupo va una vez."
        )
    return tuple(secciones)


def _leer_cambios(lector: Lector, dato: Mapping[str, Any], version: str) -> tuple[modelo.Cambio, ...]:
    cambios = []
    for i, crudo in enumerate(lector.lista(dato, "cambios", "")):
        ruta = f"cambios[{i}]"
        claves = ("version", "fecha", "description")
        lector.claves(crudo, ruta, (*claves, "campos"), claves)
        cambio = modelo.Cambio(*(lector.texto(crudo, c, ruta) for c in claves), lector.textos(crudo, "campos", ruta))
        if leer_fecha(cambio.fecha) != cambio.fecha:
            raise lector.falla(f"{ruta}.fecha", f"«{cambio.fecha}» no es una fecha.", 'Escríbala como "2026-12-31".')
        cambios.append(cambio)
    if version not in {c.version for c in cambios}:
        raise lector.falla("cambios", f"la versión {version} no está anotada.", "Agregue qué cambió en esa versión.")
    return tuple(cambios)


def _leer_invitados(lector: Lector, dato: Mapping[str, Any]) -> Mapping[str, str]:
    """De qué matriz salen los invitados y en qué campos están su nombre y su correo; que existan lo mira `coherencia`."""
    if "invitados" not in dato:
        return {}
    claves = ("esquema", "nombre", "correo")
    suyos = lector.claves(dato["invitados"], "invitados", set(claves), claves)
    return {c: lector.texto(suyos, c, "invitados") for c in claves}


def _leer_anonima(lector: Lector, dato: Mapping[str, Any], tablas: tuple[Tabla, ...]) -> bool:
    """Una encuesta que promete no saber quién responde no puede preguntarlo."""
    anonima = lector.logico(dato, "anonima", "")
    for campo in (c for t in tablas for c in t.campos if anonima and c.dato in ("personal", "sensible")):
        raise lector.falla("anonima", f"«{campo.nombre}» pide un dato de personas.", "Quite ese campo, o quite «anonima».")
    return anonima


def _leer_privacidad(lector: Lector, dato: Mapping[str, Any]) -> dict[str, Any]:
    """Los textos, y aparte el plazo que el sistema cumple solo: sin su texto, nadie sabría que existe."""
    claves = ("responsable", "contacto", "base", "retencion", "retencion_ejercicios", "consentimiento")
    crudo = lector.claves(dato.get("privacidad", {}), "privacidad", claves)
    ejercicios = lector.entero(crudo, "retencion_ejercicios", "privacidad")
    if ejercicios is not None and (ejercicios < 0 or "retencion" not in crudo):
        que = "va con su texto en «retencion» y no puede ser negativo."
        raise lector.falla("privacidad.retencion_ejercicios", que, "Escriba 1 y explíquelo en «retencion».")
    textos = {clave: lector.texto(crudo, clave, "privacidad") for clave in crudo if clave != "retencion_ejercicios"}
    return {"privacidad": textos, "retencion_ejercicios": ejercicios}


def _leer_ejemplos(lector: Lector, dato: Mapping[str, Any], principal: Tabla) -> tuple[Mapping[str, str], ...]:
    ejemplos = [{c.nombre: c.ejemplo for c in principal.campos}]
    for i, crudo in enumerate(lector.lista(dato, "ejemplos", "")):
        lector.claves(crudo, f"ejemplos[{i}]", principal.nombres)
        ejemplos.append({c: lector.texto(crudo, c, f"ejemplos[{i}]") for c in principal.nombres})
    return tuple(ejemplos)
