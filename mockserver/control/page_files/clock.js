// The clock of everybody, or of the tenant that is chosen.

import { get } from "./api.js";
import { act } from "./ctl.js";
import { byId, fill, h, seconds, time } from "./dom.js";
import { button, jumped } from "./detail.js";
import { on, shortTenant, state, tell } from "./state.js";

export async function refreshClock() {
  state.clock = await get("clock", { tenant: state.scope });
  state.clockReadAt = performance.now();
  tell("clock");
}

const face = h("span", { className: "face" });
const mode = h("span", { className: "mode" });
const step = h("select", { "aria-label": "How far to advance" }, [[1, "1 s"], [10, "10 s"], [60, "1 min"], [3600, "1 h"]].map(([value, label]) => h("option", { value, selected: value === 10 }, label)));
const toggle = button("Freeze", () => (state.clock?.mode === "frozen" ? run() : freeze()), "small");

const freeze = () => act("The clock stands", "PUT", "clock", { body: { mode: "frozen" }, words: ["clock", "freeze"], scoped: true });
const run = () => act("The clock runs", "PUT", "clock", { body: { mode: "scaled", rate: 1 }, words: ["clock", "run"], scoped: true });
const advance = () => act(`The clock moved ${step.value} s`, "POST", "clock/advance", { body: { seconds: Number(step.value) }, words: ["clock", "advance", step.value], scoped: true });
const jump = () => act(jumped, "POST", "clock/jump", { words: ["clock", "jump"], scoped: true });

export function makeClock() {
  fill(byId("clock"), h("span", { className: "dial" }, face, mode), toggle, h("span", { className: "joined" }, button("Advance", advance, "small"), step), button("Jump to next", jump, "small"));
  setInterval(tick, 250);
}

function tick() {
  const { clock } = state;
  if (!clock) return;
  const rate = clock.mode === "frozen" ? 0 : clock.mode === "scaled" ? clock.rate : 1;
  face.textContent = time(clock.now + (performance.now() - state.clockReadAt) * rate);
}

on("clock", () => {
  const { clock } = state;
  const ahead = Math.abs(clock.ahead) > 500 ? `, ${clock.ahead > 0 ? "+" : "−"}${seconds(Math.abs(clock.ahead))}` : "";
  mode.textContent = (clock.mode === "scaled" ? (clock.rate === 1 ? "runs" : `×${clock.rate}`) : clock.mode === "frozen" ? "frozen" : "real time") + ahead;
  byId("clock").classList.toggle("frozen", clock.mode === "frozen");
  toggle.textContent = clock.mode === "frozen" ? "Run" : "Freeze";
  tick();
});

let choices = "";
export function showScope() {
  const tenants = [...state.tenants].sort();
  const now = JSON.stringify([tenants, state.scope]);
  if (now === choices) return;
  choices = now;
  const select = h("select", { id: "whose", onchange: (event) => choose(event.target.value) },
    h("option", { value: "" }, "everybody"),
    tenants.map((tenant) => h("option", { value: tenant, selected: tenant === state.scope }, shortTenant(tenant))));
  fill(byId("scope"), h("label", { htmlFor: "whose" }, "Tenant"), select);
}

function choose(tenant) {
  state.scope = tenant;
  tell("scope", "exchanges", "reach");
}
