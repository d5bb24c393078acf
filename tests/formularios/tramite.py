"""Una región llevada a un estado de verdad: sus matrices llenas con los ejemplos, enviadas y observadas por los actos."""

from datetime import UTC, datetime

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.saber import ACUERDO
from esquemas.validacion import Contexto, validar_filas
from formularios.actuar import Pedido, actuar
from formularios.expediente import Documento, leer_expediente
from formularios.fila_en_curso import Fila, Matriz
from formularios.filas import agregar_fila, leer_matriz
from formularios.matrices import revisar
from formularios.observaciones import observables, por_sellar
from formularios.recepcion import Recepcion, recibir

CATALOGO = cargar()
ACTOS = CATALOGO.proceso.tramitacion.actos
OBSERVACIONES = CATALOGO.proceso.tramitacion.observaciones
OBSERVABLES = observables(CATALOGO)
REGION, EJERCICIO = "06", 2027
NOVIEMBRE = datetime(2026, 11, 3, 15, tzinfo=UTC)
QUIEN = {"autor": "usuario 1", "ahora_utc": NOVIEMBRE}
ACTA = Documento("acta.pdf", "application/pdf", b"%PDF-1.7 acta")
CERTIFICADO = Documento("certificado.pdf", "application/pdf", b"%PDF-1.7 certificado")
FOC = "focalizacion"


def acuerdo_de(ejercicio: int) -> dict[str, str]:
    """Los datos de un acuerdo adoptado al empezar noviembre, antes de ese ejercicio."""
    dia = f"{ejercicio - 1}-11-02"
    quien = {"sesion_numero": "412", "acuerdo_numero": "12", "certifica": "Secretaría Ejecutiva"}
    return {**quien, "sesion_fecha": dia, "acuerdo_fecha": dia}


def matriz(nombre: str = FOC, region: str = REGION, ejercicio: int = EJERCICIO) -> Matriz:
    return Matriz(CATALOGO.esquemas[nombre], region, ejercicio)


def filas(almacen, nombre: str = FOC) -> list[Fila]:
    return leer_matriz(almacen, matriz(nombre))


def fila(almacen, codigo: str, nombre: str = FOC) -> Fila:
    return next(f for f in filas(almacen, nombre) if f.datos["codigo"] == codigo)


def cargar_montos(almacen, instrumento: str, monto: str = "1") -> None:
    """Lo que el nivel central informa: de un solo instrumento, en la región."""
    esquema = CATALOGO.esquemas["presupuesto-instrumentos"]
    una = {**ejemplos_de(esquema)[esquema.nombre][0], "region": REGION, "instrumento": instrumento, "monto": monto}
    resultado = validar_filas(CATALOGO, esquema, {esquema.nombre: [una]}, Contexto("00", EJERCICIO))
    lugar = {"region": "00", "ejercicio": EJERCICIO, "recibido_utc": NOVIEMBRE, "origen": "prueba"}
    recibir(almacen, CATALOGO, resultado, Recepcion(**lugar))


def llenar(almacen) -> None:
    for nombre in OBSERVABLES:
        for valores in ejemplos_de(CATALOGO.esquemas[nombre])[nombre]:
            agregar_fila(almacen, CATALOGO, matriz(nombre), valores, **QUIEN)


def hacer(almacen, acto: str, ahora_utc: datetime = NOVIEMBRE, **otros):
    """El acto, con lo que hay en curso y, si no se pide otra cosa, confirmando lo que queda por cerrar."""
    declarado, resultados = ACTOS[acto], {}
    for nombre in declarado.entrega:
        if suyas := por_sellar(almacen, CATALOGO, declarado, matriz(nombre), filas(almacen, nombre)):
            resultados[nombre] = revisar(almacen, CATALOGO, matriz(nombre), suyas).resultado
    del_core = {"datos": acuerdo_de(EJERCICIO), "documentos": {"acta": ACTA, "certificado": CERTIFICADO}}
    acuerdo = del_core if ACUERDO in declarado.exige else {}
    visto = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).ultimo
    resto = {"resultados": resultados, "confirmadas": [f.datos["codigo"] for f in filas(almacen, OBSERVACIONES)], **acuerdo}
    pedido = Pedido(acto, declarado.quien, "usuario 1", visto, motivo="Porque sí.", **{**resto, **otros})
    return actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=ahora_utc)


def observar(almacen, codigo_de_fila: str = "", campo: str = "", nombre: str = FOC, **otros) -> Fila:
    """Una observación en curso, sobre lo vigente."""
    actuaciones = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).actuaciones
    folio = next(a.folios[nombre] for a in reversed(actuaciones) if nombre in a.folios)
    valores = {"envio": folio, "matriz": nombre, "fila": codigo_de_fila, "campo": campo, "condicion": "ficha-e"}
    texto = {"observacion": "Explique cómo se calculó.", **otros}
    return agregar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), valores | texto, **QUIEN)[0]


def observada(almacen, *lugares: tuple) -> None:
    """Hasta «Con observaciones», con una observación por cada (fila, campo, formato)."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    for lugar in lugares or [("FOC-01",)]:
        observar(almacen, *lugar)
    hacer(almacen, "observar")
