// What a button does, and the `mockserver ctl` line that does the same.

import { call } from "./api.js";
import { toast } from "./dom.js";
import { state } from "./state.js";

const LOOPBACK = /^(localhost|127\.|\[::1\])/;
const word = (text) => (/^[A-Za-z0-9_.\/:@=-]+$/.test(text) ? text : `'${String(text).replaceAll("'", "'\\''")}'`);

export function line(words, { scoped = false } = {}) {
  const all = ["mockserver", "ctl", ...words.map(word)];
  if (scoped && state.scope) all.push("--tenant", state.scope);
  if (!LOOPBACK.test(location.hostname)) all.push("--url", word(location.origin));
  return all.join(" ");
}

let afterwards = () => {};
export function whenDone(hearer) {
  afterwards = hearer;
}

export async function act(what, method, path, { body, words, scoped = false } = {}) {
  try {
    const query = scoped && state.scope ? { tenant: state.scope } : {};
    const answer = await call(method, path, { body, query });
    toast(typeof what === "function" ? what(answer) : what, { code: line(words, { scoped }) });
    return answer;
  } catch (error) {
    toast(error.message, { wrong: true });
    return null;
  } finally {
    afterwards();
  }
}
