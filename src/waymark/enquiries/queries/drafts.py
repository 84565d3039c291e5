"""Answers that are being written."""

from waymark.accounts.models import User
from waymark.accounts.permissions import Person, has_permission, require_permission
from waymark.enquiries.models import AnswerDraft, Enquiry
from waymark.enquiries.queries.desk import HANDLE


def draft_of(enquiry: Enquiry, person: Person) -> AnswerDraft | None:
    """A person's own draft. Raises NotPermitted."""
    require_permission(person, HANDLE)
    if not isinstance(person, User):
        return None
    return AnswerDraft.objects.filter(enquiry=enquiry, person=person).first()


def other_writers(enquiry: Enquiry, person: Person) -> list[tuple[str, AnswerDraft]]:
    """Names of others who have a draft of an answer; not their words. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = AnswerDraft.objects.filter(enquiry=enquiry).defer("text").select_related("person")
    return [(row.person.get_username(), row) for row in rows if row.person != person]


def drafts_of(person: User) -> list[AnswerDraft]:
    """All drafts of a person, the latest first; none for one who no longer answers enquiries."""
    if not has_permission(person, HANDLE):
        return []
    rows = AnswerDraft.objects.filter(person=person).exclude(text="")
    return list(rows.defer("text").select_related("enquiry").order_by("-changed_at"))
