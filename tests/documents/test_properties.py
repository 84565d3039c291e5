"""Properties of files and headers of emails that the text does not show are hidden text."""

import zipfile

import pytest
from docx import Document

from waymark.documents.ingest import text_json
from waymark.documents.parsers import read_file
from waymark.documents.reading.values import ReadingLimits

TEXT = "The visits stopped in May. Nobody asked why."


def properties_of(path):
    report = read_file(path, path.name, ReadingLimits())
    return [(row.text, row.cause.rpartition(": ")[2]) for row in report.hidden]


def word_file(path, **values):
    document = Document()
    document.add_paragraph(TEXT)
    for name, value in values.items():
        setattr(document.core_properties, name, value)
    document.save(path)
    return path


def test_the_properties_of_a_word_file_are_hidden_text(tmp_path):
    path = word_file(
        tmp_path / "a.docx",
        author="Rowan Tree",
        last_modified_by="K. Whitcombe",
        title="Review of Siobhan",
        subject="The visits stopped in May",
        comments="",
    )
    assert sorted(properties_of(path)) == [
        ("K. Whitcombe", "last author"),
        ("Review of Siobhan", "title"),
        ("Rowan Tree", "author"),
    ]


def test_what_programs_write_and_what_the_text_shows_is_no_property_to_decide_on(tmp_path):
    assert properties_of(word_file(tmp_path / "a.docx")) == []


def test_the_properties_of_an_open_document_are_hidden_text(tmp_path):
    path = tmp_path / "a.odt"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    spaces = (
        f'xmlns:office="{office}" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:text><text:p>{TEXT}</text:p>"
            "</office:text></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml",
            f"<office:document-meta {spaces}><office:meta><dc:creator>Rowan Tree</dc:creator>"
            "<meta:initial-creator>Elm Ash</meta:initial-creator></office:meta>"
            "</office:document-meta>",
        )
    assert properties_of(path) == [("Rowan Tree", "author"), ("Elm Ash", "author")]


def test_the_head_of_a_web_page_is_hidden_text(tmp_path):
    path = tmp_path / "a.html"
    path.write_text(
        '<html><head><meta name="Author" content="Rowan Tree"><meta name="viewport" content="x">'
        f'<meta name="description" content="{TEXT}"></head><body><p>{TEXT}</p>'
        '<meta name="author" content="Elm"></body></html>'
    )
    assert properties_of(path) == [("Rowan Tree", "author")]


def test_the_headers_of_an_email_are_hidden_text_and_not_in_its_text(tmp_path):
    path = tmp_path / "a.eml"
    path.write_text(
        "From: Rowan Tree <rowan@example.org>\nTo: =?utf-8?q?Zo=C3=AB?= <z@example.org>\n"
        f"Subject: About Siobhan\nMessage-ID: <1@example.org>\n\n{TEXT}\n"
    )
    assert properties_of(path) == [
        ("Rowan Tree <rowan@example.org>", "from"),
        ("Zoë <z@example.org>", "to"),
        ("About Siobhan", "subject"),
    ]
    assert "Siobhan" not in text_json(path)["text"]


@pytest.mark.parametrize("part", ["<a", "\x00"])
def test_properties_that_are_no_xml_are_left_out(tmp_path, part):
    path = word_file(tmp_path / "a.docx")
    whole = tmp_path / "b.docx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w") as new:
        for name in old.namelist():
            new.writestr(name, part if name == "docProps/app.xml" else old.read(name))
    assert properties_of(whole) == []
