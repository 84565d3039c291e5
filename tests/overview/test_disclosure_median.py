"""A median is printed only while every count that it was taken from is.

Rows worked out by hand: reviews about one to four people; k3 withholds a count of 1 or 2.
"""

from tests.overview.small import FRAMEWORK, judged
from waymark.core.evidence import ChildRow
from waymark.overview.disclosure.protect import protect_release
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow, freeze_rows
from waymark.overview.spec.check import checked_overview

SPEC = """\
overview: medians
title: Medians
subtitle: For tests
framework: adult-core 2.0.0
place: Nowhere
period: 2001 to 2003
select: {collection: demo}
disclosure: {profile: k3, controller: One, reason: Small., decided: 2026-01-12}
tables:
  - id: T4
    kind: crosstab
    title: People
    blocks:
      - id: people
        title: Reviews by people
        unit: review
        base: reviews
        rows:
          count: children
          bands:
            - {id: one, label: One, from: 1, to: 1}
            - {id: two, label: Two, from: 2, to: 2}
            - {id: three, label: Three, from: 3, to: 3}
            - {id: more, label: 4 or more, from: 4}
        columns:
          variable: cause
          groups: [{id: death, label: Death, deaths: true}, {id: other, label: Other, rest: true}]
        median: Median
        all_label: All reviews
"""


def reviews_about(*people: tuple[int, str]) -> FrozenRows:
    """One review for each number of people, and its cause."""
    names = [f"A{number:03}" for number in range(1, len(people) + 1)]
    return freeze_rows(
        framework="adult-core 2.0.0",
        framework_sha256="f" * 64,
        spec=SPEC,
        reviews=[ReviewRow(name, f"Review {name}", True, True) for name in names],
        children=[
            ChildRow(name, number, f"Person {number}")
            for name, (count, _) in zip(names, people, strict=True)
            for number in range(1, count + 1)
        ],
        judgements=[
            judged(name, "cause", cause, 20) for name, (_, cause) in zip(names, people, strict=True)
        ],
        codes=[],
        double_coded=[],
        recommendations=[],
    )


def printed(deaths: tuple[int, ...], others: tuple[int, ...]) -> dict[str, tuple[str, ...]]:
    """The table of so many reviews about one, two, three and four people, by cause."""
    rows = reviews_about(
        *((people, "fire") for people, count in enumerate(deaths, 1) for _ in range(count)),
        *((people, "harm") for people, count in enumerate(others, 1) for _ in range(count)),
    )
    plan = plan_of(rows, checked_overview(SPEC, FRAMEWORK, file="medians.yaml"), FRAMEWORK)
    made = protect_release(plan, profile="k3", past=past_of(rows, (), keep=False))
    table = made.tables[0].table
    return {row.id: tuple(cell.shown for cell in row.cells) for row in table.rows}


def test_a_median_is_printed_where_all_counts_beside_it_are():
    """Nine reviews are about each number of people: the middle two of 36 are about 2 and 3."""
    assert printed((6, 5, 4, 3), (3, 4, 5, 6))["median"] == ("[z]", "[z]", "[z]", "2.5")


def test_a_median_goes_with_a_count_that_is_withheld_beside_it():
    """The median says how many reviews stand on either side of it: an equation on what is not."""
    shown = printed((6, 5, 4, 3), (3, 4, 5, 2))
    assert shown["more"] == ("[c]", "[c]", "0", "5"), "2 reviews about harm to four people"
    assert shown["median"] == ("[z]", "[z]", "[z]", "[c]")
