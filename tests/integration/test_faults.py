#!/usr/bin/env python3
"""Let the n-th statement, or commit, of a run fail, in each transient way.

The run must live through it by itself: six resumes, two batches, and in the
end every row written once, every request paid once, every batch closed.
Both engines; odbc_shim.c does the failing: refused, rolled back by the
server, connection lost before it was done, or after (a commit that did
happen and is told as lost).

  VITAE_FAULT_POINTS=N     so many n of each way (default 1; 0 = every n)
  VITAE_CRASH_SEED=N       which ones (default 1)
  VITAE_CRASH_ENGINES=...  of sqlite,pgsql
"""
import os
import random
import subprocess

import harness
import rounds
from harness import ok
from rounds import ODBC_SHIM, Round, engines, make_base

rounds.with_postgres(__file__)
ROWS = 6
# what, how, SQLSTATE and native number
FAULTS = {
    "sqlite": (("busy", "refuse", "HY000/5/database is locked"),
               ("busy, rolled back", "rolled_back",
                "HY000/5/database is locked"),
               ("table locked", "refuse", "HY000/6/table is locked"),
               ("out of memory", "refuse", "HY000/7/out of memory"),
               ("interrupted", "refuse", "HY000/9/interrupted"),
               ("locking protocol", "refuse", "HY000/15/locking protocol"),
               ("schema changed", "refuse", "HY000/17/schema has changed")),
    "pgsql": (("deadlock", "rolled_back", "40P01/0"),
              ("serialization", "rolled_back", "40001/0"),
              ("lock timeout", "refuse", "55P03/0"),
              ("statement timeout", "refuse", "57014/0"),
              ("out of memory", "refuse", "53200/0"),
              ("admin shutdown", "lost_before", "57P01/0"),
              ("connection lost before", "lost_before", "08S01/0"),
              ("connection lost after", "lost_after", "08S01/0"),
              ("timeout, yet done", "lost_after", "HYT00/0"),
              ("error without a name, yet done", "lost_after", "HY000/0")),
}


def run(r, **env):
    p = r.start("spool", {"LD_PRELOAD": ODBC_SHIM, **env})
    try:
        err = p.communicate(timeout=harness.PATIENCE)[1]
    except subprocess.TimeoutExpired:
        return ["hangs, batches are %s" % r.states()]
    if p.returncode:
        return ["ends with %d: %s" % (p.returncode, err[-200:])]
    return r.verdict()


def count(base, engine, only):
    with Round(engine, "openai", base, "polls=1", batch_size=3) as r:
        counter = r.path("count")
        wrong = run(r, ODBC_SHIM_COUNT=counter, **only)
        ok(not wrong, "%s: an undisturbed run %s" % (engine, wrong))
        return int(open(counter).read())


def main():
    wanted = int(os.environ.get("VITAE_FAULT_POINTS", "1"))
    rng = random.Random(int(os.environ.get("VITAE_CRASH_SEED", "1")))
    for engine in engines():
        base = make_base(engine, ROWS)
        for word, only in (("commit", {"ODBC_SHIM_ONLY": "commit"}),
                           ("statement", {})):
            total = count(base, engine, only)
            for what, how, fault in FAULTS[engine]:
                points = range(1, total + 1)
                if wanted and wanted < total:
                    points = sorted(rng.sample(points, wanted))
                if what == FAULTS[engine][0][0] and not only:
                    # What a connection begins with.
                    points = sorted({2, *points})
                bad = []
                for point in points:
                    with Round(engine, "openai", base, "polls=1",
                               batch_size=3) as r:
                        bad += ["%d: %s" % (point, w) for w in run(
                            r, ODBC_SHIM_AT=str(point), ODBC_SHIM_HOW=how,
                            ODBC_SHIM_FAULT=fault, **only)]
                ok(not bad, "%s: %s at %d of %d %ss" % (
                    engine, what, len(points), total, word))
                for b in bad[:10]:
                    print("# " + b)
        base.close()
    harness.done()


harness.needs_fake()
main()
