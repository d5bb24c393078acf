/* Guarda la sección mientras se escribe. Si se corta la red, deja una copia en este equipo y la reenvía al volver.
   Sin él, se guarda al avanzar. Una copia nunca se aplica sola: al recargar se ofrece. El servidor dice las frases de
   lo guardado; aquí están solo las de cuando no se alcanza. */
(() => {
  "use strict";
  const PAUSA = 2000; // ms sin escribir antes de guardar
  const TOPE = 15000; // ms; una respuesta que no llega es como no tener red
  const ESPERAS = [5, 10, 20, 40, 60]; // segundos entre reintentos
  const DIAS = 7; // lo que dura una copia; también lo dice la portada de la encuesta
  const PREFIJO = "focaliza:";
  const SIN_RED = "Sin conexión: lo que escribe queda en este equipo y se guardará al volver.";
  const SIN_SERVIDOR = "El servidor no responde: lo que escribe queda en este equipo y se guardará al volver.";
  const VOLVIO = "Volvió la conexión. Todo está guardado.";
  const SIN_NADA = "Sin conexión, y este navegador no deja guardar una copia: no cierre esta página.";
  const MUY_LARGO = "Es demasiado texto para guardarlo: acórtelo. Cada pregunta dice cuánto cabe.";
  const RECHAZADO = "No se pudo guardar. Presione «Guardar y seguir» para ver por qué.";

  // --- Las copias: una por borrador, sección y página abierta, para que dos pestañas no se pisen ---
  const almacen = (() => {
    try {
      return window.localStorage;
    } catch {
      return null; // el navegador lo prohíbe: se sigue sin copias
    }
  })();
  const claves = (prefijo) => (almacen ? Object.keys(almacen).filter((c) => c.startsWith(PREFIJO + prefijo)) : []);
  const leer = (clave) => {
    try {
      return JSON.parse(almacen.getItem(clave));
    } catch {
      return null;
    }
  };
  const borrar = (clave) => almacen && almacen.removeItem(clave);
  for (const clave of claves("")) {
    const copia = leer(clave);
    if (!copia || !(Date.now() - copia.cuando < DIAS * 86400e3)) borrar(clave);
  }
  const olvidar = document.querySelector("[data-olvidar]");
  if (olvidar) claves(`${olvidar.dataset.olvidar}:`).forEach(borrar);

  const avisar = document.querySelector("template#copias");
  if (avisar) {
    const con = new Set(claves(`${avisar.dataset.copia}:`).map((c) => c.split(":")[2]));
    const caja = avisar.content.cloneNode(true);
    for (const linea of caja.querySelectorAll("[data-seccion]")) if (!con.has(linea.dataset.seccion)) linea.remove();
    if (con.size) avisar.replaceWith(caja);
  }

  // --- La sección que se está llenando ---
  const formulario = document.querySelector("form[data-copia]");
  if (!formulario) return;
  const franja = document.querySelector(".franja");
  const estado = franja.querySelector("[role=status]");
  const clave = `${PREFIJO}${formulario.dataset.copia}:${Date.now().toString(36)}`;

  // Lo escrito, tal como lo mandaría el botón: las líneas nuevas también viajan como CRLF.
  const pares = (de = formulario) =>
    [...new FormData(de)]
      .filter(([n]) => /^[cg]\.|^mostrado$/.test(n))
      .map(([n, v]) => [n, v.replace(/\r?\n/g, "\r\n")]);
  const texto = (lista) => JSON.stringify(lista.filter(([n, v]) => n !== "mostrado" && v !== ""));
  // Lo guardado es lo que mandó el servidor: antes de que cargara este script ya se pudo escribir.
  const original = formulario.cloneNode(true);
  original.reset();
  let guardado = texto(pares(original));
  const sucio = () => texto(pares()) !== guardado;

  const decir = (frase, mal) => {
    if (estado.textContent !== frase) estado.textContent = frase;
    franja.classList.toggle("mal", mal);
  };
  // Lo de una entrevista es de otra persona: al salir de la sesión no queda copia. Las de otras pantallas las borra el servidor.
  let saliendo = false;
  const salida = "entrevista" in formulario.dataset && document.querySelector('form[action$="/salir"]');
  if (salida) salida.addEventListener("submit", () => { saliendo = true; });
  // La copia de lo que falta guardar; dice si está a salvo.
  const copiar = () => {
    if (saliendo || !sucio()) return true;
    try {
      almacen.setItem(clave, JSON.stringify({ cuando: Date.now(), pares: pares() }));
      return true;
    } catch {
      return false; // lleno o prohibido
    }
  };

  let reloj = 0;
  let fallas = 0;
  let detenido = "conflicto" in formulario.dataset;
  let vuelo = null;
  let enviando = false;

  const mandar = async (lista) => {
    const cuerpo = new URLSearchParams(lista);
    for (const n of ["csrf_token", "base", "quitadas", "version"]) cuerpo.append(n, formulario.elements[n].value);
    cuerpo.append("accion", "anotar");
    const corte = new AbortController();
    const limite = setTimeout(() => corte.abort(), TOPE);
    try {
      const respuesta = await fetch(formulario.action, { method: "POST", body: cuerpo, signal: corte.signal });
      const json = (respuesta.headers.get("Content-Type") || "").includes("json");
      return { codigo: respuesta.status, dicho: json ? await respuesta.json() : {} };
    } catch {
      return { codigo: 0, dicho: {} };
    } finally {
      clearTimeout(limite);
    }
  };

  const sinAlcance = (codigo) => {
    const copiado = copiar();
    decir(!copiado ? SIN_NADA : codigo ? SIN_SERVIDOR : SIN_RED, true);
    const espera = ESPERAS[Math.min(fallas, ESPERAS.length - 1)];
    fallas += 1;
    programar(espera * 1000);
  };

  // Sí: quedó en el servidor. No: sigue solo aquí.
  const intentar = async () => {
    const lista = pares();
    const { codigo, dicho } = await mandar(lista);
    if (dicho.base) {
      formulario.elements.base.value = dicho.base;
      formulario.elements.quitadas.value = dicho.quitadas;
      guardado = texto(lista);
      fallas = 0;
      borrar(clave);
      decir(dicho.mensaje, codigo !== 200);
      if (sucio()) programar(PAUSA);
      return true;
    }
    if (codigo === 0 || codigo >= 500 || codigo === 429) {
      sinAlcance(codigo);
      return false;
    }
    // Mandarlo con el botón sería perderlo: se queda en la pantalla hasta que se acorte.
    detenido = codigo !== 413;
    decir(detenido ? dicho.mensaje || RECHAZADO : MUY_LARGO, true);
    return false;
  };
  const guardar = () => {
    clearTimeout(reloj);
    if (!sucio()) fallas = 0;
    if (detenido || enviando || !sucio()) return vuelo || Promise.resolve(!detenido);
    vuelo = vuelo || intentar().finally(() => { vuelo = null; });
    return vuelo;
  };
  const programar = (ms) => {
    clearTimeout(reloj);
    if (!detenido) reloj = setTimeout(guardar, ms);
  };

  formulario.addEventListener("input", () => {
    if (!fallas) return programar(PAUSA);
    if (!copiar()) decir(SIN_NADA, true); // sin red: el reintento ya está programado
  });
  formulario.addEventListener("focusout", (e) => {
    // Hacia un botón no: ese ya guarda.
    if (!fallas && !(e.relatedTarget instanceof HTMLButtonElement)) guardar();
  });
  window.addEventListener("offline", () => detenido || sinAlcance(0));
  window.addEventListener("online", () => {
    if (!detenido && !sucio()) decir(VOLVIO, false);
    guardar();
  });
  window.addEventListener("pagehide", copiar);

  // Un guardado en vuelo y el envío del formulario no se cruzan: primero llega lo escrito, después el botón.
  let esperando = false;
  const esperar = (si) => {
    esperando = si;
    formulario.setAttribute("aria-busy", String(si));
  };
  formulario.addEventListener("submit", async (e) => {
    if (enviando || detenido || (!vuelo && !sucio() && navigator.onLine)) return; // no hay qué esperar
    e.preventDefault();
    if (esperando) return; // otro clic
    esperar(true);
    if (vuelo) await vuelo;
    const llego = await guardar();
    if (!detenido && !(llego && navigator.onLine)) {
      if (llego) decir(SIN_RED, true);
      return esperar(false);
    }
    enviando = true;
    formulario.requestSubmit(e.submitter);
  });
  window.addEventListener("pageshow", () => {
    enviando = false;
    esperar(false);
  });

  if (sucio()) programar(PAUSA); // lo que se escribió antes de que cargara este script

  // --- Lo que quedó sin guardar la vez anterior ---
  const molde = document.querySelector("template#copia");
  const aLas = (cuando, opciones) =>
    new Intl.DateTimeFormat("es-CL", { timeZone: "America/Santiago", ...opciones }).format(cuando);
  const ofrecer = (vieja, copia) => {
    const caja = molde.content.firstElementChild.cloneNode(true);
    const hora = aLas(copia.cuando, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    caja.querySelector("span").textContent = `${hora} del ${aLas(copia.cuando, { dateStyle: "short" })}`;
    const botones = caja.querySelectorAll("button");
    const cerrar = () => {
      borrar(vieja);
      caja.remove();
      document.getElementById("contenido").focus();
    };
    botones[1].addEventListener("click", cerrar);
    botones[0].addEventListener("click", async () => {
      if (vuelo) await vuelo;
      const { codigo, dicho } = await mandar(copia.pares);
      if (!dicho.base) return decir(dicho.mensaje || (codigo ? RECHAZADO : SIN_RED), true);
      cerrar();
      guardado = texto(pares()); // lo de esta página queda reemplazado por lo recuperado
      location.replace(formulario.action);
    });
    molde.after(caja);
  };
  for (const vieja of claves(`${formulario.dataset.copia}:`)) {
    const copia = leer(vieja);
    if (vieja === clave || !copia) continue;
    if (texto(copia.pares) === guardado) borrar(vieja);
    else ofrecer(vieja, copia);
  }
})();
