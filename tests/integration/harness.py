"""What the tests of the whole program share: TAP, a fake provider, folders.

A test makes a Site (an empty folder with vitae.db), fills it, runs commands
in it and reads the tables with Python's own sqlite3.
"""
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/bench"))
import answer_shape  # noqa: E402

VITAE = os.environ["VITAE"]
BUILD = os.environ["builddir"]
FAKE = os.path.join(BUILD, "tests/provider/fake_provider")
SHIM = os.path.join(BUILD, "tests/integration/crash_shim.so")

# Seconds.  Tests wait for what they want to see, not for a time; this is when
# they give it up, on a machine however slow.
PATIENCE = 180

count = failed = 0


def ok(good, name):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", count,
                            str(name).replace("#", "*").replace("\n", " ")))
    sys.stdout.flush()
    return good


def eq(got, want, name):
    if not ok(got == want, name):
        print("#  got: %r\n# want: %r" % (got, want))
    return got == want


def skip(why):
    global count
    count += 1
    print("ok %d # SKIP %s" % (count, why))


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


def tell_the_end(kind, value, trace):
    """What ends a test before its end.  As remarks: where standard error goes
    the driver's own lines overwrite it."""
    text = "".join(traceback.format_exception(kind, value, trace))
    for what in (getattr(value, "stdout", None), getattr(value, "stderr",
                                                         None)):
        text += what.decode(errors="replace") if isinstance(
            what, bytes) else what or ""
    ok(False, "it ended with %s" % kind.__name__)
    print("# " + text.rstrip().replace("\n", "\n# "))


sys.excepthook = tell_the_end


def done():
    print("1..%d" % count)
    sys.exit(1 if failed else 0)


def until(condition, seconds=PATIENCE):
    """The first true value of condition(), or its last."""
    end = time.monotonic() + seconds
    while True:
        got = condition()
        if got or time.monotonic() > end:
            return got
        time.sleep(0.02)


class Fake:
    """A batch provider of our own, with a ledger and faults.

    Its port is kept when it is gone: Fake(at=gone) takes its place.
    """

    def __init__(self, *args, at=None):
        if at:
            self.seat = at.seat
        else:
            self.seat = socket.socket()
            self.seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.seat.bind(("127.0.0.1", 0))
        port = self.seat.getsockname()[1]
        self.process = subprocess.Popen(
            [FAKE, "--die-with-parent", "--port", str(port), *args],
            text=True, stdout=subprocess.PIPE)
        self.url = self.process.stdout.readline().strip()
        self.root = self.url[:-len("/v1")]

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self.root + path, method=method,
            data=body.encode() if body is not None else None)
        with urllib.request.urlopen(request) as r:
            return r.read()

    def ledger(self):
        return json.loads(self._call("GET", "/ledger"))

    def accepted(self, userid):
        return self.by_record().get(str(userid), 0)

    def by_record(self):
        """userid -> how many requests for it were accepted, whichever way
        the requests are named (custom_id.h, keyed_id.h)."""
        out = {}
        for name, request in self.ledger()["requests"].items():
            userid = re.sub(r"^(unified_|[0-9a-f]{32}-[0-9a-f]{8}-)", "", name)
            out[userid] = out.get(userid, 0) + request["accepted"]
        return out

    def script(self, *lines):
        self._call("PUT", "/script", "\n".join(lines) + "\n")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def last_name(i):
    """Of person i: no digits, or the rule for names drops it."""
    return "Tester" + "".join("abcdefghij"[int(d)] for d in str(i))


def person(i, **more):
    """An invented person and the answer a model would give."""
    p = {"first": "Person", "last": last_name(i),
         "email": "person%d@example.com" % i, "city": "Austin, TX",
         "jobs": [{"company": "Acme Inc.", "location": "Austin, TX",
                   "title": "Engineer", "start": "01/2019",
                   "end": "Present"}]}
    p.update(more)
    return p


def resume(i, directive=None, **more):
    """A text that states what the answer says."""
    p = person(i, **more)
    if directive is None:
        directive = "@@answer " + json.dumps(answer_shape.shape(p))
    return ("%s %s\n%s\n%s\n\nEngineer, Acme Inc., Austin, TX, 01/2019 - "
            "Present\n\n%s\n" % (p["first"], p["last"], p["email"],
                                 p["city"], directive))


KEY = {"OPENAI_API_KEY": "sk-test-secret"}


class Site:
    """A folder with a database, and vitae run in it."""

    def __init__(self, fake=None, base=None):
        self.folder = tempfile.mkdtemp(prefix="vitae-test-")
        self.fake = fake
        if base:
            shutil.copytree(base.folder, self.folder, dirs_exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def command(self, args, settings):
        more = []
        if self.fake:
            more += ["--set", "provider.base_url=" + self.fake.url]
        for setting in ("batch.create_grace=0.1", "batch.lease=5",
                        "batch.check_interval=0.05", "batch.spool=spool",
                        *settings):
            more += ["--set", setting]
        return [VITAE, *args, *more]

    def vitae(self, *args, env=None, settings=()):
        return subprocess.run(self.command(args, settings), cwd=self.folder,
                              env=dict(os.environ, **{**KEY, **(env or {})}),
                              capture_output=True, text=True,
                              timeout=PATIENCE)

    def killed_when(self, condition, *args, settings=()):
        """A run that dies once that holds; whether it did before the end."""
        p = subprocess.Popen(self.command(args, settings), cwd=self.folder,
                             env=dict(os.environ, **KEY),
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        until(lambda: condition() or p.poll() is not None)
        p.kill()
        return p.wait() == -signal.SIGKILL

    def sql(self, statement, *values):
        db = sqlite3.connect(self.path("vitae.db"), timeout=PATIENCE)
        try:
            rows = db.execute(statement, values).fetchall()
            db.commit()
            return rows
        finally:
            db.close()

    def fill(self, texts):
        """texts: userid -> resume."""
        db = sqlite3.connect(self.path("vitae.db"), timeout=PATIENCE)
        db.executemany("INSERT INTO aicandidate (userid, markdownResume,"
                       " datelastmodified) VALUES (?, ?,"
                       " '2026-01-01 00:00:00')", sorted(texts.items()))
        db.commit()
        db.close()

    def init(self):
        made = self.vitae("init")
        if made.returncode != 0:
            if "Can't open lib" in made.stderr:
                skip_all("no SQLite ODBC driver here")
            ok(False, "init: " + made.stderr.strip())
            done()
        return self

    def items(self):
        """userid -> [(state, error_code, flags)] in the order of batches."""
        out = {}
        for userid, *rest in self.sql(
                "SELECT userid, state, error_code, flags FROM"
                " aicandidateBatchItem ORDER BY batch_key"):
            out.setdefault(userid, []).append(tuple(rest))
        return out

    def statuses(self):
        return [r[0] for r in self.sql(
            "SELECT status FROM aicandidateBatchStatus ORDER BY batch_key")]


def needs_fake():
    if not os.path.exists(FAKE):
        skip_all("the fake provider is not built here")
