"""What an email says: sender, thread, subject, text and files (no Django).

All of it was written by strangers: a From or References header proves nothing by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath, PureWindowsPath

from selectolax.lexbor import LexborHTMLParser

from waymark.mail.raw_mail import addresses_in, decoded_words, header_of, parse_mail, text_of

MOST_REFERENCES = 50
LONGEST_SUBJECT = 200
LONGEST_NAME = 120
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
OWN_IS_AUTOMATIC = "it comes from an address of this site"
# With the name of its header it must fit on one line of 998 characters, which cannot be folded.
_ID = re.compile(r"<[^<>\s]{1,900}>")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BULK = {"bulk", "list", "junk", "auto_reply"}
_DAEMON = re.compile(r"^(?:mailer-?daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+@-]|$)")


@dataclass(frozen=True, slots=True)
class EmailFile:
    """A file of an email. name: as sent, without folders. content: None if it is an email."""

    name: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class EmailContent:
    """An email. senders: all addresses of From, in lower case. references: Message-IDs of the
    emails that it says it answers. automatic: why it was not written by a person, "" if it may be.
    """

    message_id: str
    references: tuple[str, ...]
    senders: tuple[str, ...]
    name: str
    recipient: str
    subject: str
    text: str
    files: tuple[EmailFile, ...]
    automatic: str

    @property
    def sender(self) -> str:
        """The address of the sender; "" if there is none, or more than one."""
        return self.senders[0] if len(self.senders) == 1 else ""


def read_email(raw: bytes, *, own: frozenset[str], name: str) -> EmailContent:
    """Read an email. own: addresses of this site, in lower case; name: for messages.

    Raises FileRefused for what is no email, too large or nested too deeply.
    """
    message = parse_mail(raw, name=name)
    senders = addresses_in(_decoded(message, "From"))
    addresses = tuple(address.casefold() for _, address in senders if "@" in address)
    parts = list(_leaves(message))
    answers = f"{header_of(message, 'In-Reply-To')} {header_of(message, 'References')}"
    ids = _ID.findall(header_of(message, "Message-ID"))
    return EmailContent(
        message_id=ids[0] if ids else "",
        references=tuple(dict.fromkeys(_ID.findall(answers)))[:MOST_REFERENCES],
        senders=addresses,
        name=(senders[0][0] if senders else "")[:LONGEST_NAME],
        recipient=_recipient(message),
        subject=_decoded(message, "Subject")[:LONGEST_SUBJECT],
        text=_text(parts),
        files=tuple(_files(parts)),
        automatic=automatic_reason(message, addresses, own),
    )


def automatic_reason(message: Message, senders: tuple[str, ...], own: frozenset[str]) -> str:
    """Why a program sent an email, by its headers; "" if a person may have written it.

    Nothing answers such an email: two desks that answer each other would never stop.
    """
    submitted = header_of(message, "Auto-Submitted").partition(";")[0].strip().casefold()
    if submitted and submitted != "no":
        return f"it says that a program sent it (Auto-Submitted: {submitted[:40]})"
    precedence = header_of(message, "Precedence").strip().casefold()
    if precedence in _BULK:
        return f"it was sent to many (Precedence: {precedence})"
    if "Return-Path" in message and header_of(message, "Return-Path").strip() in {"<>", ""}:
        return "it has no address for answers (Return-Path)"
    for header in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond"):
        if header in message:
            return f"it comes from a list or a program ({header})"
    if own & set(senders):
        return OWN_IS_AUTOMATIC
    if any(_DAEMON.match(address) for address in senders):
        return "its sender is a program"
    return ""


def _decoded(message: Message, header: str) -> str:
    """A header with its encoded words decoded, on one line."""
    text = decoded_words(str(message.get(header, ""))[:2_000])
    return " ".join(_UNPRINTED.sub(" ", text).split())


def _recipient(message: Message) -> str:
    for header in RECIPIENTS:
        addresses = [pair[1] for pair in addresses_in(header_of(message, header))]
        if address := next((text for text in addresses if "@" in text), ""):
            return address[:254]
    return ""


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that are no groups, without those of attached emails."""
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _is_file(part: Message) -> bool:
    disposition = part.get_content_disposition() == "attachment"
    return disposition or bool(part.get_filename()) or part.get_content_maintype() != "text"


def _text(parts: list[Message]) -> str:
    texts = [part for part in parts if not _is_file(part)]
    plain = [part for part in texts if part.get_content_subtype() == "plain"]
    for part in plain or texts:
        text = text_of(part)
        if part.get_content_subtype() == "html":
            text = _without_tags(text)
        if text.strip():
            return _printable(text)
    return ""


def _printable(text: str) -> str:
    lines = (_UNPRINTED.sub(" ", line.replace("\t", " ")).rstrip() for line in text.split("\n"))
    return "\n".join(lines).strip()


def _files(parts: list[Message]) -> Iterator[EmailFile]:
    for number, part in enumerate(filter(_is_file, parts), start=1):
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else None
        yield EmailFile(_file_name(part, number), content)


def _file_name(part: Message, number: int) -> str:
    """Name of a file without folders and without what deceives the eye."""
    name = decoded_words(str(part.get_filename() or ""))
    name = PureWindowsPath(PurePosixPath(name).name).name
    return _UNPRINTED.sub("", name).strip(" .")[-LONGEST_NAME:] or f"file {number}"


_BLOCKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote"})
"""Elements that begin a line."""


def _without_tags(markup: str) -> str:
    """Text of HTML, with line breaks for blocks.

    HTMLParser of the standard library takes the square of the length for markup that never ends.
    """
    tree = LexborHTMLParser(markup)
    tree.strip_tags(["script", "style"], recursive=True)
    pieces = []
    for node in tree.root.traverse(include_text=True) if tree.root is not None else ():
        if node.tag == "-text":
            pieces.append(" ".join((node.text_content or "").split()) + " ")
        elif node.tag in _BLOCKS:
            pieces.append("\n")
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)
