"""Write BibTeX with bibtexparser."""

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
    """Each record as an entry, in UTF-8. Repeated keys get a number: neglect, neglect-2."""
    library = Library()
    used_keys: set[str] = set()
    for record in records:
        library.add(Entry(_type(record), _key(record, used_keys), _fields(record)))
    text: str = write_string(library)
    return text.encode()


def _type(record: RecordData) -> str:
    return "misc" if record.kind in {"web-page", "tool", "training-course"} else "techreport"


def _key(record: RecordData, used_keys: set[str]) -> str:
    plain = KEY.sub("-", record.key.rpartition("/")[2]).strip("-") or "record"
    key, number = plain, 2
    while key in used_keys:
        key, number = f"{plain}-{number}", number + 1
    used_keys.add(key)
    return key


def _escaped(text: str) -> str:
    return line(text).translate(ESCAPED)


def _names(names: Sequence[str]) -> str:
    """Names joined by "and"; bodies in braces, so that "and" and commas do not divide them."""
    return " and ".join(
        _escaped(name) if is_person(name) and " and " not in name else f"{{{_escaped(name)}}}"
        for name in names
    )


def _fields(record: RecordData) -> list[Field]:
    body = record.publisher or record.board
    values = {
        "title": f"{{{_escaped(record.title)}}}",
        "author": _names(record.creators),
        "institution" if _type(record) == "techreport" else "howpublished": _escaped(body),
        "year": "" if record.year is None else f"{record.year:04}",
        "type": _escaped(record.review_type),
        "series": _escaped(record.series),
        "abstract": _escaped(record.abstract),
        "keywords": _escaped(", ".join((*record.subjects, *record.keywords))),
        "language": _escaped(record.language),
        "isbn": _escaped(record.isbn),
        "doi": _escaped(record.doi),
        # Addresses are not LaTeX, so braces in them are percent-encoded instead of escaped.
        "url": line(record.url or record.page).replace("{", "%7B").replace("}", "%7D"),
    }
    return [Field(name, value) for name, value in values.items() if value]
