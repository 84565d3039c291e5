"""Restricted data: applied for, approved by two people, taken, ended, destroyed, erased."""

import csv
import io
from datetime import date, timedelta
from hashlib import sha256
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone

from tests.datasets.conftest import edition, frozen, world  # noqa: F401
from tests.factories import NOON, make_person
from tests.overview.world import STOPPED, hide
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotFound, RuleError
from waymark.data_access.models import AccessState, DataApplication, RestrictedExport
from waymark.data_access.queries import (
    dataset_choices,
    listed_applications,
    profiles_for,
    waiting_applications,
    waiting_approval,
)
from waymark.data_access.services import applying, deciding, upkeep, using
from waymark.datasets.services import export_overview
from waymark.mail.models import Letter
from waymark.pipeline.data_access import take_data
from waymark.pipeline.removals.repeat_withdrawals import repeat_withdrawal
from waymark.web.shared.form_guard import started_token

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
UNTIL = date(2026, 8, 31)
VISITOR = AnonymousUser()
ENTERED = {
    "name": "Zennor Vale",
    "organisation": "University of Nowhere",
    "address": "zennor@nowhere.example",
    "purpose": "To count how often visits stopped.",
    "ethics": "Nowhere REC 12/34",
    "dataset": "records",
    "months": 3,
}


def apply(*, confirmed=True, **changes):
    """An application, whose address is confirmed unless told otherwise."""
    asked = applying.NewApplication(**{**ENTERED, "accepted": True, **changes})
    row = applying.apply_for_data(by=VISITOR, asked=asked, network="n", now=NOON)
    if confirmed:
        using.confirm_address(application=row, now=NOON)
        row.refresh_from_db()
    return row


def propose(application, *, by, profile="open", until=UNTIL, now=NOON):
    return deciding.propose_approval(
        by=by, application=application, profile=profile, until=until, now=now
    )


def approve(application, *, profile="open", until=UNTIL, now=NOON, people=None):
    first, second = people or (make_person(Role.ANALYST), make_person(Role.EDITOR))
    approval = propose(application, by=first, profile=profile, until=until, now=now)
    return deciding.confirm_approval(by=second, approval=approval, now=now)


def tables(package):
    """Name of a table -> its rows, of the CSV files of a package."""
    archive = ZipFile(io.BytesIO(package.content))
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(archive.read(name).decode())))
        for name in archive.namelist()
        if name.endswith(".csv")
    }


def subjects_of_mails():
    return [letter.subject.split(" (")[0] for letter in Letter.objects.order_by("pk")]


@pytest.fixture
def protected(world, frozen, edition):  # noqa: F811
    """An edition under k3, which withholds the facts of its two reviews."""
    snapshot = frozen("k3")
    edition(snapshot, "k3")
    return snapshot


# ---- asking ----


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": " "}, "enter your name"),
        ({"ethics": ""}, "enter your ethics"),
        ({"dataset": "moon"}, "choose a dataset"),
        ({"months": 25}, "1 to 24 months"),
        ({"accepted": False}, "accept the terms"),
    ],
)
def test_an_application_that_lacks_something_is_refused(changes, reason):
    with pytest.raises(RuleError, match=reason):
        apply(**changes)
    assert not DataApplication.objects.exists()


def test_an_application_is_acknowledged_with_its_private_link():
    application = apply()
    (letter,) = Letter.objects.all()
    assert letter.to == "zennor@nowhere.example"
    assert f"/data/access/{application.reference}/{application.token}/" in letter.body


def test_an_application_waits_for_nobody_before_its_address_is_confirmed():
    application, person = apply(confirmed=False), make_person(Role.EDITOR)
    assert not listed_applications(person).exists()
    assert not waiting_applications(person).exists()
    with pytest.raises(RuleError, match="has not confirmed the email address"):
        approve(application)
    using.confirm_address(application=application, now=NOON + DAY)
    (row,) = waiting_applications(person)
    assert (row.confirmed_at, row.waiting_since) == (NOON + DAY, NOON + DAY)
    using.confirm_address(application=application, now=NOON + 2 * DAY)
    row.refresh_from_db()
    assert row.confirmed_at == NOON + DAY


def test_an_application_whose_address_nobody_confirms_is_deleted_after_7_days():
    kept = apply()
    apply(confirmed=False)
    assert upkeep.erase_due(now=NOON + 7 * DAY - timedelta(minutes=1)) == 0
    assert upkeep.erase_due(now=NOON + 7 * DAY) == 1
    assert DataApplication.objects.get() == kept
    assert Letter.objects.get().key == f"{kept.reference} received"


def test_unconfirmed_applications_keep_others_out_for_a_day_at_most(monkeypatch):
    monkeypatch.setattr(applying, "MOST_WAITING", 1)
    apply(confirmed=False)
    with pytest.raises(applying.TooManyApplications):
        apply()
    DataApplication.objects.update(received_at=NOON - DAY)
    apply()


def test_an_address_applies_three_times_a_day_and_no_more():
    for _ in range(3):
        apply()
    with pytest.raises(applying.TooManyApplications):
        apply()


def test_overviews_that_protect_something_are_on_offer(protected):
    assert list(dataset_choices()) == ["records", protected.overview.slug]


# ---- two people ----


def test_nobody_approves_alone():
    application, person = apply(), make_person(Role.EDITOR)
    approval = deciding.propose_approval(
        by=person, application=application, profile="open", until=UNTIL, now=NOON
    )
    with pytest.raises(RuleError, match="another person must confirm it"):
        deciding.confirm_approval(by=person, approval=approval, now=NOON)
    with pytest.raises(RuleError, match="waits for a second person already"):
        deciding.propose_approval(
            by=make_person(Role.ANALYST),
            application=application,
            profile="open",
            until=UNTIL,
            now=NOON,
        )
    with pytest.raises(RuleError, match="access has ended"):
        take_data(application=application, now=NOON)
    assert not waiting_applications(person).exists()
    assert waiting_applications(make_person(Role.ADMINISTRATOR)).count() == 1


def test_a_proposal_is_dropped_and_another_made():
    application = apply()
    approval = deciding.propose_approval(
        by=make_person(Role.EDITOR), application=application, profile="open", until=UNTIL, now=NOON
    )
    deciding.drop_approval(by=make_person(Role.ANALYST), approval=approval, now=NOON)
    with pytest.raises(RuleError, match="meanwhile"):
        deciding.confirm_approval(by=make_person(Role.ANALYST), approval=approval, now=NOON)
    assert approve(application).state == AccessState.GRANTED


def test_an_approval_is_for_two_years_at_most_and_for_a_profile_of_the_data():
    application = apply()
    for changes in ({"until": date(2028, 12, 1)}, {"until": date(2026, 5, 3)}, {"profile": "k3"}):
        with pytest.raises(RuleError):
            approve(application, **changes)


def test_a_refusal_has_a_reason_and_is_mailed():
    application = apply()
    with pytest.raises(RuleError, match="enter a reason"):
        deciding.refuse_application(by=None, application=application, reason=" ", now=NOON)
    deciding.refuse_application(
        by=None, application=application, reason="Published tables answer it.", now=NOON
    )
    application.refresh_from_db()
    assert application.state == AccessState.REFUSED
    assert "Published tables answer it." in Letter.objects.last().body
    with pytest.raises(RuleError, match="needs a new one"):
        approve(application)


# ---- the data ----


def test_the_rows_that_are_withheld_from_everybody_are_taken_and_recorded(protected):
    application = approve(apply())
    package = take_data(application=application, now=NOON + DAY)
    reviews = {row["review"]: row for row in tables(package)["reviews"]}
    assert reviews["S1"]["drink"] == "present"
    (export,) = RestrictedExport.objects.all()
    assert export.sha256 == sha256(package.content).hexdigest()
    assert export.rows == sum(map(len, tables(package).values()))
    entry = AuditEntry.objects.get(action="export restricted data")
    assert entry.subject == f"data application {application.reference}"
    assert entry.detail["sha256"] == export.sha256
    assert entry.detail["state"] == export.state != ""


def test_a_closed_report_stays_closed(protected, world):  # noqa: F811
    hide(world.first)
    package = take_data(application=approve(apply()), now=NOON)
    names = ZipFile(io.BytesIO(package.content))
    assert not any(STOPPED.encode() in names.read(name) for name in names.namelist())


@pytest.mark.parametrize(("profile", "has_rows"), [("open", True), ("k3", False)])
def test_an_overview_is_taken_under_the_profile_that_the_approval_names(
    protected, profile, has_rows
):
    application = approve(apply(dataset=protected.overview.slug), profile=profile)
    found = tables(take_data(application=application, now=NOON))
    assert ("reviews" in found) == has_rows
    assert found["cells"]
    assert RestrictedExport.objects.get().state == protected.sha256


def test_numbers_are_given_as_the_edition_withholds_them(protected, tmp_path):
    """Under another profile, or without the history of releases, they could undo each other."""
    application = apply(dataset=protected.overview.slug)
    assert list(profiles_for(application)) == ["open", "k3"]
    for profile in ("k5", "r5"):
        with pytest.raises(RuleError, match="choose what may be given out"):
            approve(application, profile=profile)
    package = take_data(application=approve(application, profile="k3"), now=NOON)
    export_overview(by=VISITOR, slug=protected.overview.slug, folder=tmp_path / "public", now=NOON)
    given = ZipFile(io.BytesIO(package.content)).read("cells.csv")
    assert given == (tmp_path / "public" / "cells.csv").read_bytes()


def test_numbers_approved_under_a_profile_that_the_edition_left_are_refused(
    protected,
    edition,  # noqa: F811
):
    slug = protected.overview.slug
    application = approve(apply(dataset=slug), profile="k3")
    waiting = propose(apply(dataset=slug), by=make_person(Role.ANALYST), profile="k3")
    edition(protected, "k5", number=2)
    with pytest.raises(RuleError, match=r"edition 2 .* k5.*approved .* k3"):
        take_data(application=application, now=NOON)
    with pytest.raises(RuleError, match="drop it"):
        deciding.confirm_approval(by=make_person(Role.EDITOR), approval=waiting, now=NOON)
    assert not RestrictedExport.objects.exists()


def test_the_last_day_is_included_and_the_next_is_not(protected):
    application = approve(apply())
    last = NOON.replace(month=8, day=31)
    assert take_data(application=application, now=last).content
    with pytest.raises(RuleError, match="access has ended"):
        take_data(application=application, now=last + DAY)
    assert RestrictedExport.objects.count() == 1


def test_revoked_access_ends_at_once_and_is_in_the_journal(protected):
    application = approve(apply())
    old = DataApplication.objects.get()
    deciding.revoke_access(by=None, application=application, reason="Shared.", now=NOON + DAY)
    with pytest.raises(RuleError, match="access has ended"):
        take_data(application=old, now=NOON + DAY)
    assert (f"access {application.reference}", removals.WITHDRAWN, 0) in removals.last_entries()


def test_a_decision_repeated_after_a_restore_sends_no_second_email(protected):
    granted, waiting = approve(apply()), apply()
    before = len(subjects_of_mails())
    for application in (granted, waiting):
        reference = application.reference
        assert repeat_withdrawal("access", reference, {"withdrawn": True}, NOON + DAY)
    assert len(subjects_of_mails()) == before
    states = DataApplication.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["revoked", "refused"]


# ---- time ----


def test_reminders_come_30_and_7_days_before_and_once(protected):
    application = approve(apply())
    take_data(application=application, now=NOON)
    for days in (31, 30, 29, 8, 7, 1, 0, -1, -2, -32, -33):
        upkeep.remind_and_end(now=NOON.replace(month=8, day=31) - days * DAY)
    assert subjects_of_mails()[2:] == [
        "Your access to data ends soon",
        "Your access to data ends soon",
        "Confirm that you destroyed the data",
        "Confirm that you destroyed the data",
    ]
    application.refresh_from_db()
    assert application.state == AccessState.EXPIRED


def test_more_time_is_asked_for_and_approved_by_two(protected):
    application = approve(apply())
    using.ask_extension(application=application, months=2, reason="The analyst left.", now=NOON)
    application.refresh_from_db()
    assert waiting_applications(make_person(Role.EDITOR)).count() == 1
    later = date(2026, 10, 31)
    assert approve(application, until=later).expires_on == later
    assert not waiting_applications(make_person(Role.EDITOR)).exists()


def test_an_extension_that_is_refused_leaves_the_access_as_it_was(protected):
    application = approve(apply())
    using.ask_extension(application=application, months=2, reason="The analyst left.", now=NOON)
    deciding.refuse_application(by=None, application=application, reason="Too long.", now=NOON)
    application.refresh_from_db()
    assert application.is_open(NOON)
    assert "Your access ends on 31 August 2026" in Letter.objects.last().body


def test_after_the_period_who_asked_is_erased_and_what_was_given_out_stays(protected):
    application = approve(apply())
    take_data(application=application, now=NOON)
    using.confirm_destruction(application=application, now=NOON)
    months = settings.KEEP_ENQUIRIES_MONTHS
    assert upkeep.erase_due(now=NOON + (months * 30 - 10) * DAY) == 0
    assert upkeep.erase_due(now=NOON + (months * 31) * DAY) == 1
    row = DataApplication.objects.get()
    assert (row.name, row.organisation, row.address, row.purpose, row.ethics) == ("",) * 5
    assert row.exports.count() == 1
    assert not Letter.objects.filter(key__startswith=row.reference).exists()
    text = " ".join(str(entry.detail) for entry in AuditEntry.objects.all())
    assert "Zennor" not in text
    assert "nowhere" not in text


def test_who_does_not_confirm_destruction_is_erased_a_year_later(protected):
    application = approve(apply())
    take_data(application=application, now=NOON)
    deciding.revoke_access(by=None, application=application, reason="Shared.", now=NOON)
    months = settings.KEEP_ENQUIRIES_MONTHS
    assert upkeep.erase_due(now=NOON + months * 31 * DAY) == 0
    assert upkeep.erase_due(now=NOON + (months * 31 + 366) * DAY) == 1


# ---- pages ----


def post(client, page, /, *args, **values):
    return client.post(reverse(page, args=args), values)


def test_from_the_form_to_the_data_and_to_a_polite_refusal(client, protected):
    page = client.get(reverse("data-access")).content.decode()
    assert "Apply for restricted data" in page
    # The rule of test_who_does_not_confirm_destruction_is_erased_a_year_later, in words.
    assert "and a year later if you took data and have not confirmed" in page
    sent = {**ENTERED, "accepted": "on", "started": started_token(ago=60)}
    answer = post(client, "apply-for-data", **sent)
    application = DataApplication.objects.get()
    place = (application.reference, application.token)
    page = client.get(answer.url).content.decode()
    assert "Confirm your email address" in page
    assert not any(secret in answer.url + page for secret in place)
    assert (
        "Confirm my address" in client.get(reverse("data-application", args=place)).content.decode()
    )
    application.refresh_from_db()
    assert application.confirmed_at is None
    assert post(client, "data-application", *place, do="confirm").status_code == 302
    assert post(client, "data-application", *place, do="take").status_code == 302
    until = application.received_at.date() + 30 * DAY
    for role, action in ((Role.ANALYST, "propose"), (Role.EDITOR, "confirm")):
        client.force_login(make_person(role))
        dated = {"until_day": until.day, "until_month": until.month, "until_year": until.year}
        waiting = waiting_approval(application)
        sent = {"do": action, "profile": "open", "approval": waiting.pk if waiting else "", **dated}
        answer = post(client, "decide-data-application", place[0], **sent)
        assert answer.status_code == 302
    client.logout()
    answer = post(client, "data-application", *place, do="take")
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert ZipFile(io.BytesIO(answer.content)).testzip() is None
    DataApplication.objects.update(expires_on=date(2026, 1, 1))
    answer = post(client, "data-application", *place, do="take")
    assert answer.status_code == 302
    page = " ".join(client.get(answer.url).content.decode().split())
    assert "Your access has ended: no data was sent." in page
    assert "Your access has ended on 1 January 2026." in page
    assert RestrictedExport.objects.count() == 1


def test_only_the_approval_that_the_page_showed_is_confirmed_or_dropped(client):
    application, first, now = apply(), make_person(Role.ANALYST), timezone.now()
    shown = propose(application, by=first, until=now.date() + DAY, now=now)
    deciding.drop_approval(by=first, approval=shown, now=now)
    waiting = propose(application, by=first, until=now.date() + 30 * DAY, now=now)
    client.force_login(make_person(Role.EDITOR))
    place = reverse("decide-data-application", args=[application.reference])
    page = client.get(place).content.decode()
    assert f'name="approval" value="{waiting.pk}"' in page
    for action in ("confirm", "drop"):
        for sent in ({"approval": shown.pk}, {}):
            answer = client.post(place, {"do": action, **sent}, follow=True)
            assert "does not wait any more" in answer.content.decode()
    waiting.refresh_from_db()
    assert (waiting.confirmed_at, waiting.dropped_at) == (None, None)
    client.post(place, {"do": "confirm", "approval": waiting.pk})
    application.refresh_from_db()
    assert application.expires_on == waiting.until


def test_no_answer_is_chosen_beforehand_for_the_one_who_proposes(client):
    application = apply()
    client.force_login(make_person(Role.EDITOR))
    place = reverse("decide-data-application", args=[application.reference])
    page = client.get(place).content.decode()
    assert 'name="profile"' in page
    assert "checked" not in page


def test_the_private_page_is_found_with_its_token_alone(client):
    application = apply()
    for place in ((application.reference, "wrong"), ("DA2026-XXXXXX", application.token)):
        assert client.get(reverse("data-application", args=place)).status_code == 404


def test_programs_cannot_apply(client):
    for changes in ({"homepage": "x"}, {"started": started_token()}):
        sent = {**ENTERED, "accepted": "on", "started": started_token(ago=60), **changes}
        assert post(client, "apply-for-data", **sent).status_code == 400
    assert not DataApplication.objects.exists()


def test_an_erased_application_opens_for_nobody():
    application = apply()
    DataApplication.objects.update(erased_at=NOON)
    with pytest.raises(NotFound):
        using.confirm_destruction(application=application, now=NOON)


def test_nobody_confirms_the_destruction_of_data_that_they_never_had():
    application = apply()
    using.confirm_destruction(application=application, now=NOON)
    application.refresh_from_db()
    assert (application.destroyed_at, application.state) == (None, AccessState.WAITING)
