"""Write BibTeX with bibtexparser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import LaterModule
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import is_person, single_line

if TYPE_CHECKING:
    import bibtexparser
else:
    bibtexparser = LaterModule("bibtexparser")

KEY = re.compile(r"[^A-Za-z0-9:_-]+")
BODY_FIELDS = {"techreport": "institution", "article": "publisher"}
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


def write_bibtex(records: Sequence[RecordData]) -> bytes:
    """Each record as an entry, in UTF-8. Repeated keys get a number: neglect, neglect-2."""
    # A comment, because the field "note" is printed in bibliographies.
    library = bibtexparser.library.Library(
        [bibtexparser.model.ExplicitComment(FORBIDDEN_USES_IN_FULL)]
    )
    used_keys: set[str] = set()
    for record in records:
        library.add(
            bibtexparser.model.Entry(
                _entry_type(record), _entry_key(record, used_keys), _entry_fields(record)
            )
        )
    text: str = bibtexparser.entrypoint.write_string(library)
    return text.encode()


def _entry_type(record: RecordData) -> str:
    if record.kind == ARTICLE:
        return "article"
    return (
        "misc"
        if record.kind in {"web-page", "answered-question", "tool", "training-course"}
        else "techreport"
    )


def _entry_key(record: RecordData, used_keys: set[str]) -> str:
    plain = KEY.sub("-", record.key.rpartition("/")[2]).strip("-") or "record"
    key, number = plain, 2
    while key in used_keys:
        key, number = f"{plain}-{number}", number + 1
    used_keys.add(key)
    return key


def _escape_latex(text: str) -> str:
    return single_line(text).translate(ESCAPED)


def _author_names(names: Sequence[str]) -> str:
    """Names joined by "and"; bodies in braces, so that "and" and commas do not divide them."""
    return " and ".join(
        _escape_latex(name)
        if is_person(name) and " and " not in name
        else f"{{{_escape_latex(name)}}}"
        for name in names
    )


def _number_fields(record: RecordData) -> dict[str, str]:
    place = record.article_place
    if place is None:
        return {"number": _escape_latex(record.report_number)}
    pages = place.pages.replace("-", "--")
    return {"volume": place.volume, "number": place.issue, "pages": pages}


def _entry_fields(record: RecordData) -> list[bibtexparser.model.Field]:
    body = record.publisher or record.board
    values = {
        "title": f"{{{_escape_latex(record.title)}}}",
        "author": _author_names(record.creators),
        BODY_FIELDS.get(_entry_type(record), "howpublished"): _escape_latex(body),
        "year": "" if record.year is None else f"{record.year:04}",
        "type": _escape_latex(record.review_type),
        "journal" if record.kind == ARTICLE else "series": _escape_latex(record.series),
        **_number_fields(record),
        "abstract": _escape_latex(record.abstract),
        "keywords": _escape_latex(", ".join((*record.subjects, *record.keywords))),
        "language": _escape_latex(record.language),
        "isbn": _escape_latex(record.isbn),
        "doi": _escape_latex(record.doi),
        "copyright": _escape_latex(record.rights_holder),
        "license": _escape_latex(record.licence),
        # Addresses are not LaTeX, so braces in them are percent-encoded instead of escaped.
        "url": single_line(record.url or record.page).replace("{", "%7B").replace("}", "%7D"),
    }
    return [bibtexparser.model.Field(name, value) for name, value in values.items() if value]
