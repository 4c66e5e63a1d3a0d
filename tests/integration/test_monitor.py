#!/usr/bin/env python3
"""vitae status --check: each thing that can be wrong is found, once, with
its level; and the program ends as monitoring expects."""
import json

import engines
import harness
from harness import Fake, eq, ok

harness.needs_fake()


def look(site, *args):
    out = site.vitae("status", "--check", "--json", *args)
    found = json.loads(out.stdout) if out.stdout else {"findings": []}
    return out.returncode, {f["finding"]: f["level"]
                            for f in found["findings"]}, out


def all_is_well(site):
    site.fresh()
    code, found, out = look(site)
    eq((code, found), (0, {}), "an empty site is well " + out.stderr[-200:])
    out = site.vitae("status", "--check")
    eq(out.stdout.split(":")[0], "OK", "in one line")
    ok("| waiting=0 open=0 dead=0" in out.stdout, "with numbers")


def what_is_wrong(site):
    site.fresh(3)
    code, found, _ = look(site)
    eq((code, found), (1, {"no_progress": "WARNING"}),
       "records that nobody ever took")
    eq(look(site, "--no-progress", "0")[:2], (0, {}), "unless told otherwise")
    eq(look(site, "--no-progress", "0", "--backlog-age", "1d")[:2],
       (1, {"backlog_age": "WARNING"}), "a record that waits too long")
    site.vitae("--submit", "--batch-size", "1")
    eq(look(site)[:2], (0, {}), "a batch at the provider is well")
    out = site.vitae("status", "--check", settings=("source.table=nix",))
    ok(out.returncode == 2 and " open=1 " in out.stdout,
       "and is counted where the table of the records is gone: " +
       out.stdout[:200])

    # Answers that can't be written.
    site.rows("INSERT INTO aicandidateBatchEvent (batch_key, at, from_status,"
              " to_status, detail) SELECT batch_key, created_at, status,"
              " status, 'a right is missing' FROM aicandidateBatchStatus")
    code, found, out = look(site)
    eq((code, found), (2, {"stuck": "CRITICAL"}),
       "a write-back that was refused")
    ok("is not sent: a right is missing" in out.stdout, "and why")
    site.rows("DELETE FROM aicandidateBatchEvent WHERE from_status ="
              " to_status")

    # Nobody looks.
    status = "UPDATE aicandidateBatchStatus SET "
    site.rows(status + "next_check_at = '2026-01-01'")
    code, found, _ = look(site)
    eq((code, found), (2, {"overdue": "CRITICAL"}), "an overdue look")
    eq(look(site, "--overdue", "9999d")[0], 0, "unless told otherwise")
    site.rows(status + "next_check_at = NULL, check_failures = 5,"
              " window_ends_at = '2026-01-01'")
    eq(look(site)[:2], (2, {"past_window": "CRITICAL",
                            "check_failures": "WARNING"}),
       "a window that is over, looks that fail")
    site.rows(status + "check_failures = 0, window_ends_at = '2999-01-01',"
              " status = 'unknown'")
    eq(look(site)[:2], (2, {"unknown": "CRITICAL"}), "an unknown batch")
    site.rows(status + "status = 'submitted', actual_cost = 50")
    day = ("batch.max_cost_day=55",)
    out = site.vitae("status", "--check", settings=day)
    eq(out.returncode, 1, "nine tenths of a budget")
    ok("is nearly reached: 50.00 of 55.00" in out.stdout, out.stdout)
    out = site.vitae("status", "--check",
                     settings=("batch.max_cost_month=50",))
    eq(out.returncode, 2, "a budget that is reached")
    site.rows(status + "actual_cost = NULL")

    # Given up.
    site.rows("UPDATE aicandidateBatchItem SET state = 'dead'")
    eq(look(site)[:2], (1, {"dead": "WARNING"}), "a record given up")
    eq(look(site, "--max-dead", "1")[:2], (0, {}), "unless one is allowed")
    site.rows("UPDATE aicandidateBatchItem SET state = 'submitted'")

    # Stands still.
    site.rows("UPDATE aicandidateBatchEvent SET at = '2026-01-01'")
    eq(look(site)[:2], (2, {"no_progress": "CRITICAL"}), "nothing goes on")
    site.ask("pause", "openai")
    eq(look(site)[:2], (1, {"paused": "WARNING"}),
       "a pause is said, and explains it")
    site.rows("UPDATE aicandidateBatchCommand SET asked_at = '2026-01-01'")
    eq(look(site)[:2], (1, {"paused": "WARNING",
                            "commands_wait": "WARNING"}),
       "a command that nobody takes")
    out = site.vitae("status", "--check")
    ok(out.stdout.startswith("WARNING: 2 findings"), "a line that sums up")
    eq(len(out.stdout.splitlines()), 3, "and one a finding")
    ok("Paused       openai for" in site.vitae("status").stdout,
       "status tells of the pause")


def cannot_look(site):
    site.fresh()
    site.rows("DELETE FROM aicandidateBatchSchema WHERE version > 2")
    out = site.vitae("status", "--check")
    eq(out.returncode, 4, "an older schema: unknown")
    ok("vitae init" in out.stderr, out.stderr)
    out = site.vitae("--check-batch", "all")
    eq(out.returncode, 4, "so it is to a worker")
    out = site.vitae("status", "--check", "--set",
                     "database.connection=Driver=nothing")
    eq(out.returncode, 4, "no database: unknown")


def many_wait(site):
    """Counted to the last one, whatever a worker contents itself with."""
    site.fresh()
    site.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
             " WHERE i < 100001) INSERT INTO aicandidate (userid,"
             " markdownResume) SELECT i, 'a text' FROM n")
    out = site.vitae("status", "--check")
    ok(" waiting=100001 " in out.stdout, "all are counted: " + out.stdout)


for Engine in engines.all_engines(__file__):
    print("# " + Engine.name)
    with Fake("--set", "polls=1000") as fake, Engine(fake) as site:
        all_is_well(site)
        what_is_wrong(site)
        cannot_look(site)
        if Engine is engines.Sqlite:
            many_wait(site)
harness.done()
