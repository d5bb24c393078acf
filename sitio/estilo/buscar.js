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
      element: "#buscador", bundlePath: carpeta, showImages: false, showSubResults: true,
    });
    const pedido = new URLSearchParams(location.search).get("q");
    if (pedido) buscador.triggerSearch(pedido);
  };
  document.head.append(hoja, programa);
})();
