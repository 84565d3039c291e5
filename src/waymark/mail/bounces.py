"""Classify a mail that came back: bounce, complaint, automatic reply or none of them (no Django).

A report of a mail server (RFC 3464) has a part for programs; other servers write text alone, where
each address begins a block that ends at the next one. An automatic reply is never a bounce.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from html import unescape
from itertools import islice, zip_longest

from waymark.mail.bounce_reasons import HARD, BounceKind, ServerReply, SmtpStep, kind_of
from waymark.mail.raw_mail import address_in, decoded_words, header_of, parse_mail, text_of


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """A recipient that a mail is about. hard: the address does not exist."""

    address: str
    kind: BounceKind
    hard: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MailReport:
    """What a mail says. automatic: a program sent it by itself, so nothing may answer it: out of
    office, a mailing list. False for bounces and complaints, which have kinds instead.

    recipients: of a bounce, complaint or reply of an absent person, in the order of the mail.
    """

    automatic: bool
    recipients: tuple[BouncedRecipient, ...] = ()


MOST_RECIPIENTS = 50
"""Recipients of a report that are read: patterns look for the words about each."""
LONGEST_WORDS = 10_000
"""Characters about one recipient of a report that are looked through."""
_ADDRESS = (
    r"(?:\"[^\"\n]{1,64}\"|[^\s@<>()\[\]\",;:|/]{1,64})"
    r"@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)
_BLOCK = re.compile(rf"^[ \t]*(?:To:\s*)?<?({_ADDRESS})>?(?=$|[:.,\s])", re.MULTILINE)
_COPY = re.compile(
    r"^[ \t-]*(?:This is a copy of (?:the|your) message|Below this line is a copy|"
    r"Original message follows|Unsent message below|Original message header|"
    r"Undelivered message follows|Message header follows|The header of the original)",
    re.IGNORECASE | re.MULTILINE,
)
# Not ">>> DATA", a command in the transcript of a session.
_QUOTED = re.compile(r"^>(?!>> )[ ]?", re.MULTILINE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_INTRODUCTION = re.compile(r"\bfollowing\s+(?:address|recipient)[^\n]*\n", re.IGNORECASE)
_FAILURE_SUBJECT = re.compile(
    r"undeliver|returned (?:mail|message)|delivery (?:status|fail|notification|problem)|"
    r"(?:mail|delivery|message) (?:delivery )?fail|failure notice|mail (?:system )?error|"
    r"delayed mail|warning: (?:message|could not)|could not be delivered|"
    r"nicht zustellbar|non remis",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail delivery (?:sub)?system|^(?:mdaemon|mail-daemon)@",
    re.IGNORECASE,
)
_AWAY_SUBJECT = re.compile(
    r"^(?:auto(?:matic)?[ -]?(?:reply|response)|autoreply|auto:|automatische antwort|"
    r"r[ée]ponse automatique|respuesta autom|risposta automatica|abwesen\w*|absence)\b|"
    r"out[ -]of[ -](?:the[ -])?office|vacation|on (?:annual )?leave",
    re.IGNORECASE,
)
_AWAY_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Autoresponder")
# The first that matches. Commands may be sent together, and the last is named then: that there
# was no valid recipient tells it.
_STEPS = {
    "no valid recipients": SmtpStep.RECIPIENT,
    r"(?:in reply to|after) (?:end of )?data|failed after i sent|>>> data": SmtpStep.TEXT,
    r"(?:in reply to|after) (?:pipelined )?mail from|sender was rejected": SmtpStep.SENDER,
    ">>> mail": SmtpStep.SENDER,
    r"(?:in reply to|after) (?:pipelined )?rcpt to|not like recipient": SmtpStep.RECIPIENT,
    r"(?:in reply to|after) (?:helo|ehlo|initial connection)|refused to talk": SmtpStep.CONNECT,
    r"my name was rejected|greeting failed|>>> (?:helo|ehlo)": SmtpStep.CONNECT,
}
_STEP_PATTERNS = tuple((re.compile(words, re.IGNORECASE), step) for words, step in _STEPS.items())


def classify(raw: bytes, *, name: str = "the email") -> MailReport:
    """Classify a raw mail. name: for messages. Raises FileRefused for what cannot be read."""
    message = parse_mail(raw, name=name)
    parts = list(_own_parts(message))
    types = {part.get_content_type() for part in parts}
    if "message/feedback-report" in types:
        return MailReport(automatic=False, recipients=_complaint(parts))
    text = _human_text(parts)
    reported = _reported(parts, text)
    if reported:
        return MailReport(automatic=False, recipients=tuple(reported))
    if _is_away(message):
        sender = address_in(header_of(message, "From"))[1]
        kind = BounceKind.AUTO_REPLY
        return MailReport(automatic=True, recipients=(BouncedRecipient(sender, kind, hard=False),))
    if _is_failure(message, types):
        return MailReport(automatic=False, recipients=_from_text(message, parts, text))
    return MailReport(automatic=_is_automatic(message))


def _own_parts(message: Message) -> Iterator[Message]:
    """The parts of a mail, without those of the emails attached to it."""
    yield message
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _own_parts(part)


def _human_text(parts: list[Message]) -> str:
    """The text for people, without the returned email and marks of quoting."""
    texts = [text_of(part) for part in parts if _is_text(part, "text/plain")]
    if not texts:
        pages = [text_of(part) for part in parts if _is_text(part, "text/html")]
        texts = [unescape(_TAG.sub("\n", page)) for page in pages]
    text = _QUOTED.sub("", "\n".join(texts))
    copy = _COPY.search(text)
    introduction = _INTRODUCTION.search(text)
    # The introduction may name the sender. A report repeats it after the copy only if forwarded.
    start = introduction.end() if introduction else 0
    end = copy.start() if copy and copy.start() >= start else len(text)
    return text[start:end]


def _is_text(part: Message, content_type: str) -> bool:
    """True for a part of this type, and for parts that lack the boundaries they announce."""
    broken = part.get_content_maintype() == "multipart"
    return not part.is_multipart() and (broken or part.get_content_type() == content_type)


# ---- what the message is ----


def _from_daemon(message: Message) -> bool:
    sender = header_of(message, "From")
    return bool(_DAEMON.search(sender)) or (_empty_sender(message) and not address_in(sender)[1])


def _empty_sender(message: Message) -> bool:
    return header_of(message, "Return-Path").replace(" ", "") == "<>"


def _is_failure(message: Message, types: set[str]) -> bool:
    return (
        message.get_content_type() == "multipart/report"
        or "message/delivery-status" in types
        or _from_daemon(message)
        or bool(_FAILURE_SUBJECT.search(_decoded_subject(message)))
    )


def _is_away(message: Message) -> bool:
    """True for the reply of an absent person's mailbox."""
    subject = _decoded_subject(message)
    precedence = header_of(message, "Precedence").lower() == "auto_reply"
    if any(name in message for name in _AWAY_HEADERS) or precedence:
        return True
    if _AWAY_SUBJECT.search(subject):
        return True
    # Mail servers put the same word into bounces.
    replied = header_of(message, "Auto-Submitted").lower().startswith("auto-replied")
    return replied and not _from_daemon(message) and not _FAILURE_SUBJECT.search(subject)


def _is_automatic(message: Message) -> bool:
    submitted = header_of(message, "Auto-Submitted").lower()
    precedence = header_of(message, "Precedence").lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or precedence in ("bulk", "junk", "list")
        or "List-Id" in message
        or _empty_sender(message)
    )


def _decoded_subject(message: Message) -> str:
    return decoded_words(header_of(message, "Subject"))


# ---- recipients ----


def _complaint(parts: list[Message]) -> tuple[BouncedRecipient, ...]:
    """Recipients of a report of abuse (RFC 5965): somebody pressed "this is spam"."""
    addresses = [
        _bare_address(value)
        for part in parts
        if part.get_content_type() == "message/feedback-report"
        for block in _blocks_of(part)
        for value in block.get_all("Original-Rcpt-To", [])
    ]
    kind = BounceKind.COMPLAINT
    return tuple(BouncedRecipient(address, kind, hard=False) for address in addresses or [""])


def _reported(parts: list[Message], text: str) -> list[BouncedRecipient]:
    """Recipients by the fields of a report; one that a person forwarded has them in its text."""
    blocks = [
        block
        for part in parts
        if part.get_content_type() == "message/delivery-status"
        for block in _blocks_of(part)
    ]
    if not any("Final-Recipient" in block for block in blocks):
        blocks = [message_from_string(block.strip()) for block in text.split("\n\n")]
    named = (row for row in blocks if "Final-Recipient" in row or "Original-Recipient" in row)
    about = _text_blocks(text)
    return [_recipient_of(block, text, about) for block in islice(named, MOST_RECIPIENTS)]


def _blocks_of(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (block for block in payload if isinstance(block, Message))
    else:
        yield from map(message_from_string, text_of(part).split("\n\n"))


def _recipient_of(block: Message, text: str, about: Mapping[str, str]) -> BouncedRecipient:
    """A recipient by its fields. about: address -> its block of the text for people."""
    address = _bare_address(header_of(block, "Original-Recipient"))
    final = _bare_address(header_of(block, "Final-Recipient"))
    action = header_of(block, "Action").lower()
    if action.startswith(("delivered", "relayed", "expanded")):
        return BouncedRecipient(address or final, BounceKind.DELIVERED, hard=False)
    source, _, diagnostic = header_of(block, "Diagnostic-Code").partition(";")
    diagnostic = diagnostic.strip() or source
    named = [about[name] for name in (address, final) if name in about]
    # Of one address the whole text tells.
    near = (named[0] if named and len(about) > 1 else text)[:LONGEST_WORDS]
    # A number alone is the exit code of a program.
    words = diagnostic if re.search(r"[^\W\d_]{2}", diagnostic) else near
    reply = ServerReply(
        words,
        status=header_of(block, "Status"),
        step=_step_of(f"{diagnostic}\n{near}"),
        delayed=action.startswith("delayed"),
        program=source.strip().lower() == "x-unix",
    )
    return _bounced(address or final, reply)


def _bounced(address: str, reply: ServerReply) -> BouncedRecipient:
    kind = kind_of(reply)
    words = " ".join(reply.words.split())[:300]
    return BouncedRecipient(address, kind, kind in HARD, words)


def _from_text(message: Message, parts: list[Message], text: str) -> tuple[BouncedRecipient, ...]:
    """Recipients of a bounce without a report: each address that begins a line, with its block."""
    blocks = _text_blocks(text)
    if not blocks:
        failed = address_in(header_of(message, "X-Failed-Recipients"))[1]
        blocks = {failed or _returned_to(parts): text}
    delayed = bool(re.search(r"warning only|still being retried|will be retried", text, re.I))
    return tuple(
        _bounced(address, ServerReply(words, step=_step_of(words), delayed=delayed))
        for address, words in blocks.items()
    )


def _text_blocks(text: str) -> dict[str, str]:
    """Address -> its block. An address named again, as in a transcript, adds to its block."""
    matches = list(_BLOCK.finditer(text))
    blocks: dict[str, list[str]] = defaultdict(list)
    for match, following in zip_longest(matches, matches[1:]):
        end = following.start() if following else len(text)
        address = match[1].strip('"') if match[1].count('"') == 1 else match[1]
        blocks[address].append(f"{text[match.start() : end]}\n")
    return {address: "".join(texts) for address, texts in blocks.items()}


def _returned_to(parts: list[Message]) -> str:
    """Recipient of the returned email, if the mail contains it; else ""."""
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            returned = next(_blocks_of(part), None)
            if returned is not None:
                return address_in(header_of(returned, "To"))[1]
    return ""


def _step_of(words: str) -> SmtpStep:
    # Lines are wrapped anywhere: "in reply to end of\n    DATA command".
    words = " ".join(words.split())
    for pattern, step in _STEP_PATTERNS:
        if pattern.search(words):
            return step
    return SmtpStep.UNKNOWN


def _bare_address(value: str) -> str:
    """The address of a field such as "rfc822; <a@b.example>"; "" for a program."""
    address = value.rpartition(";")[2].strip().strip("<>")
    return address if re.fullmatch(_ADDRESS, address) else address_in(address)[1]
