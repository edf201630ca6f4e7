// A short list is drawn whole, so that the browser's own search finds everything. Of a long one only the rows in sight are
// drawn, between two spacers that keep the page as long as all rows would make it. Rows have one height; an open detail
// has its own, which is measured once it is drawn.

const rowsBody = document.getElementById("rows");
const overscan = 600; // pixels drawn beyond either end of the window
const short = 300; // rows
const printed = 500; // rows

const list = { ids: new Int32Array(0), open: new Map(), nodes: new Map(), active: 0, height: 50, printing: false };
// The page's bar sticks to the top of wide windows and covers what lies below it.
const topBar = document.querySelector(".top");
const barHeight = () => (getComputedStyle(topBar).position === "sticky" ? topBar.offsetHeight : 0);
// Narrow windows hide columns; what spans all of them spans those that are left.
const spanned = () => [...table.tHead.rows[0].cells].filter((c) => getComputedStyle(c).display !== "none").length;
const spacers = [0, 1].map(() => make("tr", { class: "spacer", "aria-hidden": "true" }, make("td", null)));

// opened lists the open details in sight of the filter, as pairs of position and height, in order.
function opened() {
  return [...list.open].map(([id, height]) => [list.ids.indexOf(id), height]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0]);
}

function offsetOf(at, details) {
  let y = at * list.height;
  for (const [p, height] of details) if (p < at) y += height;
  return y;
}

// positionAt is the row at a height below the list's top; a detail belongs to the row above it.
function positionAt(y, details) {
  for (const [p, height] of details) {
    const below = (p + 1) * list.height;
    if (y < below) break;
    if (y < below + height) return p;
    y -= height;
  }
  return Math.max(0, Math.min(list.ids.length, Math.floor(y / list.height)));
}

function draw() {
  const details = opened();
  let from = 0;
  let to = Math.min(list.ids.length, printed);
  if (!list.printing && list.ids.length > short) {
    const top = rowsBody.getBoundingClientRect().top;
    from = positionAt(-top - overscan, details);
    to = Math.min(list.ids.length, positionAt(innerHeight - top + overscan, details) + 1);
  }
  place(from, to);
  const span = spanned();
  for (const wide of rowsBody.querySelectorAll(":scope > .spacer > td, :scope > .detail > td")) wide.colSpan = span;
  spacers[0].firstChild.style.height = offsetOf(from, details) + "px";
  spacers[1].firstChild.style.height = (list.printing ? 0 : offsetOf(list.ids.length, details) - offsetOf(to, details)) + "px";
  measure();
}

// place makes the body hold exactly the rows of these positions. Nodes that stay are not moved, so that focus stays too.
function place(from, to) {
  const wanted = new Set(list.ids.subarray(from, to));
  for (const [id, node] of list.nodes) {
    if (wanted.has(id)) continue;
    node.row.remove();
    node.detail?.remove();
    list.nodes.delete(id);
  }
  let next = spacers[0].nextSibling;
  const put = (element) => {
    if (element === next) next = next.nextSibling;
    else rowsBody.insertBefore(element, next);
  };
  const tabbable = list.active >= from && list.active < to ? list.active : from;
  for (let at = from; at < to; at++) {
    const node = nodeOf(list.ids[at]);
    node.row.setAttribute("aria-rowindex", at + 2);
    node.button.tabIndex = at === tabbable ? 0 : -1;
    put(node.row);
    if (node.detail) put(node.detail);
  }
}

function nodeOf(id) {
  let node = list.nodes.get(id);
  if (!node) {
    const row = rowOf(id);
    node = { row, button: row.querySelector(".open") };
    list.nodes.set(id, node);
  }
  const isOpen = list.open.has(id);
  if (isOpen && !node.detail) node.detail = detailOf(id);
  if (!isOpen && node.detail) {
    node.detail.remove();
    node.detail = null;
  }
  node.row.classList.toggle("expanded", isOpen);
  node.button.setAttribute("aria-expanded", isOpen);
  if (isOpen) node.button.setAttribute("aria-controls", "detail-" + id);
  else node.button.removeAttribute("aria-controls");
  return node;
}

// measure learns the true heights and draws once more if they are not those that the spacers were made with.
function measure() {
  if (list.printing) return;
  let wrong = false;
  for (const [id, node] of list.nodes) {
    const height = node.row.getBoundingClientRect().height;
    if (height && Math.abs(height - list.height) > 0.1) {
      list.height = height;
      wrong = true;
    }
    const detail = node.detail?.getBoundingClientRect().height;
    if (detail && Math.abs(detail - list.open.get(id)) > 0.5) {
      list.open.set(id, detail);
      wrong = true;
    }
    if (wrong && !node.detail) break;
  }
  if (wrong && !list.settling) {
    list.settling = true;
    draw();
    list.settling = false;
  }
}

function toggle(id) {
  if (!list.open.delete(id)) list.open.set(id, 300);
  list.active = Math.max(0, list.ids.indexOf(id));
  draw();
}

// show brings a row into sight and gives it the focus.
function show(at) {
  list.active = Math.max(0, Math.min(list.ids.length - 1, at));
  const details = opened();
  const top = rowsBody.getBoundingClientRect().top + offsetOf(list.active, details);
  const covered = barHeight() + table.tHead.getBoundingClientRect().height; // both stick to the window's top
  if (top < covered) scrollBy({ top: top - covered, behavior: "instant" });
  else if (top + list.height > innerHeight) scrollBy({ top: top + list.height - innerHeight, behavior: "instant" });
  draw();
  list.nodes.get(list.ids[list.active])?.button.focus({ preventScroll: true });
}

function onRowKey(event) {
  if (!event.target.classList.contains("open")) return;
  const at = list.ids.indexOf(Number(event.target.closest("tr").dataset.id));
  const targets = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.ids.length - 1 };
  if (!(event.key in targets) || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  show(targets[event.key]);
}

function onRowClick(event) {
  const row = event.target.closest("tr.row");
  if (row && !String(getSelection())) toggle(Number(row.dataset.id));
}

function startList() {
  document.querySelectorAll(".static").forEach((e) => e.remove());
  rowsBody.append(...spacers);
  rowsBody.addEventListener("click", onRowClick);
  rowsBody.addEventListener("keydown", onRowKey);
  rowsBody.addEventListener("toggle", draw, true); // what unfolds within a detail makes it higher
  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
}

function print(on) {
  list.printing = on;
  const note = document.getElementById("print-note");
  note.hidden = !on || list.ids.length <= printed;
  note.textContent = "The first " + thousands(printed) + " of " + plural(list.ids.length, "finding") + " that the filters show.";
  draw();
}
