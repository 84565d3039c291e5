"""Who has seen which reviews show a theme, and what is then not counted by a fact. Pure.

A list of the reviews that show a theme, beside how many of these are of a kind, is an equation on
reviews that have names; with a few themes it tells the kind of each. So no two editions that count
a review in common, nor one alone, may have both.
"""

from collections.abc import Iterator

from waymark.core.errors import NotShown
from waymark.overview.plan import ReleasePlan
from waymark.overview.protection.ledger import Entry, change_since
from waymark.overview.protection.release import Past
from waymark.overview.spec import AnyTable, OverviewSpec, ThemesTable
from waymark.overview.theme_counts import fact_crossed

LISTED_BEFORE = (
    "{0} listed the reviews that show each theme, or counted themes by a fact before the ledger"
    " kept such numbers. With these, themes by a fact about people would tell that fact of single"
    " reviews. Leave the table out, or begin an overview of reviews that no such edition counts."
)


def facts_crossed(spec: OverviewSpec) -> frozenset[str]:
    """The facts about people by which a spec counts codes."""
    tables = (table for table in spec.tables if isinstance(table, ThemesTable))
    return frozenset(map(fact_crossed, tables)) - {""}


def lists_themes(tables: tuple[AnyTable, ...]) -> bool:
    """Whether some table counts codes in all reviews, and so lists those that show each."""
    return any(isinstance(table, ThemesTable) and not fact_crossed(table) for table in tables)


def crossing_before(past: Past) -> str:
    """The first edition of some of these reviews that counted codes by a fact, or ""."""
    names = (one.name for one in _of_these(past) if one.crossed is None or one.crossed)
    return next(names, "")


def check_crossings(plan: ReleasePlan, past: Past) -> None:
    """Raises NotShown with every table that counts codes by a fact after reviews were listed.

    What an edition of just these reviews counted so before is told already, as of an edition that
    is shown again.
    """
    reasons = {}
    told = frozenset[str]().union(*(one.crossed or () for one in past.ledger if _same(one, past)))
    for table in plan.tables:
        fact = fact_crossed(table.spec) if isinstance(table.spec, ThemesTable) else ""
        new = fact and fact not in told
        names = [one.name for one in _of_these(past) if new and _listed(one, fact)]
        if names:
            reasons[table.spec.id] = LISTED_BEFORE.format(names[0])
    if reasons:
        said = f"{', '.join(reasons)}: {next(iter(reasons.values()))}"
        raise NotShown(said.rstrip("."), reasons)


def _same(entry: Entry, past: Past) -> bool:
    return change_since(entry, past.records).all == 0


def _listed(entry: Entry, fact: str) -> bool:
    """Whether an edition listed reviews, and did not tell the fact of each of them anyway."""
    told = entry.k == 1 and entry.crossed is not None and fact in entry.crossed
    return entry.opened and not told


def _of_these(past: Past) -> Iterator[Entry]:
    return (one for one in past.ledger if not past.records.keys().isdisjoint(one.records))
