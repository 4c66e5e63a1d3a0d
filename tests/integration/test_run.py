#!/usr/bin/env python3
"""vitae run and vitae jobs, as whoever has a CSV or prompts uses them."""
import csv
import http.server
import json
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/server"))
sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/integration"))
from harness import (PATIENCE, VITAE, Fake, done, eq, needs_fake, ok,  # noqa: E402
                     until)
from serve import Serve  # noqa: E402

EXAMPLES = os.path.join(os.environ["srcdir"], "etc/examples")
STEPS = ["convert", "upload", "create", "monitor", "download", "analyze",
         "export"]


class Folder:
    """An empty folder, and vitae run in it."""

    def __init__(self, url=None, provider="local"):
        self.folder = tempfile.mkdtemp(prefix="vitae-run-")
        self.args = []
        if url:
            self.args = ["--base-url", url]
            if provider:
                self.args += ["--provider", provider]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)
        return name

    def read(self, *names):
        with open(self.path(*names)) as f:
            return f.read()

    def lines(self, *names):
        return self.read(*names).splitlines()

    def rows(self, *names):
        with open(self.path(*names), newline="") as f:
            return list(csv.DictReader(f))

    def command(self, *args, endpoint=True):
        return [VITAE, *args, *(self.args if endpoint else ()),
                "--set", "log.file=vitae.log",
                "--set", "batch.create_grace=0.1",
                "--set", "batch.check_interval=0.05",
                "--set", "runner.timeout=%d" % PATIENCE]

    def env(self):
        env = dict(os.environ, VITAE_TEMPLATES=self.path("templates"),
                   ANTHROPIC_API_KEY="k", GEMINI_API_KEY="k")
        for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "VITAE_CONFIG"):
            env.pop(name, None)
        return env

    def vitae(self, *args, stdin=None, endpoint=True, timeout=PATIENCE):
        return subprocess.run(self.command(*args, endpoint=endpoint),
                              cwd=self.folder, env=self.env(), text=True,
                              input=stdin if stdin is not None else "",
                              capture_output=True, timeout=timeout)

    def start(self, *args):
        return subprocess.Popen(self.command(*args), cwd=self.folder,
                                env=self.env(), text=True,
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def job(self, folder):
        db = sqlite3.connect(self.path(folder, "job.db"), timeout=PATIENCE)
        db.row_factory = sqlite3.Row
        try:
            return dict(db.execute("SELECT * FROM job").fetchone())
        finally:
            db.close()


def prompts(count, directive=""):
    return "".join("Prompt %d?%s\n" % (i, directive) for i in range(count))


def candidates(count, answer=None):
    """A CSV whose texts tell the fake what to answer."""
    out = ["candidate_id,name,notes\n"]
    for i in range(count):
        one = {"reason": "r", "score": i % 10 + 1}
        whole = {k: one for k in ("technical", "communication", "culture_fit",
                                  "leadership", "overall")}
        text = answer or "@@answer " + json.dumps(whole)
        out.append('c%d,"Person ""%d""","a, b\n%s\n"\n' % (
            i, i, text.replace('"', '""')))
    return "".join(out)


def steps_of(text):
    return re.findall(r"^== \d of 7: (\w+) ==$", text, re.M)


def chats(fake):
    return fake.ledger()["chats"]


def customs(folder, name):
    return [json.loads(line)["custom_id"] for line in folder.lines(name)]


# -- start to end --

def prompts_go_start_to_end_without_a_server():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        shutil.copy(os.path.join(EXAMPLES, "prompts-25.txt"),
                    f.path("prompts.txt"))
        r = f.vitae("run", "prompts.txt", "--ordered")
        if not eq(r.returncode, 0, "25 prompts: exit 0"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq(steps_of(r.stderr), STEPS, "each step has its banner")
        rows = f.rows("prompts_answers.csv")
        eq(list(rows[0]), ["index", "prompt", "response", "success",
                           "tokens_in", "tokens_out", "duration", "error"],
           "the columns of the answers")
        eq([int(x["index"]) for x in rows], list(range(25)),
           "in the order of the input")
        eq(rows[0]["prompt"], "What is the capital of Portugal?",
           "a prompt is what was typed")
        ok(all(x["response"] == "OK" and x["success"] == "true" and
               float(x["duration"]) >= 0 and int(x["tokens_in"]) > 0
               for x in rows), "with answer, tokens and duration")
        asked = json.loads(f.lines("prompts_batch.jsonl")[0])
        eq([m["role"] for m in asked["body"]["messages"]], ["user"],
           "nothing is put before a prompt")
        eq(asked["body"]["model"], "m", "the endpoint's only model is taken")
        report = json.loads(f.read("prompts_job.json"))
        eq(report["summary"], {"total": 25, "completed": 25, "failed": 0,
                               "success_rate": 1}, "the summary")
        eq(sorted(report["job"]), ["completed", "failed", "job_id", "model_id",
                                   "status", "total_prompts"], "the job")
        eq(customs(f, "prompts_results.jsonl"),
           ["prompt-%d" % i for i in range(1, 26)], "answers in order")
        ok("completed   25" in r.stdout and "success     100.0 %" in r.stdout
           and "throughput" in r.stdout, "figures at the end")
        job = f.job("prompts_job")
        eq([job["status"], job["total"], job["completed"], job["failed"]],
           ["completed", 25, 25, 0], "the job's row")
        eq(chats(fake), 25, "each was asked once")


def a_budget_that_is_reached_can_be_raised():
    model = "gpt-4o-mini-2024-07-18"
    with Fake("--set", "model=" + model) as fake, \
            Folder(fake.url, provider="openai") as f:
        f.write("p.txt", prompts(3))
        r = f.vitae("run", "p.txt", "--model", model, "--set",
                    "batch.max_cost=0.0000001")
        ok(r.returncode == 6 and "batch.max_cost" in r.stderr,
           "a budget is reached: %s" % r.stderr[-300:])
        ok("--resume" in r.stderr, "how to go on is told")
        eq(fake.ledger()["uploads"], 0, "nothing has left")
        r = f.vitae("run", "p.txt", "--resume")
        eq((r.returncode, f.job("p_job")["completed"]), (0, 3),
           "then it goes on")


def an_answer_that_is_refused_is_no_success():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("c.csv", candidates(2) + candidates(
            1, '@@raw {"overall": {"reason": "r", "score": 7}}').replace(
                "c0,", "c9,").split("\n", 1)[1])
        r = f.vitae("run", "c.csv")
        eq((r.returncode, f.job("c_job")["failed"]), (1, 1),
           "an answer that isn't of the schema")
        ok(re.search(r"succeeded +2 ", r.stdout) and
           re.search(r"failed +1 ", r.stdout),
           "the analysis agrees with the job")
        r = f.vitae("analyze", "c_job.json", "--json", "--no-csv",
                    endpoint=False)
        eq(json.loads(r.stdout)["succeeded"], 2, "so does its report")


def a_csv_becomes_scores_through_vitae_serve():
    with Fake("--set", "model=m", "--set", "models=1") as fake:
        with Serve(fake.url) as serve, Folder(serve.url, provider=None) as f:
            f.write("c.csv", candidates(20))
            r = f.vitae("run", "c.csv")
            if not eq(r.returncode, 0, "a CSV through vitae serve"):
                print("# " + r.stderr.replace("\n", "\n# "))
            eq(steps_of(r.stderr), STEPS, "each step has its banner")
            rows = f.rows("c_scores.csv")
            eq(list(rows[0]), ["candidate_id", "score", "status",
                               "error_message", "prompt_tokens",
                               "completion_tokens", "total_tokens"],
               "the columns of the scores")
            eq([(x["candidate_id"], float(x["score"])) for x in rows],
               [("c%d" % i, i % 10 + 1) for i in range(20)], "the scores")
            eq(set(customs(f, "c_batch.jsonl")),
               {"candidate-c%d" % i for i in range(20)}, "custom_ids")
            told = re.search(r"file id (\S+)", r.stderr).group(1)
            size = int(re.search(r"file vitae-\S+, (\d+) bytes",
                                 r.stderr).group(1))
            batch = re.search(r"batch (batch_\S+), status (\S+), 20 requests",
                              r.stderr)
            ok(told.startswith("file-") and
               size == os.path.getsize(f.path("c_batch.jsonl")),
               "upload tells id and bytes")
            ok(batch is not None, "create tells batch, status and total")


def other_providers_do_as_well():
    with Fake("--set", "polls=1") as fake:
        for provider, url in (("openai", fake.url), ("anthropic", fake.url),
                              ("gemini", fake.url[:-3] + "/v1beta")):
            with Folder(url, provider) as f:
                f.write("p.txt", prompts(5))
                r = f.vitae("run", "p.txt", "--model",
                            "gpt-4o-mini-2024-07-18", "--allow-unpriced",
                            "--check-interval", "100ms")
                if not ok(r.returncode == 0 and
                          len(f.rows("p_answers.csv")) == 5, provider):
                    print("# " + r.stderr.replace("\n", "\n# "))
                if provider == "openai":
                    ok(re.search(r"^cost +0\.\d+ USD$", r.stdout, re.M),
                       "what it cost")
                    r = f.vitae("run", "p.txt", "--model",
                                "gpt-4o-mini-2024-07-18", "--resume",
                                "--json")
                    told = json.loads(r.stdout)
                    ok(told["cost"] > 0 and told["success_rate"] == 1,
                       "told to programs, too")


def an_address_may_come_from_the_environment():
    with Fake("--set", "model=m", "--set", "models=1", "--set",
              "polls=1") as fake, Folder() as f:
        f.write("p.txt", prompts(2))
        os.environ["VITAE_PROVIDER_BASE_URL"] = fake.url
        r = f.vitae("run", "p.txt", "--allow-unpriced")
        del os.environ["VITAE_PROVIDER_BASE_URL"]
        ok(r.returncode == 0 and fake.ledger()["creates"] == 1,
           "by the environment")
        r = f.vitae("run", "p.txt", "--force", "--base-url",
                    fake.url[:-len("/v1")])
        ok(r.returncode == 0 and fake.ledger()["creates"] == 2,
           "without /v1, too")


def requests_go_as_they_are():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        line = {"custom_id": "own 1", "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": "m", "temperature": 0.125, "messages": [
                    {"role": "user", "content": "Hello"}]}}
        f.write("r.jsonl", json.dumps(line) + "\n")
        r = f.vitae("run", "r.jsonl")
        if not eq(r.returncode, 0, "a request file runs"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq(json.loads(f.lines("r_batch.jsonl")[0]), line, "as it is")
        eq(customs(f, "r_results.jsonl"), ["own 1"], "under its own name")


def addresses_are_fetched():
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path in ("/a", "/b")
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>News</title><p>Acme grows by " +
                             self.path[1:].encode() + b" percent.</p>")

        def log_message(self, *_):
            pass

    site = http.server.HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d/" % site.server_port
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("u.txt", base + "a\n" + base + "gone\n" + base + "b\n")
        r = f.vitae("run", "u.txt", "--profile", "prompt", "--allow-private")
        if not eq(r.returncode, 1, "a list of addresses, one left out"):
            print("# " + r.stderr.replace("\n", "\n# "))
        rows = f.rows("u_answers.csv")
        ok(len(rows) == 2 and "Acme grows by a percent." in rows[0]["prompt"]
           and "Acme grows by b percent." in rows[1]["prompt"],
           "pages are asked about, in their order")
        ok("gone" in r.stderr and "left out" in r.stderr,
           "one that can't be had is told")
        r = f.vitae("run", "u.txt", "--profile", "prompt", "--force")
        ok(r.returncode == 1 and "left out" in r.stderr,
           "this machine's pages only if one says so")
        ok("no page could be had: http://127.0.0.1" in r.stderr,
           "the end tells why %s" % r.stderr)
    site.shutdown()
    site.server_close()


# -- before a token is spent --

def nobody_there_is_said_in_one_line():
    with Folder("http://127.0.0.1:1/v1", None) as f:
        f.write("p.txt", prompts(2))
        r = f.vitae("run", "p.txt", "--model", "m")
        eq(r.returncode, 5, "a server that isn't there: exit 5")
        ok(r.stderr.count("\n") == 1 and "refused" in r.stderr and
           "vitae serve --upstream" in r.stderr,
           "in one line, with the command that starts it")
        eq(sorted(os.listdir(f.folder)), ["p.txt", "vitae.log"],
           "and nothing is left behind")
    # Somebody may listen there, or nobody.
    with Folder() as f:
        f.write("p.txt", prompts(2))
        refused = ["not in allowed_hosts" in f.vitae(
            "run", "p.txt", "--model", "no-such-model", "--set",
            "provider.allowed_hosts=" + host).stderr
            for host in ("localhost:4080", "localhost:4081")]
        eq(refused, [False, True], "without an address it is vitae serve's")


def a_wrong_model_is_refused_with_the_list():
    with Fake("--set", "model=m") as fake, Folder(fake.url) as f:
        f.write("p.txt", prompts(2))
        r = f.vitae("run", "p.txt", "--model", "nonsense")
        ok(r.returncode == 5 and "other-model" in r.stderr,
           "a model that isn't there")
        r = f.vitae("run", "p.txt")
        ok(r.returncode == 5 and "other-model" in r.stderr,
           "none chosen of several")
        eq(chats(fake), 0, "nothing was asked")


def bad_input_leaves_nothing():
    cases = (("id,text\n1,a\n", "candidate_id"),
             ("candidate_id,text\n1,a\n2,b\n1,c\n", "is taken by record 1"),
             ("candidate_id,text\n1,a\n2,b,c,d\n", "row 3"),
             ("", "empty"))
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        for text, told in cases:
            f.write("c.csv", text)
            r = f.vitae("run", "c.csv")
            ok(r.returncode == 1 and told in r.stderr, told)
            eq(sorted(os.listdir(f.folder)), ["c.csv", "vitae.log"],
               "nothing is left behind")
        f.write("c.csv", cases[2][0])
        r = f.vitae("run", "c.csv", "--force", "--skip-bad", "--profile",
                    "prompt")
        ok(r.returncode == 1 and "left out" in r.stderr and
           len(f.rows("c_scores.csv")) == 1,
           "--skip-bad leaves it out, and the exit code tells")
        eq(f.vitae("run", "c.csv", "--resume").returncode, 1,
           "also when it is looked at again")
        r = f.vitae("run", "not/there.csv")
        ok(r.returncode != 0 and f.path("not/there.csv") in r.stderr,
           "no such file, by its whole path")
        eq(chats(fake), 1, "only what was good was asked")


def a_checkpoint_that_cant_be_written_is_said_first():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(2))
        f.write("p_job", "in the way")
        r = f.vitae("run", "p.txt")
        ok(r.returncode == 3 and "checkpoint" in r.stderr,
           "a folder that can't be made")
        eq(chats(fake), 0, "nothing was asked")


# -- two runs --

def two_runs_never_mix():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(3))
        f.write("q.txt", prompts(4))
        eq(f.vitae("run", "p.txt").returncode, 0, "a run")
        r = f.vitae("run", "p.txt")
        ok(r.returncode == 2 and "--resume" in r.stderr, "another is refused")
        eq(f.vitae("run", "q.txt", "--out", "both").returncode, 0, "--out")
        r = f.vitae("run", "p.txt", "--out", "both")
        eq(r.returncode, 2, "one job in a folder")
        eq(f.vitae("run", "p.txt", "--resume").returncode, 0,
           "a job that is done is done")
        eq(chats(fake), 7, "and asks nothing")
        eq(f.vitae("run", "p.txt", "--force").returncode, 0, "--force")
        eq(chats(fake), 10, "begins anew")
        os.unlink(f.path("p_job", "job.db"))
        r = f.vitae("run", "p.txt")
        ok(r.returncode == 2 and "p_batch.jsonl" in r.stderr,
           "files alone are in the way, too")
        f.write("r_batch.jsonl", json.dumps(
            {"custom_id": "own", "method": "POST",
             "url": "/v1/chat/completions", "body": {
                 "model": "m", "messages": [
                     {"role": "user", "content": "Hello"}]}}) + "\n")
        r = f.vitae("run", "r_batch.jsonl", "--force")
        ok(r.returncode == 2 and "which is its input" in r.stderr,
           "the input is never what --force removes")
        eq(len(f.lines("r_batch.jsonl")), 1, "it is left alone")
        eq(f.vitae("run", "r_batch.jsonl", "--out", "r").returncode, 0,
           "elsewhere it runs")


# -- stopped and gone on with --

def ctrl_c_leaves_a_remote_batch_running():
    with Fake("--set", "polls=100000") as fake, \
            Folder(fake.url, "openai") as f:
        f.write("p.txt", prompts(5))
        p = f.start("run", "p.txt", "--model", "gpt-4o-mini-2024-07-18",
                    "--check-interval", "100ms")
        until(lambda: fake.ledger()["polls"] >= 2)
        p.send_signal(signal.SIGINT)
        _, err = p.communicate(timeout=PATIENCE)
        fake.script("set polls=1")
        eq(p.returncode, 130, "interrupted: exit 130")
        found = re.search(r"batch (batch_\S+) goes on", err)
        ok(found and "--resume" in err, "with the batch's id and the way back")
        eq(fake.ledger()["cancels"], 0, "the batch is left alone")
        eq(f.job("p_job")["status"], "running", "the job isn't over")
        ok("running (stopped)" in f.vitae("jobs", endpoint=False).stdout,
           "vitae jobs tells that nobody is at it")
        r = f.vitae("run", "p.txt", "--resume", "--base-url",
                    "http://127.0.0.1:1/v1", endpoint=False)
        ok(r.returncode == 5 and "refused" in r.stderr,
           "nobody there: said at once")
        r = f.vitae("run", "p.txt", "--resume")
        if not ok(r.returncode == 0 and len(f.rows("p_answers.csv")) == 5,
                  "it is gone on with"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq(fake.ledger()["creates"], 1, "and paid once")


def killed_ten_times_it_asks_nothing_twice():
    total, jobs, kills = 400, 8, 10
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(total))
        more = ()
        for i in range(kills):
            before = chats(fake)
            fake.script("set hold=25")
            p = f.start("run", "p.txt", "--jobs", str(jobs), *more)
            until(lambda: chats(fake) > before + 25)
            p.kill()
            p.communicate()
            more = ("--resume",)
        fake.script("set hold=-1")
        r = f.vitae("run", "p.txt", "--jobs", str(jobs), *more)
        if not eq(r.returncode, 0, "killed ten times, it comes to its end"):
            print("# " + r.stderr.replace("\n", "\n# "))
        asked = chats(fake)
        ok(total <= asked <= total + jobs * kills,
           "asked again is what was in flight: %d for %d" % (asked, total))
        eq(sorted(customs(f, "p_results.jsonl")),
           sorted("prompt-%d" % i for i in range(1, total + 1)),
           "each has one answer")
        eq(len(f.rows("p_answers.csv")), total, "in the table, too")
        eq(len(f.lines("p_batch.jsonl")), total, "and the requests are whole")


def answers_are_there_as_they_come():
    with Fake("--set", "model=m", "--set", "models=1", "--set", "hold=20") \
            as fake, Folder(fake.url) as f:
        f.write("p.txt", prompts(60))
        p = f.start("run", "p.txt", "--jobs", "1")

        def text():
            return f.read("p_results.jsonl") if os.path.exists(
                f.path("p_results.jsonl")) else ""

        until(lambda: text().count("\n") == 20)
        eq(text().count("\n"), 20, "those that came are there")
        ok(text().endswith("\n"), "in whole lines")
        fake.script("set hold=-1")
        p.communicate()
        eq(f.job("p_job")["completed"], 60, "all at the end")


# -- failures --

def failures_are_dealt_with_as_asked():
    array = json.dumps(["Prompt %d%s" % (i, "\n@@status 400 no" if i % 3 == 0
                                         else "") for i in range(30)])
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.json", array)
        r = f.vitae("run", "p.json")
        eq(r.returncode, 1, "continue: some failed, exit 1")
        eq([f.job("p_job")[k] for k in ("status", "completed", "failed")],
           ["completed", 20, 10], "all were tried")
        ok("10 failed:" in r.stderr and "for example prompt-1" in r.stderr,
           "the cause, with an example")
        rows = f.rows("p_answers.csv")
        ok(rows[0]["success"] == "false" and "no" in rows[0]["error"],
           "the failure is in its row")
        for how, most in (("stop", 1), ("threshold:4", 4)):
            r = f.vitae("run", "p.json", "--force", "--jobs", "1",
                        "--on-error", how)
            job = f.job("p_job")
            ok(r.returncode == 1 and job["status"] == "failed", how)
            eq(job["failed"], most, "stops in time")
            ok(0 < job["completed"] + job["failed"] < 30 and
               len(f.lines("p_results.jsonl")) ==
               job["completed"] + job["failed"], "with what had come")
        r = f.vitae("run", "p.json", "--resume", "--on-error", "continue")
        eq([f.job("p_job")[k] for k in ("status", "completed", "failed")],
           ["completed", 20, 10], "and can be gone on with")
        r = f.vitae("run", "p.json", "--on-error", "threshold:0", "--force")
        ok(r.returncode == 2 and os.path.exists(f.path("p_results.jsonl")),
           "what is refused removes nothing")
        r = f.vitae("run", "p.json", "--on-error", "sometimes", "--force")
        eq(r.returncode, 2, "another word is a slip")


def failed_records_are_asked_again():
    array = json.dumps(["Prompt %d%s" % (i, "\n@@once 400 no" if i < 2 else "")
                        for i in range(5)])
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.json", array)
        eq(f.vitae("run", "p.json", "--ordered").returncode, 1, "two fail")
        r = f.vitae("run", "p.json", "--retry-failed")
        if not eq(r.returncode, 0, "--retry-failed"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq([x["success"] for x in f.rows("p_answers.csv")], ["true"] * 5,
           "all have an answer now")
        eq(len(f.lines("p_results.jsonl")), 5, "one line each")
        eq(chats(fake), 7, "only the failed were asked again")
        eq(customs(f, "p_results.jsonl"),
           ["prompt-%d" % i for i in range(1, 6)],
           "in the input's order, as the job was told")


def answers_that_are_gone_are_no_success():
    with Fake() as fake, Folder(fake.url, provider="openai") as f:
        f.write("p.txt", "Prompt 1\nPrompt 2\n")
        fake.script("download@1+ status=404")
        args = ("run", "p.txt", "--check-interval", "10ms")
        r = f.vitae(*args, "--model", "gpt-4o-mini-2024-07-18")
        eq((r.returncode, f.job("p_job")["status"]), (1, "failed"),
           "the job is not complete")
        ok("--retry-failed" in r.stderr, "and says how to go on")
        fake._call("DELETE", "/script")
        eq((f.vitae(*args, "--resume").returncode,
            fake.ledger()["accepted"]), (1, 2), "by itself it pays no more")
        r = f.vitae(*args, "--retry-failed")
        eq((r.returncode, f.job("p_job")["completed"],
            fake.ledger()["accepted"]), (0, 2, 4), "asked to, it does")


def whoever_waits_is_told():
    got = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            size = int(self.headers["content-length"])
            got.append(json.loads(self.rfile.read(size)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(3))
        url = "http://127.0.0.1:%d/hook" % hook.server_port
        os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"] = "0123456789abcdef0123"
        r = f.vitae("run", "p.txt", "--set", "notify.webhook=" + url)
        del os.environ["VITAE_NOTIFY_WEBHOOK_SECRET"]
        eq(r.returncode, 0, "with a webhook")
        ok(len(got) == 1 and got[0]["type"] == "batch.completed" and
           [got[0]["data"][k] for k in ("total", "completed", "failed")] ==
           [3, 3, 0], "it is told of the end")
    hook.shutdown()
    hook.server_close()


def a_program_is_told_once():
    """Also of one who ignores the ends of his children (nohup's like)."""
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(1))
        f.write("told", "#!/bin/sh\necho x >>%s\n" % f.path("times"))
        os.chmod(f.path("told"), 0o700)
        r = subprocess.run(
            f.command("run", "p.txt", "--set",
                      "notify.command=" + f.path("told")),
            cwd=f.folder, env=f.env(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE,
            preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        eq((r.returncode, f.read("times")), (0, "x\n"), "a program, too")


# -- how fast --

def requests_keep_their_distance():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(6))
        began = time.monotonic()
        eq(f.vitae("run", "p.txt", "--delay", "200ms").returncode, 0,
           "--delay")
        ok(time.monotonic() - began >= 1.0, "five pauses of 0.2 s")
        eq(fake.ledger()["most_in_flight"], 1, "one at a time")
        r = f.vitae("run", "p.txt", "--force", "--rpm", "x")
        ok(r.returncode == 2 and "--rpm" in r.stderr, "a slip in --rpm")


def milestones_are_told_once():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        f.write("p.txt", prompts(2500))
        r = f.vitae("run", "p.txt", "--jobs", "32")
        eq(re.findall(r"milestone: ([\d,]+)", r.stderr), ["1,000", "2,000"],
           "each thousand once")
        r = f.vitae("run", "p.txt", "--jobs", "32", "--force", "--quiet")
        eq(r.stderr, "", "--quiet is silent")


# -- without a file --

def prompts_come_through_a_pipe():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        r = f.vitae("run", "--out", "a", stdin="One?\nTwo?\n\nnot this\n")
        if not eq(r.returncode, 0, "prompts from a pipe"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq([x["prompt"] for x in f.rows("a", "prompts_answers.csv")],
           ["One?", "Two?"], "up to the empty line")
        eq(f.vitae("run", "-", "--out", "b", stdin="One?").returncode, 0,
           "- says so")
        r = f.vitae("run", "--out", "c", stdin="")
        eq(r.returncode, 2, "no prompts")
        ok(not os.path.exists(f.path("c")), "leave no folder behind")
        r = f.vitae("run", "--out", "d", "--base-url", "http://127.0.0.1:1/v1",
                    stdin="One?", endpoint=False)
        eq(r.returncode, 5, "no server")
        ok(not os.path.exists(f.path("d")), "leaves none, either")
        r = f.vitae("run", "--resume", "--out", "a")
        eq(r.returncode, 0, "--resume --out needs no file")
        at = float(re.search(r"throughput  ([\d.]+)", r.stdout).group(1))
        ok(at > 0.1, "a job that is done keeps its figures")
        f.write("p.txt", prompts(2))
        eq(f.vitae("run", "p.txt").returncode, 0, "beside the input")
        eq(f.vitae("run", "--resume", "--out", "p_job").returncode, 0,
           "its folder names it, too")
        eq(sorted(os.listdir(f.path("p_job"))), ["job.db", "spool"],
           "and its files stay where they are")


class Terminal:
    """vitae run as a person sees it."""

    def __init__(self, folder, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder.folder)
            command = folder.command(*args)
            os.execve(command[0], command, folder.env())
        self.text = ""

    def wait_for(self, what):
        until(lambda: what in self.text or not self.read())
        return what in self.text

    def read(self, seconds=0.2):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += data.decode("utf-8", "replace")
        return bool(data)

    def type(self, line):
        os.write(self.fd, (line + "\n").encode())

    def end(self):
        until(lambda: not self.read())
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def a_person_is_asked():
    with Fake("--set", "model=m") as fake, Folder(fake.url) as f:
        t = Terminal(f, "run", "--out", "typed")
        ok(t.wait_for("Choose 1 to 5"), "a menu")
        t.type("2")
        ok(t.wait_for("an empty line ends"), "prompts are typed")
        t.type("One?")
        t.type("")
        ok(t.wait_for("continue, stop or threshold:N"), "what about failures?")
        t.type("nonsense")
        ok(t.wait_for('not "nonsense"'), "a slip is said")
        t.type("threshold:3")
        ok(t.wait_for("Model (number or name)") and "other-model" in t.text,
           "which of the endpoint's models?")
        t.type("1")
        eq(t.end(), 0, "and it runs")
        job = f.job("typed")
        eq([job["model"], json.loads(job["options"])["on-error"]],
           ["m", "threshold:3"], "with what was answered")
        t = Terminal(f, "run", "--out", "lost", "--model", "no-such")
        t.wait_for("Choose 1 to 5")
        t.type("2")
        t.type("One?")
        t.type("")
        t.type("continue")
        ok(t.wait_for("your prompts are kept: vitae run lost/prompts.txt"),
           "what was typed for a run that can't begin is kept")
        t.end()
        ok("One?" in f.read("lost", "prompts.txt"), "in its file")
        t = Terminal(f, "run")
        t.wait_for("Choose 1 to 5")
        t.type("4")
        ok(t.wait_for("typed"), "jobs are listed")
        eq(t.end(), 0, "and that is all")
        f.write("p.txt", prompts(2))
        t = Terminal(f, "run", "--model", "m", "--on-error", "stop")
        t.wait_for("Choose 1 to 5")
        t.type("1")
        t.wait_for("File: ")
        t.type("no-such.txt")
        ok(t.wait_for("There is no file"), "a file that isn't there")
        t.type("p.txt")
        eq(t.end(), 0, "a file")
        eq(len(f.rows("p_answers.csv")), 2, "what flags say isn't asked")
        t = Terminal(f, "run")
        t.wait_for("Choose 1 to 5")
        t.type("5")
        eq(t.end(), 0, "one may leave")


def seconds_of(eta):
    total = 0.0
    for number, unit in re.findall(r"([\d.]+) (h|min|s)\b", eta):
        total += float(number) * {"h": 3600, "min": 60, "s": 1}[unit]
    return total


def the_terminal_shows_how_far_it_is():
    """That the rate is right is tested with a clock of its own, in
    tests/base/test_progress.c."""
    total, latency = 60, 0.1
    with Fake("--set", "model=m", "--set", "models=1", "--set",
              "latency=%g" % latency) as fake, Folder(fake.url) as f:
        f.write("p.txt", prompts(total))
        t = Terminal(f, "run", "p.txt", "--jobs", "1")
        eq(t.end(), 0, "a run at a terminal")
        ok("[##" in t.text and " %" in t.text and t.text.isascii(),
           "a bar, in ASCII")
        seen = [(int(n), float(rate), seconds_of(eta)) for n, rate, eta in
                re.findall(r"(\d+)/%d  ([\d.]+)/s  ETA ([^\r]*?)\s*\r" % total,
                           t.text)]
        ok(len(seen) > 5, "the line is refreshed")
        counts = [n for n, _, _ in seen]
        eq(counts, sorted(counts), "and goes on")
        # Rates are told to one decimal, times to whole seconds.
        wrong = [(n, rate, eta) for n, rate, eta in seen
                 if not (total - n) / (rate + 0.06) - 1.1 <= eta <=
                 (total - n) / (rate - 0.06) + 1.1]
        ok(not wrong, "ETA is what is left at that rate: %s" % wrong[:3])


# -- templates, jobs --

def options_are_kept_under_a_name():
    with Fake() as fake, Folder(fake.url) as f:
        f.write("p.txt", prompts(2))
        f.write("q.txt", prompts(2))
        r = f.vitae("run", "p.txt", "--model", "other-model", "--save-as",
                    "mine", "--on-error", "threshold:9")
        eq(r.returncode, 0, "--save-as")
        r = f.vitae("jobs", "--templates", endpoint=False)
        ok("mine" in r.stdout and "--model other-model" in r.stdout,
           "it is listed")
        r = f.vitae("run", "q.txt", "--template", "mine", endpoint=False)
        if not eq(r.returncode, 0, "--template"):
            print("# " + r.stderr.replace("\n", "\n# "))
        eq(f.job("q_job")["model"], "other-model", "holds the options")
        r = f.vitae("run", "q.txt", "--template", "none", "--force")
        eq(r.returncode, 2, "one that isn't there")
        r = f.vitae("run", "q.txt", "--force", "--model", "other-model",
                    "--save-as", "../x")
        eq(r.returncode, 2, "a name is no path")


def jobs_are_listed_and_checked():
    with Fake("--set", "model=m", "--set", "models=1") as fake, \
            Folder(fake.url) as f:
        for name in "abcd":
            f.write(name + ".txt", prompts(2))
            f.vitae("run", name + ".txt", "--name", "job " + name)
        with open(f.path("b_job", "job.db"), "r+b") as db:
            db.truncate(5000)
        with sqlite3.connect(f.path("c_job", "job.db")) as db:
            db.execute("UPDATE job SET total = 3")
        f.write("d.txt", prompts(3))
        r = f.vitae("jobs", "--json", endpoint=False)
        listed = {j["name"]: j for j in json.loads(r.stdout)["jobs"]}
        eq(sorted(listed), ["job a", "job d"], "sound jobs are listed")
        ok("b_job" in r.stderr and "c_job" in r.stderr,
           "damaged ones are named")
        ok({"id", "model", "prompts", "total", "completed", "failed",
            "status", "started_at", "completed_at", "checkpoint_path"} <=
           set(listed["job a"]), "with every field of a job")
        r = f.vitae("jobs", endpoint=False)
        ok("completed" in r.stdout and "./a_job" in r.stdout, "as a table")
        r = f.vitae("jobs", "check", listed["job a"]["id"][:30],
                    endpoint=False)
        eq(r.returncode, 0, "a sound job")
        r = f.vitae("jobs", "check", "job d", endpoint=False)
        ok(r.returncode != 0 and "has changed" in r.stderr,
           "its input is another one")
        r = f.vitae("jobs", "check", "./b_job", endpoint=False)
        ok(r.returncode != 0 and "b_job" in r.stderr, "a cut one")
        r = f.vitae("jobs", "check", "./c_job", endpoint=False)
        ok(r.returncode != 0 and "checksum" in r.stderr, "an edited one")
        r = f.vitae("run", "d.txt", "--resume")
        ok(r.returncode != 0 and "has changed" in r.stderr,
           "which run says too")
        eq(f.vitae("jobs", "check", "none", endpoint=False).returncode, 2,
           "no such job")


def main():
    needs_fake()
    prompts_go_start_to_end_without_a_server()
    a_budget_that_is_reached_can_be_raised()
    an_answer_that_is_refused_is_no_success()
    a_csv_becomes_scores_through_vitae_serve()
    other_providers_do_as_well()
    an_address_may_come_from_the_environment()
    requests_go_as_they_are()
    addresses_are_fetched()
    nobody_there_is_said_in_one_line()
    a_wrong_model_is_refused_with_the_list()
    bad_input_leaves_nothing()
    a_checkpoint_that_cant_be_written_is_said_first()
    two_runs_never_mix()
    ctrl_c_leaves_a_remote_batch_running()
    killed_ten_times_it_asks_nothing_twice()
    answers_are_there_as_they_come()
    failures_are_dealt_with_as_asked()
    failed_records_are_asked_again()
    answers_that_are_gone_are_no_success()
    whoever_waits_is_told()
    a_program_is_told_once()
    requests_keep_their_distance()
    milestones_are_told_once()
    prompts_come_through_a_pipe()
    a_person_is_asked()
    the_terminal_shows_how_far_it_is()
    options_are_kept_under_a_name()
    jobs_are_listed_and_checked()
    done()


main()
