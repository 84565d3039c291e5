"""Figures of a program for its page: on documents it had not seen, and in use."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from waymark.coding.models import MachineCoder
from waymark.coding.queries.suggestion_figures import CodeUse, MachineFigures
from waymark.core.shares import wilson_interval
from waymark.frameworks.models import Framework


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """A row of the table of a program in use, with its estimates in words."""

    name: str
    use: CodeUse
    precision: str
    found: str


def held_out_rows(machine: MachineCoder, leave_out: Collection[str]) -> list[dict[str, Any]]:
    """Rows of the table of held-out figures, with intervals.

    None for a person who may not have the facts of a review that the model learned from.
    """
    if machine.reviews.filter(reference__in=list(leave_out)).exists():
        return []
    return [
        {
            **row,
            "precision_in_words": _share(row["right"], row["suggested"]),
            "recall_in_words": _share(row["right"], row["given"]),
        }
        for row in machine.scores.get("codes", [])
    ]


def _share(part: int, base: int) -> str:
    """A share with its interval, as "0.75 (0.41 to 0.93)"; "none" without a base."""
    if not base:
        return "none"
    low, high = wilson_interval(part, base)
    return f"{part / base:.2f} ({low:.2f} to {high:.2f})"


def used_rows(used: MachineFigures, framework: Framework) -> list[CodeFigures]:
    """Rows of the table of a program in use, in the framework's order."""
    names = dict(framework.codes.values_list("code", "name"))
    rows = []
    for use in used.codes:
        estimate = used.misses(use)
        share = "too few passages read"
        if estimate is not None:
            share = "nothing to find"
            if estimate.share is not None:
                interval = f"{estimate.share_low:.2f} to {estimate.share_high:.2f}"
                share = f"{estimate.share:.2f} ({interval})"
        rows.append(CodeFigures(names[use.code], use, _share(use.right, use.suggested), share))
    return rows
