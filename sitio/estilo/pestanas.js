/* Las partes de un formato como pestañas. Sin JavaScript se leen seguidas, con su índice arriba.
   La dirección manda: un ancla abre la parte en que está, y el botón atrás vuelve a la anterior. */
(() => {
  const lista = document.querySelector(".pestanas");
  const pestanas = [...lista.querySelectorAll("a")];
  const cabezas = pestanas.map((pestana) => document.querySelector(pestana.hash));
  const partes = cabezas.map((cabeza) => cabeza.closest(".parte"));
  const indices = pestanas.map(({ hash }) => document.querySelectorAll(`.md-nav--secondary [href="${hash}"] ~ .md-nav`));

  const abrir = (cual) => {
    pestanas.forEach((pestana, i) => {
      pestana.setAttribute("aria-selected", i === cual);
      pestana.tabIndex = i === cual ? 0 : -1;
      if (i === cual) partes[i].removeAttribute("hidden");
      else partes[i].setAttribute("hidden", "until-found");  // Ctrl+F la encuentra igual
      indices[i].forEach((indice) => indice.toggleAttribute("hidden", i !== cual));
    });
  };

  const elegir = (cual, anotar) => {
    if (location.hash !== pestanas[cual].hash) history[anotar](null, "", pestanas[cual].hash);
    abrir(cual);
  };

  const seguirLaDireccion = () => {
    const destino = document.getElementById(location.hash.slice(1));
    const cual = partes.findIndex((parte) => parte.contains(destino));
    if (destino && cual < 0) return;
    abrir(Math.max(cual, 0));
    if (destino) (cabezas.includes(destino) ? lista : destino).scrollIntoView();
  };

  lista.setAttribute("role", "tablist");
  pestanas.forEach((pestana, i) => {
    pestana.id = `pestana-${i + 1}`;
    partes[i].id = `parte-${i + 1}`;
    pestana.setAttribute("role", "tab");
    pestana.setAttribute("aria-controls", partes[i].id);
    partes[i].setAttribute("role", "tabpanel");
    partes[i].setAttribute("aria-labelledby", pestana.id);
    partes[i].addEventListener("beforematch", () => abrir(i));
    pestana.addEventListener("click", (evento) => {
      if (evento.ctrlKey || evento.metaKey || evento.shiftKey) return;
      evento.preventDefault();
      elegir(i, "pushState");
    });
    pestana.addEventListener("keydown", ({ key }) => {
      const cual = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[key];
      if (cual === undefined) return;
      const otra = (cual + pestanas.length) % pestanas.length;
      elegir(otra, "replaceState");
      pestanas[otra].focus();
    });
  });
  addEventListener("hashchange", seguirLaDireccion);
  seguirLaDireccion();
})();
