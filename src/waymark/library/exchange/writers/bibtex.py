"""Write BibTeX with bibtexparser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.extras import LaterModule
from waymark.library.exchange.record import ARTICLE, RecordData
from waymark.library.exchange.writers.plain import (
    paragraphs_of,
    single_line,
    statements,
)

if TYPE_CHECKING:
    import bibtexparser
else:
    bibtexparser = LaterModule("bibtexparser")

KEY = re.compile(r"[^A-Za-z0-9:_-]+")
TYPES = {
    ARTICLE: "article",
    "book": "book",
    "book-chapter": "incollection",
    "thesis": "phdthesis",
    **dict.fromkeys(
        ("web-page", "answered-question", "tool", "training-course", "legislation", "recording"),
        "misc",
    ),
}
BODY_FIELDS = {"techreport": "institution", "phdthesis": "school", "misc": "howpublished"}
HOSTS = {"article": "journal"}
STATED = ("kind", "board", "pseudonym", "period", "nation", "audience", "conducted_by")
ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        # Programs count braces, escaped ones too: one without a second would end the field late.
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
LIGATURE = re.compile(r"(?<=-)(?=-)|(?<=`)(?=`)|(?<=')(?=')|(?<=[?!])(?=`)")
"""Between two signs that LaTeX would print as one: "--" is a dash."""


def write_bibtex(records: Sequence[RecordData]) -> bytes:
    """Each record as an entry, in UTF-8. Repeated keys get a number: neglect, neglect-2."""
    # A comment, because the field "note" is printed in bibliographies.
    library = bibtexparser.library.Library(
        [bibtexparser.model.ExplicitComment(FORBIDDEN_USES_IN_FULL)]
    )
    used_keys: set[str] = set()
    entries: list[bibtexparser.model.Block] = [
        bibtexparser.model.Entry(
            TYPES.get(record.kind, "techreport"), _entry_key(record, used_keys), _fields(record)
        )
        for record in records
    ]
    library.add(entries)
    text: str = bibtexparser.entrypoint.write_string(library)
    return text.encode()


def _entry_key(record: RecordData, used_keys: set[str]) -> str:
    plain = KEY.sub("-", record.key.rpartition("/")[2]).strip("-") or "record"
    key, number = plain, 2
    while key in used_keys:
        key, number = f"{plain}-{number}", number + 1
    used_keys.add(key)
    return key


def _escape_latex(text: str) -> str:
    return LIGATURE.sub("{}", single_line(text).translate(ESCAPED)) if text else ""


def _names(record: RecordData, names: Sequence[str]) -> str:
    """Names joined by "and"; bodies in braces, so that "and" and commas do not divide them."""
    return " and ".join(
        f"{{{_escape_latex(name)}}}"
        if record.is_body(name) or " and " in name
        else _escape_latex(name)
        for name in names
    )


def _fields(record: RecordData) -> list[bibtexparser.model.Field]:
    body = record.publisher or record.board
    entry_type = TYPES.get(record.kind, "techreport")
    stated = [*STATED, "key_points", "contents", "transcript_url", "published_on"]
    stated += ["report_number"] if record.host_title else []
    values = {
        "title": f"{{{_escape_latex(record.full_title)}}}",
        "shorttitle": f"{{{_escape_latex(record.title)}}}" if record.strapline else "",
        "author": _names(record, record.creators),
        "editor": _names(record, record.editors),
        BODY_FIELDS.get(entry_type, "publisher"): _escape_latex(body),
        "address": _escape_latex(record.place),
        "edition": _escape_latex(record.edition),
        "year": "" if record.year is None else f"{record.year:04}",
        "type": _escape_latex(record.review_type),
        HOSTS.get(entry_type, "booktitle"): _escape_latex(record.host_title),
        "series": _escape_latex(record.series),
        "volume": _escape_latex(record.volume),
        "number": _escape_latex(record.issue if record.host_title else record.report_number),
        "pages": _escape_latex(record.pages).replace("-", "--").replace("{}", ""),
        "abstract": "\n\n".join(map(_escape_latex, paragraphs_of(record.abstract))),
        "keywords": _escape_latex(", ".join((*record.subjects, *record.keywords))),
        "language": _escape_latex(record.language),
        "isbn": single_line(record.isbn),
        "issn": single_line(record.issn),
        "urldate": f"{record.accessed_on:%Y-%m-%d}" if record.accessed_on else "",
        "copyright": _escape_latex(record.rights_holder),
        "license": _escape_latex(record.licence),
        "annote": "\n\n".join(map(_escape_latex, statements(record, stated))),
        # DOIs and addresses are not LaTeX: braces are percent-encoded instead of escaped.
        "doi": _without_braces(record.doi),
        "url": _without_braces(record.url or record.page),
    }
    return [bibtexparser.model.Field(name, value) for name, value in values.items() if value]


def _without_braces(text: str) -> str:
    return single_line(text).replace("{", "%7B").replace("}", "%7D")
