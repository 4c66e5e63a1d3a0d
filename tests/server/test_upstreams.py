#!/usr/bin/env python3
"""Several upstreams, several models, several batches at once."""
import json
import tempfile
import time

from serve import CHAT, FINAL, Fake, Serve, done, eq, line, lines, ok


def for_model(i, model, **more):
    r = json.loads(line(i))
    r["body"]["model"] = model
    r["body"].update(more)
    return json.dumps(r) + "\n"


def asked(fake):
    return fake.ledger()["chats"]


def lines_go_where_their_model_is():
    with Fake("--set", "offers=alpha:both:latest") as a, \
            Fake("--set", "offers=beta:both") as b, \
            Serve(a.url + "," + b.url) as s:
        s.wait(s.batch(for_model(0, "both")))
        eq(sorted(m["id"] for m in s.ask("GET", "/v1/models")[1]["data"]),
           ["alpha", "beta", "both", "latest"], "each model is listed once")
        was = asked(a), asked(b)
        text = "".join(for_model(i, "alpha" if i % 3 else "beta")
                       for i in range(60))
        got = s.wait(s.batch(text))
        eq((got["status"], got["request_counts"]["completed"]),
           ("completed", 60), "a batch for two models")
        eq((asked(a) - was[0], asked(b) - was[1]), (40, 20),
           "each line went to the upstream that has its model")
        got = s.wait(s.batch(for_model(1, "alpha") + for_model(2, "gamma")))
        eq((got["status"], [(e["code"], e["line"], e["param"])
                            for e in got["errors"]["data"]]),
           ("failed", [("model_not_found", 2, "body.model")]),
           "a model that nobody has fails validation")
        got = s.wait(s.batch(for_model(1, "alpha") + for_model(2, "gamma"),
                             metadata={"invalid_lines": "skip"}))
        error = json.loads(s.content(got["error_file_id"]))
        eq((got["request_counts"]["completed"],
            error["response"]["body"]["error"]["code"]),
           (1, "model_not_found"), "or it goes on without, when told to")
        eq(s.ask("POST", CHAT, {"model": "gamma", "messages": []})[0], 404,
           "chat with a model that nobody has")
        was = asked(b)
        s.ask("POST", CHAT, json.loads(for_model(3, "beta"))["body"])
        eq(asked(b) - was, 1, "chat goes to the one that has it")
        text = s.ask("GET", "/metrics")[1].decode()
        ok("vitae_serve_upstream_up{url=\"%s\"} 1" % a.url in text,
           "metrics tell of each upstream")
        m = s.ask("GET", "/metrics?format=json")[1]
        eq((m["batches"]["failed"], m["requests_done"] > 60), (1, True),
           "and as JSON")


def a_model_waits_alone():
    """While beta's upstream is down, alpha's lines are all answered."""
    b = Fake("--set", "offers=beta")
    with Fake("--set", "offers=alpha") as a, b:
        with Serve(a.url + "," + b.url, "--set", "runner.concurrency=2") as s:
            s.wait(s.batch(for_model(0, "beta")))
            b.process.kill()
            b.process.wait()
            text = "".join(for_model(i, "beta") for i in range(30)) + \
                "".join(for_model(i, "alpha") for i in range(30, 60))
            n = s.batch(text)
            got = s.wait(n, lambda x: x["request_counts"]["completed"] >= 30)
            eq((got["status"], got["request_counts"]["completed"]),
               ("in_progress", 30), "one model doesn't wait for another")
            with Fake("--set", "offers=beta", at=b):
                got = s.wait(n)
                eq((got["status"], got["request_counts"]["completed"]),
                   ("completed", 60), "when its upstream is back it goes on")


def others_take_over():
    b = Fake("--set", "hold=10")
    with Fake("--set", "hold=10") as a, b:
        with Serve(a.url + "," + b.url) as s:
            n = s.batch(lines(200))
            s.wait(n, lambda x: x["request_counts"]["completed"] == 20)
            b.process.kill()
            b.process.wait()
            a.script("set hold=-1")
            got = s.wait(n)
            eq((got["status"], got["request_counts"]["completed"]),
               ("completed", 200), "an upstream that dies is done without")


def each_gets_its_key():
    with Fake("--set", "key=first") as a, Fake("--set", "key=second") as b, \
            tempfile.NamedTemporaryFile("w") as keys:
        keys.write("# keys\n%s second\nfirst\n" % b.url)
        keys.flush()
        with Serve(a.url + "," + b.url, "--set", "runner.concurrency=2",
                   "--set", "serve.upstream_key_file=" + keys.name) as s:
            was = asked(a), asked(b)
            got = s.wait(s.batch(lines(40)))
            eq(got["request_counts"]["completed"], 40, "with a key for each")
            ok(asked(a) > was[0] and asked(b) > was[1], "both were asked")
            eq(s.ask("POST", CHAT, json.loads(line(1))["body"])[0], 200,
               "chat has the key too")
        keys.write("http://elsewhere/v1 third\n")
        keys.flush()
        s = Serve(a.url, "--set", "serve.upstream_key_file=" + keys.name)
        with s:
            eq(s.url, "", "a key for an address that is none is refused")
    with Serve("localhost:11434") as s:
        eq(s.url, "", "and an upstream without http://")


def too_long_is_refused_before_it_is_sent():
    with Fake("--set", "offers=small=500") as a, Serve(a.url) as s:
        s.wait(s.batch(for_model(0, "small")))
        was = asked(a)
        long = [{"role": "user", "content": "words and words " * 500}]
        text = for_model(1, "small") + \
            for_model(2, "small", messages=long) + \
            for_model(3, "small", max_tokens=900)
        got = s.wait(s.batch(text))
        errors = {e["custom_id"]: e["response"]["body"]["error"] for e in
                  map(json.loads, s.content(got["error_file_id"]).splitlines())}
        eq((got["request_counts"]["completed"], got["request_counts"]["failed"],
            asked(a) - was), (1, 2, 1), "too long: refused, not sent")
        eq({e["code"] for e in errors.values()}, {"context_length_exceeded"},
           "with OpenAI's word")
        ok("500" in errors["unified_2"]["message"] and
           "1501 tokens" in errors["unified_2"]["message"] and
           "900" in errors["unified_3"]["message"],
           "and both numbers: " + errors["unified_2"]["message"])


def by_tens(s, fake, one, other):
    """Answers are let out, ten at a time, until one of two batches ends."""
    while not {s.get(one)["status"], s.get(other)["status"]} & set(FINAL):
        fake.script("set hold=10")


def several_run_at_once():
    with Fake("--set", "hold=20", "--set", "busy=4") as fake, \
            Serve(fake.url, "--set", "runner.concurrency=4") as s:
        big = s.batch(lines(4000))
        s.wait(big, lambda x: x["request_counts"]["completed"] == 20)
        small = s.batch(lines(10))
        by_tens(s, fake, small, big)
        small, big = s.get(small), s.get(big)
        eq((small["status"], big["status"]), ("completed", "in_progress"),
           "a small batch doesn't wait for a large one")
        text = s.ask("GET", "/metrics")[1].decode()
        ok("vitae_serve_upstream_concurrency{url=\"%s\"} 4" % fake.url in text,
           "together they ask no more at once than one")
        s.ask("POST", "/v1/batches/%s/cancel" % big["id"])
        fake.script("set hold=-1")
        eq(s.wait(big["id"])["status"], "cancelled", "the large one ends")


def one_at_a_time_by_rank():
    with Fake("--set", "hold=0") as fake, \
            Serve(fake.url, "--set", "runner.concurrency=2", "--set",
                  "serve.batches=1") as s:
        first = s.batch(lines(4000))
        s.wait(first, lambda x: x["status"] == "in_progress")
        low = s.batch(lines(5), metadata={"priority": "-5"})
        high = s.batch(lines(5), metadata={"priority": "5"})
        by_tens(s, fake, high, first)
        eq((s.get(high)["status"], s.get(first)["status"], s.get(low)["status"]),
           ("completed", "in_progress", "in_progress"),
           "a higher one makes a running one step aside")
        fake.script("set hold=-1")
        first, low = s.wait(first), s.wait(low)
        ok(first["completed_at"] <= low["completed_at"],
           "a lower one waits for it")
        eq(first["request_counts"]["completed"], 4000,
           "nothing of the first is lost")


def waiting_counts_as_rank():
    """An hour is a step: who has waited for 11 goes before 10 steps more."""
    with Fake() as gone, Serve(gone.url, "--set", "serve.batches=1") as s:
        gone.close()
        low = s.batch(lines(3), metadata={"priority": "-5"})
        high = s.batch(lines(3), metadata={"priority": "5"})
        s.stop()
        s.edit(low, at={"validating": time.time() - 11 * 3600})
        with Fake("--set", "hold=3", at=gone) as fake:
            s.start()
            got = s.wait(low)
            eq((got["status"], got["request_counts"]["completed"]),
               ("completed", 3), "a low batch that waits for long goes first")
            eq(s.get(high)["request_counts"]["completed"], 0,
               "a high one that came now waits for it")
            fake.script("set hold=-1")
            eq(s.wait(high)["status"], "completed", "which isn't long")


def main():
    lines_go_where_their_model_is()
    a_model_waits_alone()
    others_take_over()
    each_gets_its_key()
    too_long_is_refused_before_it_is_sent()
    several_run_at_once()
    one_at_a_time_by_rank()
    waiting_counts_as_rank()
    done()


main()
