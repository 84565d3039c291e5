"""Write an answer for everyone, and approve it. Its record in the library is the pipeline's."""

from datetime import datetime

from django.conf import settings

from waymark.accounts import audit
from waymark.accounts.models import State, User
from waymark.accounts.permissions import Actor, require_account, require_permission
from waymark.core.errors import ConcurrentChange, RuleError
from waymark.enquiries.citation_marks import spoilt_mark, tidy_marks
from waymark.enquiries.models import Enquiry, PublishedAnswer
from waymark.enquiries.queries.citing import resolve_marks
from waymark.enquiries.queries.desk import HANDLE
from waymark.enquiries.queries.published_answers import words_of_asker
from waymark.library.models import Resource

LONGEST_QUESTION = 300
LONGEST_ANSWER = 20_000


def check_answer(enquiry: Enquiry | None, question: str, text: str, now: datetime) -> str:
    """The text of an answer, tidied. Raises RuleError.

    For an empty question or answer, a spoilt mark, a citation of what the public cannot see, and
    words that say who asked.
    """
    if not question.strip() or len(question) > LONGEST_QUESTION:
        raise RuleError(f"enter the question in at most {LONGEST_QUESTION} characters")
    if not text.strip() or len(text) > LONGEST_ANSWER:
        raise RuleError(f"enter the answer in at most {LONGEST_ANSWER:,} characters")
    if spoilt := spoilt_mark(text):
        raise RuleError(f"a citation has no end: write the bracket after “{spoilt[:60]}”")
    resolve_marks(text, now)
    if private := words_of_asker(enquiry, f"{question}\n{text}"):
        raise RuleError(
            f"“{private[0]}” says who asked: leave it out of the question and the answer"
        )
    return tidy_marks(text.strip().replace("\r\n", "\n"))


def require_changeable(resource: Resource) -> None:
    """Raise RuleError for an answer that is public: what people read was approved."""
    if resource.state in {State.PUBLISHED, State.EMBARGOED}:
        raise RuleError("this answer is public: withdraw it, then change it")


@audit.serialized
def store_answer(
    *, by: Actor, resource: Resource, enquiry: Enquiry | None, text: str, now: datetime
) -> PublishedAnswer:
    """Store the text of an answer beside its record, new or changed. It needs an approval then.

    Raises NotPermitted, RuleError as check_answer does, and for an answer that is public.
    """
    require_permission(by, HANDLE)
    text = check_answer(enquiry, resource.title, text, now)
    require_changeable(resource)
    row = PublishedAnswer.objects.filter(resource=resource).first()
    row = row or PublishedAnswer(resource=resource, enquiry=enquiry)
    row.text, row.written_at = text, now
    row.written_by = by if isinstance(by, User) else None
    row.approved_mark, row.approved_at, row.approved_by = "", None, None
    row.save()
    audit.record_about(by, "write answer", row, now)
    return row


@audit.serialized
def approve_answer(*, by: Actor, answer: PublishedAnswer, seen: str, now: datetime) -> None:
    """Approve an answer. seen: its mark when the person read it.

    Raises NotPermitted; RuleError if the author approves it and the house asks for two people, and
    as check_answer does; ConcurrentChange if it was changed since.
    """
    person = require_account(by, HANDLE, "approve an answer")
    row = PublishedAnswer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if seen != row.mark:
        raise ConcurrentChange("the answer was changed after you opened this page: read it again")
    if settings.ANSWERS_BY_TWO and row.written_by in (None, person):
        raise RuleError("another person than its author must approve the answer")
    check_answer(row.enquiry, row.resource.title, row.text, now)
    row.approved_at, row.approved_by, row.approved_mark = now, person, row.mark
    row.save(update_fields=["approved_at", "approved_by", "approved_mark"])
    audit.record_about(by, "approve answer", row, now)


@audit.serialized
def end_approval(*, by: Actor, answer: PublishedAnswer, now: datetime) -> None:
    """Take back the approval of an answer that is withdrawn."""
    require_permission(by, HANDLE)
    fields = {"approved_mark": "", "approved_at": None, "approved_by": None}
    PublishedAnswer.objects.filter(pk=answer.pk).update(**fields)
    audit.record_about(by, "end approval of answer", answer, now)
