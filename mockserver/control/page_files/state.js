// What the page knows, and who wants to hear of a change.

export const state = {
  index: null, // providers, base URLs, states
  scope: "", // a tenant, or everybody
  jobs: [], // rows, newest first
  jobsCount: 0,
  explained: new Map(), // job key to its explanation
  exchanges: [], // oldest first
  skipped: 0,
  tenants: new Set(),
  rules: [],
  clock: null,
  clockReadAt: 0,
  selected: null, // {kind: "job" | "exchange", ...}
  filter: { text: "", status: "", refused: false, job: "" },
};

export const key = (job) => `${job.provider}/${job.id}`;
export const MOST_EXCHANGES = 2000;

const hearers = new Map();
export function on(topic, hearer) {
  hearers.set(topic, [...(hearers.get(topic) ?? []), hearer]);
}

// Changes of one frame are shown together.
const changed = new Set();
export function tell(...topics) {
  if (!changed.size) requestAnimationFrame(flush);
  topics.forEach((topic) => changed.add(topic));
}

function flush() {
  const topics = [...changed];
  changed.clear();
  for (const topic of topics) for (const hearer of hearers.get(topic) ?? []) hearer();
}

export const shortTenant = (tenant) => (tenant ? tenant.slice(0, 8) : "no key");
