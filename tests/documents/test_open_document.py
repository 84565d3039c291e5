"""OpenDocument texts: headings, numbers, tables, notes, changes, and what is hidden or refused."""

import zipfile

import pytest

from tests.documents.making import SECRET
from tests.documents.open_document import number_style, odt_file, style
from tests.documents.test_formats import rows
from waymark.core.errors import FileRefused
from waymark.documents import parsers
from waymark.documents.reading.values import MIB, ReadingLimits, broken_laws

LIMITS = ReadingLimits()
UNSOUND = "has parts that are not sound XML"


def read(folder, body, **options):
    path = odt_file(folder / "report.odt", body, **options)
    report = parsers.read_file(path, path.name, LIMITS)
    assert broken_laws(report) == []
    return report


def texts(report):
    return [text for _, _, text in rows(report)]


def refusal(path):
    with pytest.raises(FileRefused) as caught:
        parsers.read_file(path, path.name, LIMITS)
    assert caught.value.remedy
    return caught.value.reason


def p(words, name=""):
    return f'<text:p text:style-name="{name}">{words}</text:p>'


def items(*bodies, **attributes):
    given = " ".join(
        f'text:{name.replace("_", "-")}="{value}"' for name, value in attributes.items()
    )
    inside = "".join(f"<text:list-item>{body}</text:list-item>" for body in bodies)
    return f"<text:list {given}>{inside}</text:list>"


def test_headings_give_the_paths_by_their_outline_levels(tmp_path):
    body = (
        '<text:h text:outline-level="1">Child Elm</text:h>'
        '<text:h text:outline-level="2">Findings</text:h><text:p>The panel<text:s text:c="2"/>met'
        "<text:tab/>in<text:line-break/>May.</text:p>"
        '<text:h text:outline-level="3">Early help</text:h><text:p>Help came late.</text:p>'
    )
    report = read(tmp_path, body)
    assert rows(report) == [
        ("heading", "", "Child Elm"),
        ("heading", "", "Findings"),
        ("paragraph", "Findings", "The panel met in May."),
        ("heading", "Findings", "Early help"),
        ("paragraph", "Findings > Early help", "Help came late."),
    ]
    assert report.media_type == "application/vnd.oasis.opendocument.text"


NUMBERS = number_style(
    "L1",
    'style:num-format="1" style:num-suffix="."',
    'style:num-format="1" text:display-levels="2"',
    'style:num-format="a" style:num-prefix="(" style:num-suffix=")"',
)


def test_items_have_the_numbers_that_the_document_shows(tmp_path):
    body = (
        items(
            p("One"),
            p("Two") + items(p("Two one"), p("Two two") + items(p("Deep"))),
            style_name="L1",
        )
        + p("Between")
        + items(p("Three"), style_name="L1", continue_numbering="true")
        + items(p("One again"), style_name="L1")
    )
    assert texts(read(tmp_path, body, automatic=NUMBERS)) == [
        "1. One", "2. Two", "2.1 Two one", "2.2 Two two", "(a) Deep", "Between", "3. Three",
        "1. One again",
    ]  # fmt: skip


def test_an_item_can_begin_with_another_number_and_bullets_have_none(tmp_path):
    body = (
        '<text:list text:style-name="L1"><text:list-item text:start-value="7">'
        "<text:p>Seven</text:p><text:p>Still seven</text:p></text:list-item></text:list>"
    ) + items(p("Bullet"), style_name="B")
    report = read(tmp_path, body, automatic=NUMBERS)
    assert texts(report) == ["7. Seven", "Still seven", "Bullet"]


@pytest.mark.parametrize(
    ("formats", "numbers"),
    [
        # The pattern has the prefix and the suffix too; those beside it are for older programs.
        (("%1%.", "%1%.%2%", "%1%.%2%(%3%)"), ("1.", "1.1", "1.1(a)")),
        (("%1%)", "%1%-%2%:", "(%3%)"), ("1)", "1-1:", "(a)")),
        (("", "%2% of %1%.", "%1%/%2%/%3%"), ("1.", "1 of 1.", "1/1/a")),
    ],
)
def test_a_number_follows_the_pattern_of_its_level(tmp_path, formats, numbers):
    old = 'style:num-suffix="." text:display-levels="{}" style:num-format="{}"'
    levels = [
        old.format(level, form) + (f' loext:num-list-format="{pattern}"' if pattern else "")
        for level, (form, pattern) in enumerate(zip("11a", formats, strict=True), start=1)
    ]
    body = items(p("One") + items(p("Two") + items(p("Three"))), style_name="L1")
    report = read(tmp_path, body, automatic=number_style("L1", *levels))
    words = zip(numbers, ("One", "Two", "Three"), strict=True)
    assert texts(report) == [" ".join(pair) for pair in words]


def test_a_level_without_numbers_leaves_no_sign_in_the_pattern(tmp_path):
    levels = ['style:num-format="1"', 'style:num-format=""', 'style:num-format="1"']
    levels[2] += ' loext:num-list-format="%1%.%2%.%3%"'
    body = items(p("One") + items(p("Two") + items(p("Three"))), style_name="L1")
    report = read(tmp_path, body, automatic=number_style("L1", *levels))
    assert texts(report) == ["1 One", "Two", "1.1 Three"]


def test_headings_are_numbered_by_the_outline(tmp_path):
    outline = number_style(
        "", 'style:num-format="1"', 'style:num-format="1" text:display-levels="2"',
        element="outline-style",
    )  # fmt: skip
    body = "".join(
        f'<text:h text:outline-level="{level}">{words}</text:h>'
        for level, words in ((1, "Findings"), (2, "Health"), (2, "School"), (1, "Lessons"))
    )
    report = read(tmp_path, body, styles=f"<office:styles>{outline}</office:styles>")
    assert texts(report) == ["1 Findings", "1.1 Health", "1.2 School", "2 Lessons"]


def test_a_paragraph_in_the_style_of_a_heading_is_one(tmp_path):
    named = "".join(
        f'<style:style style:name="{name}" style:family="paragraph" {more}/>'
        for name, more in (
            ("P1", 'style:parent-style-name="Heading_20_1"'),
            ("Heading_20_1", ""),
            ("Own", 'style:default-outline-level="2"'),
        )
    )
    body = p("Findings", "P1") + p("Health", "Own") + p("Help came late.")
    assert rows(read(tmp_path, body, automatic=named)) == [
        ("heading", "", "Findings"),
        ("heading", "Findings", "Health"),
        ("paragraph", "Findings > Health", "Help came late."),
    ]


def test_the_entries_of_contents_are_not_below_the_chapter_before_them(tmp_path):
    heading = '<text:h text:outline-level="1">{}</text:h>'.format
    entries = p("Summary<text:tab/>2") + p("Facts<text:tab/>3")
    body = heading("Summary") + p("Nobody asked.") + (
        "<text:table-of-content><text:index-body><text:index-title>"
        f"{p('Contents')}</text:index-title>{entries}</text:index-body></text:table-of-content>"
    ) + heading("Facts") + p("Two visits.")  # fmt: skip
    assert [(path, text) for kind, path, text in rows(read(tmp_path, body)) if path] == [
        ("Summary", "Nobody asked."), ("Facts", "Two visits."),
    ]  # fmt: skip


def test_rows_notes_and_text_boxes_are_read_in_their_places(tmp_path):
    cell = "<table:table-cell>{}</table:table-cell>".format
    body = (
        f"<table:table><table:table-row>{cell(p('Outcome'))}{cell(p('Died'))}</table:table-row>"
        "</table:table><text:p>A claim<text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>Its source.</text:p></text:note-body></text:note> goes "
        "on.</text:p>"
        "<text:p>Before<draw:frame><draw:text-box><text:p>In a box</text:p></draw:text-box>"
        "</draw:frame></text:p><text:p>Last.</text:p>"
    )
    assert texts(read(tmp_path, body)) == [
        "Outcome | Died", "A claim[1] goes on.", "[1] Its source.", "Before", "In a box", "Last.",
    ]  # fmt: skip


CHANGES = (
    "<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator>"
    f"A. Person</dc:creator></office:change-info><text:p>{SECRET}</text:p></text:deletion>"
    "</text:changed-region><text:changed-region><text:insertion><office:change-info><dc:creator>"
    "B. Person</dc:creator></office:change-info></text:insertion></text:changed-region>"
    "</text:tracked-changes>"
)
HIDDEN = {
    "deleted": (CHANGES, "", "deleted"),
    "a comment": (
        ("<text:p><office:annotation><dc:creator>A. Person</dc:creator><dc:date>2001</dc:date>"
        f"<text:p>{SECRET}</text:p></office:annotation></text:p>"),
        "",
        "comment",
    ),
    "a hidden section": (
        f'<text:section text:display="none">{p(SECRET)}</text:section>',
        "",
        "invisible",
    ),
    "a hidden paragraph": (
        f'<text:p><text:hidden-paragraph text:is-hidden="true"/>{SECRET}</text:p>',
        "",
        "invisible",
    ),
    "hidden text": (f'<text:p><text:hidden-text text:string-value="{SECRET}"/></text:p>', "",
                    "invisible"),
    "hidden characters": (
        f'<text:p><text:span text:style-name="T1">{SECRET}</text:span></text:p>',
        style("T1", "text", 'text:display="none"'),
        "invisible",
    ),
    "white words": (
        f'<text:p><text:span text:style-name="T1">{SECRET}</text:span></text:p>',
        style("T1", "text", 'fo:color="#ffffff"'),
        "invisible",
    ),
    "white words by a style below": (
        p(SECRET, "P2"),
        style("P1", "paragraph", 'fo:color="#fefefe"') + style("P2", "paragraph", "", "P1"),
        "invisible",
    ),
    "tiny words": (
        p(SECRET, "P1"), style("P1", "paragraph", 'fo:font-size="1pt"'), "invisible",
    ),
    "black on black": (
        p(SECRET, "P1"),
        style("P1", "paragraph", 'fo:color="#000000" fo:background-color="#000000"'),
        "covered",
    ),
    "a row that is not shown": (
        ('<table:table><table:table-row table:visibility="collapse"><table:table-cell>'
        f"{p(SECRET)}</table:table-cell></table:table-row></table:table>"),
        "",
        "invisible",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "automatic", "kind"), HIDDEN.values(), ids=HIDDEN)
def test_hidden_words_of_an_open_document_are_found(tmp_path, body, automatic, kind):
    report = read(tmp_path, f"{body}{p('Seen.')}", automatic=automatic)
    assert [(find.kind, find.text) for find in report.hidden] == [(kind, SECRET)]
    assert report.text == "Seen."


@pytest.mark.parametrize(
    "properties",
    [
        'fo:color="#ffffff" fo:background-color="#000080"',
        'fo:background-color="#000000"',  # the automatic colour is white there
        'fo:background-color="#000000" style:use-window-font-color="true"',
        'fo:font-size="80%"',
        'text:display="true"',
    ],
)
def test_words_that_can_be_seen_are_no_find(tmp_path, properties):
    report = read(tmp_path, p(SECRET, "P1"), automatic=style("P1", "paragraph", properties))
    assert (report.hidden, report.text) == ((), SECRET)


def test_changes_and_their_people_are_told(tmp_path):
    meta = "<office:meta><meta:initial-creator>C. Person</meta:initial-creator></office:meta>"
    report = read(tmp_path, f"{CHANGES}{p('Seen.')}", meta=meta)
    remedy = "before you share it"
    assert report.warnings == (
        "tracked changes: 1 insertions kept, 1 deletions left out",
        f"the file names its author (\u201cC. Person\u201d): remove the name {remedy}",
        f"the file names 2 people who changed it or commented on it: remove the names {remedy}",
        "hidden text left out: deleted words, 1 place",
        "hidden text left out: properties of the file, 1 place",
    )


def test_other_open_documents_are_refused_by_their_kind(tmp_path):
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    path = odt_file(tmp_path / "a.odt", p("Words"), kind=kind)
    assert refusal(path) == "is an OpenDocument spreadsheet"


def test_a_document_with_a_password_is_refused(tmp_path):
    path = odt_file(tmp_path / "a.odt", p("Words"))
    manifest = (
        '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    )
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
    assert refusal(path) == "is locked with a password"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../up.xml", b"<a/>", "has a part with a dangerous name"),
        ("big.xml", b" " * (3 * MIB), "is compressed far more than any real document"),
        ("styles.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', UNSOUND),
        ("styles.xml", b"<a><b></a>", UNSOUND),
        ("styles.xml", b"<a>" * 1_000 + b"</a>" * 1_000, "has parts nested too deep to read"),
    ],
)  # fmt: skip
def test_hostile_open_documents_are_refused(tmp_path, name, content, reason):
    path = odt_file(tmp_path / "a.odt", p("Words"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    assert refusal(path) == reason


@pytest.mark.parametrize("length", [200, -100, -1])
def test_a_document_cut_short_is_refused(tmp_path, length):
    path = odt_file(tmp_path / "a.odt", p("Words"))
    path.write_bytes(path.read_bytes()[:length])
    assert refusal(path) == "is damaged or locked"


def test_the_description_of_a_picture_is_listed_as_hidden(tmp_path):
    frame = "<draw:frame><draw:image/><svg:title>Her brother</svg:title></draw:frame>"
    report = read(tmp_path, f"<text:p>The panel met.{frame}</text:p>")
    assert [(find.kind, find.text) for find in report.hidden] == [("alternate", "Her brother")]
