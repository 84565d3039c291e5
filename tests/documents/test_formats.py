"""DOCX, HTML and plain text: what reaches the text, and what does not."""

import docx
import pytest

from tests.documents.making import W, typeset, word_file
from waymark.documents import parsers
from waymark.documents.reading.values import ReadingLimits, broken_laws

LIMITS = ReadingLimits()


def read(path):
    report = parsers.read_file(path, path.name, LIMITS)
    assert broken_laws(report) == []
    return report


def written(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(report):
    return [
        (passage.kind, passage.heading, report.text[passage.start : passage.end])
        for passage in report.passages
    ]


# ---- HTML ----

PAGE = """<!doctype html><html><head><title>Child Ash</title><style>p {color: red}</style></head>
<body><h1>Child Ash</h1><p>The panel met
  in   May.</p><h2>Findings</h2><p>Nobody <b>asked</b> why.<br>Nobody wrote.</p>
<ul><li>The first lesson.</li><li>The second <em>lesson</em>.</li></ul>
<h3>Early help</h3><p hidden>Her name was secret</p><p style="display: none">And his</p>
<script>alert("no")</script><p>Help came late.</p><h2>Lessons</h2><p>One.</p></body></html>"""


def test_the_headings_of_a_web_page_give_the_paths(tmp_path):
    report = read(written(tmp_path / "ash.html", PAGE))
    assert rows(report) == [
        ("heading", "", "Child Ash"),
        ("paragraph", "", "The panel met in May."),
        ("heading", "", "Findings"),
        ("paragraph", "Findings", "Nobody asked why. Nobody wrote."),
        ("item", "Findings", "The first lesson."),
        ("item", "Findings", "The second lesson."),
        ("heading", "Findings", "Early help"),
        ("paragraph", "Findings > Early help", "Help came late."),
        ("heading", "", "Lessons"),
        ("paragraph", "Lessons", "One."),
    ]
    assert (report.title, report.media_type) == ("Child Ash", "text/html")


def test_hidden_parts_of_a_web_page_are_told_and_not_in_the_text(tmp_path):
    report = read(written(tmp_path / "ash.html", PAGE))
    assert [hidden.text for hidden in report.hidden] == ["Her name was secret", "And his"]
    assert report.warnings == ("hidden text left out: words that cannot be seen, 2 places",)


def test_a_format_without_pages_is_one_page_without_image(tmp_path):
    (page,) = read(written(tmp_path / "ash.html", PAGE)).pages
    assert (page.number, page.width, page.height, page.has_image) == (1, 0, 0, False)


def test_a_web_page_nested_ten_thousand_deep_is_read(tmp_path):
    deep = "<div>" * 10_000 + "The bottom" + "</div>" * 10_000
    assert read(written(tmp_path / "deep.html", f"<body>{deep}</body>")).text == "The bottom"


def test_a_web_page_says_its_own_charset(tmp_path):
    page = '<html><head><meta charset="iso-8859-1"></head><body><p>Se\xf1al</p></body></html>'
    assert read(written(tmp_path / "es.html", page.encode("latin-1"))).text == "Se\xf1al"


def test_the_content_decides_the_format_and_not_the_name(tmp_path):
    report = read(written(tmp_path / "report.pdf", PAGE))
    assert report.media_type == "text/html"
    assert report.warnings[0] == (
        "the file is a web page (HTML), although its name ends in .pdf: check that it is the "
        "report and not a page that was saved in its place"
    )
    renamed = typeset("A report about what was learned.", tmp_path / "report.txt")
    assert read(renamed).media_type == "application/pdf"
    assert read(renamed).warnings == ("the file is a PDF, although its name ends in .txt",)


# ---- plain text ----

LONG = "The panel met nine times and heard from eleven practitioners about their work."


def test_blank_lines_part_paragraphs_and_broken_lines_are_joined(tmp_path):
    content = (
        "The panel met nine times and heard from eleven practitioners,\r\n"
        "who spoke frankly.\r\n\r\n"
        "FINDINGS\r\n\r\n"
        "Nobody asked why.\r\n- One lesson.\r\n- Another.\r\n"
    )
    assert rows(read(written(tmp_path / "notes.txt", content))) == [
        (
            "paragraph",
            "",
            "The panel met nine times and heard from eleven practitioners, who spoke frankly.",
        ),
        ("heading", "", "FINDINGS"),
        ("paragraph", "FINDINGS", "Nobody asked why."),
        ("item", "FINDINGS", "- One lesson."),
        ("item", "FINDINGS", "- Another."),
    ]


def test_text_that_is_not_utf_8_is_read_as_windows_1252_and_told(tmp_path):
    report = read(written(tmp_path / "old.txt", "The child\x92s file \x96 lost".encode("latin-1")))
    assert report.text == "The child\u2019s file \u2013 lost"
    assert report.warnings == (
        "the file does not name its character encoding; Windows-1252 was assumed",
    )


def test_letters_are_composed_and_control_characters_dropped(tmp_path):
    report = read(written(tmp_path / "marks.txt", f"Zoe\u0308 said\u00ad no\u200b\x07. {LONG}"))
    assert report.text == f"Zo\u00eb said no. {LONG}"


def test_a_byte_order_mark_decides(tmp_path):
    report = read(written(tmp_path / "wide.txt", "\ufeffThe panel met.".encode("utf-16-le")))
    assert report.text == "The panel met."


# ---- DOCX ----


def test_headings_lists_and_tables_of_a_word_file_are_read(tmp_path):
    document = docx.Document()
    document.core_properties.title = "Child Beech"
    document.add_heading("Child Beech", 0)
    document.add_heading("Findings", 1)
    document.add_paragraph("The panel met in May.")
    document.add_heading("Early help", 2)
    document.add_paragraph("The first lesson.", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "May 2001", "First visit"
    document.save(tmp_path / "beech.docx")
    report = read(tmp_path / "beech.docx")
    assert rows(report) == [
        ("heading", "", "Child Beech"),
        ("heading", "", "Findings"),
        ("paragraph", "Findings", "The panel met in May."),
        ("heading", "Findings", "Early help"),
        ("item", "Findings > Early help", "• The first lesson."),
        ("paragraph", "Findings > Early help", "May 2001 First visit"),
    ]
    assert report.title == "Child Beech"


REMEDY = "remove the names before you share it"


def run(words, *, vanish="", style=""):
    properties = f'<w:rStyle w:val="{style}"/>' if style else ""
    properties += f'<w:vanish w:val="{vanish}"/>' if vanish else ""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def test_insertions_are_kept_and_deletions_are_not(tmp_path):
    body = (
        f'<w:p>{run("The visits ")}<w:ins w:id="1" w:author="A. Person">{run("stopped")}</w:ins>'
        '<w:del w:id="2" w:author="B. Person"><w:r><w:delText>went on</w:delText></w:r></w:del>'
        f'<w:moveFrom w:id="3" w:author="B. Person">{run(" early")}</w:moveFrom>{run(" in May")}'
        f'<w:moveTo w:id="4" w:author="B. Person">{run(" of that year")}</w:moveTo></w:p>'
    )
    report = read(word_file(tmp_path / "tracked.docx", body))
    assert report.text == "The visits stopped in May of that year"
    assert report.warnings == (
        "tracked changes: 2 insertions kept, 2 deletions left out",
        "hidden text left out: deleted words, 2 places",
        f"the file names 2 people who changed it or commented on it: {REMEDY}",
    )


STYLES = (
    f'<w:styles {W}><w:style w:type="character" w:styleId="Concealed"><w:rPr><w:vanish/></w:rPr>'
    '</w:style><w:style w:type="character" w:styleId="Below"><w:basedOn w:val="Concealed"/>'
    "</w:style></w:styles>"
)


@pytest.mark.parametrize(
    "secret",
    [
        run("Her name", vanish="1"),
        run("Her name", style="Concealed"),
        run("Her name", style="Below"),
        f"<w:hyperlink>{run('Her name', vanish='true')}</w:hyperlink>",
        f'<w:ins w:id="1">{run("Her name", vanish="on")}</w:ins>',
    ],
)
def test_hidden_words_of_a_word_file_never_reach_the_text(tmp_path, secret):
    path = word_file(tmp_path / "h.docx", f"<w:p>{run('Seen. ')}{secret}</w:p>", styles=STYLES)
    report = read(path)
    assert report.text == "Seen."
    assert [hidden.text for hidden in report.hidden] == ["Her name"]
    assert "hidden text left out: words that cannot be seen, 1 place" in report.warnings


def test_words_that_say_they_are_not_hidden_are_kept(tmp_path):
    body = (
        f"<w:p>{run('Plain', vanish='0')}{run(' words', style='Concealed', vanish='false')}</w:p>"
    )
    assert read(word_file(tmp_path / "h.docx", body, styles=STYLES)).text == "Plain words"


def test_comments_are_left_out_and_told(tmp_path):
    comments = (
        f'<w:comments {W}><w:comment w:id="0" w:author="A. Person"><w:p>'
        "<w:r><w:t>Check this</w:t></w:r></w:p></w:comment></w:comments>"
    )
    path = word_file(tmp_path / "c.docx", f"<w:p>{run('The panel met.')}</w:p>", comments=comments)
    report = read(path)
    assert report.text == "The panel met."
    assert report.warnings[0] == "1 comments left out"
