#!/usr/bin/env python3
"""The main job as its user sees it: commands, exit codes, tables, columns."""
import json
import os
import time

import harness
from harness import Fake, Site, eq, ok, resume

harness.needs_fake()


def run_until_done(site, *more):
    return site.vitae("--continuous", "--quiet", *more)


def submit_then_check():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 6)})
        out = site.vitae("--submit", "--batch-size", "5")
        eq(out.returncode, 0, "submit ends with 0 %s" % out.stderr[-200:])
        ids = out.stdout.split()
        eq(len(ids), 1, "and prints one id on standard output")
        eq(site.statuses(), ["submitted"], "the batch is submitted")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed"
                    " IS NOT NULL")[0][0], 0, "no row is processed yet")
        out = site.vitae("--check-batch", ids[0])
        eq(out.returncode, 10, "still running: 10")
        out = site.vitae("--check-batch", "all")
        eq(out.returncode, 0, "then it is done: 0 %s" % out.stderr[-200:])
        eq(site.statuses(), ["closed"], "and closed")
        eq(site.sql("SELECT FirstName, LastName, Email, City, State,"
                    " MostRecentCompany, MostRecentStartDate,"
                    " MostRecentEndDate FROM aicandidate WHERE userid = 3"),
           [("Person", "Testerd", "person3@example.com", "Austin", "TX",
             "Acme Inc.", "2019-01", "Present")], "the columns are right")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed"
                    " IS NULL")[0][0], 0, "every row is processed")
        eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchClaim")[0][0], 0,
           "no claim is left")
        eq([r[0] for r in site.sql("SELECT to_status FROM"
                                   " aicandidateBatchEvent ORDER BY at,"
                                   " rowid")],
           ["claimed", "built", "uploaded", "creating", "submitted", "ended",
            "downloaded", "collected", "closed"],
           "every transition is on record")
        out = site.vitae("--check-batch", ids[0])
        eq(out.returncode, 0, "looking again changes nothing")
        out = site.vitae("--submit")
        eq((out.returncode, out.stdout), (0, ""), "nothing waits any more")
        eq([fake.accepted(i) for i in range(1, 6)], [1] * 5, "paid once")


# userid, what stands in the resume, the item's state and reason, note
ODD = [
    (1, None, "done", None, "a good answer"),
    (2, "@@empty", "retry", "empty", "no content"),
    (3, "@@refuse", "retry", "refused", "a refusal"),
    (4, "@@length", "retry", "cut", "cut off by length"),
    (5, "@@filter", "retry", "filtered", "a content filter"),
    (6, "@@raw I am sorry, no JSON today.", "retry", "not_json", "prose"),
    (7, "@@missing", "retry", "missing", "no line at all"),
    (8, "@@raw {\"first_name\": 7}", "retry", "schema", "a wrong type"),
    (9, "   \n\t ", "skipped", "empty", "only blanks: never sent"),
]


def every_odd_answer_has_its_own_reason():
    with Fake() as fake, Site(fake) as site:
        texts = {i: resume(i, d) if i != 9 else d for i, d, *_ in ODD}
        site.init().fill(texts)
        site.vitae("--submit", "--quiet")
        while site.vitae("--check-batch", "all").returncode == 10:
            pass
        items = site.items()
        for userid, _, state, code, why in ODD:
            got = items[userid][0][:2]
            eq(got, (state, code), why)
        eq(fake.accepted(9), 0, "blanks never reach a model")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed"
                    " IS NOT NULL")[0][0], 1, "only the good one is processed")
        out = run_until_done(site)
        eq(out.returncode, 1, "some records failed: 1")
        dead = {u for u, rows in site.items().items()
                if rows[-1][0] == "dead"}
        eq(dead, {2, 3, 4, 5, 6, 7, 8}, "given up after three attempts")
        eq(fake.accepted(2), 3, "which were three")


def providers_oddities_are_survived():
    for setting, why in (("duplicate=2", "repeated lines"),
                         ("unknown=3", "unknown ids"),
                         ("blank=1", "blank lines"),
                         ("shape=azure", "Azure's shapes")):
        with Fake("--set", "polls=1", "--set", setting) as fake, Site(fake) as site:
            site.init().fill({i: resume(i) for i in range(1, 6)})
            out = run_until_done(site)
            eq(out.returncode, 0, "%s: ends with 0 %s" % (
                why, out.stderr[-200:]))
            eq([r[0] for r in site.sql("SELECT LastName FROM aicandidate ORDER"
                                       " BY userid")],
               [harness.last_name(i) for i in range(1, 6)], why)
            if setting.startswith("unknown"):
                ok(site.sql("SELECT SUM(unknown_count) FROM"
                            " aicandidateBatchStatus")[0][0] > 0,
                   "they are counted on the batch")


def faults_on_the_way_cost_nothing_twice():
    for fault in ("create@1 lose", "create@1 status=500",
                  "create@1 after status=500", "create@1 drop",
                  "upload@1 drop", "upload@1 lose", "poll@1 status=502 html",
                  "poll@1 status=429 header=\"Retry-After: 1\"",
                  "download@1 cutbody=100", "download@1 status=503",
                  "create@1 status=429", "create@1 html status=200"):
        with Fake("--set", "polls=1", "--fault", fault) as fake, Site(fake) as site:
            site.init().fill({i: resume(i) for i in range(1, 4)})
            out = run_until_done(site)
            eq(out.returncode, 0, "%s: ends with 0 %s" % (
                fault, out.stderr[-300:]))
            eq([fake.accepted(i) for i in range(1, 4)], [1] * 3,
               "%s: paid once" % fault)
            eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed"
                        " IS NOT NULL")[0][0], 3, "%s: all written" % fault)


def a_wrong_key_changes_nothing():
    with Fake("--set", "key=right") as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        out = site.vitae("--submit", env={"OPENAI_API_KEY": "sk-wrong-key"})
        eq(out.returncode, 5, "exit code 5")
        ok("sk-wrong-key" not in out.stderr + out.stdout, "the key is not told")
        ok("key" in out.stderr.lower(), "but what is wrong: %s" % out.stderr)
        out = run_until_done(site, "--set", "batch.num_batches=0")
        eq(out.returncode, 5, "nor does a service go on with it")
        for name in os.listdir(site.folder):
            path = site.path(name)
            if os.path.isfile(path):
                ok(b"sk-wrong-key" not in open(path, "rb").read(),
                   "nor in " + name)
        out = site.vitae("--continuous", env={"OPENAI_API_KEY": "right"})
        eq(out.returncode, 0, "with the right one it goes on")
        eq(fake.accepted(1), 1, "once")


def without_a_key_nothing_is_begun():
    with Site() as site:
        site.init().fill({1: resume(1)})
        for command in ("--submit", "--continuous"):
            out = site.vitae(command, env={"OPENAI_API_KEY": ""})
            eq(out.returncode, 3, "%s ends with 3" % command)
            ok("set OPENAI_API_KEY" in out.stderr,
               "and names the variable: " + out.stderr)
        eq(site.statuses(), [], "nothing is claimed")


def limits_split_batches():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 11)})
        out = site.vitae("--submit", settings=["provider.max_requests=4"])
        eq(len(out.stdout.split()), 3,
           "ten records, four a batch: three ids %s" % out.stderr[-200:])
        eq(fake.ledger()["lists"], 1,
           "no part is looked for that this process has just made")
        out = run_until_done(site)
        eq(out.returncode, 0, "all are done")
        eq(sorted(site.sql("SELECT request_count FROM"
                           " aicandidateBatchStatus")), [(2,), (4,), (4,)],
           "4, 4 and 2")
        eq([fake.accepted(i) for i in range(1, 11)], [1] * 10, "paid once")


def a_batch_of_many_chunks_is_whole():
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 2502)})
        out = run_until_done(site, "--batch-size", "2501")
        eq(out.returncode, 0, "ends with 0 %s" % out.stderr[-200:])
        eq(site.sql("SELECT request_count, done_count FROM"
                    " aicandidateBatchStatus"), [(2501, 2501)],
           "one batch, every record in it")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed"
                    " IS NOT NULL AND Email = 'person' || userid ||"
                    " '@example.com'")[0][0], 2501,
           "each row has its own values")
        eq(site.sql("SELECT COUNT(*) FROM aicandidateBatchBefore")[0][0],
           2501, "and its old ones are kept")


def an_expired_batch_keeps_what_finished():
    with Fake("--set", "end=expired", "--set", "missing=2") as fake, \
            Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 7)})
        site.vitae("--submit", "--quiet")
        while site.vitae("--check-batch", "all").returncode == 10:
            pass
        states = [rows[0][0] for rows in site.items().values()]
        ok(states.count("done") >= 3, "what finished is written: %s" % states)
        ok(states.count("retry") >= 1, "the rest goes back to the pool")
        eq(site.sql("SELECT MAX(attempt) FROM aicandidateBatchItem WHERE"
                    " state = 'retry'")[0][0], 0, "at no attempt's cost")


def answers_that_are_gone_are_for_a_person():
    """The provider has them no more; to ask again is to pay again."""
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2)})
        fake.script("download@1 status=404")
        eq((run_until_done(site).returncode, site.statuses()),
           (0, ["closed"]), "what is seen a little later is waited for")
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2)})
        fake.script("download@1+ status=404")
        out = run_until_done(site)
        eq((out.returncode, site.statuses()), (1, ["unknown"]),
           "gone, at some looks: %s" % out.stderr[-200:])
        ok(site.sql("SELECT COUNT(*) FROM aicandidateBatchEvent")[0][0] < 10,
           "which ends")
        key, why = site.sql("SELECT batch_key, error_message FROM"
                            " aicandidateBatchStatus")[0]
        ok("vitae cancel" in why, why)
        eq([fake.accepted(i) for i in (1, 2)], [1, 1],
           "nothing is asked again by itself")
        eq(site.vitae("cancel", key).returncode, 0, "a person gives it up")
        fake._call("DELETE", "/script")
        eq((run_until_done(site).returncode, site.statuses()),
           (0, ["closed", "closed"]), "then it is")
        eq([fake.accepted(i) for i in (1, 2)], [2, 2], "once more")
        eq(site.sql("SELECT MAX(attempt) FROM aicandidateBatchItem WHERE"
                    " state = 'retry'")[0][0], 0, "at no attempt's cost")


def money_has_a_limit():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 4)})
        out = site.vitae("--continuous",
                         settings=["batch.max_cost_day=0.0000001"])
        eq(out.returncode, 6, "exit code 6 %s" % out.stderr[-200:])
        eq((fake.ledger()["uploads"], fake.ledger()["creates"]), (0, 0),
           "nothing was sent, the file neither")
        batch, = json.loads(site.vitae("status", "--json").stdout)["batches"]
        eq((batch["status"], batch["error_code"]), ("built", "budget"),
           "it waits here")
        ok("max_cost_day" in batch["error_message"], "and status says why")
        out = site.vitae("--continuous", settings=["batch.max_cost_day=5"])
        eq(out.returncode, 0, "with money it goes on")
        ok(site.sql("SELECT MIN(actual_cost) FROM aicandidateBatchStatus")
           [0][0] > 0, "and the cost is settled")
        out = site.vitae("--submit", settings=["provider.model=nobodys-model"])
        eq(out.returncode, 3, "an unpriced model is refused")
        out = site.vitae("--submit", "--allow-unpriced",
                         settings=["provider.model=nobodys-model"])
        eq(out.returncode, 0, "unless that is said %s" % out.stderr)


def a_budget_ends_sending_not_collecting():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 5)})
        site.vitae("--submit", "--batch-size", "2")
        cost = site.sql("SELECT estimated_cost FROM aicandidateBatchStatus")
        limit = "batch.max_cost_day=%.9f" % (cost[0][0] / 2)
        out = site.vitae("--continuous", "--batch-size", "2",
                         settings=[limit])
        eq(out.returncode, 6, "the second batch is too much: 6")
        ok("max_cost_day" in out.stderr, "and why: %s" % out.stderr[-200:])
        eq(site.statuses(), ["closed", "built"], "the first is collected")
        eq(fake.ledger()["uploads"], 1, "the second has not left")
        out = site.vitae("--check-batch", "all", settings=[limit])
        eq(out.returncode, 6, "nor does a look send it")
        out = site.vitae("--submit", settings=[limit])
        eq((out.returncode, out.stdout), (6, ""), "nor --submit")
        eq(fake.ledger()["uploads"], 1, "still not")
        out = site.vitae("--continuous")
        eq(out.returncode, 0, "without the limit it goes on")
        eq([fake.accepted(i) for i in range(1, 5)], [1] * 4, "paid once")


def nothing_is_written_outside_the_window():
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        site.vitae("--submit", "--quiet")
        now = time.localtime()
        shut = "%02d:00-%02d:30" % ((now.tm_hour + 2) % 24,
                                    (now.tm_hour + 2) % 24)
        out = site.vitae("--check-batch", "all",
                         settings=["batch.write_window=" + shut])
        eq(out.returncode, 10, "still at work %s" % out.stderr[-200:])
        eq(site.statuses(), ["downloaded"], "the answers wait here")
        out = site.vitae("--check-batch", "all",
                         settings=["batch.write_window=nonsense"])
        eq(out.returncode, 3, "a window that is none: 3")
        site.sql("UPDATE aicandidateBatchStatus SET next_check_at ="
                 " '2020-01-01 00:00:00.000'")
        eq(site.vitae("--check-batch", "all").returncode, 0, "then written")


def of_repeated_ids_the_first_valid_one_wins():
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2)})
        site.vitae("--submit", "--quiet")
        hour = (time.localtime().tm_hour + 2) % 24
        site.vitae("--check-batch", "all", settings=[
            "batch.write_window=%02d:00-%02d:30" % (hour, hour)])
        name, = [f for f in os.listdir(site.path("spool"))
                 if f.endswith("output.jsonl")]
        path = os.path.join(site.folder, "spool", name)
        with open(path) as f:
            lines = f.read().splitlines()
        bad = json.loads(lines[0])
        bad["response"]["body"]["choices"][0]["message"]["content"] = "no"
        other = json.loads(lines[1])
        message = other["response"]["body"]["choices"][0]["message"]
        message["content"] = message["content"].replace("Person", "Impostor")
        with open(path, "w") as f:
            for line in (json.dumps(bad), lines[0], lines[1],
                         json.dumps(other)):
                f.write(line + "\n")
        site.sql("UPDATE aicandidateBatchStatus SET next_check_at ="
                 " '2020-01-01 00:00:00.000'")
        out = site.vitae("--check-batch", "all")
        eq(out.returncode, 0, "both come back %s" % out.stderr[-200:])
        eq([r[0] for r in site.sql("SELECT FirstName FROM aicandidate ORDER"
                                   " BY userid")], ["Person", "Person"],
           "the first valid answer of each")


def one_reason_for_all_stops_the_batch():
    """Paid answers aren't thrown away because a trigger refuses them."""
    n = 45
    with Fake("--set", "polls=1") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, n + 1)})
        site.sql("CREATE TRIGGER stop BEFORE UPDATE ON aicandidate BEGIN"
                 " SELECT RAISE(ABORT, 'frozen'); END")
        out = run_until_done(site)
        eq(out.returncode, 4, "the operator must act: 4")
        ok("same error" in out.stderr and "doctor" in out.stderr,
           "and is told so: " + out.stderr[-400:])
        eq(site.sql("SELECT DISTINCT state FROM aicandidateBatchItem"),
           [("submitted",)], "no record is dead")
        site.sql("DROP TRIGGER stop")
        out = site.vitae("--check-batch", "all")
        eq(out.returncode, 0, "then the answers are written")
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE LastProcessed IS"
                    " NOT NULL")[0][0], n, "all of them")
        eq([fake.accepted(i) for i in range(1, n + 1)], [1] * n, "paid once")


def the_log_holds_no_resume():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1, first="Zebedee")})
        out = site.vitae("--continuous", settings=["log.level=debug"])
        log = open(site.path("batch_api.log")).read()
        ok("batch_submitted" in log, "events are logged")
        for word in ("Zebedee", "example.com", "sk-test-secret", "Acme"):
            ok(word not in log, "no %s in the log" % word)
            ok(word not in out.stderr, "nor on the terminal")


def machines_get_json():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        out = site.vitae("--submit", "--json")
        batch = json.loads(out.stdout)
        eq(batch["status"], "submitted", "submit --json")
        while site.vitae("--check-batch", "all").returncode == 10:
            pass
        out = site.vitae("--check-batch", batch["batch_key"], "--json")
        eq(json.loads(out.stdout)["done"], 1, "check-batch --json, by our key")


for test in (submit_then_check, every_odd_answer_has_its_own_reason,
             providers_oddities_are_survived,
             faults_on_the_way_cost_nothing_twice,
             a_wrong_key_changes_nothing, without_a_key_nothing_is_begun,
             limits_split_batches,
             a_batch_of_many_chunks_is_whole,
             an_expired_batch_keeps_what_finished,
             answers_that_are_gone_are_for_a_person, money_has_a_limit,
             a_budget_ends_sending_not_collecting,
             nothing_is_written_outside_the_window,
             of_repeated_ids_the_first_valid_one_wins,
             one_reason_for_all_stops_the_batch,
             the_log_holds_no_resume, machines_get_json):
    test()
harness.done()
