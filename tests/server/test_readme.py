#!/usr/bin/env python3
"""The commands of README, as they stand there, in a shell of their own.

Only addresses, models and what stands for an id are put in; a command that
fails is told with its exit code, and the codes that README allows are named
here.
"""
import json
import os
import re
import shutil
import subprocess

from serve import PATIENCE, VITAE, Fake, Serve, done, eq, ok, until
from harness import Site, resume, skip_all

if not shutil.which("bash") or not shutil.which("curl"):
    skip_all("no bash or no curl here")

TOP = os.environ["srcdir"]
with open(os.path.join(TOP, "README")) as readme:
    README = readme.read()


def block(start):
    """The indented lines from the one that begins so to the next blank."""
    at = README.index("\n    " + start) + 1
    text = README[at:README.index("\n\n", at)]
    return "".join(line[4:] + "\n" for line in text.splitlines())


class Shell:
    """Runs blocks in a folder; what failed is [(exit code, command)]."""

    def __init__(self, folder, puts=(), **env):
        self.folder = folder
        self.puts = puts
        self.env = dict(os.environ, **env)
        self.env.pop("VITAE_CONFIG", None)
        self.env["PATH"] = (os.path.dirname(VITAE) + os.pathsep +
                            self.env["PATH"])

    def run(self, script):
        for old, new in self.puts:
            script = script.replace(old, new)
        trap = "trap 'echo \"$? $BASH_COMMAND\" >>failed' ERR\n"
        out = subprocess.run(["bash", "-c", trap + script], cwd=self.folder,
                             env=self.env, capture_output=True, text=True,
                             timeout=PATIENCE)
        failed = []
        path = os.path.join(self.folder, "failed")
        if os.path.exists(path):
            with open(path) as f:
                failed = [(int(line.split()[0]), line.split(None, 1)[1].strip())
                          for line in f]
            os.unlink(path)
        self.out, self.err = out.stdout, out.stderr
        return failed


def only(shell, script, allowed, name):
    """allowed: {how the command begins: exit codes}."""
    failed = shell.run(script)
    strange = [f for f in failed
               if not any(f[1].startswith(begins) and f[0] in codes
                          for begins, codes in allowed.items())]
    eq(strange, [], name)
    if strange:
        print("# " + shell.err.replace("\n", "\n# "))


def until_done(shell):
    for _ in range(200):
        if not shell.run("vitae --check-batch all\n"):
            return


def the_first_steps():
    with Fake() as fake, Site(fake) as site:
        os.mkdir(site.path("resumes"))
        for i in range(1, 5):
            with open(site.path("resumes/%d.txt" % i), "w") as f:
                f.write(resume(i))
        shell = Shell(site.folder, OPENAI_BASE_URL=fake.url)
        only(shell, block("vitae init   "), {"vitae --check-batch": (10,)},
             "first steps with the embedded database")
        until_done(shell)
        rows = site.sql("SELECT userid, LastName FROM aicandidate")
        ok(len(rows) == 4 and all(r[1] for r in rows), "fill its columns")
        batch = site.sql("SELECT batch_id FROM aicandidateBatchStatus")[0][0]
        shell.puts = (("4711", str(rows[0][0])), ("BATCH", batch))
        only(shell, block("vitae plan   "), {}, "money, and second thoughts")
        only(shell, block("vitae --waves --jobs"), {}, "waves")


def a_model_of_ones_own():
    with Fake() as fake, Site(fake) as site:
        site.init().fill({1: resume(1)})
        shell = Shell(site.folder, (("http://127.0.0.1:8080/v1", fake.url),
                                    ("your-model", "m")))
        only(shell, block("vitae --continuous --set"), {},
             "a model of one's own")
        eq(site.sql("SELECT LastName FROM aicandidate"), [("Testerb",)],
           "is asked")


def files_and_runs():
    with Fake() as fake, Serve(fake.url) as s:
        puts = (("llama3:8b", "m"), ("gpt-4o-mini", "m"))
        shell = Shell(s.folder, puts, VITAE_PROVIDER_BASE_URL=s.url)
        for name, to in (("candidates.csv", "candidates.csv"),
                         ("contents.json", "articles.json")):
            shutil.copy(os.path.join(TOP, "etc/examples", name),
                        os.path.join(s.folder, to))
        # What the fake says is no score: 1, some records failed.
        only(shell, block("vitae run candidates.csv"), {"vitae run": (1,)},
             "a run of a CSV")
        found = README[README.index("\n    candidates_batch.jsonl"):]
        for name in re.findall(r"^    (candidates\S+)", found[:600], re.M):
            ok(os.path.exists(os.path.join(s.folder, name)),
               "leaves %s behind" % name)
        only(shell, block('echo "Name a river'), {}, "a prompt from a pipe")
        with open(os.path.join(s.folder, "addresses.txt"), "w") as f:
            f.write("http://127.0.0.1:1/not-public\n")
        only(shell, block("vitae convert --sample 1000"),
             {"vitae convert --sample": (2,),   # candidates.csv is there
              "vitae convert addresses.txt": (1,),
              "vitae analyze": (2,)},           # so is candidates_scores.csv
             "files in, files out")
        ok("addresses.txt" not in shell.err or "not public" in shell.err,
           "an address within is refused")


def the_batch_server():
    with Fake() as fake, Serve(fake.url) as s:
        shell = Shell(s.folder, (("http://127.0.0.1:4080", s.url[:-3]),
                                 ("llama3.2", "m")))
        only(shell, block("vitae convert --sample 20"), {}, "files and batches")
        at = shell.out.index('{"id":"batch_')
        b = s.wait(json.JSONDecoder().raw_decode(shell.out, at)[0]["id"])
        eq((b["status"], b["request_counts"]["completed"]),
           ("completed", 20), "by curl alone")


def jobs_over_http():
    with Fake() as fake, Serve(fake.url) as s:
        shutil.copy(os.path.join(TOP, "etc/examples/contents.json"),
                    os.path.join(s.folder, "articles.json"))
        with open(os.path.join(s.folder, "urls.txt"), "w") as f:
            f.write("# pages\nhttp://127.0.0.1:1/not-public\n")
        puts = [("http://127.0.0.1:4080", s.url[:-3])]
        shell = Shell(s.folder, puts, VITAE_SERVER=s.url[:-3])
        submit, status, results = re.split(
            r"^(?=curl)", block("curl -s http://127.0.0.1:4080/batch"),
            flags=re.M)[1:]
        only(shell, submit, {}, "texts are handed in by curl")
        job = json.loads(shell.out)["job_id"]
        puts.append(("jobs/0196...", job))

        def ended():
            shell.run(status)
            state = json.loads(shell.out)["state"]
            return state not in ("JOB_STATE_PENDING",
                                 "JOB_STATE_RUNNING") and state

        eq(until(ended), "JOB_STATE_SUCCEEDED", "until it has ended")
        only(shell, results, {}, "and fetched")
        eq(json.loads(shell.out)["total_count"], 1, "with its result")
        only(shell, block("vitae submit urls.txt"), {"vitae submit urls": (1,)},
             "the same at the command line")


for test in (the_first_steps, a_model_of_ones_own, files_and_runs,
             the_batch_server, jobs_over_http):
    test()
done()
