"""Read the demo's sources: reports in Markdown, the list of reviews, progress reports."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from waymark.core import yaml_file
from waymark.core.errors import FileFault, RuleError, SpecError
from waymark.core.wording import date_in_words
from waymark.recommendations.progress_rules import ReportedState, progress_faults

PACKAGE = Path(__file__).resolve().parent


def sources_folder() -> Path:
    """Folder of the sources: in the installed package, else beside src. Raises RuleError."""
    for place in (PACKAGE / "collection", PACKAGE.parents[2] / "demo"):
        if (place / "collection.yaml").exists():
            return place
    raise RuleError("the demo's sources are missing: run this in a checkout of Waymark")


class SourceRecord(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ListedReport(SourceRecord):
    review: str
    file: Literal["pdf", "docx", "html", "scan"]


class NotObtained(SourceRecord):
    review: str
    title: str
    board: str
    reason: str


class DemoCollection(SourceRecord):
    format: Literal["waymark-collection 1"]
    collection: str
    nation: str
    review_type: str
    reports: tuple[ListedReport, ...]
    not_obtained: tuple[NotObtained, ...] = ()


class ReportedProgress(SourceRecord):
    review: str
    number: int
    status: str
    impact: str
    due: date | None = None
    evidence: str = ""
    evidence_on: date | None = None

    @model_validator(mode="after")
    def _possible(self) -> "ReportedProgress":
        state = ReportedState(self.status, self.impact, self.due, self.evidence, self.evidence_on)
        if faults := progress_faults(state):
            raise ValueError("; ".join(faults))
        return self


class ProgressFile(SourceRecord):
    format: Literal["waymark-progress 1"]
    progress: tuple[ReportedProgress, ...]


class IdentifierAnswer(SourceRecord):
    type: str
    words: tuple[str, ...]
    verdict: Literal["kept", "false"]
    because: str


class IdentifiersFile(SourceRecord):
    format: Literal["waymark-identifiers 1"]
    answers: tuple[IdentifierAnswer, ...]


ReleaseKind = Literal["full", "summary", "research"]
RELEASES: dict[ReleaseKind, str] = {
    "full": "published {date}",
    "summary": "executive summary published {date}, full report released for research",
    "research": "not published, released for research {date}",
}
"""How a report became available, in the words of its title page."""


class FrontMatter(SourceRecord):
    """First lines of a report. published: the day on which it was published or released."""

    review: str
    title: str
    board: str
    author: str
    completed: date
    published: date
    period: str
    release: ReleaseKind = "full"

    @property
    def dates_in_words(self) -> str:
        """Completion and release, as the title page names them."""
        released = RELEASES[self.release].format(date=date_in_words(self.published))
        return f"Completed {date_in_words(self.completed)}, {released}"


@dataclass(frozen=True, slots=True)
class SourceBlock:
    """Heading (level 1-3), paragraph or list item of a report, as plain text."""

    kind: Literal["heading", "paragraph", "item"]
    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class ReportSource:
    """One report as written: its front matter and its blocks in order."""

    about: FrontMatter
    blocks: tuple[SourceBlock, ...]


def read_collection(place: Path) -> DemoCollection:
    """Read the list of reviews. Raises SpecError."""
    file = place / "collection.yaml"
    return yaml_file.read_yaml(file.read_text("utf-8"), DemoCollection, file=file.name)[0]


def read_progress(place: Path) -> ProgressFile:
    """Read the progress that boards reported on recommendations. Raises SpecError."""
    file = place / "progress.yaml"
    return yaml_file.read_yaml(file.read_text("utf-8"), ProgressFile, file=file.name)[0]


def read_identifier_answers(place: Path) -> tuple[IdentifierAnswer, ...]:
    """Read the answers to the possible identifiers. Raises SpecError."""
    file = place / "possible-identifiers.yaml"
    return yaml_file.read_yaml(file.read_text("utf-8"), IdentifiersFile, file=file.name)[0].answers


def read_source(file: Path) -> ReportSource:
    """Read a report from Markdown: front matter, "#" headings, paragraphs, "- " items.

    The sources use no other Markdown, so nothing else is read. Raises SpecError.
    """
    parts = file.read_text("utf-8").split("---\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise SpecError(file.name, [FileFault(1, "must begin with front matter between --- lines")])
    about, _ = yaml_file.read_yaml(parts[1], FrontMatter, file=file.name)
    # Blocks are parted by an empty line; a list item also by the line that begins with "- ".
    pieces = re.split(r"\n\s*\n|\n(?=- )", parts[2])
    blocks = [_source_block(" ".join(piece.split())) for piece in pieces if piece.strip()]
    return ReportSource(about, tuple(blocks))


def _source_block(text: str) -> SourceBlock:
    if heading := re.match(r"(#{1,3}) (.+)", text):
        return SourceBlock("heading", heading[2], len(heading[1]))
    if text.startswith("- "):
        return SourceBlock("item", text[2:])
    return SourceBlock("paragraph", text)
