"""My work: what waits for the person who is signed in, and what they worked on last."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark import pipeline
from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission, require_account
from waymark.briefings.queries.drafts import last_saved, manuscripts_with_news
from waymark.briefings.queries.editions import flagged_briefings
from waymark.enquiries.queries.drafts import drafts_of
from waymark.publishing.queries.in_progress import OverviewInProgress, overviews_in_progress
from waymark.web.shared.opened_drafts import opened_drafts
from waymark.web.shared.waiting_work import Task, day_of, how_long, waiting_tasks
from waymark.web.staff.last_changes import last_changes

STAFF = "see unpublished reports"
WRITE = "write overviews"


def tasks_of(person: User, now: datetime) -> list[Task]:
    """All that waits for a person, urgent things first, then the oldest."""
    tasks = waiting_tasks(person, now)
    if has_permission(person, WRITE):
        overviews = overviews_in_progress(person, now)
        tasks += [*_signatures(overviews, now), *_texts(overviews, now)]
    if has_permission(person, "write briefings"):
        tasks += [*_briefings_to_sign(person, now), *_briefings_to_check(now)]
    return sorted(tasks, key=lambda task: (not task.urgent, task.since))


def _signatures(overviews: list[OverviewInProgress], now: datetime) -> Iterator[Task]:
    """Overviews that the person can sign now: of the others, the missing chapters are listed."""
    rows = [row.status for row in overviews if row.is_signable]
    if not rows:
        return
    since = day_of(min((row.snapshot.taken_at for row in rows if row.snapshot), default=None))
    oldest = "Waiting" if len(rows) == 1 else "The oldest has waited"
    yield Task(
        title=f"{len(rows)} {'overview' if len(rows) == 1 else 'overviews'} to sign",
        number=len(rows),
        age=f"{oldest} {how_long(since, timezone.localdate(now))}",
        since=since,
        url=reverse("specs") + "#waiting",
        action="Read and sign",
    )


def _texts(overviews: list[OverviewInProgress], now: datetime) -> Iterator[Task]:
    """Reports of overviews in which required chapters are missing."""
    for row in overviews:
        overview, number, snapshot = row.status.overview, row.missing_texts, row.status.snapshot
        if not number or snapshot is None:
            continue
        since = timezone.localdate(snapshot.taken_at)
        chapters = "chapter" if number == 1 else "chapters"
        yield Task(
            title=f"{number} required {chapters} to write: {overview.title}",
            number=number,
            age=f"Frozen {how_long(since, timezone.localdate(now))}",
            since=since,
            url=reverse("writing", args=[overview.slug]),
            action="Write",
        )


def _briefings_to_sign(person: User, now: datetime) -> Iterator[Task]:
    """Briefings that need the signature of the person."""
    news = manuscripts_with_news(person)
    drafts = pipeline.briefing_drafts(news, now) if news else []
    rows = [draft for draft in drafts if draft.awaits(person)]
    if not rows:
        return
    since = day_of(last_saved([row.manuscript for row in rows]))
    yield Task(
        title=f"{len(rows)} {'briefing' if len(rows) == 1 else 'briefings'} to sign",
        number=len(rows),
        age=f"Waiting {how_long(since, timezone.localdate(now))}",
        since=since,
        url=reverse("edit-briefings") + "#waiting",
        action="Read and sign",
    )


def _briefings_to_check(now: datetime) -> Iterator[Task]:
    """Published briefings that rest on a passage that was withdrawn or changed."""
    rows = flagged_briefings(now)
    if not rows:
        return
    one = len(rows) == 1
    yield Task(
        title=f"{len(rows)} {'briefing rests' if one else 'briefings rest'} on changed passages",
        number=len(rows),
        age="A passage or number was withdrawn or changed",
        since=min(day_of(row.publication.published_at) for row in rows),
        url=reverse("edit-briefings") + "#flagged",
        action="Check again",
        urgent=True,
    )


@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Work that waits for the person, and the records they changed last."""
    person = require_account(request.user, STAFF, "see your work")
    now = timezone.now()
    tasks = tasks_of(person, now)
    drafts = opened_drafts(request, person) if has_permission(person, WRITE) else []
    return render(
        request,
        "staff/my_work.html",
        {
            "tasks": tasks,
            "changes": last_changes(person, now),
            "drafts": drafts,
            "answers": drafts_of(person),
        },
    )
