"""What the tests of vitae serve share: the server in a folder of its own.

The fake provider of tests/provider is the upstream; it counts what it was
asked by the body's "user" member.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.environ["srcdir"], "tests/integration"))
from harness import (PATIENCE, SHIM, VITAE, Fake, done, eq, ok,  # noqa: E402,F401
                     until)

FINAL = ("completed", "failed", "expired", "cancelled")
CHAT = "/v1/chat/completions"


def line(i, directive=None, custom_id=None, **more):
    """A request that the fake provider answers and counts."""
    name = custom_id if custom_id is not None else "unified_%d" % i
    r = {"custom_id": name, "method": "POST", "url": CHAT,
         "body": {"model": "m", "user": "unified_%d" % i, "messages": [
             {"role": "system", "content": "Be short."},
             {"role": "user", "content": "%d\n%s" % (
                 i, directive or '@@answer {"n":%d}' % i)}]}}
    r.update(more)
    return json.dumps(r)


def lines(count):
    return "".join(line(i) + "\n" for i in range(count))


class Serve:
    """vitae serve in a folder that outlives its processes."""

    def __init__(self, upstream, *args, key=None, start=True):
        self.folder = tempfile.mkdtemp(prefix="vitae-serve-")
        self.args = args
        self.upstream = upstream
        self.key = key
        self.process = None
        if start:
            self.start()

    def start(self, env=None):
        """url is "" when it didn't come up."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [VITAE, "serve", "--upstream", self.upstream, "--set",
             "serve.listen=127.0.0.1:0", "--set", "log.file=vitae.log",
             "--set", "runner.timeout=%d" % PATIENCE, *self.args],
            cwd=self.folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=dict(os.environ, **(env or {})))
        self.url = self.process.stdout.readline().strip()
        self.started_in = time.monotonic() - began
        if self.url:
            self.port = int(self.url.split(":")[2].split("/")[0])

    def end(self, how):
        """The exit status."""
        self.process.send_signal(how)
        status = self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        return status

    def kill(self):
        self.end(signal.SIGKILL)

    def stop(self):
        return self.end(signal.SIGTERM)

    def ask(self, method, path, body=None, headers=()):
        """Status, body (JSON where it is) and headers."""
        headers = dict(headers)
        if self.key:
            headers.setdefault("Authorization", "Bearer " + self.key)
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        request = urllib.request.Request(self.url[:-3] + path, body, headers,
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as r:
                status, data, head = r.status, r.read(), r.headers
        except urllib.error.HTTPError as e:
            status, data, head = e.code, e.read(), e.headers
        if "json" in head.get("Content-Type", "") and \
                "jsonl" not in head["Content-Type"]:
            data = json.loads(data)
        return status, data, head

    def form(self, content, filename="in.jsonl", purpose="batch"):
        b = "vitae-boundary"
        body = b""
        if purpose is not None:
            body += ("--%s\r\nContent-Disposition: form-data; "
                     "name=\"purpose\"\r\n\r\n%s\r\n" % (b, purpose)).encode()
        if content is not None:
            if isinstance(content, str):
                content = content.encode()
            body += ("--%s\r\nContent-Disposition: form-data; name=\"file\"; "
                     "filename=\"%s\"\r\nContent-Type: application/jsonl"
                     "\r\n\r\n" % (b, filename)).encode() + content + b"\r\n"
        return (body + ("--%s--\r\n" % b).encode(),
                "multipart/form-data; boundary=" + b)

    def upload(self, content, **more):
        body, kind = self.form(content, **more)
        return self.ask("POST", "/v1/files", body, {"Content-Type": kind})

    def create(self, file_id, **more):
        body = {"input_file_id": file_id, "endpoint": CHAT,
                "completion_window": "24h"}
        body.update(more)
        return self.ask("POST", "/v1/batches", body)

    def batch(self, content, **more):
        """Uploads and creates; the batch's id."""
        return self.create(self.upload(content)[1]["id"], **more)[1]["id"]

    def get(self, batch_id):
        return self.ask("GET", "/v1/batches/" + batch_id)[1]

    def wait(self, batch_id, want=lambda b: False, seconds=PATIENCE):
        """The batch once it is as wanted, or has ended."""
        got = [None]

        def there():
            got[0] = self.get(batch_id)
            return want(got[0]) or got[0]["status"] in FINAL

        until(there, seconds)
        return got[0]

    def edit(self, batch_id, **more):
        """Changes a record while the server is down."""
        path = os.path.join(self.folder, "serve/batches", batch_id + ".json")
        with open(path) as f:
            record = json.load(f)
        record.update(more)
        with open(path, "w") as f:
            json.dump(record, f)

    def content(self, file_id, headers=()):
        status, data, _ = self.ask("GET", "/v1/files/%s/content" % file_id,
                                   headers=headers)
        return data if status in (200, 206) else None

    def results(self, file_id):
        """custom_id of each line of a file, in its order."""
        return [json.loads(x)["custom_id"]
                for x in self.content(file_id).decode().splitlines()]

    def raw(self, data):
        """Plain bytes to the port; what comes back until it is closed."""
        out = b""
        with socket.create_connection(("127.0.0.1", self.port)) as s:
            s.settimeout(PATIENCE)
            s.sendall(data)
            try:
                while True:
                    more = s.recv(65536)
                    if not more:
                        break
                    out += more
            except (socket.timeout, ConnectionError):
                pass
        return out

    def files(self):
        """Names in the folder of files."""
        return sorted(os.listdir(os.path.join(self.folder, "serve/files")))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)
