"""Remedies for a table whose small numbers cannot be protected. Pure.

A broader version is added to the table, not put in place of the finer one: the finer one is still
used wherever it can be protected.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from waymark.core.errors import RuleError
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.spec.edits import (
    Entry,
    entries_of,
    uses_of_table,
    with_entry,
    without_table,
    without_uses,
)
from waymark.overview.spec.names import recommendation_variable
from waymark.overview.spec.template import with_parts

LEAVE_OUT = "leave-out"
PLAIN = "plain"
FEWEST_BANDS = 3
"""A table of two bands has no broader ones: one band would be its total."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A remedy. name: for the button; rows: those that can be merged, ids and labels."""

    name: str
    label: str
    rows: tuple[tuple[str, str], ...] = ()


def remedies_of(source: str, table: Entry, framework: FrameworkFile) -> list[Remedy]:
    """The remedies that a table of a YAML text has, the mildest first."""
    remedies = list(_block_remedies(table, framework))
    used = uses_of_table(source, table["id"])
    also = ", with the sentences and rules that use its numbers" if used else ""
    if table["kind"] == "themes" and "columns" in table:
        # The sentences name its columns, and so cannot stay.
        without = also.replace(", with", ", and without")
        remedies.append(Remedy(PLAIN, f"Show all reviews together, without columns{without}"))
    return [*remedies, Remedy(LEAVE_OUT, f"Leave this table out{also}")]


def _block_remedies(table: Entry, framework: FrameworkFile) -> Iterator[Remedy]:
    blocks = table.get("blocks", [])
    for block in blocks:
        of = f" of {block['title']}" if len(blocks) > 1 else ""
        for part in ("rows", "columns"):
            if broader_bands(_coarsest(block, part).get("bands", [])):
                yield Remedy(
                    f"broader:{block['id']}:{part}", f"Use broader bands in the {part}{of}"
                )
        if rows := _rows_to_merge(block, framework):
            yield Remedy(f"merge:{block['id']}", f"Merge these rows{of}", rows)
        if "columns" in block and not any(row.get("totals") for row in block.get("recodes", [])):
            yield Remedy(f"totals:{block['id']}", f"Show only the totals{of}")


def _coarsest(block: Entry, part: str) -> Entry:
    """The rows or columns of the broadest version that a block has."""
    versions = [version[part] for version in (block, *block.get("recodes", [])) if part in version]
    return versions[-1] if versions else {}


def broader_bands(bands: Sequence[Entry]) -> list[Entry]:
    """Bands with each two neighbours joined; none if there are too few."""
    if len(bands) < FEWEST_BANDS:
        return []
    joined = []
    for first, second in zip(bands[::2], [*bands[1::2], None], strict=False):
        if second is None:
            joined.append(dict(first))
            continue
        band = {"id": f"{first['id']}_on", "label": f"{first['label']} and {second['label']}"}
        band |= {"from": first["from"]} | ({"to": second["to"]} if "to" in second else {})
        joined.append(band)
    return joined


def _rows_to_merge(block: Entry, framework: FrameworkFile) -> tuple[tuple[str, str], ...]:
    """The values of its rows, if these are plain values of one fact."""
    rows = _coarsest(block, "rows")
    name = rows.get("variable", "")
    # A count has no variable, and a fact about the process is none of the framework.
    coded = (row for row in framework.variables if row.id == name)
    variable = recommendation_variable(name, framework) or next(coded, None)
    if variable is None or variable.type not in {"category", "state", "contact"}:
        return ()
    groups = rows.get("groups", [])
    if any("values" not in group for group in groups):
        return ()
    grouped = {value for group in groups for value in group["values"]}
    values = [(value.value, value.label) for value in variable.allowed if not value.unknown]
    single = [(value, label) for value, label in values if value not in grouped]
    ids = (*((group["id"], group["label"]) for group in groups), *single)
    return ids if len(ids) >= FEWEST_BANDS else ()


def with_remedy(
    source: str, table: str, name: str, framework: FrameworkFile, *, rows: Sequence[str] = ()
) -> str:
    """The YAML with a remedy for a table. rows: to be merged. Raises RuleError if it has not."""
    entry = next((row for row in entries_of(source, "tables") if row["id"] == table), None)
    offered = (
        {remedy.name: remedy for remedy in remedies_of(source, entry, framework)} if entry else {}
    )
    if entry is None or name not in offered:
        raise RuleError(f"the table {table} does not have this remedy any more: check again")
    if name == LEAVE_OUT:
        return without_table(source, table)
    changed = deepcopy(entry)
    if name == PLAIN:
        del changed["columns"]
        return _with_bars(without_uses(with_entry(source, "tables", table, changed), table), table)
    kind, _, place = name.partition(":")
    block = next(row for row in changed["blocks"] if row["id"] == place.partition(":")[0])
    if kind == "totals":
        version: Entry = {"label": "totals alone", "totals": True}
    elif kind == "broader":
        version = _broader_version(block, place.partition(":")[2])
    else:
        version = _merged_version(block, rows, dict(offered[name].rows))
    _add_version(block, version)
    return with_entry(source, "tables", table, changed)


def _with_bars(source: str, table: str) -> str:
    """The YAML with the figures of a table of themes as bars: only columns make a matrix."""
    for figure in entries_of(source, "figures"):
        if figure["table"] == table:
            drawn = {**figure, "kind": "bars", "column": "n"}
            drawn.pop("parts", None)
            source = with_entry(source, "figures", figure["id"], drawn)
    return source


def _add_version(block: Entry, version: Entry) -> None:
    """Add a version as the broadest but totals, which are the last resort."""
    recodes = block.setdefault("recodes", [])
    last = next((at for at, row in enumerate(recodes) if row.get("totals")), len(recodes))
    recodes.insert(len(recodes) if version.get("totals") else last, version)


def _broader_version(block: Entry, part: str) -> Entry:
    dimension = _coarsest(block, part)
    bands = broader_bands(dimension["bands"])
    other = "columns" if part == "rows" else "rows"
    version: Entry = {"label": f"{len(bands)} broader bands"}
    # The other side stays as broad as it is by now.
    if any(other in recode for recode in block.get("recodes", [])):
        version[other] = _coarsest(block, other)
    version[part] = {**dimension, "bands": bands}
    return version


def _merged_version(block: Entry, rows: Sequence[str], labels: dict[str, str]) -> Entry:
    chosen = [row for row in labels if row in rows]
    if len(chosen) < len(("one", "other")):
        raise RuleError("tick at least two rows to merge")
    dimension = _coarsest(block, "rows")
    groups = dimension.get("groups", [])
    merged = [group for group in groups if group["id"] in chosen]
    values = [value for group in merged for value in group["values"]]
    values += [row for row in chosen if row not in {group["id"] for group in merged}]
    label = " or ".join([labels[chosen[0]], *(labels[row].lower() for row in chosen[1:])])
    group: Entry = {"id": f"{chosen[0]}_and_others", "label": label[:200], "values": values}
    other_groups = [old for old in groups if old not in merged]
    rest: dict[str, Any] = {
        name: value for name, value in dimension.items() if name not in {"groups", "subtotals"}
    }
    return {"label": f"{label} together"[:200], "rows": {**rest, "groups": [*other_groups, group]}}


def with_tables_of(source: str, other: str) -> str:
    """The YAML with the tables and figures of another, and all that names numbers in them."""
    read, names = yaml.safe_load(other), ("about", "points", "logic", "tables", "figures")
    parts: dict[str, Any] = {name: read.get(name, []) for name in names}
    if "predictive_value" in read:
        parts["predictive_value"] = read["predictive_value"]
    return with_parts(source, parts)
