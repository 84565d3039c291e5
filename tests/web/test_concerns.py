"""Concerns about pages: reported by anyone, hidden with one click, decided, counted, erased."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from tests.factories import (
    NOON,
    answer_description,
    answer_identifiers,
    make_person,
    make_report,
    make_review,
)
from tests.web.addresses import site_pages
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import RuleError
from waymark.library.models import Concern, ConcernDecision, Removal
from waymark.library.queries.concerns import concern_periods
from waymark.library.services import catalogue_review
from waymark.library.services.concerns import erase_due
from waymark.library.services.topics import add_topic
from waymark.library.topics.description import TopicDescription
from waymark.mail.models import Letter
from waymark.web.middleware.context import concern_url
from waymark.web.repository.concerns import item_at

pytestmark = pytest.mark.django_db

SECRET = "Quillfeather"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path


@pytest.fixture
def keeper(client):
    person = make_person(Role.EDITOR, name="editor")
    person.email = "editor@library.example"
    person.save()
    client.force_login(person)
    return person


@pytest.fixture
def report():
    """A public report of a public review."""
    review = make_review("T1")
    report = make_report(review, "1.1 The visits stopped in May.")
    catalogue_review(by=None, review=review, now=NOON)
    answer_identifiers(report)
    answer_description(review)
    return report


def words(answer):
    """The words of a page, without its markup."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(text.replace("&#x27;", "'").split())


def send(client=None, **changed):
    """The answer to the form of concerns, filled in and changed."""
    values = {
        "page": "/reviews/T1/",
        "kind": "identifying",
        "text": f"The second paragraph names {SECRET}.",
        **changed,
    }
    return (client or Client()).post(reverse("concern"), values)


def reported(**changed):
    answer = send(**changed)
    assert answer.status_code == 302, words(answer)
    return Concern.objects.latest("pk")


# ---- reporting ----


def test_a_visitor_reports_a_concern_from_the_page_it_is_about(client, report):
    page = client.get("/reviews/T1/").content.decode()
    assert 'href="/concern/?page=%2Freviews%2FT1%2F"' in page
    form = client.get("/concern/?page=%2Freviews%2FT1%2F")
    assert 'value="/reviews/T1/"' in form.content.decode()
    answer = send(client)
    concern = Concern.objects.get()
    assert concern.reference in words(client.get(answer["Location"]))
    assert (concern.page, concern.item_kind, concern.item_key) == ("/reviews/T1/", "review", "T1")
    assert client.get("/concern/received/nonsense/").status_code == 404


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("/reviews/T1/", ("review", "T1")),
        ("/reports/3f9c01ab2d44/pages/2/", ("report", "3f9c01ab2d44")),
        ("/p/3f9c01ab2d44-0-38/", ("report", "3f9c01ab2d44")),
        ("/p/3f9c01ab2d44r2-0-38/page/", ("report", "3f9c01ab2d44")),
        ("/p/nonsense/", ("", "")),
        ("/resources/tool/", ("resource", "tool")),
        ("/topics/neglect/", ("topic", "neglect")),
        ("/topics/", ("", "")),
        ("/about/", ("", "")),
        ("/nowhere/at/all", ("", "")),
    ],
)
def test_a_page_leads_to_the_item_that_it_is_of(path, item):
    assert item_at(path) == item


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"page": ""}, "Enter the address of the page."),
        ({"page": "the page on sleep"}, "Enter the address of a page of this site."),
        ({"page": "/\\b.example"}, "Enter the address of a page of this site."),
        ({"page": "javascript:alert(1)"}, "Enter the address of a page of this site."),
        ({"kind": ""}, "Choose what your concern is."),
        ({"kind": "x"}, "Choose what your concern is."),
        ({"text": " "}, "Tell us what your concern is."),
        ({"email": "nobody"}, "Enter an email address, such as name@example.org, or leave"),
        ({"homepage": "https://example.org"}, "Leave this field empty"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_nothing_is_stored(changed, message):
    answer = send(**changed)
    assert answer.status_code == 400
    assert message in words(answer)
    assert not Concern.objects.exists()


def test_a_whole_address_is_understood_and_its_query_is_not_stored():
    assert reported(page="https://testserver/find/?q=a+name#x").page == "/find/"


def test_the_eleventh_concern_of_an_address_on_a_day_is_refused(client):
    for _ in range(10):
        reported()
    answer = send()
    assert answer.status_code == 429
    assert "try again tomorrow" in words(answer)
    assert Concern.objects.count() == 10
    Concern.objects.update(received_at=timezone.now() - timedelta(days=1))
    reported()


def test_nobody_can_flood_the_mailbox_of_a_stranger():
    for number in range(5):
        answer = Client(REMOTE_ADDR=f"10.0.0.{number}").post(
            "/concern/",
            {"page": "/", "kind": "other", "text": "x", "email": "stranger@example.org"},
        )
        assert answer.status_code == 302
    assert send(email="Stranger@example.org").status_code == 429
    assert Letter.objects.filter(to="stranger@example.org").count() == 5


def test_a_body_that_is_too_large_is_refused_before_it_is_read():
    assert send(text="x" * 70_000).status_code == 413


def test_emails_go_to_those_who_answer_and_repeat_nothing_that_was_typed(keeper, settings):
    reader = make_person(Role.READER)
    reader.email = "reader@library.example"
    reader.save()
    reported(email="ann@example.org")
    letters = {letter.to: f"{letter.subject} {letter.body}" for letter in Letter.objects.all()}
    assert set(letters) == {"editor@library.example", "ann@example.org"}
    assert not any(SECRET in text or "T1" in text for text in letters.values())


def test_without_an_address_of_staff_the_service_gets_the_email(settings):
    settings.CONTACT_EMAIL = "ask@library.example"
    reported()
    assert [letter.to for letter in Letter.objects.all()] == ["ask@library.example"]


# ---- the queue ----


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_sees_hides_or_decides_a_concern(client, role, report):
    concern = reported()
    if role:
        client.force_login(make_person(role))
    for address in (reverse("concerns"), reverse("concern-check", args=[concern.reference])):
        answer = client.get(address)
        assert answer.status_code == (403 if role else 302)
        assert SECRET not in answer.content.decode()
    for values in ({"do": "hide"}, {"decision": "withdrawn", "reason": "x"}):
        client.post(reverse("concern-check", args=[concern.reference]), values)
    report.review.refresh_from_db()
    assert report.review.state == State.PUBLISHED
    assert Concern.objects.get().decided_at is None


def test_what_could_identify_a_person_comes_first_then_the_oldest(client, keeper):
    error, other, identifying = (
        reported(kind=kind).reference for kind in ("error", "other", "identifying")
    )
    page = words(client.get(reverse("concerns")))
    assert sorted((error, other, identifying), key=page.index) == [identifying, error, other]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("https://other.example/reviews/T1/?q=x", "https://other.example/reviews/T1/?q=x"),
        ("other.example", "other.example"),
        ("//other.example/x", "//other.example/x"),
        ("https://testserver", "/"),
        ("testserver/topics/?a=b", "/topics/"),
    ],
)
def test_an_address_of_another_site_is_kept_and_marked_for_staff(client, keeper, given, stored):
    concern = reported(page=given)
    assert concern.page == stored
    foreign = given == stored
    assert (concern.item_kind, concern.item_key) == ("", "")
    page = client.get(reverse("concern-check", args=[concern.reference])).content.decode()
    assert ("Not an address of this site" in page) == foreign
    assert (f'href="{stored}"' in page) != foreign
    assert ("not an address of this site" in words(client.get(reverse("concerns")))) == foreign


@pytest.mark.parametrize("page", ["review", "report"])
def test_one_click_hides_the_item_from_everyone_but_staff(client, keeper, report, page):
    addresses = {"review": "/reviews/T1/", "report": f"/reports/{report.key}/"}
    concern = reported(page=addresses[page])
    visitor = Client()
    assert visitor.get(addresses[page]).status_code == 200
    assert "Hide now" in words(client.get(reverse("concerns")))
    client.post(reverse("concern-check", args=[concern.reference]), {"do": "hide"})
    assert visitor.get(addresses[page]).status_code == 404
    assert client.get(addresses[page]).status_code == 200
    actions = AuditEntry.objects.values_list("action", flat=True)
    assert {"hide for concern", "set state"} <= set(actions)


def test_a_page_that_cannot_be_hidden_by_itself_is_only_noted(client, keeper):
    concern = reported(page="/about/")
    page = reverse("concern-check", args=[concern.reference])
    assert "This page cannot be hidden by itself" in words(client.get(page))
    assert client.post(page, {"do": "hide"}).status_code == 400
    answer = client.post(page, {"decision": "corrected", "reason": "A typing mistake."})
    assert answer.status_code == 302
    assert Concern.objects.get().decision == "corrected"


# ---- deciding ----


def decide(concern, decision, by=None):
    pipeline.decide_concern(
        by=by,
        concern=concern,
        decision=ConcernDecision(decision),
        reason="We looked.",
        now=timezone.now(),
    )


def hide(concern):
    pipeline.hide_for_concern(by=None, concern=concern, now=timezone.now())
    concern.refresh_from_db()


def test_what_was_hidden_is_shown_again_by_the_decision(report):
    concern = reported(email="ann@example.org")
    hide(concern)
    decide(concern, "restored")
    assert Client().get("/reviews/T1/").status_code == 200
    letter = Letter.objects.get(key=f"{concern.reference} decided")
    assert "available again" in letter.body
    assert "We looked" not in letter.body
    with pytest.raises(RuleError, match="has been decided since"):
        decide(concern, "withdrawn")


@pytest.mark.parametrize("hidden", [True, False])
def test_a_withdrawal_leaves_a_neutral_tombstone(report, hidden):
    concern = reported()
    if hidden:
        hide(concern)
    decide(concern, "withdrawn")
    answer = Client().get("/reviews/T1/")
    assert answer.status_code == 410
    assert "Withdrawn after a concern was reported to us." in words(answer)
    assert Removal.objects.get().undone_at is None


def test_a_decision_that_does_not_fit_is_refused(report):
    concern = reported()
    with pytest.raises(RuleError, match="does not fit"):
        decide(concern, "restored")
    hide(concern)
    with pytest.raises(RuleError, match="does not fit"):
        decide(concern, "no_change")


def test_what_is_hidden_stays_so_while_another_concern_about_it_is_open(report):
    first, second = reported(), reported(kind="error")
    hide(first)
    with pytest.raises(RuleError, match=f"decide on {second.reference} first"):
        decide(first, "restored")
    assert Concern.objects.filter(decided_at=None).count() == 2
    decide(second, "no_change")
    decide(first, "restored")
    assert Client().get("/reviews/T1/").status_code == 200


def test_what_is_hidden_is_published_by_the_decision_alone(client, keeper, report):
    concern = reported()
    hide(concern)
    review = report.review
    review.refresh_from_db()
    with pytest.raises(RuleError, match="T1 is hidden because of a concern: decide on the concern"):
        pipeline.change_state(by=keeper, item=review, state=State.PUBLISHED, now=timezone.now())
    answer = client.post(
        reverse("review-state", args=["T1"]),
        {"from": "internal", "to": "published", "incomplete": "on"},
    )
    assert reverse("concern-check", args=[concern.reference]) in answer.content.decode()
    assert Client().get("/reviews/T1/").status_code == 404
    decide(concern, "restored", by=keeper)
    assert Client().get("/reviews/T1/").status_code == 200


def test_what_someone_withdrew_in_the_meantime_is_not_shown_again(report):
    concern = reported()
    hide(concern)
    pipeline.change_state(by=None, item=report.review, state=State.WITHDRAWN, now=NOON)
    with pytest.raises(RuleError, match="it has since been changed"):
        decide(concern, "restored")
    assert Client().get("/reviews/T1/").status_code != 200


def test_a_topic_is_hidden_and_shown_again():
    words_of = TopicDescription("Sleep", "How babies sleep.", ("sleep",), (), (), ())
    add_topic(by=None, key="sleep", description=words_of, now=NOON)
    concern = reported(page="/topics/sleep/")
    hide(concern)
    assert Client().get("/topics/sleep/").status_code == 404
    decide(concern, "corrected")
    assert Client().get("/topics/sleep/").status_code == 200


# ---- what is published, and what is erased ----


def test_the_public_report_has_counts_and_times_and_nothing_that_was_typed(client):
    received = timezone.now().replace(year=2027, month=2, day=3)
    for hours, decision in ((1, "withdrawn"), (3, "no_change"), (0, "")):
        concern = reported()
        Concern.objects.filter(pk=concern.pk).update(
            received_at=received,
            hidden_at=received + timedelta(minutes=12) if decision == "withdrawn" else None,
            decided_at=received + timedelta(hours=hours) if decision else None,
            decision=decision,
        )
    (period,) = concern_periods()
    (row,) = period.rows
    assert period.name == "January to March 2027"
    assert (row.received, row.waiting, row.decisions) == (3, 1, (0, 0, 1, 1))
    # The medians of 12 minutes alone, and of 1 and 3 hours.
    assert (row.to_hide, row.to_decide) == ("12 minutes", "2 hours")
    page = client.get("/removals/").content.decode()
    assert "January to March 2027" in page
    assert not any(word in page for word in (SECRET, "T1", concern.reference))


def test_no_page_of_the_public_shows_the_text_of_a_concern(report):
    concern = reported()
    hide(concern)
    decide(concern, "withdrawn")
    for page in ("/", "/reviews/T1/", "/removals/", "/concern/?page=/reviews/T1/"):
        assert SECRET not in Client().get(page).content.decode()
    logged = str(list(AuditEntry.objects.values_list("subject", "detail")))
    assert SECRET not in logged


def test_personal_data_are_erased_ninety_days_after_the_decision(report):
    concern = reported(email="ann@example.org")
    decide(concern, "no_change")
    decided = Concern.objects.get().decided_at
    assert erase_due(now=decided + timedelta(days=89)) == 1  # the hash of the network address
    assert SECRET in Concern.objects.get().text
    assert erase_due(now=decided + timedelta(days=90)) == 1
    left = Concern.objects.get()
    assert (left.text, left.email, left.reason, left.origin) == ("", "", "", "")
    assert (left.kind, left.decision) == ("identifying", "no_change")
    assert not Letter.objects.filter(to="ann@example.org").exists()
    assert erase_due(now=decided + timedelta(days=91)) == 0


def test_an_open_concern_is_not_erased():
    reported()
    erase_due(now=timezone.now() + timedelta(days=4_000))
    assert SECRET in Concern.objects.get().text


def test_no_page_with_a_token_of_its_own_ends_in_a_concern(rf):
    values = {"token": "secret", "reference": "E1", "alert_list": "weekly", "ending": "csv"}
    pages = [page for page in site_pages() if "token" in page.pattern.converters]
    assert len(pages) > 8
    for page in pages:
        names = page.pattern.converters
        address = reverse(page.name, kwargs={name: values.get(name, 1) for name in names})
        request = rf.get(address)
        request.resolver_match = resolve(address)
        assert concern_url(request) == "", address
