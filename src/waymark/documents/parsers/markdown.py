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
LARGEST = 4 * MIB  # characters: a report of 600,000 words
LONGEST_LINE = 100_000  # characters; the parser's work can grow with the square of a line


def is_markdown(head: bytes, file_name: str) -> bool:
    """True for a text that is called Markdown, or has a heading and another mark of it."""
    if file_name.lower().endswith(NAMES):
        return not WHOLE_PAGE.match(head)
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
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    markup = f"<body>{parser.render(body)}</body>"
    return report_of_page(
        markup, file_name, limits, media_type=MEDIA_TYPE, extractor=EXTRACTOR, warnings=warnings
    )
