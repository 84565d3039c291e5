"""Records from BibTeX, by bibtexparser."""

import logging
import re
from collections.abc import Iterable

from bibtexparser.entrypoint import parse_string
from bibtexparser.exceptions import ParsingException
from bibtexparser.library import Library
from bibtexparser.middlewares.latex_encoding import LatexDecodingMiddleware
from bibtexparser.middlewares.names import parse_single_name_into_parts
from bibtexparser.model import Entry, Field

from waymark.documents.parsers.charset import decoded
from waymark.library.exchange.reading.found import (
    LONGEST,
    Candidate,
    Gathered,
    Reading,
    day_in,
    doi_in,
    isbn_in,
    kind_in,
    language_in,
    language_note,
    line,
    lines,
    paragraphs,
    url_in,
    year_in,
)
from waymark.library.exchange.record import RecordData

KINDS = {"online": "web-page", "electronic": "web-page"}
VERBATIM = frozenset({"url", "doi", "isbn", "file", "eprint"})
"""What BibTeX takes as it stands: a per cent sign in an address begins no comment."""
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
"""What LaTeX gives a meaning to, but for braces: a value without it only loses its braces."""
DECODING = LatexDecodingMiddleware()
BODIES = ("institution", "publisher", "organization", "school", "howpublished")
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())


def read_bibtex(content: bytes) -> Reading:
    """The entries of a BibTeX file."""
    gathered = Gathered()
    text, warnings = decoded(content)
    gathered.notes += warnings
    too_deep = _too_deep(text)
    if too_deep:
        gathered.fault(f"line {too_deep}", f"has braces more than {DEEPEST} deep")
        return gathered.reading()
    try:
        library = parse_string(text)
    except WRONG as error:
        gathered.fault("line 1", f"the file cannot be read: {error}")
        return gathered.reading()
    for block in library.failed_blocks:
        reason = getattr(block.error, "abort_reason", "") or str(block.error)
        gathered.fault(f"line {(block.start_line or 0) + 1}", f"the entry cannot be read: {reason}")
    for entry in library.entries:
        if gathered.full:
            break
        place = f"line {(entry.start_line or 0) + 1}"
        try:
            _add(entry, place, gathered)
        except WRONG as error:
            gathered.fault(place, f"the entry {entry.key[:40]} cannot be read: {error}")
    if not gathered.candidates and not gathered.faults:
        gathered.fault("line 1", "holds no entry: an entry begins like @techreport{key,")
    return gathered.reading()


def _too_deep(text: str) -> int:
    """The line in which braces go deeper than any entry needs; 0 where none do."""
    depth = deepest = 0
    for number, part in enumerate(text.split("\n"), start=1):
        for sign in re.findall(r"[{}@]", part):
            depth = 0 if sign == "@" and depth == 0 else depth + (sign == "{") - (sign == "}")
            depth = max(depth, 0)
            deepest = max(deepest, depth)
        if deepest > DEEPEST:
            return number
    return 0


def _add(entry: Entry, place: str, gathered: Gathered) -> None:
    raw = {name.lower(): str(value)[:LONGEST] for name, value in entry.items()}
    names = [final_name(name) for name in divided_names(raw.pop("author", ""))]
    coded = {name: value for name, value in raw.items() if name not in VERBATIM}
    said = _plain(coded | {f"author {number}": name for number, name in enumerate(names)})
    year = year_in(said.get("year", "")) or year_in(said.get("date", ""))
    day = day_in(said.get("date", ""))
    body = next((said[name] for name in BODIES if said.get(name)), "")
    kind = kind_in(said.get("type", "")) or KINDS.get(entry.entry_type.lower(), "")
    data = RecordData(
        kind=kind,
        title=line(said.get("title", "")),
        strapline=line(said.get("subtitle", "")),
        authors=lines(said[f"author {number}"] for number in range(len(names))),
        publisher=line(body) if not url_in(body) else "",
        series=line(said.get("series", "") or said.get("journal", "")),
        year=year,
        published_on=day if day and day.year == year else None,
        language=language_in(said.get("language", "") or said.get("langid", "")),
        abstract=paragraphs(said.get("abstract", "")),
        keywords=lines(re.split(r"[,;]", said.get("keywords", ""))),
        url=url_in(raw.get("url", "")) or url_in(said.get("howpublished", "")),
        doi=doi_in(raw.get("doi", "")),
        isbn=isbn_in(raw.get("isbn", "")),
    )
    gathered.add(Candidate(data, place, notes=language_note(said.get("language", ""))))


def _plain(fields: dict[str, str]) -> dict[str, str]:
    """Values without LaTeX: \\'e is é, braces are gone. A per cent sign is one, not a comment."""
    plain = {name: re.sub(r"[{}]", "", value) for name, value in fields.items()}
    coded = {name: value for name, value in fields.items() if LATEX.search(value)}
    if not coded:
        return plain
    shielded = {name: re.sub(r"(?<!\\)%", r"\\%", value) for name, value in coded.items()}
    library = Library([Entry("misc", "key", [Field(n, v) for n, v in shielded.items()])])
    made = DECODING.transform(library)
    if made.failed_blocks:
        raise ValueError(f"LaTeX that cannot be read: {made.failed_blocks[0].error}")
    return plain | {name: str(value) for name, value in made.entries[0].items()}


def divided_names(text: str) -> list[str]:
    """Names divided by "and" outside braces."""
    names, depth, start = [], 0, 0
    for found in re.finditer(r"[{}]|\s+and\s+", text):
        if found[0] == "{":
            depth += 1
        elif found[0] == "}":
            depth -= 1
        elif depth <= 0:
            names.append(text[start : found.start()])
            start = found.end()
    return [name.strip() for name in [*names, text[start:]] if name.strip()]


def final_name(name: str) -> str:
    """A person's name as "Surname, First"; what stands in braces of its own is a body."""
    if name.startswith("{") and name.endswith("}"):
        return name[1:-1]
    if "," in name or " " not in name:
        return name
    parts = parse_single_name_into_parts(name, strict=False)
    surname, first = _joined(parts.von, parts.last), _joined(parts.first)
    return f"{surname}, {first}" if first else surname


def _joined(*parts: Iterable[str]) -> str:
    return " ".join(word for part in parts for word in part)
