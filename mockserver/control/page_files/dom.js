// Elements out of plain values. Whatever a client has sent becomes text here, never markup.

export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list" && key !== "form") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(Boolean));
  return element;
}

// What steers, turns or hides text is shown as escapes, as the command line shows it.
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
const unit = (sign, at) => "\\u" + sign.charCodeAt(at).toString(16).padStart(4, "0");
export const plain = (text) => String(text).replace(UNSAFE, (sign) => Array.from({ length: sign.length }, (_, at) => unit(sign, at)).join(""));

// What the client got: the answer's status, or how that was lost.
export const lost = (exchange) => exchange.shown_status !== String(exchange.status);
export function status(exchange) {
  const { delivery, shown_status: word } = exchange;
  const kind = delivery === null ? `s${word[0]}` : lost(exchange) ? "lost" : "changed";
  return h("span", { className: `status ${kind}`, title: delivery ?? "" }, word);
}

let hiding;
export function toast(text, { wrong = false, code = "" } = {}) {
  const box = byId("toast");
  fill(box, h("p", {}, plain(text)), code && h("code", {}, code));
  box.classList.toggle("wrong", wrong);
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, wrong ? 9000 : 5000);
}

export function copyButton(text, label = "Copy") {
  const button = h("button", { type: "button", className: "small copy", onclick: () => copy(button, text()) }, label);
  return button;
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { value: text, className: "offscreen" });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = label; }, 1200);
}

// By hand, as toLocaleTimeString takes a fifth of a millisecond.
export function time(moment) {
  const date = new Date(moment);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  if (Math.abs(value) < 100) return `${+value.toFixed(1)} s`;
  if (Math.abs(value) < 6000) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${(value / 3600).toFixed(1)} h`;
}
