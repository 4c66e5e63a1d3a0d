#!/usr/bin/env python3
"""A database that is restored to before its batches were made.

The rows look unprocessed then, while the provider holds their batches: they
must be adopted, not paid again, whether they run or have ended, whether the
spool is there or lost with the host; and a batch of another site on the same
account must be left alone.  At each provider's fake, whose listing comes in
pages of two and in a mixed order.
"""
import os
import shutil
import signal
import subprocess

import harness
import rounds
from harness import PATIENCE, Site, eq, ok, resume, until
from rounds import Round, engines, make_base

rounds.with_postgres(__file__)
ROWS = 6
# Whose ids tell everything, and whose requests can't be had back.
KEYED = ("gemini", "anthropic")
ASKED = ("openai", "together", "mistral", *KEYED)


class Restored(Round):
    def save(self):
        if self.engine == "sqlite":
            shutil.copy(self.path("vitae.db"), self.path("saved.db"))
        else:
            self.control("save")

    def restore(self):
        if self.engine != "sqlite":
            self.control("restore")
            return
        for name in os.listdir(self.folder):
            if name.startswith("vitae.db"):
                os.unlink(self.path(name))
        shutil.copy(self.path("saved.db"), self.path("vitae.db"))

    @staticmethod
    def control(word):
        subprocess.run(["sh", os.environ["VITAE_TEST_PG_CONTROL"], word],
                       check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def number(self, where):
        return int(self.query("SELECT COUNT(*) FROM aicandidateBatchStatus"
                              " WHERE " + where)[0][0])

    def wait(self, p, condition):
        until(lambda: condition() or p.poll() is not None)
        return condition()

    def log(self):
        if not os.path.exists(self.path("log")):
            return ""
        with open(self.path("log")) as f:
            return f.read()

    def kill(self, p):
        p.send_signal(signal.SIGKILL)
        p.wait()

    def submit_all(self):
        """Both batches at the provider, the worker dead."""
        p = self.start("spool")
        good = self.wait(p, lambda: self.number("status = 'submitted'") == 2)
        self.kill(p)
        return good

    def end_batches(self):
        """They end at the provider, and are looked at at once."""
        self.fake.script("set seconds=0.001")
        self.query("UPDATE aicandidateBatchStatus SET next_check_at ="
                   " created_at")

    def adopt(self, spool="spool"):
        """vitae adopt: its exit code and what it printed."""
        p = subprocess.run(
            [harness.VITAE, "adopt"] + [
                a for s in ("provider.base_url=" + self.fake.url,
                            "provider.name=" + self.provider,
                            "batch.spool=" + spool, *rounds.SETTINGS)
                for a in ("--set", s)],
            cwd=self.folder, env=self.environment(), capture_output=True,
            text=True, timeout=PATIENCE)
        return p.returncode, p.stdout + p.stderr

    def finish(self, spool, settings=()):
        p = self.start(spool, settings=settings)
        err = p.communicate(timeout=PATIENCE)[1]
        return (p.returncode, err[-300:])


def environment_of(r):
    """Another database, the same account."""
    env = r.environment()
    env.pop("VITAE_DATABASE_CONNECTION", None)
    return env


def another_site(r):
    """A batch of somebody else's on the same account."""
    other = Site(r.fake)
    other.init().fill({i: resume(i) for i in (101, 102)})
    made = other.vitae("--submit", env=environment_of(r), settings=(
        "provider.name=" + r.provider,))
    ok(made.returncode == 0, "another site submits %s" % made.stderr.strip())
    return other


def another_ends(r, other):
    eq(other.statuses(), ["submitted"], "its batch is as it was")
    for _ in range(3):
        done = other.vitae("--check-batch", "all", env=environment_of(r),
                           settings=("provider.name=" + r.provider,))
        if done.returncode != 10:
            break
    accepted = r.fake.by_record()
    eq((other.statuses(), accepted.get("101"), accepted.get("102"),
        other.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                  " NOT NULL")), (["closed"], 1, 1, [(2,)]),
       "and is collected by itself")
    other.__exit__()


def open_round(engine, provider, base):
    return Restored(engine, provider, base, "seconds=3600", "page=2",
                    "list=mixed", batch_size=3)


def ended(engine, provider, base, spool):
    """The batches have ended when the database comes back."""
    what = "%s, %s, ended, spool %s" % (engine, provider, spool)
    with open_round(engine, provider, base) as r:
        other = another_site(r)
        r.save()
        ok(r.submit_all(), what)
        r.end_batches()
        r.restore()
        if spool == "lost":
            shutil.rmtree(r.path("spool"))
        eq(r.number("1 = 1"), 0, "no batch is known any more")
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.verdict(), [], "every row written once, paid once")
        eq(r.number("status = 'closed'"), 2, "in the two batches")
        another_ends(r, other)


def running(engine, provider, base, spool):
    """The batches run when the database comes back."""
    what = "%s, %s, running, spool %s" % (engine, provider, spool)
    with open_round(engine, provider, base) as r:
        r.save()
        ok(r.submit_all(), what)
        r.restore()
        if spool == "lost":
            shutil.rmtree(r.path("spool"))
        if spool == "lost" and provider in KEYED:
            code, said = r.adopt()
            eq((code, "before" in said), (10, True), "it is to be waited for")
            eq(r.number("1 = 1"), 0, "what they hold can't be seen yet")
        else:
            p = r.start("spool")
            ok(r.wait(p, lambda: r.number("status <> 'claimed'") == 2),
               "both are adopted")
            r.kill(p)
        if spool == "lost" and provider == "gemini":
            p, lists = r.start("spool"), r.fake.ledger()["lists"]
            ok(r.wait(p, lambda: r.fake.ledger()["lists"] > lists + 2),
               "a worker knows them for its own, and waits")
            eq(r.number("1 = 1"), 0, "claiming nothing")
            r.kill(p)
        r.end_batches()
        if spool == "lost" and provider in KEYED:
            eq(r.adopt()[0], 0, "they have ended, and are adopted")
            eq(r.number("status = 'submitted'"), 2, "both of them")
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.verdict(), [], "every row written once, paid once")


def collected(provider, base):
    """They were written and closed before the database was set back: the
    provider has nothing any more, the spool has the answers."""
    with open_round("sqlite", provider, base) as r:
        r.save()
        ok(r.submit_all(), "%s: batches that were closed" % provider)
        r.end_batches()
        eq(r.finish("spool"), (0, ""), "written")
        r.restore()
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.verdict(), [], "every row written once, paid once")
        eq(r.number("status = 'closed'"), 2, "in the two batches")


def cut(provider, base):
    """A request file in the spool that tells of less than was sent."""
    with open_round("sqlite", provider, base) as r:
        r.save()
        ok(r.submit_all(), "%s: a spool that is cut" % provider)
        r.end_batches()
        r.restore()
        for name in os.listdir(r.path("spool")):
            if name.endswith(".requests.jsonl"):
                name = r.path(os.path.join("spool", name))
                os.truncate(name, os.path.getsize(name) // 2)
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.verdict(), [], "every row written once, paid once")


def meanwhile(provider, base):
    """What happened to a row since is left as it is."""
    with open_round("sqlite", provider, base) as r:
        r.save()
        ok(r.submit_all(), "%s: rows that change meanwhile" % provider)
        r.end_batches()
        r.restore()
        shutil.rmtree(r.path("spool"))
        r.sql("UPDATE aicandidate SET markdownResume = ? WHERE userid = 1",
              resume(1, city="Dallas, TX"))
        r.sql("UPDATE aicandidate SET LastProcessed = '2026-01-02 03:04:05',"
              " LastName = 'Written' WHERE userid = 2")
        r.sql("DELETE FROM aicandidate WHERE userid = 3")
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.sql("SELECT LastProcessed, LastName FROM aicandidate WHERE"
                 " userid = 2"), [("2026-01-02 03:04:05", "Written")],
           "what was written stays")
        eq(r.sql("SELECT City FROM aicandidate WHERE userid = 1"),
           [("Dallas",)], "another text is asked about")
        accepted = r.fake.by_record()
        eq([accepted.get(str(i)) for i in range(1, ROWS + 1)],
           [2, 1, 1, 1, 1, 1], "and paid, the others are not")
        eq((r.number("status = 'closed'"), r.number("1 = 1")), (2, 2),
           "every batch is closed; the one of which no record waits with its"
           " text is left alone")


def namesakes():
    """Two databases that give their sites one name, on one account."""
    with harness.Fake() as fake, Site(fake) as one, Site(fake) as other:
        same = ("batch.site=same",)
        one.init().fill({1: resume(1)})
        other.init().fill({i: resume(i + 50) for i in (1, 2)})
        other.vitae("--submit", settings=same)
        said = one.vitae("adopt", settings=same).stdout
        ok(said.startswith("0 batches adopted, 0 of"), said)
        ok(not [n for n in os.listdir(one.path("spool")) if "json" in n],
           "nothing of another's people stays here")
        for site in (one, other):
            eq(site.vitae("--continuous", settings=same).returncode, 0,
               "each does its own")
        eq(fake.by_record(), {"1": 2, "2": 1}, "and pays its own once")


def many_at_once(base):
    """Workers that die at any effect, three at a time."""
    with open_round("sqlite", "openai", base) as r:
        r.save()
        ok(r.submit_all(), "a restored database, and many who find it")
        r.end_batches()
        r.restore()
        for n in range(1, 60, 6):
            env = {"LD_PRELOAD": harness.SHIM, "SHIM_DO": "kill"}
            begun = [r.start("spool%d" % i, {**env, "SHIM_AT": str(n + i)})
                     for i in range(3)]
            for p in begun:
                p.communicate(timeout=PATIENCE)
        eq(r.settle(), "", "one that lives ends it")
        eq(r.verdict(), [], "every row written once, paid once")
        eq(r.number("status = 'closed'"), 2, "in the two batches")


def another_section(base):
    """It was sent by a section that this worker has no work for."""
    with open_round("sqlite", "openai", base) as r:
        two = ("provider:second.name=gemini", "batch.batch_size=%d" % ROWS,
               "provider:second.model=gemini-2.5-flash",
               "provider:second.base_url=%s/v1beta" % r.fake.root)
        r.save()
        made = r.vitae("--submit", "--provider", "second", settings=two)
        ok(made.returncode == 0, "sent by another section" + made.stderr)
        r.end_batches()
        r.restore()
        shutil.rmtree(r.path("spool"))
        eq(r.finish("spool", two), (0, ""), "a worker of the first goes on")
        eq(r.verdict(), [], "every row written once, paid once")
        eq(r.query("SELECT section, status, model FROM"
                   " aicandidateBatchStatus"),
           [("second", "closed", "gemini-2.5-flash")],
           "by the section that made it")


def asked_too_fast(base):
    """Others' batches are many: the account's requests a minute are used up
    by looking whose they are."""
    with open_round("sqlite", "anthropic", base) as r:
        r.save()
        ok(r.submit_all(), "a provider that wants a pause")
        r.end_batches()
        r.restore()
        shutil.rmtree(r.path("spool"))
        r.fake.script('poll@2 status=429 header="retry-after: 0"')
        code, said = r.adopt()
        eq((code, said.startswith("2 batches adopted")), (0, True), said)


def listed_late(base):
    """The list doesn't show them yet: the spool knows of them."""
    with open_round("sqlite", "openai", base) as r:
        r.save()
        r.fake.script("set lag=2")
        ok(r.submit_all(), "a list that lags")
        r.end_batches()
        r.restore()
        eq(r.finish("spool"), (0, ""), "a worker goes on")
        eq(r.verdict(), [], "every row written once, paid once")


def unreadable(base):
    """One whose requests can't be read is for a person, said once."""
    with open_round("sqlite", "openai", base) as r:
        r.save()
        ok(r.submit_all(), "requests that nobody can read")
        r.restore()
        shutil.rmtree(r.path("spool"))
        r.fake.script("download@1 body=nothing")
        code, said = r.adopt()
        eq((code, said.startswith("2 batches adopted, 3 of their records")),
           (0, True), said)
        eq((r.number("status = 'unknown'"), r.number("status = 'submitted'"),
            r.number("error_message LIKE '%vitae cancel%'")), (1, 1, 1),
           "it is set aside, with the cure")
        code, said = r.adopt()
        eq((code, said.startswith("0 batches adopted, 0 of")), (0, True),
           "and known from then on: " + said)


def not_listed(base):
    """While the list can't be had nothing is claimed; where there is none,
    it is gone without."""
    with open_round("sqlite", "openai", base) as r:
        r.fake.script("list@1+ status=503")
        p = r.start("spool", settings=("log.file=log",))
        ok(r.wait(p, lambda: "service_waits" in r.log()),
           "a list that fails is waited for")
        eq(r.number("1 = 1"), 0, "nothing is claimed meanwhile")
        r.kill(p)
        r.fake._call("DELETE", "/script")
        r.fake.script("list@1+ status=404")
        r.end_batches()
        eq(r.finish("spool"), (0, ""), "a server without a list")
        eq(r.verdict(), [], "does its work")


def main():
    for engine in engines():
        base = make_base(engine, ROWS)
        providers = ASKED if engine == "sqlite" else ASKED[:1]
        for provider in providers:
            for spool in ("there", "lost"):
                ended(engine, provider, base, spool)
                running(engine, provider, base, spool)
        if engine == "sqlite":
            for provider in ("openai", *KEYED):
                collected(provider, base)
                cut(provider, base)
                meanwhile(provider, base)
            another_section(base)
            namesakes()
            asked_too_fast(base)
            listed_late(base)
            unreadable(base)
            not_listed(base)
            if os.path.exists(harness.SHIM):
                many_at_once(base)
        base.close()
    harness.done()


harness.needs_fake()
main()
