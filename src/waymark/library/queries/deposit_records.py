"""The catalogue record of a deposit: what its file states about the review, and what is missing."""

from dataclasses import replace

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.anonymity.board_names import find_name
from waymark.documents.models import Report, Review
from waymark.documents.queries.reader import text_of
from waymark.library.catalogue.record_proposal import RecordProposal, propose_record
from waymark.library.models import Deposit
from waymark.library.queries.repository import records_of


def proposed_record(deposit: Deposit) -> RecordProposal:
    """What the first readable file of a deposit states about its review, for a person to confirm.

    Of a board that is not to be named, nothing that names it.
    """
    rows = Report.objects.filter(intakes__batch=deposit.batch, state__in=OPEN_TO_STAFF)
    report = rows.order_by("intakes__pk").first()
    if report is None:
        return RecordProposal()
    proposal = propose_record(text_of(report))
    if not deposit.anonymous:
        return proposal
    named = find_name(deposit.board, proposal.title)
    return replace(proposal, board="", title="" if named else proposal.title)


def record_gaps(review: Review) -> list[str]:
    """What the catalogue record of a review lacks, so that readers could hardly find it by it."""
    record = records_of(review).first()
    gaps = {
        "nation": not review.nation,
        "date of completion or publication": not (review.completed_on or review.published_on),
        "subject": record is None or not record.subjects.exists(),
    }
    return [name for name, lacking in gaps.items() if lacking]
