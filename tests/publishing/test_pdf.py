"""The PDF: tagged, in one language, the same every time. A structure walk, not a proof."""

import io
import re

import pikepdf
import pypdfium2
import pytest

from tests.publishing.small_release import small_document
from waymark.publishing.formats.pdf import has_glyph, render_pdf


@pytest.fixture(scope="module")
def compiled():
    return render_pdf(small_document())


@pytest.fixture(scope="module")
def opened(compiled):
    with pikepdf.open(io.BytesIO(compiled)) as file:
        yield file


def elements(node):
    """Every structure element from a node down, in reading order."""
    below = node.get("/K")
    for child in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from elements(child)


def all_of(opened, kind):
    return [element for element in elements(opened.Root.StructTreeRoot) if kind == element.S]


def scopes(cell):
    return [str(element.Scope) for element in cell.A if "/Scope" in element]


def text_of(compiled):
    file = pypdfium2.PdfDocument(compiled)
    pages = [page.get_textpage().get_text_range() for page in file]
    return re.sub(r"\s+", " ", " ".join(pages))


def test_it_says_that_it_is_pdf_ua_1_tagged_and_in_which_language(opened):
    assert str(opened.Root.Lang) == "en-GB"
    assert opened.Root.MarkInfo.Marked
    with opened.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "A small overview"
    assert opened.Root.ViewerPreferences.DisplayDocTitle


def test_headings_start_at_the_first_level(opened):
    kinds = [str(element.S) for element in elements(opened.Root.StructTreeRoot)]
    levels = [kind for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == "/H1"
    assert set(levels) == {"/H1", "/H2"}


def test_every_table_has_headers_of_its_columns_and_rows(opened):
    tables = all_of(opened, "/Table")
    assert len(tables) == 9
    for table in tables:
        heads = [element for element in elements(table) if element.S == "/TH"]
        assert {scope for element in heads for scope in scopes(element)} == {"/Column", "/Row"}
        rows = [element for element in elements(table) if element.S == "/TR"]
        assert all(next(cell.S for cell in row.K) == "/TH" for row in rows)


def test_every_figure_says_in_words_what_it_shows(opened):
    figures = all_of(opened, "/Figure")
    assert len(figures) == 5
    text = "2001 and 2003 have the largest number: 2 of 4 reviews each. Numbers in Table 2."
    assert str(figures[1].Alt) == text


def test_two_runs_give_the_same_bytes(compiled):
    assert render_pdf(small_document()) == compiled


def test_it_carries_the_numbers_notes_and_origin_of_the_tables(compiled):
    text = text_of(compiled)
    assert "Table 3. Cause: reviews, Nowhere, 2001 to 2003" in text
    assert "Base: 4 reviews." in text
    assert "cannot be used to predict anything" in text
    assert "ab" * 32 in text.replace(" ", "")
    assert "Edition 1, published on 5 May 2026" in text


def test_its_date_is_that_of_the_edition(opened):
    with opened.open_metadata() as metadata:
        assert metadata["xmp:CreateDate"].startswith("2026-05-05T09:30:00")


def test_tables_too_wide_for_an_upright_page_lie_on_pages_of_their_own(opened):
    lying = [page for page in opened.pages if page.mediabox[2] > page.mediabox[3]]
    assert len(lying) == 2  # T8 with nine columns of numbers, T14 with eleven


def test_a_lying_page_gives_its_height_to_the_table(compiled):
    """Less than two centimetres stay empty above; under the margins of an upright page, 2.4."""
    centimetre = 72 / 2.54
    for page in pypdfium2.PdfDocument(compiled):
        if page.get_width() > page.get_height():
            words = page.get_textpage()
            tops = [words.get_charbox(at)[3] for at in range(words.count_chars())]
            assert page.get_height() - max(tops) < 2 * centimetre


@pytest.mark.parametrize("words", ['#panic("x")', "$x$ *b* _i_ @T1 #let", "\\u{41} `code`"])
def test_words_are_never_taken_for_code(words):
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    compiled = render_pdf(small_document("title: A small overview", f'title: "{quoted}"'))
    assert words in text_of(compiled)


@pytest.mark.parametrize("character", ["é", "ŵ", "Ж", "\u2013", "≥", "£"])
def test_letters_of_european_languages_are_printed(character):
    assert has_glyph(character)


def test_a_character_that_no_font_holds_is_printed_by_its_number_and_listed():
    compiled = render_pdf(small_document("place: Nowhere", "place: 한 Nowhere"))
    text = text_of(compiled)
    assert "[U+D55C] Nowhere" in text
    assert "shown by their Unicode number: [U+D55C]" in text
    assert render_pdf(small_document("place: Nowhere", "place: 한 Nowhere")) == compiled
