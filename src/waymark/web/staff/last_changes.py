"""What a person worked on last, from the audit log, with the page on which to go on."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from waymark.accounts.models import AuditEntry, User
from waymark.accounts.permissions import has_permission
from waymark.accounts.queries import last_entries_of
from waymark.accounts.visibility import visible_rows
from waymark.documents.models import Report, Review
from waymark.enquiries.models import Enquiry, LiteratureSearch
from waymark.enquiries.queries.desk import HANDLE
from waymark.library.models import Deposit, Resource
from waymark.overview.models import Overview

MOST = 8

Link = tuple[str, str]
"""Title and address of a record."""


@dataclass(frozen=True, slots=True)
class LastChange:
    """A record that the person changed. action: as in the audit log."""

    title: str
    url: str
    action: str
    at: datetime


def _reviews(references: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    page = "edit-review" if has_permission(person, "catalogue") else "review"
    rows = visible_rows(Review, person, now).filter(reference__in=references)
    return {row.reference: (row.title, reverse(page, args=[row.reference])) for row in rows}


def _reports(keys: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    rows = visible_rows(Report, person, now).filter(key__in=keys).select_related("review")
    return {
        row.key: (
            f"{row.review.title}: {row.get_kind_display().lower()}",
            reverse("report", args=[row.key]),
        )
        for row in rows
    }


def _resources(keys: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    page = "edit-resource" if has_permission(person, "catalogue") else "resource"
    rows = visible_rows(Resource, person, now).filter(key__in=keys)
    return {row.key: (row.title, reverse(page, args=[row.key])) for row in rows}


def _deposits(references: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    if not has_permission(person, "handle deposits"):
        return {}
    rows = Deposit.objects.filter(reference__in=references)
    return {
        row.reference: (row.title, reverse("deposit-check", args=[row.reference])) for row in rows
    }


def _overviews(slugs: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    if not has_permission(person, "write overviews"):
        return {}
    rows = Overview.objects.filter(slug__in=slugs)
    return {row.slug: (row.title, reverse("writing", args=[row.slug])) for row in rows}


def _enquiries(references: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    if not has_permission(person, HANDLE):
        return {}
    rows = Enquiry.objects.filter(reference__in=references, erased_at=None)
    return {row.reference: (row.subject, reverse("enquiry", args=[row.reference])) for row in rows}


def _searches(numbers: Collection[str], person: User, now: datetime) -> dict[str, Link]:
    if not has_permission(person, HANDLE):
        return {}
    rows = LiteratureSearch.objects.filter(pk__in=[int(n) for n in numbers if n.isdecimal()])
    return {
        str(row.pk): (
            f"Literature search: {row.title}",
            reverse("literature-search", args=[row.pk]),
        )
        for row in rows
    }


FINDERS: dict[str, Callable[[Collection[str], User, datetime], dict[str, Link]]] = {
    "review": _reviews,
    "report": _reports,
    "resource": _resources,
    "deposit": _deposits,
    "overview": _overviews,
    "enquiry": _enquiries,
    "literature search": _searches,
}
"""Kind of a record in the audit log -> the records of it that a person can open."""


def _kind_and_key(entry: AuditEntry) -> tuple[str, str]:
    """Kind and key of what an entry is about; "" for both if no page shows it."""
    for kind in FINDERS:
        if entry.subject.startswith(f"{kind} "):
            return kind, entry.subject.removeprefix(f"{kind} ")
    return "", ""


def links_to_records(entries: Iterable[AuditEntry], person: User, now: datetime) -> dict[str, Link]:
    """Subject of an audit entry -> its record, if the person can open it: one query a kind."""
    named = {_kind_and_key(entry) for entry in entries}
    links: dict[str, Link] = {}
    for kind, find in FINDERS.items():
        keys = {key for of_kind, key in named if of_kind == kind}
        if keys:
            links |= {f"{kind} {key}": link for key, link in find(keys, person, now).items()}
    return links


def last_changes(person: User, now: datetime) -> list[LastChange]:
    """The records that a person changed last and can still open, the latest first."""
    # More than are shown, because some of them may be gone.
    entries = last_entries_of(person, subjects=FINDERS, limit=3 * MOST)
    links = links_to_records(entries, person, now)
    return [
        LastChange(*links[entry.subject], entry.action, entry.at)
        for entry in entries
        if entry.subject in links
    ][:MOST]
