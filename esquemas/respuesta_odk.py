"""Las hojas que exportan ODK Central y KoboToolbox, como si fueran las de nuestras tablas.

Se reconocen por sus columnas. Cada celda conserva su dirección en el archivo de la persona: aquí se eligen columnas y
filas, y se cambia solo la escritura que es de esas herramientas (varios valores separados por espacios, «meta_»).
Formas: getodk/central-backend `lib/data/briefcase.js`; kobotoolbox/formpack `reporting/export.py`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from esquemas.condicion import SEPARADOR
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Celda, Hoja, letra
from esquemas.modelo import Campo, Catalogo, Esquema, Tabla
from esquemas.normalizacion import plegar
from esquemas.tipos import TIPOS, como_texto

RESPUESTA = "respuesta"  # el campo que une las tablas de una encuesta
_RESERVADOS = frozenset({"meta", "data"})  # los usa el propio formulario
_MUESTRA = 8  # cuántos nombres se dicen antes de «y N más»
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+|-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")


@dataclass(frozen=True, slots=True)
class Forma:
    """Cómo exporta una herramienta. `propias`: las columnas que delatan su tabla principal."""

    herramienta: str
    propias: frozenset[str]
    clave: str
    padre: str  # en una tabla de repetidos, la clave de su respuesta
    revision: str
    rechazos: frozenset[str]  # valores de `revision`, en minúsculas


FORMAS = (
    Forma("ODK Central", frozenset({"KEY", "SubmissionDate"}), "KEY", "PARENT_KEY", "ReviewState", frozenset({"rejected"})),
    Forma(
        "KoboToolbox",
        frozenset({"_index"}),
        "_index",
        "_parent_index",
        "_validation_status",
        frozenset({"not approved", "validation_status_not_approved"}),
    ),
)


def nombre_en_xlsform(nombre: str) -> str:
    """El mismo nombre, salvo que XLSForm lo reserve: «meta» → «meta_»."""
    return f"{nombre}_" if nombre in _RESERVADOS else nombre


def leer_exportacion(
    catalogo: Catalogo, esquema: Esquema, hojas: Iterable[Hoja]
) -> tuple[Mapping[str, Hoja], tuple[Problema, ...]] | None:
    """Tabla → hoja y lo que hay que decir, como `columnas.elegir_hojas`; None si no es una exportación de esa encuesta."""
    visibles = [h for h in hojas if h.visible]
    for forma in FORMAS if esquema.es_encuesta else ():
        for hoja in visibles:
            titulos = _titulos(hoja)
            if forma.propias <= set(titulos) and forma.padre not in titulos:
                lectura = _Lectura(catalogo, esquema, forma)
                lectura.leer(hoja, [h for h in visibles if h is not hoja])
                return lectura.hojas, tuple(lectura.problemas)
    return None


def _titulos(hoja: Hoja) -> list[str]:
    return [t.strip() for t in hoja.encabezado]


@dataclass(slots=True)
class _Lectura:
    catalogo: Catalogo
    esquema: Esquema
    forma: Forma
    hojas: dict[str, Hoja] = field(default_factory=dict)
    problemas: list[Problema] = field(default_factory=list)
    respuestas: dict[str, str] = field(default_factory=dict)  # clave de la herramienta → `respuesta`
    rechazadas: set[str] = field(default_factory=set)
    sin_uso: dict[str, None] = field(default_factory=dict)  # columnas que no se leen, en orden

    def leer(self, principal: Hoja, otras: list[Hoja]) -> None:
        esquema, forma = self.esquema, self.forma
        repetidas = self._repetidas([h for h in otras if forma.padre in _titulos(h)])
        ajenas = [f"«{h.nombre}»" for h in otras if not any(h is r for r in repetidas.values())]
        mensaje = (
            f"Se leyó como una exportación de {forma.herramienta}: cada «{RESPUESTA}» sale de «{forma.clave}». "
            "Si no lo es, cambie el nombre de esa columna."
        )
        self._decir(Codigo.EXPORTACION_LEIDA, mensaje + (f" No se leen: {', '.join(ajenas)}." if ajenas else ""), principal)
        self._apartar_rechazadas(principal)
        self.hojas[esquema.nombre] = self._traducir(esquema.principal, principal, forma.clave)
        for grupo in esquema.grupos:
            if hoja := repetidas.get(grupo.nombre):
                self.hojas[grupo.nombre] = self._traducir(grupo.tabla, hoja, forma.padre)
            else:
                falta = f"El archivo no trae la tabla «{grupo.nombre}» ({grupo.tabla.titulo}): se toma como vacía."
                self._decir(Codigo.TABLA_FALTANTE, f"{falta} Si tiene filas, agréguela.", principal, tabla=grupo.nombre)
        if self.sin_uso:
            nombres = _enumerar([f"«{c}»" for c in self.sin_uso])
            mensaje = (
                f"Columnas que no son preguntas de «{esquema.titulo}» y no se leen: {nombres}. "
                f"Son de {forma.herramienta} o repiten, opción por opción, lo de otra columna. No tiene que hacer nada."
            )
            self._decir(Codigo.COLUMNA_AJENA, mensaje, principal)

    def _decir(self, codigo: Codigo, mensaje: str, hoja: Hoja, gravedad: Gravedad = Gravedad.ALERTA, **lugar: object) -> None:
        lugar = {"tabla": self.esquema.nombre, **lugar}
        self.problemas.append(Problema(gravedad, codigo, mensaje, hoja=hoja.nombre, norma=self.esquema.norma[:1], **lugar))

    def _repetidas(self, hojas: list[Hoja]) -> dict[str, Hoja]:
        """Tabla → hoja: Kobo la llama como el grupo, ODK «formulario-grupo»; gana el nombre más largo que calza."""
        elegidas: dict[str, Hoja] = {}
        for hoja in hojas:
            nombre = plegar(hoja.nombre)
            calzan = [g.nombre for g in self.esquema.grupos if f"-{nombre}".endswith(f"-{g.nombre}")]
            if calzan:
                elegidas.setdefault(max(calzan, key=len), hoja)
        return elegidas

    def _apartar_rechazadas(self, hoja: Hoja) -> None:
        titulos, forma = _titulos(hoja), self.forma
        if forma.revision not in titulos:
            return
        clave, revision = titulos.index(forma.clave), titulos.index(forma.revision)
        malas = [i for i, f in enumerate(hoja.filas) if como_texto(f[revision]).strip().lower() in forma.rechazos]
        self.rechazadas = {como_texto(hoja.filas[i][clave]).strip() for i in malas}
        if malas:
            filas = _enumerar([str(hoja.numeros[i]) for i in malas])
            mensaje = (
                f"Rechazadas en {forma.herramienta} («{forma.revision}») y no se leen: filas {filas}. Si valen, cámbielo allá."
            )
            self._decir(Codigo.RESPUESTA_RECHAZADA, mensaje, hoja, fila=hoja.numeros[malas[0]])

    # --- una tabla ----------------------------------------------------------------------------------------

    def _traducir(self, tabla: Tabla, hoja: Hoja, clave: str) -> Hoja:
        """La hoja con las columnas de la tabla, en el orden del archivo, y sin las filas que no se leen."""
        usadas: dict[int, Campo] = {}
        partidas: dict[str, int] = {}
        for j, titulo in enumerate(_titulos(hoja)):
            if titulo == clave:
                usadas[j] = tabla.campo(RESPUESTA)
            elif partido := self._partido(tabla, titulo):
                partidas.setdefault(partido.nombre, j)
            elif campo := _campo_de(tabla, titulo):
                usadas[j] = campo
                continue
            if titulo and titulo not in (clave, self.forma.clave, self.forma.padre):
                self.sin_uso[titulo] = None
        self._exigir_juntas(tabla, hoja, {c.nombre for c in usadas.values()}, partidas)
        columna = _titulos(hoja).index(clave)
        quedan = [i for i, f in enumerate(hoja.filas) if como_texto(f[columna]).strip() not in self.rechazadas]
        if tabla is not self.esquema.principal:
            quedan = self._sin_vacias(hoja, quedan, [j for j in usadas if j != columna])
        nuevo = {viejo: i for i, viejo in enumerate(quedan)}
        leer = {j: self._lector(campo) for j, campo in usadas.items()}
        return replace(
            hoja,
            encabezado=tuple(c.nombre for c in usadas.values()),
            columnas=tuple(hoja.columnas[j] for j in usadas),
            filas=[[leer[j](hoja.filas[i][j]) for j in usadas] for i in quedan],
            numeros=[hoja.numeros[i] for i in quedan],
            problemas=tuple(
                replace(p, indice=nuevo[p.indice]) if p.indice is not None else p
                for p in hoja.problemas
                if p.indice is None or p.indice in nuevo
            ),
        )

    def _partido(self, tabla: Tabla, titulo: str) -> Campo | None:
        """El campo de una columna «campo/opcion», que dice con 0 y 1 lo que la columna del campo dice junto."""
        antes, barra, opcion = titulo.rpartition("/")
        campo = _campo_de(tabla, antes) if barra else None
        if campo is None or not (campo.varios and campo.catalogo):
            return None
        opciones = self.catalogo.opciones[campo.catalogo].opciones
        return campo if any(opcion == o.codigo or plegar(opcion) == plegar(o.nombre) for o in opciones) else None

    def _exigir_juntas(self, tabla: Tabla, hoja: Hoja, presentes: set[str], partidas: Mapping[str, int]) -> None:
        for nombre, j in partidas.items():
            if nombre not in presentes:
                campo = tabla.campo(nombre)
                mensaje = (
                    f"«{campo.titulo}» viene solo en columnas separadas, una por opción. "
                    "Exporte otra vez con las respuestas múltiples en una sola columna."
                )
                celda = hoja.celda_encabezado(j)
                lugar = {"tabla": tabla.nombre, "celda": celda, "fila": hoja.fila_encabezado, "campo": nombre}
                self._decir(Codigo.COLUMNA_FALTANTE, mensaje, hoja, Gravedad.ERROR, **lugar)

    def _sin_vacias(self, hoja: Hoja, filas: list[int], columnas: list[int]) -> list[int]:
        """Enketo abre sola la primera repetición: si quedó en blanco, no es una fila."""
        quedan = []
        for i in filas:
            if any(como_texto(hoja.filas[i][j]).strip() for j in columnas):
                quedan.append(i)
                continue
            numero = hoja.numeros[i]
            mensaje = f"La fila {numero} es una repetición en blanco y se saltó. No tiene que hacer nada."
            celda = f"{letra(hoja.columnas[0])}{numero}"
            self._decir(Codigo.FILA_EN_BLANCO, mensaje, hoja, celda=celda, fila=numero)
        return quedan

    # --- una celda ----------------------------------------------------------------------------------------

    def _lector(self, campo: Campo) -> Callable[[Celda], Celda]:
        if campo.nombre == RESPUESTA:
            return self._respuesta
        if campo.varios and campo.catalogo:
            codigos = {o.codigo for o in self.catalogo.opciones[campo.catalogo].opciones}
            return lambda celda: _separar(celda, codigos)
        return _numero if TIPOS[campo.tipo].base in ("integer", "number") else lambda celda: celda

    def _respuesta(self, celda: Celda) -> str:
        """El texto que une las tablas: la clave sin «uuid:», cortada al largo del campo y sin repetir."""
        clave = como_texto(celda).strip()
        if clave not in self.respuestas:
            largo = self.esquema.principal.campo(RESPUESTA).largo_maximo
            entera = clave.removeprefix("uuid:")
            corta, numero, usadas = entera[:largo], 1, set(self.respuestas.values())
            while corta in usadas:
                numero += 1
                marca = f"-{numero}"
                corta = entera[: (largo or len(entera) + len(marca)) - len(marca)] + marca
            self.respuestas[clave] = corta
        return self.respuestas[clave]


def _enumerar(cosas: list[str]) -> str:
    resto = len(cosas) - _MUESTRA
    return ", ".join(cosas[:_MUESTRA]) + (f" y {resto} más" if resto > 0 else "")


def _campo_de(tabla: Tabla, titulo: str) -> Campo | None:
    """El campo de una columna: por su título, o por su nombre después de los grupos («grupo-campo», «grupo/campo»)."""
    campos = [c for c in tabla.campos if not c.automatico]
    nombre = re.split("[-/]", titulo)[-1]
    por_titulo = (c for c in campos if f"/{plegar(titulo)}".endswith(f"/{plegar(c.titulo)}"))
    return next(por_titulo, None) or next((c for c in campos if nombre in (c.nombre, nombre_en_xlsform(c.nombre))), None)


def _separar(celda: Celda, codigos: set[str]) -> Celda:
    """«a b» → «a;b» si son códigos; los nombres de las opciones también llevan espacios y no se parten."""
    if not isinstance(celda, str):
        return celda
    trozos = celda.split()
    return SEPARADOR.join(trozos) if any(t in codigos for t in trozos) else celda


def _numero(celda: Celda) -> Celda:
    """Esas herramientas escriben siempre el decimal con punto: «1.500» es uno y medio, no mil quinientos."""
    if not isinstance(celda, str) or not _DECIMAL.fullmatch(celda.strip()):
        return celda
    texto = celda.strip()
    if "e" not in texto.lower():
        texto = texto.rstrip("0").rstrip(".")
        if len(texto.partition(".")[2]) <= 2:
            return texto
    return float(texto)
