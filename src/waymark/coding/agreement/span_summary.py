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
from waymark.core.wording import counted

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
    reason.
    """

    code: str
    spans: Mapping[str, int]
    marked: Mapping[str, float]
    alpha_u: float | None
    gamma: Gamma | None
    f1: float | None
    reason: str = ""


def summarise_spans(
    spans: Sequence[CodedSpan],
    lengths: Mapping[str, float] | None = None,
    *,
    fewest: int = 2,
) -> list[SpanAgreement]:
    """The agreement on each code by name; last, if there are several, on all codes together.

    lengths: document -> characters; without them a document ends with its last span, and alpha-U
    is lower than it is. fewest: spans of all coders below which no figure is given. Raises
    RuleError for fewer than two coders.
    """
    coders = sorted({span.coder for span in spans})
    if len(coders) < 2:
        raise RuleError("agreement needs the spans of at least two coders")
    texts = lengths_of(spans) | dict(lengths or {})
    codes = sorted({span.code for span in spans})
    of_code = {code: [span for span in spans if span.code == code] for code in codes}
    disagreed = {code: unitized_disagreement(own, coders, texts) for code, own in of_code.items()}
    summaries = [
        _summarise(code, own, coders, texts, disagreed[code], fewest=fewest)
        for code, own in of_code.items()
    ]
    if len(codes) > 1:
        every = UnitizedDisagreement(
            sum(one.observed for one in disagreed.values()),
            sum(one.expected for one in disagreed.values()),
        )
        summaries.append(_summarise("", spans, coders, texts, every, fewest=fewest))
    return summaries


def _summarise(
    code: str,
    spans: Sequence[CodedSpan],
    coders: Sequence[str],
    texts: Mapping[str, float],
    disagreed: UnitizedDisagreement,
    *,
    fewest: int,
) -> SpanAgreement:
    length = sum(texts.values())
    reason = ""
    if len({span.coder for span in spans}) < 2:
        reason = ONE_CODER
    elif len(spans) < fewest:
        reason = f"{counted(len(spans), 'span')}; a figure needs {fewest}"
    compared = not reason
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
        reason=reason,
    )
