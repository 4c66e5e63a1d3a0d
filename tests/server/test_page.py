#!/usr/bin/env python3
"""The web page's routes: tables in, batches, tables with answers out."""
import csv
import io
import json
import os
import tempfile

from serve import Fake, Serve, done, eq, ok, until


def score(n, reason="It says so."):
    part = {"reason": reason, "score": n}
    return json.dumps({k: part for k in (
        "technical", "communication", "culture_fit", "leadership",
        "overall")})


def people(count, cell=None):
    """A table as Excel would save it, with the fake's directives in it."""
    out = io.StringIO()
    w = csv.writer(out)
    w.writerow(["Candidate ID", "Name", "Profile"])
    for i in range(count):
        w.writerow(["C-%03d" % i, "Person %d" % i, cell(i) if cell else
                    "Works hard.\n@@answer " + score(i % 10 + 1)])
    return out.getvalue()


def drop(s, content, filename="people.csv"):
    body, kind = s.form(content, filename=filename, purpose=None)
    return s.ask("POST", "/page/tables", body, {"Content-Type": kind})


def wish(table, **more):
    w = {"id": table["id_column"], "text": table["text"], "profile": "score",
         "model": "m", "limit": 0}
    w.update(more)
    return w


def start(s, table, **more):
    return s.ask("POST", "/page/tables/%s/start" % table["id"],
                 wish(table, **more))


def results(s, batch):
    status, data, head = s.ask("GET", "/page/jobs/%s/results.csv" % batch)
    eq(status, 200, "results come")
    ok(data.startswith(b"\xef\xbb\xbf"), "with a BOM, for Excel")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")))), head


def the_page_is_served(s):
    for path, kind in (("/", "text/html"), ("/web/page.css", "text/css"),
                       ("/web/page.js", "text/javascript"),
                       ("/web/icon.svg", "image/svg+xml")):
        status, data, head = s.ask("GET", path)
        eq((status, head["Content-Type"].split(";")[0]), (200, kind), path)
        csp = head["Content-Security-Policy"] or ""
        ok("default-src 'none'" in csp and "unsafe" not in csp and
           "frame-ancestors 'none'" in csp, path + " has a strict policy")
        eq(head["X-Content-Type-Options"], "nosniff", path + " as it is told")
    page = s.ask("GET", "/")[1].decode()
    ok("<style" not in page and " style=" not in page and
       page.count("<script") == page.count("<script type=\"module\" src=") and
       "http://" not in page and "https://" not in page,
       "the page holds no script, no style and no address of others")
    here = os.path.join(os.environ["srcdir"], "src/server/web")
    for name in sorted(os.listdir(here)):
        if name.endswith((".js", ".css", ".html")):
            with open(os.path.join(here, name), "rb") as f:
                source = f.read()
            eq(s.ask("GET", "/web/" + name)[1], source, name + " is whole")
            ok(b"innerHTML" not in source and b"insertAdjacent" not in source
               and b"document.write" not in source and b"eval(" not in source,
               name + " puts text in as text only")
    for path in ("/web/", "/web/embed.awk", "/web/%2e%2e%2fserver.c",
                 "/web/nothing.js"):
        eq(s.ask("GET", path)[0], 404, path + " is not there")


def strangers_are_refused(s):
    for name, head in (
            ("another origin", {"Origin": "http://evil.example"}),
            ("another host", {"Host": "evil.example"})):
        for method, path in (("GET", "/"), ("GET", "/page/options"),
                             ("POST", "/page/tables")):
            eq(s.ask(method, path, headers=head)[0], 403,
               "%s: %s %s" % (name, method, path))


def a_table_is_shown(s):
    status, t, _ = drop(s, people(30))
    eq((status, t["name"], t["rows"], t["left_out"]),
       (200, "people.csv", 30, 0), "a table")
    eq(t["columns"], ["Candidate ID", "Name", "Profile"], "its columns")
    eq((len(t["preview"]), t["preview"][0][:2]), (8, ["C-000", "Person 0"]),
       "its first rows")
    eq((t["id_column"], t["text"]), (0, [2]),
       "the id is guessed, and that names are not for the model")
    again = s.ask("GET", "/page/tables/" + t["id"])[1]
    eq((again["columns"], again["rows"]), (t["columns"], 30), "and again")
    f = s.ask("GET", "/v1/files/" + t["id"])[1]
    eq((f["purpose"], f["filename"]), ("user_data", "people.csv"),
       "it is a file of its owner")
    eq(len([n for n in s.files() if not n.endswith(".json")]), 1,
       "and the upload itself is gone")
    return t


TABLES = (
    ("semicolons", b"id;text\n1;a, b\n", ["id", "text"], [["1", "a, b"]]),
    ("tabs", b"id\ttext\n1\tx\n", ["id", "text"], [["1", "x"]]),
    ("Windows-1252", b"id,text\n1,M\xfcller \x96 \x80\n", ["id", "text"],
     [["1", "M\u00fcller \u2013 \u20ac"]]),
    ("UTF-16", "id,text\n1,M\u00fcller\n".encode("utf-16"), ["id", "text"],
     [["1", "M\u00fcller"]]),
    ("UTF-16 with half a pair", "id,text\n1,M\u00fcller \ud83d\n".encode(
        "utf-16", "surrogatepass"), ["id", "text"],
     [["1", "M\u00fcller \ufffd"]]),
    ("a BOM", b"\xef\xbb\xbfid,text\n1,x\n", ["id", "text"], [["1", "x"]]),
    ("names that repeat or lack", b"a,a,,b\n1,2,3,4\n",
     ["a", "a (2)", "Column 3", "b"], [["1", "2", "3", "4"]]),
    ("short rows", b"a,b,c\n1\n", ["a", "b", "c"], [["1", "", ""]]),
    ("empty cells behind", b"a,b\n1,2,,\n", ["a", "b"], [["1", "2"]]),
    ("empty first cells, blank rows", b"a,b\n,x\n,\n\n2,y\n", ["a", "b"],
     [["", "x"], ["2", "y"]]),
    ("quotes and lines", b'a,b\n"1","x ""y""\r\nz"\n', ["a", "b"],
     [["1", 'x "y"\nz']]),
    ("a separator in the header", b'"a;b;c",d\n1,2\n', ["a;b;c", "d"],
     [["1", "2"]]),
    ("JSON lines", b'{"id":1,"cv":"x"}\n\n{"cv":"y","more":[1,{"a":2}],'
     b'"id":"b"}\n', ["id", "cv", "more"],
     [["1", "x", ""], ["b", "y", '[1,{"a":2}]']]),
    ("JSON names that are no good ones", b'{" a ":1,"A":2,"a":3,"":4,'
     b'"b\\u0000\\n":5}\n{"a":"x","A":"y"}\n',
     [" a", "A", "a (2)", "Column 4", "b"],
     [["1", "2", "3", "4", "5"], ["", "y", "x", "", ""]]),
    ("a JSON array", b'[{"id":1,"cv":"x\\ny"},\n{"id":2,"cv":null}]',
     ["id", "cv"], [["1", "x\ny"], ["2", ""]]),
    ("a name like a line that tells the separator", b'"sep=;"\n1\n',
     ["sep=;"], [["1"]]),
    ("markup", b"id,<script>\n1,<img src=x onerror=alert(1)>\n",
     ["id", "<script>"], [["1", "<img src=x onerror=alert(1)>"]]),
    ("controls", b"id,text\n1,a\x01b\x1b[0mc\n", ["id", "text"],
     [["1", "ab[0mc"]]),
)


def tables_of_all_kinds_are_read(s):
    for name, content, columns, rows in TABLES:
        status, t, _ = drop(s, content)
        eq((status, t.get("columns"), t.get("preview")),
           (200, columns, rows), name)


REFUSED = (
    ("nothing", b"", "empty"),
    ("a header alone", b"a,b\n", "no row"),
    ("Excel", b"PK\x03\x04rest", "CSV UTF-8"),
    ("old Excel", b"\xd0\xcf\x11\xe0rest", "CSV UTF-8"),
    ("PDF", b"%PDF-1.7\n", "PDF"),
    ("an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "no text"),
    ("compressed", b"\x1f\x8b\x08rest", "compressed"),
    ("requests", b'{"custom_id":"a","url":"/v1/x","body":{}}\n',
     "requests already"),
    ("a quote in the header that never ends", b'a,"b\n1,2\n', "In row 1"),
    ("a quote that takes the only row", b'a,b\n1,"2\n', "In row 2"),
    ("a quote that takes all the rest", b'a,b\n1,2\n3,"4\n5,6\n7,8\n',
     "In row 3 a quote"),
    ("no row that can be read", b'a,b\n1,2,3\n', "Row 2 has 3 cells"),
    ("broken JSON", b"{oh\n{no\n", "no row"),
    ("a JSON array that breaks off", b'[{"a":1},', ""),
    ("too many columns", b"," .join(b"c%d" % i for i in range(400)) +
     b"\n1\n", "more than 256 columns"),
)


def at_rest(s):
    """The files, when what came in is gone: that may be after the reply."""
    def whole():
        names = s.files()
        return all(n.endswith(".json") or n + ".json" in names for n in names)

    until(whole)
    return s.files()


def what_is_no_table_is_refused(s):
    before = at_rest(s)
    for name, content, word in REFUSED:
        status, t, _ = drop(s, content)
        message = t.get("error", {}).get("message", "")
        ok(status == 400 and word in message and "/" not in message,
           "%s: %s" % (name, message))
    eq(at_rest(s), before, "and nothing of it stays")


def bad_rows_are_left_out_and_told(s):
    status, t, _ = drop(s, b'a,b\n1,2\n1,2,3\n4,"x" y\n5,6\n')
    eq((status, t["rows"], t["left_out"]), (200, 2, 2), "two rows of four")
    ok("Row 3 has 3 cells where the header has 2" in t["left_out_why"][0] and
       "row 4" in t["left_out_why"][1], "with the reasons")


def an_estimate_is_made(s, t):
    path = "/page/tables/%s/estimate" % t["id"]
    status, e, _ = s.ask("POST", path, wish(t))
    eq((status, e["requests"], e["empty"], e["seconds"], e["cost"]),
       (200, 30, 0, None, None), "an estimate without experience")
    ok(e["input_tokens"] > 30 * 300 and e["output_tokens"] > 0,
       "with the tokens of all that is asked")
    e = s.ask("POST", path, wish(t, limit=20, model="gpt-4o-mini"))[1]
    ok(e["requests"] == 20 and 0 < e["cost"] < 1 and e["currency"] == "USD",
       "a model with a price has a cost")
    for name, more, word in (
            ("no column", {"text": []}, "at least one column"),
            ("a column that isn't there", {"text": [7]}, "no such column"),
            ("negative", {"text": [-1]}, "no such column"),
            ("a column by name", {"text": ["Name"]}, "no such column"),
            ("an id that isn't there", {"id": 99}, "no such column"),
            ("a negative id", {"id": -2}, "no such column"),
            ("an id by name", {"id": "Name"}, "no such column"),
            ("a limit that is none", {"limit": "20"}, "number of rows"),
            ("a negative limit", {"limit": -1}, "number of rows"),
            ("no model", {"model": ""}, "model"),
            ("another profile", {"profile": "../../etc"}, "profile"),
            ("a file as profile", {"profile": "/etc"}, "profile")):
        status, e, _ = s.ask("POST", path, wish(t, **more))
        ok(status == 400 and word in e["error"]["message"], name)
    eq(s.ask("POST", path, "{no")[0], 400, "no JSON")
    eq(s.ask("POST", "/page/tables/file-none/estimate", wish(t))[0], 404,
       "no such table")


def a_job_runs_and_comes_back(s, t):
    status, b, _ = start(s, t, limit=20)
    eq((status, b["status"], b["metadata"]["page_name"]),
       (200, "validating", "people.csv"), "twenty are tried first")
    b = s.wait(b["id"])
    eq((b["status"], b["request_counts"]["completed"]), ("completed", 20),
       "they end")
    rows, head = results(s, b["id"])
    eq(head["Content-Disposition"], 'attachment; filename="people_results.csv"',
       "a name for the file")
    eq(rows[0], ["Candidate ID", "Name", "Profile", "TechnicalScore",
                 "TechnicalReason", "CommunicationScore",
                 "CommunicationReason", "CultureFitScore", "CultureFitReason",
                 "LeadershipScore", "LeadershipReason", "OverallScore",
                 "OverallReason", "Status", "Reason", "Notes"],
       "her columns, then ours")
    eq(len(rows), 31, "every row of hers")
    eq([r[0] for r in rows[1:]], ["C-%03d" % i for i in range(30)],
       "in her order")
    eq([r[11] for r in rows[1:21]], [str(i % 10 + 1) for i in range(20)],
       "each with its own score")
    eq((rows[21][11], rows[21][13]), ("", "not asked"), "the rest is empty")
    some = s.ask("GET", "/page/jobs/%s/rows" % b["id"])[1]
    eq((some["columns"][:2], len(some["rows"]), some["rows"][2][:3]),
       (["Candidate ID", "TechnicalScore"], 20,
        ["C-002", "3", "It says so."]), "some rows are shown at once")
    sums = s.ask("GET", "/page/jobs/%s/scores" % b["id"])[1]
    overall = [x for x in sums["scores"] if x["column"] == "OverallScore"][0]
    eq((sums["done"], sums["failed"], overall["count"], overall["mean"]),
       (20, 0, 20, 5.5), "scores are added up")
    eq([(x["score"], x["count"], x["at_or_above"]) for x in
        overall["steps"]], [(i, 2, 22 - 2 * i) for i in range(1, 11)],
       "with how many stand at or above each")
    e = s.ask("POST", "/page/tables/%s/estimate" % t["id"], wish(t))[1]
    ok(e["learned"] and e["seconds"] > 0,
       "the next estimate has learned from it")
    return b


FAILURES = ("Fine.\n@@answer " + score(7), "@@status 400 no such thing",
            "@@raw I can't do that.", "@@refuse", "@@length", "",
            "Fine.\n@@answer " + score(99),
            "@@answer " + json.dumps({"technical": 1}))


def failures_are_told_in_words(s):
    t = drop(s, people(8, lambda i: FAILURES[i]))[1]
    b = s.wait(start(s, t, text=[2])[1]["id"])
    eq(b["request_counts"]["total"], 7, "a row without text is not asked")
    rows, _ = results(s, b["id"])
    eq([r[13] for r in rows[1:]],
       ["done"] + 4 * ["failed"] + ["left out", "failed", "failed"],
       "each row has its status")
    ok(all(r[14].endswith(".") for r in rows[2:]), "and its reason")
    eq(rows[6][14], "The row has no text.", "the one without text too")
    sums = s.ask("GET", "/page/jobs/%s/scores" % b["id"])[1]
    eq((sums["done"], sums["failed"]), (1, 6), "they are counted")
    eq(sorted(n for f in sums["failures"] for n in f["rows"]),
       [2, 3, 4, 5, 7, 8], "by reason, with the rows")


def a_spreadsheet_runs_nothing(s):
    evil = ['=HYPERLINK("http://evil")', "+1+1", "-2+3", "@SUM(A1)", "\tx",
            "ok"]
    out = io.StringIO()
    csv.writer(out).writerows(
        [["id", "=cmd|' /C calc'!A0", "text"]] +
        [[str(i), e, '@@answer ' + score(5, e)] for i, e in enumerate(evil)])
    t = drop(s, out.getvalue())[1]
    b = s.wait(start(s, t, text=[2])[1]["id"])
    rows, _ = results(s, b["id"])
    ok(not any(c and c[0] in "=+-@\t\r" for r in rows for c in r),
       "no cell is a formula, hers or the model's")
    eq([r[1].lstrip("'") for r in rows[1:]], evil[:4] + ["\tx"] + evil[5:],
       "and nothing else has changed")


def names_of_files_are_only_told(s):
    for name in ("../../x.csv", "a\\b;'%0d%0aSet-Cookie: x.csv",
                 "\u00fc" * 400 + ".csv", ".csv", "x"):
        status, t, _ = drop(s, people(2), filename=name)
        eq(status, 200, "a file named " + ascii(name[:20]))
        b = s.wait(start(s, t)[1]["id"])
        _, head = results(s, b["id"])
        told = head["Content-Disposition"]
        ok(told.startswith('attachment; filename="') and "/" not in told and
           told.isascii() and told.count('"') == 2, told[:80])


def the_table_may_go(s):
    t = drop(s, people(2))[1]
    b = s.wait(start(s, t)[1]["id"])
    s.ask("DELETE", "/v1/files/" + t["id"])
    status, answer, _ = s.ask("GET", "/page/jobs/%s/results.csv" % b["id"])
    ok(status == 404 and "table" in answer["error"]["message"],
       "without its table a job's results are not there")


def batches_of_programs_have_no_table(s):
    f = s.upload('{"custom_id":"a","method":"POST","url":'
                 '"/v1/chat/completions","body":{"model":"m","messages":'
                 '[{"role":"user","content":"x"}]}}\n')[1]["id"]
    b = s.wait(s.create(f)[1]["id"])
    for what in ("scores", "rows", "results.csv"):
        status, answer, _ = s.ask("GET", "/page/jobs/%s/%s" % (b["id"], what))
        ok(status == 404 and "page" in answer["error"]["message"], what)
    # Metadata is the client's: a batch may claim to be of the page.
    for claim in ({"page_table": "../../../etc/passwd"},
                  {"page_table": f, "page_profile": "../.."},
                  {"page_table": f, "page_id": "99999999999999999999",
                   "page_text": "1,2,,999999,x", "page_profile": "score"}):
        b = s.wait(s.create(f, metadata=claim)[1]["id"])
        for what in ("scores", "rows", "results.csv"):
            status = s.ask("GET", "/page/jobs/%s/%s" % (b["id"], what))[0]
            ok(status in (200, 400, 404), "a lie in the metadata: %s %d" %
               (what, status))


def a_large_table_takes_little_memory(s):
    row = "%d,\"" + "Wrote programs. " * 60 + "\"\n"
    big = "id,text\n" + "".join(row % i for i in range(40000))
    status, t, _ = drop(s, big)
    eq((status, t["rows"]), (200, 40000), "%d MB" % (len(big) >> 20))
    e = s.ask("POST", "/page/tables/%s/estimate" % t["id"], wish(t))[1]
    eq(e["requests"], 40000, "are estimated")
    with open("/proc/%d/status" % s.process.pid) as f:
        peak = [int(x.split()[1]) for x in f if x.startswith("VmHWM")][0]
    instrumented = {"ASAN_OPTIONS", "TSAN_OPTIONS"} & set(os.environ)
    ok(instrumented or peak < 100 * 1024,
       "with %d MB of memory" % (peak >> 10))


def owners_see_their_own(fake):
    with tempfile.NamedTemporaryFile("w") as keys:
        keys.write("anna anna-0123456789abcdef\nben ben-0123456789abcdef\n")
        keys.flush()
        with Serve(fake.url, "--set", "serve.api_key_file=" + keys.name,
                   key="anna-0123456789abcdef") as s:
            t = drop(s, people(3))[1]
            b = s.wait(start(s, t)[1]["id"])
            results(s, b["id"])
            paths = [("GET", "/page/tables/" + t["id"], None),
                     ("POST", "/page/tables/%s/estimate" % t["id"], wish(t)),
                     ("POST", "/page/tables/%s/start" % t["id"], wish(t)),
                     ("GET", "/page/jobs/%s/scores" % b["id"], None),
                     ("GET", "/page/jobs/%s/rows" % b["id"], None),
                     ("GET", "/page/jobs/%s/results.csv" % b["id"], None)]
            s.key = "ben-0123456789abcdef"
            for method, path, body in paths:
                eq(s.ask(method, path, body)[0], 404, "another's " + path[:12])
            s.key = None
            for method, path, body in paths + [
                    ("GET", "/page/options", None),
                    ("POST", "/page/tables", "x")]:
                eq(s.ask(method, path, body)[0], 401, "no key " + path[:14])
            eq(s.ask("GET", "/")[0], 200, "the page itself is for everybody")


def a_kill_loses_nothing(fake):
    with Serve(fake.url) as s:
        t = drop(s, people(40))[1]
        b = start(s, t)[1]["id"]
        s.kill()
        s.start()
        eq(s.wait(b)["status"], "completed", "it goes on after a kill")
        rows, _ = results(s, b)
        eq([r[13] for r in rows[1:]], 40 * ["done"], "with the table")


def main():
    with Fake() as fake:
        with Serve(fake.url) as s:
            the_page_is_served(s)
            strangers_are_refused(s)
            t = a_table_is_shown(s)
            an_estimate_is_made(s, t)
            a_job_runs_and_comes_back(s, t)
            tables_of_all_kinds_are_read(s)
            what_is_no_table_is_refused(s)
            bad_rows_are_left_out_and_told(s)
            failures_are_told_in_words(s)
            a_spreadsheet_runs_nothing(s)
            names_of_files_are_only_told(s)
            the_table_may_go(s)
            batches_of_programs_have_no_table(s)
            a_large_table_takes_little_memory(s)
        owners_see_their_own(fake)
        a_kill_loses_nothing(fake)
    done()


if __name__ == "__main__":
    main()
