"""What Word files show: headings, words, symbols, fields, controls and drawings."""

import pytest

from tests.documents.making import W, word_file, word_relations
from tests.documents.test_formats import read, rows


def run(words, *properties):
    return f'<w:r><w:rPr>{"".join(properties)}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def para(*content, style="", more=""):
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = "".join(part if part.startswith("<") else run(part) for part in content)
    return f"<w:p><w:pPr>{style}{more}</w:pPr>{inner}</w:p>"


def text_of(tmp_path, body, **parts):
    return read(word_file(tmp_path / "a.docx", body, **parts)).text


def headings(tmp_path, body, **parts):
    report = read(word_file(tmp_path / "a.docx", body, **parts))
    return [(heading, text) for kind, heading, text in rows(report) if kind == "heading"]


# ---- headings ----


def style(key, name, based="", properties="", run_properties=""):
    based = f'<w:basedOn w:val="{based}"/>' if based else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{based}'
        f"<w:pPr>{properties}</w:pPr><w:rPr>{run_properties}</w:rPr></w:style>"
    )


OUTLINE = '<w:outlineLvl w:val="{}"/>'
STYLES = f"<w:styles {W}>" + "".join(
    (
        style("H1", "heading 1"),
        style("H2", "heading 2"),
        style("Mine", "Report chapter", based="H1"),
        style("berschrift2", "\u00dcberschrift 2"),
        style("Pennawd2", "Pennawd 2"),
        style("Outline", "Board heading", properties=OUTLINE.format(1)),
        style("TOCHeading", "TOC Heading", based="H1", properties=OUTLINE.format(9)),
        style("TOC1", "toc 1"),
        style("T", "Title"),
        style("Sub", "Subtitle", run_properties='<w:b/><w:sz w:val="40"/>'),
    )
)
STYLES += "</w:styles>"
BOLD = "<w:b/>"
LARGE = '<w:sz w:val="32"/>'
LESSONS = para("Lessons", style="H1") + para("Text.")


def test_the_entries_of_contents_are_not_below_the_chapter_before_them(tmp_path):
    body = (
        para("Summary", style="H1") + para("Nobody asked.") + para("Contents", style="TOCHeading")
    )
    body += para("Summary 2", style="TOC1") + para("Facts 3", style="TOC1") + para("After them.")
    report = read(word_file(tmp_path / "a.docx", body + LESSONS, styles=STYLES))
    assert [(path, text) for kind, path, text in rows(report) if kind == "paragraph"] == [
        ("Summary", "Nobody asked."), ("", "Contents"), ("", "Summary 2"), ("", "Facts 3"),
        ("", "After them."), ("Lessons", "Text."),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["H2", "berschrift2", "Pennawd2", "Outline"])
def test_a_heading_by_its_name_in_other_languages_or_by_its_outline_level(tmp_path, key):
    body = para("Facts", style="Mine") + para("School", style=key) + para("The school wrote.")
    body += LESSONS
    assert headings(tmp_path, body, styles=STYLES) == [
        ("", "Facts"),
        ("Facts", "School"),
        ("", "Lessons"),
    ]


def test_an_outline_level_of_the_paragraph_itself_decides(tmp_path):
    body = para("Facts", style="H1") + para("School", more=OUTLINE.format(1)) + para("Text.")
    body += para("No heading", style="H1", more=OUTLINE.format(9)) + para("Text.") + LESSONS
    found = headings(tmp_path, body, styles=STYLES)
    assert found == [("", "Facts"), ("Facts", "School"), ("", "Lessons")]


def test_a_style_above_the_contents_is_no_heading(tmp_path):
    body = para("Contents", style="TOCHeading") + para("Facts", style="H1") + para("Text.")
    assert headings(tmp_path, body, styles=STYLES) == [("", "Facts")]


def test_the_title_is_no_part_of_a_path_and_the_only_chapter_is(tmp_path):
    body = para("Child Elm", style="T") + para("A review", style="Sub")
    body += para("Facts", style="H1") + para("The school wrote.")
    report = read(word_file(tmp_path / "a.docx", body, styles=STYLES))
    assert report.title == "Child Elm"
    assert rows(report) == [
        ("heading", "", "Child Elm"),
        ("paragraph", "", "A review"),
        ("heading", "", "Facts"),
        ("paragraph", "Facts", "The school wrote."),
    ]


def test_the_only_chapter_is_the_title_where_it_is_at_the_beginning(tmp_path):
    chapter = para("Facts", style="H1") + para("School", style="H2") + para("Text.")
    assert headings(tmp_path, chapter, styles=STYLES) == [("", "Facts"), ("", "School")]
    later = para("A review.") * 4 + chapter
    assert headings(tmp_path, later, styles=STYLES) == [("", "Facts"), ("Facts", "School")]


def test_a_numbered_paragraph_in_a_heading_style_is_body_text(tmp_path):
    long = "The school wrote to the mother three times and had no answer from her. " * 2
    body = para("Facts", style="H1") + para(long.strip(), style="H2") + para("Text.")
    assert headings(tmp_path, body, styles=STYLES) == [("", "Facts")]


def test_bold_and_large_lines_above_text_are_headings_by_their_size(tmp_path):
    prose = para("The school wrote to the mother and had no answer.")
    body = para(run("Facts", BOLD, LARGE)) + para(run("School", BOLD)) + prose
    body += para(run("Lessons", BOLD, LARGE)) + prose
    assert headings(tmp_path, body) == [("", "Facts"), ("Facts", "School"), ("", "Lessons")]


def test_bold_lines_go_below_the_headings_by_style(tmp_path):
    body = para("Facts", style="H1") + para(run("School", BOLD)) + para("The school wrote.")
    body += LESSONS
    assert headings(tmp_path, body, styles=STYLES) == [
        ("", "Facts"),
        ("Facts", "School"),
        ("", "Lessons"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        para(run("It ends like a sentence.", BOLD)) + para("Text."),
        para("Text.") + para(run("Nothing is below", BOLD)),
        para(run("Some words", BOLD), " of it") + para("Text."),
        para(run("One Street", BOLD)) * 5 + para("Text."),
        f"<w:tbl><w:tr><w:tc>{para(run('Good', BOLD))}</w:tc></w:tr></w:tbl>" + para("Text."),
        para(run("All of it is bold", BOLD)) + para(run("So is the text of the report", BOLD)) * 3,
    ],
    ids=["sentence", "last", "in part", "address", "cell", "all bold"],
)
def test_bold_lines_that_are_no_headings(tmp_path, body):
    assert headings(tmp_path, body) == []


# ---- words, symbols, fields ----

RUBY = f"<w:rt>{run('above')}</w:rt><w:rubyBase>{run('base')}</w:rubyBase>"
RUBY = f"<w:r><w:ruby><w:rubyPr/>{RUBY}</w:ruby></w:r>"
HALF = (
    "<m:oMath><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
    "</m:f></m:oMath>"
)
BOX_RUN = '<w:r><w:sym w:font="{}" w:char="{}"/></w:r>'


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("<w:r><w:t>one</w:t><w:br/><w:t>two</w:t></w:r>", "one two"),
        ("<w:r><w:t>one</w:t><w:cr/><w:t>two</w:t></w:r>", "one two"),
        ("<w:r><w:t>one</w:t><w:tab/><w:t>two</w:t></w:r>", "one two"),
        ("<w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t></w:r>", "non-stop"),
        ("<w:r><w:t>mid</w:t><w:softHyphen/><w:t>wife</w:t></w:r>", "midwife"),
        (BOX_RUN.format("Wingdings", "F0FE") + run(" known"), "☑ known"),
        (BOX_RUN.format("Wingdings 2", "F0A3") + run(" known"), "☐ known"),
        (BOX_RUN.format("Symbol", "F061") + run(" known"), "\u03b1 known"),
        (BOX_RUN.format("Made Up", "F061") + BOX_RUN.format("Arial", "x") + run("A"), "\u03b1A"),
        (run("\u00fc", '<w:rFonts w:ascii="Wingdings"/>') + run(" known"), "✓ known"),
        (f"<w:hyperlink>{run('a link')}</w:hyperlink>", "a link"),
        (f"<w:smartTag>{run('Leeds')}</w:smartTag>", "Leeds"),
        (f'<w:fldSimple w:instr="REF x">{run("4.2")}</w:fldSimple>', "4.2"),
        (f"<w:unknown>{run('wrapped')}</w:unknown>", "wrapped"),
        (
            RUBY,
            "base (above)",
        ),
        (
            HALF + run(" of them"),
            "1/2 of them",
        ),
    ],
)
def test_what_a_paragraph_shows(tmp_path, content, shown):
    assert text_of(tmp_path, para(content)) == shown


def test_two_line_breaks_or_a_page_break_part_a_paragraph(tmp_path):
    content = (
        '<w:r><w:t>One</w:t><w:br/><w:br/><w:t>two</w:t><w:br w:type="page"/><w:t>three</w:t></w:r>'
    )
    assert text_of(tmp_path, para(content)) == "One\ntwo\nthree"


def field(instruction, result="", data=""):
    separate = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' if result else ""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        f"<w:r><w:instrText>{instruction}</w:instrText></w:r>{separate}{result}"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


REOPENED = "<w:r><w:instrText>"


def check_box(content):
    return f"<w:ffData><w:checkBox>{content}</w:checkBox></w:ffData>"


LIST = (
    '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="No"/><w:listEntry w:val="Yes"/>'
    "</w:ddList></w:ffData>"
)


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (field("HYPERLINK secret", run("the page")), "the page"),
        (field("IF", run("outer ") + field("PAGE secret", run("7"))), "outer 7"),
        (field(f"IF</w:instrText></w:r>{field('PAGE', run('no'))}{REOPENED}", run("yes")), "yes"),
        (field("FORMCHECKBOX", data=check_box("<w:checked/>")) + run(" known"), "☒ known"),
        (field("FORMCHECKBOX", data=check_box('<w:default w:val="0"/>')) + run(" a"), "☐ a"),
        (
            field("FORMCHECKBOX", data=check_box('<w:default w:val="1"/><w:checked w:val="0"/>'))
            + run(" a"),
            "☐ a",
        ),
        (field("FORMDROPDOWN", data=LIST), "Yes"),
        (field("FORMDROPDOWN", run("Perhaps"), data=LIST), "Perhaps"),
        ('<w:r><w:fldChar w:fldCharType="end"/></w:r>' + run("seen"), "seen"),
    ],
)
def test_fields_show_their_results_and_not_their_instructions(tmp_path, content, shown):
    assert text_of(tmp_path, para(content)) == shown


def test_a_field_that_never_ends_hides_nothing_after_its_paragraph(tmp_path):
    open_field = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    assert text_of(tmp_path, para("One ", open_field) + para("Two")) == "One\nTwo"


def control(content, properties=""):
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def tick(value):
    return f'<w14:checkbox><w14:checked w14:val="{value}"/></w14:checkbox>'


def test_content_controls_of_every_kind_are_read(tmp_path):
    cell = f"<w:tc>{control(para('In a cell'))}</w:tc>"
    body = (
        control(para("Block"))
        + para("In", control(run(" a line")))
        + para(control(run("☒"), tick(1)), " known")
        + para(control("", tick(0)), " to police")
        + f"<w:tbl>{control(f'<w:tr>{cell}</w:tr>')}</w:tbl>"
    )
    shown = ["Block", "In a line", "☒ known", "☐ to police", "In a cell"]
    assert text_of(tmp_path, body).split("\n") == shown


def test_what_a_form_says_in_an_empty_field_is_left_out_with_a_warning(tmp_path):
    empty = control(run("Click here to enter text."), "<w:showingPlcHdr/>")
    report = read(word_file(tmp_path / "a.docx", para("Name: ", empty)))
    assert report.text == "Name:"
    assert report.warnings == ("1 empty fields of a form left out",)


# ---- boxes and drawings ----


def text_box(words):
    box = f"<wps:txbx><w:txbxContent>{para(words)}</w:txbxContent></wps:txbx>"
    return f"<w:drawing><wp:inline><wps:wsp>{box}</wps:wsp></wp:inline></w:drawing>"


def old_text_box(words):
    content = f"<w:txbxContent>{para(words)}</w:txbxContent>"
    return f"<w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict>"


def choice(drawing, fallback="", needs="wps"):
    fallback = f"<mc:Fallback>{fallback}</mc:Fallback>" if fallback else ""
    drawing = f'<mc:Choice Requires="{needs}">{drawing}</mc:Choice>'
    return f"<mc:AlternateContent>{drawing}{fallback}</mc:AlternateContent>"


KEY = "Key learning"
BOXES = {
    "drawing": text_box(KEY),
    "vml": old_text_box(KEY),
    "word art": f'<w:pict><v:shape><v:textpath string="{KEY}"/></v:shape></w:pict>',
    "both": choice(text_box(KEY), old_text_box(KEY)),
    "drawing alone": choice(text_box(KEY)),
    "unknown drawing": choice("<w:drawing/>", old_text_box(KEY), needs="new"),
}


@pytest.mark.parametrize("box", BOXES.values(), ids=BOXES)
def test_each_text_box_is_read_once_at_its_anchor(tmp_path, box):
    first = para(f"<w:r>{box}</w:r>", "Anchor.")
    last = para("Anchor.", f"<w:r>{box}</w:r>")
    report = read(word_file(tmp_path / "a.docx", para("Before.") + first + para("After.") + last))
    assert report.text == "Before.\nKey learning\nAnchor.\nAfter.\nAnchor.\nKey learning"
    assert report.hidden == ()


def test_the_words_of_a_smart_art_are_read_and_those_of_a_chart_are_not(tmp_path):
    data = (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:pt><a:p><a:r><a:t>'
        "Assess</a:t></a:r></a:p></dgm:pt><dgm:pt><a:p><a:t>Plan</a:t></a:p></dgm:pt>"
        "</dgm:dataModel>"
    )
    body = para("The cycle", '<w:r><w:drawing><dgm:relIds r:dm="d"/></w:drawing></w:r>')
    body += para('<w:r><w:drawing><c:chart r:id="c"/></w:drawing></w:r>')
    files = {
        "word/_rels/document.xml.rels": word_relations(d=("diagramData", "diagrams/data1.xml")),
        "word/diagrams/data1.xml": data,
    }
    report = read(word_file(tmp_path / "a.docx", body, files=files))
    assert report.text == "The cycle\nAssess\nPlan"
    assert report.warnings == ("1 charts left out: their words were not read",)
