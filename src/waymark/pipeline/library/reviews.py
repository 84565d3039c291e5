"""Publish a review with its reports; list the progress of each review for staff."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, Person, require_permission
from waymark.coding.assignments import coders_of_reviews, coding_progress, progress_in_words
from waymark.core.errors import OpenReason, RuleError, WaymarkError
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import open_reports, open_reviews, reports_of, review_for
from waymark.documents.queries.recognition import recognition_summaries
from waymark.frameworks.models import Framework
from waymark.pipeline.publishing.publication_reasons import open_reasons
from waymark.pipeline.removals.state_changes import change_state
from waymark.recommendations.queries import recommendations_of

AT_ONCE = 25
"""Reviews published under one commit: others can write between two of them."""


@dataclass(frozen=True, slots=True)
class PublishedReview:
    """Result of publishing a review. published: keys of its reports.

    refused: key of a report, "" for the review itself -> every reason why it was not published.
    """

    published: tuple[str, ...]
    refused: dict[str, tuple[OpenReason, ...]]


def publish_reviews(
    *, by: Actor, references: Sequence[str], now: datetime
) -> dict[str, PublishedReview | WaymarkError]:
    """Publish many reviews with their reports; return the result or the error of each.

    AT_ONCE reviews are published under one commit, and one that cannot be published leaves the
    others: a killed run has published some whole.
    """
    results: dict[str, PublishedReview | WaymarkError] = {}
    for start in range(0, len(references), AT_ONCE):
        results |= _publish_some(by, references[start : start + AT_ONCE], now)
    return results


@serialized_in("documents", "library")
def _publish_some(
    by: Actor, references: Iterable[str], now: datetime
) -> dict[str, PublishedReview | WaymarkError]:
    results: dict[str, PublishedReview | WaymarkError] = {}
    for reference in references:
        try:
            review = review_for(reference, by, now)
            results[reference] = _publish_whole(by=by, review=review, now=now)
        except WaymarkError as error:
            results[reference] = error
    return results


@serialized_in("documents", "library")
def _publish_whole(*, by: Actor, review: Review, now: datetime) -> PublishedReview:
    """publish_review() as one of many: if it fails, none of its reports is published either."""
    return publish_review(by=by, review=review, now=now)


def publish_review(*, by: Actor, review: Review, now: datetime) -> PublishedReview:
    """Publish a review and its reports.

    A report that cannot be published keeps its state, and every reason is returned; if none can,
    the review keeps its state too. If the review itself cannot be published, nothing changes, and
    all reasons are returned. Raises NotPermitted; RuleError if the review has no report.
    """
    reports = reports_of(review, by, now)
    if not reports:
        raise RuleError(f"{review.reference} has no report to publish: add one first")
    require_permission(by, "publish reports")
    refused = _open_reasons(review, reports, now)
    if "" in refused:
        return PublishedReview((), refused)
    # Reports before the review: a review becomes public only with something to read in it.
    published = []
    for report in reports:
        if report.key in refused:
            continue
        if report.state != State.PUBLISHED:
            change_state(by=by, item=report, state=State.PUBLISHED, now=now)
        published.append(report.key)
    if published and review.state != State.PUBLISHED:
        change_state(by=by, item=review, state=State.PUBLISHED, now=now)
    return PublishedReview(tuple(published), refused)


def _open_reasons(
    review: Review, reports: Iterable[Report], now: datetime
) -> dict[str, tuple[OpenReason, ...]]:
    """Key of a report, "" for the review, -> the reasons why it cannot be published."""
    reasons = {
        report.key: tuple(open_reasons(report, now))
        for report in reports
        if report.state != State.PUBLISHED
    }
    # Those of its reports that are public already are reasons of the review.
    reasons[""] = tuple(open_reasons(review, now)) if review.state != State.PUBLISHED else ()
    return {key: rows for key, rows in reasons.items() if rows}


@dataclass(frozen=True, slots=True)
class ReviewStatus:
    """Progress of a review.

    reports: those the person may see. coders: names -> True if finished. agreed: True if it is
    settled under the framework; False if there is no framework yet. scans: scanned pages in words,
    by the primary key of the report.
    """

    review: Review
    reports: tuple[Report, ...]
    coders: dict[str, bool]
    agreed: bool
    scans: dict[int, str]

    @property
    def coding(self) -> str:
        """Coding progress in words."""
        if self.agreed:
            return "settled"
        if not self.coders:
            return "not coded"
        return "coded" if all(self.coders.values()) else "being coded"

    def as_json(self) -> dict[str, Any]:
        """The object that `waymark review show --json` prints."""
        return {
            "review": self.review.reference,
            "title": self.review.title,
            "state": self.review.state,
            "coding": self.coding,
            "coders": [
                {"coder": name, "finished": finished} for name, finished in self.coders.items()
            ],
            "reports": [
                {
                    "report": report.key,
                    "kind": report.kind,
                    "file": report.file_name,
                    "pages": report.page_count,
                    "state": report.state,
                    "scans": self.scans.get(report.pk, ""),
                }
                for report in self.reports
            ],
        }


def review_statuses(
    person: Actor, now: datetime, *, framework: Framework | None, reference: str = ""
) -> Iterator[ReviewStatus]:
    """The status of each review the person may see, by reference; or of one of them."""
    reviews = open_reviews(person, now)
    if reference:
        reviews = reviews.filter(reference=reference)
    progress = coders_of_reviews(reviews, framework) if framework else {}
    reports: defaultdict[int, list[Report]] = defaultdict(list)
    for report in open_reports(person, now).filter(review__in=reviews):
        reports[report.review_id].append(report)
    for review in reviews.order_by("reference"):
        coders, agreed = progress.get(review.pk, ({}, False))
        of_review = tuple(reports[review.pk])
        scans = recognition_summaries(of_review) if reference else {}
        yield ReviewStatus(review, of_review, coders, agreed, scans)


@dataclass(frozen=True, slots=True)
class ReviewWork:
    """Work done with a review, each part in words."""

    coding: str
    abstract: str
    recommendations: str


def review_work(review: Review, person: Person, now: datetime) -> ReviewWork:
    """Coding, abstract and recommendations of a review as far as they exist, for staff."""
    require_permission(person, "see unpublished reports")
    progress = coding_progress([review.pk], person).get(review.pk, (0, 0))
    words, sources = len(review.summary.split()), review.abstract_places.count()
    listed = len(recommendations_of(review, person, now))
    return ReviewWork(
        coding=progress_in_words(*progress).capitalize(),
        abstract=f"{words} words, {sources} sentences from the reports" if words else "None yet",
        recommendations=str(listed) if listed else "None recorded yet",
    )
