"""Una tabla mientras se revisa: sus celdas crudas, las canónicas, sus problemas y dónde está cada celda en el archivo."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress, count

from esquemas.celda import Criba, Hallazgo, Revisor
from esquemas.condicion import no_cumplidas, separar
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Hoja
from esquemas.modelo import Campo, Opciones, Tabla
from esquemas.normalizacion import Falla, citado
from esquemas.tipos import Celda, como_se_ve, como_texto

PISTAS = 50  # por columna: buscar parecidos es lo más caro, y con más errores que esos el problema es otro
BLOQUE = 2_000  # filas


@dataclass(frozen=True, slots=True)
class Contexto:
    """Lo que hace falta saber además del archivo.

    `referidas`: esquema → filas canónicas (mapas campo → texto) de las matrices a las que se refiere.
    `excepciones`: filas de `excepciones.yaml` (fila, campo, regla, razon, fuente) que Sercotec registró.
    """

    region: str = ""
    ejercicio: int | None = None
    referidas: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)
    excepciones: Sequence[Mapping[str, str]] = ()


class _Columna:
    """Un campo mientras se lee: sus celdas canónicas, y lo ya leído para no leerlo otra vez."""

    def __init__(self, campo: Campo, revisar: Revisor, cribar: Criba) -> None:
        self.campo, self._revisar, self._cribar = campo, revisar, cribar
        self.canonica: list[str] = []
        self._cambiados: dict[object, str | Hallazgo] = {}
        self._mensajes: dict[Falla, str] = {}

    def sumar(self, celdas: Sequence[Celda]) -> Iterator[tuple[int, Hallazgo]]:
        """Suma celdas a la columna; da (posición, hallazgo) de cada una de la que hay algo que decir.

        De los valores distintos solo se leen los que aparta la criba: casi todos vienen ya en su forma canónica.
        """
        claves, distintas, desde = celdas, set(celdas), len(self.canonica)
        if set(map(type, distintas)) == {str}:
            por_leer = {texto: texto for texto in self._cribar(distintas)}
        else:  # El tipo va en la clave: 1, 1.0 y True son iguales para un diccionario y no para una planilla.
            claves = [(type(c), c) for c in celdas]
            por_leer = {clave: clave[1] for clave in set(claves)}
        for clave, celda in por_leer.items():
            if clave not in self._cambiados and (leido := self._revisar(celda)) != clave:
                self._cambiados[clave] = leido
        self.canonica += celdas
        for i in compress(count(desde), map(self._cambiados.__contains__, claves)):
            leido = self._cambiados[claves[i - desde]]
            if isinstance(leido, Hallazgo):
                yield i, leido
                leido = leido.valor
            self.canonica[i] = leido

    def mensaje(self, falla: Falla) -> str:
        """El de la falla, con su pista si todavía quedan."""
        if falla not in self._mensajes:
            pista = falla.pista() if falla.pista and len(self._mensajes) < PISTAS else ""
            self._mensajes[falla] = f"{falla.mensaje} {pista}".rstrip()
        return self._mensajes[falla]


def _decir(campo: Campo, valor: str, opciones: Mapping[str, Opciones]) -> str:
    """Lo que dice un campo, para leerlo: «es «Potencialidad»»."""
    suyas = opciones.get(campo.catalogo)
    si_no = {"si": "Sí", "no": "No"} if campo.tipo == "logico" else {}
    nombres = [suyas.nombre_de(v) if suyas else si_no.get(v, v) for v in (separar(valor) if campo.varios else [valor])]
    return f"es {citado(', '.join(nombres))}" if valor else "está vacío"


class Revision:
    """Una tabla mientras se revisa: sus columnas canónicas, sus problemas y dónde está cada celda.

    `posiciones`: para cada campo, su lugar en las filas (None si no está).
    """

    def __init__(
        self, tabla: Tabla, crudas: Sequence[Sequence[Celda]], posiciones: Sequence[int | None], hoja: Hoja | None = None
    ) -> None:
        self.tabla, self.hoja, self.posiciones = tabla, hoja, posiciones
        self.crudas = crudas
        self.total = len(crudas)
        self.indice = {c.nombre: j for j, c in enumerate(tabla.campos)}
        self.varios = frozenset(c.nombre for c in tabla.campos if c.varios)
        self.canonicas: list[list[str]] = []
        self.problemas: list[Problema] = []
        self.propias = frozenset(c.nombre for c in tabla.campos if c.propia)
        self.malas: set[tuple[int, str]] = set()  # (fila, campo) con error de celda: las reglas no las miran
        self.cerrada = False  # cuando empiezan las reglas: el error de una no calla a la siguiente
        self.descartadas: set[int] = set()  # filas de un grupo que no corresponde: no se guardan

    def revisar_celdas(self, revisores: Sequence[tuple[Revisor, Criba]]) -> None:
        """Lee todas las celdas, por bloques de filas: así cada texto se mira mientras sigue en la memoria rápida."""
        columnas = [_Columna(campo, *suyos) for campo, suyos in zip(self.tabla.campos, revisores, strict=True)]
        self.canonicas = [c.canonica for c in columnas]
        for desde in range(0, self.total, BLOQUE):
            filas = self.crudas[desde : desde + BLOQUE]
            bloque = list(zip(*filas, strict=True))
            for columna, posicion in zip(columnas, self.posiciones, strict=True):
                campo = columna.campo
                for i, hallazgo in columna.sumar(("",) * len(filas) if posicion is None else bloque[posicion]):
                    for falla in hallazgo.fallas:
                        self.agregar(falla.gravedad, falla.codigo, columna.mensaje(falla), i, campo.nombre, campo.norma)

    def cruda(self, i: int, campo: str) -> Celda:
        """La celda como venía."""
        posicion = self.posiciones[self.indice[campo]]
        return "" if posicion is None else self.crudas[i][posicion]

    def agregar(
        self,
        gravedad: Gravedad,
        codigo: str,
        mensaje: str,
        i: int | None,
        campo: str,
        norma: tuple[str, ...],
        valor: str | None = None,
    ) -> None:
        """Anota un problema de la fila `i` (None: de la tabla entera), con su celda en el archivo si hay archivo."""
        if campo in self.propias:  # la columna es de la región: no puede impedir que entregue
            gravedad = Gravedad.ALERTA
        celda, fila, hoja = "", None, self.hoja.nombre if self.hoja else ""
        if i is not None and self.hoja:
            j = self.posiciones[self.indice[campo]] if campo in self.indice else None
            fila = self.hoja.numeros[i]
            celda = self.hoja.celda(i, j) if j is not None else ""
        elif i is not None:
            fila = i + 1
        if valor is None:
            valor = como_se_ve(self.cruda(i, campo)) if i is not None and campo in self.indice else ""
        if gravedad is Gravedad.ERROR and i is not None and campo and not self.cerrada:
            self.malas.add((i, campo))
        self.problemas.append(Problema(gravedad, codigo, mensaje, self.tabla.nombre, hoja, celda, fila, i, campo, valor, norma))

    def sana(self, i: int, campos: Iterable[str]) -> bool:
        """Si la fila se guarda y ninguno de esos campos tiene un error de celda: solo así se la juzga más allá."""
        return i not in self.descartadas and not any((i, c) in self.malas for c in campos)

    def filas_donde(self, campos: Iterable[str], decide: Callable[[Mapping[str, str]], bool]) -> Iterator[int]:
        """Los índices de las filas sanas en `campos` cuya combinación de valores cumple `decide`.

        Cada combinación distinta se juzga una sola vez: en una tabla larga hay muchas menos combinaciones que filas.
        """
        nombres = sorted(campos)
        filas = list(zip(*(self.canonicas[self.indice[n]] for n in nombres), strict=True))
        elegidas = {valores for valores in set(filas) if decide(dict(zip(nombres, valores, strict=True)))}
        if elegidas:
            yield from (i for i, valores in enumerate(filas) if valores in elegidas and self.sana(i, nombres))

    def descartar(self, i: int) -> None:
        """La fila no se guarda: lo que tenía mal ya no importa."""
        self.descartadas.add(i)
        self.problemas = [p for p in self.problemas if p.indice != i]
        self.malas = {(fila, campo) for fila, campo in self.malas if fila != i}

    def fila(self, i: int) -> dict[str, str]:
        return {nombre: self.canonicas[j][i] for nombre, j in self.indice.items()}

    def filas(self) -> list[dict[str, str]]:
        return [self.fila(i) for i in range(self.total)]

    def filas_canonicas(self) -> list[tuple[str, ...]]:
        """Las filas que se guardan, con los valores en el orden de los campos."""
        filas = list(zip(*self.canonicas, strict=True))
        return [f for i, f in enumerate(filas) if i not in self.descartadas] if self.descartadas else filas

    def ocultar(
        self, principales: Sequence[Mapping[str, str]] | None, principal: Tabla, opciones: Mapping[str, Opciones]
    ) -> None:
        """Aplica `mostrar_si`: un campo oculto no se guarda (y se avisa); uno visible y obligatorio se exige.

        `principales`: en un grupo, la fila de la tabla `principal` que corresponde a cada fila.
        """
        campos = {c.nombre: c for c in (*principal.campos, *self.tabla.campos)}  # los que las condiciones pueden mirar
        varios = frozenset(c.nombre for c in campos.values() if c.varios)
        for campo in self.tabla.campos:
            if campo.mostrar_si is None:
                continue
            columna = self.canonicas[self.indice[campo.nombre]]
            mirados = sorted(campo.mostrar_si.campos())
            ocultas, vistos = {}, {}
            for i in range(self.total):
                if not self.sana(i, mirados) or (principales is not None and not principales[i]):
                    continue  # no se sabe si se muestra: el error es de lo que mira
                valores = tuple(
                    self.canonicas[self.indice[m]][i] if m in self.indice else principales[i].get(m, "") for m in mirados
                )
                if valores not in vistos:
                    suya = dict(zip(mirados, valores, strict=True))
                    deciden = dict.fromkeys(campos[s.campo] for s in no_cumplidas(campo.mostrar_si, suya, varios))
                    vistos[valores] = {c.titulo: _decir(c, suya[c.nombre], opciones) for c in deciden}
                if vistos[valores]:
                    ocultas[i] = vistos[valores]
                elif campo.obligatorio and not columna[i] and (i, campo.nombre) not in self.malas:
                    ayuda = campo.ayuda or "Complete la celda."
                    self.agregar(
                        Gravedad.ERROR, Codigo.OBLIGATORIO, f"Falta «{campo.titulo}». {ayuda}", i, campo.nombre, campo.norma
                    )
            if ocultas:
                self._vaciar(campo, columna, ocultas)

    def _vaciar(self, campo: Campo, columna: list[str], ocultas: Mapping[int, Mapping[str, str]]) -> None:
        """No guarda el campo en esas filas y dice qué lo decide: título → lo que dice."""
        self.problemas = [p for p in self.problemas if p.campo != campo.nombre or p.indice not in ocultas]
        for i in sorted(ocultas):
            self.malas.discard((i, campo.nombre))
            if como_texto(self.cruda(i, campo.nombre)).strip():
                cuando = " y ".join(f"«{titulo}» {dice}" for titulo, dice in ocultas[i].items())
                arreglo = f"Bórrelo o corrija {' y '.join(f'«{t}»' for t in ocultas[i])}."
                mensaje = f"«{campo.titulo}» no va cuando {cuando}: no se guarda. {arreglo}"
                self.agregar(Gravedad.ALERTA, Codigo.CAMPO_OCULTO, mensaje, i, campo.nombre, campo.norma)
            columna[i] = ""

    def exigir_unicos(self) -> None:
        grupos = [*((c.nombre,) for c in self.tabla.campos if c.unico), *self.tabla.unicos]
        if self.tabla.clave and self.tabla.clave not in grupos:
            grupos.append(self.tabla.clave)
        for nombres in grupos:
            columnas = [self.canonicas[self.indice[n]] for n in nombres]
            una_sola = len(columnas) == 1
            claves, completa = (columnas[0], bool) if una_sola else (list(zip(*columnas, strict=True)), all)
            repetidas = {clave for clave, veces in Counter(claves).items() if veces > 1 and completa(clave)}
            vistos: dict[str | tuple[str, ...], int] = {}
            for i in compress(count(), map(repetidas.__contains__, claves)) if repetidas else ():
                if i in self.descartadas:
                    continue
                if (antes := vistos.setdefault(claves[i], i)) != i:
                    numero = self.hoja.numeros[antes] if self.hoja else antes + 1
                    *antes_de, ultimo = (f"«{self.tabla.campo(n).titulo}»" for n in nombres)
                    titulos = f"{', '.join(antes_de)} y {ultimo} repiten" if antes_de else f"{ultimo} repite"
                    dicho = " / ".join(c[i] for c in columnas)
                    mensaje = f"{titulos} lo de la fila {numero}: «{dicho}». Cambie o quite una de las dos."
                    self.agregar(Gravedad.ERROR, Codigo.REPETIDO, mensaje, i, nombres[-1], self.tabla.campo(nombres[-1]).norma)
