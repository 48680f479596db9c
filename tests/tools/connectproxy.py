#!/usr/bin/python3
"""An HTTP proxy that knows CONNECT alone, on loopback.

    connectproxy.py PORT

Prints a line for each CONNECT, "CONNECT HOST:PORT", once it is answered.
"""
import selectors
import socket
import socketserver
import sys

CHUNK = 65536


def tunnel(one, two):
    """Carries bytes both ways until a side is done."""
    selector = selectors.DefaultSelector()
    selector.register(one, selectors.EVENT_READ, two)
    selector.register(two, selectors.EVENT_READ, one)
    while True:
        for key, _ in selector.select():
            data = key.fileobj.recv(CHUNK)
            if not data:
                return
            key.data.sendall(data)


class Handler(socketserver.StreamRequestHandler):
    rbufsize = 0

    def handle(self):
        method, target, _ = self.rfile.readline().decode().split(" ", 2)
        while self.rfile.readline().strip():
            pass
        if method != "CONNECT":
            self.wfile.write(b"HTTP/1.1 405 CONNECT only\r\n\r\n")
            return
        host, port = target.rsplit(":", 1)
        with socket.create_connection((host, int(port))) as other:
            print("CONNECT", target, flush=True)
            self.wfile.write(b"HTTP/1.1 200 connected\r\n\r\n")
            tunnel(self.connection, other)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(("127.0.0.1", int(sys.argv[1])), Handler) as server:
    print("ready", flush=True)
    server.serve_forever()
