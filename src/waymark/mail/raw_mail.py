"""Read a raw email that anybody may have written: limits first, then the parser (no Django).

The parser of the standard library is lenient, but it recurses into attached emails and takes any
size. What is beyond the limits is refused before it sees it.
"""

import codecs
import re
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr

from waymark.core.errors import FileRefused

MAX_BYTES = 10_000_000
"""Bounces quote the email that they return; ours are below 100 KB."""
MAX_PARTS = 100
MAX_TEXT = 100_000
"""Characters of a text part that are read."""
MOST_COMMENTS = 50
"""Brackets in a header of addresses: the parser calls itself for each one inside another."""
MOST_PARAMETERS = 10_000
"""Bytes of a Content-Type or Content-Disposition: the parser takes the square of their number."""
# The parser takes a carriage return alone for the end of a line, too.
_NESTING = re.compile(rb"(?:\A|[\r\n])content-type:\s*(?:multipart|message)/", re.IGNORECASE)
_PARAMETERS = re.compile(
    rb"(?:\A|[\r\n])content-(?:type|disposition):(?:[^\r\n]|(?:\r\n|\r|\n)[ \t]){%d}"
    % MOST_PARAMETERS,
    re.IGNORECASE,
)
_HEADER = re.compile(rb"^(?:From .*\r?\n)?[!-9;-~]{1,76}[ \t]*:", re.MULTILINE)
_KEEP = "It is kept as it came: read it with a text editor"
_NOT_OF_MAIL = frozenset(
    {
        "idna",
        "mbcs",
        "oem",
        "palmos",
        "punycode",
        "raw-unicode-escape",
        "undefined",
        "unicode-escape",
    }
)
"""Codecs of Python that are no charsets of mail: punycode takes the square of the length."""


def parse_mail(raw: bytes, *, name: str) -> Message:
    """Parse an email. name: for messages. Raises FileRefused."""
    if len(raw) > MAX_BYTES:
        size = f"it has {len(raw):,} bytes, and the limit is {MAX_BYTES:,}"
        raise FileRefused(name, size, _KEEP)
    if not _HEADER.match(raw.lstrip()):
        reason = "it does not begin with a header, so it is not an email"
        raise FileRefused(name, reason, "Save the email in the format EML and try again")
    if len(_NESTING.findall(raw)) > MAX_PARTS:
        reason = f"it has more than {MAX_PARTS} emails or groups of parts inside each other"
        raise FileRefused(name, reason, _KEEP)
    if _PARAMETERS.search(raw):
        reason = f"the type or name of a part has more than {MOST_PARAMETERS:,} bytes"
        raise FileRefused(name, reason, _KEEP)
    try:
        return message_from_bytes(raw.lstrip())
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise FileRefused(name, f"it cannot be read ({type(error).__name__})", _KEEP) from error


def header_of(message: Message, name: str) -> str:
    """A header on one line; "" if it is missing. Bytes that are not ASCII become ?."""
    value = str(message.get(name, ""))[:2_000]
    return " ".join(value.encode("ascii", "replace").decode().split())


def decoded_words(value: str) -> str:
    """The text of a header with its encoded words decoded; as it is if one of them is damaged."""
    try:
        return storable(str(make_header(decode_header(value))))
    except (MessageError, LookupError, ValueError):
        return storable(value)


def address_in(value: str) -> tuple[str, str]:
    """Name and address of the first address of a header; "" for both if there is none."""
    return parseaddr(value) if value.count("(") <= MOST_COMMENTS else ("", "")


def addresses_in(value: str) -> list[tuple[str, str]]:
    """Names and addresses of a header."""
    return getaddresses([value]) if value.count("(") <= MOST_COMMENTS else []


def text_of(part: Message) -> str:
    """Text of a part, with LF; what its encoding does not allow is replaced."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    # Four bytes are the most that a character takes, so no more has to be decoded.
    content = content[: 4 * MAX_TEXT]
    try:
        text = content.decode(_codec_of(str(part.get_content_charset() or "utf-8")), "replace")
    except (LookupError, ValueError):
        text = content.decode("latin-1")
    return storable(text[:MAX_TEXT]).replace("\r\n", "\n").replace("\r", "\n")


def _codec_of(charset: str) -> str:
    """The codec of a charset. Raises LookupError for one that no mail is written in."""
    name = codecs.lookup(charset).name
    if name in _NOT_OF_MAIL:
        raise LookupError(f"{name} is no charset of mail")
    return name


def storable(text: str) -> str:
    """The text without halves of characters, which some charsets can write and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")
