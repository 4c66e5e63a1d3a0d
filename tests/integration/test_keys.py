#!/usr/bin/env python3
"""The whole flow over a table of the user's own: keys of every type, other
names, a schema; and every command that touches a record afterwards."""
import json

import engines
import harness
from harness import Fake, eq, last_name, ok, resume

harness.needs_fake()

UUIDS = ["018f0000-0000-7000-8000-00000000000%d" % i for i in range(1, 6)]
WORDS = ["a-1", "B 2", "c'3", "d_4", "e.5"]
KEYS = {
    "SQLite": [("", "integer", [1, 2, 3, 4, 9007199254740993]),
               ("", "text", WORDS)],
    "PostgreSQL": [("hr", "int", [1, 2, 3, 4, 2147483647]),
                   ("hr", "bigint", [1, 2, 3, 4, 9007199254740993]),
                   ("", "varchar(20)", WORDS), ("hr", "uuid", UUIDS)],
    "SQL Server": [("hr", "int", [1, 2, 3, 4, 2147483647]),
                   ("hr", "bigint", [1, 2, 3, 4, 9007199254740993]),
                   ("", "varchar(20)", WORDS),
                   ("hr", "nvarchar(20)", WORDS[:4] + ["\u4e2d\u6587"]),
                   ("", "uniqueidentifier", UUIDS)],
}


def quoted(key):
    if isinstance(key, int):
        return str(key)
    return "%s'%s'" % ("N" if not key.isascii() else "",
                       key.replace("'", "''"))


def make(site, schema, kind, keys):
    site.empty()
    table = "people"
    if schema:
        if site.name == "PostgreSQL":
            site.rows("DROP SCHEMA IF EXISTS hr CASCADE")
        site.rows("CREATE SCHEMA hr")
        table = "hr.people"
    long = "nvarchar(max)" if site.name == "SQL Server" else "text"
    time = "timestamp" if site.name == "PostgreSQL" else "datetime"
    site.rows("CREATE TABLE %s (PersonKey %s NOT NULL PRIMARY KEY, Resume %s,"
              " Changed %s, DoneAt %s, LastName varchar(100), Email"
              " varchar(255), Pad int)" % (table, kind, long, time, time))
    for i, key in enumerate(keys):
        text = resume(i + 1).replace("'", "''")
        site.rows("INSERT INTO %s (PersonKey, Resume, Changed) VALUES (%s,"
                  " '%s', '2026-01-01')" % (table, quoted(key), text))
    return table


def flow(site, fake, schema, kind, keys):
    table = make(site, schema, kind, keys)
    names = ("source.table=" + table, "source.id_column=personkey",
             "source.text_column=Resume", "source.processed_column=DoneAt",
             "source.changed_column=Changed")

    def run(*args):
        return site.vitae(*args, settings=names)

    def done():
        return site.rows("SELECT PersonKey, LastName FROM %s WHERE DoneAt IS"
                         " NOT NULL" % table)

    what = "%s, %s: " % (site.name, kind)
    out = run("init")
    eq(out.returncode, 0, what + "init " + out.stderr[-200:])
    out = run("--continuous", "--batch-size", "3")
    eq(out.returncode, 0, what + "every row is done " + out.stderr[-300:])
    eq(sorted(n for _, n in done()), [last_name(i) for i in range(1, 6)],
       what + "with the values of its own")
    eq(sum(r["accepted"] for r in fake.ledger()["requests"].values()), 5,
       what + "each paid once")
    listed = json.loads(run("list", "--all", "--json").stdout)
    eq([b["status"] for b in listed], ["closed"] * 2, what + "list")
    ok(all(b["cost"] > 0 and b["saving"] > 0 for b in listed),
       what + "what it cost, and what was saved")
    told = json.loads(run("status", "--json").stdout)
    eq((told["records"]["done"], told["saving"] > 0), (5, True),
       what + "status")
    last = str(keys[4])
    out = run("explain", last)
    ok(out.returncode == 0 and last_name(5) in out.stdout,
       what + "explain " + out.stderr[-200:])
    for command in (("explain",), ("forget",), ("retry", last)):
        out = run(*command, "nobody")
        eq((out.returncode, "no record has the id nobody" in out.stderr),
           (2, True), what + "no such id: " + out.stderr[-200:])
    batch = listed[-1]["batch_key"]
    out = run("show", batch)
    eq(out.returncode, 0, what + "show " + out.stderr[-200:])
    out = run("undo", batch)
    eq((out.returncode, len(done())), (0, 2),
       what + "undo of three " + out.stderr[-200:])
    out = run("retry", "--all")
    eq(out.returncode, 0, what + "retry " + out.stderr[-200:])
    out = run("--continuous", "--batch-size", "3")
    eq((out.returncode, len(done())), (0, 5),
       what + "and they are done again " + out.stderr[-200:])
    out = run("requeue", "--where", "c.PersonKey = " + quoted(keys[0]),
              "--yes")
    eq(out.returncode, 0, what + "requeue " + out.stderr[-200:])
    out = run("--continuous")
    eq(out.returncode, 0, what + "to its end " + out.stderr[-200:])
    out = run("purge")
    eq(out.returncode, 0, what + "purge " + out.stderr[-200:])
    out = run("forget", last)
    eq(out.returncode, 0, what + "forget " + out.stderr[-200:])
    eq(site.get("SELECT count(*) FROM aicandidateBatchItem WHERE userid ="
                " %s" % quoted(keys[4])), "0", what + "nothing of it is left")
    out = run("status", "--check")
    eq(out.returncode, 0, what + "all is well " + out.stdout[-300:])


for Engine in engines.all_engines(__file__):
    print("# " + Engine.name)
    for schema, kind, keys in KEYS[Engine.name]:
        with Fake("--set", "polls=1") as fake, Engine(fake) as site:
            flow(site, fake, schema, kind, keys)
harness.done()
