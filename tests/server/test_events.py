#!/usr/bin/env python3
"""What a batch tells while it runs: server-sent events, and WebSocket.

Plain sockets: the frames are put together and taken apart here.  The client
library of Python is tried in test_clients.py.
"""
import base64
import hashlib
import json
import math
import os
import resource
import signal
import socket
import struct
import tempfile
import time

from serve import PATIENCE, Fake, Serve, done, eq, lines, ok, until
from harness import skip

KEY = base64.b64encode(b"sixteen bytes 16").decode()
MANY = 500  # half of the connections that the server takes


class Socket:
    """A client of RFC 6455, up to what is needed here."""

    def __init__(self, s, batch, method="GET", version="HTTP/1.1", path=None,
                 **headers):
        head = {"Host": "localhost:%d" % s.port, "Upgrade": "websocket",
                "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Key": KEY,
                "Sec-WebSocket-Version": "13"}
        if s.key:
            head["Authorization"] = "Bearer " + s.key
        head.update((k.replace("_", "-"), v) for k, v in headers.items())
        path = path or "/v1/batches/%s/events" % batch
        self.socket = socket.create_connection(("127.0.0.1", s.port))
        self.socket.settimeout(PATIENCE)
        self.socket.sendall(("%s %s %s\r\n%s\r\n" % (
            method, path, version, "".join(
                "%s: %s\r\n" % x for x in head.items() if x[1]))).encode())
        self.file = self.socket.makefile("rb")
        first = self.file.readline().split()
        self.status = int(first[1]) if first else 0
        self.head = {}
        for text in iter(self.file.readline, b"\r\n"):
            if not text:
                break
            name, value = text.decode().split(":", 1)
            self.head[name.lower()] = value.strip()
        self.code = None
        if self.status >= 400 and method != "HEAD":
            body = self.file.read(int(self.head["content-length"]))
            self.code = json.loads(body)["error"]["code"]

    def send(self, opcode, payload=b""):
        mask = os.urandom(4)
        self.socket.sendall(
            bytes([0x80 | opcode, 0x80 | len(payload)]) + mask +
            bytes(c ^ mask[i % 4] for i, c in enumerate(payload)))

    def frame(self):
        """Opcode and payload; None = the end."""
        head = self.file.read(2)
        if len(head) < 2:
            return None
        size = head[1]
        if size == 126:
            size, = struct.unpack(">H", self.file.read(2))
        elif size == 127:
            size, = struct.unpack(">Q", self.file.read(8))
        return head[0], self.file.read(size)

    def updates(self):
        """Times and messages, till it is closed; the code stays in close."""
        self.close_code = None
        for op, payload in iter(self.frame, None):
            if op == 0x88:
                self.close_code, = struct.unpack(">H", payload[:2])
                self.send(8, payload[:2])
            elif op == 0x81:
                yield time.monotonic(), json.loads(payload)

    def close(self):
        self.file.close()
        self.socket.close()


def closed(w):
    w.close()
    return w


def what_is_no_handshake_is_refused(s, batch):
    for why, status, code, args in (
            ("a page of another site", 403, "foreign_origin",
             {"Origin": "https://evil.example"}),
            ("a page of nobody", 403, "foreign_origin", {"Origin": "null"}),
            ("a name that was rebound", 403, "foreign_host",
             {"Host": "evil.example:80"}),
            ("no key", 400, "bad_websocket", {"Sec_WebSocket_Key": ""}),
            ("a key of one byte", 400, "bad_websocket",
             {"Sec_WebSocket_Key": "AA=="}),
            ("no Connection: Upgrade", 400, "bad_websocket",
             {"Connection": "keep-alive"}),
            ("HTTP/1.0", 400, "bad_websocket", {"version": "HTTP/1.0"}),
            ("an old version", 426, "bad_websocket",
             {"Sec_WebSocket_Version": "8"}),
            ("no version", 426, "bad_websocket",
             {"Sec_WebSocket_Version": ""}),
            ("a POST", 405, "method_not_allowed", {"method": "POST"}),
            ("no batch", 404, "not_found",
             {"path": "/v1/batches/batch_none/events"})):
        w = closed(Socket(s, batch, **args))
        eq((w.status, w.code), (status, code), why)
    w = closed(Socket(s, batch, Sec_WebSocket_Version="8"))
    eq(w.head.get("sec-websocket-version"), "13", "the version is told")
    w = closed(Socket(s, batch, Upgrade="h2c"))
    eq((w.status, w.head["content-type"]),
       (200, "text/event-stream; charset=utf-8"),
       "another upgrade is left alone")


def a_batch_is_told_till_it_ends(s, fake):
    fake.script("set latency=0.1")
    batch = s.batch(lines(60))
    w = Socket(s, batch, Origin="http://localhost:%d" % s.port)
    want = base64.b64encode(hashlib.sha1(
        KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    eq((w.status, w.head["sec-websocket-accept"].encode(),
        w.head["upgrade"].lower(), w.head["connection"].lower()),
       (101, want, "websocket", "upgrade"), "the handshake")
    told = [b for _, b in w.updates()]
    counts = [b["request_counts"]["completed"] for b in told]
    ok(len(told) >= 2 and counts == sorted(counts), "it is told as it goes on")
    last = s.get(batch)
    eq(told[-1], last, "the last message is the batch as it is")
    eq(w.close_code, 1000, "then the connection is closed")
    w.close()
    w = Socket(s, batch)
    eq([b for _, b in w.updates()], [last], "an ended one is told once")
    w.close()
    fake.script("set latency=0")


def a_second_never_passes_without_a_word(s, fake):
    """Where the machine stops for a second, so do we: one of thirty."""
    fake.script("set hold=0")
    batch = s.batch(lines(1))
    w = Socket(s, batch)
    before, gap = None, math.inf
    for (at, _), _ in zip(w.updates(), range(30)):
        if before is not None:
            gap = min(gap, at - before)
        before = at
        if gap <= 1:
            break
    w.close()
    ok(gap <= 1, "updates %.2f s apart, with nothing done" % gap)
    fake.script("set hold=-1")


def a_ping_is_answered_and_a_goodbye(s, batch):
    w = Socket(s, batch)
    w.send(9, b"hello")
    frames = iter(w.frame, None)
    ok((0x8a, b"hello") in frames, "a ping gets its pong")
    w.send(1, b"whatever it says")
    w.send(8, struct.pack(">H", 1001))
    ok((0x88, struct.pack(">H", 1001)) in frames, "a goodbye its own")
    eq(w.frame(), None, "and the end")
    w.close()


def threads(s):
    with open("/proc/%d/status" % s.process.pid) as f:
        return [int(x.split()[1]) for x in f if x.startswith("Threads:")][0]


def many_hold_on_a_handful_of_threads(s, batch):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 2 * MANY + 200:
        skip("%d at once: not so many files may be open" % MANY)
        return
    before = threads(s)
    all_of_them = [Socket(s, batch) for _ in range(MANY)]
    ok(all(w.status == 101 for w in all_of_them), "%d at once" % MANY)
    ok(threads(s) <= before + 4, "on the threads that were there")
    w = closed(Socket(s, batch))
    eq((w.status, w.code, w.head.get("retry-after")), (503, "busy", "5"),
       "one more is sent away")
    told = [json.loads(w.frame()[1])["id"] for w in all_of_them]
    eq(told, [batch] * MANY, "each is told")
    eq(s.ask("GET", "/health")[0], 200, "there is room for others")
    for w in all_of_them:
        w.close()
    ok(until(lambda: closed(Socket(s, batch)).status == 101),
       "and again when they have gone")


def keys_are_asked_for(fake):
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("me secret-of-mine-1234567890\n"
                "you secret-of-yours-123456789\n")
        f.flush()
        with Serve(fake.url, "--set", "serve.api_key_file=" + f.name,
                   key="secret-of-mine-1234567890") as s:
            batch = s.batch(lines(1))
            for key, status in (("Bearer secret-of-mine-1234567890", 101),
                                ("Bearer secret-of-yours-123456789", 404),
                                ("Bearer wrong", 401), ("", 401)):
                w = closed(Socket(s, batch, Authorization=key))
                eq(w.status, status, "%s: %d" % (key[:15], status))


def the_server_says_goodbye(fake):
    fake.script("set hold=0")
    with Serve(fake.url) as s:
        w = Socket(s, s.batch(lines(1)))
        updates = w.updates()
        next(updates)
        s.process.send_signal(signal.SIGTERM)
        for _ in updates:
            pass
        eq(w.close_code, 1001, "it is told that the server ends")
        eq(s.process.wait(timeout=PATIENCE), 0, "which it does")
        w.close()
    fake.script("set hold=-1")


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Fake() as fake, Serve(fake.url) as s:
        batch = s.batch(lines(1))
        s.wait(batch)
        w = closed(Socket(s, batch))
        if w.status == 501:
            eq(w.code, "websocket_unsupported", "without libwslay: 501")
            eq(s.ask("GET", "/v1/batches/%s/events" % batch)[0], 200,
               "server-sent events are there all the same")
            done()
        what_is_no_handshake_is_refused(s, batch)
        a_batch_is_told_till_it_ends(s, fake)
        a_second_never_passes_without_a_word(s, fake)
        fake.script("set hold=0")
        batch = s.batch(lines(1))
        a_ping_is_answered_and_a_goodbye(s, batch)
        many_hold_on_a_handful_of_threads(s, batch)
        fake.script("set hold=-1")
        keys_are_asked_for(fake)
        the_server_says_goodbye(fake)
    done()


main()
