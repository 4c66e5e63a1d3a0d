#!/usr/bin/env python3
"""The main job on a real PostgreSQL: one worker, many workers, a server that
goes away in the middle.  (Faults at every statement: test_faults.py.)

Starts itself again under tests/db/with_postgres.sh.
"""
import os
import signal
import subprocess
import sys
import time

import harness
from harness import Fake, Site, eq, last_name, ok, resume

WITH = os.path.join(os.environ["srcdir"], "tests/db/with_postgres.sh")
if "VITAE_TEST_PG_CONTROL" not in os.environ:
    os.execvp("sh", ["sh", WITH, sys.executable, os.path.abspath(__file__)])
harness.needs_fake()
CONTROL = os.environ["VITAE_TEST_PG_CONTROL"]
CONNECTION = os.environ["VITAE_TEST_PGSQL"]


def sql(text):
    return subprocess.run(["sh", CONTROL, "sql", text], check=True,
                          capture_output=True, text=True).stdout.strip()


class Server(Site):
    """A site whose database is the server's."""

    def __init__(self, fake):
        super().__init__(fake)
        self.env = {"VITAE_DATABASE_CONNECTION": CONNECTION}

    def vitae(self, *args, env=None, **kw):
        return super().vitae(*args, env={**self.env, **(env or {})}, **kw)

    def start(self, *args, spool="spool"):
        """Without waiting: a worker among others."""
        env = dict(os.environ, OPENAI_API_KEY="sk-test", **self.env)
        return subprocess.Popen(
            [harness.VITAE, *args, "--quiet",
             "--set", "provider.base_url=" + self.fake.url,
             "--set", "batch.create_grace=0.1", "--set", "batch.lease=5",
             "--set", "batch.check_interval=0.05",
             "--set", "batch.spool=" + spool,
             "--set", "log.file="],
            cwd=self.folder, env=env, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)

    def fresh(self, n):
        sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
        made = self.vitae("init", "--make-table")
        if not ok(made.returncode == 0, "init %s" % made.stderr.strip()):
            harness.done()
        self.more(1, n)
        return self

    def more(self, first, last):
        for begin in range(first, last + 1, 100):
            values = ", ".join(
                "(%d, $r$%s$r$, '2026-01-01')" % (i, resume(i))
                for i in range(begin, min(begin + 100, last + 1)))
            sql("INSERT INTO aicandidate (userid, markdownResume,"
                " datelastmodified) VALUES " + values)


def wrong(n, fake):
    """What is wrong with rows 1..n in the end."""
    out = []
    for line in sql("SELECT c.userid, c.LastProcessed IS NOT NULL,"
                    " c.LastName, (SELECT count(*) FROM"
                    " aicandidatebatchitem i WHERE i.userid = c.userid AND"
                    " i.state = 'done') FROM aicandidate c").splitlines():
        userid, processed, name, done = line.split("|")
        if (processed, name, done) != ("t", last_name(int(userid)), "1"):
            out.append(line)
    if sql("SELECT count(*) FROM aicandidatebatchclaim") != "0":
        out.append("claims are left")
    requests = fake.ledger()["requests"]
    for i in range(1, n + 1):
        accepted = requests.get("unified_%d" % i, {}).get("accepted", 0)
        if accepted != 1:
            out.append("request %d accepted %d times" % (i, accepted))
    return out[:5]


def one_worker():
    with Fake("--set", "polls=1") as fake, Server(fake) as site:
        site.fresh(20)
        out = site.vitae("--continuous", "--batch-size", "7", "--quiet")
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        eq(wrong(20, fake), [], "every row is written once, paid once")
        eq(sql("SELECT MostRecentStartDate, MostRecentEndDate,"
               " Email FROM aicandidate WHERE userid = 3"),
           "2019-01|Present|person3@example.com", "the columns are right")
        out = site.vitae("status", "--json")
        eq(out.returncode, 0, "status %s" % out.stderr[-200:])
        out = site.vitae("doctor")
        eq(out.returncode, 0, "doctor %s" % out.stdout[-400:])
        batch = sql("SELECT min(batch_key) FROM aicandidatebatchstatus")
        out = site.vitae("undo", batch)
        eq(out.returncode, 0, "undo %s" % out.stderr[-200:])
        eq(sql("SELECT count(*) FROM aicandidate WHERE LastProcessed IS"
               " NULL AND LastName IS NULL"), "7", "of seven records")


def a_column_of_another_type():
    """It would have every record refused: it is left out and named."""
    with Fake("--set", "polls=1") as fake, Server(fake) as site:
        site.fresh(3)
        sql("ALTER TABLE aicandidate DROP COLUMN Email")
        sql("ALTER TABLE aicandidate ADD COLUMN Email uuid")
        out = site.vitae("--continuous", "--quiet")
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-300:])
        eq(sql("SELECT count(*), count(Email), count(LastName) FROM"
               " aicandidate WHERE LastProcessed IS NOT NULL"), "3|0|3",
           "the other columns are written")
        out = site.vitae("doctor")
        eq(out.returncode, 4, "doctor says so")
        ok("left out: Email;" in out.stdout,
           "and names it: " + out.stdout[-600:])


def many_workers():
    n = 2000
    with Fake("--set", "polls=1") as fake, Server(fake) as site:
        site.fresh(n)
        workers = [site.start("--continuous", "--batch-size", "50",
                              spool="spool%d" % k) for k in range(8)]
        ends = [(w.wait(timeout=harness.PATIENCE), w.stderr.read())
                for w in workers]
        eq([e[0] for e in ends], [0] * 8, "eight workers end with 0 %s" %
           [e[1][-200:] for e in ends if e[0]])
        eq(wrong(n, fake), [], "none lost, none repeated")
        eq(int(sql("SELECT count(DISTINCT worker) > 1 FROM"
                   " aicandidatebatchevent WHERE to_status = 'claimed'")
               == "t"), 1, "and they shared the work")


def the_server_goes_away():
    n = 600
    with Fake("--set", "polls=1") as fake, Server(fake) as site:
        site.fresh(n)
        worker = site.start("--continuous", "--batch-size", "40")
        for how in ("crash", "stop"):
            time.sleep(0.7)
            subprocess.run(["sh", CONTROL, how], check=True)
            time.sleep(0.3)
            subprocess.run(["sh", CONTROL, "start"], check=True)
        worker.wait(timeout=harness.PATIENCE)
        # A server that is down for longer than the retries ends the run; the
        # next one goes on.
        out = site.vitae("--continuous", "--batch-size", "40", "--quiet")
        eq(out.returncode, 0, "it goes on %s" % out.stderr[-300:])
        eq(wrong(n, fake), [], "none lost, none repeated")


def the_network_swallows_everything():
    """For a while; nothing is refused, nothing closed."""
    n = 1200
    proxy = subprocess.Popen(
        [os.path.join(harness.BUILD, "tests/db/delay_proxy"),
         os.environ["VITAE_TEST_PG_PORT"]], stdout=subprocess.PIPE, text=True)
    port = proxy.stdout.readline().strip()
    with Fake("--set", "polls=1") as fake, Server(fake) as site:
        site.fresh(n)
        site.env["VITAE_DATABASE_CONNECTION"] = CONNECTION.replace(
            "Port=" + os.environ["VITAE_TEST_PG_PORT"], "Port=" + port)
        worker = site.start("--continuous", "--batch-size", "40",
                            "--set", "database.statement_timeout=1s",
                            "--set", "database.login_timeout=1s")
        while worker.poll() is None and sql(
                "SELECT count(*) FROM aicandidatebatchstatus") == "0":
            time.sleep(0.01)
        proxy.send_signal(signal.SIGUSR1)
        time.sleep(4)
        ok(worker.poll() is None, "it waits and tries")
        proxy.send_signal(signal.SIGUSR2)
        worker.wait(timeout=harness.PATIENCE)
        eq((worker.returncode, worker.stderr.read()[-300:]), (0, ""),
           "and goes on when the network is back")
        eq(wrong(n, fake), [], "none lost, none repeated")
        worker = site.start("--continuous", "--batch-size", "40")
        proxy.send_signal(signal.SIGUSR1)
        out = site.vitae("status", settings=[
            "database.statement_timeout=1s", "database.login_timeout=1s"])
        eq(out.returncode, 4, "a command ends with 4: %s" % out.stderr)
        worker.kill()
        worker.wait()
    proxy.kill()
    proxy.wait()
    proxy.stdout.close()


one_worker()
a_column_of_another_type()
many_workers()
the_server_goes_away()
the_network_swallows_everything()
harness.done()
