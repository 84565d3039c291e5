"""Markdown -> a report, by way of HTML, so that hidden parts are found as in a web page."""

import re
from pathlib import Path

from markdown_it import MarkdownIt

from waymark.core.errors import FileRefused
from waymark.documents.parsers.charset import decode_text
from waymark.documents.parsers.html import report_of_page
from waymark.documents.reading.values import MIB, ReadingLimits, ReadReport

MEDIA_TYPE = "text/markdown"
EXTRACTOR = "waymark-markdown/1"
NAMES = (".md", ".markdown", ".mdown", ".mkd")
WHOLE_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body)[\s>]", re.IGNORECASE)
HEADING = re.compile(rb"^#{1,6} \S", re.MULTILINE)
# What plain text does not contain: links, tables, code fences, bold words.
OTHER_MARKS = re.compile(
    rb"\]\(\S+\)|^\|?\s*:?-{3,}:?\s*\||^```|(?<!\*)\*\*[^\s*][^*\n]*\*\*", re.MULTILINE
)
FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[\w-]+:.*\n|[ \t]+.*\n|- .*\n)+(?:---|\.\.\.)[ \t]*\n")
# "[^1]: Its source.", with the lines that go on below it; and where it is cited, outside code.
NOTE = re.compile(r"^ {0,3}\[\^([\w.-]{1,40})\]:[ \t]+(.+(?:\n(?:[ ]{2,}|\t).+)*)\n?", re.MULTILINE)
CITED = re.compile(r"(`{1,3})[^`]+\1|\[\^([\w.-]{1,40})\]")
BLANK_LINES = re.compile(r"\n[ \t]*\n")
LARGEST = 2 * MIB  # characters: a report of 300,000 words
LONGEST_LINE = 50_000  # characters; the parser's work can grow with the square of a line


def is_named(head: bytes, file_name: str) -> bool:
    """True for a text that is called Markdown and is no whole page in HTML."""
    return file_name.lower().endswith(NAMES) and not WHOLE_PAGE.match(head)


def is_markdown(head: bytes) -> bool:
    """True for a text that has a heading of Markdown and another mark of it."""
    return HEADING.search(head) is not None and OTHER_MARKS.search(head) is not None


def read_markdown(
    path: Path, file_name: str, limits: ReadingLimits, encoding: str = ""
) -> ReadReport:
    """Read a Markdown file. Raises FileRefused."""
    text, warnings = decode_text(path.read_bytes(), file_name, chosen=encoding)
    if len(text) > LARGEST or max(map(len, text.split("\n"))) > LONGEST_LINE:
        reason = f"has more than {LARGEST:,} characters, or {LONGEST_LINE:,} in one line"
        raise FileRefused(file_name, reason, "Split it, or save it as HTML and upload that")
    body = FRONT_MATTER.sub("", text)
    if body != text:
        warnings = [*warnings, "the properties before the text (front matter) were left out"]
    body = _with_notes(body)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markup = f"<body>{parser.render(body)}</body>"
    return report_of_page(
        markup, file_name, limits, media_type=MEDIA_TYPE, extractor=EXTRACTOR, warnings=warnings
    )


def _with_notes(text: str) -> str:
    """The text with each note as a paragraph, "[1] Its source.", below the first that cites it."""
    notes = {match[1]: " ".join(match[2].split()) for match in NOTE.finditer(text)}
    if not notes:
        return text
    known = frozenset(notes)
    blocks: list[str] = []
    for block in BLANK_LINES.split(NOTE.sub("", text)):
        cited = [match[2] for match in CITED.finditer(block) if match[2] in known]
        blocks.append(CITED.sub(lambda match: _citation(match, known), block))
        blocks += [f"{_marked(key)} {notes.pop(key)}" for key in cited if key in notes]
    return "\n\n".join([*blocks, *(f"{_marked(key)} {note}" for key, note in notes.items())])


def _citation(match: re.Match[str], known: frozenset[str]) -> str:
    return _marked(match[2]) if match[2] in known else match[0]


def _marked(key: str) -> str:
    return f"\\[{key}\\]"  # escaped: it is no link
