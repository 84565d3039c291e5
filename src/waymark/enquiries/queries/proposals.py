"""What the desk is offered beside an enquiry: records and passages, and similar earlier answers."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import ServiceUnavailable
from waymark.enquiries.models import Enquiry, EnquiryMessage, MessageSender
from waymark.enquiries.queries.desk import HANDLE
from waymark.library.language.analyser import analyse_text, words_in
from waymark.library.queries.search import search_library
from waymark.library.search.protocol import SearchRequest
from waymark.library.search.results import SearchHit
from waymark.library.search.similar_texts import rank_similar

RECORDS, EARLIER = 6, 3
MOST_WORDS = 24
"""Words of a question that are searched: a long email must not become a slow search."""
LOOKED_AT = 1_000
"""Answered enquiries that are compared, the newest."""
SIMILAR_ENOUGH = 0.2


def proposed_records(text: str, person: Actor, now: datetime) -> tuple[SearchHit, ...]:
    """Records that match a text, with passages; only what the asker can see. Raises NotPermitted.

    The best that match all words come first, then those that match some.
    """
    require_permission(person, HANDLE)
    # Only words: what a person wrote is no query, and "-" or ":" in it means nothing.
    words = list(dict.fromkeys(words_in(text.lower())))[:MOST_WORDS]
    if not words:
        return ()
    request = SearchRequest(" ".join(words), limit=RECORDS, include_partial=True)
    try:
        answer = search_library(request, person=AnonymousUser(), now=now)
    except ServiceUnavailable:
        return ()
    return (*answer.hits, *answer.partial_matches)[:RECORDS]


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """A similar enquiry that was answered, and its last answer."""

    enquiry: Enquiry
    answer: EnquiryMessage


def earlier_answers(enquiry: Enquiry, person: Actor) -> list[EarlierAnswer]:
    """Answers to similar enquiries, the most similar first. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = Enquiry.objects.filter(answered_at__isnull=False, erased_at=None)
    known = list(rows.exclude(pk=enquiry.pk).order_by("-answered_at")[:LOOKED_AT])
    firsts = _first_questions([enquiry, *known])
    others = [(row.pk, firsts.get(row.pk, "")) for row in known]
    ranked = rank_similar(firsts.get(enquiry.pk, ""), others, _stems)
    best = [number for number, score in ranked if score >= SIMILAR_ENOUGH][:EARLIER]
    by_number = {row.pk: row for row in known}
    answers = {
        message.enquiry_id: message
        for message in EnquiryMessage.objects.filter(
            enquiry__in=best, sender=MessageSender.DESK
        ).prefetch_related("citations")
    }
    return [
        EarlierAnswer(by_number[number], answers[number]) for number in best if number in answers
    ]


def _first_questions(enquiries: list[Enquiry]) -> dict[int, str]:
    """The first message of each enquiry."""
    rows = EnquiryMessage.objects.filter(enquiry__in=enquiries).exclude(sender=MessageSender.DESK)
    # The earliest is written last.
    return dict(rows.order_by("-at", "-pk").values_list("enquiry_id", "text"))


def _stems(text: str) -> list[str]:
    return analyse_text(text)[1].split()
