"""Los datos con que se prueba el sistema en la propia máquina: los ejemplos de los esquemas, entregados como lo haría una región.

Todo sale de los YAML y entra por la misma recepción que un envío real: nada se escribe directo en la base.
"""

from datetime import datetime

from esquemas.coherencia import ejemplos_de
from esquemas.modelo import Catalogo
from esquemas.plazos import presentado_legal
from esquemas.validacion import Contexto, validar_filas
from formularios import roles
from formularios.accesos import guardar_usuario, leer_usuarios
from formularios.almacen import Almacen
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.recepcion import recibir, referidas_de
from formularios.vigencia import ejercicios_de

REGION, EJERCICIO = "06", 2027  # los de los ejemplos
SERCOTEC, GORE = "sercotec@ejemplo.cl", "gore06@ejemplo.cl"
# Correo → su rol y su región.
PERSONAS = {
    GORE: (roles.GORE_FIRMANTE, REGION),
    "editora06@ejemplo.cl": (roles.GORE_EDITOR, REGION),
    "direccion06@ejemplo.cl": (roles.DIRECCION, REGION),
    "lector@ejemplo.cl": (roles.LECTOR, ""),
    SERCOTEC: (roles.SERCOTEC, ""),
}
ENTRADAS = (
    ("Actor clave", "/formularios/encuestas/actor-clave/", "Responde sin cuenta."),
    ("Sercotec", "/formularios/entrar", f"Escriba {SERCOTEC}; el enlace llega a la bandeja local."),
    ("Equipo GORE", "/formularios/entrar", f"Escriba {GORE}; el enlace llega a la bandeja local."),
    ("Otros roles", "/formularios/entrar", f"Escriba {', '.join(c for c in PERSONAS if c not in (SERCOTEC, GORE))}."),
    ("Cualquiera", "/formularios/validar/focalizacion/", "Prueba una planilla sin entrar y sin guardar nada."),
)


def sembrar(almacen: Almacen, catalogo: Catalogo, ahora_utc: datetime) -> None:
    """Usuarios y envíos de ejemplo, una sola vez: si ya hay usuarios, no hace nada."""
    if leer_usuarios(almacen):
        return
    for esquema in catalogo.esquemas.values():
        region = "00" if esquema.ambito == "nacional" else REGION
        contexto = Contexto(region, EJERCICIO, referidas_de(almacen, catalogo, esquema, REGION, EJERCICIO))
        resultado = validar_filas(catalogo, esquema, ejemplos_de(esquema), contexto)
        recibir(
            almacen,
            catalogo,
            esquema,
            resultado,
            region=region,
            ejercicio=EJERCICIO,
            ahora_utc=ahora_utc,
            presentado_legal=presentado_legal(ahora_utc, REGION),
            origen="demostracion",
        )
    abrir_encuestas(almacen, catalogo, ahora_utc)
    # Al final: si algo falla antes, la próxima vez se intenta de nuevo.
    for correo, (rol, region) in PERSONAS.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=ahora_utc, autor="demostracion")


def abrir_encuestas(almacen: Almacen, catalogo: Catalogo, ahora_utc: datetime) -> None:
    """Deja que cualquiera responda en toda región: así la demostración se puede probar sin una invitación."""
    for encuesta in catalogo.encuestas:
        for region in catalogo.opciones["regiones"].opciones:
            for ejercicio in ejercicios_de(ahora_utc):
                abierta = Convocatoria(encuesta.nombre, region.codigo, ejercicio, publica=True)
                cambiar_convocatoria(almacen, abierta, autor="demostracion", ahora_utc=ahora_utc)
