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
        "clear": [{"file": one.file, "where": one.where, "what": one.what} for one in audit.leaks],
        "files": list(audit.files),
    }


def audit_text(audit: Audit) -> str:
    """One line for each withheld cell, the exposed among the rounded, and each thing in the clear.

    Rounded cells that are not exposed are many and are only counted.
    """
    rounded = [one for one in audit.narrowed if not one.printed.startswith("[")]
    lines = [_line(one) for one in audit.narrowed if one.exposed or one.printed.startswith("[")]
    if rounded:
        lines.append(f"{len(rounded)} rounded cells were looked at.")
    for leak in audit.leaks:
        place = ", ".join(part for part in (leak.file, leak.where) if part)
        lines.append(f"in the clear: {place}: {leak.what}")
    exposed, clear = len(audit.exposed), len(audit.leaks)
    profile = f"profile {audit.profile}, " if audit.profile else ""
    lines.append(f"{len(audit.files)} files, {profile}{exposed} exposed, {clear} in the clear.")
    return "\n".join(lines)


def _line(one: Narrowed) -> str:
    high = "or more" if one.high is None else f"to {one.high}"
    verdict = ": EXPOSED" if one.exposed else ""
    return f"{one.table} {one.row}, {one.column}: {one.low} {high}{verdict}"
