#!/usr/bin/python3
"""A CA that speaks http without TLS, as some for tests do.

    plainca.py PORT

http://127.0.0.1:PORT/dir is its directory. It has accounts, whoever asks for
one, and nothing else; it looks at no signature.
"""
import http.server
import json
import sys

PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"
DIRECTORY = {name: f"{BASE}/{name}" for name in (
    "newNonce", "newAccount", "newOrder", "revokeCert", "keyChange")}
ACCOUNT = {"status": "valid", "contact": ["mailto:lab@a.example"]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    nonces = 0

    def log_message(self, *args):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, reply = {
            "/dir": (200, DIRECTORY), "/newNonce": (200, {}),
            "/newAccount": (201, ACCOUNT), "/account": (200, ACCOUNT),
        }.get(self.path, (404, {}))
        body = json.dumps(reply).encode()
        Handler.nonces += 1
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Replay-Nonce", f"nonce{Handler.nonces}")
        if self.path == "/newAccount":
            self.send_header("Location", BASE + "/account")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_POST = answer


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
server.daemon_threads = True
server.serve_forever()
