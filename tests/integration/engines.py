"""A site on each engine at hand: SQLite, PostgreSQL, SQL Server's protocol.

    for Engine in engines.all_engines(__file__):
        with Fake() as fake, Engine(fake) as site: ...

Starts the test again under tests/db/with_postgres.sh, once.  A server that
speaks T-SQL is used by hand: VITAE_TEST_MSSQL (an ODBC connection string)
and VITAE_TEST_MSSQL_SQL (a program that takes SQL as its argument and prints
rows as psql -A -t does; it may empty the database with the argument
"--fresh").
"""
import os
import subprocess
import sys

import harness
from harness import Site, resume

WITH = os.path.join(os.environ["srcdir"], "tests/db/with_postgres.sh")


def text(value):
    return "" if value is None else str(value)


class Engine(Site):
    """The same few words on every engine."""
    connection = None
    key_type = "int"

    def vitae(self, *args, env=None, **kw):
        more = {"VITAE_DATABASE_CONNECTION": self.connection} \
            if self.connection else {}
        return super().vitae(*args, env={**more, **(env or {})}, **kw)

    def start(self, *args, spool="spool", settings=()):
        """Without waiting: a worker among others."""
        env = dict(os.environ, OPENAI_API_KEY="sk-test")
        if self.connection:
            env["VITAE_DATABASE_CONNECTION"] = self.connection
        more = []
        for setting in ("batch.create_grace=0.1", "batch.lease=5",
                        "batch.check_interval=0.05", "batch.spool=" + spool,
                        "log.file=", *settings):
            more += ["--set", setting]
        if self.fake:
            more += ["--set", "provider.base_url=" + self.fake.url]
        return subprocess.Popen([harness.VITAE, *args, "--quiet", *more],
                                cwd=self.folder, env=env,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True)

    def fresh(self, n=0):
        self.empty()
        made = self.vitae("init", "--make-table")
        if made.returncode != 0:
            if "Can't open lib" in made.stderr:
                harness.skip_all("no ODBC driver here")
            harness.ok(False, "init: " + made.stderr.strip())
            harness.done()
        for i in range(1, n + 1):
            self.add(i, resume(i))
        return self

    def add(self, userid, markdown):
        self.rows("INSERT INTO aicandidate (userid, markdownResume,"
                  " datelastmodified) VALUES (%s, '%s', '2026-01-01')" %
                  (userid, markdown.replace("'", "''")))

    def ask(self, command, argument=None):
        """What a DBA does."""
        if argument is None:
            self.rows("INSERT INTO aicandidateBatchCommand (command)"
                      " VALUES ('%s')" % command)
        else:
            self.rows("INSERT INTO aicandidateBatchCommand (command,"
                      " argument) VALUES ('%s', '%s')" % (command, argument))

    def answers(self):
        return self.rows("SELECT command, state, answer FROM"
                         " aicandidateBatchCommand ORDER BY command_id")

    def get(self, statement):
        rows = self.rows(statement)
        return rows[0][0] if rows else None


class Sqlite(Engine):
    name = "SQLite"

    def empty(self):
        for f in os.listdir(self.folder):
            if f.startswith("vitae.db"):
                os.unlink(self.path(f))

    def rows(self, statement):
        return [tuple(text(v) for v in row) for row in self.sql(statement)]


class Lines(Engine):
    """Whose rows come as lines of text."""

    def rows(self, statement):
        # Rows that hold newlines are nobody's here.
        out = subprocess.run([*self.client, statement], text=True, check=True,
                             capture_output=True).stdout
        return [tuple(line.split("|")) for line in out.splitlines() if line]


class Postgres(Lines):
    name = "PostgreSQL"
    connection = os.environ.get("VITAE_TEST_PGSQL")
    client = ["sh", os.environ.get("VITAE_TEST_PG_CONTROL", ""), "sql"]

    def empty(self):
        self.rows("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")


class Mssql(Lines):
    name = "SQL Server"
    connection = os.environ.get("VITAE_TEST_MSSQL")
    client = [os.environ.get("VITAE_TEST_MSSQL_SQL", "")]

    def empty(self):
        self.rows("--fresh")


def all_engines(test):
    if "VITAE_TEST_PGSQL" not in os.environ:
        os.execvp("sh", ["sh", WITH, "--optional", sys.executable,
                         os.path.abspath(test)])
    out = [Sqlite]
    if Postgres.connection:
        out.append(Postgres)
    else:
        harness.skip("no PostgreSQL here")
    if Mssql.connection:
        out.append(Mssql)
    wanted = os.environ.get("VITAE_TEST_ENGINE")
    return [e for e in out if not wanted or e.name == wanted]
