"""De un campo del esquema al control con que se dibuja. WTForms dibuja; aquí no hay ninguna regla.

Lo que llega de vuelta no pasa por estos controles: va derecho al núcleo (ver `pantalla` y `encuesta`).
"""

import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, ListWidget

from esquemas import palabras
from esquemas.condicion import separar
from esquemas.errores import Problema
from esquemas.modelo import Campo, Catalogo, Condicion, Esquema, Grupo, Opcion, Opciones, Seccion, Tabla
from formularios.buscador import Busqueda, buscar
from formularios.encuesta import Llenado
from formularios.pantalla import nombre_de

CORTO = 8  # opciones que todavía se leen mejor a la vista que en una lista
ENUNCIADO = 110  # letras de una fila citada que se muestran al elegirla
SIN_RESPUESTA = "Sin respuesta"
AJENA = "{}: no está en la lista"
SI_O_NO = (SelectChoice("si", "Sí"), SelectChoice("no", "No"))


# --- Un tipo, un control -----------------------------------------------------------------------------


def _linea(modo: str = "", completar: str = "off") -> Callable[..., UnboundField]:
    atributos = {"autocomplete": completar, **({"inputmode": modo} if modo else {})}
    return lambda **comunes: StringField(**_con(comunes, atributos))


def _parrafo(**comunes: Any) -> UnboundField:
    return TextAreaField(**_con(comunes, {"rows": 4}))


def _si_o_no(**comunes: Any) -> UnboundField:
    return _radios(SI_O_NO, comunes)


CONTROLES: Mapping[str, Callable[..., UnboundField]] = {
    "texto": _linea(),
    "parrafo": _parrafo,
    "codigo": _linea(),
    "rut": _linea(),
    "correo": _linea("email", "email"),
    "enlace": _linea("url"),
    "telefono": _linea("tel", "tel"),
    "entero": _linea("numeric"),
    "pesos": _linea("numeric"),
    "decimal": _linea("decimal"),
    "porcentaje": _linea("decimal"),
    "ejercicio": _linea("numeric"),
    "fecha": _linea(),
    "logico": _si_o_no,
}


def _con(comunes: Mapping[str, Any], atributos: Mapping[str, Any]) -> dict[str, Any]:
    resto = {k: v for k, v in comunes.items() if k not in ("obligatorio", "render_kw")}
    return {**resto, "render_kw": {**comunes["render_kw"], **atributos}}


def _radios(opciones: Sequence[SelectChoice], comunes: Mapping[str, Any]) -> UnboundField:
    elegibles = [*opciones] if comunes["obligatorio"] else [*opciones, SelectChoice("", SIN_RESPUESTA)]
    return RadioField(choices=elegibles, validate_choice=False, **_con(comunes, {}))


def _eleccion(campo: Campo, elegibles: list[SelectChoice], comunes: Mapping[str, Any]) -> UnboundField:
    """Varios: casillas. Uno: radios si son pocos y, si no, una lista."""
    if campo.varios:
        return SelectMultipleField(
            choices=elegibles,
            validate_choice=False,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
            **_con(comunes, {}),
        )
    if len(elegibles) <= CORTO and not any(e.optgroup for e in elegibles):
        return _radios(elegibles, comunes)
    vacia = SelectChoice("", "Elija una opción" if comunes["obligatorio"] else SIN_RESPUESTA)
    return SelectField(choices=[vacia, *elegibles], validate_choice=False, **_con(comunes, {}))


def elegibles(catalogo: Catalogo, opciones: Opciones, region: str) -> list[SelectChoice]:
    """Las opciones de un catálogo, agrupadas por su padre; las de territorio, solo las de la región."""
    if not opciones.padre:
        return [SelectChoice(o.codigo, o.nombre) for o in opciones.opciones]
    padre = catalogo.opciones[opciones.padre]
    orden = {o.codigo: i for i, o in enumerate(padre.opciones)}
    propias = [o for o in opciones.opciones if _es_de(catalogo, padre, o, region)]
    propias.sort(key=lambda o: orden.get(o.padre, -1))
    agrupar = not (opciones.padre == "regiones" and region)
    return [SelectChoice(o.codigo, o.nombre, {}, padre.nombre_de(o.padre) if agrupar else None) for o in propias]


def _fuera_de_la_lista(opciones: Opciones, lista: Sequence[SelectChoice], escritos: Sequence[str]) -> list[SelectChoice]:
    """Lo escrito que no es una opción, como llegó de una planilla: a la vista, para que no se pierda sin querer."""
    conocidos, grupo = {e.value for e in lista}, "No están en la lista" if any(e.optgroup for e in lista) else None
    ajenos = [v for v in escritos if v not in conocidos]
    return [SelectChoice(v, AJENA.format(opciones.nombre_de(v)), {}, grupo) for v in ajenos]


def _filas_citables(filas: Sequence[tuple[str, str]], citadas: Sequence[str]) -> list[SelectChoice]:
    """Cada fila con su código y su enunciado; lo ya citado que no existe también, para que se pueda quitar."""
    conocidos = {codigo for codigo, _ in filas}
    perdidas = [SelectChoice(c, f"{c}: no está en la otra matriz") for c in citadas if c not in conocidos]
    dichas = [(codigo, textwrap.shorten(dicho, ENUNCIADO, placeholder="…")) for codigo, dicho in filas]
    return [SelectChoice(codigo, f"{codigo}: {dicho}") for codigo, dicho in dichas] + perdidas


def _es_de(catalogo: Catalogo, padre: Opciones, opcion: Opcion, region: str) -> bool:
    if not region or region not in {o.codigo for o in catalogo.opciones["regiones"].opciones}:
        return True
    codigo, nivel = opcion.padre, padre
    while nivel.nombre != "regiones":
        if not nivel.padre:
            return True
        codigo = next((o.padre for o in nivel.opciones if o.codigo == codigo), "")
        nivel = catalogo.opciones[nivel.padre]
    return codigo == region


def exigencia(campo: Campo, opciones: Mapping[str, Opciones], esquema: Esquema) -> str:
    """«obligatorio», «opcional» o cuándo lo es: «obligatorio si «Teléfono» está vacío».

    De un campo que a veces no se muestra no se repite cuándo: si se ve, es que corresponde.
    """
    dicha = palabras.obligatoriedad(campo, opciones, esquema)
    dicha = dicha[0].lower() + dicha[1:]
    if campo.mostrar_si is None:
        return dicha
    siempre, _, a_veces = dicha.partition("; obligatorio si ")
    return f"obligatorio si {a_veces}" if a_veces else "obligatorio" if siempre.startswith("obligatorio") else "opcional"


# --- La pantalla -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pregunta:
    """Un control listo para dibujar. `condicion`: cuándo corresponde, para el script («» si siempre)."""

    campo: Campo
    nombre: str
    id: str
    control: Any
    exigencia: str
    visible: bool
    condicion: dict[str, Any] | None
    errores: tuple[str, ...]
    avisos: tuple[str, ...]
    nueva: bool
    busqueda: Busqueda | None = None  # si son muchas las filas que puede citar

    @property
    def agrupada(self) -> bool:
        """Radios o casillas: se rotulan con un `legend`."""
        return isinstance(self.control, RadioField | SelectMultipleField)


@dataclass(frozen=True, slots=True)
class Repetible:
    """Un grupo con sus filas ya dibujadas."""

    grupo: Grupo
    id: str
    filas: tuple[tuple[Pregunta, ...], ...]
    visible: bool
    condicion: dict[str, Any] | None
    errores: tuple[str, ...]
    cabe_otra: bool
    nueva: bool


def dibujar(
    catalogo: Catalogo,
    llenado: Llenado,
    seccion: Seccion,
    *,
    con_errores: bool,
    nuevas: Iterable[str] = (),
    citables: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
    busquedas: Mapping[str, str] = MappingProxyType({}),
    buscado: str = "",
) -> list[Pregunta | Repetible]:
    """Lo que va en la pantalla de esa sección, en orden. A lo recién aparecido no se le reprocha estar vacío.

    `citables`: campo → (código, enunciado) de las filas de otra matriz que ahí se pueden elegir; `busquedas`: campo → qué se
    busca entre ellas; `buscado`: en cuál se acaba de pedir.
    """
    dibujo = _Dibujo(catalogo, llenado, con_errores, frozenset(nuevas), citables, busquedas, buscado)
    campos = {c.nombre: c for c in llenado.esquema.campos}
    grupos = {g.nombre: g for g in llenado.esquema.grupos}
    return [
        dibujo.repetible(grupos[n]) if n in grupos else dibujo.pregunta(llenado.esquema.principal, campos[n])
        for n in seccion.contenido
    ]


@dataclass(frozen=True, slots=True)
class _Dibujo:
    catalogo: Catalogo
    llenado: Llenado
    con_errores: bool
    nuevas: frozenset[str]
    citables: Mapping[str, Sequence[tuple[str, str]]]
    busquedas: Mapping[str, str]
    buscado: str

    def pregunta(self, tabla: Tabla, campo: Campo, grupo: str = "", fila: int = 0) -> Pregunta:
        nombre = nombre_de(campo.nombre, grupo, fila)
        id = id_de(nombre)
        errores, avisos = self._dichos(tabla.nombre, campo.nombre, fila, nombre)
        exige = exigencia(campo, self.catalogo.opciones, self.llenado.esquema)
        siempre = exige == "obligatorio"
        if siempre and fila >= self._minimo(grupo):
            exige = "obligatorio si llena este bloque"
        descrita = [f"{id}-ayuda", *([f"{id}-error"] if errores else []), *([f"{id}-aviso"] if avisos else [])]
        atributos = {"aria-describedby": " ".join(descrita)}
        if errores:
            atributos["aria-invalid"] = "true"
        comunes = {
            "label": campo.titulo,
            "id": id,
            "obligatorio": siempre,
            "render_kw": atributos,
        }
        valor = self.llenado.valor(campo, grupo, fila)
        busqueda = self._busqueda(campo, valor)
        return Pregunta(
            campo=campo,
            nombre=nombre,
            id=id,
            control=self._control(campo, nombre, comunes, valor, busqueda),
            exigencia=exige,
            visible=self.llenado.visible(campo, grupo, fila),
            condicion=_condicion(campo.mostrar_si, tabla, grupo, fila, self.llenado.varios),
            errores=errores,
            avisos=avisos,
            nueva=nombre in self.nuevas,
            busqueda=busqueda,
        )

    def _busqueda(self, campo: Campo, valor: str) -> Busqueda | None:
        filas, texto = self.citables.get(campo.nombre, ()), self.busquedas.get(campo.nombre, "")
        return buscar(filas, texto, separar(valor), recien=campo.nombre == self.buscado)

    def _minimo(self, grupo: str) -> float:
        """Cuántas filas del grupo son exigibles; todas fuera de un grupo."""
        return next((g.minimo for g in self.llenado.esquema.grupos if g.nombre == grupo), float("inf"))

    def _control(self, campo: Campo, nombre: str, comunes: dict[str, Any], valor: str, busqueda: Busqueda | None) -> Any:
        opciones = self.catalogo.opciones.get(campo.catalogo)
        if opciones:
            lista = elegibles(self.catalogo, opciones, self.llenado.borrador.region)
            escritos = separar(valor) if campo.varios else [valor] if valor else []
            suelto = _eleccion(campo, [*lista, *_fuera_de_la_lista(opciones, lista, escritos)], comunes)
        elif campo.nombre in self.citables:
            lista = _filas_citables(busqueda.filas if busqueda else self.citables[campo.nombre], separar(valor))
            suelto = _radios(lista, comunes) if busqueda and not campo.varios else _eleccion(campo, lista, comunes)
        elif campo.tipo == "logico" and valor and valor not in {e.value for e in SI_O_NO}:
            suelto = _radios([*SI_O_NO, SelectChoice(valor, AJENA.format(valor))], comunes)
        else:
            suelto = CONTROLES[campo.tipo](**comunes)
        formulario = BaseForm({nombre: suelto})
        varios = campo.varios and (opciones or campo.nombre in self.citables)
        formulario.process(data={nombre: separar(valor) if varios else valor})
        return formulario[nombre]

    def repetible(self, grupo: Grupo) -> Repetible:
        tabla, cuantas = grupo.tabla, self.llenado.filas(grupo)
        visibles = [c for c in tabla.campos if not c.automatico]
        filas = tuple(
            tuple(self.pregunta(tabla, c, grupo.nombre, i) for c in visibles) for i in range(cuantas)
        )
        nombre = f"g.{grupo.nombre}"
        errores, _ = self._dichos(self.llenado.esquema.nombre, grupo.nombre, 0, nombre)
        return Repetible(
            grupo=grupo,
            id=id_de(nombre),
            filas=filas,
            visible=self.llenado.visible(grupo),
            condicion=_condicion(grupo.mostrar_si, self.llenado.esquema.principal, "", 0, self.llenado.varios),
            errores=errores,
            cabe_otra=cuantas < grupo.maximo,
            nueva=nombre in self.nuevas,
        )

    def _dichos(self, tabla: str, campo: str, fila: int, nombre: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        if not self.con_errores or nombre in self.nuevas:
            return (), ()
        suyos = [p for p in self.llenado.problemas if (p.tabla, p.campo, p.indice or 0) == (tabla, campo, fila)]
        return _mensajes(suyos, True), _mensajes(suyos, False)


def _mensajes(problemas: Iterable[Problema], de_error: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(p.mensaje for p in problemas if p.es_error is de_error))


def id_de(nombre: str) -> str:
    """El `id` de un control, apto para un ancla."""
    return nombre.replace(".", "-")


def id_de_problema(llenado: Llenado, problema: Problema) -> str:
    """El ancla del control donde se corrige."""
    esquema = llenado.esquema
    if problema.tabla not in ("", esquema.nombre):
        return id_de(nombre_de(problema.campo, problema.tabla, problema.indice or 0))
    if any(g.nombre == problema.campo for g in esquema.grupos):
        return id_de(f"g.{problema.campo}")
    return id_de(nombre_de(problema.campo))


def _condicion(
    condicion: Condicion | None, tabla: Tabla, grupo: str, fila: int, varios: frozenset[str]
) -> dict[str, Any] | None:
    """La misma gramática del YAML, con los nombres del formulario, para el script."""
    if condicion is None:
        return None
    if condicion.partes:
        partes = [_condicion(p, tabla, grupo, fila, varios) for p in condicion.partes]
        return {"operador": condicion.operador, "partes": partes}
    propio = grupo and condicion.campo in tabla.nombres
    return {
        "operador": condicion.operador,
        "campo": nombre_de(condicion.campo, grupo if propio else "", fila),
        "valores": list(condicion.valores),
        "vacio": condicion.vacio,
    }
