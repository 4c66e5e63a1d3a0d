#!/usr/bin/env python3
"""Waves: what goes out stays under the provider's limits, and goes on."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Fake, Site, done, eq, needs_fake, ok, resume)  # noqa: E402


def names(site):
    return [r[0] for r in site.sql("SELECT wave FROM aicandidateBatchStatus"
                                   " WHERE wave IS NOT NULL ORDER BY"
                                   " batch_key")]


def continuous(site, *settings):
    return site.vitae("--continuous", "--batch-size", "5",
                      settings=list(settings))


def tokens_of_five():
    """What the program counts for a batch of five of these resumes."""
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 15)})
        site.vitae("--submit")
        rows = site.sql("SELECT request_tokens, batch_key FROM"
                        " aicandidateBatchStatus")
        size = os.path.getsize(site.path("spool/%s.requests.jsonl"
                                         % rows[0][1]))
        return rows[0][0], size // 4


def batches_roll_under_the_limit(five):
    limit = int(five * 3.2 / 0.9)
    with Fake("--set", "polls=2") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 60)})
        out = continuous(site, "provider.max_enqueued_tokens=%d" % limit)
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NOT NULL"), [(50,)], "every record is done")
        got = names(site)
        eq(len(got), len(set(got)), "every batch has a name of its own")
        ok(all(re.fullmatch(r"wave\d\d_batch\d\d\d_\d{8}T\d{6}Z", n)
               for n in got), "of wave, number and time: %s" % got[:2])
        ok(got[0].startswith("wave01_batch001_"), "from one on")
        ok(max(int(n[4:6]) for n in got) >= 3, "in several waves")
        out = site.vitae("--waves")
        first = out.stdout.splitlines()[0]
        found = re.search(r"(\d+) jobs: (\d+) completed, (\d+) running, (\d+)"
                          r" failed", first)
        numbers = [int(n) for n in found.groups()] if found else [0, 1, 0, 0]
        eq(numbers[0], sum(numbers[1:]), "a wave's counts add up: %s" % first)
        out = site.vitae("--waves", "--jobs")
        ok(got[0] in out.stdout, "and its batches are told by name")


def waves_can_be_waited_for(five):
    limit = int(five * 2.1 / 0.9)
    with Fake("--set", "polls=2") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 40)})
        out = continuous(site, "provider.max_enqueued_tokens=%d" % limit,
                         "batch.wait_for_waves=yes")
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        rows = site.sql("SELECT wave, submitted_at, ended_at FROM"
                        " aicandidateBatchStatus ORDER BY batch_key")
        waves = {}
        for wave, sent, ended in rows:
            waves.setdefault(wave[:6], []).append((sent, ended))
        ok(len(waves) >= 3, "there are several: %s" % sorted(waves))
        order = sorted(waves)
        ok(all(max(e for _, e in waves[a]) <= min(s for s, _ in waves[b])
               for a, b in zip(order, order[1:])),
           "each begins when the one before has ended")


def error_codes(site):
    return [r[0] for r in site.sql("SELECT error_code FROM"
                                   " aicandidateBatchStatus")]


def a_limit_is_learned_from_a_refusal(theirs):
    """The fake counts bytes / 4: more than we do."""
    limit = int(3.15 * theirs)
    with Fake("--set", "polls=100000", "--set",
              "token_limit=%d" % limit) as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 35)})
        # Three batches stay there until the fourth has been refused.
        site.killed_when(lambda: "token_limit_exceeded" in error_codes(site),
                         "--continuous", "--batch-size", "5")
        fake.script("set polls=2")
        out = continuous(site)
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        refused = site.sql("SELECT COUNT(*), MAX(token_limit) FROM"
                           " aicandidateBatchStatus WHERE error_code ="
                           " 'token_limit_exceeded'")[0]
        ok(1 <= refused[0] <= 3, "a few are refused at first: %s" % (refused,))
        eq(refused[1], limit, "the limit is on record")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NOT NULL"), [(25,)], "every record is done")
        eq(site.sql("SELECT MAX(attempt) FROM aicandidateBatchItem"), [(1,)],
           "a refusal is no attempt")


def one_that_is_refused_at_the_door_waits():
    with Fake("--set", "jobs=1", "--set", "polls=100000") as fake, \
            Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 20)})
        out = site.vitae("--submit", "--batch-size", "5")
        eq(out.returncode, 0, "one goes")
        out = site.vitae("--submit", "--batch-size", "5")
        eq(out.returncode, 10, "the next is told to wait %s" % out.stderr[-300:])
        creates = fake.ledger()["creates"]
        out = site.vitae("--submit", "--batch-size", "5")
        eq(out.returncode, 10, "it waits")
        eq(fake.ledger()["creates"], creates, "and is not sent again at once")
        eq(site.statuses(), ["submitted", "uploaded"], "nothing is lost")
        ok("RESOURCE_EXHAUSTED" in out.stderr or "waits for room" in out.stderr,
           "and it is said: %s" % out.stderr[-200:])


def two_workers_share_a_limit(five):
    limit = int(five * 1.5 / 0.9)
    with Fake("--set", "polls=100000") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(10, 30)})
        more = ["provider.max_enqueued_tokens=%d" % limit]
        eq(site.vitae("--submit", "--batch-size", "5",
                      settings=more).returncode, 0, "one worker sends")
        out = site.vitae("--submit", "--batch-size", "5",
                         settings=more + ["batch.spool=other"])
        eq(out.returncode, 10, "there is no room for the other's")
        eq(fake.ledger()["creates"], 1, "one batch is there")


needs_fake()
five, theirs = tokens_of_five()
batches_roll_under_the_limit(five)
waves_can_be_waited_for(five)
a_limit_is_learned_from_a_refusal(theirs)
one_that_is_refused_at_the_door_waits()
two_workers_share_a_limit(five)
done()
