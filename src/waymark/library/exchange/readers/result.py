"""Results of the readers of other catalogues' files, and readers of plain values.

A fault has the place of one record or line, and never stops the rest of the file.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from waymark.library.exchange.record import RecordData

T = TypeVar("T")

MOST_FAULTS = 1_000
MOST_RECORDS = 50_000
LONGEST = 100_000
"""Characters of one value; longer values are cut."""
KINDS = {
    "case review": "case-review",
    "case reviews": "case-review",
    "research report": "research-report",
    "journal article": "journal-article",
    "article": "journal-article",
    "book": "book",
    "book chapter": "book-chapter",
    "book section": "book-chapter",
    "chapter": "book-chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "phd thesis": "thesis",
    "inquiry report": "inquiry-report",
    "inquiry or official report": "inquiry-report",
    "thematic briefing": "thematic-briefing",
    "briefing": "thematic-briefing",
    "guidance": "guidance",
    "legislation": "legislation",
    "act of parliament": "legislation",
    "statistics": "statistics",
    "evaluation": "evaluation",
    "training course": "training-course",
    "tool": "tool",
    "answered question": "answered-question",
    "web page": "web-page",
    "webpage": "web-page",
    "film or podcast": "recording",
    "film": "recording",
    "podcast": "recording",
}
KIND_KEYS = frozenset(KINDS.values())
LANGUAGES = {
    "eng": "en",
    "english": "en",
    "gle": "ga",
    "irish": "ga",
    "wel": "cy",
    "cym": "cy",
    "welsh": "cy",
    "gla": "gd",
    "en-gb": "en-GB",
}
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<year>(?:1[89]|20)\d\d)"
DAYS = tuple(
    re.compile(rf"(?i)(?<!\d){form}(?!\d)")
    for form in (
        rf"{_YEAR}[-/](?P<month>\d{{1,2}})[-/]{_DAY}",
        rf"{_DAY}[\s-]+(?:of\s+)?{_MONTH},?[\s-]+{_YEAR}",
        rf"{_MONTH}\s+{_DAY},?\s+{_YEAR}",
        rf"{_YEAR}[\s-]+{_MONTH}[\s-]+{_DAY}",
        # As in Britain the day is first: 5/3/2011 is in March.
        rf"{_DAY}[/.](?P<month>\d{{1,2}})[/.]{_YEAR}",
        r"(?P<year>(?:19|20)\d\d)(?P<month>[01]\d)(?P<day>[0-3]\d)",
    )
)
"""Forms in which people and programs write a day."""
DOI = re.compile(r"(?i)^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$")
ISBN = re.compile(r"(?i)^(?:urn:isbn:|isbn(?:-1[03])?:?\s*)?([\dxX][\dxX\s-]{8,16}[\dxX])")
ISSN = re.compile(r"(?i)^(?:(?:e|p)?-?issn:?\s*)?(\d{4})-?(\d{3}[\dX])(?![\dX-])")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SPACE = re.compile(r"\s+")
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ReadFault:
    """A part of a file that could not be read. place: "line 12" or "record 3"."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """A record read from a source. place: its position there.

    identity: permanent identifier in the source, "" if it has none. notes: doubts about values.
    abstract: parts of an abstract, from exchange.abstracts.abstract_contents; else empty.
    """

    data: RecordData
    place: str
    identity: str = ""
    notes: tuple[str, ...] = ()
    abstract: dict[str, object] = field(default_factory=dict)

    def with_note(self, note: str) -> "CandidateRecord":
        """The same record with one more note."""
        return replace(self, notes=(*self.notes, note))


@dataclass(frozen=True, slots=True)
class DeletedRecord:
    """A record that is deleted in its source."""

    identity: str
    place: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of reading a file. notes: about the file as a whole."""

    candidates: tuple[CandidateRecord, ...] = ()
    faults: tuple[ReadFault, ...] = ()
    deleted: tuple[DeletedRecord, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class ReadCollector:
    """Collector of records, faults and notes during reading; unlisted: number of further faults."""

    candidates: list[CandidateRecord] = field(default_factory=list)
    faults: list[ReadFault] = field(default_factory=list)
    deleted: list[DeletedRecord] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unlisted: int = 0

    def fault(self, place: str, message: str) -> None:
        """Add a fault; beyond MOST_FAULTS they are only counted."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ReadFault(place, " ".join(message.split())[:300]))
        else:
            self.unlisted += 1

    @property
    def full(self) -> bool:
        """True if the number of records has reached the limit for one file."""
        return len(self.candidates) + len(self.deleted) >= MOST_RECORDS

    def add(self, candidate: CandidateRecord) -> None:
        """Add a record; one without a title is a fault."""
        if candidate.data.title:
            self.candidates.append(candidate)
        else:
            self.fault(candidate.place, "has no title")

    def result(self) -> ReadResult:
        """The result."""
        notes = list(self.notes)
        if self.full:
            notes.append(f"we read only the first {MOST_RECORDS:,} records: divide the file")
        if self.unlisted:
            notes.append(f"{self.unlisted:,} more faults are not listed")
        return ReadResult(
            tuple(self.candidates), tuple(self.faults), tuple(self.deleted), tuple(notes)
        )


# ---- plain values ----


def first_in(texts: Iterable[str], read: Callable[[str], T]) -> T:
    """The first value that a reader of plain values finds in the texts.

    first_in(["n.d.", "2004"], year_in) -> 2004; None or "" as for an empty text if there is none.
    """
    return next(filter(None, map(read, texts)), read(""))


def clean_line(text: str) -> str:
    """A text in one line, without control characters, at most LONGEST characters."""
    # Most texts are clean already; no white space but a plain space is printable.
    if text.isprintable() and "  " not in text and not text[:1].isspace() and text[-1:] != " ":
        return text[:LONGEST]
    return SPACE.sub(" ", NO_TEXT.sub("", text[: LONGEST * 2])).strip()[:LONGEST]


def clean_paragraphs(text: str) -> str:
    """A text in paragraphs that are divided by one empty line."""
    parts = re.split(r"\n\s*\n", text[: LONGEST * 2].replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(paragraph for part in parts if (paragraph := clean_line(part)))[:LONGEST]


def clean_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in one line each, without empty and repeated ones, in order."""
    return tuple(dict.fromkeys(text_line for text in texts if (text_line := clean_line(text))))


def year_in(text: str) -> int | None:
    """The first year in a text, as in "c2004" or "[2004?]"; None if there is none."""
    match = YEAR.search(text[:200])
    return int(match[1]) if match else None


def day_in(text: str) -> date | None:
    """The first day in a text, as in "2004-05-17", "17 May 2004", "May 17, 2004" or "17/5/2004".

    None if there is none.
    """
    for form in DAYS:
        if (match := form.search(text[:200])) is not None:
            year, month, day = (match[name].lower() for name in ("year", "month", "day"))
            number = int(month) if month.isdigit() else MONTHS.index(month) + 1
            try:
                return date(int(year), number, int(day))
            except ValueError:
                return None
    return None


def language_in(text: str) -> str:
    """A BCP 47 code: "Welsh" or "wel" -> "cy"; "en" if the language is missing or unknown."""
    return _known_language(text) or "en"


def language_note(text: str) -> tuple[str, ...]:
    """A note if the language is not known."""
    language = clean_line(text).lower()
    if not language or _known_language(text):
        return ()
    return (f"the language {language[:30]!r} is not known: we assumed English",)


def _known_language(text: str) -> str:
    language = clean_line(text).lower()
    if language in LANGUAGES:
        return LANGUAGES[language]
    return language if len(language) <= 10 and LANGUAGE.fullmatch(language) else ""


def kind_in(text: str) -> str:
    """The kind of record with this label or key; "" if it is not one of ours."""
    label = clean_line(text).lower() if text else ""
    return KINDS.get(label) or (label if label in KIND_KEYS else "")


def doi_in(text: str) -> str:
    """A DOI without its prefix: https://doi.org/10.1000/1 -> 10.1000/1; "" if it is not one."""
    match = DOI.match(clean_line(text))
    return match[1] if match else ""


def isbns_and_issns(texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """The ISBNs and the ISSNs in texts such as "978-1-84905-001-2 (pbk); 0145-2134 (print)"."""
    isbns, issns = [], []
    for part in (part for text in texts for part in re.split(r"[;,\n]|\)\s", text)):
        line = clean_line(part).strip(" ().")
        if isbn := isbn_in(line):
            isbns.append(isbn)
        elif match := ISSN.match(line):
            issns.append(f"{match[1]}-{match[2].upper()}")
    return list(dict.fromkeys(isbns)), list(dict.fromkeys(issns))


def isbn_in(text: str) -> str:
    """The digits of an ISBN: "ISBN 978-1-84-..." -> "978184..."; "" if there is none."""
    match = ISBN.match(clean_line(text))
    digits = re.sub(r"[\s-]", "", match[1]).upper() if match else ""
    return digits if len(digits) in (10, 13) else ""


def url_in(text: str) -> str:
    """A web address; "" if it is not one."""
    address = clean_line(text)
    is_address = re.match(r"(?i)https?://[^\s/]+\.[^\s/]", address) and " " not in address
    return address if is_address else ""
