"""Read BibTeX with bibtexparser.

An entry looks like this:

    @techreport{r1,
      title = {The {Otter} review},       braces only protect capitals and are removed
      author = {Byrne, A. and {Otter Board}},   people divided by "and"; a body has its own braces
      note = "Caf\\'e",                    LaTeX is decoded
    }
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParsingException
from bibtexparser.library import Library
from bibtexparser.middlewares.latex_encoding import LatexDecodingMiddleware
from bibtexparser.middlewares.names import parse_single_name_into_parts
from bibtexparser.model import Entry, Field

from waymark.core.licences import LICENCES, licence_in
from waymark.documents.parsers.charset import decode_text
from waymark.library.catalogue.author_names import has_body_word
from waymark.library.exchange.readers.result import (
    LONGEST,
    CandidateRecord,
    ReadCollector,
    ReadResult,
    clean_line,
    clean_lines,
    clean_paragraphs,
    day_in,
    doi_in,
    first_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    url_in,
    year_in,
)
from waymark.library.exchange.readers.rights import rights_in
from waymark.library.exchange.record import ARTICLE, ArticlePlace, RecordData

KINDS = {"online": "web-page", "electronic": "web-page", "article": ARTICLE}
PLACE = ("volume", "number")
VERBATIM = frozenset({"url", "doi", "isbn", "file", "eprint"})
"""Fields that are not LaTeX: a per cent sign in an address does not begin a comment."""
WRONG = (
    ParsingException,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    RecursionError,
)
DEEPEST = 200
LATEX = re.compile(r"[\\$~^_%&#`']|--")
"""Signs with a meaning in LaTeX, except braces; a value without them needs no decoding."""
DECODING = LatexDecodingMiddleware()
BODIES = ("institution", "publisher", "organization", "school", "howpublished")
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())


def read_bibtex(content: bytes) -> ReadResult:
    """Read a BibTeX file."""
    gathered = ReadCollector()
    text, warnings = decode_text(content)
    gathered.notes += warnings
    # The parser calls itself for each brace: 10,000 of them in a row would end in a RecursionError.
    too_deep = _too_deep(text)
    if too_deep:
        gathered.fault(f"line {too_deep}", f"has braces more than {DEEPEST} deep")
        return gathered.result()
    try:
        library = parse_string(text)
    except WRONG as error:
        gathered.fault("line 1", f"the file cannot be read: {error}")
        return gathered.result()
    # One broken entry must not lose the other 500: the parser sets it aside, and we say where it
    # is.
    for block in library.failed_blocks:
        reason = getattr(block.error, "abort_reason", "") or str(block.error)
        gathered.fault(f"line {(block.start_line or 0) + 1}", f"the entry cannot be read: {reason}")
    for entry in library.entries:
        if gathered.full:
            break
        place = f"line {(entry.start_line or 0) + 1}"
        try:
            _add_candidate(entry, place, gathered)
        except WRONG as error:
            gathered.fault(place, f"the entry {entry.key[:40]} cannot be read: {error}")
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no entries: an entry begins like @techreport{key,")
    return gathered.result()


def _too_deep(text: str) -> int:
    """The line where braces are nested too deep for the parser, more than DEEPEST; else 0."""
    depth = deepest = 0
    for number, part in enumerate(text.split("\n"), start=1):
        for sign in re.findall(r"[{}]", part):
            # Stray closing braces between entries do not count.
            depth = max(depth + (1 if sign == "{" else -1), 0)
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            return number
    return 0


def _add_candidate(entry: Entry, place: str, gathered: ReadCollector) -> None:
    raw = {name.lower(): str(value)[:LONGEST] for name, value in entry.items()}
    names = [read_name(name) for name in split_names(raw.pop("author", ""))]
    coded = {name: value for name, value in raw.items() if name not in VERBATIM}
    # Split first: decoding removes the braces that protect the "and" in a body's name.
    authors = {f"author {number}": name for number, (name, _) in enumerate(names)}
    decoded_fields = _without_latex(coded | authors)
    decoded = [decoded_fields.pop(key, "") for key in authors]
    data = replace(
        _entry_data(entry.entry_type.lower(), raw, decoded_fields),
        authors=clean_lines(decoded),
        author_bodies=clean_lines(
            name for name, (_, body) in zip(decoded, names, strict=True) if body
        ),
    )
    notes = language_note(decoded_fields.get("language", ""))
    gathered.add(CandidateRecord(data, place, notes=notes))


def _entry_data(entry_type: str, raw: dict[str, str], decoded_fields: dict[str, str]) -> RecordData:
    """Convert the fields of an entry; raw: fields as written, for addresses and numbers."""

    def texts(*names: str) -> list[str]:
        return [decoded_fields.get(name, "") for name in names]

    year, day = first_in(texts("year", "date"), year_in), first_in(texts("date"), day_in)
    body = first_in(texts(*BODIES), str)
    return RecordData(
        kind=first_in(texts("type"), kind_in) or KINDS.get(entry_type, ""),
        title=first_in(texts("title"), clean_line),
        strapline=first_in(texts("subtitle"), clean_line),
        publisher="" if url_in(body) else clean_line(body),
        series=clean_line(first_in(texts("series", "journal"), str)),
        report_number=clean_line(_number_of(entry_type, decoded_fields)),
        year=year,
        published_on=day if day and day.year == year else None,
        language=language_in(first_in(texts("language", "langid"), str)),
        abstract=first_in(texts("abstract"), clean_paragraphs),
        keywords=clean_lines(re.split(r"[,;]", decoded_fields.get("keywords", ""))),
        url=first_in([raw.get("url", ""), *texts("howpublished")], url_in),
        doi=doi_in(raw.get("doi", "")),
        isbn=isbn_in(raw.get("isbn", "")),
        **_rights_of(decoded_fields),
    )


def _rights_of(fields: dict[str, str]) -> dict[str, Any]:
    """Rights: "copyright" and "rights" name the holder or the terms, "license" the terms."""
    terms = [f"Licence: {fields[name]}" for name in ("license", "licence") if fields.get(name)]
    names = [fields[name] for name in ("copyright", "rights") if fields.get(name)]
    known = [name if licence_in(name) in LICENCES else f"Rights holder: {name}" for name in names]
    return rights_in([*terms, *known])


def _number_of(entry_type: str, fields: dict[str, str]) -> str:
    volume, number = (fields.get(name, "") for name in PLACE)
    if entry_type != "article":
        return number
    # "242--260" in LaTeX is an en dash.
    pages = fields.get("pages", "").replace("\N{EN DASH}", "-")
    first_page, _, last_page = pages.partition("-")
    return str(ArticlePlace(volume, number, first_page.strip(), last_page.strip("- ")))


def _without_latex(fields: dict[str, str]) -> dict[str, str]:
    """Decode LaTeX: \\'e -> é, braces are removed, a per cent sign stays a per cent sign."""
    plain = {name: re.sub(r"[{}]", "", value) for name, value in fields.items()}
    coded = {name: value for name, value in fields.items() if LATEX.search(value)}
    if not coded:
        return plain
    # The decoder would drop everything after a bare "%" as a comment: "50% of cases".
    shielded = {name: re.sub(r"(?<!\\)%", r"\\%", value) for name, value in coded.items()}
    library = Library([Entry("misc", "key", [Field(n, v) for n, v in shielded.items()])])
    decoded_library = DECODING.transform(library)
    if decoded_library.failed_blocks:
        raise ValueError(f"LaTeX cannot be read: {decoded_library.failed_blocks[0].error}")
    return plain | {name: str(value) for name, value in decoded_library.entries[0].items()}


def split_names(text: str) -> list[str]:
    """Split names at "and" outside braces."""
    names, depth, start = [], 0, 0
    for match in re.finditer(r"[{}]|\s+and\s+", text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth <= 0:
            names.append(text[start : match.start()])
            start = match.end()
    return [name.strip() for name in [*names, text[start:]] if name.strip()]


def read_name(name: str) -> tuple[str, bool]:
    """A person's name as "Surname, First", and whether it is a body instead.

    A name in braces of its own is a body, and so is one with a word of bodies that many forget to
    protect: "Department of Health".
    """
    if name.startswith("{") and name.endswith("}"):
        return name[1:-1], True
    if "," in name:
        return name, False
    if " " not in name or has_body_word(name):
        return name, True
    parts = parse_single_name_into_parts(name, strict=False)
    surname, first = _join_words(parts.von, parts.last), _join_words(parts.first)
    return (f"{surname}, {first}" if first else surname), False


def _join_words(*parts: Iterable[str]) -> str:
    return " ".join(word for part in parts for word in part)
