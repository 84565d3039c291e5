"""Content notes of reviews: those that a cataloguer chose, and those that agreed facts point to."""

from collections.abc import Iterable
from datetime import datetime

from waymark.accounts.permissions import Person
from waymark.documents.models import Review
from waymark.library.catalogue.content_notes import (
    ContentNote,
    notes_in_words,
    notes_of_facts,
    ordered_notes,
)
from waymark.library.models import ReviewDetails
from waymark.profiles.queries import facts_of_review
from waymark.publishing.queries.protected import facts_are_withheld


def content_notes_of(review: Review) -> str:
    """The notes of a review as a phrase, "" if none are chosen."""
    details: ReviewDetails | None = getattr(review, "details", None)
    return notes_in_words(details.content_notes) if details else ""


def content_notes_by_reference(references: Iterable[str]) -> dict[str, str]:
    """Reference of each review with notes -> its notes as a phrase."""
    rows = ReviewDetails.objects.filter(review__reference__in=set(references))
    return {
        reference: notes_in_words(notes)
        for reference, notes in rows.values_list("review__reference", "content_notes")
        if notes
    }


def content_notes_together(references: Iterable[str]) -> str:
    """All notes of several reviews as one phrase."""
    rows = ReviewDetails.objects.filter(review__reference__in=set(references))
    return notes_in_words(
        note for notes in rows.values_list("content_notes", flat=True) for note in notes
    )


def notes_from_facts(review: Review, person: Person, now: datetime) -> tuple[ContentNote, ...]:
    """Notes that the agreed facts about a review point to, if the person may be told the facts."""
    if facts_are_withheld(review.reference, person):
        return ()
    facts = facts_of_review(review, person, now)
    return notes_of_facts((judged.variable.variable, judged.value) for judged in facts)


def missing_notes(review: Review, person: Person, now: datetime) -> tuple[ContentNote, ...]:
    """Notes that the agreed facts point to and that are not chosen, for the cataloguer."""
    details = ReviewDetails.objects.filter(review=review).first()
    chosen = ordered_notes(details.content_notes if details else ())
    return tuple(note for note in notes_from_facts(review, person, now) if note not in chosen)
