"""Overviews across stages: reviews by a query, versions, freezing, and the preview of it all."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person, make_report, make_review
from tests.overview.world import SPEC, make_world
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import ConcurrentChange, NotPermitted, RuleError, SpecError
from waymark.documents.services import set_report_state
from waymark.library.models import unindexed_records
from waymark.library.services import catalogue_review, index_changed
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import frozen_rows, latest_version, overview_for, release_of
from waymark.overview.queries.spec_versions import (
    compared_version,
    overview_history,
    overview_state,
    overview_states,
)
from waymark.overview.spec.template import NewOverview
from waymark.pipeline.publishing.preview import preview_cache
from waymark.publishing.document.method_text import method_paragraphs
from waymark.publishing.document.nodes import EditionInfo
from waymark.publishing.document.render import plain_document
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries.obstacles import publishing_obstacles

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
QUERY = "held OR visits"
ASKING = SPEC.replace("select: {collection: small}", f"select:\n  query: '{QUERY}'")
"""S1 speaks of visits, S2 of letters that a file held; S3 has no report."""


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test, with its own index."""
    settings.DATA = tmp_path
    preview_cache.clear()


@pytest.fixture
@written_once
def world(framework):
    built = make_world(framework)
    for report in (built.first, built.second):
        catalogue_review(by=None, review=report.review, now=NOON)
    index_changed(now=NOON)
    return built


def freeze(world, spec=ASKING, now=NOON, **how):
    return pipeline.freeze_overview(by=world.analyst, spec=spec, file="small.yaml", now=now, **how)


def preview(world, spec=SPEC, table="", by=None):
    return pipeline.preview_overview(
        by=by or world.analyst, slug="small", spec=spec, table=table, now=NOON
    )


# ---- by a query ----


def test_the_reviews_that_a_query_finds_are_frozen_with_its_text_and_its_meaning(world):
    rows = frozen_rows(freeze(world))
    assert rows.answered.query == QUERY
    assert rows.answered.explanation == (
        "any form of the word “held”, or any form of the word “visits”"
    )
    assert rows.answered.references == ("S1", "S2")
    assert [review.reference for review in rows.reviews] == ["S1", "S2"]


def test_what_the_query_would_find_later_changes_no_snapshot(world):
    first = freeze(world)
    world.first.review.state = State.WITHDRAWN
    world.first.review.save()
    assert frozen_rows(first).answered.references == ("S1", "S2")
    second = freeze(world, now=LATER)
    assert (second.number, frozen_rows(second).answered.references) == (2, ("S2",))


def test_the_method_and_the_provenance_say_the_query_its_meaning_and_what_it_found(world):
    release = release_of(freeze(world), "open")
    text = " ".join(method_paragraphs(release))
    assert f"all reviews that match the library search “{QUERY}”, which means any form" in text
    assert "When the data were frozen, 2 reviews matched." in text
    facts = dict(plain_document(release, EditionInfo(None, NOON)).nodes[-1].facts)
    assert facts["Query"] == QUERY
    assert facts["Its meaning"].startswith("any form of the word “held”")
    assert facts["Reviews found"] == "2 when the rows were frozen"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("thme:neglect", "There is no field thme"),
        ("year:soon", "After year: enter a year or years"),
        ("(visits", "This bracket is not closed"),
        ("--", "Enter a word to search for."),
    ],
)
def test_a_query_that_is_not_wholly_understood_is_refused_with_its_line(world, query, message):
    spec = ASKING.replace(QUERY, query)
    line = 1 + spec[: spec.index("query:")].count("\n")
    with pytest.raises(SpecError) as error:
        freeze(world, spec)
    (fault, *_) = error.value.faults
    assert (fault.line, fault.message.startswith(f"query: {message}")) == (line, True)
    assert not Overview.objects.exists()


@pytest.mark.parametrize(
    "query",
    ["held OR nature:fire", "held AND NOT nature:fire", "(held OR (visits AND nature:fall))"],
)
def test_reviews_are_not_picked_by_their_nature_where_small_numbers_are_protected(world, query):
    """All reviews of such an overview are printed: their number would be that of the kind."""
    spec = ASKING.replace(QUERY, query)
    assert freeze(world, spec)
    with pytest.raises(SpecError) as refused:
        freeze(world, spec.replace("profile: open", "profile: k5"))
    (fault,) = refused.value.faults
    assert fault.line == 1 + spec[: spec.index("query:")].count("\n")
    assert fault.message.startswith("query: Under a profile other than open, reviews cannot be")


def test_a_query_is_not_answered_while_the_index_is_behind(world):
    review = make_review("S4")
    make_report(review, "More visits.")
    catalogue_review(by=None, review=review, now=NOON)
    remedy = r"wait \(waymark serve indexes\), or run waymark work --once, then freeze again"
    with pytest.raises(RuleError, match=f"does not include 1 change yet: {remedy}"):
        freeze(world)
    assert not Overview.objects.exists()
    assert preview(world, ASKING).notes == ("the search index does not include 1 change yet",)


def test_a_query_finds_only_reviews_that_the_analyst_may_see(world):
    world.second.review.state = State.EXPIRED
    world.second.review.save()
    assert frozen_rows(freeze(world)).answered.references == ("S1",)


def test_a_review_that_the_query_finds_can_be_left_out_with_a_reason(world):
    spec = ASKING.replace(
        f"  query: '{QUERY}'",
        f"  query: '{QUERY}'\n  exclude: [{{review: S2, reason: A summary only.}}]",
    )
    excluded = {
        review.reference: review.excluded for review in frozen_rows(freeze(world, spec)).reviews
    }
    assert excluded == {"S1": "", "S2": "A summary only."}


# ---- versions ----


def save(world, spec, seen, by=None, now=LATER):
    return pipeline.save_overview(
        by=by or world.analyst, slug="small", spec=spec, seen=seen, now=now
    )


def test_every_version_is_kept_with_who_saved_it_and_when(world):
    freeze(world, SPEC)
    other = make_person(Role.ANALYST)
    save(world, SPEC.replace("For tests", "For others"), 1, by=other)
    rows = SpecVersion.objects.order_by("number")
    assert [(version.number, version.saved_by, version.saved_at) for version in rows] == [
        (1, world.analyst, NOON),
        (2, other, LATER),
    ]
    assert "For tests" in rows[0].spec
    assert "For others" in rows[1].spec
    assert AuditEntry.objects.order_by("-pk")[0].detail == {"version": 2}


def test_the_same_text_again_is_no_version(world):
    freeze(world, SPEC)
    save(world, SPEC, 1)
    assert SpecVersion.objects.count() == 1


def test_of_two_who_change_a_version_the_second_is_told_and_nothing_of_theirs_is_saved(world):
    freeze(world, SPEC)
    other = make_person(Role.ANALYST, name="other")
    save(world, SPEC.replace("For tests", "For others"), 1, by=other)
    mine = SPEC.replace("For tests", "For me")
    with pytest.raises(ConcurrentChange, match="other saved version 2 since you opened version 1"):
        save(world, mine, 1)
    with pytest.raises(ConcurrentChange):
        freeze(world, mine, seen=1)
    assert "For others" in latest_version(overview_for("small")).spec
    save(world, mine, 2)
    assert latest_version(overview_for("small")).number == 3


def test_freezing_an_older_text_than_the_last_is_told_too(world):
    freeze(world, SPEC)
    save(world, SPEC.replace("For tests", "For others"), 1)
    with pytest.raises(ConcurrentChange):
        freeze(world, SPEC, seen=1)
    assert Snapshot.objects.count() == 1


def test_an_overview_keeps_its_name(world):
    freeze(world, SPEC)
    with pytest.raises(SpecError, match="line 1: overview: this is small: its name stays"):
        save(world, SPEC.replace("overview: small", "overview: large"), 1)


def test_the_history_tells_what_was_frozen_of_which_version_and_what_changed(world):
    freeze(world, SPEC)
    save(world, SPEC.replace("For tests", "For others"), 1)
    source = SPEC.replace("select: {collection: small}", "select: {reviews: [S1]}")
    freeze(world, source, now=LATER)
    history = overview_history("small", world.analyst)
    assert [row.number for row in history.versions] == [3, 2, 1]
    snapshots = [(row.snapshot.number, row.version, row.change) for row in history.snapshots]
    assert snapshots == [(2, 3, "1 fewer"), (1, 1, "the first")]
    assert [row.snapshot.reviews for row in history.snapshots] == [1, 2]


def test_how_far_an_overview_is_is_said_in_words(world):
    pipeline.begin_overview(
        by=world.analyst, source=SPEC, new=NewOverview("other", "Other"), now=NOON
    )
    freeze(world, SPEC)
    assert [(row.overview.slug, row.in_words) for row in overview_states(world.analyst)] == [
        ("other", "Draft, not frozen yet"),
        ("small", "As frozen in snapshot 1"),
    ]
    save(world, SPEC.replace("For tests", "For others"), 1)
    assert overview_state("small", world.analyst).in_words == "Draft, changed since snapshot 1"


def test_only_analysts_see_and_make_versions(world):
    freeze(world, SPEC)
    for person in (world.editor, make_person(Role.CODER), make_person(Role.READER)):
        with pytest.raises(NotPermitted):
            save(world, SPEC, 1, by=person)
        with pytest.raises(NotPermitted):
            preview(world, by=person)
        for query in (overview_history, overview_state):
            with pytest.raises(NotPermitted):
                query("small", person)
        with pytest.raises(NotPermitted):
            compared_version("small", 1, person)


def test_only_analysts_and_editors_see_how_far_overviews_are(world):
    freeze(world, SPEC)
    assert [row.overview.slug for row in overview_states(world.editor)] == ["small"]
    for role in (Role.CODER, Role.READER, Role.CATALOGUER, Role.ADMINISTRATOR):
        with pytest.raises(NotPermitted):
            overview_states(make_person(role))


# ---- beginning ----


def test_an_overview_that_is_begun_with_another_cannot_be_published_before_somebody_decides(world):
    beginning = NewOverview("copy", "A copy")
    pipeline.begin_overview(by=world.analyst, source=SPEC, new=beginning, now=NOON)
    spec = latest_version(overview_for("copy")).spec
    snapshot = freeze(world, spec)
    (reason,) = publishing_obstacles(snapshot, release_of(snapshot, "open"), NOON)
    assert reason.message.startswith(
        "the profile open is only proposed: record who decided, why and when"
    )
    assert "waymark overview decide copy" in reason.message
    text = " ".join(method_paragraphs(release_of(snapshot, "open")))
    assert "The profile is only proposed: nobody has decided on it yet." in text


def test_a_name_that_is_taken_is_refused(world):
    freeze(world, SPEC)
    with pytest.raises(RuleError, match="there is an overview small already"):
        pipeline.begin_overview(
            by=world.analyst, source=SPEC, new=NewOverview("small", "Small"), now=NOON
        )


# ---- the preview ----


@pytest.mark.parametrize("spec", [SPEC, ASKING], ids=["collection", "query"])
def test_the_preview_is_what_freezing_and_rendering_would_give(world, spec):
    before = preview(world, spec)
    assert not Snapshot.objects.exists()
    assert not Overview.objects.exists()
    release = release_of(freeze(world, spec), "open")
    assert [table.table for table in before.release.tables] == [
        table.table for table in release.tables
    ]
    assert before.release.figures == release.figures
    assert before.release.measured == release.measured


def test_the_preview_of_one_table_is_the_same_table(world):
    whole, single = preview(world), preview(world, table="T3")
    assert [table.table.id for table in single.release.tables] == ["T3"]
    assert single.release.table("T3").table == whole.release.table("T3").table
    assert preview(world, table="T99").table == "T1"


def test_a_table_whose_lead_names_another_is_counted_with_it(world):
    lead = "title: Sex\n    intro: Of {T2/all/n} reviews."
    previewed = preview(world, SPEC.replace("title: Sex", lead, 1), "T3")
    assert {table.table.id for table in previewed.release.tables} == {"T2", "T3"}


def test_the_preview_follows_every_change_that_was_recorded(world):
    assert preview(world).reviews == 2
    set_report_state(by=None, report=world.second, state=State.EXPIRED, now=NOON)
    assert preview(world).reviews == 1


def test_what_nobody_has_read_cannot_be_previewed(world):
    spec = SPEC.replace("{collection: small}", "{reviews: [S3]}")
    with pytest.raises(RuleError, match="none of its reviews has been read and coded"):
        preview(world, spec)


def test_the_texts_of_a_folder_are_saved_together_or_not_at_all(world, tmp_path):
    overview, texts = freeze(world, SPEC).overview, tmp_path / "texts"
    texts.mkdir()
    (texts / "introduction.md").write_text("Words.\n")
    (texts / "nonsense.md").write_text("Words.\n")
    with pytest.raises(RuleError, match=r"has no text nonsense: it has .*introduction"):
        pipeline.save_texts(by=world.analyst, overview=overview, folder=texts, now=NOON)
    assert not ReportVersion.objects.exists()
    (texts / "nonsense.md").unlink()
    (saved,) = pipeline.save_texts(by=world.analyst, overview=overview, folder=texts, now=NOON)
    assert saved.slot == "introduction"


def test_facts_leave_the_filters_of_find_when_an_overview_begins_to_protect_them(world):
    freeze(world, spec=SPEC)
    assert unindexed_records().count() == 0
    protecting = SPEC.replace("profile: open", "profile: k5")
    freeze(world, spec=protecting.replace("kind: crosstab", "kind: crosstab\n    process: true"))
    assert set(unindexed_records().values_list("review__reference", flat=True)) == {"S1", "S2"}
