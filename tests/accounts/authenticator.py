"""An authenticator of passkeys made of the standard (WebAuthn level 2, 6.1 and 6.5), for tests."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from waymark.accounts.passkeys import PasskeyAnswer

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40
SITE = "https://waymark.example"


def coded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def cbor_bytes(content: bytes) -> bytes:
    """A byte string of CBOR with a length of two bytes (RFC 8949, 3.1)."""
    return b"\x59" + len(content).to_bytes(2, "big") + content


class Authenticator:
    """One key for one site. count: of its signatures; counts: False for one that stays at zero."""

    def __init__(self, mark: str = "first", *, counts: bool = True) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.key_id = sha256(mark.encode()).digest()
        self.count, self.counts = 0, counts

    def make(self, challenge, **how) -> PasskeyAnswer:
        """The answer to a question for a new passkey."""
        client = self._client_data("webauthn.create", challenge, **how)
        data = self._data(how, HAS_KEY) + bytes(16) + len(self.key_id).to_bytes(2, "big")
        data += self.key_id + self._public_key()
        # {"fmt": "none", "attStmt": {}, "authData": data}
        made = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData" + cbor_bytes(data)
        return self._answer(challenge, clientDataJSON=client, attestationObject=made)

    def use(self, challenge, **how) -> PasskeyAnswer:
        """The answer to a question for this passkey."""
        client = self._client_data("webauthn.get", challenge, **how)
        data = self._data(how)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(challenge, **parts)

    def _client_data(
        self, kind, challenge, *, origin=SITE, signs=None, crossed=False, **_
    ) -> bytes:
        content = {"type": kind, "challenge": signs or challenge["challenge"], "origin": origin}
        return json.dumps(content | {"crossOrigin": crossed}).encode()

    def _data(self, how, flags=0) -> bytes:
        if self.counts:
            self.count += 1
        flags |= how.get("flags", PRESENT | VERIFIED)
        site = sha256(how.get("site", "waymark.example").encode()).digest()
        return site + bytes([flags]) + self.count.to_bytes(4, "big")

    def _public_key(self) -> bytes:
        """{1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053, 7.1.1)."""
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y

    def _answer(self, challenge, **parts) -> PasskeyAnswer:
        sent = {
            "id": coded(self.key_id),
            "rawId": coded(self.key_id),
            "type": "public-key",
            "response": {name: coded(content) for name, content in parts.items()},
            "clientExtensionResults": {},
        }
        return PasskeyAnswer(json.dumps(sent), challenge)
