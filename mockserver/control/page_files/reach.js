// What is served and how to reach it, and what one may want to try now.

import { copyButton, byId, fill, h, plain, toast } from "./dom.js";
import { currentToken } from "./api.js";
import { act } from "./ctl.js";
import { action, button } from "./detail.js";
import { on, state, tell } from "./state.js";

const LANGUAGES = { curl, Python: python, Node: node };
let language = "curl";

const quoted = (text) => (/^[A-Za-z0-9_.\/:@=%&?-]+$/.test(text) && !/[&?]/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function curl(submit) {
  const parts = [`curl -s -X ${submit.method} ${quoted(submit.url)}`];
  for (const [name, value] of Object.entries(submit.headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  return [...parts, `-d ${quoted(JSON.stringify(submit.body))}`].join(" \\\n  ");
}

function python(submit) {
  return `import httpx\n\nanswer = httpx.request(\n    "${submit.method}",\n    ${JSON.stringify(submit.url)},\n    headers=${literal(submit.headers, "    ")},\n    json=${literal(submit.body, "    ")},\n)\nprint(answer.status_code, answer.json())`;
}

function literal(value, indent) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const [open, end] = Array.isArray(value) ? "[]" : "{}";
  const items = Array.isArray(value) ? value.map((item) => literal(item, inner)) : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${literal(item, inner)}`);
  return items.length ? `${open}\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}${end}` : open + end;
}

function node(submit) {
  const inner = (value) => JSON.stringify(value, null, 2).replaceAll("\n", "\n  ");
  return `const answer = await fetch(${JSON.stringify(submit.url)}, {\n  method: "${submit.method}",\n  headers: ${inner(submit.headers)},\n  body: JSON.stringify(${inner(submit.body)}),\n});\nconsole.log(answer.status, await answer.json());`;
}

function provider([name, row], first) {
  const code = h("code", {}, LANGUAGES[language](row.submit));
  const tabs = Object.keys(LANGUAGES).map((label) => h("button", {
    type: "button", className: "small", "aria-pressed": String(label === language), onclick: () => { language = label; tell("reach"); },
  }, label));
  const here = new URL(row.submit.url).origin === location.origin && state.index.any_key;
  return h("details", { className: "box", open: opened.get(name) ?? first, ontoggle: (event) => opened.set(name, event.target.open) },
    h("summary", {}, h("strong", {}, plain(row.title)), h("span", { className: "quiet" }, ` ${plain(name)}, ${row.profile}`)),
    row.base_urls.map((url) => h("p", { className: "line url" }, h("code", {}, plain(url)), copyButton(() => url))),
    h("div", { className: "line tabs", role: "group", "aria-label": "Language" }, tabs, copyButton(() => code.textContent), here && button("Send it", () => send(row.submit), "small primary")),
    h("pre", { className: "body", tabIndex: 0 }, code));
}

const opened = new Map();

// As any client would.
async function send(submit) {
  try {
    const answer = await fetch(submit.url, { method: submit.method, headers: submit.headers, body: JSON.stringify(submit.body) });
    toast(`The server answered ${answer.status}`, { wrong: !answer.ok });
  } catch {
    toast("The answer did not arrive", { wrong: true });
  }
}

const TRIES = [
  ["Lose the next answer", "The next submit is carried out, and its answer is lost: does the client pay twice?", "lost-answer", 1],
  ["Answer 429 three times", "The next three submits or polls are refused with Retry-After: does the client wait?", "too-many", 3],
  ["Fail the next job", "The next job takes its usual time and then fails.", "fail", 1],
  ["Send the next answer as a 502 page", "A gateway's page in place of JSON, once.", "gateway-page", 1],
];

function attempt([label, about, fault, times]) {
  const rule = { fault, times };
  const words = () => ["rules", "add", fault, "--times", String(times)];
  return h("div", { className: "try" },
    h("p", { className: "quiet" }, about),
    action([button(label, () => act((answer) => `Rule ${answer.id} is in force`, "POST", "rules", { body: rule, words: words(), scoped: true })), h("code", { className: "rule" }, JSON.stringify(rule))], words, null, { scoped: true }));
}

function inForce(rule) {
  const when = Object.entries(rule.when).map(([name, value]) => `${name}=${value}`).join(" ");
  return h("li", { className: "line" }, h("code", {}, plain(`${rule.id}: ${rule.fault} ${when} ${rule.times ? `×${rule.times}` : "always"}`)),
    button("Remove", () => act(`Rule ${rule.id} is gone`, "DELETE", `rules/${encodeURIComponent(rule.id)}`, { words: ["rules", "drop", rule.id] }), "small"));
}

function show() {
  if (!state.index) return;
  const whose = state.scope ? `for tenant ${state.scope.slice(0, 8)}` : "for everybody";
  fill(byId("reach"),
    h("div", { className: "head" }, h("h2", { tabIndex: -1 }, "Connect")),
    h("p", { className: "quiet" }, state.index.any_key ? "Give your client one of these base URLs and any key. Each key is a tenant of its own." : "Give your client one of these base URLs and a key that the server takes."),
    h("p", { className: "quiet" }, "What the buttons here do, a script does by ", h("a", { href: "__mock/docs" }, "the API"),
      ". There the browser asks for the token as a password, with any user name. ", copyButton(currentToken, "Copy the token")),
    Object.entries(state.index.providers).map((entry, place) => provider(entry, place === 0)),
    h("h2", {}, "Try now"), h("p", { className: "quiet" }, `Each button adds a rule ${whose}.`),
    TRIES.map(attempt),
    h("h3", {}, "Rules in force"), state.rules.length ? h("ul", { className: "plainlist" }, state.rules.map(inForce)) : h("p", { className: "empty" }, "none"));
}

let before = "";
on("rules", () => {
  const now = JSON.stringify(state.rules);
  if (now !== before) show();
  before = now;
});
on("reach", show);
