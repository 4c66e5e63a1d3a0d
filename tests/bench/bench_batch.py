#!/usr/bin/env python3
"""Build and collect N resumes, beside the floor and beside Python.

    bench_batch.py [N...]     (default 50000)

One run of vitae with a fake batch provider; the times of its steps are taken
from the event table (claimed -> built, downloaded -> collected); the floor
(floor.c) does the same reads, writes and updates with nothing in between, on
the same files, right after.  Several N show whether memory grows with the
rows; more than 50,000 are more than one batch.  The usual way in Python
(pyodbc, json, row by row, a commit a row) is run as well: in an environment
of its own, where PyPI can be reached (peers.py).  --memory: only the memory.
"""
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import peers

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("builddir", ".")
VITAE = os.path.join(BUILD, "src/vitae")
FAKE = os.path.join(BUILD, "tests/provider/fake_provider")
FLOOR = os.path.join(BUILD, "tests/bench/floor")
BATCH = 50000  # the largest batch
CONNECTION = ("Driver=SQLite3;Database=%s;StepAPI=1;NoWCHAR=1;JournalMode=WAL;"
              "SyncPragma=FULL;Timeout=5000;FKSupport=1")


def finish(p, what):
    """(peak memory in MB, seconds of processor time)."""
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = status
    if status != 0:
        sys.exit("bench: %s ended with %d" % (what, status))
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def floor(*args):
    """(seconds, seconds of processor time)."""
    p = subprocess.Popen([FLOOR, *args], text=True, stdout=subprocess.PIPE)
    out = p.stdout.read()
    p.stdout.close()
    return float(out), finish(p, "floor")[1]


def vitae(folder, url, *args, **kw):
    env = dict(os.environ, OPENAI_API_KEY="sk-bench",
               VITAE_DATADIR=os.path.join(SRC, "etc"),
               VITAE_VOCABDIR=os.path.join(BUILD, "etc/vocab"))
    p = subprocess.Popen(
        [VITAE, *args, "--quiet", "--set", "provider.base_url=" + url,
         "--set", "batch.keep_answers=1d", "--set",
         "batch.spool=%s/spool" % folder], cwd=folder, env=env, **kw)
    return finish(p, "vitae " + args[0])


def seconds(db, first, last):
    """The sum over all batches of the time between two statuses."""
    total = 0
    for key, in db.execute("SELECT DISTINCT batch_key FROM"
                           " aicandidateBatchEvent"):
        times = dict(db.execute(
            "SELECT to_status, (julianday(at) - 2460000) * 86400"
            "  FROM aicandidateBatchEvent WHERE batch_key = ?", (key,)))
        if first in times and last in times:
            total += times[last] - times[first]
    return total


def python_way(base, folder, outputs):
    """The usual script: json and pyodbc, a commit a row."""
    import pyodbc
    path = os.path.join(folder, "python.db")
    shutil.copy(base, path)
    db = pyodbc.connect(CONNECTION % path)
    begun = time.monotonic()
    system = open(os.path.join(SRC, "etc/profiles/resume/prompt.md")).read()
    schema = json.load(open(os.path.join(
        SRC, "etc/profiles/resume/schema.json")))
    with open(os.path.join(folder, "python.jsonl"), "w") as f:
        for userid, text in db.cursor().execute(
                "SELECT userid, markdownResume FROM aicandidate"
                " WHERE LastProcessed IS NULL"):
            f.write(json.dumps({
                "custom_id": "unified_%d" % userid, "method": "POST",
                "url": "/v1/chat/completions", "body": {
                    "model": "gpt-4o-mini", "temperature": 0.2,
                    "messages": [{"role": "system", "content": system},
                                 {"role": "user", "content": text}],
                    "response_format": {"type": "json_schema", "json_schema": {
                        "name": "resume", "strict": True,
                        "schema": schema}}}}) + "\n")
        f.flush()
        os.fsync(f.fileno())
    built = time.monotonic() - begun
    columns = [r[1] for r in db.cursor().execute(
        "PRAGMA table_info(aicandidate)") if r[1] not in (
            "userid", "markdownResume", "LastProcessed", "datelastmodified")]
    update = "UPDATE aicandidate SET LastProcessed = datetime('now'), %s" \
        " WHERE userid = ?" % ", ".join('"%s" = ?' % c for c in columns)
    begun = time.monotonic()
    rows = 0
    for name in outputs:
        for line in open(name):
            outer = json.loads(line)
            inner = json.loads(
                outer["response"]["body"]["choices"][0]["message"]["content"])
            flat = []
            for value in inner.values():
                flat += [x if isinstance(x, str) else json.dumps(x)
                         for x in (value if isinstance(value, list)
                                   else [value])]
            flat = (flat + [None] * len(columns))[:len(columns)]
            db.cursor().execute(update, *flat,
                                int(outer["custom_id"].split("_")[1]))
            db.commit()
            rows += 1
            if rows == 2000:
                break
        if rows == 2000:
            break
    per_row = (time.monotonic() - begun) / max(rows, 1)
    return built, per_row


def bench(n, memory_only):
    folder = tempfile.mkdtemp(prefix="vitae-bench-",
                              dir=os.environ.get("BENCH_DIR") or None)
    fake = subprocess.Popen([FAKE, "--die-with-parent"], text=True,
                            stdout=subprocess.PIPE)
    url = fake.stdout.readline().strip()
    try:
        vitae(folder, url, "init")
        base = os.path.join(folder, "vitae.db")
        subprocess.run([sys.executable, os.path.join(
            SRC, "tests/bench/make_rows.py"), base, str(n)], check=True)
        shutil.copy(base, base + ".empty")
        submit, submit_cpu = vitae(folder, url, "--submit", "--batch-size",
                       str(min(n, BATCH)), stdout=subprocess.DEVNULL)
        spool = os.path.join(folder, "spool")
        size = sum(os.path.getsize(os.path.join(spool, f))
                   for f in os.listdir(spool) if f.endswith("requests.jsonl"))
        size = size * n // min(n, BATCH)
        collect, collect_cpu = vitae(folder, url, "--continuous", "--check-interval",
                        "0.1", "--batch-size", str(min(n, BATCH)), stdout=subprocess.DEVNULL)
        db = sqlite3.connect(base)
        done, = db.execute("SELECT COUNT(*) FROM aicandidate"
                           " WHERE LastProcessed IS NOT NULL").fetchone()
        if done != n:
            sys.exit("bench: %d of %d rows are done" % (done, n))
        built = seconds(db, "claimed", "built")
        collected = seconds(db, "downloaded", "collected")
        db.close()
        if memory_only:
            print("%7d resumes: submit %.0f MB, collect %.0f MB resident"
                  % (n, submit, collect), flush=True)
            return
        outputs = [os.path.join(spool, f) for f in sorted(os.listdir(spool))
                   if f.endswith("output.jsonl")]
        floor_build, floor_collect = [], []
        for _ in range(3):
            floor_build.append(floor(
                "build", CONNECTION % (base + ".empty"),
                os.path.join(folder, "floor.jsonl"), str(size)))
            for end in ("", "-wal", "-shm"):
                if os.path.exists(base + ".floor" + end):
                    os.remove(base + ".floor" + end)
            shutil.copy(base + ".empty", base + ".floor")
            floor_collect.append(floor(
                "collect", CONNECTION % (base + ".floor"), *outputs))
        (fb, fb_cpu), (fc, fc_cpu) = (sorted(floor_build)[1],
                                      sorted(floor_collect)[1])
        print("%d resumes, %.0f MB of requests, %.0f MB of answers" % (
            n, size / 1e6, sum(map(os.path.getsize, outputs)) / 1e6))
        print("             vitae    floor    ratio  aim   peak memory   "
              "processor time: vitae, floor")
        line = "%-9s %7.2f s %6.2f s  %6.2f  %.1f   %3.0f MB        %s"
        cpu = "%.2f s, %.2f s%s"
        print(line % ("build", built, fb, built / fb, 1.5, submit, cpu % (
            submit_cpu, fb_cpu, " (claim and upload, too)")
            if n <= BATCH else ""))
        print(line % ("collect", collected, fc, collected / fc, 2.0, collect,
                      cpu % (collect_cpu, fc_cpu, " (download, too)")
                      if n <= BATCH else ""))
        python, reason = peers.python_with("pyodbc")
        if reason:
            print("Python with pyodbc is left out: " + reason)
            return
        peer = list(map(float, subprocess.check_output(
            [python, os.path.abspath(__file__), "--python", base + ".empty",
             folder, *outputs]).split()))
        print("Python (pyodbc, json, a commit a row): build %.2f s (%.1f "
              "times vitae), collect %.2f s (%.1f times)" % (
                  peer[0], peer[0] / built, peer[1] * n,
                  peer[1] * n / collected))
    finally:
        fake.kill()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.argv[1:2] == ["--python"]:
        print(*python_way(sys.argv[2], sys.argv[3], sys.argv[4:]))
        return
    memory_only = sys.argv[1:2] == ["--memory"]
    print("load %.1f on %d processors" % (os.getloadavg()[0], os.cpu_count()))
    for rows in map(int, sys.argv[1 + memory_only:] or [50000]):
        bench(rows, memory_only)


main()
