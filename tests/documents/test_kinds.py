"""The kind of a file is found by its content; and Markdown, which is text with a few marks."""

import pytest

from tests.documents.making import archive
from tests.documents.test_formats import rows
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()


def read(folder, content, name):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    report = parsers.read_file(path, name, LIMITS)
    assert broken_laws(report) == []
    return report


MARKDOWN = """---
title: Child Ash
author: Robin Example
---
# Child Ash

## 1. Findings

The panel *met* in [May](http://x.example).
It was late.

1. One
2. Two

| Age | Outcome |
|-----|---------|
| 3   | died    |

<p hidden>Unseen</p>
"""


def test_markdown_is_read_as_it_is_shown(tmp_path):
    report = read(tmp_path, MARKDOWN, "report.md")
    assert rows(report) == [
        ("heading", "", "Child Ash"),
        ("heading", "", "1. Findings"),
        ("paragraph", "1. Findings", "The panel met in May. It was late."),
        ("item", "1. Findings", "1. One"),
        ("item", "1. Findings", "2. Two"),
        ("paragraph", "1. Findings", "Age | Outcome"),
        ("paragraph", "1. Findings", "3 | died"),
    ]
    assert report.media_type == "text/markdown"
    assert report.warnings == (
        "the properties before the text (front matter) were left out",
        "hidden text left out: words that cannot be seen, 1 place",
    )


def test_notes_of_markdown_follow_the_paragraph_that_cites_them(tmp_path):
    content = (
        "# Child Elm\n\n## Facts\n\nThe panel met[^1] twice[^b]. See [1] and `[^1]`.\n\n"
        "- Ask the child.[^3]\n\n## Recommendations\n\nKeep visits.[^4]\n\n"
        "[^1]: Minutes.\n[^b]: In May\n    and in **June**.\n[^3]: Source\n[^5]: Not cited.\n"
    )
    (tmp_path / "a.md").write_text(content, "utf-8")
    report = parsers.read_file(tmp_path / "a.md", "a.md", LIMITS)
    assert rows(report)[2:] == [
        ("paragraph", "Facts", "The panel met[1] twice[b]. See [1] and [^1]."),
        ("paragraph", "Facts", "[1] Minutes."),
        ("paragraph", "Facts", "[b] In May and in June."),
        ("item", "Facts", "Ask the child.[3]"),
        ("paragraph", "Facts", "[3] Source"),
        ("heading", "", "Recommendations"),
        ("paragraph", "Recommendations", "Keep visits.[^4]"),
        ("paragraph", "Recommendations", "[5] Not cited."),
    ]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("# Findings\n\nSee [the list](a.html).", "text/markdown"),
        ("# Findings\n\nIt was **late**.", "text/markdown"),
        ("# Findings\n\nThe panel met.", "text/plain"),
        ("Use * for a footnote and # for a number.", "text/plain"),
        ("#1 priority: listen to the child.\n\n**", "text/plain"),
    ],
)
def test_text_is_markdown_where_its_marks_leave_no_doubt(tmp_path, content, media_type):
    assert read(tmp_path, content, "notes.txt").media_type == media_type


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"GIF89a" + bytes(99), "is an image"),
        (b"%!PS-Adobe-3.0\n", "is a PostScript file"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "is a compressed archive"),
        ('{"name": "Oak", "age": 3}', "is data (JSON)"),
        ('[{"name": "Oak"}]', "is data (JSON)"),
        ('<?xml version="1.0"?><rss><title>News</title></rss>', "is an XML file"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><text>Oak</text></svg>', "is an XML file"),
    ],
)
def test_what_is_no_report_is_refused_by_its_content(tmp_path, content, reason):
    with pytest.raises(FileRefused, match=reason.replace("(", r"\(").replace(")", r"\)")):
        read(tmp_path, content, "report.txt")


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        ("xl/workbook.xml", "is an Excel workbook"),
        ("ppt/presentation.xml", "is a PowerPoint presentation"),
        ("Index/Document.iwa", "is an Apple Pages document"),
        ("META-INF/container.xml", "is an e-book (EPUB)"),
        ("photo.jpg", "is a ZIP archive but not a Word document"),
    ],
)
def test_packages_of_other_programs_are_refused_by_what_they_contain(tmp_path, part, reason):
    path = archive(tmp_path / "report.docx", {part: "<a/>"})
    with pytest.raises(FileRefused) as caught:
        parsers.read_file(path, path.name, LIMITS)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a,b\n1,2\n", "is a table (CSV)"),
        ("INFO started\n", "is a log"),
        ("a = 1\n", "is a program"),
    ],
)
def test_a_text_that_is_called_data_is_no_report(tmp_path, content, reason):
    ending = {"is a table (CSV)": "csv", "is a log": "log", "is a program": "py"}[reason]
    with pytest.raises(FileRefused) as caught:
        read(tmp_path, content, f"a.{ending}")
    assert caught.value.reason == reason


@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "report.doc", "report.rtf"])
def test_a_text_that_is_called_something_else_is_read_with_a_warning(tmp_path, name):
    remedy = "check that it is the report and not a page that was saved in its place"
    warning = f"the file is plain text, although its name ends in {name[6:]}: {remedy}"
    assert read(tmp_path, "Access denied.", name).warnings == (warning,)


@pytest.mark.parametrize("name", ["report", "report.TXT", "Report of May 3.2", "notes.md.txt"])
def test_a_name_that_says_nothing_else_is_no_warning(tmp_path, name):
    assert read(tmp_path, "The panel met.", name).warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_is_a_page(tmp_path, encoding):
    page = "<!doctype html><html><body><p>The panel met in May.</p></body></html>"
    report = read(tmp_path, page.encode(encoding), "page")
    assert (report.media_type, report.text) == ("text/html", "The panel met in May.")


def test_a_form_feed_begins_a_paragraph_unless_a_sentence_goes_on(tmp_path):
    assert read(tmp_path, "Page one\fPage two", "a.txt").text == "Page one\nPage two"
    assert read(tmp_path, "The panel met\n\fin May.", "a.txt").text == "The panel met in May."
