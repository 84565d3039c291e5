"""Which tables stand in which chapter of a report, and what else stands there, in words. Pure."""

from collections.abc import Sequence

from waymark.overview.spec import AnyTable, Crosstab, OverviewSpec
from waymark.publishing.render import name_of
from waymark.publishing.report_plan import MADE, UNITS, Plan

SINGULAR = {"reviews": "review", "children": "child", "recommendations": "recommendation"}
TABLES = "tables "
RESULTS = "Results"
"""The chapter of the tables that no other takes."""

Place = tuple[str, str]
"""A chapter by its id, and a part of it as the plan writes it."""


def taken_tables(
    plan: Plan, tables: Sequence[AnyTable]
) -> tuple[dict[Place, list[AnyTable]], list[AnyTable]]:
    """Which tables each part takes, and those that none does.

    Those named by their id come first, then those of a kind or unit.
    """
    parts = [(one.id, part) for one in plan.chapters for part in one.parts]
    asks = [one for one in parts if one[1].startswith(TABLES)]
    left = list(tables)
    taken: dict[Place, list[AnyTable]] = {}
    for place in sorted(asks, key=lambda one: not one[1].startswith(f"{TABLES}T")):
        what = place[1].removeprefix(TABLES)
        taken[place] = [spec for spec in left if _asked(spec, what)]
        left = [spec for spec in left if spec not in taken[place]]
    return taken, left


def _asked(spec: AnyTable, what: str) -> bool:
    """Whether a table is of an id, a kind or a unit."""
    if what in UNITS:
        return isinstance(spec, Crosstab) and spec.blocks[0].unit == SINGULAR[what]
    return what in (spec.id, spec.kind)


def made_in_words(plan: Plan, spec: OverviewSpec) -> tuple[dict[str, list[str]], list[str]]:
    """What the program puts into each chapter, by the chapter's id; and into a last one.

    A table is told as it is printed, with the figures drawn of it: "Table 1: Stages (with figure
    1)".
    """
    taken, left = taken_tables(plan, spec.tables)
    made: dict[str, list[str]] = {}
    for chapter in plan.chapters:
        said = made.setdefault(chapter.id, [])
        for part in chapter.parts:
            if part in MADE:
                said.append(MADE[part])
            said += [_table(one, spec) for one in taken.get((chapter.id, part), ())]
    return made, [_table(one, spec) for one in left]


def _table(table: AnyTable, spec: OverviewSpec) -> str:
    drawn = [name_of(one.id).lower() for one in spec.figures if one.table == table.id]
    figures = f" (with {' and '.join(drawn)})" if drawn else ""
    return f"{name_of(table.id)}: {table.title}{figures}"
