"""When a family was told of a publication: recorded by those who publish, never public."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person, make_review
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.core.uk_time import uk_date
from waymark.documents.models import Review
from waymark.library.models import FamilyNotification, NotificationMethod
from waymark.library.queries.family import family_notifications
from waymark.library.services.family import (
    record_family_notification,
    withdraw_family_notification,
)

pytestmark = pytest.mark.django_db
GIVER = "the chair of the kxpanel"
NOTE = "They asked to kxsee the report first."
FORM = {
    "do": "record",
    "on_day": "3",
    "on_month": "2",
    "on_year": "2026",
    "given_by": GIVER,
    "method": "meeting",
    "note": NOTE,
}
NOT_RECORDED = "It is not recorded that the family was told"


@pytest.fixture
def keeper(client):
    person = make_person(Role.CATALOGUER)
    client.force_login(person)
    return person


@pytest.fixture
def review():
    return make_review("T1", state=State.INTERNAL)


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def record(by, review, **changed):
    values = {"on": date(2026, 2, 3), "given_by": GIVER, "method": NotificationMethod.MEETING}
    return record_family_notification(by=by, review=review, now=NOON, **{**values, **changed})


def test_the_audit_has_the_day_and_names_neither_who_told_the_family_nor_the_note(keeper, review):
    record(keeper, review, note=NOTE)
    entry = AuditEntry.objects.get(action="record family told")
    assert entry.subject == "review T1"
    assert entry.detail == {"on": "2026-02-03", "method": "meeting"}


def test_a_record_entered_wrongly_is_removed_once_and_its_row_stays(keeper, review):
    row = record(keeper, review)
    withdraw_family_notification(by=keeper, notification=row, now=NOON)
    assert family_notifications(review, keeper) == []
    assert FamilyNotification.objects.get().withdrawn_at == NOON
    with pytest.raises(RuleError, match="already removed"):
        withdraw_family_notification(by=keeper, notification=row, now=NOON)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"on": uk_date(NOON) + timedelta(days=1)}, "not in the future"),
        ({"given_by": "  "}, "who told the family"),
        ({"given_by": "x" * 201}, "200 characters"),
        ({"note": "x" * 501}, "the note 500"),
    ],
)
def test_a_day_in_the_future_and_words_missing_or_too_long_are_refused(
    keeper, review, changed, message
):
    with pytest.raises(RuleError, match=message):
        record(keeper, review, **changed)
    assert not FamilyNotification.objects.exists()


def test_the_family_may_be_told_today(keeper, review):
    assert record(keeper, review, on=uk_date(NOON)).on == uk_date(NOON)


@pytest.mark.parametrize("role", [None, *Role])
def test_only_those_who_publish_see_the_page_and_its_records(client, review, role):
    record(None, review, note=NOTE)
    if role:
        client.force_login(make_person(role))
    answer = client.get(reverse("family-told", args=["T1"]))
    publishes = role in {Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}
    assert answer.status_code == (200 if publishes else 403 if role else 302)
    assert (GIVER in words(answer)) == publishes
    if not publishes and role:
        with pytest.raises(NotPermitted):
            family_notifications(review, make_person(role))


def test_a_review_whose_family_was_not_told_has_advice_and_can_be_published(client, keeper, review):
    page = reverse("review-state", args=["T1"])
    assert NOT_RECORDED in words(client.get(page))
    form = {"from": "internal", "to": "published", "incomplete": "on"}
    assert client.post(page, form).status_code == 302
    assert Review.objects.get().state == State.PUBLISHED


def test_the_visibility_page_has_the_last_day_on_which_the_family_was_told(client, keeper, review):
    assert client.post(reverse("family-told", args=["T1"]), FORM).status_code == 302
    record(keeper, review, on=date(2026, 1, 9))
    text = words(client.get(reverse("review-state", args=["T1"])))
    assert f"The family was told of the publication on 3 February 2026, by {GIVER}." in text
    assert NOT_RECORDED not in text


def test_a_form_with_a_fault_is_shown_again_with_what_was_typed(client, keeper, review):
    page = reverse("family-told", args=["T1"])
    for wrong, message in (
        ({"on_day": "", "on_month": "", "on_year": ""}, "Enter the day on which"),
        ({"given_by": ""}, "Enter who told the family."),
        ({"method": ""}, "Choose how the family was told."),
        ({"on_year": "2999"}, "not in the future"),
    ):
        answer = client.post(page, {**FORM, **wrong})
        assert answer.status_code == 400
        assert message in words(answer)
        assert NOTE in words(answer)
    assert not FamilyNotification.objects.exists()


def test_a_record_is_removed_on_its_page(client, keeper, review):
    row = record(keeper, review)
    page = reverse("family-told", args=["T1"])
    remove = {"do": "remove", "record": str(row.pk)}
    assert client.post(page, remove).status_code == 302
    assert "Nothing recorded yet" in words(client.get(page))
    answer = client.post(page, remove)
    assert answer.status_code == 400
    assert "already removed" in words(answer)


def test_the_public_sees_nothing_of_it(review):
    Review.objects.update(state=State.PUBLISHED)
    record(None, review, note=NOTE)
    for view in ({}, {"view": "summary"}):
        text = words(Client().get(reverse("review", args=["T1"]), view))
        assert "kx" not in text
        assert "family was told" not in text
