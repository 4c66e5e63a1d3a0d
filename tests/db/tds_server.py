#!/usr/bin/env python3
"""tds_server.py -- plays a SQL Server to a test, as a script says.

    python3 tds_server.py COMMAND [ARGUMENT...]

There is no package of a SQL Server, but there is its protocol, TDS 7.4, and
FreeTDS's ODBC driver, which believes what it is told.  This answers logins,
batches and remote procedure calls (sp_executesql, sp_prepare, sp_execute,
sp_prepexec, sp_unprepare) with success, or with what a rule says; it
understands no T-SQL.  COMMAND runs with

    VITAE_TEST_TDS        127.0.0.1,PORT of a server without TLS
    VITAE_TEST_TDS_TLS    localhost,PORT of one with a certificate
    VITAE_TEST_TDS_SELF   localhost,PORT of one that signed its own
    VITAE_TEST_TDS_CA     the file of the authority of the first
                          (these three only where there is openssl)
    VITAE_TEST_TDS_RULES  a file of rules, a JSON object a line
    VITAE_TEST_TDS_LOG    a file where everything received is written, a JSON
                          object a line: {"login": ...}, {"sql", "params"}

A rule holds "match", a regular expression on the statement's text ("login" is
the text of a login), and what happens then:

    "error": number ("class", "message", "state")   after "columns", if any
    "columns": ["name type"], "rows": [[...]]  types text, long, int, float
    "count": rows changed
    "drop": "before" | "after"   closes the socket without an answer
    "half": true      closes it in the middle of the answer
    "stall": seconds  before the answer
    "times": how often it holds (default 1; 0 = always), "skip": how many
             matches it lets pass before

The first rule that matches and still holds wins.  The file is read again when
it changes; counting begins anew then.
"""
import json
import os
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

COLLATION = bytes([0x09, 0x04, 0xD0, 0x00, 0x34])  # Latin1_General_CI_AS
BATCH, RPC, REPLY, ATTENTION, LOGIN, PRELOGIN = 1, 3, 4, 6, 16, 18
PROCEDURES = {10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute",
              13: "sp_prepexec", 15: "sp_unprepare"}


class Closed(Exception):
    pass


class Script:
    """The rules and the log, shared by all connections."""

    def __init__(self, rules, log):
        self.rules_path, self.log_path = rules, log
        self.lock = threading.Lock()
        self.text, self.rules = None, []

    def find(self, sql):
        with self.lock:
            with open(self.rules_path, encoding="utf-8") as f:
                text = f.read()
            if text != self.text:
                self.text = text
                self.rules = [dict(json.loads(line), seen=0)
                              for line in text.splitlines() if line.strip()]
            for rule in self.rules:
                if not re.search(rule["match"], sql, re.S):
                    continue
                rule["seen"] += 1
                over = rule["seen"] - rule.get("skip", 0)
                if over >= 1 and (rule.get("times", 1) == 0 or
                                  over <= rule.get("times", 1)):
                    return rule
            return {}

    def note(self, what):
        with self.lock, open(self.log_path, "a", encoding="utf-8") as f:
            f.write(json.dumps(what) + "\n")


def text16(s):
    return s.encode("utf-16-le")


def short_text(s):
    return bytes([len(s)]) + text16(s)


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, n):
        if self.at + n > len(self.data):
            raise ValueError("a message is cut short")
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def more(self):
        return self.at < len(self.data)

    def long_value(self):
        """A value of (max), in parts."""
        if self.number("<Q") == 0xFFFFFFFFFFFFFFFF:
            return None
        out = []
        while True:
            n = self.number("<I")
            if n == 0:
                return b"".join(out)
            out.append(self.take(n))

    def text_value(self, limit):
        if limit == 0xFFFF:
            return self.long_value()
        n = self.number("<H")
        return None if n == 0xFFFF else self.take(n)

    def number_value(self, kind):
        n = self.number("<B")
        if n == 0:
            return None
        raw = self.take(n)
        if kind == 0x6D:
            return struct.unpack("<f" if n == 4 else "<d", raw)[0]
        return int.from_bytes(raw, "little", signed=True)

    def parameter(self):
        """Name, type as SQL writes it, value."""
        name = self.take(2 * self.number("<B")).decode("utf-16-le")
        self.take(1)
        kind = self.number("<B")
        if kind in (0xE7, 0xA7, 0xEF, 0xAF):
            limit = self.number("<H")
            self.take(5)
            raw = self.text_value(limit)
            wide = kind in (0xE7, 0xEF)
            size = "max" if limit == 0xFFFF else str(limit // (1 + wide))
            return (name, ("n" if wide else "") + "varchar(%s)" % size,
                    raw if raw is None else
                    raw.decode("utf-16-le" if wide else "latin-1"))
        if kind in (0x63, 0x23):
            self.take(4 + 5)
            n = self.number("<i")
            raw = None if n < 0 else self.take(n)
            return (name, "ntext" if kind == 0x63 else "text",
                    raw and raw.decode("utf-16-le" if kind == 0x63
                                       else "latin-1"))
        if kind in (0x26, 0x6D, 0x68):
            self.take(1)
            return name, "float" if kind == 0x6D else "int", \
                self.number_value(kind)
        if kind in (0x38, 0x7F, 0x3E):
            return name, "int", self.number(
                {0x38: "<i", 0x7F: "<q", 0x3E: "<d"}[kind])
        raise ValueError("a parameter of type 0x%02x" % kind)


def done(token, status, count=0):
    return struct.pack("<BHHQ", token, status, 0xC1, count)


def error(number, rule):
    message = rule.get("message", "the test's error %d" % number)
    body = struct.pack("<iBB", number, rule.get("state", 1),
                       rule.get("class", 16)) + \
        struct.pack("<H", len(message)) + text16(message) + \
        short_text("fake") + short_text("") + struct.pack("<I", 1)
    return struct.pack("<BH", 0xAA, len(body)) + body


def change(kind, new, old):
    body = bytes([kind]) + new + old
    return struct.pack("<BH", 0xE3, len(body)) + body


def column(text):
    name, kind = text.split()
    info = {"text": bytes([0xE7]) + struct.pack("<H", 8000) + COLLATION,
            "long": bytes([0xE7, 0xFF, 0xFF]) + COLLATION,
            "int": bytes([0x26, 8]),
            "float": bytes([0x6D, 8])}[kind]
    return struct.pack("<IH", 0, 9) + info + short_text(name)


def value(kind, v):
    if kind == "long":
        if v is None:
            return b"\xff" * 8
        raw = text16(v)
        return struct.pack("<Q", len(raw)) + (
            struct.pack("<I", len(raw)) + raw if raw else b"") + bytes(4)
    if kind == "text":
        raw = None if v is None else text16(v)
        return b"\xff\xff" if v is None else struct.pack("<H", len(raw)) + raw
    if v is None:
        return b"\0"
    return bytes([8]) + (struct.pack("<q", v) if kind == "int"
                         else struct.pack("<d", v))


def result(rule):
    kinds = [c.split()[1] for c in rule["columns"]]
    out = struct.pack("<BH", 0x81, len(kinds)) + \
        b"".join(column(c) for c in rule["columns"])
    for row in rule.get("rows", []):
        out += b"\xd1" + b"".join(value(k, v) for k, v in zip(kinds, row))
    return out


class Connection:
    def __init__(self, sock, script, tls):
        self.sock, self.script, self.tls = sock, script, tls
        self.stream = None  # TLS, once it is agreed on
        self.buffer = b""
        self.handles, self.next_handle = {}, 1

    # Bytes, plain or through TLS.

    def receive(self, n):
        if not self.stream:
            got = self.sock.recv(n, socket.MSG_WAITALL)
            if len(got) < n:
                raise Closed()
            return got
        while len(self.buffer) < n:
            got = self.stream.read()
            if not got:
                raise Closed()
            self.buffer += got
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def send(self, data):
        if self.stream:
            self.stream.write(data)
        else:
            self.sock.sendall(data)

    def message(self):
        """Kind and content of the next one, its packets put together."""
        content = []
        while True:
            kind, status, length = struct.unpack(">BBH4x", self.receive(8))
            content.append(self.receive(length - 8) if length > 8 else b"")
            if status & 1:
                return kind, b"".join(content)

    def reply(self, data, kind=REPLY, cut=None):
        number = 1
        parts = [data[i:i + 4000] for i in range(0, len(data), 4000)] or [b""]
        for i, part in enumerate(parts):
            if cut is not None and i >= cut:
                raise Closed()
            last = i == len(parts) - 1
            self.send(struct.pack(">BBHHBB", kind, 1 if last else 0,
                                  len(part) + 8, 0, number, 0) + part)
            number = (number + 1) % 256

    # The beginning.

    def prelogin(self, content):
        wanted = 2
        at = 0
        while content[at] != 0xFF:
            token, offset, _ = struct.unpack(">BHH", content[at:at + 5])
            if token == 1:
                wanted = content[offset]
            at += 5
        encrypt = self.tls is not None and wanted != 2
        fields = [(0, bytes([15, 0, 0x07, 0xD0, 0, 0])),
                  (1, bytes([1 if encrypt else 2])), (2, b"\0"), (4, b"\0")]
        offset = 5 * len(fields) + 1
        head = body = b""
        for token, data in fields:
            head += struct.pack(">BHH", token, offset + len(body), len(data))
            body += data
        self.reply(head + b"\xff" + body)
        return encrypt

    def handshake(self):
        """TLS within packets of TDS, after it TDS within TLS."""
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.tls.wrap_bio(into, out, server_side=True)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                if out.pending:
                    self.reply(out.read(), PRELOGIN)
                into.write(self.message()[1])
        if out.pending:
            self.reply(out.read(), PRELOGIN)
        self.stream = Stream(self.sock, tls, into, out)

    def login(self, content):
        def field(at):
            offset, n = struct.unpack("<HH", content[at:at + 4])
            return content[offset:offset + 2 * n]

        def plain(raw):
            return raw.decode("utf-16-le")

        secret = bytes(((b ^ 0xA5) >> 4 | (b ^ 0xA5) << 4) & 0xFF
                       for b in field(44))
        told = {"host": plain(field(36)), "user": plain(field(40)),
                "password": plain(secret), "app": plain(field(48)),
                "server": plain(field(52)), "database": plain(field(68)),
                "version": "%08x" % struct.unpack("<I", content[4:8])[0],
                "encrypted": self.stream is not None}
        self.script.note({"login": told})
        rule = self.script.find("login")
        self.pause(rule)
        if "error" in rule:
            self.reply(error(rule["error"], rule) + done(0xFD, 2))
            raise Closed()
        ack = bytes([1]) + struct.pack(">I", 0x74000004) + \
            short_text("Microsoft SQL Server") + bytes([15, 0, 0x07, 0xD0])
        self.reply(
            change(1, short_text(told["database"] or "master"),
                   short_text("master")) +
            change(7, bytes([5]) + COLLATION, b"\0") +
            struct.pack("<BH", 0xAD, len(ack)) + ack +
            change(4, short_text("4096"), short_text("4096")) +
            done(0xFD, 0))

    # Statements.

    def pause(self, rule):
        if rule.get("drop") == "before":
            raise Closed()
        end = time.monotonic() + rule.get("stall", 0)
        self.sock.setblocking(False)
        try:
            while time.monotonic() < end:
                time.sleep(0.02)
                try:
                    if self.sock.recv(1, socket.MSG_PEEK) == b"":
                        raise Closed()
                except BlockingIOError:
                    continue
                if not self.stream:
                    break  # an attention, which gets its answer
        finally:
            self.sock.setblocking(True)
        if rule.get("drop") == "after":
            raise Closed()

    def answer(self, sql, within, tail):
        """within: the token that ends a statement; tail: what follows."""
        rule = self.script.find(sql)
        self.pause(rule)
        out = result(rule) if "columns" in rule else b""
        more = within == 0xFF  # a statement of a procedure: more follows
        if "error" in rule:
            out += error(rule["error"], rule) + done(within, 2 | more)
        elif "columns" in rule:
            out += done(within, 0x10 | more, len(rule.get("rows", [])))
        else:
            out += done(within, 0x10 | more, rule.get("count", 0))
        if within == 0xFF:
            out += tail
        self.reply(out, cut=1 if rule.get("half") else None)

    def batch(self, content):
        sql = content[struct.unpack("<I", content[:4])[0]:].decode("utf-16-le")
        self.script.note({"sql": sql, "params": []})
        self.answer(sql, 0xFD, b"")

    def call(self, content):
        reader = Reader(content, struct.unpack("<I", content[:4])[0])
        n = reader.number("<H")
        if n == 0xFFFF:
            name = PROCEDURES.get(reader.number("<H"), "?")
        else:
            name = reader.take(2 * n).decode("utf-16-le")
        reader.take(2)
        values = []
        while reader.more():
            values.append(reader.parameter())
        self.procedure(name, values)

    def procedure(self, name, values):
        returned = b""
        if name == "sp_unprepare":
            self.handles.pop(values[0][2], None)
            self.reply(done(0xFE, 0))
            return
        if name == "sp_execute":
            sql, values = self.handles.get(values[0][2], "?"), values[1:]
        elif name == "sp_executesql":
            sql, values = values[0][2], values[2:]
        elif name in ("sp_prepexec", "sp_prepare"):
            sql = values[2][2]
            handle, self.next_handle = self.next_handle, self.next_handle + 1
            self.handles[handle] = sql
            values = values[3:]
            returned = struct.pack("<BHBBIH", 0xAC, 0, 0, 1, 0, 0) + \
                bytes([0x26, 4, 4]) + struct.pack("<i", handle)
        else:
            sql = name
        tail = struct.pack("<Bi", 0x79, 0) + returned + done(0xFE, 0)
        if name == "sp_prepare":
            self.reply(tail)
            return
        self.script.note({"sql": sql, "params": [
            {"type": v[1], "value": v[2]} for v in values]})
        self.answer(sql, 0xFF, tail)

    def serve(self):
        while True:
            kind, content = self.message()
            if kind == PRELOGIN:
                if self.prelogin(content):
                    self.handshake()
            elif kind == LOGIN:
                self.login(content)
            elif kind == BATCH:
                self.batch(content)
            elif kind == RPC:
                self.call(content)
            elif kind == ATTENTION:
                self.reply(done(0xFD, 0x20))
            else:
                raise ValueError("a message of type 0x%02x" % kind)


class Stream:
    """What lies in TLS."""

    def __init__(self, sock, tls, into, out):
        self.sock, self.tls, self.into, self.out = sock, tls, into, out

    def read(self):
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                got = self.sock.recv(65536)
                if not got:
                    return b""
                self.into.write(got)
            except ssl.SSLError:
                return b""

    def write(self, data):
        self.tls.write(data)
        self.sock.sendall(self.out.read())


def listen(script, tls):
    server = socket.create_server(("127.0.0.1", 0))

    def one(sock):
        try:
            Connection(sock, script, tls).serve()
        except (Closed, OSError, ssl.SSLError):
            pass
        except ValueError as e:
            script.note({"refused": str(e)})
        finally:
            sock.close()

    def forever():
        while True:
            sock, _ = server.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=one, args=(sock,), daemon=True).start()

    threading.Thread(target=forever, daemon=True).start()
    return server.getsockname()[1]


def certificate(folder, name, authority):
    """A key and a certificate for localhost; its files."""
    key, cert = (os.path.join(folder, name + end) for end in (".key", ".pem"))
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
            cert, "-days", "2", "-subj", "/CN=" + name]
    if authority:
        make += ["-CA", authority[1], "-CAkey", authority[0], "-addext",
                 "basicConstraints=critical,CA:FALSE"]
    make += ["-addext", "subjectAltName=DNS:localhost"] \
        if name != "authority" else []
    subprocess.run(make, check=True, capture_output=True)
    return key, cert


def context(files):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # FreeTDS puts the handshake into packets only up to TLS 1.2.
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.load_cert_chain(files[1], files[0])
    return tls


def main():
    folder = tempfile.mkdtemp(prefix="vitae-tds-")
    try:
        rules, log = (os.path.join(folder, n) for n in ("rules", "log"))
        for path in (rules, log):
            open(path, "w").close()
        script = Script(rules, log)
        env = dict(os.environ, VITAE_TEST_TDS_RULES=rules,
                   VITAE_TEST_TDS_LOG=log,
                   VITAE_TEST_TDS="127.0.0.1,%d" % listen(script, None))
        if shutil.which("openssl"):
            authority = certificate(folder, "authority", None)
            good = certificate(folder, "localhost", authority)
            alone = certificate(folder, "alone", None)
            env.update(
                VITAE_TEST_TDS_CA=authority[1],
                VITAE_TEST_TDS_TLS="localhost,%d" % listen(script,
                                                          context(good)),
                VITAE_TEST_TDS_SELF="localhost,%d" % listen(script,
                                                           context(alone)))
        child = subprocess.Popen(sys.argv[1:], env=env)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: child.kill())
        sys.exit(child.wait() if child.returncode is None else
                 child.returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
