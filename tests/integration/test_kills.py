#!/usr/bin/env python3
"""Kill workers at random, spoil what they talk to, and count.

A round: some resumes in a fresh table, a fake provider that loses answers
(did it, told nobody), one to three workers of which each is to die -- at an
effect (crash_shim.c: before, after or in the middle of it) or by SIGKILL at
any moment --, a database whose statements fail (odbc_shim.c), that
deadlocks, is locked or drops its connections.  When enough have died the
rest is left to a worker that lives.  Then every row must have been written
once (a trigger counts), every request accepted by the provider once, every
batch be closed.

  VITAE_CRASH_KILLS=N            how many deaths (default 12; make check-crash: 1000)
  VITAE_CRASH_SEED=N       which ones (default 1); a failure names its round
  VITAE_CRASH_ROUND=NAME   only this round, as printed: sqlite/openai/1/17
  VITAE_CRASH_ENGINES=...  of sqlite,pgsql
  VITAE_CRASH_PROVIDERS=.. of openai,azure,gemini,...
"""
import collections
import math
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time

import harness
import rounds
from harness import SHIM, ok
from rounds import ODBC_SHIM, PROVIDERS, Round, make_base

rounds.with_postgres(__file__)
ROWS = 24
DEATHS = 8  # in a round
# Operations of a provider, each with ways to fail; N is drawn.
FAULTS = ("create@%d lose", "create@%d lose", "create@%d drop",
          "create@%d reset", "create@%d after status=500",
          "create@%d status=503", "create@%d cut=30", "upload@%d lose",
          "upload@%d drop", "upload@%d status=500", "download@%d cutbody=100",
          "download@%d drop", "poll@%d lose", "list@%d drop",
          "list@%d cutbody=20", "delete@%d lose", "any@%d lose",
          "any@%d reset", "start@%d lose", "bytes@%d lose", "confirm@%d lose")
SPOILT = {
    "sqlite": (("refuse", "HY000/5/database is locked"),
               ("rolled_back", "HY000/5/database is locked"),
               ("refuse", "HY000/9/interrupted")),
    "pgsql": (("rolled_back", "40P01/0"), ("rolled_back", "40001/0"),
              ("refuse", "55P03/0"), ("refuse", "57014/0"),
              ("lost_before", "08S01/0"), ("lost_after", "08S01/0"),
              ("lost_after", "HYT00/0")),
}


class Storm(Round):
    """A round in which much goes wrong."""

    def __init__(self, name, base):
        self.rng = random.Random(name)
        self.kills = collections.Counter()
        super().__init__(*name.split("/")[:2], base,
                         "polls=%d" % self.rng.choice((0, 1, 1, 2)))

    def spoil_provider(self):
        for _ in range(self.rng.randrange(4)):
            line = self.rng.choice(FAULTS)
            self.fake.script(line % self.rng.randrange(1, 12 if "any" in line
                                                       else 4))

    def spoil_database(self):
        """From outside, while workers run."""
        what = self.rng.randrange(4)
        wait = self.rng.random() * 0.3
        if what == 0 or (what == 1 and self.engine == "sqlite"):
            return None
        script = {
            ("sqlite", 2): "BEGIN IMMEDIATE",
            ("sqlite", 3): "BEGIN EXCLUSIVE",
            ("pgsql", 1): "SELECT pg_terminate_backend(pid) FROM"
                          " pg_stat_activity WHERE application_name = 'vitae'",
            # Against the order in which vitae writes: a real deadlock.
            ("pgsql", 2): "BEGIN; %s; COMMIT" % "; ".join(
                "UPDATE aicandidate SET datelastmodified = datelastmodified"
                " WHERE userid = %d; SELECT pg_sleep(0.02)" % i
                for i in range(ROWS, 0, -1)),
            ("pgsql", 3): "BEGIN; LOCK TABLE aicandidatebatchstatus IN"
                          " EXCLUSIVE MODE; SELECT pg_sleep(0.2); COMMIT",
        }[self.engine, what]

        def run():
            time.sleep(wait)
            try:
                if self.engine == "sqlite":
                    self.hold(script)
                else:
                    self.query(script)
            except Exception:  # it may be the deadlock's victim itself
                pass
        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def hold(self, begin):
        db = sqlite3.connect(self.path("vitae.db"), timeout=2,
                             isolation_level=None)
        db.execute(begin)
        time.sleep(0.2)
        db.execute("ROLLBACK")
        db.close()

    def doomed(self, spool):
        """A worker that is to die, and how long after its start."""
        rng = self.rng
        env, preload, moment = {}, [], None
        if rng.random() < 0.5:
            moment = 0.02 + rng.random() * 0.6
        else:
            preload.append(SHIM)
            env.update(SHIM_AT=str(rng.randrange(1, 90)),
                       SHIM_DO=rng.choice(("kill", "after", "short")))
        if rng.random() < 0.3:
            how, fault = rng.choice(SPOILT[self.engine])
            preload.append(ODBC_SHIM)
            env.update(ODBC_SHIM_AT=str(rng.randrange(1, 60)),
                       ODBC_SHIM_HOW=how, ODBC_SHIM_FAULT=fault)
        if preload:
            env["LD_PRELOAD"] = " ".join(preload)
        return self.start(spool, env), moment

    def storm(self):
        """Some workers at once, until each is dead or done."""
        spools = self.rng.choice((["spool"], ["spool"], ["spool", "spool2"],
                                  ["spool", "spool", "spool3"]))
        self.spoil_provider()
        thread = self.spoil_database()
        begun = time.monotonic()
        workers = [self.doomed(s) for s in spools]
        while any(p.poll() is None for p, _ in workers):
            now = time.monotonic() - begun
            for p, moment in workers:
                late = 4 if moment is None else moment
                if p.poll() is None and now > late:
                    p.send_signal(signal.SIGKILL)
                    p.wait()
            time.sleep(0.005)
        if thread:
            thread.join()
        died = sum(p.returncode == -signal.SIGKILL for p, _ in workers)
        if died:
            self.kills.update(self.states() or ["nothing open"])
        return died


def play(name, base, kills):
    """One round; how many died in it, and what is wrong in the end."""
    with Storm(name, base) as r:
        died = 0
        for _ in range(3 * DEATHS):
            died += r.storm()
            if died >= DEATHS or (r.query(
                    "SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NULL")[0][0] == "0" and not r.states()):
                break
        wrong = r.settle()
        kills.update(r.kills)
        return died, [wrong] if wrong else r.verdict()


def plan():
    """(engine, provider, how many deaths): most at OpenAI, some at each."""
    providers = os.environ.get("VITAE_CRASH_PROVIDERS",
                               ",".join(PROVIDERS)).split(",")
    wanted = int(os.environ.get("VITAE_CRASH_KILLS", "12"))
    out, engines = [], rounds.engines()
    for e in engines:
        n = wanted / len(engines)
        if wanted < 100 and "VITAE_CRASH_PROVIDERS" not in os.environ:
            out.append((e, providers[0], math.ceil(n)))
            continue
        first = n / 2 if len(providers) > 1 else n
        for i, p in enumerate(providers):
            share = first if i == 0 else (n - first) / (len(providers) - 1)
            out.append((e, p, math.ceil(share)))
    return out


def main():
    seed = os.environ.get("VITAE_CRASH_SEED", "1")
    only = os.environ.get("VITAE_CRASH_ROUND")
    bases, kills, total = {}, collections.Counter(), 0
    print("# seed %s" % seed)
    for engine, provider, deaths in plan():
        died, number, bad = 0, 0, []
        if only and only.split("/")[:2] != [engine, provider]:
            continue
        if engine not in bases:
            bases[engine] = make_base(engine, ROWS)
        while died < deaths and number < 3 * deaths:
            number += 1
            name = only or "%s/%s/%s/%d" % (engine, provider, seed, number)
            n, wrong = play(name, bases[engine], kills)
            died += n
            bad += ["%s: %s" % (name, w) for w in wrong]
            if only:
                break
        total += died
        ok(not bad, "%s, %s: %d workers killed in %d rounds" % (
            engine, provider, died, number))
        for b in bad[:20]:
            print("# " + b)
    for base in bases.values():
        base.close()
    print("# %d killed; open batches then: %s" % (
        total, ", ".join("%s %d" % k for k in sorted(kills.items()))))
    ok(total > 0, "%d were killed" % total)
    harness.done()


harness.needs_fake()
if not os.path.exists(SHIM):
    harness.skip_all("the shim is not built here")
main()
