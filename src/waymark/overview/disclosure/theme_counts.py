"""Counts of tables of themes by a fact about people: reviews of a kind that have a theme. Pure.

The number of reviews with a theme is about the process of review. The number of reviews of a kind
with a theme crosses that with a fact about people, and is protected like any other crossing: in the
system of counts it is at most the number of reviews of the kind, and over all kinds it adds up to
all reviews with the theme.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core.errors import RuleError
from waymark.frameworks.families import with_descendants
from waymark.overview.disclosure.block_counts import block_counts
from waymark.overview.disclosure.count_keys import (
    CHILDREN,
    CountedPart,
    CountKey,
    FactCondition,
    key_of,
    outside_condition,
    whole_count,
)
from waymark.overview.disclosure.engine.cells import (
    MARGIN,
    Count,
    CountSystem,
    Equation,
    Exposure,
    adds_up,
    at_most,
    complement_of,
    joined_systems,
)
from waymark.overview.disclosure.engine.history import CODED
from waymark.overview.disclosure.engine.suppress import suppress_counts
from waymark.overview.snapshot.coded_reviews import CodedReviews, Record
from waymark.overview.spec.names import FOUND, MISSED
from waymark.overview.spec.schema import CrosstabBlock, Dimension, ThemesTable, WhereCondition
from waymark.overview.tables.themes import codes_in_order
from waymark.overview.tables.themes_by_group import (
    ReviewKind,
    all_reviews_kind,
    kinds_of,
    safe_kinds,
)

THEME = CODED
"""Beginning of a condition in count keys: "theme th.visits is found"."""
NOTHING = CountedPart(CountSystem((), ()), {}, {}, frozenset(), "")


@dataclass(frozen=True, slots=True)
class ThemesCounts:
    """The counts of a table of themes by a fact: its bases, and each theme on its own.

    kinds: its columns, None under a condition; every: the one column that replaces them if nothing
    is crossed. together, left_out: labels of the kinds counted together, or not at all.
    """

    bases: CountedPart
    rows: Mapping[str, CountedPart]
    kinds: tuple[ReviewKind, ...] | None = None
    every: tuple[ReviewKind, ...] | None = None
    together: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def parts_of_themes(self, facts: CodedReviews) -> Iterator[CountSystem]:
        """Inequalities: no more reviews of a kind have a part of a theme than have the theme."""
        parents = {code.id: code.parent for code in facts.framework.codes}
        for code, row in self.rows.items():
            # The nearest theme above that the table has: themes between them may not be in the
            # table.
            above = parents.get(code)
            while above is not None and above not in self.rows:
                above = parents.get(above)
            for (_, column), key in row.cells.items() if above is not None else ():
                more = self.rows[above or ""]
                fewer = _as_latent(row.system.count(key))
                yield at_most(
                    f"{more.cells[above or '', column]} beyond {code}",
                    fewer,
                    _as_latent(more.system.count(more.cells[above or "", column])),
                )


def fact_crossed(table: ThemesTable) -> str:
    """The fact about people by which a table counts codes, or ""."""
    if table.where is not None:
        return table.where.variable
    return "" if table.columns is None else fact_about_people(table.columns)


def facts_crossed_in(block: CrosstabBlock) -> tuple[str, ...]:
    """The facts about people by which a block counts a theme."""
    dimensions = [part for part in (block.rows, block.columns) if part is not None]
    if block.unit == "recommendation" or all(part.code is None for part in dimensions):
        return ()
    facts = [fact_about_people(part) for part in dimensions]
    facts += [block.where.variable] if block.where is not None else []
    # A child is counted by its review, so children with a theme are a fact about its family.
    facts += [CHILDREN] if block.unit == "child" else []
    return tuple(dict.fromkeys(fact for fact in facts if fact))


def fact_about_people(dimension: Dimension) -> str:
    """The fact about people that a dimension counts by, or ""."""
    return "" if dimension.about_process else dimension.variable or CHILDREN


def theme_key(base: CountKey, code: str, state: str = FOUND) -> CountKey:
    """The key of the reviews, of those that another key counts, that show a theme or miss it."""
    return base.narrowed_by(FactCondition(f"{THEME}{code}", (state,)))


def themes_within(table: ThemesTable, where: WhereCondition, facts: CodedReviews) -> ThemesCounts:
    """Counts of themes in the reviews that meet a condition, and in those that do not."""
    base = whole_count(where, facts, process=False)
    system = joined_systems(
        [CountSystem((base,), ()), *outside_condition(where, "review", base, facts)]
    )
    bases = CountedPart(system, {}, {}, frozenset(), base.key)
    rows = {
        code.id: _row_within(code.id, where, base, facts) for code in codes_in_order(table, facts)
    }
    return ThemesCounts(bases, rows)


def _row_within(code: str, where: WhereCondition, base: Count, facts: CodedReviews) -> CountedPart:
    # Four numbers make a table of two by two: with 8 reviews that meet the condition, 5 of them
    # with the theme, and 9 of all 21 with it, the cells are 5 and 3 inside the condition, 4 and 9
    # outside. Only the 5 and the base 8 are printed; the others could be worked out from them and
    # the totals, so they are in the system as latent counts.
    cell = theme_key(key_of(base), code).count(
        len(_reviews_with_theme(code, facts.records_meeting(where), facts))
    )
    key = cell.key
    whole = _theme_total(code, facts)
    missed = theme_key(key_of(base), code, MISSED).count(base.value - cell.value, "latent")
    others = Count(f"{base.key} (not)", len(facts.reviews) - base.value, "latent")
    others_found = Count(f"{key} (not)", whole.value - cell.value, "latent")
    neither = Count(f"{key} (neither)", others.value - others_found.value, "latent")
    system = joined_systems(
        [
            *outside_condition(where, "review", base, facts),
            complement_of(cell, whole),
            CountSystem((base, cell, missed), (adds_up(base.key, (key, missed.key)),)),
            CountSystem(
                (others, others_found, neither),
                (adds_up(others.key, (others_found.key, neither.key)),),
            ),
        ]
    )
    return CountedPart(system, {(code, "n"): key}, {(code, "percent"): key}, frozenset(), base.key)


def themes_across(
    table: ThemesTable, dimension: Dimension, facts: CodedReviews, *, k: int
) -> ThemesCounts:
    """Counts of themes by kind of review; kinds whose base would be withheld are combined.

    k: the smallest number that may be shown; with 1 every kind keeps its column.
    """
    block = CrosstabBlock(
        id="kinds", title="Kinds", unit="review", base="reviews", rows=dimension, all_label="All"
    )
    bases = block_counts(block, facts, several=False, process=False, totals=False)
    kinds = tuple(kinds_of(dimension, facts))
    every = (all_reviews_kind(kinds),)
    safe = safe_kinds(kinds, _bases_alone(bases, k), k)
    counter = _KindCounter(dimension, bases, kinds, safe.kinds, facts, k)
    rows = {code.id: counter.row(code.id) for code in codes_in_order(table, facts)}
    if len(safe.kinds) == 1:
        return ThemesCounts(NOTHING, dict.fromkeys(rows, NOTHING), every, every)
    return ThemesCounts(counter.heads(), rows, safe.kinds, every, safe.together, safe.hidden)


def _bases_alone(bases: CountedPart, k: int) -> Callable[[str], int | None]:
    """The number of reviews of a kind, None if withheld, with the kinds protected on their own."""
    # If the kinds alone cannot be protected, none of their numbers may be shown.
    try:
        withheld = suppress_counts(bases.system, k).withheld
    except RuleError:
        withheld = frozenset(bases.system.index)

    def number(kind: str) -> int | None:
        key = bases.cells[kind, "n"]
        return None if key in withheld else bases.system.count(key).value

    return number


class _KindCounter:
    """Counts of themes in every kind of review; those of the columns are printed."""

    def __init__(
        self,
        dimension: Dimension,
        bases: CountedPart,
        kinds: Sequence[ReviewKind],
        columns: Sequence[ReviewKind],
        facts: CodedReviews,
        k: int,
    ) -> None:
        self.process, self.facts, self.k = dimension.about_process, facts, k
        self.bases, self.columns = bases, columns
        self.finest = [kind for kind in kinds if kind.role != "subtotal"]
        count_of = bases.system.count
        self.base = {kind.id: key_of(count_of(bases.cells[kind.id, "n"])) for kind in kinds}
        self.merged = [kind for kind in columns if kind.id not in self.base]
        self.every = (*kinds, *self.merged)
        self.base |= {kind.id: self._merged_key(kind) for kind in self.merged}

    def heads(self) -> CountedPart:
        """The bases; those of the columns are printed in their heads."""
        ids = {kind.id for kind in self.columns}
        unseen = [str(self.base[kind.id]) for kind in self.every if kind.id not in ids]
        printed = CountSystem(tuple(self._head(kind) for kind in self.columns), ())
        system = joined_systems(
            [
                self.bases.system.hiding(key for key in unseen if key in self.bases.system.index),
                *(self._together(kind) for kind in self.merged),
                printed,
            ]
        )
        return CountedPart(system, {}, {}, frozenset(), self.bases.base)

    def row(self, code: str) -> CountedPart:
        """The counts of one theme: in every kind, with the theme and without it make the base.

        With the kinds fire 6 and fall 9, and a theme in 2 and 5 of them, the counts are 2 and 4 of
        fire, 5 and 4 of fall, and 7 in all. The equations are fire 6 = 2 + 4, fall 9 = 5 + 4 and
        all with the theme 7 = 2 + 5: if the 2 is withheld, the 5 must be as well, because
        the 7 is known.
        """
        whole = _theme_total(code, self.facts)
        counts = {whole.key: whole}
        equations: list[Equation] = []
        for kind in self.every:
            for count in self._counts_of_kind(code, kind):
                counts[count.key] = count
            equations += self._equations_of_kind(code, kind)
        every = [self._key(kind, code) for kind in self.finest]
        system = CountSystem(tuple(counts.values()), (*equations, adds_up(whole.key, every)))
        cells = {(code, kind.id): self._key(kind, code) for kind in self.columns}
        interior = (cells[code, kind.id] for kind in self.columns if not self._sum(kind))
        bases = {(code, kind.id): str(self.base[kind.id]) for kind in self.columns}
        return CountedPart(system, cells, {}, frozenset(interior), self.bases.base, bases)

    def _counts_of_kind(self, code: str, kind: ReviewKind) -> tuple[Count, Count, Count]:
        """The reviews of a kind with the theme, those without it, and all of them."""
        number = len(_reviews_with_theme(code, kind.reviews, self.facts))
        printed = any(kind.id == column.id for column in self.columns)
        exposure: Exposure = self._exposure(kind) if printed else "latent"
        present, missed = (theme_key(self.base[kind.id], code, state) for state in (FOUND, MISSED))
        return (
            present.count(number, exposure, MARGIN if self._sum(kind) else 1),
            missed.count(len(kind.reviews) - number, "latent"),
            self._head(kind),
        )

    def _equations_of_kind(self, code: str, kind: ReviewKind) -> Iterator[Equation]:
        base, key = self.base[kind.id], self._key(kind, code)
        yield adds_up(str(base), (key, str(theme_key(base, code, MISSED))))
        if self._sum(kind) or kind in self.merged:
            yield adds_up(key, [str(theme_key(part, code)) for part in self._parts(kind)])

    def _key(self, kind: ReviewKind, code: str) -> str:
        return str(theme_key(self.base[kind.id], code))

    @staticmethod
    def _sum(kind: ReviewKind) -> bool:
        return kind.role == "subtotal"

    def _parts(self, kind: ReviewKind) -> list[CountKey]:
        """The keys of the finest kinds that a column is made of."""
        return [self.base[part.id] for part in self.finest if part.id in kind.parts]

    def _merged_key(self, kind: ReviewKind) -> CountKey:
        """The key of several kinds of one fact: "a+b" and "c" together are "a+b+c"."""
        parts = self._parts(kind)
        (fact,) = parts[0].facts
        values = [
            value
            for key in parts
            for condition in key.conditions_on(fact)
            for value in condition.values
        ]
        return CountKey("review", (FactCondition.one_of(fact, values),))

    def _together(self, kind: ReviewKind) -> CountSystem:
        """The base of kinds put together."""
        parts = [_as_latent(self.bases.system.count(str(key))) for key in self._parts(kind)]
        whole = self._head(kind)
        return CountSystem((whole, *parts), (adds_up(whole.key, [part.key for part in parts]),))

    def _head(self, kind: ReviewKind) -> Count:
        """The base of a column. A base of k or more is known: it is always printed in its head.

        So rows are linked to each other only through bases that may be withheld.
        """
        size, key = len(kind.reviews), self.base[kind.id]
        if kind not in self.columns:
            return key.count(size, "latent")
        known = self.process or size >= self.k
        return key.count(size, "known" if known else self._exposure(kind), MARGIN)

    def _exposure(self, kind: ReviewKind) -> Exposure:
        """Exposure of a kind: unknown values are not secret."""
        if self.process:
            return "known"
        return "plain" if kind.role == "unknown" else "sensitive"


def _reviews_with_theme(code: str, reviews: Iterable[Record], facts: CodedReviews) -> list[Record]:
    """The reviews, of some, with a theme or a part of it."""
    bearing = facts.code_rows_by_review(with_descendants(facts.framework, code))
    return [record for record in reviews if bearing[record.at]]


def _theme_total(code: str, facts: CodedReviews) -> Count:
    """All reviews that show a theme: about the process, and known."""
    key = theme_key(CountKey("review"), code)
    return key.count(len(_reviews_with_theme(code, facts.reviews, facts)), "known")


def _as_latent(count: Count) -> Count:
    return replace(count, exposure="latent")
