#!/usr/bin/env python3
"""vitae serve: uploads, status beside a batch, event streams, growth.

  bench_serve.py [REQUESTS...]     (default 20 100 1000 10000 170000)

Each figure stands beside a floor of the same minute, since other work on
the machine slows both.  The upstream answers at once.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = os.environ["builddir"]
VITAE = os.environ.get("VITAE", os.path.join(BUILD, "src/vitae"))
UPSTREAM = os.path.join(BUILD, "tests/bench/upstream")
FLOOR = os.path.join(BUILD, "tests/bench/http_floor")
CHAT = "/v1/chat/completions"
UPLOAD = int(os.environ.get("BENCH_UPLOAD", 200 * 1000 * 1000))


class Program:
    """A child whose first line of output tells where it is."""

    def __init__(self, *args, **more):
        self.process = subprocess.Popen(args, text=True,
                                        stdout=subprocess.PIPE, **more)
        self.told = self.process.stdout.readline().strip()

    def status(self, what):
        with open("/proc/%d/status" % self.process.pid) as f:
            return int(re.search(what + r":\s+(\d+)", f.read()).group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Serve(Program):
    def __init__(self, folder, upstream, *args):
        super().__init__(VITAE, "serve", "--upstream", upstream, "--set",
                         "serve.listen=127.0.0.1:0", "--set",
                         "serve.max_upload=4GB", "--set", "log.file=",
                         "--set", "runner.concurrency=64", *args, cwd=folder,
                         stderr=subprocess.DEVNULL)
        self.port = int(self.told.split(":")[2].split("/")[0])

    def ask(self, method, path, body=None):
        r = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (self.port, path), method=method,
            data=json.dumps(body).encode() if body else None)
        with urllib.request.urlopen(r) as f:
            return json.loads(f.read())

    def upload(self, path):
        b = "bench"
        head = ("--%s\r\nContent-Disposition: form-data; name=\"purpose\""
                "\r\n\r\nbatch\r\n--%s\r\nContent-Disposition: form-data; "
                "name=\"file\"; filename=\"in.jsonl\"\r\n\r\n" %
                (b, b)).encode()
        tail = ("\r\n--%s--\r\n" % b).encode()
        size = len(head) + os.path.getsize(path) + len(tail)
        with socket.create_connection(("127.0.0.1", self.port)) as s, \
                open(path, "rb") as f:
            s.sendall(("POST /v1/files HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Type: multipart/form-data; boundary=%s\r\n"
                       "Content-Length: %d\r\nConnection: close\r\n\r\n" %
                       (b, size)).encode() + head)
            s.sendfile(f)
            s.sendall(tail)
            reply = b""
            while True:
                more = s.recv(65536)
                if not more:
                    break
                reply += more
        return json.loads(reply.split(b"\r\n\r\n", 1)[1])["id"]

    def create(self, file_id):
        return self.ask("POST", "/v1/batches", {
            "input_file_id": file_id, "endpoint": CHAT,
            "completion_window": "24h"})["id"]

    def wait(self, batch):
        while True:
            b = self.ask("GET", "/v1/batches/" + batch)
            if b["status"] in ("completed", "failed"):
                return b
            time.sleep(0.05)


def write_lines(path, count, size=500):
    with open(path, "w") as f:
        for i in range(count):
            f.write(json.dumps({
                "custom_id": "c%d" % i, "method": "POST", "url": CHAT,
                "body": {"model": "m", "messages": [
                    {"role": "system", "content": "Be short."},
                    {"role": "user", "content": "%d %s" % (i, "x" * size)}]
                }}) + "\n")


def copy_and_sync(path, to):
    began = time.monotonic()
    with open(path, "rb") as a, open(to, "wb") as b:
        shutil.copyfileobj(a, b, 1 << 20)
        b.flush()
        os.fsync(b.fileno())
    return time.monotonic() - began


def uploads(folder, s):
    path = os.path.join(folder, "big.jsonl")
    write_lines(path, UPLOAD // 10000, 9860)
    size = os.path.getsize(path)
    pairs = []
    for i in range(3):
        floor = copy_and_sync(path, os.path.join(folder, "copy"))
        began = time.monotonic()
        file_id = s.upload(path)
        pairs.append((time.monotonic() - began, floor))
        s.ask("DELETE", "/v1/files/" + file_id)
    took, floor = sorted(pairs, key=lambda p: p[0] / p[1])[1]
    print("upload of %.0f MB          %6.2f s, %.2f times a copy with its "
          "sync (%.2f s)" % (size / 1e6, took, took / floor, floor))
    os.remove(path)
    os.remove(os.path.join(folder, "copy"))


def rate(port, path, connections=16, seconds=2):
    return float(subprocess.check_output(
        [FLOOR, "ask", str(port), path, str(connections), str(seconds)]))


def statuses(folder, s):
    path = os.path.join(folder, "in.jsonl")
    write_lines(path, 200000)
    batch = s.create(s.upload(path))
    time.sleep(2)
    where = "/v1/batches/" + batch
    size = len(json.dumps(s.ask("GET", where)))
    with Program(FLOOR, "serve", str(size)) as floor:
        pairs = [(rate(s.port, where), rate(int(floor.told), "/"))
                 for _ in range(3)]
    mine, alone = sorted(pairs, key=lambda p: p[1] / p[0])[1]
    print("status beside a batch      %6.0f a second; the HTTP library alone "
          "%.0f: %.2f times" % (mine, alone, alone / mine))
    streams(s, where)
    s.ask("POST", where + "/cancel")


def streams(s, where, count=500):
    before = s.status("Threads")
    sockets = []
    began = time.monotonic()
    for _ in range(count):
        c = socket.create_connection(("127.0.0.1", s.port))
        c.sendall(("GET %s/events HTTP/1.1\r\nHost: localhost\r\n\r\n" %
                   where).encode())
        sockets.append(c)
    for c in sockets:
        c.settimeout(30)
        got = b""
        while b"event: batch" not in got:
            got += c.recv(65536)
    first = time.monotonic() - began
    for c in sockets:
        while b"\n\n" not in c.recv(65536):
            pass
    print("%d event streams          first events after %.2f s, %d threads "
          "more, %.1f MB resident" % (count, first,
                                      s.status("Threads") - before,
                                      s.status("VmRSS") / 1024))
    for c in sockets:
        c.close()


def growth(folder, url, counts):
    print("requests   seconds   req/s   us CPU each   MB resident at most")
    for n in counts:
        where = tempfile.mkdtemp(dir=folder)
        path = os.path.join(where, "in.jsonl")
        write_lines(path, n)
        with Serve(where, url) as s:
            file_id = s.upload(path)
            began = time.monotonic()
            b = s.wait(s.create(file_id))
            took = time.monotonic() - began
            with open("/proc/%d/stat" % s.process.pid) as f:
                parts = f.read().rsplit(") ", 1)[1].split()
            cpu = (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")
            print("%8d %9.2f %7.0f %13.1f %21.1f%s" % (
                n, took, n / took, cpu * 1e6 / n,
                s.status("VmHWM") / 1024, ""
                if b["request_counts"]["completed"] == n else "  INCOMPLETE"))
        shutil.rmtree(where)


def main():
    counts = [int(x) for x in sys.argv[1:]] or [20, 100, 1000, 10000, 170000]
    folder = tempfile.mkdtemp(prefix="vitae-bench-")
    print("vitae serve (load %.1f at the beginning)" % os.getloadavg()[0])
    try:
        with Program(UPSTREAM, "0") as up:
            with Serve(folder, up.told) as s:
                uploads(folder, s)
                statuses(folder, s)
            growth(folder, up.told, counts)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("(load %.1f at the end)" % os.getloadavg()[0])


main()
