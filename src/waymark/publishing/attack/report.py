"""An audit as lines of text and as plain values."""

from collections.abc import Iterator
from typing import Any

from waymark.publishing.attack.audit import AttackResult, CellBounds


def audit_json(audit: AttackResult) -> dict[str, Any]:
    """The result of an attack as JSON values. high: null if there is no end."""
    return {
        "profile": audit.profile,
        "threshold": audit.k,
        "holds": audit.is_safe,
        "exposed": len(audit.exposed),
        "cells": [
            {
                **_cell_place(cell),
                "printed": cell.printed,
                **_cell_ends(cell),
                "exposed": cell.exposed,
            }
            for cell in audit.narrowed
        ],
        "named": [
            {"review": fact.review, "fact": fact.fact, "value": fact.value} for fact in audit.named
        ],
        "insiders": [
            {
                "known": _cell_place(cells.known),
                "learnt": _cell_place(cells.learnt),
                **_cell_ends(cells.learnt),
            }
            for cells in audit.insiders
        ],
        "untried": list(audit.untried),
        "clear": [
            {"file": leak.file, "where": leak.where, "what": leak.what} for leak in audit.leaks
        ],
        "files": list(audit.files),
    }


def _cell_place(cell: CellBounds) -> dict[str, str]:
    return {"table": cell.table, "row": cell.row, "column": cell.column}


def _cell_ends(cell: CellBounds) -> dict[str, int | None]:
    return {"low": cell.low, "high": cell.high}


def audit_text(audit: AttackResult) -> str:
    """One line for each withheld cell, each fact that follows, and each thing in the clear.

    Of rounded cells only the exposed have lines: the others are many and are only counted.
    """
    lines = [*_cell_lines(audit), *_people_lines(audit)]
    lines += [f"not tested: {test}" for test in audit.untried]
    for leak in audit.leaks:
        place = ", ".join(part for part in (leak.file, leak.where) if part)
        lines.append(f"in the clear: {place}: {leak.what}")
    lines.append(_summary_line(audit))
    return "\n".join(lines)


def _cell_lines(audit: AttackResult) -> Iterator[str]:
    rounded = 0
    for cell in audit.narrowed:
        rounded += not cell.printed.startswith("[")
        if cell.exposed or cell.printed.startswith("["):
            yield _cell_line(cell)
    if rounded:
        yield f"{rounded} rounded cells were checked."


def _people_lines(audit: AttackResult) -> Iterator[str]:
    """Facts that follow for named reviews, or for a person who is counted."""
    for fact in audit.named:
        yield f"{fact.review}: {fact.value}: FOLLOWS of {fact.fact}"
    for cells in audit.insiders:
        learnt = _cell_line(cells.learnt, "FOLLOWS")
        yield f"{learnt} for the only person in {_cell_name(cells.known)}"


def _summary_line(audit: AttackResult) -> str:
    profile = f"profile {audit.profile}, " if audit.profile else ""
    counted = [
        f"{len(audit.exposed)} exposed",
        *([f"{len(audit.named)} about named reviews"] if audit.named else []),
        *([f"{len(audit.insiders)} for people who are counted"] if audit.insiders else []),
        f"{len(audit.leaks)} in the clear",
    ]
    return f"{len(audit.files)} files, {profile}{', '.join(counted)}."


def _cell_line(cell: CellBounds, verdict: str = "EXPOSED") -> str:
    high = "or more" if cell.high is None else f"to {cell.high}"
    ending = f": {verdict}" if cell.exposed or verdict != "EXPOSED" else ""
    return f"{_cell_name(cell)}: {cell.low} {high}{ending}"


def _cell_name(cell: CellBounds) -> str:
    return f"{cell.table} {cell.row}, {cell.column}"
