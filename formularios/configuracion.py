"""La configuración, leída una vez del entorno. La documentación se genera de `VARIABLES`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

PREFIJO = "FOCALIZA_"
LARGO_DE_CLAVE = 32  # caracteres


class Variable(NamedTuple):
    """Una variable de entorno: cómo se llama, qué es y qué vale si no se escribe (texto, para mostrar)."""

    nombre: str
    que_es: str
    omision: str


VARIABLES = (
    Variable(
        "FOCALIZA_BASE_DE_DATOS",
        "Dónde se guarda: `sqlite:///ruta/archivo.db` o `postgresql://usuario:clave@servidor/base`.",
        "sqlite:///datos/focaliza.db",
    ),
    Variable(
        "FOCALIZA_CLAVE",
        f"El secreto con que se firman las cookies, de {LARGO_DE_CLAVE} caracteres o más. El mismo en todos los procesos. "
        "Si lo cambia, quien activó un código o vinculó una identidad tiene que hacerlo otra vez.",
        "ninguna: sin ella no arranca, salvo en la demostración, que usa una al azar",
    ),
    Variable(
        "FOCALIZA_CORREO",
        "El servidor que despacha la bandeja de salida: `smtp://usuario:clave@servidor:587?de=remitente`.",
        "ninguno: los correos quedan en la bandeja",
    ),
    Variable(
        "FOCALIZA_URL_PUBLICA",
        "La dirección con que las personas llegan; de ella salen los enlaces de los correos. "
        "Empieza con https, salvo en la demostración o en esta misma máquina.",
        "http://127.0.0.1:8000",
    ),
    Variable(
        "FOCALIZA_PROXIES",
        "Cuántos proxies propios hay delante. De ellos se toma la dirección de cada persona (`X-Forwarded-For`), con que se "
        "cuentan los intentos. Si no hay ninguno, déjela en 0: cualquiera podría escribir esa cabecera.",
        "0",
    ),
    Variable(
        "FOCALIZA_OIDC",
        "El proveedor de identidad con que también se puede entrar: `emisor=https://… cliente=… secreto=… nombre=ClaveÚnica`. "
        "Vuelve a `/formularios/oidc/volver`.",
        "ninguno: se entra solo con el correo",
    ),
    Variable("FOCALIZA_ESQUEMAS", "Una carpeta de esquemas distinta de la del programa.", "la del programa"),
    Variable("FOCALIZA_SITIO", "La carpeta del sitio construido, junto a los formularios.", "publicado"),
    Variable(
        "FOCALIZA_DEMO",
        "`si` atiende con datos de demostración y muestra los correos en pantalla. Nunca con datos reales.",
        "no",
    ),
)
_OMISION = {v.nombre: v.omision for v in VARIABLES}
_LOGICOS = {"si": True, "sí": True, "1": True, "no": False, "0": False, "": False}


class ConfiguracionInvalida(Exception):
    """Algo del entorno impide arrancar. El mensaje dice qué variable y cómo se arregla."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """Un proveedor de identidad. `nombre` es lo que se lee en el botón."""

    emisor: str
    cliente: str
    secreto: str = field(repr=False)
    nombre: str


@dataclass(frozen=True, slots=True)
class Configuracion:
    """Lo que la cáscara reparte. Los secretos no salen en `repr`, así no llegan a un registro."""

    clave: str = field(repr=False)
    base_de_datos: str = field(default=_OMISION["FOCALIZA_BASE_DE_DATOS"], repr=False)
    correo: str = field(default="", repr=False)
    url_publica: str = _OMISION["FOCALIZA_URL_PUBLICA"]
    esquemas: Path | None = None
    sitio: Path = Path(_OMISION["FOCALIZA_SITIO"])
    demo: bool = False
    proxies: int = 0
    oidc: Oidc | None = None

    @property
    def segura(self) -> bool:
        """¿Se llega por https? Decide `Secure` y el prefijo `__Host-` de las cookies."""
        return self.url_publica.startswith("https://")


def desde_entorno(environ: Mapping[str, str]) -> Configuracion:
    """Lee las variables `FOCALIZA_…`. ConfiguracionInvalida si hay una desconocida o falta la clave."""
    puestas = {n: v.strip() for n, v in environ.items() if n.startswith(PREFIJO)}
    if ajenas := sorted(puestas.keys() - _OMISION.keys()):
        raise ConfiguracionInvalida(
            f"No se conoce {', '.join(ajenas)}. Corrija el nombre o quítela. Existen: {', '.join(_OMISION)}."
        )
    demo = _logico("FOCALIZA_DEMO", puestas.get("FOCALIZA_DEMO", ""))
    carpeta = puestas.get("FOCALIZA_ESQUEMAS")
    return Configuracion(
        clave=_clave(puestas.get("FOCALIZA_CLAVE", ""), demo),
        base_de_datos=puestas.get("FOCALIZA_BASE_DE_DATOS") or _OMISION["FOCALIZA_BASE_DE_DATOS"],
        correo=puestas.get("FOCALIZA_CORREO", ""),
        url_publica=_direccion(puestas.get("FOCALIZA_URL_PUBLICA") or _OMISION["FOCALIZA_URL_PUBLICA"], demo),
        esquemas=Path(carpeta) if carpeta else None,
        sitio=Path(puestas.get("FOCALIZA_SITIO") or _OMISION["FOCALIZA_SITIO"]),
        demo=demo,
        proxies=_cuantos("FOCALIZA_PROXIES", puestas.get("FOCALIZA_PROXIES") or "0"),
        oidc=_oidc(puestas.get("FOCALIZA_OIDC", "")),
    )


def _oidc(texto: str) -> Oidc | None:
    """«emisor=… cliente=… secreto=… nombre=…»; None si está vacío."""
    if not texto:
        return None
    partes = dict(p.split("=", 1) for p in texto.split() if "=" in p)
    emisor = partes.get("emisor", "").rstrip("/")
    if len(partes) != len(texto.split()) or set(partes) != {f.name for f in fields(Oidc)} or not all(partes.values()):
        raise ConfiguracionInvalida(
            "FOCALIZA_OIDC está mal escrita. Son cuatro partes separadas por espacios, sin espacios adentro: "
            "emisor=https://… cliente=… secreto=… nombre=…"
        )
    if not emisor.startswith(("https://", "http://127.0.0.1:")):
        raise ConfiguracionInvalida("El emisor de FOCALIZA_OIDC tiene que empezar con https://.")
    return Oidc(**{**partes, "emisor": emisor})


def _clave(clave: str, demo: bool) -> str:
    if clave and len(clave) < LARGO_DE_CLAVE:
        raise ConfiguracionInvalida(f"FOCALIZA_CLAVE no llega a {LARGO_DE_CLAVE} caracteres. {_COMO_CREARLA}")
    if not clave and not demo:
        raise ConfiguracionInvalida(
            f"Falta FOCALIZA_CLAVE: fuera de la demostración no se arranca sin ella. {_COMO_CREARLA}"
        )
    return clave or secrets.token_hex(LARGO_DE_CLAVE)


_COMO_CREARLA = "Puede crear una con: python3 -c 'import secrets; print(secrets.token_hex(32))'"


def _logico(nombre: str, valor: str) -> bool:
    try:
        return _LOGICOS[valor.lower()]
    except KeyError:
        raise ConfiguracionInvalida(f"{nombre} vale «{valor}». Escriba si o no.") from None


def _cuantos(nombre: str, valor: str) -> int:
    if len(valor) != 1 or valor not in "0123456789":
        raise ConfiguracionInvalida(f"{nombre} vale «{valor}». Escriba un número del 0 al 9.")
    return int(valor)


def _direccion(url: str, demo: bool) -> str:
    if not url.startswith(("http://", "https://")):
        raise ConfiguracionInvalida(
            f"FOCALIZA_URL_PUBLICA es «{url}». Escriba la dirección completa, con http:// o https://."
        )
    if not demo and url.startswith("http://") and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        raise ConfiguracionInvalida(
            f"FOCALIZA_URL_PUBLICA es «{url}». Fuera de la demostración empieza con https://: sin cifrar, se roban las sesiones."
        )
    return url.rstrip("/")
