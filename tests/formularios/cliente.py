"""Un navegador sin JavaScript que revisa cada página que recibe.

Exige en toda página: un `h1`, `title`, `lang`, una etiqueta por control, cada error enlazado a su campo, ids únicos,
anclas que existen, CSP con nonce, nada en línea y ni un recurso de terceros.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

VACIOS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
RAYA = "----prueba-de-focaliza"
SIN_ROTULO = {"hidden", "submit", "button"}
Cambios = Mapping[str, str | Sequence[str]]


@dataclass
class Nodo:
    """Un elemento con su texto y sus hijos."""

    nombre: str
    atributos: dict[str, str]
    padre: "Nodo | None" = None
    contenido: list["Nodo | str"] = field(default_factory=list)

    def recorrer(self):
        yield self
        for hijo in self.contenido:
            if isinstance(hijo, Nodo):
                yield from hijo.recorrer()

    def trozos(self):
        for hijo in self.contenido:
            if isinstance(hijo, Nodo):
                yield from hijo.trozos()
            else:
                yield hijo

    def todos(self, *nombres: str) -> list["Nodo"]:
        return [n for n in self.recorrer() if n.nombre in nombres]

    def antepasados(self):
        nodo = self.padre
        while nodo is not None:
            yield nodo
            nodo = nodo.padre

    @property
    def texto(self) -> str:
        return " ".join(" ".join(self.trozos()).split())

    def get(self, atributo: str, omision: str = "") -> str:
        return self.atributos.get(atributo, omision)


class _Lector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.raiz = self.actual = Nodo("#", {})

    def handle_starttag(self, tag, attrs):
        nodo = Nodo(tag, {k: v or "" for k, v in attrs}, self.actual)
        self.actual.contenido.append(nodo)
        if tag not in VACIOS:
            self.actual = nodo

    def handle_endtag(self, tag):
        if tag in VACIOS:
            return
        assert self.actual.nombre == tag, f"</{tag}> cierra <{self.actual.nombre}> {self.actual.atributos}"
        self.actual = self.actual.padre

    def handle_data(self, data):
        self.actual.contenido.append(data)


def leer_html(html: str) -> Nodo:
    lector = _Lector()
    lector.feed(html)
    assert lector.actual is lector.raiz, f"quedó abierto <{lector.actual.nombre}>"
    return lector.raiz


# --- Lo que toda página cumple ------------------------------------------------------------------------


def revisar_pagina(respuesta: TestResponse) -> Nodo:
    """La página, si cumple; AssertionError que dice qué no."""
    raiz = leer_html(respuesta.get_data(as_text=True))
    (html,) = raiz.todos("html")
    assert html.get("lang").startswith("es"), "sin lang"
    (titulo,) = [t for t in raiz.todos("title") if t.padre.nombre == "head"]  # los otros son de un dibujo
    assert titulo.texto, "title vacío"
    h1 = raiz.todos("h1")
    assert len(h1) == 1 and h1[0].texto, f"{len(h1)} h1"
    assert len(raiz.todos("main")) == 1
    por_id: dict[str, Nodo] = {}
    for nodo in raiz.recorrer():
        if id := nodo.get("id"):
            assert id not in por_id, f"id repetido: {id}"
            por_id[id] = nodo
    _revisar_controles(raiz, por_id)
    _revisar_recursos(raiz, por_id, respuesta)
    return raiz


def _revisar_controles(raiz: Nodo, por_id: Mapping[str, Nodo]) -> None:
    con_etiqueta = {n.get("for") for n in raiz.todos("label")}
    assert con_etiqueta - {""} <= por_id.keys(), f"label sin control: {con_etiqueta - por_id.keys()}"
    for control in raiz.todos("input", "select", "textarea"):
        if control.get("type") in SIN_ROTULO:
            continue
        envuelto = any(a.nombre == "label" for a in control.antepasados())
        assert envuelto or control.get("id") in con_etiqueta, f"sin etiqueta: {control.atributos}"
        assert control.get("type") != "number", "los números se escriben como texto"
        descritos = control.get("aria-describedby").split()
        assert set(descritos) <= por_id.keys(), f"aria-describedby roto: {descritos}"
        if control.get("aria-invalid") == "true":
            assert any("error" in por_id[d].get("class") for d in descritos), f"sin su error: {control.atributos}"
        if control.get("type") in ("radio", "checkbox"):
            juego = next((a for a in control.antepasados() if a.nombre == "fieldset"), None)
            assert juego and juego.todos("legend"), f"sin legend: {control.atributos}"
    for boton in raiz.todos("button"):
        assert boton.texto, "botón sin texto"
    for formulario in raiz.todos("form"):
        if formulario.get("method") == "post":
            fichas = [n for n in formulario.todos("input") if n.get("name") == "csrf_token"]
            assert len(fichas) == 1 and fichas[0].get("value"), "POST sin CSRF"
    for tabla in raiz.todos("table"):
        assert any(a.get("tabindex") == "0" and a.get("aria-label") for a in tabla.antepasados()), "tabla sin foco"


def _revisar_recursos(raiz: Nodo, por_id: Mapping[str, Nodo], respuesta: TestResponse) -> None:
    csp = respuesta.headers["Content-Security-Policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{16,})'", csp)
    assert nonce and "default-src 'none'" in csp and "unsafe" not in csp
    assert respuesta.headers["X-Content-Type-Options"] == "nosniff"
    assert respuesta.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    for nodo in raiz.recorrer():
        assert "style" not in nodo.atributos and nodo.nombre != "style", f"estilo en línea: {nodo.atributos}"
        assert not [a for a in nodo.atributos if a.startswith("on")], f"script en línea: {nodo.atributos}"
        propio = nodo.get("src") or (nodo.get("href") if nodo.nombre == "link" else "")
        assert not urlsplit(propio).netloc, f"recurso ajeno: {propio}"
        if nodo.nombre == "script":
            assert nodo.get("nonce") == nonce[1] and nodo.get("src") and not nodo.texto
        if nodo.nombre == "a" and nodo.get("href").startswith("#"):
            assert nodo.get("href")[1:] in por_id, f"ancla rota: {nodo.get('href')}"


# --- El navegador -------------------------------------------------------------------------------------


class Navegador:
    """Pide páginas, las revisa y envía sus formularios como lo haría una persona sin JavaScript."""

    def __init__(self, app: Flask) -> None:
        self.http = app.test_client()
        self.url = ""
        self.respuesta: TestResponse | None = None
        self.pagina = Nodo("#", {})

    def abrir(self, url: str, estado: int = 200) -> Nodo:
        return self._recibir(self.http.get(url), url, estado)

    def entrar(self, correo: str) -> "Navegador":
        """Con el enlace que le llega a la bandeja de la demostración."""
        self.abrir("/formularios/entrar")
        self.enviar({"correo": correo})
        self.abrir("/formularios/bandeja")
        self.abrir(re.search(r"/formularios/entrar/[\w-]+", self.pagina.texto)[0])
        self.enviar()
        return self

    def _recibir(self, respuesta: TestResponse, url: str, estado: int) -> Nodo:
        vueltas = 0
        while respuesta.status_code in (301, 302, 303, 308):
            vueltas += 1
            assert vueltas < 6, "demasiadas redirecciones"
            url = urljoin(url, respuesta.headers["Location"])
            respuesta = self.http.get(url)
        self.url, self.respuesta = url, respuesta
        assert respuesta.status_code == estado, f"{url}: {respuesta.status_code} y no {estado}\n{respuesta.text[:3000]}"
        self.pagina = revisar_pagina(respuesta)
        return self.pagina

    def formulario(self, numero: int = -1) -> Nodo:
        """El último del contenido, que es el principal de la página."""
        (principal,) = self.pagina.todos("main")
        return principal.todos("form")[numero]

    def campos(self, formulario: Nodo) -> list[tuple[str, str]]:
        """Los pares que un navegador mandaría sin tocar nada, sin botones ni lo que está en un template."""
        pares = []
        for n in formulario.todos("input", "select", "textarea"):
            if any(a.nombre == "template" for a in n.antepasados()) or not n.get("name"):
                continue
            if n.nombre == "textarea":
                escrito = "".join(n.trozos()).replace("\r\n", "\n").removeprefix("\n")
                pares.append((n.get("name"), escrito.replace("\n", "\r\n")))
            elif n.nombre == "select":
                opciones = n.todos("option")
                elegida = next((o for o in opciones if "selected" in o.atributos), opciones[0])
                pares.append((n.get("name"), elegida.atributos.get("value", elegida.texto)))
            elif n.get("type") not in ("radio", "checkbox") or "checked" in n.atributos:
                pares.append((n.get("name"), n.get("value")))
        return [p for p in pares if p[0]]

    def llenar(self, cambios: Cambios, boton: str = "", numero: int = -1) -> tuple[str, list[tuple[str, str]]]:
        """(dirección, pares) del formulario con esos cambios y ese botón apretado."""
        formulario = self.formulario(numero)
        nombres = {
            n.get("name") for n in formulario.todos("input", "select", "textarea") if not en_template(n)
        }
        assert set(cambios) <= nombres, f"no están en la página: {set(cambios) - nombres}"
        pares = [(n, v) for n, v in self.campos(formulario) if n not in cambios]
        for nombre, valor in cambios.items():
            pares += [(nombre, v) for v in ([valor] if isinstance(valor, str) else valor)]
        if boton:
            valores = {b.get("value") for b in formulario.todos("button") if b.get("name") == "accion"}
            assert boton in valores, f"no hay botón {boton}: {valores}"
            pares.append(("accion", boton))
        return urljoin(self.url, formulario.get("action") or self.url), pares

    def enviar(
        self, cambios: Cambios | None = None, boton: str = "", estado: int = 200, numero: int = -1
    ) -> Nodo:
        url, pares = self.llenar(cambios or {}, boton, numero)
        return self.mandar(url, pares, estado)

    def mandar(self, url: str, pares: Sequence[tuple[str, str]], estado: int = 200) -> Nodo:
        return self._recibir(self._publicar(url, pares), url, estado)

    def _publicar(self, url: str, pares: Sequence[tuple[str, str]]) -> TestResponse:
        datos: dict[str, list[str]] = {}
        for nombre, valor in pares:
            datos.setdefault(nombre, []).append(valor)
        return self.http.post(url, data=datos)

    def ficha(self) -> str:
        """La ficha CSRF de la página abierta."""
        return next(n.get("value") for n in self.pagina.todos("input") if n.get("name") == "csrf_token")

    def subir(self, archivos: Mapping[str, tuple[bytes, str]], estado: int = 200, **campos: str) -> Nodo:
        """Sube archivos (nombre del campo → datos, nombre del archivo) por el formulario de la página abierta."""
        respuesta = self.publicar_archivos(archivos, **campos)
        return self._recibir(respuesta, self.url, estado)

    def publicar_archivos(self, archivos: Mapping[str, tuple[bytes, str]], **campos: str) -> TestResponse:
        campos = {"csrf_token": self.ficha(), **campos}
        # A mano: el cliente de werkzeug deja abierto un archivo temporal si el cuerpo es grande.
        partes = [f'--{RAYA}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'.encode() for n, v in campos.items()]
        for nombre, (datos, archivo) in archivos.items():
            cabeza = f'--{RAYA}\r\nContent-Disposition: form-data; name="{nombre}"; filename="{archivo}"\r\n\r\n'
            partes.append(cabeza.encode() + datos + b"\r\n")
        cuerpo = b"".join([*partes, f"--{RAYA}--\r\n".encode()])
        return self.http.post(self.url, data=cuerpo, content_type=f"multipart/form-data; boundary={RAYA}")


def en_template(nodo: Nodo) -> bool:
    """Si un navegador sin JavaScript no lo muestra ni lo envía."""
    return any(a.nombre == "template" for a in nodo.antepasados())
