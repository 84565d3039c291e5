"""Write where an addressee stands, in the transaction in which its ledger changes."""

from collections.abc import Iterable

from django.db.models import Q

from waymark.recommendations.models import (
    Addressee,
    EntryKind,
    LedgerEntry,
    Progress,
    Recommendation,
)
from waymark.recommendations.services.count_blocks import note_change
from waymark.recommendations.standing import (
    LedgerFact,
    ProgressFact,
    together,
    where_it_stands,
)

DERIVED = ("told_on", "answer_due", "standing", "overdue_from", "level", "steps")


def refresh_standing(addressees: Iterable[Addressee]) -> None:
    """Derive the standing of addressees, and of their recommendations, and store it."""
    addressees = list(addressees)
    _refresh_addressees(addressees)
    for review, number in {(row.review_id, row.number) for row in addressees}:
        _refresh_whole(review, number)


def _refresh_addressees(addressees: Iterable[Addressee]) -> None:
    for addressee in addressees:
        rows = LedgerEntry.objects.filter(addressee=addressee, taken_back_at=None)
        entries = [
            LedgerFact(kind, on, answer, level)
            for kind, on, answer, level in rows.values_list("kind", "on", "answer", "level")
        ]
        # What was reported of the recommendation as a whole holds for each addressee.
        of_it = Q(addressee=addressee) | Q(
            addressee=None,
            recommendation__review=addressee.review_id,
            recommendation__number=addressee.number,
        )
        progress = [
            ProgressFact(row.status, row.impact, row.day, row.due, row.verified)
            for row in Progress.objects.filter(of_it).order_by("told_at", "pk")
        ]
        open_actions = addressee.actions.filter(done_on=None)
        dues = [action.due for action in open_actions if action.due is not None]
        stands = where_it_stands(addressee.scheme, entries, progress, dues)
        addressee.told_on, addressee.answer_due = stands.told_on, stands.answer_due
        addressee.standing, addressee.overdue_from = stands.standing, stands.overdue_from
        addressee.level = stands.level
        addressee.steps = sum(fact.kind == EntryKind.REMINDED for fact in entries)
        addressee.save(update_fields=DERIVED)


def refresh_recommendation(review: int, number: int) -> None:
    """The same for a recommendation and every addressee of it. review: primary key."""
    _refresh_addressees(Addressee.objects.filter(review=review, number=number))
    _refresh_whole(review, number)


def _refresh_whole(review: int, number: int) -> None:
    rows = list(
        Addressee.objects.filter(review=review, number=number).values_list(
            "standing", "overdue_from"
        )
    )
    if not rows:
        reported = Progress.objects.filter(
            recommendation__review=review, recommendation__number=number
        )
        facts = [
            ProgressFact(row.status, row.impact, row.day, row.due, row.verified)
            for row in reported.order_by("told_at", "pk")
        ]
        stands = where_it_stands("", [], facts)
        rows = [(stands.standing, stands.overdue_from)]
    Recommendation.objects.filter(review=review, number=number, superseded_at=None).update(
        standing=together([standing for standing, _ in rows]),
        overdue_from=min((day for _, day in rows if day), default=None),
    )
    note_change(review)
