""" "Was this page useful?": counted without a person, a cookie or a text, and hard to forge."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person, make_review
from waymark.accounts.models import AuditEntry, Role
from waymark.library.models import PageFeedback
from waymark.library.queries.feedback import feedback_by_kind, feedback_by_page
from waymark.library.services.feedback import count_page_feedback
from waymark.web.repository import feedback
from waymark.web.shared.rate_limit import RateLimiter

pytestmark = pytest.mark.django_db

OWN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
COUNTS = reverse("feedback")


@pytest.fixture(autouse=True)
def limiter(monkeypatch):
    """No limit is left over from another test."""
    monkeypatch.setattr(feedback, "LIMITER", RateLimiter(at_once=20, a_minute=5))


def token_of(client, page):
    match = re.search(r'name="page" value="([^"]+)"', client.get(page).content.decode())
    return match[1] if match else ""


def answer(page="/about/", useful="yes", client=None, **headers):
    """The response to an answer about a page, sent as a browser sends it."""
    client = client or Client()
    values = {"page": token_of(client, page), "useful": useful}
    return client.post(reverse("page-feedback"), values, **(headers or OWN))


def counted():
    return sorted(PageFeedback.objects.values_list("kind", "page", "useful", "number"))


def test_public_pages_ask_and_forms_errors_and_the_workspace_do_not(client):
    review = make_review("W01")
    for page in ("/", "/about/", "/find/?q=neglect", "/topics/", f"/reviews/{review.reference}/"):
        assert token_of(client, page), page
    for page in ("/concern/", "/deposit/", "/sign-in/", "/nowhere/", "/reviews/none/"):
        assert not token_of(client, page), page
    client.force_login(make_person(Role.EDITOR))
    assert not token_of(client, "/staff/")


def test_an_answer_is_counted_by_page_and_day_and_by_nothing_else():
    before = AuditEntry.objects.count()
    reader = Client()
    reader.force_login(make_person(Role.READER))
    for useful, client in (("yes", None), ("yes", reader), ("no", None)):
        response = answer(useful=useful, client=client)
        assert response.status_code == 302
        assert not response.cookies
    assert counted() == [("about", "/about/", False, 1), ("about", "/about/", True, 2)]
    assert {field.name for field in PageFeedback._meta.get_fields()} == {
        *("id", "kind", "page", "useful", "day", "number")
    }
    assert AuditEntry.objects.count() == before


def test_the_words_of_a_search_are_not_kept():
    answer("/find/?q=quillfeather")
    assert counted() == [("find", "/find/", True, 1)]


def test_the_thanks_lead_back_to_the_page_with_its_search():
    client = Client()
    thanks = answer("/find/?q=neglect", client=client).headers["Location"]
    referer = "http://testserver/find/?q=neglect&kind=case-review"
    page = client.get(thanks, HTTP_REFERER=referer).content.decode()
    assert 'href="/find/?q=neglect&amp;kind=case-review"' in page
    for elsewhere in ("", "http://evil.example/find/?q=x", "http://testserver/about/?q=x", "["):
        page = client.get(thanks, HTTP_REFERER=elsewhere).content.decode()
        assert 'href="/find/"' in page
        assert "q=x" not in page
    assert client.get(reverse("feedback-received", args=["none"])).status_code == 404


def test_reading_the_thanks_again_counts_nothing():
    client = Client()
    thanks = answer(client=client).headers["Location"]
    client.get(thanks)
    client.get(thanks)
    assert counted() == [("about", "/about/", True, 1)]


@pytest.mark.parametrize(
    ("headers", "is_counted"),
    [
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_ORIGIN": "http://testserver"}, True),
        ({"HTTP_REFERER": "http://testserver/about/"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "none"}, False),
        ({"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_ORIGIN": "http://testserver"}, False),
        ({"HTTP_ORIGIN": "http://evil.example"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": "http://testserver.evil.example"}, False),
        ({"HTTP_REFERER": "http://evil.example/?http://testserver/"}, False),
        ({"HTTP_ACCEPT": "text/html"}, False),
    ],
)
def test_only_an_answer_that_a_page_of_this_site_sent_is_counted(headers, is_counted):
    assert answer(**headers).status_code == (302 if is_counted else 403)
    assert bool(counted()) == is_counted


def test_only_a_page_that_the_site_showed_can_be_answered_about():
    token = token_of(Client(), "/about/")
    for values in (
        {"page": "/reviews/invented/", "useful": "yes"},
        {"page": token[:-1] + ("A" if token[-1] != "A" else "B"), "useful": "yes"},
        {"page": token, "useful": "perhaps"},
        {"page": token},
        {},
    ):
        assert Client().post(reverse("page-feedback"), values, **OWN).status_code == 403
    assert Client().get(reverse("page-feedback")).status_code == 405
    assert counted() == []


def test_many_answers_of_one_network_address_are_refused(monkeypatch):
    seconds = [0.0]
    pace = RateLimiter(clock=lambda: seconds[0], at_once=2, a_minute=6)
    monkeypatch.setattr(feedback, "LIMITER", pace)
    assert [answer().status_code for _ in range(3)] == [302, 302, 429]
    seconds[0] = 10.0  # six a minute: one more after ten seconds
    assert [answer().status_code for _ in range(2)] == [302, 429]
    assert counted() == [("about", "/about/", True, 3)]


def test_staff_see_counts_by_kind_and_page_the_most_no_first(client):
    today = timezone.localdate()
    old = today - timedelta(days=31)
    for kind, page, useful, day, times in (
        ("topic", "/topics/neglect/", True, today, 2),
        ("topic", "/topics/neglect/", False, old, 1),
        ("topic", "/topics/sleep/", False, today, 3),
        ("about", "/about/", True, old, 4),
    ):
        for _ in range(times):
            count_page_feedback(kind=kind, page=page, useful=useful, day=day)
    editor = make_person(Role.EDITOR)
    month = today - timedelta(days=30)
    kinds = feedback_by_kind(editor, since=None)
    assert [(row.kind, row.useful, row.not_useful, row.last_day) for row in kinds] == [
        ("about", 4, 0, old),
        ("topic", 2, 4, today),
    ]
    total, rows = feedback_by_page(editor, since=month, kind="", words="", offset=0, limit=9)
    assert (total, [(row.page, row.useful, row.not_useful) for row in rows]) == (
        2,
        [("/topics/sleep/", 0, 3), ("/topics/neglect/", 2, 0)],
    )
    client.force_login(editor)
    page = client.get(COUNTS, {"period": "all", "kind": "topic", "q": "NEGL"}).content.decode()
    assert "1 page with answers" in page
    assert "/topics/neglect/" in page
    assert "/topics/sleep/" not in page
    assert "counts of answers, not of people" in page
    assert "No answer matches" in client.get(COUNTS, {"q": "nowhere"}).content.decode()
    orders = {
        "no": ["/topics/sleep/", "/topics/neglect/", "/about/"],
        "yes": ["/about/", "/topics/neglect/", "/topics/sleep/"],
        "answers": ["/about/", "/topics/neglect/", "/topics/sleep/"],
        "latest": ["/topics/neglect/", "/topics/sleep/", "/about/"],
        "page": ["/about/", "/topics/neglect/", "/topics/sleep/"],
    }
    for order, pages in orders.items():
        page = client.get(COUNTS, {"period": "all", "sort": order}).content.decode()
        assert re.findall(r'<a href="[^"]*">(/[^<]*/)</a>', page) == pages
    assert client.get(COUNTS, {"sort": "password"}).status_code == 404


@pytest.mark.parametrize(("role", "status"), [(None, 302), (Role.READER, 403), (Role.CODER, 200)])
def test_the_counts_are_for_staff(client, role, status):
    if role:
        client.force_login(make_person(role))
    assert client.get(COUNTS).status_code == status


def test_the_privacy_page_says_what_is_kept_of_an_answer(client):
    page = " ".join(client.get(reverse("privacy")).content.decode().split())
    assert "the page, the day and “yes” or “no”" in page
