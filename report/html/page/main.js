// The controls: they turn what a person does into a filter, and a filter into the list and the address.

let filter = emptyFilter();
const linkWords = "Copy link to this list";
const by = (id) => document.getElementById(id);

function refresh() {
  list.ids = matching(filter);
  list.active = 0;
  table.setAttribute("aria-rowcount", list.ids.length + 1);
  by("count").textContent = plural(list.ids.length, "finding") + (list.ids.length === count ? "" : " of " + thousands(count));
  by("nothing").hidden = list.ids.length > 0;
  table.hidden = list.ids.length === 0;
  by("clear").hidden = by("link").hidden = filterHash(filter) === "";
  by("link").textContent = linkWords;
  // Who has scrolled far down is brought to the new list's top.
  const top = by("filters").getBoundingClientRect().top - barHeight();
  if (top < 0) scrollBy({ top, behavior: "instant" });
  draw();
}

// change takes over what the controls say.
function change() {
  filter.q = by("q").value.trim();
  filter.severity = picked("severity");
  filter.state = picked("state");
  filter.pick = {};
  for (const name of selects) {
    const i = by("f-" + name).value;
    if (i !== "") filter.pick[name] = columns[name].texts[i];
  }
  filter.age = by("f-age").value;
  keepAddress();
  refresh();
}

const picked = (name) => [...document.querySelectorAll("#f-" + name + " :checked")].map((box) => box.value);

function keepAddress() {
  const hash = filterHash(filter);
  if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname + location.search);
}

// reflect makes the controls say what the filter holds.
function reflect() {
  by("q").value = filter.q;
  for (const name of ["severity", "state"]) {
    for (const box of document.querySelectorAll("#f-" + name + " input")) box.checked = filter[name].includes(box.value);
  }
  for (const name of selects) {
    const i = name in filter.pick ? columns[name].texts.indexOf(filter.pick[name]) : -1;
    by("f-" + name).value = i < 0 ? "" : String(i);
  }
  by("f-age").value = filter.age;
  for (const head of document.querySelectorAll("#list [data-sort]")) {
    if (head.dataset.sort === filter.sort) head.setAttribute("aria-sort", filter.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

function fromAddress() {
  if (!location.hash.startsWith("#?")) return false;
  filter = parseFilter(location.hash);
  reflect();
  refresh();
  if (list.ids.length === 1 && !list.open.has(list.ids[0])) toggle(list.ids[0]);
  by("findings").scrollIntoView({ behavior: "instant" });
  by("findings").focus({ preventScroll: true });
  return true;
}

function addPicks(name, texts, words) {
  const numbers = new Map();
  const { rows, texts: all } = columns[name === "state" ? "standing" : name];
  for (let id = 0; id < count; id++) numbers.set(all[rows[id]], (numbers.get(all[rows[id]]) || 0) + 1);
  const boxes = texts.map((t) => make("label", null, make("input", { type: "checkbox", value: t }),
    make("b", name === "severity" ? { class: t } : {}, words[t] || t), make("span", null, thousands(numbers.get(t) || 0))));
  by("f-" + name).append(make("div", { class: "picks" }, ...boxes));
}

function addOptions(name) {
  const { texts, rows } = columns[name];
  const numbers = new Int32Array(texts.length);
  for (let id = 0; id < count; id++) numbers[rows[id]]++;
  const order = [...texts.keys()].sort((a, b) => (label(name, texts[a]) < label(name, texts[b]) ? -1 : 1));
  by("f-" + name).append(make("option", { value: "" }, "All"), ...order.map((i) =>
    make("option", { value: i }, (label(name, texts[i]) || "(none)").slice(0, 80) + "  (" + thousands(numbers[i]) + ")")));
}

// label is what a text of a column is called: a group by what its findings have in common.
const label = (name, text) => (name === "group" && Object.hasOwn(data.groups, text) ? data.groups[text] : text);

function addSort(head) {
  const button = make("button", { type: "button" }, head.textContent);
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const name = head.dataset.sort;
    const first = name === "severity"; // severity starts with the worst, all else with the smallest
    if (filter.sort !== name) Object.assign(filter, { sort: name, down: first });
    else if (filter.down === first) filter.down = !first;
    else Object.assign(filter, { sort: "", down: false });
    reflect();
    keepAddress();
    refresh();
  });
}

function onKey(event) {
  const typing = event.target.closest?.("input, select, textarea");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    by("q").focus();
  }
  if (event.key === "Escape" && event.target === by("q")) {
    by("q").value = "";
    change();
  }
}

function startFilters() {
  addPicks("severity", [...severities].reverse(), {});
  addPicks("state", standings, { unconfirmed: "not confirmed" });
  selects.forEach(addOptions);
  by("f-age").append(make("option", { value: "" }, "Any time"), ...[...ages].map(([value, age]) => make("option", { value }, age.words)));
  document.querySelectorAll("#list [data-sort]").forEach(addSort);
  const bar = by("filters");
  bar.hidden = false;
  bar.addEventListener("input", change);
  by("clear").addEventListener("click", () => {
    filter = emptyFilter();
    reflect();
    keepAddress();
    refresh();
    by("q").focus();
  });
  by("link").addEventListener("click", () => {
    const say = (done) => { by("link").textContent = done ? "Link copied" : "Copy it from the address bar"; };
    if (navigator.clipboard) navigator.clipboard.writeText(location.href).then(() => say(true), () => say(false));
    else say(false);
  });
  addEventListener("keydown", onKey);
  addEventListener("hashchange", fromAddress);
}

function startTheme() {
  const root = document.documentElement;
  const button = by("theme");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  const say = () => button.setAttribute("aria-pressed", dark());
  try {
    const kept = localStorage.getItem("muster-theme");
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch { /* some browsers keep storage from files; the page then follows the system */ }
  button.hidden = false;
  say();
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try {
      localStorage.setItem("muster-theme", root.dataset.theme);
    } catch { /* as above: the choice lasts as long as the page */ }
    say();
  });
}

// getReady does one task after the other whenever the page has nothing else to do, so that the first search and the first
// sort find their tables made and their code compiled.
function getReady(tasks) {
  if (!tasks.length) return;
  (window.requestIdleCallback || setTimeout)(() => {
    tasks[0]();
    getReady(tasks.slice(1));
  });
}

startTheme();
if (table) {
  startList();
  startFilters();
  reflect();
  if (!fromAddress()) refresh();
  const trial = { ...emptyFilter(), q: "trial search" };
  getReady([...searched.map((name) => () => lowered(name)), ...sortable.map((name) => () => ranksOf(name)), () => matching(trial)]);
}
