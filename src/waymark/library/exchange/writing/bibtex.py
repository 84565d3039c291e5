"""BibTeX, by bibtexparser."""

import re
from collections.abc import Sequence

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from waymark.library.exchange.record import RecordData
from waymark.library.exchange.writing.plain import is_person, line

KEY = re.compile(r"[^A-Za-z0-9:_-]+")
ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def bibtex(records: Sequence[RecordData]) -> bytes:
    """Each record as an entry, UTF-8. Keys are unlike each other."""
    library = Library()
    taken: set[str] = set()
    for one in records:
        library.add(Entry(_type(one), _key(one, taken), _fields(one)))
    text: str = write_string(library)
    return text.encode()


def _type(of: RecordData) -> str:
    return "misc" if of.kind in {"web-page", "tool", "training-course"} else "techreport"


def _key(of: RecordData, taken: set[str]) -> str:
    plain = KEY.sub("-", of.key.rpartition("/")[2]).strip("-") or "record"
    key, number = plain, 2
    while key in taken:
        key, number = f"{plain}-{number}", number + 1
    taken.add(key)
    return key


def _escaped(text: str) -> str:
    return line(text).translate(ESCAPED)


def _names(names: Sequence[str]) -> str:
    """A body's name stands in braces of its own, or "and" and commas in it would divide it."""
    return " and ".join(
        _escaped(name) if is_person(name) and " and " not in name else f"{{{_escaped(name)}}}"
        for name in names
    )


def _fields(of: RecordData) -> list[Field]:
    body = of.publisher or of.board
    said = {
        "title": f"{{{_escaped(of.title)}}}",
        "author": _names(of.creators),
        "institution" if _type(of) == "techreport" else "howpublished": _escaped(body),
        "year": "" if of.year is None else f"{of.year:04}",
        "type": _escaped(of.review_type),
        "series": _escaped(of.series),
        "abstract": _escaped(of.abstract),
        "keywords": _escaped(", ".join((*of.subjects, *of.keywords))),
        "language": _escaped(of.language),
        "isbn": _escaped(of.isbn),
        "doi": _escaped(of.doi),
        # Addresses are verbatim in every style; a brace in one is written as in addresses.
        "url": line(of.url or of.page).replace("{", "%7B").replace("}", "%7D"),
    }
    return [Field(name, value) for name, value in said.items() if value]
