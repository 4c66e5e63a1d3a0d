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
import sys
import threading
import time

import harness
from harness import FAKE, SHIM, Fake, Site, last_name, ok, resume

if "VITAE_TEST_PGSQL" not in os.environ:
    os.execvp("sh", ["sh", os.path.join(os.environ["srcdir"],
                                        "tests/db/with_postgres.sh"),
                     "--optional", sys.executable,
                     os.path.abspath(__file__)])
ODBC_SHIM = os.path.join(harness.BUILD, "tests/db/odbc_shim.so")
ROWS = 24
DEATHS = 8  # in a round
SETTINGS = ("batch.create_grace=0.3", "batch.lease=2", "log.file=",
            "batch.check_interval=0.05", "batch.batch_size=4")

# name -> (root of its address, settings of the fake, can batches be found?)
PROVIDERS = {
    "openai": ("/v1", (), True),
    "responses": ("/v1", (), True),
    "azure": ("/v1", ("shape=azure",), True),
    "groq": ("/v1", (), True),
    "together": ("/v1", ("shape=together",), True),
    "mistral": ("/v1", (), True),
    "gemini": ("/v1beta", (), True),
    "anthropic": ("/v1", (), False),
}
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


class Round(Site):
    """A table of one engine; what differs between them."""

    def __init__(self, name, base=None):
        self.name = name
        self.engine, self.provider, self.seed, self.number = name.split("/")
        root, settings, self.finds = PROVIDERS[self.provider]
        self.rng = random.Random(name)
        self.kills = collections.Counter()
        self.begun = []
        args = ["--set", "polls=%d" % self.rng.choice((0, 1, 1, 2))]
        for setting in settings:
            args += ["--set", setting]
        fake = Fake(*args)
        fake.url = fake.root + root
        super().__init__(fake, base)

    def __exit__(self, *rest):
        for p in self.begun:
            if p.poll() is None:
                p.kill()
                p.wait()
            p.stderr.close()
        self.fake.close()
        super().__exit__(*rest)

    def environment(self, **more):
        env = dict(os.environ, **more)
        for name in ("OPENAI", "GEMINI", "ANTHROPIC", "AZURE_OPENAI", "GROQ",
                     "MISTRAL", "TOGETHER"):
            env[name + "_API_KEY"] = "sk-test-secret"
        if self.engine == "pgsql":
            env["VITAE_DATABASE_CONNECTION"] = os.environ["VITAE_TEST_PGSQL"]
        return env

    def start(self, spool, env=None):
        args = [harness.VITAE, "--continuous", "--quiet"]
        for setting in ("provider.base_url=" + self.fake.url,
                        "provider.name=" + self.provider,
                        "batch.spool=" + spool, *SETTINGS):
            args += ["--set", setting]
        p = subprocess.Popen(args, cwd=self.folder, text=True,
                             env=self.environment(**(env or {})),
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        self.begun.append(p)
        return p

    def query(self, text):
        """Rows of text."""
        if self.engine == "sqlite":
            return [tuple("" if v is None else str(v) for v in r)
                    for r in self.sql(text)]
        return [tuple(line.split("|")) for line in subprocess.run(
            ["sh", os.environ["VITAE_TEST_PG_CONTROL"], "sql", text],
            check=True, capture_output=True, text=True).stdout.splitlines()]

    def clear(self):
        if self.engine == "pgsql":
            self.query("TRUNCATE aicandidatebatchstatus, aicandidatebatchitem,"
                       " aicandidatebatchclaim, aicandidatebatchbefore,"
                       " aicandidatebatchevent, written; UPDATE aicandidate"
                       " SET LastProcessed = NULL, LastName = NULL;"
                       " TRUNCATE written")

    # -- what goes wrong --

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

    def states(self):
        return [r[0] for r in self.query(
            "SELECT status FROM aicandidateBatchStatus WHERE status <>"
            " 'closed'")]

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

    def settle(self):
        """A worker that lives ends it; what goes wrong, or ""."""
        self.fake._call("DELETE", "/script")
        for _ in range(8):
            p = self.start("spool")
            try:
                _, err = p.communicate(timeout=90)
            except subprocess.TimeoutExpired:
                return "hangs in %s" % self.states()
            if p.returncode == 0:
                return ""
        return "the last run ended with %d: %s" % (p.returncode, err[-300:])

    def verdict(self):
        wrong = []
        requests = self.fake.ledger()["requests"]
        open_states = set(self.states())
        held = set()
        if not self.finds:
            # A create without an answer is a person's matter there: its
            # rows wait, visibly, and nothing is sent again.
            open_states.discard("unknown")
            held = {r[0] for r in self.query(
                "SELECT i.userid FROM aicandidateBatchItem i JOIN"
                " aicandidateBatchStatus s ON s.batch_key = i.batch_key"
                " WHERE s.status = 'unknown'")}
        if open_states:
            wrong.append("batches are %s" % sorted(open_states))
        rows = self.query(
            "SELECT c.userid, CASE WHEN c.LastProcessed IS NULL THEN 0 ELSE 1"
            " END, c.LastName, (SELECT COUNT(*) FROM written w WHERE"
            " w.userid = c.userid), (SELECT COUNT(*) FROM"
            " aicandidateBatchItem i WHERE i.userid = c.userid AND i.state ="
            " 'done'), (SELECT COUNT(*) FROM aicandidateBatchClaim k WHERE"
            " k.userid = c.userid) FROM aicandidate c ORDER BY c.userid")
        if len(rows) != ROWS:
            wrong.append("%d rows" % len(rows))
        for userid, *got in rows:
            want = ["1", last_name(int(userid)), "1", "1", "0"]
            if userid in held:
                want = ["0", "", "0", "0", "1"]
            if got != want:
                wrong.append("row %s: processed, name, written, done, claims"
                             " are %s" % (userid, got))
            n = requests.get("unified_" + userid, {}).get("accepted", 0)
            if n != 1 and (userid not in held or n > 1):
                wrong.append("request %s accepted %d times" % (userid, n))
        return wrong[:6]


COUNTER = {
    "sqlite": "CREATE TABLE written (userid int);"
              "CREATE TRIGGER count_writes AFTER UPDATE OF LastProcessed ON"
              " aicandidate WHEN NEW.LastProcessed IS NOT NULL BEGIN INSERT"
              " INTO written VALUES (NEW.userid); END;",
    "pgsql": "CREATE TABLE written (userid int);"
             "CREATE FUNCTION count_writes() RETURNS trigger LANGUAGE plpgsql"
             " AS $$ BEGIN INSERT INTO written VALUES (NEW.userid); RETURN"
             " NULL; END $$;"
             "CREATE TRIGGER count_writes AFTER UPDATE OF LastProcessed ON"
             " aicandidate FOR EACH ROW WHEN (NEW.LastProcessed IS NOT NULL)"
             " EXECUTE FUNCTION count_writes();",
}


def make_base(engine):
    """The filled table: a folder to copy, or the server's."""
    base = Site()
    env = None
    if engine == "pgsql":
        env = {"VITAE_DATABASE_CONNECTION": os.environ["VITAE_TEST_PGSQL"]}
        made = base.vitae("init", "--make-table", env=env)
    else:
        base.init()
        made = None
    if made is not None and made.returncode != 0:
        print("# init: " + made.stderr)
    texts = {i: resume(i) for i in range(1, ROWS + 1)}
    if engine == "sqlite":
        base.fill(texts)
        db = sqlite3.connect(base.path("vitae.db"))
        db.executescript(COUNTER[engine])
        db.close()
        return base
    subprocess.run(
        ["sh", os.environ["VITAE_TEST_PG_CONTROL"], "sql", COUNTER[engine] +
         "INSERT INTO aicandidate (userid, markdownResume, datelastmodified)"
         " VALUES " + ", ".join("(%d, $r$%s$r$, '2026-01-01')" % (i, t)
                                for i, t in texts.items())],
        check=True, capture_output=True)
    return base


def play(name, base, kills):
    """One round; how many died in it, and what is wrong in the end."""
    with Round(name, base if name.startswith("sqlite") else None) as r:
        r.clear()
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
    engines = os.environ.get("VITAE_CRASH_ENGINES", "sqlite,pgsql").split(",")
    if "pgsql" in engines and not os.environ["VITAE_TEST_PGSQL"]:
        harness.skip("no PostgreSQL here")
        engines.remove("pgsql")
    providers = os.environ.get("VITAE_CRASH_PROVIDERS",
                               ",".join(PROVIDERS)).split(",")
    wanted = int(os.environ.get("VITAE_CRASH_KILLS", "12"))
    out = []
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
            bases[engine] = make_base(engine)
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
        base.__exit__()
    print("# %d killed; open batches then: %s" % (
        total, ", ".join("%s %d" % k for k in sorted(kills.items()))))
    ok(total > 0, "%d were killed" % total)
    harness.done()


harness.needs_fake()
if not os.path.exists(SHIM):
    harness.skip_all("the shim is not built here")
main()
