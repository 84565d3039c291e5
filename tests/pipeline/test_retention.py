"""Retention of files: expiry, legal hold, erasing, and the tombstones that are left."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.factories import NOON, make_person, make_report, make_review
from tests.pipeline.test_repository import BOARD, DAY, TEXT, offered, reports_of
from waymark import pipeline
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Role, State
from waymark.core.errors import NotPermitted, RuleError
from waymark.documents import services as documents
from waymark.documents.files.storage import original_path
from waymark.documents.models import Passage, Report
from waymark.library import services as library
from waymark.library.models import (
    Removal,
    Retention,
)
from waymark.library.queries import repository
from waymark.library.services import retention
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.checks import doctor


@pytest.fixture
def keeper(db):
    return make_person(Role.CATALOGUER, name="keeper")


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def expiring(db, data):
    """A public report, catalogued, whose file may be had until 4 May 2031."""
    review = make_review("T1", board=BOARD)
    library.catalogue_review(by=None, review=review, now=NOON)
    report = make_report(review, "The visits stopped in May.", state=State.IN_CHECK)
    pipeline.change_state(by=None, item=report, state=State.PUBLISHED, now=NOON)
    return report


OVER = NOON.replace(year=2031)


def test_a_file_expires_on_its_day_once_and_leaves_a_tombstone_beside_its_record(expiring):
    assert Retention.objects.get().until == date(2031, 5, 4)
    assert pipeline.expire_due(now=OVER - DAY) == 0
    assert pipeline.expire_due(now=OVER) == 1
    assert pipeline.expire_due(now=OVER) == 0
    expiring.refresh_from_db()
    assert expiring.state == State.EXPIRED
    assert repository.is_public(expiring.review, OVER)
    stone = repository.tombstone_of(expiring, AnonymousUser(), OVER)
    assert (stone.kind, stone.on, stone.review) == ("expired", date(2031, 5, 4), expiring.review)
    reports = repository.reports_and_removed(expiring.review, AnonymousUser(), OVER)
    assert [report.key for report in reports.removed] == [expiring.key]
    assert Removal.objects.count() == 1


@pytest.mark.parametrize("role", [Role.READER, Role.CODER, Role.ANALYST])
def test_the_time_of_a_file_is_set_by_those_who_publish_reports(expiring, role):
    with pytest.raises(NotPermitted, match="cannot publish reports"):
        retention.set_retention(
            by=make_person(role),
            report=expiring,
            until=date(2033, 1, 1),
            legal_hold=False,
            hold_reason="",
            reason="The board asked.",
            now=NOON,
        )
    assert Retention.objects.get(report=expiring).until == date(2031, 5, 4)
    assert not AuditEntry.objects.filter(action="set retention").exists()


def in_status(person, status, now):
    rows = repository.files_with_expiry(person, now)
    return list(rows.filter(repository.in_expiry(repository.ExpiryStatus(status), now)))


def test_a_legal_hold_keeps_a_file_beyond_its_day(expiring, keeper):
    change = {"by": keeper, "report": expiring, "reason": "A court asked.", "now": NOON}
    with pytest.raises(RuleError, match="enter the reason for the legal hold"):
        retention.set_retention(**change, until=date(2031, 5, 4), legal_hold=True, hold_reason="")
    retention.set_retention(**change, until=date(2031, 5, 4), legal_hold=True, hold_reason="Court.")
    assert pipeline.expire_due(now=OVER) == 0
    assert in_status(keeper, "held", OVER) == [expiring]
    retention.set_retention(**change, until=date(2031, 5, 4), legal_hold=False, hold_reason="")
    assert pipeline.expire_due(now=OVER) == 1


def test_staff_are_told_ninety_days_ahead(expiring, keeper):
    for days, due in ((91, 0), (90, 1)):
        assert len(in_status(keeper, "soon", OVER - days * DAY)) == due
        assert len(in_status(keeper, "later", OVER - days * DAY)) == 1 - due
    assert in_status(keeper, "over", OVER) == in_status(keeper, "ending", OVER) == [expiring]


def test_what_expired_comes_back_only_with_a_later_day(expiring, keeper):
    pipeline.expire_due(now=OVER)
    expiring.refresh_from_db()
    back = {"by": keeper, "item": expiring, "state": State.PUBLISHED, "now": OVER}
    with pytest.raises(RuleError, match="expired on 4 May 2031: set a later expiry date first"):
        pipeline.change_state(**back)
    retention.set_retention(
        by=keeper,
        report=expiring,
        until=date(2033, 1, 1),
        legal_hold=False,
        hold_reason="",
        reason="The board asked.",
        now=OVER,
    )
    pipeline.change_state(**back)
    assert repository.tombstone_of(expiring, AnonymousUser(), OVER) is None
    assert Removal.objects.get().undone_at == OVER


def test_a_withdrawn_file_under_a_legal_hold_comes_back_after_its_day(expiring, keeper):
    retention.set_retention(
        by=keeper,
        report=expiring,
        until=date(2031, 5, 4),
        legal_hold=True,
        hold_reason="A court asked.",
        reason="A court asked.",
        now=NOON,
    )
    for state in (State.WITHDRAWN, State.PUBLISHED):
        pipeline.change_state(by=keeper, item=expiring, state=state, now=OVER)
    assert repository.is_public(expiring, OVER)


def test_what_was_public_before_terms_were_kept_has_no_end_until_staff_set_one(db, data, keeper):
    report = make_report(make_review("T1"), "Words.")
    assert pipeline.expire_due(now=OVER + 3_650 * DAY) == 0
    assert in_status(keeper, "endless", NOON) == [report]


# ---- erasing ----


def test_an_erased_file_is_gone_from_the_disk_and_its_words_from_the_rows(
    data, keeper, django_capture_on_commit_callbacks
):
    deposit = offered(("Fern.txt", TEXT))
    (report,) = reports_of(deposit)
    with pytest.raises(RuleError, match="withdraw the report first"):
        documents.erase_original(by=keeper, report=report, now=NOON)
    pipeline.return_deposit(by=keeper, deposit=deposit, reason="No.", now=NOON)
    report.refresh_from_db()
    path = original_path(report.original_id)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):
        documents.erase_original(by=keeper, report=report, now=NOON)
    assert not path.exists()
    report = Report.objects.get(pk=report.pk)
    assert (report.text.content, report.warnings) == ("", [])
    assert not Passage.objects.filter(report=report).exists()
    with pytest.raises(RuleError, match="was erased"):
        pipeline.change_state(by=keeper, item=report, state=State.PUBLISHED, now=NOON)
    offered(("Fern.txt", TEXT), origin="192.0.2.9")
    assert not path.exists()
    checked = {check.name: check.faults for check in doctor.examine_installation(now=NOON)}
    assert checked["every original exists and is unchanged"] == ()
    assert checked["every quotation is word for word in its report"] == ()


# ---- tombstones ----


def test_a_withdrawn_review_leaves_reason_date_and_successor(expiring, keeper):
    after = make_review("T2")
    record = library.catalogue_review(by=None, review=after, now=NOON)
    text = TombstoneText(reason="A corrected version has taken its place.", successor=record)
    pipeline.change_state(
        by=keeper, item=expiring.review, state=State.WITHDRAWN, tombstone=text, now=NOON
    )
    for item in (expiring.review, Report.objects.get(pk=expiring.pk)):
        stone = repository.tombstone_of(item, AnonymousUser(), NOON)
        assert (stone.title, stone.reason) == ("A case review", text.reason)
        assert (stone.on, stone.successor.reference, stone.review) == (date(2026, 5, 4), "T2", None)
    line = removals.last_entries()["review T1", removals.TOMBSTONE, 0]
    assert (line["reason"], line["successor"]) == (text.reason, "review T2")
    pipeline.change_state(by=keeper, item=after, state=State.WITHDRAWN, now=NOON)
    assert repository.tombstone_of(expiring.review, AnonymousUser(), NOON).successor is None


def test_the_words_of_a_tombstone_may_not_say_what_it_was(expiring, keeper):
    for reason in (
        "Review t1 named a family.",
        f"The {BOARD.lower()} asked.",
        "At the request of Karen Whitcombe.",
        "The family lives at 12 Mill Lane.",
    ):
        with pytest.raises(RuleError, match="must not identify the item"):
            pipeline.change_state(
                by=keeper,
                item=expiring.review,
                state=State.WITHDRAWN,
                tombstone=TombstoneText(reason=reason),
                now=NOON,
            )
    expiring.review.refresh_from_db()
    assert expiring.review.state == State.PUBLISHED
