"""A release as a whole: coarser versions, counts shared by tables, and earlier releases."""

import pytest

from tests.overview.test_protection_suppress import (
    AGES,
    CLASSES,
    SIX_BANDS,
    by_outcome,
    nature,
    with_plain_unknowns,
)
from waymark.core.errors import RuleError
from waymark.overview.disclosure.engine import audit
from waymark.overview.disclosure.engine.cells import CountSystem, at_most
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.history import (
    ReleaseLedgerEntry,
    change_since,
    linked_system,
)
from waymark.overview.disclosure.engine.recode import RecodeLadder, RecodeStep, choose_steps
from waymark.overview.disclosure.engine.release import (
    EarlierReleases,
    rounded_release,
    suppressed_release,
)

FOUR_BANDS = ("<1", "1-10", "11-17", "not recorded"), ((7, 3), (4, 15), (7, 6), (0, 3))
YEARS = {2003: (2, 0), 2004: (2, 1), 2005: (4, 1), 2006: (4, 1), 2007: (2, 2), 2008: (4, 1)}


def interior(system: CountSystem) -> frozenset[str]:
    return frozenset(count.key for count in system.counts if "all" not in count.key)


def step(name: str, system: CountSystem, *, last: bool = False) -> RecodeStep:
    """A version of a table; the last resort prints its margins alone."""
    if last:
        return RecodeStep(name, system.hiding(interior(system)), frozenset(), last_resort=True)
    return RecodeStep(name, system, interior(system))


def ages() -> RecodeLadder:
    six = with_plain_unknowns(by_outcome(AGES, SIX_BANDS))
    four = with_plain_unknowns(by_outcome(*FOUR_BANDS))
    totals = step("totals", six, last=True)
    return RecodeLadder("T5", (step("six bands", six), step("four bands", four), totals))


def years() -> RecodeLadder:
    axes = [CubeAxis(tuple(str(year) for year in YEARS)), CubeAxis(("deaths", "other"))]
    counts = {
        (str(year), name): count
        for year, pair in YEARS.items()
        for name, count in zip(("deaths", "other"), pair, strict=True)
    }
    system = cube_system("year", axes, counts, known=lambda cell: cell[1] == "all")
    return RecodeLadder("T2", (step("cross", system), step("totals", system, last=True)))


def flat(name: str, system: CountSystem) -> RecodeLadder:
    parts = frozenset(count.key for count in system.counts if count.exposure == "sensitive")
    return RecodeLadder(name, (RecodeStep("as it is", system, parts),))


@pytest.mark.parametrize(("k", "chosen"), [(1, "six bands"), (3, "four bands"), (5, "totals")])
def test_ages_become_coarser_before_cells_go(k, chosen):
    ladder = ages()
    assert ladder.steps[choose_steps([ladder], k)[ladder.table]].name == chosen


@pytest.mark.parametrize(("k", "chosen"), [(1, "cross"), (3, "totals"), (5, "totals")])
def test_years_keep_their_totals_and_lose_the_crossing(k, chosen):
    ladder = years()
    assert ladder.steps[choose_steps([ladder], k)[ladder.table]].name == chosen


def test_a_table_without_a_version_that_keeps_half_is_refused():
    six = ages().steps[:1]
    with pytest.raises(RuleError, match="T5 would lose more than half"):
        choose_steps([RecodeLadder("T5", six)], 5)


def test_all_tables_that_have_to_be_left_out_are_named_at_once():
    """Ages by outcome twice, in their six bands alone; nature stands by itself."""
    six = ages().steps[:1]
    release = [RecodeLadder("T5", six), flat("T3", nature(4, 6, 8, 6)), RecodeLadder("T15", six)]
    with pytest.raises(RuleError, match=r"^T5 and T15 would each lose more than half of their"):
        suppressed_release(release, 5)


def test_tables_of_a_release_are_protected_together():
    release = suppressed_release([flat("T3", nature(4, 6, 8, 6)), ages(), years()], 5)
    assert release.steps == {"T3": 0, "T5": 2, "T2": 1}
    assert release.pattern.withheld == {"nature:assault", "nature:infant_death"}


def test_a_link_to_another_table_makes_that_table_coarser_or_this_one_emptier():
    """Seven under 1 died: printed beside T3 it leaves at least 3 assaults."""
    six = with_plain_unknowns(by_outcome(AGES, SIX_BANDS))
    deaths = nature(4, 6, 8, 6)
    rule = at_most("rest", deaths.count("nature:infant_death"), six.count("age:<1|died"))
    release = suppressed_release([flat("T3", deaths), ages()], 5, links=[rule])
    found = audit.audit_bounds(release.system, release.pattern.withheld, ["nature:assault"], k=5)
    assert found["nature:assault"].protects(5)


def entry(system: CountSystem, withheld: set[str], reviews: int, k: int = 5) -> ReleaseLedgerEntry:
    return ReleaseLedgerEntry("release 1", system, frozenset(withheld), known_of(reviews), k)


def known_of(reviews: int) -> dict[str, str]:
    return {f"R{number:02}": "as it was" for number in range(reviews)}


FIRST = {"nature:assault", "nature:infant_death"}


def test_a_second_release_printed_in_full_undoes_the_first():
    """24 reviews 4, 6, 8, 6 with two withheld; then 26 reviews 5, 6, 9, 6 in full."""
    earlier = entry(nature(4, 6, 8, 6), FIRST, 24)
    assert earlier.guarded == {"release 1/nature:assault"}
    both = linked_system(nature(5, 6, 9, 6), [earlier], known_of(26))
    key = "release 1/nature:assault"
    assert str(audit.audit_bounds(both, [], [key])[key]) == "[4, 5]"
    assert str(audit.audit_bounds(both, FIRST, [key])[key]) == "[0, 10]"


def test_a_second_release_is_refused_unless_the_pattern_is_kept():
    ladders = [flat("T3", nature(5, 6, 9, 6))]
    earlier = (entry(nature(4, 6, 8, 6), FIRST, 24),)
    with pytest.raises(RuleError, match="only 2 records differ from release 1, fewer than 5"):
        suppressed_release(ladders, 5, past=EarlierReleases(earlier, known_of(26)))
    kept = suppressed_release(ladders, 5, past=EarlierReleases(earlier, known_of(26), keep=True))
    assert kept.pattern.withheld == FIRST
    found = kept.pattern.system
    key = "release 1/nature:assault"
    assert str(audit.audit_bounds(found, kept.pattern.withheld, [key])[key]) == "[0, 10]"


def test_the_same_reviews_again_keep_their_pattern_unasked():
    earlier = (entry(nature(4, 6, 8, 6), FIRST, 24),)
    again = suppressed_release(
        [flat("T3", nature(4, 6, 8, 6))], 5, past=EarlierReleases(earlier, known_of(24))
    )
    assert again.pattern.withheld == FIRST


def test_a_small_count_that_was_printed_before_cannot_be_taken_back():
    earlier = (entry(nature(4, 6, 8, 6), set(), 24, k=3),)
    with pytest.raises(RuleError, match="T3 cannot be shown"):
        suppressed_release(
            [flat("T3", nature(4, 6, 8, 6))], 5, past=EarlierReleases(earlier, known_of(24))
        )


def test_many_new_reviews_may_show_what_was_withheld_if_that_stays_hidden():
    earlier = (entry(nature(4, 6, 8, 6), FIRST, 24),)
    now = nature(14, 16, 18, 6)
    release = suppressed_release([flat("T3", now)], 5, past=EarlierReleases(earlier, known_of(54)))
    key = "release 1/nature:assault"
    found = audit.audit_bounds(release.pattern.system, release.pattern.withheld, [key])
    assert found[key].protects(5)


def test_a_review_judged_anew_counts_as_changed():
    earlier = entry(nature(4, 6, 8, 6), FIRST, 24)
    now = known_of(24) | {"R03": "judged anew"}
    change = change_since(earlier, now)
    assert (change.came, change.went, change.changed, change.total) == (0, 0, 1, 1)
    assert (change.more, change.fewer) == (1, 1)


def test_counts_that_moved_more_than_reviews_did_are_refused():
    earlier = entry(nature(4, 6, 8, 6), FIRST, 24)
    with pytest.raises(RuleError, match="changed by more records"):
        linked_system(nature(4, 6, 8, 9), [earlier], known_of(25))


def test_rounding_to_5_adds_up_and_lies_near():
    release = rounded_release([flat("T3", nature(4, 6, 8, 6))], 5)
    printed = {key.split(":")[1]: value for key, value in release.rounded.printed.items()}
    assert [printed[name] for name in CLASSES] == [5, 5, 10, 5]
    assert (printed["deaths"], printed["all"]) == (20, 25)
    assert release.rounded.within == 4


def test_rounding_makes_a_table_coarser_where_a_known_total_gives_a_small_count_away():
    """2003 has 2 reviews, as everybody knows: of 0 to 2 deaths rounding hides nothing."""
    release = rounded_release([years()], 5)
    assert release.steps == {"T2": 1}


def test_rounding_and_withholding_do_not_mix_over_time():
    earlier = (entry(nature(4, 6, 8, 6), FIRST, 24),)
    with pytest.raises(RuleError, match="keep the profile of"):
        rounded_release(
            [flat("T3", nature(4, 6, 8, 6))], 5, past=EarlierReleases(earlier, known_of(24))
        )


def test_rounding_again_the_same_reviews_gives_the_same_numbers():
    first = rounded_release([flat("T3", nature(4, 6, 8, 6))], 5)
    earlier = ReleaseLedgerEntry(
        "release 1",
        nature(4, 6, 8, 6),
        frozenset(),
        known_of(24),
        5,
        rounded=first.rounded.printed,
        within=first.rounded.within,
    )
    past = EarlierReleases((earlier,), known_of(24))
    again = rounded_release([flat("T3", nature(4, 6, 8, 6))], 5, past=past)
    assert again.rounded.printed == first.rounded.printed


def test_what_two_releases_tell_of_the_rest_is_protected_like_a_table_of_it():
    """24 reviews print 5, 6, 7, 6. Of 54, 7, 21, 14, 12 would tell that 2 of the 30 are assaults.

    Worked out by hand: with the first number withheld another has to go, and either may be any.
    """
    first = suppressed_release([flat("T3", nature(5, 6, 7, 6))], 5)
    assert not first.pattern.withheld
    earlier = (ReleaseLedgerEntry("edition 1", first.system, frozenset(), known_of(24), 5),)
    now = suppressed_release(
        [flat("T3", nature(7, 21, 14, 12))], 5, past=EarlierReleases(earlier, known_of(54))
    )
    gone = {count.value for count in now.system.counts if count.key in now.pattern.withheld}
    assert 7 in gone
    assert len(gone) == 2


def test_a_rest_of_which_every_kind_is_large_or_empty_needs_no_protection():
    first = suppressed_release([flat("T3", nature(5, 6, 7, 6))], 5)
    earlier = (ReleaseLedgerEntry("edition 1", first.system, frozenset(), known_of(24), 5),)
    now = suppressed_release(
        [flat("T3", nature(5, 16, 17, 16))], 5, past=EarlierReleases(earlier, known_of(54))
    )
    assert not now.pattern.withheld
