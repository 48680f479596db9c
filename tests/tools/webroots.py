#!/usr/bin/python3
"""webroots.py BASE PORT: a web server for tests. Each host has a directory of
its own, BASE/HOST, as a proxy's sites have."""
import functools
import http.server
import re
import socketserver
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def translate_path(self, path):
        host = self.headers.get("Host", "").split(":")[0].lower()
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host):
            host = "none"
        base = self.directory
        try:
            self.directory = base + "/" + host
            return super().translate_path(path)
        finally:
            self.directory = base

    def log_message(self, *args):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(
    ("127.0.0.1", int(sys.argv[2])),
    functools.partial(Handler, directory=sys.argv[1]),
).serve_forever()
