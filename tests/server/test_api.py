#!/usr/bin/env python3
"""OpenAI's files and batches as vitae serve speaks them."""
import json
import os
import select
import signal
import socket
import threading
import time

from serve import (CHAT, Fake, Serve, done, eq, line, lines, ok, until)

BATCH_FIELDS = {
    "id": str, "object": str, "endpoint": str, "input_file_id": str,
    "completion_window": str, "status": str, "created_at": int,
    "expires_at": int, "request_counts": dict, "usage": dict,
    "metadata": dict}


def is_error(answer, status, code, name):
    eq((answer[0], answer[1].get("error", {}).get("code")), (status, code),
       name)
    error = answer[1].get("error", {})
    ok(set(error) == {"message", "type", "param", "code"} and
       error["message"], name + ": OpenAI's shape")


def a_batch_runs_from_start_to_end(s, fake):
    status, f, head = s.upload(lines(20))
    eq((status, f["object"], f["purpose"], f["filename"], f["bytes"]),
       (200, "file", "batch", "in.jsonl", len(lines(20))), "a file")
    ok(head["x-request-id"] and not head["Access-Control-Allow-Origin"],
       "it has a request id, and no CORS header")
    eq(s.content(f["id"]), lines(20).encode(), "its bytes come back")
    status, b, _ = s.create(f["id"], metadata={"who": "me \u00e9"})
    eq((status, b["status"], b["endpoint"]), (200, "validating", CHAT),
       "a batch")
    ok(all(isinstance(b[k], t) for k, t in BATCH_FIELDS.items()),
       "with every field")
    b = s.wait(b["id"])
    eq((b["status"], b["request_counts"]),
       ("completed", {"total": 20, "completed": 20, "failed": 0}), "it ends")
    eq(b["error_file_id"], None, "without an error file")
    ok(b["created_at"] <= b["in_progress_at"] <= b["finalizing_at"] <=
       b["completed_at"], "its times are in order")
    eq(sorted(s.results(b["output_file_id"])),
       sorted("unified_%d" % i for i in range(20)), "each answer once")
    first = json.loads(s.content(b["output_file_id"]).split(b"\n")[0])
    eq(first["response"]["status_code"], 200, "an answer's status")
    ok(first["response"]["body"]["choices"] and
       first["response"]["body"]["usage"] and first["error"] is None,
       "its choices and usage")
    ok(b["usage"]["input_tokens"] > 0 and b["usage"]["output_tokens"] > 0 and
       b["usage"]["total_tokens"] == b["usage"]["input_tokens"] +
       b["usage"]["output_tokens"], "tokens are added up")
    m = b["metadata"]
    eq((m["who"], m["completion_pct"], m["eta_seconds"]),
       ("me \u00e9", "100.00", "0"), "metadata: the client's, and progress")
    eq(m["prompt_groups"], "1", "one group of requests that begin alike")
    ok(float(m["throughput_req_per_sec"]) > 0 and
       0 <= float(m["token_savings_pct"]) <= 100, "and the rate and savings")
    alias = b["id"].replace("batch_", "batch_output_", 1)
    eq(s.content(alias), s.content(b["output_file_id"]),
       "batch_output_ is the same file")
    eq(s.ask("GET", "/v1/files/" + alias)[1]["id"], b["output_file_id"],
       "and names it")
    eq(s.content("batch_output_" + b["id"]), s.content(alias),
       "before the whole id, too")


def ranges_are_served(s):
    f = s.upload("0123456789\n")[1]["id"]
    path = "/v1/files/%s/content" % f
    for text, status, body, where in (
            ("bytes=0-3", 206, b"0123", "bytes 0-3/11"),
            ("bytes=8-", 206, b"89\n", "bytes 8-10/11"),
            ("bytes=-2", 206, b"9\n", "bytes 9-10/11"),
            ("bytes=3-1", 200, b"0123456789\n", None)):
        got = s.ask("GET", path, headers={"Range": text})
        eq((got[0], got[1], got[2]["Content-Range"]), (status, body, where),
           text)
    is_error(s.ask("GET", path, headers={"Range": "bytes=99-"}), 416,
             "range_not_satisfiable", "behind the end")


def a_bad_file_fails_with_each_line_named(s):
    bad = "\n".join([
        line(0), "{\"custom_id\": ", line(2, custom_id="unified_0"),
        line(3, custom_id=""), line(4, url="/v1/embeddings"),
        line(5, method="GET"), line(6, body="x"), "", "[]",
        line(9, url="http://evil.example/"),
        "{\"custom_id\":\"unified_\\u0030\",\"method\":\"POST\",\"url\":"
        "\"%s\",\"body\":{}}" % CHAT])
    b = s.wait(s.batch(bad))
    eq((b["status"], b["errors"]["object"], b["output_file_id"]),
       ("failed", "list", None), "a bad file fails")
    eq([(e["line"], e["code"], e["param"]) for e in b["errors"]["data"]],
       [(2, "invalid_json_line", None),
        (3, "duplicate_custom_id", "custom_id"),
        (4, "missing_required_parameter", "custom_id"),
        (5, "url_mismatch", "url"), (6, "invalid_method", "method"),
        (7, "missing_required_parameter", "body"),
        (9, "invalid_json_line", None), (10, "invalid_url", "url"),
        (11, "duplicate_custom_id", "custom_id")], "each line is told")
    b = s.wait(s.batch("x\n" * 150))
    eq((len(b["errors"]["data"]), b["errors"]["data"][100]["code"]),
       (101, "more_errors"), "many are counted")
    b = s.wait(s.batch("\n\n"))
    eq(b["errors"]["data"][0]["code"], "empty_file", "an empty file fails")
    b = s.wait(s.batch(bad, metadata={"invalid_lines": "skip"}))
    eq((b["status"], b["request_counts"]["completed"]), ("completed", 1),
       "or it goes on without them")
    eq(len(s.results(b["error_file_id"])), b["request_counts"]["failed"],
       "which are in the error file")
    eq([(e["line"], e["code"]) for e in b["errors"]["data"]],
       [(3, "duplicate_custom_id"), (11, "duplicate_custom_id")],
       "but for a custom_id that came before: the batch tells it")


def failures_are_told_by_line(s):
    b = s.wait(s.batch(line(1) + "\n" + line(2, "@@status 400 no") + "\n" +
                       line(3, "@@once 500") + "\n"))
    eq((b["status"], b["request_counts"]),
       ("completed", {"total": 3, "completed": 2, "failed": 1}),
       "one is refused, one succeeds when it is asked again")
    error = json.loads(s.content(b["error_file_id"]))
    eq((error["custom_id"], error["response"]["status_code"]),
       ("unified_2", 400), "the refusal is in the error file")


def what_is_asked_wrongly_is_refused(s):
    f = s.upload(lines(1))[1]["id"]
    for body, code, name in (
            ({}, "missing_required_parameter", "nothing"),
            ({"input_file_id": f}, "missing_required_parameter", "no endpoint"),
            ({"input_file_id": f, "endpoint": "/v1/other",
              "completion_window": "24h"}, "invalid_value", "an endpoint"),
            ({"input_file_id": f, "endpoint": CHAT,
              "completion_window": "soon"}, "invalid_value", "a window"),
            ({"input_file_id": "file-none", "endpoint": CHAT,
              "completion_window": "24h"}, "file_not_found", "a file"),
            ({"input_file_id": "../lock", "endpoint": CHAT,
              "completion_window": "24h"}, "file_not_found", "a path"),
            ({"input_file_id": f, "endpoint": CHAT, "completion_window": "24h",
              "metadata": ["a"]}, "invalid_value", "metadata of a list"),
            ({"input_file_id": f, "endpoint": CHAT, "completion_window": "24h",
              "metadata": {"priority": "high"}}, "invalid_value", "priority")):
        is_error(s.ask("POST", "/v1/batches", body), 400, code, name)
    is_error(s.ask("POST", "/v1/batches", "{"), 400, "invalid_json", "no JSON")
    is_error(s.upload(lines(1), purpose="fine-tune"), 400, "invalid_value",
             "another purpose")
    is_error(s.upload(lines(1), purpose=None), 400,
             "missing_required_parameter", "no purpose")
    is_error(s.upload(None), 400, "missing_required_parameter", "no file")
    eq(s.upload(lines(1), filename="in.txt")[0], 400, "not .jsonl")
    for method, path in (
            ("GET", "/v1/files/file-none"), ("DELETE", "/v1/files/file-none"),
            ("GET", "/v1/files/file-none/content"),
            ("GET", "/v1/files/batch_output_none/content"),
            ("GET", "/v1/files/..%2flock/content"),
            ("GET", "/v1/files/" + "x" * 500),
            ("GET", "/v1/batches/batch_none"),
            ("POST", "/v1/batches/batch_none/cancel"),
            ("GET", "/v1/batches/batch_none/events"), ("GET", "/v2")):
        eq(s.ask(method, path)[0], 404, "%s %.60s" % (method, path))
    eq(s.ask("PUT", "/v1/files")[0], 405, "a method")
    eq(s.ask("GET", "/v1/batches?limit=0")[0], 400, "a limit of nothing")
    eq(s.ask("GET", "/v1/batches?limit=101")[0], 400, "a limit beyond 100")


def metadata_has_the_limits_of_openai(s):
    f = s.upload(lines(1))[1]["id"]
    sixteen = {"name %d" % i: "x" for i in range(16)}
    for metadata, code, param in (
            (sixteen, None, None),
            (dict(sixteen, more="x"), "object_above_max_properties",
             "metadata"),
            (dict(sixteen, eta_seconds="5", paused="true"), None, None),
            ({"\u00e9" * 64: "\u00e9" * 512}, None, None),
            ({"n" * 65: "x"}, "property_name_above_max_length", "metadata"),
            ({"n": "x" * 513}, "string_above_max_length", "metadata.n"),
            ({"n": 1}, "invalid_type", "metadata.n"),
            ({"n": None}, "invalid_type", "metadata.n")):
        status, got, _ = s.create(f, metadata=metadata)
        error = got.get("error", {})
        eq((status, error.get("code"), error.get("param")),
           (400 if code else 200, code, param),
           "%d pairs: %s" % (len(metadata), error.get("message", "taken")))


def lists_have_pages(s):
    ids = [s.upload(lines(1))[1]["id"] for _ in range(5)]
    status, page, _ = s.ask("GET", "/v1/files?limit=2&purpose=batch")
    eq([f["id"] for f in page["data"]], [ids[4], ids[3]], "newest first")
    eq((page["first_id"], page["last_id"], page["has_more"]),
       (ids[4], ids[3], True), "with the ends of the page")
    page = s.ask("GET", "/v1/files?limit=2&purpose=batch&after=" + ids[3])[1]
    eq([f["id"] for f in page["data"]], [ids[2], ids[1]], "the next page")
    page = s.ask("GET", "/v1/files?order=asc&after=" + ids[3])[1]
    eq([f["id"] for f in page["data"]], [ids[4]], "oldest first")
    ok(not page["has_more"], "no more behind it")
    page = s.ask("GET", "/v1/files?purpose=other")[1]
    eq((page["data"], page["first_id"]), ([], None), "none of that purpose")
    status, gone, _ = s.ask("DELETE", "/v1/files/" + ids[0])
    eq((status, gone), (200, {"id": ids[0], "object": "file",
                              "deleted": True}), "one is deleted")
    eq(s.ask("GET", "/v1/files/" + ids[0])[0], 404, "and gone")
    ok(not any(ids[0] in name for name in s.files()), "from the disk too")
    batches = [s.batch(lines(1)) for _ in range(3)]
    page = s.ask("GET", "/v1/batches?limit=2")[1]
    eq([b["id"] for b in page["data"]], [batches[2], batches[1]], "batches")
    ok(page["has_more"], "and there are more")
    for b in batches:
        s.wait(b)


def at_rest(fake):
    """What was asked, when for a second nothing has been in flight."""
    def still():
        was = fake.ledger()
        time.sleep(1)
        return not was["in_flight"] and fake.ledger() == was

    until(still)
    return fake.ledger()["chats"]


def a_running_batch_can_be_watched_and_ended(s, fake):
    begun = fake.ledger()["chats"]
    fake.script("set hold=5", "set latency=0.2")
    b = s.batch(lines(60))
    got = s.wait(b, lambda x: x["request_counts"]["completed"] == 5)
    ok(0 < float(got["metadata"]["completion_pct"]) < 100 and
       float(got["metadata"]["eta_seconds"]) > 0, "progress is told")
    part = s.content("batch_output_" + b[6:])
    ok(part.endswith(b"\n") and
       all(json.loads(x) for x in part.splitlines()),
       "results so far are whole lines")
    is_error(s.ask("DELETE", "/v1/files/" + got["input_file_id"]), 409,
             "file_in_use", "its file can't be deleted")
    status, paused, _ = s.ask("POST", "/v1/batches/%s/pause" % b)
    eq((status, paused["metadata"]["paused"]), (200, "true"), "it is paused")
    fake.script("set hold=-1")
    before = at_rest(fake)
    ok(before < begun + 60, "soon nothing is asked any more: %d of 60" %
       (before - begun))
    s.stop()
    s.start()
    time.sleep(0.7)
    eq((fake.ledger()["chats"], s.get(b)["metadata"]["paused"]),
       (before, "true"), "nor after a restart")
    s.ask("POST", "/v1/batches/%s/resume" % b)
    fake.script("set hold=5")
    s.wait(b, lambda x: fake.ledger()["chats"] > before)
    ok(fake.ledger()["chats"] > before, "resumed, it goes on")
    status, ending, _ = s.ask("POST", "/v1/batches/%s/cancel" % b)
    eq((status, ending["status"]), (200, "cancelling"), "it is cancelled")
    fake.script("set hold=-1")
    got = s.wait(b)
    eq(got["status"], "cancelled", "in the end")
    eq(len(s.results(got["output_file_id"])),
       got["request_counts"]["completed"], "what was done is kept")
    is_error(s.ask("POST", "/v1/batches/%s/cancel" % b), 409,
             "invalid_status", "twice is too late")
    fake.script("set latency=0")


def events_are_pushed(s, fake):
    fake.script("set latency=0.1")
    b = s.batch(lines(60))
    status, text, head = s.ask("GET", "/v1/batches/%s/events" % b)
    events = [json.loads(x[6:]) for x in text.decode().splitlines()
              if x.startswith("data: ")]
    ok(head["Content-Type"].startswith("text/event-stream"), "an event stream")
    ok(len(events) >= 2 and events[-1]["status"] == "completed",
       "tells of the batch until it ends")
    counts = [e["request_counts"]["completed"] for e in events]
    eq(counts, sorted(counts), "and never goes back")
    fake.script("set latency=0")


def priority_goes_first(s, fake):
    fake.script("set latency=0.1", "set hold=0")
    first = s.batch(lines(20))
    s.wait(first, lambda x: fake.ledger()["in_flight"] > 0)
    low = s.batch(lines(20))
    high = s.batch(lines(4), metadata={"priority": "50"})
    for b in (low, high):
        s.wait(b, lambda x: x["status"] == "in_progress")
    fake.script("set hold=-1")
    low, high = s.wait(low), s.wait(high)
    ok(high["completed_at"] <= low["completed_at"] and
       high["finalizing_at"] <= low["finalizing_at"],
       "a later batch of higher priority is done before")
    s.wait(first)
    fake.script("set latency=0")


def requests_are_passed_on(s):
    status, models, _ = s.ask("GET", "/v1/models")
    eq((status, models["object"]), (200, "list"), "models")
    body = {"model": "m", "messages": [
        {"role": "user", "content": "@@answer {\"x\":1}"}]}
    status, answer, _ = s.ask("POST", CHAT, body)
    eq((status, answer["choices"][0]["message"]["content"]),
       (200, "{\"x\":1}"), "chat")
    body["messages"][0]["content"] = "@@status 422 no such thing"
    status, answer, _ = s.ask("POST", CHAT, body)
    eq(status, 422, "and refusals, as they are")
    eq(s.ask("GET", "/health")[1], {"status": "ok"}, "health")
    text = s.ask("GET", "/metrics")[1].decode()
    ok("vitae_serve_batches{status=\"completed\"}" in text and
       all(x.startswith("#") or len(x.split()) == 2
           for x in text.splitlines()), "metrics")


def an_upload_that_breaks_off_leaves_nothing(s):
    before = s.files()
    body, kind = s.form(lines(2000))
    head = ("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s"
            "\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))).encode()
    for part in (1, 50, 200, 300, len(body) // 2, len(body) - 3):
        with socket.create_connection(("127.0.0.1", s.port)) as c:
            c.sendall(head + body[:part])
    until(lambda: s.files() == before)
    eq(s.files(), before, "no record, no bytes")
    chunk = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    head = ("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n"
            "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" %
            kind).encode()
    answer = s.raw(head + chunk)
    ok(b"200 OK" in answer[:20] and b"\"file-" in answer,
       "in chunks, as the official client sends it, it is taken")


def answers_depend_on_no_neighbour(s):
    texts = [line(i) for i in range(30)]
    answers = []
    for order in (texts, texts[::-1], texts[::2]):
        b = s.wait(s.batch("\n".join(order)))
        got = (json.loads(x) for x in
               s.content(b["output_file_id"]).splitlines())
        answers.append({r["custom_id"]: r["response"]["body"]["choices"]
                        for r in got})
    eq(answers[0], answers[1], "the other way round: the same answers")
    eq({k: answers[0][k] for k in answers[2]}, answers[2],
       "without every second: the same")


def a_window_ends(s, fake):
    fake.script("set hold=5")
    b = s.batch(lines(200), completion_window="2d")
    s.wait(b, lambda x: x["request_counts"]["completed"] == 5)
    s.stop()
    s.edit(b, expires_at=time.time() - 1)
    s.start()
    got = s.wait(b)
    eq(got["status"], "expired", "it expires")
    done_ = s.results(got["output_file_id"])
    rest = [json.loads(x) for x in
            s.content(got["error_file_id"]).splitlines()]
    eq(sorted(done_ + [r["custom_id"] for r in rest]),
       sorted("unified_%d" % i for i in range(200)), "each request is told of")
    ok(len(done_) > 3 and all(
        r["response"] is None and r["error"]["code"] == "batch_expired"
        for r in rest), "what was not asked as batch_expired")
    eq(got["request_counts"], {"total": 200, "completed": len(done_),
                               "failed": len(rest)}, "and counted")
    fake.script("set hold=-1")


def an_upstream_in_trouble_is_waited_for():
    with Fake("--set", "key=the-right-key") as fake, Serve(fake.url) as s:
        b = s.batch(lines(5))
        got = s.wait(b, lambda x: "waiting_for" in x["metadata"])
        eq(got["status"], "in_progress", "with a key refused it waits")
        ok("key" in got["metadata"]["waiting_for"].lower() or
           "401" in got["metadata"]["waiting_for"], "and says for what")
        fake.script("set key=")
        s.ask("POST", "/v1/batches/%s/resume" % b)
        eq(s.wait(b)["request_counts"]["completed"], 5, "then it goes on")
        b = s.wait(s.batch(line(1, "@@status 404 no such model") + "\n"))
        eq((b["status"], b["errors"]["data"][0]["code"]),
           ("failed", "model_not_found"), "an unknown model fails it")
        fake.script("set hold=5")
        b = s.batch(lines(40))
        s.wait(b, lambda x: x["request_counts"]["completed"] == 5)
        fake.close()
        eq(s.ask("POST", CHAT, {"model": "m", "messages": []})[0], 502,
           "while it is down, chat is told so")
        with Fake(at=fake):
            got = s.wait(b)
            eq((got["status"], got["request_counts"]["completed"]),
               ("completed", 40), "and when it is back the batch goes on")


def several_upstreams_share(fake):
    with Fake("--set", "hold=30") as other, \
            Serve(fake.url + "," + other.url) as s:
        fake.script("set hold=30")
        before = fake.ledger()["chats"]
        b = s.batch(lines(80))
        s.wait(b, lambda x: x["request_counts"]["completed"] == 60)
        for one in (fake, other):
            one.script("set hold=-1")
        b = s.wait(b)
        eq(b["request_counts"]["completed"], 80, "two upstreams, one batch")
        ok(fake.ledger()["chats"] - before >= 30 and
           other.ledger()["chats"] >= 30, "each has its share")


def limits_hold(fake):
    with Serve(fake.url, "--set", "serve.max_upload=100kB", "--set",
               "serve.max_requests=10") as s:
        big = line(1) + "\n" + " " * 110000
        is_error(s.upload(big), 413, "file_too_large", "an upload too large")
        body, kind = s.form(" " * 3000000)
        head = ("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                "%s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)))
        ok(b" 413 " in s.raw(head.encode())[:20], "told before it is sent")
        eq(s.files(), [], "nothing of it stays")
        b = s.wait(s.batch(lines(11)))
        eq((b["status"], b["errors"]["data"][0]["code"]),
           ("failed", "too_many_tasks"), "more requests than are taken")


def others_need_a_key(fake):
    with Serve(fake.url, "--set", "serve.listen=0.0.0.0:0") as s:
        eq((s.url, s.process.wait(timeout=60)), ("", 3),
           "on an address that others reach it doesn't start without keys")


def a_request_leaves_no_record(s):
    sizes = []
    for count in (1, 500):
        b = s.batch(lines(count))
        s.wait(b)
        sizes.append(os.path.getsize(os.path.join(
            s.folder, "serve/batches", b + ".json")))
    ok(abs(sizes[1] - sizes[0]) < 100, "the record of 500 requests is as "
       "large as that of one: %d and %d bytes" % (sizes[1], sizes[0]))


def who_finds_no_room_is_told(fake):
    """More chat at once than is asked and may wait, then the end."""
    fake.script("set hold=0")
    body = b'{"model":"m","messages":[{"role":"user","content":"@@answer 1"}]}'
    request = (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
               b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" %
               (len(body), body))
    with Serve(fake.url) as s:
        all_of_them = []
        for _ in range(300):
            c = socket.create_connection(("127.0.0.1", s.port))
            c.sendall(request)
            all_of_them.append(c)

        def answered():
            return select.select(all_of_them, [], [], 0)[0]

        until(lambda: len(answered()) >= 28)
        early = answered()
        told = [c.makefile("rb").read() for c in early]
        ok(28 <= len(told) < 300 and all(
            b" 503 " in t and b"Retry-After: 5" in t and b'"busy"' in t
            for t in told), "%d of 300 find no room" % len(told))
        eq(s.stop(), 0, "it ends with requests in hand")
        late = [c.makefile("rb").read() for c in all_of_them if c not in early]
        ok(all(not t or (b" 503 " in t and (
            b'"shutting_down"' in t or b'"busy"' in t)) for t in late),
           "which are told so, or nothing")
        for c in all_of_them:
            c.close()
    fake.script("set hold=-1")


def keys_keep_their_own(fake):
    keys = ["key-of-the-first-0001", "key-of-another-00002"]
    path = os.path.abspath("serve-keys.%d" % os.getpid())
    with open(path, "w") as f:
        f.write("\n".join(keys) + "\n")
    try:
        with Serve(fake.url, "--set", "serve.api_key_file=" + path) as s:
            eq(s.ask("GET", "/health")[0], 200, "health needs no key")
            for given in (None, "Bearer ", "Bearer wrong-key-wrong-key",
                          "Bearer key-of-the-first-000", keys[0]):
                h = {"Authorization": given} if given else {}
                is_error(s.ask("GET", "/v1/batches", headers=h), 401,
                         "invalid_api_key", "without a known key")
            eq(s.ask("GET", "/metrics")[0], 401, "metrics neither")
            s.key = keys[0]
            b = s.wait(s.batch(lines(2)))
            eq(b["status"], "completed", "with one it works")
            s.key = keys[1]
            for method, path_ in (
                    ("GET", "/v1/batches/" + b["id"]),
                    ("POST", "/v1/batches/%s/cancel" % b["id"]),
                    ("GET", "/v1/batches/%s/events" % b["id"]),
                    ("GET", "/v1/files/" + b["input_file_id"]),
                    ("GET", "/v1/files/%s/content" % b["output_file_id"]),
                    ("GET", "/v1/files/batch_output_%s/content" % b["id"][6:]),
                    ("DELETE", "/v1/files/" + b["input_file_id"])):
                eq(s.ask(method, path_)[0], 404,
                   "another key doesn't see it: %s %s" %
                   (method, path_.split("/")[2]))
            is_error(s.create(b["input_file_id"]), 400, "file_not_found",
                     "nor can it use the file")
            eq(s.ask("GET", "/v1/batches")[1]["data"], [], "nor list it")
            eq(s.ask("GET", "/v1/files")[1]["data"], [], "nor the files")
    finally:
        os.unlink(path)


def many_clients_at_once(s):
    f = s.upload(lines(3))[1]["id"]
    found = []

    def one():
        ids = [s.create(f)[1]["id"] for _ in range(5)]
        found.extend(s.wait(i)["status"] for i in ids)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    eq(found, ["completed"] * 40, "40 batches of one file, from 8 clients")


def main():
    with Fake() as fake, Serve(fake.url) as s:
        a_batch_runs_from_start_to_end(s, fake)
        ranges_are_served(s)
        a_bad_file_fails_with_each_line_named(s)
        failures_are_told_by_line(s)
        what_is_asked_wrongly_is_refused(s)
        metadata_has_the_limits_of_openai(s)
        lists_have_pages(s)
        a_running_batch_can_be_watched_and_ended(s, fake)
        events_are_pushed(s, fake)
        priority_goes_first(s, fake)
        requests_are_passed_on(s)
        an_upload_that_breaks_off_leaves_nothing(s)
        answers_depend_on_no_neighbour(s)
        a_window_ends(s, fake)
        many_clients_at_once(s)
        a_request_leaves_no_record(s)
        eq(s.end(signal.SIGTERM), 0, "it ends when it is told to")
        limits_hold(fake)
        others_need_a_key(fake)
        who_finds_no_room_is_told(fake)
        keys_keep_their_own(fake)
        several_upstreams_share(fake)
    an_upstream_in_trouble_is_waited_for()
    done()


main()
