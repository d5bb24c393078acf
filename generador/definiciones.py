"""Extensión de Markdown: la primera vez que una página nombra un término del glosario, lo enlaza y dice qué significa.

Las definiciones vienen en la propia página, como referencias de Markdown que llevan al glosario:
`[ejercicio]: /glosario/index.md#ejercicio "El año en que se gasta…"`. Funciona sin JavaScript, con teclado y con el dedo.
No toca títulos, tablas, código, enlaces, citas ni el texto oficial de una norma.
"""

import re
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

GLOSARIO = "/glosario/index.md#"
_TITULOS = {"h1", "h2", "h3", "h4", "h5", "h6", "summary"}
_INTACTOS = _TITULOS | {"a", "abbr", "blockquote", "button", "code", "figure", "nav", "pre", "table"}
_PEGADO = "\x02\x03_-"  # un término junto a una etiqueta o dentro de un nombre compuesto no es una palabra del texto
_CRUDA = r"\x02wzxhzdk:(?P<cruda>\d+)\x03"  # el lugar de una etiqueta HTML escrita tal cual, que Markdown aparta
_CLASES_INTACTAS = {"oficial", "botones", "etiqueta", "vigencia"}


class _Definir(Treeprocessor):
    def run(self, root: Element) -> None:
        self.faltan = {t: d for t, d in self.md.references.items() if d[0].startswith(GLOSARIO)}
        if self.faltan:
            largos = sorted(map(re.escape, self.faltan), key=len, reverse=True)
            self.en_codigo = False
            self.patron = re.compile(rf"{_CRUDA}|(?<![\w{_PEGADO}])(?:{'|'.join(largos)})(?![\w{_PEGADO}])", re.IGNORECASE)
            self._recorrer(root)

    def _recorrer(self, nodo: Element) -> None:
        hijos = list(nodo)
        nodo.text = self._enlazar(nodo, None, nodo.text)
        for hijo in hijos:
            if hijo.tag not in _INTACTOS and not _CLASES_INTACTAS & set(hijo.get("class", "").split()):
                self._recorrer(hijo)
            hijo.tail = self._enlazar(nodo, hijo, hijo.tail)

    def _enlazar(self, nodo: Element, tras: Element | None, texto: str | None) -> str | None:
        """Pone en `nodo`, después de `tras`, los enlaces de los términos de `texto`; devuelve lo que va antes del primero."""
        if not texto or isinstance(texto, AtomicString):
            return texto
        lugar = 0 if tras is None else list(nodo).index(tras) + 1
        antes, resto, desde = texto, None, 0
        for hallado in self.patron.finditer(texto):
            if cruda := hallado["cruda"]:
                etiqueta = str(self.md.htmlStash.rawHtmlBlocks[int(cruda)])
                self.en_codigo = etiqueta.startswith("<code") or (self.en_codigo and not etiqueta.startswith("</code"))
            elif not self.en_codigo and (definicion := self.faltan.pop(hallado[0].lower(), None)):
                previo, desde = texto[desde : hallado.start()], hallado.end()
                if resto is None:
                    antes = previo
                else:
                    resto.tail = previo
                resto = Element("a", {"class": "definido", "href": definicion[0], "title": definicion[1]})
                resto.text = AtomicString(hallado[0])
                nodo.insert(lugar, resto)
                lugar += 1
                resto.tail = texto[desde:]
        return antes


class _Definiciones(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        # Después de las siglas (7), que quedan dentro de su <abbr>; antes de que mkdocs resuelva los enlaces (0).
        md.treeprocessors.register(_Definir(md), "definiciones", 6)


def makeExtension(**_: object) -> Extension:
    """Lo que Markdown llama para cargarla."""
    return _Definiciones()
