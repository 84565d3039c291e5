"""Long values of other catalogues' files: reading takes time in proportion to the length."""

import json
from time import process_time

import pytest

from waymark.library.exchange.formats import read_as

LONG = 60_000
SLOW = 5
"""Seconds of the processor; a reader that looked again from each sign would take about 15."""
FILES = {
    "ris": "TY  - BOOK\nTI  - A title\nAU  - {0}\nKW  - {0}\nSP  - {0}\nN1  - {0}\nER  - \n",
    "endnote": "%0 Book\n%T A title\n%A {0}\n%K {0}\n%P {0}\n%@ {0}\n",
    "pubmed": "PMID- 1\nTI  - A title\nFAU - {0}\nOT  - {0}\nPG  - {0}\n",
    "wos": "FN Clarivate\nPT J\nTI A title\nAU {0}\nDE {0}\nBP {0}\nER\nEF\n",
    "bibtex": "@book{{k, title={{A title}}, author={{{0}}}, keywords={{{0}}}, pages={{{0}}}}}\n",
    "endnotexml": (
        "<xml><records><record><ref-type name='Book'>6</ref-type><contributors><authors>"
        "<author>{0}</author></authors></contributors><titles><title>A title</title></titles>"
        "<pages>{0}</pages>"
        "<isbn>{0}</isbn></record></records></xml>"
    ),
    "abstracts": "2011 - Anytown - Child A\n{0}\nKey issues: {0}; b\nKeywords: {0}; b\n",
}
"""Format -> a file with the value {0} in the fields that are taken apart."""


def seconds_to_read(name, text):
    begun = process_time()
    read_as(name, text.encode())
    return process_time() - begun


@pytest.mark.parametrize("sign", [" ", "[", ", ", "\t"], ids=["space", "bracket", "comma", "tab"])
@pytest.mark.parametrize("name", FILES)
def test_a_value_of_one_sign_over_and_over_is_read_at_once(name, sign):
    value = f"Byrne{sign * (LONG // len(sign))}Aoife"
    assert seconds_to_read(name, FILES[name].format(value)) < SLOW


def test_a_literal_name_of_csl_is_read_at_once():
    record = {"type": "book", "title": "A", "author": [{"literal": f"Byrne{' ' * LONG}A"}]}
    assert seconds_to_read("csl", json.dumps([record])) < SLOW


def test_names_are_divided_whatever_the_spaces_around_their_signs():
    (tagged,) = read_as(
        "endnote", b"%0 Book\n%T A\n%A Byrne, A.   ;  Prior, E.;Webb, O.\n"
    ).candidates
    assert tagged.data.authors == ("Byrne, A.", "Prior, E.", "Webb, O.")
    bibtex = b"@book{k, title={A}, author={Byrne, A.  and\n Prior, E. and Webb, O.}}"
    (entry,) = read_as("bibtex", bibtex).candidates
    assert entry.data.authors == ("Byrne, A.", "Prior, E.", "Webb, O.")


def test_a_note_on_numbers_that_were_not_taken_is_short():
    isbns = "; ".join(f"978{number:010}" for number in range(2_000))
    (entry,) = read_as("endnote", f"%0 Book\n%T A\n%@ {isbns}\n".encode()).candidates
    (note,) = (note for note in entry.notes if note.startswith("further ISBN"))
    assert len(note) < 400


# ---- references of BibTeX to one book ----


def chapters(book, number):
    return book + "".join(
        f"@incollection{{c{place}, title={{Chapter {place}}}, crossref={{b}}}}\n"
        for place in range(number)
    )


def test_a_chapter_takes_no_abstract_and_no_author_of_its_book():
    book = "@book{b, title={Rivers}, author={Prior, E.}, abstract={All.}, year=2004}\n"
    _, chapter = read_as("bibtex", chapters(book, 1).encode()).candidates
    assert (chapter.data.host_title, chapter.data.year) == ("Rivers", 2004)
    assert (chapter.data.abstract, chapter.data.authors) == ("", ())


@pytest.mark.parametrize(
    ("book", "of_each"),
    [
        ("@book{b, title={T}, publisher={%s}}\n", "crossref={b}"),
        ("@string{long = {%s}}\n", "abstract=long"),
    ],
    ids=["crossref", "string"],
)
def test_text_that_entries_repeat_of_one_another_has_a_limit(monkeypatch, book, of_each):
    """The limit is on characters beyond those of the file itself, and the fault says where."""
    monkeypatch.setattr("waymark.library.exchange.readers.bibtex.MOST_REPEATED", 20_000)
    entries = "".join(f"@book{{c{at}, title={{T}}, {of_each}}}\n" for at in range(2_000))
    result = read_as("bibtex", (book % ("a " * 900) + entries).encode())
    # 20,000 characters and those of the file, about 80,000, hold some 55 times 1,800.
    assert 11 <= len(result.candidates) <= 60
    ((place, message),) = ((fault.place, fault.message) for fault in result.faults)
    assert place == f"line {len(result.candidates) + 1 + ('string' in book)}"
    assert "crossref or @string" in message


def test_a_file_within_the_limit_is_read_whole():
    book = "@book{b, title={Rivers}, publisher={A press}, year=2004}\n"
    result = read_as("bibtex", chapters(book, 500).encode())
    assert (len(result.candidates), result.faults) == (501, ())
