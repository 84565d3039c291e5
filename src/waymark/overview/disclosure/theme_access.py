"""Reviews that were listed by theme, and the themes that are then not counted by a fact. Pure.

A list of the reviews that show a theme, beside how many of these are of a kind, is an equation on
reviews that have names; with a few themes it tells the kind of each. So no two editions that count
a review in common, nor one alone, may have both.
"""

from collections.abc import Iterator

from waymark.core.errors import TablesNotShown
from waymark.frameworks.families import variables_of_group
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry, change_since
from waymark.overview.disclosure.engine.release import EarlierReleases
from waymark.overview.disclosure.release_plan import ReleasePlan
from waymark.overview.disclosure.silence_counts import facts_stated_by_code
from waymark.overview.disclosure.theme_counts import fact_crossed, facts_crossed_in
from waymark.overview.spec.schema import (
    AnyTable,
    ContactsTable,
    CrosstabTable,
    OverviewSpec,
    SilenceTable,
    StatesTable,
    ThemesTable,
)

LISTED_BEFORE = (
    "{0} listed the reviews that show each theme, or counted themes by a fact before the ledger"
    " kept such numbers. Together with it, themes by a fact about people would reveal that fact"
    " about single reviews. Leave the table out, or start an overview of reviews that no such"
    " edition counts."
)


def facts_crossed(spec: OverviewSpec, framework: FrameworkFile | None) -> frozenset[str]:
    """The facts about people by which a spec counts codes.

    framework: None for specs of the first format of ledgers, in which no factor was counted so,
    nor silence.
    """
    return frozenset(fact for table in spec.tables for fact in _facts_of_table(table, framework))


def _facts_of_table(table: AnyTable, framework: FrameworkFile | None) -> Iterator[str]:
    """The facts about people by which a table counts codes."""
    match table:
        case ThemesTable():
            yield from filter(None, [fact_crossed(table)])
        case CrosstabTable() if not table.process:
            for block in table.blocks:
                yield from facts_crossed_in(block)
        case StatesTable() | ContactsTable() if table.columns is not None:
            if table.columns.code is not None and not table.process and framework is not None:
                yield from (row.id for row in variables_of_group(framework, table.group))
        case SilenceTable() if framework is not None:
            yield from facts_stated_by_code(table, framework)


def lists_themes(tables: tuple[AnyTable, ...]) -> bool:
    """Return True if some table counts codes in all reviews, and so lists those that show each."""
    return any(
        (isinstance(table, ThemesTable) and not fact_crossed(table))
        or (isinstance(table, CrosstabTable) and table.process and _counts_codes(table))
        for table in tables
    )


def _counts_codes(table: CrosstabTable) -> bool:
    dimensions = (part for block in table.blocks for part in (block.rows, block.columns))
    return any(part is not None and part.code is not None for part in dimensions)


def crossing_before(past: EarlierReleases) -> str:
    """The first edition of some of these reviews that counted codes by a fact, or ""."""
    names = (entry.name for entry in _of_these(past) if entry.crossed is None or entry.crossed)
    return next(names, "")


def check_crossings(plan: ReleasePlan, past: EarlierReleases) -> None:
    """Raise TablesNotShown with every table that counts codes by a fact after reviews were listed.

    A fact by which an edition of exactly these reviews counted codes is known already.

    A list says that A1, A2 and A3 show "visits". A later "visits by cause" of 3 fires and no other
    cause would say of each of the three by name that it was a fire.
    """
    reasons = {}
    # Editions of exactly these reviews only: what an edition of 24 of them printed is no reason to
    # print more about all 26.
    same = (entry.crossed or () for entry in past.ledger if _same_records(entry, past))
    known = frozenset[str]().union(*same)
    for table in plan.tables:
        # The same reviews by the same fact once more add nothing to what was printed then.
        new = set(_facts_of_table(table.spec, plan.facts.framework)) - known
        names = [
            entry.name
            for entry in _of_these(past)
            if any(_listed_without_fact(entry, fact) for fact in new)
        ]
        if names:
            reasons[table.spec.id] = LISTED_BEFORE.format(names[0])
    if reasons:
        message = f"{', '.join(reasons)}: {next(iter(reasons.values()))}"
        raise TablesNotShown(message.rstrip("."), reasons)


def _same_records(entry: ReleaseLedgerEntry, past: EarlierReleases) -> bool:
    return change_since(entry, past.records).total == 0


def _listed_without_fact(entry: ReleaseLedgerEntry, fact: str) -> bool:
    """Return True if an edition listed reviews, and did not print the fact of each anyway."""
    known = entry.k == 1 and entry.crossed is not None and fact in entry.crossed
    return entry.opened and not known


def _of_these(past: EarlierReleases) -> Iterator[ReleaseLedgerEntry]:
    return (entry for entry in past.ledger if not past.records.keys().isdisjoint(entry.records))
