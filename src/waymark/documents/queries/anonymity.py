"""The anonymity check as staff see it: alerts of a report, reports with open ones, listed words."""

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import AnonymityAlert, AnonymityVerdict, ListedWords, Report

CHECK = "check anonymity"
CLOSING = (AnonymityVerdict.KEPT, AnonymityVerdict.FALSE)


def reports_with_alerts(person: Actor) -> list[Report]:
    """Reports with an alert that blocks publication, the last received first.

    Without withdrawn and expired ones. Raises NotPermitted.
    """
    require_permission(person, CHECK)
    waiting = AnonymityAlert.objects.exclude(verdict__in=CLOSING)
    rows = Report.objects.filter(pk__in=waiting.values("report"), state__in=OPEN_TO_STAFF)
    return list(rows.select_related("review").order_by("-received_at", "-pk"))


def reports_not_checked(person: Actor, *, limit: int) -> list[Report]:
    """Reports that an earlier version stored without a check. Raises NotPermitted."""
    require_permission(person, CHECK)
    rows = Report.objects.filter(anonymity_checked_at=None, state__in=OPEN_TO_STAFF)
    return list(rows.select_related("review").order_by("-received_at", "-pk")[:limit])


def alerts_of(report: Report, person: Actor) -> list[AnonymityAlert]:
    """The alerts of a report in the order of their first mention. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(report.anonymity_alerts.select_related("answered_by"))


def listed_words(person: Actor) -> list[ListedWords]:
    """Words that are never, or always, an identifier here. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(ListedWords.objects.select_related("added_by"))
