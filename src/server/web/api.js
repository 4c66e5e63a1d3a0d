// api.js -- asking the server; the key stays in this tab.
let key = sessionStorage.getItem("vitae-key") || "";

export class Problem extends Error {
  constructor(status, message, code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const hasKey = () => key !== "";

export function setKey(value) {
  key = value.trim();
  if (key)
    sessionStorage.setItem("vitae-key", key);
  else
    sessionStorage.removeItem("vitae-key");
}

async function problem(answer) {
  let message = `The server answered ${answer.status}.`;
  try {
    message = (await answer.json()).error.message || message;
  } catch {
    // not ours: the status has to do
  }
  return new Problem(answer.status, message);
}

export async function ask(path, options = {}) {
  const headers = new Headers(options.headers);
  if (key)
    headers.set("Authorization", "Bearer " + key);
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError")
      throw error;
    throw new Problem(0, "The server can't be reached. Is it running?");
  }
  if (!answer.ok)
    throw await problem(answer);
  return answer;
}

export const get = async (path) => (await ask(path)).json();

export const post = async (path, body, signal) => (await ask(path, {
  method: "POST",
  headers: body ? { "Content-Type": "application/json" } : {},
  body: body ? JSON.stringify(body) : undefined,
  signal,
})).json();

// With XMLHttpRequest, for fetch doesn't tell how far an upload is.
export function upload(path, file, told, purpose) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    if (purpose)
      form.append("purpose", purpose);
    form.append("file", file, file.name);
    request.open("POST", path);
    if (key)
      request.setRequestHeader("Authorization", "Bearer " + key);
    request.upload.onprogress = (e) => {
      if (e.lengthComputable)
        told(e.loaded / e.total);
    };
    request.onerror = () => reject(new Problem(0,
      "The upload broke off. Is the server running, and the file not open " +
      "elsewhere?"));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // not ours
      }
      if (request.status === 200)
        resolve(body);
      else
        reject(new Problem(request.status, body.error?.message ||
          `The server answered ${request.status}.`, body.error?.code));
    };
    request.send(form);
  });
}

// The batch whenever it changes, until it has ended: server-sent events by
// hand, since EventSource can't send the key.
export async function watch(id, signal, told) {
  const answer = await ask(`/v1/batches/${id}/events`, { signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done)
      return;
    text += value;
    const events = text.split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((l) => l.startsWith("data: "));
      if (data)
        told(JSON.parse(data.slice(6)));
    }
  }
}
