/* Mejora la pantalla de una encuesta: muestra u oculta al vuelo las preguntas con condición. Sin él, lo hace el
   servidor al guardar. La gramática es la del YAML: {campo, es | no_es | en | vacio} unida por «y» / «o». */
(() => {
  "use strict";
  const formulario = document.querySelector("form[data-condiciones]");
  if (!formulario) return;

  const valores = (nombre) => {
    const controles = [...formulario.elements].filter((c) => c.name === nombre);
    if (!controles.length) return null; // está en otra pantalla: no se puede juzgar aquí
    return controles
      .filter((c) => !c.disabled && (!/^(radio|checkbox)$/.test(c.type) || c.checked))
      .map((c) => c.value.trim())
      .filter(Boolean);
  };

  const cumple = (c) => {
    if (c.partes) {
      const partes = c.partes.map(cumple);
      if (partes.includes(null)) return null;
      return c.operador === "y" ? partes.every(Boolean) : partes.some(Boolean);
    }
    const actuales = valores(c.campo);
    if (actuales === null) return null;
    if (c.operador === "vacio") return (actuales.length === 0) === c.vacio;
    const hay = actuales.some((v) => c.valores.includes(v));
    return c.operador === "no_es" ? !hay : hay;
  };

  const mostrar = (caja, corresponde) => {
    caja.hidden = !corresponde;
    for (const control of caja.querySelectorAll("input, select, textarea, button")) control.disabled = !corresponde;
  };

  // Lo que aún no corresponde llega en un <template>: no se ve ni se envía hasta que haga falta.
  for (const molde of formulario.querySelectorAll("template[data-mostrar-si]")) {
    const caja = document.createElement("div");
    caja.dataset.mostrarSi = molde.dataset.mostrarSi;
    caja.append(molde.content);
    mostrar(caja, false);
    molde.replaceWith(caja);
  }
  const cajas = [...formulario.querySelectorAll("[data-mostrar-si]")];
  const revisar = () => {
    for (const caja of cajas) {
      const corresponde = cumple(JSON.parse(caja.dataset.mostrarSi));
      if (corresponde === null) continue;
      mostrar(caja, corresponde);
    }
  };
  formulario.addEventListener("input", revisar);
  formulario.addEventListener("change", revisar);
  revisar();
})();
