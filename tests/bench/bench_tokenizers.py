#!/usr/bin/env python3
"""vitae's token counter beside tiktoken and quicktok, on the same bytes.

    bench_tokenizers.py [MB]     (default 4)

Documents of 6,100 bytes, o200k_base, one thread, processor time; each peer
counts as its users would (tiktoken: len(encode_ordinary), quicktok: count).
"""
import base64
import os
import subprocess
import sys
import time

import peers

BENCH = os.path.join(os.environ.get("builddir", "."), "tests/bench/bench_tokens")
DOCUMENT = 6100


def tiktoken_counter():
    import tiktoken
    import tiktoken_ext.openai_public as public
    with open(os.path.join(peers.SRC, "etc/vocab/o200k_base.tiktoken"),
              "rb") as f:
        ranks = {base64.b64decode(t): int(r) for t, r in map(bytes.split, f)}
    public.load_tiktoken_bpe = lambda *a, **k: ranks
    encoding = tiktoken.Encoding(**public.ENCODING_CONSTRUCTORS["o200k_base"]())
    return lambda text: len(encoding.encode_ordinary(text))


def quicktok_counter():
    import quicktok
    return quicktok.get_encoding("o200k_base").count


def peer(name):
    """Within the peers' Python: MB/s of the text on standard input."""
    data = sys.stdin.buffer.read()
    count = {"tiktoken": tiktoken_counter, "quicktok": quicktok_counter}[name]()
    texts = [data[i:i + DOCUMENT].decode(errors="ignore")
             for i in range(0, len(data), DOCUMENT)]
    best = 0
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            count(text)
        best = max(best, len(data) / 1e6 / (time.process_time() - begun))
    print(best)


def main():
    size = str(int(float(sys.argv[1] if len(sys.argv) > 1 else 4) * 1e6))
    pythons = {}
    for name in ("tiktoken", "quicktok"):
        pythons[name], reason = peers.python_with(name)
        if reason:
            print("%s is left out: %s" % (name, reason))
    print("tokenizers beside each other, o200k_base, MB/s of one core")
    for kind in ("resumes", "ascii", "mixed"):
        cold, warm = map(float, subprocess.check_output(
            [BENCH, "--speed", kind, size]).split())
        line = "  %-8s vitae %6.1f (cold %.1f)" % (kind, warm, cold)
        text = subprocess.check_output([BENCH, "--write", kind, size])
        for name, python in pythons.items():
            if python:
                speed = float(subprocess.run(
                    [python, os.path.abspath(__file__), "--peer", name],
                    input=text, stdout=subprocess.PIPE, check=True).stdout)
                line += "   %s %5.1f (vitae %.1f x)" % (name, speed,
                                                        warm / speed)
        print(line, flush=True)


if sys.argv[1:2] == ["--peer"]:
    peer(sys.argv[2])
else:
    main()
