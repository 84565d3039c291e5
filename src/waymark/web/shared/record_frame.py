"""Frame of the staff pages of one record: its tabs, its checklist, its state, its next action."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from waymark import pipeline
from waymark.accounts.models import State
from waymark.accounts.permissions import Person, has_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import OpenReason
from waymark.core.wording import date_in_words
from waymark.documents.models import Report, Review
from waymark.library.models import Resource
from waymark.library.queries import repository
from waymark.pipeline.library.record_checklist import ChecklistItem, ItemState

REVIEW_TABS = (
    ("Record", "edit-review"),
    ("Files", "review-files"),
    ("Subjects", "review-about"),
    ("Progress", "review-steps"),
    ("Visibility", "review-state"),
    ("History", "review-history"),
)
RESOURCE_TABS = (
    ("Record", "edit-resource"),
    ("Address", "resource-address"),
    ("Subjects", "resource-about"),
    ("How to get it", "resource-holdings"),
    ("Visibility", "resource-state"),
    ("History", "resource-history"),
)
BELONGS_TO = {
    "publish-review": "review-state",
    "report-state": "review-state",
    "withdraw-review": "review-state",
    "withdraw-report": "review-state",
    "withdraw-resource": "resource-state",
    "review-words": "review-files",
    "resource-words": "edit-resource",
    "report-keeping": "review-files",
}
"""Page of one matter of a record -> the tab that it is below."""
PLACES = {
    "review": {
        "files": "review-files",
        "checks": "review-files",
        "record": "edit-review",
        "subjects": "review-about",
        "expiry": "review-files",
        "publish": "publish-review",
    },
    "resource": {
        "record": "edit-resource",
        "checks": "resource-words",
        "subjects": "resource-about",
        "publish": "resource-state",
    },
}
"""Item of the checklist -> the page on which it is done."""
REASON_PAGES = {
    "hidden-text": "hidden-text",
    "anonymity": "anonymity",
    "scanned-pages": "scanned-pages",
    "expiry": "report-keeping",
    "description": "review-words",
    "resource-description": "resource-words",
    "deposit": "deposit-check",
    "concern": "concern-check",
    "answer": "edit-answer",
}
"""Kind of an open reason -> the page on which it is answered."""
WARNING = frozenset({State.WITHDRAWN, State.EXPIRED})


@dataclass(frozen=True, slots=True)
class RecordTab:
    """A tab. current: "page" for the page itself, "true" for a page below it, or ""."""

    label: str
    url: str
    current: str


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """An item of the checklist, with the address of the page on which it is done."""

    item: ChecklistItem
    url: str


@dataclass(frozen=True, slots=True)
class RecordFrame:
    """Frame around each page of a record. key: its reference or key; action: label and address of
    the next thing to do, "" for none; view: address of its public page, "" if nobody can read it.
    """

    kind: str
    key: str
    title: str
    state: str
    state_class: str
    tabs: tuple[RecordTab, ...]
    lines: tuple[ChecklistLine, ...]
    action: str
    action_url: str
    view: str

    @property
    def tab(self) -> str:
        """The label of the tab that the page belongs to."""
        return next((tab.label for tab in self.tabs if tab.current), "")

    @property
    def first(self) -> str:
        """The address of the first tab."""
        return self.tabs[0].url

    @property
    def done(self) -> int:
        """Number of the items that are done."""
        return sum(line.item.done for line in self.lines)


def reason_page(reason: OpenReason) -> str:
    """Address of the page on which a reason is answered."""
    return reverse(REASON_PAGES[reason.kind], args=[reason.key])


def frame_of(
    item: Review | Report | Resource, page: str, person: Person, now: datetime
) -> RecordFrame:
    """The frame of a page of a record; of a report, that of its review. page: its URL name."""
    record = item.review if isinstance(item, Report) else item
    kind = "review" if isinstance(record, Review) else "resource"
    key = record.reference if isinstance(record, Review) else record.key
    open_to_staff = record.state in OPEN_TO_STAFF
    lines = _checklist(record, kind, key, now) if open_to_staff else ()
    action, url = _next_action(lines, page, person)
    return RecordFrame(
        kind=kind,
        key=key,
        title=record.title,
        state=_state_in_words(record),
        state_class=_state_class(record, now),
        tabs=_tabs(kind, key, page, open_to_staff=open_to_staff),
        lines=lines,
        action=action,
        action_url=url,
        view=reverse(kind, args=[key]) if open_to_staff else "",
    )


def _tabs(kind: str, key: str, page: str, *, open_to_staff: bool) -> tuple[RecordTab, ...]:
    tabs: tuple[tuple[str, str], ...] = REVIEW_TABS if kind == "review" else RESOURCE_TABS
    if not open_to_staff:
        # Nobody reads a withdrawn record; its state can still be changed.
        tabs = tuple(tab for tab in tabs if tab[1] == f"{kind}-state")
    here = BELONGS_TO.get(page, "")
    return tuple(
        RecordTab(
            label,
            reverse(name, args=[key]),
            "page" if name == page else "true" if name == here else "",
        )
        for label, name in tabs
    )


def _checklist(
    record: Review | Resource, kind: str, key: str, now: datetime
) -> tuple[ChecklistLine, ...]:
    items = (
        pipeline.checklist_of_review(record, now)
        if isinstance(record, Review)
        else pipeline.checklist_of_resource(record, now)
    )
    return tuple(ChecklistLine(item, _place(item, kind, key)) for item in items)


def _place(item: ChecklistItem, kind: str, key: str) -> str:
    """The page of an item: that of its only question, else the tab that lists them all."""
    if len(item.reasons) == 1:
        return reason_page(item.reasons[0])
    return reverse(PLACES[kind][item.key], args=[key])


def _next_action(lines: tuple[ChecklistLine, ...], page: str, person: Person) -> tuple[str, str]:
    """The first thing that must be done; at last to publish."""
    if not has_permission(person, "publish reports"):
        return "", ""
    if all(line.item.done for line in lines if line.item.key == "publish"):
        return "", ""
    # Publishing is the last item, so it comes when no other is open.
    waiting = (line for line in lines if line.item.state == ItemState.OPEN)
    return next(((line.item.action, line.url) for line in waiting), ("", ""))


def _state_in_words(record: Review | Resource) -> str:
    label = record.get_state_display()
    opens = record.public_from
    return f"{label} until {date_in_words(timezone.localdate(opens))}" if opens else label


def _state_class(record: Review | Resource, now: datetime) -> str:
    if record.state in WARNING:
        return "warm"
    return "" if repository.is_public(record, now) else "line"
