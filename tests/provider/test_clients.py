#!/usr/bin/env python3
"""The vendors' own client libraries against our fakes.

Proves the fakes honest: what vitae is tested with is what those libraries
accept.  contrib/check installs those of OpenAI, Google and Anthropic for
Python ($PYTHON3) and Node ($VITAE_NODE_CLIENTS); one that isn't there is
skipped, so that "make check" needs none.  By hand the others can be had as
well: mistralai, groq, together (last tried November 2026: openai 3.57,
anthropic 2.14, google-genai 3.6.1, mistralai 3.7, groq 1.7, together 3.1.1).
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile

FAKE = (sys.argv[1] if len(sys.argv) > 1 else
        os.path.join(os.environ["builddir"], "tests/provider/fake_provider"))
NODE_CLIENTS = os.environ.get("VITAE_NODE_CLIENTS", "")
TEXT = 'resume\n@@answer {"n":%d}'
number = 0


def say(good, what):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if good else "not ok", number, what))


def write(folder, lines):
    path = os.path.join(folder, "requests.jsonl")
    with open(path, "w") as out:
        for line in lines:
            out.write(json.dumps(line) + "\n")
    return path


def chat_lines(bare=False):
    for i in range(3):
        line = {"custom_id": "unified_%d" % i,
                "body": {"model": "m", "messages": [
                    {"role": "user", "content": TEXT % i}]}}
        if not bare:
            line.update(method="POST", url="/v1/chat/completions")
        yield line


def with_openai(origin, folder):
    import openai
    client = openai.OpenAI(api_key="k", base_url=origin + "/v1")
    path = write(folder, chat_lines())
    file = client.files.create(file=open(path, "rb"), purpose="batch",
                               expires_after={"anchor": "created_at",
                                              "seconds": 3600})
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions",
        completion_window="24h", metadata={"vitae_key": "k"})
    for _ in range(2):
        batch = client.batches.retrieve(batch.id)
    say(batch.status == "completed", "openai: completed")
    say(client.files.content(batch.output_file_id).text.count("\n") == 3,
        "openai: three answers")
    say([b.metadata for b in client.batches.list()] == [{"vitae_key": "k"}],
        "openai: listed with its metadata")
    answer = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "@@answer {}"}])
    say(answer.choices[0].message.content == "{}", "openai: chat")
    say(client.files.delete(file.id).deleted, "openai: deleted")


def with_groq(origin, folder):
    import groq
    client = groq.Groq(api_key="k", base_url=origin)
    path = write(folder, chat_lines())
    file = client.files.create(file=open(path, "rb"), purpose="batch")
    batch = client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions",
        completion_window="24h", metadata={"vitae_key": "k"})
    for _ in range(2):
        batch = client.batches.retrieve(batch.id)
    say(batch.status == "completed", "groq: completed")
    say(client.files.content(batch.output_file_id).read().count(b"\n") == 3,
        "groq: three answers")


def with_together(origin, folder):
    from together import Together
    client = Together(api_key="k", base_url=origin)
    path = write(folder, chat_lines(bare=True))
    file = client.files.upload(file=path, purpose="batch-api", check=False)
    batch = client.batches.create(input_file_id=file.id,
                                  endpoint="/v1/chat/completions").job
    for _ in range(2):
        batch = client.batches.retrieve(batch.id)
    say(batch.status == "COMPLETED", "together: completed")
    say(len(client.batches.list()) == 1, "together: listed")
    say(client.files.content(batch.output_file_id).read().count(b"\n") == 3,
        "together: three answers")


def with_mistral(origin, folder):
    from mistralai.client import Mistral
    client = Mistral(api_key="k", server_url=origin)
    path = write(folder, chat_lines(bare=True))
    file = client.files.upload(
        file={"file_name": "r.jsonl", "content": open(path, "rb")},
        purpose="batch")
    job = client.batch.jobs.create(
        input_files=[file.id], model="m", endpoint="/v1/chat/completions",
        metadata={"vitae_key": "k"})
    for _ in range(2):
        job = client.batch.jobs.get(job_id=job.id)
    say(job.status == "SUCCESS", "mistral: success")
    say(client.batch.jobs.list().total == 1, "mistral: listed")
    say(client.files.download(file_id=job.output_file).read().count(b"\n")
        == 3, "mistral: three answers")


def with_gemini(origin, folder):
    from google import genai
    from google.genai import types
    client = genai.Client(api_key="k", http_options=types.HttpOptions(
        base_url=origin, api_version="v1beta"))
    path = write(folder, (
        {"key": "unified_%d" % i, "request": {
            "systemInstruction": {"parts": [{"text": "s"}]},
            "contents": [{"role": "user",
                          "parts": [{"text": TEXT % i}]}]}}
        for i in range(3)))
    file = client.files.upload(file=path, config=types.UploadFileConfig(
        display_name="r", mime_type="jsonl"))
    batch = client.batches.create(model="gemini-2.5-flash", src=file.name,
                                  config={"display_name": "vitae-k"})
    for _ in range(2):
        batch = client.batches.get(name=batch.name)
    say(batch.state.name == "JOB_STATE_SUCCEEDED", "gemini: succeeded")
    say(client.files.download(file=batch.dest.file_name).count(b"\n") == 3,
        "gemini: three answers")
    say([b.display_name for b in client.batches.list()] == ["vitae-k"],
        "gemini: listed with its name")


def with_anthropic(origin, folder):
    import anthropic
    client = anthropic.Anthropic(api_key="k", base_url=origin)
    batches = client.messages.batches
    batch = batches.create(requests=[
        {"custom_id": "unified_%d" % i, "params": {
            "model": "m", "max_tokens": 10,
            "messages": [{"role": "user", "content": TEXT % i}]}}
        for i in range(3)])
    for _ in range(2):
        batch = batches.retrieve(batch.id)
    say(batch.processing_status == "ended", "anthropic: ended")
    say(batch.request_counts.succeeded == 3, "anthropic: three succeeded")
    say(sorted(r.custom_id for r in batches.results(batch.id)) ==
        ["unified_0", "unified_1", "unified_2"], "anthropic: three answers")
    say([b.id for b in batches.list()] == [batch.id], "anthropic: listed")
    say(batches.delete(batch.id).type == "message_batch_deleted",
        "anthropic: deleted")


def run(course, shape="openai"):
    global number
    fake = subprocess.Popen(
        [FAKE, "--die-with-parent", "--set", "key=k", "--set",
         "shape=" + shape], stdout=subprocess.PIPE, text=True)
    origin = fake.stdout.readline().strip()[:-len("/v1")]
    try:
        with tempfile.TemporaryDirectory() as folder:
            course(origin, folder)
    except ImportError as missing:
        number += 1
        print("ok %d # SKIP %s" % (number, missing))
    except Exception as fault:  # whatever the library thinks of the fake
        say(False, "%s: %s" % (course.__name__, str(fault)[:300]))
    finally:
        fake.kill()


# Node: each library through its own batch flow; CommonJS, so that the folder
# of the packages can be told.
NODE = r"""
const [folder, which, origin, path] = process.argv.slice(2);
const { createRequire } = require('module');
const { pathToFileURL } = require('url');
const fs = require('fs');
const need = createRequire(folder + '/package.json');
const ok = (good, what) => console.log((good ? 'ok ' : 'not ok ') + what);

async function openai() {
  const OpenAI = need('openai').default || need('openai');
  const c = new OpenAI({ apiKey: 'k', baseURL: origin + '/v1' });
  const f = await c.files.create({ file: fs.createReadStream(path),
    purpose: 'batch' });
  let b = await c.batches.create({ input_file_id: f.id,
    endpoint: '/v1/chat/completions', completion_window: '24h',
    metadata: { vitae_key: 'k' } });
  for (let i = 0; i < 2; i++) b = await c.batches.retrieve(b.id);
  ok(b.status === 'completed', 'completed');
  const text = await (await c.files.content(b.output_file_id)).text();
  ok(text.trim().split('\n').length === 3, 'three answers');
  const seen = [];
  for await (const x of c.batches.list()) seen.push(x.metadata.vitae_key);
  ok(seen.length === 1 && seen[0] === 'k', 'listed with its metadata');
}

async function gemini() {
  const { GoogleGenAI } = need('@google/genai');
  const c = new GoogleGenAI({ apiKey: 'k',
    httpOptions: { baseUrl: origin, apiVersion: 'v1beta' } });
  const f = await c.files.upload({ file: path,
    config: { mimeType: 'jsonl', displayName: 'r' } });
  let b = await c.batches.create({ model: 'gemini-2.5-flash', src: f.name,
    config: { displayName: 'vitae-k' } });
  for (let i = 0; i < 2; i++) b = await c.batches.get({ name: b.name });
  ok(b.state === 'JOB_STATE_SUCCEEDED', 'succeeded');
  ok(/^files\//.test(b.dest.fileName), 'its answers have a file');
  const seen = [];
  for await (const x of await c.batches.list()) seen.push(x.displayName);
  ok(seen.length === 1 && seen[0] === 'vitae-k', 'listed with its name');
}

async function anthropic() {
  const sdk = need('@anthropic-ai/sdk');
  const Anthropic = sdk.default || sdk;
  const c = new Anthropic({ apiKey: 'k', baseURL: origin });
  const requests = fs.readFileSync(path, 'utf8').trim().split('\n')
    .map((line) => JSON.parse(line));
  let b = await c.messages.batches.create({ requests });
  for (let i = 0; i < 2; i++) b = await c.messages.batches.retrieve(b.id);
  ok(b.processing_status === 'ended', 'ended');
  const seen = [];
  for await (const r of await c.messages.batches.results(b.id))
    seen.push(r.custom_id);
  ok(seen.sort().join() === 'unified_0,unified_1,unified_2', 'three answers');
  ok((await c.messages.batches.delete(b.id)).type ===
     'message_batch_deleted', 'deleted');
}

({ openai, gemini, anthropic })[which]().catch((e) => {
  console.log('not ok ' + String(e).slice(0, 300)); process.exit(1); });
"""


def anthropic_lines():
    for i in range(3):
        yield {"custom_id": "unified_%d" % i, "params": {
            "model": "m", "max_tokens": 10,
            "messages": [{"role": "user", "content": TEXT % i}]}}


def gemini_lines():
    for i in range(3):
        yield {"key": "unified_%d" % i, "request": {
            "contents": [{"role": "user", "parts": [{"text": TEXT % i}]}]}}


def node(which, package, lines):
    def course(origin, folder):
        program = shutil.which("node")
        if not program or not os.path.isdir(
                os.path.join(NODE_CLIENTS, "node_modules", package)):
            raise ImportError("Node's %s is not installed" % package)
        script = os.path.join(folder, "client.cjs")
        with open(script, "w") as out:
            out.write(NODE)
        got = subprocess.run(
            [program, script, os.path.abspath(NODE_CLIENTS), which, origin,
             write(folder, lines())], capture_output=True, text=True,
            timeout=600)
        steps = got.stdout.splitlines()
        for step in steps:
            good, what = step.split("ok ", 1)
            say(not good, "Node's %s: %s" % (package, what))
        say(len(steps) == 3, "Node's %s: every step %s"
            % (package, got.stderr[-200:].replace("\n", " ")))
    course.__name__ = "node_" + which
    return course


if not os.path.exists(FAKE):
    print("1..0 # SKIP the fake provider is not built here")
    sys.exit(0)
run(with_openai)
run(node("openai", "openai", chat_lines))
run(node("gemini", "@google/genai", gemini_lines))
run(node("anthropic", "@anthropic-ai/sdk", anthropic_lines))
run(with_gemini)
run(with_anthropic)
# By hand only: nothing is said of these where they aren't installed.
for course, module, shape in ((with_groq, "groq", "openai"),
                              (with_together, "together", "together"),
                              (with_mistral, "mistralai", "openai")):
    if importlib.util.find_spec(module):
        run(course, shape)
print("1..%d" % number)
