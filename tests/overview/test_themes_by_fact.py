"""Themes by a fact about people: numbers like any about people, and no list of reviews beside.

Expected: what is printed is set against the reviews by the attacker of tests/overview/lots.py,
which counts kinds of reviews, and by hand.
"""

import json
import zlib
from dataclasses import replace

import pytest

from tests.overview.lots import (
    HEAD,
    TABLES,
    THEMES,
    KindsCounted,
    Lot,
    lot,
    opens,
    protected,
    rows_of,
    themes,
)
from tests.overview.small import FRAMEWORK, key, rows
from waymark.core.errors import RuleError, TablesNotShown
from waymark.overview.disclosure.engine.history import ReleaseLedgerEntry
from waymark.overview.disclosure.engine.history_file import FIRST, from_bytes, to_bytes
from waymark.overview.disclosure.protect import ReleaseProtection, protect_release
from waymark.overview.disclosure.release_history import completed_entry, past_of
from waymark.overview.disclosure.release_plan import plan_of
from waymark.overview.releases.partial_release import make_partial_release
from waymark.overview.releases.release import Provenance
from waymark.overview.snapshot.rows import FrozenRows, freeze_rows
from waymark.overview.spec.check import checked_overview
from waymark.overview.tables.lineage import linked_cells, uses_of_keys
from waymark.overview.tables.tabulate import tabulate

DRAWN = lot(7, 100)
YEARS = (
    "- {id: T20, kind: crosstab, title: Years, process: true, blocks: [{id: b, title: Years, unit:"
    " review, base: all, rows: {variable: fac.cold}, all_label: All}]}"
)


def table(made: ReleaseProtection, name: str):
    return next(one.table for one in made.tables if one.table.id == name)


def release(made: FrozenRows, *tables: str, profile="k3", earlier=(), head=HEAD, name="first"):
    source = head + "\n".join(TABLES.get(one, one) for one in tables)
    spec = checked_overview(source, FRAMEWORK, file="small.yaml")
    past = past_of(made, earlier, keep=True)
    return protect_release(plan_of(made, spec, FRAMEWORK), profile=profile, name=name, past=past)


def part(made: FrozenRows, first: int, last: int) -> FrozenRows:
    """Some of the reviews, by their places."""
    reviews = made.reviews[first:last]
    names = {one.reference for one in reviews}
    return freeze_rows(
        framework=made.framework,
        framework_sha256=made.framework_sha256,
        spec=HEAD,
        reviews=reviews,
        children=[one for one in made.children if one.review in names],
        judgements=[one for one in made.judgements if one.review in names],
        codes=[one for one in made.codes if one.review in names],
        double_coded=[],
        recommendations=[],
    )


# ---- no lists of reviews beside ----


@pytest.mark.parametrize("crossing", ["T11", "T12", "T13"])
def test_beside_themes_by_a_fact_no_table_lists_reviews(crossing):
    made = release(DRAWN.rows, "T10", YEARS, crossing)
    assert not any(opens(one.table) for one in made.tables)
    tables = [(one.table, linked_cells(one.table)) for one in made.tables]
    names = [row.review for row in DRAWN.rows.codes]
    places = [uses_of_keys(tables, name, [key(name, 200)]) for name in names]
    assert not any(use for one in places for use in one.values())
    assert not made.opens
    for name in ("T10", "T20"):
        assert table(made, name).rows[0].cells[0].value is not None
        assert any("Reviews are not listed here" in note for note in table(made, name).notes)


def test_without_themes_by_a_fact_they_are_listed():
    made = release(DRAWN.rows, "T2", "T10", YEARS)
    assert made.opens
    assert [opens(table(made, name)) for name in ("T2", "T10", "T20")] == [False, True, True]


def test_where_the_controller_closed_the_way_to_the_reviews_none_are_listed():
    closed = HEAD.replace("profile: k3,", "profile: k3, open_process: false,")
    made = release(DRAWN.rows, "T2", "T10", YEARS, head=closed)
    assert not made.opens
    assert not any(opens(one.table) for one in made.tables)


def test_rounded_themes_cross_nothing_and_so_leave_the_lists():
    made = release(DRAWN.rows, "T10", "T11", "T13", profile="r5")
    assert [one.id for one in table(made, "T11").columns] == ["all"]
    assert {cell.mark for row in table(made, "T13").rows for cell in row.cells} == {"[z]"}
    assert made.opens
    assert opens(table(made, "T10"))


# ---- silence by a theme counts it by each factor and service ----

SILENCE_BY_THEME = "- {id: T30, kind: silence, title: Silence, by: {code: th.visits}}"
STATED = frozenset({"fac.cold", "fac.alone", "ag.nurse"})


def test_beside_silence_by_a_theme_no_table_lists_reviews():
    """Of an age or a list it is no secret that it is stated, so these are not crossed."""
    made = release(DRAWN.rows, "T10", YEARS, SILENCE_BY_THEME)
    assert made.entry.crossed == STATED
    assert not made.opens
    assert not any(opens(one.table) for one in made.tables)


def test_after_a_list_of_reviews_silence_by_a_theme_is_refused():
    first = release(part(DRAWN.rows, 0, 80), "T2", "T10")
    with pytest.raises(TablesNotShown, match="first listed the reviews") as told:
        release(DRAWN.rows, "T10", SILENCE_BY_THEME, earlier=[to_bytes(first.entry)])
    assert set(told.value.reasons) == {"T30"}


def test_after_silence_by_a_theme_reviews_are_not_listed():
    first = release(part(DRAWN.rows, 0, 80), SILENCE_BY_THEME)
    made = release(DRAWN.rows, "T10", earlier=[to_bytes(first.entry)], name="second")
    assert not opens(table(made, "T10"))


def test_silence_of_all_reviews_together_crosses_nothing():
    """Where the rows of people cannot be told by the theme, those of reviews are not either."""
    spec = checked_overview(HEAD + SILENCE_BY_THEME, FRAMEWORK, file="small.yaml")
    plan = plan_of(DRAWN.rows, spec, FRAMEWORK)
    assert plan.crossed({"T30.review": 0, "T30.child": 0}) == STATED
    assert plan.crossed({"T30.review": 0, "T30.child": 1}) == frozenset()


# ---- numbers like any other ----


def test_a_small_number_of_reviews_of_a_kind_that_show_a_theme_is_withheld():
    """And what it would follow from; all reviews that show the theme are known."""
    withheld = 0
    for seed in range(12):
        drawn = lot(seed, 40)
        made = protected(drawn.rows, "T2", "T10", "T11", "T12")
        if made is None:
            continue
        for theme in THEMES:
            counted = KindsCounted(drawn, made, theme)
            for name, row, column, _ in counted.cells():
                number = counted.printed(name, row, column)
                unknown = "unknown" in {row, column}
                assert unknown or number is None or number == 0 or number >= 3, (seed, name)
            for cell, _, (low, high) in counted.narrowed(3):
                withheld += 1
                assert low == 0, (seed, cell, low, high)
                assert high >= 3, (seed, cell, low, high)
    assert withheld >= 5


def test_a_theme_that_cannot_be_told_apart_is_not_and_the_others_are():
    """Letters are found in two reviews alone: of no kind there can be three."""
    codes = [one for one in DRAWN.rows.codes if one.code != "th.letters"]
    two = [one._replace(code="th.letters") for one in codes[:2]]
    few = replace(DRAWN.rows, codes=tuple(sorted([*codes, *two])))
    made = release(few, "T2", "T11")
    shown = table(made, "T11")
    assert {cell.mark for cell in shown.rows[1].cells} == {"[z]"}
    assert {cell.mark for cell in shown.rows[0].cells} != {"[z]"}
    assert any(note.startswith("Not broken down") and "Letters" in note for note in shown.notes)


def test_two_tables_of_themes_and_one_of_both_facts_tell_no_number_of_both_together():
    """Of 30 that show a theme 28 are cold and 27 are fires: at least 25 fires are cold."""
    asked = 0
    for seed in range(40, 52):
        drawn = lot(seed, 60)
        made = protected(drawn.rows, "T3", "T11", "T12")
        for theme in THEMES if made else ():
            for cell, _, (low, high) in KindsCounted(drawn, made, theme).narrowed(3):
                asked += 1
                assert low == 0, (seed, cell, low, high)
                assert high >= 3, (seed, cell, low, high)
    assert asked >= 10


NUMBERS = {
    ("fire", True): (2, 2),
    ("fire", False): (12, 9),
    ("fall", True): (12, 9),
    ("fall", False): (10, 0),
    ("harm", True): (8, 0),
    ("harm", False): (8, 0),
    ("unknown", True): (6, 0),
    ("unknown", False): (6, 0),
}
"""Cause, whether cold is recorded: how many reviews, and of these how many show visits."""


def test_themes_by_two_facts_narrow_no_number_of_both_facts():
    """Visits: 20 reviews, 11 fires, 11 cold. So at least 2 fires would be cold, and 2 are."""
    kinds, found = [], []
    for (cause, cold), (reviews, showing) in NUMBERS.items():
        kinds += [(cause, cold, True, 1)] * reviews
        found += [frozenset({"th.visits"})] * showing + [frozenset()] * (reviews - showing)
    names = [f"A{n:03}" for n in range(1, len(kinds) + 1)]
    drawn = Lot(rows_of(names, kinds, found), tuple(kinds), tuple(found))
    alone = protected(drawn.rows, "T3")
    assert [cell.mark for cell in table(alone, "T3").rows[0].cells[:2]] == ["[c]", "[c]"]
    made = protected(drawn.rows, "T3", "T11", "T12")
    assert [cell.mark for cell in table(made, "T3").rows[0].cells[:2]] == ["[c]", "[c]"]
    seen = {cell: ends for cell, _, ends in KindsCounted(drawn, made, "th.visits").narrowed(3)}
    assert seen["T3 fire yes"][0] == 0
    assert seen["T3 fire yes"][1] >= 3


def test_a_part_of_a_theme_is_found_in_no_more_reviews_than_the_theme():
    columns = ", columns: {variable: cause}"
    source = themes("T11", columns).replace("th.letters", "th.visits.late")
    plan = plan_of(DRAWN.rows, checked_overview(HEAD + source, FRAMEWORK, file="s.yaml"), FRAMEWORK)
    (rest, *_) = plan.at(3).links
    assert rest.counts[2].value == rest.counts[1].value - rest.counts[0].value


# ---- editions ----


def test_after_a_list_of_reviews_themes_by_a_fact_are_refused():
    first = release(part(DRAWN.rows, 0, 80), "T2", "T10")
    assert (first.entry.opened, first.entry.crossed) == (True, frozenset())
    earlier = [to_bytes(first.entry)]
    with pytest.raises(
        TablesNotShown, match="first listed the reviews that show each theme"
    ) as told:
        release(DRAWN.rows, "T2", "T10", "T11", "T13", earlier=earlier)
    assert set(told.value.reasons) == {"T11", "T13"}
    spec = checked_overview(
        HEAD + "\n".join(TABLES[one] for one in ("T2", "T10", "T11")), FRAMEWORK, file="s.yaml"
    )
    shown = make_partial_release(
        DRAWN.rows, spec, FRAMEWORK, profile="k3", provenance=SOME, earlier=earlier
    )
    assert [one.table for one in shown.left_out] == ["T11"]
    assert shown.release.opens


SOME = Provenance(1, None, "", "", "")


def test_after_themes_by_a_fact_reviews_are_not_listed():
    first = release(part(DRAWN.rows, 0, 80), "T2", "T10", "T11")
    assert (first.entry.opened, first.entry.crossed) == (False, frozenset({"cause"}))
    made = release(DRAWN.rows, "T2", "T10", earlier=[to_bytes(first.entry)], name="second")
    assert not opens(table(made, "T10"))
    assert any("because first counted themes" in note for note in table(made, "T10").notes)


def test_editions_of_other_reviews_have_nothing_to_do_with_each_other():
    first = release(part(DRAWN.rows, 0, 50), "T2", "T10")
    made = release(part(DRAWN.rows, 50, 100), "T2", "T11", earlier=[to_bytes(first.entry)])
    assert made.entry.crossed == {"cause"}


def test_what_an_open_edition_told_of_each_review_is_no_reason():
    before = _entry(opened=True, crossed=frozenset({"cause"}), k=1)
    made = release(DRAWN.rows, "T2", "T11", earlier=[to_bytes(before)])
    assert made.entry.crossed == {"cause"}
    with pytest.raises(TablesNotShown):
        release(DRAWN.rows, "T2", "T12", earlier=[to_bytes(before)])


def _entry(*, opened, crossed, k) -> ReleaseLedgerEntry:
    made = release(part(DRAWN.rows, 0, 80), "T2")
    return replace(made.entry, opened=opened, crossed=crossed, k=k)


def test_an_edition_made_before_can_still_be_shown():
    """Its own entry is in the ledger: it listed reviews and counted themes by their cause."""
    tables = ("T2", "T10", "T11")
    made = release(DRAWN.rows, *tables)
    source = HEAD + "\n".join(TABLES[one] for one in tables)
    own = completed_entry(of_the_first_format(made.entry), source)
    assert (from_bytes(own).opened, from_bytes(own).crossed) == (True, {"cause"})
    again = release(DRAWN.rows, *tables, earlier=[own], name="again")
    assert table(again, "T11").columns == table(made, "T11").columns
    assert not opens(table(again, "T10"))
    with pytest.raises(TablesNotShown):
        release(DRAWN.rows, *tables, "T12", earlier=[own], name="again")


def of_the_first_format(entry: ReleaseLedgerEntry) -> bytes:
    plain = json.loads(zlib.decompress(to_bytes(entry)))
    del plain["opened"], plain["crossed"]
    return zlib.compress(json.dumps({**plain, "format": FIRST}).encode())


def test_of_an_entry_of_the_first_format_the_worst_is_assumed():
    kept = of_the_first_format(_entry(opened=False, crossed=frozenset(), k=3))
    entry = from_bytes(kept)
    assert (entry.opened, entry.crossed) == (True, None)
    assert from_bytes(to_bytes(entry)) == entry


@pytest.mark.parametrize(
    ("tables", "more", "expected"),
    [
        (["T2"], "", (False, set())),
        (["T2", "T10"], "", (True, set())),
        (["T2", "T10"], "open_process: false, ", (False, set())),
        (["T2", "T12"], "", (True, {"fac.cold"})),
    ],
)
def test_its_spec_says_what_it_listed_and_counted(tables, more, expected):
    kept = of_the_first_format(_entry(opened=False, crossed=frozenset(), k=3))
    source = HEAD.replace("{profile", f"{{{more}profile") + "\n".join(TABLES[one] for one in tables)
    entry = from_bytes(completed_entry(kept, source))
    assert (entry.opened, entry.crossed) == expected
    assert from_bytes(completed_entry(kept, "no spec")).crossed is None


def test_numbers_of_themes_by_a_fact_are_in_the_ledger():
    """20 reviews more: what an edition printed less what the one before did is of these alone."""
    first = release(part(DRAWN.rows, 0, 80), "T2", "T11")
    second = release(DRAWN.rows, "T2", "T11", earlier=[to_bytes(first.entry)], name="second")
    old, new = (KindsCounted(DRAWN, one, "th.visits") for one in (first, second))
    theirs = lot(7, 100)
    came = range(80, 100)
    for column in ("fire", "fall", "harm"):
        before, now = (one.printed("T11", "th.visits", column) for one in (old, new))
        if before is not None and now is not None:
            more = sum(
                theirs.kinds[n][0] == column and "th.visits" in theirs.found[n] for n in came
            )
            assert now - before == more
            assert more == 0 or more >= 3


def test_reviews_coded_anew_do_not_stand_in_the_way_of_the_next_edition():
    """The digests of the ledger tell what is agreed of people, not what was coded."""
    first = release(DRAWN.rows, "T2", "T11")
    fewer = tuple(one for one in DRAWN.rows.codes if one.review > "A030")
    anew = replace(DRAWN.rows, codes=fewer)
    made = release(anew, "T2", "T11", earlier=[to_bytes(first.entry)], name="second")
    assert made.entry.crossed == {"cause"}


def test_openly_nothing_is_closed():
    spec = checked_overview(HEAD + TABLES["T10"] + "\n" + TABLES["T11"], FRAMEWORK, file="s.yaml")
    assert all(opens(one) for one in tabulate(rows(), spec, FRAMEWORK))
    with pytest.raises(RuleError):
        protect_release(plan_of(DRAWN.rows, spec, FRAMEWORK), profile="open")
