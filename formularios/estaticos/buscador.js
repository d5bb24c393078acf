/* Mejora el buscador de filas citables: filtra al escribir lo que está a la vista. Sin él, busca el servidor con el botón, que
   además es el único que mira las filas que no se muestran. */
(() => {
  "use strict";
  const palabrasDe = (texto) => texto.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().split(/\s+/).filter(Boolean);

  for (const caja of document.querySelectorAll("[data-buscador]")) {
    const cuadro = caja.querySelector("input[type=text]");
    const dicho = caja.querySelector("[role=status]");
    const opciones = [...caja.closest("fieldset").querySelectorAll(".opciones li")].map((li) => ({
      li,
      control: li.querySelector("input"),
      texto: palabrasDe(li.textContent).join(" "),
    }));
    const filtrar = () => {
      const palabras = palabrasDe(cuadro.value);
      let calzan = 0;
      for (const { li, control, texto } of opciones) {
        const calza = palabras.every((p) => texto.includes(p));
        // Lo elegido, y «Sin respuesta», están siempre a la vista.
        li.hidden = !calza && !control.checked && control.value !== "";
        if (calza && control.value !== "") calzan += 1;
      }
      const cuantas = calzan === 0 ? "No calza ninguna" : calzan === 1 ? "Calza 1" : `Calzan ${calzan}`;
      dicho.textContent = `${cuantas} de las que están a la vista.${caja.dataset.buscador}`;
    };
    cuadro.addEventListener("input", filtrar);
    cuadro.addEventListener("keydown", (evento) => {
      if (evento.key !== "Enter") return;
      evento.preventDefault(); // el primer botón del formulario no es el de este cuadro
      caja.querySelector("button").click();
    });
  }
})();
