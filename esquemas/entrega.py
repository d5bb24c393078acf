"""Un archivo de una persona, entero: qué hoja es qué tabla, si la plantilla sirve, y después las columnas y las filas."""

from dataclasses import replace

from esquemas.columnas import elegir_hojas
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.libro import Libro
from esquemas.modelo import Catalogo, Esquema
from esquemas.respuesta_odk import leer_exportacion
from esquemas.revision import Contexto
from esquemas.validacion import Resultado, validar_hojas


def validar_libro(catalogo: Catalogo, esquema: Esquema, libro: Libro, contexto: Contexto) -> Resultado:
    """Valida un libro leído (CSV, XLSX, ODS, zip de CSV o lo que exportan ODK Central y KoboToolbox de una encuesta).

    Un archivo que no sirve trae al menos un error, nunca la lista vacía.
    """
    previos = [*_de_la_plantilla(catalogo, esquema, libro), *_de_la_entrega(esquema, libro, contexto)]
    hojas, de_hojas = leer_exportacion(catalogo, esquema, libro.hojas) or elegir_hojas(esquema, libro.hojas)
    previos = [p if p.norma else replace(p, norma=esquema.norma[:1]) for p in (*previos, *de_hojas)]
    if any(p.es_error for p in previos):
        return Resultado(esquema, {}, tuple(previos), 0)
    resultado = validar_hojas(catalogo, esquema, hojas, contexto)
    return replace(resultado, problemas=(*previos, *resultado.problemas), hoja=hojas[esquema.nombre].nombre)


def _de_la_plantilla(catalogo: Catalogo, esquema: Esquema, libro: Libro) -> list[Problema]:
    """La versión con que se hizo la plantilla: de otro formato o de otra serie no sirve; de la misma serie, se avisa."""
    if libro.plantilla is None:
        return []
    nombre, version, _ = libro.plantilla
    if nombre != esquema.nombre:
        otro = catalogo.esquemas[nombre].nombre_completo if nombre in catalogo.esquemas else nombre
        mensaje = f"Esta planilla es de «{otro}» y aquí se espera «{esquema.nombre_completo}». Suba la que corresponde."
        return [Problema(Gravedad.ERROR, Codigo.PLANTILLA_AJENA, mensaje, esquema.nombre, valor=nombre)]
    if version == esquema.version:
        return []
    cambios = " ".join(f"{c.version}: {c.descripcion}" for c in esquema.cambios if _serie(c.version) > _serie(version))
    sirve = _serie(version)[0] == _serie(esquema.version)[0]
    mensaje = f"La planilla es de la versión {version} y la vigente es {esquema.version}. {cambios} " + (
        "Se revisó con la vigente: si algo falta, descargue la plantilla nueva."
        if sirve
        else "Ya no se puede leer: descargue la plantilla nueva y copie en ella sus filas."
    )
    gravedad = Gravedad.ALERTA if sirve else Gravedad.ERROR
    return [Problema(gravedad, Codigo.PLANTILLA_ANTIGUA, mensaje, esquema.nombre, valor=version)]


def _de_la_entrega(esquema: Esquema, libro: Libro, contexto: Contexto) -> list[Problema]:
    """La plantilla hecha para una región y un ejercicio no se entrega como de otros."""
    pares = (
        ("la región", libro.region, contexto.region, Codigo.REGION_DISTINTA),
        ("el ejercicio", libro.ejercicio, str(contexto.ejercicio or ""), Codigo.EJERCICIO_DISTINTO),
    )
    salida = []
    for palabra, suya, pedida, codigo in pares:
        if suya and pedida and suya != pedida:
            mensaje = f"La planilla se hizo para {palabra} {suya} y la entrega es de {pedida}. Use la planilla que corresponde."
            salida.append(Problema(Gravedad.ERROR, codigo, mensaje, esquema.nombre, valor=suya))
    return salida


def _serie(version: str) -> tuple[int, ...]:
    partes = version.split(".")
    return tuple(int(p) for p in partes) if all(p.isdecimal() for p in partes) else (0,)
