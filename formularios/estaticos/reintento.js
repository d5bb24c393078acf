/* «Intentar de nuevo» con una ficha vigente: la de esta página deja de servir al entrar en otra pestaña. Sin él, el primer
   intento solo trae la ficha nueva y lo escrito, y el segundo guarda. */
(() => {
  "use strict";
  const formulario = document.querySelector("form[data-ficha]");
  if (!formulario) return;
  formulario.addEventListener("submit", async (evento) => {
    evento.preventDefault();
    try {
      const pagina = await (await fetch(formulario.dataset.ficha, { cache: "no-store" })).text();
      const nueva = new DOMParser().parseFromString(pagina, "text/html").querySelector("main [name=csrf_token]");
      if (nueva) formulario.querySelector("[name=csrf_token]").value = nueva.value;
    } catch {
      // sin red, el navegador lo dirá al enviar
    }
    HTMLFormElement.prototype.submit.call(formulario); // un campo puede llamarse «submit»
  });
})();
