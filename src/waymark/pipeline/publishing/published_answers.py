"""Published answers with their records in the library.

The record makes an answer part of search, topics, feeds, sitemap, exports and alerts. It is public
only while the answer is approved as it is: publication_reasons has the rule.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.text import slugify

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State
from waymark.accounts.permissions import Actor
from waymark.core.uk_time import uk_date
from waymark.enquiries.citation_marks import without_marks
from waymark.enquiries.models import Enquiry, PublishedAnswer
from waymark.enquiries.queries.published_answers import sources_of
from waymark.enquiries.services import published_answers as services
from waymark.library import services as library
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource, ResourceKind
from waymark.library.services.resource_mapping import description_of
from waymark.library.services.retention import TombstoneText
from waymark.pipeline.removals.state_changes import change_state

KEY_LENGTH = 70


@serialized_in("documents", "library", "enquiries")
def write_answer(
    *,
    by: Actor,
    question: str,
    text: str,
    now: datetime,
    subjects: Sequence[str] | None = None,
    enquiry: Enquiry | None = None,
    answer: PublishedAnswer | None = None,
) -> PublishedAnswer:
    """Write an answer for everyone, or change one that is not public.

    question, text: written so that nobody can tell who asked. subjects: keys of the thesaurus; None
    leaves them as they are. Raises NotPermitted and RuleError.
    """
    source = answer.enquiry if answer else enquiry
    question = " ".join(question.split())
    services.check_answer(source, question, text, now)
    description = _description(question, text)
    if answer is None:
        resource = library.add_resource(
            by=by, description=description, key=_free_key(question), now=now
        )
    else:
        resource = answer.resource
        services.require_changeable(resource)
        # A first wording may have said whom the question is about, and the address has its words.
        if resource.title != question and resource.record.available_at is None:
            key = _free_key(question)
            library.rename_resource(by=by, resource=resource, key=key, now=now)
        library.change_resource(by=by, resource=resource, description=description, now=now)
    if subjects is not None:
        library.set_subjects(by=by, record=resource.record, subjects=subjects, now=now)
    return services.store_answer(by=by, resource=resource, enquiry=source, text=text, now=now)


@serialized_in("documents", "library", "enquiries")
def publish_answer(*, by: Actor, answer: PublishedAnswer, seen: str, now: datetime) -> None:
    """Approve an answer and publish its record.

    Raises as approve_answer does, and NotReady if words may identify a person.
    """
    services.approve_answer(by=by, answer=answer, seen=seen, now=now)
    resource = answer.resource
    dated = description_of(resource)
    library.change_resource(
        by=by,
        resource=resource,
        description=_description(dated.title, answer.text, now),
        now=now,
    )
    change_state(by=by, item=resource, state=State.PUBLISHED, now=now)


@serialized_in("documents", "library", "enquiries")
def withdraw_answer(*, by: Actor, answer: PublishedAnswer, reason: str, now: datetime) -> None:
    """Withdraw an answer at once. reason: for its tombstone. Raises NotPermitted, RuleError."""
    services.end_approval(by=by, answer=answer, now=now)
    tombstone = TombstoneText(reason, title="Answer withdrawn")
    change_state(by=by, item=answer.resource, state=State.WITHDRAWN, now=now, tombstone=tombstone)


@serialized_in("documents", "library", "enquiries")
def hide_unsupported_answers(*, now: datetime) -> int:
    """Hide published answers that cite a table which no edition shows any more; returns how many.

    Their pages show no word of them by then: this takes their summaries out of search.
    """
    rows = PublishedAnswer.objects.filter(
        text__contains="[table ", resource__state=State.PUBLISHED
    ).select_related("resource")
    hidden = [row for row in rows if sources_of(row, now) is None]
    for row in hidden:
        library.set_resource_state(by=None, resource=row.resource, state=State.INTERNAL, now=now)
    return len(hidden)


def _description(question: str, text: str, now: datetime | None = None) -> ResourceDescription:
    """The record of an answer. now: when it is published; None before."""
    return ResourceDescription(
        kind=ResourceKind.ANSWER,
        title=question,
        publisher=settings.SITE_NAME,
        summary=without_marks(text),
        published_on=uk_date(now) if now else None,
        year=uk_date(now).year if now else None,
    )


def _free_key(question: str) -> str:
    base = slugify(question)
    if len(base) > KEY_LENGTH:
        base = base[: KEY_LENGTH + 1].rpartition("-")[0] or base[:KEY_LENGTH]
    base = base.strip("-") or "answer"
    key, number = base, 1
    while Resource.objects.filter(key=key).exists():
        number += 1
        key = f"{base}-{number}"
    return key
