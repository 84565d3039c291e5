"""What belongs to Word files: inserted documents, notes, tables, changes, and their bounds."""

import io
import zipfile

import pytest

from tests.documents.making import W, word_file, word_relations
from tests.documents.test_formats import read, rows
from tests.documents.test_word import STYLES, headings, para, run, text_of
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.isolation.parent import read_isolated
from waymark.documents.reading.values import ReadingLimits

# ---- inserted documents ----


def inserted(tmp_path, name, content):
    files = {
        "word/_rels/document.xml.rels": word_relations(x=("aFChunk", f"/word/{name}")),
        f"word/{name}": content,
    }
    body = para("Before.") + '<w:altChunk r:id="x"/>' + para("After.")
    return read(word_file(tmp_path / "a.docx", body, files=files))


def test_a_web_page_inserted_in_a_word_file_is_read_in_its_place(tmp_path):
    page = "<html><body><h1>Facts</h1><p>Words.</p><p hidden>Her name</p></body></html>"
    report = inserted(tmp_path, "part.htm", page)
    assert report.text == "Before.\nFacts\nWords.\nAfter."
    assert [hidden.text for hidden in report.hidden] == ["Her name"]


def test_a_text_and_a_word_file_inserted_in_a_word_file_are_read(tmp_path):
    assert inserted(tmp_path, "part.txt", "Plain words.").text == "Before.\nPlain words.\nAfter."
    inner = word_file(tmp_path / "inner.docx", para("Inner words."))
    report = inserted(tmp_path, "part.docx", inner.read_bytes())
    assert report.text == "Before.\nInner words.\nAfter."


def test_a_word_file_within_one_within_one_is_left_out_with_a_warning(tmp_path):
    path = word_file(tmp_path / "inner.docx", para("Inner words."))
    files = {
        "word/_rels/document.xml.rels": word_relations(x=("aFChunk", "in.docx")),
        "word/in.docx": path.read_bytes(),
    }
    path = word_file(tmp_path / "b.docx", para("Middle.") + '<w:altChunk r:id="x"/>', files=files)
    report = inserted(tmp_path, "part.docx", path.read_bytes())
    assert report.text == "Before.\nMiddle.\nAfter."
    warning = "1 inserted documents left out: their format is not read here"
    assert report.warnings == (warning,)


def test_another_format_inserted_in_a_word_file_is_left_out_with_a_warning(tmp_path):
    report = inserted(tmp_path, "part.rtf", "{\\rtf1 Her name}")
    assert report.text == "Before.\nAfter."
    assert report.warnings == ("1 inserted documents left out: their format is not read here",)


def test_embedded_files_are_told(tmp_path):
    files = {"word/embeddings/sheet.xlsx": b"x"}
    report = read(word_file(tmp_path / "a.docx", para("Words."), files=files))
    assert report.warnings == ("1 embedded files left out: check that they name nobody",)


# ---- notes, headers and footers ----


def notes(kind, **texts):
    inner = "".join(
        f'<w:{kind} w:id="{key[1:]}">{para(text)}</w:{kind}>' for key, text in texts.items()
    )
    return f"<w:{kind}s {W}>{inner}</w:{kind}s>"


def cite(kind, key):
    return f'<w:r><w:{kind}Reference w:id="{key}"/></w:r>'


def test_notes_follow_the_paragraph_that_cites_them_under_its_heading(tmp_path):
    body = para("Facts", style="H1")
    body += para("Claim", cite("footnote", 3), " goes on", cite("endnote", 2), ".")
    body += para("Next", cite("footnote", 2), ".")
    body += para("Recommendations", style="H1") + para("Act.")
    report = read(
        word_file(
            tmp_path / "a.docx",
            body,
            styles=STYLES,
            footnotes=notes("footnote", n2="Second.", n3="First."),
            endnotes=notes("endnote", n2="At the end."),
        )
    )
    assert rows(report) == [
        ("heading", "", "Facts"),
        ("paragraph", "Facts", "Claim[1] goes on[i]."),
        ("paragraph", "Facts", "[1] First."),
        ("paragraph", "Facts", "[i] At the end."),
        ("paragraph", "Facts", "Next[2]."),
        ("paragraph", "Facts", "[2] Second."),
        ("heading", "", "Recommendations"),
        ("paragraph", "Recommendations", "Act."),
    ]


def test_a_note_that_nothing_cites_is_hidden_and_a_deleted_citation_deletes_its_note(tmp_path):
    body = para("Claim.", f'<w:del w:author="A">{cite("footnote", 2)}</w:del>')
    part = notes("footnote", n2="Of a deletion.", n3="Of nothing.")
    report = read(word_file(tmp_path / "a.docx", body, footnotes=part))
    assert report.text == "Claim."
    assert [(hidden.kind, hidden.text) for hidden in report.hidden] == [
        ("deleted", "Of a deletion."),
        ("invisible", "Of nothing."),
    ]


def test_a_note_cited_in_a_table_follows_its_row(tmp_path):
    cells = f"<w:tc>{para('Judgement', cite('footnote', 1))}</w:tc><w:tc>{para('Good')}</w:tc>"
    body = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    shown = text_of(tmp_path, body, footnotes=notes("footnote", n1="Why."))
    assert shown == "Judgement[1] | Good\n[1] Why."


def test_headers_and_footers_are_counted_and_left_out_and_their_hidden_words_found(tmp_path):
    files = {"word/_rels/document.xml.rels": word_relations(h=("header", "header1.xml"))}
    header = f"<w:hdr {W}>{para('Draft')}{para(run('Her name', '<w:vanish/>'))}</w:hdr>"
    report = read(word_file(tmp_path / "a.docx", para("Words."), files=files, header1=header))
    assert report.text == "Words."
    assert [hidden.text for hidden in report.hidden] == ["Her name"]
    assert report.warnings[0] == "1 lines of page headers and footers left out"


# ---- tables ----

PROSE = "The school wrote to the mother three times about her child, and had no answer from her."
PROSE += " Nobody visited the house."


def table(*table_rows):
    return "<w:tbl>" + "".join(
        "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"
        for cells in table_rows
    ) + "</w:tbl>"  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "passages"),
    [
        ((para("Judgement"), para("Good")), ["Judgement | Good"]),
        ((para("May"), para(PROSE), para("Yes")), [f"May | {PROSE} | Yes"]),
        ((para(PROSE), para(PROSE)), [PROSE, PROSE]),
        ((para("Rec. 1"), para("First.") + para("Second.")), ["Rec. 1 | First.", "Second."]),
        ((para("Outer"), table((para("A"), para("B")))), ["Outer | A | B"]),
        ((para(""), para("Good")), ["Good"]),
    ],
)
def test_a_label_and_its_value_are_one_passage_and_prose_is_not_joined(tmp_path, cells, passages):
    assert text_of(tmp_path, table(cells)).split("\n") == passages


def test_a_heading_by_style_in_a_table_stays_one(tmp_path):
    body = table((para("Facts", style="H1"), para("The school wrote.")))
    assert headings(tmp_path, body, styles=STYLES) == [("", "Facts")]


# ---- tracked changes ----


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next(tmp_path):
    mark = '<w:rPr><w:del w:author="A"/></w:rPr>'
    body = para("Facts of ", more=mark) + para("the case", style="H1") + para("Text.")
    body += para("Last ", more=mark)
    report = read(word_file(tmp_path / "a.docx", body, styles=STYLES))
    assert rows(report) == [
        ("heading", "", "Facts of the case"),
        ("paragraph", "", "Text."),
        ("paragraph", "", "Last"),
    ]


def test_rows_and_words_that_were_inserted_are_text(tmp_path):
    row = f"<w:tr><w:trPr><w:ins w:author='A'/></w:trPr><w:tc>{para('Row')}</w:tc></w:tr>"
    body = f"<w:tbl>{row}</w:tbl>" + para(f"<w:moveTo>{run('Moved')}</w:moveTo>")
    report = read(word_file(tmp_path / "a.docx", body))
    assert report.text == "Row\nMoved"
    assert report.warnings[0] == "tracked changes: 2 insertions kept, 0 deletions left out"


# ---- the package and its bounds ----


def test_a_document_part_of_another_name_and_strict_namespaces_are_read(tmp_path):
    source = word_file(tmp_path / "a.docx", para("Words."))
    moved = io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(moved, "w") as new:
        for name in old.namelist():
            content = old.read(name).replace(b"word/document.xml", b"word/document2.xml")
            strict = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
            usual = W.split('"')[1].encode()
            name = name.replace("document.xml", "document2.xml")
            new.writestr(name, content.replace(usual, strict))
    (tmp_path / "b.docx").write_bytes(moved.getvalue())
    assert read(tmp_path / "b.docx").text == "Words."


def refusal(path, **limits):
    with pytest.raises(FileRefused) as caught:
        parsers.read_file(path, path.name, ReadingLimits(**limits))
    assert caught.value.remedy
    return caught.value.reason


def test_a_spreadsheet_is_no_word_file(tmp_path):
    path = word_file(tmp_path / "a.docx", "")
    content = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"w:document", b"w:workbook"))
    assert refusal(path) == "is a ZIP archive but not a Word document"


@pytest.mark.parametrize(
    ("body", "limits", "reason"),
    [
        (para("A") * 11, {"passages": 10}, "contains more than 10 passages"),
        (para("A b c") * 4, {"words": 10}, "contains more than 10 words"),
        (
            para(run("A", "<w:vanish/>")) * 11,
            {"hidden": 10},
            "contains more than 10 places with hidden text",
        ),
        ("<w:p/>" * 151, {"passages": 10}, "contains more than 150 pieces of text"),
        ("<w:sdt>" * 300 + "</w:sdt>" * 300, {}, "has parts nested too deep to read"),
    ],
    ids=["paragraphs", "words", "hidden words", "empty paragraphs", "depth"],
)
def test_a_word_file_without_bounds_is_refused(tmp_path, body, limits, reason):
    assert refusal(word_file(tmp_path / "a.docx", body), **limits) == reason


@pytest.mark.parametrize("length", [200, -100, -1])
def test_a_word_file_cut_short_is_refused(tmp_path, length):
    path = word_file(tmp_path / "a.docx", para("Words"))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(FileRefused, match="is damaged or locked"):
        read(path)


def test_a_word_file_of_300_000_paragraphs_is_refused_in_five_seconds_of_work(tmp_path):
    """Each has words of its own, so that the archive is no bomb."""
    body = "".join(f"<w:p><w:r><w:t>{place * 7919:x}</w:t></w:r></w:p>" for place in range(300_000))
    path = word_file(tmp_path / "a.docx", body)
    limits = ReadingLimits(cpu_seconds=5)
    with pytest.raises(FileRefused, match="contains more than 20,000 passages"):
        read_isolated(path, path.name, limits)


def test_a_word_file_as_deep_as_the_parser_allows_is_read(tmp_path):
    path = word_file(
        tmp_path / "a.docx",
        "<w:tbl><w:tr><w:tc>" * 80 + para("Deep.") + "</w:tc></w:tr></w:tbl>" * 80,
    )
    assert read(path).text == "Deep."


def test_a_document_type_in_utf_16_is_refused(tmp_path):
    part = f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><w:styles {W}/>'.encode("utf-16")
    path = word_file(tmp_path / "a.docx", para("A"), files={"word/styles.xml": part})
    assert refusal(path) == "has parts that are not sound XML"


@pytest.mark.parametrize("shown", ["Her brother", "Other words"])
def test_the_description_of_a_picture_is_listed_where_the_text_does_not_say_it(tmp_path, shown):
    described = (
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="Image" descr="Her brother"/></wp:inline>'
        '</w:drawing></w:r><w:r><w:pict><v:shape alt="Picture"/></w:pict></w:r>'
    )
    report = read(word_file(tmp_path / "a.docx", para(shown, described)))
    finds = [(find.kind, find.text) for find in report.hidden]
    assert finds == ([] if shown == "Her brother" else [("alternate", "Her brother")])
