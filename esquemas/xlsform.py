"""De una encuesta a su XLSForm: la planilla de la que ODK Central y KoboToolbox hacen un formulario para el terreno.

Lo que se exporta de vuelta lo lee `respuesta_odk`. Aquí se traduce cuanto XLSForm puede decir (opciones, condiciones,
límites, exigencias); el validador vuelve a revisar todo al importar.
"""

from collections import Counter
from collections.abc import Iterator

from esquemas.errores import Gravedad
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Grupo, Regla, Seccion, Tabla
from esquemas.planilla import Escritor
from esquemas.respuesta_odk import nombre_en_xlsform
from esquemas.xpath import Mirar, compara, con_vacio, es_largo, limites, traducir

IDIOMA = "Español (es)"
SI_NO = "si_no"  # la lista de los lógicos; ningún catálogo lleva «_» en su nombre
MUCHAS = 20  # opciones desde las que conviene buscar escribiendo
ROTULO, PISTA = f"label::{IDIOMA}", f"hint::{IDIOMA}"
SI_FALTA, SI_NO_CUMPLE = f"required_message::{IDIOMA}", f"constraint_message::{IDIOMA}"
COLUMNAS = (
    "type", "name", ROTULO, PISTA, "required", SI_FALTA, "relevant", "constraint", SI_NO_CUMPLE, "choice_filter", "appearance",
)  # fmt: skip
_TIPOS = {"decimal": "decimal", "porcentaje": "decimal", "ejercicio": "integer", "fecha": "date", "logico": f"select_one {SI_NO}"}

Fila = dict[str, str]


def escribir_xlsform(catalogo: Catalogo, esquema: Esquema) -> bytes:
    """El XLSForm de una encuesta, como XLSX. Los mismos esquema y catálogos dan siempre los mismos bytes."""
    escritor = Escritor()
    for nombre, filas in hojas_de_xlsform(catalogo, esquema).items():
        hoja = escritor.hoja(nombre)
        hoja.freeze_panes(1, 0)
        columnas = COLUMNAS if nombre == "survey" else tuple(dict.fromkeys(c for f in filas for c in f))
        hoja.set_column(0, len(columnas) - 1, 24)
        for j, columna in enumerate(columnas):
            hoja.write_string(0, j, columna, escritor.encabezado)
        for i, fila in enumerate(filas, 1):
            for j, columna in enumerate(columnas):
                if fila.get(columna):
                    escritor.escribir(hoja, i, j, fila[columna])
    return escritor.terminar()


def hojas_de_xlsform(catalogo: Catalogo, esquema: Esquema) -> dict[str, list[Fila]]:
    """Las tres hojas, como filas de columna → texto."""
    return {
        "survey": list(_Preguntas(catalogo, esquema).filas()),
        "choices": list(_opciones(catalogo, esquema)),
        "settings": [
            {"form_title": esquema.titulo, "form_id": esquema.nombre, "version": esquema.version, "default_language": IDIOMA}
        ],
    }


def visibles(tabla: Tabla) -> tuple[Campo, ...]:
    """Los campos que alguien responde: `respuesta` la pone la herramienta al exportar."""
    return tuple(c for c in tabla.campos if not c.automatico)


def _agregado(clase: str, nombre: str) -> str:
    """El nombre de lo que no es del esquema («nota_mesas»); sin guiones, que en ODK Central separan grupo y campo."""
    return f"{clase}_{nombre.replace('-', '_')}"


# --- las opciones -------------------------------------------------------------------------------------------


def _raiz(catalogo: Catalogo, nombre: str) -> str:
    """El catálogo del que al final depende ese (comunas → provincias → regiones); «» si no depende de otro."""
    padre = catalogo.opciones[nombre].padre if nombre else ""
    return (_raiz(catalogo, padre) or padre) if padre else ""


def _codigo_raiz(catalogo: Catalogo, nombre: str, codigo: str) -> str:
    """El código de la raíz a que pertenece una opción: comuna 06201 → región 06."""
    opciones = catalogo.opciones[nombre]
    if not opciones.padre:
        return codigo
    return _codigo_raiz(catalogo, opciones.padre, next(o.padre for o in opciones.opciones if o.codigo == codigo))


def _opciones(catalogo: Catalogo, esquema: Esquema) -> Iterator[Fila]:
    campos = [c for t in esquema.tablas for c in visibles(t)]
    usados = dict.fromkeys(n for c in campos if c.catalogo for n in (_raiz(catalogo, c.catalogo), c.catalogo) if n)
    for nombre in usados:
        raiz = _raiz(catalogo, nombre)
        for opcion in catalogo.opciones[nombre].opciones:
            fila = {"list_name": nombre, "name": opcion.codigo, ROTULO: opcion.nombre}
            yield fila | ({raiz: _codigo_raiz(catalogo, nombre, opcion.codigo)} if raiz else {})
    yield {"list_name": SI_NO, "name": "si", ROTULO: "Sí"}
    yield {"list_name": SI_NO, "name": "no", ROTULO: "No"}


# --- las preguntas ------------------------------------------------------------------------------------------


class _Preguntas:
    """La hoja `survey`. Sabe dónde queda cada pregunta, para nombrarla desde otra."""

    def __init__(self, catalogo: Catalogo, esquema: Esquema) -> None:
        self.catalogo, self.esquema = catalogo, esquema
        todos = tuple(c.nombre for c in visibles(esquema.principal))
        self.secciones = esquema.secciones or (Seccion("preguntas", esquema.titulo, todos),)
        self.seccion_de = {n: s.nombre for s in self.secciones for n in s.contenido}
        self.grupos = {g.nombre: g for g in esquema.grupos}
        campos = [c.nombre for t in esquema.tablas for c in visibles(t)]
        self.veces = Counter([*campos, *self.grupos, *(s.nombre for s in self.secciones)])
        sensibles = [c for t in esquema.tablas for c in t.campos if c.dato == "sensible" and c.mostrar_si]
        self.consentidos = frozenset(n for c in sensibles for n in c.mostrar_si.campos())

    def filas(self) -> Iterator[Fila]:
        if aviso := self._aviso():
            yield {"type": "note", "name": _agregado("nota", "privacidad"), ROTULO: aviso}
        filtros: set[str] = set()
        for seccion in self.secciones:
            yield {"type": "begin_group", "name": seccion.nombre, ROTULO: seccion.titulo}
            if seccion.ayuda:
                yield {"type": "note", "name": _agregado("nota", seccion.nombre), ROTULO: seccion.ayuda}
            for nombre in seccion.contenido:
                grupo = self.grupos.get(nombre)
                campos = visibles(grupo.tabla) if grupo else (self.esquema.principal.campo(nombre),)
                for raiz in dict.fromkeys(_raiz(self.catalogo, c.catalogo) for c in campos):
                    if raiz and raiz not in filtros:
                        filtros.add(raiz)
                        yield self._filtro(raiz)
                if grupo:
                    yield from self._grupo(grupo)
                else:
                    yield self._pregunta(campos[0], self.esquema.principal)
            yield {"type": "end_group"}

    def _aviso(self) -> str:
        dicho = self.esquema.privacidad
        partes = [f"{t}: {dicho[c]}" for c, t in (("responsable", "Responde por los datos"), ("base", "Base")) if dicho.get(c)]
        campos = [c for t in self.esquema.tablas for c in t.campos if c.dato in ("personal", "sensible")]
        partes += [f"{c.titulo} (dato {c.dato}): {c.finalidad}" for c in campos]
        return "\n\n".join([*partes, dicho["retencion"]] if dicho.get("retencion") else partes)

    def _filtro(self, raiz: str) -> Fila:
        """Una pregunta de ayuda que acorta una lista larga. No es del esquema: al importar se ignora."""
        opciones = self.catalogo.opciones[raiz]
        pista = "Acorta las listas que siguen. Si la deja vacía, aparecen completas."
        return {"type": f"select_one {raiz}", "name": _agregado("filtro", raiz), ROTULO: opciones.titulo, PISTA: pista}

    def _grupo(self, grupo: Grupo) -> Iterator[Fila]:
        """El grupo entre notas. XLSForm no limita las repeticiones: una nota obligatoria no deja seguir si faltan o sobran."""
        cuando = traducir(grupo.mostrar_si, self._desde(self.esquema.principal)) if grupo.mostrar_si else ""
        cuantos = f"De {grupo.minimo} a {grupo.maximo}." if grupo.minimo else f"Hasta {grupo.maximo}; puede no agregar."
        nota = {"type": "note", "name": _agregado("nota", grupo.nombre), "relevant": cuando}
        yield nota | {ROTULO: " ".join(t for t in (f"{grupo.tabla.titulo}.", grupo.ayuda, cuantos) if t)}
        # Enketo abre la primera repetición sola; «minimal» la deja a quien responde.
        apariencia = "" if grupo.minimo else "minimal"
        yield {
            "type": "begin_repeat",
            "name": nombre_en_xlsform(grupo.nombre),
            ROTULO: grupo.tabla.titulo,
            "relevant": cuando,
            "appearance": apariencia,
        }
        for campo in visibles(grupo.tabla):
            yield self._pregunta(campo, grupo.tabla)
        yield {"type": "end_repeat"}
        cuenta = f"count({self._nombrar(grupo.nombre, f'../{nombre_en_xlsform(grupo.nombre)}')})"
        for clase, signo, limite, verbo in (
            ("minimo", "<", grupo.minimo, "Agregue al menos"),
            ("maximo", ">", grupo.maximo, "Quite hasta dejar"),
        ):
            if limite:
                mensaje = f"{grupo.tabla.titulo}: {verbo.lower()} {limite}."
                pasa = f"{cuenta} {signo} {limite}"
                nota = {"type": "note", "name": _agregado(clase, grupo.nombre), ROTULO: mensaje, "required": "yes"}
                yield nota | {SI_FALTA: mensaje, "relevant": f"({cuando}) and {pasa}" if cuando else pasa}

    def _pregunta(self, campo: Campo, tabla: Tabla) -> Fila:
        fila = {"type": tipo_de(campo), "name": nombre_en_xlsform(campo.nombre), ROTULO: campo.titulo, PISTA: self._pista(campo)}
        exigencias = [("yes", f"Falta «{campo.titulo}».")] if campo.obligatorio else []
        topes, propio = limites(campo), self._desde(tabla, campo.nombre)
        for regla in tabla.reglas:
            if self._donde(regla, tabla) == campo.nombre:
                aviso = f"{regla.mensaje} {regla.arreglo}"
                if exige := self._exigencia(regla, tabla, campo.nombre):
                    exigencias.append((exige, aviso))
                if compara(regla.condicion, campo.nombre):
                    cumple = f"({traducir(regla.condicion, propio)})"
                    si = f"not({traducir(regla.si, propio)}) or " if regla.si else ""
                    topes.append((f"({si}{cumple})", aviso))
        if exigencias:
            solas = [e for e, _ in exigencias]
            fila["required"] = "yes" if "yes" in solas else " or ".join(f"({e})" for e in solas) if len(solas) > 1 else solas[0]
            fila[SI_FALTA] = " ".join(m for _, m in exigencias)
        if topes:
            fila["constraint"] = " and ".join(x for x, _ in topes)
            fila[SI_NO_CUMPLE] = " ".join(m for _, m in topes)
        if campo.mostrar_si:
            fila["relevant"] = traducir(campo.mostrar_si, self._desde(tabla))
        if raiz := _raiz(self.catalogo, campo.catalogo):
            filtro = f"${{{_agregado('filtro', raiz)}}}"
            fila["choice_filter"] = f"not({filtro} != '') or {raiz} = {filtro}"
        return fila | {"appearance": self._apariencia(campo)}

    def _pista(self, campo: Campo) -> str:
        partes = [self.esquema.privacidad.get("consentimiento", "") if campo.nombre in self.consentidos else ""]
        partes += [campo.ayuda or campo.descripcion, f"Unidad: {campo.unidad}." if campo.unidad else ""]
        if campo.ejemplo and not tipo_de(campo).startswith("select_"):  # las opciones ya se ven, y un ejemplo inclinaría
            partes.append(f"Ejemplo: {campo.ejemplo}")
        return " ".join(p for p in partes if p)

    def _apariencia(self, campo: Campo) -> str:
        if campo.catalogo:
            return "autocomplete" if len(self.catalogo.opciones[campo.catalogo].opciones) > MUCHAS else ""
        return "multiline" if campo.tipo == "parrafo" else "numbers" if es_largo(campo) else ""

    def _desde(self, tabla: Tabla, propio: str = "") -> Mirar:
        """Cómo se nombra cada campo visto desde una pregunta de esa tabla; `propio` es el que se restringe («.»)."""
        principal = self.esquema.principal

        def mirar(nombre: str) -> tuple[Campo, str]:
            real = nombre_en_xlsform(nombre)
            if nombre == propio:
                return tabla.campo(nombre), "."
            if tabla is not principal and nombre in tabla.nombres:
                return tabla.campo(nombre), self._nombrar(nombre, f"../{real}")
            subir = "../.." if tabla is principal else "../../.."
            return principal.campo(nombre), self._nombrar(nombre, f"{subir}/{self.seccion_de[nombre]}/{real}")

        return mirar

    def _nombrar(self, nombre: str, ruta: str) -> str:
        """`${nombre}`, o su ruta si hay otra cosa que se llama igual."""
        return f"${{{nombre_en_xlsform(nombre)}}}" if self.veces[nombre] == 1 else ruta

    def _donde(self, regla: Regla, tabla: Tabla) -> str:
        """En qué pregunta se puede exigir una regla: la última que mira, para no pedir antes lo que se responde después.

        «» si no es un error entre campos visibles de la fila: esas las revisa el validador.
        """
        if regla.clase != "exige" or regla.gravedad is not Gravedad.ERROR:
            return ""
        mirados = regla.condicion.campos() | (regla.si.campos() if regla.si else frozenset())
        orden = [c.nombre for c in visibles(tabla)]
        if tabla is self.esquema.principal:
            orden.sort(key=list(self.seccion_de).index)
        ultima = max(mirados, key=orden.index) if mirados <= set(orden) else ""
        return ultima if ultima in regla.condicion.campos() else ""

    def _exigencia(self, regla: Regla, tabla: Tabla, campo: str) -> str:
        """Cuándo dejar vacío el campo incumple la regla, sin nombrar al campo; «» si nunca."""
        si = con_vacio(regla.si, campo) if regla.si else True
        cumple = con_vacio(regla.condicion, campo)
        if si is False or cumple is True:
            return ""
        partes = [f"({traducir(si, self._desde(tabla))})"] if isinstance(si, Condicion) else []
        partes += [f"not({traducir(cumple, self._desde(tabla))})"] if isinstance(cumple, Condicion) else []
        return " and ".join(partes) or "yes"


# --- tipos -------------------------------------------------------------------------------------------------


def tipo_de(campo: Campo) -> str:
    """El `type` de XLSForm."""
    if campo.catalogo:
        return f"select_{'multiple' if campo.varios else 'one'} {campo.catalogo}"
    if campo.tipo in ("entero", "pesos"):
        return "text" if es_largo(campo) else "integer"
    return _TIPOS.get(campo.tipo, "text")
