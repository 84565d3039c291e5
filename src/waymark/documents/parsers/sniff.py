"""Kind of a file by its first bytes: its own mark, or how its text begins (no Django)."""

# Example: "From: a@example.org", "MIME-Version: 1.0", an empty line: an email, whatever its name.

import json
import re

from waymark.documents.parsers.charset import MARKS, wide_encoding
from waymark.documents.parsers.flow import without_parts

SAVE_AS = "Save it as PDF or DOCX and upload that"
RECOGNISE = "Run text recognition (OCR) on it and upload the result"
UNPACK = "Unpack it and upload the files"
DATA = "Upload the report as PDF, DOCX, ODT, HTML or text"
KINDS = "PDF, DOCX, ODT, HTML, email, Markdown or text"
UNKNOWN = (
    f"is not a {KINDS} file",
    "Upload one of these; if its name says it is one, it may be damaged",
)
FOREIGN = {
    b"\xd0\xcf\x11\xe0": ("is an old or locked Office document", SAVE_AS),
    b"{\\rtf": ("is an RTF document", SAVE_AS),
    b"\xffWPC": ("is a WordPerfect document", SAVE_AS),
    b"%!PS": ("is a PostScript file", "Save it as PDF and upload that"),
    b"AT&TFORM": ("is a DjVu file", "Save it as PDF and upload that"),
    b"\x89PNG": ("is an image", RECOGNISE),
    b"\xff\xd8\xff": ("is an image", RECOGNISE),
    b"GIF8": ("is an image", RECOGNISE),
    b"II*\x00": ("is an image", RECOGNISE),
    b"MM\x00*": ("is an image", RECOGNISE),
    b"\x1f\x8b": ("is a compressed archive", UNPACK),
    b"7z\xbc\xaf": ("is a compressed archive", UNPACK),
    b"Rar!": ("is a compressed archive", UNPACK),
    b"BZh": ("is a compressed archive", UNPACK),
}
ELEMENTS = (
    rb"html|head|body|title|meta|link|base|script|style|noscript|h[1-6]|p|div|span|article|section|"
    rb"main|header|footer|nav|table|ul|ol|dl|pre|blockquote|center|font|b|i|em|strong|a|img|br|hr|form"
)
HTML_START = re.compile(
    rb"\s*(?:<\?[^>]*>\s*)*<(?:!doctype\s+html\b|!doctype\s*>|(?:%s)[\s/>])" % ELEMENTS,
    re.IGNORECASE | re.DOTALL,
)
XML_START = re.compile(rb"\s*<(?:\?xml\s|[a-z][^<>]*\sxmlns[:=])", re.IGNORECASE)
HEADER = re.compile(rb"[!-9;-~]{1,76}:.*")
NAMES_OF_MAIL = frozenset(
    {
        *(b"mime-version", b"message-id", b"received", b"return-path", b"content-type"),
        *(b"content-transfer-encoding", b"dkim-signature", b"delivered-to", b"x-mailer"),
        *(b"snapshot-content-location",),
    }
)
PLAIN_NAMES = frozenset({b"from", b"to", b"subject", b"date", b"sender", b"reply-to"})
DATA_ENDINGS = {
    ".csv": "a table (CSV)", ".tsv": "a table (TSV)", ".json": "data (JSON)",
    ".jsonl": "data (JSON)", ".yaml": "settings (YAML)", ".yml": "settings (YAML)",
    ".ini": "settings", ".cfg": "settings", ".toml": "settings", ".log": "a log",
    ".css": "a style sheet", ".js": "a program", ".py": "a program", ".sh": "a program",
    ".sql": "a program", ".ris": "references (RIS)", ".bib": "references (BibTeX)",
    ".ics": "a calendar", ".vcf": "an address book", ".tex": "LaTeX source",
}  # fmt: skip


def plain_head(head: bytes) -> bytes:
    """The first bytes of a text as UTF-8 without a mark, whatever Unicode encoding it is in."""
    for mark, name in MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(name, "ignore").encode()
    wide = wide_encoding(head)
    return head.decode(wide, "ignore").encode() if wide else head


def is_html(head: bytes) -> bool:
    """True for a page or a part of one: it begins with an element, a comment or a doctype."""
    text = without_parts(head.decode("latin-1"), "<!--", "-->")
    if HTML_START.match(text.encode("latin-1")):
        return True
    # A comment longer than the head; and a page after stray words, as programs leave them.
    return head.lstrip().startswith(b"<!--") or (
        re.search(rb"<html[\s>]|<body[\s>]", head, re.IGNORECASE) is not None
        and not XML_START.match(head)
    )


def is_mail(head: bytes, file_name: str) -> bool:
    """True for an email or a saved web page (MHTML): lines of headers, one that only mail has."""
    names: set[bytes] = set()
    lines = [line.rstrip(b"\r") for line in head.lstrip(b"\r\n").split(b"\n")]
    for line in lines[:-1]:  # the last may be cut short
        if not line:
            break
        if line[:1] in b" \t" and names:
            continue
        if not HEADER.fullmatch(line):
            return False
        names.add(line.partition(b":")[0].lower())
    named = file_name.lower().endswith((".eml", ".mht", ".mhtml"))
    return bool(names & NAMES_OF_MAIL) or (named and bool(names & PLAIN_NAMES))


def other_data(head: bytes, file_name: str) -> str:
    """What a text is that is no report, such as "data (JSON)"; "" for any other text.

    Tables and programs look like text: so for a text, the ending of its name counts too.
    """
    if XML_START.match(head):
        return "an XML file that is not a web page"
    if re.match(rb"From \S+ .*\n[!-9;-~]+:", head):
        return "a mailbox: save each email as a file of its own"
    if re.match(rb"\s*[{\[]\s*[\"{\[\d]", head) and _is_json(head):
        return "data (JSON)"
    ending = file_name.lower().rpartition(".")[2]
    return DATA_ENDINGS.get(f".{ending}", "")


def _is_json(head: bytes) -> bool:
    """True if the head is JSON as far as it goes."""
    try:
        json.JSONDecoder().raw_decode(head.decode("utf-8", "ignore").lstrip())
    except json.JSONDecodeError as error:
        return error.pos > len(head) - 100 and len(head) > 1_000
    except RecursionError:
        return True
    return True
