"""Files as other programs and people write them: each is read to the right values, or told."""

import pytest

from tests.shared import SHARED, needs_shared
from waymark.library.exchange.formats import format_of, read_as

CASES = SHARED / "cases" / "library"
pytestmark = needs_shared


def reading_of(name: str):
    content = (CASES / name).read_bytes()
    return read_as(format_of(name, content), content)


def records_of(name: str):
    return [candidate.data for candidate in reading_of(name).candidates]


def notes_of(name: str) -> list[tuple[str, ...]]:
    return [candidate.notes for candidate in reading_of(name).candidates]


WELSH_AND_IRISH = {
    **dict.fromkeys(
        ("indent.ris", "tabs.ris", "nosp.ris", "mac.ris", "u16be.ris", "u16le.ris", "u16nobom.ris"),
        (
            "Cosaint leana\u00ed \u2014 \u201ct\u0177\u201d & ph\u00e1iste & cwm",
            "Ll\u0177r ap Si\u00f4n",
        ),
    ),
    # These encodings have no y with a circumflex.
    **dict.fromkeys(
        ("cp1252.ris", "macroman.ris"),
        ("Cosaint leana\u00ed \u2014 \u201cty\u201d & ph\u00e1iste & cwm", "Llyr ap Si\u00f4n"),
    ),
    "latin9_8859_14.ris": (
        'Cosaint leana\u00ed - "t\u0177" & ph\u00e1iste & cwm',
        "Ll\u0177r ap Si\u00f4n",
    ),
}


@pytest.mark.parametrize("name", WELSH_AND_IRISH)
def test_ris_is_read_in_every_layout_and_encoding_without_its_signs_of_html(name):
    (record,) = records_of(name)
    title, second = WELSH_AND_IRISH[name]
    assert (record.title, record.authors) == (title, ("N\u00ed Dhomhnaill, \u00c1ine", second))
    assert (record.year, record.keywords) == (2019, ("esgeulustod",))
    assert record.abstract == "Line one\n\nLine two <b>"


def test_fields_of_a_report_in_a_journal_are_kept_and_its_note_is_told():
    (record,) = records_of("fields_lost.ris")
    assert record.keywords == (
        "county lines",
        "Adultification of Black girls",
        "contextual safeguarding",
    )
    assert (record.host_title, record.volume, record.issue, record.pages) == (
        "Child Abuse Review",
        "12",
        "3",
        "33-44",
    )
    assert (record.editors, record.place, record.edition) == (("Horwood, Jane",), "London", "2nd")
    assert notes_of("fields_lost.ris") == [("note not taken: Held in print, shelf 12",)]


def test_a_book_without_authors_has_its_editors_and_its_second_isbn_is_told():
    book, report = records_of("ed_only.ris")
    assert (book.kind, book.authors) == ("book", ())
    assert book.editors == ("Sidmouth, Petra", "Horwood, Jane")
    assert (book.isbn, book.year, book.published_on) == ("9781849050012", 2012, None)
    assert notes_of("ed_only.ris")[0] == ("further ISBN not taken: 9780857000012",)
    assert report.editors == ("Department for Education, Northern Ireland",)


def test_a_body_with_commas_in_its_name_is_one_author():
    (record,) = records_of("corporate_comma.ris")
    assert record.authors == ("Department of Health, Social Services and Public Safety",)


def test_several_authors_in_a_line_are_several():
    first, second, third = records_of("semi_authors.ris")
    assert first.authors == (
        "Ferreira-G\u00f3mez, Ana J.",
        "Lindqvist, Maja",
        "Prior, Ewan Luis",
    )
    assert second.authors == ("Smithson, Ann", "Marsh, Karl", "Weston, Max")
    assert third.authors == ("Rathmore, Mary Jean",)


def test_a_chapter_has_its_book_and_its_series():
    (record,) = records_of("t2t3.ris")
    assert (record.kind, record.host_title, record.series) == (
        "book-chapter",
        "Handbook of Reviews",
        "Studies in Practice",
    )


def test_a_title_goes_on_in_the_next_line_and_dates_are_read_as_people_write_them():
    (record,) = records_of("medline_like.ris")
    assert record.title == "Title that goes on with indentation"
    assert record.published_on.isoformat() == "2011-03-05"
    assert record.abstract == "BACKGROUND: x METHODS: y\n\nsecond AB\n\nN2 text"


def test_the_type_need_not_be_the_first_line():
    (record,) = records_of("ty_not_first.ris")
    assert (record.kind, record.title, record.host_title, record.pages) == (
        "journal-article",
        "A study of practice",
        "Journal of Examples",
        "67-76",
    )
    assert record.abstract == ""


def test_bibtex_keeps_names_accents_and_books_that_entries_refer_to():
    report, article, book, page, chapter = records_of("bib_hard.bib")
    assert report.authors == (
        "van der Berg, Jan",
        "\u00d3 Briain, Se\u00e1n",
        "de la Cruz, Mar\u00eda",
        "Office for Standards in Education, Children's Services and Skills",
    )
    assert report.title == (
        "Learning from case reviews: & \u201cneglect\u201d \u2013 50% more, $5 _x"
    )
    assert (report.url, report.pages) == ("https://example.org/a_b?x=1&y=2%20c", "12-30")
    assert article.authors == ("Jones, Tom, Jr.", "Ni Dhomhnaill, N.")
    assert (article.host_title, article.volume, article.issue, article.pages) == (
        "Child Abuse Review",
        "12",
        "3",
        "1-2",
    )
    assert (book.kind, book.editors, book.publisher) == ("book", ("Smith, A.",), "Wiley & Sons")
    assert page.title == "Gorsedd: t\u0177, \u0175, \u0177, \u00ef, \u00ed"
    assert (page.published_on.isoformat(), page.accessed_on.isoformat()) == (
        "2020-05-01",
        "2021-01-01",
    )
    assert (chapter.host_title, chapter.editors, chapter.year) == (
        "Edited book on \u00df and \u00e6 and \u0153 and \u0141",
        ("Smith, A.",),
        1999,
    )
    assert notes_of("bib_hard.bib")[1] == ("no year could be read from 'in press'",)


def test_a_field_that_stands_twice_in_an_entry_does_not_lose_the_entry():
    (record,) = records_of("dup_field.bib")
    assert (record.title, record.authors, record.year) == ("T", ("Smith, A",), 2001)
    assert notes_of("dup_field.bib") == [("fields not taken: note (x), note (y)",)]


def test_marc_is_utf8_if_its_bytes_are_whatever_its_label_says():
    (record,) = records_of("dishonest2.mrc")
    assert (record.title, record.kind) == (
        "Cosaint leana\u00ed: t\u0177 a phlant \u00e9",
        "guidance",
    )
    assert notes_of("dishonest2.mrc") == [("its text is UTF-8, though its label is not",)]
    (record,) = records_of("dishonest.mrc")
    assert "Climbi\u00e9" in notes_of("dishonest.mrc")[0][1]


@pytest.mark.parametrize("name", ["dishonest.mrc", "len_off.mrc", "noname.dat"])
def test_a_marc_record_is_read_whole_with_wrong_lengths_and_any_name(name):
    (record,) = records_of(name)
    assert (record.title, record.strapline) == ("Cyllidebau ysgolion", "School budgets")
    assert (record.language, record.isbn, record.place, record.year) == (
        "cy",
        "9781849050012",
        "Caerdydd",
        2012,
    )
    assert (record.host_title, record.url) == ("Child abuse review", "https://example.org/good")
    assert [title for title, _ in record.contents] == ["Chapter one", "Chapter two"]
    assert "500 a (General note)" in notes_of(name)[0][-1]


def test_wrong_lengths_are_told():
    assert notes_of("len_off.mrc")[0][0] == "its lengths were wrong and were put right"


def test_tables_of_excel_are_read_whatever_their_ending_and_first_line():
    (record,) = records_of("excel_unicode.txt")
    assert (record.title, record.authors, record.year, record.kind) == (
        "T\u0177 a phlant",
        ("Jones, A.",),
        2019,
        "guidance",
    )
    (record,) = records_of("sep.csv")
    assert (record.title, record.kind, record.year) == ("A title", "guidance", 2019)
    (record,) = records_of("excel_cp1252_semicolon.csv")
    assert record.title == "Learning; from \u2013 reviews"
    assert record.authors == ("O\u2019Brien, S.", "N\u00ed Mh\u00e1ille, \u00c1.")
    assert record.abstract == 'Line 1\n\nLine 2 "quoted"'


def test_rows_with_bad_quotes_are_told_with_what_they_took_along():
    reading = reading_of("quote_bad.csv")
    assert [candidate.data.title for candidate in reading.candidates] == ["Good"]
    assert [fault.place for fault in reading.faults] == ["line 2", "line 4"]
    assert reading.faults[0].message.endswith("',' expected after '\"'")
    assert reading.faults[1].message.endswith("all to line 6 is one cell")


def test_the_boards_of_reviews_keep_their_commas():
    assert [record.board for record in records_of("boards.csv")] == [
        "Bournemouth, Christchurch and Poole Safeguarding Children Partnership",
        "Hammersmith and Fulham, Kensington and Chelsea and Westminster LSCB",
    ]


def test_formulas_are_texts():
    assert [record.title for record in records_of("formula.csv")] == ["=cmd|calc!A1", "@x"]
