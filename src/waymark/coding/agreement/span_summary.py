"""Agreement on the spans of each code and of all codes together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waymark.coding.agreement.gamma import Gamma, gamma
from waymark.coding.agreement.spans import (
    CodedSpan,
    UnitizedDisagreement,
    character_f1,
    lengths_of,
    unitized_disagreement,
)
from waymark.core.errors import RuleError

SPAN_QUESTIONS = {
    "alpha_u": "How far can the marked and unmarked stretches be relied on as data?",
    "gamma": "How near do spans and their counterparts lie, in place and in code?",
    "f1": "Which share of the marked characters did both mark? Chance is not counted.",
}
"""The question that each figure answers."""


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Agreement on the spans of a code, or of all codes if it is "".

    spans: coder -> number. marked: coder -> share of all characters. A figure is None where fewer
    than two coders used the code.
    """

    code: str
    spans: Mapping[str, int]
    marked: Mapping[str, float]
    alpha_u: float | None
    gamma: Gamma | None
    f1: float | None


def summarise_spans(
    spans: Sequence[CodedSpan], lengths: Mapping[str, float] | None = None
) -> list[SpanAgreement]:
    """The agreement on each code by name; last, if there are several, on all codes together.

    lengths: document -> characters; without them a document ends with its last span, and alpha-U
    is lower than it is. Raises RuleError for fewer than two coders.
    """
    coders = sorted({span.coder for span in spans})
    if len(coders) < 2:
        raise RuleError("agreement needs the spans of at least two coders")
    texts = lengths_of(spans) | dict(lengths or {})
    codes = sorted({span.code for span in spans})
    of_code = {code: [span for span in spans if span.code == code] for code in codes}
    disagreed = {code: unitized_disagreement(own, coders, texts) for code, own in of_code.items()}
    summaries = [
        _summarise(code, own, coders, texts, disagreed[code]) for code, own in of_code.items()
    ]
    if len(codes) > 1:
        every = UnitizedDisagreement(
            sum(one.observed for one in disagreed.values()),
            sum(one.expected for one in disagreed.values()),
        )
        summaries.append(_summarise("", spans, coders, texts, every))
    return summaries


def _summarise(
    code: str,
    spans: Sequence[CodedSpan],
    coders: Sequence[str],
    texts: Mapping[str, float],
    disagreed: UnitizedDisagreement,
) -> SpanAgreement:
    length = sum(texts.values())
    compared = len({span.coder for span in spans}) > 1
    return SpanAgreement(
        code=code,
        spans={coder: sum(span.coder == coder for span in spans) for coder in coders},
        marked={
            coder: sum(span.end - span.start for span in spans if span.coder == coder) / length
            for coder in coders
        },
        alpha_u=disagreed.alpha if compared else None,
        gamma=gamma(spans, coders) if compared else None,
        f1=character_f1(spans, coders) if compared else None,
    )
