/* El orientador: la misma cuenta de esquemas/orientador.py, aquí para que las respuestas no salgan del equipo. Los textos y
   enlaces se copian de la tabla de la página, que es lo que queda sin JavaScript. No guarda nada ni pide nada a la red. */
(() => {
  const [NO_CUMPLE, FALTA, CUMPLE] = [0, 1, 2];  // en este orden, «y» es el mínimo y «o» el máximo
  const ROTULOS = ["No cumple", "Falta dato", "Cumple"];
  const { preguntas, requisitos } = JSON.parse(document.getElementById("condiciones").textContent);
  const formulario = document.getElementById("preguntas");
  const resultado = document.getElementById("resultado");
  const filas = [...document.querySelectorAll("#requisitos ~ .tabla tbody tr")];

  const deCondicion = (condicion, respuestas) => {
    const { operador, campo, valores, vacio, partes } = condicion;
    if (partes.length) {
      const estados = partes.map((parte) => deCondicion(parte, respuestas));
      return operador === "y" ? Math.min(...estados) : Math.max(...estados);
    }
    const valor = respuestas[campo];
    if (!valor) return FALTA;
    if (operador === "vacio") return vacio ? NO_CUMPLE : CUMPLE;
    return valores.includes(valor) === (operador !== "no_es") ? CUMPLE : NO_CUMPLE;
  };

  const deRequisito = ({ si, duda }, respuestas) => {
    if (!si) return FALTA;
    const estado = deCondicion(si, respuestas);
    const enDuda = duda && deCondicion(duda, respuestas) === CUMPLE;
    return enDuda && estado === NO_CUMPLE ? FALTA : estado;
  };

  const camposDe = ({ campo, partes }) => (partes.length ? partes.flatMap(camposDe) : [campo]);

  const nodo = (etiqueta, clase, ...hijos) => {
    const nuevo = document.createElement(etiqueta);
    if (clase) nuevo.className = clase;
    nuevo.append(...hijos);
    return nuevo;
  };
  const copia = (celda) => [...celda.cloneNode(true).childNodes];

  const razon = (requisito, fila, estado, respuestas) => {
    const [, texto, noConsta, norma] = fila.cells;
    const pendientes = requisito.si && estado === FALTA ? camposDe(requisito.si).filter((campo) => !respuestas[campo]) : [];
    const item = nodo("li", "", nodo("strong", `estado-${estado}`, `${ROTULOS[estado]}.`), " ", ...copia(texto), " ");
    for (const campo of new Set(pendientes)) item.append(`Responda «${preguntas[campo]}». `);
    if (noConsta.textContent) item.append(nodo("span", "resumen", ...copia(noConsta)), " ");
    item.append(...copia(norma), ".");
    return item;
  };

  const mostrar = () => {
    const respuestas = Object.fromEntries(new FormData(formulario));
    const grupos = [[], [], []];
    let fila = 0;
    for (const suyos of Object.values(requisitos)) {
      const nombre = copia(filas[fila].cells[0]);
      const estados = suyos.map((requisito) => deRequisito(requisito, respuestas));
      const razones = suyos.map((requisito, i) => razon(requisito, filas[fila + i], estados[i], respuestas));
      grupos[Math.min(...estados)].push(nodo("li", "", nodo("strong", "nombre", ...nombre), nodo("ul", "", ...razones)));
      fila += suyos.length;
    }
    for (const lista of resultado.querySelectorAll("[data-estado]")) {
      lista.replaceChildren(...grupos[lista.dataset.estado]);
      lista.parentElement.hidden = !lista.children.length;
    }
    const [no, falta, si] = grupos.map((grupo) => grupo.length);
    document.getElementById("cuenta").textContent = `De ${no + falta + si} instrumentos, cumple lo de ${si}, le falta un dato en ${falta} y no cumple lo de ${no}.`;
  };

  formulario.addEventListener("change", mostrar);
  formulario.addEventListener("reset", () => setTimeout(mostrar));
  formulario.addEventListener("submit", (evento) => evento.preventDefault());
  formulario.hidden = resultado.hidden = false;
  document.getElementById("sin-guion").remove();
  mostrar();
})();
