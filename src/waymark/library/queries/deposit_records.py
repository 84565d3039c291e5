"""The catalogue record of a deposit: what its file states about the review, and what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.anonymity.board_names import find_name
from waymark.documents.models import Intake, IntakeState, Report, Review
from waymark.documents.queries.reader import text_of
from waymark.library.catalogue.record_proposal import propose_record
from waymark.library.models import Deposit, Resource, ReviewDetails
from waymark.library.queries.repository import NOT_YET_OPEN, UNDECIDED, records_of


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """A value that a report states, for a person to confirm. page: where its words begin."""

    value: str | date
    words: str
    report: str
    page: int


def proposed_record(deposit: Deposit) -> dict[str, ProposedValue]:
    """Proposals from the first readable file of a deposit, by field of the record.

    Of a board that is not to be named, nothing that names it.
    """
    rows = Report.objects.filter(intakes__batch=deposit.batch, state__in=OPEN_TO_STAFF)
    proposed = _stated_in(rows.order_by("intakes__pk").first())
    if deposit.anonymous:
        proposed.pop("board", None)
        if (title := proposed.get("title")) and find_name(deposit.board, title.words):
            del proposed["title"]
    return proposed


def proposed_for(review: Review) -> dict[str, ProposedValue]:
    """Proposals from the first file of a review for the fields that its record lacks."""
    rows = review.reports.filter(state__in=OPEN_TO_STAFF).order_by("kind", "pk")
    stated = _stated_in(rows.first())
    anonymous = ReviewDetails.objects.filter(review=review, anonymous=True).exists()
    return {
        field: proposal
        for field, proposal in stated.items()
        if not getattr(review, field) and not (field == "board" and anonymous)
    }


def _stated_in(report: Report | None) -> dict[str, ProposedValue]:
    if report is None:
        return {}
    starts = dict(report.pages.values_list("number", "start"))
    return {
        field: ProposedValue(
            stated.value,
            stated.words,
            report.key,
            max((page for page, start in starts.items() if start <= stated.start), default=1),
        )
        for field, stated in propose_record(text_of(report)).items()
    }


def record_gaps(review: Review) -> list[str]:
    """Missing fields without which readers could hardly find a review by its record."""
    record = records_of(review).first()
    return gaps_with(review, has_subject=record is not None and record.subjects.exists())


def gaps_with(review: Review, *, has_subject: bool) -> list[str]:
    """The same for a caller who has read the subjects of many."""
    gaps = {
        "nation": not review.nation,
        "date of completion or publication": not (review.completed_on or review.published_on),
        "subject": not has_subject,
    }
    return [name for name, lacking in gaps.items() if lacking]


def recommended_gaps(review: Review) -> list[str]:
    """Other missing fields, without which the review can be published."""
    anonymous = ReviewDetails.objects.filter(review=review, anonymous=True).exists()
    gaps = {"board": not review.board and not anonymous, "abstract": not review.summary}
    return [name for name, lacking in gaps.items() if lacking]


def resource_gaps(resource: Resource) -> list[str]:
    """Missing fields of a resource, without which it can be published."""
    gaps = {
        "year": resource.year is None,
        "publisher": not resource.publisher,
        "summary": not (resource.summary or resource.key_points),
        "address": not (resource.url or resource.doi or resource.isbn),
    }
    return [name for name, lacking in gaps.items() if lacking]


def unread_files(review: Review) -> int:
    """Number of files that were sent for a review and are not read yet."""
    waiting = (IntakeState.WAITING, IntakeState.READING)
    return Intake.objects.filter(review=review, state__in=waiting).count()


def undecided_deposit_of(item: Report | Review) -> Deposit | None:
    """The undecided deposit that a report came with; of a review not yet open, that all its
    reports came with.
    """
    return undecided_deposits_of([item]).get(item)


def undecided_deposits_of(
    items: Iterable[Report | Review],
) -> dict[Report | Review, Deposit]:
    """The same of many, without those that came with none; in as many queries for one as for all.

    Reviews need their reports prefetched for that.
    """
    reports: dict[Report | Review, list[Report]] = {
        item: [item] if isinstance(item, Report) else list(item.reports.all())
        for item in items
        if isinstance(item, Report) or item.state in NOT_YET_OPEN
    }
    every = {report.pk for rows in reports.values() for report in rows}
    rows = Intake.objects.filter(report__in=every, state=IntakeState.STORED)
    batches = dict(rows.values_list("report", "batch"))
    undecided = Deposit.objects.filter(state__in=UNDECIDED, batch__in=set(batches.values()))
    deposits = {deposit.batch: deposit for deposit in undecided}
    sent_in = {
        item: [deposits.get(batches.get(report.pk, "")) for report in rows]
        for item, rows in reports.items()
    }
    return {item: rows[0] for item, rows in sent_in.items() if rows and rows[0] and all(rows)}
