"""A second edition: what the first withheld stays withheld, or the second is not made."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.overview.rows import DEMO_SPEC, fixture_rows, framework, spec, with_value
from tests.overview.small import values
from waymark.core.errors import RuleError
from waymark.core.evidence import JudgementRow
from waymark.overview.disclosure.engine.cells import CountSystem
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.engine.history_file import from_bytes, to_bytes
from waymark.overview.disclosure.release_history import (
    largest_review,
    open_entry,
    past_of,
    review_digests,
)
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.releases.release import Provenance, make_release
from waymark.overview.snapshot.rows import FrozenRows, ReviewRow

PROVENANCE = Provenance(1, datetime(2026, 1, 12, tzinfo=UTC), "0" * 64, "0", "0" * 64)
KEEP = DEMO_SPEC.replace("  decided: 2026", "  keep_withheld: true\n  decided: 2026")


def release(rows: FrozenRows, *, profile="k5", earlier=(), source=DEMO_SPEC):
    """A release of the table of incidents alone."""
    read = spec(source)
    tables = tuple(one for one in read.tables if one.id == "T3")
    alone = read.model_copy(update={"tables": tables, "figures": (), "logic": ()})
    return make_release(
        rows, alone, framework(), profile=profile, provenance=PROVENANCE, earlier=earlier
    )


def printed(made):
    return [row[0] for row in values(made.table("T3").table, "n").values()]


def with_more(rows: FrozenRows, **natures: str) -> FrozenRows:
    """Further reviews, of which nothing but the nature of the incident is known."""
    return replace(
        rows,
        reviews=(*rows.reviews, *(ReviewRow(one, one, True, True) for one in natures)),
        judgements=(
            *rows.judgements,
            *(JudgementRow(one, None, "nature", said, "sole", ()) for one, said in natures.items()),
        ),
    )


def first(profile="k5") -> bytes:
    made = release(fixture_rows(), profile=profile)
    return to_bytes(replace(made.entry, name="edition 1"))


def two_more() -> FrozenRows:
    return with_more(fixture_rows(), R25="assault", R26="suicide_or_accident")


def test_26_reviews_alone_would_print_in_full():
    assert printed(release(two_more())) == ["5", "6", "9", "20", "6", "26"]


def test_after_24_they_are_refused():
    with pytest.raises(RuleError, match="only 2 records differ from edition 1, fewer than 5"):
        release(two_more(), earlier=[first()])
    with pytest.raises(RuleError, match="only 1 record differs from edition 1, fewer than 5"):
        release(with_more(fixture_rows(), R25="assault"), earlier=[first()])


def test_after_24_they_are_made_where_the_controller_keeps_what_was_withheld():
    made = release(two_more(), earlier=[first()], source=KEEP)
    assert printed(made) == ["[c]", "[c]", "9", "20", "6", "26"]


def test_the_same_reviews_again_are_withheld_alike():
    assert printed(release(fixture_rows(), earlier=[first()])) == [
        "[c]",
        "[c]",
        "8",
        "18",
        "6",
        "24",
    ]


def test_one_review_judged_anew_is_a_change_of_very_few():
    moved = with_value(fixture_rows(), "R01", "nature", "other")
    with pytest.raises(RuleError, match="only 1 record differs"):
        release(moved, earlier=[first()])


def test_what_was_printed_once_is_not_taken_back():
    rows = fixture_rows()
    read = spec()
    tables = tuple(one for one in read.tables if one.id == "T3")
    alone = read.model_copy(update={"tables": tables, "figures": (), "logic": ()})
    plan = plan_of(rows, alone, framework())
    entry = open_entry(plan, "edition 1", past_of(rows, (), keep=False))
    assert (entry.k, entry.withheld) == (1, frozenset())
    with pytest.raises(RuleError, match="T3 cannot be shown in this release"):
        release(rows, earlier=[to_bytes(entry)])


def test_rounded_editions_of_the_same_reviews_are_rounded_alike():
    again = release(fixture_rows(), profile="r5", earlier=[first("r5")])
    assert printed(again) == ["5", "5", "10", "20", "5", "25"]


def test_rounding_does_not_follow_withholding():
    with pytest.raises(RuleError, match="keep the profile of edition 1"):
        release(fixture_rows(), profile="r5", earlier=[first("k5")])


def test_an_entry_is_the_same_after_it_was_kept():
    entry = release(fixture_rows(), profile="r5").entry
    again = from_bytes(to_bytes(entry))
    assert isinstance(again, ReleaseLedgerEntry)
    assert again == entry
    assert to_bytes(again) == to_bytes(entry)


def test_an_entry_of_another_format_is_refused():
    with pytest.raises(RuleError, match="of the format old"):
        from_bytes(zlib.compress(json.dumps({"format": "old"}).encode()))


def test_a_review_is_known_again_by_what_is_agreed_of_it_and_not_by_its_words():
    rows = fixture_rows()
    before = review_digests(rows)
    other_words = replace(
        rows, judgements=tuple(row._replace(places=()) for row in rows.judgements)
    )
    assert review_digests(other_words) == before
    moved = review_digests(with_value(rows, "R07", "sex", "female", child=1))
    assert {one for one in before if before[one] != moved[one]} <= {"R07"}
    assert set(before) == rows.counted


def test_the_largest_review_is_that_with_most_children():
    rows = fixture_rows()
    sizes = [sum(child.review == one for child in rows.children) for one in rows.counted]
    assert largest_review(rows) == max(sizes)
    assert largest_review(replace(rows, children=())) == 1


def test_an_empty_system_is_an_entry_like_any_other():
    entry = ReleaseLedgerEntry("nothing", CountSystem((), ()), frozenset(), {}, 5)
    assert from_bytes(to_bytes(entry)) == entry
