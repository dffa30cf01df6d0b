// Calls of the control plane. The token stays in this tab: it is in no address, cookie or storage on disk.

const PLACE = "mockserver-token";
const BASE = new URL("__mock", document.baseURI);
let token = takeToken();

// The link of `mockserver open` has the token behind a #, which no browser sends; it goes from the address, too.
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    history.replaceState(null, "", location.pathname + location.search);
    sessionStorage.setItem(PLACE, given);
  }
  return given ?? sessionStorage.getItem(PLACE) ?? "";
}

export const hasToken = () => token !== "";
export const currentToken = () => token;

export function useToken(text) {
  token = text;
  sessionStorage.setItem(PLACE, text);
}

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function send(method, path, { query = {}, body, signal } = {}) {
  const url = new URL(path ? `${BASE}/${path}` : BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const headers = { "x-mock-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.detail ?? `${answer.status} ${answer.statusText}`);
  }
  return answer;
}

export async function call(method, path, options) {
  const answer = await send(method, path, options);
  return answer.status === 204 ? null : answer.json();
}

export const get = (path, query) => call("GET", path, { query });

export async function blob(path) {
  return (await send("GET", path)).blob();
}

// A browser that keeps a page for the way back keeps its connections as well, and has six of them for a server.
let leaving = null;
addEventListener("pagehide", () => leaving?.abort());

// Server-sent events by fetch, as an EventSource could send no token. Yields [kind, data], until the page is left.
export async function* events(query) {
  leaving = new AbortController();
  const answer = await send("GET", "journal/events", { query, signal: leaving.signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value;
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (fields.event) yield [fields.event, JSON.parse(fields.data)];
    }
  }
}
