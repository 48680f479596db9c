#!/usr/bin/python3
"""A CA that does not do as it should, sometimes: Pebble behind it does.

    moodyca.py PORT PEBBLE DIRECTORY MOOD ASKED

It listens on PORT of 127.0.0.1 with tls.pem and tls.key of DIRECTORY, hands
every request on to PEBBLE (a URL; trusted by ca.pem of DIRECTORY), and changes
the reply as the word in the file MOOD says. ASKED gets a line for each request:
method, path, status, user agent.

In every mood but `mindful` each order is proved anew. Pebble cannot be told so:
at PEBBLE_AUTHZREUSE=0 it still takes one earlier authorization in a hundred,
and what a test counts is another number then. Such an order is let fall, by a
badNonce that makes the client ask again.
"""
import datetime
import http.client
import http.server
import json
import ssl
import sys
import threading

DIRECTORY = sys.argv[3]
STATE = {}
MOODS = {}
# Not Python's default, which from 3.13 on wants more of a certificate.
TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TRUST.load_verify_locations(DIRECTORY + "/ca.pem")
PROVED = set()
PROVED_LOCK = threading.Lock()


def mood(function):
    MOODS[function.__name__] = function
    return function


def refusal(detail):
    return 500, "application/problem+json", json.dumps({
        "type": "urn:ietf:params:acme:error:serverInternal",
        "detail": detail}).encode()


@mood
def stuck(path, reply):
    """The first order that is finalized is never done."""
    if "/finalize-order/" in path and reply[0] == 200:
        STATE.setdefault("stuck", path.rsplit("/", 1)[1])
    if path.rsplit("/", 1)[1] != STATE.get("stuck") or reply[0] != 200:
        return reply
    order = {**json.loads(reply[2]), "status": "processing"}
    order.pop("certificate", None)
    return 200, reply[1], json.dumps(order).encode()


@mood
def stuck_for_ever(path, reply):
    """... and expires before it is."""
    reply = stuck(path, reply)
    if path.rsplit("/", 1)[1] != STATE.get("stuck") or reply[0] != 200:
        return reply
    order = {**json.loads(reply[2]), "expires": "2001-01-01T00:00:00Z"}
    return 200, reply[1], json.dumps(order).encode()


@mood
def stuck_endless(path, reply):
    """... and never does."""
    reply = stuck(path, reply)
    if path.rsplit("/", 1)[1] != STATE.get("stuck") or reply[0] != 200:
        return reply
    order = json.loads(reply[2])
    order.pop("expires", None)
    return 200, reply[1], json.dumps(order).encode()


@mood
def no_certificate(path, reply):
    return refusal("none today") if "/certZ/" in path else reply


@mood
def lost(path, reply):
    """As Pebble has a certificate that was revoked."""
    return (404, None, b"") if "/certZ/" in path else reply


@mood
def one_lost(path, reply):
    """Only the first certificate that is fetched."""
    if "/certZ/" not in path or STATE.setdefault("lost", path) != path:
        return reply
    return lost(path, reply)


@mood
def order_fault(path, reply):
    return refusal("none today") if "/my-order/" in path else reply


@mood
def second_unseen(path, reply):
    """The first order alone can be looked at."""
    if path == "/order-plz" and reply[0] == 201:
        STATE["seen"] = "seen" not in STATE
    return reply if STATE.get("seen") else order_fault(path, reply)


@mood
def cut(path, reply):
    """What was asked for is done, but the answer is lost."""
    return None if "/my-order/" in path else reply


@mood
def revoke_refused(path, reply):
    """So it says, whatever Pebble has done."""
    if path != "/revoke-cert":
        return reply
    return 403, "application/problem+json", json.dumps({
        "type": "urn:ietf:params:acme:error:unauthorized",
        "detail": "not today"}).encode()


@mood
def revoked_unsaid(path, reply):
    """It is revoked, the answer is lost, and later ones do not tell."""
    if path != "/revoke-cert" or reply[0] != 200:
        return revoke_refused(path, reply)
    return None


@mood
def revoked_fault(path, reply):
    """It is revoked, and the CA says that it has failed."""
    if path != "/revoke-cert" or reply[0] != 200:
        return reply
    return refusal("it timed out")


@mood
def revoked_busy(path, reply):
    """... or that it is busy, and to be asked again; who does is refused."""
    if path != "/revoke-cert" or reply[0] != 200:
        return revoke_refused(path, reply)
    return 503, "text/plain", b"later"


@mood
def picky(path, reply):
    """An order is refused for one of its names, and the next for another."""
    if path != "/order-plz" or reply[0] != 201:
        return reply
    name = sorted(json.loads(reply[2])["identifiers"],
                  key=lambda one: one["value"])[0]
    kind = "urn:ietf:params:acme:error:rejectedIdentifier"
    return 400, "application/problem+json", json.dumps({
        "type": kind, "detail": "not this one", "subproblems": [
            {"type": kind, "detail": "not this one", "identifier": name}],
    }).encode()


@mood
def late(path, reply):
    """An order is to be finalized at another host, until that was asked:
    Pebble has no account of such a name."""
    if path == "/order-plz":
        STATE.pop("late", None)
    if "/finalize-order/" in path and reply[0] == 400:
        STATE["late"] = True
        return 403, "application/problem+json", json.dumps({
            "type": "urn:ietf:params:acme:error:orderNotReady"}).encode()
    if "late" in STATE or b'"finalize"' not in reply[2]:
        return reply
    order = json.loads(reply[2])
    order["finalize"] = order["finalize"].replace("//ca.lab:", "//late.lab:")
    return reply[0], reply[1], json.dumps(order).encode()


@mood
def late_once(path, reply):
    """Whoever reads an authorization first is led elsewhere to prove it."""
    if "/authZ/" not in path or path in STATE:
        return reply
    STATE[path] = True
    return reply[0], reply[1], reply[2].replace(b"//ca.lab:", b"//late.lab:")


@mood
def forgotten(path, reply):
    if "/my-order/" not in path:
        return reply
    return 404, "application/problem+json", json.dumps({
        "type": "urn:ietf:params:acme:error:malformed",
        "detail": "no such order"}).encode()


@mood
def one_forgotten(path, reply):
    """Only the first order that is looked at."""
    if "/my-order/" not in path or STATE.setdefault("forgotten", path) != path:
        return reply
    return forgotten(path, reply)


# --- chains that are none ---------------------------------------------------

def forged(reply, since_days, until_days):
    """The leaf again, with the same key and names, by nobody."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    end = b"-----END CERTIFICATE-----\n"
    if reply[0] != 200:
        return reply
    leaf, rest = reply[2].split(end, 1)
    leaf = x509.load_pem_x509_certificate(leaf + end)
    day, now = datetime.timedelta(days=1), datetime.datetime.utcnow()
    names = leaf.extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value
    made = (x509.CertificateBuilder()
            .subject_name(leaf.subject).issuer_name(leaf.issuer)
            .public_key(leaf.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + since_days * day)
            .not_valid_after(now + until_days * day)
            .add_extension(names, False)
            .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()))
    pem = made.public_bytes(serialization.Encoding.PEM)
    return reply[0], reply[1], pem + rest.lstrip()


@mood
def expired(path, reply):
    return forged(reply, -90, -1) if "/certZ/" in path else reply


@mood
def to_come(path, reply):
    return forged(reply, 2, 90) if "/certZ/" in path else reply


@mood
def upside_down(path, reply):
    """The leaf, and the others from the topmost one down."""
    end = b"-----END CERTIFICATE-----\n"
    if "/certZ/" not in path or reply[0] != 200:
        return reply
    leaf, *rest = [c.lstrip() + end for c in reply[2].split(end)[:-1]]
    return 200, reply[1], leaf + b"".join(reversed(rest))


@mood
def one_by_nobody(path, reply):
    """Only the first certificate that is fetched."""
    if "/certZ/" not in path or STATE.setdefault("forged", path) != path:
        return reply
    return by_nobody(path, reply)


@mood
def by_nobody(path, reply):
    return forged(reply, -1, 90) if "/certZ/" in path else reply


def issuer():
    """A CA of our own: its key and its certificate, always the same."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    if "issuer" not in STATE:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name.from_rfc4514_string("CN=coarse")
        now = datetime.datetime.utcnow()
        STATE["issuer"] = key, (
            x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=9))
            .not_valid_after(now + datetime.timedelta(days=900))
            .add_extension(x509.BasicConstraints(True, None), True)
            .sign(key, hashes.SHA256()))
    return STATE["issuer"]


@mood
def coarse(path, reply):
    """Each certificate is valid since a midnight, all since the same."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    if "/certZ/" not in path or reply[0] != 200:
        return reply
    key, root = issuer()
    leaf = x509.load_pem_x509_certificate(reply[2])
    since = root.not_valid_before.replace(hour=0, minute=0, second=0)
    names = leaf.extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value
    made = (x509.CertificateBuilder().subject_name(leaf.subject)
            .issuer_name(root.subject).public_key(leaf.public_key())
            .serial_number(leaf.serial_number)
            .not_valid_before(since + datetime.timedelta(days=7))
            .not_valid_after(since + datetime.timedelta(days=99))
            .add_extension(names, False).sign(key, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    return 200, reply[1], made.public_bytes(pem) + root.public_bytes(pem)


def proved_anew(path, reply):
    """The order, unless an authorization of it is an earlier order's."""
    if path != "/order-plz" or reply[0] != 201:
        return reply
    asked = set(json.loads(reply[2])["authorizations"])
    with PROVED_LOCK:
        taken = PROVED & asked
        PROVED.update(asked)
    if not taken:
        return reply
    return 400, "application/problem+json", json.dumps({
        "type": "urn:ietf:params:acme:error:badNonce",
        "detail": "an earlier authorization, ask again"}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pebble = None

    def setup(self):
        self.request.do_handshake()
        super().setup()

    def finish(self):
        super().finish()
        if self.pebble is not None:
            self.pebble.close()

    def log_message(self, *args):
        pass

    def hand_on(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        if self.pebble is None:
            self.pebble = http.client.HTTPSConnection(
                sys.argv[2].removeprefix("https://"), context=TRUST,
                timeout=30)
        # Its own Host: Pebble makes the URLs of all from it.
        self.pebble.putrequest(self.command, self.path, skip_host=True,
                               skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                self.pebble.putheader(name, value)
        self.pebble.endheaders(body)
        return self.pebble.getresponse()

    def lead_on(self):
        """The directory is at another host."""
        port = self.server.server_address[1]
        self.send_response(302)
        self.send_header("Location", f"https://localhost:{port}/dir")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def ask(self):
        if self.path == "/moved":
            self.lead_on()
            return
        answer = self.hand_on()
        reply = (answer.status, answer.headers["Content-Type"], answer.read())
        with open(sys.argv[4], encoding="ascii") as file:
            word = file.read().strip()
        change = MOODS.get(word)
        if word != "mindful":
            reply = proved_anew(self.path, reply)
        if change is not None:
            reply = change(self.path, reply)
        if reply is None:
            reply = 0, None, b""
        with open(sys.argv[5], "a", encoding="ascii") as file:
            agent = self.headers["User-Agent"]
            file.write(f"{self.command} {self.path} {reply[0]} {agent}\n")
        if reply[0] == 0:
            self.close_connection = True
            return
        self.send_response(reply[0])
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection",
                                    "content-type", "transfer-encoding"):
                self.send_header(name, value)
        if reply[1] is not None:
            self.send_header("Content-Type", reply[1])
        if reply[0] == 503:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(reply[2])))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply[2])

    do_GET = do_HEAD = do_POST = ask


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])),
                                         Handler)
server.daemon_threads = True
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(DIRECTORY + "/tls.pem", DIRECTORY + "/tls.key")
# Hands are shaken by the client's own thread: one that is slow holds up itself.
server.socket = tls.wrap_socket(server.socket, server_side=True,
                                do_handshake_on_connect=False)
server.serve_forever()
