"""Gathering: from feeds on the list and from the library, decided against the criteria."""

from datetime import timedelta

import pytest

from tests.alerts.feed_server import ATOM, feed_server
from tests.alerts.rows import TEXT, approve, public_record
from tests.factories import NOON, make_person
from waymark.accounts.models import Role, State
from waymark.alerts.criteria import alert_criteria
from waymark.alerts.models import AlertIssue, Candidate, FeedSource
from waymark.alerts.queries.candidates import sources_with_problems, waiting_candidates
from waymark.alerts.services.candidates import (
    Gathered,
    choose_candidate,
    leave_candidate,
    reopen_candidate,
    store_candidates,
)
from waymark.alerts.services.issues import add_item, discard_draft, open_draft, remove_item
from waymark.alerts.services.schedules import start_lists
from waymark.alerts.services.sources import add_source, end_source, lease_source, retry_source
from waymark.core.errors import ConcurrentChange, NotPermitted, RuleError
from waymark.documents import services as documents
from waymark.pipeline.alerts import gather_alerts
from waymark.pipeline.alerts.gather_alerts import gather_now

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def server(settings):
    settings.FEED_PRIVATE_HOSTS = ("localhost",)
    with feed_server() as running:
        yield running


def listed(server, path="/atom", **values) -> FeedSource:
    return add_source(by=None, name="Agency", address=server.address(path), now=NOON, **values)


def store(*gathered: Gathered, now=NOON) -> list[Candidate]:
    store_candidates(by=None, source=None, gathered=gathered, now=now)
    return list(Candidate.objects.order_by("pk"))


# ---- feeds ----


def test_a_feed_on_the_list_becomes_candidates_that_wait(server):
    listed(server, topic="Infants")
    result = gather_now(by=None, now=NOON)
    candidate = Candidate.objects.get()
    assert (result.feeds, result.candidates) == (1, 1)
    assert (candidate.title, candidate.topic) == ("Safer sleep & babies", "Infants")
    assert (candidate.publisher, candidate.dated) == ("Agency", "3 May 2026")
    assert candidate in waiting_candidates(make_person(Role.EDITOR), NOON)


def test_an_entry_is_gathered_once_however_often_its_feed_is_read(server):
    source = listed(server)
    gather_now(by=None, now=NOON)
    server.pages["/atom"] = (200, ATOM.replace(b"report", b"longer report"))
    retry_source(by=None, source=source, now=NOON)
    gather_now(by=None, now=NOON)
    assert Candidate.objects.count() == 1


def test_a_feed_that_was_read_is_asked_again_after_six_hours_if_it_changed(server):
    listed(server)
    gather_now(by=None, now=NOON)
    assert lease_source(now=NOON + timedelta(hours=5)) is None
    gather_now(by=None, now=NOON + timedelta(hours=6))
    assert server.asked[1][1]["If-None-Match"] == '"v1"'
    assert FeedSource.objects.get().problem == ""


def test_a_feed_with_an_error_waits_longer_each_time_and_says_what_to_do(server):
    source = listed(server, "/missing")
    result = gather_now(by=None, now=NOON)
    assert result.problems[0][:2] == ("Agency", "its server answered 404 Not Found")
    source.refresh_from_db()
    assert source.next_at == NOON + timedelta(hours=6)
    gather_now(by=None, now=source.next_at)
    source.refresh_from_db()
    assert source.next_at == NOON + timedelta(hours=6 + 12)
    assert source in sources_with_problems(make_person(Role.ADMINISTRATOR))


def test_a_feed_at_which_the_program_fails_says_so_and_the_next_is_read(server, monkeypatch):
    server.pages["/other"] = (200, ATOM)
    listed(server, "/atom")
    listed(server, "/other")
    read = gather_alerts.read_feed

    def fail_once(content, *, address):
        if address.endswith("/atom"):
            raise ValueError("unforeseen")
        return read(content, address=address)

    monkeypatch.setattr(gather_alerts, "read_feed", fail_once)
    result = gather_now(by=None, now=NOON)
    assert (result.feeds, result.candidates) == (2, 1)
    ((_, problem, remedy),) = result.problems
    assert "ValueError" in problem
    assert remedy
    assert lease_source(now=NOON + timedelta(hours=5)) is None


def test_a_feed_that_has_ended_is_not_asked_again_until_a_person_wants_it(server):
    server.pages["/gone"] = (410, b"")
    source = listed(server, "/gone")
    gather_now(by=None, now=NOON)
    assert lease_source(now=NOON + 100 * DAY) is None
    retry_source(by=None, source=source, now=NOON)
    assert lease_source(now=NOON) == source


def test_a_feed_that_moved_is_read_and_the_move_is_shown(server):
    source = listed(server, "/moved")
    gather_now(by=None, now=NOON)
    source.refresh_from_db()
    assert source.problem == f"it has moved to {server.address('/atom')}"
    assert Candidate.objects.count() == 1


def test_only_an_administrator_changes_the_list(server):
    for role in (Role.EDITOR, Role.CATALOGUER):
        with pytest.raises(NotPermitted):
            add_source(by=make_person(role), name="x", address="https://a.example/", now=NOON)


def test_what_was_taken_off_the_list_is_not_fetched(server):
    source = listed(server)
    end_source(by=None, source=source, now=NOON)
    assert gather_now(by=None, now=NOON).feeds == 0
    assert server.asked == []


@pytest.mark.parametrize(
    "address", ["ftp://a.example/", "a.example", "https://me:secret@a.example/", "https://[/"]
)
def test_only_an_address_of_the_web_without_a_password_is_listed(address):
    with pytest.raises(RuleError):
        add_source(by=None, name="x", address=address, now=NOON)


def test_two_workers_do_not_fetch_one_feed(server):
    listed(server)
    assert lease_source(now=NOON) is not None
    assert lease_source(now=NOON) is None


# ---- the library ----


def test_a_recent_publication_that_becomes_public_is_a_candidate_until_it_is_withdrawn():
    start_lists(by=None, now=NOON - DAY)
    record = public_record("R1", published_on=NOON.date())
    public_record("R2", published_on=NOON.date() - 200 * DAY)
    public_record("R3")
    gather_now(by=None, now=NOON)
    gather_now(by=None, now=NOON)
    editor = make_person(Role.EDITOR)
    assert [row.record for row in waiting_candidates(editor, NOON)] == [record]
    documents.set_review_state(by=None, review=record.review, state=State.WITHDRAWN, now=NOON)
    assert not waiting_candidates(editor, NOON).exists()


# ---- duplicates ----


@pytest.mark.parametrize(
    ("first", "second", "by"),
    [
        (
            Gathered("A", address="https://www.a.example/x/"),
            Gathered("B", address="http://a.example/x?utm_medium=rss"),
            "address",
        ),
        (Gathered("A", doi="10.1/AB"), Gathered("B", doi="10.1/ab"), "DOI"),
    ],
)
def test_the_same_address_or_doi_is_a_duplicate_and_not_chosen(first, second, by):
    one, two = store(first, second)
    assert (two.duplicate_of, two.duplicate_by) == (one, by)
    assert (two.decision, two.criterion) == ("not-chosen", "duplicate")


def test_what_people_added_to_an_issue_by_hand_is_gathered_as_a_duplicate():
    draft = open_draft(by=None, alert_list="weekly", now=NOON)
    add_item(by=None, issue=draft, text=TEXT, now=NOON)
    (row,) = store(Gathered("Another title", address=TEXT.address))
    assert (row.decision, row.duplicate_by) == ("not-chosen", "address")


def test_the_same_title_is_a_hint_and_the_candidate_still_waits():
    one, two = store(
        Gathered("Learning from serious incidents: 2026", address="https://a.example/1"),
        Gathered("The learning from serious incidents, 2026", address="https://b.example/1"),
    )
    assert (two.duplicate_of, two.duplicate_by, two.decision) == (one, "title", "")


def test_short_titles_and_other_years_are_not_the_same():
    rows = store(
        Gathered("Annual report", address="https://a.example/1"),
        Gathered("Annual report", address="https://b.example/1"),
        Gathered("Learning from serious incidents 2025", address="https://a.example/2"),
        Gathered("Learning from serious incidents 2026", address="https://a.example/3"),
    )
    assert [row.duplicate_by for row in rows] == ["", "", "", ""]


# ---- decisions ----


def test_a_chosen_candidate_becomes_an_item_of_the_draft():
    (candidate,) = store(Gathered("Guidance on sleep", summary="Short.", topic="Infants"))
    editor = make_person(Role.CATALOGUER)
    item = choose_candidate(by=editor, candidate=candidate, criterion="practice", now=NOON)
    candidate.refresh_from_db()
    assert (item.heading, item.group, item.issue.approved_at) == (
        "Guidance on sleep",
        "Infants",
        None,
    )
    assert (candidate.decision, candidate.criterion, candidate.decided_by, candidate.item) == (
        "chosen",
        "practice",
        editor,
        item,
    )


def test_every_decision_names_a_stated_criterion():
    (candidate,) = store(Gathered("A"))
    with pytest.raises(RuleError, match="criterion"):
        choose_candidate(by=None, candidate=candidate, criterion="off-topic", now=NOON)
    with pytest.raises(RuleError, match="criterion"):
        leave_candidate(by=None, candidate=candidate, criterion="", now=NOON)
    leave_candidate(by=None, candidate=candidate, criterion="off-topic", note="Music.", now=NOON)
    candidate.refresh_from_db()
    assert alert_criteria().name_of(candidate.criterion) == "Not about safeguarding children"


def test_the_second_of_two_decisions_is_refused():
    (candidate,) = store(Gathered("A"))
    leave_candidate(by=None, candidate=candidate, criterion="off-topic", now=NOON)
    with pytest.raises(ConcurrentChange):
        choose_candidate(by=None, candidate=candidate, criterion="practice", now=NOON)
    reopen_candidate(by=None, candidate=candidate, now=NOON)
    choose_candidate(by=None, candidate=candidate, criterion="practice", now=NOON)


def test_a_removed_item_and_a_discarded_draft_let_their_candidates_wait_again():
    one, two = store(Gathered("A", summary="x"), Gathered("B", summary="x"))
    item = choose_candidate(by=None, candidate=one, criterion="practice", now=NOON)
    choose_candidate(by=None, candidate=two, criterion="practice", now=NOON)
    remove_item(by=None, item=item, now=NOON)
    discard_draft(by=None, issue=AlertIssue.objects.get(), now=NOON)
    assert waiting_candidates(make_person(Role.EDITOR), NOON).count() == 2
    assert not AlertIssue.objects.exists()


def test_an_item_without_a_summary_stops_the_approval():
    (candidate,) = store(Gathered("Only a title"))
    item = choose_candidate(by=None, candidate=candidate, criterion="practice", now=NOON)
    with pytest.raises(RuleError, match="summary of “Only a title”"):
        approve(item.issue)
