#!/usr/bin/env python3
"""Correcting: retry, undo, replay, requeue, forget, purge, plan."""
import json
import os
import shutil

import harness
from harness import Fake, Site, eq, last_name, ok, resume

harness.needs_fake()


def processed(fake, n=3):
    """A site whose records are all done; answers are kept."""
    site = Site(fake)
    site.init().fill({i: resume(i) for i in range(1, n + 1)})
    out = site.vitae("--continuous", "--quiet")
    eq(out.returncode, 0, "the records are done %s" % out.stderr[-200:])
    return site


def names(site):
    return [r[0] for r in site.sql("SELECT LastName FROM aicandidate ORDER BY"
                                   " userid")]


def batch_of(site):
    return site.sql("SELECT batch_key FROM aicandidateBatchStatus ORDER BY"
                    " batch_key")[-1][0]


def undo_puts_back_what_nobody_changed():
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 4)})
        site.sql("UPDATE aicandidate SET Summary = 'before', Skill1 = 'old'")
        site.vitae("--continuous", "--quiet")
        site.sql("UPDATE aicandidate SET Skill1 = 'by hand' WHERE userid = 2")
        out = site.vitae("undo", batch_of(site))
        eq(out.returncode, 0, "undo ends with 0 %s" % out.stderr[-200:])
        eq(site.sql("SELECT Skill1, LastName, LastProcessed IS NULL FROM"
                    " aicandidate ORDER BY userid"),
           [("old", None, 1), ("by hand", None, 1), ("old", None, 1)],
           "old values are back, but what somebody changed stays")
        creates = fake.ledger()["creates"]
        site.vitae("--continuous", "--quiet")
        eq(fake.ledger()["creates"], creates, "nothing is sent again by itself")
        out = site.vitae("undo", batch_of(site))
        ok("0 records" in out.stderr, "a second undo changes nothing")
        site.vitae("retry", "--all")
        site.vitae("--continuous", "--quiet")
        eq(names(site), [last_name(i) for i in range(1, 4)],
           "after retry they are done again")


def replay_applies_new_rules_for_nothing():
    with Fake("--set", "polls=1") as fake:
        with processed(fake) as site:
            creates = fake.ledger()["creates"]
            profile = site.path("profile")
            shutil.copytree(os.path.join(os.environ["VITAE_DATADIR"],
                                         "profiles/resume"), profile)
            with open(os.path.join(profile, "columns.json")) as f:
                columns = f.read()
            with open(os.path.join(profile, "columns.json"), "w") as f:
                f.write(columns.replace(
                    '{"column": "Specialty", "from": "/specialty"',
                    '{"column": "Specialty", "from": "/city"'))
            out = site.vitae("replay", batch_of(site),
                             settings=["extract.profile=" + profile])
            eq(out.returncode, 0, "replay ends with 0 %s" % out.stderr[-300:])
            eq(site.sql("SELECT DISTINCT Specialty FROM aicandidate"),
               [("Austin",)], "the new mapping is applied")
            eq(fake.ledger()["creates"], creates, "nothing was sent")
            eq(site.sql("SELECT SUM(actual_cost) FROM aicandidateBatchStatus"
                        " WHERE provider = 'replay'")[0][0], 0,
               "nothing was paid")
            out = site.vitae("undo", batch_of(site),
                             settings=["extract.profile=" + profile])
            eq(site.sql("SELECT DISTINCT Specialty FROM aicandidate"),
               [(None,)], "and it can be undone")


def requeue_sends_again_what_is_asked():
    with Fake("--set", "polls=1") as fake:
        with processed(fake) as site:
            out = site.vitae("requeue", "--where", "c.userid <= 2")
            ok("2 records" in out.stdout and "at most 0.00" in out.stdout
               and "not paid again" in out.stdout,
               "the cost is named for what it is: " + out.stdout)
            eq(out.returncode, 0, "without --yes it only tells")
            ok(out.stdout.startswith("2 records"), "how many: " + out.stdout)
            eq([fake.accepted(i) for i in (1, 2, 3)], [1, 1, 1], "nothing sent")
            out = site.vitae("requeue", "--where", "c.userid <= 2", "--json")
            got = json.loads(out.stdout)
            ok(got["records"] == 2 and
               0 < got["cost_expected"] <= got["cost_at_most"],
               "for programs too: " + out.stdout)
            out = site.vitae("requeue", "--where", "c.userid <= 2", "--yes")
            eq(out.returncode, 0, "with --yes %s" % out.stderr[-200:])
            eq([fake.accepted(i) for i in (1, 2, 3)], [1, 1, 1],
               "the same text, profile and model isn't paid again")
            site.sql("UPDATE aicandidate SET markdownResume = ?,"
                     " datelastmodified = '2026-02-02 00:00:00' WHERE"
                     " userid = 2", resume(2, first="Changed"))
            out = site.vitae("requeue", "--text-changed", "--yes")
            eq(out.returncode, 0, "--text-changed %s" % out.stderr[-200:])
            ok(site.sql("SELECT LastProcessed IS NOT NULL FROM aicandidate"
                        " WHERE userid = 2")[0][0], "LastProcessed stays")
            site.vitae("--check-batch", "all")
            eq([fake.accepted(i) for i in (1, 2, 3)], [1, 2, 1],
               "only the changed one is sent")
            eq(site.items()[2][-1][0], "done", "and it comes back")
            out = site.vitae("requeue", "--text-changed")
            ok(out.stdout.startswith("0 records"), "then nothing is left")
            out = site.vitae("requeue")
            eq(out.returncode, 2, "which records? usage")


def forget_leaves_nothing_of_a_person():
    with Fake("--set", "polls=1") as fake:
        with processed(fake) as site:
            out = site.vitae("forget", "2")
            eq(out.returncode, 0, "forget ends with 0 %s" % out.stderr[-200:])
            receipt = json.loads(out.stdout)
            ok(receipt["lines_removed"] >= 1 and receipt["items_removed"] == 1,
               "the receipt counts: %s" % out.stdout)
            for root, _, files in os.walk(site.path("spool")):
                for name in files:
                    with open(os.path.join(root, name), "rb") as f:
                        data = f.read()
                    ok(last_name(2).encode() + b"\\" not in data and
                       b"person2@" not in data, "nothing in " + name[-20:])
            eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchBefore WHERE"
                        " userid = 2")[0][0], 0, "no old values")
            eq(sorted(site.items()), [1, 3], "no item; the others stay")
            out = site.vitae("forget", "2")
            eq(json.loads(out.stdout)["items_removed"], 0, "again: nothing")
            site.vitae("replay", batch_of(site))
            eq(site.items()[1][-1][0], "done", "the rest can be replayed")


def forget_looks_into_replays_that_left_a_person_out():
    with Fake("--set", "polls=1") as fake:
        with processed(fake) as site:
            first = batch_of(site)
            site.vitae("undo", first)
            site.vitae("replay", first)
            out = site.vitae("forget", "2")
            eq(out.returncode, 0, "forget ends with 0 %s" % out.stderr[-200:])
            for name in os.listdir(site.path("spool")):
                with open(os.path.join(site.path("spool"), name), "rb") as f:
                    ok(b"person2@" not in f.read(), "nothing in " + name[-20:])


def forget_waits_for_an_open_batch():
    with Fake("--set", "end=stuck") as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        site.vitae("--submit", "--quiet")
        out = site.vitae("forget", "1")
        eq(out.returncode, 1, "refused while a batch has the record")


def purge_has_an_age():
    with Fake("--set", "polls=1") as fake:
        with processed(fake) as site:
            out = site.vitae("purge")
            eq(out.returncode, 0, "purge %s" % out.stderr[-200:])
            eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchBefore")[0][0],
               3, "what is young stays")
            site.sql("UPDATE aicandidateBatchBefore SET written_at ="
                     " '2020-01-01 00:00:00.000'")
            site.sql("UPDATE aicandidateBatchStatus SET created_at ="
                     " '2020-01-01 00:00:00.000'")
            site.vitae("purge")
            eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchBefore")[0][0],
               0, "old values beyond their time go")
            ok(not [f for f in os.listdir(site.path("spool"))
                    if f.endswith(".jsonl")], "and stored answers")
            ok(site.sql("SELECT COUNT(*) FROM aicandidateBatchEvent")[0][0],
               "events are kept for half a year")


def plan_tells_before_spending():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 4)})
        out = site.vitae("plan", "--json")
        plan = json.loads(out.stdout)
        eq(plan["records"], 3, "three wait")
        ok(plan["input_tokens"] > 3000, "their tokens are counted")
        ok(0 < plan["ways"]["batch"]["expected"] <
           plan["ways"]["realtime"]["expected"], "batch is cheaper")
        eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchStatus")[0][0], 0,
           "nothing is claimed")
        out = site.vitae("plan", "--json", "--items", "12000",
                         "--input-tokens", "2800", "--output-tokens", "150",
                         "--rpm", "2000", "--per-day", "400")
        ways = json.loads(out.stdout)["ways"]
        eq(ways["realtime"]["seconds_high"], 360, "12,000 at 2,000 a minute")
        eq(ways["daily limit"]["seconds_high"], 30 * 86400, "at 400 a day")


def try_writes_nothing():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2, "@@refuse")})
        out = site.vitae("try", "--rows", "5", "--json")
        eq(out.returncode, 1, "one of two was refused %s" % out.stderr[-300:])
        got = {r["userid"]: r for r in map(json.loads,
                                           out.stdout.splitlines())}
        eq(got["1"]["values"]["LastName"],
           {"before": None, "after": last_name(1), "written": True},
           "old and new values")
        ok(got["2"]["reason"], "a reason: %s" % got["2"]["reason"])
        ok("tokens" in out.stderr, "and the cost: " + out.stderr)
        eq(names(site), [None, None], "nothing is written")
        eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchStatus")[0][0], 0,
           "nothing is claimed")
        eq([f for f in os.listdir(site.path("spool")) if f != ".lock"], [],
           "no file stays")


for test in (undo_puts_back_what_nobody_changed,
             replay_applies_new_rules_for_nothing,
             requeue_sends_again_what_is_asked,
             forget_leaves_nothing_of_a_person,
             forget_looks_into_replays_that_left_a_person_out,
             forget_waits_for_an_open_batch, purge_has_an_age,
             plan_tells_before_spending, try_writes_nothing):
    test()
harness.done()
