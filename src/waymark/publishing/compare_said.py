"""A comparison of two releases in JSON, and to be read on a terminal. Pure."""

from typing import Any

from waymark.publishing.compare import ComparedRow, Comparison, Number, Side


def comparison_json(made: Comparison) -> dict[str, Any]:
    """What `waymark overview compare --json` prints."""
    return {
        "first": _side_json(made.first),
        "second": _side_json(made.second),
        "reviews": made.relation,
        "no_differences_because": made.reason,
        "tables": [
            {
                "title": table.title,
                "column": table.column,
                "unit": table.unit,
                "first": table.first,
                "second": table.second,
                "rows": [_row_json(row, table.reason) for row in table.rows],
            }
            for table in made.tables
        ],
        "not_in_both": list(made.missing),
    }


def _side_json(side: Side) -> dict[str, str]:
    return {
        "title": side.title,
        "scope": side.scope,
        "framework": side.framework,
        "profile": side.profile,
    }


def _row_json(row: ComparedRow, reason: str) -> dict[str, Any]:
    numbers = {"first": row.first, "second": row.second, "together": row.pooled}
    return {
        "group": row.group,
        "label": row.label,
        "unit": row.unit,
        **{name: number and _number_json(number) for name, number in numbers.items()},
        "difference": row.difference,
        "no_difference_because": reason or row.reason,
    }


def _number_json(number: Number) -> dict[str, Any]:
    return {"value": number.value, "base": number.base, "percent": number.percent}


def comparison_text(made: Comparison) -> str:
    """The same to be read on a terminal."""
    lines = [f"{one.name}: {one.title}, {one.scope}" for one in (made.first, made.second)]
    lines += [made.reason] if made.reason else []
    for table in made.tables:
        name = f"{table.title}: {table.column}" if table.column else table.title
        lines += ["", f"{name} (unit: {table.unit})"]
        for row in table.rows:
            both = " | ".join("-" if one is None else one.said for one in (row.first, row.second))
            lines.append(f"  {row.label}: {both} | {row.signed or row.reason or '-'}")
    lines += ["", *(f"Not compared: {title}" for title in made.missing)]
    return "\n".join(lines).rstrip()
