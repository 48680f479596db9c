"""What a scripted CA says: a reply, and a problem document."""
import json

ERROR = "urn:ietf:params:acme:error:"
PEM = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
TOKEN = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"


class Reply:
    """What goes back; `cut` bytes of the body only, where it is given."""

    def __init__(self, status, body=b"", headers=None, cut=None):
        self.status = status
        self.body = body if isinstance(body, bytes) else (
            json.dumps(body).encode())
        self.headers = headers or {}
        self.cut = cut
        self.nonce = True
        self.endless = False


def problem(status, kind, detail="no", headers=None, **more):
    return Reply(status, {"type": ERROR + kind, "detail": detail, **more},
                 {"Content-Type": "application/problem+json",
                  **(headers or {})})
