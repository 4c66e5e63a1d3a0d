#!/usr/bin/env python3
"""Every text goes into its request, and every answer into its column, byte
for byte: what other scripts, quotes, backslashes, line ends and 5 MB do.

By the profile `prompt`, which changes nothing of either.
"""
import json
import os
import time

import harness
import rounds
from harness import eq, ok
from rounds import Round, control, engines, make_base

rounds.with_postgres(__file__)
MANY = 5 * 1024 * 1024
TEXTS = (
    ("quotes", "it's \"quoted\" ''twice'' `three` $$dollars$$ $r$"),
    ("backslashes", "C:\\new\\table \\\\ \\u0041 \\x41 \\' \\\" \\"),
    ("CJK", "\u4e2d\u6587\u5c65\u6b74 \u3072\u3089\u304c\u306a"
     " \ud55c\uad6d\uc5b4 \U00020000"),
    ("emoji", "\U0001f469\u200d\U0001f4bb \U0001f600 \U0001f1e9\U0001f1ea"),
    ("other scripts", "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd"
     " e\u0301 \u00e9 \ufb01 \u2028 \u00a0 x"),
    ("what looks like SQL", "'; DROP TABLE t; -- ? :name {brace} $1 %s"),
    ("what looks like JSON", "{\"a\": [1, null, \"\\n\"]} </script> &amp;"),
    ("5 MB", "".join("%07d \u20ac\U0001f600\"\\ " % i
                     for i in range(MANY // 18)) + "end"),
)


def text_of(i):
    """Line ends of all kinds stand before what is to be answered."""
    return "line\r\nnext\n\n\tlast\n%s\n@@raw %s" % (
        TEXTS[i - 1][1][:100], TEXTS[i - 1][1])


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def put(r, i, text):
    if r.engine == "sqlite":
        r.sql("UPDATE aicandidate SET markdownResume = ? WHERE userid = ?",
              text, i)
        return
    path = os.path.join(r.folder, "put.sql")
    with open(path, "w") as f:
        f.write("UPDATE aicandidate SET markdownResume = %s WHERE userid ="
                " %d" % (quoted(text), i))
    os.chmod(r.folder, 0o755)
    control("\\i " + path)


def response(r, i):
    """Through hex: psql's own output may change line ends."""
    if r.engine == "sqlite":
        return r.sql("SELECT response FROM aicandidate WHERE userid = ?",
                     i)[0][0]
    return bytes.fromhex(control(
        "SELECT encode(convert_to(response, 'UTF8'), 'hex') FROM aicandidate"
        " WHERE userid = %d" % i).strip()).decode()


def requests_of(r):
    out = {}
    for name in os.listdir(r.path("spool")):
        if not name.endswith("requests.jsonl"):
            continue
        for line in open(os.path.join(r.path("spool"), name), newline="\n"):
            request = json.loads(line)
            out[request["custom_id"]] = request["body"]["messages"][-1][
                "content"]
    return out


def both_ways(engine, base):
    with Round(engine, "openai", base, "polls=1", batch_size=100) as r:
        r.query("ALTER TABLE aicandidate ADD response text")
        for i in range(1, len(TEXTS) + 1):
            put(r, i, text_of(i))
        r.fake.script("create@1+ status=503")
        settings = ("extract.profile=prompt",
                    "extract.max_input_tokens=100000000")
        p = r.start("spool", settings=settings)
        while p.poll() is None and not {"uploaded", "creating"} & set(
                r.states()):
            time.sleep(0.05)
        p.kill()
        p.wait()
        sent = requests_of(r)
        for i, (what, _) in enumerate(TEXTS, 1):
            ok(sent.get("prompt-%d" % i) == text_of(i).replace("\r", ""),
               "%s: %s goes out as it is" % (engine, what))
        r.fake._call("DELETE", "/script")
        r.query("UPDATE aicandidateBatchStatus SET next_check_at ="
                " created_at")
        p = r.start("spool", settings=settings)
        err = p.communicate(timeout=harness.PATIENCE)[1]
        eq((p.returncode, err[-300:]), (0, ""), "the run ends")
        for i, (what, text) in enumerate(TEXTS, 1):
            got = response(r, i)
            ok(got == text, "%s: %s comes back as it is %s" % (
                engine, what, "" if got == text else repr((got or "")[:80])))


def main():
    for engine in engines():
        base = make_base(engine, len(TEXTS))
        both_ways(engine, base)
        base.close()
    harness.done()


harness.needs_fake()
main()
