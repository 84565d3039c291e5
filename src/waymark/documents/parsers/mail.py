"""Emails and saved web pages (MHTML) -> a report: the words of the message, no headers.

The names of sender and recipients are in the headers of an email, which are never part of the text.
Attachments are files of their own: they are listed, not read. Standard library, in one pass, with
limits on the parts before it begins.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from waymark.core.errors import FileRefused
from waymark.documents.parsers import html, plain
from waymark.documents.parsers.charset import codec_for, declared_encoding, decode_text
from waymark.documents.parsers.flow import bounded_pieces, flowing_report, tidy_text
from waymark.documents.reading.values import ReadingLimits, ReadReport, shown_title

MAIL, WEB_ARCHIVE = "message/rfc822", "multipart/related"
EXTRACTOR = "waymark-mail/1"
MOST_PARTS = 500
DEEPEST = 20
PARTING = re.compile(rb"boundary\s*=|content-type\s*:\s*message/", re.IGNORECASE)
SEPARATE = "Save the attachments and upload each report as a file of its own"
HOSTILE = "Ask for another copy: this file may be malicious, or is badly damaged"
LISTED = 10  # names of attachments in a warning


def read_mail(path: Path, file_name: str, limits: ReadingLimits, encoding: str = "") -> ReadReport:
    """Read an email or a saved web page. Raises FileRefused."""
    content = path.read_bytes()
    # The parser compares each line with every boundary around it, so nesting costs a square.
    if len(PARTING.findall(content)) > MOST_PARTS:
        raise FileRefused(file_name, f"has more than {MOST_PARTS} parts within parts", HOSTILE)
    try:
        message = message_from_bytes(content.lstrip(b"\r\n"), policy=policy.compat32)
        parts = [*_parts_of(message, file_name)]
    except RecursionError as error:
        raise FileRefused(file_name, "nests its parts too deeply", HOSTILE) from error
    if _is_web_archive(message):
        report = _read_web_archive(parts, file_name, limits, encoding)
    else:
        report = _read_message(message, parts, file_name, limits, encoding)
    if _lacks_its_end(message) and html.CUT_SHORT not in report.warnings:
        return replace(report, warnings=(html.CUT_SHORT, *report.warnings))
    return report


def _lacks_its_end(message: "Message[str, str]") -> bool:
    """True if the line that ends the last part is not there."""
    return any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in message.defects)


def _parts_of(message: "Message[str, str]", file_name: str) -> Iterator["Message[str, str]"]:
    """The parts that contain no others, in order; a message within the message is one."""
    waiting = [(message, 0)]
    count = 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if depth > DEEPEST or count > 10 * MOST_PARTS:
            raise FileRefused(file_name, "nests its parts too deeply", HOSTILE)
        inner = part.get_payload()
        if isinstance(inner, list) and part.get_content_maintype() == "multipart":
            below = [part for part in inner if isinstance(part, Message)]
            waiting += [(part, depth + 1) for part in reversed(below)]
        else:
            yield part


def _is_web_archive(message: "Message[str, str]") -> bool:
    """True for a page that a browser or Word saved in one file: it was sent by nobody."""
    related = message.get_content_type() == "multipart/related"
    sent = any(message.get(name) for name in ("To", "Message-ID", "Received"))
    return bool(message.get("Snapshot-Content-Location")) or (related and not sent)


def _read_web_archive(
    parts: list["Message[str, str]"], file_name: str, limits: ReadingLimits, encoding: str
) -> ReadReport:
    """Read the first page of a web archive: the others are shown in it, as frames."""
    pages = [part for part in parts if part.get_content_type() in _PAGES]
    if not pages:
        raise FileRefused(file_name, "has no text", "Save the page again, or print it to PDF")
    markup, warnings = _decoded(pages[0], file_name, encoding)
    return html.report_of_page(
        markup,
        file_name,
        limits,
        media_type=WEB_ARCHIVE,
        extractor=EXTRACTOR,
        warnings=warnings,
    )


_PAGES = frozenset({"text/html", "application/xhtml+xml"})


def _read_message(
    message: "Message[str, str]",
    parts: list["Message[str, str]"],
    file_name: str,
    limits: ReadingLimits,
    encoding: str,
) -> ReadReport:
    """Read the words of an email: the version in HTML where there is one."""
    body = _body_of(message, parts)
    attached = [_name_of(part) for part in parts if _is_attachment(part, body)]
    warnings = [*_warnings(attached)]
    if body is None:
        reason = "is an email without words of its own"
        raise FileRefused(file_name, reason, SEPARATE if attached else "Check the file")
    try:
        return _read_body(body, message, file_name, limits, encoding, warnings)
    except FileRefused as refused:
        if refused.reason != "has no text" or not attached:
            raise
        reason = f"is an email without words of its own; attached: {_listed(attached)}"
        raise FileRefused(file_name, reason, SEPARATE) from refused


def _read_body(
    body: "Message[str, str]",
    message: "Message[str, str]",
    file_name: str,
    limits: ReadingLimits,
    encoding: str,
    warnings: list[str],
) -> ReadReport:
    text, about_encoding = _decoded(body, file_name, encoding)
    warnings = [*about_encoding, *warnings]
    if body.get_content_type() in _PAGES:
        return html.report_of_page(
            text, file_name, limits, media_type=MAIL, extractor=EXTRACTOR, warnings=warnings
        )
    pieces = [*bounded_pieces(plain.pieces_of(text), file_name, limits)]
    # A subject can name a person, and no page shows it: it counts only where the words are there.
    title = shown_title(_header(message, "Subject"), text)
    return flowing_report(
        pieces,
        file_name=file_name,
        media_type=MAIL,
        extractor=EXTRACTOR,
        title=title,
        warnings=warnings,
    )


def _body_of(
    message: "Message[str, str]", parts: list["Message[str, str]"]
) -> "Message[str, str] | None":
    """The part with the words: the first page in HTML, else the first plain text."""
    texts = [part for part in parts if part.get_content_disposition() != "attachment"]
    for kinds in (_PAGES, {"text/plain"}):
        for part in texts:
            if part.get_content_type() in kinds and _payload(part).strip():
                return part
    return None


def _is_attachment(part: "Message[str, str]", body: "Message[str, str] | None") -> bool:
    """True for a part that is a file of its own: no picture in the text, no other version of it."""
    if part is body or part.get("Content-ID"):
        return False
    named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    return named or part.get_content_type() == "message/rfc822"


def _warnings(attached: list[str]) -> Iterator[str]:
    yield "it is an email: the names in its headers were left out, and are still in the file"
    if attached:
        count = f"{len(attached)} attachment{'s' if len(attached) > 1 else ''}"
        yield f"{count} not read ({_listed(attached)}): upload each report as a file of its own"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _name_of(part: "Message[str, str]") -> str:
    if part.get_content_type() == "message/rfc822":
        return "another email"
    return tidy_text(_text_of(part.get_filename() or ""))[:100] or "a file without a name"


def _header(message: "Message[str, str]", name: str) -> str:
    return tidy_text(_text_of(str(message.get(name) or "")))


def _text_of(encoded: str) -> str:
    """A header as text: "=?utf-8?q?caf=C3=A9?=" is "café"."""
    try:
        return str(make_header(decode_header(encoded[:2_000])))
    except (MessageError, LookupError, UnicodeError, ValueError):
        return encoded


def _payload(part: "Message[str, str]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: "Message[str, str]", file_name: str, encoding: str) -> tuple[str, list[str]]:
    """The characters of a part, by the encoding that the part names, or its markup."""
    content = _payload(part)
    stated = part.get_param("charset")
    declared = stated if isinstance(stated, str) and codec_for(stated) else ""
    if part.get_content_type() in _PAGES:
        declared = declared or declared_encoding(content)
    return decode_text(content, file_name, declared=declared, chosen=encoding)
