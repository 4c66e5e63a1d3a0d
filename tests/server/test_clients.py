#!/usr/bin/env python3
"""The official OpenAI client libraries against vitae serve, unchanged.

Python's needs the package openai where $PYTHON3 looks; Node's needs the
package openai in $VITAE_NODE_CLIENTS/node_modules.  Progress is heard by
Python's package websockets.  contrib/check installs them; without them this
is skipped.
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys

from serve import PATIENCE, Fake, Serve, done, eq, lines, ok

NODE_CLIENTS = os.environ.get("VITAE_NODE_CLIENTS", "")


def skip(what, why):
    import harness
    harness.count += 1
    print("ok %d # SKIP %s: %s" % (harness.count, what, why))


def python_client(s):
    if importlib.util.find_spec("openai") is None:
        skip("the official Python client", "not installed")
        return
    import io
    import openai
    client = openai.OpenAI(base_url=s.url, api_key="local")
    f = client.files.create(file=("in.jsonl", io.BytesIO(
        lines(10).encode())), purpose="batch")
    eq((f.purpose, f.bytes), ("batch", len(lines(10))), "Python: upload")
    b = client.batches.create(input_file_id=f.id,
                              endpoint="/v1/chat/completions",
                              completion_window="24h",
                              metadata={"who": "python"})
    eq(b.status, "validating", "Python: create")
    s.wait(b.id)
    b = client.batches.retrieve(b.id)
    eq((b.status, b.request_counts.completed, b.metadata["who"]),
       ("completed", 10, "python"), "Python: poll")
    text = client.files.content(b.output_file_id).text
    eq(len(text.splitlines()), 10, "Python: content")
    with client.files.with_streaming_response.content(b.output_file_id) as r:
        eq(b"".join(r.iter_bytes()).decode(), text, "Python: streamed")
    many = [client.batches.create(input_file_id=f.id,
                                  endpoint="/v1/chat/completions",
                                  completion_window="24h") for _ in range(3)]
    eq([x.id for x in client.batches.list(limit=1)],
       [x.id for x in reversed([b] + many)], "Python: pages of one")
    for x in many:
        try:
            ok(client.batches.cancel(x.id).status == "cancelling",
               "Python: cancel")
        except openai.ConflictError:
            eq(client.batches.retrieve(x.id).status, "completed",
               "Python: cancel, too late")
        s.wait(x.id)
    try:
        client.batches.retrieve("batch_none")
        ok(False, "Python: not found")
    except openai.NotFoundError as e:
        eq(e.code, "not_found", "Python: not found")
    ok(any(m.id for m in client.models.list()), "Python: models")
    answer = client.chat.completions.create(model="m", messages=[
        {"role": "user", "content": "@@answer {}"}])
    eq(answer.choices[0].message.content, "{}", "Python: chat")
    ok(client.files.delete(f.id).deleted, "Python: delete")


def websocket_client(s, fake):
    if importlib.util.find_spec("websockets") is None:
        skip("progress by WebSocket", "websockets is not installed")
        return
    from websockets.exceptions import ConnectionClosedOK, InvalidStatus
    from websockets.sync.client import connect
    fake.script("set latency=0.2")
    b = s.batch(lines(20))
    url = s.url.replace("http:", "ws:") + "/batches/%s/events" % b
    try:
        connect(url, origin="https://evil.example")
        ok(False, "WebSocket: a foreign page")
    except InvalidStatus as e:
        eq(e.response.status_code, 403, "WebSocket: a foreign page")
    try:
        told = connect(url)
    except InvalidStatus as e:
        eq(e.response.status_code, 501, "WebSocket: built without")
        return
    with told:
        told.ping().wait(30)
        try:
            while True:
                last = json.loads(told.recv(timeout=PATIENCE))
        except ConnectionClosedOK:
            pass
        eq((last["status"], last["request_counts"]["completed"]),
           ("completed", 20), "WebSocket: told till the batch ends")
        eq(told.protocol.close_code, 1000, "WebSocket: and closed as it should")
    fake.script("set latency=0.02")


NODE = r"""
const { createRequire } = require('module');
const load = createRequire(process.argv[2] + '/');
const OpenAI = load('openai');
const { toFile } = OpenAI;
const fs = require('fs');
let n = 0;
function ok(good, name) { console.log((good ? '' : 'not ') + 'ok ' + name); }
async function main() {
  const client = new (OpenAI.OpenAI || OpenAI)({ baseURL: process.argv[3],
                                                apiKey: 'local' });
  const f = await client.files.create({
    file: fs.createReadStream(process.argv[4]), purpose: 'batch' });
  ok(f.purpose === 'batch' && f.bytes > 0, 'upload');
  let b = await client.batches.create({ input_file_id: f.id,
    endpoint: '/v1/chat/completions', completion_window: '24h',
    metadata: { who: 'node' } });
  ok(b.status === 'validating', 'create');
  for (let i = 0; i < 300 && b.status !== 'completed'; i++) {
    await new Promise((r) => setTimeout(r, 50));
    b = await client.batches.retrieve(b.id);
  }
  ok(b.status === 'completed' && b.metadata.who === 'node', 'poll');
  const text = await (await client.files.content(b.output_file_id)).text();
  ok(text.trim().split('\n').length === 10, 'content');
  const c = await client.batches.create({ input_file_id: f.id,
    endpoint: '/v1/chat/completions', completion_window: '24h' });
  const seen = [];
  for await (const x of client.batches.list({ limit: 1 })) seen.push(x.id);
  ok(seen[0] === c.id && seen.includes(b.id), 'list');
  try {
    ok((await client.batches.cancel(c.id)).status === 'cancelling', 'cancel');
  } catch (e) { ok(e.status === 409, 'cancel, too late'); }
  try { await client.files.retrieve('file-none'); ok(false, 'not found'); }
  catch (e) { ok(e.status === 404 && e.code === 'not_found', 'not found'); }
}
main().catch((e) => { console.log('not ok ' + e); process.exit(1); });
"""


def node_client(s):
    node = shutil.which("node")
    if not node or not os.path.isdir(
            os.path.join(NODE_CLIENTS, "node_modules/openai")):
        skip("the official Node client", "not installed")
        return
    path = os.path.join(s.folder, "in.jsonl")
    with open(path, "w") as f:
        f.write(lines(10))
    script = os.path.join(s.folder, "client.cjs")
    with open(script, "w") as f:
        f.write(NODE)
    got = subprocess.run([node, script, os.path.abspath(NODE_CLIENTS), s.url,
                          path], capture_output=True, text=True, timeout=PATIENCE)
    for text in got.stdout.splitlines():
        ok(text.startswith("ok "), "Node: " + text.split("ok ", 1)[-1])
    eq((got.returncode, got.stderr, len(got.stdout.splitlines())),
       (0, "", 7), "Node: every step")


def main():
    with Fake("--set", "latency=0.02") as fake, Serve(fake.url) as s:
        python_client(s)
        node_client(s)
        websocket_client(s, fake)
    done()


if __name__ == "__main__":
    sys.exit(main())
