"""Command that computes agreement of any ratings, without a database."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waymark.cli.common import as_json, main, print_answer
from waymark.cli.inputs import INPUT_FILE
from waymark.core.wording import counted

if TYPE_CHECKING:
    from waymark.coding.agreement.draws import ConfidenceInterval
    from waymark.coding.agreement.ratings import RatingScale
    from waymark.coding.agreement.span_summary import SpanAgreement
    from waymark.coding.agreement.summary import AgreementFigure, CodeAgreement

ALL_CODES = "all codes, pooled"
NAMES = {
    "raw": "agreed",
    "kappa": "Cohen's kappa",
    "fleiss": "Fleiss' kappa",
    "ac1": "Gwet's AC1",
    "alpha": "Krippendorff's alpha",
    "within": "kappa within codes",
    "mean": "mean of the codes' kappas",
}
SPAN_NAMES = {"alpha_u": "alpha-U", "gamma": "gamma", "f1": "F1 of characters"}


@main.command("agreement")
@click.argument("file", type=INPUT_FILE)
@click.option(
    "--scale",
    type=click.Choice(["nominal", "linear", "quadratic", "sets"]),
    default="nominal",
    show_default=True,
    help="How far two values are apart; sets: each value is a set, as a|b.",
)
@click.option(
    "--values",
    default="",
    help="All values of the scale in their order, with commas; else those in the file.",
)
@click.option(
    "--fewest",
    type=click.IntRange(2),
    default=10,
    show_default=True,
    help="Give no figure for fewer units rated by two coders.",
)
@as_json
def agreement_command(*, file: Path, scale: str, values: str, fewest: int, as_json: bool) -> None:
    """Agreement of coders on units (columns unit, coder, code, value and, if known, document), or
    on spans (columns document, coder, code, start, end and, if known, length)."""
    from waymark.coding.agreement.files import parse_ratings
    from waymark.coding.agreement.levels import MEAN_QUESTION, WITHIN_QUESTION
    from waymark.coding.agreement.ratings import RatingScale
    from waymark.coding.agreement.span_summary import SPAN_QUESTIONS, summarise_spans
    from waymark.coding.agreement.summary import QUESTIONS, summarise_agreement
    from waymark.core.utf8 import read_utf8

    read = parse_ratings(read_utf8(file), file=file.name)
    if read.spans:
        spans = summarise_spans(read.spans, read.lengths, fewest=fewest)
        if read.lengths is None:
            click.echo(
                "The column length is missing, so each document ends with its last span: alpha-U "
                "is then lower than it is.",
                err=True,
            )
        answer: dict[str, Any] = {"codes": [_span_object(row) for row in spans]}
        answer["questions"] = SPAN_QUESTIONS
        asked = _question_lines(SPAN_QUESTIONS, SPAN_NAMES)
        print_answer(answer, *map(_span_lines, spans), asked, as_json=as_json)
        return
    order = [value.strip() for value in values.split(",") if value.strip()]
    codes = summarise_agreement(read.ratings, scale=RatingScale(scale), values=order, fewest=fewest)
    questions = QUESTIONS | {"within": WITHIN_QUESTION, "mean": MEAN_QUESTION}
    answer = {"codes": [_object(row) for row in codes], "questions": questions}
    names = _names(RatingScale(scale))
    lines = [_lines(row, names) for row in codes]
    print_answer(answer, *lines, _question_lines(questions, names), as_json=as_json)


def _names(scale: "RatingScale") -> dict[str, str]:
    """The figures in words: AC1 of ordered values is AC2, alpha of sets rests on MASI."""
    from waymark.coding.agreement.levels import figure_names
    from waymark.coding.agreement.ratings import RatingScale

    return NAMES if scale is RatingScale.NOMINAL else NAMES | figure_names(scale)


def _question_lines(questions: Mapping[str, str], names: Mapping[str, str]) -> str:
    return "\n".join(
        [
            "What each figure answers",
            *(f"  {names[key]}: {text}" for key, text in questions.items()),
        ]
    )


def _object(row: "CodeAgreement") -> dict[str, Any]:
    return asdict(row) | {
        "code": row.code or None,
        "figures": {name: _figure_object(figure) for name, figure in row.figures.items()},
        "within": {name: _figure_object(figure) for name, figure in row.within.items()},
    }


def _figure_object(figure: "AgreementFigure") -> dict[str, Any]:
    return {
        "value": figure.value,
        "interval": _interval_object(figure.interval),
        "reason": figure.reason,
    }


def _interval_object(interval: "ConfidenceInterval | None") -> list[float] | None:
    return None if interval is None else [interval.lower, interval.upper]


def _lines(row: "CodeAgreement", names: Mapping[str, str]) -> str:
    rests_on = f"{counted(row.paired, 'unit')} rated by two coders or more"
    if row.documents is not None:
        rests_on += f", of {counted(row.documents, 'document')}"
    lines = [f"{row.code or ALL_CODES}: {rests_on}; intervals drawn from {row.intervals_rest_on}"]
    lines.append(f"  all coders: {_shares(row.shares)}")
    lines += [f"  {coder}: {_shares(shares)}" for coder, shares in row.of_coders.items()]
    pooled = ""
    if row.within:
        pooled = ", pooled"
        lines.append(f"  {names['within']} {_words(row.within['kappa'])}")
        lines.append(f"  {names['mean']} {_words(row.within['mean'])}")
    lines += [f"  {names[name]}{pooled} {_words(figure)}" for name, figure in row.figures.items()]
    return "\n".join(lines)


def _shares(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{value} {share:.0%}" for value, share in shares.items())


def _words(figure: "AgreementFigure") -> str:
    return _value_words(figure.value, figure.interval, figure.reason)


def _value_words(value: float | None, interval: "ConfidenceInterval | None", reason: str) -> str:
    if value is None:
        return f"- ({reason})"
    ends = "" if interval is None else f" ({interval.lower:.3f} to {interval.upper:.3f})"
    return f"{value:.3f}{ends}"


def _span_object(row: "SpanAgreement") -> dict[str, Any]:
    intervals = {name: _interval_object(row.intervals[name]) for name in row.figures}
    return asdict(row) | {"code": row.code or None, "intervals": intervals}


def _span_lines(row: "SpanAgreement") -> str:
    marked = ", ".join(
        f"{coder} {number} ({row.marked[coder]:.1%} of the text)"
        for coder, number in row.spans.items()
    )
    rests_on = ""
    if not row.reason:
        drawn = f"95% intervals drawn from {row.documents} whole documents"
        rests_on = f"; {f'no intervals: {row.interval_reason}' if row.interval_reason else drawn}"
    return "\n".join(
        [
            f"{row.code or ALL_CODES}: spans of {marked}{rests_on}",
            *(
                f"  {SPAN_NAMES[name]} {_value_words(value, row.intervals[name], row.reason)}"
                for name, value in row.figures.items()
            ),
        ]
    )
