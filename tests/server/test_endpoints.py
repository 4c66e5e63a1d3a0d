#!/usr/bin/env python3
"""Batches for completions, embeddings and responses, from line to answer."""
import http.server
import json
import os
import re
import threading

from serve import CHAT, Serve, done, eq, ok


def chat(body):
    return {"object": "chat.completion", "choices": [{
        "index": 0, "finish_reason": "stop", "message": {
            "role": "assistant", "content": "chat"}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3,
                  "total_tokens": 10}}


def completion(body):
    return {"object": "text_completion", "choices": [{
        "index": 0, "text": body["prompt"].upper(), "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2,
                  "total_tokens": 7}}


def embedding(body):
    texts = body["input"] if isinstance(body["input"], list) else \
        [body["input"]]
    return {"object": "list", "data": [
        {"object": "embedding", "index": i, "embedding": [len(t), 0.5]}
        for i, t in enumerate(texts)],
        "usage": {"prompt_tokens": 4, "total_tokens": 4}}


def response(body):
    return {"object": "response", "status": "completed", "output": [{
        "type": "message", "role": "assistant", "content": [{
            "type": "output_text", "text": body["input"] + "!"}]}],
        "usage": {"input_tokens": 6, "input_tokens_details": {
            "cached_tokens": 3}, "output_tokens": 2,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 8}}


KINDS = {
    CHAT: (chat, {"messages": [{"role": "user", "content": "x"}]},
           lambda b: b["choices"][0]["message"]["content"], "chat", (7, 0, 3)),
    "/v1/completions": (completion, {"prompt": "abc"},
                        lambda b: b["choices"][0]["text"], "ABC", (5, 0, 2)),
    "/v1/embeddings": (embedding, {"input": ["four", "a"]},
                       lambda b: [d["embedding"][0] for d in b["data"]],
                       [4, 1], (4, 0, 0)),
    "/v1/responses": (response, {"input": "hello"},
                      lambda b: b["output"][0]["content"][0]["text"],
                      "hello!", (6, 3, 2)),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200 if self.path == "/v1/models" else 404,
                   {"object": "list", "data": [{"id": "e"}]})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.reply(200, KINDS[self.path][0](body))

    def log_message(self, *_):
        pass


def request(i, url, body, **more):
    return json.dumps({"custom_id": "r%d" % i, "method": "POST", "url": url,
                       "body": dict(body, model="e", **more)}) + "\n"


def the_readme_has_each_route():
    top = os.environ["srcdir"]
    with open(os.path.join(top, "src/server/api.c")) as f:
        routes = re.findall(r'\{ "([A-Z]+)",\s*"([^"]+)"', f.read())
    with open(os.path.join(top, "README")) as f:
        text = f.read()
    eq([r for r in routes if r[1] not in text or r[0] not in text], [],
       "each of %d routes is in README" % len(routes))
    ok(len(routes) > 15, "which are found")


def main():
    the_readme_has_each_route()
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    with Serve("http://127.0.0.1:%d/v1" % upstream.server_address[1], "--set",
               "runner.concurrency=2") as s:
        for url, (_, body, read, want, tokens) in KINDS.items():
            b = s.wait(s.batch("".join(request(i, url, body)
                                       for i in range(3)), endpoint=url))
            eq((b["status"], b["endpoint"], b["request_counts"]["completed"]),
               ("completed", url, 3), url)
            got = [json.loads(x) for x in
                   s.content(b["output_file_id"]).splitlines()]
            eq([read(x["response"]["body"]) for x in got], [want] * 3,
               url + ": the answers are its own")
            u = b["usage"]
            eq((u["input_tokens"],
                u["input_tokens_details"]["cached_tokens"],
                u["output_tokens"]), tuple(3 * t for t in tokens),
               url + ": tokens are added up")
        b = s.wait(s.batch(request(1, "/v1/embeddings", {"input": "x"}),
                           endpoint="/v1/responses"))
        eq((b["status"], b["errors"]["data"][0]["code"]),
           ("failed", "url_mismatch"), "a line for another endpoint")
        status, answer, _ = s.create(
            s.upload(request(1, CHAT, {}))[1]["id"], endpoint="/v1/images")
        eq((status, answer["error"]["param"]), (400, "endpoint"),
           "an endpoint that is none")
    upstream.shutdown()
    done()


main()
