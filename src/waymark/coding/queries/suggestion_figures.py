"""How well the suggestions of a program did, and what people did with them, per code.

Counted are reports that the program read in their current text, of reviews that are settled with
the framework: what coders decided in a review that somebody still codes is told to nobody. Reviews
that a model learned from are left out: there it repeats what it was told.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from waymark.accounts.permissions import Actor
from waymark.accounts.visibility import in_visible
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.miss_estimate import MissEstimate, estimate_misses
from waymark.coding.models import (
    MachineCoder,
    SampledPassage,
    Suggestion,
    SuggestionDecision,
    SuggestionRun,
)
from waymark.coding.queries.settled_texts import agreed_places, settled_reviews
from waymark.documents.models import Passage, Report, Review
from waymark.frameworks.models import Framework

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class CodeUse:
    """What became of the suggestions of a code.

    suggested, right: suggestions, and those whose words an agreed coding of the code overlaps.
    found: passages with a right one. looked_at: suggestions on which somebody decided; accepted,
    changed, refused: decisions. missed: passages of the sample that have the code.
    """

    code: str
    suggested: int = 0
    right: int = 0
    found: int = 0
    looked_at: int = 0
    accepted: int = 0
    changed: int = 0
    refused: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the suggestions that are right; None without any."""
        return self.right / self.suggested if self.suggested else None


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """What a program suggested in settled reviews.

    passages: read by it; unsuggested: those without any suggestion; read: those of them that a
    person has read in samples; read_with_code: of those, with a code.
    """

    machine: str
    kind: str
    reviews: int
    passages: int
    unsuggested: int
    read: int
    read_with_code: int
    codes: tuple[CodeUse, ...]

    def misses(self, code: CodeUse) -> MissEstimate | None:
        """The estimate of what it missed of a code."""
        return estimate_misses(
            found=code.found, with_code=code.missed, read=self.read, passages=self.unsuggested
        )


def figures_for(
    machine: MachineCoder,
    framework: Framework,
    person: Actor,
    now: datetime,
    leave_out: Collection[str] = (),
) -> MachineFigures:
    """Figures of the reviews that a person may see and does not code at the moment.

    leave_out: references of reviews whose facts they may not have.
    """
    reviews = Review.objects.filter(in_visible(Review, person, now=now))
    reviews = reviews.exclude(pk__in=unfinished_reviews_of(person)).exclude(reference__in=leave_out)
    return machine_figures(machine, framework, reviews, now)


def machine_figures(
    machine: MachineCoder, framework: Framework, reviews: QuerySet[Review], now: datetime
) -> MachineFigures:
    """Figures of the settled ones among some reviews."""
    counted = counted_reviews(machine, framework, reviews, now)
    reports = _read_reports(machine, framework, counted)
    passages = passage_spans_of(reports)
    suggestions = _suggestions_in(reports, machine.name, framework)
    agreed = agreed_places(framework, counted)
    tally = _Tally()
    for pk, report, start, end, code in suggestions:
        tally.suggested[code] += 1
        tally.code_of[pk] = code
        places = agreed.get((report, reports[report]), ())
        if any(code == other and start < stop and begin < end for begin, stop, other in places):
            tally.right[code] += 1
            spans = passages.get(report, [])
            tally.found[code] |= {(report, *spans[at]) for at in _touched(spans, start, end)}
    _count_decisions(tally)
    read, with_code = _count_sample(tally, machine, framework, reports)
    unsuggested = sum(map(len, without_suggestion(passages, suggestions).values()))
    return MachineFigures(
        machine=machine.name,
        kind=machine.get_kind_display(),
        reviews=len({report.review_id for report in Report.objects.filter(pk__in=list(reports))}),
        passages=sum(map(len, passages.values())),
        unsuggested=unsuggested,
        read=read,
        read_with_code=with_code,
        codes=tally.rows(framework),
    )


def counted_reviews(
    machine: MachineCoder, framework: Framework, reviews: QuerySet[Review], now: datetime
) -> QuerySet[Review]:
    """The settled ones among some reviews that a program did not learn from."""
    counted = settled_reviews(framework, now).filter(pk__in=reviews.values("pk"))
    return counted.exclude(pk__in=machine.reviews.values("pk"))


class _Tally:
    """Numbers by code while they are counted."""

    def __init__(self) -> None:
        self.code_of: dict[int, str] = {}
        self.suggested, self.right = Counter[str](), Counter[str]()
        self.looked_at, self.missed = Counter[str](), Counter[str]()
        self.decided: dict[str, Counter[str]] = defaultdict(Counter)
        self.found: dict[str, set[tuple[int, int, int]]] = defaultdict(set)

    def rows(self, framework: Framework) -> tuple[CodeUse, ...]:
        codes = framework.codes.order_by("order").values_list("code", flat=True)
        return tuple(
            CodeUse(
                code,
                self.suggested[code],
                self.right[code],
                len(self.found[code]),
                self.looked_at[code],
                self.decided["accepted"][code],
                self.decided["changed"][code],
                self.decided["refused"][code],
                self.missed[code],
            )
            for code in codes
            if self.suggested[code] or self.missed[code]
        )


def _read_reports(
    machine: MachineCoder, framework: Framework, reviews: QuerySet[Review]
) -> dict[int, int]:
    """Primary key -> reading of the reports that the program read in their current text."""
    runs = SuggestionRun.objects.filter(
        machine=machine,
        framework=framework,
        done_at__isnull=False,
        refused="",
        reading=F("report__reading"),
        report__review__in=reviews,
    )
    return dict(runs.order_by().values_list("report", "reading"))


def passage_spans_of(reports: Collection[int]) -> dict[int, list[Stretch]]:
    """Report -> start and end of its passages in order, without headings."""
    spans: dict[int, list[Stretch]] = defaultdict(list)
    rows = Passage.objects.filter(report__in=list(reports)).exclude(kind="heading")
    for report, start, end in rows.order_by("report", "start").values_list(
        "report", "start", "end"
    ):
        spans[report].append((start, end))
    return spans


def _suggestions_in(
    reports: dict[int, int], name: str, framework: Framework
) -> list[tuple[int, int, int, int, str]]:
    """Key, report, start, end and code of the suggestions of a program in reports."""
    rows = Suggestion.objects.filter(
        report__in=list(reports),
        reading=F("report__reading"),
        suggester=name,
        code__framework=framework,
    )
    return list(rows.order_by("pk").values_list("pk", "report", "start", "end", "code__code"))


def without_suggestion(
    passages: dict[int, list[Stretch]], suggestions: Iterable[tuple[int, int, int, int, str]]
) -> dict[int, list[Stretch]]:
    """Report -> the passages that share no character with a suggestion."""
    touched: dict[int, set[int]] = defaultdict(set)
    for _, report, start, end, _ in suggestions:
        touched[report] |= set(_touched(passages.get(report, []), start, end))
    return {
        report: [span for at, span in enumerate(spans) if at not in touched[report]]
        for report, spans in passages.items()
    }


def unsuggested_passages(
    machine: MachineCoder, framework: Framework, reviews: QuerySet[Review]
) -> dict[int, list[Stretch]]:
    """Report -> passages without a suggestion, of reports that the program read."""
    reports = _read_reports(machine, framework, reviews)
    suggestions = _suggestions_in(reports, machine.name, framework)
    return without_suggestion(passage_spans_of(reports), suggestions)


def _touched(spans: list[Stretch], start: int, end: int) -> range:
    """Indexes of the spans that share a character with a stretch."""
    return range(
        bisect_right(spans, start, key=lambda span: span[1]),
        bisect_left(spans, end, key=lambda span: span[0]),
    )


def _count_decisions(tally: _Tally) -> None:
    seen: set[int] = set()
    rows = SuggestionDecision.objects.filter(
        suggestion__in=list(tally.code_of), superseded_at=None
    ).order_by()
    for suggestion, accepted, changed in rows.values_list("suggestion", "accepted", "changed"):
        code = tally.code_of[suggestion]
        word = "refused" if not accepted else "changed" if changed else "accepted"
        tally.decided[word][code] += 1
        if suggestion not in seen:
            seen.add(suggestion)
            tally.looked_at[code] += 1


def _count_sample(
    tally: _Tally, machine: MachineCoder, framework: Framework, reports: dict[int, int]
) -> tuple[int, int]:
    """Numbers of passages read in samples, and of those with a code; adds to missed by code."""
    rows = SampledPassage.objects.filter(
        sample__machine=machine,
        sample__framework=framework,
        answered_at__isnull=False,
        report__in=list(reports),
        reading=F("report__reading"),
    )
    codes: dict[tuple[int, int, int], set[str]] = defaultdict(set)
    for report, start, end, names in rows.values_list("report", "start", "end", "codes"):
        codes[report, start, end] |= set(names)
    tally.missed.update(code for names in codes.values() for code in names)
    return len(codes), sum(map(bool, codes.values()))
