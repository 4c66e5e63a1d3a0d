#!/usr/bin/env python3
"""N prompts through vitae run, beside an endpoint of fixed latency.

    bench_run.py [N [JOBS [SECONDS]]]     (default 20000 64 0.1)

Once from start to end: what isn't spent waiting for the endpoint
(N * SECONDS / JOBS at least) is vitae's own.  Then again, killed (SIGKILL)
ten times on the way and resumed: how many requests were sent more than once.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.path.abspath(os.environ.get("builddir", "."))
VITAE = os.path.join(BUILD, "src/vitae")
KILLS = 10
RATE = 6.67  # requests a second that one GPU answers


class Upstream:
    def __init__(self, latency):
        self.process = subprocess.Popen(
            [os.path.join(BUILD, "tests/bench/upstream"), str(latency)],
            stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def asked(self):
        with urllib.request.urlopen(self.url + "/models") as r:
            return json.loads(r.read())["asked"]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def start(folder, url, jobs, *more):
    env = dict(os.environ, VITAE_DATADIR=os.path.join(SRC, "etc"),
               VITAE_VOCABDIR=os.path.join(BUILD, "etc/vocab"))
    return subprocess.Popen(
        [VITAE, "run", "p.txt", "--provider", "local", "--base-url", url,
         "--model", "m", "--jobs", str(jobs), "--quiet", *more],
        cwd=folder, env=env, stdout=subprocess.DEVNULL)


def ids(folder):
    with open(os.path.join(folder, "p_results.jsonl")) as f:
        return [json.loads(line)["custom_id"] for line in f]


def make(count):
    folder = tempfile.mkdtemp(prefix="vitae-bench-")
    with open(os.path.join(folder, "p.txt"), "w") as f:
        for i in range(count):
            f.write("Prompt %d: what is the use of it?\n" % i)
    return folder


def straight(count, jobs, latency):
    up = Upstream(latency)
    folder = make(count)
    began = time.monotonic()
    p = start(folder, up.url, jobs)
    _, status, usage = os.wait4(p.pid, 0)
    took = time.monotonic() - began
    if status:
        sys.exit("bench: vitae run ended with %d" % status)
    least = count * latency / jobs
    print("run: %d prompts in %.1f s, %.1f s of them waiting; own %.1f s, "
          "%.2f %% of the time at %.2f requests/s; %.1f s of CPU, %d MiB"
          % (count, took, least, took - least,
             100 * (took - least) / (count / RATE), RATE,
             usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024))
    if len(set(ids(folder))) != count or up.asked() != count:
        sys.exit("bench: not each prompt was asked once")
    up.close()
    shutil.rmtree(folder)


def killed(count, jobs, latency):
    up = Upstream(latency)
    folder = make(count)
    more = ()
    for i in range(KILLS):
        p = start(folder, up.url, jobs, *more)
        goal = count * (i + random.random()) / KILLS
        while p.poll() is None and up.asked() < goal:
            time.sleep(0.02)
        p.kill()
        p.wait()
        if os.path.exists(os.path.join(folder, "p_job/job.db")):
            more = ("--resume",)
    p = start(folder, up.url, jobs, *more)
    if p.wait():
        sys.exit("bench: vitae run --resume ended with %d" % p.returncode)
    asked, got = up.asked(), ids(folder)
    print("run: killed %d times: %d requests for %d prompts, %d again of at "
          "most %d in flight; %d lost, %d answers twice"
          % (KILLS, asked, count, asked - count, KILLS * jobs,
             count - len(set(got)), len(got) - len(set(got))))
    up.close()
    shutil.rmtree(folder)
    if asked - count > KILLS * jobs or len(set(got)) != count:
        sys.exit(1)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20000
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 64
    latency = float(sys.argv[3]) if len(sys.argv) > 3 else 0.1
    straight(count, jobs, latency)
    killed(count, jobs, latency)


main()
