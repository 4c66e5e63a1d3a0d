#!/usr/bin/env python3
"""More than one process at once: one spool, two spools, one that sleeps."""
import os
import signal
import subprocess

import harness
from harness import (PATIENCE, Fake, Site, eq, last_name, ok, resume,
                     until)

harness.needs_fake()


def start(site, *settings, spool="spool", args=("--continuous",)):
    more = []
    for s in ("provider.base_url=" + site.fake.url, "batch.create_grace=0.1",
              "batch.lease=5", "batch.check_interval=0.05", "log.file=",
              "batch.spool=" + spool, *settings):
        more += ["--set", s]
    return subprocess.Popen(
        [harness.VITAE, *args, *more], cwd=site.folder,
        env=dict(os.environ, OPENAI_API_KEY="sk-test"), text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def done(site):
    return site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NOT NULL")[0][0]


def a_sleeper_cannot_write():
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 41)})
        slow = ["batch.write_chunk=1", "batch.write_pause=1"]
        sleeper = start(site, *slow)
        ok(until(lambda: done(site) >= 2), "two records are written")
        os.kill(sleeper.pid, signal.SIGSTOP)
        written = done(site)
        ok(written < 40, "and it sleeps with %d" % written)
        ok(until(lambda: site.sql(
            "SELECT lease_until < strftime('%Y-%m-%d %H:%M:%f', 'now') FROM"
            " aicandidateBatchStatus")[0][0]), "its lease ends")
        other = site.vitae("--continuous", "--quiet",
                           settings=["batch.spool=spool2"])
        eq(other.returncode, 0, "another worker takes the batch over %s" %
           other.stderr[-200:])
        eq((done(site), site.statuses()), (40, ["closed"]), "and ends it")
        eq([fake.accepted(i) for i in range(1, 41)], [1] * 40, "paid once")
        site.sql("UPDATE aicandidate SET LastName = 'by hand'")
        os.kill(sleeper.pid, signal.SIGCONT)
        sleeper.wait(timeout=PATIENCE)
        eq(site.sql("SELECT DISTINCT LastName FROM aicandidate"),
           [("by hand",)], "the sleeper that wakes up writes nothing")
        eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchItem WHERE state ="
                    " 'done'")[0][0], 40, "each record is done once")


def two_on_one_spool_and_two_on_two():
    for spools in (("spool", "spool"), ("spool", "spool2")):
        with Fake("--set", "polls=1") as fake, Site(fake) as site:
            site.init().fill({i: resume(i) for i in range(1, 61)})
            workers = [start(site, "batch.batch_size=10", spool=s)
                       for s in spools]
            ends = [(w.wait(timeout=PATIENCE), w.stderr.read())
                    for w in workers]
            eq([e[0] for e in ends], [0, 0], "two on %s end with 0 %s" % (
                spools, [e[1][-200:] for e in ends if e[0]]))
            eq([fake.accepted(i) for i in range(1, 61)], [1] * 60,
               "paid once each")
            eq([r[0] for r in site.sql("SELECT LastName FROM aicandidate"
                                       " ORDER BY userid")],
               [last_name(i) for i in range(1, 61)], "written")


def a_signal_stops_between_steps():
    for sig in (signal.SIGTERM, signal.SIGINT):
        with Fake("--set", "end=stuck") as fake, Site(fake) as site:
            site.init().fill({i: resume(i) for i in range(1, 4)})
            worker = start(site)
            ok(until(lambda: site.statuses() == ["submitted"]),
               "the batch is at the provider")
            worker.send_signal(sig)
            eq(worker.wait(timeout=PATIENCE), 130,
               "%s ends it with 130" % sig.name)
            err = worker.stderr.read()
            ok("--continuous" in err, "how to go on is told")
            eq(fake.ledger().get("cancels", 0), 0, "the batch runs on")
            eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchStatus WHERE"
                        " worker IS NOT NULL")[0][0], 0,
               "and no lease is left behind")


a_sleeper_cannot_write()
two_on_one_spool_and_two_on_two()
a_signal_stops_between_steps()
harness.done()
