"""Issues made of what became public: new records, and what each topic and search finds of them."""

from datetime import timedelta

import pytest

from tests.alerts.rows import approve, public_record
from tests.factories import NOON
from waymark.accounts.models import State
from waymark.alerts.models import AlertIssue, AlertList, ListSchedule, Subscriber, Subscription
from waymark.alerts.queries.issues import new_records
from waymark.alerts.services.issues import open_draft
from waymark.alerts.services.schedules import start_lists
from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.services import (
    add_resource,
    index_changed,
    mark_changed,
    rebuild_index,
    set_resource_state,
)
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.pipeline.alerts.build_alerts import HIGHLIGHT, build_issue
from waymark.pipeline.alerts.build_alerts import JOBS as BUILDING

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def lists():
    start_lists(by=None, now=NOON - DAY)
    rebuild_index(now=NOON - DAY)


def resource(key: str, title: str, kind: str = "guidance", **values):
    made = add_resource(
        by=None,
        key=key,
        description=ResourceDescription(
            kind=kind, title=title, summary="First.\n\nSecond.", **values
        ),
        now=NOON,
    )
    set_resource_state(by=None, resource=made, state=State.PUBLISHED, now=NOON)
    mark_changed(resources=[made], now=NOON)
    return made


def topic(key: str, *words: str) -> None:
    description = TopicDescription(key.capitalize(), "About it.", words, (), (), ())
    add_topic(by=None, key=key, description=description, now=NOON)


def follower(search: str, *, confirmed=True) -> Subscription:
    subscriber = Subscriber.objects.create(
        address=f"{search}@example.org",
        address_key=f"{search}@example.org",
        token=search,
        created_at=NOON,
        confirmed_at=NOON if confirmed else None,
    )
    return Subscription.objects.create(
        subscriber=subscriber,
        alert_list="searches",
        followed=f"search {search}",
        name="A private name",
        search=f"?q={search}",
        started_at=NOON,
    )


def test_new_in_the_library_has_case_reviews_first_and_one_paragraph_each(lists):
    resource("guide", "A guide", publisher="An agency", year=2025)
    public_record("R1")
    built = build_issue(by=None, alert_list=AlertList.LIBRARY, now=NOON)
    items = list(built.issue.items.all())
    assert built.approved
    assert [(item.group, item.heading) for item in items] == [
        ("Case review", "Review R1"),
        ("Guidance", "A guide"),
    ]
    assert (items[1].summary, items[1].source, items[1].dated) == ("First.", "An agency", "2025")
    assert items[0].content_note == "This review describes the death or serious harm of a child."


def test_each_topic_has_what_it_finds_of_what_is_new(lists):
    topic("neglect", "neglect")
    topic("infants", "infants")
    topic("schools", "schools")
    resource("both", "Neglect of infants")
    resource("one", "Neglect in homes")
    index_changed(now=NOON)
    built = build_issue(by=None, alert_list=AlertList.TOPICS, now=NOON)
    rows = built.issue.items.values_list("followed", "group", "heading")
    assert set(rows) == {
        ("topic neglect", "Neglect", "Neglect of infants"),
        ("topic neglect", "Neglect", "Neglect in homes"),
        ("topic infants", "Infants", "Neglect of infants"),
    }
    assert not new_records(AlertList.TOPICS, NOON).exists()


def test_a_record_that_the_index_does_not_know_yet_waits_for_the_next_issue(lists):
    topic("neglect", "neglect")
    resource("one", "Neglect in homes")
    index_changed(now=NOON)
    late = resource("late", "Neglect in flats")
    build_issue(by=None, alert_list=AlertList.TOPICS, now=NOON)
    assert [row.resource for row in new_records(AlertList.TOPICS, NOON)] == [late]


def test_a_search_is_run_if_somebody_confirmed_follows_it_and_keeps_its_name_private(lists):
    follower("homes")
    follower("flats", confirmed=False)
    resource("one", "Neglect in homes")
    resource("two", "Neglect in flats")
    index_changed(now=NOON)
    built = build_issue(by=None, alert_list=AlertList.SEARCHES, now=NOON)
    rows = list(built.issue.items.values_list("followed", "group", "heading"))
    assert rows == [("search homes", "", "Neglect in homes")]


def test_a_case_reviews_update_proposes_a_briefing_that_no_issue_had(lists):
    resource("old", "An old briefing", kind="thematic-briefing")
    public_record("R1")
    first = build_issue(by=None, alert_list=AlertList.REVIEWS, now=NOON)
    build_issue(by=None, alert_list=AlertList.REVIEWS, now=NOON)
    rows = first.issue.items.values_list("group", "heading")
    assert list(rows) == [("Case review", "Review R1"), (HIGHLIGHT, "An old briefing")]
    assert not first.approved
    approve(first.issue)
    public_record("R2")
    second = build_issue(by=None, alert_list=AlertList.REVIEWS, now=NOON + DAY)
    assert [item.heading for item in second.issue.items.all()] == ["Review R2"]


def test_the_worker_makes_an_issue_on_the_day_of_its_list_once(lists):
    public_record("R1")
    due = ListSchedule.objects.get(alert_list="library").next_at
    (job,) = BUILDING
    # Also the other lists whose day has come by then.
    while job.run(lambda: due):
        pass
    issue = AlertIssue.objects.get(alert_list="library")
    assert issue.approved_at == due
    assert ListSchedule.objects.get(alert_list="library").next_at == due + 7 * DAY
    assert not job.run(lambda: due + DAY)


def test_a_list_that_waits_for_the_search_index_stops_no_other_list(lists, monkeypatch):
    def no_index(*_: object, **__: object) -> None:
        raise ServiceUnavailable("the search index is missing")

    topic("neglect", "neglect")
    public_record("R1")
    index_changed(now=NOON)
    monkeypatch.setattr("waymark.pipeline.alerts.build_alerts.found_records", no_index)
    due = ListSchedule.objects.get(alert_list="library").next_at
    ListSchedule.objects.filter(alert_list="topics").update(next_at=NOON)
    (job,) = BUILDING
    while job.run(lambda: due):
        pass
    assert [issue.alert_list for issue in AlertIssue.objects.all()] == ["library"]
    assert ListSchedule.objects.get(alert_list="topics").next_at == NOON


def test_a_week_without_anything_new_has_no_issue(lists):
    due = ListSchedule.objects.get(alert_list="library").next_at
    (job,) = BUILDING
    while job.run(lambda: due):
        pass
    assert not AlertIssue.objects.exists()


def test_the_weekly_alert_is_not_built_by_a_machine(lists):
    with pytest.raises(RuleError, match="people choose"):
        build_issue(by=None, alert_list=AlertList.WEEKLY, now=NOON)
    open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON)
