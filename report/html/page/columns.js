// The findings as columns: texts holds each distinct text once, rows the number of one for each finding.

const block = document.getElementById("data");
const data = JSON.parse(block.textContent);
block.remove();
const count = data.count;
const columns = data.columns;
columns.standing = standing();

// standing tells apart what is open and confirmed from what stays open only because nobody could look.
function standing() {
  const texts = ["new", "open", "unconfirmed", "resolved"];
  const states = columns.state.texts.map((t) => Math.max(texts.indexOf(t), 0));
  const doubt = columns.confirmed.texts.map((t) => t === "false");
  const rows = new Uint8Array(count);
  for (let id = 0; id < count; id++) {
    const state = states[columns.state.rows[id]];
    rows[id] = state !== 3 && doubt[columns.confirmed.rows[id]] ? 2 : state;
  }
  return { texts, rows };
}

const cell = (name, id) => columns[name].texts[columns[name].rows[id]];

// full is a cell with the asset's name and key in place of their placeholders.
function full(name, id) {
  const key = cell("key", id);
  const tail = key.slice(Math.max(key.lastIndexOf("/"), key.lastIndexOf(":"), key.lastIndexOf("#")) + 1);
  const held = ["", cell("name", id), key, tail];
  return cell(name, id).replace(/[\x01\x02\x03]/g, (c) => held[c.charCodeAt(0)]);
}

const differences = new Map(data.diffs.rows.map((id, i) => [id, data.diffs.lists[i]]));

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// day is "2026-11-18T02:00:00Z" as 18 Nov 2026; instant has the time too.
function day(time) {
  return Number(time.slice(8, 10)) + " " + months[Number(time.slice(5, 7)) - 1] + " " + time.slice(0, 4);
}
const instant = (time) => day(time) + ", " + time.slice(11, 16) + " UTC";

const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
const plural = (n, noun) => thousands(n) + " " + noun + (n === 1 ? "" : "s");

// make is an element with attributes and children; texts become text nodes, never markup.
function make(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) e.setAttribute(name, value);
  e.append(...children);
  return e;
}
const isolated = (text) => make("bdi", null, text);
