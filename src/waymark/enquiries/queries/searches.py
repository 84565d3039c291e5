"""Literature searches for those who handle enquiries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from django.db.models import Count, Prefetch, Q, QuerySet
from pydantic import BaseModel, ConfigDict

from waymark.accounts.permissions import Actor, require_permission
from waymark.core import yaml_file
from waymark.core.errors import RuleError, require_found
from waymark.enquiries.models import (
    Enquiry,
    LineRun,
    LiteratureSearch,
    SearchLine,
    SearchResult,
    SearchSource,
)
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.search_strategy import RunDifference, ScreeningCounts, difference
from waymark.library.catalogue.resource_description import version_of
from waymark.library.language.analyser import analyse_text
from waymark.library.search.similar_texts import rank_similar

SIMILAR_ENOUGH, MOST_SIMILAR = 0.2, 5
SOURCES = Path(__file__).resolve().parent.parent / "search_sources.yaml"


class _SourcesFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sources: tuple[str, ...]


def known_sources() -> tuple[str, ...]:
    """Names of databases that are offered; any other can be typed."""
    content, _ = yaml_file.load_yaml(SOURCES.read_text("utf-8"), file=SOURCES.name)
    return _SourcesFile.model_validate(content).sources


def listed_searches(person: Actor) -> QuerySet[LiteratureSearch]:
    """All searches. chosen: number of results. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = LiteratureSearch.objects.select_related("enquiry", "created_by")
    return rows.annotate(chosen=Count("results"))


def search_for(number: int, person: Actor) -> LiteratureSearch:
    """A search. Raises NotPermitted, NotFound."""
    require_permission(person, HANDLE)
    rows = LiteratureSearch.objects.filter(pk=number).select_related("enquiry", "copied_from")
    return require_found(rows.first(), f"there is no literature search {number}")


def source_for(search: LiteratureSearch, number: int) -> SearchSource:
    """A source of a search by its number. Raises NotFound."""
    return require_found(
        search.sources.filter(number=number).first(), f"the search has no source {number}"
    )


def searches_of(enquiry: Enquiry, person: Actor) -> list[LiteratureSearch]:
    """The searches of an enquiry, the latest first. Raises NotPermitted."""
    require_permission(person, HANDLE)
    return list(enquiry.searches.all())


def searches_to_send(enquiry: Enquiry, person: Actor) -> list[LiteratureSearch]:
    """The finished searches of an enquiry whose report was not sent. Raises NotPermitted."""
    require_permission(person, HANDLE)
    return list(enquiry.searches.filter(finished_at__isnull=False, sent_at=None).order_by("pk"))


def search_to_send(enquiry: Enquiry, number: str, person: Actor) -> LiteratureSearch | None:
    """The search of an enquiry that was chosen in a form; None for none. Raises RuleError."""
    if not number:
        return None
    chosen = [row for row in searches_to_send(enquiry, person) if str(row.pk) == number]
    if not chosen:
        raise RuleError("choose a report that is finished and was not sent")
    return chosen[0]


# ---- one search ----


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """A current line with its last run, None without one. since: what changed since the run
    before, None without two runs.
    """

    line: SearchLine
    run: LineRun | None
    since: RunDifference | None
    before: LineRun | None

    @property
    def number(self) -> int:
        return self.line.number

    @property
    def text(self) -> str:
        return self.line.text

    @property
    def hits(self) -> str:
        """Hits of the last run as printed: "1,204", or "not run"."""
        return f"{self.run.hits:,}" if self.run else "not run"


@dataclass(frozen=True, slots=True)
class StrategySource:
    """A source with its lines in order."""

    source: SearchSource
    lines: tuple[StrategyLine, ...]

    @property
    def label(self) -> str:
        """Name and platform: "MEDLINE (Ovid)"."""
        return (
            f"{self.source.name} ({self.source.platform})"
            if self.source.platform
            else (self.source.name)
        )

    @property
    def mark(self) -> str:
        """Short hash of its lines, by which a change is noticed."""
        return mark_of_lines(line.line for line in self.lines)

    @property
    def hits(self) -> int:
        """Hits of the last line: the result in this source."""
        run = self.lines[-1].run if self.lines else None
        return run.hits if run else 0

    @property
    def missing(self) -> tuple[StrategyLine, ...]:
        """Lines that were never run."""
        return tuple(line for line in self.lines if line.run is None)


def mark_of_lines(lines: Iterable[SearchLine]) -> str:
    """Short hash of the current lines of a source."""
    return version_of(*(f"{line.number} {line.text}" for line in lines))


@dataclass(frozen=True)
class SearchView:
    """A search with its strategy and results, each read once."""

    search: LiteratureSearch
    sources: tuple[StrategySource, ...]
    results: tuple[SearchResult, ...]

    @cached_property
    def counts(self) -> ScreeningCounts:
        """Numbers of records at each step."""
        search = self.search
        return ScreeningCounts(
            identified=sum(source.hits for source in self.sources),
            duplicates=search.duplicates,
            screened=search.screened,
            read_full=search.read_full,
            chosen=len(self.results),
        )

    @cached_property
    def obstacles(self) -> list[str]:
        """What is to be done before the search is finished, as sentences."""
        obstacles = [
            f"Run or enter the hits of line {line.number} in {source.label}."
            for source in self.sources
            for line in source.missing
        ]
        if not any(source.lines for source in self.sources):
            obstacles.insert(0, "Enter the strategy of at least one source.")
        return [*obstacles, *(f"{fault[0].upper()}{fault[1:]}." for fault in self.counts.faults())]


def view_of(search: LiteratureSearch, *, until: datetime | None = None) -> SearchView:
    """A search as staff and its report show it. until: runs after it are left out."""
    runs = (
        LineRun.objects.all() if until is None else LineRun.objects.filter(recorded_at__lte=until)
    )
    lines = SearchLine.objects.filter(superseded_at=None).prefetch_related(
        Prefetch("runs", runs, "read_runs")
    )
    sources = search.sources.prefetch_related(Prefetch("lines", lines, "current_lines"))
    return SearchView(
        search,
        tuple(
            StrategySource(source, tuple(map(_strategy_line, source.current_lines)))
            for source in sources
        ),
        tuple(search.results.all()),
    )


def report_view(search: LiteratureSearch) -> SearchView:
    """A search as its report has it: of a finished one without what was run since."""
    return view_of(search, until=search.finished_at)


def _strategy_line(line: SearchLine) -> StrategyLine:
    runs: list[LineRun] = line.read_runs  # type: ignore[attr-defined]
    *_, before, last = [None, None, *runs]
    since = None
    if before is not None and last is not None:
        since = difference((before.hits, before.records), (last.hits, last.records))
    return StrategyLine(line, last, since, before)


# ---- asked before ----


def similar_searches(
    text: str, person: Actor, *, without: LiteratureSearch | None = None
) -> list[LiteratureSearch]:
    """Earlier finished searches on a similar question, the most similar first.

    Raises NotPermitted.
    """
    require_permission(person, HANDLE)
    rows = LiteratureSearch.objects.filter(finished_at__isnull=False)
    known = {row.pk: row for row in (rows.exclude(pk=without.pk) if without else rows)}
    texts = [(pk, search_text(row)) for pk, row in known.items()]
    ranked = rank_similar(text, texts, lambda words: analyse_text(words)[1].split())
    near = [pk for pk, score in ranked if score >= SIMILAR_ENOUGH]
    return [known[pk] for pk in near[:MOST_SIMILAR]]


def search_text(search: LiteratureSearch) -> str:
    """The words of a search that are compared: title, question and parts."""
    parts = " ".join(words for _, words in search.parts)
    return f"{search.title} {search.question} {parts}"


OPEN = Q(finished_at=None)
"""Searches that somebody works on."""
