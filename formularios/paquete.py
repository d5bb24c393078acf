"""El Data Package de una exportación: un CSV por tabla, sus enlaces, las matrices y catálogos referidos, y el
informe.

Un enlace lleva solo las citas cuyo destino va en el paquete, para que toda clave ajena se cumpla; las que no
tienen destino (la otra matriz cambió, o no se entregó) se cuentan en el informe, y su texto sigue en la celda
de la fila.
"""

import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from esquemas.condicion import separar
from esquemas.modelo import Catalogo, Esquema
from esquemas.publicacion import (
    Enlace,
    catalogo_csv,
    catalogos_usados,
    clave_exportada,
    enlaces,
    tabla_de_catalogo,
    tabla_de_enlace,
)
from esquemas.tabla import linea_csv
from formularios.almacen import Almacen
from formularios.envio import VIGENTE
from formularios.exportacion import Contado, Cuenta, Informe, en_json, escribir_tabla, exportar_csv
from formularios.seleccion import Avance, Seleccion, elegir

FILAS_DE_ZIP64 = 500_000  # desde aquí un archivo del zip podría pasar de 2 GB
CITAS_EN_INFORME = 1_000
_DIALECTO = {
    "delimiter": ",",
    "lineTerminator": "\r\n",
    "quoteChar": '"',
    "doubleQuote": True,
    "skipInitialSpace": False,
}

Claves = set[tuple[str, ...]]


def exportar_paquete(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    destino: BinaryIO,
    *,
    ejercicio: int | None = None,
    region: str | None = None,
    estado: str = VIGENTE,
    publico: bool = False,
    avance: Avance | None = None,
) -> Informe:
    """Escribe el zip en `destino`. Los argumentos son los de `exportar_csv`.

    Las matrices referidas van siempre en su versión vigente. Fuera de lo vigente no hay tablas de enlace: una
    fila reemplazada cita lo que entonces existía.
    """
    pedido = {"ejercicio": ejercicio, "region": region, "estado": estado, "publico": publico}
    seleccion = elegir(almacen, catalogo, esquema, **pedido)
    filas = seleccion.contar()
    paquete = _Paquete(destino, seleccion, Cuenta(avance, sum(filas.values())), max(filas.values()))
    with paquete:
        for tabla in esquema.tablas:
            ajenas = _claves_ajenas(seleccion, tabla.nombre) if tabla is not esquema.principal else []
            paquete.poner_tabla(seleccion, tabla.nombre, ajenas)
        if seleccion.de_lo_vigente:
            _poner_enlaces(paquete, ejercicio, region)
        informe = Informe(
            esquema=esquema.nombre,
            version=esquema.version,
            envios=len(seleccion.envios),
            filas=filas,
            avisos=(*seleccion.avisos(), *paquete.avisos()),
            huella="",
            esquema_ampliado={},
        )
        paquete.cerrar(informe, pedido)
    return informe


def exportar_a_archivo(
    almacen: Almacen, catalogo: Catalogo, esquema: Esquema, salida: Path, **opciones: Any
) -> Informe:
    """Exporta a `X.csv` (y a su lado `X.schema.json`) o a `X.zip`. Las opciones son las de `exportar_csv`.

    Escribe aparte y cambia de nombre al final: nunca queda un archivo a medias con el nombre pedido.
    ValueError si la extensión es otra.
    """
    exportadores = {".csv": exportar_csv, ".zip": exportar_paquete}
    if (exportar := exportadores.get(salida.suffix.lower())) is None:
        raise ValueError(f"«{salida.name}» no termina en .csv ni en .zip")
    parcial = salida.with_name(f".{salida.name}.parcial")
    try:
        with parcial.open("wb") as archivo:
            informe = exportar(almacen, catalogo, esquema, archivo, **opciones)
        if informe.esquema_ampliado:
            salida.with_suffix(".schema.json").write_bytes(en_json(informe.esquema_ampliado))
        parcial.replace(salida)
    finally:
        parcial.unlink(missing_ok=True)
    return informe


class _Paquete:
    """El zip mientras se escribe: sus recursos y las citas sin destino."""

    def __init__(self, destino: BinaryIO, seleccion: Seleccion, cuenta: Cuenta, mayor: int) -> None:
        self.seleccion, self.cuenta = seleccion, cuenta
        self.recursos: list[dict[str, Any]] = []
        self.sin_destino: list[dict[str, str]] = []
        self.cuantas_sin_destino = 0
        self._zip = zipfile.ZipFile(destino, "w", zipfile.ZIP_DEFLATED)
        self._grande = mayor > FILAS_DE_ZIP64

    def __enter__(self) -> "_Paquete":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    @contextmanager
    def archivo(self, ruta: str) -> Iterator[Contado]:
        """Una entrada con fecha fija: el zip de lo mismo es idéntico byte a byte."""
        entrada = zipfile.ZipInfo(ruta)  # 1-1-1980, lo más antiguo que un zip admite
        entrada.compress_type = zipfile.ZIP_DEFLATED
        entrada.create_system, entrada.external_attr = 3, 0o644 << 16
        with self._zip.open(entrada, "w", force_zip64=self._grande) as abierto:
            yield Contado(abierto)

    @contextmanager
    def recurso(self, nombre: str, titulo: str, esquema: dict[str, Any]) -> Iterator[Contado]:
        """Un CSV del paquete, con su descripción."""
        with self.archivo(f"{nombre}.csv") as contado:
            yield contado
        self.recursos.append(
            {
                "name": nombre,
                "type": "table",
                "profile": "tabular-data-resource",
                "title": titulo,
                "path": f"{nombre}.csv",
                "scheme": "file",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "dialect": _DIALECTO,
                "bytes": contado.largo,
                "hash": f"sha256:{contado.huella}",
                "schema": esquema,
            }
        )

    def poner_tabla(self, seleccion: Seleccion, nombre: str, ajenas: list[dict[str, Any]]) -> None:
        tabla = next(t for t in seleccion.esquema.tablas if t.nombre == nombre)
        esquema = seleccion.esquema_ampliado(tabla)
        if ajenas:
            esquema["foreignKeys"] = ajenas
        with self.recurso(nombre, tabla.titulo, esquema) as destino:
            escribir_tabla(seleccion, tabla, destino, self.cuenta)

    def poner_enlace(self, enlace: Enlace, existen: Claves) -> None:
        esquema = _tipado(self.seleccion, enlace)
        clave = [c["name"] for c in esquema["fields"][:-1]]
        with (
            self.recurso(enlace.nombre, f"{enlace.tabla.titulo}: {enlace.campo.titulo}", esquema) as destino,
            closing(self.seleccion.filas(enlace.tabla)) as filas,
        ):
            destino.write(f"{linea_csv([*clave, 'valor'])}\r\n".encode())
            for envio, orden, fila in filas:
                fila["orden"] = str(orden)
                propia = [fila[c] for c in clave]
                for valor in dict.fromkeys(separar(fila.get(enlace.campo.nombre, ""))):
                    buscada = (valor,) if enlace.de_catalogo else (fila["ejercicio"], fila["region"], valor)
                    if buscada in existen:
                        destino.write(f"{linea_csv([*propia, valor])}\r\n".encode())
                    else:
                        self._anotar_sin_destino(enlace, envio.folio, orden, valor)

    def _anotar_sin_destino(self, enlace: Enlace, folio: str, orden: int, valor: str) -> None:
        self.cuantas_sin_destino += 1
        if len(self.sin_destino) < CITAS_EN_INFORME:
            lugar = {"tabla": enlace.tabla.nombre, "campo": enlace.campo.nombre, "folio": folio}
            self.sin_destino.append(
                {**lugar, "fila": str(orden + 1), "valor": valor, "destino": enlace.destino}
            )

    def avisos(self) -> list[str]:
        dichos = []
        if self.cuantas_sin_destino:
            dichos.append(
                f"{self.cuantas_sin_destino} citas sin destino no van en las tablas de enlace: ver informe.json."
            )
        if not self.seleccion.de_lo_vigente:
            dichos.append("Sin tablas de enlace ni referidas: se exportó más que lo vigente.")
        return dichos

    def cerrar(self, informe: Informe, pedido: dict[str, Any]) -> None:
        """El descriptor y el informe, que ya saben todo lo demás."""
        esquema = self.seleccion.esquema
        resumen = informe.como_dict()
        del resumen["huella"], resumen["esquema_ampliado"]
        detalle = [
            {"folio": e.folio, "huella": e.huella, "version_esquema": e.version_esquema, "estado": e.estado}
            for e in self.seleccion.envios
        ]
        with self.archivo("informe.json") as destino:
            partes = {"pedido": pedido, "envios_exportados": detalle, "citas_sin_destino": self.sin_destino}
            destino.write(en_json({**resumen, "huella_esquema": esquema.huella, **partes}))
        with self.archivo("datapackage.json") as destino:
            destino.write(
                en_json(
                    {
                        "profile": "tabular-data-package",
                        "name": esquema.nombre,
                        "title": esquema.titulo,
                        "description": esquema.descripcion,
                        "version": esquema.version,
                        "resources": self.recursos,
                    }
                )
            )


def _claves_ajenas(seleccion: Seleccion, grupo: str) -> list[dict[str, Any]]:
    """De un grupo repetible a su respuesta, si las columnas de las dos puntas salen."""
    principal = seleccion.esquema.principal
    clave = list(clave_exportada(principal))
    tabla = next(t for t in seleccion.esquema.tablas if t.nombre == grupo)
    if not set(clave) <= set(seleccion.encabezado(tabla)) & set(seleccion.encabezado(principal)):
        return []
    return [{"fields": clave, "reference": {"resource": principal.nombre, "fields": clave}}]


def _poner_enlaces(paquete: _Paquete, ejercicio: int | None, region: str | None) -> None:
    """Primero las matrices y catálogos referidos, de los que se aprende qué existe; después los enlaces."""
    propia = paquete.seleccion
    catalogo, esquema, publico = propia.catalogo, propia.esquema, propia.publico
    aplicables = [e for e in enlaces(esquema, publico=publico) if _tiene_clave(propia, e)]
    existen: dict[str, Claves] = {}
    for destino in dict.fromkeys(e.destino for e in aplicables if not e.de_catalogo):
        referido = catalogo.esquemas[destino]
        if destino == esquema.nombre:
            existen[destino] = _claves_de(propia)
            continue
        # Lo nacional lo entrega el nivel central: se acota por la columna, no por el envío.
        donde = None if referido.ambito == "nacional" else region
        seleccion = elegir(
            propia.almacen, catalogo, referido, ejercicio=ejercicio, region=donde, publico=publico
        )
        paquete.poner_tabla(seleccion, destino, [])
        existen[destino] = _claves_de(seleccion)
    for nombre in catalogos_usados(esquema, publico=publico):
        opciones = catalogo.opciones[nombre]
        with paquete.recurso(f"catalogo-{nombre}", opciones.titulo, tabla_de_catalogo(opciones)) as destino:
            destino.write(catalogo_csv(opciones))
        existen[f"catalogo-{nombre}"] = {(o.codigo,) for o in opciones.opciones}
    for enlace in aplicables:
        recurso = f"catalogo-{enlace.destino}" if enlace.de_catalogo else enlace.destino
        paquete.poner_enlace(enlace, existen[recurso])


def _claves_de(seleccion: Seleccion) -> Claves:
    tabla = seleccion.esquema.principal
    with closing(seleccion.filas(tabla)) as filas:
        return {(f["ejercicio"], f["region"], f["codigo"]) for _, _, f in filas}


def _tiene_clave(seleccion: Seleccion, enlace: Enlace) -> bool:
    """En lo público una clave puede no salir, y sin ella no hay de dónde colgar el enlace."""
    columnas = set(seleccion.encabezado(enlace.tabla))
    return set(clave_exportada(enlace.tabla)) <= columnas and {"ejercicio", "region"} <= columnas


def _tipado(seleccion: Seleccion, enlace: Enlace) -> dict[str, Any]:
    """El esquema del enlace con los tipos de la tabla de la que sale: frictionless compara valores ya
    leídos."""
    tipos = {c["name"]: c for c in seleccion.esquema_ampliado(enlace.tabla)["fields"]}
    esquema = tabla_de_enlace(enlace)
    for campo in esquema["fields"]:
        origen = tipos.get(campo["name"], {})
        campo |= {k: origen[k] for k in ("type", "format") if k in origen}
    return esquema
