"""Agreement on the spans of each code and of all codes together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING

from waymark.coding.agreement.alpha_u import UnitizedDisagreement, unitized_disagreement
from waymark.coding.agreement.draws import (
    FEWEST_REVIEWS,
    FEWEST_UNITS,
    ConfidenceInterval,
    drawn_times,
    percentile_interval,
)
from waymark.coding.agreement.gamma import Gamma, document_disorders
from waymark.coding.agreement.spans import CodedSpan, lengths_of, marked_characters
from waymark.core.errors import RuleError
from waymark.core.extras import LaterModule
from waymark.core.wording import counted

if TYPE_CHECKING:
    import numpy as np

    from waymark.coding.agreement.ratings import Floats
else:
    np = LaterModule("numpy")

SPAN_QUESTIONS = {
    "alpha_u": "How far can the marked and unmarked stretches be relied on as data?",
    "gamma": "How near do spans and their counterparts lie, in place and in code?",
    "f1": "Which share of the marked characters did both mark? Chance is not counted.",
}
"""The question that each figure answers."""
ONE_CODER = "only one coder used it"


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Agreement on the spans of a code, or of all codes if it is "".

    spans: coder -> number. marked: coder -> share of all characters. The figures are None for the
    reason. documents: that intervals are drawn from. intervals: alpha_u, gamma, f1 -> 95 %; those
    that there are not are None for interval_reason.
    """

    code: str
    spans: Mapping[str, int]
    marked: Mapping[str, float]
    alpha_u: float | None
    gamma: Gamma | None
    f1: float | None
    reason: str = ""
    documents: int = 0
    intervals: Mapping[str, ConfidenceInterval | None] = field(
        default_factory=lambda: dict.fromkeys(SPAN_QUESTIONS)
    )
    interval_reason: str = ""

    @property
    def figures(self) -> dict[str, float | None]:
        """The value of each figure, by the keys of SPAN_QUESTIONS."""
        value = None if self.gamma is None else self.gamma.value
        return {"alpha_u": self.alpha_u, "gamma": value, "f1": self.f1}


@dataclass(frozen=True, slots=True, eq=False)
class _Documents:
    """What the figures of all codes rest on. lengths: document -> characters.

    times: how often each draw has each document; None if they are too few to draw from.
    """

    coders: Sequence[str]
    lengths: Mapping[str, float]
    times: Floats | None
    fewest: int


def summarise_spans(
    spans: Sequence[CodedSpan],
    lengths: Mapping[str, float] | None = None,
    *,
    fewest: int = 2,
) -> list[SpanAgreement]:
    """The agreement on each code by name; last, if there are several, on all codes together.

    lengths: document -> characters; without them a document ends with its last span, and alpha-U
    is lower than it is. fewest: spans of all coders below which no figure is given. Intervals are
    drawn from whole documents, the same for every code and figure; there are none for fewer than
    FEWEST_REVIEWS documents, or fewer than FEWEST_UNITS with the code. Raises RuleError for fewer
    than two coders.
    """
    coders = sorted({span.coder for span in spans})
    if len(coders) < 2:
        raise RuleError("agreement needs the spans of at least two coders")
    texts = dict(sorted((lengths_of(spans) | dict(lengths or {})).items()))
    enough = len(texts) >= FEWEST_REVIEWS
    times = np.concatenate(list(drawn_times(len(texts)))) if enough else None
    documents = _Documents(coders, texts, times, fewest)
    of_code: dict[str, list[CodedSpan]] = {code: [] for code in sorted({s.code for s in spans})}
    for span in spans:
        of_code[span.code].append(span)
    disagreed = {
        code: unitized_disagreement(own, coders, texts, _with_all(documents))
        for code, own in of_code.items()
    }
    summaries = [_summarise(code, own, documents, disagreed[code]) for code, own in of_code.items()]
    if len(of_code) > 1:
        every = UnitizedDisagreement(
            np.sum([one.observed for one in disagreed.values()], axis=0),
            np.sum([one.expected for one in disagreed.values()], axis=0),
        )
        summaries.append(_summarise("", spans, documents, every))
    return summaries


def _with_all(documents: _Documents) -> Floats:
    """First all documents once, then the draws."""
    once = np.ones((1, len(documents.lengths)))
    return once if documents.times is None else np.concatenate([once, documents.times])


def _summarise(
    code: str,
    spans: Sequence[CodedSpan],
    documents: _Documents,
    disagreed: UnitizedDisagreement,
) -> SpanAgreement:
    """disagreed: of all documents once, then of the draws."""
    coders, lengths = documents.coders, documents.lengths
    length = sum(lengths.values())
    summary = SpanAgreement(
        code=code,
        spans={coder: sum(span.coder == coder for span in spans) for coder in coders},
        marked={
            coder: sum(span.end - span.start for span in spans if span.coder == coder) / length
            for coder in coders
        },
        alpha_u=None,
        gamma=None,
        f1=None,
        documents=len(lengths),
    )
    if len({span.coder for span in spans}) < 2:
        return replace(summary, reason=ONE_CODER)
    if len(spans) < documents.fewest:
        reason = f"{counted(len(spans), 'span')}; a figure needs {documents.fewest}"
        return replace(summary, reason=reason)
    alphas = disagreed.alphas
    disorders = document_disorders(spans, coders, lengths)
    characters = marked_characters(spans, coders, lengths)
    summary = replace(
        summary,
        alpha_u=float(alphas[0]) if isfinite(alphas[0]) else None,
        gamma=disorders.gamma(),
        f1=float(characters.f1()[0]),
    )
    summary = replace(summary, interval_reason=_reason_for_none(spans, documents))
    if documents.times is None or summary.interval_reason:
        return summary
    intervals = {
        "alpha_u": percentile_interval(alphas[1:]),
        "gamma": percentile_interval(disorders.gammas(documents.times)),
        "f1": percentile_interval(characters.f1(documents.times)),
    }
    return replace(summary, intervals=intervals)


def _reason_for_none(spans: Sequence[CodedSpan], documents: _Documents) -> str:
    """Why there is no interval, "" if there is one. Draws of few documents that have the code
    resemble each other, so that their interval would be too narrow."""
    if documents.times is None:
        few = counted(len(documents.lengths), "document")
        return f"{few} to draw from; an interval needs {FEWEST_REVIEWS}"
    marked = len({span.document for span in spans})
    if marked < FEWEST_UNITS:
        return f"in {counted(marked, 'document')}; an interval needs {FEWEST_UNITS}"
    return ""
