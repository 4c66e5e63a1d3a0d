#!/usr/bin/env python3
"""A service without DDL rights on a real PostgreSQL: a DBA runs what vitae
init prints; a right that is missing is told before money is spent, one that
is taken away meanwhile shows in vitae status --check at once."""
import json

import engines
import harness
from harness import Fake, eq, ok

harness.needs_fake()
SERVICE = "vitae svc"


class Service(engines.Postgres):
    """vitae runs as a role of its own, the test's SQL as the DBA."""

    def as_service(self):
        self.connection = engines.Postgres.connection.replace(
            "UID=postgres", "UID=" + SERVICE)

    def as_dba(self):
        self.connection = engines.Postgres.connection


def check(site):
    out = site.vitae("status", "--check", "--json")
    found = json.loads(out.stdout)["findings"] if out.stdout else []
    return out.returncode, {f["finding"]: f["message"] for f in found}


def a_dba_runs_what_is_printed(site):
    site.empty()
    site.rows('CREATE ROLE "%s" LOGIN;'
              " CREATE TABLE aicandidate (userid int PRIMARY KEY,"
              " markdownResume text, LastProcessed timestamp,"
              " datelastmodified timestamp, FirstName text, LastName text,"
              " Email text);"
              ' GRANT USAGE ON SCHEMA public TO "%s"' % (SERVICE, SERVICE))
    for i in range(1, 4):
        site.add(i, harness.resume(i))
    site.as_service()
    out = site.vitae("init")
    eq(out.returncode, 4, "the service may make no tables")
    ok("a DBA runs what vitae init --print prints" in out.stderr,
       "and is told who can: " + out.stderr[-300:])
    ddl = site.vitae("init", "--print")
    eq(ddl.returncode, 0, "but prints them " + ddl.stderr.strip())
    site.rows(ddl.stdout)
    out = site.vitae("--submit")
    eq(out.returncode, 4, "without grants nothing goes: " +
       out.stderr[-300:])
    grants = site.vitae("init", "--grants", SERVICE)
    eq(grants.returncode, 0, "grants are printed " + grants.stderr.strip())
    site.rows(grants.stdout)
    out = site.vitae("doctor")
    eq(out.returncode, 0, "doctor is content " + out.stdout[-500:])
    out = site.vitae("init")
    eq(out.returncode, 0, "init finds all there " + out.stderr[-300:])


def a_missing_right_is_told_first(site, fake):
    every = [("aicandidate", "SELECT UPDATE"),
             ("aicandidatebatchstatus", "SELECT INSERT UPDATE"),
             ("aicandidatebatchitem", "SELECT INSERT UPDATE"),
             ("aicandidatebatchclaim", "SELECT INSERT DELETE"),
             ("aicandidatebatchbefore", "SELECT INSERT"),
             ("aicandidatebatchevent", "INSERT")]
    for table, rights in every:
        for right in rights.split():
            what = '%s ON %s %%s "%s"' % (right, table, SERVICE)
            site.rows("REVOKE " + what % "FROM")
            out = site.vitae("--submit")
            eq(out.returncode, 4, "without %s on %s: %s" %
               (right, table, out.stderr[-300:]))
            site.rows("GRANT " + what % "TO")
            if right != "SELECT":
                ok("the user %s lacks %s on " % (SERVICE, right) in
                   out.stderr and '"%s"' % table in out.stderr and
                   "init --grants " + SERVICE in out.stderr,
                   "the right and the cure are named")
    site.rows('REVOKE UPDATE ON aicandidate FROM "%s"; GRANT UPDATE'
              ' (LastProcessed, FirstName, LastName) ON aicandidate TO "%s"' %
              (SERVICE, SERVICE))
    out = site.vitae("--continuous")
    eq(out.returncode, 4, "a service stops too")
    ok('lacks UPDATE on "public"."aicandidate" (email);' in out.stderr,
       "the column is named: " + out.stderr[-300:])
    out = site.vitae("doctor")
    ok("FAILED  rights" in out.stdout and "(email)" in out.stdout,
       "doctor says the same")
    eq(fake.ledger()["requests"], {}, "nothing was sent")
    eq(site.get("SELECT count(*) FROM aicandidatebatchstatus"), "0",
       "nothing was claimed")
    site.rows('GRANT UPDATE (Email) ON aicandidate TO "%s"' % SERVICE)
    out = site.vitae("doctor")
    eq(out.returncode, 0, "rights by column are enough")


def a_batch_is_not_sent(site, fake):
    """Its right went after it was claimed."""
    fake.script("upload@1 status=401")
    out = site.vitae("--submit")
    eq((out.returncode, fake.ledger()["uploads"]), (5, 0),
       "a key that is refused")
    site.rows('REVOKE UPDATE (Email) ON aicandidate FROM "%s"' % SERVICE)
    out = site.vitae("--check-batch", "all")
    eq((out.returncode, fake.ledger()["uploads"]), (4, 0),
       "a batch of before isn't sent either " + out.stderr[-300:])
    code, found = check(site)
    eq((code, list(found)), (2, ["stuck"]), "status --check tells")
    ok("is not sent: the user %s lacks UPDATE" % SERVICE in
       found.get("stuck", ""), "and why: " + found.get("stuck", ""))
    site.rows('GRANT UPDATE (Email) ON aicandidate TO "%s"' % SERVICE)


def doctor_tells_a_standby_at_once(site):
    role = 'ALTER ROLE "%s" %%s default_transaction_read_only' % SERVICE
    site.rows(role % "SET" + " = on")
    out = site.vitae("doctor", settings=("log.file=log",))
    ok(out.returncode == 4 and "read-only" in out.stdout,
       "a server that takes no writes is told " + out.stdout[-800:])
    ok("database_retry" not in out.stderr, "and not tried again")
    site.rows(role % "RESET")


def a_right_taken_away_shows_at_once(site):
    out = site.vitae("--submit")
    eq((out.returncode, check(site)), (0, (0, {})),
       "with the right it is sent " + out.stderr[-300:])
    site.rows('REVOKE UPDATE (Email) ON aicandidate FROM "%s"' % SERVICE)
    out = site.vitae("--check-batch", "all")
    eq(out.returncode, 4, "the write-back stops: " + out.stderr[-300:])
    site.vitae("--check-batch", "all")
    code, found = check(site)
    eq((code, list(found)), (2, ["stuck"]), "status --check tells")
    why = found.get("stuck", "")
    ok("can't be written back: the user %s lacks UPDATE on" % SERVICE in why
       and "(email)" in why, "and why: " + why)
    eq(site.get("SELECT count(*) FROM aicandidateBatchEvent WHERE"
                " from_status = 'downloaded' AND to_status = from_status"), "1", "noted once, not each time")
    site.rows('GRANT UPDATE (Email) ON aicandidate TO "%s"' % SERVICE)
    out = site.vitae("--check-batch", "all")
    eq(out.returncode, 0, "with the right it goes on " + out.stderr[-300:])
    eq(site.get("SELECT count(*) FROM aicandidate WHERE Email IS NOT NULL"
                " AND LastProcessed IS NOT NULL"), "3", "and is written")
    eq(check(site), (0, {}), "and all is well")


Found = engines.all_engines(__file__)
if engines.Postgres not in Found:
    harness.skip_all("no PostgreSQL here")
with Fake("--set", "polls=0") as fake, Service(fake) as site:
    a_dba_runs_what_is_printed(site)
    a_missing_right_is_told_first(site, fake)
    doctor_tells_a_standby_at_once(site)
    a_batch_is_not_sent(site, fake)
    a_right_taken_away_shows_at_once(site)
harness.done()
