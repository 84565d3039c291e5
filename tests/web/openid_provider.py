"""A small OpenID provider: discovery, authorisation, tokens by code with PKCE, and its keys."""

import json
from base64 import b64decode, urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "waymark", "a secret of forty characters for tests.."
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


class Provider:
    """What the provider says, which tests change. claims: over those of an ID token.

    about: over its description; signing: a key, or None for a token that nobody signed. asked:
    paths that were asked for.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.claims, self.about, self.signing = {}, {}, KEY
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.now = 0

    def description(self) -> dict:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.about

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes after the person has signed in here."""
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        sent = {"code": code, "state": query["state"]}
        return f"{query['redirect_uri']}?{urlencode(sent)}"

    def token(self, form: dict[str, str], authorization: str) -> dict | None:
        """The answer for a code; None if it, the client or its verifier is wrong."""
        asked = self.codes.pop(form["code"], None)
        pair = b64decode(authorization.removeprefix("Basic ")).decode()
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        if (
            asked is None
            or pair != f"{CLIENT}:{urlencode({'': SECRET})[1:]}"
            or asked["code_challenge"] != challenge.decode().rstrip("=")
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return None
        claims = {"iss": self.issuer, "sub": "subject-1", "aud": CLIENT, "nonce": asked["nonce"]}
        claims |= {"iat": self.now, "exp": self.now + 300, "auth_time": self.now}
        claims |= self.claims
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.signed(claims)}

    def signed(self, claims: dict) -> str:
        if self.signing is not None:
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing)
        parts = ({"alg": "none"}, claims)
        coded = (urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
        return ".".join(part.rstrip("=") for part in coded) + "."


@contextmanager
def running_provider():
    """A provider that answers on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif parts.path == "/keys":
                self.answer({"keys": [KEY.as_dict(private=False)]})
            elif parts.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/keys")
                self.end_headers()
            else:
                self.answer(provider.description())

        def do_POST(self):
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            token = provider.token(form, self.headers["Authorization"])
            self.answer(token or {"error": "invalid_grant"}, 200 if token else 400)

        def answer(self, content, status=200):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = Provider(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()


def visit(address: str) -> str:
    """Open the page of the provider, as a browser that is signed in there; where it leads."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    location = connection.getresponse().getheader("Location")
    connection.close()
    return location
