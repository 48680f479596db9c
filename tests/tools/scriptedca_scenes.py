"""The scenarios of scriptedca.py: each is a function that may answer a step
in its own way, or (None) leaves it to the plain CA."""
import email.utils
import json
import time

from scriptedca_parts import PEM, TOKEN, Reply, problem

SCENARIOS = {}


def scene(function):
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


def instead(name, step, make, times=1000000):
    """A scenario that answers one step with make(ca), the first `times`."""
    def hook(ca, at, i, request):
        return make(ca) if at == step and ca.count[at] <= times else None
    SCENARIOS[name] = hook


# --- nonces -----------------------------------------------------------------
@scene
def badnonce_once(ca, step, i, request):
    if step == "newOrder" and ca.count[step] == 1:
        ca.nonces = {"only-this-one"}
        return problem(400, "badNonce",
                       headers={"Replay-Nonce": "only-this-one"})


@scene
def badnonce_bare(ca, step, i, request):
    if step == "newOrder" and ca.count[step] == 1:
        reply = problem(400, "badNonce")
        reply.nonce = False
        return reply


@scene
def badnonce_half(ca, step, i, request):
    if request["purpose"] != "-" and ca.count[step] % 2 == 1:
        return problem(400, "badNonce")


instead("badnonce-storm", "newOrder", lambda ca: problem(400, "badNonce"))
instead("nonce-hostile", "newNonce",
        lambda ca: Reply(200, headers={"Replay-Nonce": "a b\x7f"}))
instead("nonce-busy", "newNonce", lambda ca: Reply(
    503, b"slow down", {"Retry-After": "1"}), times=1)

# --- refusals ---------------------------------------------------------------
instead("subproblems", "newOrder", lambda ca: problem(
    400, "rejectedIdentifier", "two of them", subproblems=[
        {"type": "urn:ietf:params:acme:error:caa", "detail": "first",
         "identifier": {"type": "dns", "value": "a.example"}},
        {"type": "urn:ietf:params:acme:error:dns", "detail": "second",
         "identifier": {"type": "dns", "value": "b.example"}}]))
instead("new-terms", "newOrder", lambda ca: problem(
    403, "userActionRequired", "the terms have changed",
    {"Link": f'<{ca.base}/terms/2>;rel="terms-of-service"'}))
instead("limit-long", "newOrder", lambda ca: problem(
    429, "rateLimited", "too many", {"Retry-After": "3600"}))
instead("limit-date", "newOrder", lambda ca: problem(
    429, "rateLimited", "too many",
    {"Retry-After": email.utils.formatdate(time.time() + 7200,
                                           usegmt=True)}))
instead("limit-short", "newOrder", lambda ca: problem(
    429, "rateLimited", "too many", {"Retry-After": "1"}), times=1)
instead("limit-forever", "newOrder", lambda ca: problem(
    429, "rateLimited", "too many", {"Retry-After": "0"}))
instead("paused", "newOrder", lambda ca: problem(
    429, "rateLimited", "a.example is paused: see https://ca.example/un"))
instead("internal", "newOrder", lambda ca: problem(
    500, "serverInternal", "oops"))
instead("html", "newOrder", lambda ca: Reply(
    502, b"<html>\n<h1>Bad Gateway</h1>\x1b[2J", {"Content-Type":
                                                  "text/html"}))
instead("redirect", "newOrder", lambda ca: Reply(
    307, headers={"Location": "/plain/newOrder"}))
instead("redirect-dir", "dir", lambda ca: Reply(
    301, headers={"Location": "/plain/dir"}))
instead("redirect-loop", "dir", lambda ca: Reply(
    302, headers={"Location": "/redirect-loop/dir"}))
instead("redirect-plain", "dir", lambda ca: Reply(
    301, headers={"Location": "http://127.0.0.1:1/dir"}))
instead("no-account", "newOrder", lambda ca: problem(
    400, "accountDoesNotExist", "who?"))

# --- what is no ACME --------------------------------------------------------
instead("dir-html", "dir", lambda ca: Reply(200, b"<html>hello"))
instead("dir-empty", "dir", lambda ca: Reply(200, {}))
instead("dir-plain-url", "dir", lambda ca: Reply(200, {
    "newNonce": "http://127.0.0.1/", "newAccount": "x", "newOrder": "y"}))
instead("order-list", "newOrder", lambda ca: Reply(
    201, [1], {"Location": ca.base + "/order/1"}))
instead("order-deep", "newOrder", lambda ca: Reply(
    201, b'{"a":' * 100000, {"Location": ca.base + "/order/1"}))
instead("order-bare", "newOrder", lambda ca: Reply(201, ca.order()))
instead("order-elsewhere", "newOrder", lambda ca: Reply(
    201, ca.order(), {"Location": "file:///etc/passwd"}))
instead("cut", "newOrder", lambda ca: Reply(
    201, ca.order(), {"Location": ca.base + "/order/1"}, cut=20))


# Each look breaks off at first; what makes something does not.
@scene
def cut_looks(ca, step, i, request):
    if step in ("authz", "order", "cert") and ca.count[step] == 1:
        return Reply(200, {"status": "pending"}, cut=5)


instead("cut-looks-forever", "dir", lambda ca: Reply(200, {}, cut=1))


@scene
def endless(ca, step, i, request):
    if step == "newOrder":
        reply = Reply(201)
        reply.endless = True
        return reply


instead("many-headers", "newOrder", lambda ca: Reply(
    201, ca.order(), {f"X-{n}": "x" for n in range(200)}))

# --- orders -----------------------------------------------------------------


@scene
def ready_at_once(ca, step, i, request):
    if step == "newOrder":
        ca.status = "ready"


@scene
def first_is_valid(ca, step, i, request):
    if step == "newOrder":
        ca.authz[0]["status"] = "valid"
    if step == "chall" and i == 0:
        return problem(400, "malformed", "that one is valid")


@scene
def backwards(ca, step, i, request):
    if step == "newOrder":
        reply = ca.say(step, i, request)
        order = ca.order()
        order["authorizations"].reverse()
        return Reply(201, order, reply.headers)


@scene
def other_name(ca, step, i, request):
    if step == "authz":
        return Reply(200, {**ca.authz[i], "identifier": {
            "type": "dns", "value": "evil.example"}})


@scene
def name_twice(ca, step, i, request):
    if step == "authz":
        return Reply(200, ca.authz[0])


@scene
def processing(ca, step, i, request):
    if step == "finalize":
        ca.final = "processing"
    if step == "order" and ca.status == "processing":
        ca.count["seen"] = ca.count.get("seen", 0) + 1
        if ca.count["seen"] > 2:
            ca.status = "valid"


@scene
def processing_long(ca, step, i, request):
    if step == "finalize":
        ca.status = "processing"
        return Reply(200, ca.order(), {"Retry-After": "86400"})


@scene
def processing_forever(ca, step, i, request):
    if step == "finalize":
        ca.final = "processing"


instead("not-ready-once", "finalize", lambda ca: problem(
    403, "orderNotReady", "soon"), times=1)
instead("not-ready", "finalize", lambda ca: problem(
    403, "orderNotReady", "never"))


@scene
def invalid_at_last(ca, step, i, request):
    if step == "finalize":
        ca.status = "invalid"
        return Reply(200, {**ca.order(), "error": {
            "type": "urn:ietf:params:acme:error:caa",
            "detail": "CAA forbids it"}})


@scene
def no_certificate(ca, step, i, request):
    if step == "finalize":
        ca.status = "valid"
        order = ca.order()
        del order["certificate"]
        return Reply(200, order)


@scene
def valid_before(ca, step, i, request):
    ca.status = "valid"


@scene
def forgotten(ca, step, i, request):
    if step == "order" and i == 9:
        return problem(404, "malformed", "no such order")


@scene
def late(ca, step, i, request):
    """Its time is over, and the CA has not seen to it."""
    if step == "order" and i == 9:
        return Reply(200, {**ca.order(), "status": "processing",
                           "expires": "2020-01-01T00:00:00Z"})


@scene
def late_but_valid(ca, step, i, request):
    ca.status = "valid"
    if step == "order" and i == 9:
        return Reply(200, {**ca.order(), "expires": "2020-01-01T00:00:00Z"})


@scene
def expired_before(ca, step, i, request):
    if step == "order" and i == 9:
        return Reply(200, {**ca.order(), "status": "invalid"})


# --- challenges -------------------------------------------------------------
@scene
def conflict(ca, step, i, request):
    if step == "chall":
        ca.validate(i)
        return problem(409, "conflict", "at it already")


@scene
def unknown_challenges(ca, step, i, request):
    if step == "authz":
        return Reply(200, {**ca.authz[i], "challenges": [
            {"type": "dns-persist-01", "issuer-domain-names": ["x"]},
            {"type": "x-01", "url": 7, "token": None, "status": []},
            *ca.authz[i]["challenges"]]})


@scene
def only_dns(ca, step, i, request):
    if step == "authz":
        return Reply(200, {**ca.authz[i], "challenges": [
            c for c in ca.authz[i]["challenges"] if c["type"] == "dns-01"]})


def with_token(token):
    def hook(ca, step, i, request):
        if step != "authz":
            return None
        one = json.loads(json.dumps(ca.authz[i]))
        for challenge in one["challenges"]:
            challenge["token"] = token
        return Reply(200, one)
    return hook


SCENARIOS["token-path"] = with_token("../../../../etc/cron.d/certhaul-x")
SCENARIOS["token-short"] = with_token("abc")
SCENARIOS["token-line"] = with_token(TOKEN + "\n")
SCENARIOS["token-none"] = with_token("")


@scene
def both_fail(ca, step, i, request):
    """The second fails later than the first, and must be waited for."""
    if step == "chall":
        ca.count.setdefault("since", time.time())
        return Reply(200, ca.authz[i]["challenges"][-1])
    if step == "order" and "since" in ca.count:
        ca.status = "invalid"
    if step == "authz" and "since" in ca.count:
        if i == 0 or time.time() > ca.count["since"] + 0.5:
            return Reply(200, {**ca.authz[i], "status": "invalid",
                               "challenges": [{
                                   **ca.authz[i]["challenges"][-1],
                                   "status": "invalid", "error": {
                                       "type": "urn:ietf:params:acme:error:"
                                               "unauthorized",
                                       "detail": f"wrong answer {i}"}}]})


@scene
def slow_order(ca, step, i, request):
    """An authorization fails, but the order stays pending."""
    if step == "chall":
        ca.authz[i]["status"] = "invalid"
        return Reply(200, ca.authz[i]["challenges"][-1])


# --- chains -----------------------------------------------------------------
@scene
def alternates(ca, step, i, request):
    if step == "cert" and i == 0:
        return Reply(200, PEM % b"0", {"Link": [
            '<../dir>;rel="index"',
            f'<../cert/1>;rel="alternate", <{ca.base}/cert/2>; '
            'title="a, b"; rel="x alternate"',
            '<http://plain.example/>;rel=alternate']})


instead("key-inside", "cert", lambda ca: Reply(
    200, PEM % b"0" + b"-----BEGIN PRIVATE KEY-----\nMC4=\n"
    b"-----END PRIVATE KEY-----\n"))
instead("chain-large", "cert", lambda ca: Reply(
    200, PEM % (b"A" * 300000)))


# --- accounts, profiles -----------------------------------------------------
@scene
def terms(ca, step, i, request):
    if step == "dir":
        ca.meta = {"termsOfService": "https://ca.example/terms"}
    if request["purpose"] == "find":
        return problem(400, "accountDoesNotExist", "none")


@scene
def eab(ca, step, i, request):
    if step == "dir":
        ca.meta = {"externalAccountRequired": True}
    if request["purpose"] == "find":
        return problem(400, "accountDoesNotExist", "none")


instead("account-bare", "newAccount", lambda ca: Reply(
    201, {"status": "valid"}))


@scene
def profiles(ca, step, i, request):
    if step == "dir":
        ca.meta = {"profiles": {"classic": "c", "short": "s", "x" * 99: ""}}


@scene
def profile_refused(ca, step, i, request):
    if step == "dir":
        ca.meta = {"profiles": {"short": "s"}}
    if request["purpose"] == "new-order":
        return problem(400, "invalidProfile", "not for you")


instead("revoked-before", "revokeCert", lambda ca: problem(
    400, "alreadyRevoked", "it is"))
