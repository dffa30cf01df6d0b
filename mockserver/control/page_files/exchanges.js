// Exchanges as they come: kept to a number, drawn once a frame, filtered.

import { events } from "./api.js";
import { byId, fill, h, plain, status, time } from "./dom.js";
import { MOST_EXCHANGES, on, shortTenant, state, tell } from "./state.js";

const SHOWN = 250; // rows

export async function follow(heard) {
  const since = state.exchanges.at(-1)?.number ?? 0;
  for await (const [kind, data] of events({ outline: true, since })) {
    if (kind === "exchange") {
      add(data);
      if (isNews(data)) heard();
    } else if (kind === "skipped" && since) {
      // What was there before the page is no loss.
      state.skipped += data.skipped;
    }
  }
}

// Whether something was done to a job, it is in another state than its card says, or a fault acted.
function isNews({ job, provider, role, state: word, faults }) {
  if (faults.length) return true;
  if (!job || role !== "read") return Boolean(job);
  const card = state.jobs.find((row) => row.id === job && row.provider === provider);
  return card !== undefined && card.state !== word;
}

function add(exchange) {
  state.exchanges.push(exchange);
  if (exchange.tenant) state.tenants.add(exchange.tenant);
  if (state.exchanges.length > MOST_EXCHANGES) state.exchanges.splice(0, state.exchanges.length - MOST_EXCHANGES);
  tell("exchanges");
}

function matches(exchange) {
  const { text, status, refused, job } = state.filter;
  if (state.scope && exchange.tenant !== state.scope) return false;
  if (job && exchange.job !== job) return false;
  if (status && String(exchange.status)[0] !== status) return false;
  if (refused && exchange.refusal === null && !exchange.faults.length) return false;
  return !text || [exchange.path, exchange.meaning, exchange.model, exchange.job, exchange.provider]
    .some((value) => value?.toLowerCase().includes(text));
}

export function newest(count, chosen = matches) {
  const matching = [];
  for (let place = state.exchanges.length - 1; place >= 0 && matching.length < count; place -= 1) {
    if (chosen(state.exchanges[place])) matching.push(state.exchanges[place]);
  }
  return matching;
}

const rows = new Map();

export function row(exchange) {
  const kind = exchange.refusal !== null ? "refused" : exchange.faults.length ? "fault" : "";
  return h("li", {},
    h("button", { type: "button", className: `row ${kind}`, onclick: () => select(exchange) },
      h("time", {}, time(exchange.at)),
      status(exchange),
      h("span", { className: "target" }, h("b", {}, plain(exchange.method)), ` ${plain(exchange.path)}${exchange.query ? `?${plain(exchange.query)}` : ""}`),
      h("span", { className: "who" }, shortTenant(exchange.tenant)),
      h("span", { className: "meaning" }, plain(exchange.meaning))));
}

function select(exchange) {
  state.selected = { kind: "exchange", number: exchange.number };
  tell("exchanges", "jobs", "detail");
}

function show() {
  const list = byId("exchanges-list");
  const matching = newest(SHOWN);
  const numbers = new Set(matching.map((exchange) => exchange.number));
  for (const [number, element] of rows) {
    if (numbers.has(number)) continue;
    element.remove();
    rows.delete(number);
  }
  if (!matching.length) fill(list, h("li", { className: "empty" }, state.exchanges.length ? "No exchange fits the filters." : "Nothing was asked yet."));
  else list.querySelector(":scope > .empty")?.remove();
  // From the oldest to the newest, each before the one that is above it now.
  let below = null;
  for (const exchange of [...matching].reverse()) {
    let element = rows.get(exchange.number);
    if (!element) {
      element = row(exchange);
      rows.set(exchange.number, element);
    }
    if (below ? element.nextElementSibling !== below : element.parentElement !== list) {
      if (below) list.insertBefore(element, below);
      else list.append(element);
    }
    const chosen = state.selected?.kind === "exchange" && state.selected.number === exchange.number;
    element.firstElementChild.setAttribute("aria-pressed", String(chosen));
    below = element;
  }
  const skipped = state.skipped ? `, ${state.skipped} came too fast` : "";
  byId("exchanges-count").textContent = state.exchanges.length ? `${matching.length === SHOWN ? `newest ${SHOWN}` : matching.length} of ${state.exchanges.at(-1).number}${skipped}` : "";
}

export function showFilters() {
  const { filter } = state;
  const set = (name, read) => (event) => { filter[name] = read(event.target); tell("exchanges", "filters"); };
  fill(byId("filters"),
    h("input", { type: "search", placeholder: "path, meaning, job …", "aria-label": "Text in the exchange", value: filter.text,
      oninput: (event) => { filter.text = event.target.value.trim().toLowerCase(); tell("exchanges"); } }),
    h("select", { "aria-label": "Status", onchange: set("status", (input) => input.value) },
      [["", "any status"], ["2", "2xx"], ["3", "3xx"], ["4", "4xx"], ["5", "5xx"]].map(([value, label]) =>
        h("option", { value, selected: filter.status === value }, label))),
    h("label", { className: "check" },
      h("input", { type: "checkbox", checked: filter.refused, onchange: set("refused", (input) => input.checked) }), "refused or faulty"),
    filter.job && h("button", { type: "button", className: "small", onclick: () => { filter.job = ""; tell("exchanges", "filters"); } },
      `only job ${plain(filter.job).slice(0, 12)} ✕`));
}

on("exchanges", show);
on("filters", showFilters);
