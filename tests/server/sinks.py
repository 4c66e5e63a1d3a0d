"""An HTTP sink and an SMTP sink: each keeps what it was sent."""
import http.server
import socketserver
import threading


class Hook:
    """statuses: what the first calls are answered with, then 204."""

    def __init__(self, statuses=()):
        self.calls = []
        self.statuses = list(statuses)
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.calls.append((self.path, dict(self.headers), body))
                status = sink.statuses.pop(0) if sink.statuses else 204
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = "http://127.0.0.1:%d/hook" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Post:
    """An SMTP server; refuse: answers to the first mails, then 250."""

    def __init__(self, refuse=()):
        self.mails = []
        self.refuse = list(refuse)
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def data(self):
                out = b""
                for text in self.rfile:
                    if text == b".\r\n":
                        break
                    out += text[1:] if text.startswith(b".") else text
                return out

            def handle(self):
                sender, to = "", []
                self.say("220 sink ESMTP")
                for text in self.rfile:
                    text = text.decode().strip()
                    word = text.split(" ")[0].upper()
                    if word == "MAIL":
                        sender, to = text, []
                    elif word == "RCPT":
                        to.append(text)
                    elif word == "DATA":
                        self.say("354 go on")
                        mail = self.data()
                        if sink.refuse:
                            self.say(sink.refuse.pop(0))
                            continue
                        sink.mails.append((sender, to, mail.decode()))
                    elif word == "QUIT":
                        self.say("221 bye")
                        return
                    self.say("250 fine")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "smtp://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
