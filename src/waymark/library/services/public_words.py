"""Decide on words in the public description of a review or resource that may identify a person."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.library.models import PublicWordsAnswer, PublicWordsVerdict, Publishable
from waymark.library.queries.public_words import Mark, find_public_words, mark_of

LONGEST_ANSWER = 500


@audit.serialized
def answer_public_words(
    *,
    by: Actor,
    item: Publishable,
    marks: Collection[Mark],
    verdict: str,
    answer: str,
    now: datetime,
) -> int:
    """Record that words in a description may be public; returns the number of mentions.

    A later answer replaces an earlier one. Words that must not be public are removed from the
    description instead. Raises NotPermitted; RuleError without a reason, or for words that the
    description does not have.
    """
    require_permission(by, "check anonymity")
    answer = " ".join(answer.split())
    if not answer or len(answer) > LONGEST_ANSWER:
        raise RuleError(f"enter a reason of at most {LONGEST_ANSWER} characters")
    if verdict not in PublicWordsVerdict.values:
        raise RuleError("choose whether the words may be published or identify nobody")
    present = {mark_of(row) for row in find_public_words(item)}
    chosen = present.intersection(marks)
    if not chosen:
        raise RuleError("choose words of this description: reload the page")
    for kind, folded, surroundings in sorted(chosen):
        PublicWordsAnswer.objects.update_or_create(
            subject=item.audit_subject(),
            kind=kind,
            folded=folded,
            surroundings=surroundings,
            defaults={
                "verdict": verdict,
                "answer": answer,
                "answered_at": now,
                "answered_by": by if isinstance(by, User) else None,
            },
        )
    kinds = dict(Counter(kind for kind, _, _ in chosen))
    # Without the words, as for possible identifiers of reports.
    audit.record_about(
        by, "answer public words", item, now, kinds=kinds, verdict=verdict, answer=answer
    )
    return len(chosen)
