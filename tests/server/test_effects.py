#!/usr/bin/env python3
"""Hurt vitae serve at its effects, one after the other, and start it again.

For each point (write, sync, rename, unlink, send; crash_shim.c) and each way
(killed before, after or in the middle of it; a disk that fails or is full):
one upload, one batch of six requests.  Afterwards what a client was told is
true, what it wasn't told of has left nothing or is whole, each answer is
there once, and nothing finished was asked again.

VITAE_CRASH_POINTS=N    about N points of each way (default 6; 0 = all)
"""
import http.client
import os
import random
import tempfile
import time
import urllib.error

from serve import SHIM, Fake, Serve, done, lines, ok

REQUESTS = 6
WAYS = ("kill", "after", "short", "eio", "enospc")
GONE = (urllib.error.URLError, http.client.HTTPException, ConnectionError,
        TimeoutError)
WORDS = {"kill": "killed before", "after": "killed after",
         "short": "killed within", "eio": "disk failing at",
         "enospc": "disk full at"}


def scenario(s):
    """What the client was told: statuses and ids."""
    told = {"statuses": []}
    try:
        status, f, _ = s.upload(lines(REQUESTS))
        told["statuses"].append(status)
        if status != 200:
            return told
        told["file"] = f["id"]
        status, b, _ = s.create(f["id"])
        told["statuses"].append(status)
        if status != 200:
            return told
        told["batch"] = b["id"]
        s.wait(b["id"], lambda x: "waiting_for" in x["metadata"])
    except GONE:
        pass
    return told


def hurt(point, way):
    """What is wrong in the end; "" when all is well."""
    with Fake() as fake:
        s = Serve(fake.url, "--set", "runner.concurrency=2", start=False)
        with s:
            s.start(env={"LD_PRELOAD": SHIM, "SHIM_AT": str(point),
                         "SHIM_DO": way})
            told = scenario(s) if s.url else {"statuses": []}
            if s.process.poll() is None:
                s.kill()
            s.start()
            return verdict(s, fake, told, way)


def verdict(s, fake, told, way):
    wrong = []
    if way in ("eio", "enospc") and \
            any(x not in (200, 500, 507) for x in told["statuses"]):
        wrong.append("statuses %r" % told["statuses"])
    files = s.ask("GET", "/v1/files?purpose=batch")[1]["data"]
    if "file" in told and told["file"] not in [f["id"] for f in files]:
        wrong.append("the file is lost")
    for f in files:
        if s.content(f["id"]) != lines(REQUESTS).encode():
            wrong.append("a file is not whole")
    batches = s.ask("GET", "/v1/batches")[1]["data"]
    if "batch" in told and told["batch"] not in [b["id"] for b in batches]:
        wrong.append("the batch is lost")
    for b in batches:
        b = s.wait(b["id"])
        ids = s.results(b["output_file_id"]) if b["output_file_id"] else []
        if b["status"] != "completed" or sorted(ids) != [
                "unified_%d" % i for i in range(REQUESTS)]:
            wrong.append("%s with %r" % (b["status"], ids))
    asked = sum(r["accepted"] for r in fake.ledger()["requests"].values())
    if asked > len(batches) * (REQUESTS + 2):
        wrong.append("asked %d times" % asked)
    known = {f["id"] for f in s.ask("GET", "/v1/files")[1]["data"]}
    for name in s.files():
        if name.split(".")[0] not in known or name.endswith(".tmp"):
            wrong.append("%s is left over" % name)
    return "; ".join(wrong)


def count_points():
    with Fake() as fake, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "count")
        s = Serve(fake.url, "--set", "runner.concurrency=2", start=False)
        with s:
            s.start(env={"LD_PRELOAD": SHIM, "SHIM_COUNT": path})
            scenario(s)
            time.sleep(0.3)
            s.stop()
        with open(path) as f:
            return int(f.read().split()[0])


def main():
    points = count_points()
    ok(points > 30, "there are points to hurt it at")
    some = int(os.environ.get("VITAE_CRASH_POINTS", "6"))
    rng = random.Random(int(os.environ.get("VITAE_CRASH_SEED", "1")))
    for way in WAYS:
        chosen = range(1, points + 1)
        if some:
            chosen = sorted(rng.sample(chosen, min(some, points)))
        for point in chosen:
            wrong = hurt(point, way)
            ok(not wrong, "%s effect %d%s" % (WORDS[way], point,
                                              wrong and ": " + wrong))
    done()


main()
