#!/usr/bin/env python3
"""Every query of contrib/runbook.md runs on every engine and answers its
question; what vitae sql and vitae init print is the whole of what is sent."""
import json
import os
import re

import engines
import harness
from harness import Fake, Site, eq, ok, resume

harness.needs_fake()
HERE = os.environ["srcdir"]


def queries():
    """(question, query) in the order of the runbook."""
    out, question = [], None
    with open(os.path.join(HERE, "contrib/runbook.md")) as f:
        text = f.read()
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        question = part.splitlines()[0]
        for query in re.findall(r"```sql\n(.*?)```", part, re.S):
            out.append((question, query.strip()))
    return out


def the_runbook_answers(site, fake):
    site.fresh(3)
    site.add(4, resume(4, "@@refuse"))
    site.add(5, "")
    fake.script("create@2 status=401 body=no")
    site.vitae("--continuous", "--batch-size", "2", settings=(
        "batch.max_attempts=1",))
    answers = {}
    for question, query in queries():
        try:
            answers.setdefault(question, []).append(site.rows(query))
            ok(True, "%s: %s" % (site.name, question))
        except Exception as e:  # noqa: BLE001: any failure is the finding
            ok(False, "%s: %s: %s" % (site.name, question, e))
            answers.setdefault(question, []).append([])
    running = answers["What runs?"][0]
    eq(len(running), 1, "the batch that was not taken runs")
    eq(len(answers["What did it cost?"][0]), 1, "one model cost something")
    ok(float(answers["What did it cost?"][0][0][10]) > 0, "and saved something")
    eq(len(answers["Who holds what?"][1]), 2, "two records are held")
    backlog = answers["How long will the backlog take?"][0][0]
    eq(backlog[1], "2", "two records are at work: %r" % (backlog,))
    eq((backlog[0], backlog[2]), ("2", "0"), "one without text is neither")
    ok(answers["What happened to a batch?"][0], "events are there")
    asked = site.rows("SELECT command, argument, state FROM"
                      " aicandidateBatchCommand ORDER BY command_id")
    eq(asked, [("pause", "openai", "asked"), ("resume", "openai", "asked")],
       "what is asked for is asked")
    # Stuck: nobody looks.
    site.rows("UPDATE aicandidateBatchStatus SET next_check_at ="
              " '2026-01-01' WHERE status <> 'closed'")
    stuck = [q for n, q in queries() if n == "What is stuck?"][0]
    eq(len(site.rows(stuck)), 1, "a batch that nobody looks at is stuck")


def failures_are_told(site):
    site.fresh()
    site.add(1, resume(1, "@@refuse"))
    site.vitae("--continuous", settings=("batch.max_attempts=1",))
    by_reason, records = [site.rows(q) for n, q in queries()
                          if n == "What failed, and why?"]
    eq([(r[0], r[2]) for r in by_reason], [("dead", "1")], "one was given up")
    ok(by_reason[0][1], "with its reason %r" % (by_reason[0],))
    eq([r[0] for r in records], ["1"], "and which")


def statements_are_printed(site):
    """Connected, with the names that the catalogue tells."""
    site.fresh()
    out = site.vitae("sql", "--json")
    eq(out.returncode, 0, "vitae sql " + out.stderr[-200:])
    found = {s["name"]: s for s in json.loads(out.stdout)}
    ok(len(found) > 80, "%d statements" % len(found))
    eq(found["command_take"]["parameters"], "worker id worker lease",
       "with their parameters")
    bad = [n for n, s in found.items()
           if re.search(r"\{[a-z]", re.sub(r"'[^']*'", "", s["sql"]))]
    eq(bad, [], "every name is filled in")
    text = site.vitae("sql").stdout
    ok(all("-- %s\n" % n in text for n in found), "the text has them all")


def without_a_connection():
    with Site() as site:
        for dialect, word in (("sqlite", "julianday"), ("pgsql", "jsonb"),
                              ("mssql", "OPENJSON")):
            out = site.vitae("sql", "--dialect", dialect, "--set",
                             "database.prefix=hr", "--set",
                             "source.table=dbo.people")
            eq(out.returncode, 0, dialect + out.stderr[-200:])
            ok(word in out.stdout, "in its own words")
            names = json.loads(site.vitae("sql", "--dialect", dialect,
                                          "--json").stdout)
            ok(len(names) > 80, "for programs too")
            ok(re.search(r"dbo.{1,3}people", out.stdout)
               and re.search("hrbatchclaim", out.stdout, re.I)
               and "aicandidate" not in out.stdout, "with this site's names")
        eq(os.listdir(site.folder), [], "and nothing is made")
        out = site.vitae("sql", "--dialect", "mssql", "claim_lock")
        ok(out.stdout.startswith("-- claim_lock\n")
           and "sp_getapplock" in out.stdout, "one alone")
        out = site.vitae("sql", "--dialect", "mssql", "nothing")
        eq(out.returncode, 2, "one that isn't there")
        out = site.vitae("sql", "--set",
                         "database.connection=Driver=nothing")
        ok(out.returncode == 4 and "--dialect" in out.stderr,
           "without a database it says how: " + out.stderr.strip())


def the_agent_s_steps_are_sound():
    """Its queries name columns that are there; T-SQL itself by hand."""
    with open(os.path.join(HERE, "contrib/sqlagent/vitae-agent.sql")) as f:
        text = f.read()
    text = re.sub(r"^\s*--.*\n", "", text, flags=re.M)
    eq(text.count("'") % 2, 0, "quotes are closed")
    for job in ("vitae submit", "vitae check", "vitae watch"):
        ok("(N'%s'," % job in text, job)
    eq(re.findall(r"@subsystem = N'(\w+)'", text), ["TSQL"], "no programs")


ENGINES = engines.all_engines(__file__)
without_a_connection()
the_agent_s_steps_are_sound()
for Engine in ENGINES:
    print("# " + Engine.name)
    with Fake("--set", "polls=1") as fake, Engine(fake) as site:
        the_runbook_answers(site, fake)
        statements_are_printed(site)
    with Fake("--set", "polls=1") as fake, Engine(fake) as site:
        failures_are_told(site)
harness.done()
