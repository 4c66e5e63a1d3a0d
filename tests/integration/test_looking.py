#!/usr/bin/env python3
"""Looking at the work, and putting a hand to it: status, list, show,
explain, cancel, retry."""
import glob
import json
import os
import signal
import subprocess

import harness
from harness import PATIENCE, Fake, Site, eq, ok, resume, until

harness.needs_fake()


def asked(site, *args):
    """What a command prints with --json, read."""
    out = site.vitae(*args, "--json")
    eq(out.returncode, 0, "%s ends with 0 %s" % (args[0], out.stderr[-200:]))
    try:
        return json.loads(out.stdout)
    except ValueError:
        ok(False, "%s prints JSON: %r" % (args[0], out.stdout[:200]))
        harness.done()


def a_database_is_not_made_by_a_slip():
    with Site() as site:
        for command in ("status", "list", "show x", "explain 1", "export x",
                        "plan", "--waves", "--submit", "--check-batch all",
                        "load x.txt", "forget 1", "retry --all"):
            out = site.vitae(*command.split(), settings=("log.file=",))
            eq((out.returncode, out.stdout), (4, ""), command + ": 4")
            ok("no database file vitae.db in " + os.path.realpath(site.folder)
               in out.stderr and "vitae init" in out.stderr,
               "the file and the cure are named: " + out.stderr)
        out = site.vitae("init", "--print", settings=("log.file=",))
        ok(out.returncode == 0 and "CREATE TABLE" in out.stdout,
           "the DDL is printed without one " + out.stderr)
        out = site.vitae("doctor")
        ok(out.returncode == 4 and "vitae init makes one" in out.stdout,
           "doctor says the same")
        eq([f for f in os.listdir(site.folder) if f != "spool"], [],
           "nothing is made")
        out = site.vitae("init")
        eq((out.returncode, os.path.exists(site.path("vitae.db"))),
           (0, True), "but by vitae init")


def an_empty_site_is_nothing_special():
    with Site() as site:
        site.init()
        out = site.vitae("status")
        eq(out.returncode, 0, "status ends with 0 %s" % out.stderr[-200:])
        ok("Waiting                 0" in out.stdout,
           "nothing waits: %s" % out.stdout)
        eq(asked(site, "list"), [], "no batch")
        out = site.vitae("list")
        eq((out.returncode, out.stdout), (0, ""), "nothing on standard output")
        ok("no open batch" in out.stderr, "a remark on standard error")
        for command in ("show", "cancel", "undo", "replay", "--check-batch",
                        "export"):
            out = site.vitae(command, "none")
            eq(out.returncode, 2, "%s of nothing: 2" % command)
            ok("no batch has the id none" in out.stderr, out.stderr)
        site.fill({7: resume(7)})
        for command in (("explain",), ("forget",), ("retry", "7"),
                        ("show", "--request")):
            for nobody in ("8", "7up", "7 ", "nobody"):
                out = site.vitae(*command, nobody)
                eq((out.returncode, out.stdout), (2, ""),
                   "%s %s: 2" % (" ".join(command), nobody))
                ok("no record has the id " + nobody.strip() in out.stderr,
                   out.stderr)
        out = site.vitae("explain", "7")
        eq(out.returncode, 0, "explain of a record never touched")
        ok("never had this record" in out.stdout, out.stdout)
        out = site.vitae("retry")
        eq(out.returncode, 2, "retry of nobody: 2")


def a_batch_is_seen_from_all_sides():
    with Fake() as fake, Site(fake) as site:
        texts = {i: resume(i) for i in range(1, 5)}
        texts[3] = resume(3, "@@refuse")
        texts[4] = "  \n "
        site.init().fill(texts)
        leaves = {i: site.vitae("show", "--request", str(i)).stdout
                  for i in range(1, 4)}
        out = site.vitae("show", "--request", "4")
        eq(out.returncode, 1, "a blank text has no request")
        out = site.vitae("show", "--request", "99")
        eq(out.returncode, 2, "an absent record neither")
        batch_id = site.vitae("--submit", "--quiet").stdout.strip()
        sent = open(glob.glob(site.path("spool/*.jsonl"))[0],
                    encoding="utf-8").read()
        for i, line in leaves.items():
            ok(line and line in sent,
               "show --request %d printed what was sent" % i)
        seen = asked(site, "status")
        eq(seen["records"]["submitted"], 3, "three are in flight")
        eq(seen["records"]["skipped"], 1, "one has no text")
        eq(seen["open_batches"], 1, "in one batch")
        eq([b["batch_id"] for b in seen["batches"]], [batch_id], "this one")
        listed = asked(site, "list")
        eq([(b["batch_id"], b["status"], b["requests"]) for b in listed],
           [(batch_id, "submitted", 3)], "list has it")
        out = site.vitae("list")
        ok(batch_id in out.stdout and "STATUS" in out.stdout,
           "for people too: " + out.stdout)
        while site.vitae("--check-batch", "all").returncode == 10:
            pass
        eq(asked(site, "list"), [], "closed ones are not listed")
        listed = asked(site, "list", "--all")
        eq([(b["status"], b["done"], b["retry"]) for b in listed],
           [("closed", 2, 1)], "but with --all")
        shown = asked(site, "show", batch_id, "--records")
        eq([e["to"] for e in shown["events"]],
           ["claimed", "built", "uploaded", "creating", "submitted", "ended",
            "downloaded", "collected", "closed"], "its history")
        eq({(r["state"], r["error_code"], r["records"])
            for r in shown["reasons"]},
           {("retry", "refused", 1), ("skipped", "empty", 1)},
           "what did not end well")
        eq([str(r["userid"]) for r in shown["records"]], ["3", "4"], "whom")
        key = shown["batch"][0]["batch_key"]
        shown = asked(site, "show", key, "--all")
        eq(len(shown["records"]), 4, "all records, by our own key")
        out = site.vitae("show", batch_id, "--records")
        ok("refused" in out.stdout and "What happened" in out.stdout,
           "for people too: " + out.stdout)
        ok("Person" not in out.stdout, "no resume text")
        seen = asked(site, "status")
        eq((seen["waiting"], seen["records"]["done"],
            seen["records"]["retry"]), (1, 2, 1), "status afterwards")
        ok(seen["input_tokens"] > 0, "tokens are counted")
        out = site.vitae("status")
        ok("What went wrong" in out.stdout, "for people: " + out.stdout)


def a_value_is_explained():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        eq(site.vitae("--continuous", "--quiet").returncode, 0, "done")
        told = asked(site, "explain", "1")
        eq([(b["state"], b["profile"]) for b in told["batches"]],
           [("done", "resume")], "the batch")
        values = {v["column"]: v for v in told["values"]}
        eq(values["FirstName"]["value"], "Person", "a value")
        eq(values["Email"].get("line_number"), 2, "the line it rests on")
        eq(values["Email"].get("line"), "person1@example.com", "as it stands")
        out = site.vitae("explain", "1")
        ok("FirstName = Person" in out.stdout and "line " in out.stdout,
           "for people: " + out.stdout[:300])
        ok("LengthinUS" not in out.stdout, "no column without a value")
        site.sql("UPDATE aicandidate SET markdownResume = 'new'")
        out = site.vitae("explain", "1")
        ok("The text has changed" in out.stdout, "a changed text is told")
        told = asked(site, "explain", "1")
        values = {v["column"]: v for v in told["values"]}
        ok("line" not in values["Email"], "and shows no line")


def who_was_given_up_gets_another_chance():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1, "@@refuse"), 2: resume(2, "@@empty"),
                          3: " "})
        out = site.vitae("--continuous", "--quiet")
        eq(out.returncode, 1, "some failed")
        states = {u: rows[-1][0] for u, rows in site.items().items()}
        eq(states, {1: "dead", 2: "dead", 3: "skipped"}, "given up")
        eq(asked(site, "status")["waiting"], 0, "nothing waits")
        out = site.vitae("retry", "2", "99")
        eq((out.returncode, out.stdout), (2, ""), "nobody has that id")
        eq(asked(site, "status")["waiting"], 0, "and nothing is done")
        eq(asked(site, "retry", "--reason", "refused"), {"records": 1},
           "those of a reason")
        eq(asked(site, "status")["waiting"], 1, "one waits")
        site.vitae("--continuous", "--quiet")
        eq((fake.accepted(1), fake.accepted(2)), (6, 3),
           "three more tries for it alone")
        eq(asked(site, "retry", "2"), {"records": 1}, "one by its id")
        eq(asked(site, "retry", "--all"), {"records": 2}, "all the others")
        eq(asked(site, "status")["waiting"], 3, "three wait")
        eq(asked(site, "retry", "--all"), {"records": 0}, "once only")


def a_batch_is_cancelled():
    with Fake("--set", "polls=100") as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 4)})
        batch_id = site.vitae("--submit", "--quiet").stdout.strip()
        out = site.vitae("cancel", batch_id)
        eq(out.returncode, 0, "cancel ends with 0 %s" % out.stderr[-200:])
        for _ in range(200):
            if site.vitae("--check-batch", "all").returncode != 10:
                break
        eq(site.statuses(), ["closed"], "it ends")
        seen = asked(site, "status")
        eq(seen["records"]["done"] + seen["waiting"], 3,
           "what was finished is written, the rest waits again")
        eq(seen["records"]["retry"], seen["waiting"], "in the pool")
        ok(seen["waiting"] > 0, "some of it")
        eq(site.sql("SELECT MAX(attempt) FROM aicandidateBatchItem WHERE"
                    " state = 'retry'"), [(0,)], "without a try lost")
        out = site.vitae("cancel", batch_id)
        ok(out.returncode == 1 and "closed already" in out.stderr,
           "a second time is told: " + out.stderr)


def a_stop_is_obeyed():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Fake("--set", "polls=100000") as fake, Site(fake) as site:
            site.init().fill({1: resume(1)})
            work = subprocess.Popen(
                [harness.VITAE, "--continuous", "--set",
                 "provider.base_url=" + fake.url, "--set",
                 "batch.check_interval=0.05"], cwd=site.folder,
                env=dict(os.environ, OPENAI_API_KEY="sk-test"), text=True,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            until(lambda: site.statuses() == ["submitted"])
            work.send_signal(number)
            out, err = work.communicate(timeout=PATIENCE)
            eq(work.returncode, 130, "%s ends with 130" % number.name)
            ok("--check-batch all" in err, "and says how to go on: " + err)
            ok("1 at the provider, which goes on" in err, "and where it is")
            eq(site.statuses(), ["submitted"], "the batch goes on there")
            eq(fake.ledger()["cancels"], 0, "nobody cancelled it")


# what the provider does, settings, where the stop finds the batch, the words
STOPPED = [
    (("--fault", "upload@1+ stall=90"), (), "built", "1 not sent yet"),
    (("--fault", "create@1+ drop"), (), "creating",
     "1 perhaps made already"),
    (("--set", "latency=0.5"), ("provider.name=local",
                                "provider.concurrency=1"),
     "submitted", "1 asked from here, resting"),
]


def the_words_at_a_stop_fit_the_batch():
    for fault, settings, status, words in STOPPED:
        with Fake(*fault) as fake, Site(fake) as site:
            site.init().fill({i: resume(i) for i in range(1, 1000)})
            more = ["provider.base_url=" + fake.url, *settings]
            work = subprocess.Popen(
                [harness.VITAE, "--continuous",
                 *(word for s in more for word in ("--set", s))],
                cwd=site.folder, env=dict(os.environ, OPENAI_API_KEY="sk-x"),
                text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            until(lambda: site.statuses() == [status])
            work.send_signal(signal.SIGINT)
            err = work.communicate(timeout=PATIENCE)[1]
            eq(work.returncode, 130, "stopped while %s" % status)
            ok(words in err, "%s: %s" % (words, err[-300:]))
            ok("at the provider" not in err, "where it is not")


def a_submit_that_is_stopped_says_how_to_go_on():
    with Fake("--fault", "upload@1+ stall=90") as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        work = subprocess.Popen(
            [harness.VITAE, "--submit", "--set",
             "provider.base_url=" + fake.url], cwd=site.folder,
            env=dict(os.environ, OPENAI_API_KEY="sk-x"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        until(lambda: site.statuses() == ["built"])
        work.send_signal(signal.SIGINT)
        out, err = work.communicate(timeout=PATIENCE)
        eq((work.returncode, out), (130, ""), "no id is told")
        ok("1 not sent yet" in err and "vitae --continuous" in err,
           "but how to go on: " + err[-300:])


def an_unknown_batch_is_told_by_the_exit_code():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        site.vitae("--submit", "--quiet")
        site.sql("UPDATE aicandidateBatchStatus SET status = 'unknown'")
        out = site.vitae("--continuous")
        eq(out.returncode, 1, "not all is well: 1")
        ok("vitae cancel" in out.stderr, "and what to do: " + out.stderr)
        out = site.vitae("--continuous", "--json", "--quiet")
        eq(json.loads(out.stdout)["unknown_batches"], 1, "programs too")


for test in (a_database_is_not_made_by_a_slip,
             an_empty_site_is_nothing_special,
             a_batch_is_seen_from_all_sides, a_value_is_explained,
             who_was_given_up_gets_another_chance,
             a_batch_is_cancelled, a_stop_is_obeyed,
             the_words_at_a_stop_fit_the_batch,
             a_submit_that_is_stopped_says_how_to_go_on,
             an_unknown_batch_is_told_by_the_exit_code):
    test()
harness.done()
