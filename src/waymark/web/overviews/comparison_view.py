"""A comparison as its pages show it: the tables to choose, what differs, then each table."""

from collections.abc import Collection
from typing import Any

from django.utils.http import urlencode

from waymark.publishing.comparison.compare import ReleaseComparison
from waymark.publishing.comparison.differences import chosen_tables, differing_rows

FIRST_ROWS = 12
"""Most rows that are listed before the tables."""


def comparison_context(
    comparison: ReleaseComparison, tables: Collection[str], *, pages: tuple[str, str] = ("", "")
) -> dict[str, Any]:
    """Context of overview/compared.html.

    tables: ids that the person chose, none for all. pages: addresses of the two overviews, to
    which the name of a table is added; "" for one whose tables have no page.
    """
    titles = {table.first: table.title for table in comparison.tables}
    chosen = [name for name in titles if name in tables]
    rows = differing_rows(comparison, chosen)
    return {
        "comparison": comparison,
        "choices": [(name, title, name in chosen) for name, title in titles.items()],
        "chosen": chosen,
        "chosen_query": urlencode({"table": chosen}, doseq=True),
        "tables": list(chosen_tables(comparison, chosen)),
        "differing": rows[:FIRST_ROWS],
        "more": len(rows[FIRST_ROWS:]),
        "first_page": pages[0],
        "second_page": pages[1],
    }
