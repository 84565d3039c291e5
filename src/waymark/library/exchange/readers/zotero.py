"""The columns of a table that Zotero exported as CSV."""

from collections.abc import Sequence

from waymark.library.exchange.readers.reference import (
    ReferenceFields,
    ReferenceForm,
    candidate_of,
)
from waymark.library.exchange.readers.result import CandidateRecord
from waymark.library.exchange.record import ARTICLE

MARKS = frozenset({"Item Type", "Abstract Note"})
"""Columns by which such a table is known."""
ZOTERO = ReferenceForm(
    names={
        "type": ("Item Type",),
        "kind": ("Type",),
        "title": ("Title",),
        "short_title": ("Short Title",),
        "authors": ("Author",),
        "editors": ("Editor",),
        "second_title": ("Publication Title", "Book Title", "Proceedings Title"),
        "series": ("Series", "Series Title"),
        "publisher": ("Publisher",),
        "place": ("Place",),
        "volume": ("Volume",),
        "issue": ("Issue",),
        "number": ("Number", "Series Number"),
        "pages": ("Pages",),
        "edition": ("Edition",),
        "dates": ("Date", "Publication Year"),
        "accessed": ("Access Date",),
        "isbn_or_issn": ("ISBN", "ISSN"),
        "doi": ("DOI",),
        "url": ("Url",),
        "abstract": ("Abstract Note",),
        "keywords": ("Manual Tags", "Automatic Tags"),
        "language": ("Language",),
        "rights": ("Rights",),
    },
    kinds={
        **dict.fromkeys(("journalarticle", "magazinearticle", "newspaperarticle"), ARTICLE),
        "book": "book",
        "booksection": "book-chapter",
        "thesis": "thesis",
        **dict.fromkeys(("statute", "bill"), "legislation"),
        **dict.fromkeys(("webpage", "blogpost"), "web-page"),
        **dict.fromkeys(("film", "videorecording", "podcast", "audiorecording"), "recording"),
        "dataset": "statistics",
    },
    silent=frozenset(
        {"Key", "Date Added", "Date Modified", "Journal Abbreviation", "Library Catalog"}
        | {"File Attachments", "Link Attachments", "Num Pages", "Archive", "Call Number"}
    ),
    keyword_signs=";",
)


def is_zotero(heading: Sequence[str]) -> bool:
    """True for the heading row of a table of Zotero."""
    return {cell.strip() for cell in heading} >= MARKS


def zotero_candidate(heading: Sequence[str], cells: Sequence[str], place: str) -> CandidateRecord:
    """The record of a row."""
    names = (cell.strip() for cell in heading)
    return candidate_of(ReferenceFields(zip(names, cells, strict=False)), ZOTERO, place)
