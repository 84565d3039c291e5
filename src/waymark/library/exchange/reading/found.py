"""What every reader of another catalogue's files gives back, and how it reads plain values.

A fault concerns one record or one line and is told with its place; it never stops the rest.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from waymark.library.exchange.record import RecordData

MOST_FAULTS = 1_000
MOST_RECORDS = 50_000
LONGEST = 100_000
"""Characters of one value; no description of a publication is longer."""
KINDS = {
    "case review": "case-review",
    "case reviews": "case-review",
    "research report": "research-report",
    "thematic briefing": "thematic-briefing",
    "briefing": "thematic-briefing",
    "guidance": "guidance",
    "statistics": "statistics",
    "evaluation": "evaluation",
    "training course": "training-course",
    "tool": "tool",
    "web page": "web-page",
    "webpage": "web-page",
}
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
ISO_DAY = re.compile(r"(?<!\d)((?:1[89]|20)\d\d)[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
DOI = re.compile(r"(?i)^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)$")
ISBN = re.compile(r"(?i)^(?:urn:isbn:|isbn(?:-1[03])?:?\s*)?([\dxX][\dxX\s-]{8,16}[\dxX])")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SPACE = re.compile(r"\s+")
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Faulty:
    """Something that could not be read. place: as "line 12" or "record 3"."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record as a source has it. place: where it stands there.

    identity: by which the source itself knows it for good, "" where it has no such thing. notes:
    what was read with a reservation. abstract: what an abstract says part by part, as
    exchange.abstracts.said_of writes it; empty for every other source.
    """

    data: RecordData
    place: str
    identity: str = ""
    notes: tuple[str, ...] = ()
    abstract: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A record that its source says is deleted."""

    identity: str
    place: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read. notes: about the file as a whole."""

    candidates: tuple[Candidate, ...] = ()
    faults: tuple[Faulty, ...] = ()
    deleted: tuple[Deleted, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Gathered:
    """What a reader gathers on its way."""

    candidates: list[Candidate] = field(default_factory=list)
    faults: list[Faulty] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    untold: int = 0

    def fault(self, place: str, message: str) -> None:
        """Keep a fault; beyond MOST_FAULTS they are only counted."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Faulty(place, " ".join(message.split())[:300]))
        else:
            self.untold += 1

    @property
    def full(self) -> bool:
        """Whether there are as many records as one file may bring."""
        return len(self.candidates) + len(self.deleted) >= MOST_RECORDS

    def add(self, candidate: Candidate) -> None:
        """Keep a record that has a title; else it is a fault."""
        if candidate.data.title:
            self.candidates.append(candidate)
        else:
            self.fault(candidate.place, "has no title")

    def reading(self) -> Reading:
        """All of it, for good."""
        notes = list(self.notes)
        if self.full:
            notes.append(f"only the first {MOST_RECORDS:,} records were read: divide the file")
        if self.untold:
            notes.append(f"{self.untold:,} further faults are not listed")
        return Reading(
            tuple(self.candidates), tuple(self.faults), tuple(self.deleted), tuple(notes)
        )


# ---- plain values ----


def line(text: str) -> str:
    """A text in one line, without what no catalogue can show, at most LONGEST characters."""
    return SPACE.sub(" ", NO_TEXT.sub("", text[: LONGEST * 2])).strip()[:LONGEST]


def paragraphs(text: str) -> str:
    """A text with its paragraphs, divided by one empty line."""
    parts = re.split(r"\n\s*\n", text[: LONGEST * 2].replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(kept for part in parts if (kept := line(part)))[:LONGEST]


def lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in one line each, without empty ones, each once, in their order."""
    return tuple(dict.fromkeys(kept for text in texts if (kept := line(text))))


def year_in(text: str) -> int | None:
    """The first year that stands in a text, as in "c2004" or "[2004?]"; None where none does."""
    found = YEAR.search(text[:200])
    return int(found[1]) if found else None


def day_in(text: str) -> date | None:
    """A whole day written as 2004-05-17 or 2004/05/17; None for anything less."""
    found = ISO_DAY.search(text[:200])
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def language_in(text: str) -> str:
    """A code of BCP 47; "en" where nothing or nothing known is said."""
    said = line(text).lower()
    if said in LANGUAGES:
        return LANGUAGES[said]
    return said if len(said) <= 10 and LANGUAGE.fullmatch(said) else "en"


def kind_in(text: str) -> str:
    """The kind that a label or a key stands for; "" where it is none of ours."""
    said = line(text).lower()
    return KINDS.get(said) or next((key for key in KINDS.values() if key == said), "")


def doi_in(text: str) -> str:
    """A DOI without what stands before it; "" for what is none."""
    found = DOI.match(line(text))
    return found[1] if found else ""


def isbn_in(text: str) -> str:
    """The digits of what looks like an ISBN; "" for what does not."""
    found = ISBN.match(line(text))
    digits = re.sub(r"[\s-]", "", found[1]).upper() if found else ""
    return digits if len(digits) in (10, 13) else ""


def url_in(text: str) -> str:
    """A web address; "" for what is none."""
    said = line(text)
    return said if re.match(r"(?i)https?://[^\s/]+\.[^\s/]", said) and " " not in said else ""


def language_note(text: str) -> tuple[str, ...]:
    """A note where a language was said that is not known."""
    said = line(text).lower()
    known = not said or said in LANGUAGES or bool(LANGUAGE.fullmatch(said) and len(said) <= 10)
    return () if known else (f"the language {said[:30]!r} is not known: English was assumed",)
