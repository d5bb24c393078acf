"""Las reglas del YAML dentro de una misma tabla, y contra los montos que informa Sercotec.

Una regla mira solo celdas sanas: si uno de sus campos ya tiene un error, calla en esa fila. Los textos son los del YAML;
aquí se les agrega la cifra que hace falta para entenderlos.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from esquemas.condicion import cumple
from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import miles
from esquemas.modelo import Catalogo, Regla
from esquemas.revision import Contexto, Revision


def revisar_reglas(catalogo: Catalogo, revision: Revision, contexto: Contexto) -> None:
    """Aplica las reglas `exige`, `cociente` y `suma` de la tabla, y que región y ejercicio sean los de la entrega."""
    _revisar_pertenencia(revision, contexto)
    for regla in revision.tabla.reglas:
        if regla.clase == "exige":
            _exigir(regla, revision)
        elif regla.clase == "cociente":
            _dividir(regla, revision, catalogo)
        elif regla.clase == "suma":
            _sumar(regla, revision, catalogo, contexto)


def decir(regla: Regla, revision: Revision, i: int | None, detalle: str = "", valor: str | None = None) -> None:
    """Anota el problema de una regla con el texto de su YAML."""
    mensaje = " ".join(t for t in (regla.mensaje, detalle, regla.arreglo) if t)
    revision.agregar(regla.gravedad, regla.codigo, mensaje, i, regla.campo, regla.norma, valor)


def pesos(monto: int) -> str:
    """1252784000 → «$1.252.784.000»."""
    return f"${miles(monto)}"


def filas_de(
    regla: Regla, revision: Revision, campos: Iterable[str], decide: Callable[[Mapping[str, str]], bool]
) -> Iterator[int]:
    """Las filas que la regla puede juzgar (sus campos, sanos; su `si`, cumplido) y en que `decide` es cierto."""
    si, varios = regla.si, revision.varios
    mirados = {*campos, *(si.campos() if si else ())}
    return revision.filas_donde(mirados, lambda fila: (si is None or cumple(si, fila, varios)) and decide(fila))


def _exigir(regla: Regla, revision: Revision) -> None:
    for i in filas_de(regla, revision, regla.condicion.campos(), lambda f: not cumple(regla.condicion, f, revision.varios)):
        if revision.sana(i, (regla.campo,)):
            decir(regla, revision, i)


def _dividir(regla: Regla, revision: Revision, catalogo: Catalogo) -> None:
    de, entre, tope_de = regla.datos["de"], regla.datos["entre"], regla.datos["tope_de"]

    def tope(fila: Mapping[str, str]) -> int | None:
        instrumento = catalogo.instrumentos.get(fila[tope_de])
        declarado = instrumento.tope_por_beneficiario if instrumento else None
        return declarado.monto if declarado else None

    def lo_pasa(fila: Mapping[str, str]) -> bool:
        monto = tope(fila)
        return monto is not None and fila[entre] not in ("", "0") and int(fila[de] or 0) > monto * int(fila[entre])

    for i in filas_de(regla, revision, (de, entre, tope_de), lo_pasa):
        fila = revision.fila(i)
        por_unidad = pesos(round(int(fila[de]) / int(fila[entre])))
        nombre = catalogo.instrumentos[fila[tope_de]].nombre_corto
        decir(regla, revision, i, f"Son {por_unidad} por cada uno y el tope de {nombre} es {pesos(tope(fila))}.")


def _sumar(regla: Regla, revision: Revision, catalogo: Catalogo, contexto: Contexto) -> None:
    de, por, donde = regla.datos["de"], tuple(regla.datos["por"]), regla.datos["tope"]["esquema"]
    no_supera = regla.datos["relacion"] == "no_supera"
    listas = [catalogo.opciones.get(revision.tabla.campo(c).catalogo) for c in por]

    def dicha(clave: tuple[str, ...]) -> str:
        return f"«{', '.join(o.nombre_de(v) if o else v for o, v in zip(listas, clave, strict=True))}»"

    if contexto.referidas.get(donde) is None:
        return  # sin montos no hay con qué comparar; `referencias` ya avisa de lo que no se dio
    otro, topes = catalogo.esquemas[donde], informados(regla, contexto)
    mirados = {de, *por, *(regla.si.campos() if regla.si else ())}
    if not no_supera and not all(revision.sana(i, mirados) for i in range(revision.total)):
        return  # falta sumar lo que no se pudo leer: decir que falta presupuesto sería otra cascada
    sumas: dict[tuple[str, ...], int] = {}
    ultimas: dict[tuple[str, ...], int] = {}
    for i in filas_de(regla, revision, mirados, lambda _: True):
        clave = tuple(revision.canonicas[revision.indice[c]][i] for c in por)
        if monto := revision.canonicas[revision.indice[de]][i]:  # el problema va donde hay algo que corregir
            sumas[clave] = sumas.get(clave, 0) + int(monto)
            ultimas[clave] = i
    sin_tope = [c for c, suma in sumas.items() if suma and c not in topes]
    dudosos = [c for c, (monto, _) in topes.items() if monto is None]
    arreglo = f"Lo corrige quien la llena: {otro.llena}." if contexto.region else "Deje ahí una sola región."
    for cuales, porque in (
        (sin_tope, f"no hay monto en «{otro.titulo}». Si corresponde, lo agrega quien la llena: {otro.llena}."),
        (dudosos, f"«{otro.titulo}» trae más de un monto para lo mismo. {arreglo}"),
    ):
        if no_supera and cuales:
            mensaje = f"No se comparó {', '.join(map(dicha, cuales))}: {porque}"
            revision.agregar(Gravedad.ALERTA, Codigo.REGLA_SIN_DATOS, mensaje, None, regla.campo, regla.norma, "")
    for clave, (monto, consta) in topes.items():
        suma = sumas.get(clave, 0)
        if monto is None:
            continue
        if no_supera and suma > monto:
            frente = f"y el monto informado{consta} es {pesos(monto)}: sobran {pesos(suma - monto)}."
        elif not no_supera and suma < monto:
            frente = f"de {pesos(monto)} informados{consta}: faltan {pesos(monto - suma)} por asignar."
        else:
            continue
        decir(regla, revision, ultimas.get(clave), f"{dicha(clave)} suma {pesos(suma)} {frente}", str(suma))


def informados(regla: Regla, contexto: Contexto) -> dict[tuple[str, ...], tuple[int | None, str]]:
    """Con qué montos se compara una regla `suma`; lo mismo que `_topes`, de la región y el ejercicio."""
    tope = regla.datos["tope"]
    return _topes(tope, tuple(regla.datos["por"]), _de_la_entrega(contexto.referidas.get(tope["esquema"], ()), contexto))


def _de_la_entrega(filas: Sequence[Mapping[str, str]], contexto: Contexto) -> list[Mapping[str, str]]:
    """Las filas de la región y el ejercicio de la entrega, si se saben y la tabla los trae."""
    propios = {"region": contexto.region, "ejercicio": str(contexto.ejercicio or "")}
    return [f for f in filas if all(not v or f.get(c, v) == v for c, v in propios.items())]


def _topes(
    tope: Mapping, por: tuple[str, ...], filas: Sequence[Mapping[str, str]]
) -> dict[tuple[str, ...], tuple[int | None, str]]:
    """Clave → (monto, en qué documento consta o «»). Con `prefiere`, gana el momento que va antes en la lista. Si aún quedan dos
    filas para lo mismo, esa clave, y solo esa, va con None."""
    momento, orden = (tope["prefiere"]["campo"], tope["prefiere"]["orden"]) if "prefiere" in tope else ("", [])
    candidatos: dict[tuple[str, ...], list[tuple[int, int, str]]] = {}
    for fila in filas:
        dicho = fila.get(momento, "")
        lugar = orden.index(dicho) if dicho in orden else len(orden)
        consta = f" en «{documento}»" if (documento := fila.get(tope.get("consta", ""))) else ""
        candidatos.setdefault(tuple(fila[c] for c in por), []).append((lugar, int(fila[tope["campo"]] or 0), consta))
    topes: dict[tuple[str, ...], tuple[int | None, str]] = {}
    for clave, montos in candidatos.items():
        primero = min(lugar for lugar, _, _ in montos)
        elegidos = [(monto, consta) for lugar, monto, consta in montos if lugar == primero]
        topes[clave] = elegidos[0] if len(elegidos) == 1 else (None, "")
    return topes


def _revisar_pertenencia(revision: Revision, contexto: Contexto) -> None:
    esperados = {
        "region": (contexto.region if contexto.region != "00" else "", Codigo.REGION_DISTINTA, "región"),
        "ejercicio": (str(contexto.ejercicio or ""), Codigo.EJERCICIO_DISTINTO, "ejercicio"),
    }
    for campo, (esperado, codigo, palabra) in esperados.items():
        if not esperado or campo not in revision.indice:
            continue
        for i, valor in enumerate(revision.canonicas[revision.indice[campo]]):
            if valor and valor != esperado and i not in revision.descartadas:
                mensaje = f"Dice {palabra} {valor} y la entrega es de {esperado}. Corrija la fila o entréguela aparte."
                revision.agregar(Gravedad.ERROR, codigo, mensaje, i, campo, revision.tabla.campo(campo).norma)
