#!/usr/bin/env python3
"""mode = realtime: any provider, asked one by one within its limits."""
import glob
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import (PATIENCE, Fake, Site, done, eq, needs_fake, ok,  # noqa: E402
                     resume)

PROVIDERS = (
    ("openai", "gpt-4o-mini", "/v1"),
    ("groq", "gpt-4o-mini", "/v1"),
    ("mistral", "gpt-4o-mini", "/v1"),
    ("azure", "gpt-4o-mini", "/v1"),
    ("gemini", "gemini-2.5-flash", "/v1beta"),
    ("anthropic", "claude-haiku-4-5", "/v1"),
)
KEYS = {name: "k-secret" for name in (
    "OPENAI_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY",
    "AZURE_OPENAI_API_KEY", "GEMINI_API_KEY", "ANTHROPIC_API_KEY")}


def run(site, name, model, path, *more):
    return site.vitae("--continuous", env=KEYS, settings=[
        "provider.name=" + name, "provider.mode=realtime",
        "provider.model=" + model, "batch.allow_unpriced=yes",
        "provider.base_url=" + site.fake.url[:-3] + path, *more])


def every_provider_answers_one_by_one(name, model, path):
    with Fake() as fake, Site(fake) as site:
        texts = {i: resume(i) for i in range(1, 6)}
        texts[6] = resume(6, directive="@@refuse")
        site.init().fill(texts)
        out = run(site, name, model, path, "batch.max_attempts=1")
        eq(out.returncode, 1, "%s: one record fails, which is told %s"
           % (name, out.stderr[-300:]))
        eq(site.sql("SELECT COUNT(*) FROM aicandidate WHERE Email = 'person'"
                    " || userid || '@example.com'"), [(5,)],
           "%s: each row has its own values" % name)
        eq(site.items()[6][0][1], "filtered" if name == "gemini"
           else "refused", "%s: why the sixth has none" % name)
        ledger = fake.ledger()
        eq((ledger["chats"], ledger["creates"], ledger["uploads"]), (6, 0, 0),
           "%s: six requests, no batch" % name)
        row = site.sql("SELECT provider, host, input_tokens, output_tokens,"
                       " batch_id FROM aicandidateBatchStatus")[0]
        eq(row[:2], (name, "127.0.0.1"), "%s: who answered is on record" % name)
        ok(row[2] > 0 and row[3] > 0, "%s: tokens are counted %s" % (name, row))


def the_standard_price_is_paid():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2)})
        eq(run(site, "openai", "gpt-4o-mini", "/v1").returncode, 0, "done")
        actual, tokens_in, tokens_out = site.sql(
            "SELECT actual_cost, input_tokens, output_tokens FROM"
            " aicandidateBatchStatus")[0]
        want = (tokens_in * 0.15 + tokens_out * 0.60) / 1e6
        ok(abs(actual - want) < want * 0.5 and actual > want * 0.55,
           "realtime costs the whole price: %s of %s" % (actual, want))


def where_it_is_noon():
    """So that no midnight comes between."""
    return "%+03d:00" % (12 - time.gmtime().tm_hour)


def landed(site):
    """Answers that are on the disk."""
    count = 0
    for name in glob.glob(site.path("spool/*.answers.jsonl")):
        with open(name) as f:
            count += f.read().count("\n")
    return count


def waits(site):
    """How often a run said that the day's requests are used up."""
    with open(site.path("batch_api.log")) as f:
        return f.read().count("runner_waits")


def a_daily_limit_is_kept_across_restarts():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 11)})
        for _ in range(2):
            before = waits(site)
            site.killed_when(
                lambda: landed(site) == 6 and waits(site) > before,
                "--continuous", settings=[
                    "provider.mode=realtime", "provider.requests_per_day=6",
                    "provider.day_zone=" + where_it_is_noon()])
            ok(waits(site) > before, "it waits for the next day")
        eq(fake.ledger()["chats"], 6, "six a day, also after a restart")
        out = site.vitae("--continuous", settings=[
            "provider.mode=realtime", "provider.day_zone=Nowhere/Land"])
        eq(out.returncode, 3, "a zone that isn't one is told %s"
           % out.stderr[-200:])
        time.sleep(5.5)  # the lease of the one that was killed
        out = site.vitae("--continuous", settings=["provider.mode=realtime"])
        eq(out.returncode, 0, "without the limit the rest is done %s"
           % out.stderr[-200:])
        eq(fake.ledger()["chats"], 10, "nothing is asked twice")


def headers_that_say_enough_are_heard():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1), 2: resume(2)})
        fake.script('chat@1 header="x-ratelimit-remaining-requests: 0\\r\\n'
                    'x-ratelimit-reset-requests: 2.5s"')
        began = time.monotonic()
        out = site.vitae("--continuous", settings=[
            "provider.mode=realtime", "provider.concurrency=1"])
        eq(out.returncode, 0, "both are done")
        ok(time.monotonic() - began >= 2.5, "the second one waited as told")
        eq(fake.ledger()["chats"], 2, "and was sent once")


def a_batch_ends_in_the_mode_that_it_began_in():
    """Whatever provider.mode says by then: nothing is paid twice."""
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 5)})
        site.vitae("--submit")
        out = site.vitae("--continuous", settings=["provider.mode=realtime"])
        eq(out.returncode, 0, "a batch of the batch API is collected %s"
           % out.stderr[-300:])
        ledger = fake.ledger()
        eq((ledger["creates"], ledger["chats"]), (1, 0), "and paid once")
        site.fill({i: resume(i) for i in range(5, 9)})
        site.vitae("--submit", settings=["provider.mode=realtime"])
        out = site.vitae("--continuous")
        eq(out.returncode, 0, "single requests go on as such %s"
           % out.stderr[-300:])
        ledger = fake.ledger()
        eq((ledger["creates"], ledger["chats"]), (1, 4), "four of them")


def a_lost_creation_is_looked_for_where_it_was_sent():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({i: resume(i) for i in range(1, 5)})
        # What is listed first is what others have left.
        fake.script("create@1 lose\nlist@2 stall=%d" % PATIENCE)
        site.killed_when(lambda: fake.ledger()["lists"] > 1, "--submit")
        time.sleep(5.5)  # the lease of the one that was killed
        out = site.vitae("--continuous", settings=["provider.mode=realtime"])
        eq(out.returncode, 0, "it is found and collected %s"
           % out.stderr[-300:])
        ledger = fake.ledger()
        eq((ledger["creates"], ledger["chats"]), (1, 0), "and paid once")


def another_provider_of_the_same_section_is_told():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        site.vitae("--submit")
        out = run(site, "gemini", "gemini-2.5-flash", "/v1beta",
                  "provider.mode=batch")
        eq(out.returncode, 3, "a setting is wrong")
        ok("still open at openai" in out.stderr, "and which %s" % out.stderr)
        eq(site.vitae("--continuous").returncode, 0, "put back, it ends")


needs_fake()
a_batch_ends_in_the_mode_that_it_began_in()
a_lost_creation_is_looked_for_where_it_was_sent()
another_provider_of_the_same_section_is_told()
headers_that_say_enough_are_heard()
for one in PROVIDERS:
    every_provider_answers_one_by_one(*one)
the_standard_price_is_paid()
a_daily_limit_is_kept_across_restarts()
done()
