"""Bands, groups and conditions of a table as lines that people type, and back. Pure.

"Under 1 year = 0 to 11" is a band, "Died = deaths" a group, "role = subject" a condition.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
BAND = re.compile(
    r"(?P<start>\d+)\s*(?:(?:to|-|\u2013)\s*(?P<end>\d+)|(?P<over>and over|or more|\+))?"
)
AGES = (
    "Under 1 year = 0 to 11",
    "1 to 5 years = 12 to 71",
    "6 to 10 years = 72 to 131",
    "11 to 15 years = 132 to 191",
    "16 years and over = 192 and over",
)
"""Bands that a table of ages begins with, in months."""
NUMBERS = ("None = 0", "1 = 1", "2 = 2", "3 or more = 3 and over")
"""Bands that a table of numbers begins with."""
DEATHS, REST, OVER = "deaths", "all others", "and over"


class LineFault(ValueError):
    """A line that cannot be read; its text says which and what to write."""


def band_lines(bands: Sequence[Entry]) -> list[str]:
    """Bands as lines."""
    return [f"{band['label']} = {_band_ends(band)}" for band in bands]


def _band_ends(band: Entry) -> str:
    start, end = band["from"], band.get("to")
    if end is None:
        return f"{start} {OVER}"
    return str(start) if start == end else f"{start} to {end}"


def bands_of(lines: Sequence[str], before: Sequence[Entry]) -> list[dict[str, Any]]:
    """Bands from lines. before: those that they replace, whose ids stay. Raises LineFault."""
    bands = []
    for line in lines:
        label, _, ends = (part.strip() for part in line.rpartition("="))
        match = BAND.fullmatch(ends)
        if not label or match is None:
            raise LineFault(f"“{line}” is no band: write such as Under 1 year = 0 to 11.")
        start = int(match["start"])
        band: dict[str, Any] = {"id": "", "label": label, "from": start}
        if not match["over"]:
            band["to"] = int(match["end"] or start)
        bands.append(band)
    return _with_ids(bands, before)


def group_lines(groups: Sequence[Entry]) -> list[str]:
    """Groups as lines."""
    return [f"{group['label']} = {_group_values(group)}" for group in groups]


def _group_values(group: Entry) -> str:
    if group.get("deaths"):
        return DEATHS
    return REST if group.get("rest") else ", ".join(group["values"])


def groups_of(lines: Sequence[str], before: Sequence[Entry]) -> list[dict[str, Any]]:
    """Groups from lines. before: those that they replace, whose ids stay. Raises LineFault."""
    groups = []
    for line in lines:
        label, values = _label_and_values(line, "Died = deaths")
        group: dict[str, Any] = {"id": "", "label": label}
        if values == [DEATHS]:
            group["deaths"] = True
        elif values == [REST]:
            group["rest"] = True
        else:
            group["values"] = values
        groups.append(group)
    return _with_ids(groups, before)


def set_lines(sets: Sequence[Entry]) -> list[str]:
    """Named sets of factors as lines."""
    return [f"{row['label']} = {', '.join(row['any_of'])}" for row in sets]


def sets_of(lines: Sequence[str]) -> list[dict[str, Any]]:
    """Named sets of factors from lines. Raises LineFault."""
    example = "Domestic violence = fac.domestic_violence"
    pairs = (_label_and_values(line, example) for line in lines)
    return [{"label": label, "any_of": values} for label, values in pairs]


def condition_line(where: Entry | None) -> str:
    """A condition as a line; "" for none."""
    return f"{where['variable']} = {', '.join(where['values'])}" if where else ""


def condition_of(line: str) -> dict[str, Any] | None:
    """A condition from a line; None for an empty one. Raises LineFault."""
    if not line:
        return None
    variable, values = _label_and_values(line, "role = subject")
    return {"variable": variable, "values": values}


def _label_and_values(line: str, example: str) -> tuple[str, list[str]]:
    label, _, after = (part.strip() for part in line.rpartition("="))
    values = [value.strip() for value in after.split(",") if value.strip()]
    if not label or not values:
        raise LineFault(f"“{line}” is not complete: write such as {example}.")
    return label, values


def _with_ids(entries: list[dict[str, Any]], before: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each with the id of the one it replaces: of the same label, or of the same values."""
    by_label = {old["label"]: old["id"] for old in before}
    by_values = {_values(old): old["id"] for old in before}
    used: set[str] = set()
    for entry in entries:
        known = (by_label.get(entry["label"]), by_values.get(_values(entry)))
        free = [name for name in known if name and name not in used]
        entry["id"] = free[0] if free else _new_id(entry["label"], used)
        used.add(entry["id"])
    return entries


def _values(entry: Entry) -> str:
    return repr(sorted((name, entry[name]) for name in entry.keys() - {"id", "label"}))


def _new_id(label: str, used: set[str]) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "row"
    name = words if words[0].isalpha() else f"from_{words}"
    while name in used:
        name = f"{name}_more"
    return name
