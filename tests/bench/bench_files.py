#!/usr/bin/env python3
"""vitae convert and vitae analyze, beside the floor and beside Python.

    bench_files.py [ROWS]        (default 100000)

The floor reads the same bytes and writes as many as came out, in blocks,
synced.  Python is the straightforward script: csv, json and, where PyPI's
tiktoken is there, its counts.  BENCH_PYTHON names the interpreter that has
it.  Python's time is taken over at most 20,000 rows and scaled.  16,000,000
rows are a CSV of 2 GB: BENCH_ONLY=vitae leaves Python out.
"""
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("builddir", ".")
VITAE = os.path.join(BUILD, "src/vitae")
PROFILE = os.path.join(SRC, "etc/profiles/score")
BLOCK = 1 << 18
PYTHON_ROWS = 20000
os.environ.setdefault("VITAE_DATADIR", os.path.join(SRC, "etc"))
os.environ.setdefault("VITAE_VOCABDIR", os.path.join(BUILD, "etc/vocab"))


def python_convert(source, target):
    """What one writes in an afternoon."""
    system = open(os.path.join(PROFILE, "prompt.md")).read()
    schema = json.load(open(os.path.join(PROFILE, "schema.json")))
    try:
        import base64
        import tiktoken
        import tiktoken_ext.openai_public as public
        path = os.path.join(SRC, "etc/vocab/o200k_base.tiktoken")
        ranks = {base64.b64decode(t): int(r) for t, r in
                 (line.split() for line in open(path, "rb"))}
        public.load_tiktoken_bpe = lambda *a, **k: ranks
        count = tiktoken.Encoding(**public.o200k_base()).encode_ordinary
    except ImportError:
        print("#   (without tiktoken)", file=sys.stderr)
        count = str.split
    begun = time.monotonic()
    seen, tokens = set(), 0
    with open(source, newline="", encoding="utf-8") as f, \
            open(target, "w", encoding="utf-8") as out:
        for row in csv.DictReader(f):
            number = row.pop("candidate_id")
            if number in seen:
                sys.exit("twice: " + number)
            seen.add(number)
            text = ", ".join("%s: %s" % (k.capitalize(), v)
                             for k, v in row.items() if v)
            tokens += len(count(text))
            out.write(json.dumps({
                "custom_id": "candidate-" + number, "method": "POST",
                "url": "/v1/chat/completions",
                "body": {"model": "gpt-4o-mini", "temperature": 0,
                         "max_completion_tokens": 1000,
                         "response_format": {
                             "type": "json_schema", "json_schema": {
                                 "name": "score", "strict": True,
                                 "schema": schema}},
                         "messages": [
                             {"role": "system", "content": system},
                             {"role": "user", "content": text}]}}) + "\n")
        out.flush()
        os.fsync(out.fileno())
    print(time.monotonic() - begun)


def python_analyze(source, target):
    begun = time.monotonic()
    good = bad = prompt = completion = cached = 0
    scores, parts, errors, bins = [], {}, {}, {}
    with open(source, encoding="utf-8") as f, \
            open(target, "w", newline="", encoding="utf-8") as out:
        write = csv.writer(out).writerow
        write(["candidate_id", "score", "status", "error_message",
               "prompt_tokens", "completion_tokens", "total_tokens"])
        for line in f:
            result = json.loads(line)
            number = result["custom_id"].removeprefix("candidate-")
            if result["error"]:
                bad += 1
                message = result["error"]["message"]
                errors.setdefault(message, []).append(number)
                write([number, "", "error", message, "", "", ""])
                continue
            good += 1
            body = result["response"]["body"]
            usage = body["usage"]
            prompt += usage["prompt_tokens"]
            completion += usage["completion_tokens"]
            cached += usage["prompt_tokens_details"]["cached_tokens"]
            answer = json.loads(body["choices"][0]["message"]["content"])
            score = answer["overall"]["score"]
            scores.append(score)
            bins[score] = bins.get(score, 0) + 1
            for name, part in answer.items():
                parts.setdefault(name, []).append(part["score"])
            write([number, score, "success", "", usage["prompt_tokens"],
                   usage["completion_tokens"], usage["total_tokens"]])
    sum(scores) / len(scores)
    print(time.monotonic() - begun)


def make_results(path, rows):
    """An output file: a score each, one in a hundred failed."""
    random.seed(4)
    with open(path, "w") as out:
        for i in range(rows):
            if i % 100 == 99:
                out.write(json.dumps({
                    "id": "batch_req_%d" % i, "response": None,
                    "custom_id": "candidate-%d" % (1001 + i),
                    "error": {"code": "rate_limit",
                              "message": "Rate limit reached"}}) + "\n")
                continue
            content = json.dumps({
                name: {"reason": "The text tells of %s work in several "
                       "posts, with numbers." % name,
                       "score": random.randint(1, 10)}
                for name in ("technical", "communication", "culture_fit",
                             "leadership", "overall")})
            out.write(json.dumps({
                "id": "batch_req_%d" % i,
                "custom_id": "candidate-%d" % (1001 + i), "error": None,
                "response": {"status_code": 200, "request_id": "req_%d" % i,
                             "body": {
                    "id": "chatcmpl-%d" % i, "object": "chat.completion",
                    "created": 1700000000, "model": "gpt-4o-mini",
                    "choices": [{"index": 0, "logprobs": None, "message": {
                        "role": "assistant", "content": content,
                        "refusal": None}, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 640, "completion_tokens": 90,
                              "total_tokens": 730, "prompt_tokens_details": {
                                  "cached_tokens": 512}}}}}) + "\n")


def floor(source, target, size):
    block = b"x" * BLOCK
    begun = time.monotonic()
    fd = os.open(source, os.O_RDONLY)
    while os.read(fd, BLOCK):
        pass
    os.close(fd)
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    while size > 0:
        size -= os.write(fd, block[:size])
    os.fsync(fd)
    os.close(fd)
    took = time.monotonic() - begun
    os.unlink(target)
    return took


def vitae(*arguments):
    begun = time.monotonic()
    p = subprocess.Popen([VITAE, *arguments, "--quiet"],
                         stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(p.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit("bench: vitae %s failed" % arguments[0])
    return (time.monotonic() - begun, usage.ru_maxrss / 1024,
            usage.ru_utime + usage.ru_stime)


def head(source, target, count):
    with open(source, "rb") as f, open(target, "wb") as out:
        for _, line in zip(range(count), f):
            out.write(line)


def compare(what, source, target, rows, arguments):
    own, memory, cpu = min(vitae(what, source, target, *arguments)
                           for _ in range(3 if rows < 1000000 else 1))
    size = os.path.getsize(target)
    os.unlink(target)
    least = min(floor(source, target, size) for _ in range(3))
    print("%-8s %9d rows  %6.0f MB in %6.0f MB out  %7.2f s (%.2f s of a "
          "core)  %5.2f times reading and writing  %4.0f MB held" %
          (what, rows, os.path.getsize(source) / 1e6, size / 1e6, own, cpu,
           own / least, memory))
    if os.environ.get("BENCH_ONLY") == "vitae":
        return
    few = min(rows, PYTHON_ROWS)
    head(source, "few", few + (what == "convert"))
    python = os.environ.get("BENCH_PYTHON", sys.executable)
    took = float(subprocess.check_output(
        [python, os.path.abspath(__file__), "python-" + what, "few",
         target])) * rows / few
    os.unlink(target)
    print("%-8s in Python %7.2f s: %.1f times vitae's" %
          ("", took, took / own))


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100000
    global VITAE
    VITAE = os.path.abspath(VITAE)
    for name in ("VITAE_DATADIR", "VITAE_VOCABDIR", ):
        os.environ[name] = os.path.abspath(os.environ[name])
    os.environ["srcdir"] = os.path.abspath(SRC)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as f:
        os.chdir(f)
        vitae("convert", "--sample", str(rows), "in.csv")
        compare("convert", "in.csv", "out.jsonl", rows,
                ["--model", "gpt-4o-mini", "--force"])
        os.unlink("in.csv")
        make_results("in.jsonl", rows)
        compare("analyze", "in.jsonl", "out.csv", rows, ["--force"])
        os.chdir("/")


if len(sys.argv) == 4 and sys.argv[1].startswith("python-"):
    {"python-convert": python_convert,
     "python-analyze": python_analyze}[sys.argv[1]](*sys.argv[2:])
else:
    main()
