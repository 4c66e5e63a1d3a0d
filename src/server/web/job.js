// job.js -- a job while it runs and when it is done.
import { ask, get, post, watch } from "./api.js";
import { duration, el, number, several, say, show, svg, trouble, when }
  from "./dom.js";
import { endedAt, isFinal, isPaused, nameOf, pill, statusOf }
  from "./jobs.js";

const LOOK_AGAIN = 4000;

// "TechnicalScore" -> "Technical score"
const spaced = (name) => name.replace(/([a-z])([A-Z])/g, "$1 $2")
  .replace(/ [A-Z](?=[a-z])/g, (m) => m.toLowerCase());

// The answers that came but can't be used are failures for people, and the
// batch doesn't know of them.
function countsOf(batch, summary) {
  const { total, completed, failed } = batch.request_counts;
  const useless = Math.min(completed, Math.max(0,
    (summary?.failed || 0) - failed));
  return { total, completed: completed - useless, failed: failed + useless };
}

function facts(batch, counts) {
  const m = batch.metadata;
  const done = counts.completed + counts.failed;
  const rate = Number(m.throughput_req_per_sec);
  const eta = m.eta_seconds === "" ? -1 : Number(m.eta_seconds);
  const list = [["Rows read", `${number(done)} of ${number(counts.total)}`],
    ["Failed", number(counts.failed)]];
  if (rate > 0)
    list.push(["Speed", rate >= 1 ? `${rate.toFixed(1)} a second` :
      `${(rate * 60).toFixed(1)} a minute`]);
  if (isFinal(batch))
    list.push(["Took", duration(endedAt(batch) - batch.created_at)]);
  else if (isPaused(batch))
    list.push(["Time left", "paused"]);
  else
    list.push(["Time left", eta > 0 ? duration(eta) : "not known yet"]);
  if (batch.usage?.total_tokens)
    list.push(["Tokens", number(batch.usage.total_tokens)]);
  return el("dl", { class: "facts" }, list.map(([name, value]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

function bar({ total, completed, failed }) {
  const part = (n) => total ? 100 * n / total : 0;
  const done = el("span", { class: "done" });
  const lost = el("span", { class: "lost" });
  done.style.width = `${part(completed)}%`;
  lost.style.width = `${part(failed)}%`;
  return el("div", { class: "bar", role: "progressbar",
    "aria-label": "Progress", "aria-valuemin": "0", "aria-valuemax": "100",
    "aria-valuenow": Math.floor(part(completed + failed)) }, done, lost);
}

function notices(batch) {
  const list = [];
  if (batch.metadata.waiting_for && !isFinal(batch) && !isPaused(batch))
    list.push(el("div", { class: "note warn" },
      el("p", {}, "The job is waiting and goes on by itself."),
      el("p", {}, batch.metadata.waiting_for)));
  if (batch.errors?.data?.length)
    list.push(el("div", { class: "note bad" },
      el("p", {}, "The job could not be started:"),
      el("ul", {}, batch.errors.data.slice(0, 5).map((e) =>
        el("li", {}, e.message)))));
  return list;
}

function failures(summary) {
  return el("section", { class: "sheet" },
    el("h2", {}, "Rows that failed"),
    el("p", { class: "sub small" }, "They are in the download too, with the " +
      "same reasons. Rows are counted below the header."),
    el("ul", { class: "reasons" }, summary.failures.map((f) => el("li", {},
      el("span", { class: "count" }, number(f.count)),
      el("span", {}, f.reason),
      el("small", {}, `${f.count > 1 ? "Rows" : "Row"} ${f.rows.map(number).join(", ")}` +
        (f.count > f.rows.length ? " and others" : ""))))));
}

function histogram(scale) {
  const most = Math.max(1, ...scale.steps.map((s) => s.count));
  const strip = (s) => svg("svg", { viewBox: "0 0 100 20",
    preserveAspectRatio: "none", "aria-hidden": "true" },
  svg("rect", { class: "track", width: 100, height: 20, rx: 1 }),
  svg("rect", { width: 100 * s.count / most, height: 20, rx: 1 }));
  return el("table", { class: "histogram" },
    el("caption", { class: "unseen" }, spaced(scale.column)),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Score"),
      el("th", { scope: "col", class: "strip" },
        el("span", { class: "unseen" }, "Bar")),
      el("th", { scope: "col", class: "number" }, "Rows"),
      el("th", { scope: "col", class: "number" }, "This or better"))),
    el("tbody", {}, [...scale.steps].reverse().map((s) => el("tr", {},
      el("th", { scope: "row" }, number(s.score)),
      el("td", { class: "strip" }, strip(s)),
      el("td", { class: "number" }, number(s.count)),
      el("td", { class: "number" }, number(s.at_or_above))))));
}

// What is shown of an answer: a score and its reason are one column.
function shownColumns(columns, rows) {
  const list = [];
  for (let i = 1; i < columns.length - 3; i++) {
    const name = /^(.+)Score$/.exec(columns[i])?.[1];
    const reason = name && columns[i + 1] === name + "Reason";
    if (rows.some((r) => r[i] !== ""))
      list.push({ title: spaced(reason ? name : columns[i]), at: i,
        reason: reason ? i + 1 : 0 });
    if (reason)
      i++;
  }
  return list;
}

function sampleRow(columns, list, row) {
  const why = row[columns.length - 2];
  return el("tr", {}, el("th", { scope: "row" }, row[0]),
    why ? el("td", { class: "failed", colspan: Math.max(1, list.length) },
      why) : list.map((c) => el("td", {}, c.reason ? el("b", {}, row[c.at]) :
      null, el("div", {}, row[c.reason || c.at]))));
}

function sample({ columns, rows }) {
  const list = shownColumns(columns, rows);
  return el("section", { class: "sheet" }, el("h2", {}, "What came out"),
    el("p", { class: "sub small" }, rows.length < 20 ?
      "Every row that was read so far." :
      `The first ${rows.length} rows. The download has them all, beside ` +
      "your own columns."),
    el("div", { class: "scroll tall", tabindex: "0", role: "region",
      "aria-label": "What came out" },
    el("table", { class: "preview" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, columns[0]),
        list.map((c) => el("th", { scope: "col" }, c.title)))),
      el("tbody", {}, rows.map((r) => sampleRow(columns, list, r))))));
}

export async function jobView(options, id) {
  const ending = new AbortController();
  let batch = await get(`/v1/batches/${id}`);
  const ours = Boolean(batch.metadata?.page_table);
  const status = el("span", { id: "status" });
  const now = el("div");
  const buttons = el("p", { class: "actions" });
  const place = el("div");
  const below = el("div");
  const sure = el("dialog", { class: "sheet" });
  let chosen = "", last = "", looking = false, drawn = "";
  let summary = null, examples = null, gone = false;
  let timer = 0;

  // -- what can be done --

  async function act(what) {
    place.replaceChildren();
    try {
      draw(await post(`/v1/batches/${id}/${what}`));
    } catch (error) {
      place.replaceChildren(trouble(error));
    }
  }

  async function download(path, name) {
    place.replaceChildren();
    say("The download is being made.");
    try {
      const answer = await ask(path);
      const told = /filename="([^"]+)"/.exec(
        answer.headers.get("Content-Disposition") || "");
      const url = URL.createObjectURL(await answer.blob());
      el("a", { href: url, download: told ? told[1] : name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60000);
      say("The download is ready.");
    } catch (error) {
      place.replaceChildren(trouble(error));
    }
  }

  function makeSure(title, text, yes, no, action) {
    sure.replaceChildren(el("h2", {}, title), el("p", {}, text),
      el("p", { class: "actions" },
        el("button", { type: "button", class: "danger", id: "yes",
          onclick: () => {
            sure.close();
            action();
          } }, yes),
        el("button", { type: "button", onclick: () => sure.close() }, no)));
    sure.showModal();
  }

  const askToCancel = () => makeSure("Cancel this job?",
    "What has been read so far stays. The rest won't be read.",
    "Cancel the job", "Let it run", () => act("cancel"));

  const askToDelete = () => makeSure("Delete the data of this job?",
    "The table and what was read in it are removed from the server, for " +
    "other jobs with this table too. Download what you need before.",
    "Delete the data", "Keep it", remove);

  async function remove() {
    const files = [batch.metadata.page_table, batch.input_file_id,
      batch.output_file_id, batch.error_file_id].filter(Boolean);
    try {
      for (const file of files)
        await ask(`/v1/files/${file}`, { method: "DELETE" }).catch((error) => {
          if (error.status !== 404)
            throw error;
        });
      goneNow();
    } catch (error) {
      place.replaceChildren(trouble(error));
    }
  }

  function goneNow() {
    gone = true;
    drawButtons();
    below.replaceChildren(el("p", { class: "note", id: "gone" },
      "The data of this job has been deleted."));
    say("The data of this job has been deleted.");
  }

  function button(name, words, kind, action) {
    return el("button", { type: "button", id: name, class: kind,
      onclick: action }, words);
  }

  function drawButtons() {
    const open = !isFinal(batch) && batch.status !== "cancelling";
    const some = batch.request_counts.completed +
      batch.request_counts.failed > 0;
    const state = [open, isPaused(batch), some, isFinal(batch), gone].join();
    if (state === drawn)
      return;
    const focus = document.activeElement?.id;
    drawn = state;
    buttons.replaceChildren();
    if (gone)
      return;
    if (ours && some)
      buttons.append(button("download", isFinal(batch) ?
        "Download the table" : "Download so far", isFinal(batch) ? "main" :
        "", () => download(`/page/jobs/${id}/results.csv`, "results.csv")));
    else if (some && batch.output_file_id)
      buttons.append(button("download", "Download the answers", "main",
        () => download(`/v1/files/${batch.output_file_id}/content`,
          "answers.jsonl")));
    if (open && isPaused(batch))
      buttons.append(button("resume", "Go on", "main", () => act("resume")));
    else if (open)
      buttons.append(button("pause", "Pause", "", () => act("pause")));
    if (open)
      buttons.append(button("cancel", "Cancel", "danger", askToCancel));
    if (isFinal(batch) && ours)
      buttons.append(el("a", { class: "button",
        href: `#/table/${batch.metadata.page_table}` },
      Number(batch.metadata.page_limit) ? "Now start all" :
        "Same table again"),
      button("delete", "Delete data", "danger", askToDelete));
    (document.getElementById(focus) || (focus && buttons.firstChild) || null)
      ?.focus();
  }

  // -- drawing --

  function drawScores() {
    const scales = summary.scores.filter((s) => s.count);
    const parts = [];
    if (scales.length) {
      const overall = scales.find((s) => /overall/i.test(s.column));
      const scale = scales.find((s) => s.column === chosen) || overall ||
        scales[0];
      const field = el("select", { id: "scale", onchange: () => {
        chosen = field.value;
        drawScores();
      } }, scales.map((s) => el("option", { value: s.column,
        selected: s === scale }, spaced(s.column))));
      parts.push(el("section", { class: "sheet" }, el("h2", {}, "Scores"),
        el("p", { class: "sub small" }, `${several(scale.count, "row")}, ` +
          `${scale.mean.toFixed(1)} on average.`),
        el("div", { class: "field scale" }, el("label", { for: "scale" },
          "Which score"), field), histogram(scale)));
    }
    if (summary.failures.length)
      parts.push(failures(summary));
    if (examples?.rows.length)
      parts.push(sample(examples));
    const focused = document.activeElement?.id === "scale";
    below.replaceChildren(...parts);
    if (focused)
      document.getElementById("scale")?.focus();
  }

  async function look() {
    const counts = batch.request_counts;
    const state = `${counts.completed} ${counts.failed} ${batch.status}`;
    if (!ours || gone || looking || state === last || !(counts.completed +
      counts.failed))
      return;
    looking = true;
    try {
      summary = await get(`/page/jobs/${id}/scores`);
      if (!(examples?.rows.length >= 20))
        examples = await get(`/page/jobs/${id}/rows`);
      last = state;
      drawNow();
      drawScores();
    } catch (error) {
      if (error.status === 404)
        goneNow();
      else if (isFinal(batch))
        below.replaceChildren(trouble(error, () => {
          last = "";
          look();
        }));
    }
    looking = false;
  }

  function drawNow() {
    const counts = countsOf(batch, summary);
    now.replaceChildren(...notices(batch), bar(counts), facts(batch, counts));
  }

  function draw(changed) {
    const ended = isFinal(changed) && !isFinal(batch);
    const { completed, failed, total } = countsOf(changed, summary);
    const percent = total ? Math.floor(10 * (completed + failed) / total) * 10
      : 0;
    batch = changed;
    status.replaceChildren(pill(batch));
    drawNow();
    drawButtons();
    say(isFinal(batch) ? `${statusOf(batch)[0]}: ${number(completed)} rows ` +
      `read, ${number(failed)} failed.` :
      `${statusOf(batch)[0]}, ${percent} percent.`);
    if (ended)
      look();
  }

  // Events, and again when they break off.
  async function follow() {
    while (!ending.signal.aborted && !isFinal(batch)) {
      try {
        await watch(id, ending.signal, draw);
      } catch (error) {
        if (ending.signal.aborted)
          return;
        place.replaceChildren(el("p", { class: "note warn" },
          "The connection is lost; trying again. The job goes on."));
      }
      await new Promise((r) => setTimeout(r, 1500));
      try {
        draw(await get(`/v1/batches/${id}`));
        place.replaceChildren();
      } catch {
        // still away
      }
    }
  }

  const profile = options.profiles.find((p) =>
    p.name === batch.metadata?.page_profile);
  show(nameOf(batch),
    el("div", { class: "head" }, el("div", {},
      el("h1", {}, nameOf(batch)),
      el("p", { class: "sub" }, [profile?.title, batch.metadata?.page_model,
        Number(batch.metadata?.page_limit) ?
          `first ${batch.metadata.page_limit} rows` : null,
        `started ${when(batch.created_at)}`].filter(Boolean).join(" · "))),
    status),
    el("section", { class: "sheet" }, el("h2", {}, "Progress"), now, place,
      buttons), below, sure);
  draw(batch);
  await look();
  follow();
  timer = setInterval(look, LOOK_AGAIN);
  return () => {
    ending.abort();
    clearInterval(timer);
  };
}
