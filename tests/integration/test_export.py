#!/usr/bin/env python3
"""vitae export: a batch of the database and a job of vitae run, as files."""
import csv
import io
import json
import os
import subprocess

import harness
from harness import Fake, Site, eq, ok, resume

harness.needs_fake()

FIELDS = ["prompt_index", "id", "prompt", "response_text", "tokens_input",
          "tokens_output", "duration", "success", "error_message"]


def a_batch_is_written_in_order():
    with Fake() as fake, Site(fake) as site:
        texts = {i: resume(i) for i in range(1, 13)}
        texts[3] = resume(3, "@@refuse")
        texts[4] = "  \n "
        texts[12] = "=1+1 " + texts[12]
        site.init().fill(texts)
        batch = site.vitae("--submit").stdout.strip()
        done = site.vitae("--check-batch", "all")
        while done.returncode == 10:
            done = site.vitae("--check-batch", "all")
        out = site.vitae("export", batch, "b.json")
        eq((out.returncode, out.stdout), (0, ""), "a batch is exported " +
           out.stderr)
        got = json.load(open(site.path("b.json")))
        eq(sorted(got), ["job", "results", "summary"], "three parts")
        eq(sorted(got["job"]), ["completed", "failed", "job_id", "model_id",
                                "status", "total_prompts"], "the job")
        eq([list(r) for r in got["results"]], [FIELDS] * 12,
           "the fields of each result")
        eq([r["prompt_index"] for r in got["results"]], list(range(12)),
           "counted")
        eq([r["id"] for r in got["results"]],
           [str(i) for i in range(1, 13)], "in the order of the keys")
        eq([r["success"] for r in got["results"]].count(True), 10,
           "ten succeeded")
        first = got["results"][0]
        eq(first["prompt"], texts[1], "the text")
        ok("Person" in first["response_text"] and
           first["tokens_input"] is not None, "the answer and its tokens")
        bad = [r for r in got["results"] if not r["success"]]
        eq([r["id"] for r in bad], ["3", "4"], "two did not")
        ok(all(r["error_message"] for r in bad), "and why")
        eq(got["summary"], {"total": 12, "completed": 10, "failed": 2,
                            "success_rate": 10 / 12}, "a summary")
        eq((got["job"]["total_prompts"], got["job"]["completed"],
            got["job"]["failed"]), (12, 10, 2), "which agrees with the job")

        out = site.vitae("export", batch, "--format", "jsonl",
                         "--no-prompts")
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        eq(len(lines), 12, "JSONL on standard output")
        eq({r["prompt"] for r in lines}, {None}, "without prompts")
        out = subprocess.run(
            ["sh", "-c", '"$1" export %s --set batch.spool=spool 2>err | :'
             % batch, "sh", harness.VITAE], cwd=site.folder, timeout=60)
        with open(site.path("err")) as f:
            eq(f.read(), "", "who reads no further is told nothing")
        out = site.vitae("export", batch, "b.csv", "--excel-safe")
        rows = list(csv.reader(open(site.path("b.csv"), newline="")))
        eq(rows[0], "index,prompt,response,success,tokens_in,tokens_out,"
           "duration,error".split(","), "columns of the CSV")
        eq(rows[1][1], texts[1], "texts of several lines")
        ok(rows[12][1].startswith("'=1+1"), "no formula")
        out = site.vitae("export", batch, "b.csv")
        ok(out.returncode == 2 and "exists" in out.stderr, "not replaced")
        eq(site.vitae("export", batch, "b.csv", "--force").returncode, 0,
           "but with --force")
        out = site.vitae("export", "none")
        ok(out.returncode == 2 and "no batch has the id none" in out.stderr,
           "neither a job nor a batch")
        out = site.vitae("export", batch, "x", "--format", "xml")
        eq(out.returncode, 2, "an unknown format")
        for name in os.listdir(site.path("spool")):
            if "output" in name or "errors" in name:
                os.unlink(site.path("spool/" + name))
        out = site.vitae("export", batch)
        ok("are not here" in out.stderr, "answers that are gone are told")
        eq(json.loads(out.stdout)["results"][0]["response_text"], None,
           "and null")


def a_job_is_written_again():
    with Fake() as fake, Site(fake) as site:
        with open(site.path("p.txt"), "w") as f:
            f.write("# prompts\nSay one\nSay two\n\nSay three\n")
        out = site.vitae("run", "p.txt", "--out", "j", "--check-interval",
                         "0.05")
        if not ok(out.returncode in (0, 1) and
                  os.path.exists(site.path("j/job.db")),
                  "a job runs " + out.stderr[-300:]):
            return
        out = site.vitae("export", "j", "--format", "csv")
        rows = list(csv.reader(io.StringIO(out.stdout)))
        eq([r[:2] for r in rows[1:]],
           [["0", "Say one"], ["1", "Say two"], ["2", "Say three"]],
           "a job by its folder " + out.stderr[-200:])
        out = site.vitae("export", "jj")
        ok(out.returncode != 0 and "jj is no job's folder" in out.stderr,
           "what is neither a job nor a batch is called so")
        for name in ("j/job.db", "p.txt"):
            out = site.vitae("export", "j", name, "--force")
            ok(out.returncode == 2 and "is what is read" in out.stderr,
               "never over " + name)
        out = site.vitae("export", "j/job.db", "j.json")
        got = json.load(open(site.path("j.json")))
        eq(len(got["results"]), 3, "and by its file")
        eq([list(r) for r in got["results"]], [FIELDS] * 3, "all fields")


a_batch_is_written_in_order()
a_job_is_written_again()
harness.done()
