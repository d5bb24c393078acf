"""Lo único que mira el reloj y el entorno. Lo demás recibe la hora y la configuración como argumento."""

import os
import zoneinfo
from datetime import UTC, datetime
from functools import cached_property

from esquemas import catalogo as disco
from esquemas.modelo import Catalogo
from formularios.configuracion import Configuracion, desde_entorno


class Cascara:
    """Lo que una orden necesita del mundo, a pedido: una orden que no usa la base no la abre."""

    def __init__(self) -> None:
        # `zoneinfo` prefiere la base del sistema; se usa siempre la `tzdata` fijada en el candado.
        zoneinfo.reset_tzpath(())

    def ahora(self) -> datetime:
        return datetime.now(UTC)

    @cached_property
    def configuracion(self) -> Configuracion:
        """ConfiguracionInvalida si el entorno no sirve."""
        return desde_entorno(os.environ)

    @cached_property
    def configuracion_sin_clave(self) -> Configuracion:
        """Para las órdenes que no sirven páginas: no piden la clave de las sesiones."""
        return desde_entorno({**os.environ, "FOCALIZA_DEMO": "si"})

    @cached_property
    def catalogo(self) -> Catalogo:
        """EsquemaInvalido si un YAML está mal."""
        carpeta = os.environ.get("FOCALIZA_ESQUEMAS")
        return disco.cargar(disco.Path(carpeta)) if carpeta else disco.cargar()
