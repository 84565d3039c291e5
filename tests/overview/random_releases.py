"""Reviews and specs at random, given out by the product's own functions in two linked editions."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.overview.small import FRAMEWORK, judged, quote
from tests.overview.whole_attacker import READINGS, Edition, Review, numbers_of
from waymark.core.errors import RuleError
from waymark.core.evidence import ChildRow, CodeRow
from waymark.overview.disclosure.engine.history_file import to_bytes
from waymark.overview.releases.release import Provenance, Release, make_release
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.schema import OverviewSpec

PROVENANCE = Provenance(1, datetime(2026, 5, 4, 12, tzinfo=UTC), "ab" * 32, "0.1.0", "f" * 64)
CAUSES = {"variable": "cause"}
COLD = {
    "variable": "fac.cold",
    "groups": [
        {"id": "yes", "label": "Cold", "values": ["present", "suspected"]},
        {"id": "no", "label": "Not recorded as such", "rest": True},
    ],
}
SIZES = {
    "count": "children",
    "shown_by": "fate",
    "bands": [
        {"id": "one", "label": "1", "from": 1, "to": 1},
        {"id": "more", "label": "2 or more", "from": 2},
    ],
}
FIRES = {"variable": "cause", "values": ["fire"]}
COLDS = {"variable": "fac.cold", "values": ["present", "suspected"]}
THEMES = {"kind": "themes", "of": {"themes": True}}
STATES = {"kind": "states", "group": "factors", "show": ["recorded", "percent"]}


def _crosstab(unit: str, rows: dict[str, Any], columns: dict[str, Any] | None) -> dict[str, Any]:
    base = {"review": "reviews", "child": "children"}[unit]
    block = {"id": "b", "title": "All of them", "unit": unit, "base": base, "rows": rows}
    block |= {"columns": columns} if columns else {}
    return {"kind": "crosstab", "blocks": [{**block, "all_label": "All"}]}


TABLES: dict[str, dict[str, Any]] = {
    "causes": _crosstab("review", CAUSES, None),
    "causes_by_cold": _crosstab("review", CAUSES, COLD),
    "sizes": _crosstab("review", SIZES, None),
    "sizes_by_cause": _crosstab("review", SIZES, CAUSES),
    "children": _crosstab("child", CAUSES, None),
    "children_by_fate": _crosstab("child", CAUSES, {"variable": "fate"}),
    "factors": STATES,
    "factors_of_fires": {**STATES, "where": FIRES},
    "themes": THEMES,
    "themes_by_cause": {**THEMES, "columns": CAUSES},
    "themes_by_cold": {**THEMES, "columns": COLD},
    "themes_of_colds": {**THEMES, "where": COLDS},
    "themes_of_fires": {**THEMES, "where": FIRES},
}
VISITS = {"code": "th.visits"}
EVERY_TABLE = {
    **TABLES,
    "silence": {"kind": "silence"},
    "causes_by_visits": _crosstab("review", CAUSES, VISITS),
    "children_by_visits": _crosstab("child", CAUSES, VISITS),
    "factors_by_visits": {"kind": "states", "group": "factors", "columns": VISITS},
    "factors_by_cause": {"kind": "states", "group": "factors", "columns": CAUSES},
    "silence_by_visits": {"kind": "silence", "by": VISITS},
}
"""Also those that came later: what by_chance() draws for a number stays as it was."""
assert EVERY_TABLE.keys() == READINGS.keys()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is given out: the reviews of a first edition, those that came, and the tables."""

    first: tuple[Review, ...]
    came: tuple[Review, ...]
    kinds: tuple[str, ...]
    profile: str
    open_process: bool = True


def spec_of(asked: Asked) -> OverviewSpec:
    """The spec with these tables, as somebody would write it."""
    tables = [
        {"id": f"T{at}", "title": f"Table of {kind}", **EVERY_TABLE[kind]}
        for at, kind in enumerate(asked.kinds, start=1)
    ]
    source = {
        "overview": "random",
        "title": "A random overview",
        "subtitle": "For tests",
        "framework": "adult-core 2.0.0",
        "place": "Nowhere",
        "period": "2001 to 2003",
        "points": ["Numbers of reviews."],
        "select": {"collection": "random"},
        "disclosure": {
            "profile": asked.profile,
            "controller": "A controller",
            "reason": "The sources are few.",
            "decided": "2026-01-02",
            "open_process": asked.open_process,
        },
        "tables": [{"id": "T0", "kind": "flow", "title": "Flow"}, *tables],
        "figures": [],
    }
    return checked_overview(yaml.safe_dump(source), FRAMEWORK, file="random.yaml")


def rows_of(reviews: Sequence[Review]) -> FrozenRows:
    """The reviews as agreed rows, named R1, R2 and so on."""
    judgements, codes, children = [], [], []
    for at, review in enumerate(reviews, start=1):
        name = f"R{at}"
        judgements.append(judged(name, "cause", review.cause, 10))
        for place, (factor, recorded) in enumerate(
            (("fac.cold", review.cold), ("fac.alone", review.alone)), start=2
        ):
            state = "present" if recorded else "not_mentioned"
            judgements.append(judged(name, factor, state, 10 * place if recorded else None))
        for number in range(1, review.children + 1):
            children.append(ChildRow(name, number, f"Person {at}/{number}"))
            fate = "died" if number <= review.died else "lives"
            judgements.append(judged(name, "fate", fate, 100 + number, child=number))
        for place, (code, there) in enumerate(
            (("th.visits", review.visits), ("th.letters", review.letters)), start=2
        ):
            quotes = (quote(name, 100 * place + 50),) if there else ()
            codes.append(CodeRow(name, code, there, "sole", quotes))
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec="",
        reviews=[
            ReviewRow(f"R{at}", f"Review R{at}", True, True) for at in range(1, len(reviews) + 1)
        ],
        children=children,
        judgements=judgements,
        codes=codes,
        double_coded=[],
    )


def given_out(asked: Asked) -> list[Release]:
    """The editions that can be given out, in their order: none, the first, or both."""
    spec = spec_of(asked)
    made: list[Release] = []
    for reviews in (asked.first, (*asked.first, *asked.came)):
        earlier = [to_bytes(one.entry) for one in made if one.entry]
        try:
            release = make_release(
                rows_of(reviews),
                spec,
                FRAMEWORK,
                profile=asked.profile,
                provenance=PROVENANCE,
                earlier=earlier,
            )
        except RuleError:  # what cannot be shown is refused, and nothing is told
            break
        made.append(release)
        if not asked.came:
            break
    return made


def editions_of(asked: Asked, releases: Sequence[Release]) -> list[Edition]:
    """What these releases print, to be attacked."""
    made = []
    for at, release in enumerate(releases):
        size = len(asked.first) + at * len(asked.came)
        numbers = [
            number
            for kind, protected in zip(asked.kinds, release.tables[1:], strict=True)
            for number in numbers_of(kind, protected.table)
        ]
        names = frozenset(f"R{one}" for one in range(1, size + 1))
        made.append(Edition(names, tuple(numbers)))
    return made


def truth_of(asked: Asked) -> list[tuple[Review, ...]]:
    return [asked.first, (*asked.first, *asked.came)]


@st.composite
def any_review(draw: st.DrawFn) -> Review:
    """Some causes are rarer than others, as they are."""
    children = draw(st.sampled_from((1, 1, 1, 2, 2, 3)))
    return Review(
        draw(st.sampled_from(("harm",) * 5 + ("fall",) * 3 + ("fire",) * 2 + ("unknown",))),
        draw(st.sampled_from((True, False, False))),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from((True, True, False))),
        children,
        draw(st.integers(0, children)),
    )


@st.composite
def anything_asked(draw: st.DrawFn, *, profiles: Sequence[str] = ("k3", "k5")) -> Asked:
    """Between 8 and 40 reviews, up to 12 that came, and two to five tables."""
    kinds = draw(
        st.lists(st.sampled_from(sorted(EVERY_TABLE)), min_size=2, max_size=5, unique=True)
    )
    return Asked(
        tuple(draw(st.lists(any_review(), min_size=8, max_size=40))),
        tuple(draw(st.lists(any_review(), max_size=12))),
        tuple(kinds),
        draw(st.sampled_from(list(profiles))),
        draw(st.booleans()),
    )


def by_chance(number: int, profile: str, *kinds: str) -> Asked:
    """Something that may be asked, the same for a number. kinds: of tables, else three to five."""
    chance = random.Random(number)  # noqa: S311
    first = tuple(_by_chance(chance) for _ in range(chance.randint(20, 40)))
    came = tuple(_by_chance(chance) for _ in range(chance.choice((0, 2, 6, 12))))
    some = tuple(chance.sample(sorted(TABLES), chance.randint(3, 5)))
    return Asked(first, came, kinds or some, profile, bool(kinds) or chance.random() < 0.7)


def ordinary(number: int) -> Asked:
    """A spec as people write them, of 100 reviews and 20 that came later, the same for a number."""
    chance = random.Random(number)  # noqa: S311
    kinds = {
        chance.choice(("causes", "causes_by_cold")),
        chance.choice(("children", "children_by_fate")),
        "factors",
        "themes",
        *chance.sample(sorted(TABLES), chance.randint(0, 2)),
    }
    reviews = tuple(_by_chance(chance) for _ in range(120))
    return Asked(reviews[:100], reviews[100:], tuple(sorted(kinds)), "k3")


def _by_chance(chance: random.Random) -> Review:
    children = chance.choice((1, 1, 1, 2, 2, 3))
    return Review(
        chance.choice(("harm",) * 5 + ("fall",) * 3 + ("fire",) * 2 + ("unknown",)),
        chance.random() < 0.35,
        chance.random() < 0.5,
        chance.random() < 0.5,
        chance.random() < 0.66,
        children,
        chance.randint(0, children),
    )
