"""A quién se llama a responder una encuesta y en qué va cada uno. Sin web.

Una invitación es un borrador ya creado para una fila de la matriz de invitados (`invitados`, en el YAML) y una llave para
abrirlo. El nombre y el correo se leen de esa matriz cada vez: aquí no se copian.
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.modelo import Esquema
from esquemas.plazos import ZONA
from formularios import almacen_borradores, almacen_convocatoria, almacen_envios, almacen_personas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.bandeja import INTENTOS
from formularios.borradores import DIAS, dejar_definicion, huella_de_secreto, nuevo_borrador, nuevo_secreto

SIN_INVITAR, SIN_CORREO, POR_SALIR, REBOTADO = "sin-invitar", "sin-correo", "por-salir", "rebotado"
NO_ABIERTO, EN_BORRADOR, EN_ENTREVISTA, ENVIADO = "no-abierto", "borrador", "entrevista", "enviado"
INVITADO = "invitado"  # lo único que se muestra en una anónima de quien fue invitado y no rebotó
PENDIENTES = frozenset({NO_ABIERTO, EN_BORRADOR, EN_ENTREVISTA})  # a quiénes se recuerda
SIN_LLEGAR = frozenset({SIN_CORREO, REBOTADO})  # a quiénes, con una dirección en la matriz, se les manda otra vez
ENTRE_RECORDATORIOS = timedelta(hours=20)  # dos clics, o dos personas el mismo día, no mandan dos
DIAS_DE_CODIGO = 14
_LETRAS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # sin las que se confunden al leerlas en voz alta
LARGO_DE_CODIGO = 10  # 50 bits: alcanza porque vence y los intentos se cuentan

Redactar = Callable[[str, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Convocatoria:
    """Lo que una región decide de una encuesta. Sin `cierra_utc`, no tiene cierre."""

    esquema: str
    region: str
    ejercicio: int
    publica: bool = False
    cierra_utc: datetime | None = None

    def cerrada(self, ahora_utc: datetime) -> bool:
        return self.cierra_utc is not None and ahora_utc >= self.cierra_utc

    @property
    def ultimo_dia(self) -> date | None:
        """El último día, en Chile, en que se recibe."""
        ultimo = self.cierra_utc and self.cierra_utc - timedelta(microseconds=1)
        return ultimo and ultimo.astimezone(ZoneInfo(ZONA)).date()


class EncuestaCerrada(Exception):
    """Llegó después del cierre. `convocatoria` dice cuándo fue."""

    def __init__(self, convocatoria: Convocatoria) -> None:
        self.convocatoria = convocatoria
        super().__init__(f"cerró el {convocatoria.cierra_utc}")


@dataclass(frozen=True, slots=True)
class Invitado:
    """Una fila de la matriz de invitados y en qué va. `borrador` vacío: no se le ha invitado, o respondió una anónima.

    `guardado_utc`: cuándo se guardó algo por última vez en su borrador; `entrevistado_utc`: cuándo comenzó su última
    entrevista; `entrevisto`: el rol de quien envió por ella; `rebotado_en`: la dirección que no recibió, mientras se sepa.
    """

    codigo: str
    nombre: str
    correo: str
    estado: str
    borrador: str = ""
    folio: str = ""
    invitado_utc: datetime | None = None
    recordado_utc: datetime | None = None
    abierto_utc: datetime | None = None
    falla: str = ""
    guardado_utc: datetime | None = None
    entrevistado_utc: datetime | None = None
    entrevisto: str = ""
    rebotado_en: str = ""

    def reservado(self) -> "Invitado":
        """Sin lo que distingue a quien ya respondió de quien no: quien mire seguido no sabrá de quién es la última respuesta."""
        if self.estado in (SIN_INVITAR, SIN_CORREO, REBOTADO):
            return self
        visto = SIN_CORREO if not self.correo else INVITADO
        return replace(self, estado=visto, borrador="", folio="", recordado_utc=None, abierto_utc=None)


def leer_convocatoria(almacen: Almacen, esquema: str, region: str, ejercicio: int) -> Convocatoria:
    """La que hay, o una sin cierre y sin dirección abierta."""
    with almacen.leer() as c:
        fila = almacen_convocatoria.leer_convocatoria(c, esquema, region, ejercicio)
    return Convocatoria(**fila) if fila else Convocatoria(esquema, region, ejercicio)


def cambiar_convocatoria(almacen: Almacen, nueva: Convocatoria, *, autor: str, ahora_utc: datetime) -> None:
    """Abre o cierra la dirección pública y fija el cierre."""
    valores = {n: getattr(nueva, n) for n in ("esquema", "region", "ejercicio", "publica", "cierra_utc")}
    with almacen.escribir() as c:
        almacen_convocatoria.guardar_convocatoria(c, valores)
        objeto = f"{nueva.esquema} {nueva.region} {nueva.ejercicio} {nueva.publica} {nueva.cierra_utc}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="convocar", objeto=objeto)


def exigir_abierta(almacen: Almacen, esquema: str, region: str, ejercicio: int, ahora_utc: datetime) -> None:
    """EncuestaCerrada si ya pasó el cierre."""
    convocatoria = leer_convocatoria(almacen, esquema, region, ejercicio)
    if convocatoria.cerrada(ahora_utc):
        raise EncuestaCerrada(convocatoria)


def admite_a_cualquiera(almacen: Almacen, esquema: Esquema, region: str, ejercicio: int) -> bool:
    """Si se responde sin invitación: cuando la región abrió su dirección, o la encuesta no tiene de dónde invitar."""
    return not esquema.invitados or leer_convocatoria(almacen, esquema.nombre, region, ejercicio).publica


def regiones_publicas(almacen: Almacen, esquema: Esquema, ejercicios: Iterable[int], todas: Iterable[str]) -> list[str]:
    """De `todas`, los códigos de las regiones donde responde cualquiera con la dirección, en alguno de esos ejercicios."""
    if not esquema.invitados:
        return list(todas)
    with almacen.leer() as c:
        abiertas = {r for e in ejercicios for r in almacen_convocatoria.regiones_publicas(c, esquema.nombre, e)}
    return [r for r in todas if r in abiertas]


def leer_invitados(almacen: Almacen, esquema: Esquema, region: str, ejercicio: int) -> list[Invitado] | None:
    """Todos los de la matriz vigente, invitados o no, en su orden; None si la región aún no la carga.

    Quien fue invitado y ya no está en la matriz sigue saliendo, con su código por nombre.
    """
    with almacen.leer() as c:
        return _invitados(c, esquema, region, ejercicio)


def buscar_invitado(c: Any, esquema: Esquema, region: str, ejercicio: int, codigo: str) -> Invitado | None:
    """El de ese código, invitado o no; None si no está en la matriz ni se le invitó."""
    todos: Iterable[Invitado] = _invitados(c, esquema, region, ejercicio) or ()
    return next((i for i in todos if i.codigo == codigo), None)


def a_la_vista(esquema: Esquema, invitados: Iterable[Invitado]) -> list[Invitado]:
    """Lo que se puede mostrar de ellos: en una encuesta anónima, nada que diga quién respondió."""
    return [i.reservado() if esquema.anonima else i for i in invitados]


def _invitados(c: Any, esquema: Esquema, region: str, ejercicio: int) -> list[Invitado] | None:
    filas = almacen_envios.leer_filas_vigentes(c, esquema.invitados["esquema"], region, ejercicio)
    if filas is None:
        return None
    hechas = {i["codigo"]: i for i in almacen_convocatoria.leer_invitaciones(c, esquema.nombre, region, ejercicio)}
    nombre, correo = esquema.invitados["nombre"], esquema.invitados["correo"]
    dichos = {f["codigo"]: (f[nombre], f[correo]) for f in filas}
    dichos |= {codigo: (codigo, "") for codigo in hechas if codigo not in dichos}
    return [_invitado(codigo, *datos, hechas.get(codigo)) for codigo, datos in dichos.items()]


def _invitado(codigo: str, nombre: str, correo: str, i: Any) -> Invitado:
    if i is None:
        return Invitado(codigo, nombre, correo, SIN_INVITAR)
    return Invitado(
        codigo,
        nombre,
        correo,
        _estado(i),
        borrador=i["borrador"] or "",
        folio=i["envio"] or "",
        invitado_utc=i["creada_utc"],
        recordado_utc=i["recordada_utc"],
        abierto_utc=i["abierta_utc"],
        falla=i["error"] or "",
        guardado_utc=i["actualizado_utc"] if i["revision"] else None,
        entrevistado_utc=i["comenzada_utc"],
        entrevisto=i["entrevisto"] or "",
        rebotado_en=i["para"] or "",
    )


def _estado(i: Any) -> str:
    if i["envio"] or i["respondida"]:
        return ENVIADO
    if i["comenzada_utc"]:
        return EN_ENTREVISTA
    if i["revision"] or i["abierta_utc"]:
        return EN_BORRADOR
    if i["correo"] is None:
        return SIN_CORREO
    if i["enviado_utc"]:
        return NO_ABIERTO
    return REBOTADO if i["intentos"] >= INTENTOS else POR_SALIR


def invitar(
    almacen: Almacen,
    esquema: Esquema,
    region: str,
    ejercicio: int,
    codigos: Collection[str],
    *,
    redactar: Redactar,
    autor: str,
    ahora_utc: datetime,
) -> list[Invitado]:
    """Invita a esas filas y deja sus correos en la bandeja; devuelve las que recién se invitaron.

    A quien ya se invitó no se le invita otra vez. Quien no tiene correo queda invitado para compartirle su enlace.
    `redactar(nombre, secreto)` da asunto y cuerpo.
    """
    with almacen.escribir() as c:
        almacen_convocatoria.tomar_convocatoria(c, esquema.nombre, region, ejercicio)
        todos = _invitados(c, esquema, region, ejercicio) or []
        nuevos = [i for i in todos if i.codigo in codigos and i.estado == SIN_INVITAR]
        if nuevos:
            dejar_definicion(c, esquema)
        for invitado in nuevos:
            borrador = nuevo_borrador(c, esquema, region=region, ejercicio=ejercicio, ahora_utc=ahora_utc)
            lugar = {"esquema": esquema.nombre, "region": region, "ejercicio": ejercicio, "codigo": invitado.codigo}
            numero = _mandar(c, borrador, invitado, redactar, ahora_utc)
            almacen_convocatoria.insertar_invitacion(
                c, {**lugar, "borrador": borrador, "creada_utc": ahora_utc, "correo": numero}
            )
        if nuevos:
            objeto = f"{esquema.nombre} {region} {ejercicio}: {len(nuevos)}"
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="invitar", objeto=objeto)
    return nuevos


def recordar(
    almacen: Almacen, esquema: Esquema, region: str, ejercicio: int, *, redactar: Redactar, autor: str, ahora_utc: datetime
) -> list[Invitado]:
    """Manda otra vez el enlace a quienes no han enviado, salvo a los que se les recordó hace poco. Devuelve a quiénes."""
    with almacen.escribir() as c:
        almacen_convocatoria.tomar_convocatoria(c, esquema.nombre, region, ejercicio)
        todos = _invitados(c, esquema, region, ejercicio) or []
        faltan = [i for i in todos if i.estado in PENDIENTES and i.correo and _ya_toca(i, ahora_utc)]
        for invitado in faltan:
            numero = _mandar(c, invitado.borrador, invitado, redactar, ahora_utc)
            almacen_convocatoria.cambiar_invitacion(c, invitado.borrador, correo=numero, recordada_utc=ahora_utc)
        if faltan:
            objeto = f"{esquema.nombre} {region} {ejercicio}: {len(faltan)}"
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="recordar", objeto=objeto)
    return faltan


def _ya_toca(invitado: Invitado, ahora_utc: datetime) -> bool:
    ultimos = (invitado.recordado_utc, invitado.invitado_utc, invitado.entrevistado_utc)
    return all(u is None or ahora_utc - u >= ENTRE_RECORDATORIOS for u in ultimos)


def reenviar(
    almacen: Almacen,
    esquema: Esquema,
    region: str,
    ejercicio: int,
    codigo: str,
    *,
    redactar: Redactar,
    autor: str,
    ahora_utc: datetime,
) -> Invitado | None:
    """Manda la invitación que no llegó a la dirección que hoy dice la matriz: el mismo borrador, con otra llave.

    None si no hay a dónde, o si no hace falta: presionarlo dos veces manda uno.
    """
    with almacen.escribir() as c:
        almacen_convocatoria.tomar_convocatoria(c, esquema.nombre, region, ejercicio)
        invitado = buscar_invitado(c, esquema, region, ejercicio, codigo)
        if invitado is None or invitado.estado not in SIN_LLEGAR or not invitado.correo:
            return None
        numero = _mandar(c, invitado.borrador, invitado, redactar, ahora_utc)
        almacen_convocatoria.cambiar_invitacion(c, invitado.borrador, correo=numero, recordada_utc=ahora_utc)
        objeto = f"{esquema.nombre} {region} {ejercicio} {codigo}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="reenviar", objeto=objeto)
    return invitado


def _mandar(c: Any, borrador: str, invitado: Invitado, redactar: Redactar, ahora_utc: datetime) -> int | None:
    if not invitado.correo:
        return None
    secreto = nuevo_secreto()
    almacen_borradores.alargar(c, borrador, ahora_utc + timedelta(days=DIAS))
    almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), borrador, ahora_utc)
    asunto, cuerpo = redactar(invitado.nombre, secreto)
    return almacen_personas.insertar_correo(c, invitado.correo, asunto, cuerpo, ahora_utc)


def compartir(
    almacen: Almacen, esquema: Esquema, region: str, ejercicio: int, codigo: str, *, autor: str, ahora_utc: datetime
) -> tuple[Invitado, str, str] | None:
    """Un secreto para el enlace y un código corto, para mandarlos por otro medio; None si a ese código no se le ha invitado.

    Son otras llaves del mismo borrador: las de antes siguen sirviendo. El código corto vence en DIAS_DE_CODIGO días.
    """
    with almacen.escribir() as c:
        invitado = buscar_invitado(c, esquema, region, ejercicio, codigo)
        if invitado is None or not invitado.borrador:
            return None
        secreto, corto = nuevo_secreto(), _nuevo_codigo(c, invitado.borrador, ahora_utc)
        almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), invitado.borrador, ahora_utc)
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="compartir", objeto=f"{esquema.nombre} {region} {codigo}")
    return invitado, secreto, corto


def otro_codigo(almacen: Almacen, borrador: str, *, ahora_utc: datetime) -> str:
    """Un código corto más para ese borrador: el de quien lo sigue en otro equipo. Vence en DIAS_DE_CODIGO días."""
    with almacen.escribir() as c:
        return _nuevo_codigo(c, borrador, ahora_utc)


def _nuevo_codigo(c: Any, borrador: str, ahora_utc: datetime) -> str:
    corto = "".join(secrets.choice(_LETRAS) for _ in range(LARGO_DE_CODIGO))
    vence = ahora_utc + timedelta(days=DIAS_DE_CODIGO)
    almacen_borradores.insertar_llave(c, huella_de_secreto(corto), borrador, ahora_utc, vence)
    return f"{corto[:5]}-{corto[5:]}"


def leer_codigo(escrito: str) -> str:
    """El código corto como se guarda: sin guiones ni espacios, en mayúsculas."""
    return "".join(letra for letra in escrito.upper() if letra in _LETRAS)


def revocar(almacen: Almacen, borrador: str, *, autor: str, ahora_utc: datetime) -> int:
    """Ningún enlace ni código de ese borrador sirve ya; devuelve cuántos había."""
    with almacen.escribir() as c:
        cuantas = almacen_borradores.borrar_llaves(c, borrador)
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="revocar", objeto=f"llaves del borrador {borrador}")
    return cuantas


def cambiar_llaves(almacen: Almacen, borrador: str, *, ahora_utc: datetime) -> str:
    """Ningún enlace ni código de antes sirve ya; devuelve el secreto del único que vale ahora."""
    secreto = nuevo_secreto()
    with almacen.escribir() as c:
        almacen_borradores.borrar_llaves(c, borrador)
        almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), borrador, ahora_utc)
        anotar(c, cuando_utc=ahora_utc, actor="", accion="revocar", objeto=f"llaves del borrador {borrador}, por quien responde")
    return secreto


def anotar_apertura(almacen: Almacen, borrador: str, *, ahora_utc: datetime) -> None:
    """Quien recibió la invitación la abrió."""
    with almacen.escribir() as c:
        almacen_convocatoria.anotar_apertura(c, borrador, ahora_utc)
