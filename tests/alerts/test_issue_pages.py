"""Pages of the alerts: inbox, drafts, preview, archive, feeds."""

import re

import feedparser
import html5lib
import pytest
from django.urls import reverse

from tests.alerts.rows import CHECKLIST, TEXT, approve, item_of, public_record
from tests.factories import NOON, make_person
from waymark.accounts.models import Role, State
from waymark.alerts.models import AlertIssue, AlertList, Candidate, FeedSource
from waymark.alerts.services.candidates import Gathered, store_candidates
from waymark.alerts.services.corrections import correct_item
from waymark.alerts.services.corrections import withdraw_item as withdraw
from waymark.alerts.services.issues import add_item, open_draft, store_draft
from waymark.alerts.services.schedules import start_lists
from waymark.documents import services as documents

pytestmark = pytest.mark.django_db
TITLE = "Learning about safer sleep"


@pytest.fixture
def candidate():
    gathered = Gathered(TITLE, summary="A report.", publisher="Agency", topic="Infants")
    store_candidates(by=None, source=None, gathered=[gathered], now=NOON)
    return Candidate.objects.get()


@pytest.fixture
def issue() -> AlertIssue:
    start_lists(by=None, now=NOON)
    draft = open_draft(by=None, alert_list=AlertList.WEEKLY, now=NOON)
    add_item(by=None, issue=draft, text=TEXT, now=NOON)
    return draft


def page(client, name, *args, status=200, **query) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == status
    content = answer.content.decode()
    if status == 200 and "html" in answer["Content-Type"]:
        html5lib.HTMLParser(strict=True).parse(content)
    return " ".join(content.split())


# ---- staff ----


def test_a_weekly_alert_is_gathered_chosen_previewed_and_approved(client, candidate):
    client.force_login(make_person(Role.EDITOR))
    inbox = page(client, "alert-inbox")
    assert TITLE in inbox
    assert "Helps people who work with children" in inbox
    client.post(
        reverse("decide-candidate", args=[candidate.pk]), {"do": "choose", "criterion": "practice"}
    )
    draft = AlertIssue.objects.get()
    assert TITLE in page(client, "edit-alert-issue", draft.pk)
    preview = page(client, "preview-alert", draft.pk)
    assert "A report." in preview
    seen = re.search(r'name="seen" value="(\w+)"', preview)[1]
    address = reverse("preview-alert", args=[draft.pk])
    assert client.post(address, {"seen": seen, "checklist": CHECKLIST[:1]}).status_code == 400
    assert client.post(address, {"seen": "old", "checklist": CHECKLIST}).status_code == 400
    assert client.post(address, {"seen": seen, "checklist": CHECKLIST}).status_code == 302
    assert TITLE in page(client, "alert-issue", "weekly", 1)


def test_a_decision_without_its_criterion_is_refused_with_the_reason(client, candidate):
    client.force_login(make_person(Role.EDITOR))
    address = reverse("decide-candidate", args=[candidate.pk])
    answer = client.post(address, {"do": "leave", "criterion": "practice"}, follow=True)
    assert "Choose the criterion that decides" in answer.content.decode()
    candidate.refresh_from_db()
    assert candidate.decision == ""


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "/staff/", "javascript:x"]
)
def test_a_decision_leads_back_to_the_inbox_and_nowhere_else(client, candidate, back):
    client.force_login(make_person(Role.EDITOR))
    answer = client.post(
        reverse("decide-candidate", args=[candidate.pk]),
        {"do": "leave", "criterion": "off-topic", "back": back},
    )
    assert answer["Location"] == reverse("alert-inbox")


def test_the_email_is_shown_with_its_own_style_and_nothing_else_is_allowed(client, issue):
    client.force_login(make_person(Role.EDITOR))
    answer = client.get(reverse("alert-email", args=[issue.pk]))
    assert TEXT.heading in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "'sha256-" in policy
    assert "unsafe" not in policy


def test_an_item_is_edited_moved_and_removed(client, issue):
    client.force_login(make_person(Role.CATALOGUER))
    item = issue.items.get()
    address = reverse("edit-alert-item", args=[item.pk])
    assert client.post(address, {"do": "save", "heading": "", "summary": ""}).status_code == 400
    sent = {"do": "save", "heading": "New heading", "summary": "One.", "group": "Schools"}
    assert client.post(address, sent).status_code == 302
    item.refresh_from_db()
    assert (item.heading, item.group) == ("New heading", "Schools")
    client.post(address, {"do": "remove"})
    assert not issue.items.exists()


def test_a_cataloguer_edits_and_does_not_approve(client, issue):
    client.force_login(make_person(Role.CATALOGUER))
    assert "Approve and send" not in page(client, "preview-alert", issue.pk)
    address = reverse("preview-alert", args=[issue.pk])
    assert client.post(address, {"seen": "x", "checklist": CHECKLIST}).status_code == 403


def test_the_day_of_a_list_and_its_approval_are_changed(client):
    start_lists(by=None, now=NOON)
    client.force_login(make_person(Role.EDITOR))
    page(client, "edit-alerts")
    client.post(reverse("alert-schedule", args=["library"]), {"day": "m15"})
    assert "Next due on" in page(client, "edit-alerts")
    answer = client.post(reverse("alert-schedule", args=["weekly"]), {"day": "x"}, follow=True)
    assert "Weekly alert was not changed: choose a day of the list." in answer.content.decode()


def test_a_list_of_records_is_drafted_by_a_button(client):
    start_lists(by=None, now=NOON)
    public_record("R1")
    client.force_login(make_person(Role.EDITOR))
    assert "0 records" in page(client, "alert-issues", "reviews")
    answer = client.post(reverse("alert-issues", args=["reviews"]), follow=True)
    assert "Nothing new has become public" in answer.content.decode()


def test_feeds_are_added_by_administrators_alone(client):
    client.force_login(make_person(Role.EDITOR))
    page(client, "alert-feeds", status=403)
    client.force_login(make_person(Role.ADMINISTRATOR))
    address = reverse("alert-feeds")
    assert client.post(address, {"name": "x", "address": "ftp://a.example/"}).status_code == 400
    client.post(address, {"name": "Agency", "address": "https://a.example/feed", "topic": ""})
    source = FeedSource.objects.get()
    FeedSource.objects.update(problem="its server answered 404 Not Found", remedy="Look for it.")
    assert "Its server answered 404 Not Found." in page(client, "alert-feeds")
    client.post(reverse("change-feed", args=[source.pk]), {"do": "remove"})
    assert "No feed is on the list" in page(client, "alert-feeds")


def test_my_work_counts_candidates_drafts_and_feeds(client, candidate):
    start_lists(by=None, now=NOON)
    store_draft(by=None, alert_list="reviews", items=[item_of(public_record("R1"))], now=NOON)
    FeedSource.objects.create(name="x", address="https://a.example/", added_at=NOON, problem="x")
    client.force_login(make_person(Role.EDITOR, Role.ADMINISTRATOR))
    work = page(client, "my-work")
    assert "1 candidate for the Weekly alert" in work
    assert "1 alert to approve" in work
    assert "1 feed that has a problem" in work


# ---- public ----


def test_the_archive_and_its_feed_have_the_same_lasting_issue(client, issue):
    approve(issue)
    assert issue.title in page(client, "alert-archive", "weekly")
    shown = page(client, "alert-issue", "weekly", 1)
    assert '"@type": "PublicationIssue"' in shown
    feed = feedparser.parse(client.get(reverse("alert-feed", args=["weekly"])).content)
    assert feed.bozo == 0
    (entry,) = feed.entries
    assert entry.id == "tag:waymark.localhost,2026:alerts/weekly/1"
    assert entry.link == "http://testserver/alerts/archive/weekly/1/"
    assert TEXT.heading in entry.summary


def test_a_correction_is_shown_and_moves_the_entry_of_the_feed(client, issue):
    approve(issue)
    address = reverse("alert-feed", args=["weekly"])
    before = client.get(address)
    assert client.get(address, headers={"if-none-match": before["ETag"]}).status_code == 304
    later = NOON.replace(day=6)
    correct_item(
        by=None, item=issue.items.get(), text=TEXT, correction="The date was wrong.", now=later
    )
    assert "The date was wrong." in page(client, "alert-issue", "weekly", 1)
    after = client.get(address, headers={"if-none-match": before["ETag"]})
    (entry,) = feedparser.parse(after.content).entries
    assert entry.updated.startswith("2026-05-06")


def test_what_is_withdrawn_is_gone_from_page_feed_and_archive_at_once(client, issue):
    add_item(by=None, issue=issue, text=type(TEXT)(heading="Stays", summary="x"), now=NOON)
    approve(issue)
    withdraw(by=None, item=issue.items.first(), correction="Withdrawn by the source.", now=NOON)
    for name, args in (("alert-issue", ("weekly", 1)), ("alert-feed", ("weekly",))):
        content = page(client, name, *args)
        assert "Stays" in content
        assert TEXT.heading not in content
        assert "Withdrawn by the source." not in content


def test_an_issue_of_withdrawn_records_alone_is_no_page(client):
    start_lists(by=None, now=NOON.replace(day=1))
    record = public_record("R1")
    draft = store_draft(by=None, alert_list="library", items=[item_of(record)], now=NOON)
    approve(draft)
    page(client, "alert-issue", "library", 1)
    documents.set_review_state(by=None, review=record.review, state=State.WITHDRAWN, now=NOON)
    page(client, "alert-issue", "library", 1, status=404)
    assert "No issue has been published yet" in page(client, "alert-archive", "library")


@pytest.mark.parametrize("name", ["searches", "none"])
def test_a_list_without_an_archive_has_no_page(client, name):
    page(client, "alert-archive", name, status=404)
    page(client, "alert-feed", name, status=404)


def test_the_criteria_are_public(client):
    assert "Not about safeguarding children" in page(client, "alert-criteria")
