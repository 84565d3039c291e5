"""Published answers: for the desk that writes them, and for everyone."""

import re
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from waymark.accounts.models import State
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError, ServiceUnavailable, require_found
from waymark.documents.models import Report
from waymark.enquiries.models import Enquiry, PublishedAnswer
from waymark.enquiries.queries.citing import ResolvedCitation, resolve_marks
from waymark.enquiries.queries.desk import HANDLE
from waymark.library.language.analyser import words_in
from waymark.library.models import Publishable, Resource, ResourceKind
from waymark.library.queries.resources import open_resources
from waymark.library.queries.search import search_library
from waymark.library.search.protocol import SearchRequest

KIND_FILTER = {"kind": (str(ResourceKind.ANSWER),)}
SUGGESTED = 3
MOST_WORDS = 24
"""Words of a question that are searched."""
LEAST_SHARED = 2
"""Words, or a third of those of the question, that a suggested answer shares with it."""
_SIX_DIGITS = re.compile(r"\d{6,}")


# ---- for the desk ----


def answers_in_progress(person: Actor) -> QuerySet[PublishedAnswer]:
    """All answers in any state. Raises NotPermitted."""
    require_permission(person, HANDLE)
    rows = PublishedAnswer.objects.select_related("resource", "enquiry")
    return rows.select_related("written_by", "approved_by")


def answers_to_approve(person: Actor) -> QuerySet[PublishedAnswer]:
    """Answers that wait for an approval. Raises NotPermitted."""
    waiting = answers_in_progress(person).filter(approved_mark="")
    return waiting.exclude(resource__state=State.WITHDRAWN)


def answer_in_progress(key: str, person: Actor) -> PublishedAnswer:
    """An answer in any state, by the key of its record. Raises NotPermitted, NotFound."""
    row = answers_in_progress(person).filter(resource__key=key).first()
    return require_found(row, f"there is no answer {key}")


def words_of_asker(enquiry: Enquiry | None, text: str) -> list[str]:
    """What an answer must not repeat, because it says who asked: name, address, number, reference.

    Only what is in the text, with any spaces and capitals.
    """
    if enquiry is None:
        return []
    known = [enquiry.name, enquiry.address, enquiry.phone, enquiry.reference]
    plain = " ".join(text.lower().split())
    named = [words for words in known if words and _is_named(words, plain)]
    phone = re.sub(r"\D", "", enquiry.phone)
    digits = re.sub(r"(?<=\d)[ -](?=\d)", "", plain)
    if _SIX_DIGITS.search(phone) and phone in digits and enquiry.phone not in named:
        named.append(enquiry.phone)
    return named


def _is_named(words: str, plain: str) -> bool:
    """True if a text on one line, in small letters, has the words: "Ann" is not in "annual"."""
    folded = re.escape(" ".join(words.lower().split()))
    return re.search(rf"(?<!\w){folded}(?!\w)", plain) is not None


# ---- for everyone ----


def public_answers(now: datetime) -> QuerySet[PublishedAnswer]:
    """Approved answers whose record everyone can see, the newest first."""
    public = open_resources(AnonymousUser(), now)
    rows = PublishedAnswer.objects.filter(resource__in=public).exclude(approved_mark="")
    return rows.select_related("resource").order_by("-approved_at", "-pk")


def answer_shown(key: str, now: datetime) -> PublishedAnswer:
    """A published answer. Raises NotFound, also if its words are not those that were approved."""
    row = public_answers(now).filter(resource__key=key).first()
    return require_found(row if row and row.is_approved else None, f"there is no answer {key}")


def sources_of(answer: PublishedAnswer, now: datetime) -> tuple[ResolvedCitation, ...] | None:
    """The citations of an answer, numbered; None if one is no longer public."""
    try:
        return resolve_marks(answer.text, now)
    except RuleError:
        return None


def answers_like(text: str, now: datetime) -> list[PublishedAnswer]:
    """Published answers to questions like this, the best first; none without a search index.

    An answer is suggested if it shares two words of the question, or a third of them.
    """
    words = list(dict.fromkeys(words_in(text.lower())))[:MOST_WORDS]
    if not words:
        return []
    request = SearchRequest(
        " ".join(words), filters=KIND_FILTER, limit=SUGGESTED, include_partial=True
    )
    try:
        results = search_library(request, person=AnonymousUser(), now=now)
    except ServiceUnavailable:
        return []
    keys = [hit.record.reference for hit in (*results.hits, *results.partial_matches)]
    rows = {row.resource.key: row for row in public_answers(now).filter(resource__key__in=keys)}
    known = [rows[key] for key in dict.fromkeys(keys) if key in rows]
    return [row for row in known if row.is_approved and _shares(words, row)][:SUGGESTED]


def _shares(words: Collection[str], answer: PublishedAnswer) -> bool:
    own = set(words_in(f"{answer.resource.title} {answer.text}".lower()))
    long = [word for word in words if len(word) > 3]
    shared = sum(word in own for word in long)
    return shared >= LEAST_SHARED or (shared > 0 and shared * 3 >= len(long))


def answer_of_record(key: str) -> PublishedAnswer | None:
    """The answer whose record has a key, in any state."""
    return PublishedAnswer.objects.filter(resource__key=key).select_related("resource").first()


def answers_citing(item: Publishable) -> list[PublishedAnswer]:
    """Published answers that cite a review, one of its reports, a report or a resource."""
    citing = Q(pk__in=[])
    for start in _beginnings(item):
        citing |= Q(text__contains=start)
    rows = PublishedAnswer.objects.filter(citing, resource__state=State.PUBLISHED)
    return list(rows.select_related("resource"))


def _beginnings(item: Publishable) -> list[str]:
    """How marks that cite an item begin. The keys of all readings of a report begin alike."""
    if isinstance(item, Resource):
        return [f"[record {item.key}]"]
    if isinstance(item, Report):
        return [f"[passage {item.key}"]
    reports = item.reports.values_list("key", flat=True)
    return [f"[record {item.reference}]", *(f"[passage {key}" for key in reports)]
