"""A Python with the packages that others use for the same work.

The environment is contrib/check's (.local/python, its list of packages and
MORE); it is made where PyPI can be reached.  Without it the peers are left out, and
the benches say so.
"""
import os
import re
import subprocess
import sys

SRC = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "../.."))
SECONDS = 300
MORE = {"quicktok": "quicktok-v1>=0.4,<0.5"}  # what no test needs


def packages():
    with open(os.path.join(SRC, "contrib/check")) as f:
        return re.search(r"^python_packages='([^']*)'", f.read(), re.M).group(1)


def has(python, module):
    return subprocess.call([python, "-c", "import " + module],
                           stderr=subprocess.DEVNULL) == 0


def run(*command):
    subprocess.run(command, check=True, timeout=SECONDS,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def install(folder):
    wanted = packages()
    marker = os.path.join(folder, "packages")
    if os.path.exists(marker) and open(marker).read().strip() == wanted:
        return
    print("making %s: %s" % (os.path.relpath(folder), wanted), flush=True)
    run(sys.executable, "-m", "venv", folder)
    run(os.path.join(folder, "bin/python3"), "-m", "pip", "install", "-q",
        *wanted.split())
    with open(marker, "w") as f:
        f.write(wanted + "\n")


def python_with(module):
    """(a Python that imports module, None) or (None, why not)."""
    if has(sys.executable, module):
        return sys.executable, None
    folder = os.path.abspath(os.path.join(SRC, ".local/python"))
    python = os.path.join(folder, "bin/python3")
    if os.path.exists(python) and has(python, module):
        return python, None
    try:
        install(folder)
        if module in MORE and not has(python, module):
            run(python, "-m", "pip", "install", "-q", MORE[module])
    except (OSError, subprocess.SubprocessError) as e:
        return None, "it can't be installed (%s)" % type(e).__name__
    if has(python, module):
        return python, None
    return None, "it is not importable"
