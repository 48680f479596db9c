#!/usr/bin/env python3
"""A CA of words only: what an ACME server may say, and what it must not.

    scriptedca.py CERTIFICATE KEY LOG

It listens on a free port of 127.0.0.1 (told on stdout), speaks TLS, and acts
out the scenario that is the first part of the path: the directory of `plain`
is https://127.0.0.1:PORT/plain/dir. To fetch a directory starts its scenario
anew. LOG gets a line for each request: scenario, method, step, purpose.

The client's signatures come from a broker of words as well: {"purpose",
"nonce", "url"}. Nonce and URL are checked as a CA does.
"""
import http.server
import json
import secrets
import ssl
import sys
import threading
import urllib.request

from scriptedca_parts import PEM, TOKEN, Reply, problem
from scriptedca_scenes import SCENARIOS

class CA:
    """One scenario's state, and what it says where its hook does not."""

    def __init__(self, base, query):
        self.base = base
        self.nonces = set()
        self.count = {}
        self.names = query.get("names", "a.example").split(",")
        self.port = int(query.get("port", "0"))
        self.status = "pending"
        self.authz = [
            {"status": "pending",
             "identifier": {"type": "dns", "value": n.removeprefix("*.")},
             **({"wildcard": True} if n.startswith("*.") else {}),
             "challenges": [
                 {"type": kind, "status": "pending", "token": TOKEN + str(i),
                  "url": f"{base}/chall/{i}"}
                 for kind in ("tls-alpn-01", "http-01", "dns-01")
                 if not (n.startswith("*.") and kind != "dns-01")]}
            for i, n in enumerate(self.names)]
        self.meta = {}
        self.final = "valid"

    def order(self):
        return {"status": self.status, "finalize": self.base + "/finalize/1",
                "authorizations": [f"{self.base}/authz/{i}"
                                   for i in range(len(self.authz))],
                **({"certificate": self.base + "/cert/0"}
                   if self.status == "valid" else {})}

    def validate(self, i):
        """As http-01 has it, where a responder's port is known."""
        one = self.authz[i]
        if self.port:
            token = TOKEN + str(i)
            url = (f"http://127.0.0.1:{self.port}"
                   f"/.well-known/acme-challenge/{token}")
            with urllib.request.urlopen(url, timeout=10) as answer:
                if answer.read() != (token + ".thumb").encode():
                    return
        one["status"] = "valid"
        if all(a["status"] == "valid" for a in self.authz):
            self.status = "ready"

    def say(self, step, i, request):
        """The plain answer to a step."""
        if step == "dir":
            return Reply(200, {
                **{name: f"{self.base}/{name}" for name in (
                    "newNonce", "newAccount", "newOrder", "revokeCert",
                    "keyChange")},
                "meta": self.meta, "unknown": [[{"a": None}]]})
        if step == "newNonce":
            return Reply(200)
        if step in ("newAccount", "acct"):
            return Reply(201, {"status": "valid",
                               "contact": ["mailto:a@a.example"]},
                         {"Location": self.base + "/acct/1"})
        if step == "newOrder":
            return Reply(201, self.order(),
                         {"Location": self.base + "/order/1"})
        if step == "order":
            return Reply(200, self.order())
        if step == "authz":
            return Reply(200, self.authz[i])
        if step == "chall":
            threading.Thread(target=self.validate, args=(i,)).start()
            return Reply(200, self.authz[i]["challenges"][-1])
        if step == "finalize":
            self.status = self.final
            return Reply(200, self.order())
        if step == "cert":
            return Reply(200, PEM % (b"%d" % i), {
                "Content-Type": "application/pem-certificate-chain"})
        if step == "revokeCert":
            return Reply(200)
        return problem(404, "malformed", f"no such step: {step}")

    def check(self, request):
        """RFC 8555, 6.2 to 6.5; None where all is well."""
        if request["url"] != request["to"]:
            return problem(401, "unauthorized", "the url is another")
        if request["nonce"] not in self.nonces:
            return problem(400, "badNonce")
        self.nonces.remove(request["nonce"])
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    states = {}

    def log_message(self, *args):
        pass

    def ask(self):
        path, _, query = self.path.partition("?")
        name, step, *rest = path.strip("/").split("/")
        base = f"https://127.0.0.1:{PORT}/{name}"
        if step == "dir":
            parts = dict(p.split("=") for p in query.split("&") if p)
            self.states[name] = CA(base, parts)
        ca = self.states[name]
        request = {"purpose": "-"}
        if self.command == "POST":
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = json.loads(body)
            request["to"] = f"https://127.0.0.1:{PORT}{self.path}"
        LOG.write(f"{name} {self.command} {step} {request['purpose']}\n")
        LOG.flush()
        ca.count[step] = ca.count.get(step, 0) + 1
        reply = ca.check(request) if self.command == "POST" else None
        if reply is None:
            hook = SCENARIOS.get(name)
            index = int(rest[0]) if rest else 0
            reply = hook(ca, step, index, request) if hook else None
            if reply is None:
                reply = ca.say(step, index, request)
        assert self.headers["User-Agent"]
        return ca, reply

    def answer(self):
        ca, reply = self.ask()
        self.send_response(reply.status)
        if reply.nonce and "Replay-Nonce" not in reply.headers:
            nonce = secrets.token_urlsafe(16)
            ca.nonces.add(nonce)
            self.send_header("Replay-Nonce", nonce)
        for name, value in reply.headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        if not reply.endless:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(reply.body[:reply.cut])
        while reply.endless:
            self.wfile.write(b"[" * 4096)
        if reply.cut is not None:
            self.close_connection = True

    def handle(self):
        try:
            super().handle()
        except (OSError, ssl.SSLError):
            pass  # a client that refuses us is what is tested

    do_GET = do_HEAD = do_POST = answer


def main():
    global LOG, PORT
    certificate, key, log = sys.argv[1:]
    LOG = open(log, "a", encoding="ascii")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    PORT = server.server_address[1]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False)
    server.daemon_threads = True
    print(PORT, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
