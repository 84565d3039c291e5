"""Delivery of an issue and failing addresses, as staff see and settle them."""

import pytest
from django.urls import reverse

from tests.alerts.mailing_rows import make_issue, make_subscriber, send_all, sink
from tests.factories import NOON, make_person
from waymark.accounts.models import Role
from waymark.alerts.models import Bounce, Mailing

pytestmark = pytest.mark.django_db
__all__ = ["sink"]


@pytest.fixture
def issue(sink):
    make_subscriber(address="ann@trust.example.org")
    make_subscriber(address="bob@trust.example.org")
    issue = make_issue("Safer sleep")
    send_all()
    return issue


@pytest.fixture
def editor(client):
    client.force_login(make_person(Role.EDITOR))
    return client


def test_what_nobody_knows_is_listed_and_settled_by_a_button(issue, editor):
    address = reverse("alert-delivery", args=[issue.pk])
    assert "Finished: each person who was due" in editor.get(address).content.decode()
    mailing = Mailing.objects.first()
    Mailing.objects.filter(pk=mailing.pk).update(state="unknown", sent_at=None, reason="killed")
    page = editor.get(address).content.decode()
    assert "Not finished" in page
    assert "1 not known: killed" in page
    assert "1 alert with emails to decide on" in editor.get(reverse("my-work")).content.decode()
    assert "<b>You</b>" in editor.get(reverse("deliveries")).content.decode()
    dispatch = mailing.dispatch_id
    sent = {"dispatch": dispatch, "mailing": mailing.pk}
    assert f'value="{mailing.pk}"' in page
    answer = editor.post(address, {"dispatch": dispatch, "action": "again"}, follow=True)
    assert "Nothing was changed: tick the emails to decide on" in answer.content.decode()
    answer = editor.post(address, {**sent, "mailing": 0, "action": "again"}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    answer = editor.post(address, {**sent, "action": "again"}, follow=True)
    assert "1 email will be sent again." in answer.content.decode()
    assert "The worker" in editor.get(reverse("deliveries")).content.decode()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.round) == ("waiting", 1)
    answer = editor.post(address, {**sent, "action": "arrived"}, follow=True)
    assert "none of these emails is unknown any more" in answer.content.decode()
    assert editor.post(address, {"dispatch": 0, "action": "again"}).status_code == 404


def test_those_who_may_not_send_see_no_button(issue, client):
    Mailing.objects.update(state="unknown", sent_at=None)
    client.force_login(make_person(Role.CODER))
    address = reverse("alert-delivery", args=[issue.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, {"dispatch": 1, "action": "again"}).status_code == 403


def test_failing_addresses_are_shortened_and_taken_off_the_list(issue, editor):
    mailing = Mailing.objects.first()
    Bounce.objects.create(
        mailing=mailing, source="email", kind="full", hard=False, words="552 full", at=NOON
    )
    page = editor.get(reverse("failing-subscribers")).content.decode()
    assert "Mailbox full" in page
    assert "ann@trust.example.org" not in page
    address = reverse("subscriber-failures", args=[mailing.subscriber_id])
    assert "552 full" in editor.get(address).content.decode()
    answer = editor.post(address, follow=True).content.decode()
    assert "No email has failed since you last looked." in answer
