"""Recommendations and what is told about them."""

from datetime import date, timedelta

import pytest

from tests.factories import NOON, make_person
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.coding.services import assign_coder, finish_coding
from waymark.core.errors import RuleError
from waymark.core.spans import Span
from waymark.documents.anchors import ReportAnchors
from waymark.frameworks.models import Framework
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.recommendations import queries, services

pytestmark = pytest.mark.django_db
SOURCE = builtin_frameworks()[0].read_text("utf-8")
CORE = read_framework(SOURCE, file="core")


@pytest.fixture(autouse=True)
@written_once
def core(db):
    framework = load_framework(by=None, source=SOURCE, file="core", now=NOON)
    publish_framework(by=None, framework=framework, now=NOON)
    return framework


def begin(report):
    coder = make_person(Role.CODER)
    framework = Framework.objects.get(name=CORE.framework)
    assign_coder(by=coder, review=report.review, framework=framework, coder=coder, now=NOON)
    return coder


def record(report, *, by=None, **changed):
    values = {"category": "training", "audience": "health", "number": 1, **changed}
    return services.record_recommendation(
        by=by or begin(report),
        framework=CORE,
        anchors=ReportAnchors(report),
        span=Span(0, 26),
        smart=["specific"],
        now=NOON,
        **values,
    )


def tell(report, status, now=NOON, due=None):
    return services.record_progress(
        by=make_person(Role.CATALOGUER),
        review=report.review,
        number=1,
        status=status,
        impact="no_evidence",
        due=due,
        now=now,
    )


def followed(report, now=NOON):
    (row,) = queries.recommendations_of(report.review, make_person(Role.READER), now)
    return row


def test_a_correction_keeps_the_strength_and_the_finding_unless_it_gives_others(report):
    coder = begin(report)
    first = record(report, by=coder, strength="weak", finding=Span(0, 10))
    assert first.finding == f"{report.key}-0-10"
    second = record(report, by=coder, audience="police")
    assert (second.strength, second.finding) == ("weak", first.finding)
    assert record(report, by=coder, strength="strong").strength == "strong"
    with pytest.raises(RuleError, match="strength must be one of strong, intermediate, weak"):
        record(report, by=coder, strength="mighty")


def test_a_recommendation_is_kept_in_the_reports_words(report):
    assert record(report).exact == "The visits stopped in May."


@pytest.mark.parametrize(("name", "value"), [("category", "wishes"), ("audience", "everybody")])
def test_a_category_or_audience_outside_the_framework_is_refused(report, name, value):
    with pytest.raises(RuleError, match=f"{name} cannot be"):
        record(report, **{name: value})


def test_a_number_is_used_once_in_a_review(report):
    record(report)
    with pytest.raises(RuleError, match=r"already has .*: leave it out of your work"):
        record(report)


def test_a_coders_later_recommendation_of_a_number_supersedes_the_earlier_one(report):
    coder = begin(report)
    first = record(report, by=coder)
    record(report, by=coder, category="procedures_and_policy")
    first.refresh_from_db()
    assert (first.category, first.superseded_at) == ("training", NOON)
    assert followed(report).recommendation.category == "procedures_and_policy"


def test_a_recommendation_is_recorded_by_whoever_has_the_review_and_has_not_finished_it(
    report, core
):
    with pytest.raises(RuleError, match="T1 is not assigned to"):
        record(report, by=make_person(Role.CODER))
    coder = begin(report)
    recommendation = record(report, by=coder)
    finish_coding(by=coder, review=report.review, framework=core, now=NOON)
    with pytest.raises(RuleError, match="has finished T1"):
        record(report, by=coder, number=2)
    with pytest.raises(RuleError, match="has finished T1"):
        services.withdraw_recommendation(by=coder, recommendation=recommendation, now=NOON)


def test_a_recommendation_is_withdrawn_by_whoever_recorded_it(report):
    recommendation = record(report)
    with pytest.raises(RuleError, match="only the coder who recorded a recommendation"):
        services.withdraw_recommendation(by=begin(report), recommendation=recommendation, now=NOON)
    services.withdraw_recommendation(
        by=recommendation.recorded_by, recommendation=recommendation, now=NOON
    )
    assert queries.recommendations_of(report.review, make_person(Role.READER), NOON) == []


def test_the_latest_account_stands_and_earlier_ones_stay(report):
    recommendation = record(report)
    tell(report, "in_progress")
    tell(report, "complete", now=NOON + timedelta(days=1))
    assert (followed(report).progress.status, recommendation.progress.count()) == ("complete", 2)


@pytest.mark.parametrize(
    ("status", "due", "overdue"),
    [
        ("in_progress", date(2026, 5, 3), True),
        ("in_progress", date(2026, 5, 4), False),
        ("complete", date(2026, 5, 3), False),
        ("not_started", None, False),
    ],
)
def test_overdue_follows_from_the_day_and_the_status(report, status, due, overdue):
    record(report)
    tell(report, status, due=due)
    assert followed(report).overdue is overdue


def test_plain_rows_hold_the_last_account_and_what_is_overdue_on_the_day_asked_about(report):
    recommendation = record(report)
    (untold,) = queries.recommendation_rows([report.review_id], as_at=NOON.date())
    assert (untold.status, untold.impact, untold.overdue) == ("", "", False)
    assert (untold.review, untold.number, untold.smart) == (
        report.review.reference,
        1,
        ("specific",),
    )
    assert [(quote.key, quote.exact) for quote in untold.quotes] == [
        (recommendation.key, recommendation.exact)
    ]
    tell(report, "not_started")
    due = date(2010, 3, 31)
    tell(report, "in_progress", now=NOON + timedelta(days=1), due=due)
    on_the_day, after = (
        queries.recommendation_rows([report.review_id], as_at=day)[0]
        for day in (due, due + timedelta(days=1))
    )
    assert (on_the_day.status, on_the_day.overdue, after.overdue) == ("in_progress", False, True)


def test_plain_rows_are_those_of_the_reviews_asked_for(report):
    record(report)
    assert queries.recommendation_rows([], as_at=NOON.date()) == []
