"""Pages of the training: what visitors see, and how staff add, change and cancel."""

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from tests.training.courses import COURSE, SLUG, details
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.training import services
from waymark.training.models import Course, CourseSession

pytestmark = pytest.mark.django_db


def day(days: int) -> str:
    """A day from today on, as 2026-01-31."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def published_now(slug: str = SLUG) -> Course:
    services.add_course(by=None, slug=slug, description=COURSE, now=timezone.now())
    return services.set_course_state(by=None, slug=slug, state="published", now=timezone.now())


def add(days: int, slug: str = SLUG, **changes: object) -> CourseSession:
    """A session some days from now; one that is over was added before."""
    now = timezone.now() + timedelta(days=min(days, 0) - 1)
    return services.add_session(by=None, slug=slug, details=details(day(days), **changes), now=now)


def page(client, name, *args):
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_course_shows_its_dates_price_and_where_to_book(client):
    published_now()
    add(10)
    html = page(client, "course", SLUG)
    for words in ("Reading a case review", "3.5 CPD hours", "£45", "Town Hall", "Book a place"):
        assert words in html
    listed = page(client, "training")
    assert "Reading a case review" in listed
    assert "webcal://testserver/training/calendar.ics" in listed


def test_a_past_course_leaves_the_list_and_keeps_its_address(client):
    published_now()
    add(-3)
    assert "Reading a case review" not in page(client, "training")
    html = page(client, "course", SLUG)
    assert "Past dates (1)" in html
    assert "Book a place" not in html


def test_a_course_without_a_date_yet_is_listed_last(client):
    published_now("later")
    published_now()
    add(10)
    html = page(client, "training")
    assert html.index("Town Hall") < html.index("No dates yet")


def test_a_draft_is_for_staff_and_a_withdrawn_course_leaves_a_tombstone(client):
    services.add_course(by=None, slug=SLUG, description=COURSE, now=timezone.now())
    assert client.get(reverse("course", args=[SLUG])).status_code == 404
    assert client.get(reverse("course-calendar", args=[SLUG])).status_code == 404
    client.force_login(make_person(Role.CODER))
    assert "This is a draft" in page(client, "course", SLUG)
    client.logout()
    now = timezone.now()
    services.set_course_state(by=None, slug=SLUG, state="published", now=now)
    add(10)
    services.set_course_state(by=None, slug=SLUG, state="withdrawn", reason="Over.", now=now)
    stone = client.get(reverse("course", args=[SLUG]))
    assert stone.status_code == 410
    assert COURSE.title not in stone.content.decode()
    calendar = client.get(reverse("course-calendar", args=[SLUG]))
    assert b"STATUS:CANCELLED" in calendar.content


def test_the_calendar_has_its_media_type_and_validators(client):
    published_now()
    add(10)
    answer = client.get(reverse("training-calendar"))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Last-Modified"]
    again = client.get(reverse("training-calendar"), headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_staff_add_change_and_cancel_a_course(client):
    """Journey by forms alone; the calendar of a visitor follows it."""
    client.force_login(make_person(Role.CATALOGUER))
    fields = {
        "slug": SLUG,
        "title": "Reading",
        "summary": "How to.",
        "provider": "Us",
        "price": "45.50",
        "cpd_hours": "3",
    }
    client.post(reverse("add-course"), fields)
    edit = reverse("edit-course", args=[SLUG])
    when = timezone.localdate() + timedelta(days=20)
    place = {
        "day_day": when.day,
        "day_month": when.month,
        "day_year": when.year,
        "starts": "14:30",
        "ends": "16.00",
        "online": "on",
    }
    added = client.post(reverse("add-session", args=[SLUG]), place, follow=True)
    assert "Session added." in added.content.decode()
    client.post(reverse("course-state", args=[SLUG]), {"state": "published"})
    (event,) = icalendar.Calendar.from_ical(page_bytes(client)).walk("VEVENT")
    assert (event["SEQUENCE"], str(event["STATUS"])) == (0, "CONFIRMED")
    row = CourseSession.objects.get()
    change = reverse("edit-session", args=[SLUG, row.pk])
    shown = client.get(change).content.decode()
    assert 'value="14:30"' in shown
    client.post(change, {**place, "starts": "15:00", "do": "save"})
    (event,) = icalendar.Calendar.from_ical(page_bytes(client)).walk("VEVENT")
    assert (event["SEQUENCE"], event.start.hour) == (1, 15)
    assert client.post(change, {"do": "cancel", "reason": ""}).status_code == 400
    client.post(change, {"do": "cancel", "reason": "Too few people."})
    (event,) = icalendar.Calendar.from_ical(page_bytes(client)).walk("VEVENT")
    assert (event["SEQUENCE"], str(event["STATUS"])) == (2, "CANCELLED")
    assert "cancelled" in client.get(edit).content.decode()
    assert "Too few people" in page(client, "course", SLUG)


def page_bytes(client) -> bytes:
    return client.get(reverse("training-calendar")).content


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts": "25:00"}, "must be a time"),
        ({"starts": "16:00", "ends": "15:00"}, "must end after it starts"),
        ({"online": ""}, "enter a place"),
        ({"booking_link": "javascript:alert(1)"}, "begins with https://"),
        ({"day_day": "28", "day_month": "3", "day_year": "2027", "starts": "01:30"}, "clocks go"),
    ],
)
def test_a_session_that_cannot_be_is_refused_beside_what_was_typed(client, changes, words):
    published_now()
    client.force_login(make_person(Role.EDITOR))
    when = timezone.localdate() + timedelta(days=20)
    place = {
        "day_day": when.day,
        "day_month": when.month,
        "day_year": when.year,
        "starts": "14:30",
        "ends": "16:00",
        "online": "on",
        "booking_link": "",
        **changes,
    }
    answer = client.post(reverse("add-session", args=[SLUG]), place)
    assert answer.status_code == 400
    assert words.lower() in answer.content.decode().lower()
    assert not CourseSession.objects.exists()


def test_a_cancelled_session_cannot_be_changed_and_one_that_is_over_not_cancelled():
    published_now()
    row, over = add(10), add(-3)
    now = timezone.now()
    services.cancel_session(by=None, slug=SLUG, number=row.pk, reason="Ill.", now=now)
    with pytest.raises(RuleError, match="is cancelled"):
        services.change_session(by=None, slug=SLUG, number=row.pk, details=details(day(9)), now=now)
    with pytest.raises(RuleError, match="is over"):
        services.cancel_session(by=None, slug=SLUG, number=over.pk, reason="Ill.", now=now)


def test_a_course_says_what_it_involves_in_paragraphs(client):
    published_now()
    changed = replace(COURSE, details="Read R11 first.\n\nWrite 300 words.")
    services.change_course(by=None, slug=SLUG, description=changed, now=timezone.now())
    page = client.get(reverse("course", args=[SLUG])).content.decode()
    assert "<p>Read R11 first.</p>" in page
    assert "<p>Write 300 words.</p>" in page
