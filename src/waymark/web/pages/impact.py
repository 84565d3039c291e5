"""Impact and evidence: evaluations, tools, what teams changed, and learning tools for boards."""

from collections import defaultdict
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.briefings.models import BriefingUse
from waymark.briefings.queries import editions
from waymark.briefings.queries.uses import all_shown_uses
from waymark.library.models import ResourceKind
from waymark.library.queries.resources import open_resources
from waymark.library.queries.topics import topics_with

MOST = 12
"""Evaluations, and tools, on the page; all of them are in Find."""
MOST_USES = 100


@dataclass(frozen=True, slots=True)
class ShownUse:
    """A record of use and the address of the briefing that was used."""

    use: BriefingUse
    title: str
    url: str


@require_safe
def impact(request: HttpRequest) -> HttpResponse:
    """What is known to work, what teams changed, and tools to find out."""
    rows = open_resources(request.user, timezone.now()).order_by("-published_on", "-year", "title")
    evaluations = rows.filter(kind=ResourceKind.EVALUATION)
    tools = rows.filter(kind=ResourceKind.TOOL)
    briefings = list(editions.published_briefings())
    context = {
        "evaluations": evaluations[:MOST],
        "evaluations_total": evaluations.count(),
        "research_tools": tools[:MOST],
        "research_tools_total": tools.count(),
        "uses": _uses_by_topic(),
        "briefings": [row for row in briefings if editions.content_of(row).short.parts],
    }
    return render(request, "pages/impact.html", context)


def _uses_by_topic() -> list[tuple[str, list[ShownUse]]]:
    """Topic -> records of use of its briefings. A briefing of several topics is under each."""
    by_topic: dict[str, list[ShownUse]] = defaultdict(list)
    current = {row.manuscript_id: row for row in editions.published_briefings()}
    for use in all_shown_uses().filter(manuscript__in=current)[:MOST_USES]:
        publication = current[use.manuscript_id]
        use_row = ShownUse(
            use, publication.title, reverse("briefing", args=[publication.kind, publication.slug])
        )
        subjects = editions.content_of(publication).about.subjects
        names = {name for key in subjects for _, name in topics_with(subject=key)}
        for name in names or {"Other topics"}:
            by_topic[name].append(use_row)
    return sorted(by_topic.items())
