#!/usr/bin/env python3
"""Token ids and counts beside PyPI's tiktoken, built offline from
etc/vocab/*.tiktoken: character classes, generated text in many scripts,
sample resumes, source code.  Skipped without tiktoken; contrib/check
installs it.  TOKENS_REFERENCE_MB: how much generated text for each encoding
(default 1)."""
import base64
import glob
import json
import os
import subprocess
import sys
import tempfile

try:
    import tiktoken
    import tiktoken_ext.openai_public as public
except ImportError as e:
    print('1..0 # SKIP %s' % e)
    sys.exit(0)

SRC = os.environ['srcdir']
BUILD = os.environ['builddir']
PROGRAM = os.path.join(BUILD, 'tests/extract/test_tokens')
MEGABYTES = int(os.environ.get('TOKENS_REFERENCE_MB', '1'))
CHUNK = 1000000
number = 0


def ok(good, what):
    global number
    number += 1
    print('%s %d - %s' % ('ok' if good else 'not ok', number, what), flush=True)
    return good


def ranks_of(name):
    path = os.path.join(SRC, 'etc/vocab', name + '.tiktoken')
    with open(path, 'rb') as f:
        return {base64.b64decode(token): int(rank)
                for token, rank in (line.split() for line in f)}


def encoding(name):
    ranks = ranks_of(name)
    public.load_tiktoken_bpe = lambda *a, **k: ranks
    return tiktoken.Encoding(**public.ENCODING_CONSTRUCTORS[name]())


def our_ids(name, text, folder):
    path = os.path.join(folder, 'text')
    with open(path, 'wb') as f:
        f.write(text.encode())
    out = subprocess.run([PROGRAM, '--ids', name, path], check=True,
                         stdout=subprocess.PIPE).stdout
    return [int(x) for x in out.split()]


def same(reference, name, text, folder, what):
    ours = our_ids(name, text, folder)
    theirs = reference.encode_ordinary(text)
    if ours == theirs:
        return ok(True, what)
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b),
              min(len(ours), len(theirs)))
    print('# at %r: ours %s, theirs %s' % (
        reference.decode(theirs[max(0, at - 3):at + 5]),
        ours[at:at + 5], theirs[at:at + 5]))
    return ok(False, what)


def classes():
    """Every code point in each role a pattern gives it."""
    for cp in range(0x110000):
        if not 0xd800 <= cp < 0xe000:
            c = chr(cp)
            yield c + 'a' + c + ' A' + c + 'B' + c + '1' + c + '!' + c + '\n'


def resumes():
    for path in sorted(glob.glob(os.path.join(SRC, 'tests/data/resumes/*/*.jsonl'))):
        with open(path, encoding='utf-8') as f:
            for line in f:
                yield json.loads(line)['text']


def sources():
    for path in sorted(glob.glob(os.path.join(SRC, 'src/*/*.c')) +
                       glob.glob(os.path.join(SRC, 'tests/*/*.c'))):
        with open(path, encoding='utf-8') as f:
            yield f.read()


def generated(seed):
    return subprocess.run([PROGRAM, '--write', str(seed), str(CHUNK)],
                          check=True, stdout=subprocess.PIPE
                          ).stdout.decode('utf-8')


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in ('o200k_base', 'cl100k_base'):
            reference = encoding(name)
            same(reference, name, ''.join(classes()), folder,
                 name + ': every code point')
            same(reference, name, '\n'.join(resumes()), folder,
                 name + ': the sample resumes')
            same(reference, name, '\n'.join(sources()), folder,
                 name + ': our sources')
            for seed in range(MEGABYTES * 1000000 // CHUNK):
                same(reference, name, generated(seed + 1), folder,
                     name + ': generated text, seed %d' % (seed + 1))
    print('1..%d' % number)


main()
