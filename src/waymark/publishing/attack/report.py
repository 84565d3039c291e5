"""An audit as lines of text and as plain values."""

from typing import Any

from waymark.publishing.attack.audit import Audit, Narrowed


def audit_json(audit: Audit) -> dict[str, Any]:
    """What came of an attack as JSON values. high: null where there is no end."""
    return {
        "profile": audit.profile,
        "threshold": audit.k,
        "holds": audit.holds,
        "exposed": len(audit.exposed),
        "cells": [
            {
                "table": one.table,
                "row": one.row,
                "column": one.column,
                "printed": one.printed,
                "low": one.low,
                "high": one.high,
                "exposed": one.exposed,
            }
            for one in audit.narrowed
        ],
        "named": [
            {"review": one.review, "fact": one.fact, "value": one.value} for one in audit.named
        ],
        "insiders": [
            {"known": _place(one.known), "learnt": _place(one.learnt), **_ends(one.learnt)}
            for one in audit.insiders
        ],
        "untried": list(audit.untried),
        "clear": [{"file": one.file, "where": one.where, "what": one.what} for one in audit.leaks],
        "files": list(audit.files),
    }


def _place(one: Narrowed) -> dict[str, str]:
    return {"table": one.table, "row": one.row, "column": one.column}


def _ends(one: Narrowed) -> dict[str, int | None]:
    return {"low": one.low, "high": one.high}


def audit_text(audit: Audit) -> str:
    """One line for each withheld cell, each fact that follows, and each thing in the clear.

    Of rounded cells only the exposed have lines: the others are many and are only counted.
    """
    rounded = [one for one in audit.narrowed if not one.printed.startswith("[")]
    lines = [_line(one) for one in audit.narrowed if one.exposed or one.printed.startswith("[")]
    if rounded:
        lines.append(f"{len(rounded)} rounded cells were looked at.")
    lines += [f"{one.review}: {one.value}: FOLLOWS of {one.fact}" for one in audit.named]
    lines += [
        f"{_line(one.learnt, 'FOLLOWS')} for the only one in {_where(one.known)}"
        for one in audit.insiders
    ]
    lines += [f"not tried: {one}" for one in audit.untried]
    for leak in audit.leaks:
        place = ", ".join(part for part in (leak.file, leak.where) if part)
        lines.append(f"in the clear: {place}: {leak.what}")
    profile = f"profile {audit.profile}, " if audit.profile else ""
    counted = [
        f"{len(audit.exposed)} exposed",
        *([f"{len(audit.named)} about named reviews"] if audit.named else []),
        *([f"{len(audit.insiders)} for those who are counted"] if audit.insiders else []),
        f"{len(audit.leaks)} in the clear",
    ]
    lines.append(f"{len(audit.files)} files, {profile}{', '.join(counted)}.")
    return "\n".join(lines)


def _line(one: Narrowed, verdict: str = "EXPOSED") -> str:
    high = "or more" if one.high is None else f"to {one.high}"
    said = f": {verdict}" if one.exposed or verdict != "EXPOSED" else ""
    return f"{_where(one)}: {one.low} {high}{said}"


def _where(one: Narrowed) -> str:
    return f"{one.table} {one.row}, {one.column}"
