#!/usr/bin/env python3
"""The web page in a real browser: tests/server/browser/page.mjs.

Needs Chromium and, in the folder $VITAE_NODE_CLIENTS, npm's playwright-core
(contrib/check installs both).  Screenshots of every state stay in
tests/server/screenshots of the build folder.
"""
import csv
import os
import shutil
import subprocess
import sys
import tempfile

from serve import Fake, Serve
from test_page import score

MODULES = os.environ.get("VITAE_NODE_CLIENTS", "")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
KEY = "anna-0123456789abcdef"

PROFILES = (
    "Built payment services in C and Python for six years, led a team of "
    "four, and halved the time of the nightly run.",
    "Sold software to hospitals; writes and speaks German, Turkish and "
    "English. Trained the new colleagues of two offices.",
    "Ran the warehouse of a mail-order house: 12 people, three shifts, and "
    "never late at Christmas.",
    "Studied statistics; two years of reports for a health insurer, with R "
    "and SQL.",
    "Nurse for nine years, then head of a ward. Wrote the handbook for "
    "night shifts <b>still</b> in use.",
)
NAMES = ("Ada Example", "Jo M\u00fcster", "Kim Sample", "Lee Muster",
         "Sam Probe")


def people(path):
    with open(path, "w", newline="", encoding="utf-8-sig") as f:
        w = csv.writer(f)
        w.writerow(["Candidate ID", "Name", "Profile"])
        for i in range(60):
            answer = "@@answer " + score((i * 7) % 10 + 1 if i % 3 else 7)
            if i == 4:
                answer = "@@refuse"
            elif i in (9, 11):
                answer = "@@raw Sorry, I can't."
            w.writerow(["C-%04d" % (1000 + i), NAMES[i % 5],
                        PROFILES[i % 5] + "\n" + answer])


def main():
    if not CHROMIUM or not shutil.which("node") or not os.path.isdir(
            os.path.join(MODULES, "node_modules/playwright-core")):
        print("1..0 # SKIP Chromium, node and playwright-core (in "
              "$VITAE_NODE_CLIENTS) are needed")
        return 0
    here = os.path.join(os.environ["srcdir"], "tests/server/browser/page.mjs")
    with tempfile.TemporaryDirectory() as folder, \
            tempfile.NamedTemporaryFile("w") as keys, \
            Fake("--set", "latency=0.4") as fake:
        people(os.path.join(folder, "people.csv"))
        keys.write(KEY + "\n")
        keys.flush()
        slow = ("--set", "runner.concurrency=2")
        with Serve(fake.url, *slow) as s, \
                Serve(fake.url, "--set", "serve.api_key_file=" + keys.name,
                      *slow) as k:
            status = subprocess.run(
                ["node", here, s.url[:-3], k.url[:-3], KEY, fake.root, folder,
                 MODULES, CHROMIUM], stdout=subprocess.PIPE, text=True, timeout=1800)
        shots = os.path.join(os.environ["builddir"],
                             "tests/server/screenshots")
        shutil.rmtree(shots, ignore_errors=True)
        if os.path.isdir(os.path.join(folder, "screenshots")):
            shutil.copytree(os.path.join(folder, "screenshots"), shots)
    sys.stdout.write(status.stdout)
    print("1..%d" % sum(line.startswith(("ok ", "not ok "))
                        for line in status.stdout.splitlines()))
    return status.returncode


if __name__ == "__main__":
    sys.exit(main())
