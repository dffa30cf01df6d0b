// Begins: asks for the token where there is none, then follows the server until the page is closed.

import { Refused, get, hasToken, useToken } from "./api.js";
import { makeClock, refreshClock, showScope } from "./clock.js";
import { whenDone } from "./ctl.js";
import { close } from "./detail.js";
import { byId, fill, h } from "./dom.js";
import { follow, showFilters } from "./exchanges.js";
import { anyMoves, refreshJobs } from "./jobs.js";
import "./reach.js";
import { on, state, tell } from "./state.js";

const SOON = 250; // milliseconds after something happened
const LIVELY = 1000; // while jobs move
const CALM = 3000;
const APART = 500; // between two beginnings, however much happens

let timer = 0;
let due = Infinity; // when the timer rings
let began = -Infinity;
let readAll = -Infinity; // when it last read more than the jobs
let refreshing = false;
let wanted = false;

async function refresh() {
  clearTimeout(timer);
  due = Infinity;
  if (refreshing || document.hidden) {
    wanted = true;
    return;
  }
  refreshing = true;
  began = performance.now();
  const wholly = wanted || began - readAll >= CALM;
  wanted = false;
  try {
    if (await refreshJobs(wholly) || wholly) {
      await Promise.all([refreshClock(), get("rules").then((rules) => { state.rules = rules; tell("rules"); })]);
      readAll = began;
    }
    showScope();
  } catch (error) {
    refused(error);
  } finally {
    refreshing = false;
  }
  if (wanted) soon();
  else plan(anyMoves() ? LIVELY : CALM);
}

// The earliest wish counts: where something happens all the time, a later one puts nothing off.
function plan(pause) {
  const at = performance.now() + pause;
  if (at >= due) return;
  clearTimeout(timer);
  due = at;
  timer = setTimeout(refresh, pause);
}

function soon() {
  wanted = true;
  if (!refreshing) plan(Math.max(SOON, began + APART - performance.now()));
}

function refused(error) {
  if (error instanceof Refused && error.status === 401) ask("This server has another token.");
  else live(false);
}

function live(connected) {
  const sign = byId("live");
  sign.textContent = connected ? "live" : "the server does not answer; trying again";
  sign.classList.toggle("on", connected);
}

async function stream() {
  for (let pause = 500; ; pause = Math.min(pause * 2, 5000)) {
    try {
      const index = await get("");
      state.index = index;
      tell("reach");
      live(true);
      pause = 500;
      refresh();
      await follow(soon);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return ask("This server has another token.");
    }
    live(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    await forgetWhatIsGone();
  }
}

// A new server at the old address counts its exchanges anew.
async function forgetWhatIsGone() {
  const page = await get("journal", { limit: 1, bodies: false }).catch(() => null);
  if (page && page.last < (state.exchanges.at(-1)?.number ?? 0)) {
    state.exchanges = [];
    state.explained.clear();
    tell("exchanges");
  }
}

function ask(why) {
  const input = h("input", { type: "password", id: "token", autocomplete: "off", required: true, spellcheck: false });
  const form = h("form", { onsubmit: (event) => { event.preventDefault(); useToken(input.value.trim()); byId("door").close(); stream(); } },
    h("h2", { id: "door-title" }, "Token"),
    h("p", {}, why),
    h("p", {}, "Run ", h("code", {}, "mockserver open"), ", or give the token that ", h("code", {}, "mockserver serve"), " printed."),
    h("label", { htmlFor: "token" }, "Token"), input,
    h("button", { type: "submit", className: "primary" }, "Open"));
  fill(byId("door"), form);
  if (!byId("door").open) byId("door").showModal();
  input.focus();
}

function showViews() {
  const view = document.body.dataset.view;
  const buttons = [["jobs", "Jobs"], ["exchanges", "Exchanges"], ["side", "Connect"]].map(([name, label]) =>
    h("button", { type: "button", "aria-pressed": String(view === name && !(name === "side" && state.selected)), onclick: () => {
      state.selected = null;
      document.body.dataset.view = document.body.dataset.back = name;
      tell("detail", "jobs", "exchanges", "view");
    } }, label));
  fill(byId("views"), buttons);
}

on("view", showViews);
on("scope", () => {
  showScope();
  state.jobs = [];
  refresh();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && state.selected && !byId("door").open) close();
});
document.addEventListener("visibilitychange", () => { if (!document.hidden && wanted) refresh(); });
byId("door").addEventListener("cancel", (event) => event.preventDefault());

whenDone(soon);
makeClock();
showFilters();
showScope();
showViews();
tell("jobs", "exchanges");
if (hasToken()) stream();
else ask("The page shows what clients sent, so it is locked.");
