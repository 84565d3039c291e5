"""The ledgers of the demo: what is recorded of the story, and that overviews count as before."""

from datetime import date

import pytest
from django.utils import timezone

from tests.factories import make_person, make_report, make_review
from tests.written_once import written_once
from waymark.accounts.models import Role
from waymark.bodies.models import Body
from waymark.core.spans import Span
from waymark.demo.build import OVERVIEW, _record_progress
from waymark.demo.sources import read_collection, read_progress, read_source, sources_folder
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Review
from waymark.recommendations.models import Addressee, LedgerEntry, Progress, Recommendation
from waymark.recommendations.queries import recommendation_rows

pytestmark = pytest.mark.django_db
PLACE = sources_folder()
AS_AT = date(2010, 12, 31)
"""The day of the demo's overview."""


@pytest.fixture
@written_once
def told():
    """The reviews of the demo with four recommendations each, and what was told of them."""
    person = make_person(Role.CATALOGUER, name="cataloguer")
    collection = read_collection(PLACE)
    for listed in collection.reports:
        about = read_source(PLACE / "reports" / f"{listed.review}.md").about
        review = make_review(
            about.review, board=about.board, completed_on=about.completed, collection=OVERVIEW
        )
        report = make_report(review, "All staff should be trained in this.")
        place = ReportAnchors(report).fields(Span(0, 9))
        Recommendation.objects.bulk_create(
            Recommendation(
                review=review,
                number=number,
                category="training",
                audience="health",
                recorded_by=person,
                recorded_at=timezone.now(),
                **place,
            )
            for number in (1, 2, 3, 4)
        )
    _record_progress(collection, PLACE, timezone.now())
    return collection


def test_overviews_count_the_progress_that_the_demo_shows(told):
    rows = recommendation_rows(Review.objects.all(), as_at=AS_AT)
    counted = {(row.review, row.number): (row.status, row.impact, row.overdue) for row in rows}
    closed = {"complete", "superseded", "not_accepted"}
    assert counted == {
        (row.review, row.number): (
            row.status,
            row.impact,
            row.due is not None and row.due < AS_AT and row.status not in closed,
        )
        for row in read_progress(PLACE).progress
    }


def test_each_addressee_of_the_story_has_its_ledger_and_standing(told):
    shared = Addressee.objects.filter(review__reference="R16", number=2).order_by("pk")
    assert [(row.standing, row.told_on, row.overdue_from) for row in shared] == [
        ("in_principle", date(2007, 9, 18), date(2009, 3, 18)),
        ("accepted", date(2007, 9, 18), date(2009, 3, 18)),
        ("accepted", date(2008, 1, 15), date(2009, 7, 15)),
    ]
    unanswered = Addressee.objects.get(review__reference="R20", number=1)
    assert unanswered.standing == "waiting"
    kinds = LedgerEntry.objects.filter(addressee=unanswered).values_list("kind", flat=True)
    assert list(kinds) == ["notified", "reminded", "reminded", "listed", "note"]
    verified = Addressee.objects.get(review__reference="R16", number=1)
    assert verified.standing == "verified"
    earlier = Progress.objects.filter(recommendation__review__reference="R16").filter(
        recommendation__number=1
    )
    statuses = earlier.order_by("reported_on").values_list("status", flat=True)
    assert list(statuses) == ["in_progress", "complete", "in_progress", "complete"]


def test_the_committee_is_followed_by_those_that_took_over_and_nothing_is_told_twice(told):
    committee = Body.objects.get(name="Carnmurry Area Child Protection Committee")
    (regional,) = committee.successions.all()
    assert regional.on == date(2009, 4, 1)
    assert regional.later.successions.get().on == date(2012, 9, 1)
    before = (Addressee.objects.count(), LedgerEntry.objects.count(), Progress.objects.count())
    _record_progress(told, PLACE, timezone.now())
    after = (Addressee.objects.count(), LedgerEntry.objects.count(), Progress.objects.count())
    assert after == before
