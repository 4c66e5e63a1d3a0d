#!/usr/bin/env python3
"""POST /batch/submit-contents and its kin, as their clients see them."""
import http.server
import json
import os
import subprocess
import threading
import urllib.parse

from serve import PATIENCE, VITAE, Fake, Serve, done, eq, ok, until

NEWS = ["page_title", "is_financial", "sector", "companies", "sentiment",
        "confident_score", "summary_en", "summary_tr"]


def article(i, directive=""):
    return {"id": "a%d" % i, "title": "Article %d" % i,
            "contents": "The bank raised its rates, number %d. %s"
            % (i, directive)}


def until_ended(s, job):
    def ended():
        status, body, _ = s.ask("GET", "/batch/status/" + job)
        return body if status != 200 or body["state"] in (
            "JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED") else None

    return until(ended)


def contents_become_results():
    with Fake() as fake, Serve(fake.url) as s:
        status, body, _ = s.ask("POST", "/batch/submit-contents", {
            "contents": [article(i) for i in range(5)],
            "batch_name": "evening"})
        eq(status, 200, "taken %r" % body)
        eq((body["batch_name"], body["url_count"], body["status"]),
           ("evening", 5, "SUBMITTED"), "the reply's fields")
        job = body["job_id"]
        ok("/" in job, "ids hold a slash: " + job)
        end = until_ended(s, job)
        eq(end["state"], "JOB_STATE_SUCCEEDED", "it ends well %r" % end)
        eq((end["completed_count"], end["total_count"],
            end["progress_percent"]), (5, 5, 100.0), "with all counts")
        coded = urllib.parse.quote(job, safe="")
        status, same, _ = s.ask("GET", "/batch/status/" + coded)
        eq((status, same["job_id"]), (200, job), "an encoded id finds it too")
        status, body, _ = s.ask("GET", "/batch/results/%s/evening" % coded)
        eq(status, 200, "results %r" % body)
        eq(body["total_count"], 5, "one an article")
        eq(sorted(r["id"] for r in body["results"]),
           ["a%d" % i for i in range(5)], "by its id")
        eq([sorted(r["result"]) for r in body["results"]],
           [sorted(NEWS)] * 5, "with the profile's fields")
        status, body, _ = s.ask("GET", "/batch/results/%s/morning" % job)
        eq((status, body["error"]["code"]), (404, "batch_name_not_found"),
           "another name is told apart")
        status, body, _ = s.ask("GET", "/batch/status/jobs/0")
        eq((status, body["error"]["code"]), (404, "job_not_found"),
           "from another job")
        status, body, _ = s.ask("GET", "/batch/jobs?limit=1")
        eq((status, body["total"], body["jobs"][0]["job_id"],
            body["jobs"][0]["status"]), (200, 1, job, "JOB_STATE_SUCCEEDED"),
           "and it is in the list")
        status, body, _ = s.ask("GET", "/batch/jobs?limit=0")
        eq((status, body["error"]["param"]), (400, "limit"), "a bad page")


def one_may_wait_for_the_end():
    with Fake() as fake, Serve(fake.url) as s:
        status, body, _ = s.ask("POST", "/batch/submit-contents", {
            "contents": [article(1)], "wait_for_completion": True})
        eq((status, body["status"]), (200, "SUCCEEDED"),
           "the answer comes at the end %r" % body)


def results_of_a_running_job_are_a_conflict():
    with Fake("--set", "hold=0") as fake, Serve(fake.url) as s:
        status, body, _ = s.ask("POST", "/batch/submit-contents",
                                {"contents": [article(1)]})
        job = body["job_id"]
        status, body, _ = s.ask("GET", "/batch/results/%s/batch" % job)
        eq((status, body["error"]["code"]), (409, "job_not_finished"),
           "409 while it runs")
        until(lambda: fake.ledger()["in_flight"] > 0)
        eq(s.stop(), 0, "stopping doesn't wait for models")


def a_killed_server_goes_on():
    n = 40
    with Fake("--set", "hold=10") as fake, \
            Serve(fake.url, "--set", "runner.concurrency=4") as s:
        _, body, _ = s.ask("POST", "/batch/submit-contents", {
            "contents": [article(i) for i in range(n)]})
        job = body["job_id"]
        until(lambda: fake.ledger()["chats"] > 10)
        s.kill()
        fake.script("set hold=-1")
        asked = fake.ledger()["chats"]
        ok(0 < asked < n, "killed on the way (%d asked)" % asked)
        s.start()
        end = until_ended(s, job)
        eq((end["state"], end["completed_count"]),
           ("JOB_STATE_SUCCEEDED", n), "it ends %r" % end)
        ok(fake.ledger()["chats"] <= n + 2 * 4,
           "only what was in flight is asked again (%d)"
           % fake.ledger()["chats"])


def jobs_have_owners():
    with Fake() as fake, Serve(fake.url, start=False) as s:
        with open(os.path.join(s.folder, "keys"), "w") as f:
            f.write("anna the-long-key-of-anna\nbert the-long-key-of-bert\n")
        os.chmod(os.path.join(s.folder, "keys"), 0o600)
        s.args = ("--set", "serve.api_key_file=keys")
        s.start()
        eq(s.ask("GET", "/batch/jobs")[0], 401, "a key is needed")
        eq(s.ask("GET", "/openapi.json")[0], 200, "but not for the manual")
        s.key = "the-long-key-of-anna"
        _, body, _ = s.ask("POST", "/batch/submit-contents",
                           {"contents": [article(1)]})
        job = body["job_id"]
        until_ended(s, job)
        s.key = "the-long-key-of-bert"
        eq(s.ask("GET", "/batch/status/" + job)[0], 404, "hers, not his")
        eq(s.ask("GET", "/batch/results/%s/batch" % job)[0], 404,
           "nor the results")
        eq(s.ask("GET", "/batch/jobs")[1]["total"], 0, "nor in his list")
        out = vitae(s, "list", "--jobs")
        ok(out.returncode == 5 and "VITAE_SERVER_KEY" in out.stderr,
           "the command line says where its key comes from: " + out.stderr)
        out = vitae(s, "list", "--jobs",
                    VITAE_SERVER_KEY="the-long-key-of-anna")
        ok(job in out.stdout, "and lists hers with it")


def bad_bodies_are_refused():
    with Fake() as fake, Serve(fake.url) as s:
        for path, body, param in (
                ("submit", {"urls": ["ftp://a"]}, "urls[0]"),
                ("submit", {"contents": []}, "urls"),
                ("submit-contents", {"contents": [{"id": "x"}]},
                 "contents[0].contents"),
                ("submit-contents", "not json", None)):
            status, reply, _ = s.ask("POST", "/batch/" + path, body)
            eq((status, reply["error"]["param"]), (400, param),
               "%s %r" % (path, body))
        eq(s.ask("GET", "/batch/jobs")[1]["total"], 0, "and leave no job")


def the_manual_is_there():
    with Fake() as fake, Serve(fake.url) as s:
        status, body, _ = s.ask("GET", "/openapi.json")
        eq((status, body["openapi"]), (200, "3.1.0"), "an OpenAPI document")
        for path, methods in body["paths"].items():
            for method in methods:
                url = path.replace("{job_id}", "jobs/0")
                code = s.ask(method.upper(), url.replace("{batch_name}", "b"),
                             {} if method == "post" else None)[0]
                ok(code in (200, 400, 404) and code != 405,
                   "%s %s is a route (%d)" % (method, path, code))
        status, body, head = s.ask("GET", "/docs")
        ok(status == 200 and "text/html" in head["Content-Type"] and
           b"/batch/submit" in body, "and a page for people")
        ok(b'="http' not in body and b"<script" not in body,
           "that asks nobody else")
        eq(s.ask("GET", "/docs.css")[0], 200, "with its style")


def vitae(s, *args, **more):
    """The command line, in the server's folder."""
    return subprocess.run([VITAE, *args], cwd=s.folder, capture_output=True,
                          text=True, timeout=PATIENCE,
                          env=dict(os.environ, VITAE_SERVER=s.url[:-3],
                                   **more))


def the_command_line_does_the_same():
    with Fake() as fake, Serve(fake.url) as s:
        with open(os.path.join(s.folder, "a.json"), "w") as f:
            json.dump([article(i) for i in range(3)], f)
        out = vitae(s, "submit-contents", "a.json", "--name", "noon",
                    "--wait")
        eq(out.returncode, 0, "it waits and ends well %s" % out.stderr)
        job = out.stdout.strip()
        ok(job.startswith("jobs/"), "the id is what it prints: " + job)
        out = vitae(s, "status", job)
        ok(out.returncode == 0 and "JOB_STATE_SUCCEEDED" in out.stdout and
           "100.0 %" in out.stdout, "status: " + out.stdout)
        out = vitae(s, "status", job, "--json")
        eq(json.loads(out.stdout)["completed_count"], 3, "status --json")
        out = vitae(s, "results", job, "noon", "--show-preview")
        eq(out.returncode, 0, "results %s" % out.stderr)
        eq(len(json.load(open(os.path.join(s.folder, "noon.json")))
               ["results"]), 3, "in a file of the batch's name")
        ok("sentiment: " in out.stderr and "3 results, 0 failed" in out.stderr,
           "with a summary: " + out.stderr)
        out = vitae(s, "results", job, "noon")
        ok(out.returncode == 2 and "noon.json" in out.stderr,
           "what is there is not replaced: " + out.stderr)
        out = vitae(s, "results", job, "noon", "--force")
        eq(out.returncode, 0, "unless asked to")
        out = vitae(s, "results", job, "evening")
        ok(out.returncode == 5 and "called noon" in out.stderr,
           "another name: " + out.stderr)
        out = vitae(s, "list", "--jobs")
        ok(job in out.stdout and "noon" in out.stdout, "list --jobs")
        with open(os.path.join(s.folder, "bad.json"), "w") as f:
            json.dump([article(1), {"id": "x"}], f)
        out = vitae(s, "submit-contents", "bad.json")
        ok(out.returncode == 5 and "contents[1].contents" in out.stderr,
           "a fault names its element: " + out.stderr)
        out = vitae(s, "status", "7")
        eq(out.returncode, 2, "what is no job: usage")
        s.url = "http://127.0.0.1:1/v1"
        out = vitae(s, "submit-contents", "a.json")
        ok(out.returncode == 5 and "vitae serve --upstream" in out.stderr,
           "without a server: " + out.stderr)


class Page(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        Page.asked.append(self.path)
        self.send_response(404 if "robots" in self.path or
                           "gone" in self.path else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html><title>T</title><body><p>The bank raised "
                         b"its rates.</p></body></html>")

    def log_message(self, *_):
        pass


def addresses_within_are_not_asked():
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d/page" % pages.server_port
    with Fake() as fake, Serve(fake.url) as s:
        with open(os.path.join(s.folder, "urls.txt"), "w") as f:
            f.write("# two of them\n%s\n\nhttp://localhost:%d/x\n"
                    % (url, pages.server_port))
        out = vitae(s, "submit", "urls.txt", "--name", "pages", "--wait")
        job = out.stdout.strip()
        eq(out.returncode, 1, "the job fails %s" % out.stderr)
        eq(Page.asked, [], "nothing on this machine was asked")
        _, body, _ = s.ask("GET", "/batch/status/" + job)
        eq(body["state"], "JOB_STATE_FAILED", "and says so %r" % body)
        eq(fake.ledger()["chats"], 0, "no model was asked")
    pages.shutdown()


for test in (contents_become_results, one_may_wait_for_the_end,
             results_of_a_running_job_are_a_conflict, a_killed_server_goes_on,
             jobs_have_owners, bad_bodies_are_refused, the_manual_is_there,
             the_command_line_does_the_same, addresses_within_are_not_asked):
    test()
done()
