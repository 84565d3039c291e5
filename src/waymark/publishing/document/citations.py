"""Texts of a report and the sources they cite, as they were when it was signed.

Pure values, written as canonical JSON: the same report gives the same hash everywhere.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from waymark.publishing.document.markdown import read_text

FORMAT = "waymark-report 1"
WHITE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """Passage of a report. words: exactly as in the report, apart from white space.

    review, title: reference and title of the review; report: kind of report, in words; page: on
    which the words begin, 0 for a report of one page. fictional: written for demonstration. scan:
    mark of words that were recognised in a scan, else "".
    """

    key: str
    words: str
    review: str
    title: str
    report: str
    page: int
    fictional: bool = False
    scan: str = ""

    @property
    def source(self) -> str:
        """Short source of the words: "R01, page 4"."""
        return f"{self.review}, page {self.page}" if self.page else self.review

    @property
    def note(self) -> str:
        """Full source of the words."""
        parts = [self.review, self.title, self.report]
        if self.page:
            parts.append(f"page {self.page}")
        fiction = " Fictional, written for demonstration." if self.fictional else ""
        scan = f" {self.scan}." if self.scan else ""
        return f"{', '.join(parts)}.{scan}{fiction}"


@dataclass(frozen=True, slots=True)
class CitedRecord:
    """Publication in the catalogue. authors: "Surname, First" in order, or names of bodies; bodies:
    those of them that are bodies though their name has a comma.

    year: None if it is not known. source: of an article the journal with volume and pages, of a
    report its number.
    """

    key: str
    authors: tuple[str, ...]
    year: int | None
    title: str
    publisher: str = ""
    url: str = ""
    source: str = ""
    bodies: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Short citation for a sentence: "Ash and others, 2013"."""
        names = [
            name if name in self.bodies else name.partition(",")[0].strip() for name in self.authors
        ]
        who = names[0] if names else self.title
        if len(names) == 2:
            who = f"{names[0]} and {names[1]}"
        elif len(names) > 2:
            who += " and others"
        return f"{who}, {self.year}" if self.year else who


@dataclass(frozen=True, slots=True)
class ReportContent:
    """All texts of a report with their citations. plan: YAML; texts: Markdown by slot.

    passages, records: by key, as they were when the report was signed.
    """

    plan: str
    texts: Mapping[str, str] = field(default_factory=dict)
    passages: Mapping[str, CitedPassage] = field(default_factory=dict)
    records: Mapping[str, CitedRecord] = field(default_factory=dict)


def passage_keys(texts: Iterable[str]) -> list[str]:
    """Keys of the passages that texts cite or quote, each once, in order."""
    return _marked_names(texts, {"quote", "note"})


def record_keys(texts: Iterable[str]) -> list[str]:
    """Keys of the publications that texts cite, each once, in order."""
    return _marked_names(texts, {"record"})


def _marked_names(texts: Iterable[str], kinds: set[str]) -> list[str]:
    marks = (mark for text in texts for mark in read_text(text).marks() if mark.kind in kinds)
    return list(dict.fromkeys(mark.name for mark in marks))


def _passage_json(cited: CitedPassage) -> dict[str, object]:
    # Reports signed before scans were marked have no such key, and their hash must stay.
    return {name: value for name, value in asdict(cited).items() if value or name != "scan"}


def _record_json(cited: CitedRecord) -> dict[str, object]:
    # Reports signed before sources were printed have no such keys, and their hash must stay.
    later = {"source", "bodies"}
    return {name: value for name, value in asdict(cited).items() if value or name not in later}


def _as_tuples(values: Mapping[str, Any], *names: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values.get(name, ())) for name in names}


def to_json(report: ReportContent) -> bytes:
    """Write a report as canonical JSON: keys sorted, no spaces, UTF-8."""
    content = {
        "format": FORMAT,
        "plan": report.plan,
        "texts": dict(report.texts),
        "passages": [_passage_json(cited) for _, cited in sorted(report.passages.items())],
        "records": [_record_json(cited) for _, cited in sorted(report.records.items())],
    }
    # Any change of these bytes changes every signed hash: FORMAT must change with it.
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def from_json(written: bytes) -> ReportContent:
    """Read a report that to_json wrote."""
    # JSON turned tuples into lists: authors must be a tuple again.
    content = json.loads(written)
    passages = [CitedPassage(**cited) for cited in content["passages"]]
    records = [
        CitedRecord(**{**cited, **_as_tuples(cited, "authors", "bodies")})
        for cited in content["records"]
    ]
    return ReportContent(
        content["plan"],
        content["texts"],
        {cited.key: cited for cited in passages},
        {cited.key: cited for cited in records},
    )


def content_sha256(report: ReportContent, *, snapshot: str, profile: str) -> str:
    """Return the hash that people sign, in hex. snapshot: SHA-256 of the frozen rows."""
    parts = [FORMAT, snapshot, profile, hashlib.sha256(to_json(report)).hexdigest()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def one_line(words: str) -> str:
    """Replace each run of white space by one space: text from a page has its line breaks."""
    return WHITE.sub(" ", words).strip()
