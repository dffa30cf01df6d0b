// A body as text: JSON indented, with the fields marked that a refusal names.

import { h, plain } from "./dom.js";

const LONGEST = 400; // characters of one text
const dotted = (path) => path.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("").replace(/^\./, "");

export function bodyOf(message, violations = []) {
  if (message.base64 !== null) return h("p", { className: "empty" }, `${message.size} bytes that are no text`);
  if (!message.text) return h("p", { className: "empty" }, message.size ? `${message.size} bytes, which are not kept` : "no body");
  let value;
  try {
    value = JSON.parse(message.text);
  } catch {
    return h("pre", { className: "body", tabIndex: 0 }, plain(message.text));
  }
  const marks = marked(value, violations);
  return h("pre", { className: "body", tabIndex: 0 }, ...write(value, [], "", marks));
}

// Violations begin with the field as a person writes it. Of all paths that one begins with, the longest is meant.
function marked(value, violations) {
  const paths = [];
  walk(value, [], paths);
  const marks = new Map();
  for (const violation of violations) {
    const fits = paths.filter((path) => violation.startsWith(`${path} `) || violation.startsWith(`${path}.`) || violation.startsWith(`${path}[`));
    const longest = fits.sort((one, other) => other.length - one.length)[0];
    if (longest) marks.set(longest, violation);
  }
  return marks;
}

function walk(value, path, paths) {
  if (path.length) paths.push(dotted(path));
  if (Array.isArray(value)) value.forEach((item, place) => walk(item, [...path, place], paths));
  else if (value && typeof value === "object") for (const [name, item] of Object.entries(value)) walk(item, [...path, name], paths);
}

function write(value, path, indent, marks) {
  const violation = marks.get(dotted(path));
  const pieces = writeValue(value, path, indent, marks);
  if (!violation || !path.length) return pieces;
  return [h("mark", { title: plain(violation) }, ...pieces), h("span", { className: "why" }, ` ← ${plain(violation.replace(/ \[[A-Z-]+ [^\]]*\]$/, ""))}`)];
}

function writeValue(value, path, indent, marks) {
  if (value === null || typeof value !== "object") return [scalar(value)];
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const entries = list ? value.map((item, place) => [place, item]) : Object.entries(value);
  if (!entries.length) return [list ? "[]" : "{}"];
  const pieces = [list ? "[\n" : "{\n"];
  entries.forEach(([name, item], place) => {
    pieces.push(inner);
    if (!list) pieces.push(h("span", { className: "name" }, plain(JSON.stringify(name))), ": ");
    pieces.push(...write(item, [...path, name], inner, marks), place < entries.length - 1 ? ",\n" : "\n");
  });
  return [...pieces, indent + (list ? "]" : "}")];
}

function scalar(value) {
  const text = plain(JSON.stringify(value));
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;
  return h("span", { className: typeof value }, shown);
}
