"""Keys of counts: the same thing in memory and, as a text, in every ledger ever written.

The ledgers in tests/overview/ledgers are as earlier versions wrote them, uncompressed.
"""

import json
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.overview.small import FRAMEWORK, judged
from waymark.core.evidence import ChildRow
from waymark.overview.disclosure.count_keys import (
    CHILDREN,
    UNJUDGED,
    CombinedCondition,
    CountKey,
    FactCondition,
    key_of,
)
from waymark.overview.disclosure.engine.cells import Count
from waymark.overview.disclosure.protect import ReleaseProtection, protect_release
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview

LEDGERS = Path(__file__).parent / "ledgers"
SPEC = """\
overview: ages
title: Ages
subtitle: For tests
framework: adult-core 2.0.0
place: Nowhere
period: 2001 to 2003
select: {collection: demo}
disclosure: {profile: k5, controller: One, reason: Small., decided: 2026-01-12}
tables:
  - id: T1
    kind: crosstab
    title: Ages
    blocks:
      - id: only
        title: Ages
        unit: child
        base: people
        all_label: All
        rows: {variable: age, bands: [%s]}
"""


def in_bands(*starts: int) -> str:
    """The spec of a table of ages in months, in bands that begin at these."""
    ends = [f", to: {after - 1}" for after in starts[1:]] + [""]
    bands = (
        f"{{id: from{start}, label: From {start}, from: {start}{end}}}"
        for start, end in zip(starts, ends, strict=True)
    )
    return SPEC % ", ".join(bands)


ids = st.from_regex(r"[a-z][a-z0-9_]{0,8}(\.[a-z0-9_]{1,8})?", fullmatch=True)
bands = st.tuples(st.integers(0, 99), st.one_of(st.none(), st.integers(100, 300))).map(
    lambda band: f"{band[0]}-{'' if band[1] is None else band[1]}"
)
facts = st.one_of(ids, ids.map(lambda code: f"theme {code}"), st.just(CHILDREN))
conditions = st.one_of(
    st.builds(FactCondition.one_of, facts, st.lists(ids, min_size=1, max_size=3)),
    st.builds(
        FactCondition, facts, st.lists(bands, min_size=1, max_size=3).map(tuple), st.booleans()
    ),
    st.builds(FactCondition, facts, st.just((UNJUDGED,))),
    st.builds(
        lambda number, names: CombinedCondition(f"{number} of ({', '.join(names)}) are recorded"),
        st.integers(0, 5),
        st.lists(ids, min_size=1, max_size=3),
    ),
)
keys = st.builds(
    CountKey,
    st.sampled_from(("review", "child", "recommendation")),
    st.lists(conditions, max_size=4).map(tuple),
)


@given(keys)
def test_a_key_is_the_same_after_it_was_written_and_read(key):
    assert CountKey.parse(str(key)) == key


@given(st.one_of(st.text(), keys.map(str), st.text(alphabet="abr :()+-", max_size=30)))
def test_any_text_that_is_read_is_written_again_letter_for_letter(text):
    for name in (text, f"review: {text}", f"{text} (not)", f"child: {text} and age is 0-11"):
        key = CountKey.parse(name)
        assert key is None or str(key) == name


def test_a_key_is_written_as_in_every_ledger():
    age, died = FactCondition("age", ("0-11",)), FactCondition("outcome", ("died",))
    assert str(CountKey("child", (died, age))) == "child: age is 0-11 and outcome is died"
    assert str(CountKey("review")) == "review: all"
    assert str(FactCondition("age", ("0-11", "12-"), outside=True)) == "age is outside 0-11+12-"
    assert str(FactCondition.one_of("nature", ("other", "assault"))) == "nature is assault+other"
    assert str(FactCondition("theme th.visits", ("found",))) == "theme th.visits is found"


@pytest.mark.parametrize(
    "name",
    ["edition 1/review: all", "children in: review: all", "rule 1: a beyond b", "theme x is found"],
)
def test_names_that_the_engine_gave_are_no_keys(name):
    assert CountKey.parse(name) is None


@pytest.mark.parametrize(
    "name", ["review: cause is fire (not)", "child: cause is fire, beyond 1 each"]
)
def test_the_other_side_of_a_count_is_no_plain_condition(name):
    assert CountKey.parse(name).facts == frozenset()


def test_a_key_can_be_narrowed_and_widened():
    fires = CountKey("review", (FactCondition("cause", ("fire",)),))
    sized = fires.narrowed_by(FactCondition(CHILDREN, ("2-4",)))
    assert str(sized) == "review: cause is fire and number of children is 2-4"
    assert sized.facts == {"cause", CHILDREN}
    assert sized.conditions_on(CHILDREN) == (FactCondition(CHILDREN, ("2-4",)),)
    assert sized.without(CHILDREN) == fires
    assert str(fires.of_unit("child")) == "child: cause is fire"


def test_a_count_knows_the_key_it_was_made_of():
    key = CountKey("child")
    assert key_of(key.count(4)) == key
    assert key.count(4) == Count("child: all", 4), "the engine compares texts alone"
    with pytest.raises(TypeError, match="all was not made of a key"):
        key_of(Count("all", 4))


# ---- ledgers of earlier versions ----


def reviews(ages: dict[str, int]) -> FrozenRows:
    """A review about one person each, so many of each age."""
    every = [age for age, number in ages.items() for _ in range(number)]
    names = [f"A{number:03}" for number in range(1, len(every) + 1)]
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec="",
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=[ChildRow(name, 1, f"Person of {name}") for name in names],
        judgements=[
            judged(name, "age", age, 20, child=1) for name, age in zip(names, every, strict=True)
        ],
        codes=[],
        double_coded=[],
        recommendations=[],
    )


AGES = {"5": 4, "15": 12, "25": 8, "40": 9}


def protected(source: str, earlier: list[bytes]) -> ReleaseProtection:
    rows = reviews(AGES)
    plan = plan_of(rows, checked_overview(source, FRAMEWORK, file="ages.yaml"), FRAMEWORK)
    return protect_release(plan, profile="k5", past=past_of(rows, earlier, keep=False))


def shown(made: ReleaseProtection) -> list[str]:
    return [row.cells[0].shown for row in made.tables[0].table.rows]


def old_ledger(name: str) -> bytes:
    plain = json.loads((LEDGERS / f"{name}.json").read_text("utf-8"))
    return zlib.compress(json.dumps(plain).encode())


def test_without_an_earlier_edition_the_cheapest_number_protects_the_four_infants():
    """4, 12, 8, 9, none without an age, 33 in all: 8 is the cheapest beside the 4."""
    made = protected(in_bands(0, 12, 24, 36), [])
    assert shown(made) == ["[c]", "12", "[c]", "9", "0", "33"]


@pytest.mark.parametrize("name", ["format-1", "format-2"])
def test_what_an_earlier_version_printed_is_known_to_its_ledger(name):
    """It printed 16 under two years: less the 12 from one year on these would be the 4 infants."""
    made = protected(in_bands(0, 12, 24, 36), [old_ledger(name)])
    assert shown(made) == ["[c]", "[c]", "8", "9", "0", "33"]


@pytest.mark.parametrize("name", ["format-1", "format-2"])
def test_its_keys_are_those_of_the_same_table_today(name):
    (old,) = past_of(reviews(AGES), [old_ledger(name)], keep=False).ledger
    today = protected(in_bands(0, 24), []).entry
    assert (old.system, old.records) == (today.system, today.records)
    assert [count.tag for count in old.system.counts] == [
        count.tag for count in today.system.counts
    ]
