"""Bulk changes: planned, made record by record with all rules, and undone unless changed since."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import NOON, make_person, make_report, make_review
from waymark import pipeline
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents.models import HiddenText, Report, Review
from waymark.library.models import (
    BulkAction,
    BulkChange,
    BulkKind,
    Concept,
    Concern,
    Resource,
    ResourceKind,
)
from waymark.library.services import (
    catalogue_resource,
    catalogue_review,
    change_resource,
    change_subjects,
)
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.bulk_changes import (
    BulkRequest,
    PlannedChange,
    apply_bulk_change,
    changing,
    plan_bulk_change,
    plan_bulk_undo,
    planning,
    undo_bulk_change,
)

pytestmark = pytest.mark.django_db
LATER = NOON.replace(hour=13)
EVENING = NOON.replace(hour=18)
PUBLISH = BulkRequest(BulkKind.REVIEW, BulkAction.PUBLISH)
INTERNAL = BulkRequest(BulkKind.REVIEW, BulkAction.INTERNAL)
LINES = [PlannedChange(name, "", "0") for name in ("A1", "A2", "A3")]


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR)


def checked(reference, state=State.INTERNAL, *, report_state=None):
    """A catalogued review with a report that is ready to be published."""
    review = make_review(reference, state=state, nation="England", published_on=NOON.date())
    report = make_report(review, "Words.", state=report_state or state)
    Report.objects.filter(pk=report.pk).update(
        hidden_text_checked_at=NOON, anonymity_checked_at=NOON
    )
    record = catalogue_review(by=None, review=review, now=NOON)
    record.subjects.add(Concept.objects.get_or_create(key="care")[0])
    return review


def hide_words(review):
    report = review.reports.get()
    HiddenText.objects.create(report=report, kind="comment", page=1, words="Late.", cause="x")


def plan(editor, request, *names):
    return plan_bulk_change(by=editor, request=request, names=names, now=NOON)


def change(editor, request, lines, key="one"):
    versions = {line.name: line.version for line in lines}
    return apply_bulk_change(by=editor, key=key, request=request, versions=versions, now=NOON)


def states(*references):
    """State of each review, and those of its reports."""
    return {
        review.reference: (review.state, *review.reports.values_list("state", flat=True))
        for review in Review.objects.filter(reference__in=references)
    }


def outcomes(done):
    return {item.name: item.outcome for item in done.items.all()}


def test_a_plan_says_what_would_change_and_what_is_refused_and_changes_nothing(editor):
    checked("A1")
    hide_words(checked("A2"))
    checked("A3", State.PUBLISHED)
    checked("A4", State.WITHDRAWN)
    make_review("A5", state=State.INTERNAL)
    before = AuditEntry.objects.count()
    lines = {line.name: line for line in plan(editor, PUBLISH, "A1", "A2", "A3", "A4", "A5", "X")}
    assert lines["A1"].effect == "Internal becomes Published; 1 report published with it"
    assert lines["A1"].refused == ""
    assert "hidden text" in lines["A2"].refused
    assert (lines["A3"].effect, lines["A3"].refused) == ("", "")
    assert lines["A4"].refused == "it is withdrawn: restore it on its own page"
    assert lines["A5"].refused == "it has no report to publish: add one first"
    assert "X" not in lines
    assert AuditEntry.objects.count() == before


def test_a_refused_record_never_stops_the_others(editor):
    checked("A1")
    hide_words(checked("A2"))
    checked("A3")
    done = change(editor, PUBLISH, plan(editor, PUBLISH, "A1", "A2", "A3"))
    assert outcomes(done) == {"A1": "changed", "A2": "refused", "A3": "changed"}
    assert "hidden text" in done.items.get(name="A2").note
    assert states("A1", "A2", "A3") == {
        "A1": ("published", "published"),
        "A2": ("internal", "internal"),
        "A3": ("published", "published"),
    }


def test_a_review_that_is_not_catalogued_is_published_on_its_own_page_alone(editor):
    checked("A1"), checked("A2")
    Review.objects.get(reference="A1").record.subjects.clear()
    lines = plan(editor, PUBLISH, "A1", "A2")
    assert "the record of A1 has no subject: catalogue it first" in lines[0].refused
    assert lines[1].refused == ""
    done = change(editor, PUBLISH, lines)
    assert outcomes(done) == {"A1": "refused", "A2": "changed"}
    assert "on its own page" in done.items.get(name="A1").note
    assert states("A1") == {"A1": ("internal", "internal")}


def test_the_plan_and_the_change_refuse_the_same_records(editor):
    checked("A1")
    hide_words(checked("A2"))
    checked("A3", State.WITHDRAWN)
    make_review("A4", state=State.INTERNAL)
    hide_words(checked("A5", State.PUBLISHED, report_state=State.INTERNAL))
    for request in (PUBLISH, INTERNAL):
        lines = plan(editor, request, "A1", "A2", "A3", "A4", "A5")
        done = change(editor, request, lines, key=request.action)
        assert outcomes(done) == {line.name: line.outcome for line in lines}


def test_a_record_that_was_changed_after_the_preview_is_left(editor):
    first, second = checked("A1"), checked("A2")
    lines = plan(editor, PUBLISH, "A1", "A2")
    pipeline.change_state(by=editor, item=first, state=State.IN_CHECK, now=NOON)
    done = change(editor, PUBLISH, lines)
    assert outcomes(done) == {"A1": "overtaken", "A2": "changed"}
    assert states("A1") == {"A1": ("in_check", "internal")}
    assert second.reports.get().state == State.PUBLISHED


def test_each_record_has_its_entry_in_the_audit_log_and_the_batch_one(editor):
    checked("A1")
    checked("A2")
    before = AuditEntry.objects.count()
    change(editor, INTERNAL, plan(editor, INTERNAL, "A1", "A2"))
    lines = plan(editor, PUBLISH, "A1", "A2")
    change(editor, PUBLISH, lines, key="two")
    entries = list(AuditEntry.objects.filter(pk__gt=before).values_list("action", "subject"))
    assert entries.count(("bulk change", "bulk change two")) == 1
    for reference in ("A1", "A2"):
        assert entries.count(("set state", f"review {reference}")) == 1
    assert broken_links() == []


def test_the_same_confirmation_twice_changes_nothing_more(editor):
    checked("A1")
    lines = plan(editor, PUBLISH, "A1")
    change(editor, PUBLISH, lines)
    entries = AuditEntry.objects.count()
    again = change(editor, PUBLISH, lines)
    assert BulkChange.objects.count() == 1
    assert outcomes(again) == {"A1": "changed"}
    assert AuditEntry.objects.count() == entries


def test_the_same_confirmation_goes_on_where_a_killed_run_stopped(editor):
    for name in ("A1", "A2"):
        checked(name)
    lines = plan(editor, PUBLISH, "A1", "A2")
    change(editor, PUBLISH, lines[:1])  # killed after the first
    again = change(editor, PUBLISH, lines)
    assert outcomes(again) == {"A1": "changed", "A2": "changed"}
    assert AuditEntry.objects.filter(action="bulk change").count() == 1


def test_the_same_confirmation_does_nothing_once_the_change_is_undone(editor):
    for name in ("A1", "A2"):
        checked(name)
    lines = plan(editor, PUBLISH, "A1", "A2")
    change(editor, PUBLISH, lines[:1])
    undo_bulk_change(by=editor, key="one", now=LATER)
    change(editor, PUBLISH, lines)
    assert set(states("A1", "A2").values()) == {("internal", "internal")}


def test_undoing_gives_each_record_back_what_it_had(editor):
    checked("A1", State.RECEIVED)
    checked("A2", State.IN_CHECK, report_state=State.RECEIVED)
    before = states("A1", "A2")
    change(editor, PUBLISH, plan(editor, PUBLISH, "A1", "A2"))
    assert states("A1", "A2") != before
    done = undo_bulk_change(by=editor, key="one", now=LATER)
    assert states("A1", "A2") == before
    assert set(done.items.values_list("undo", flat=True)) == {"restored"}
    assert AuditEntry.objects.get(action="undo bulk change").detail == {"restored": 2, "left": 0}
    with pytest.raises(RuleError, match="already been undone"):
        undo_bulk_change(by=editor, key="one", now=EVENING)


def test_undoing_leaves_what_was_changed_since_and_says_so(editor):
    first, second = checked("A1"), checked("A2")
    checked("A3")
    change(editor, PUBLISH, plan(editor, PUBLISH, "A1", "A2", "A3"))
    pipeline.change_state(
        by=editor, item=first, state=State.EMBARGOED, now=LATER, public_from=EVENING
    )
    for state in (State.INTERNAL, State.PUBLISHED):
        pipeline.change_state(by=editor, item=second, state=state, now=LATER)
    done = undo_bulk_change(by=editor, key="one", now=EVENING)
    undone = {item.name: (item.undo, item.undo_note) for item in done.items.all()}
    since = ("left", "it has been changed since")
    assert undone == {"A1": since, "A2": since, "A3": ("restored", "")}
    assert states("A1", "A2", "A3") == {
        "A1": ("embargoed", "published"),
        "A2": ("published", "published"),
        "A3": ("internal", "internal"),
    }


def test_undoing_never_publishes_what_may_not_be_published(editor):
    review = checked("A1", State.PUBLISHED)
    change(editor, INTERNAL, plan(editor, INTERNAL, "A1"))
    hide_words(review)
    done = undo_bulk_change(by=editor, key="one", now=LATER)
    item = done.items.get()
    assert item.undo == "left"
    assert "hidden text" in item.undo_note
    assert states("A1") == {"A1": ("internal", "published")}


def test_subjects_are_added_removed_and_given_back(editor):
    concepts = [Concept.objects.create(key=key) for key in ("neglect", "sleep", "old")]
    Concept.objects.filter(key="old").update(ended=True)
    review = checked("A1")
    review.record.subjects.clear()
    resource = Resource.objects.create(
        key="b1", kind=ResourceKind.GUIDANCE, title="Guidance", added_at=NOON
    )
    make_review("A2")
    change_subjects(by=None, record=review.record, add=["neglect"], now=NOON)
    add = BulkRequest(BulkKind.REVIEW, BulkAction.ADD_SUBJECTS, ("neglect", "sleep"))
    lines = {line.name: line for line in plan(editor, add, "A1", "A2")}
    assert lines["A1"].effect == "1 subject added"
    assert "not in the catalogue yet" in lines["A2"].refused
    change(editor, add, lines.values())
    assert set(review.record.subjects.all()) == set(concepts[:2])
    undo_bulk_change(by=editor, key="one", now=LATER)
    assert set(review.record.subjects.all()) == {concepts[0]}
    remove = BulkRequest(BulkKind.REVIEW, BulkAction.REMOVE_SUBJECTS, ("neglect",))
    change(editor, remove, plan(editor, remove, "A1"), key="two")
    assert not review.record.subjects.exists()
    retired = BulkRequest(BulkKind.REVIEW, BulkAction.ADD_SUBJECTS, ("old",))
    done = change(editor, retired, plan(editor, retired, "A1"), key="three")
    assert "no longer in use" in done.items.get().note
    assert resource.state == State.RECEIVED


def test_resources_are_published_and_made_internal_again(editor):
    Resource.objects.create(key="b1", kind=ResourceKind.GUIDANCE, title="Guidance", added_at=NOON)
    request = BulkRequest(BulkKind.RESOURCE, BulkAction.PUBLISH)
    lines = plan(editor, request, "b1")
    assert [line.effect for line in lines] == ["Received becomes Published"]
    change(editor, request, lines)
    assert Resource.objects.get().state == State.PUBLISHED
    undo_bulk_change(by=editor, key="one", now=LATER)
    assert Resource.objects.get().state == State.RECEIVED


def test_a_change_has_a_limit_and_no_way_to_withdraw(editor, monkeypatch):
    monkeypatch.setattr(planning, "MOST_RECORDS", 2)
    with pytest.raises(RuleError, match="3 records are too many"):
        plan(editor, PUBLISH, "A1", "A2", "A3")
    with pytest.raises(RuleError, match="at most 2"):
        change(editor, PUBLISH, LINES)
    assert not {"withdraw", "withdrawn", "expired"} & set(BulkAction.values)


def test_a_change_of_many_records_is_made_in_parts(editor, monkeypatch):
    monkeypatch.setattr(changing, "AT_ONCE", 2)
    names = [f"A{number}" for number in range(5)]
    for name in names:
        checked(name)
    done = change(editor, INTERNAL, plan(editor, INTERNAL, *names))
    assert set(outcomes(done)) == set(names)
    done = change(editor, PUBLISH, plan(editor, PUBLISH, *names), key="two")
    assert set(outcomes(done).values()) == {"changed"}
    undo_bulk_change(by=editor, key="two", now=LATER)
    assert set(states(*names).values()) == {("internal", "internal")}


def test_only_those_who_catalogue_may_change_in_bulk(editor):
    for role in (Role.READER, Role.CODER, Role.ANALYST):
        person = make_person(role)
        with pytest.raises(NotPermitted):
            plan(person, PUBLISH, "A1")
        with pytest.raises(NotPermitted):
            change(person, PUBLISH, LINES)
        with pytest.raises(NotPermitted):
            undo_bulk_change(by=person, key="one", now=LATER)
    assert not BulkChange.objects.exists()


def report_concern(item_kind, item_key):
    return Concern.objects.create(
        reference=f"C-{item_key}",
        page="/",
        kind="identifying",
        text="A name.",
        item_kind=item_kind,
        item_key=item_key,
        received_at=NOON,
    )


def test_undoing_leaves_a_record_with_an_undecided_concern_and_its_preview_names_it(editor):
    first, second = checked("A1", State.PUBLISHED), checked("A2", State.PUBLISHED)
    checked("A3", State.PUBLISHED)
    change(editor, INTERNAL, plan(editor, INTERNAL, "A1", "A2", "A3"))
    concern = report_concern("review", "A1")
    report_concern("review", "A3")
    Concern.objects.filter(item_key="A3").update(decided_at=NOON, decision="no_change")
    assert concern.hidden_at is None
    lines = {line.name: line for line in plan_bulk_undo(by=editor, key="one", now=LATER)}
    why = "nobody has decided on the concern C-A1 about it: decide on it first"
    assert {name: line.left for name, line in lines.items()} == {"A1": why, "A2": "", "A3": ""}
    assert lines["A1"].title == first.title
    assert set(states("A1", "A2", "A3").values()) == {("internal", "published")}
    done = undo_bulk_change(by=editor, key="one", now=LATER)
    assert {item.name: item.undo_note for item in done.items.all()} == {
        "A1": why,
        "A2": "",
        "A3": "",
    }
    assert states("A1", "A2") == {
        "A1": ("internal", "published"),
        "A2": ("published", "published"),
    }
    assert second.audit_subject() == "review A2"


def test_undoing_that_publishes_nothing_asks_about_no_concern(editor):
    checked("A1")
    change(editor, PUBLISH, plan(editor, PUBLISH, "A1"))
    report_concern("review", "A1")
    assert [line.left for line in plan_bulk_undo(by=editor, key="one", now=LATER)] == [""]
    undo_bulk_change(by=editor, key="one", now=LATER)
    assert states("A1") == {"A1": ("internal", "internal")}


def test_the_preview_of_an_undo_and_the_undo_leave_the_same_records(editor):
    for number in range(1, 5):
        checked(f"A{number}", State.PUBLISHED)
    change(editor, INTERNAL, plan(editor, INTERNAL, "A1", "A2", "A3", "A4"))
    hide_words(Review.objects.get(reference="A1"))
    Report.objects.filter(review__reference="A1").update(state=State.INTERNAL)
    Review.objects.filter(reference="A2").update(title="Anna Bell, born 3 May 2019")
    pipeline.change_state(
        by=editor, item=Review.objects.get(reference="A3"), state=State.IN_CHECK, now=LATER
    )
    lines = plan_bulk_undo(by=editor, key="one", now=LATER)
    done = undo_bulk_change(by=editor, key="one", now=LATER)
    assert {line.name: line.left for line in lines} == {
        item.name: item.undo_note for item in done.items.all()
    }
    assert {line.name for line in lines if line.left} == {"A1", "A2", "A3"}
    with pytest.raises(RuleError, match="already been undone"):
        plan_bulk_undo(by=editor, key="one", now=LATER)


def queries_of(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_plans_ask_as_many_queries_for_twenty_records_as_for_two(editor):
    def publishing():
        plan(editor, PUBLISH, *names)

    names = [f"A{number}" for number in range(1, 21)]
    checked("A1")
    hide_words(checked("A2"))
    publishing()
    few = queries_of(publishing)
    for number in range(3, 21, 2):
        checked(f"A{number}")
        hide_words(checked(f"A{number + 1}"))
    assert queries_of(publishing) == few


def test_the_plan_of_an_undo_asks_as_many_queries_for_twenty_records_as_for_two(editor):
    numbers = []
    for key, size in (("two", 2), ("twenty", 20)):
        names = [f"{key}{number}" for number in range(size)]
        for name in names:
            checked(name, State.PUBLISHED)
        change(editor, INTERNAL, plan(editor, INTERNAL, *names), key=key)
        numbers.append(queries_of(lambda key=key: plan_bulk_undo(by=editor, key=key, now=LATER)))
    assert numbers[0] == numbers[1]


# ---- a field of resources ----


def described(key, **values):
    resource = Resource.objects.create(
        key=key, title=f"Work {key}", kind=ResourceKind.GUIDANCE, added_at=NOON, **values
    )
    catalogue_resource(by=None, resource=resource, now=NOON)
    return resource


def setting(field, value):
    return BulkRequest(BulkKind.RESOURCE, BulkAction.SET_FIELD, field=field, value=value)


def test_a_field_of_many_resources_gets_one_value_and_each_gets_its_own_back(editor):
    described("r1", publisher="A Press", summary="Words.")
    described("r2")
    described("r3", publisher="The Press")
    request = setting("publisher", " The  Press ")
    lines = plan(editor, request, "r1", "r2", "r3")
    assert [line.effect for line in lines] == [
        "Publisher “A Press” becomes “The Press”",
        "Publisher becomes “The Press”",
        "",
    ]
    done = change(editor, request, lines)
    assert outcomes(done) == {"r1": "changed", "r2": "changed", "r3": "same"}
    assert set(Resource.objects.values_list("publisher", flat=True)) == {"The Press"}
    undo_bulk_change(by=editor, key="one", now=LATER)
    rows = dict(Resource.objects.values_list("key", "publisher"))
    assert rows == {"r1": "A Press", "r2": "", "r3": "The Press"}
    assert Resource.objects.get(key="r1").summary == "Words."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("publisher", "A Press"),
        ("nation", "Wales"),
        ("language", "cy"),
        ("licence", "OGL-UK-3.0"),
        ("rights_holder", "A Press"),
        ("audience", "health visitors"),
    ],
)
def test_each_field_that_is_offered_can_be_changed(editor, field, value):
    described("r1")
    change(editor, setting(field, value), plan(editor, setting(field, value), "r1"))
    assert getattr(Resource.objects.get(), field) == value


def test_a_field_can_be_removed_and_a_value_with_a_fault_is_refused(editor):
    described("r1", audience="nurses")
    (line,) = plan(editor, setting("audience", ""), "r1")
    assert line.effect == "Audience “nurses” is removed"
    (line,) = plan(editor, setting("language", "Welsh tongue"), "r1")
    assert line.refused
    done = change(editor, setting("language", "Welsh tongue"), [line])
    assert outcomes(done) == {"r1": "refused"}
    assert Resource.objects.get().language == "en"


def test_a_resource_whose_field_was_changed_since_is_left_by_the_undo(editor):
    for key in ("r1", "r2", "r3"):
        described(key, nation="England")
    request = setting("nation", "Wales")
    change(editor, request, plan(editor, request, "r1", "r2", "r3"))
    for key, field, value in (
        ("r1", "nation", "Scotland"),
        ("r2", "audience", "nurses"),
        ("r3", "nation", "England"),
        ("r3", "nation", "Wales"),
    ):
        resource = Resource.objects.get(key=key)
        description = replace(description_of(resource), **{field: value})
        change_resource(by=editor, resource=resource, description=description, now=LATER)
    left = {line.name: line.left for line in plan_bulk_undo(by=editor, key="one", now=EVENING)}
    since = "it has been changed since"
    assert left == {"r1": since, "r2": "", "r3": since}
    undo_bulk_change(by=editor, key="one", now=EVENING)
    rows = dict(Resource.objects.values_list("key", "nation"))
    assert rows == {"r1": "Scotland", "r2": "England", "r3": "Wales"}
    assert Resource.objects.get(key="r2").audience == "nurses"


def test_fields_of_reviews_and_other_fields_and_answers_are_not_changed_together(editor):
    checked("A1")
    with pytest.raises(RuleError, match="only fields of resources"):
        plan(editor, BulkRequest(BulkKind.REVIEW, BulkAction.SET_FIELD, field="nation"), "A1")
    with pytest.raises(RuleError, match="choose the field"):
        plan(editor, setting("title", "All the same"), "r1")
    described("r1")
    Resource.objects.update(kind=ResourceKind.ANSWER)
    (line,) = plan(editor, setting("nation", "Wales"), "r1")
    assert line.refused == "it is described by its answer: change that"
