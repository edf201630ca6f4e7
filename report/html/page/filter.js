// Which findings are shown and in what order. A filter is plain data that fits into the address:
// #?q=web&severity=critical,high&rule=tags/owner&sort=-first

const severities = ["info", "low", "medium", "high", "critical"];
const standings = columns.standing.texts;
const unresolved = ["new", "open", "unconfirmed"];
const selects = ["owner", "account", "rule", "type", "source", "group"];
const sortable = ["severity", "rule", "name", "account", "owner", "first"];
const searched = ["name", "key", "message", "rule", "type", "account", "region", "owner", "source", "file", "address", "fingerprint"];

// ages are spans of time in which a finding may have been seen first, each with what a filter asks of it.
const dayOf = 86400000;
const within = (days) => () => maskOf("first", (t) => scanned - Date.parse(t) <= days * dayOf);
const before = (days) => () => maskOf("first", (t) => scanned - Date.parse(t) > days * dayOf);
const ages = new Map([
  ["since", { words: table?.dataset.since, mask: () => maskOf("fresh", (t) => t === "true") }],
  ["7d", { words: "in the last 7 days", mask: within(7) }],
  ["30d", { words: "in the last 30 days", mask: within(30) }],
  ["over30d", { words: "over 30 days ago", mask: before(30) }],
  ["over90d", { words: "over 90 days ago", mask: before(90) }],
]);

const emptyFilter = () => ({ q: "", severity: [], state: unresolved, pick: {}, age: "", sort: "", down: false });

function parseFilter(hash) {
  const p = new URLSearchParams(hash.replace(/^#\?/, ""));
  const f = emptyFilter();
  f.q = p.get("q") || "";
  f.severity = (p.get("severity") || "").split(",").filter((s) => severities.includes(s));
  if (p.has("state")) f.state = p.get("state").split(",").filter((s) => standings.includes(s));
  for (const name of selects) if (p.has(name)) f.pick[name] = p.get(name);
  if (ages.has(p.get("age"))) f.age = p.get("age");
  const sort = (p.get("sort") || "").replace(/^-/, "");
  if (sortable.includes(sort)) Object.assign(f, { sort, down: p.get("sort").startsWith("-") });
  return f;
}

function filterHash(f) {
  const p = new URLSearchParams();
  if (f.q) p.set("q", f.q);
  if (f.severity.length) p.set("severity", f.severity.join(","));
  if (f.state.join() !== unresolved.join()) p.set("state", f.state.join(","));
  for (const name of selects) if (name in f.pick) p.set(name, f.pick[name]);
  if (f.age) p.set("age", f.age);
  if (f.sort) p.set("sort", (f.down ? "-" : "") + f.sort);
  const text = p.toString();
  return text ? "#?" + text : "";
}

// matching returns the numbers of the findings that fit, in their order.
function matching(f) {
  const keep = new Uint8Array(count).fill(1);
  if (f.severity.length) narrow(keep, [maskOf("severity", (t) => f.severity.includes(t))]);
  if (f.state.length) narrow(keep, [maskOf("standing", (t) => f.state.includes(t))]);
  for (const [name, value] of Object.entries(f.pick)) narrow(keep, [maskOf(name, (t) => t === value)]);
  if (f.age) narrow(keep, [ages.get(f.age).mask()]);
  for (const word of f.q.toLowerCase().split(/\s+/).filter(Boolean)) narrow(keep, searched.map((name) => search(name, word)));
  let n = 0;
  const ids = new Int32Array(count);
  for (let id = 0; id < count; id++) if (keep[id]) ids[n++] = id;
  return f.sort ? sorted(ids.subarray(0, n), f.sort, f.down) : ids.subarray(0, n);
}

// maskOf says of each distinct text of a column whether it fits.
function maskOf(name, fits) {
  const { texts, rows } = columns[name];
  const mask = new Uint8Array(texts.length);
  let any = false;
  for (let i = 0; i < texts.length; i++) if (fits(texts[i])) any = mask[i] = 1;
  return { mask, rows, any };
}

// search finds the texts that hold a word. It looks through all texts of a column as one, in lower case, since one long text
// is lowered and searched much faster than many short ones. A NUL stands between two; no text holds one.
function search(name, word) {
  const { text, starts } = lowered(name);
  const mask = new Uint8Array(starts.length - 1);
  let any = false;
  for (let i = 0, hit = text.indexOf(word); hit >= 0; hit = text.indexOf(word, starts[i + 1])) {
    while (starts[i + 1] <= hit) i++;
    any = mask[i] = 1;
  }
  return { mask, rows: columns[name].rows, any };
}

const cases = {};
function lowered(name) {
  if (cases[name]) return cases[name];
  const n = columns[name].texts.length;
  const text = columns[name].texts.join("\0").toLowerCase();
  const starts = new Int32Array(n + 1);
  for (let i = 1; i < n; i++) starts[i] = text.indexOf("\0", starts[i - 1]) + 1;
  starts[n] = text.length + 1;
  return (cases[name] = { text, starts });
}

// narrow drops the findings that fit none of the masks.
function narrow(keep, masks) {
  const hits = new Uint8Array(count);
  for (const { mask, rows, any } of masks) {
    if (!any) continue;
    for (let id = 0; id < count; id++) hits[id] |= mask[rows[id]];
  }
  for (let id = 0; id < count; id++) keep[id] &= hits[id];
}

// sorted sorts by counting, since a column has a rank for each distinct text. Equal ones keep their order, worst first.
function sorted(ids, name, down) {
  const { rows } = columns[name];
  const ranks = ranksOf(name);
  const last = columns[name].texts.length - 1;
  const rank = (id) => (down ? last - ranks[rows[id]] : ranks[rows[id]]);
  const starts = new Int32Array(last + 2);
  for (const id of ids) starts[rank(id) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const out = new Int32Array(ids.length);
  for (const id of ids) out[starts[rank(id)]++] = id;
  return out;
}

// ranksOf sorts without a comparing function, which would be called a million times: each text carries its number.
const ranked = {};
function ranksOf(name) {
  if (ranked[name]) return ranked[name];
  const words = name === "severity" ? columns[name].texts.map((t) => severities.indexOf(t)) : lowered(name).text.split("\0");
  // Empty texts come last: nobody looks for them.
  const keys = Array.from(words, (t, i) => (t === "" ? "1" : "0") + t + "\0" + i).sort();
  const ranks = new Int32Array(keys.length);
  keys.forEach((key, rank) => { ranks[key.slice(key.lastIndexOf("\0") + 1)] = rank; });
  return (ranked[name] = ranks);
}
