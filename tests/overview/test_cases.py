"""Specs from which withheld numbers once followed, with 24 reviews made up for them.

Expected: by hand from the reviews below (assault 4, infant death 6, suicide or accident 8, other
6), and by the attacker of its own.
"""

from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.overview.lots import opens
from tests.overview.own_attacker import narrowed
from tests.overview.rows import FACTORS, THEMES, Places, framework
from waymark.core.errors import TablesNotShown
from waymark.core.evidence import ChildRow, CodeRow, JudgementRow
from waymark.overview.disclosure.engine.history_file import to_bytes
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.spec.schema import OverviewSpec

CASES = Path(__file__).parent / "cases"
NATURES = {"assault": 4, "infant_death": 6, "suicide_or_accident": 8, "other": 6}
CHILDREN = (1, 2, 1, 1, 3)
PRESENT = {"fac.domestic_violence": 13, "fac.parental_learning_disability": 1}
SUSPECTED = {"fac.parental_learning_disability": 2}
ALCOHOL = {0, 1, 4, 5, 6, 7, 10, 11, 12, 13, 18, 19, 20}
"""Places: two assaults, four infant deaths, four suicides or accidents, three others."""


def made_up(first: int = 0, last: int = 24) -> FrozenRows:
    """Reviews R01 to R24, or some of them; every third to every fifth shows a theme."""
    natures = [nature for nature, number in NATURES.items() for _ in range(number)]
    names = [f"R{n:02}" for n in range(1, 25)]
    sizes = list(islice(cycle(CHILDREN), 24))
    places = Places()
    judged = [
        JudgementRow(name, None, "nature", nature, "sole", places.quote(name))
        for name, nature in zip(names, natures, strict=True)
    ]
    for at, factor in enumerate(FACTORS.values()):
        present, suspected = PRESENT.get(factor, 6), SUSPECTED.get(factor, 0)
        for place in range(24):
            turn = (place * 7 + at) % 24
            value = "present" if turn < present else "not_mentioned"
            value = "suspected" if present <= turn < present + suspected else value
            if factor == "fac.alcohol_misuse":
                value = "present" if place in ALCOHOL else "not_mentioned"
            quotes = places.quote(names[place]) if value != "not_mentioned" else ()
            judged.append(JudgementRow(names[place], None, factor, value, "sole", quotes))
    codes = [
        CodeRow(name, code, True, "sole", places.quote(name))
        for at, code in enumerate(THEMES.values())
        for name in names[at % 2 :: 1 + at % 3]
    ]
    inside = set(names[first:last])
    return freeze_rows(
        framework="cr-core 1.0.0",
        framework_sha256="0" * 64,
        spec="",
        reviews=[ReviewRow(name, f"Case {name}", True, True) for name in names[first:last]],
        children=[
            ChildRow(name, n, f"Child {n}")
            for name, size in zip(names, sizes, strict=True)
            for n in range(1, size + 1)
            if name in inside
        ],
        judgements=[row for row in judged if row.review in inside],
        codes=[row for row in codes if row.review in inside],
        double_coded=[],
        recommendations=[],
    )


def case(name: str) -> OverviewSpec:
    source = (CASES / f"{name}.yaml").read_text("utf-8")
    return checked_overview(source, framework(), file=f"{name}.yaml")


def given_out(rows: FrozenRows, spec: OverviewSpec, *, earlier=(), name="first", profile=""):
    past = past_of(rows, earlier, keep=True)
    profile = profile or spec.disclosure.profile
    return protect_release(plan_of(rows, spec, framework()), profile=profile, name=name, past=past)


@pytest.mark.parametrize(
    "name", ["records-and-two-crossings", "records-by-theme-and-nature", "themes-where-factor"]
)
def test_no_number_leads_to_a_review_beside_themes_by_a_fact(name):
    made = given_out(made_up(), case(name))
    assert not any(opens(one.table) for one in made.tables)


@pytest.mark.parametrize("count", [12, 18])
def test_nor_does_one_in_either_of_two_editions(count):
    # After 20 reviews, the four that come are too few for T3, which is refused.
    spec = case("records-by-theme-and-nature")
    first = given_out(made_up(0, count), spec)
    second = given_out(made_up(), spec, earlier=[to_bytes(first.entry)], name="second")
    for made in (first, second):
        assert not any(opens(one.table) for one in made.tables)
        assert not made.entry.opened


def cells(made, table):
    found = next(one.table for one in made.tables if one.table.id == table)
    return {row.id: row.cells[0] for row in found.rows}


@pytest.mark.parametrize("name", ["units-review-and-child", "units-years"])
def test_reviews_of_a_nature_and_the_children_in_them_give_neither_away(name):
    """Every review has a child: of 4 assaults there are at least 4 children."""
    made = given_out(made_up(), case(name))
    reviews, children = cells(made, "T1"), cells(made, "T2")
    printed, hidden, lines = {}, [], []
    for unit, found in (("review", reviews), ("child", children)):
        for nature in NATURES:
            cell = found[nature]
            key = f"{unit} {nature}"
            if cell.mark:
                hidden.append(key)
            else:
                printed[key] = (int(cell.value), int(cell.value))
        lines.append(({f"{unit} {nature}": 1 for nature in NATURES}, int(found["all"].value)))
    for nature in NATURES:
        hidden += [f"more {nature}", f"fewer {nature}"]
        lines.append(({f"child {nature}": 1, f"review {nature}": -1, f"more {nature}": -1}, 0))
        most = int(children["all"].value) - 23
        lines.append(({f"review {nature}": most, f"child {nature}": -1, f"fewer {nature}": -1}, 0))
    small = [f"review {one}" for one, number in NATURES.items() if number < 5]
    assert reviews["assault"].mark == "[c]"
    for key, (low, high) in narrowed(printed, hidden, lines, small, ceiling=900).items():
        assert low == 0, (key, low, high)
        assert high >= 5, (key, low, high)


@pytest.mark.parametrize("profile", ["k3", "k5", "r5"])
def test_reviews_by_children_and_nature_are_told_as_far_as_children_by_nature_allow(profile):
    """Four assaults with 1, 2, 1 and 1 children are five: printed, they would tell the crossing."""
    with pytest.raises(TablesNotShown, match=r"^T[12] "):
        given_out(made_up(), case("units-rounded"), profile=profile)


def test_of_three_states_two_small_ones_cannot_be_withheld_without_the_third():
    """Present 1, suspected 2, not mentioned 21: of whoever is the 1 the 2 would be known."""
    with pytest.raises(TablesNotShown, match=r"^T1 "):
        given_out(made_up(), case("singleton"))
