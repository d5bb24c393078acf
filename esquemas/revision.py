"""Una tabla mientras se revisa: sus celdas crudas, las canónicas, sus problemas y dónde está cada celda en el archivo."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from esquemas.celda import Hallazgo, Revisor
from esquemas.condicion import cumple
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Hoja
from esquemas.modelo import Campo, Tabla
from esquemas.normalizacion import Falla
from esquemas.tipos import Celda, como_texto

PISTAS = 50  # por columna: buscar parecidos es lo más caro, y con más errores que esos el problema es otro


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


class Revision:
    """Una tabla mientras se revisa: sus columnas canónicas, sus problemas y dónde está cada celda."""

    def __init__(self, tabla: Tabla, columnas: list[Sequence[Celda]], hoja: Hoja | None, posiciones: list[int | None]) -> None:
        self.tabla, self.hoja, self.posiciones = tabla, hoja, posiciones
        self.crudas = columnas
        self.total = len(columnas[0]) if columnas else 0
        self.indice = {c.nombre: j for j, c in enumerate(tabla.campos)}
        self.varios = frozenset(c.nombre for c in tabla.campos if c.varios)
        self.canonicas: list[list[str]] = []
        self.problemas: list[Problema] = []
        self.malas: set[tuple[int, str]] = set()  # (fila, campo) con error de celda: las reglas no las miran
        self.cerrada = False  # cuando empiezan las reglas: el error de una no calla a la siguiente
        self.descartadas: set[int] = set()  # filas de un grupo que no corresponde: no se guardan

    def revisar_celdas(self, revisores: Sequence[Revisor]) -> None:
        for campo, revisar, columna in zip(self.tabla.campos, revisores, self.crudas, strict=True):
            self.canonicas.append(self._revisar_columna(campo, revisar, columna))

    def _revisar_columna(self, campo: Campo, revisar: Revisor, columna: Sequence[Celda]) -> list[str]:
        # El tipo va en la clave: 1, 1.0 y True son iguales para un diccionario y no para una planilla.
        solo_texto = all(type(c) is str for c in columna)
        claves = columna if solo_texto else [(type(c), c) for c in columna]
        leidos = {clave: revisar(clave if solo_texto else clave[1]) for clave in set(claves)}
        con_hallazgo = {clave: leido for clave, leido in leidos.items() if isinstance(leido, Hallazgo)}
        if not con_hallazgo:
            return [leidos[clave] for clave in claves]
        mensajes: dict[Falla, str] = {}
        canonica = []
        for i, clave in enumerate(claves):
            leido = leidos[clave]
            if clave in con_hallazgo:
                for falla in leido.fallas:
                    if falla not in mensajes:
                        pista = falla.pista() if falla.pista and len(mensajes) < PISTAS else ""
                        mensajes[falla] = f"{falla.mensaje} {pista}".rstrip()
                    self.agregar(falla.gravedad, falla.codigo, mensajes[falla], i, campo.nombre, campo.norma)
                leido = leido.valor
            canonica.append(leido)
        return canonica

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
        celda, fila, hoja = "", None, self.hoja.nombre if self.hoja else ""
        if i is not None and self.hoja:
            j = self.posiciones[self.indice[campo]] if campo in self.indice else None
            fila = self.hoja.numeros[i]
            celda = self.hoja.celda(i, j) if j is not None else ""
        elif i is not None:
            fila = i + 1
        if valor is None:
            valor = como_texto(self.crudas[self.indice[campo]][i]) if i is not None and campo in self.indice else ""
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

    def ocultar(self, principales: Sequence[Mapping[str, str]] | None, varios: frozenset[str]) -> None:
        """Aplica `mostrar_si`: un campo oculto no se guarda (y se avisa); uno visible y obligatorio se exige.

        `principales`: en un grupo, la fila de la tabla principal que corresponde a cada fila; `varios`: los campos con
        varios valores que las condiciones pueden mirar.
        """
        for campo in self.tabla.campos:
            if campo.mostrar_si is None:
                continue
            columna = self.canonicas[self.indice[campo.nombre]]
            mirados = sorted(campo.mostrar_si.campos())
            ocultas, vistos = set(), {}
            for i in range(self.total):
                if not self.sana(i, mirados) or (principales is not None and not principales[i]):
                    continue  # no se sabe si se muestra: el error es de lo que mira
                valores = tuple(
                    self.canonicas[self.indice[m]][i] if m in self.indice else principales[i].get(m, "") for m in mirados
                )
                if valores not in vistos:
                    vistos[valores] = cumple(campo.mostrar_si, dict(zip(mirados, valores, strict=True)), varios)
                if not vistos[valores]:
                    ocultas.add(i)
                elif campo.obligatorio and not columna[i] and (i, campo.nombre) not in self.malas:
                    ayuda = campo.ayuda or "Complete la celda."
                    self.agregar(
                        Gravedad.ERROR, Codigo.OBLIGATORIO, f"Falta «{campo.titulo}». {ayuda}", i, campo.nombre, campo.norma
                    )
            if ocultas:
                self._vaciar(campo, columna, ocultas)

    def _vaciar(self, campo: Campo, columna: list[str], ocultas: set[int]) -> None:
        self.problemas = [p for p in self.problemas if p.campo != campo.nombre or p.indice not in ocultas]
        for i in sorted(ocultas):
            self.malas.discard((i, campo.nombre))
            if como_texto(self.crudas[self.indice[campo.nombre]][i]).strip():
                self.agregar(
                    Gravedad.ALERTA,
                    Codigo.CAMPO_OCULTO,
                    f"«{campo.titulo}» no corresponde a lo que respondió antes: no se guarda. Bórrelo o revise lo anterior.",
                    i,
                    campo.nombre,
                    campo.norma,
                )
            columna[i] = ""

    def exigir_unicos(self) -> None:
        grupos = [(c.nombre,) for c in self.tabla.campos if c.unico]
        if self.tabla.clave and self.tabla.clave not in grupos:
            grupos.append(self.tabla.clave)
        for nombres in grupos:
            vistos: dict[tuple[str, ...], int] = {}
            columnas = [self.canonicas[self.indice[n]] for n in nombres]
            for i, valores in enumerate(zip(*columnas, strict=True)):
                if not all(valores) or i in self.descartadas:
                    continue
                if (antes := vistos.setdefault(valores, i)) != i:
                    numero = self.hoja.numeros[antes] if self.hoja else antes + 1
                    titulos = " y ".join(f"«{self.tabla.campo(n).titulo}»" for n in nombres)
                    mensaje = (
                        f"{titulos} repite lo de la fila {numero}: «{' / '.join(valores)}». Cámbielo o quite una de las dos."
                    )
                    self.agregar(Gravedad.ERROR, Codigo.REPETIDO, mensaje, i, nombres[-1], self.tabla.campo(nombres[-1]).norma)
