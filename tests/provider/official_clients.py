"""The vendors' own client libraries against our fakes.

Proves the fakes honest: what vitae is tested with is what those libraries
accept.  Needs packages from PyPI, so it is no part of "make check":

    python3 -m venv /tmp/clients
    /tmp/clients/bin/pip install openai anthropic google-genai mistralai \
        groq together
    /tmp/clients/bin/python tests/provider/official_clients.py \
        build/tests/provider/fake_provider

Speaks TAP; a library that isn't there is skipped.  Last tried with openai
3.57, anthropic 2.14, google-genai 3.6.1, mistralai 3.7, groq 1.7, together
3.1.1 (November 2026).
"""
import json
import os
import subprocess
import sys
import tempfile

FAKE = sys.argv[1]
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


run(with_openai)
run(with_groq)
run(with_together, "together")
run(with_mistral)
run(with_gemini)
run(with_anthropic)
print("1..%d" % number)
