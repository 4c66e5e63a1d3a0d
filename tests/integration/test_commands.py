#!/usr/bin/env python3
"""What a DBA asks by INSERT: done once, answered in the row; pause and
resume."""
import time

import engines
import harness
from harness import PATIENCE, Fake, eq, ok, until

harness.needs_fake()


def key_of(site, n=0):
    return site.rows("SELECT batch_key FROM aicandidateBatchStatus"
                     " ORDER BY batch_key")[n][0]


def all_five_words(site):
    site.fresh(4)
    site.ask("submit", "3")
    out = site.vitae("--check-batch", "all")
    eq(out.returncode, 10, "a batch runs %s" % out.stderr[-300:])
    word, state, answer = site.answers()[0]
    eq((word, state), ("submit", "done"), "submit is done")
    ok("3 records claimed" in answer, "and tells what came of it: " + answer)
    key = key_of(site)
    ok(key in answer, "with the batch's key")
    eq(site.get("SELECT count(*) FROM aicandidateBatchCommand WHERE worker IS"
                " NOT NULL AND done_at IS NOT NULL AND taken_at IS NOT NULL"),
       "1", "who and when stand in the row")
    site.ask("check", key)
    site.ask("  CHECK ", " All ")
    site.ask("cancel", "nobody")
    site.ask("frobnicate")
    site.ask("cancel", key)
    site.ask("submit", "0")
    site.ask("submit", "1 nobody")
    site.vitae("--check-batch", "all")
    got = site.answers()[1:]
    eq([g[1] for g in got], ["done", "done", "failed", "failed", "done",
                             "failed", "failed"], "each has its state %r" % got)
    ok("batch %s is " % key in got[0][2], got[0][2])
    ok("1 batches looked at" in got[1][2], got[1][2])
    ok("no batch has the id nobody" in got[2][2], got[2][2])
    ok("there is no command frobnicate" in got[3][2], got[3][2])
    ok("1 to 50000 records" in got[5][2], got[5][2])
    ok("no provider nobody" in got[6][2], got[6][2])
    before = site.rows("SELECT command_id, done_at, answer FROM"
                       " aicandidateBatchCommand ORDER BY command_id")
    site.vitae("--check-batch", "all")
    eq(site.rows("SELECT command_id, done_at, answer FROM"
                 " aicandidateBatchCommand ORDER BY command_id"), before,
       "what is answered isn't done again")


def many_workers_do_each_once(site):
    site.fresh(14)
    for _ in range(12):
        site.ask("submit", "1")
    workers = [site.start("--check-batch", "all", spool="spool%d" % i)
               for i in range(4)]
    for w in workers:
        w.wait(timeout=PATIENCE)
        w.stderr.close()
    eq(site.rows("SELECT state, count(*) FROM aicandidateBatchCommand"
                 " GROUP BY state"), [("done", "12")], "all are answered")
    eq(site.get("SELECT count(*) FROM aicandidateBatchStatus"), "12",
       "a batch for each")
    eq(site.get("SELECT count(DISTINCT userid) FROM aicandidateBatchClaim"),
       "12", "of one record each")


def a_worker_that_died(site):
    """Taken, maybe done, not answered: taken again when the lease is over."""
    site.fresh(2)
    site.ask("submit", "1")
    site.rows("UPDATE aicandidateBatchCommand SET state = 'taken',"
              " worker = 'gone', taken_at = '2026-01-01'")
    site.vitae("--check-batch", "all")
    eq(site.answers()[0][1], "done", "an old one is taken over")
    site.ask("cancel", key_of(site))
    site.vitae("--check-batch", "all")
    eq(site.answers()[1][1], "done", "cancel")
    # The answer of the cancel got lost.
    site.rows("UPDATE aicandidateBatchCommand SET state = 'taken',"
              " worker = 'gone', taken_at = '2026-01-01' WHERE command ="
              " 'cancel'")
    site.vitae("--check-batch", "all")
    eq(site.answers()[1][1], "done", "cancelled again without harm %r" %
       (site.answers()[1],))
    site.rows("UPDATE aicandidateBatchCommand SET state = 'taken', worker ="
              " 'busy', taken_at = '2999-01-01' WHERE command = 'submit'")
    site.vitae("--check-batch", "all")
    eq(site.answers()[0][1], "taken", "a fresh one is left to its worker")


def pause_and_resume(site, fake):
    site.fresh(6)
    out = site.vitae("--submit", "--batch-size", "2")
    eq(out.returncode, 0, "a batch is at the provider")
    site.ask("pause", "openai")
    out = site.vitae("--submit", "--batch-size", "2")
    eq((out.returncode, out.stdout), (0, ""), "nothing is submitted")
    ok("is paused" in out.stderr, "and that is said: " + out.stderr.strip())
    worker = site.start("--continuous", "--batch-size", "2")
    done = until(lambda: site.get(
        "SELECT count(*) FROM aicandidate WHERE LastProcessed IS NOT NULL")
        == "2")
    ok(done, "what was sent is collected")
    eq(site.get("SELECT count(*) FROM aicandidateBatchStatus"), "1",
       "nothing new is claimed")
    eq(worker.poll(), None, "the worker waits")
    eq(site.answers()[0][1], "done", "the pause is answered")
    worker.terminate()
    worker.wait(timeout=PATIENCE)
    worker.stderr.close()
    out = site.vitae("--submit")
    ok("is paused" in out.stderr, "a restart doesn't end it")
    # A batch on its way is not sent either.
    site.ask("resume", "openai")
    site.ask("submit", "2")
    site.ask("pause")
    site.vitae("--check-batch", "all")
    eq(site.answers()[2][1], "failed", "a later pause holds a submit back %r"
       % (site.answers()[2],))
    site.ask("resume")
    site.ask("pause", "gemeni")
    out = site.vitae("--continuous", "--batch-size", "2")
    eq(out.returncode, 0, "resume lets it go on: " + out.stderr[-200:])
    eq(site.get("SELECT count(*) FROM aicandidate WHERE LastProcessed IS"
                " NULL"), "0", "to the end")
    ok("spelled right" in site.answers()[5][2],
       "a provider that nobody knows is told of")
    eq([fake.accepted(i) for i in range(1, 7)], [1] * 6, "all paid once")


def a_batch_on_its_way_waits(site, fake):
    """Claimed, then paused: it isn't sent."""
    site.fresh(2)
    fake.script("create@1 status=401 body=no")
    site.vitae("--submit", "--batch-size", "2")
    site.ask("pause", "all")
    out = site.vitae("--check-batch", "all")
    eq(out.returncode, 10, "it is still open")
    eq(site.get("SELECT count(*) FROM aicandidateBatchStatus WHERE status IN"
                " ('claimed', 'built', 'uploaded')"), "1", "and not sent")
    worker = site.start("--continuous")
    time.sleep(0.5)
    eq(worker.poll(), None, "a worker waits for the resume")
    site.ask("resume")
    eq(worker.wait(timeout=PATIENCE), 0, "and goes on by itself")
    worker.stderr.close()
    eq(site.get("SELECT count(*) FROM aicandidate WHERE LastProcessed IS NOT"
                " NULL"), "2", "to the end")


for Engine in engines.all_engines(__file__):
    print("# " + Engine.name)
    with Fake("--set", "polls=1000") as fake, Engine(fake) as site:
        all_five_words(site)
    with Fake("--set", "polls=1000") as fake, Engine(fake) as site:
        many_workers_do_each_once(site)
    with Fake("--set", "polls=1") as fake, Engine(fake) as site:
        a_worker_that_died(site)
    with Fake("--set", "polls=1") as fake, Engine(fake) as site:
        pause_and_resume(site, fake)
    with Fake("--set", "polls=1") as fake, Engine(fake) as site:
        a_batch_on_its_way_waits(site, fake)
harness.done()
