"""An email to many: written once, with places that differ between receivers (no Django).

Quoted-printable allows a line to be broken anywhere between two characters, so the parts between
the places are encoded once, and only what is filled in is encoded for each receiver.
"""

import binascii
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache
from hashlib import sha256
from html import escape


class MergedMail:
    """A mail of a plain text and an HTML part. places: texts in them that are replaced.

    headers: the same for all; bytes_for() adds those of one receiver.
    """

    def __init__(
        self, *, headers: Mapping[str, str], text: str, html: str, places: Sequence[str]
    ) -> None:
        self._places = tuple(places)
        mark = sha256(f"{text}{html}".encode()).hexdigest()[:32]
        self._boundary = f"=_{mark}"
        kind = f'multipart/alternative; boundary="{self._boundary}"'
        mime = f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
        self._headers = _header_lines(headers) + mime.encode()
        self._text = _segments(text, self._places)
        self._html = _segments(html, tuple(map(escape, self._places)))

    def bytes_for(self, *, headers: Mapping[str, str], values: Mapping[str, str]) -> bytes:
        """The mail of one receiver, with CRLF. values: place -> what stands there.

        Raises ValueError for a header that contains a line break.
        """
        line = f"--{self._boundary}".encode()
        plain = [_encoded(values[place]) for place in self._places]
        marked_up = [_encoded(escape(values[place])) for place in self._places]
        return b"\r\n".join(
            (
                self._headers + _own_lines(headers),
                line,
                _PLAIN,
                _filled(self._text, plain),
                line,
                _HTML,
                _filled(self._html, marked_up),
                line + b"--\r\n",
            )
        )


_PLAIN, _HTML = (
    f'Content-Type: text/{kind}; charset="utf-8"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n".encode()
    for kind in ("plain", "html")
)
_SOFT_BREAK = b"=\r\n"
_Segments = tuple[bytes | int, ...]


def _header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers, folded and encoded as the standard library does."""
    message = EmailMessage(policy=SMTP)
    for name, value in headers.items():
        message[name] = value
    return message.as_bytes().removesuffix(b"\r\n")


def _own_lines(headers: Mapping[str, str]) -> bytes:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header of an email cannot contain a line break")
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def _encoded(text: str) -> bytes:
    """Quoted-printable with CRLF; a dot at the start of a line is no command (RFC 2045, 6.7)."""
    lines = text.replace("\r\n", "\n").encode()
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")


@lru_cache(maxsize=32)
def _segments(text: str, places: tuple[str, ...]) -> _Segments:
    """Encoded text between the places, and the number of each place where it stands."""
    parts: list[str | int] = [text]
    for number, place in enumerate(places):
        parts = [piece for part in parts for piece in _split(part, place, number)]
    return tuple(part if isinstance(part, int) else _encoded(part) for part in parts if part != "")


def _split(part: str | int, place: str, number: int) -> list[str | int]:
    if isinstance(part, int):
        return [part]
    pieces: list[str | int] = []
    for piece in part.split(place):
        pieces += [number, piece]
    return pieces[1:]


def _filled(segments: _Segments, values: Sequence[bytes]) -> bytes:
    return _SOFT_BREAK.join(
        values[segment] if isinstance(segment, int) else segment for segment in segments
    )
