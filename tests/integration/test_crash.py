#!/usr/bin/env python3
"""Kill vitae at every effect, start it again, and count.

For each point (write, sync, rename, send, statement; crash_shim.c) and each
way of dying there: six resumes in a fresh SQLite file, a fake batch provider
with a ledger, one run that dies at the point, then runs until the work is
done.  Afterwards every row must be written once, with the right value, and
every request must have been accepted by the provider exactly once.

VITAE_CRASH_POINTS=N    about N points of each mode (default 6; 0 = all)
VITAE_CRASH_SEED=N      which ones (default 1)
"""
import os
import random
import subprocess

import harness
from harness import SHIM, Fake, Site, last_name, ok, resume

RESUMES = 6
CONTINUOUS = ["--continuous", "--batch-size", "3", "--quiet"]


def verdict(site, fake):
    """What is wrong in the end; "" when all is well."""
    wrong = []
    for userid, processed, name, done, claims in site.sql(
            "SELECT c.userid, c.LastProcessed IS NOT NULL, c.LastName,"
            " (SELECT COUNT(*) FROM aicandidateBatchItem i"
            "   WHERE i.userid = c.userid AND i.state = 'done'),"
            " (SELECT COUNT(*) FROM aicandidateBatchClaim k"
            "   WHERE k.userid = c.userid)"
            " FROM aicandidate c ORDER BY c.userid"):
        if not processed or name != last_name(userid):
            wrong.append("row %d: processed %r name %r" %
                         (userid, processed, name))
        if done != 1:
            wrong.append("row %d: done %d times" % (userid, done))
        if claims:
            wrong.append("row %d: still claimed" % userid)
    if set(site.statuses()) != {"closed"}:
        wrong.append("batches are %s" % site.statuses())
    for i in range(1, RESUMES + 1):
        n = fake.accepted(i)
        if n != 1:
            wrong.append("request %d accepted %d times" % (i, n))
    return "; ".join(wrong)


def one(base, point, mode):
    with Fake("--set", "polls=1") as fake, Site(fake, base) as site:
        try:
            site.vitae(*CONTINUOUS, env={
                "LD_PRELOAD": SHIM, "SHIM_AT": str(point), "SHIM_DO": mode})
            # A failed call is reported, a killed process is silent.
            for _ in range(6):
                last = site.vitae(*CONTINUOUS)
                if last.returncode == 0:
                    break
            if last.returncode != 0:
                return "the last run ended with %d: %s" % (
                    last.returncode, last.stderr[-300:])
            return verdict(site, fake)
        except subprocess.TimeoutExpired:
            return "hangs"


def points(total, wanted, rng):
    every = list(range(1, total + 1))
    if not wanted or wanted >= total:
        return every
    return sorted(rng.sample(every, wanted))


def count_points(base):
    with Fake("--set", "polls=1") as fake, Site(fake, base) as site:
        counter = site.path("count")
        whole = site.vitae(*CONTINUOUS, env={"LD_PRELOAD": SHIM,
                                             "SHIM_COUNT": counter})
        ok(whole.returncode == 0, "an undisturbed run ends with 0 (%d %s)" %
           (whole.returncode, whole.stderr.strip()[-300:]))
        wrong = verdict(site, fake)
        ok(not wrong, "and leaves nothing wrong %s" % wrong)
        total = int(open(counter).read())
        ok(total > 50, "there are %d points" % total)
        return total


def main():
    harness.needs_fake()
    if not os.path.exists(SHIM):
        harness.skip_all("the shim is not built here")
    wanted = int(os.environ.get("VITAE_CRASH_POINTS", "6"))
    rng = random.Random(int(os.environ.get("VITAE_CRASH_SEED", "1")))
    with Site() as base:
        base.init().fill({i: resume(i) for i in range(1, RESUMES + 1)})
        total = count_points(base)
        for mode in ("kill", "after", "short", "eio", "enospc"):
            tried = points(total, wanted, rng)
            bad = []
            for point in tried:
                wrong = one(base, point, mode)
                if wrong:
                    bad.append("%s at %d: %s" % (mode, point, wrong))
            ok(not bad, "%s at %d of %d points" % (mode, len(tried), total))
            for b in bad[:20]:
                print("# " + b)
    harness.done()


main()
