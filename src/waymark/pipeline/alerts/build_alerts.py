"""Make the issues of the lists that repeat what became public in the library."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from waymark.accounts.permissions import Actor, require_permission
from waymark.alerts.models import (
    CHOSEN_BY_PEOPLE,
    AlertIssue,
    AlertList,
    IssueItem,
    ListSchedule,
    Subscription,
)
from waymark.alerts.queries.issues import EDIT, new_records
from waymark.alerts.services import issues
from waymark.alerts.services.item_texts import ItemText, RecordItem
from waymark.alerts.services.schedules import note_made
from waymark.core.errors import RuleError, ServiceUnavailable
from waymark.core.jobs import Clock, Job, JobQueue
from waymark.library.exchange.record import RecordData
from waymark.library.models import CatalogueRecord, ResourceKind, unindexed_records
from waymark.library.models.kinds import CASE_REVIEW
from waymark.library.queries import found_records
from waymark.library.queries.content_notes import content_notes_by_reference
from waymark.library.queries.exchange import exchange_key, record_data
from waymark.library.queries.hydrate import open_records
from waymark.library.queries.topic_pages import reviews_query
from waymark.library.queries.topics import topic_names
from waymark.library.search.protocol import FILTERS, SearchRequest
from waymark.pipeline.alerts.gather_alerts import dated, first_paragraph

MOST_FOUND = 1_000
"""New records of a followed topic or search in one issue."""
HIGHLIGHT = "Highlighted briefing"
USUAL_NOTE = "the death or serious harm of a child"
BUILT = tuple(row for row in AlertList if row not in CHOSEN_BY_PEOPLE)


@dataclass(frozen=True, slots=True)
class BuiltIssue:
    """What was built. issue: None if nothing was new. approved: by the rule of its list."""

    alert_list: AlertList
    issue: AlertIssue | None
    items: int
    approved: bool


def build_issue(*, by: Actor, alert_list: AlertList, now: datetime) -> BuiltIssue:
    """Make the draft of a list anew, and approve it if the rule of the list says so.

    Raises NotPermitted; RuleError for a list whose items people choose; ServiceUnavailable without
    a search index, where one is needed.
    """
    require_permission(by, EDIT)
    if alert_list not in BUILT:
        raise RuleError("the Weekly alert is made of what people choose: decide on its candidates")
    issues.start_lists_of_worker(now)
    new = new_records(alert_list, now).select_related("review", "resource")
    if alert_list in {AlertList.TOPICS, AlertList.SEARCHES}:
        # The index decides what a record is about: one that it does not know yet waits.
        new = new.exclude(pk__in=unindexed_records().values("pk"))
    records = list(new)
    items = list(_items(alert_list, records, now))
    draft = issues.store_draft(
        by=by,
        alert_list=alert_list,
        items=items,
        considered=[record.pk for record in records],
        now=now,
    )
    if draft is not None and alert_list == AlertList.REVIEWS:
        _highlight(draft, by, now)
    approved = draft is not None and issues.approve_by_rule(issue=draft, now=now)
    return BuiltIssue(alert_list, draft, draft.items.count() if draft else 0, approved)


def _items(
    alert_list: AlertList, records: Sequence[CatalogueRecord], now: datetime
) -> Iterator[RecordItem]:
    texts = texts_of(records, now)
    if alert_list == AlertList.TOPICS:
        searches = {
            (f"topic {key}", name): SearchRequest(reviews_query(key))
            for key, name in topic_names().items()
        }
    elif alert_list == AlertList.SEARCHES:
        searches = {(followed, ""): _request(search) for followed, search in _followed_searches()}
    else:
        # By kind, case reviews first, each in the order in which they became public.
        numbers = sorted(texts, key=lambda number: _order_of_kind(texts[number]))
        yield from (RecordItem(number, texts[number]) for number in numbers)
        return
    for (followed, group), request in searches.items():
        for number in _matching(request, texts, now):
            yield RecordItem(number, in_group(texts[number], group), followed)


def _order_of_kind(text: ItemText) -> int:
    labels = ["Case review", *(str(kind.label) for kind in ResourceKind)]
    return labels.index(text.group) if text.group in labels else len(labels)


def in_group(text: ItemText, group: str) -> ItemText:
    """The text in another group, without its address."""
    return ItemText(
        heading=text.heading,
        summary=text.summary,
        # The name of a followed search is its follower's own: each letter has it, no row.
        group=group,
        source=text.source,
        dated=text.dated,
        content_note=text.content_note,
    )


def _matching(request: SearchRequest, texts: Mapping[int, ItemText], now: datetime) -> list[int]:
    if not texts:
        return []
    newest = SearchRequest(
        request.text,
        request.filters,
        sort="added",
        broaden=request.broaden,
        limit=MOST_FOUND,
        counted=False,
    )
    matching = found_records(newest, person=AnonymousUser(), now=now)
    return [number for number in matching if number in texts]


def _followed_searches() -> list[tuple[str, str]]:
    """followed and query string of each search that somebody follows now."""
    rows = Subscription.objects.filter(
        alert_list=AlertList.SEARCHES,
        ended_at=None,
        subscriber__confirmed_at__isnull=False,
        subscriber__stopped_at=None,
    )
    return list(rows.order_by("followed").values_list("followed", "search").distinct())


def _request(search: str) -> SearchRequest:
    """The search of a query string of the search page."""
    values = parse_qs(search.removeprefix("?"))
    return SearchRequest(
        text=values.get("q", [""])[0],
        filters={name: tuple(values[name]) for name in FILTERS if name in values},
        broaden=values.get("broaden") != ["no"],
    )


def texts_of(records: Sequence[CatalogueRecord], now: datetime) -> dict[int, ItemText]:
    """Record number -> what its item says, in order."""
    numbers = {exchange_key(record): record.pk for record in records}
    rows = record_data(
        list(numbers.values()), person=AnonymousUser(), now=now, page_of=lambda *_: ""
    )
    notes = content_notes_by_reference(row.key.removeprefix("review/") for row in rows)
    return {numbers[row.key]: _text_of(row, notes) for row in rows}


def _text_of(row: RecordData, notes: Mapping[str, str]) -> ItemText:
    note = ""
    if row.kind == CASE_REVIEW:
        described = notes.get(row.key.removeprefix("review/"), USUAL_NOTE)
        note = f"This review describes {described}."
    return ItemText(
        heading=row.title,
        summary=first_paragraph(row.abstract)[:1_200],
        group=row.kind_label,
        source="; ".join(row.creators)[:200],
        dated=dated(row),
        content_note=note[:300],
    )


def _highlight(draft: AlertIssue, by: Actor, now: datetime) -> None:
    """Propose a briefing for a Case reviews update: the latest that none has had; once a draft."""
    if draft.items.filter(group=HIGHLIGHT).exists():
        return
    highlighted = IssueItem.objects.filter(group=HIGHLIGHT, record__isnull=False).values("record")
    briefings = open_records(AnonymousUser(), now).filter(resource__kind=ResourceKind.BRIEFING)
    latest = briefings.exclude(pk__in=highlighted).order_by("-available_at").first()
    if latest is None:
        return
    text = texts_of([latest], now)[latest.pk]
    issues.append_item(
        by=by, draft=draft, text=in_group(text, HIGHLIGHT), record=latest.pk, now=now
    )


# ---- the worker ----


def _build_next(clock: Clock = timezone.now) -> bool:
    """Build the issue of a list that is due; False if none is."""
    now = clock()
    issues.start_lists_of_worker(now)
    due = ListSchedule.objects.filter(next_at__lte=now, alert_list__in=BUILT)
    for schedule in due.order_by("next_at"):
        alert_list = AlertList(schedule.alert_list)
        try:
            build_issue(by=None, alert_list=alert_list, now=now)
        except ServiceUnavailable:
            # Without an index nobody knows what a topic has: it stays due, and the others go on.
            continue
        note_made(alert_list=alert_list, now=now)
        return True
    return False


JOBS = (Job("make alert issues", JobQueue.READING, _build_next),)
