"""Automatic numbers of Word files: every passage begins with the number that Word shows."""

import pytest

from tests.documents.making import W, word_file
from tests.documents.test_formats import read, rows


def level(number, text, *, numbering="decimal", more="", start=1):
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{numbering}"/>'
        f'{more}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def lists(*levels, more="", overrides=""):
    """A numbering part with list 1 of these levels. more: further lists. overrides: of list 1."""
    return (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">{"".join(levels)}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="7"/>{overrides}</w:num>{more}</w:numbering>'
    )


def numbered(words, *, at=0, key=1):
    return (
        f'<w:p><w:pPr><w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{key}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>{words}</w:t></w:r></w:p>"
    )


def styled(words, style, more=""):
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{more}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
    )


def lines(tmp_path, body, **parts):
    return read(word_file(tmp_path / "a.docx", body, **parts)).text.split("\n")


REPORT = lists(level(0, "%1"), level(1, "%1.%2"), level(2, "(%3)", numbering="lowerLetter"))


def test_levels_count_within_each_other(tmp_path):
    body = "".join(
        numbered(words, at=at)
        for words, at in (("A", 0), ("B", 1), ("C", 1), ("D", 2), ("E", 0), ("F", 1), ("G", 2))
    )
    assert lines(tmp_path, body, numbering=REPORT) == [
        *("1 A", "1.1 B", "1.2 C", "(a) D", "2 E", "2.1 F", "(a) G")
    ]


def test_a_list_that_begins_below_its_first_level_shows_the_first_number_above(tmp_path):
    body = numbered("A", at=1) + numbered("B", at=1) + numbered("C")
    assert lines(tmp_path, body, numbering=REPORT) == ["1.1 A", "1.2 B", "2 C"]


@pytest.mark.parametrize(
    ("numbering", "shown"),
    [
        ("decimal", ["1.", "2.", "27."]),
        ("decimalZero", ["01.", "02.", "27."]),
        ("lowerLetter", ["a.", "b.", "aa."]),
        ("upperLetter", ["A.", "B.", "AA."]),
        ("lowerRoman", ["i.", "ii.", "xxvii."]),
        ("upperRoman", ["I.", "II.", "XXVII."]),
        ("ordinal", ["1st.", "2nd.", "27th."]),
        ("none", [".", ".", "."]),
        ("chicago", ["1.", "2.", "27."]),
    ],
)
def test_formats_of_numbers(tmp_path, numbering, shown):
    body = "".join(numbered("A") for _ in range(27))
    found = lines(tmp_path, body, numbering=lists(level(0, "%1.", numbering=numbering)))
    assert [found[0], found[1], found[26]] == [f"{number} A" for number in shown]


@pytest.mark.parametrize(
    ("text", "font", "shown"),
    [
        ("\uf0b7", "Symbol", "•"),
        ("o", "Courier New", "•"),
        ("\uf0a8", "Wingdings", "☐"),
        ("\u2013", "Arial", "\u2013"),
    ],
)
def test_bullets_are_shown_as_bullets_and_boxes_as_boxes(tmp_path, text, font, shown):
    font = f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr>'
    part = lists(level(0, text, numbering="bullet", more=font))
    report = read(word_file(tmp_path / "a.docx", numbered("A lesson."), numbering=part))
    assert rows(report) == [("item", "", f"{shown} A lesson.")]


def test_a_plain_number_makes_an_item_and_a_long_one_a_paragraph(tmp_path):
    body = numbered("Act.") + numbered("Train.", at=1) + numbered("Midwives.", at=2)
    report = read(word_file(tmp_path / "a.docx", body, numbering=REPORT))
    assert [row[0] for row in rows(report)] == ["item", "paragraph", "item"]


def test_a_list_that_starts_anew_and_one_that_goes_on(tmp_path):
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    more = (
        f'<w:num w:numId="2"><w:abstractNumId w:val="7"/>{start}</w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )
    body = "".join(numbered("A", key=key) for key in (1, 1, 2, 2, 3, 2))
    shown = ["1 A", "2 A", "1 A", "2 A", "3 A", "4 A"]
    assert lines(tmp_path, body, numbering=lists(level(0, "%1"), more=more)) == shown


def test_a_list_starts_each_level_anew_at_its_own_first_paragraph(tmp_path):
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    more = f'<w:num w:numId="2"><w:abstractNumId w:val="7"/>{start}</w:num>'
    part = lists(level(0, "%1"), level(1, "%1.%2"), more=more)
    body = numbered("A") + numbered("B", at=1, key=2) + numbered("C", key=2) + numbered("D")
    assert lines(tmp_path, body, numbering=part) == ["1 A", "1.1 B", "5 C", "6 D"]


def test_a_list_changes_a_level_of_its_abstract_list(tmp_path):
    changed = level(0, "Finding %1:", numbering="upperRoman")
    part = lists(level(0, "%1"), overrides=f'<w:lvlOverride w:ilvl="0">{changed}</w:lvlOverride>')
    assert lines(tmp_path, numbered("A"), numbering=part) == ["Finding I: A"]


@pytest.mark.parametrize(
    ("restart", "shown"),
    [
        ("", ["1", "a", "i", "b", "i", "2", "a", "i"]),
        ('<w:lvlRestart w:val="0"/>', ["1", "a", "i", "b", "ii", "2", "a", "iii"]),
        ('<w:lvlRestart w:val="1"/>', ["1", "a", "i", "b", "ii", "2", "a", "i"]),
    ],
)
def test_when_a_level_starts_again(tmp_path, restart, shown):
    part = lists(
        level(0, "%1"),
        level(1, "%2", numbering="lowerLetter"),
        level(2, "%3", numbering="lowerRoman", more=restart),
    )
    body = "".join(numbered("A", at=at) for at in (0, 1, 2, 1, 2, 0, 1, 2))
    assert lines(tmp_path, body, numbering=part) == [f"{number} A" for number in shown]


def test_a_legal_number_is_in_digits_throughout(tmp_path):
    part = lists(level(0, "Part %1", numbering="upperRoman"), level(1, "%1.%2", more="<w:isLgl/>"))
    body = numbered("A") + numbered("B") + numbered("C", at=1)
    assert lines(tmp_path, body, numbering=part) == ["Part I A", "Part II B", "2.1 C"]


def test_a_level_starts_at_its_own_first_number(tmp_path):
    part = lists(level(0, "%1", start=4), level(1, "%1.%2", start=0))
    body = numbered("A") + numbered("B", at=1)
    assert lines(tmp_path, body, numbering=part) == ["4 A", "4.0 B"]


STYLES = (
    f'<w:styles {W}><w:style w:type="paragraph" w:styleId="Clause"><w:name w:val="Clause"/>'
    '<w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Below"><w:basedOn w:val="Clause"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Chapter"><w:name w:val="heading 1"/>'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="numbering" w:styleId="Report"><w:pPr><w:numPr><w:numId w:val="9"/></w:numPr>'
    "</w:pPr></w:style></w:styles>"
)


def test_numbers_by_style_and_by_a_style_it_is_based_on(tmp_path):
    body = styled("A", "Chapter") + styled("B", "Clause") + styled("C", "Below")
    found = rows(read(word_file(tmp_path / "a.docx", body, styles=STYLES, numbering=REPORT)))
    assert found == [
        ("heading", "", "1 A"),
        ("paragraph", "1 A", "1.1 B"),
        ("paragraph", "1 A", "1.2 C"),
    ]


def test_a_level_that_names_a_style_is_the_level_of_that_style(tmp_path):
    part = lists(level(0, "%1"), level(1, "%1.%2", more='<w:pStyle w:val="Chapter"/>'))
    assert lines(tmp_path, styled("A", "Chapter"), styles=STYLES, numbering=part) == ["1.1 A"]


def test_a_paragraph_leaves_the_list_of_its_style(tmp_path):
    off = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = styled("A", "Clause", off) + styled("B", "Clause")
    assert lines(tmp_path, body, styles=STYLES, numbering=REPORT) == ["A", "1.1 B"]


def test_a_list_through_the_list_style_it_is_linked_to(tmp_path):
    more = (
        '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="Report"/></w:abstractNum>'
        '<w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num>'
        '<w:num w:numId="10"><w:abstractNumId w:val="8"/></w:num>'
    )
    part = lists(level(0, "§ %1"), more=more)
    body = numbered("A", key=9) + numbered("B", key=10)
    assert lines(tmp_path, body, styles=STYLES, numbering=part) == ["§ 1 A", "§ 2 B"]


def test_what_is_deleted_is_not_counted_and_what_is_empty_is(tmp_path):
    deleted = (
        '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
        '<w:rPr><w:del w:author="A"/></w:rPr></w:pPr>'
        '<w:del w:author="A"><w:r><w:delText>Gone</w:delText></w:r></w:del></w:p>'
    )
    body = numbered("A") + deleted + numbered("B") + numbered("") + numbered("D")
    assert lines(tmp_path, body, numbering=REPORT) == ["1 A", "2 B", "4 D"]


def test_a_paragraph_that_is_neither_deleted_nor_hidden_is_the_next(tmp_path):
    hidden = numbered("Gone").replace("<w:r>", "<w:r><w:rPr><w:vanish/></w:rPr>")
    row = f"<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>{numbered('Gone')}</w:tc></w:tr></w:tbl>"
    body = numbered("A") + hidden + row + numbered("B")
    assert lines(tmp_path, body, numbering=REPORT) == ["1 A", "2 B"]


@pytest.mark.parametrize("key", ["99", "x"])
def test_a_list_that_is_not_there_has_no_number(tmp_path, key):
    assert lines(tmp_path, numbered("A", key=key), numbering=REPORT) == ["A"]


def test_numbers_out_of_all_bounds_do_no_harm(tmp_path):
    part = lists(level(0, "%1%2%9", start=10**30), level(40, "%1"))
    assert lines(tmp_path, numbered("A") + numbered("B", at=-3), numbering=part)[0].endswith(" A")
