"""My work: what waits for the person who is signed in, and what they worked on last."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission, require_account
from waymark.publishing.queries.in_progress import overviews_in_progress, texts_to_write
from waymark.web.shared.opened_drafts import opened_drafts
from waymark.web.shared.waiting_work import WAITING_LISTS, Task, day_of, how_long
from waymark.web.staff.last_changes import last_changes

STAFF = "see unpublished reports"
WRITE = "write overviews"


def tasks_of(person: User, now: datetime) -> list[Task]:
    """All that waits for a person, urgent things first, then the oldest."""
    lists = [row for row in WAITING_LISTS if has_permission(person, row.permission)]
    tasks = [task for row in lists for task in row.tasks(person, now)]
    if has_permission(person, WRITE):
        tasks += [*_signatures(person, now), *_texts(person, now)]
    return sorted(tasks, key=lambda task: (not task.urgent, task.since))


def _signatures(person: User, now: datetime) -> Iterator[Task]:
    """Overviews that the person can sign now: of the others, the missing chapters are listed."""
    rows = [row.status for row in overviews_in_progress(person, now) if row.is_signable]
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


def _texts(person: User, now: datetime) -> Iterator[Task]:
    """Reports of overviews in which required chapters are missing."""
    for overview, number, frozen_at in texts_to_write(person):
        since = timezone.localdate(frozen_at)
        chapters = "chapter" if number == 1 else "chapters"
        yield Task(
            title=f"{number} required {chapters} to write: {overview.title}",
            number=number,
            age=f"Frozen {how_long(since, timezone.localdate(now))}",
            since=since,
            url=reverse("writing", args=[overview.slug]),
            action="Write",
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
        {"tasks": tasks, "changes": last_changes(person, now), "drafts": drafts},
    )
