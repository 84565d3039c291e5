"""The checklist of a record asks the rules of publication; publishing it is all or nothing."""

from datetime import date

import pytest

from tests.factories import NOON, answer_description, make_person, make_report, make_review
from waymark import pipeline
from waymark.accounts.models import Role, State
from waymark.core.errors import NotPermitted, NotReady, RuleError
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Concept
from waymark.library.services import add_resource, catalogue_review
from waymark.library.services.retention import begin_retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    """An internal review with two files, which lacks nation, date, subject and abstract."""
    made = make_review("T1", title="Child Fern", state=State.INTERNAL, board="A board")
    make_report(made, "Nobody asked why.", state=State.IN_CHECK)
    make_report(made, "The board answered.", state=State.INTERNAL)
    catalogue_review(by=None, review=made, now=NOON)
    answer_description(made)
    return made


def complete(review):
    """Give a review what its record lacks."""
    Review.objects.filter(pk=review.pk).update(nation="England", published_on=date(2026, 5, 1))
    review.refresh_from_db()
    catalogue_review(by=None, review=review, now=NOON).subjects.add(
        Concept.objects.create(key="neglect")
    )


def states_of(items):
    return {item.key: str(item.state) for item in items}


def details_of(items):
    return {item.key: item.detail for item in items}


def test_each_item_says_what_is_missing_in_plain_words(review):
    report = review.reports.first()
    Report.objects.filter(pk=report.pk).update(anonymity_checked_at=None)
    items = pipeline.checklist_of_review(review, NOON)
    assert [item.key for item in items] == [
        *("files", "checks", "record", "subjects", "expiry", "publish")
    ]
    assert details_of(items) == {
        "files": "2 files, 2 pages",
        "checks": "1 check to answer: T1.txt",
        "record": "Missing: nation, date of completion or publication and abstract",
        "subjects": "No subject yet",
        "expiry": "Starts when the file is published, unless you set it",
        "publish": "Not yet: 3 items above to do first",
    }


def test_publishing_is_the_last_item_and_is_open_until_it_is_done(review):
    complete(review)
    items = pipeline.checklist_of_review(review, NOON)
    assert states_of(items) == {
        "files": "done",
        "checks": "done",
        "record": "advised",
        "subjects": "done",
        "expiry": "done",
        "publish": "open",
    }
    assert details_of(items)["publish"] == "Everything is ready"
    pipeline.publish_record(by=None, review=review, now=NOON)
    review.refresh_from_db()
    assert states_of(pipeline.checklist_of_review(review, NOON))["publish"] == "done"


def test_a_record_with_gaps_is_published_only_when_a_person_confirms_them(review):
    with pytest.raises(RuleError, match="the record of T1 has no nation, no date"):
        pipeline.publish_record(by=None, review=review, now=NOON)
    review.refresh_from_db()
    assert review.state == State.INTERNAL
    pipeline.publish_record(by=None, review=review, now=NOON, incomplete=True)
    review.refresh_from_db()
    assert review.state == State.PUBLISHED


def test_only_the_chosen_files_are_published_with_it(review):
    complete(review)
    chosen, other = review.reports.order_by("pk")
    pipeline.publish_record(by=None, review=review, now=NOON, reports=[chosen.key])
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert (chosen.state, other.state) == (State.PUBLISHED, State.INTERNAL)


def test_one_file_that_is_not_checked_keeps_all_of_it_back(review):
    complete(review)
    first, second = review.reports.order_by("pk")
    Report.objects.filter(pk=second.pk).update(hidden_text_checked_at=None)
    with pytest.raises(NotReady, match=r"T1.txt"):
        pipeline.publish_record(by=None, review=review, now=NOON, reports=[first.key, second.key])
    assert not Report.objects.filter(state=State.PUBLISHED).exists()
    assert not Review.objects.filter(state=State.PUBLISHED).exists()


def test_a_file_that_is_not_read_yet_holds_publication_back(review):
    complete(review)
    Intake.objects.create(
        batch="b", file_name="Late.pdf", review=review, received_at=NOON, state=IntakeState.WAITING
    )
    assert details_of(pipeline.checklist_of_review(review, NOON))["files"] == (
        "1 file still to be read"
    )
    with pytest.raises(RuleError, match="1 file of this review must be read first"):
        pipeline.publish_record(by=None, review=review, now=NOON)


def test_a_public_file_without_a_period_is_named(review):
    review.reports.update(state=State.PUBLISHED)
    assert details_of(pipeline.checklist_of_review(review, NOON))["expiry"] == (
        "2 public files without an end"
    )
    begin_retention(by=None, report=review.reports.first(), opens=NOON, years=5, now=NOON)
    begin_retention(by=None, report=review.reports.last(), opens=NOON, years=3, now=NOON)
    items = pipeline.checklist_of_review(review, NOON)
    assert details_of(items)["expiry"] == "4 May 2029, the earliest"
    assert states_of(items)["expiry"] == "done"


def test_a_file_of_another_review_cannot_be_published_with_it(review):
    complete(review)
    foreign = make_report(make_review("T2"), "Another.", state=State.IN_CHECK)
    with pytest.raises(RuleError, match="no longer part of this review"):
        pipeline.publish_record(by=None, review=review, now=NOON, reports=[foreign.key])


def test_publishing_a_record_needs_the_permission_to_publish(review):
    with pytest.raises(NotPermitted):
        pipeline.publish_record(by=make_person(Role.CODER), review=review, now=NOON)


def test_the_checklist_of_a_resource_has_no_files(review):
    resource = add_resource(
        by=None,
        key="a",
        description=ResourceDescription(kind="guidance", title="Seeing the child", year=2013),
        now=NOON,
    )
    items = pipeline.checklist_of_resource(resource, NOON)
    assert details_of(items) == {
        "record": "Better with: publisher, summary and address",
        "checks": "Nothing to decide",
        "subjects": "No subject yet",
        "publish": "Everything is ready",
    }
