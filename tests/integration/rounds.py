"""Rounds: resumes of one table, on SQLite or PostgreSQL, at any provider's
fake, and what must be true of them in the end.

make_base() makes the table once; each Round begins with it afresh.
"""
import os
import sqlite3
import subprocess
import sys

import harness
from harness import Fake, Site, last_name, resume

ODBC_SHIM = os.path.join(harness.BUILD, "tests/db/odbc_shim.so")
SETTINGS = ("batch.create_grace=0.3", "batch.lease=2", "log.file=",
            "batch.check_interval=0.05")


def with_postgres(file):
    """Starts the test again under a server, if one can be had."""
    if "VITAE_TEST_PGSQL" not in os.environ:
        os.execvp("sh", ["sh", os.path.join(os.environ["srcdir"],
                                            "tests/db/with_postgres.sh"),
                         "--optional", sys.executable, os.path.abspath(file)])


def engines():
    wanted = os.environ.get("VITAE_CRASH_ENGINES", "sqlite,pgsql").split(",")
    if "pgsql" in wanted and not os.environ["VITAE_TEST_PGSQL"]:
        harness.skip("no PostgreSQL here")
        wanted.remove("pgsql")
    return wanted


# name -> (root of its address, settings of the fake)
PROVIDERS = {
    "openai": ("/v1", ()),
    "responses": ("/v1", ()),
    "azure": ("/v1", ("shape=azure",)),
    "groq": ("/v1", ()),
    "together": ("/v1", ("shape=together",)),
    "mistral": ("/v1", ()),
    "gemini": ("/v1beta", ()),
    "anthropic": ("/v1", ()),
}


class Round(Site):
    """A table of one engine; what differs between them."""

    def __init__(self, engine, provider, base, *fake_settings, batch_size=4):
        root, settings = PROVIDERS[provider]
        self.engine, self.provider = engine, provider
        self.rows = base.rows
        self.batch_size = batch_size
        self.begun = []
        args = []
        for setting in (*fake_settings, *settings):
            args += ["--set", setting]
        fake = Fake(*args)
        fake.url = fake.root + root
        super().__init__(fake, base.site if engine == "sqlite" else None)
        self.clear()

    def __exit__(self, *rest):
        for p in self.begun:
            if p.poll() is None:
                p.kill()
                p.wait()
            p.stderr.close()
        self.fake.close()
        super().__exit__(*rest)

    def environment(self, **more):
        env = dict(os.environ, **more)
        for name in ("OPENAI", "GEMINI", "ANTHROPIC", "AZURE_OPENAI", "GROQ",
                     "MISTRAL", "TOGETHER"):
            env[name + "_API_KEY"] = "sk-test-secret"
        if self.engine == "pgsql":
            env["VITAE_DATABASE_CONNECTION"] = os.environ["VITAE_TEST_PGSQL"]
        return env

    def start(self, spool, env=None, settings=()):
        args = [harness.VITAE, "--continuous", "--quiet"]
        for setting in ("provider.base_url=" + self.fake.url,
                        "provider.name=" + self.provider,
                        "batch.batch_size=%d" % self.batch_size,
                        "batch.spool=" + spool, *SETTINGS, *settings):
            args += ["--set", setting]
        p = subprocess.Popen(args, cwd=self.folder, text=True,
                             env=self.environment(**(env or {})),
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        self.begun.append(p)
        return p

    def query(self, text):
        """Rows of text."""
        if self.engine == "sqlite":
            return [tuple("" if v is None else str(v) for v in r)
                    for r in self.sql(text)]
        return [tuple(line.split("|"))
                for line in control(text).splitlines()]

    def clear(self):
        if self.engine == "pgsql":
            self.query("TRUNCATE aicandidatebatchstatus, aicandidatebatchitem,"
                       " aicandidatebatchclaim, aicandidatebatchbefore,"
                       " aicandidatebatchevent, written; UPDATE aicandidate"
                       " SET LastProcessed = NULL, LastName = NULL;"
                       " TRUNCATE written")

    def states(self):
        return [r[0] for r in self.query(
            "SELECT status FROM aicandidateBatchStatus WHERE status <>"
            " 'closed'")]

    def settle(self):
        """A worker that lives ends it; what goes wrong, or ""."""
        self.fake._call("DELETE", "/script")
        for _ in range(8):
            p = self.start("spool")
            try:
                _, err = p.communicate(timeout=harness.PATIENCE)
            except subprocess.TimeoutExpired:
                return "hangs in %s" % self.states()
            if p.returncode == 0:
                return ""
        return "the last run ended with %d: %s" % (p.returncode, err[-300:])

    def verdict(self):
        wrong = []
        accepted = self.fake.by_record()
        open_states = set(self.states())
        if open_states:
            wrong.append("batches are %s" % sorted(open_states))
        rows = self.query(
            "SELECT c.userid, CASE WHEN c.LastProcessed IS NULL THEN 0 ELSE 1"
            " END, c.LastName, (SELECT COUNT(*) FROM written w WHERE"
            " w.userid = c.userid), (SELECT COUNT(*) FROM"
            " aicandidateBatchItem i WHERE i.userid = c.userid AND i.state ="
            " 'done'), (SELECT COUNT(*) FROM aicandidateBatchClaim k WHERE"
            " k.userid = c.userid) FROM aicandidate c ORDER BY c.userid")
        if len(rows) != self.rows:
            wrong.append("%d rows" % len(rows))
        for userid, *got in rows:
            want = ["1", last_name(int(userid)), "1", "1", "0"]
            if got != want:
                wrong.append("row %s: processed, name, written, done, claims"
                             " are %s" % (userid, got))
            n = accepted.get(userid, 0)
            if n != 1:
                wrong.append("request %s accepted %d times" % (userid, n))
        return wrong[:6]


COUNTER = {
    "sqlite": "CREATE TABLE written (userid int);"
              "CREATE INDEX written_userid ON written (userid);"
              "CREATE TRIGGER count_writes AFTER UPDATE OF LastProcessed ON"
              " aicandidate WHEN NEW.LastProcessed IS NOT NULL BEGIN INSERT"
              " INTO written VALUES (NEW.userid); END;",
    "pgsql": "CREATE TABLE written (userid int);"
              "CREATE INDEX written_userid ON written (userid);"
             "CREATE FUNCTION count_writes() RETURNS trigger LANGUAGE plpgsql"
             " AS $$ BEGIN INSERT INTO written VALUES (NEW.userid); RETURN"
             " NULL; END $$;"
             "CREATE TRIGGER count_writes AFTER UPDATE OF LastProcessed ON"
             " aicandidate FOR EACH ROW WHEN (NEW.LastProcessed IS NOT NULL)"
             " EXECUTE FUNCTION count_writes();",
}


class Base:
    """The filled table: a folder to copy, or the server's."""

    def __init__(self, rows):
        self.rows = rows
        self.site = Site()

    def close(self):
        self.site.__exit__()


def control(text):
    return subprocess.run(
        ["sh", os.environ["VITAE_TEST_PG_CONTROL"], "sql", text], check=True,
        capture_output=True, text=True).stdout


def make_base(engine, rows):
    base = Base(rows)
    texts = {i: resume(i) for i in range(1, rows + 1)}
    if engine == "sqlite":
        base.site.init().fill(texts)
        db = sqlite3.connect(base.site.path("vitae.db"))
        db.executescript(COUNTER[engine])
        db.close()
        return base
    control("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    made = base.site.vitae("init", "--make-table", env={
        "VITAE_DATABASE_CONNECTION": os.environ["VITAE_TEST_PGSQL"]})
    if made.returncode != 0:
        print("# init: " + made.stderr)
    for first in range(1, rows + 1, 100):
        control("INSERT INTO aicandidate (userid, markdownResume,"
                " datelastmodified) VALUES " + ", ".join(
                    "(%d, $r$%s$r$, '2026-01-01')" % (i, texts[i])
                    for i in range(first, min(first + 100, rows + 1))))
    control(COUNTER[engine])
    return base
