#!/usr/bin/env python3
"""vitae analyze beside the same sums in Python, and what bad results get."""
import csv
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/integration"))
from harness import VITAE, done, eq, ok  # noqa: E402


def run(*arguments):
    got = subprocess.run([VITAE, *arguments], capture_output=True, text=True)
    return got.returncode, got.stdout, got.stderr


def body(content, usage=None, **more):
    choice = {"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant", "content": content, "refusal": None}}
    choice.update(more)
    return {"object": "chat.completion", "choices": [choice],
            **({"usage": usage} if usage else {})}


def good(number, content, usage=None, **more):
    return {"custom_id": "candidate-%d" % number, "error": None,
            "response": {"status_code": 200, "body": body(content, usage)},
            **more}


def bad(number, code, message):
    return {"custom_id": "candidate-%d" % number, "response": None,
            "error": {"code": code, "message": message}}


def put(name, lines):
    with open(name, "w", encoding="utf-8") as f:
        for line in lines:
            f.write((line if isinstance(line, str) else json.dumps(line)) +
                    "\n")


def near(got, want, name):
    ok(abs(got - want) <= 1e-9 * max(1, abs(want)), name) or \
        print("#  got: %r\n# want: %r" % (got, want))


def sums_equal_those_of_python():
    random.seed(3)
    lines, scores, usage = [], [], [0, 0, 0, 0]
    for i in range(3000):
        if i % 100 == 7:
            lines.append(bad(i, "rate_limit", "wait %d s" % i))
            continue
        if i % 50 == 3:
            lines.append(good(i, "no number"))
            continue
        score = random.randint(1, 10)
        cached = random.choice((0, 512))
        scores.append(score)
        usage[0] += 600 + i
        usage[1] += 5
        usage[2] += cached
        usage[3] += 1
        lines.append(good(i, json.dumps({
            "overall": {"reason": "r", "score": score},
            "technical": {"reason": "r", "score": 11 - score}}),
            {"prompt_tokens": 600 + i, "completion_tokens": 5,
             "total_tokens": 605 + i,
             "prompt_tokens_details": {"cached_tokens": cached}},
            duration=i / 1000))
    put("a_results.jsonl", lines)
    code, out, err = run("analyze", "a_results.jsonl", "--json")
    got = json.loads(out)
    eq(code, 1, "some failed: exit code 1")
    eq([got["total"], got["succeeded"], got["failed"], got["broken"]],
       [3000, 2970, 30, 0], "totals")
    near(got["success_pct"], 99.0, "success rate")
    s = got["scores"]
    eq([s["count"], s["min"], s["max"]],
       [len(scores), min(scores), max(scores)], "count, min, max")
    near(s["mean"], statistics.fmean(scores), "mean")
    near(s["deviation"], statistics.stdev(scores), "deviation")
    eq(got["without_score"], 2970 - len(scores), "non-numeric apart")
    eq([r["count"] for r in got["histogram"]],
       [scores.count(i) for i in range(11)], "histogram")
    near(sum(r["percent"] for r in got["histogram"]), 100, "adds up to 100")
    near(got["parts"][0]["mean"], 11 - statistics.fmean(scores),
         "the part's mean")
    t = got["tokens"]
    eq([t["prompt"], t["completion"], t["cached"], t["told_by"]], usage,
       "tokens are the sum of usage")
    near(t["savings_pct"], 100 * usage[2] / usage[0], "saving")
    ok("read in full" in t["baseline"], "the baseline is told beside it")
    eq([(e["code"], e["count"], e["examples"]) for e in got["errors"]],
       [("rate_limit", 30,
         ["candidate-7", "candidate-107", "candidate-207"])],
       "one cause, with examples")
    times = sorted(i / 1000 for i in range(3000)
                   if i % 100 != 7 and i % 50 != 3)
    for p in (50, 95, 99):
        want = times[int(len(times) * p / 100)]
        ok(abs(got["seconds"]["p%d" % p] / want - 1) < 0.02, "p%d" % p)
    near(got["seconds"]["tokens_per_second"],
         5 * usage[3] / sum(times), "completion tokens a second")
    ok(not got["drift"]["beyond_chance"], "chance is no drift")


def the_csv_has_seven_columns():
    rows = list(csv.reader(open("a_scores.csv", newline="")))
    eq(rows[0], "candidate_id,score,status,error_message,prompt_tokens,"
       "completion_tokens,total_tokens".split(","), "in this order")
    eq(len(rows), 3001, "a row for each line")
    eq(rows[8], ["7", "", "error", "rate_limit: wait 7 s", "", "", ""],
       "an error has neither score nor tokens")
    eq(rows[4], ["3", "", "success", "", "", "", ""], "no number, no score")
    eq(rows[2][4:], ["601", "5", "606"], "tokens")
    code, out, err = run("analyze", "a_results.jsonl")
    ok(code == 2 and "a_scores.csv exists" in err, "not replaced")
    eq(run("analyze", "a_results.jsonl", "--force")[0], 1, "but with --force")
    before = open("a_results.jsonl").read()
    for more in (["a_results.jsonl"], ["--html", "./a_results.jsonl"]):
        code, out, err = run("analyze", "a_results.jsonl", "--force", *more)
        ok(code == 2 and "is what is read" in err,
           "what is read is never written over")
    ok(open("a_results.jsonl").read() == before, "it is left alone")
    code, out, err = run("analyze", "a_results.jsonl", "x.csv", "--html",
                         "x.csv")
    ok(code == 2 and "both" in err, "two outputs of one name are refused")
    eq(run("analyze", "a_results.jsonl", "other.csv")[0], 1,
       "a name of one's own")
    ok(open("other.csv").read() == open("a_scores.csv").read(), "the same")


def text_is_for_people():
    code, out, err = run("analyze", "a_results.jsonl", "--no-csv")
    for words in ("succeeded", "without", "deviation", "technical", "#####",
                  "% of the baseline", "p95", "rate_limit: wait",
                  "e.g. candidate-7"):
        ok(words in out, words)


def broken_lines_are_named_and_the_rest_read():
    put("b.jsonl", [good(1, "8"), "{broken", "", good(2, "7"),
                    '{"custom_id": "candidate-3"}', "[]",
                    good(4, "9")["response"], good(1, "5")])
    code, out, err = run("analyze", "b.jsonl", "--json", "--no-csv")
    got = json.loads(out)
    eq(code, 1, "exit code 1")
    eq([b["line"] for b in got["broken_lines"]], [2, 5, 6, 7],
       "broken lines are named")
    eq((got["total"], got["scores"]["mean"], got["ids_twice"]),
       (3, 20 / 3, 1), "the rest is analysed")
    put("b.jsonl", [])
    eq(run("analyze", "b.jsonl", "--no-csv")[0], 0, "an empty file")
    code, out, err = run("analyze", "no.jsonl")
    ok(code not in (0, 1) or "no.jsonl" in err, "a missing file is named")
    ok(not os.path.exists("no_scores.csv"), "and nothing written")


def all_dialects_are_read():
    put("c.jsonl", [
        good(1, "8"),
        {"key": "candidate-2", "response": {"candidates": [
            {"content": {"parts": [{"text": "7"}]},
             "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 10,
                              "candidatesTokenCount": 2,
                              "totalTokenCount": 12}}},
        {"custom_id": "candidate-3", "result": {
            "type": "succeeded", "message": {
                "content": [{"type": "text", "text": "6"}],
                "stop_reason": "end_turn",
                "usage": {"input_tokens": 10, "output_tokens": 2}}}},
        {"custom_id": "candidate-4", "result": {
            "type": "errored", "error": {"type": "error", "error": {
                "type": "invalid_request_error", "message": "no"}}}},
        {"prompt_index": 4, "id": "candidate-5", "prompt": "p",
         "response_text": "5", "tokens_input": 3, "tokens_output": 1,
         "duration": 2.0, "success": True, "error_message": None},
        {"prompt_index": 5, "id": None, "prompt": "p", "response_text": None,
         "tokens_input": None, "tokens_output": None, "duration": None,
         "success": False, "error_message": "timeout"},
    ])
    code, out, err = run("analyze", "c.jsonl", "c.csv", "--json")
    got = json.loads(out)
    eq((got["total"], got["broken"], got["failed"]), (6, 0, 2),
       "four dialects in one file")
    eq(got["scores"]["mean"], 6.5, "all their scores")
    eq(got["tokens"]["prompt"], 23, "all their tokens")
    eq([r[0:3] for r in csv.reader(open("c.csv", newline=""))][1:],
       [["1", "8", "success"], ["2", "7", "success"], ["3", "6", "success"],
        ["4", "", "error"], ["5", "5", "success"], ["", "", "error"]],
       "all their ids")


PARTS = ("technical", "communication", "culture_fit", "leadership", "overall")


def answers_are_checked_by_a_profile():
    def scores(value):
        return json.dumps({p: {"reason": "r", "score": value} for p in PARTS})

    put("p.jsonl", [good(1, scores(7)), good(2, scores(11)),
                    good(3, "no JSON"), good(4, '{"overall": {"score": 3}}'),
                    good(5, "```json\n%s\n```" % scores(9)),
                    bad(6, "rate_limit", "wait")])
    code, out, err = run("analyze", "p.jsonl", "--json", "--no-csv")
    eq(json.loads(out)["succeeded"], 5, "whole answers, without a profile")
    code, out, err = run("analyze", "p.jsonl", "p.csv", "--profile", "score",
                         "--json")
    got = json.loads(out)
    eq((code, got["succeeded"], got["failed"]), (1, 2, 4),
       "those that hold, with one")
    eq(sorted(e["code"] for e in got["errors"]),
       ["absurd", "not_json", "rate_limit", "schema"], "each by its reason")
    eq([r[2] for r in csv.reader(open("p.csv", newline=""))][1:],
       ["success", "error", "error", "error", "success", "error"],
       "in the CSV file too")
    code, out, err = run("analyze", "p.jsonl", "--profile", "nobodys")
    ok(code == 3 and "nobodys" in err, "an unknown profile: 3")


def what_a_job_has_judged_counts():
    def result(i, text, good, error=None):
        return json.dumps({"prompt_index": i, "id": "c%d" % i, "prompt": "p",
                           "response_text": text, "tokens_input": 3,
                           "tokens_output": 1, "duration": 1.0,
                           "success": good, "error_message": error})

    put("j.json", ['{"job":{"job_id":"x","total_prompts":3},', '"results":[',
                   result(0, "8", True) + ",",
                   result(1, "99", False, "absurd: overall") + ",",
                   result(2, "6", True), "],", '"summary":{"total":3}}'])
    code, out, err = run("analyze", "j.json", "--json", "--no-csv")
    got = json.loads(out)
    eq((code, got["total"], got["succeeded"], got["failed"], got["broken"]),
       (1, 3, 2, 1, 0), "a job's report is read")
    eq((got["scores"]["mean"], got["errors"][0]["message"]),
       (7, "absurd: overall"), "with what it said of each")


def drift_is_seen():
    random.seed(1)
    put("d.jsonl", [good(i, "%.2f" % (5 + 2 * i / 2000 +
                                      random.gauss(0, 1)))
                    for i in range(2000)])
    code, out, err = run("analyze", "d.jsonl", "--json", "--no-csv")
    d = json.loads(out)["drift"]
    ok(d["beyond_chance"] and 1.7 < d["change"] < 2.3, "a rise of two")
    ok(d["means"][0] < d["means"][-1], "in the means of its parts")


def the_page_is_self_contained():
    put("e.jsonl", [good(1, "8"), good(2, "7"), good(3, "9"),
                    bad(4, "</pre><script>alert(1)</script>", "&<")])
    eq(run("analyze", "e.jsonl", "--no-csv", "--html", "e.html", "-q")[0], 1,
       "a page is written")
    page = open("e.html", encoding="utf-8").read()
    ok("<svg" in page and "<rect" in page, "with a plot")
    ok("<script" not in page and "alert(1)" in page,
       "nothing from outside becomes a tag")
    ok(not re.search(r"(src|href)=|url\(", page), "nothing is fetched")
    eq(run("analyze", "e.jsonl", "--no-csv", "--html", "e.html")[0], 2,
       "not replaced unasked")
    put("f.jsonl", [good(1, "=1+1"), bad(2, "=cmd()", "x")])
    run("analyze", "f.jsonl", "f.csv", "--excel-safe")
    ok('"\'=cmd()' in open("f.csv").read(), "no formula with --excel-safe")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sums_equal_those_of_python()
        the_csv_has_seven_columns()
        text_is_for_people()
        broken_lines_are_named_and_the_rest_read()
        all_dialects_are_read()
        answers_are_checked_by_a_profile()
        what_a_job_has_judged_counts()
        drift_is_seen()
        the_page_is_self_contained()
        os.chdir("/")
    done()


main()
