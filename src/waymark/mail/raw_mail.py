"""Read a raw email that anybody may have written: limits first, then the parser (no Django).

The parser of the standard library is lenient, but it recurses into attached emails and takes any
size. What is beyond the limits is refused before it sees it.
"""

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message

from waymark.core.errors import FileRefused

MAX_BYTES = 10_000_000
"""Bounces quote the email that they return; ours are below 100 KB."""
MAX_PARTS = 100
MAX_TEXT = 100_000
"""Characters of a text part that are read."""
_NESTING = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(rb"^(?:From .*\r?\n)?[!-9;-~]{1,76}[ \t]*:", re.MULTILINE)
_KEEP = "It is kept as it came: read it with a text editor"


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
    try:
        return message_from_bytes(raw.lstrip())
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise FileRefused(name, f"it cannot be read ({type(error).__name__})", _KEEP) from error


def header_of(message: Message, name: str) -> str:
    """A header on one line; "" if it is missing. Bytes that are not ASCII become ?."""
    value = str(message.get(name, ""))[:2_000]
    return " ".join(value.encode("ascii", "replace").decode().split())


def text_of(part: Message) -> str:
    """Text of a part, with LF; what its encoding does not allow is replaced."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = str(part.get_content_charset() or "utf-8")
    # Four bytes are the most that a character takes, so no more has to be decoded.
    try:
        text = content[: 4 * MAX_TEXT].decode(charset, "replace")
    except (LookupError, ValueError):
        text = content[: 4 * MAX_TEXT].decode("latin-1")
    return text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
