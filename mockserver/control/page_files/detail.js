// One job or one exchange, whole.

import { blob, get } from "./api.js";
import { bodyOf } from "./body.js";
import { act, line } from "./ctl.js";
import { byId, copyButton, fill, h, lost, plain, status, time } from "./dom.js";
import { newest, row } from "./exchanges.js";
import { explain } from "./jobs.js";
import { key, on, shortTenant, state, tell } from "./state.js";
import { draw, list } from "./timeline.js";

let opener = null; // what had the focus before
let returning = false; // whether that is to have it again
let shown = ""; // what the detail is about
let live = {}; // the parts of a job that change

export function close() {
  state.selected = null;
  returning = true;
  tell("jobs", "exchanges", "detail");
}

async function show() {
  const chosen = state.selected;
  const box = byId("detail");
  box.hidden = !chosen;
  byId("reach").hidden = Boolean(chosen);
  if (!chosen) {
    if (shown) document.body.dataset.view = document.body.dataset.back ?? "jobs";
    shown = "";
    release();
    if (returning) opener?.focus();
    returning = false;
    return tell("view");
  }
  const about = chosen.kind === "job" ? key(chosen) : `#${chosen.number}`;
  if (about === shown) return chosen.kind === "job" ? showLife(chosen) : undefined;
  if (!shown) opener = document.activeElement;
  if (document.body.dataset.view !== "side") document.body.dataset.back = document.body.dataset.view;
  document.body.dataset.view = "side";
  shown = about;
  release();
  tell("view");
  try {
    fill(box, ...(chosen.kind === "job" ? await jobDetail(chosen) : await exchangeDetail(chosen)));
  } catch (error) {
    fill(box, heading("Gone"), h("p", { className: "empty" }, plain(error.message)));
  }
  box.querySelector("h2")?.focus({ preventScroll: true });
  byId("side").scrollTop = 0;
}

const heading = (...text) => h("div", { className: "head" },
  h("h2", { tabIndex: -1 }, ...text),
  h("button", { type: "button", className: "small", onclick: close, title: "Escape" }, "Close"));

// Clips are blobs, whose memory is given back when nobody looks any more.
const blobs = [];
function release() {
  while (blobs.length) URL.revokeObjectURL(blobs.pop());
}

async function jobDetail(chosen) {
  const path = `jobs/${encodeURIComponent(chosen.provider)}/${encodeURIComponent(chosen.id)}`;
  const job = await get(path);
  await explain(chosen);
  live = {
    chip: h("span"), timeline: h("span", { className: "timeline big" }), story: h("div"), next: h("p", { className: "next" }),
    media: h("div", { className: "media" }), exchanges: h("ol", { className: "rows inside" }), fetched: false,
  };
  const states = state.index.providers[chosen.provider]?.states ?? [];
  showLife(chosen);
  return [
    heading(`${plain(job.provider)} job`),
    h("p", { className: "line" }, live.chip, h("code", { className: "id" }, plain(job.id)), copyButton(() => job.id, "Copy id")),
    h("p", { className: "quiet" }, `${plain(job.model)} · tenant ${shortTenant(job.tenant)} · ${time(job.created_at)}`),
    live.timeline, live.next, live.media, live.story,
    h("h3", {}, "Try on this job"), jobActions(chosen, path, states),
    h("h3", {}, "Request"), bodyOf({ text: JSON.stringify(job.request), base64: null }),
    h("h3", {}, "Exchanges ", h("button", { type: "button", className: "small", onclick: () => only(job.id) }, "only these in the list")),
    live.exchanges,
  ];
}

function only(id) {
  state.filter.job = id;
  document.body.dataset.view = "exchanges";
  tell("exchanges", "filters", "view");
}

function jobActions(chosen, path, states) {
  const select = h("select", { "aria-label": "State to force" }, states.map((word) => h("option", { value: word }, word)));
  const reason = h("input", { type: "text", placeholder: "reason, or none", "aria-label": "Reason of the failure", maxLength: 200 });
  const base = [chosen.provider, chosen.id];
  const failWords = () => ["jobs", "fail", ...base, ...(reason.value ? ["--reason", reason.value] : [])];
  const forceWords = () => ["jobs", "force", ...base, select.value];
  const cancelWords = () => ["jobs", "cancel", ...base];
  const jumpWords = () => ["clock", "jump", ...base];
  return h("div", { className: "actions" },
    action([button("Fail", () => act("The job fails", "POST", `${path}/fail`, { body: { reason: reason.value || null }, words: failWords() }), "danger"), reason], failWords, reason),
    action([button("Cancel", () => act("The job is cancelled", "POST", `${path}/cancel`, { words: cancelWords() }), "danger")], cancelWords),
    action([button("Force", () => act(`The job is ${select.value}`, "POST", `${path}/force`, { body: { state: select.value }, words: forceWords() })), select], forceWords, select),
    action([button("Jump to its next state", () => act(jumped, "POST", "clock/jump", { body: { provider: chosen.provider, job: chosen.id }, words: jumpWords() }))], jumpWords));
}

export const jumped = (answer) => (answer.event === null ? "Nothing is due" : `The clock moved ${answer.seconds} s: ${answer.event.job ? `job is ${plain(answer.event.state)}` : "a callback is due"}`);
export const button = (label, onclick, kind = "") => h("button", { type: "button", className: kind, onclick }, label);

export function action(controls, words, input, options) {
  const code = h("code", {}, line(words(), options));
  input?.addEventListener("input", () => { code.textContent = line(words(), options); });
  return h("div", { className: "action" }, h("div", { className: "line" }, controls), h("div", { className: "same" }, code, copyButton(() => code.textContent)));
}

function showLife(chosen) {
  const explained = state.explained.get(key(chosen));
  if (!explained || !live.chip) return;
  const { job } = explained;
  live.chip.className = `chip ${job.phase}`;
  live.chip.textContent = plain(job.state);
  draw(live.timeline, explained);
  fill(live.story, list(explained));
  live.next.textContent = explained.next.said.startsWith("nothing: ") ? "" : `next: ${plain(explained.next.said)}`;
  fill(live.exchanges, newest(20, (exchange) => exchange.job === job.id).map(row));
  if (job.phase === "succeeded" && !live.fetched) {
    live.fetched = true;
    showMedia(live.media, chosen);
  }
}

async function showMedia(box, chosen) {
  const path = (name) => `jobs/${encodeURIComponent(chosen.provider)}/${encodeURIComponent(chosen.id)}/files/${name}`;
  const address = async (name) => {
    const link = URL.createObjectURL(await blob(path(name)));
    blobs.push(link);
    return link;
  };
  fill(box, h("p", { className: "empty" }, "The clip is being made …"));
  try {
    const poster = await address("thumbnail.jpg");
    const video = h("video", { controls: true, muted: true, loop: true, playsInline: true, poster, preload: "auto" });
    video.setAttribute("aria-label", "The clip");
    const thumbnail = h("img", { src: poster, alt: "The thumbnail", className: "thumbnail" });
    fill(box, video, h("figure", {}, thumbnail, h("figcaption", {}, "thumbnail")));
    video.src = await address("video.mp4");
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) video.play().catch(() => {});
  } catch (error) {
    if (error.status !== 404) return void fill(box, h("p", { className: "empty" }, plain(error.message)));
    await showImage(box, address);
  }
}

async function showImage(box, address) {
  try {
    fill(box, h("img", { src: await address("image-0.png"), alt: "The image" }));
  } catch (error) {
    fill(box, h("p", { className: "empty" }, plain(error.message)));
  }
}

async function exchangeDetail({ number }) {
  const page = await get("journal", { since: number - 1, limit: 1 });
  const exchange = page.exchanges[0];
  if (exchange?.number !== number) throw new Error("The journal has this exchange no more: it keeps the last 2,000.");
  const target = `${exchange.path}${exchange.query ? `?${exchange.query}` : ""}`;
  return [
    heading(`Exchange ${number}`),
    h("p", { className: "target whole" }, h("b", {}, plain(exchange.method)), ` ${plain(target)}`),
    h("p", { className: "line" }, status(exchange),
      h("span", { className: exchange.refusal !== null ? "wrong" : "" }, plain(exchange.meaning))),
    h("p", { className: "quiet" }, [exchange.provider, exchange.operation, `tenant ${shortTenant(exchange.tenant)}`, `${time(exchange.at)}, ${exchange.took} ms`].filter(Boolean).map(plain).join(" · ")),
    exchange.job && h("p", {}, h("button", { type: "button", className: "small", onclick: () => { state.selected = { kind: "job", provider: exchange.provider, id: exchange.job }; tell("detail", "jobs", "exchanges"); } }, "Show its job")),
    notes("Refused because", exchange.violations), notes("Let pass", exchange.warnings), notes("Faults that acted", exchange.faults),
    h("h3", {}, "Request"), bodyOf(exchange.request, exchange.violations), headers(exchange.request),
    h("h3", {}, answerHeading(exchange)), bodyOf(exchange.response), headers(exchange.response),
  ];
}

// The body below it is what was sent, or what would have been.
const answerHeading = (exchange) => (exchange.delivery === null ? "Answer" : `Answer${lost(exchange) ? " that was lost" : ""}: ${exchange.delivery}`);

const notes = (title, texts) => texts.length > 0 && h("div", { className: "notes" }, h("h3", {}, title), h("ul", {}, texts.map((text) => h("li", {}, plain(text)))));

const headers = (message) => message.headers.length > 0 && h("details", {}, h("summary", {}, `${message.headers.length} header${message.headers.length === 1 ? "" : "s"}`),
  h("dl", {}, message.headers.map(([name, value]) => [h("dt", {}, plain(name)), h("dd", {}, plain(value))])));

on("detail", show);
on("jobs", () => state.selected?.kind === "job" && key(state.selected) === shown && showLife(state.selected));
