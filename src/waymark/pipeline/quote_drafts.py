"""A paragraph that the operator's own language model drafts from chosen passages. Nothing is kept.

A passage leaves the installation only if everyone can read it now, in its current text. That is
checked by its state just before it is sent, and no setting changes it. Where drafts are off, no
address is contacted.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from threading import BoundedSemaphore

from django.conf import settings
from django.utils import timezone

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_permission
from waymark.coding.assignments import unfinished_reviews_of
from waymark.coding.models import MachineCoder
from waymark.coding.queries.machines import drafting_model, is_public, why_no_suggestions
from waymark.coding.quote_draft import QuoteDraft, check_size, draft_from
from waymark.core.errors import RuleError
from waymark.documents.queries.reader import CitedPlace, cited_place
from waymark.pipeline.language_model import asker

DRAFT = "draft with a language model"
OFF = (
    "drafts by a language model are off in this installation, or none is connected: to use one, set"
    " WAYMARK_QUOTE_DRAFTS=1 and WAYMARK_LANGUAGE_MODELS=1, and connect it under Suggesters"
)
MOST_SECONDS = 45.0
"""For one draft: a person waits, and most front servers end a request after a minute."""
_ONE_AT_A_TIME = BoundedSemaphore()
"""A draft keeps a thread of this process busy: the others are for everyone else."""


def draft_paragraph(
    *,
    by: Actor,
    question: str,
    passages: Sequence[str],
    now: datetime,
    seconds: float = MOST_SECONDS,
) -> QuoteDraft:
    """Ask for a paragraph that answers a question from passages, and check each sentence.

    passages: citation keys; the sentences name them by their number in this order. Raises
    NotPermitted; NotFound for a passage that the person may not see; RuleError if drafts are off,
    for a passage that may not leave, too many of them, or an answer that cannot be used.
    """
    require_permission(by, DRAFT)
    machine = drafting_model()
    if machine is None:
        raise RuleError(OFF)
    places = [cited_place(key, by, now) for key in dict.fromkeys(passages)]
    texts = [place.quote for place in places]
    check_size(question, texts)
    _require_may_leave(machine, places, by)
    if not _ONE_AT_A_TIME.acquire(blocking=False):
        raise RuleError("another draft is being written: try again in a minute")
    try:
        _note_asked(by=by, machine=machine, passages=[place.key for place in places], now=now)
        still = partial(_require_may_leave, machine, places, by)
        ask = asker(machine.connection, settings.LANGUAGE_MODEL_KEY, still, seconds)
        draft = draft_from(ask, question, texts)
    finally:
        _ONE_AT_A_TIME.release()
    # A report can be withdrawn while the model writes: its words are then shown to nobody.
    _require_may_leave(machine, places, by)
    return draft


@audit.serialized_in()
def _note_asked(*, by: Actor, machine: MachineCoder, passages: list[str], now: datetime) -> None:
    """Write to the audit log which passages are sent: neither the question nor the answer."""
    audit.record_about(by, "ask for draft", machine, now, passages=passages)


def _require_may_leave(machine: MachineCoder, places: Sequence[CitedPlace], by: Actor) -> None:
    """Raise RuleError unless everyone may read the words that are about to be sent."""
    now = timezone.now()
    current = drafting_model()
    if current is None or current.pk != machine.pk:
        raise RuleError(OFF)
    coded_now = unfinished_reviews_of(by)
    for place in places:
        report = place.report
        if not is_public(report, now):
            raise RuleError(
                f"{report.review.reference} has a passage that is not public: no unpublished text"
                " is sent to a language model"
            )
        report.refresh_from_db(fields=["reading"])
        if place.reading != report.reading:
            raise RuleError(
                f"{report.review.reference} has a newer text: search again and choose its passages"
            )
        if reason := why_no_suggestions(report.review):
            raise RuleError(reason)
        if report.review_id in coded_now:
            raise RuleError(
                f"you are coding {report.review.reference}: no program writes about it until you"
                " have finished"
            )
