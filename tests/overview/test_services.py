"""Making overviews and freezing the rows they are counted from."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.overview.world import ASKED, SPEC, STOPPED, hide
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role, State
from waymark.coding import services as coding
from waymark.core.errors import NotFound, NotPermitted, RuleError, SpecError
from waymark.overview import services
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries import evidence as trace
from waymark.overview.queries import overviews
from waymark.profiles.models import AgreedJudgement

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


def create(world, source=SPEC, by=None):
    return services.create_overview(
        by=by or world.analyst, spec=source, file="small.yaml", now=NOON
    )


def frozen(world, now=NOON):
    return services.freeze_overview(by=world.analyst, overview=create(world), now=now)


def shown(snapshot, table):
    protected = overviews.release_of(snapshot, "open").table(table)
    return {row.id: row.cells[0].value for row in protected.table.rows}


def evidence(snapshot, *cell, person=None):
    return trace.cell_evidence(snapshot, *cell, person=person, now=NOON, profile="open")


def test_only_an_analyst_makes_and_freezes_overviews(world):
    with pytest.raises(NotPermitted):
        create(world, by=world.editor)
    overview = create(world)
    with pytest.raises(NotPermitted):
        services.freeze_overview(by=make_person(Role.CODER), overview=overview, now=NOON)


def test_a_spec_that_does_not_fit_is_refused_with_its_line_and_nothing_is_kept(world):
    with pytest.raises(SpecError, match=r"line \d+: there is no variable drunk"):
        create(world, SPEC.replace("variable: drink", "variable: drunk"))
    with pytest.raises(NotFound, match="no published framework"):
        create(world, SPEC.replace("small 1.0.0", "small 9.0.0"))
    assert not Overview.objects.exists()


def test_a_misspelt_value_and_a_review_that_is_not_there_are_told_with_what_is_near(world):
    wrong = SPEC.replace("collection: small", "reviews: [S1, S22]")
    with pytest.raises(SpecError, match=r"there is no review S22; did you mean S2"):
        create(world, wrong)
    with pytest.raises(NotFound, match=r"no published framework smal 1\.0\.0; did you mean small"):
        create(world, SPEC.replace("small 1.0.0", "smal 1.0.0"))


def test_a_sample_larger_than_its_population_is_refused_with_its_line(world):
    drawn = "collection: small, sample_of: {population: %s, of: reviews, drawn: At random.}"
    line = 1 + SPEC.split("collection: small")[0].count("\n")
    counted = frozen(world).reviews
    for population in (counted, counted + 1):
        source = SPEC.replace("collection: small", drawn % population)
        overview = services.revise_overview(
            by=world.analyst,
            overview=Overview.objects.get(),
            spec=source,
            file="small.yaml",
            now=LATER,
        )
        if population > counted:
            assert services.freeze_overview(by=world.analyst, overview=overview, now=LATER)
            return
        with pytest.raises(SpecError, match=f"line {line}: sample_of: {counted} reviews are"):
            services.freeze_overview(by=world.analyst, overview=overview, now=LATER)


def test_days_that_have_not_come_yet_are_refused(world):
    future = SPEC.replace("select:", "as_at: 2999-01-01\nselect:")
    with pytest.raises(SpecError, match=r"line \d+: as_at: 1 January 2999 is in the future"):
        create(world, future)


def test_the_same_spec_again_changes_nothing_and_another_is_refused(world):
    first = create(world)
    assert create(world) == first
    with pytest.raises(RuleError, match="revise it instead"):
        create(world, SPEC.replace("For tests", "For others"))


def test_a_revised_overview_keeps_its_snapshots_as_they_were(world):
    snapshot = frozen(world)
    changed = SPEC.replace("For tests", "For others")
    services.revise_overview(
        by=world.analyst, overview=snapshot.overview, spec=changed, file="small.yaml", now=LATER
    )
    second = services.freeze_overview(by=world.analyst, overview=snapshot.overview, now=LATER)
    assert (second.number, second.sha256 == snapshot.sha256) == (2, False)
    assert overviews.release_of(snapshot, "open").spec.subtitle == "For tests"
    assert overviews.release_of(second, "open").spec.subtitle == "For others"


def test_a_snapshot_counts_the_agreed_rows_of_its_reviews(world):
    snapshot = frozen(world)
    assert shown(snapshot, "T1") == {
        "identified": 3,
        "obtained": 2,
        "excluded": 0,
        "coded": 2,
        "double_coded": 0,
    }
    assert shown(snapshot, "T2") == {
        "present": 1,
        "suspected": 0,
        "stated_absent": 0,
        "not_mentioned": 1,
        "unclear": 0,
        "all": 2,
    }
    assert shown(snapshot, "T10") == {"a": 1}


def test_freezing_again_without_a_change_gives_the_same_snapshot_back(world):
    first = frozen(world)
    assert frozen(world, now=LATER) == first
    assert Snapshot.objects.count() == 1


def test_what_changes_after_freezing_moves_only_the_next_snapshot(world):
    first = frozen(world)
    AgreedJudgement.objects.filter(value="not_mentioned").update(value="suspected")
    second = frozen(world, now=LATER)
    assert (first.number, second.number) == (1, 2)
    assert shown(first, "T2")["not_mentioned"] == 1
    assert shown(second, "T2")["suspected"] == 1


def test_a_review_that_is_excluded_is_not_counted_and_its_reason_is_told(world):
    source = SPEC.replace(
        "select: {collection: small}",
        "select: {collection: small, exclude: [{review: S2, reason: A summary only.}]}",
    )
    snapshot = services.freeze_overview(by=world.analyst, overview=create(world, source), now=NOON)
    assert shown(snapshot, "T1") == {
        "identified": 3,
        "obtained": 2,
        "excluded": 1,
        "coded": 1,
        "double_coded": 0,
    }
    assert shown(snapshot, "T2")["all"] == 1


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("{collection: small}", "{reviews: [S1, S9]}", "line 9: there is no review S9"),
        (
            "{collection: small}",
            "{collection: small, exclude: [{review: R99, reason: x}]}",
            "line 9: there is no review R99 to exclude",
        ),
        (
            "{collection: small}",
            "{reviews: [S1], exclude: [{review: S2, reason: x}]}",
            "line 9: S2 is excluded but is not one of the selected reviews",
        ),
        (
            "decided: 2026-01-02",
            "decided: 2999-01-01",
            "line 10: decided: 1 January 2999 is in the",
        ),
    ],
)
def test_reviews_that_are_not_there_and_decisions_to_come_are_refused_with_their_line(
    world, old, new, fault
):
    with pytest.raises(SpecError, match=fault):
        create(world, SPEC.replace(old, new))
    overview = create(world)
    with pytest.raises(SpecError, match=fault):
        services.revise_overview(
            by=world.analyst,
            overview=overview,
            spec=SPEC.replace(old, new),
            file="small.yaml",
            now=NOON,
        )


def test_a_review_that_has_gone_since_stops_the_freezing(world):
    overview = create(world, SPEC.replace("{collection: small}", "{reviews: [S1, S2]}"))
    world.second.review.state = State.EXPIRED
    world.second.review.save()
    with pytest.raises(SpecError, match="line 9: there is no review S2"):
        services.freeze_overview(by=world.analyst, overview=overview, now=NOON)


def test_withdrawn_reports_are_as_if_they_had_never_come(world):
    hide(world.first, State.WITHDRAWN)
    snapshot = frozen(world)
    assert shown(snapshot, "T1")["obtained"] == 1
    assert shown(snapshot, "T2")["all"] == 1


def test_an_overview_of_nothing_read_is_not_frozen(world):
    make_report(make_review("E1", collection="empty"), "Not coded yet.")
    source = SPEC.replace("collection: small", "collection: empty")
    overview = create(world, source)
    with pytest.raises(RuleError, match="no review is coded with"):
        services.freeze_overview(by=world.analyst, overview=overview, now=NOON)


def test_a_review_still_being_coded_is_not_counted(world):
    review = make_review("S4", collection="small")
    make_report(review, "Its report has come.")
    coder = make_person(Role.CODER)
    coding.assign_coder(by=coder, review=review, framework=world.framework, coder=coder, now=NOON)
    snapshot = frozen(world)
    assert (shown(snapshot, "T1")["obtained"], shown(snapshot, "T1")["coded"]) == (3, 2)


def test_a_number_opens_to_the_words_on_the_page(world):
    results = evidence(frozen(world), "T2", "present", "n")
    (review,) = results.reviews
    (passage,) = review.passages
    assert (review.reference, review.open, results.closed) == ("S1", True, 0)
    assert (passage.exact, passage.page, passage.report) == (STOPPED, 1, world.first)
    assert passage.description == "Drink: Recorded as present"
    assert passage.basis == "Coded by one person"


def test_a_number_of_children_opens_to_the_child(world):
    (review,) = evidence(frozen(world), "T3", "female", "n").reviews
    assert review.children == ("Child A",)


def test_words_of_a_report_that_is_no_longer_open_are_not_shown(world):
    snapshot = frozen(world)
    hide(world.first, State.WITHDRAWN)
    results = evidence(snapshot, "T10", "a", "n", person=make_person(Role.READER))
    assert results.closed == 1
    assert results.reviews[0].passages == ()
    assert results.cell.value == 1


def test_a_review_that_is_no_longer_open_loses_its_title_and_children(world):
    snapshot = frozen(world)
    world.first.review.state = State.WITHDRAWN
    world.first.review.save()
    (review,) = evidence(snapshot, "T3", "female", "n", person=make_person(Role.READER)).reviews
    assert (review.title, review.open, review.children, review.passages) == ("", False, (), ())


@pytest.mark.parametrize("cell", [("T9", "a", "n"), ("T2", "b", "n"), ("T2", "present", "x")])
def test_a_cell_that_is_not_there_is_not_found(world, cell):
    with pytest.raises(NotFound):
        evidence(frozen(world), *cell)


def test_a_cell_that_counts_nothing_has_nothing_behind_it(world):
    with pytest.raises(NotFound, match="does not link to evidence"):
        evidence(frozen(world), "T2", "suspected", "n")


def test_a_passage_knows_the_numbers_it_carries(world):
    snapshot = frozen(world)
    (key,) = overviews.release_of(snapshot, "open").table("T10").table.cell("a", "n").evidence
    (use,) = trace.uses_of(snapshot, [key], "open")
    assert (use.table, use.row_label, use.column, use.value_text) == ("T10", "A", "n", "1")
    assert ASKED in evidence(snapshot, "T10", "a", "n").reviews[0].passages[0].exact


def test_a_number_with_two_passages_of_a_report_is_listed_once(world, monkeypatch):
    snapshot = frozen(world)
    (key,) = overviews.release_of(snapshot, "open").table("T10").table.cell("a", "n").evidence
    (use,) = trace.uses_of(snapshot, [key], "open")
    other = f"{key}0"
    monkeypatch.setattr(trace, "uses_of_keys", lambda *_: {key: (use,), other: (use,)})
    assert trace.uses_of(snapshot, [key, other], "open") == (use,)


def test_a_profile_under_which_a_table_would_be_all_but_empty_is_refused(world):
    with pytest.raises(
        RuleError, match="T2 and T3 would each lose more than half of their cells at 3"
    ):
        overviews.release_of(frozen(world), "k3")


def test_a_table_is_found_in_any_case_and_an_unknown_one_lists_the_others(world):
    frozen(world)
    assert overviews.table_of("small", "t3", "open").table.id == "T3"
    with pytest.raises(NotFound, match="it has T1, T2, T3, T10"):
        overviews.table_of("small", "T99", "open")


def test_an_overview_that_was_never_frozen_says_so(world):
    create(world)
    with pytest.raises(NotFound, match="has not been frozen yet"):
        overviews.table_of("small", "T1", "open")


def test_every_step_is_in_the_audit(world):
    frozen(world)
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions[-2:] == ["create overview", "freeze overview"]
    assert broken_links() == []
