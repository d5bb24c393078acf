/* Comodidades: copiar la cita o el enlace de un literal, y leer una sigla con el teclado. Sin JavaScript nada de esto se muestra. */
(() => {
  const avisos = document.createElement("p");
  avisos.className = "solo-lector";
  avisos.setAttribute("role", "status");

  const copiar = async (texto) => {
    try {
      await navigator.clipboard.writeText(texto);
    } catch {  // sin conexión segura o sin permiso
      const caja = document.createElement("textarea");
      caja.value = texto;
      document.body.append(caja);
      caja.select();
      const hecho = document.execCommand("copy");
      caja.remove();
      if (!hecho) throw new Error("no se pudo copiar");
    }
  };

  const boton = (nombre, cual, armar) => {
    const nuevo = document.createElement("button");
    nuevo.type = "button";
    const visible = document.createTextNode(nombre);
    const oculto = document.createElement("span");
    oculto.className = "solo-lector";
    oculto.textContent = ` (${cual})`;
    nuevo.append(visible, oculto);
    nuevo.addEventListener("click", async () => {
      try {
        await copiar(armar());
        visible.data = "Copiado";
      } catch {
        visible.data = "No se pudo copiar";
      }
      avisos.textContent = visible.data;
      setTimeout(() => { visible.data = nombre; avisos.textContent = ""; }, 2500);
    });
    return nuevo;
  };

  const oficiales = document.querySelectorAll(".oficial[data-cita]");
  if (oficiales.length) document.body.append(avisos);
  for (const oficial of oficiales) {
    const { cita, ancla } = oficial.dataset;
    const enlace = () => location.href.split("#")[0] + (ancla ? `#${ancla}` : "");
    const texto = () => {
      const copia = oficial.cloneNode(true);
      copia.querySelectorAll(".marca, .copiar").forEach((sobra) => sobra.remove());
      return [...copia.children].map((parrafo) => parrafo.textContent.trim()).filter(Boolean).join("\n");
    };
    const cual = cita.split(", ").slice(cita.split(", ").findIndex((trozo) => trozo.startsWith("numeral"))).join(", ");
    const botones = document.createElement("div");
    botones.className = "copiar";
    botones.append(
      boton("Copiar cita", cual, () => `«${texto()}» ${cita}. Texto de consulta: ${enlace()}`),
      boton("Copiar enlace", cual, enlace),
    );
    oficial.append(botones);
  }

  // En /reportar/, la página de la que se llegó va en el texto listo para mandar. Solo una ruta de este sitio.
  const origen = new URLSearchParams(location.search).get("pagina") ?? "";
  if (/^\/(?!\/)/.test(origen)) {
    for (const lugar of document.querySelectorAll(".pagina-de-origen")) lugar.textContent = location.origin + origen;
  }
  for (const listo of document.querySelectorAll(".para-copiar")) {
    if (!avisos.isConnected) document.body.append(avisos);
    const botones = document.createElement("div");
    botones.className = "copiar";
    botones.append(boton("Copiar el texto", listo.getAttribute("aria-label"), () => listo.textContent));
    listo.after(botones);
  }

  const vistas = new Set();
  for (const sigla of document.querySelectorAll(".md-content abbr[title]")) {
    if (vistas.has(sigla.textContent) || sigla.closest("a, button, summary, h1")) continue;
    vistas.add(sigla.textContent);
    sigla.tabIndex = 0;
  }
})();
