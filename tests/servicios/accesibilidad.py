"""axe sobre la página abierta, con las mismas normas en todas las pruebas y la página ya quieta."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

NORMAS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

# Lo que está a medio aparecer no tiene su contraste: se termina toda animación antes de mirar.
QUIETA = """() => !document.getAnimations().filter((a) => a.playState === "running").map((a) => {
    try { a.finish(); } catch { a.cancel(); }  // la que no termina nunca
}).length"""


def faltas_de_axe(pestana: Page, normas: tuple[str, ...] = NORMAS, donde: str | None = None) -> list[str]:
    """Cada falta como «dirección regla: elemento»; `donde` es un selector que limita lo que se mira."""
    pestana.wait_for_load_state()  # tras apretar un botón, la página nueva puede estar a medio llegar
    pestana.wait_for_function(QUIETA)
    opciones = {"resultTypes": ["violations"], "runOnly": list(normas)}
    halladas = Axe().run(pestana, context=donde, options=opciones).response["violations"]
    return [f"{pestana.url} {falta['id']}: {n['html'][:200]}" for falta in halladas for n in falta["nodes"]]
