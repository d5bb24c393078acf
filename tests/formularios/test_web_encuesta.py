"""Responder la encuesta entera como una persona sin JavaScript: nada se pierde y un envío es un folio."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.palabras import condicion
from formularios.almacen_tablas import borrador, llave
from formularios.app import crear_app
from formularios.borradores import huella_de_secreto
from formularios.configuracion import Configuracion
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.demostracion import abrir_encuestas
from tests.formularios.cliente import Navegador, en_template
from tests.formularios.conftest import AHORA

RAIZ = Path(__file__).resolve().parents[2]
RUTA = "/formularios/encuestas/actor-clave/"
GENERAL = {
    "c.nombre_institucion": "Cámara de Ñuñoa y Más",
    "c.tipo_institucion": "gremio",
    "g.representantes.0.nombre": "Persona de ejemplo",
    "g.representantes.0.correo": "contacto@ejemplo.cl",
}


@pytest.fixture
def app(almacen):
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    abrir_encuestas(almacen, cargar(), AHORA)
    app = crear_app(configuracion, cargar(), almacen, lambda: AHORA)
    app.testing = True
    return app


@pytest.fixture
def web(app):
    return Navegador(app)


def comenzar(web, region="06"):
    web.abrir(RUTA)
    web.enviar({"region": region, "ejercicio": "2027"})
    assert web.url.endswith("/llenar/informacion-general/")


def hasta_revisar(web):
    """Lo mínimo para que se pueda enviar; queda en la revisión."""
    comenzar(web)
    web.enviar(GENERAL, "seguir")
    for _ in range(3):
        web.enviar({}, "seguir")
    web.enviar({"c.interes_alianza": "alto"}, "seguir")
    web.enviar({}, "seguir")
    assert web.url.endswith("/revisar/"), web.url


def folio_de(web):
    return re.search(r"\d{4}-\d{2}-\d{6}-[\dK]", web.pagina.todos("main")[0].texto)[0]


def errores(web):
    avisos = [n for n in web.pagina.recorrer() if n.get("role") == "alert"]
    return avisos[0].texto if avisos else ""


def test_la_portada_trae_el_aviso_de_privacidad_del_esquema(web):
    texto = web.abrir(RUTA).texto
    for tabla in cargar().esquemas["actor-clave"].tablas:
        for campo in tabla.campos:
            if campo.dato in ("personal", "sensible"):
                assert campo.titulo in texto and campo.finalidad in texto
    assert cargar().esquemas["actor-clave"].privacidad["responsable"].split(",")[0] in texto


def test_sin_region_no_comienza_y_dice_por_que(web):
    web.abrir(RUTA)
    web.enviar({}, estado=400)
    assert "región" in errores(web)


def test_de_la_portada_al_comprobante(web):
    hasta_revisar(web)
    assert "Cámara de Ñuñoa y Más" in web.pagina.texto
    web.enviar()
    folio = folio_de(web)
    assert web.url.endswith(f"/comprobante/{folio}")
    assert "UTC" in web.pagina.texto and "Chile continental" in web.pagina.texto
    assert re.search(r"\b[0-9a-f]{64}\b", web.pagina.texto)
    verificacion = web.abrir(f"/formularios/verificar/{folio}").texto
    assert "vigente" in verificacion and "Ñuñoa" not in verificacion and "contacto@" not in verificacion


def test_con_errores_se_guarda_igual_y_cada_error_lleva_a_su_campo(web):
    comenzar(web)
    web.enviar({"c.tipo_institucion": "gremio", "g.representantes.0.correo": "sin arroba"}, "seguir")
    assert "Nombre de la institución" in errores(web) and "sin arroba" in errores(web)
    malos = [n for n in web.pagina.recorrer() if n.get("aria-invalid") == "true"]
    assert {"c-nombre_institucion", "g-representantes-0-correo"} <= {n.get("id") for n in malos}
    web.abrir(f"{RUTA}llenar/informacion-general/")
    assert ("g.representantes.0.correo", "sin arroba") in web.campos(web.formulario())
    web.abrir(f"{RUTA}revisar/")
    web.enviar(estado=422)
    assert "No se envió" in errores(web)
    enlaces = [n.get("href") for n in web.pagina.todos("a") if "errores=1#" in n.get("href")]
    assert enlaces
    pagina = web.abrir(enlaces[0])
    assert enlaces[0].split("#")[1] in {n.get("id") for n in pagina.recorrer()}


def test_una_respuesta_hace_aparecer_una_pregunta_y_otra_la_quita(web):
    comenzar(web)
    assert "c.tipo_institucion_cual" not in dict(web.campos(web.formulario()))
    web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    assert web.url.endswith("nuevas=c.tipo_institucion_cual")
    assert "hay algo más que preguntar" in web.pagina.texto and not errores(web)
    web.enviar({"c.tipo_institucion_cual": "Red de talleres"}, "seguir")
    assert "/marco-estrategico/" in web.url
    web.enviar({}, "volver")
    web.enviar({"c.tipo_institucion": "gremio"}, "seguir")
    assert "Cuál tipo de institución" in web.pagina.texto and "ya no corresponde" in web.pagina.texto
    web.abrir(f"{RUTA}revisar/")
    assert "Red de talleres" not in web.pagina.texto


def test_sin_consentimiento_el_dato_sensible_ni_se_pregunta_ni_se_guarda(web):
    comenzar(web)
    oculto = "c.afiliacion_gremial"
    assert oculto not in dict(web.campos(web.formulario()))
    url, pares = web.llenar(GENERAL, "seguir")
    web.mandar(url, [*pares, (oculto, "Gremio secreto")])
    web.abrir(f"{RUTA}revisar/")
    assert "Gremio secreto" not in web.pagina.texto


def test_un_grupo_que_deja_de_corresponder_se_quita_y_se_avisa(web):
    comenzar(web)
    web.abrir(f"{RUTA}llenar/interes-conjunto/")
    web.enviar({"c.interes_alianza": "alto", "g.proyectos-conjuntos.0.proyecto": "Una tienda"}, "seguir")
    web.enviar({}, "volver")
    web.enviar({"c.interes_alianza": "ninguno"}, "seguir")
    assert "ya no corresponde" in web.pagina.texto and "Proyectos conjuntos" in web.pagina.texto
    web.abrir(f"{RUTA}revisar/")
    assert "Una tienda" not in web.pagina.texto


def test_agregar_y_quitar_filas_sin_javascript(web):
    comenzar(web)
    web.enviar(GENERAL, "agregar:representantes")
    assert "#g-representantes-1" in web.url
    segunda = {"g.representantes.1.nombre": "Segunda", "g.representantes.1.telefono": "+56911111111"}
    web.enviar(segunda, "agregar:representantes")
    tercera = {"g.representantes.2.nombre": "Tercera", "g.representantes.2.telefono": "+56922222222"}
    web.enviar(tercera, "quitar:representantes:1")
    campos = dict(web.campos(web.formulario()))
    assert campos["g.representantes.0.nombre"] == "Persona de ejemplo"
    assert campos["g.representantes.1.nombre"] == "Tercera"
    assert "g.representantes.2.nombre" not in campos


def test_una_fila_en_blanco_no_es_un_error_ni_se_envia(web):
    comenzar(web)
    web.enviar(GENERAL, "agregar:representantes")
    web.enviar({}, "seguir")
    assert "/marco-estrategico/" in web.url


def test_al_maximo_ya_no_se_ofrece_otra_y_las_de_mas_son_un_problema(web):
    comenzar(web)
    web.enviar(GENERAL, "seguir")
    web.abrir(f"{RUTA}llenar/informacion-general/")
    url, pares = web.llenar({}, "seguir")
    for i in range(1, 11):
        pares += [(f"g.representantes.{i}.nombre", f"P{i}"), (f"g.representantes.{i}.telefono", "+56911111111")]
    web.mandar(url, pares)
    assert "admite 10 y hay 11" in errores(web)
    assert "Agregar otro" not in web.pagina.texto


def test_doble_clic_al_enviar_es_un_solo_folio(web):
    hasta_revisar(web)
    url, pares = web.llenar({})
    web.mandar(url, pares)
    primero = folio_de(web)
    web.mandar(url, pares)
    assert folio_de(web) == primero


def test_doble_clic_al_guardar_no_es_otra_pestana(web):
    comenzar(web)
    url, pares = web.llenar(GENERAL, "seguir")
    web.mandar(url, pares)
    web.mandar(url, pares)
    assert "/marco-estrategico/" in web.url


def test_dos_pestanas_en_la_misma_seccion_avisan_y_no_pisan(web):
    comenzar(web)
    vieja = web.llenar({**GENERAL, "c.nombre_institucion": "La vieja"}, "seguir")
    web.enviar({**GENERAL, "c.nombre_institucion": "La nueva"}, "seguir")
    web.mandar(*vieja, estado=409)
    assert "otra pestaña" in errores(web)
    assert errores(web).endswith("Nombre de la institución Guardado: La nueva Aquí: La vieja")  # solo lo que difiere
    assert dict(web.campos(web.formulario()))["c.nombre_institucion"] == "La vieja"
    conflicto, url = web.formulario(), web.url
    web.abrir(f"{RUTA}revisar/")
    assert "La nueva" in web.pagina.texto and "La vieja" not in web.pagina.texto
    # Ya avisada, puede decidir reemplazar.
    web.mandar(url, [*Navegador.campos(web, conflicto), ("accion", "seguir")])
    web.abrir(f"{RUTA}revisar/")
    assert "La vieja" in web.pagina.texto


def test_en_el_aviso_de_otra_pestana_un_bloque_se_ve_entero(web):
    comenzar(web)
    vieja = web.llenar({**GENERAL, "g.representantes.0.nombre": "Ana", "c.tipo_institucion": "otra"}, "seguir")
    web.enviar(GENERAL, "seguir")
    web.mandar(*vieja, estado=409)
    assert "Guardado: Persona de ejemplo, contacto@ejemplo.cl Aquí: Ana, contacto@ejemplo.cl" in errores(web)
    assert "Guardado: Gremio" in errores(web)  # con su nombre, no con su código


def test_dos_pestanas_en_secciones_distintas_no_se_estorban(web):
    comenzar(web)
    general = web.llenar(GENERAL, "seguir")
    web.abrir(f"{RUTA}llenar/grupo-influencia/")
    web.enviar({"c.empresarios_directos": "1.200"}, "seguir")
    web.mandar(*general)
    web.abrir(f"{RUTA}revisar/")
    assert "1.200" in web.pagina.texto and "Ñuñoa" in web.pagina.texto


def test_lo_revisado_es_lo_que_se_envia(web):
    hasta_revisar(web)
    viejo = web.llenar({})
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar({"c.nombre_institucion": "Otra cosa"}, "seguir")
    web.mandar(*viejo, estado=409)
    assert "cambió en otra pestaña" in errores(web)


def test_se_retoma_en_otro_equipo_y_el_get_no_hace_nada(web, app):
    comenzar(web)
    web.enviar(GENERAL, "salir")
    enlace = next(n.get("href") for n in web.pagina.todos("a") if "/retomar/" in n.get("href"))
    ruta = "/formularios" + enlace.split("/formularios")[1]
    otro = Navegador(app)
    otro.abrir(ruta)
    assert otro.respuesta.headers["Referrer-Policy"] == "no-referrer"
    assert "Ñuñoa" not in otro.pagina.texto
    with otro.http.session_transaction() as sesion:
        assert "borradores" not in sesion
    secreto = ruta.rsplit("/", 1)[1]
    otro.enviar()
    assert otro.url.endswith("/revisar/") and secreto not in otro.url
    assert "Cámara de Ñuñoa y Más" in otro.pagina.texto


def test_el_enlace_se_puede_recibir_por_correo(web):
    comenzar(web)
    web.enviar(GENERAL, "salir")
    for malo in ("no es un correo", "", "a@b", "juana@@ejemplo.cl", "juana@ejemplo..cl"):
        web.enviar({"correo": malo}, estado=400)
    web.enviar({"correo": "actor@ejemplo.cl"})
    assert "va en camino" in web.pagina.texto
    assert "/retomar/" in web.abrir("/formularios/bandeja").texto


def test_un_enlace_malo_dice_que_hacer(web):
    web.abrir(f"{RUTA}retomar/inventado")
    web.enviar(estado=404)
    assert "comenzar de nuevo" in web.pagina.texto


def test_del_secreto_solo_se_guarda_la_huella(web, almacen):
    comenzar(web)
    with web.http.session_transaction() as sesion:
        secreto = sesion["borradores"]["actor-clave"]
    assert len(secreto) >= 22  # 128 bits en base64
    with almacen.leer() as c:
        guardado = [dict(f) for tabla in (borrador, llave) for f in c.execute(tabla.select()).mappings()]
    assert huella_de_secreto(secreto) in str(guardado)
    assert secreto not in str(guardado)


def test_un_campo_de_mas_no_se_ignora(web):
    comenzar(web)
    url, pares = web.llenar(GENERAL, "seguir")
    de_mas = [("c.inventado", "x"), ("g.representantes.0.respuesta", "9"), ("otro", "y"), ("c.caracterizacion", "z")]
    web.mandar(url, [*pares, *de_mas], estado=400)
    for nombre, _ in de_mas:
        assert nombre in errores(web)
    web.abrir(f"{RUTA}revisar/")
    assert "Ñuñoa" in web.pagina.texto


def test_muchisimos_campos_son_un_problema_claro_y_no_un_500(web):
    comenzar(web)
    url, pares = web.llenar(GENERAL, "seguir")
    web.mandar(url, [*pares, *((f"g.representantes.{i}.nombre", "x") for i in range(9000))], estado=400)
    assert "más" in errores(web)
    web.abrir(f"{RUTA}llenar/informacion-general/")
    url, pares = web.llenar({"c.nombre_institucion": "x" * 1_100_000}, "seguir")
    web.mandar(url, pares, estado=413)


def test_utf8_roto_se_rechaza_entero(web):
    comenzar(web)
    url, _ = web.llenar({}, "seguir")
    cuerpo = f"csrf_token={web.ficha()}&accion=seguir&c.nombre_institucion=%ff%fe".encode()
    respuesta = web.http.post(url, data=cuerpo, content_type="application/x-www-form-urlencoded")
    assert respuesta.status_code == 400 and "UTF-8" in respuesta.text


def test_caracteres_de_control_y_marcas_html_se_muestran_sin_efecto(web):
    comenzar(web)
    web.enviar({**GENERAL, "c.nombre_institucion": "<script>alert(1)</script> {{7*7}} \x00"}, "seguir")
    assert not [n for n in web.pagina.todos("script") if n.texto]
    assert "no se ve" in errores(web)


def test_corregir_lo_enviado_da_otro_folio_y_reemplaza(web):
    hasta_revisar(web)
    web.enviar()
    primero = folio_de(web)
    web.enviar()  # «Corregir lo enviado»
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar({"c.nombre_institucion": "Corregida"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    web.enviar()
    segundo = folio_de(web)
    assert segundo != primero
    assert "reemplazó" in web.abrir(f"/formularios/verificar/{primero}").texto


def enviar_una(web, nombre):
    comenzar(web)
    web.enviar({**GENERAL, "c.nombre_institucion": nombre}, "seguir")
    web.abrir(f"{RUTA}llenar/interes-conjunto/")
    web.enviar({"c.interes_alianza": "alto"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    web.enviar()
    return folio_de(web)


def test_corregir_un_folio_corrige_ese_y_no_el_ultimo(web):
    primero, segundo = enviar_una(web, "La primera"), enviar_una(web, "La segunda")
    web.abrir(f"{RUTA}comprobante/{primero}")
    corregir = web.llenar({})
    web.mandar(*corregir)
    assert "La primera" in web.pagina.texto and "La segunda" not in web.pagina.texto
    web.mandar(*corregir)  # doble clic
    assert web.url.endswith("/revisar/")
    web.enviar()
    tercero = folio_de(web)
    assert "reemplazó" in web.abrir(f"/formularios/verificar/{primero}").texto
    assert "está vigente" in web.abrir(f"/formularios/verificar/{segundo}").texto
    web.abrir(f"{RUTA}comprobante/{tercero}")
    web.mandar(*corregir)  # una pestaña vieja: ya hay uno más nuevo
    assert web.url.endswith(tercero)
    web.mandar(corregir[0], [("csrf_token", web.ficha()), ("folio", "2027-06-000009-6")], estado=404)
    assert "No está su borrador" in web.pagina.texto


def test_comenzar_otra_no_deja_inalcanzable_el_borrador(web):
    comenzar(web)
    web.enviar({**GENERAL, "c.nombre_institucion": "La que quedó a medias"}, "salir")
    principal = web.abrir(RUTA).todos("main")[0]
    botones = {b.texto: b.get("class") for b in principal.todos("button")}
    assert botones["Comenzar otra"] == "segundo"
    assert any(b.startswith("Seguir con el borrador guardado el") for b in botones)
    assert any("/retomar/" in n.get("href") for n in principal.todos("a"))
    comenzar(web, region="07")
    web.enviar({**GENERAL, "c.nombre_institucion": "La otra"}, "salir")
    web.abrir(RUTA)
    seguir = [b for b in web.pagina.todos("button") if b.texto.startswith("Seguir con el borrador")]
    assert len(seguir) == 2
    web.enviar(numero=1)
    assert "La que quedó a medias" in web.pagina.texto


@pytest.mark.parametrize("seccion", ["informacion-general", "interes-conjunto"])
def test_lo_que_el_script_deshabilita_tambien_se_avisa_que_se_quito(web, seccion):
    comenzar(web)
    web.abrir(f"{RUTA}llenar/{seccion}/")
    if seccion == "informacion-general":
        web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
        web.enviar({"c.tipo_institucion_cual": "Red de talleres"}, "seguir")
        cambio, oculto, titulo = {"c.tipo_institucion": "gremio"}, "c.tipo_institucion_cual", "Cuál tipo de institución"
    else:
        web.enviar({"c.interes_alianza": "alto", "g.proyectos-conjuntos.0.proyecto": "Una tienda"}, "seguir")
        cambio, oculto, titulo = {"c.interes_alianza": "ninguno"}, "g.proyectos-conjuntos", "Proyectos conjuntos"
    web.abrir(f"{RUTA}llenar/{seccion}/")
    url, pares = web.llenar(cambio, "seguir")
    web.mandar(url, [(n, v) for n, v in pares if not n.startswith(oculto) and not v.startswith(oculto)])
    assert "Se quitó lo que ya no corresponde" in web.pagina.texto and titulo in web.pagina.texto


def test_un_bloque_obligatorio_en_blanco_dice_que_completar_en_el(web):
    comenzar(web)
    web.enviar({"c.nombre_institucion": "Cámara", "c.tipo_institucion": "gremio"}, "seguir")
    assert "Agregue 1 más" not in errores(web)
    malos = {n.get("id") for n in web.pagina.recorrer() if n.get("aria-invalid") == "true"}
    assert "g-representantes-0-nombre" in malos
    web.abrir(f"{RUTA}revisar/")
    web.enviar(estado=422)
    assert "Representante 1" in web.pagina.texto


def test_entre_los_controles_no_hay_enlaces_a_la_norma(web):
    comenzar(web)
    formulario = web.formulario()
    assert not [n for n in formulario.todos("a") if "/reglamento/" in n.get("href") or "/guia/" in n.get("href")]
    detalle = web.pagina.todos("details")[-1]
    assert "De dónde sale" in detalle.texto and "Nombre de la institución" in detalle.texto and detalle.todos("a")


def test_revisar_y_el_comprobante_nombran_y_numeran(web):
    hasta_revisar(web)
    assert "Representante 1" in [n.texto for n in web.pagina.todos("h4")]
    web.enviar()
    assert "representantes: 1" not in web.pagina.texto and "actor-clave" not in web.pagina.todos("main")[0].texto


def test_el_comprobante_es_de_quien_envio(web, app):
    hasta_revisar(web)
    web.enviar()
    otro = Navegador(app)
    otro.abrir(web.url)
    assert "/verificar/" in otro.url


def test_guardar_sobre_lo_ya_enviado_lleva_al_comprobante(web):
    hasta_revisar(web)
    web.abrir(f"{RUTA}llenar/informacion-general/")
    tarde = web.llenar({"c.nombre_institucion": "Tarde"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    web.enviar()
    folio = folio_de(web)
    web.mandar(*tarde)
    assert folio_de(web) == folio


def test_las_comunas_son_las_de_la_region_elegida(web):
    comenzar(web, region="16")
    opciones = [o.get("value") for o in web.formulario().todos("option")]
    comunas = [o for o in opciones if re.fullmatch(r"\d{5}", o)]
    assert comunas and all(c.startswith("16") for c in comunas)


def test_los_numeros_se_escriben_como_en_chile(web):
    comenzar(web)
    web.abrir(f"{RUTA}llenar/grupo-influencia/")
    web.enviar({"c.empresarios_directos": "1.234", "c.porcentaje_menor_tamano": "92,5"}, "seguir")
    assert "/relacionamiento/" in web.url
    web.enviar({}, "volver")
    web.enviar({"c.porcentaje_menor_tamano": "1,234"}, "seguir")
    assert "dos lecturas" in errores(web) or "1,234" in errores(web)


def respuestas_de(esquema):
    """El ejemplo del esquema, con los nombres del formulario."""
    ejemplo = ejemplos_de(esquema)
    principal = ejemplo[esquema.nombre][0]
    dichas = {f"c.{c.nombre}": (c, principal.get(c.nombre, "")) for c in esquema.campos if not c.automatico}
    for grupo in esquema.grupos:
        filas = [f for f in ejemplo[grupo.nombre] if f["respuesta"] == principal["respuesta"]]
        for c in (c for c in grupo.tabla.campos if not c.automatico and filas):
            dichas[f"g.{grupo.nombre}.0.{c.nombre}"] = (c, filas[0].get(c.nombre, ""))
    return {n: v.split(";") if c.varios else v for n, (c, v) in dichas.items() if v}


@pytest.mark.parametrize("nombre", [e.nombre for e in cargar().encuestas])
def test_el_ejemplo_de_cada_encuesta_se_llena_y_se_envia(web, nombre):
    esquema = cargar().esquemas[nombre]
    respuestas = respuestas_de(esquema)
    web.abrir(f"/formularios/encuestas/{nombre}/")
    web.enviar({"region": "06", "ejercicio": "2027"} if esquema.ambito != "nacional" else {"ejercicio": "2027"})
    for _ in range(4 * len(esquema.secciones)):
        if web.url.endswith("/revisar/"):
            break
        presentes = {n.get("name") for n in web.formulario().todos("input", "select", "textarea") if not en_template(n)}
        web.enviar({n: v for n, v in respuestas.items() if n in presentes}, "seguir")
    assert web.url.endswith("/revisar/"), errores(web)
    web.enviar()
    assert "/comprobante/" in web.url


TOPE_DE_PESO = 30 * 1024  # comprimido: lo que baja un teléfono la primera vez, con todo lo que pide la página


def peso(web):
    """Los bytes comprimidos de la página y de cada archivo que pide."""
    pedidos = [n.get("src") or n.get("href") for n in web.pagina.todos("script", "link", "img")]
    assert pedidos and all(p.startswith("/formularios/") for p in pedidos)
    cuerpos = [web.respuesta.data]
    for pedido in pedidos:
        with web.http.get(pedido) as respuesta:
            assert respuesta.status_code == 200
            cuerpos.append(respuesta.data)
    return sum(len(gzip.compress(c)) for c in cuerpos)


@pytest.mark.parametrize("nombre", [e.nombre for e in cargar().encuestas])
def test_la_primera_pantalla_pesa_poco_con_todo_lo_que_pide(web, nombre):
    web.abrir(f"/formularios/encuestas/{nombre}/")
    portada = peso(web)
    web.enviar({"region": "13", "ejercicio": "2027"})
    assert "/llenar/" in web.url
    assert max(portada, peso(web)) <= TOPE_DE_PESO
    estilos = (RAIZ / "formularios/estaticos/formularios.css", RAIZ / "sitio/estilo/tonos.css")
    assert not any("@font-face" in e.read_text(encoding="utf-8") for e in estilos)  # la letra es la del sistema


# --- Lo que usa el script -----------------------------------------------------------------------------


def anotar(web, cambios, **otros):
    """(estado, JSON) de guardar como lo hace el script; la base nueva queda en la página, como la deja él."""
    url, pares = web.llenar(cambios, "")
    pares = [(n, otros.get(n, v)) for n, v in pares]
    respuesta = web._publicar(url, [*pares, ("accion", "anotar")])
    assert "Set-Cookie" not in respuesta.headers  # pisaría lo que otra pestaña cambió en la sesión
    dicho = respuesta.get_json()
    for control in web.formulario().todos("input"):
        if control.get("name") in ("base", "quitadas") and "base" in dicho:
            control.atributos["value"] = dicho[control.get("name")]
    return respuesta.status_code, dicho


def test_anotar_guarda_sin_avanzar_y_el_boton_sigue_sobre_eso(web):
    comenzar(web)
    estado, dicho = anotar(web, {"c.nombre_institucion": "Cámara a med"})
    assert estado == 200 and dicho["guardado"] == "10:45" and dicho["mensaje"] == "Guardado a las 10:45."
    web.enviar(GENERAL, "seguir")
    assert "/marco-estrategico/" in web.url
    web.abrir(f"{RUTA}llenar/informacion-general/")
    assert dict(web.campos(web.formulario()))["c.nombre_institucion"] == "Cámara de Ñuñoa y Más"
    assert "Guardado el 15-11-2026 a las 10:45." in web.pagina.texto


def test_anotar_no_pisa_lo_de_otra_pestana_ni_lo_enviado(web):
    hasta_revisar(web)
    web.abrir(f"{RUTA}llenar/informacion-general/")
    estado, dicho = anotar(web, {"c.nombre_institucion": "Tarde"}, base="vieja")
    assert estado == 409 and "otra pestaña" in dicho["mensaje"] and "base" not in dicho
    abierta = web.pagina
    web.abrir(f"{RUTA}revisar/")
    assert "Tarde" not in web.pagina.texto
    web.enviar()
    folio, web.pagina, web.url = folio_de(web), abierta, f"{RUTA}llenar/informacion-general/"
    estado, dicho = anotar(web, {"c.nombre_institucion": "Tarde"})
    assert estado == 409 and folio in dicho["mensaje"]


def test_anotar_lo_ajeno_se_dice(web):
    comenzar(web)
    url, pares = web.llenar({})
    respuesta = web._publicar(url, [*pares, ("c.inventado", "x"), ("accion", "anotar")])
    assert respuesta.status_code == 400 and "no son de esta pantalla" in respuesta.get_json()["mensaje"]


def test_si_cierra_a_mitad_se_dice_y_lo_escrito_queda(web, almacen):
    comenzar(web)
    assert "cierra el" not in web.pagina.texto
    abierta = Convocatoria("actor-clave", "06", 2027, publica=True, cierra_utc=AHORA + timedelta(days=16))
    cambiar_convocatoria(almacen, abierta, autor="prueba", ahora_utc=AHORA)
    web.abrir(web.url)
    assert "BORRADOR, NO ENVIADO · cierra el 01-12-2026 a las 24:00" in web.pagina.texto
    cambiar_convocatoria(almacen, replace(abierta, cierra_utc=AHORA), autor="prueba", ahora_utc=AHORA)
    estado, dicho = anotar(web, {"c.nombre_institucion": "Al filo"})
    assert estado == 410 and "Guardado a las" in dicho["mensaje"] and "cerró el 15-11-2026" in dicho["mensaje"]
    assert "norma: Guía" in dicho["mensaje"] and "descargar lo que escribió" in dicho["mensaje"]
    web.abrir(f"{RUTA}revisar/")
    assert "Al filo" in web.pagina.texto and "cerró el 15-11-2026" in web.pagina.texto


@pytest.mark.parametrize(("boton", "llega"), [("salir", "/pausa/"), ("seguir", "/revisar/")])
def test_lo_quitado_se_avisa_tambien_al_salir_y_al_revisar(web, boton, llega):
    comenzar(web)
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    web.enviar({"c.tipo_institucion_cual": "Red de talleres"}, "seguir")
    web.abrir(f"{RUTA}llenar/informacion-general/")
    dicho = anotar(web, {"c.tipo_institucion": "gremio"})[1]
    assert dicho["quitadas"] == "tipo_institucion_cual" and "Cuál tipo de institución" in dicho["mensaje"]
    if boton == "seguir":  # la última sección es la que lleva a revisar
        web.abrir(f"{RUTA}llenar/acciones/")
        web.enviar({"quitadas": "tipo_institucion_cual"}, boton)
    else:
        web.enviar({"c.tipo_institucion": "gremio"}, boton)
    assert llega in web.url
    avisos = [n.texto for n in web.pagina.recorrer() if n.get("role") == "status" and "Se quitó" in n.texto]
    assert len(avisos) == 1 and "Cuál tipo de institución" in avisos[0]


def test_lo_que_se_volvio_a_responder_no_se_dice_quitado(web):
    comenzar(web)
    web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    web.enviar({"c.tipo_institucion_cual": "Red de talleres"}, "salir")
    assert "Se quitó" not in web.abrir(f"{web.url}?quitadas=tipo_institucion_cual").texto
    assert "Se quitó" not in web.abrir(f"{RUTA}revisar/?quitadas=nada,<b>").texto


def test_lo_que_se_quita_no_queda_guardado(web, almacen):
    comenzar(web)
    web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    web.enviar({"c.tipo_institucion_cual": "Red de talleres"}, "seguir")
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar({"c.tipo_institucion": "gremio"}, "seguir")
    with almacen.leer() as c:
        assert "Red de talleres" not in str([f["datos"] for f in c.execute(borrador.select()).mappings()])


# --- En papel -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nombre", [e.nombre for e in cargar().encuestas])
def test_el_imprimible_trae_todo_el_cuestionario(web, nombre):
    catalogo = cargar()
    esquema = catalogo.esquemas[nombre]
    portada = web.abrir(f"/formularios/encuestas/{nombre}/")
    enlace = next(n.get("href") for n in portada.todos("a") if "imprimir" in n.texto)
    pagina = web.abrir(enlace)
    texto = pagina.todos("main")[0].texto
    for s in esquema.secciones:
        assert s.titulo in texto and " ".join(s.ayuda.split()) in texto
    for tabla in esquema.tablas:
        for campo in (c for c in tabla.campos if not c.automatico):
            veces = 3 if tabla is not esquema.principal else 1
            assert texto.count(campo.titulo) >= veces and " ".join(campo.descripcion.split()) in texto, campo.nombre
            if campo.mostrar_si:
                dicho = condicion(campo.mostrar_si, catalogo.opciones, (tabla, *esquema.tablas))
                assert f"Responda solo si {dicho}." in texto
            opciones = catalogo.opciones[campo.catalogo].opciones if campo.catalogo else ()
            if len(opciones) <= 40:
                assert all(o.nombre in texto for o in opciones)
    for grupo in esquema.grupos:
        assert texto.count(f"{grupo.singular.capitalize()} 3") == 1
    assert not pagina.todos("script")
    assert web.http.get(f"/formularios/encuestas/{nombre}x/imprimible/").status_code == 404
