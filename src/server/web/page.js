// page.js -- which view is shown, and the key.
import { get, hasKey, post, setKey, upload } from "./api.js";
import { bytes, el, say, show, svg, trouble, waiting } from "./dom.js";
import { jobList } from "./jobs.js";
import { jobView } from "./job.js";
import { tableView } from "./table.js";

let leave = null; // ends what the view before had going on

// -- the key --

function keyView(wrong) {
  const field = el("input", { type: "password", id: "key", required: true,
    autocomplete: "off", spellcheck: "false",
    "aria-describedby": "key-help" });
  const form = el("form", { class: "sheet", onsubmit: (e) => {
    e.preventDefault();
    setKey(field.value);
    route();
  } },
  wrong ? el("p", { class: "note bad", role: "alert" },
    "The server doesn't know that key.") : null,
  el("div", { class: "field" }, el("label", { for: "key" }, "Key"), field,
    el("p", { class: "sub small", id: "key-help" },
      "Whoever runs this server has given you one. It is kept in this tab " +
      "only, until you close it.")),
  el("p", { class: "actions" },
    el("button", { class: "main" }, "Go on")));
  show("Key", el("div", { class: "head" }, el("h1", {},
    "This server asks for a key")), form);
  field.focus();
}

// -- a new job --

function pageIcon() {
  return svg("svg", { viewBox: "0 0 24 24", fill: "none",
    stroke: "currentColor", "stroke-width": "1.7", "aria-hidden": "true" },
  svg("path", { d: "M12 16V4m0 0 4.5 4.5M12 4 7.5 8.5M4 15v4a1.5 1.5 0 0 0 " +
    "1.5 1.5h13A1.5 1.5 0 0 0 20 19v-4", "stroke-linecap": "round",
  "stroke-linejoin": "round" }));
}

function startView(options) {
  const place = el("div", { id: "trouble" });
  const input = el("input", { type: "file", id: "file", class: "unseen",
    accept: ".csv,.tsv,.txt,.jsonl,.json,.ndjson,.xlsx",
    onchange: () => input.files.length && send(input.files[0]) });
  const text = el("b", {}, "Drop a table here");
  const drop = el("label", { for: "file", class: "drop", id: "drop" },
    pageIcon(), text,
    el("span", { class: "sub" }, "CSV or JSON lines, one person a row, up " +
      `to ${bytes(options.max_upload)}`),
    el("span", { class: "button pick" }, "Choose a file"));
  let busy = false;

  async function send(file) {
    if (busy)
      return;
    busy = true;
    place.replaceChildren();
    text.textContent = `Reading ${file.name}`;
    say("The file is being read.");
    try {
      if (file.size > options.max_upload)
        throw new Error("The file is larger than this server takes.");
      const table = await upload("/page/tables", file, (part) => {
        text.textContent = part < 1 ?
          `Reading ${file.name}: ${Math.floor(part * 100)} %` :
          `Reading ${file.name}: looking at the rows`;
      });
      sessionStorage.setItem("vitae-table", JSON.stringify(table));
      location.hash = `#/table/${table.id}`;
    } catch (error) {
      if (error.status === 401)
        return keyView(hasKey());
      text.textContent = "Drop a table here";
      place.replaceChildren(error.code === "requests" ? requests(file) :
        trouble(error));
      say(error.message);
    }
    busy = false;
    input.value = "";
  }

  // What a program has written goes to the model as it is.
  const requests = (file) => el("div", { class: "note" },
    el("p", {}, `${file.name} is no table: its lines are requests that a ` +
      "program has written. They can be run as they are."),
    el("p", { class: "actions" }, el("button", { type: "button", id: "run",
      onclick: async () => {
        place.replaceChildren(waiting("Starting"));
        try {
          const input = await upload("/v1/files", file, () => {}, "batch");
          const batch = await post("/v1/batches", { input_file_id: input.id,
            endpoint: "/v1/chat/completions", completion_window: "7d",
            metadata: { name: file.name.slice(0, 200) } });
          location.hash = `#/job/${batch.id}`;
        } catch (error) {
          place.replaceChildren(trouble(error));
        }
      } }, "Run the requests")));

  for (const kind of ["dragenter", "dragover"])
    drop.addEventListener(kind, (e) => {
      e.preventDefault();
      drop.classList.add("over");
    });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => {
    e.preventDefault();
    drop.classList.remove("over");
    if (e.dataTransfer.files.length)
      send(e.dataTransfer.files[0]);
  });
  const steps = [["Drop a table", "From Excel: Save as, CSV UTF-8."],
    ["Try 20 rows", "See what comes out before you start them all."],
    ["Download", "Your own columns, with scores and reasons beside them."]];
  show("New job",
    el("div", { class: "head" }, el("div", {},
      el("h1", {}, "Have a table of people read"),
      el("p", { class: "sub" }, "A model reads each row and fills in scores " +
        "with reasons, or facts."))),
    place, input, drop,
    el("ol", { class: "steps" }, steps.map(([title, more]) =>
      el("li", {}, el("b", {}, title), el("span", {}, more)))));
}

// -- routes --

const routes = [
  [/^$/, startView],
  [/^jobs$/, jobList],
  [/^table\/(file-[\w-]+)$/, tableView],
  [/^job\/(batch_[\w-]+)$/, jobView],
];

async function route() {
  const path = location.hash.replace(/^#\/?/, "");
  const [match, view] = routes.map(([r, v]) => [r.exec(path), v])
    .find(([m]) => m) || [[""], startView];

  if (path === "main")
    return;
  leave?.();
  leave = null;
  document.getElementById("forget").hidden = !hasKey();
  for (const [id, wanted] of [["nav-new", ""], ["nav-jobs", "jobs"]]) {
    const link = document.getElementById(id);
    if (path === wanted)
      link.setAttribute("aria-current", "page");
    else
      link.removeAttribute("aria-current");
  }
  show("Wait", waiting("One moment"));
  try {
    const options = await get("/page/options");
    leave = await view(options, match[1], route) || null;
  } catch (error) {
    if (error.status === 401)
      keyView(hasKey());
    else
      show("Trouble", el("div", { class: "head" }, el("h1", {},
        "That didn't work")), trouble(error, route));
  }
}

window.addEventListener("hashchange", () => {
  route().then(() => {
    if (document.activeElement === document.body)
      document.getElementById("main").focus({ preventScroll: true });
  });
});
for (const kind of ["dragover", "drop"])
  window.addEventListener(kind, (e) => e.preventDefault());
document.getElementById("forget").addEventListener("click", () => {
  setKey("");
  location.hash = "#/";
  route();
});
route();
