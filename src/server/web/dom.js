// dom.js -- elements and words.  Text is only ever put in as text.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on"))
      node.addEventListener(name.slice(2), value);
    else if (value === true)
      node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined)
      node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined &&
    c !== false));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes))
    node.setAttribute(name, value);
  node.append(...children);
  return node;
}

const view = document.getElementById("view");
const live = document.getElementById("live");

export function show(title, ...children) {
  document.title = `${title} · vitae`;
  view.replaceChildren(...children.filter(Boolean));
}

// For those who hear the page.
export function say(text) {
  if (live.textContent !== text)
    live.textContent = text;
}

export const number = (n) => Math.round(n).toLocaleString("en");

// "about 59,000"
export function roughly(n) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(n, 1))) - 1);
  return number(Math.round(n / unit) * unit);
}

export const bytes = (n) => n >= 1e9 ? `${Math.floor(n / 1e8) / 10} GB` :
  `${Math.floor(n / 1e6)} MB`;

export const several = (n, one, more = one + "s") =>
  `${number(n)} ${n === 1 ? one : more}`;

export function duration(seconds) {
  if (seconds < 1)
    return "a moment";
  if (seconds < 90)
    return several(Math.ceil(seconds), "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 90)
    return several(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 48)
    return `${several(hours, "hour")}${minutes % 60 ?
      ` ${minutes % 60} min` : ""}`;
  return several(Math.round(hours / 24), "day");
}

export function when(seconds) {
  return new Date(seconds * 1000).toLocaleString("en", {
    dateStyle: "medium", timeStyle: "short", hour12: false });
}

export const trouble = (error, again) => el("div",
  { class: "note bad", role: "alert" },
  el("p", {}, error.message),
  again ? el("p", {}, el("button", { type: "button", onclick: again },
    "Try again")) : null);

export const waiting = (text) => el("p", { class: "wait" }, text);
