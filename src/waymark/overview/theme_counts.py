"""What tables of themes by a fact about people count: reviews of a kind that show a theme. Pure.

How many reviews show a theme is about the process of review. How many reviews of a kind do is a
crossing of that with a fact about people, and is protected like any other: in the system of counts
it is never more than the reviews of the kind, and over all kinds it adds up to all that show it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from waymark.core.errors import RuleError
from waymark.overview.block_counts import block_counts
from waymark.overview.facts import Facts, Record, with_descendants
from waymark.overview.meaning import (
    CHILDREN,
    Condition,
    CountedPart,
    CountKey,
    key_of,
    outside,
    whole_of,
)
from waymark.overview.protection.cells import (
    MARGIN,
    Count,
    CountSystem,
    Exposure,
    adds_up,
    at_most,
    complement,
    joined,
)
from waymark.overview.protection.ledger import CODED
from waymark.overview.protection.suppress import suppress
from waymark.overview.spec import Block, Dimension, ThemesTable, Where
from waymark.overview.themes import codes_in_order
from waymark.overview.themes_across import Kind, all_together, kinds_of, safe_kinds

THEME, FOUND, MISSED = CODED, "found", "missed"
"""What keys say of a code: "theme th.visits is found"."""
NOTHING = CountedPart(CountSystem((), ()), {}, {}, frozenset(), "")


@dataclass(frozen=True, slots=True)
class ThemesCounts:
    """What a table of themes by a fact counts: its bases, and each theme on its own.

    kinds: its columns, None under a condition; every: one column in their place, where nothing is
    crossed. together, left_out: labels of the kinds counted together, or not at all.
    """

    bases: CountedPart
    rows: Mapping[str, CountedPart]
    kinds: tuple[Kind, ...] | None = None
    every: tuple[Kind, ...] | None = None
    together: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def parts_of_themes(self, facts: Facts) -> Iterator[CountSystem]:
        """A part of a theme is shown by no more reviews of a kind than the theme."""
        parents = {code.id: code.parent for code in facts.framework.codes}
        for code, row in self.rows.items():
            above = parents.get(code)
            while above is not None and above not in self.rows:
                above = parents.get(above)
            for (_, column), key in row.cells.items() if above is not None else ():
                more = self.rows[above or ""]
                fewer = _latent(row.system.count(key))
                yield at_most(
                    f"{more.cells[above or '', column]} beyond {code}",
                    fewer,
                    _latent(more.system.count(more.cells[above or "", column])),
                )


def fact_crossed(table: ThemesTable) -> str:
    """The fact about people by which a table counts codes; "" where there is none."""
    if table.where is not None:
        return table.where.variable
    if table.columns is None or table.columns.process:
        return ""
    return table.columns.variable or CHILDREN


def theme_key(base: CountKey, code: str, said: str = FOUND) -> CountKey:
    """The key of the reviews, of those that another key counts, that show a theme or miss it."""
    return base.also(Condition(f"{THEME}{code}", (said,)))


def themes_within(table: ThemesTable, where: Where, facts: Facts) -> ThemesCounts:
    """Themes in the reviews that meet a condition, and in those that do not."""
    base = whole_of(where, facts, process=False)
    system = joined([CountSystem((base,), ()), *outside(where, "review", base, facts)])
    bases = CountedPart(system, {}, {}, frozenset(), base.key)
    rows = {
        code.id: _row_within(code.id, where, base, facts) for code in codes_in_order(table, facts)
    }
    return ThemesCounts(bases, rows)


def _row_within(code: str, where: Where, base: Count, facts: Facts) -> CountedPart:
    shown = theme_key(key_of(base), code)
    cell = shown.count(len(_bearing(code, facts.meeting(where), facts)))
    key = cell.key
    whole = _shown_by(code, facts)
    missed = theme_key(key_of(base), code, MISSED).count(base.value - cell.value, "latent")
    others = Count(f"{base.key} (not)", len(facts.reviews) - base.value, "latent")
    found = Count(f"{key} (not)", whole.value - cell.value, "latent")
    neither = Count(f"{key} (neither)", others.value - found.value, "latent")
    system = joined(
        [
            *outside(where, "review", base, facts),
            complement(cell, whole),
            CountSystem((base, cell, missed), (adds_up(base.key, (key, missed.key)),)),
            CountSystem((others, found, neither), (adds_up(others.key, (found.key, neither.key)),)),
        ]
    )
    return CountedPart(system, {(code, "n"): key}, {(code, "percent"): key}, frozenset(), base.key)


def themes_across(
    table: ThemesTable, dimension: Dimension, facts: Facts, *, k: int
) -> ThemesCounts:
    """Themes in columns. Those of which the bases alone would have to be withheld stand together.

    k: at which; 1: every column stands.
    """
    block = Block(
        id="kinds", title="Kinds", unit="review", base="reviews", rows=dimension, all_label="All"
    )
    bases = block_counts(block, facts, several=False, process=False, totals=False)
    kinds = tuple(kinds_of(dimension, facts))
    every = (all_together(kinds),)
    safe = safe_kinds(kinds, _shown_alone(bases, k), k)
    counter = _Across(dimension, bases, kinds, safe.kinds, facts, k)
    rows = {code.id: counter.row(code.id) for code in codes_in_order(table, facts)}
    if len(safe.kinds) == 1:
        return ThemesCounts(NOTHING, dict.fromkeys(rows, NOTHING), every, every)
    return ThemesCounts(counter.heads(), rows, safe.kinds, every, safe.together, safe.hidden)


def _shown_alone(bases: CountedPart, k: int) -> Callable[[str], int | None]:
    """The numbers of reviews of each kind that the kinds alone would let stand; None: withheld."""
    try:
        withheld = suppress(bases.system, k).withheld
    except RuleError:
        withheld = frozenset(bases.system.index)

    def number(kind: str) -> int | None:
        key = bases.cells[kind, "n"]
        return None if key in withheld else bases.system.count(key).value

    return number


class _Across:
    """Themes in columns: the counts of every kind, of which those of the columns are printed."""

    def __init__(
        self,
        dimension: Dimension,
        bases: CountedPart,
        kinds: Sequence[Kind],
        columns: Sequence[Kind],
        facts: Facts,
        k: int,
    ) -> None:
        self.process, self.facts, self.k = dimension.process, facts, k
        self.bases, self.columns = bases, columns
        self.finest = [one for one in kinds if one.role != "subtotal"]
        self.base = {one.id: key_of(bases.system.count(bases.cells[one.id, "n"])) for one in kinds}
        self.merged = [one for one in columns if one.id not in self.base]
        self.every = (*kinds, *self.merged)
        self.base |= {one.id: self._merged_key(one) for one in self.merged}

    def heads(self) -> CountedPart:
        """The bases, of which those of the columns are printed in their heads."""
        ids = {one.id for one in self.columns}
        unseen = [str(self.base[one.id]) for one in self.every if one.id not in ids]
        seen = CountSystem(tuple(self._head(one) for one in self.columns), ())
        system = joined(
            [
                self.bases.system.hiding(one for one in unseen if one in self.bases.system.index),
                *(self._together(one) for one in self.merged),
                seen,
            ]
        )
        return CountedPart(system, {}, {}, frozenset(), self.bases.base)

    def row(self, code: str) -> CountedPart:
        """One theme in every kind: what is found and what is missed are all reviews of it."""
        whole, columns = _shown_by(code, self.facts), {one.id for one in self.columns}
        borne = frozenset(_bearing(code, self.facts.reviews, self.facts))
        counts, equations = {whole.key: whole}, []
        for kind in self.every:
            number = len(borne.intersection(kind.reviews))
            key, missed = (theme_key(self.base[kind.id], code, said) for said in (FOUND, MISSED))
            exposure = self._exposure(kind) if kind.id in columns else "latent"
            head = self._head(kind)
            counts[str(key)] = key.count(number, exposure, MARGIN if self._sum(kind) else 1)
            counts[str(missed)] = missed.count(len(kind.reviews) - number, "latent")
            counts[head.key] = head
            equations.append(adds_up(head.key, (str(key), str(missed))))
            if self._sum(kind) or kind in self.merged:
                parts = [str(theme_key(one, code)) for one in self._parts(kind)]
                equations.append(adds_up(str(key), parts))
        every = [str(theme_key(self.base[one.id], code)) for one in self.finest]
        system = CountSystem(tuple(counts.values()), (*equations, adds_up(whole.key, every)))
        cells = {(code, one.id): str(theme_key(self.base[one.id], code)) for one in self.columns}
        interior = (cells[code, one.id] for one in self.columns if not self._sum(one))
        bases = {(code, one.id): str(self.base[one.id]) for one in self.columns}
        return CountedPart(system, cells, {}, frozenset(interior), self.bases.base, bases)

    @staticmethod
    def _sum(kind: Kind) -> bool:
        return kind.role == "subtotal"

    def _parts(self, kind: Kind) -> list[CountKey]:
        """The keys of the finest kinds that a column is made of."""
        return [self.base[one.id] for one in self.finest if one.id in kind.parts]

    def _merged_key(self, kind: Kind) -> CountKey:
        """The key of several kinds of one fact: "a+b" and "c" together are "a+b+c"."""
        parts = self._parts(kind)
        (fact,) = parts[0].facts
        values = [value for key in parts for one in key.on(fact) for value in one.values]
        return CountKey("review", (Condition.one_of(fact, values),))

    def _together(self, kind: Kind) -> CountSystem:
        """The base of kinds put together."""
        parts = [_latent(self.bases.system.count(str(key))) for key in self._parts(kind)]
        whole = self._head(kind)
        return CountSystem((whole, *parts), (adds_up(whole.key, [one.key for one in parts]),))

    def _head(self, kind: Kind) -> Count:
        """The base of a column. A large one stands in its head for good: no row can do without it.

        So the rows have to do with each other only through bases that may be withheld.
        """
        size, key = len(kind.reviews), self.base[kind.id]
        if kind not in self.columns:
            return key.count(size, "latent")
        stands = self.process or size >= self.k
        return key.count(size, "known" if stands else self._exposure(kind), MARGIN)

    def _exposure(self, kind: Kind) -> Exposure:
        """What is unknown of a review is no secret."""
        if self.process:
            return "known"
        return "plain" if kind.role == "unknown" else "sensitive"


def shows(code: str, facts: Facts) -> list[str | None]:
    """Of each review whether a theme is found in it or missed, as keys say it."""
    found = facts.bearing(with_descendants(facts.framework, code))
    return [FOUND if rows else MISSED for rows in found]


def _bearing(code: str, reviews: Iterable[Record], facts: Facts) -> list[Record]:
    """Those of some reviews that show a theme, or a part of it."""
    found = facts.bearing(with_descendants(facts.framework, code))
    return [record for record in reviews if found[record.at]]


def _shown_by(code: str, facts: Facts) -> Count:
    """All reviews that show a theme: about the process, and known."""
    key = theme_key(CountKey("review"), code)
    return key.count(len(_bearing(code, facts.reviews, facts)), "known")


def _latent(count: Count) -> Count:
    return replace(count, exposure="latent")
