"""Comparison of two releases as JSON and as text for a terminal. Pure."""

from typing import Any

from waymark.publishing.comparison.compare import (
    ComparedNumber,
    ComparedRelease,
    ComparedRow,
    ReleaseComparison,
)


def comparison_json(comparison: ReleaseComparison) -> dict[str, Any]:
    """JSON form, as printed by `waymark overview compare --json`."""
    return {
        "first": _side_json(comparison.first),
        "second": _side_json(comparison.second),
        "reviews": comparison.relation,
        "no_differences_because": comparison.reason,
        "tables": [
            {
                "title": table.title,
                "column": table.column,
                "unit": table.unit,
                "first": table.first,
                "second": table.second,
                "rows": [_row_json(row, table.reason) for row in table.rows],
            }
            for table in comparison.tables
        ],
        "not_in_both": list(comparison.missing),
    }


def _side_json(side: ComparedRelease) -> dict[str, str]:
    return {
        "title": side.title,
        "scope": side.scope,
        "framework": side.framework,
        "profile": side.profile,
    }


def _row_json(row: ComparedRow, reason: str) -> dict[str, Any]:
    # Keys that programs read: they stay, whatever the site calls the columns.
    numbers = {"first": row.first, "second": row.second, "together": row.pooled}
    return {
        "group": row.group,
        "label": row.label,
        "unit": row.unit,
        **{name: number and _number_json(number) for name, number in numbers.items()},
        "difference": row.difference,
        "no_difference_because": reason or row.reason,
    }


def _number_json(number: ComparedNumber) -> dict[str, Any]:
    return {"value": number.value, "base": number.base, "percent": number.percent}


def comparison_text(comparison: ReleaseComparison) -> str:
    """Text form, for a terminal."""
    lines = [
        f"{side.name}: {side.title}, {side.scope}" for side in (comparison.first, comparison.second)
    ]
    lines += [comparison.reason] if comparison.reason else []
    for table in comparison.tables:
        name = f"{table.title}: {table.column}" if table.column else table.title
        lines += ["", f"{name} (unit: {table.unit})"]
        for row in table.rows:
            first, second = (
                number.with_share if number else "-" for number in (row.first, row.second)
            )
            difference = row.signed or row.reason or "-"
            lines.append(f"  {row.label}: {first} | {second} | {difference}")
    lines += ["", *(f"Not compared: {title}" for title in comparison.missing)]
    return "\n".join(lines).rstrip()
