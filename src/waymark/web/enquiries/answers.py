"""Published answers for everyone: the list by topic, and one answer with its sources."""

from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.enquiries.citation_marks import numbered
from waymark.enquiries.models import PublishedAnswer
from waymark.enquiries.queries import published_answers as queries
from waymark.enquiries.queries.desk import HANDLE
from waymark.library.models import ResourceKind
from waymark.library.queries.topic_trees import open_topics
from waymark.web.library.exports import record_exports
from waymark.web.library.resources import related_records
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.take_away import NamedLink, TakeAway, access_note, feed_of_search

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class AnswerTopic:
    """A topic with answers. key: for its address."""

    key: str
    name: str
    answers: int


def _topics(rows: list[PublishedAnswer]) -> tuple[list[AnswerTopic], dict[str, set[int]]]:
    """Topics that have answers, by name; topic -> numbers of its answers."""
    by_subject: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        for concept in row.resource.record.subjects.all():
            by_subject[concept.key].add(row.pk)
    topics, answers_of = [], {}
    for version in open_topics():
        numbers = set().union(*(by_subject.get(key, set()) for key in version.subjects))
        if numbers:
            answers_of[version.topic.key] = numbers
            topics.append(AnswerTopic(version.topic.key, version.name, len(numbers)))
    return topics, answers_of


@require_safe
def answer_list(request: HttpRequest) -> HttpResponse:
    """All published answers, or those about a topic (?topic=), the newest first."""
    rows = list(
        queries.public_answers(timezone.now()).prefetch_related("resource__record__subjects")
    )
    topics, answers_of = _topics(rows)
    topic = request.GET.get("topic", "")
    chosen = next((row for row in topics if row.key == topic), None)
    if chosen is not None:
        rows = [row for row in rows if row.pk in answers_of[chosen.key]]
    paging = Paging.of(request, page_number(request), total=len(rows), size=ON_A_PAGE)
    return render(
        request,
        "answers/list.html",
        {
            "answers": rows[max(0, paging.first - 1) : paging.last],
            "paging": paging,
            "topics": topics,
            "chosen": chosen,
            "feed": feed_of_search("", [("kind", ResourceKind.ANSWER), ("sort", "added")]).url,
            "kind": str(ResourceKind.ANSWER),
            "may_write": has_permission(request.user, HANDLE),
        },
    )


@require_safe
def answer_page(request: HttpRequest, key: str) -> HttpResponse:
    """A question, its answer and the sources. Without words while a source is not public."""
    now = timezone.now()
    answer = queries.answer_shown(key, now)
    sources = queries.sources_of(answer, now)
    exports = record_exports(request, "resource", key, listed=True)
    around = related_records(answer.resource.record, request)
    return render(
        request,
        "answers/answer.html",
        {
            "answer": answer,
            "text": numbered(answer.text) if sources is not None else "",
            "sources": sources,
            "around": around,
            "taking": exports,
            "take": TakeAway(
                noun="answer",
                citation=f"{settings.SITE_NAME}. {answer.resource.title} [answered question]. "
                f"{access_note(request, reverse('answer', args=[key]))}",
                follow=[
                    feed_of_search(
                        "All answers", [("kind", ResourceKind.ANSWER), ("sort", "added")]
                    )
                ],
                download=[NamedLink(*file) for file in exports.files] if exports else [],
                first="This record:",
                of="this answer",
                holder=settings.ORGANISATION,
                licence=settings.DATA_LICENCE,
            ),
            "may_write": has_permission(request.user, HANDLE),
        },
    )
