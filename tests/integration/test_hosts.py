#!/usr/bin/env python3
"""A host is lost with its spool: another, with an empty spool and another
name, ends its batches from the database alone.

In each state a batch can be left in: the provider is made to refuse what
would come next, the worker is killed there, its folder removed.  And a
database that is set back to before: what the provider has of ours is found
by its key, not made twice.
"""
import os
import shutil
import signal
import time

import harness
import rounds
from harness import PATIENCE, SHIM, eq, ok, until
from rounds import Round, engines, make_base

rounds.with_postgres(__file__)
ROWS = 6
# state, script of the provider, settings of the first worker
STATES = (
    ("claimed", (), ("extract.profile=resume",)),
    ("built", ("any@2+ status=500",), ()),
    ("creating", ("create@1+ lose", "list@2+ status=500"), ()),
    ("creating", ("create@1+ drop", "list@2+ status=500"), ()),
    ("submitted", ("poll@1+ status=500",), ()),
    ("ended", ("download@1+ status=500",), ()),
    ("downloaded", (), ("batch.write_window=%s",)),
    ("collected", ("delete@1+ stall=600",), ()),
)


def closed_window():
    """An hour that is not now."""
    hour = (time.localtime().tm_hour + 12) % 24
    return "%02d:00-%02d:00" % (hour, (hour + 1) % 24)


def wait_for(r, state, p):
    until(lambda: state in r.states() or p.poll() is not None)
    return state in r.states()


def die_in(r, state, settings):
    """A worker of the host that is lost."""
    env = {"SHIM_HOST": "first.example.com", "LD_PRELOAD": SHIM}
    if state == "claimed":
        # Before the first byte of the request file.
        env["SHIM_CALL"] = "rename"
    p = r.start("lost", env, settings)
    good = wait_for(r, state, p)
    p.send_signal(signal.SIGKILL)
    p.wait()
    shutil.rmtree(r.path("lost"), ignore_errors=True)
    return good


def lost_hosts(engine, base):
    for state, script, settings in STATES:
        settings = [s % closed_window() if "%s" in s else s
                    for s in settings]
        with Round(engine, "openai", base, "polls=1", batch_size=3) as r:
            if script:
                r.fake.script(*script)
            good = die_in(r, state, settings)
            ok(good, "%s: a batch is left %s %s" % (
                engine, state, "" if good else r.states()))
            r.fake._call("DELETE", "/script")
            # It waits for its window, or before it looks again.
            r.query("UPDATE aicandidateBatchStatus SET next_check_at ="
                    " created_at")
            p = r.start("other", {"SHIM_HOST": "second.example.com",
                                  "LD_PRELOAD": SHIM})
            err = p.communicate(timeout=PATIENCE)[1]
            eq((p.returncode, err[-300:]), (0, ""), "another host ends it")
            eq(r.verdict(), [], "every row written once, paid once")


def set_back(base):
    """The database of before the create, of a batch that was made."""
    for state in ("built", "uploaded", "creating"):
        with Round("sqlite", "openai", base, "polls=1", batch_size=6) as r:
            r.fake.script("poll@1+ status=500", "list@2+ status=500")
            p = r.start("spool")
            ok(wait_for(r, "submitted", p), "the batch is made")
            p.send_signal(signal.SIGKILL)
            p.wait()
            r.query("UPDATE aicandidateBatchStatus SET status = '%s',"
                    " batch_id = NULL, create_tries = 0, input_file_id ="
                    " CASE '%s' WHEN 'built' THEN NULL ELSE input_file_id END,"
                    " next_check_at = created_at, submitted_at = NULL,"
                    " lease_until = created_at" % (state, state))
            r.fake._call("DELETE", "/script")
            wrong = r.settle()
            eq(wrong or r.verdict(), [], "a database of before, %s: it is"
               " adopted by its key" % state)


def main():
    for engine in engines():
        base = make_base(engine, ROWS)
        lost_hosts(engine, base)
        if engine == "sqlite":
            set_back(base)
        base.close()
    harness.done()


harness.needs_fake()
if not os.path.exists(SHIM):
    harness.skip_all("the shim is not built here")
main()
