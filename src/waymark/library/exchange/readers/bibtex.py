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
from collections.abc import Iterable, Iterator, Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParsingException
from bibtexparser.library import Library
from bibtexparser.middlewares.names import parse_single_name_into_parts
from bibtexparser.model import DuplicateFieldKeyBlock, Entry

from waymark.core.licences import LICENCES, licence_in
from waymark.documents.parsers.charset import decode_text
from waymark.library.catalogue.author_names import has_body_word
from waymark.library.exchange.readers.latex import without_latex
from waymark.library.exchange.readers.reference import (
    BODY,
    ReferenceFields,
    ReferenceForm,
    candidate_of,
    written_here,
)
from waymark.library.exchange.readers.result import LONGEST, ReadCollector, ReadResult, url_in
from waymark.library.exchange.record import ARTICLE

VERBATIM = frozenset({"url", "doi", "isbn", "issn", "file", "eprint"})
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
SUFFIX = re.compile(r"(?i)jr\.?|sr\.?|ii|iii|iv")
OTHERS = "others"
"""The name that stands for authors who are not listed."""
BIBTEX = ReferenceForm(
    names={
        "type": ("entry type",),
        "kind": ("type",),
        "title": ("title",),
        "short_title": ("shorttitle",),
        "strapline": ("subtitle",),
        "authors": ("author",),
        "editors": ("editor",),
        "journal": ("journal", "journaltitle", "booktitle"),
        "series": ("series",),
        "publisher": ("institution", "publisher", "organization", "school", "howpublished"),
        "place": ("address", "location"),
        "volume": ("volume",),
        "issue": ("issue",),
        "issue_or_number": ("number",),
        "pages": ("pages",),
        "edition": ("edition",),
        "dates": ("date", "day of publication", "year"),
        "accessed": ("urldate",),
        "isbn_or_issn": ("isbn", "issn"),
        "doi": ("doi",),
        "url": ("url",),
        "abstract": ("abstract",),
        "keywords": ("keywords", "keyword"),
        "language": ("language", "langid"),
        "notes": ("annote",),
        "rights": ("rights",),
    },
    kinds={
        "article": ARTICLE,
        **dict.fromkeys(("book", "booklet", "mvbook", "collection", "proceedings"), "book"),
        **dict.fromkeys(
            ("incollection", "inbook", "inproceedings", "conference", "suppbook"), "book-chapter"
        ),
        **dict.fromkeys(("thesis", "phdthesis", "mastersthesis"), "thesis"),
        **dict.fromkeys(("legislation", "legal"), "legislation"),
        **dict.fromkeys(("online", "electronic", "www"), "web-page"),
        **dict.fromkeys(("video", "movie", "audio"), "recording"),
        "dataset": "statistics",
    },
    silent=frozenset({"file", "bibsource", "timestamp", "month", "day", "crossref"}),
    keyword_signs=r"[,;]",
    tells_bodies=True,
)
OF_BOOK = {"title": "booktitle", "subtitle": "booksubtitle"}
"""Fields of a book that are another field of a chapter which refers to it."""
INHERITED = frozenset(
    {
        *("booktitle", "booksubtitle", "editor", "year", "date", "month", "day", "series"),
        *("volume", "number", "edition", "publisher", "institution", "organization", "school"),
        *("address", "location", "isbn", "issn", "language", "langid", "journal", "journaltitle"),
    }
)
"""Fields that a chapter takes from its book. The book's author and abstract are not its own."""
LONGEST_INHERITED = 2_000
MOST_REPEATED = 4_000_000
"""Characters that values may have beyond those of the file: references and @string repeat text."""
TOO_MUCH = (
    "the file is not read from here on: its entries repeat too much of one another by crossref"
    " or @string: divide it into smaller files"
)
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
    _add_entries(library, gathered, length=len(text), literal=written_here(text))
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "contains no entries: an entry begins like @techreport{key,")
    return gathered.result()


def _add_entries(library: Library, gathered: ReadCollector, *, length: int, literal: bool) -> None:
    """Add the records of all entries; those that cannot be read are faults.

    length: characters of the file.
    """
    # One broken entry must not lose the other 500: the parser sets it aside, and we say where it
    # is.
    for block in library.failed_blocks:
        place = f"line {(block.start_line or 0) + 1}"
        if isinstance(block, DuplicateFieldKeyBlock):
            continue
        reason = getattr(block.error, "abort_reason", "") or str(block.error)
        gathered.fault(place, f"the entry cannot be read: {reason}")
    twice = [
        entry
        for block in library.failed_blocks
        if isinstance(block, DuplicateFieldKeyBlock)
        and isinstance(entry := block.ignore_error_block, Entry)
    ]
    entries = sorted([*library.entries, *twice], key=lambda entry: entry.start_line or 0)
    by_key = {entry.key.lower(): entry for entry in entries}
    left = length + MOST_REPEATED
    for entry in entries:
        if gathered.full:
            break
        place = f"line {(entry.start_line or 0) + 1}"
        fields = _fields_of(entry, by_key)
        left -= sum(len(value) for _, value in fields)
        if left < 0:
            gathered.fault(place, TOO_MUCH)
            break
        try:
            pairs = _pairs_of(entry, fields)
            gathered.add(
                candidate_of(
                    ReferenceFields(pairs, literal=literal), BIBTEX, place, literal=literal
                )
            )
        except WRONG as error:
            gathered.fault(place, f"the entry {entry.key[:40]} cannot be read: {error}")


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


def _fields_of(entry: Entry, by_key: Mapping[str, Entry]) -> list[tuple[str, str]]:
    """(name, value) of the fields of an entry, and of the book that it refers to."""
    fields = [(one.key.lower(), str(one.value)[:LONGEST]) for one in entry.fields]
    return fields + _inherited(fields, by_key)


def _pairs_of(entry: Entry, fields: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """(name, decoded value) of the fields of an entry."""
    yield "entry type", entry.entry_type.lower()
    yield from _day_of(dict(fields))
    for name, value in fields:
        if name in {"author", "editor"}:
            # Split first: decoding removes the braces that protect the "and" in a body's name.
            names = (one for one in split_names(value) if one != OTHERS)
            yield from ((name, _author(one)) for one in names)
        elif name == "annote":
            yield from (("annote", part) for part in _plain(name, value).split("\n\n"))
        elif name == "howpublished" and url_in(_plain(name, value)):
            yield "url", _plain(name, value)
        elif name in {"license", "licence", "copyright"}:
            yield "rights", _rights(name, _plain(name, value))
        else:
            yield name, _plain(name, value)


def _plain(name: str, value: str) -> str:
    return value if name in VERBATIM else without_latex(value)


def _rights(name: str, value: str) -> str:
    """A statement of rights: "copyright" names the holder or the terms, "license" the terms."""
    terms = name != "copyright" or licence_in(value) in LICENCES
    return f"{'Licence' if terms else 'Rights holder'}: {value}"


def _inherited(
    fields: Iterable[tuple[str, str]], by_key: Mapping[str, Entry]
) -> list[tuple[str, str]]:
    """Fields that an entry takes from the one it refers to: of its book the editors."""
    own = dict(fields)
    book = by_key.get(own.get("crossref", "").lower())
    if book is None:
        return []
    inherited = (
        (OF_BOOK.get(one.key.lower(), one.key.lower()), str(one.value)[:LONGEST_INHERITED])
        for one in book.fields
    )
    return [(name, value) for name, value in inherited if name in INHERITED and name not in own]


def _day_of(own: dict[str, str]) -> list[tuple[str, str]]:
    """Year, month and day as one date: 2011, mar, 5 -> "2011 mar 5"."""
    if own.get("year") and own.get("month") and own.get("day"):
        return [("day of publication", f"{own['year']} {own['month']} {own['day']}")]
    return []


def split_names(text: str) -> list[str]:
    """Split names at "and" outside braces."""
    names, depth, start = [], 0, 0
    # Looking behind keeps a run of 100,000 spaces from being read once from each of them.
    for match in re.finditer(r"[{}]|(?<!\s)\s+and\s+", text):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth -= 1
        elif depth <= 0:
            names.append(text[start : match.start()])
            start = match.end()
    return [name.strip() for name in [*names, text[start:]] if name.strip()]


def _author(name: str) -> str:
    read, body = read_name(name)
    return f"{BODY if body else ''}{without_latex(read)}"


def read_name(name: str) -> tuple[str, bool]:
    """A person's name as "Surname, First", and whether it is a body instead.

    A name in braces of its own is a body, and so is one with a word of bodies that many forget to
    protect: "Department of Health".
    """
    if name.startswith("{") and name.endswith("}"):
        return name[1:-1], True
    if "," in name:
        surname, *others = (part.strip() for part in name.split(","))
        # "Jones, Jr., Tom": the suffix comes between, and after the first names elsewhere.
        if len(others) == 2 and SUFFIX.fullmatch(others[0]):
            name = f"{surname}, {others[1]}, {others[0]}"
        return name, False
    if " " not in name or has_body_word(name):
        return name, True
    parts = parse_single_name_into_parts(name, strict=False)
    surname, first = _join_words(parts.von, parts.last), _join_words(parts.first)
    return (f"{surname}, {first}" if first else surname), False


def _join_words(*parts: Iterable[str]) -> str:
    return " ".join(word for part in parts for word in part)
