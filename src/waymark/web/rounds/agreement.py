"""Staff pages and files of agreement: of a round, and of all who coded with a framework."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.coding.agreement.draws import FEWEST_UNITS
from waymark.coding.agreement.levels import (
    FILE_COLUMNS,
    MEAN_QUESTION,
    SPAN_NAMES,
    WITHIN_QUESTION,
    LevelAgreement,
    agreement_rows,
    figure_names,
    named_figures,
)
from waymark.coding.agreement.ratings import RatingScale
from waymark.coding.agreement.span_summary import SPAN_QUESTIONS, SpanAgreement
from waymark.coding.agreement.summary import QUESTIONS, AgreementFigure, CodeAgreement
from waymark.coding.queries import rounds as queries
from waymark.core.data_use import FORBIDDEN_USES_IN_FULL
from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.frameworks.queries import framework_for, published_frameworks
from waymark.pipeline.coding.round_agreement import (
    RoundAgreement,
    agreement_of_framework,
    agreement_of_round,
)
from waymark.pipeline.coding_exchange.coding_rows import CodingTable
from waymark.pipeline.coding_exchange.row_files import CSV, XLSX, csv_bytes, workbook_bytes

TOGETHER = ("themes", "codes", "factors", "contacts")
"""Levels of several codes or variables; each of the others is a single variable."""


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure for the page. value, interval: in words, "" if there is none for the reason."""

    name: str
    question: str
    value: str
    interval: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShownCode:
    """Agreement on a code or variable, or on all together.

    marginals: of each coder, the share of each value.
    """

    label: str
    paired: int
    documents: int | None
    drawn: str
    shares: str
    marginals: list[tuple[str, str]]
    figures: list[ShownFigure]

    @property
    def refused(self) -> str:
        """The reason why there is no figure at all, "" if there is one."""
        reasons = {figure.reason for figure in self.figures if not figure.value}
        has_value = any(figure.value for figure in self.figures)
        return "" if has_value or len(reasons) != 1 else next(iter(reasons))


@dataclass(frozen=True, slots=True)
class ShownSpans:
    """Agreement on the passages of a code; marked: number and share of the text of each coder.

    no_interval: why there is none, "" if there is one.
    """

    label: str
    marked: str
    figures: list[ShownFigure]
    no_interval: str


@dataclass(frozen=True, slots=True)
class ShownLevel:
    """A level for the page: all together first, then each code or variable."""

    name: str
    title: str
    together: ShownCode | None
    rows: list[ShownCode]
    heads: list[str]


@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    """Rounds and framework versions whose agreement can be seen."""
    context = {
        "rounds": queries.listed_rounds(request.user, timezone.now()),
        "frameworks": published_frameworks(),
        "fewest": FEWEST_UNITS,
    }
    return render(request, "rounds/agreement_list.html", context)


@require_safe
def round_agreement(request: HttpRequest, number: int) -> HttpResponse:
    """Agreement of the coders of a round, on the reviews that two have finished."""
    coding_round = queries.round_for(number, request.user)
    return _page(
        request,
        f"Agreement: {coding_round.name}",
        lambda passages: agreement_of_round(
            coding_round, request.user, timezone.now(), passages=passages
        ),
        lambda ending: reverse("round-agreement-file", args=[number, ending]),
    )


@require_safe
def framework_agreement(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """Agreement of all who coded with a framework version."""
    framework = framework_for(name, version)
    return _page(
        request,
        f"Agreement: {framework}",
        lambda passages: agreement_of_framework(
            framework, request.user, timezone.now(), passages=passages
        ),
        lambda ending: reverse("framework-agreement-file", args=[name, version, ending]),
    )


def _page(
    request: HttpRequest,
    heading: str,
    compute: Callable[[bool], RoundAgreement],
    file: Callable[[str], str],
) -> HttpResponse:
    passages = request.GET.get("passages") == "1"
    try:
        agreement = compute(passages)
    except RuleError as error:
        context: dict[str, Any] = {"reason": as_sentence(error), "heading": heading}
        return render(request, "rounds/not_yet.html", context, status=409)
    together = [row for row in agreement.levels if row.name in TOGETHER]
    context = {
        "heading": heading,
        "agreement": agreement,
        "levels": [_shown_level(level) for level in together],
        "single": [_shown_single(row) for row in agreement.levels if row.name not in TOGETHER],
        "spans": [_shown_span(agreement, row) for row in agreement.spans],
        "spans_refused": agreement.spans_refused and as_sentence(agreement.spans_refused),
        "passages": passages,
        "questions": _questions(),
        "fewest": FEWEST_UNITS,
        "csv": file("csv"),
        "xlsx": file("xlsx"),
    }
    return render(request, "rounds/agreement.html", context)


def _questions() -> list[tuple[str, str]]:
    names = figure_names(RatingScale.NOMINAL)
    rows = [(names[key], question) for key, question in QUESTIONS.items()]
    return [
        *rows,
        ("Kappa within codes", WITHIN_QUESTION),
        ("Mean of the codes' kappas", MEAN_QUESTION),
        *((SPAN_NAMES[key], question) for key, question in SPAN_QUESTIONS.items()),
    ]


def _shown_level(level: LevelAgreement) -> ShownLevel:
    names = figure_names(level.scale)
    pooled = level.pooled
    return ShownLevel(
        level.name,
        level.title,
        None if pooled is None else _shown_code(level, pooled),
        [_shown_code(level, row) for row in level.single],
        list(names.values()),
    )


def _shown_single(level: LevelAgreement) -> ShownCode:
    return _shown_code(level, level.codes[0])


def _shown_code(level: LevelAgreement, row: CodeAgreement) -> ShownCode:
    names = figure_names(level.scale)
    if row.within:
        names = {key: f"{name}, pooled" for key, name in names.items()}
    figures = [_shown_figure(*named) for named in named_figures(row, names)]
    return ShownCode(
        level.label(row.code),
        row.paired,
        row.documents,
        row.intervals_rest_on,
        _shares(row.shares),
        [(coder, _shares(shares)) for coder, shares in row.of_coders.items()],
        figures,
    )


def _shown_span(agreement: RoundAgreement, row: SpanAgreement) -> ShownSpans:
    marked = (f"{coder}: {number}, {row.marked[coder]:.1%}" for coder, number in row.spans.items())
    figures = [
        _shown_figure(
            SPAN_NAMES[key],
            SPAN_QUESTIONS[key],
            AgreementFigure(value, row.intervals[key], row.reason),
        )
        for key, value in row.figures.items()
    ]
    label = agreement.labels.get(row.code, row.code) if row.code else "All together"
    return ShownSpans(label, "; ".join(marked), figures, row.interval_reason)


def _shares(shares: Mapping[str, float]) -> str:
    words = [f"{value.replace('_', ' ')} {share:.0%}" for value, share in shares.items() if share]
    return ", ".join(words)


def _shown_figure(name: str, question: str, figure: AgreementFigure) -> ShownFigure:
    interval = figure.interval
    ends = "" if interval is None else f"{interval.lower:.2f} to {interval.upper:.2f}"
    value = "" if figure.value is None else f"{figure.value:.3f}"
    return ShownFigure(name, question, value, ends, figure.reason)


# ---- files ----


@require_safe
def round_file(request: HttpRequest, number: int, ending: str) -> HttpResponse:
    """All figures of a round as CSV or XLSX. Raises Http404."""
    coding_round = queries.round_for(number, request.user)
    return _file(
        lambda: agreement_of_round(coding_round, request.user, timezone.now(), passages=True),
        f"agreement-round-{number}",
        ending,
    )


@require_safe
def framework_file(request: HttpRequest, name: str, version: str, ending: str) -> HttpResponse:
    """All figures of a framework version as CSV or XLSX. Raises Http404."""
    framework = framework_for(name, version)
    return _file(
        lambda: agreement_of_framework(framework, request.user, timezone.now(), passages=True),
        f"agreement-{name}-{version}",
        ending,
    )


def _file(compute: Callable[[], RoundAgreement], name: str, ending: str) -> HttpResponse:
    if ending not in {"csv", "xlsx"}:
        raise Http404(f"agreement is not written as {ending[:20]}")
    try:
        agreement = compute()
    except RuleError as error:
        raise Http404(str(error)) from error
    rows = agreement_rows(agreement.levels, agreement.spans, agreement.labels)
    table = CodingTable("Agreement", FILE_COLUMNS, tuple(rows))
    if ending == "csv":
        content, kind = csv_bytes(table), CSV
    else:
        about = {"title": "Agreement", "comments": FORBIDDEN_USES_IN_FULL}
        content, _ = workbook_bytes([table], timezone.now(), **about)
        kind = XLSX
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
