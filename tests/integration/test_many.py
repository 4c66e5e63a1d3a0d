#!/usr/bin/env python3
"""Eight workers on one PostgreSQL database: none lost, none repeated, and
eight batches at a provider that takes its time.

  VITAE_WORKER_ROWS=N     how many rows (default 1000; make check-workers:
                          100000)
  VITAE_WORKER_SECONDS=S  how long the provider takes for a batch: eight
                          workers then need at most a sixth of one's time
                          (default 0: not measured; make check-workers: 10)
"""
import collections
import os
import time

import harness
import rounds
from harness import PATIENCE, eq, ok, until
from rounds import Round, control, make_base

rounds.with_postgres(__file__)
WORKERS = 8


def share(base, n):
    """Each with a spool of its own, as on hosts of their own."""
    with Round("pgsql", "openai", base, "polls=1",
               batch_size=max(n // 100, 10)) as r:
        begun = time.monotonic()
        workers = [r.start("spool%d" % k) for k in range(WORKERS)]
        ends = [(p.communicate(timeout=3000)[1][-200:], p.returncode)
                for p in workers]
        took = time.monotonic() - begun
        eq(ends, [("", 0)] * WORKERS, "eight workers end with 0")
        eq(r.verdict(), [], "%d rows: none lost, none repeated, paid once" % n)
        of = collections.Counter(w for w, in r.query(
            "SELECT worker FROM aicandidatebatchevent WHERE to_status ="
            " 'closed'"))
        ok(len(of) > 1, "they shared the work: %s" % sorted(of.values()))
        print("# %d rows in %.1f s: %.0f a second, load %.1f" % (
            n, took, n / took, os.getloadavg()[0]))


def wait_together(base):
    """Nothing ends before the batch of each is at the provider."""
    with Round("pgsql", "openai", base, "polls=1000000", batch_size=5) as r:
        workers = [r.start("spool%d" % k, settings=("batch.num_batches=1",))
                   for k in range(WORKERS)]
        ok(until(lambda: r.states() == ["submitted"] * WORKERS),
           "eight batches are there at once: %s" % r.states())
        r.fake.script("set polls=1")
        eq([p.wait(timeout=PATIENCE) for p in workers], [0] * WORKERS,
           "eight workers end")
        eq(control("SELECT count(*), count(DISTINCT userid) FROM written")
           .strip(), "%d|%d" % (5 * WORKERS, 5 * WORKERS),
           "all is written once")


def wait_one_after_the_other(base, seconds):
    """One batch at a time: one worker eight times, or eight once."""
    took = {}
    for many in (False, True):
        with Round("pgsql", "openai", base, "seconds=%g" % seconds,
                   batch_size=5) as r:
            control("UPDATE aicandidate SET LastProcessed = now() WHERE"
                    " userid > %d; TRUNCATE written" % (5 * WORKERS))
            one = ("batch.num_batches=1",)
            begun = time.monotonic()
            if many:
                workers = [r.start("spool%d" % k, settings=one)
                           for k in range(WORKERS)]
                ends = [p.wait(timeout=600) for p in workers]
            else:
                ends = [r.start("spool", settings=one).wait(timeout=600)
                        for _ in range(WORKERS)]
            took[many] = time.monotonic() - begun
            eq(ends, [0] * WORKERS, "%s" % (
                "eight workers" if many else "one worker, eight times"))
            eq(control("SELECT count(*), count(DISTINCT userid) FROM"
                       " written").strip(), "%d|%d" % (
                           5 * WORKERS, 5 * WORKERS), "all is written once")
    ok(took[True] <= took[False] / 6,
       "batches of %g s: one worker %.1f s, eight %.1f s (a %.1fth)" % (
           seconds, took[False], took[True], took[False] / took[True]))


def main():
    if not os.environ["VITAE_TEST_PGSQL"]:
        harness.skip_all("no PostgreSQL here")
    n = int(os.environ.get("VITAE_WORKER_ROWS", "1000"))
    base = make_base("pgsql", n)
    share(base, n)
    wait_together(base)
    seconds = float(os.environ.get("VITAE_WORKER_SECONDS", "0"))
    if seconds:
        wait_one_after_the_other(base, seconds)
    base.close()
    harness.done()


harness.needs_fake()
main()
