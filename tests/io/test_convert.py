#!/usr/bin/env python3
"""vitae convert as its users meet it: every line read back by Python's own
json, and every line of "what bad input gets"."""
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/integration"))
from harness import PATIENCE, VITAE, done, eq, ok  # noqa: E402


def run(*arguments):
    got = subprocess.run([VITAE, *arguments], capture_output=True, text=True)
    return got.returncode, got.stdout, got.stderr


def put(name, text):
    mode = "wb" if isinstance(text, bytes) else "w"
    with open(name, mode, **({} if mode == "wb" else {"newline": ""})) as f:
        f.write(text)


def lines(name):
    with open(name, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def a_csv_becomes_requests():
    put("a.csv", "candidate_id,name,experience,skills\n"
        "7,Ann,5 years,\"C, SQL\"\n8,Bob \"B\",,\"two\nlines\"\n")
    code, out, err = run("convert", "a.csv", "a.jsonl", "--model",
                         "llama3:8b")
    eq((code, err), (0, ""), "a CSV file is converted")
    got = lines("a.jsonl")
    eq([r["custom_id"] for r in got], ["candidate-7", "candidate-8"],
       "the ids come back")
    eq({(r["method"], r["url"], r["body"]["model"]) for r in got},
       {("POST", "/v1/chat/completions", "llama3:8b")},
       "method, url and model")
    systems = {r["body"]["messages"][0]["content"] for r in got}
    eq(len(systems), 1, "one system message for all")
    ok("Name: Ann, Experience: 5 years, Skills: C, SQL" in
       got[0]["body"]["messages"][1]["content"], "columns in header order")
    ok("Name: Bob \"B\", Skills: two\nlines" in
       got[1]["body"]["messages"][1]["content"], "empty cells are skipped")
    ok("requests" in out and "baseline tokens" in out and
       "at 6.67 requests a second" in out, "estimates are printed")


def the_sample_is_accepted_and_repeatable():
    for name, seed in (("s1.csv", "5"), ("s2.csv", "5"), ("s3.csv", "6")):
        eq(run("convert", "--sample", "2500", "--seed", seed, name)[0], 0,
           "a sample, seed " + seed)
    same = open("s1.csv").read()
    ok(same == open("s2.csv").read(), "the same seed, the same file")
    ok(same != open("s3.csv").read(), "another seed, another file")
    rows = list(csv.DictReader(open("s1.csv", newline="")))
    eq(len(rows), 2500, "2,500 rows that Python reads too")
    code, out, err = run("convert", "s1.csv", "--model", "m", "--json")
    eq((code, err.splitlines()), (0, ["1,000 records", "2,000 records"]),
       "exactly two progress lines")
    eq(json.loads(out)["requests"], 2500, "all are converted")
    got = lines("s1_batch.jsonl")
    eq([r["custom_id"] for r in got],
       ["candidate-" + r["candidate_id"] for r in rows],
       "in order, under the name derived")
    eq(run("convert", "s1.csv", "q.jsonl", "--model", "m", "-q")[2], "",
       "silent with --quiet")
    ok(json.loads(out)["savings_pct"] > 80, "a saving is estimated")


REFUSED = [
    ("no candidate_id", "id,name\n1,A\n", "no column candidate_id"),
    ("a duplicate id", "candidate_id,n\n1,A\n2,B\n1,C\n",
     "row 4: its id is that of row 2"),
    ("a second one", "candidate_id,n\n1,A\n2,B\n1,C\n2,D\n",
     "row 4: its id is that of row 2, that of row 5 is that of 3"),
    ("more than a message holds", "candidate_id,n\n" + "1,A\n" * 12,
     "that of row 10 is that of 2, and 3 more like that"),
    ("a ragged row", "candidate_id,n\n1,A\n2\n", "row 3: 1 fields"),
    ("an open quote", "candidate_id,n\n1,\"A\n", "row 2 column 2: a quote"),
    ("text after a quote", "candidate_id,n\n1,\"A\"x\n", "row 2 column 2"),
    ("Latin-1", b"candidate_id,n\n1,Andr\xe9\n",
     "row 2 column N: byte 5 is not valid UTF-8"),
    ("UTF-16 without a mark", "candidate_id,n\n1,A\n".encode("utf-16-le"),
     "row 1: byte 2 is NUL: is it UTF-16 without a mark?"),
    ("an empty id", "candidate_id,n\n,A\n", "there is no id"),
    ("an empty text", "candidate_id,n\n1,\n", "there is no text"),
    ("an empty file", "", "is empty"),
]


def bad_input_is_named_and_nothing_is_written():
    before = set(os.listdir("."))
    for why, text, message in REFUSED:
        put("bad.csv", text)
        code, out, err = run("convert", "bad.csv", "bad.jsonl", "--model",
                             "m")
        eq((code, out), (1, ""), why + " is exit code 1")
        ok(message in err or print("# " + err), why + " is named")
        eq(set(os.listdir(".")) - before, {"bad.csv"}, "nothing is left")


def bad_records_are_left_out_on_demand():
    put("b.csv", b"candidate_id,n\n1,A\n2\n3,\xff\n1,B\n4,\"D\"x\n5,E\n5,F\n"
        b"6,\"G\n")
    code, out, err = run("convert", "b.csv", "b.jsonl", "--model", "m",
                         "--skip-bad", "--json")
    eq(code, 1, "some were left out: exit code 1")
    eq(json.loads(out)["left_out"], 6, "six of them")
    eq(json.loads(out)["requests"], 2, "two remain")
    eq([r["custom_id"] for r in lines("b.jsonl")],
       ["candidate-1", "candidate-5"], "the good ones")
    for row in (3, 4, 5, 6, 8, 9):
        ok("b.csv row %d" % row in err, "row %d is listed" % row)
    ok(not [n for n in os.listdir(".") if "part" in n or "tmp" in n],
       "no temporary file is left")


def output_is_not_replaced_unasked():
    put("c.csv", "candidate_id,n\n1,A\n")
    put("c.jsonl", "mine")
    code, out, err = run("convert", "c.csv", "c.jsonl", "--model", "m")
    ok(code == 2 and "c.jsonl exists: --force" in err, "refused")
    eq(open("c.jsonl").read(), "mine", "and left alone")
    eq(run("convert", "c.csv", "c.jsonl", "--model", "m", "--force")[0], 0,
       "replaced with --force")
    os.symlink("c.csv", "link.jsonl")
    for name in ("c.csv", "./c.csv", "link.jsonl"):
        code, out, err = run("convert", "c.csv", name, "--model", "m",
                             "--force")
        ok(code == 2 and "is what is read" in err,
           "what is read is never written over: " + name)
    eq(open("c.csv").read(), "candidate_id,n\n1,A\n", "it is left alone")
    os.symlink("elsewhere", "to.jsonl")
    os.mkfifo("fifo.jsonl")
    for name in ("to.jsonl", "fifo.jsonl"):
        before = os.lstat(name)
        code, out, err = run("convert", "c.csv", name, "--model", "m",
                             "--force")
        ok(code == 2 and "not replaced" in err, "no file: " + name)
        eq(os.lstat(name), before, "it is what it was")


def other_dialects():
    put("d.txt", "# two\nSay hi\n\nSay \"yo\"\n")
    eq(run("convert", "d.txt", "g.jsonl", "--provider", "gemini")[0], 0,
       "prompts for Gemini")
    got = lines("g.jsonl")
    eq([r["key"] for r in got], ["prompt-1", "prompt-2"], "keys")
    eq(got[1]["request"]["contents"],
       [{"role": "user", "parts": [{"text": "Say \"yo\""}]}],
       "a prompt goes as it is")
    ok("systemInstruction" not in got[0]["request"], "nothing is added")
    eq(run("convert", "d.txt", "an.jsonl", "--provider", "anthropic",
           "--model", "m")[0], 0, "prompts for Anthropic")
    eq(lines("an.jsonl")[0]["params"]["messages"],
       [{"role": "user", "content": "Say hi"}], "params")
    code, out, err = run("convert", "g.jsonl", "o.jsonl")
    ok(code == 1 and "g.jsonl line 1: it is a request for Gemini" in err,
       "Gemini's lines are refused for OpenAI, and the line named")
    eq(run("convert", "d.txt", "o.jsonl", "--model", "m")[0], 0,
       "prompts for OpenAI")
    code, out, err = run("convert", "o.jsonl", "x.jsonl", "--provider",
                         "gemini")
    ok(code == 1 and "o.jsonl line 1: it is a request for OpenAI" in err,
       "and the other way round")
    eq(run("convert", "o.jsonl", "x.jsonl")[0], 0, "OpenAI's for OpenAI")
    ok(open("o.jsonl").read() == open("x.jsonl").read(), "unchanged")
    eq(run("convert", "o.jsonl", "y.jsonl", "--model", "other")[0], 2,
       "requests get no other model")


def contents_files():
    put("k.json", json.dumps([
        {"id": "n1", "title": "Ü", "contents": "body \u2028 one"},
        {"id": 2, "title": "", "contents": "two"}]))
    eq(run("convert", "k.json", "n.jsonl", "--model", "m")[0], 0,
       "a contents file")
    schema = lines("n.jsonl")[0]["body"]["response_format"]["json_schema"]
    ok("summary_tr" in schema["schema"]["properties"],
       "is read by the profile news, as vitae run does")
    eq(run("convert", "k.json", "k.jsonl", "--model", "m", "--profile",
           "prompt")[0], 0, "unless another is named")
    got = lines("k.jsonl")
    eq([(r["custom_id"], r["body"]["messages"][-1]["content"])
        for r in got], [("n1", "Ü\n\nbody \u2028 one"), ("2", "two")],
       "title and contents")
    put("k.json", '[{"id": "n1", "contents": "x"}, {"contents": "y"}]')
    code, out, err = run("convert", "k.json", "k2.jsonl", "--model", "m")
    ok(code == 1 and "element 2 column id: there is no id" in err,
       "an element without an id is named")


TEXT = "<p>%s is a page with a sentence or two in it, so that there is " \
    "something to read for whoever comes by.</p>"


class Site(BaseHTTPRequestHandler):
    seen = []

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        Site.seen.append(self.path)
        page = (TEXT % self.path).encode()
        if self.path == "/robots.txt":
            self.answer(200, b"User-agent: *\nDisallow: /private\n",
                        Content_Type="text/plain")
        elif self.path == "/moved":
            self.answer(302, Location="/there")
        elif self.path == "/loop":
            self.answer(302, Location="/loop")
        elif self.path == "/file":
            self.answer(302, Location="file:///etc/passwd")
        elif self.path == "/gone":
            self.answer(404, page, Content_Type="text/html")
        elif self.path == "/picture":
            self.answer(200, b"\x89PNG", Content_Type="image/png")
        elif self.path == "/large":
            self.answer(200, b"x" * 3000000, Content_Type="text/html")
        elif self.path == "/blank":
            self.answer(200, b"<p> </p>", Content_Type="text/html")
        else:
            self.answer(200, b"<title>T</title><nav>menu</nav>" + page,
                        Content_Type="text/html; charset=utf-8")


def pages_are_fetched():
    site = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d" % site.server_port
    bad = ("loop", "file", "gone", "picture", "large", "blank", "private/x")
    paths = ["a%d" % i for i in range(20)] + ["moved"] + list(bad) + ["last"]
    put("u.txt", "# pages\n" + "".join("%s/%s\n" % (base, path)
                                      for path in paths))
    code, out, err = run("convert", "u.txt", "u.jsonl", "--model", "m",
                         "--profile", "prompt")
    ok(code == 1 and err.count("its address is not public") == len(paths),
       "this machine's own addresses are refused")
    eq(Site.seen, [], "nothing was asked")
    ok(not os.path.exists("u.jsonl") and "no record" in err,
       "nothing is written")
    code, out, err = run("convert", "u.txt", "u.jsonl", "--model", "m",
                         "--profile", "prompt", "--allow-private")
    eq(code, 1, "some could not be had: exit code 1")
    got = {r["custom_id"]: r["body"]["messages"][0]["content"]
           for r in lines("u.jsonl")}
    eq(list(got), ["page-%d" % i for i in range(1, 22)] + ["page-29"],
       "pages in the order of the list")
    ok("/a7 is a page" in got["page-8"] and "menu" not in got["page-8"] and
       base + "/a7" in got["page-8"], "the address and the text, no menu")
    ok("/there is a page" in got["page-21"], "redirects are followed")
    for path in bad:
        ok("/%s: " % path in err, "%s is listed" % path)
    eq(Site.seen.count("/robots.txt") < 20, True, "robots.txt is kept")
    ok("/private/x" not in Site.seen, "and heeded")
    ok("root:" not in open("u.jsonl").read(), "no file was read")
    site.shutdown()


class Wordy(Site):
    """Its robots.txt is longer than anybody reads (RFC 9309, 2.5)."""

    def do_GET(self):
        if self.path == "/robots.txt":
            self.answer(200, b"User-agent: *\nDisallow: /private\n" +
                        b"# and so on\n" * 100000, Content_Type="text/plain")
        else:
            Site.do_GET(self)


def the_beginning_of_a_long_robots_txt_counts():
    site = ThreadingHTTPServer(("127.0.0.1", 0), Wordy)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    base = "http://127.0.0.1:%d" % site.server_port
    Site.seen.clear()
    put("w.txt", "%s/private/x\n%s/open\n" % (base, base))
    code, out, err = run("convert", "w.txt", "w.jsonl", "--model", "m",
                         "--profile", "prompt", "--allow-private",
                         "--skip-bad")
    ok("private/x: the site's robots.txt forbids it" in err,
       "what it forbids is not fetched: " + err)
    eq(Site.seen, ["/open"], "what it says nothing of is")
    site.shutdown()


def a_stop_leaves_nothing_behind():
    asked, release = threading.Event(), threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.set()
            release.wait(PATIENCE)
            self.close_connection = True

        def log_message(self, *_):
            pass

    site = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    put("h.txt", "http://127.0.0.1:%d/page\n" % site.server_port)
    # Under nohup, where it is ignored, it is left so: not what is tried here.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                   signal.SIGKILL):
        asked.clear()
        work = subprocess.Popen([VITAE, "convert", "h.txt", "h.jsonl",
                                 "--model", "m", "--profile", "prompt",
                                 "--allow-private"], stderr=subprocess.PIPE)
        ok(asked.wait(PATIENCE), "it is at work")
        work.send_signal(number)
        work.communicate(timeout=PATIENCE)
        if number != signal.SIGKILL:
            eq((work.returncode, os.path.exists("h.jsonl.tmp")),
               (130, False), "%s ends it, and nothing is left" % number.name)
    ok(os.path.exists("h.jsonl.tmp"), "a kill -9 leaves a file")
    put("h.jsonl.part", "what another kill left")
    put("p.txt", "Name a river.\n")
    eq(run("convert", "p.txt", "h.jsonl", "--model", "m")[0], 0,
       "the next run does its work")
    eq(sorted(n for n in os.listdir(".") if n.startswith("h.jsonl")),
       ["h.jsonl"], "and takes it away")
    release.set()
    site.shutdown()


def the_examples_work():
    data = os.environ["VITAE_DATADIR"] + "/examples/"
    for name, count in (("prompts-25.txt", 25), ("candidates.csv", 20),
                        ("contents.json", 3)):
        code, out, err = run("convert", data + name, "e-" + name, "--model",
                             "m", "--json")
        eq((code, json.loads(out or "{}").get("requests")), (0, count),
           name + " is %d requests" % count)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        a_csv_becomes_requests()
        the_sample_is_accepted_and_repeatable()
        bad_input_is_named_and_nothing_is_written()
        bad_records_are_left_out_on_demand()
        output_is_not_replaced_unasked()
        other_dialects()
        contents_files()
        pages_are_fetched()
        the_beginning_of_a_long_robots_txt_counts()
        a_stop_leaves_nothing_behind()
        the_examples_work()
        os.chdir("/")
    done()


main()
