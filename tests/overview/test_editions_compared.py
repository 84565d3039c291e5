"""Editions of which one prints what another does not: counts of the one bound those of the other.

Expected: by hand, and by the attacker of tests/overview/whole_attacker.py, which knows nothing of
the engine. 15 reviews are of 1 fire, 4 falls and 10 of harm; only the falls have cold, 4 in all.
Of 10 more, 2 fires and 3 of harm are without cold; 1 fall and 4 of harm have it. So 25 are of 3
fires without cold, 5 falls with cold, and 17 of harm, 4 with cold: 9 have cold, 5 of those that
came. Were none of the 15 a fire, all 5 falls would be of the 15, and no more than the 4 of harm
could have come with cold.
"""

from dataclasses import replace

from tests.overview.random_releases import PROVENANCE, Asked, rows_of, spec_of
from tests.overview.small import FRAMEWORK
from tests.overview.whole_attacker import (
    Attacker,
    Edition,
    Review,
    broken_promises,
    numbers_of,
)
from waymark.overview.disclosure.count_keys import CountKey
from waymark.overview.disclosure.engine.history_file import to_bytes
from waymark.overview.disclosure.regrouping import derived_counts
from waymark.overview.disclosure.release_history import past_of
from waymark.overview.disclosure.unit_links import unit_equations
from waymark.overview.releases.release import Release, make_release
from waymark.overview.snapshot.coded_reviews import CodedReviews


def reviews(number: int, cause: str, *, cold: bool) -> tuple[Review, ...]:
    one = Review(cause, cold, alone=False, visits=False, letters=False, children=1, died=0)
    return (one,) * number


FEWER = (
    *reviews(1, "fire", cold=False),
    *reviews(4, "fall", cold=True),
    *reviews(10, "harm", cold=False),
)
CAME = (
    *reviews(2, "fire", cold=False),
    *reviews(1, "fall", cold=True),
    *reviews(4, "harm", cold=True),
    *reviews(3, "harm", cold=False),
)
MORE = (*FEWER, *CAME)
APART = Asked(FEWER, (), ("causes", "factors"), "k3", open_process=False)
CROSSED = Asked(MORE, (), ("causes_by_cold", "factors"), "k3", open_process=False)


def in_turn(*editions: Asked) -> list[Release]:
    """Editions of different tables, given out one after the other."""
    releases: list[Release] = []
    for asked in editions:
        releases.append(
            make_release(
                rows_of(asked.first),
                spec_of(asked),
                FRAMEWORK,
                profile=asked.profile,
                provenance=PROVENANCE,
                earlier=[to_bytes(release.entry) for release in releases if release.entry],
            )
        )
    return releases


def worked_out(*editions: Asked) -> list[str]:
    """Small counts that follow from all editions together."""
    printed = [
        Edition(
            frozenset(f"R{number}" for number in range(1, len(asked.first) + 1)),
            tuple(
                number
                for kind, protected in zip(asked.kinds, release.tables[1:], strict=True)
                for number in numbers_of(kind, protected.table)
            ),
        )
        for asked, release in zip(editions, in_turn(*editions), strict=True)
    ]
    return broken_promises(Attacker(printed), [asked.first for asked in editions], "k3")


def test_a_later_edition_that_crosses_two_facts_gives_no_count_of_the_earlier_away():
    assert worked_out(APART, CROSSED) == []


def test_a_later_edition_of_fewer_reviews_prints_nothing_that_an_earlier_crossing_gives_away():
    assert worked_out(CROSSED, APART) == []


VISITED = tuple(replace(review, visits=review.cause == "fall") for review in MORE)


def counts_of_15(changed: tuple[Review, ...]) -> dict[str, int]:
    """What the second edition says of the first, which counted 15 reviews; the 25 as given now."""
    first = Asked(VISITED[:15], (), ("causes", "themes_by_cause"), "k3", open_process=False)
    entry = in_turn(first)[0].entry
    assert entry is not None
    past = past_of(rows_of(changed), [to_bytes(entry)], keep=False)
    facts = CodedReviews(rows_of(changed), FRAMEWORK)
    ties = derived_counts(
        facts, entry.system, past.ledger, k=3, process=frozenset(), records=past.records
    )
    return {
        count.key: count.value
        for system in ties.earlier.values()
        for count in system.counts
        if count.key.startswith("review: ")
    }


def test_an_earlier_edition_is_counted_by_its_own_reviews():
    counts = counts_of_15(VISITED)
    assert counts["review: all"] == 15
    assert counts["review: theme th.visits is missed"] == 11


def test_a_theme_that_was_coded_again_says_nothing_of_the_earlier_edition():
    again = (replace(VISITED[0], visits=True), *VISITED[1:])
    assert not any("th.visits" in key for key in counts_of_15(again))
    assert any("th.letters" in key for key in counts_of_15(again))


def test_an_edition_of_which_a_review_was_judged_again_is_not_counted_anew():
    again = (replace(VISITED[0], cause="fall"), *VISITED[1:])
    assert counts_of_15(again) == {}


def test_children_of_an_earlier_edition_are_those_of_its_reviews():
    facts = CodedReviews(rows_of(MORE), FRAMEWORK)
    keys = [CountKey.parse("child: cause is fire"), CountKey.parse("child: cause is fall")]
    system = unit_equations(facts, [key for key in keys if key], frozenset({"R1", "R2", "R3"}))
    assert system.count("child: cause is fire").value == 1
    assert system.count("review: cause is fall").value == 2
