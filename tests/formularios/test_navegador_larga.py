"""Un Chromium de verdad ante una matriz larga del nivel central: subirla, pasar de página, buscar y entregarla."""

from itertools import islice, product

import pytest

from tests.formularios.test_nivel_central import CATALOGO, MONTOS, PAIS
from tests.formularios.test_web_navegador import SERCOTEC, Revisor, sitio  # noqa: F401
from tests.servicios.navegador import apretar, entrar_como, navegador

LUGARES = [[o.codigo for o in CATALOGO.opciones[c.catalogo].opciones] for c in MONTOS.campos if c.catalogo]


def montos(ejercicio, malas=()):
    filas = [";".join(MONTOS.principal.nombres)]
    for i, (region, instrumento, momento) in enumerate(islice(product(*LUGARES), 450)):  # un monto no se repite
        pesos = "mucho" if i in malas else str(1_000_000 + i)
        filas.append(f"{ejercicio}-{i:04};{ejercicio};{region};{instrumento};{momento};{pesos};Oficio de ejemplo N° {i};")
    return "\r\n".join(filas).encode()


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark"), (1280, "dark")])
def test_una_matriz_larga_cabe_en_la_pantalla(sitio, ancho, tema):  # noqa: F811
    ejercicio = 2040 + (ancho == 360) + 2 * (tema == "dark")  # propio de cada caso: parte sin nada
    matriz = f"{PAIS.removeprefix('/formularios').replace('2027', str(ejercicio))}/{MONTOS.nombre}/"
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, sitio)
        entrar_como(p, r.sitio, SERCOTEC)
        r.ir(f"/sercotec/?ejercicio={ejercicio}")
        r.revisar(f"tablero-central-{tema}")
        for malas in (range(0, 450, 15), ()):
            r.ir(f"{matriz}subir/")
            p.set_input_files("#archivo", {"name": "m.csv", "mimeType": "text/csv", "buffer": montos(ejercicio, malas)})
            apretar(p, 'button:text-is("Revisar y comparar")')
            r.revisar(f"larga-comparada-{tema}")
            apretar(p, 'button:text-is("Aplicar al borrador")')
            if malas:
                r.revisar(f"larga-{tema}")
                assert p.get_by_text("Hay 30 filas con errores").is_visible()
                apretar(p, "nav.paginas >> nth=0 >> a >> nth=1")
                r.revisar(f"larga-3-{tema}")
                p.fill("#buscado", "ejemplo n° 44")
                p.select_option("#solo", "errores")
                apretar(p, 'form[role=search] button')
                r.revisar(f"larga-buscada-{tema}")
                r.ir(f"{matriz}entregar/")
                r.revisar(f"larga-con-errores-{tema}")
        r.revisar(f"larga-lista-{tema}")
        apretar(p, 'button:text-is("Entregar la matriz")')
        r.revisar(f"larga-entregada-{tema}")
        assert p.locator(".folio").inner_text().startswith(f"{ejercicio}-00-")
