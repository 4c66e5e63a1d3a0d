// table.js -- a table before it is started: columns, profile, model.
import { get, post } from "./api.js";
import { duration, el, number, roughly, several, say, show, trouble, waiting }
  from "./dom.js";

const TRY = 20;

// The server's answer to the upload, which alone tells what was left out.
async function load(id) {
  try {
    const kept = JSON.parse(sessionStorage.getItem("vitae-table"));
    if (kept?.id === id)
      return kept;
  } catch {
    // asked again then
  }
  return get(`/page/tables/${id}`);
}

// What was chosen when this table was started last, in this tab.
function remembered(id) {
  try {
    return JSON.parse(sessionStorage.getItem("vitae-wish-" + id)) || {};
  } catch {
    return {};
  }
}

async function models() {
  try {
    return (await get("/v1/models")).data.map((m) => m.id);
  } catch (error) {
    if (error.status === 401)
      throw error;
    return [];
  }
}

function leftOut(table) {
  if (!table.left_out)
    return null;
  return el("div", { class: "note warn" },
    el("p", {}, `${several(table.left_out, "row")} could not be read and ` +
      `${table.left_out === 1 ? "is" : "are"} left out:`),
    el("ul", {}, table.left_out_why.slice(0, 5).map((w) => el("li", {}, w))));
}

function preview(table, reads) {
  const mark = (i) => reads.has(i) ? "reads" : null;
  return el("div", { class: "scroll", tabindex: "0", role: "region",
    "aria-label": "First rows" },
  el("table", { class: "preview" },
    el("thead", {}, el("tr", {}, el("th", { class: "num", scope: "col" },
      el("span", { class: "unseen" }, "Row")),
    table.columns.map((c, i) => el("th", { scope: "col", class: mark(i) },
      c)))),
    el("tbody", {}, table.preview.map((cells, n) => el("tr", {},
      el("td", { class: "num" }, String(n + 1)),
      table.columns.map((_, i) => el("td", { class: mark(i) },
        el("div", {}, cells[i] || ""))))))));
}

export async function tableView(options, id) {
  const [table, known] = await Promise.all([load(id), models()]);
  const shows = table.rows > table.preview.length;
  const before = remembered(id);
  const want = { key: before.id ?? table.id_column,
    text: new Set(before.text ?? table.text),
    profile: before.profile ?? options.profiles[0].name,
    model: known.includes(before.model) || !known.length ?
      before.model || "" : known[0] };
  const shown = el("div");
  const cost = el("div", { "aria-live": "polite" });
  const place = el("div");
  const tryIt = el("button", { type: "button", class: "main",
    id: "try", onclick: () => start(TRY) }, `Try ${TRY} first`);
  const all = el("button", { type: "button", id: "all",
    onclick: () => start(0) }, table.rows > 1 ? `Start all ${number(table.rows)}` :
      "Start");
  let asked = null, timer = 0;

  if (table.rows <= TRY || before.profile) {
    tryIt.hidden = table.rows <= TRY;
    tryIt.className = "";
    all.className = "main";
  }

  const wish = (limit) => ({ id: want.key, text: [...want.text],
    profile: want.profile, model: want.model, limit });
  const ready = () => want.text.size > 0 && want.model.trim() !== "";

  async function start(limit) {
    tryIt.disabled = all.disabled = true;
    place.replaceChildren(waiting("Starting"));
    say("Starting.");
    try {
      const batch = await post(`/page/tables/${id}/start`, wish(limit));
      sessionStorage.setItem("vitae-wish-" + id, JSON.stringify(wish(limit)));
      location.hash = `#/job/${batch.id}`;
    } catch (error) {
      place.replaceChildren(trouble(error));
      tryIt.disabled = all.disabled = !ready();
    }
  }

  function tell(e) {
    const facts = [["Rows to read", number(e.requests), e.empty ?
      `${several(e.empty, "row")} without text left out` : null],
    ["Words for the model", `about ${roughly((e.input_tokens +
      e.output_tokens) * 0.75)}`, `${roughly(e.input_tokens)} tokens in, ` +
      `${roughly(e.output_tokens)} out`],
    ["Time", e.seconds === null ? "not known yet" :
      `about ${duration(e.seconds)}`, e.seconds === null ?
      `try ${TRY} first, then it is` : "as fast as your last job"]];
    if (e.cost !== null)
      facts.push(["Cost", `about ${e.cost.toLocaleString("en", {
        style: "currency", currency: e.currency })}`, "by list price"]);
    cost.replaceChildren(el("dl", { class: "facts" }, facts.map(
      ([name, value, more]) => el("div", {}, el("dt", {}, name),
        el("dd", {}, value, more ? el("small", {}, more) : null)))));
  }

  async function estimate() {
    asked?.abort();
    tryIt.disabled = all.disabled = !ready();
    if (!ready()) {
      cost.replaceChildren(el("p", { class: "sub" }, want.text.size ?
        "Choose a model." : "Choose at least one column to read."));
      return;
    }
    asked = new AbortController();
    try {
      tell(await post(`/page/tables/${id}/estimate`, wish(0), asked.signal));
    } catch (error) {
      if (error.name !== "AbortError")
        cost.replaceChildren(trouble(error, estimate));
    }
  }

  function changed() {
    shown.replaceChildren(preview(table, want.text));
    clearTimeout(timer);
    timer = setTimeout(estimate, 250);
  }

  const idField = el("select", { id: "id", onchange: () => {
    want.key = Number(idField.value);
    changed();
  } }, el("option", { value: "-1" }, "None: use the row's number"),
  table.columns.map((c, i) => el("option", { value: i,
    selected: i === want.key }, c)));
  const texts = el("div", { class: "columns" }, table.columns.map((c, i) =>
    el("label", { class: "choice" }, el("input", { type: "checkbox",
      name: "text", value: i, checked: want.text.has(i),
      onchange: (e) => {
        if (e.target.checked)
          want.text.add(i);
        else
          want.text.delete(i);
        changed();
      } }), el("span", {}, c))));
  const profiles = el("div", { class: "cards" }, options.profiles.map((p, i) =>
    el("label", { class: "choice" }, el("input", { type: "radio",
      name: "profile", value: p.name, checked: p.name === want.profile,
        onchange: () => {
        want.profile = p.name;
        changed();
      } }), el("span", {}, el("b", {}, p.title),
    el("small", {}, p.about)))));
  const model = known.length ?
    el("select", { id: "model", onchange: () => {
      want.model = model.value;
      changed();
    } }, known.map((m) => el("option", { value: m,
      selected: m === want.model }, m))) :
    el("input", { type: "text", id: "model", spellcheck: "false",
      value: want.model,
      oninput: () => {
        want.model = model.value.trim();
        changed();
      } });

  show(table.name,
    el("div", { class: "head" }, el("div", {},
      el("h1", {}, table.name),
      el("p", { class: "sub" }, `${several(table.rows, "row")}, ` +
        several(table.columns.length, "column"))),
    el("a", { class: "button", href: "#/" }, "Another file")),
    leftOut(table),
    el("section", { class: "sheet" }, el("h2", {}, "Your table"),
      el("p", { class: "sub small" },
        (shows ? "The first rows. " : "") +
          "Coloured columns are what the model reads."), shown),
    el("section", { class: "sheet" }, el("fieldset", {},
      el("legend", {}, el("h2", {}, "What the model reads")),
      el("p", { class: "sub small" }, "Names and contact data are better " +
        "left out: they must not move a score."), texts),
    el("div", { class: "field" }, el("label", { for: "id" },
      "Column with the id"), idField)),
    el("section", { class: "sheet" }, el("fieldset", {},
      el("legend", {}, el("h2", {}, "What it shall do")), profiles),
    el("div", { class: "field" }, el("label", { for: "model" }, "Model"),
      model, known.length ? null : el("p", { class: "sub small" },
        "The model's server doesn't answer just now, so there is no list. " +
        "A job that you start waits until it does."))),
    el("section", { class: "sheet" }, el("h2", {}, "Before you start"), cost,
      place, el("p", { class: "actions" }, tryIt, all)));
  cost.replaceChildren(waiting("Counting"));
  shown.replaceChildren(preview(table, want.text));
  estimate();
  return () => {
    clearTimeout(timer);
    asked?.abort();
  };
}
