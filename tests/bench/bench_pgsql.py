#!/usr/bin/env python3
"""Claim rows of a PostgreSQL table and write their results back.

    bench_pgsql.py [N]      (default 10000)

vitae beside two floors that write the same values to the same table, in one
run, on the loopback and with 2 ms of network round trip (delay_proxy.c):
  set    psql: bare statements of 1,000 rows -- UPDATE from JSON, old values,
         item, claim -- a transaction each; claimed by one INSERT ... SELECT
  rows   psql: one prepared UPDATE of as many columns a row, a commit each
         (BEGIN, UPDATE, COMMIT, as ODBC does without autocommit)
vitae's times are of its statements, as its process waits for them (those of
a claim, of a chunk's transaction); "step" is the whole of collecting, with
the reading of texts and the checking and grounding of answers, which goes on
while statements run.  The server syncs its log as a user's does.
"""
import os
import subprocess
import sys
import tempfile
import time

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("builddir", ".")
sys.path.insert(0, os.path.join(SRC, "tests/bench"))
if "VITAE_TEST_PG_CONTROL" not in os.environ:
    os.environ["VITAE_TEST_PG_CONF"] = (
        "fsync = on\nfull_page_writes = on\nshared_buffers = 256MB\n"
        "max_wal_size = 4GB\nautovacuum = off")
    os.execvp("sh", ["sh", os.path.join(SRC, "tests/db/with_postgres.sh"),
                     sys.executable, os.path.abspath(__file__),
                     *sys.argv[1:]])
import answer_shape  # noqa: E402
import json  # noqa: E402
import make_rows  # noqa: E402
import random  # noqa: E402

CONTROL = os.environ["VITAE_TEST_PG_CONTROL"]
VITAE = os.path.join(BUILD, "src/vitae")
CHUNK = 1000
KEPT = ("userid", "markdownresume", "datelastmodified", "lastprocessed")


def sql(text):
    return subprocess.run(["sh", CONTROL, "sql", text], check=True,
                          capture_output=True, text=True).stdout.strip()


def psql():
    path = subprocess.check_output(
        ["sh", "-c", "ls /usr/lib/postgresql/*/bin/psql /usr/pgsql-*/bin/psql"
         " 2>/dev/null | tail -n 1"], text=True).strip()
    return path or "psql"


def timed(port, path):
    """Seconds that psql takes for a script."""
    begun = time.monotonic()
    subprocess.run([psql(), "-X", "-q", "-h", "127.0.0.1", "-p", str(port),
                    "-U", "postgres", "-d", "postgres", "-v",
                    "ON_ERROR_STOP=1", "-f", path], check=True,
                   stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def fill(folder, n):
    rng = random.Random(1)
    path = os.path.join(folder, "rows")
    escapes = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t"})
    with open(path, "w") as f:
        for i in range(1, n + 1):
            p = make_rows.person(rng, i)
            text = make_rows.text(rng, p, json.dumps(answer_shape.shape(p),
                                                     ensure_ascii=False))
            f.write("%d\t%s\t2026-01-01\n" % (i, text.translate(escapes)))
    os.chmod(folder, 0o755)
    sql("\\copy aicandidate (userid, markdownResume, datelastmodified) from '"
        + path + "'")


def columns():
    return [tuple(line.split("|")) for line in sql(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM"
        " pg_attribute a WHERE a.attrelid = 'aicandidate'::regclass AND"
        " a.attnum > 0 AND NOT a.attisdropped AND a.attname NOT IN ('" +
        "','".join(KEPT) + "') ORDER BY a.attnum").splitlines()]


def reset(cols):
    sql("TRUNCATE aicandidatebatchstatus, aicandidatebatchitem,"
        " aicandidatebatchclaim, aicandidatebatchbefore,"
        " aicandidatebatchevent; UPDATE aicandidate SET lastprocessed = NULL"
        + "".join(', "%s" = NULL' % c for c, _ in cols))
    sql("VACUUM FULL ANALYZE aicandidate")
    sql("CHECKPOINT")


def claim_floor(folder, n):
    path = os.path.join(folder, "claim.sql")
    with open(path, "w") as f:
        f.write("BEGIN;\nINSERT INTO aicandidatebatchclaim (userid, batch_key,"
                " claimed_at) SELECT userid, 'b', now() FROM aicandidate WHERE lastprocessed IS"
                " NULL ORDER BY datelastmodified DESC LIMIT %d;\n"
                "INSERT INTO aicandidatebatchitem (batch_key, userid, state,"
                " custom_id, updated_at) SELECT batch_key, userid,"
                " 'submitted', 'unified_' || userid, now() FROM"
                " aicandidatebatchclaim;\nCOMMIT;\n" % n)
    return path


def set_floor(folder, cols, n):
    """Chunks of the values that vitae has written."""
    path = os.path.join(folder, "set.sql")
    typed = ", ".join('"%s" %s' % c for c in cols)
    with open(path, "w") as f:
        f.write("SET synchronous_commit = on;\n")
        for first in range(1, n + 1, CHUNK):
            rows = sql("SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(c) -"
                       " ARRAY['%s'])) FROM expected c WHERE userid BETWEEN"
                       " %d AND %d" % ("','".join(KEPT[1:]), first,
                                       first + CHUNK - 1))
            f.write("BEGIN;\n")
            span = "BETWEEN %d AND %d" % (first, first + CHUNK - 1)
            f.write("INSERT INTO aicandidatebatchbefore (batch_key, userid,"
                    " old_values, written_at) SELECT 'b', userid,"
                    " to_jsonb(o)::text, now() FROM (SELECT userid, %s FROM"
                    " aicandidate WHERE userid %s) o;\n" % (
                        ", ".join('"%s"' % c for c, _ in cols), span))
            f.write("UPDATE aicandidate c SET lastprocessed = now()%s FROM"
                    " jsonb_to_recordset($json$%s$json$::jsonb) AS j(userid"
                    " int, %s) WHERE c.userid = j.userid;\n" % (
                        "".join(', "%s" = j."%s"' % (c, c) for c, _ in cols),
                        rows, typed))
            f.write("UPDATE aicandidatebatchitem SET state = 'done', attempt ="
                    " 1, updated_at = now() WHERE batch_key = 'b' AND userid"
                    " %s;\n" % span)
            f.write("DELETE FROM aicandidatebatchclaim WHERE batch_key = 'b'"
                    " AND userid %s;\n" % span)
            f.write("COMMIT;\n")
    return path


def row_floor(folder, cols, n):
    path = os.path.join(folder, "rows.sql")
    with open(path, "w") as f:
        f.write("PREPARE u AS UPDATE aicandidate SET lastprocessed = now()%s"
                " WHERE userid = $1;\n" % "".join(
                    ', "%s" = $%d' % (c, i + 2)
                    for i, (c, _) in enumerate(cols)))
        f.write(sql("SELECT format('BEGIN;EXECUTE u(%%s%s);COMMIT;', userid, %s) FROM"
                    " expected WHERE userid <= %d ORDER BY userid" % (
                        ",%L" * len(cols),
                        ", ".join('"%s"' % c for c, _ in cols), n)) + "\n")
    return path


class Setting:
    """One way to reach the server."""

    def __init__(self, folder, milliseconds):
        self.folder = folder
        self.port = int(os.environ["VITAE_TEST_PG_PORT"])
        self.proxy = None
        if milliseconds:
            self.proxy = subprocess.Popen(
                [os.path.join(BUILD, "tests/db/delay_proxy"), str(self.port),
                 str(milliseconds / 2)], stdout=subprocess.PIPE, text=True)
            self.port = int(self.proxy.stdout.readline())

    def vitae(self, url, *args, **more):
        env = dict(os.environ, OPENAI_API_KEY="sk-bench",
                   VITAE_DATADIR=os.path.join(SRC, "etc"),
                   VITAE_DATABASE_CONNECTION=os.environ["VITAE_TEST_PGSQL"]
                   .replace("Port=" + os.environ["VITAE_TEST_PG_PORT"],
                            "Port=%d" % self.port), **more)
        subprocess.run(
            [VITAE, *args, "--quiet", "--set", "provider.base_url=" + url,
             "--set", "batch.spool=%s/spool" % self.folder, "--set",
             "batch.check_interval=0.1", "--set",
             "log.file=%s/log" % self.folder], check=True, env=env,
            cwd=self.folder, stdout=subprocess.DEVNULL)

    def close(self):
        if self.proxy:
            self.proxy.kill()
            self.proxy.wait()
            self.proxy.stdout.close()


CLAIM = ('INSERT INTO "aicandidatebatchclaim"',
         'INSERT INTO "aicandidatebatchitem"',
         'INSERT INTO "aicandidatebatchstatus"', "COMMIT", "BEGIN")
WRITE = ('INSERT INTO "aicandidatebatchbefore"', 'UPDATE "public"."aicandi',
         'UPDATE "aicandidate" ', 'UPDATE "aicandidatebatchitem"',
         'DELETE FROM "aicandidatebatchclaim"', "COMMIT", "BEGIN")


def spent(path, texts):
    """Seconds in calls of these statements."""
    total = 0
    for line in open(path):
        seconds, _, text = line.split(None, 2)
        if text.startswith(texts):
            total += float(seconds)
    if os.environ.get("BENCH_CALLS"):
        sys.stderr.write(open(path).read())
    return total


def run_vitae(way, n):
    """Seconds of claiming, of writing back and of the whole step."""
    fake = subprocess.Popen(
        [os.path.join(BUILD, "tests/provider/fake_provider"),
         "--die-with-parent"], text=True, stdout=subprocess.PIPE)
    url = fake.stdout.readline().strip()
    calls = os.path.join(way.folder, "calls")
    shim = {"LD_PRELOAD": os.path.join(BUILD, "tests/db/odbc_shim.so"),
            "ODBC_SHIM_SECONDS": calls}
    try:
        way.vitae(url, "--submit", "--batch-size", str(n), **shim)
        claim = spent(calls, CLAIM)
        way.vitae(url, "--continuous", "--batch-size", str(n), **shim)
        at = dict(line.split("|") for line in sql(
            "SELECT to_status, extract(epoch FROM at AT TIME ZONE 'UTC') FROM"
            " aicandidatebatchevent").splitlines())
        if sql("SELECT count(*) FROM aicandidate WHERE lastprocessed IS NOT"
               " NULL") != str(n):
            sys.exit("bench: not all rows are done")
        return (claim, spent(calls, WRITE),
                float(at["collected"]) - float(at["downloaded"]))
    finally:
        fake.kill()
        fake.wait()
        fake.stdout.close()


def bench(folder, n):
    way = Setting(folder, 0)
    way.vitae("http://127.0.0.1:9/v1", "init", "--make-table")
    fill(folder, n)
    cols = columns()
    print("%d rows of %d columns, load %.1f on %d processors" % (
        n, len(cols), os.getloadavg()[0], os.cpu_count()))
    print("                  claim   write    together  rows/s   vitae is")
    for milliseconds, aim in ((0, 3), (2, 20)):
        way.close()
        way = Setting(folder, milliseconds)
        reset(cols)
        claim, write, step = run_vitae(way, n)
        mine = claim + write
        if not milliseconds:
            sql("CREATE TABLE expected AS TABLE aicandidate")
            scripts = (claim_floor(folder, n), set_floor(folder, cols, n))
        reset(cols)
        bare = [timed(way.port, s) for s in scripts]
        reset(cols)
        some = n if not milliseconds else n // 5
        rows = timed(way.port, row_floor(folder, cols, some)) * n / some
        name = "%d ms" % milliseconds if milliseconds else "loopback"
        print("%-9s vitae %6.2f s %6.2f s %6.2f s %8.0f   (step %.2f s)" % (
            name, claim, write, mine, n / mine, step))
        print("          set   %6.2f s %6.2f s %6.2f s %8.0f   %.2f of its"
              " time (aim 1.5)" % (*bare, sum(bare), n / sum(bare),
                                   mine / sum(bare)))
        print("          rows        -        - %6.2f s %8.0f   %.1f times"
              " faster (aim %d)" % (rows, n / rows, rows / mine, aim))
        sys.stdout.flush()
    way.close()


with tempfile.TemporaryDirectory(prefix="vitae-bench-") as where:
    bench(where, int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
