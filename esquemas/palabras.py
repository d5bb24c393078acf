"""Lo que un esquema exige, dicho en castellano: tipos, límites, condiciones y reglas. Texto plano, sin marcas.

Lo usan el diccionario del sitio y el de la planilla: la misma exigencia se dice siempre igual.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from esquemas.condicion import SEPARADOR
from esquemas.errores import Gravedad
from esquemas.hoja import miles
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Opciones, Regla, Tabla
from esquemas.tipos import TIPOS

Listas = Mapping[str, Opciones]  # catálogos de códigos, por nombre

DATO = {
    "publico": "Público: se publica y se descarga sin restricción.",
    "interno": "Interno: lo ven los equipos del proceso; no se publica.",
    "personal": "Personal: identifica a una persona; no se publica.",
    "sensible": "Personal sensible: solo con consentimiento expreso; no se publica.",
}
AMBITO = {
    "region": "Una por región y ejercicio",
    "nacional": "Una para todo el país en cada ejercicio; la columna «región» dice de cuál es cada fila",
}


def tipo(campo: Campo) -> str:
    """Qué se escribe en la celda: «Monto en pesos», «Opciones de una lista», «Código de una fila de otra matriz»."""
    if campo.catalogo:
        return "Una o varias opciones de una lista" if campo.varios else "Una opción de una lista"
    if campo.referencia:
        return "Códigos de filas de otra matriz" if campo.varios else "Código de una fila de otra matriz"
    titulo = TIPOS[campo.tipo].titulo.removeprefix("un ").removeprefix("una ")
    return titulo[0].upper() + titulo[1:]


def limites(campo: Campo) -> list[str]:
    """Cada límite, una oración. Un mínimo de cero también es un límite y también se dice."""
    dichos = []
    if campo.automatico:
        dichos.append("Lo pone el sistema; no se pregunta.")
    if campo.unico:
        dichos.append("No se repite en la tabla.")
    if campo.varios:
        dichos.append(f"Admite varios valores, separados por «{SEPARADOR}».")
    if campo.minimo is not None:
        dichos.append(f"Mínimo {miles(campo.minimo)}.")
    if campo.maximo is not None:
        dichos.append(f"Máximo {miles(campo.maximo)}.")
    if campo.largo_minimo is not None:
        dichos.append(f"Al menos {miles(campo.largo_minimo)} caracteres.")
    if campo.largo_maximo is not None:
        dichos.append(f"Hasta {miles(campo.largo_maximo)} caracteres.")
    if campo.unidad:
        dichos.append(f"Se mide en {campo.unidad}.")
    return dichos


def obligatoriedad(campo: Campo, opciones: Listas, esquema: Esquema) -> str:
    """«Obligatorio», «Opcional» o en qué casos: los de su `mostrar_si` y los de las reglas que lo exigen con error."""
    propia = next(t for t in esquema.tablas if any(c is campo for c in t.campos))
    tablas = (propia, *esquema.tablas)
    reglas = [r for r in propia.reglas if r.clase == "exige" and r.gravedad is Gravedad.ERROR]
    exigen = [r for r in reglas if _es_lleno(r.condicion, campo)]
    si = condicion(campo.mostrar_si, opciones, tablas) if campo.mostrar_si else ""
    if campo.obligatorio or any(r.si in (None, campo.mostrar_si) for r in exigen):
        return f"Obligatorio si {si}" if si else "Obligatorio"
    casos = [condicion(r.si, opciones, tablas) for r in exigen]
    casos += filter(None, (_si_faltan_los_demas(r, campo, tablas, opciones) for r in reglas))
    exigido = f"obligatorio si {', o si '.join(dict.fromkeys(casos))}" if casos else "opcional"
    if si:
        return f"Opcional, y solo si {si}" + (f"; {exigido}" if casos else "")
    return exigido[0].upper() + exigido[1:]


def _es_lleno(dicha: Condicion | None, campo: Campo) -> bool:
    """Si la condición es que ese campo tenga un valor."""
    return dicha == Condicion("vacio", campo.nombre, vacio=False)


def _si_faltan_los_demas(dicha: Regla, campo: Campo, tablas: Iterable[Tabla], opciones: Listas) -> str:
    """Cuándo se exige un campo por una regla que pide al menos uno de varios; nada si no es de esos."""
    partes = dicha.condicion.partes if dicha.condicion and dicha.condicion.operador == "o" else ()
    if not any(_es_lleno(p, campo) for p in partes):
        return ""
    otras = tuple(p for p in partes if not _es_lleno(p, campo))
    si = f"{condicion(dicha.si, opciones, tablas)} y " if dicha.si else ""
    if any(p.operador != "vacio" or p.vacio for p in otras):
        return f"{si}no se cumple lo demás que pide su regla"
    *primeras, ultima = (condicion(replace(p, vacio=True), opciones, tablas).removesuffix(" está vacío") for p in otras)
    return si + (f"{', '.join(primeras)} y {ultima} están vacíos" if primeras else f"{ultima} está vacío")


def condicion(dicha: Condicion, opciones: Listas, tablas: Iterable[Tabla]) -> str:
    """La condición en palabras: «Tipo» es «Problemática» y «Causas» tiene un valor."""
    campos = {c.nombre: c for t in reversed(tuple(tablas)) for c in t.campos}
    return _condicion(dicha, opciones, campos)


def _condicion(dicha: Condicion, opciones: Listas, campos: Mapping[str, Campo]) -> str:
    if dicha.partes:
        partes = (_condicion(p, opciones, campos) for p in dicha.partes)
        textos = [f"({t})" if p.partes else t for t, p in zip(partes, dicha.partes, strict=True)]
        return f" {dicha.operador} ".join(textos)
    campo = campos[dicha.campo]
    titulo = f"«{campo.titulo}»"
    if dicha.operador == "vacio":
        return f"{titulo} está vacío" if dicha.vacio else f"{titulo} tiene un valor"
    valores = " o ".join(f"«{valor(campo, v, opciones)}»" for v in dicha.valores)
    verbo = "incluye" if campo.varios else "es"
    return f"{titulo} {'no ' if dicha.operador == 'no_es' else ''}{verbo} {valores}"


def valor(campo: Campo, codigo: str, opciones: Listas) -> str:
    """Cómo se llama un código en la lista de su campo."""
    if campo.catalogo:
        return opciones[campo.catalogo].nombre_de(codigo)
    return "sí" if campo.tipo == "logico" and codigo == "si" else codigo


def regla(dicha: Regla, tabla: Tabla, esquema: Esquema, catalogo: Catalogo) -> str:
    """Qué comprueba una regla, con sus condiciones."""
    si = f"Si {condicion(dicha.si, catalogo.opciones, (tabla, *esquema.tablas))}: " if dicha.si else ""
    que = _QUE_COMPRUEBA[dicha.clase](dicha, tabla, esquema, catalogo)
    return f"{si}{que}." if si else f"{que[0].upper()}{que[1:]}."


def _exige(dicha: Regla, tabla: Tabla, esquema: Esquema, catalogo: Catalogo) -> str:
    return f"se exige que {condicion(dicha.condicion, catalogo.opciones, (tabla, *esquema.tablas))}"


def _suma(dicha: Regla, tabla: Tabla, _: Esquema, catalogo: Catalogo) -> str:
    datos = dicha.datos
    tope = catalogo.esquemas[datos["tope"]["esquema"]]
    campo = tope.principal.campo(datos["tope"]["campo"])
    por = " y ".join(f"«{tabla.campo(p).titulo}»" for p in datos["por"])
    relacion = "no debe pasar de" if datos["relacion"] == "no_supera" else "debe alcanzar"
    de = tabla.campo(datos["de"]).titulo
    return f"la suma de «{de}» por {por} {relacion} «{campo.titulo}» de «{tope.nombre_completo}»"


def _cociente(dicha: Regla, tabla: Tabla, _: Esquema, catalogo: Catalogo) -> str:
    de, entre = (tabla.campo(dicha.datos[c]).titulo for c in ("de", "entre"))
    return f"«{de}» dividido por «{entre}» se compara con el tope por beneficiario del instrumento"


def _cita(dicha: Regla, tabla: Tabla, _: Esquema, catalogo: Catalogo) -> str:
    campo = tabla.campo(dicha.campo)
    referido = catalogo.esquemas[campo.referencia.esquema]
    tipo_de_fila = referido.principal.campo("tipo")
    tipos = " o ".join(f"«{valor(tipo_de_fila, t, catalogo.opciones)}»" for t in dicha.datos["tipo"])
    return f"toda fila citada en «{campo.titulo}» debe ser de tipo {tipos}"


def _citados(dicha: Regla, tabla: Tabla, _: Esquema, catalogo: Catalogo) -> str:
    campo = tabla.campo(dicha.campo)
    referido = catalogo.esquemas[campo.referencia.esquema]
    cuando = condicion(dicha.condicion, catalogo.opciones, referido.tablas)
    return f"toda fila de «{referido.nombre_completo}» en que {cuando} debe estar citada en «{campo.titulo}»"


_QUE_COMPRUEBA = {"exige": _exige, "suma": _suma, "cociente": _cociente, "cita": _cita, "citados": _citados}
