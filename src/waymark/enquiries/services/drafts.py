"""Answers stored while somebody writes them, for that person alone, until they are sent."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.enquiries.models import AnswerDraft, Enquiry
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.services.answering import LONGEST_ANSWER, lock_enquiry


class NewerDraft(ConcurrentChange):
    """The person typed into the same answer in another window since. current: what is there."""

    def __init__(self, current: AnswerDraft) -> None:
        super().__init__("you have changed this answer in another window since")
        self.current = current


@audit.serialized
def store_draft(
    *, by: Actor, enquiry: Enquiry, text: str, seen: int, now: datetime
) -> AnswerDraft | None:
    """Store what a person is typing; None for an empty text without a stored one.

    seen: number of the draft that it replaces, 0 for none. No entry in the audit: the enquiry stays
    as it is. Raises NotPermitted, RuleError, NewerDraft if the stored one is not that draft.
    """
    person = require_account(by, HANDLE, "write an answer")
    if len(text) > LONGEST_ANSWER:
        raise RuleError(f"the answer must have {LONGEST_ANSWER:,} characters or fewer")
    current_enquiry = lock_enquiry(by, enquiry)
    draft = AnswerDraft.objects.filter(enquiry=current_enquiry, person=person).first()
    if draft is None:
        if not text.strip():
            return None
        draft = AnswerDraft(enquiry=current_enquiry, person=person, number=0)
    elif draft.text == text:
        return draft
    elif draft.number != seen:
        raise NewerDraft(draft)
    draft.text, draft.changed_at = text, now
    # After an answer the numbers begin again: a window from before must not seem to know the text.
    draft.number = max(draft.number, seen) + 1
    draft.save()
    return draft


@audit.serialized
def drop_draft(*, by: Actor, enquiry: Enquiry, seen: int) -> None:
    """Drop what a person typed. seen: its number. Raises NotPermitted, NewerDraft."""
    person = require_account(by, HANDLE, "write an answer")
    draft = AnswerDraft.objects.filter(enquiry=enquiry, person=person).first()
    if draft is None:
        return
    if draft.number != seen:
        raise NewerDraft(draft)
    draft.delete()
