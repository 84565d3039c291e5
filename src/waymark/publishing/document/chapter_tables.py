"""Assign tables to the chapters of a report, and describe the generated parts in words. Pure."""

from collections.abc import Sequence

from waymark.overview.spec.schema import AnyTable, CrosstabTable, OverviewSpec
from waymark.publishing.document.render import name_of
from waymark.publishing.document.report_plan import DURATIONS, GENERATED_PARTS, UNITS, ReportPlan

SINGULAR = {"reviews": "review", "children": "child", "recommendations": "recommendation"}
TABLES = "tables "
RESULTS = "Results"
"""Title of the chapter for tables that no other takes."""

Place = tuple[str, str]
"""Id of a chapter, and a part of it as written in the plan."""


def tables_by_part(
    plan: ReportPlan, tables: Sequence[AnyTable]
) -> tuple[dict[Place, list[AnyTable]], list[AnyTable]]:
    """Return the tables that each part takes, and those that no part takes.

    Parts that name a table by its id choose first, then those that ask for a kind or unit.
    """
    places = [
        (chapter.id, part)
        for chapter in plan.chapters
        for part in chapter.parts
        if part.startswith(TABLES)
    ]
    left = list(tables)
    placed: dict[Place, list[AnyTable]] = {}
    # sorted() is stable, so within both groups the order of the plan stays.
    for place in sorted(places, key=lambda place: not place[1].startswith(f"{TABLES}T")):
        what = place[1].removeprefix(TABLES)
        placed[place] = [spec for spec in left if _is_asked_for(spec, what)]
        left = [spec for spec in left if spec not in placed[place]]
    return placed, left


def _is_asked_for(spec: AnyTable, what: str) -> bool:
    """True if a table has this id, kind or unit, or counts months for "durations"."""
    if what == DURATIONS:
        blocks = spec.blocks if isinstance(spec, CrosstabTable) else ()
        return any(block.rows.counts_months for block in blocks)
    if what in UNITS:
        return isinstance(spec, CrosstabTable) and spec.blocks[0].unit == SINGULAR[what]
    return what in (spec.id, spec.kind)


def describe_generated_parts(
    plan: ReportPlan, spec: OverviewSpec
) -> tuple[dict[str, list[str]], list[str]]:
    """Describe the generated parts of each chapter, by its id; and of a last chapter.

    A table is described as it is printed, with its figures: "Table 1: Stages (with figure 1)".
    """
    placed, left = tables_by_part(plan, spec.tables)
    contents: dict[str, list[str]] = {}
    for chapter in plan.chapters:
        lines = contents.setdefault(chapter.id, [])
        for part in chapter.parts:
            if part in GENERATED_PARTS:
                lines.append(GENERATED_PARTS[part])
            lines += [_table_in_words(table, spec) for table in placed.get((chapter.id, part), ())]
    return contents, [_table_in_words(table, spec) for table in left]


def _table_in_words(table: AnyTable, spec: OverviewSpec) -> str:
    drawn = [name_of(figure.id).lower() for figure in spec.figures if figure.table == table.id]
    figures = f" (with {' and '.join(drawn)})" if drawn else ""
    return f"{name_of(table.id)}: {table.title}{figures}"
