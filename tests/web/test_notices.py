"""Service notices: shown on every page from their first to their last day, added by staff."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_person
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.library.models import ServiceNotice
from waymark.library.services.notices import add_notice, end_notice

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TEXT = "Search is slower than usual."


def add(first=None, last=None):
    """A notice; first, last: days from today."""
    today = timezone.localdate()
    days = [None if number is None else today + number * DAY for number in (first, last)]
    return add_notice(by=None, text=TEXT, first_day=days[0], last_day=days[1], now=timezone.now())


def shown(client, page="about"):
    return TEXT in client.get(reverse(page)).content.decode()


@pytest.mark.parametrize(
    ("first", "last", "visible"),
    [(None, None, True), (0, 0, True), (-3, 1, True), (1, 2, False)],
)
def test_a_notice_is_on_every_page_from_its_first_to_its_last_day(client, first, last, visible):
    add(first, last)
    assert shown(client) == shown(client, "find") == shown(client, "notices") == visible


def test_after_its_last_day_a_notice_is_only_in_the_list(client):
    notice = add(-3, 1)
    ServiceNotice.objects.filter(pk=notice.pk).update(last_day=timezone.localdate() - DAY)
    assert not shown(client)
    assert shown(client, "notices")


def test_a_notice_that_was_ended_is_only_in_the_list(client):
    end_notice(by=None, notice=add(), now=timezone.now())
    assert not shown(client)
    assert shown(client, "notices")


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-3, -1)])
def test_a_notice_that_nobody_would_see_is_refused(first, last):
    with pytest.raises(RuleError, match="the last day must be today or later"):
        add(first, last)


def test_staff_add_and_end_a_notice(client):
    client.force_login(make_person(Role.EDITOR))
    page = reverse("edit-notices")
    assert client.post(page, {"text": " "}).status_code == 400
    assert client.post(page, {"text": TEXT}).status_code == 302
    assert shown(client)
    notice = ServiceNotice.objects.get()
    assert client.post(reverse("end-notice", args=[notice.pk])).status_code == 302
    assert not shown(client)


@pytest.mark.parametrize("role", [None, Role.READER, Role.CODER, Role.ANALYST])
def test_nobody_else_adds_or_ends_a_notice(client, role):
    notice = add()
    if role:
        client.force_login(make_person(role))
    refused = 403 if role else 302
    assert client.post(reverse("edit-notices"), {"text": "x"}).status_code == refused
    assert client.post(reverse("end-notice", args=[notice.pk])).status_code == refused
    assert ServiceNotice.objects.get().ended_at is None
