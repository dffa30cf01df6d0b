// The jobs as they move: a card each, with its timeline.

import { get } from "./api.js";
import { byId, fill, h, plain, time } from "./dom.js";
import { key, on, shortTenant, state, tell } from "./state.js";
import { draw } from "./timeline.js";

const SHOWN = 40; // cards
const AT_ONCE = 4; // requests for explanations
const MOVING = 8; // jobs that are explained anew although they are as they were, but for the time

const cards = new Map();

// Reads the jobs; `wholly` also explains anew those whose clock stood still. Returns whether any has changed.
export async function refreshJobs(wholly) {
  const page = await get("jobs", { limit: SHOWN, tenant: state.scope });
  const before = new Map(state.jobs.map((row) => [key(row), signature(row)]));
  state.jobs = page.jobs;
  state.jobsCount = page.count;
  page.jobs.forEach((row) => state.tenants.add(row.tenant));
  const [changed, same] = parted(page.jobs, (row) => !state.explained.has(key(row)) || before.get(key(row)) !== signature(row));
  const moving = same.filter(wholly ? lives : moves).sort((one, other) => age(other) - age(one)).slice(0, MOVING);
  const stale = [...changed, ...moving];
  for (let start = 0; start < stale.length; start += AT_ONCE) {
    await Promise.all(stale.slice(start, start + AT_ONCE).map(explain));
  }
  tell("jobs");
  return changed.length > 0;
}

export const anyMoves = () => state.jobs.some(moves);
const parted = (rows, test) => [rows.filter(test), rows.filter((row) => !test(row))];
// The job that somebody looks at comes first, then the longest unread.
const age = (row) => (state.selected?.kind === "job" && key(state.selected) === key(row) ? Infinity : -state.explained.get(key(row)).readAt);
const signature = (row) => [row.state, row.since, row.faults.length].join();
const lives = (row) => ["waiting", "running"].includes(row.phase) || state.explained.get(key(row))?.planned.length > 0;
const moves = (row) => lives(row) && !state.explained.get(key(row))?.still;

export async function explain(job) {
  try {
    const explained = await get(`jobs/${encodeURIComponent(job.provider)}/${encodeURIComponent(job.id)}/explain`);
    const still = state.explained.get(key(job))?.now === explained.now;
    state.explained.set(key(job), { ...explained, still, readAt: performance.now() });
  } catch (error) {
    if (error.status !== 404) throw error;
    state.explained.delete(key(job));
  }
}

function card(row) {
  const parts = {
    state: h("span", { className: "chip" }),
    provider: h("span", { className: "provider" }),
    id: h("code", { className: "id" }),
    model: h("span", { className: "model" }),
    who: h("span", { className: "who" }),
    timeline: h("span", { className: "timeline" }),
    next: h("span", { className: "next" }),
  };
  const button = h("button", { type: "button", className: "card", onclick: () => select(row) },
    h("span", { className: "line" }, parts.state, parts.provider, parts.id),
    h("span", { className: "line" }, parts.model, parts.who),
    parts.timeline, parts.next);
  return { button, parts };
}

function select(row) {
  state.selected = { kind: "job", provider: row.provider, id: row.id };
  tell("jobs", "exchanges", "detail");
}

function update({ button, parts }, row) {
  const explained = state.explained.get(key(row));
  parts.state.textContent = plain(row.state);
  parts.state.className = `chip ${row.phase}`;
  parts.provider.textContent = plain(row.provider);
  parts.id.textContent = plain(row.id);
  parts.model.textContent = plain(row.model);
  parts.who.textContent = `${shortTenant(row.tenant)} ${time(row.created_at)}`;
  parts.next.textContent = explained ? nextText(row, explained) : "";
  if (explained) draw(parts.timeline, explained);
  const chosen = state.selected?.kind === "job" && key(state.selected) === key(row);
  button.setAttribute("aria-pressed", String(chosen));
}

function nextText(row, explained) {
  const faults = row.faults.length ? ` · ${row.faults.map(plain).join(", ")}` : "";
  if (row.reason) return plain(row.reason) + faults;
  if (explained.next.said.startsWith("nothing: ")) return faults.slice(3);
  return `next: ${plain(explained.next.said)}${faults}`;
}

function show() {
  byId("jobs-count").textContent = state.jobsCount > state.jobs.length
    ? `newest ${state.jobs.length} of ${state.jobsCount}` : String(state.jobsCount || "");
  const list = byId("jobs-list");
  if (!state.jobs.length) {
    cards.clear();
    fill(list, h("p", { className: "empty" }, "No job yet. Submit one with your client, or send the first one from Connect."));
    return;
  }
  const wanted = state.jobs.map((row) => {
    if (!cards.has(key(row))) cards.set(key(row), card(row));
    update(cards.get(key(row)), row);
    return cards.get(key(row)).button;
  });
  const keys = new Set(state.jobs.map(key));
  for (const name of cards.keys()) if (!keys.has(name)) cards.delete(name);
  // Elements that stay where they are keep the focus.
  if (wanted.length !== list.children.length || wanted.some((element, place) => list.children[place] !== element)) {
    const focused = document.activeElement;
    list.replaceChildren(...wanted);
    if (wanted.includes(focused)) focused.focus({ preventScroll: true });
  }
}

on("jobs", show);
