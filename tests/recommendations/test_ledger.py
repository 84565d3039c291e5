"""Serving recommendations on addressees, and the ledger of what each of them did."""

from datetime import date, timedelta

import pytest

from tests.factories import NOON, make_person
from tests.recommendations.test_recommendations import core, followed, record  # noqa: F401
from waymark.accounts.models import AuditEntry, Role
from waymark.bodies.services import BodyAbout, add_body
from waymark.core.errors import RuleError
from waymark.recommendations import services
from waymark.recommendations.models import Addressee, LedgerEntry
from waymark.recommendations.queries import recommendation_rows
from waymark.recommendations.services import NewAction, NewEntry, NewProgress

pytestmark = pytest.mark.django_db
TOLD = date(2026, 1, 12)


@pytest.fixture
def asked(report):
    """A recommendation of review T1."""
    record(report)
    return report.review


def serve(review, words="Ash Trust", **more):
    return services.add_addressee(by=None, review=review, number=1, words=words, now=NOON, **more)


def enter(addressee, kind, on=TOLD, **more):
    entry = NewEntry(kind, on, **more)
    return services.record_entry_of(by=None, addressee=addressee, entry=entry, now=NOON)


def tell(addressee, status, impact="no_evidence", **more):
    progress = NewProgress(status, impact, **more)
    return services.record_progress_of(by=None, addressee=addressee, progress=progress, now=NOON)


def standing(addressee):
    addressee.refresh_from_db()
    return addressee.standing


def row_of(review, as_at=date(2026, 5, 4)):
    (row,) = recommendation_rows([review.pk], as_at=as_at)
    return row.status, row.impact, row.overdue


def test_an_addressee_is_the_body_that_has_its_words_as_a_name(asked):
    trust = add_body(by=None, about=BodyAbout("Ash Trust"), now=NOON)
    assert serve(asked).body == trust
    assert serve(asked, "Trust of Ash").body is None


def test_an_addressee_is_named_once_and_of_a_recommendation_that_there_is(asked):
    serve(asked)
    with pytest.raises(RuleError, match="Ash Trust is an addressee of this recommendation already"):
        serve(asked)
    with pytest.raises(RuleError, match="has no recommendation 2"):
        services.add_addressee(by=None, review=asked, number=2, words="Ash", now=NOON)
    with pytest.raises(RuleError, match="there is no scheme moon"):
        serve(asked, "Moon Trust", scheme="moon")


def test_each_addressee_stands_by_its_own_ledger(asked):
    nurses, doctors, late = (serve(asked, words) for words in ("Nurses", "Doctors", "Addiction"))
    for addressee in (nurses, doctors):
        enter(addressee, "notified", how="letter")
    enter(nurses, "answered", answer="accepted")
    enter(doctors, "answered", answer="in_principle", text="One day is offered.")
    assert [standing(row) for row in (nurses, doctors, late)] == [
        "accepted",
        "in_principle",
        "not_told",
    ]


def test_the_response_is_due_by_the_rule_of_the_scheme(asked):
    trust = serve(asked, scheme="coroner-pfd")
    enter(trust, "notified")
    trust.refresh_from_db()
    assert (trust.answer_due, trust.overdue_from) == (date(2026, 3, 9), date(2026, 3, 10))


def test_not_accepting_needs_a_reason(asked):
    with pytest.raises(RuleError, match="enter the reason why the recommendation is not accepted"):
        enter(serve(asked), "answered", answer="rejected")
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"kind": "answered"}, "choose the answer"),
        ({"kind": "notified", "answer": "accepted"}, "only an answer has an answer"),
        ({"kind": "sung"}, "kind must be one of"),
        ({"kind": "escalated"}, "choose the level"),
        ({"kind": "notified", "on": date(2026, 5, 5)}, "5 May 2026 is in the future"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(asked, entry, reason):
    with pytest.raises(RuleError, match=reason):
        enter(serve(asked), **entry)


def test_nobody_is_told_before_the_review_ended(asked):
    asked.completed_on = date(2026, 2, 1)
    asked.save()
    with pytest.raises(RuleError, match="before the review ended on 1 February 2026"):
        enter(serve(asked), "notified")


def test_a_wrong_entry_is_taken_back_and_stays_on_record(asked):
    trust = serve(asked)
    entry = enter(trust, "notified")
    assert standing(trust) == "waiting"
    services.take_back_entry(by=None, entry=entry, reason="The letter came back.", now=NOON)
    assert standing(trust) == "not_told"
    assert LedgerEntry.objects.get().reason == "The letter came back."
    with pytest.raises(RuleError, match="already been taken back"):
        services.take_back_entry(by=None, entry=entry, reason="Again.", now=NOON)


def test_an_action_that_is_not_done_makes_its_addressee_late(asked):
    trust = serve(asked)
    enter(trust, "notified")
    action = services.add_action(
        by=None,
        addressee=trust,
        action=NewAction("Train 64 health visitors", "Head of training", date(2026, 3, 31)),
        now=NOON,
    )
    trust.refresh_from_db()
    assert trust.overdue_from == date(2026, 4, 1)
    services.finish_action(
        by=None, action=action, done_on=date(2026, 4, 20), evidence="List of names.", now=NOON
    )
    trust.refresh_from_db()
    assert trust.overdue_from == date(2027, 7, 12)  # 18 months after it was told
    with pytest.raises(RuleError, match="was done on 20 April 2026 already"):
        services.finish_action(
            by=None, action=action, done_on=date(2026, 4, 20), evidence="", now=NOON
        )


def test_what_a_body_reports_of_itself_stands_apart_from_what_was_verified(asked):
    trust = serve(asked)
    tell(trust, "complete", "activity_only", reported_on=date(2026, 2, 1))
    assert standing(trust) == "reported"
    tell(
        trust,
        "in_progress",
        "activity_only",
        reported_on=date(2026, 3, 1),
        verified=True,
        judged_by="Audit of 24 transfers",
    )
    assert standing(trust) == "in_progress"
    tell(trust, "complete", "practice_change", reported_on=date(2026, 4, 1), verified=True)
    assert standing(trust) == "verified"


def test_an_addressee_is_removed_only_before_its_ledger_begins(asked):
    trust, other = serve(asked), serve(asked, "Other")
    services.remove_addressee(by=None, addressee=other, now=NOON)
    enter(trust, "notified")
    with pytest.raises(RuleError, match="has entries in the ledger, which stay"):
        services.remove_addressee(by=None, addressee=trust, now=NOON)
    assert Addressee.objects.get() == trust


def test_a_recommendation_that_was_served_cannot_be_withdrawn(report):
    recommendation = record(report)
    serve(report.review)
    with pytest.raises(RuleError, match="has been served on an addressee"):
        services.withdraw_recommendation(
            by=recommendation.recorded_by, recommendation=recommendation, now=NOON
        )


def test_every_change_of_a_ledger_is_in_the_audit_log(asked):
    trust = serve(asked)
    enter(trust, "notified")
    assert list(AuditEntry.objects.order_by("-pk").values_list("action", flat=True)[:2]) == [
        "record in ledger",
        "add addressee",
    ]


# ---- the recommendation as a whole, as overviews count it ----


def test_progress_of_an_earlier_version_is_that_of_the_recommendation_as_a_whole(asked):
    services.record_progress(
        by=make_person(Role.CATALOGUER),
        review=asked,
        number=1,
        status="complete",
        impact="activity_only",
        due=None,
        now=NOON,
    )
    assert row_of(asked) == ("complete", "activity_only", False)
    trust = serve(asked)
    assert standing(trust) == "reported"
    assert row_of(asked) == ("complete", "activity_only", False)


def test_overviews_count_a_recommendation_complete_once_all_addressees_are(asked):
    nurses, doctors = serve(asked, "Nurses"), serve(asked, "Doctors")
    tell(nurses, "complete", "practice_change")
    assert row_of(asked) == ("in_progress", "no_evidence", False)
    tell(doctors, "complete", "activity_only")
    assert row_of(asked) == ("complete", "activity_only", False)


def test_what_was_reported_later_than_the_day_of_an_overview_is_not_counted(asked):
    trust = serve(asked)
    tell(trust, "in_progress", reported_on=date(2026, 1, 20), due=date(2026, 2, 1))
    tell(trust, "complete", "activity_only", reported_on=date(2026, 4, 1))
    assert row_of(asked, date(2026, 3, 1)) == ("in_progress", "no_evidence", True)
    assert row_of(asked, date(2026, 4, 1)) == ("complete", "activity_only", False)


def test_a_report_that_is_entered_late_is_of_its_own_day(asked, report):
    trust = serve(asked)
    tell(trust, "complete", "activity_only", reported_on=date(2026, 4, 1))
    services.record_progress_of(
        by=None,
        addressee=trust,
        progress=NewProgress("in_progress", "no_evidence", reported_on=date(2026, 2, 1)),
        now=NOON + timedelta(days=1),
    )
    assert standing(trust) == "reported"
    assert followed(report).progress.status == "complete"


def test_the_page_of_a_review_shows_all_addressees_together(asked, report):
    nurses, _ = serve(asked, "Nurses"), serve(asked, "Doctors")
    tell(nurses, "complete", "practice_change")
    latest = followed(report)
    assert (latest.progress.status, latest.progress.impact) == ("in_progress", "no_evidence")
    assert latest.addressees == 2
