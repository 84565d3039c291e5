"""Reviews of a kind and the people in them: what one number says of the other.

Expected: by hand, and by the attacker of tests/overview/lots.py, whose kinds of reviews are told
apart by how many people they have.
"""

from dataclasses import replace

import pytest

from tests.overview.lots import KindsCounted, Lot, lot, protected, rows_of
from tests.overview.small import FRAMEWORK
from waymark.overview.disclosure.count_keys import CountKey
from waymark.overview.disclosure.engine.audit import audit_bounds
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.unit_links import unit_equations
from waymark.overview.snapshot.coded_reviews import CodedReviews


def reviews(*kinds):
    """Reviews by cause and size: ("fire", 2) is one of a fire with two people."""
    every = [(cause, True, True, size) for cause, size in kinds]
    found = [frozenset()] * len(every)
    names = [f"A{n:03}" for n in range(1, len(every) + 1)]
    return Lot(rows_of(names, every, found), tuple(every), tuple(found))


def seen(drawn, printed, wanted):
    """What can be worked out of a number where others are printed. Keys without their unit."""
    facts = CodedReviews(drawn.rows, FRAMEWORK)
    keys = [CountKey.parse(key) for key in (*printed, wanted)]
    system = unit_equations(facts, keys)
    told = CountSystem(
        tuple(
            replace(one, exposure="known") if one.key in printed else one for one in system.counts
        ),
        system.equations,
    )
    return told.count(wanted).value, audit_bounds(told, [], [wanted])[wanted]


FIRES = [("fire", 1), ("fire", 3), ("harm", 1), ("harm", 1), ("harm", 2)]


def test_there_are_no_fewer_people_than_reviews():
    value, interval = seen(reviews(*FIRES), ["review: cause is fire"], "child: cause is fire")
    assert value == 4
    assert interval.least == 2


def test_where_there_is_no_review_there_is_no_person():
    drawn = reviews(*FIRES)
    _, interval = seen(drawn, ["review: cause is fall"], "child: cause is fall")
    assert (interval.least, interval.most) == (0, 0)


def test_where_there_is_a_person_there_is_a_review():
    """4 people of fires: 1 to 4 reviews; the most in one is 8 - 4 = 4."""
    _, interval = seen(reviews(*FIRES), ["child: cause is fire"], "review: cause is fire")
    assert (interval.least, interval.most) == (1, 4)


def test_reviews_by_number_of_people_add_up_to_the_people():
    """One fire of one and one of three or more, in all of eight people: 1 + 3 to 1 + 4."""
    printed = [
        "review: cause is fire and number of children is 1-1",
        "review: cause is fire and number of children is 2-2",
        "review: cause is fire and number of children is 3-",
    ]
    _, interval = seen(reviews(*FIRES), printed, "child: cause is fire")
    assert (interval.least, interval.most) == (4, 5)


@pytest.mark.parametrize("tables", [("T7", "T9"), ("T2", "T7", "T8", "T9")])
def test_nobody_can_work_out_a_small_number_from_that_of_the_other_unit(tables):
    asked = 0
    for seed in range(300, 304):
        drawn = lot(seed, 40)
        made = protected(drawn.rows, *tables)
        if made is None:
            continue
        for cell, _, (low, high) in KindsCounted(drawn, made, "th.visits").narrowed(3):
            asked += 1
            assert low == 0, (seed, cell, low, high)
            assert high >= 3, (seed, cell, low, high)
    assert asked >= 1
