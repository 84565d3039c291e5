"""Any table of counts can be protected on its own, and only so be printed."""

from dataclasses import replace

import pytest

from waymark.core.errors import RuleError, UnprotectableCount
from waymark.overview.disclosure.engine.audit import audit_bounds
from waymark.overview.disclosure.engine.cells import Count, CountSystem, adds_up
from waymark.overview.disclosure.engine.cube import CubeAxis, cube_system
from waymark.overview.disclosure.engine.protect_counts import (
    PROFILES,
    ProtectedCounts,
    protect_counts,
)

VISITS = {("none",): 2, ("one",): 3, ("more",): 9}


def visits() -> CountSystem:
    """14 families by visits: 2 none, 3 one, 9 more."""
    return cube_system("visits", [CubeAxis(("none", "one", "more"))], VISITS)


def cells(made: ProtectedCounts) -> list[str]:
    return [made.shown(f"visits:{name}") for name in ("none", "one", "more", "all")]


def test_the_open_profile_prints_every_number():
    made = protect_counts(visits(), "open")
    assert cells(made) == ["2", "3", "9", "14"]
    assert (made.profile, made.within) == ("open", 0)


def test_a_small_number_goes_with_the_cheapest_that_would_give_it_away():
    """At 3 the 2 is small; 14 - 9 = 5 leaves it anything from 0 to 5."""
    made = protect_counts(visits(), "k3")
    assert cells(made) == ["[c]", "[c]", "9", "14"]
    withheld = [key for key, number in made.printed.items() if number is None]
    found = audit_bounds(visits(), withheld, withheld)
    assert {str(one) for one in found.values()} == {"[0, 5]"}


def test_two_small_numbers_can_protect_each_other():
    """2 and 3 are small at 5; they are 5 together, so each may be 0 and may be 5: no third goes."""
    assert cells(protect_counts(visits(), "k5")) == ["[c]", "[c]", "9", "14"]


def test_rounded_numbers_still_add_up():
    made = protect_counts(visits(), "r5")
    numbers = [made.printed[f"visits:{name}"] for name in ("none", "one", "more")]
    assert all(number % 5 == 0 for number in numbers)
    assert sum(numbers) == made.printed["visits:all"]
    assert made.within == 4
    assert all(
        abs(number - true) <= made.within
        for number, true in zip(numbers, VISITS.values(), strict=True)
    )


def test_numbers_are_rounded_away_from_the_nearest_where_they_would_not_add_up():
    """Each to its nearest multiple, 3, 4 and 8 would be 5, 5 and 10: 20, and not 15."""
    system = cube_system("v", [CubeAxis(("a", "b", "c"))], {("a",): 3, ("b",): 4, ("c",): 8})
    made = protect_counts(system, "r5")
    assert sum(made.printed[f"v:{name}"] for name in ("a", "b", "c")) == 15
    assert made.printed["v:all"] == 15


def test_latent_counts_are_never_printed():
    system = visits().hiding(["visits:one"])
    for profile in PROFILES:
        assert "visits:one" not in protect_counts(system, profile).printed


def test_a_number_that_nothing_can_protect_is_refused():
    counts = (Count("few", 2), Count("none", 0, "known"), Count("all", 2, "known"))
    system = CountSystem(counts, (adds_up("all", ("few", "none")),))
    with pytest.raises(UnprotectableCount):
        protect_counts(system, "k3")


def test_an_unknown_profile_is_refused_with_those_there_are():
    with pytest.raises(RuleError, match=r"no disclosure profile k9\. Choose one of: open, k3"):
        protect_counts(visits(), "k9")


def test_protected_counts_cannot_be_made_or_changed_by_hand():
    with pytest.raises(RuleError, match="never by hand"):
        ProtectedCounts("k3", {"visits:none": 2}, 0, object())
    made = protect_counts(visits(), "k3")
    with pytest.raises((RuleError, TypeError, ValueError)):
        replace(made, printed={"visits:none": 2})
    with pytest.raises(TypeError):
        made.printed["visits:none"] = 2
