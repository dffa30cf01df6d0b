// A job's life to scale: what happened, now, and what is planned.

import { fill, h, plain, seconds } from "./dom.js";

const LEAST = 1.5; // per cent, so that a short state can still be seen

function spans(explained) {
  const { job, now } = explained;
  const entered = explained.timeline.filter((entry) => entry.what === "state");
  const steps = [...entered, ...explained.planned.map((step) => ({ ...step, planned: true }))];
  const start = job.created_at;
  const last = steps.at(-1);
  const end = Math.max(last?.at ?? start, ended(last) ? start : now, start + 1);
  return { start, end, now, steps, total: end - start };
}

export const ended = (step) => ["succeeded", "failed", "cancelled"].includes(step?.phase);

export function draw(box, explained) {
  const { start, end, now, steps, total } = spans(explained);
  const at = (moment) => Math.min(100, Math.max(0, ((moment - start) / total) * 100));
  const pieces = steps.map((step, number) => {
    const until = steps[number + 1]?.at ?? end;
    const element = h("span", { className: `span ${step.phase}${step.planned ? " planned" : ""}` });
    const final = number === steps.length - 1 && ended(step);
    element.title = `${plain(step.state)} ${seconds(step.at - start)}${final ? "" : ` to ${seconds(until - start)}`}`;
    if (final) element.classList.add("final");
    else element.style.flexGrow = String(Math.max(LEAST, ((until - step.at) / total) * 100));
    return element;
  });
  const marks = explained.timeline.filter((entry) => entry.what !== "state").map((entry) => {
    const mark = h("span", { className: `mark ${entry.what}`, title: `${entry.what}: ${plain(entry.cause)}` });
    mark.style.left = `${at(entry.at)}%`;
    return mark;
  });
  const live = !ended(explained.job) || explained.planned.length;
  const needle = live ? h("span", { className: "needle" }) : null;
  if (needle) needle.style.left = `${at(now)}%`;
  return fill(box, h("span", { className: "track" }, pieces), marks, needle);
}

export function list(explained) {
  const { start, steps } = spans(explained);
  const happened = explained.timeline.map((entry) => ({ ...entry, planned: false }));
  const all = [...happened, ...steps.filter((step) => step.planned)];
  return h("ol", { className: "story" }, all.map((entry) =>
    h("li", { className: `${entry.what === undefined || entry.what === "state" ? entry.phase : entry.what}${entry.planned ? " planned" : ""}` },
      h("time", {}, `+${seconds(entry.at - start)}`),
      h("strong", {}, plain(entry.state ?? entry.what)),
      h("span", {}, plain(entry.planned ? "planned" : entry.cause) + (entry.reason ? `: ${plain(entry.reason)}` : "")))));
}
