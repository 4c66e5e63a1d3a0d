#!/usr/bin/env python3
"""Kill vitae serve again and again; count what the upstream was asked.

Whatever was in the output file when it died is never asked again; what was
in flight may be (at most the concurrency, each time); each custom_id is in
the output once.

VITAE_KILLS=N         how often (default 12)
VITAE_KILL_MINUTES=N  every 5 seconds for so long instead (60: the long form)
"""
import itertools
import json
import os
import random
import time

from serve import PATIENCE, Fake, Serve, done, eq, lines, ok

KILLS = int(os.environ.get("VITAE_KILLS", "12"))
CONCURRENCY = 4
REQUESTS = 60 * KILLS
LATENCY = 0.02
MINUTES = int(os.environ.get("VITAE_KILL_MINUTES", "0"))
if MINUTES:
    LATENCY = 0.2
    REQUESTS = int(60 * MINUTES * CONCURRENCY / LATENCY * 0.8)


def finished(s):
    """The custom_ids of whole lines on the disk."""
    ids = set()
    for name in s.files():
        if name.endswith(".json"):
            continue
        with open(os.path.join(s.folder, "serve/files", name), "rb") as f:
            for text in f.read().split(b"\n")[:-1]:
                if text.startswith(b"{\"id\":"):
                    ids.add(json.loads(text)["custom_id"])
    return ids


def counts(fake):
    return {k: v["accepted"] for k, v in fake.ledger()["requests"].items()}


def kills(s, batch):
    """Their numbers: so many, or till the time is over or the batch done."""
    end = time.monotonic() + 60 * MINUTES
    for n in itertools.count(1):
        if MINUTES:
            over = time.monotonic() > end or \
                s.get(batch)["status"] == "completed"
        else:
            over = n > KILLS
        if over:
            return
        yield n


def killed_while_it_works(rng):
    with Fake("--set", "latency=%g" % LATENCY) as fake, \
            Serve(fake.url, "--set", "runner.concurrency=%d" % CONCURRENCY) \
            as s:
        b = s.batch(lines(REQUESTS))
        repeated = 0
        slowest = 0
        for count in kills(s, b):
            asked = fake.ledger()["chats"] + rng.randrange(5, 60)
            if MINUTES:
                time.sleep(5)
            else:
                s.wait(b, lambda x: fake.ledger()["chats"] >= asked)
            s.kill()
            before, there = counts(fake), finished(s)
            s.start()
            slowest = max(slowest, s.started_in)
            s.wait(b, lambda x: fake.ledger()["chats"] >
                   sum(before.values()))
            after = counts(fake)
            repeated += sum(after[i] > before[i] for i in there)
        eq(repeated, 0, "%d kills: nothing that was finished is asked again" %
           count)
        got = s.wait(b, seconds=PATIENCE + 60 * MINUTES)
        eq((got["status"], got["request_counts"]["completed"]),
           ("completed", REQUESTS), "the batch ends")
        eq(sorted(s.results(got["output_file_id"])),
           sorted("unified_%d" % i for i in range(REQUESTS)),
           "each answer is there once")
        asked = counts(fake)
        ok(sum(asked.values()) - REQUESTS <= count * CONCURRENCY,
           "%d were asked twice, at most %d in flight each time" %
           (sum(asked.values()) - REQUESTS, CONCURRENCY))
        print("# up again within %.2f s" % slowest)


def killed_at_any_moment(rng):
    """From the upload on, a batch of five at a time."""
    with Fake() as fake, Serve(fake.url) as s:
        batches = []
        for i in range(KILLS):
            f = s.upload(lines(5))[1]["id"]
            batches.append(s.create(f)[1]["id"])
            s.wait(batches[-1], seconds=rng.random() * 0.1)
            s.kill()
            s.start()
        ends = [s.wait(b) for b in batches]
        eq([b["status"] for b in ends], ["completed"] * KILLS,
           "what was told to be made is there, and ends")
        ids = sorted("unified_%d" % i for i in range(5))
        ok(all(sorted(s.results(b["output_file_id"])) == ids for b in ends),
           "with each answer once")
        eq([n for n in s.files() if n.endswith(".tmp")], [],
           "nothing half written is left")


def main():
    rng = random.Random(1)
    killed_while_it_works(rng)
    if not MINUTES:
        killed_at_any_moment(rng)
    done()


main()
