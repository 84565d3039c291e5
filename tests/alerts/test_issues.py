"""Issues: drafted, approved, corrected; what became public is in exactly one of each list."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.alerts.rows import CHECKLIST, TEXT, approve, item_of, public_record
from tests.factories import NOON, make_person
from waymark.accounts.models import Role, State
from waymark.alerts.models import AlertIssue, AlertList, IssueItem, ListSchedule
from waymark.alerts.queries.issues import (
    archived_issue,
    archived_issues,
    drafts_due,
    issue_mark,
    items_to_show,
    new_records,
    topic_items,
)
from waymark.alerts.services.corrections import correct_item, withdraw_item
from waymark.alerts.services.issues import (
    add_item,
    approve_by_rule,
    approve_issue,
    change_issue,
    change_item,
    discard_draft,
    group_items,
    move_item,
    open_draft,
    remove_item,
    store_draft,
)
from waymark.alerts.services.schedules import change_schedule, start_lists
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.documents import services as documents
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.services import add_resource, mark_changed, set_resource_state

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@pytest.fixture
def lists():
    start_lists(by=None, now=NOON - DAY)


@pytest.fixture
def weekly(lists) -> AlertIssue:
    draft = open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON)
    add_item(by=None, issue=draft, text=TEXT, now=NOON)
    return draft


def new(alert_list=AlertList.LIBRARY, now=NOON) -> set[int]:
    return set(new_records(alert_list, now).values_list("pk", flat=True))


def build(alert_list, *records, now=NOON) -> AlertIssue:
    draft = store_draft(
        by=None, alert_list=alert_list, items=[item_of(record) for record in records], now=now
    )
    assert draft is not None
    return draft


# ---- completeness ----


def test_what_was_public_before_a_list_began_belongs_to_no_issue():
    old = public_record("R1", at=NOON - DAY)
    start_lists(by=None, now=NOON)
    young = public_record("R2", at=NOON + DAY)
    assert new(now=NOON + DAY) == {young.pk}
    assert old.pk not in new(now=NOON + DAY)


def test_a_record_is_new_until_an_approved_issue_has_it(lists):
    record = public_record("R1")
    draft = build(AlertList.LIBRARY, record)
    assert new() == {record.pk}
    approve(draft)
    assert new() == set()


def test_a_record_published_late_is_in_the_next_issue(lists):
    first = public_record("R1")
    late = public_record("R2", state=State.INTERNAL)
    approve(build(AlertList.LIBRARY, first))
    documents.set_review_state(by=None, review=late.review, state=State.PUBLISHED, now=NOON + WEEK)
    mark_changed(reviews=[late.review], now=NOON + WEEK)
    assert new(now=NOON + WEEK) == {late.pk}


def test_the_end_of_an_embargo_that_was_noted_late_loses_no_record(lists):
    first = public_record("R1", at=NOON + DAY)
    closed = public_record("R2", state=State.INTERNAL)
    documents.set_review_state(
        by=None, review=closed.review, state=State.EMBARGOED, public_from=NOON, now=NOON - DAY
    )
    approve(build(AlertList.LIBRARY, first, now=NOON + DAY), now=NOON + DAY)
    # It opened before the issue, and the worker notes it after that.
    type(closed).objects.filter(pk=closed.pk).update(available_at=NOON)
    assert new(now=NOON + WEEK) == {closed.pk}


def test_a_record_withdrawn_before_approval_is_left_out_and_new_again_if_it_returns(lists):
    stays, goes = public_record("R1"), public_record("R2")
    draft = build(AlertList.LIBRARY, stays, goes)
    documents.set_review_state(by=None, review=goes.review, state=State.WITHDRAWN, now=NOON)
    issue = approve(draft)
    assert [item.record_id for item in issue.items.all()] == [stays.pk]
    assert new() == set()
    documents.set_review_state(by=None, review=goes.review, state=State.PUBLISHED, now=NOON + DAY)
    assert new(now=NOON + DAY) == {goes.pk}


def test_a_record_is_in_one_issue_of_a_list_and_in_one_of_each_other_list(lists):
    record = public_record("R1")
    approve(build(AlertList.LIBRARY, record))
    again = build(AlertList.REVIEWS, record)
    assert again.items.count() == 1
    second = open_draft(by=None, alert_list=AlertList.LIBRARY, now=NOON + WEEK)
    store_draft(by=None, alert_list=AlertList.LIBRARY, items=[item_of(record)], now=NOON + WEEK)
    assert second.items.count() == 0


def test_a_record_followed_by_two_topics_is_two_items(lists):
    record = public_record("R1")
    draft = store_draft(
        by=None,
        alert_list=AlertList.TOPICS,
        items=[item_of(record, "topic neglect"), item_of(record, "topic infants")],
        now=NOON,
    )
    assert draft.items.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        IssueItem.objects.create(
            issue=draft, position=3, followed="topic neglect", record=record, heading="x"
        )


def test_the_case_reviews_update_has_reviews_alone(lists):
    resource = add_resource(
        by=None,
        key="guide",
        description=ResourceDescription(kind="guidance", title="A guide", summary="x"),
        now=NOON,
    )
    set_resource_state(by=None, resource=resource, state=State.PUBLISHED, now=NOON)
    mark_changed(resources=[resource], now=NOON)
    review = public_record("R1")
    assert len(new(AlertList.LIBRARY)) == 2
    assert new(AlertList.REVIEWS) == {review.pk}


def test_building_again_keeps_what_people_added_and_changed(lists):
    first, second = public_record("R1"), public_record("R2")
    draft = build(AlertList.LIBRARY, first)
    item = draft.items.get()
    change_item(by=None, item=item, text=TEXT, now=NOON)
    build(AlertList.LIBRARY, first, second, now=NOON + DAY)
    headings = {row.record_id: row.heading for row in draft.items.all()}
    assert headings == {first.pk: TEXT.heading, second.pk: f"Record {second.pk}"}


def test_a_list_of_every_new_record_lets_none_be_removed(lists):
    draft = build(AlertList.LIBRARY, public_record("R1"))
    with pytest.raises(RuleError, match="every new record"):
        remove_item(by=None, item=draft.items.get(), now=NOON)


def test_nothing_new_makes_no_draft(lists):
    assert store_draft(by=None, alert_list=AlertList.LIBRARY, items=[], now=NOON) is None
    assert not AlertIssue.objects.exists()


# ---- approval ----


def test_a_list_has_one_draft(weekly):
    assert open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON + DAY) == weekly
    with pytest.raises(IntegrityError), transaction.atomic():
        AlertIssue.objects.create(
            alert_list="weekly", number=9, title="x", first_day=NOON, last_day=NOON, created_at=NOON
        )


def test_an_issue_covers_the_days_since_the_one_before(weekly):
    approve(weekly)
    draft = open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON + WEEK)
    assert (draft.number, draft.title) == (2, "Weekly alert: 5 to 11 May 2026")


def test_an_empty_issue_cannot_be_approved(lists):
    draft = open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON)
    with pytest.raises(RuleError, match="without items"):
        approve(draft)


def test_an_issue_whose_only_item_was_withdrawn_cannot_be_approved(lists):
    record = public_record("R1")
    draft = build(AlertList.LIBRARY, record)
    documents.set_review_state(by=None, review=record.review, state=State.WITHDRAWN, now=NOON)
    with pytest.raises(RuleError, match="without items"):
        approve(draft)
    assert not approve_by_rule(issue=draft, now=NOON)


def test_each_point_of_the_checklist_is_confirmed(weekly):
    with pytest.raises(RuleError, match="1 not confirmed"):
        approve_issue(
            by=None, issue=weekly, checklist=CHECKLIST[1:], seen=issue_mark(weekly), now=NOON
        )


def test_what_was_changed_since_it_was_read_is_not_approved(weekly):
    seen = issue_mark(weekly)
    change_issue(by=None, issue=weekly, title="Another", introduction="", now=NOON)
    with pytest.raises(ConcurrentChange):
        approve_issue(by=None, issue=weekly, checklist=CHECKLIST, seen=seen, now=NOON)


def test_an_editor_approves_and_a_cataloguer_does_not(weekly):
    with pytest.raises(NotPermitted):
        approve(weekly, by=make_person(Role.CATALOGUER))
    editor = make_person(Role.EDITOR)
    issue = approve(weekly, by=editor)
    assert (issue.approved_by, issue.approved_at, issue.checklist) == (editor, NOON, CHECKLIST)


def test_an_approved_issue_is_fixed(weekly):
    item = weekly.items.get()
    approve(weekly)
    for change in (
        lambda: change_item(by=None, item=item, text=TEXT, now=NOON),
        lambda: add_item(by=None, issue=weekly, text=TEXT, now=NOON),
        lambda: remove_item(by=None, item=item, now=NOON),
        lambda: approve(weekly),
        lambda: discard_draft(by=None, issue=weekly, now=NOON),
    ):
        with pytest.raises(RuleError, match="approved"):
            change()


def test_a_list_approves_itself_if_its_rule_says_so(lists):
    build(AlertList.REVIEWS, public_record("R1"))
    draft = build(AlertList.LIBRARY, public_record("R2"))
    assert approve_by_rule(issue=draft, now=NOON)
    assert not approve_by_rule(issue=AlertIssue.objects.get(alert_list="reviews"), now=NOON)
    draft.refresh_from_db()
    assert (draft.approved_at, draft.approved_by) == (NOON, None)


def test_an_unusually_large_issue_waits_for_a_person(lists, monkeypatch):
    monkeypatch.setattr("waymark.alerts.services.issues.MOST_AUTOMATIC", 1)
    draft = build(AlertList.LIBRARY, public_record("R1"), public_record("R2"))
    assert not approve_by_rule(issue=draft, now=NOON)
    assert draft in drafts_due(make_person(Role.EDITOR), NOON)


def test_the_weekly_alert_is_never_approved_without_a_person(lists):
    with pytest.raises(RuleError, match="a person approves"):
        change_schedule(
            by=None,
            alert_list=AlertList.WEEKLY,
            weekday=0,
            day=None,
            hour=7,
            automatic=True,
            now=NOON,
        )
    assert not ListSchedule.objects.get(alert_list="weekly").automatic


# ---- order ----


def test_items_are_moved_and_grouped(weekly):
    for heading, group in (("B", "Schools"), ("C", "Infants")):
        add_item(
            by=None,
            issue=weekly,
            text=type(TEXT)(heading=heading, summary="x", group=group),
            now=NOON,
        )
    order = lambda: [item.heading for item in weekly.items.all()]  # noqa: E731
    group_items(by=None, issue=weekly, now=NOON)
    assert order() == [TEXT.heading, "C", "B"]
    move_item(by=None, item=weekly.items.last(), up=True, now=NOON)
    assert order() == [TEXT.heading, "B", "C"]
    move_item(by=None, item=weekly.items.first(), up=True, now=NOON)
    assert order() == [TEXT.heading, "B", "C"]


# ---- the archive ----


def test_a_draft_is_in_no_archive(weekly):
    assert not archived_issues("weekly", NOON).exists()
    with pytest.raises(NotFound):
        archived_issue("weekly", 1, NOON)


def test_followed_searches_have_no_archive():
    with pytest.raises(NotFound):
        archived_issues("searches", NOON)


def test_an_item_of_a_withdrawn_record_is_gone_from_the_archive_at_once(lists):
    stays, goes = public_record("R1"), public_record("R2")
    issue = approve(build(AlertList.LIBRARY, stays, goes))
    documents.set_review_state(by=None, review=goes.review, state=State.WITHDRAWN, now=NOON)
    assert [item.record_id for item in items_to_show(issue, NOON)] == [stays.pk]
    assert archived_issue("library", 1, NOON).number_of_items == 1
    documents.set_review_state(by=None, review=stays.review, state=State.WITHDRAWN, now=NOON)
    assert not archived_issues("library", NOON).exists()


def test_a_withdrawn_item_is_gone_and_its_words_stay_for_those_who_received_it(weekly):
    item = weekly.items.get()
    approve(weekly)
    withdraw_item(by=None, item=item, correction="The source withdrew it.", now=NOON + DAY)
    assert items_to_show(weekly, NOON + DAY) == []
    assert topic_items("infants", "Infants", NOON + DAY, most=5) == []
    item.refresh_from_db()
    assert (item.withdrawn_at, item.correction) == (NOON + DAY, "The source withdrew it.")
    with pytest.raises(RuleError, match="already withdrawn"):
        correct_item(by=None, item=item, text=TEXT, correction="x", now=NOON + DAY)


def test_a_correction_needs_its_words(weekly):
    item = weekly.items.get()
    approve(weekly)
    with pytest.raises(RuleError, match="enter a message"):
        correct_item(by=None, item=item, text=TEXT, correction=" ", now=NOON)


def test_a_topic_shows_its_items_of_the_weekly_alert(weekly):
    approve(weekly)
    assert [item.heading for item in topic_items("infants", "Infants", NOON, most=5)] == [
        TEXT.heading
    ]
