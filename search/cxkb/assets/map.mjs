// The concept map comes alive: zoom and pan, a walk by arrow keys, what a concept is related to, groups as a filter.
// Without this script the drawing is still a picture of links, and the page's list says the same.

const CLOSEST = 220; // units of the drawing across, at most zoom
const LEGIBLE = 0.75; // pixels a unit at which names of concepts are read well
const FAR = 0.55; // pixels a unit below which they cannot be read, and are hidden
const INTENT = 80; // milliseconds over a concept before it is picked: on the way to the panel one crosses others
const CLICK = 5; // pixels a pointer may move in a click
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let current = null; // the map of the page shown; Material's instant navigation replaces pages without loading scripts anew

function start(figure) {
  const svg = figure.querySelector("svg");
  const { x: left, y: top, width, height } = svg.viewBox.baseVal;
  const whole = { x: left, y: top, width, height };
  const nodes = new Map();
  for (const link of svg.querySelectorAll(".cxkb-node")) {
    const circle = link.querySelector("circle");
    const title = link.querySelector("title"); // a tooltip, which the panel makes superfluous
    const heading = document.getElementById(`list-${link.id}`);
    const name = heading.querySelector("a").textContent;
    nodes.set(link.id, {
      link, heading, name, definition: title.textContent.slice(name.length + 2),
      x: circle.cx.baseVal.value, y: circle.cy.baseVal.value, r: circle.r.baseVal.value,
    });
    link.setAttribute("aria-label", link.textContent.replace(title.textContent, "").trim()); // shown only when zoomed in
    link.setAttribute("tabindex", "-1");
    title.remove();
  }
  const edges = [...svg.querySelectorAll(".cxkb-edge")];
  const busiest = [...nodes.values()].reduce((a, b) => (b.r > a.r ? b : a));
  busiest.link.setAttribute("tabindex", "0");

  // --- what is seen: always in the proportions of the window ---
  let view = null;
  let moving = 0;
  function allowed(across) {
    return Math.min(Math.max(across, CLOSEST), Math.max(width, height * svg.clientWidth / svg.clientHeight));
  }
  function show(next) {
    const across = allowed(next.width);
    const down = across * svg.clientHeight / svg.clientWidth;
    const inside = (at, span, from, size) => span >= size ? from + (size - span) / 2 : Math.min(Math.max(at, from), from + size - span);
    view = { x: inside(next.x, across, left, width), y: inside(next.y, down, top, height), width: across, height: down };
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    svg.classList.toggle("is-far", svg.clientWidth / across < FAR);
  }
  function glide(next) {
    cancelAnimationFrame(moving);
    if (calm.matches) return show(next);
    const from = view;
    let begun;
    const step = (now) => {
      begun ??= now;
      const t = Math.min((now - begun) / 250, 1), part = t * (2 - t);
      show(Object.fromEntries(Object.keys(from).map((key) => [key, from[key] + (next[key] - from[key]) * part])));
      if (t < 1) moving = requestAnimationFrame(step);
    };
    moving = requestAnimationFrame(step);
  }
  function around(x, y, across) {
    const down = across * svg.clientHeight / svg.clientWidth;
    return { x: x - across / 2, y: y - down / 2, width: across, height: down };
  }
  function home() { // all of it where that can be read, else its busiest part
    const fitting = allowed(Infinity);
    const legible = svg.clientWidth / LEGIBLE;
    return legible < fitting * 0.8 ? around(busiest.x, busiest.y, legible) : { ...whole, width: fitting };
  }
  function point({ clientX, clientY }) {
    const box = svg.getBoundingClientRect();
    return { x: view.x + (clientX - box.left) / box.width * view.width, y: view.y + (clientY - box.top) / box.height * view.height };
  }
  function zoomed(by, at = { x: view.x + view.width / 2, y: view.y + view.height / 2 }) {
    const across = allowed(view.width / by);
    const scale = across / view.width;
    return { x: at.x - (at.x - view.x) * scale, y: at.y - (at.y - view.y) * scale, width: across, height: view.height * scale };
  }

  // --- what is picked: a concept, its relations and neighbours ---
  const panel = element("aside", { class: "cxkb-map-panel", "aria-live": "polite", "aria-label": "About the concept" });
  let picked = null;
  function pick(id) {
    if (id === picked) return;
    picked = id;
    const near = new Set([id]);
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      const on = from === id || to === id;
      edge.classList.toggle("is-on", on);
      if (on) near.add(from).add(to);
    }
    for (const [other, { link }] of nodes) {
      link.classList.toggle("is-on", near.has(other));
      link.classList.toggle("is-picked", other === id);
    }
    svg.classList.toggle("is-picking", id !== null);
    panel.replaceChildren();
    if (id === null) return;
    const { link, heading, name, definition, x } = nodes.get(id);
    const title = element("p", { class: "cxkb-map-title" });
    title.append(element("a", { href: heading.querySelector("a").href }, name));
    const relations = heading.nextElementSibling?.matches("ul") ? heading.nextElementSibling.cloneNode(true) : "";
    panel.append(title, element("p", {}, definition), relations);
    panel.dataset.group = link.dataset.group;
    panel.classList.toggle("is-left", x > view.x + view.width * 0.6); // never upon the concept itself
  }
  function focus(id) {
    const { link, x, y } = nodes.get(id);
    for (const { link: other } of nodes.values()) other.setAttribute("tabindex", other === link ? "0" : "-1");
    link.focus({ preventScroll: true });
    const margin = view.width * 0.1;
    if (x < view.x + margin || x > view.x + view.width - margin || y < view.y + margin || y > view.y + view.height - margin) {
      glide(around(x, y, Math.min(view.width, Math.max(svg.clientWidth / LEGIBLE, CLOSEST))));
    }
  }
  function nearest(id, dx, dy) {
    const here = nodes.get(id);
    let best = null, least = Infinity;
    for (const [other, { x, y, link }] of nodes) {
      const along = (x - here.x) * dx + (y - here.y) * dy;
      const across = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
      if (along > 0 && along >= across * 0.5 && along + 2 * across < least && !link.classList.contains("is-off")) {
        [best, least] = [other, along + 2 * across];
      }
    }
    return best;
  }

  // --- pointers: one drags, two pinch; a wheel zooms once the map has been clicked, so that pages can be scrolled ---
  const down = new Map();
  let dragged = false, tapping = null, intent = 0; // tapping: what a finger finds picked when it comes down
  svg.addEventListener("pointerdown", (event) => {
    tapping = event.pointerType === "touch" ? { picked } : null;
    if (event.button !== 0) return;
    if (!down.size) dragged = false;
    down.set(event.pointerId, event);
    if (!event.target.closest(".cxkb-node")) svg.focus({ preventScroll: true });
  });
  svg.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return;
    if (!dragged && down.size === 1 && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < CLICK) return;
    if (!dragged) cancelAnimationFrame(moving);
    dragged = true;
    svg.setPointerCapture(event.pointerId);
    const other = [...down.values()].find((one) => one.pointerId !== event.pointerId);
    const a = point(before), b = point(event);
    show({ ...view, x: view.x + (a.x - b.x) / down.size, y: view.y + (a.y - b.y) / down.size });
    if (other) {
      const spread = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      const middle = { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 };
      show(zoomed(spread(event) / Math.max(spread(before), 1), point(middle)));
    }
    down.set(event.pointerId, event);
  });
  for (const type of ["pointerup", "pointercancel"]) svg.addEventListener(type, (event) => down.delete(event.pointerId));
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !svg.contains(document.activeElement)) return;
    event.preventDefault();
    cancelAnimationFrame(moving);
    show(zoomed(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), point(event)));
  }, { passive: false });
  svg.addEventListener("click", (event) => {
    const id = event.target.closest(".cxkb-node")?.id ?? null;
    if (dragged || (id && tapping && id !== tapping.picked)) event.preventDefault(); // a first tap picks, a second one opens
    if (!dragged) pick(id);
  }, { capture: true });
  svg.addEventListener("pointerover", (event) => {
    clearTimeout(intent);
    const id = event.target.closest(".cxkb-node")?.id;
    if (id && event.pointerType === "mouse" && !down.size) intent = setTimeout(pick, INTENT, id);
  });
  svg.addEventListener("pointerleave", () => clearTimeout(intent));

  // --- keys ---
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  svg.addEventListener("focusin", (event) => {
    if (nodes.has(event.target.id)) pick(event.target.id);
  });
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = nodes.has(event.target.id) ? event.target.id : null;
    if (event.key in arrows) focus(id === null ? picked ?? busiest.link.id : nearest(id, ...arrows[event.key]) ?? id);
    else if (event.key === "+" || event.key === "=") glide(zoomed(1.4));
    else if (event.key === "-") glide(zoomed(1 / 1.4));
    else if (event.key === "0") glide(home());
    else if (event.key === "Escape") {
      pick(null);
      event.target.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // --- groups ---
  const legend = figure.querySelector(".cxkb-map-legend");
  const boxes = [...legend.querySelectorAll("input")];
  function filter() {
    const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const isOff = (group) => wanted.size > 0 && !wanted.has(group);
    for (const part of svg.querySelectorAll("[data-group]")) part.classList.toggle("is-off", isOff(part.dataset.group));
    for (const edge of edges) {
      const ends = [edge.dataset.from, edge.dataset.to].map((id) => nodes.get(id).link.dataset.group);
      edge.classList.toggle("is-off", ends.some(isOff));
    }
    if (picked && isOff(nodes.get(picked).link.dataset.group)) pick(null);
    const first = [...nodes.values()].filter(({ link }) => !isOff(link.dataset.group)).reduce((a, b) => (b.r > a.r ? b : a));
    for (const { link } of nodes.values()) link.setAttribute("tabindex", link === first.link ? "0" : "-1");
  }
  for (const box of boxes) box.hidden = false;
  legend.addEventListener("change", filter);

  // --- the rest of the figure ---
  const controls = element("div", { class: "cxkb-map-controls" });
  for (const [sign, label, to] of [["+", "Zoom in", () => zoomed(1.4)], ["−", "Zoom out", () => zoomed(1 / 1.4)], ["⟲", "Reset the view", home]]) {
    const button = element("button", { type: "button", "aria-label": label, title: label }, sign);
    button.addEventListener("click", () => glide(to()));
    controls.append(button);
  }
  const help = "Drag to move the map; click it, then scroll to zoom. On a keyboard, arrow keys go from concept to concept, Enter opens one, Escape leaves; + and − zoom, 0 resets.";
  svg.setAttribute("tabindex", "-1");
  svg.parentElement.append(controls, panel);
  figure.append(element("figcaption", {}, help));
  figure.classList.add("is-live");
  show(home());
  const paper = matchMedia("print"); // shows all of it, in its own proportions
  function fit() {
    cancelAnimationFrame(moving);
    if (paper.matches) svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
    else show(view);
  }
  paper.addEventListener("change", fit);
  new ResizeObserver(fit).observe(svg);

  return function follow() { // #three-ps leads to that concept
    const id = decodeURIComponent(location.hash.slice(1));
    if (!nodes.has(id)) return;
    focus(id);
    nodes.get(id).link.scrollIntoView({ block: "center" });
  };
}

function element(name, attributes, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function bind() {
  const figure = document.querySelector(".cxkb-map:has(svg)");
  if (!figure || figure === current?.figure) return;
  current = { figure, follow: start(figure) };
  current.follow();
}

addEventListener("hashchange", () => current?.figure.isConnected && current.follow());
if (window.document$) window.document$.subscribe(bind); // Material: now, and after every instant navigation
else bind(); // a module runs when the page has been read
