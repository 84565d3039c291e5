"""A comparison as its pages show it: the tables to choose, what differs, then the tables chosen."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.http import urlencode

from waymark.publishing.comparison.compare import ReleaseComparison
from waymark.publishing.comparison.differences import (
    RowDifference,
    chosen_tables,
    differing_rows,
)

FIRST_ROWS = 12
"""Most rows that are listed before the tables."""


@dataclass(frozen=True, slots=True)
class TableChoice:
    """A table to choose. differing: number of its rows that differ; url: shows it alone."""

    id: str
    title: str
    chosen: bool
    differing: int
    url: str


@dataclass(frozen=True, slots=True)
class ListedDifference:
    """A row that differs. url: of its table, on this page or on the page that shows it."""

    difference: RowDifference
    url: str


def comparison_context(
    comparison: ReleaseComparison,
    tables: Collection[str],
    *,
    pages: tuple[str, str] = ("", ""),
    choosing: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Context of overview/compared.html.

    tables: ids that the person chose; without any, no table is shown whole, because all of them
    are a megabyte. pages: addresses of the two overviews, to which the name of a table is added;
    "" for one whose tables have no page. choosing: further parameters of the page.
    """
    titles = {table.first: table.title for table in comparison.tables}
    chosen = [name for name in titles if name in tables]
    rows = differing_rows(comparison, chosen)
    counts = Counter(pair.table.first for pair in differing_rows(comparison))

    def showing(*names: str) -> str:
        return "?" + urlencode([*choosing, *(("table", name) for name in names)])

    def listed(pair: RowDifference) -> ListedDifference:
        page = "" if chosen else showing(pair.table.first)
        return ListedDifference(pair, f"{page}#about-{pair.table.anchor}")

    return {
        "comparison": comparison,
        "choices": [
            TableChoice(name, title, name in chosen, counts[name], showing(name))
            for name, title in titles.items()
        ],
        "chosen": chosen,
        "choosing": choosing,
        "chosen_query": urlencode({"table": chosen}, doseq=True),
        "all_tables": showing(*titles),
        "tables": list(chosen_tables(comparison, chosen)) if chosen else [],
        "differing": [listed(pair) for pair in rows[:FIRST_ROWS]],
        "more": len(rows[FIRST_ROWS:]),
        "first_page": pages[0],
        "second_page": pages[1],
    }
