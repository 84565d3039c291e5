"""Reported progress: what is impossible is refused, what is doubtful is named."""

from datetime import date

import pytest

from tests.factories import NOON, make_person
from tests.recommendations.test_recommendations import core, followed, record  # noqa: F401
from waymark.accounts.models import Role
from waymark.core.errors import RuleError
from waymark.recommendations import services
from waymark.recommendations.models import Progress, ProgressImpact, ProgressStatus
from waymark.recommendations.progress_rules import (
    NO_EVIDENCE,
    OUTCOME,
    UNFINISHED,
    WITHOUT_EFFECT,
    ReportedState,
    progress_doubts,
    progress_faults,
)

MADE = date(2007, 9, 28)
TODAY = date(2026, 5, 4)
IMPACTS = [impact for impact in ProgressImpact if impact != "no_evidence"]


def test_the_rules_name_values_that_there_are():
    assert {*WITHOUT_EFFECT, *UNFINISHED, "complete"} == set(ProgressStatus.values)
    assert {NO_EVIDENCE, OUTCOME} < set(ProgressImpact.values)


@pytest.mark.parametrize("impact", IMPACTS)
@pytest.mark.parametrize(
    ("status", "words"),
    [("not_started", "has not been started"), ("not_accepted", "was not accepted")],
)
def test_what_was_not_begun_or_not_accepted_has_had_no_impact(status, words, impact):
    assert progress_faults(ReportedState(status, impact)) == [
        (
            f"a recommendation that {words} cannot have had an impact: correct the status, or"
            " report no evidence of change"
        )
    ]


@pytest.mark.parametrize("impact", ProgressImpact)
@pytest.mark.parametrize("status", ["in_progress", "complete", "superseded"])
def test_any_other_status_is_possible_with_any_impact(status, impact):
    assert progress_faults(ReportedState(status, impact)) == []


@pytest.mark.parametrize("status", ProgressStatus)
def test_no_evidence_is_possible_with_any_status(status):
    assert progress_faults(ReportedState(status, "no_evidence")) == []


def observed(day, evidence="Audit of 20 files."):
    state = ReportedState("complete", "practice_change", evidence=evidence, evidence_on=day)
    return progress_faults(state, made_on=MADE, today=TODAY)


def test_evidence_is_not_older_than_the_recommendation():
    assert observed(date(2007, 9, 27)) == [
        (
            "the evidence of 27 September 2007 is older than the recommendation, which was made on"
            " 28 September 2007: correct the date, or leave the evidence out"
        )
    ]
    assert observed(MADE) == []


def test_evidence_is_not_of_the_future():
    assert observed(date(2026, 5, 5)) == [
        "the evidence of 5 May 2026 is in the future: correct the date"
    ]
    assert observed(TODAY) == []


def test_a_date_of_evidence_needs_the_evidence():
    assert observed(date(2010, 1, 1), evidence="  ") == [
        "the date of the evidence needs the evidence: describe it, or leave out the date"
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [("in_progress", "is still in progress"), ("superseded", "was superseded")],
)
def test_a_changed_outcome_of_what_was_not_completed_is_doubtful(status, words):
    state = ReportedState(status, "outcome_for_children", evidence="Audit of 20 files.")
    assert progress_doubts(state) == [
        f"children's outcomes are said to have changed, but the recommendation {words}"
    ]


def test_a_changed_outcome_without_evidence_is_doubtful():
    assert progress_doubts(ReportedState("complete", "outcome_for_children")) == [
        "children's outcomes are said to have changed, but no evidence is given"
    ]
    assert progress_doubts(ReportedState("complete", "practice_change")) == []


def test_evidence_of_nothing_is_doubtful():
    assert progress_doubts(ReportedState("complete", "no_evidence", evidence="Letters.")) == [
        "evidence is given, but the impact says that there is none"
    ]


def test_a_due_day_before_the_end_of_the_review_is_doubtful():
    state = ReportedState("in_progress", "no_evidence", due=date(2007, 9, 27))
    assert progress_doubts(state, made_on=MADE) == [
        "it was due on 27 September 2007, before the review ended on 28 September 2007"
    ]
    assert progress_doubts(state) == []


@pytest.mark.django_db
class TestRecording:
    def tell(self, report, **changed):
        values = {"status": "complete", "impact": "outcome_for_children", "due": None, **changed}
        return services.record_progress(
            by=make_person(Role.CATALOGUER), review=report.review, number=1, now=NOON, **values
        )

    def test_impossible_progress_is_refused_and_nothing_is_stored(self, report):
        record(report)
        with pytest.raises(RuleError, match=r"^T1 recommendation 1: .*has not been started cannot"):
            self.tell(report, status="not_started")
        assert not Progress.objects.exists()

    def test_evidence_from_before_the_end_of_the_review_is_refused(self, report):
        record(report)
        report.review.completed_on = MADE
        report.review.save()
        with pytest.raises(RuleError, match="is older than the recommendation"):
            self.tell(report, evidence="Audit.", evidence_on=date(2007, 1, 1))
        assert not Progress.objects.exists()

    def test_doubtful_progress_is_stored_with_its_doubts(self, report):
        record(report)
        self.tell(report)
        assert followed(report).doubts == (
            "children's outcomes are said to have changed, but no evidence is given",
        )

    def test_evidence_and_its_day_are_stored(self, report):
        record(report)
        self.tell(report, evidence=" Audit of 20 files. ", evidence_on=date(2010, 1, 1))
        latest = followed(report)
        assert (latest.progress.evidence, latest.progress.evidence_on, latest.doubts) == (
            "Audit of 20 files.",
            date(2010, 1, 1),
            (),
        )

    def test_impossible_progress_of_an_earlier_version_is_named(self, report):
        recommendation = record(report)
        Progress.objects.create(
            recommendation=recommendation,
            status="not_started",
            impact="practice_change",
            told_at=NOON,
            told_by=make_person(Role.CATALOGUER),
        )
        (doubt,) = followed(report).doubts
        assert doubt.startswith("a recommendation that has not been started cannot have had")
