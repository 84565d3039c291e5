"""The PDF: tagged, in one language, the same every time. A structure walk, not a proof."""

import io
import re
from collections import Counter
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest

from tests.publishing.small_release import small_document
from waymark.publishing.document.nodes import (
    DocumentImprint,
    HeadingNode,
    NoteList,
    NoteMark,
    QuotationNode,
    ReportNote,
)
from waymark.publishing.formats import pdf
from waymark.publishing.formats.pdf import render_pdf, without_glyph

IMPRINT = DocumentImprint(
    "Northshire Partnership", "help@example.org", "CC-BY-4.0", "https://example.org", "Cite this"
)


@pytest.fixture(scope="module")
def compiled():
    return render_pdf(replace(small_document(), imprint=IMPRINT))


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


def map_below(parents):
    return [child for parent in parents for child in elements_below(parent)]


def elements_below(parent):
    below = parent.get("/K")
    children = below if isinstance(below, pikepdf.Array) else [below]
    return [one for one in children if isinstance(one, pikepdf.Dictionary) and "/S" in one]


def kinds_below(element):
    return {str(child.S) for child in elements(element)}


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
    assert render_pdf(replace(small_document(), imprint=IMPRINT)) == compiled


def test_the_lists_of_tables_and_figures_are_tagged_as_contents(opened):
    lists = all_of(opened, "/TOC")
    # One for the tables, in the order of their numbers, and one for the figures.
    assert [len(elements_below(element)) for element in lists] == [9, 5]
    assert {element.S for element in map_below(lists)} == {"/TOCI"}


def test_quotations_are_block_quotes_with_their_attribution_in_a_paragraph():
    quotation = QuotationNode("Nobody asked.", "Report R1, page 2", NoteMark(1), "k-0-13")
    notes = NoteList((ReportNote(1, "Report R1.", ""),))
    document = replace(small_document(), nodes=(HeadingNode(2, "One", "one"), quotation, notes))
    with pikepdf.open(io.BytesIO(render_pdf(document))) as file:
        quotes = all_of(file, "/BlockQuote")
        assert [[str(child.S) for child in quote.K] for quote in quotes] == [["/P", "/P"]]


def test_terms_are_tagged_as_a_list_with_labels(opened):
    labels = [element for element in all_of(opened, "/Lbl") if "/Strong" in kinds_below(element)]
    items = [element.P for element in labels]
    assert {str(item.S) for item in items} == {"/LI"}
    # Five facts of the imprint, nine of the edition and each definition.
    assert len(items) > len(IMPRINT.facts) + 9


def test_no_words_are_outside_a_block(opened):
    """A line under the document, a quotation or a group is a paragraph, never a bare span."""
    for element in elements(opened.Root.StructTreeRoot):
        if element.S in ("/Document", "/BlockQuote", "/Div"):
            assert "/Span" not in [str(child.S) for child in map_below([element])]


def test_pages_are_labelled_and_author_and_publisher_named(opened):
    assert opened.Root.PageLabels.Nums[1].S == "/D"
    with opened.open_metadata() as metadata:
        assert metadata["dc:creator"] == ["Northshire Partnership"]
        assert set(metadata["dc:publisher"]) == {"Northshire Partnership"}


def test_the_first_page_says_who_publishes_it_and_how_to_cite_it(compiled):
    first = pypdfium2.PdfDocument(compiled)[0].get_textpage().get_text_range()
    for name, text in IMPRINT.facts:
        assert f"{name}. {text}" in first


def test_running_text_has_12_points(compiled):
    sizes = Counter(
        round(part.get_font_size(), 1)
        for page in pypdfium2.PdfDocument(compiled)
        for part in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])
    )
    assert 12.0 in sizes
    assert min(sizes) >= 9


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


LONG = "D" + "o" * 89
"""A word of 90 characters: 90 * 0.15 + 0.2 = 13.7 cm, and with 3.6 cm for labels 17.3 cm."""


def test_only_a_table_that_is_wider_than_an_upright_page_lies_on_a_page_of_its_own(opened):
    """Eleven columns of short numbers (T14) fit on an upright page."""
    assert not [page for page in opened.pages if page.mediabox[2] > page.mediabox[3]]
    compiled = render_pdf(small_document("label: Death,", f"label: {LONG},"))
    lying = [
        page for page in pypdfium2.PdfDocument(compiled) if page.get_width() > page.get_height()
    ]
    assert len(lying) == 1
    words = lying[0].get_textpage()
    tops = [words.get_charbox(at)[3] for at in range(words.count_chars())]
    # Less than two centimetres stay empty above; under the margins of an upright page, 2.2.
    assert lying[0].get_height() - max(tops) < 2 * 72 / 2.54


@pytest.mark.parametrize("words", ['#panic("x")', "$x$ *b* _i_ @T1 #let", "\\u{41} `code`"])
def test_words_are_never_taken_for_code(words):
    quoted = words.replace("\\", "\\\\").replace('"', '\\"')
    compiled = render_pdf(small_document("title: A small overview", f'title: "{quoted}"'))
    assert words in text_of(compiled)


def test_letters_of_european_languages_are_printed():
    assert without_glyph("éŵЖ\u2013≥£") == set()


def test_a_thousand_characters_are_looked_for_as_quickly_as_one(monkeypatch):
    """One run of Typst names all that it refuses; what was asked before is not asked again."""
    asked = []
    run = pdf.typst.compile

    def compile_counted(*args, **options):
        asked.append(args)
        return run(*args, **options)

    monkeypatch.setattr(pdf, "_glyphs", {})
    monkeypatch.setattr(pdf.typst, "compile", compile_counted, raising=False)
    korean = {chr(code) for code in range(0xAC00, 0xAC00 + 1_000)}
    assert without_glyph([*korean, "é", "a", "\n"]) == korean
    assert without_glyph(["é", "\uac00"]) == {"\uac00"}
    assert len(asked) == 2


@pytest.mark.parametrize("character", ["\0", "\ufeff", "\ufffe", "\U0001f600", "\ud55c", "\x07"])
def test_a_character_that_cannot_be_printed_is_found_among_others_as_by_itself(character):
    """Each by itself, and among those that can: Typst words its refusals in several ways."""
    pdf._glyphs.clear()
    assert without_glyph([character]) == {character}
    pdf._glyphs.clear()
    assert without_glyph(["é", character, "ŵ"]) == {character}


def test_a_character_that_no_font_holds_is_printed_by_its_number_and_listed():
    compiled = render_pdf(small_document("place: Nowhere", "place: 한 Nowhere"))
    text = text_of(compiled)
    assert "[U+D55C] Nowhere" in text
    assert "shown by their Unicode number: [U+D55C]" in text
    assert render_pdf(small_document("place: Nowhere", "place: 한 Nowhere")) == compiled
