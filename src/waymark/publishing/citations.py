"""What a report says besides its numbers: texts, and what they cite, as it was when it was signed.

Pure values, written as canonical JSON: the same report gives the same hash anywhere.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from waymark.publishing.markdown import read_text

FORMAT = "waymark-report 1"
WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A place in a report. words: exactly as they stand there, white space aside.

    review: its reference; title: its title; report: what kind of report, in words; page: where
    the words start, 0 where the report is of one page. fictional: written for demonstration.
    """

    key: str
    words: str
    review: str
    title: str
    report: str
    page: int
    fictional: bool = False

    @property
    def source(self) -> str:
        """Where the words stand, in short."""
        return f"{self.review}, page {self.page}" if self.page else self.review

    @property
    def note(self) -> str:
        """Where the words stand, in full."""
        parts = [self.review, self.title, self.report]
        if self.page:
            parts.append(f"page {self.page}")
        fiction = " Fictional, written for demonstration." if self.fictional else ""
        return f"{', '.join(parts)}.{fiction}"


@dataclass(frozen=True, slots=True)
class CitedRecord:
    """A publication in the catalogue. authors: "Surname, First" in order, or names of bodies.

    year: None where it is not known.
    """

    key: str
    authors: tuple[str, ...]
    year: int | None
    title: str
    publisher: str = ""
    url: str = ""

    @property
    def short(self) -> str:
        """As it is cited in a sentence: "Devaney and others, 2013"."""
        names = [name.partition(",")[0].strip() for name in self.authors]
        who = names[0] if names else self.title
        if len(names) == 2:
            who = f"{names[0]} and {names[1]}"
        elif len(names) > 2:
            who += " and others"
        return f"{who}, {self.year}" if self.year else who


@dataclass(frozen=True, slots=True)
class ReportText:
    """All that was written and what it cites. plan: YAML; texts: Markdown by the name of the text.

    passages, records: by key, as they were when it was signed.
    """

    plan: str
    texts: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, CitedPassage] = field(default_factory=dict)
    records: Mapping[str, CitedRecord] = field(default_factory=dict)


def passage_keys(texts: Iterable[str]) -> list[str]:
    """The keys that texts cite or quote, each once, in order."""
    return _names(texts, {"quote", "note"})


def record_keys(texts: Iterable[str]) -> list[str]:
    """The publications that texts cite, each once, in order."""
    return _names(texts, {"record"})


def _names(texts: Iterable[str], kinds: set[str]) -> list[str]:
    found = (mark for text in texts for mark in read_text(text).marks() if mark.kind in kinds)
    return list(dict.fromkeys(mark.name for mark in found))


def to_json(report: ReportText) -> bytes:
    """Canonical JSON: sorted, without spaces."""
    said = {
        "format": FORMAT,
        "plan": report.plan,
        "texts": dict(report.texts),
        "passages": [asdict(one) for _, one in sorted(report.passages.items())],
        "records": [asdict(one) for _, one in sorted(report.records.items())],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_json(written: bytes) -> ReportText:
    """What to_json wrote."""
    said = json.loads(written)
    passages = [CitedPassage(**one) for one in said["passages"]]
    records = [CitedRecord(**{**one, "authors": tuple(one["authors"])}) for one in said["records"]]
    return ReportText(
        said["plan"],
        said["texts"],
        {one.key: one for one in passages},
        {one.key: one for one in records},
    )


def content_sha256(report: ReportText, *, snapshot: str, profile: str) -> str:
    """The hash that people sign. snapshot: SHA-256 of the frozen rows."""
    said = [FORMAT, snapshot, profile, hashlib.sha256(to_json(report)).hexdigest()]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def one_line(words: str) -> str:
    """Words with each run of white space as one space: a report's text breaks lines as its page."""
    return WHITE.sub(" ", words).strip()
