#!/usr/bin/env python3
"""What one provider leaves over goes to the next, when that is asked for."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (Fake, Site, done, eq, needs_fake, ok, resume)  # noqa: E402


def sections(site, **urls):
    with open(site.path("vitae.conf"), "w") as f:
        for name, (url, more) in urls.items():
            f.write("[provider %s]\nname = openai\nbase_url = %s\n"
                    "model = %s-model\n%s\n" % (name, url, name, more))


def batches(site):
    return site.sql("SELECT section, model, host, request_count, done_count,"
                    " status FROM aicandidateBatchStatus ORDER BY batch_key")


def run(site, *settings):
    return site.vitae("--continuous", settings=[
        "batch.allow_unpriced=yes", *settings])


def a_batch_that_waits_too_long_goes_to_the_next():
    with Fake("--set", "end=stuck") as slow, Fake() as quick, \
            Site(slow) as site:
        site.init().fill({i: resume(i) for i in range(1, 6)})
        sections(site, quick=(quick.url, ""))
        out = run(site, "batch.failover_after=1s", "batch.failover_to=quick")
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        rows = batches(site)
        eq(len(rows), 2, "two batches")
        eq(rows[0][:2] + rows[0][4:], ("", "gpt-4o-mini-2024-07-18", 3,
                                       "closed"),
           "the first was cancelled; what it had done is kept")
        eq(rows[1], ("quick", "quick-model", "127.0.0.1", 2, 2, "closed"),
           "the second did the rest, its model and host are on record")
        eq(slow.ledger()["cancels"], 1, "cancelled once")
        eq(quick.ledger()["accepted"], 2, "only the rest is asked again")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NOT NULL"), [(5,)], "every record is done")


def off_until_targets_are_named():
    with Fake("--set", "seconds=3") as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        out = run(site, "batch.failover_after=1s")
        eq(out.returncode, 0, "it is waited for %s" % out.stderr[-200:])
        eq(fake.ledger()["cancels"], 0, "nothing is cancelled")


def an_unlisted_host_gets_nothing():
    with Fake("--set", "end=expired", "--set", "missing=1") as fake, \
            Fake() as other, Site(fake) as site:
        site.init().fill({1: resume(1)})
        sections(site, other=(other.url.replace("127.0.0.1", "localhost"), ""))
        site.vitae("--submit")
        for _ in range(6):
            if site.vitae("--check-batch", "all", settings=[
                    "provider.allowed_hosts=127.0.0.1",
                    "batch.allow_unpriced=yes",
                    "batch.failover_to=other"]).returncode != 10:
                break
        eq(other.ledger()["uploads"], 0, "outside of allowed_hosts")
        with open(site.path("batch_api.log")) as f:
            ok("not_forwarded" in f.read(), "and that is said")


def what_does_not_hold_goes_to_a_stronger_model():
    with Fake() as weak, Fake() as strong, Site(weak) as site:
        good = {i: resume(i) for i in range(1, 4)}
        texts = dict(good)
        texts[9] = resume(9, directive="@@raw no JSON at all")
        site.init().fill(texts)
        sections(site, strong=(strong.url, ""))
        out = run(site, "batch.cascade_to=strong", "batch.max_attempts=1")
        rows = batches(site)
        eq([(r[0], r[3], r[4]) for r in rows[:2]],
           [("", 4, 3), ("strong", 1, 0)],
           "only the bad one is asked again, elsewhere %s" % out.stderr[-200:])
        eq(len(rows), 2, "and it doesn't go in circles")
        eq(strong.accepted(9), 1, "once")
        eq(site.items()[9][-1][0], "dead", "then it is given up")


needs_fake()
a_batch_that_waits_too_long_goes_to_the_next()
off_until_targets_are_named()
an_unlisted_host_gets_nothing()
what_does_not_hold_goes_to_a_stronger_model()
done()
