// What a finding looks like: its row, and what opens below it.

const table = document.getElementById("list");
const scanned = table ? Date.parse(table.dataset.scan) : 0;

function age(time) {
  const days = Math.floor((scanned - Date.parse(time)) / 86400000);
  return days < 1 ? "in this scan" : plural(days, "day") + " ago";
}

function rowOf(id) {
  const severity = cell("severity", id);
  const state = cell("standing", id);
  const name = cell("name", id) || cell("key", id);
  const open = make("button", { type: "button", class: "open", "aria-expanded": "false" }, isolated(full("message", id)));
  const row = make("tr", { role: "row", class: "row" },
    column("c-severity", make("b", { class: severity }, severity), make("small", state === "new" ? { class: "fresh" } : {}, state === "unconfirmed" ? "not confirmed" : state)),
    column("c-what", open, make("small", { class: "mono" }, isolated(cell("rule", id)))),
    column("c-asset", make("span", null, isolated(name)), make("small", { class: "mono" }, isolated(cell("key", id)))),
    column("c-where", make("span", null, isolated(cell("account", id) || "–")), make("small", null, isolated(cell("region", id)))),
    column("c-owner", make("span", null, isolated(cell("owner", id) || "–"))),
    column("c-first", make("span", null, day(cell("first", id))), make("small", null, age(cell("first", id)))));
  row.dataset.id = id;
  return row;
}

const column = (name, ...children) => make("td", { role: "cell", class: name }, ...children);

function detailOf(id) {
  const inside = make("td", { role: "cell" }, make("p", { class: "message" }, isolated(full("message", id))));
  const rule = rules.get(cell("rule", id));
  if (rule) inside.append(make("p", { class: "help" }, isolated(rule.help)));
  if (differences.has(id)) inside.append(make("h3", null, "Declared and actual"), sides(differences.get(id)));
  const fix = full("fix", id);
  if (fix) inside.append(make("h3", null, "Fix"), copyBox(fix));
  const evidence = full("evidence", id);
  if (evidence) inside.append(make("h3", null, "Evidence"), make("ul", { class: "evidence" }, ...evidence.split("\n").map((e) => make("li", null, isolated(e)))));
  inside.append(facts(id));
  return make("tr", { role: "row", class: "detail", id: "detail-" + id }, inside);
}

// rules holds what the rules' own section says of each.
const rules = new Map([...document.querySelectorAll("#rules [data-rule]")].map((row) => [row.dataset.rule, {
  title: row.querySelector(".title").textContent, help: row.querySelector(".help").textContent,
}]));

function sides(list) {
  const head = make("tr", null, ...["Attribute", "Declared", "Actual"].map((t) => make("th", { scope: "col" }, t)));
  const body = list.map(([attribute, declared, actual, secret, elements]) => make("tr", null,
    make("th", { scope: "row", class: "mono" }, isolated(attribute)), ...values(declared, actual, secret, elements)));
  return make("table", { class: "sides" }, make("thead", null, head), make("tbody", null, ...body));
}

// values are the cells of both sides. Lists and objects are told element by element, with the whole of both sides folded away; of a
// secret that changed there is nothing to show.
function values(declared, actual, secret, elements) {
  if (elements) {
    const whole = make("details", null, make("summary", null, "Both sides whole"), folded("Declared", declared), folded("Actual", actual));
    return [make("td", { colspan: 2 }, make("ul", { class: "elements" }, ...elements.map(elementOf)), whole)];
  }
  if (secret && declared !== null && actual !== null) return [make("td", { colspan: 2 }, make("i", null, "changed (secret)"))];
  return [side(declared, actual), side(actual, declared)];
}

const folded = (name, value) => make("p", null, make("b", null, name + ": "), isolated(value));

function elementOf([change, path, declared, actual]) {
  if (change === "more") return make("li", null, "and " + path + " more");
  const item = make("li", null, change + " ");
  if (path) item.append(make("b", null, isolated(path)), " ");
  if (change === "changed" || change === "removed") item.append(make("del", null, isolated(declared)), " ");
  if (change === "changed" || change === "added") item.append(make("ins", null, isolated(actual)));
  return item;
}

// foldedFrom is how many characters of a value are shown before the rest is folded away.
const foldedFrom = 400;

// side is one value, with what differs from the other marked: all between the common beginning and the common end.
function side(value, other) {
  if (value === null) return make("td", null, make("i", null, "not there"));
  if (value === "") return make("td", null, make("i", null, "empty"));
  if (other === null) return make("td", null, make("mark", null, isolated(value)));
  const a = [...value];
  const b = [...other];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const text = (from, to) => a.slice(from, to).join("");
  const box = isolated(text(0, start));
  if (start < a.length - end) box.append(make("mark", null, text(start, a.length - end)));
  box.append(text(a.length - end, a.length));
  if (a.length <= foldedFrom) return make("td", null, box);
  return make("td", null, make("details", null, make("summary", null, text(0, 80) + "… (" + thousands(a.length) + " characters)"), box));
}

function facts(id) {
  const pairs = [
    ["Key", cell("key", id), "mono"], ["Type", cell("type", id)], ["Rule", ruleTitle(id)], ["Book and source", [cell("book", id), cell("source", id)].filter(Boolean).join(", ")],
    ["Account and region", [cell("account", id), cell("region", id)].filter(Boolean).join(", ")], ["Owner", cell("owner", id) || "nobody knows"], ["Who and when", cell("who", id)],
    ["File", cell("file", id), "mono"], ["Address", cell("address", id), "mono"], ["Module", cell("module", id), "mono"], ["Cause", label("group", cell("group", id))], ["First seen", instant(cell("first", id))],
    ["Last seen", instant(cell("last", id)) + (cell("confirmed", id) === "false" ? ", not confirmed since" : "")], ["Fingerprint", cell("fingerprint", id), "mono"],
  ];
  const link = make("a", { href: "#?" + new URLSearchParams({ q: cell("fingerprint", id), state: standings.join(",") }) }, "Link to this finding");
  return make("dl", { class: "facts" }, ...pairs.filter(([, value]) => value).map(([name, value, style]) => make("div", null, make("dt", null, name), make("dd", style ? { class: style } : {}, isolated(value)))),
    make("div", null, make("dt", null, "Share"), make("dd", null, link)));
}

function ruleTitle(id) {
  const rule = rules.get(cell("rule", id));
  return cell("rule", id) + (rule && rule.title ? ": " + rule.title : "");
}

function copyBox(text) {
  const pre = make("pre", null, isolated(text));
  const button = make("button", { type: "button", class: "quiet" }, "Copy");
  button.addEventListener("click", () => copy(text, pre).then((done) => { button.textContent = done ? "Copied" : "Press Ctrl+C"; }));
  return make("div", { class: "copy" }, pre, button);
}

// copy falls back to selecting the text where the browser keeps the clipboard from a page.
function copy(text, element) {
  const select = () => {
    getSelection().selectAllChildren(element);
    return document.execCommand("copy");
  };
  return navigator.clipboard ? navigator.clipboard.writeText(text).then(() => true, select) : Promise.resolve(select());
}
