#!/usr/bin/env python3
"""vitae probe against a model server of known limits."""
import http.server
import json
import re
import subprocess
import threading
import time

from serve import VITAE, done, eq, ok


ANSWER = 32  # tokens; a request for so many is one of a round
ROUND = 0.05  # seconds: shorter than an answer, so that every round at n is
#               two requests of each, however slow the machine


class Model:
    """holds: tokens of the context; refuses: this one request of the rounds,
    counted from 0."""

    def __init__(self, holds, refuses=None, cuts=False, told=None):
        lock = threading.Lock()
        self.longest = self.rounds = 0
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self, status, value):
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/v1/models":
                    one = {"id": "small", "object": "model"}
                    if told:
                        one["max_model_len"] = told
                    self.reply(200, {"object": "list", "data": [one]})
                else:
                    self.reply(404, {"detail": "Not Found"})

            def do_POST(self):
                body = json.loads(self.rfile.read(
                    int(self.headers["Content-Length"])))
                n = len(body["messages"][0]["content"].split()) + 10
                model.longest = max(model.longest, n)
                if n > holds and not cuts:
                    self.reply(400, {"error": {
                        "message": "too long", "type":
                        "exceed_context_size_error", "code": 400,
                        "n_prompt_tokens": n, "n_ctx": holds}})
                    return
                if body["max_tokens"] == ANSWER:
                    with lock:
                        number = model.rounds
                        model.rounds += 1
                    if number == refuses:
                        self.reply(503, {"error": {"message": "too many"}})
                        return
                    time.sleep(ROUND * 1.2)
                self.reply(200, {"choices": [{"message": {
                    "role": "assistant", "content": "x"}}], "usage": {
                        "prompt_tokens": min(n, holds),
                        "completion_tokens": 1, "total_tokens": n + 1}})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d/v1" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def probe(self, *args):
        return subprocess.run([VITAE, "probe", "--upstream", self.url + "/",
                               "--seconds", str(ROUND), "--answer", str(ANSWER),
                               *args], text=True, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def follows(r):
    """Which one is best depends on how fast the machine was: the rounds tell.
    (How they are repeated: test_climb.c.)"""
    rounds = [(x["concurrency"], x["per_second"]) for x in r["rounds"]
              if not x["failed"]]
    best = max(rate for _, rate in rounds)
    eq(r["concurrency"], min(n for n, rate in rounds if rate * 1.05 >= best),
       "the concurrency is the smallest near the best rate of its rounds")
    ok(all(x["answered"] == 2 * x["concurrency"] for x in r["rounds"]
           if not x["failed"]), "each round was that many at once")


def a_refusal_ends_it():
    with Model(700, refuses=2 + 4) as m:  # the first of the round of four
        r = json.loads(m.probe("--json").stdout)
        eq([x["concurrency"] for x in r["rounds"]], [1, 2, 4],
           "the round with a refusal is the last")
        eq([x["failed"] for x in r["rounds"]], [0, 0, 1],
           "and failed")
        follows(r)


def limits_are_found():
    with Model(3000, told=3000) as m:
        got = m.probe("--json", "--concurrency", "8")
        r = json.loads(got.stdout)
        ok(2850 < r["context_measured"] <= 3000, "the context: %d of 3000" %
           r["context_measured"])
        eq((r["context"], r["context_told"], r["model"], r["cuts_silently"]),
           (int(r["context_measured"] * 0.8), 3000, "small", False),
           "four fifths are safe")
        follows(r)
        ok(r["host"] and len(r["date"]) == 10, "date and host")
        ok("tokens fit" in got.stderr, "progress on standard error")


def settings_are_printed():
    with Model(700) as m:
        got = m.probe("--concurrency", "2")
        ok("[serve]\nupstream = %s\n" % m.url in got.stdout and
           re.search(r"\[runner\]\nconcurrency = [12]\n", got.stdout),
           "settings to use")
        ok("measured by vitae probe on 20" in got.stdout, "with the date")
        eq(got.returncode, 0, "it ends well")


def silent_cutting_is_seen():
    with Model(1000, cuts=True) as m:
        r = json.loads(m.probe("--json", "--concurrency", "1").stdout)
        ok(r["cuts_silently"], "a server that cuts is found out")
        ok(800 < r["context_measured"] <= 1000, "with its limit: %d" %
           r["context_measured"])


def a_limit_is_kept():
    with Model(100000) as m:
        r = json.loads(m.probe("--json", "--context", "2000",
                               "--concurrency", "1").stdout)
        ok(m.longest < 2100 and r["context_measured"] > 1800,
           "no longer prompt than was allowed")


def nobody_there():
    got = subprocess.run([VITAE, "probe", "--upstream",
                          "http://127.0.0.1:1/v1"], text=True,
                         capture_output=True)
    ok(got.returncode == 5 and "does not answer" in got.stderr,
       "nobody there: %d %s" % (got.returncode, got.stderr.strip()[:60]))


def main():
    limits_are_found()
    a_refusal_ends_it()
    settings_are_printed()
    silent_cutting_is_seen()
    a_limit_is_kept()
    nobody_there()
    done()


main()
