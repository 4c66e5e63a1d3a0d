#!/usr/bin/env python3
"""Every statement that goes to SQL Server is T-SQL to a parser of T-SQL
(PyPI: sqlglot), and so are the Agent's jobs."""
import json
import os
import re

import harness
from harness import Site, eq, ok

try:
    import sqlglot
except ImportError:
    harness.skip_all("no T-SQL parser here (PyPI: sqlglot)")


def parses(name, text):
    # Parameters, as T-SQL would have them.
    text = re.sub(r"(?<![:\w]):([a-z_]+)", r"@\1", text)
    try:
        sqlglot.parse(text, dialect="tsql")
        return True
    except Exception as e:  # noqa: BLE001: any failure is the finding
        print("# %s: %s" % (name, str(e).splitlines()[0]))
        return False


with Site() as site:
    out = site.vitae("sql", "--dialect", "mssql", "--json")
    eq(out.returncode, 0, "vitae sql " + out.stderr[-200:])
    for statement in json.loads(out.stdout):
        ok(parses(statement["name"], statement["sql"]), statement["name"])
    with open(os.path.join(os.environ["srcdir"],
                           "contrib/sqlagent/vitae-agent.sql")) as f:
        agent = f.read()
    for name, step in re.findall(r"DECLARE @(\w+) nvarchar\(max\) = N'(.*?)';"
                                 r"\n(?=DECLARE|\n)", agent, re.S):
        ok(parses(name, step.replace("''", "'")), "step " + name)
    ok(not parses("nonsense", "SELEC 1 FRM"), "nonsense is none")
harness.done()
