"""Los deberes que el sistema no puede ver: quien los debe los marca a mano, con fecha y una nota. Sin web.

Una marca se cambia o se quita; en la bitácora queda cada vez, con quién.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from esquemas.modelo import Catalogo
from esquemas.plazos import ZONA
from formularios import almacen_tablero
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.tablero_regional import Marca, instituciones_de

LARGO_DE_NOTA = 200


class MarcaImposible(Exception):
    """No se marcó. El mensaje, para mostrar, dice por qué."""


def leer_marcas(almacen: Almacen, region: str, ejercicio: int) -> dict[str, Marca]:
    """Deber → lo que se anotó."""
    with almacen.leer() as c:
        guardadas = almacen_tablero.leer_cotejo(c, region, ejercicio)
    return {g["norma"]: Marca(date.fromisoformat(g["fecha"]), g["nota"], g["rol"]) for g in guardadas}


def marcar(
    almacen: Almacen,
    catalogo: Catalogo,
    region: str,
    ejercicio: int,
    norma: str,
    *,
    fecha: str,
    nota: str,
    roles: Iterable[str],
    autor: str,
    ahora_utc: datetime,
) -> Marca | None:
    """Deja el deber cumplido en esa fecha; sin fecha, quita la marca y devuelve None.

    MarcaImposible si el deber no es de la institución de quien marca, o si la fecha o la nota no pueden ser.
    """
    rol = _rol_que_lo_debe(catalogo, norma, roles)
    marca = _leer(fecha.strip(), nota.strip(), rol, ejercicio, ahora_utc)
    with almacen.escribir() as c:
        estaba = almacen_tablero.borrar_cotejo(c, region, ejercicio, norma)
        if marca:
            valores = {"region": region, "ejercicio": ejercicio, "norma": norma, "autor": autor, "anotado_utc": ahora_utc}
            almacen_tablero.insertar_cotejo(
                c, {**valores, "fecha": marca.fecha.isoformat(), "nota": marca.nota, "rol": marca.rol}
            )
        if marca or estaba:
            hecho = f"{region} {ejercicio} {norma} {marca.fecha.isoformat() if marca else 'quitada'}"
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="cotejar", objeto=hecho)
    return marca


def _rol_que_lo_debe(catalogo: Catalogo, norma: str, roles: Iterable[str]) -> str:
    deber = next((d for d in catalogo.proceso.deberes if d.norma[0] == norma), None)
    rol = next((r for r in sorted(roles) if deber and deber.quien in instituciones_de([r])), None)
    if rol is None:
        raise MarcaImposible(f"Este deber lo marca quien lo tiene: {deber.quien}." if deber else "Ese deber no existe.")
    return rol


def _leer(fecha: str, nota: str, rol: str, ejercicio: int, ahora_utc: datetime) -> Marca | None:
    if not fecha:
        return None
    try:
        dia = date.fromisoformat(fecha)
    except ValueError:
        raise MarcaImposible(f"«{fecha[:20]}» no es una fecha. Escriba el día en que se cumplió.") from None
    hoy = ahora_utc.astimezone(ZoneInfo(ZONA)).date()
    if dia > hoy:
        raise MarcaImposible("Esa fecha todavía no llega. Marque el deber cuando ya se haya cumplido.")
    if dia.year < ejercicio - 2:
        raise MarcaImposible(f"Esa fecha es de otro ejercicio. El de {ejercicio} se prepara en {ejercicio - 1}.")
    if len(nota) > LARGO_DE_NOTA:
        raise MarcaImposible(f"La nota pasa de {LARGO_DE_NOTA} caracteres. Acórtela.")
    return Marca(dia, " ".join(nota.split()), rol)
