/* La búsqueda, servida por este mismo sitio. Sin JavaScript queda el índice alfabético de la página. */
(() => {
  const carpeta = new URL(document.currentScript.dataset.pagefind, location.href).pathname;
  const hoja = document.createElement("link");
  hoja.rel = "stylesheet";
  hoja.href = `${carpeta}pagefind-ui.css`;
  const programa = document.createElement("script");
  programa.src = `${carpeta}pagefind-ui.js`;
  programa.onload = () => {
    const buscador = new PagefindUI({
      element: "#buscador", bundlePath: carpeta, showImages: false, showSubResults: true, pageSize: 8, showEmptyFilters: false,
      openFilters: matchMedia("(min-width: 48em)").matches ? ["tipo"] : [],
      ranking: { metaWeights: { title: 5, palabras: 3 } },  // «palabras» viene de mkdocs.yml: con qué más se busca cada carpeta
      processResult: (hallado) => {
        delete hallado.meta.palabras;  // es para ordenar, no para leer
        for (const parte of hallado.sub_results) if (parte.title === hallado.meta.title) parte.url = hallado.url;
        return hallado;
      },
    });
    document.querySelector("#buscador input").setAttribute("aria-label", "Buscar en el sitio");
    const pedido = new URLSearchParams(location.search).get("q");
    if (pedido) buscador.triggerSearch(pedido);
  };
  document.head.append(hoja, programa);
})();
