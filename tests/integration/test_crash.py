#!/usr/bin/env python3
"""Kill vitae at every effect, start it again, and count.

For each point (write, sync, rename, send, statement; crash_shim.c) and each
way of dying there: six resumes in a fresh SQLite file, a fake batch provider
with a ledger, one run that dies at the point, then runs until the work is
done.  Afterwards every row must be written once, with the right value, and
every request must have been accepted by the provider exactly once.

VITAE_CRASH_POINTS=N    about N points of each mode (default 8; 0 = all)
VITAE_CRASH_SEED=N      which ones (default 1)
"""
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/bench"))
import answer_shape  # noqa: E402

VITAE = os.environ["VITAE"]
BUILD = os.environ["builddir"]
SHIM = os.path.join(BUILD, "tests/integration/crash_shim.so")
FAKE = os.path.join(BUILD, "tests/provider/fake_provider")
RESUMES = 6

count = failed = 0


def ok(good, name):
    global count, failed
    count += 1
    failed += not good
    print(("" if good else "not ") + "ok %d - %s" % (count, name))
    sys.stdout.flush()


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def resume(i):
    answer = answer_shape.shape({
        "first": "Person", "last": "Number%d" % i,
        "email": "person%d@example.com" % i, "city": "Austin, TX",
        "jobs": [{"company": "Acme Inc.", "location": "Austin, TX",
                  "title": "Engineer", "start": "01/2019",
                  "end": "Present"}]})
    return ("Person Number%d\nperson%d@example.com\nAustin, TX\n\n"
            "Engineer, Acme Inc., Austin, TX, 01/2019 - Present\n"
            "@@answer %s\n" % (i, i, json.dumps(answer)))


class Fake:
    """A batch provider of our own, with a ledger."""

    def __init__(self, *args):
        self.process = subprocess.Popen([FAKE, "--die-with-parent", *args],
                                        text=True, stdout=subprocess.PIPE)
        self.url = self.process.stdout.readline().strip()

    def ledger(self):
        with urllib.request.urlopen(self.url[:-3] + "/ledger") as r:
            return json.load(r)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def run(folder, fake, args, extra=None):
    env = dict(os.environ, OPENAI_API_KEY="sk-test", **(extra or {}))
    return subprocess.run(
        [VITAE, *args, "--quiet",
         "--set", "provider.base_url=" + fake.url,
         "--set", "batch.create_grace=0.1",
         "--set", "batch.lease=2",
         "--set", "batch.spool=%s/spool" % folder,
         "--set", "log.file=%s/vitae.log" % folder,
         "--check-interval", "0.05"],
        cwd=folder, env=env, capture_output=True, text=True, timeout=60)


CONTINUOUS = ["--continuous", "--batch-size", "3"]


def rows(folder):
    db = sqlite3.connect(os.path.join(folder, "vitae.db"))
    try:
        return db.execute(
            "SELECT c.userid, c.LastProcessed IS NOT NULL, c.LastName,"
            " (SELECT COUNT(*) FROM aicandidateBatchItem i"
            "   WHERE i.userid = c.userid AND i.state = 'done'),"
            " (SELECT COUNT(*) FROM aicandidateBatchClaim k"
            "   WHERE k.userid = c.userid)"
            " FROM aicandidate c ORDER BY c.userid").fetchall()
    finally:
        db.close()


def open_batches(folder):
    db = sqlite3.connect(os.path.join(folder, "vitae.db"))
    try:
        return db.execute("SELECT COUNT(*) FROM aicandidateBatchStatus"
                          " WHERE status <> 'closed'").fetchone()[0]
    finally:
        db.close()


def verdict(folder, fake):
    """What is wrong in the end; "" when all is well."""
    wrong = []
    for userid, processed, name, done, claims in rows(folder):
        if not processed or name != "Number%d" % userid:
            wrong.append("row %d: processed %r name %r" %
                         (userid, processed, name))
        if done != 1:
            wrong.append("row %d: done %d times" % (userid, done))
        if claims:
            wrong.append("row %d: still claimed" % userid)
    if open_batches(folder):
        wrong.append("a batch is still open")
    ledger = fake.ledger()
    requests = ledger["requests"]
    for i in range(1, RESUMES + 1):
        n = requests.get("unified_%d" % i, {}).get("accepted", 0)
        if n != 1:
            wrong.append("request %d accepted %d times" % (i, n))
    return "; ".join(wrong)


def one(base, point, mode):
    folder = tempfile.mkdtemp(prefix="vitae-crash-")
    fake = Fake()
    try:
        shutil.copytree(base, folder, dirs_exist_ok=True)
        first = run(folder, fake, CONTINUOUS, {
            "LD_PRELOAD": SHIM, "SHIM_AT": str(point), "SHIM_DO": mode})
        # A failed call is reported, a killed process is silent.
        last = first
        for _ in range(6):
            last = run(folder, fake, CONTINUOUS)
            if last.returncode == 0:
                break
        if last.returncode != 0:
            return "the last run ended with %d: %s" % (
                last.returncode, last.stderr[-300:])
        return verdict(folder, fake)
    except subprocess.TimeoutExpired:
        return "hangs"
    finally:
        fake.close()
        shutil.rmtree(folder, ignore_errors=True)


def points(total, wanted, rng):
    every = list(range(1, total + 1))
    if not wanted or wanted >= total:
        return every
    return sorted(rng.sample(every, wanted))


def main():
    for path, what in ((SHIM, "the shim"), (FAKE, "the fake provider")):
        if not os.path.exists(path):
            skip_all(what + " is not built here")
    wanted = int(os.environ.get("VITAE_CRASH_POINTS", "8"))
    rng = random.Random(int(os.environ.get("VITAE_CRASH_SEED", "1")))
    base = tempfile.mkdtemp(prefix="vitae-crash-base-")
    fake = Fake()
    try:
        made = run(base, fake, ["init"])
        if made.returncode != 0:
            if "Can't open lib" in made.stderr or "driver" in made.stderr:
                skip_all("no SQLite ODBC driver: " + made.stderr.strip())
            ok(False, "init: " + made.stderr)
        db = sqlite3.connect(os.path.join(base, "vitae.db"))
        db.executemany("INSERT INTO aicandidate (userid, markdownResume)"
                       " VALUES (?, ?)",
                       [(i, resume(i)) for i in range(1, RESUMES + 1)])
        db.commit()
        db.close()

        probe = tempfile.mkdtemp(prefix="vitae-crash-probe-")
        shutil.copytree(base, probe, dirs_exist_ok=True)
        counter = os.path.join(probe, "count")
        whole = run(probe, fake, CONTINUOUS,
                    {"LD_PRELOAD": SHIM, "SHIM_COUNT": counter})
        ok(whole.returncode == 0, "an undisturbed run ends with 0 (%d %s)" %
           (whole.returncode, whole.stderr.strip()[-300:]))
        wrong = verdict(probe, fake)
        ok(not wrong, "and leaves nothing wrong %s" % wrong)
        total = int(open(counter).read())
        shutil.rmtree(probe)
        ok(total > 50, "there are %d points" % total)

        for mode in ("kill", "after", "short", "eio", "enospc"):
            bad = []
            tried = points(total, wanted, rng)
            for point in tried:
                wrong = one(base, point, mode)
                if wrong:
                    bad.append("point %d: %s" % (point, wrong))
            ok(not bad, "%s at %d of %d points%s" % (
                mode, len(tried), total, "".join("; " + b for b in bad[:5])))
            for b in bad:
                print("# %s %s" % (mode, b))
    finally:
        fake.close()
        shutil.rmtree(base, ignore_errors=True)
    print("1..%d" % count)
    return 1 if failed else 0


sys.exit(main())
