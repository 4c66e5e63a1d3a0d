// jobs.js -- the list of jobs, and what their statuses are called.
import { get } from "./api.js";
import { el, number, several, show, when } from "./dom.js";

const words = {
  validating: ["Getting ready", "run"],
  in_progress: ["Running", "run"],
  finalizing: ["Almost done", "run"],
  completed: ["Done", "good"],
  failed: ["Failed", "bad"],
  expired: ["Out of time", "warn"],
  cancelling: ["Cancelling", "warn"],
  cancelled: ["Cancelled", "warn"],
};
const final = ["completed", "failed", "expired", "cancelled"];

export const isFinal = (batch) => final.includes(batch.status);
export const isPaused = (batch) => batch.metadata?.paused === "true" &&
  !isFinal(batch);

export function statusOf(batch) {
  if (isPaused(batch) && batch.status !== "cancelling")
    return ["Paused", "warn"];
  return words[batch.status] || [batch.status, ""];
}

export const pill = (batch) => {
  const [text, kind] = statusOf(batch);
  return el("span", { class: `pill ${kind}` }, text);
};

export const nameOf = (batch) => batch.metadata?.page_name ||
  batch.metadata?.name || "Batch of a program";

export const endedAt = (batch) => batch.completed_at || batch.failed_at ||
  batch.cancelled_at || batch.expired_at;

function row(batch, profiles) {
  const counts = batch.request_counts;
  const profile = profiles.find((p) =>
    p.name === batch.metadata?.page_profile);
  const parts = [when(batch.created_at), profile?.title,
    batch.metadata?.page_model, Number(batch.metadata?.page_limit) ?
      `try of ${batch.metadata.page_limit}` : null,
    `${number(counts.completed)} of ${several(counts.total, "row")}`,
    counts.failed ? `${number(counts.failed)} failed` : null];
  return el("li", {}, el("a", { href: `#/job/${batch.id}` },
    el("b", {}, nameOf(batch)), pill(batch),
    el("span", { class: "sub" }, parts.filter(Boolean).join(" · "))));
}

export async function jobList(options) {
  const list = el("ul", { class: "jobs" });
  const more = el("button", { type: "button", hidden: true }, "Show more");
  let after = "";

  async function load() {
    const page = await get(`/v1/batches?limit=30${after}`);
    list.append(...page.data.map((b) => row(b, options.profiles)));
    after = `&after=${page.last_id}`;
    more.hidden = !page.has_more;
    return page.data.length;
  }

  more.addEventListener("click", load);
  const any = await load();
  show("Earlier jobs", el("div", { class: "head" },
    el("h1", {}, "Earlier jobs")),
  any ? list : el("div", { class: "sheet empty" },
    el("p", {}, "Nothing yet."),
    el("p", {}, el("a", { href: "#/" }, "Drop a table"), " to begin.")),
  more);
}
