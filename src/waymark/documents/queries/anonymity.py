"""The anonymity check as staff see it: alerts of a report, reports with open ones, listed words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.anonymity.search import find_identifiers
from waymark.documents.models import (
    AnonymityAlert,
    AnonymityVerdict,
    ListedWords,
    Report,
    WordRule,
)

CHECK = "check anonymity"
IdentifierFinder = Callable[[str, Mapping[str, str]], list[Identifier]]
"""Search in a text and in other parts of a file: name of a part -> its words."""
CLOSING = (AnonymityVerdict.KEPT, AnonymityVerdict.FALSE)


def identifiers_in(text: str, sources: Mapping[str, str]) -> list[Identifier]:
    """Identifiers in a text and in other parts, by the rules and the words of this installation."""
    return identifier_finder()(text, sources)


def identifier_finder() -> IdentifierFinder:
    """identifiers_in() for many texts: the words of this installation are read once."""
    words: dict[str, list[str]] = {rule: [] for rule in WordRule.values}
    for rule, line in ListedWords.objects.values_list("rule", "words"):
        words[rule].append(line)
    bodies = [settings.PUBLIC_BODIES] if settings.PUBLIC_BODIES else []

    def find(text: str, sources: Mapping[str, str]) -> list[Identifier]:
        return find_identifiers(
            text,
            sources=sources,
            never=words[WordRule.NEVER],
            always=words[WordRule.ALWAYS],
            bodies=bodies,
        )

    return find


def reports_with_alerts(person: Actor) -> QuerySet[Report]:
    """Reports with an alert that blocks publication, the last received first.

    Without withdrawn and expired ones. Raises NotPermitted.
    """
    require_permission(person, CHECK)
    waiting = AnonymityAlert.objects.exclude(verdict__in=CLOSING)
    rows = Report.objects.filter(pk__in=waiting.values("report"), state__in=OPEN_TO_STAFF)
    return rows.select_related("review").order_by("-received_at", "-pk")


def reports_not_checked(person: Actor, *, limit: int) -> list[Report]:
    """Reports that an earlier version stored without a check. Raises NotPermitted."""
    require_permission(person, CHECK)
    rows = Report.objects.filter(anonymity_checked_at=None, state__in=OPEN_TO_STAFF)
    return list(rows.select_related("review").order_by("-received_at", "-pk")[:limit])


def ids_with_alerts(reports: Iterable[int | None]) -> set[int]:
    """The ids of the reports with an alert that blocks publication."""
    waiting = AnonymityAlert.objects.exclude(verdict__in=CLOSING)
    return set(waiting.filter(report__in=set(reports) - {None}).values_list("report", flat=True))


def alerts_of(report: Report, person: Actor) -> list[AnonymityAlert]:
    """The alerts of a report in the order of their first mention. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(report.anonymity_alerts.select_related("answered_by"))


@dataclass(frozen=True, slots=True)
class OtherReports:
    """Other reports with the same words: how many, and in how many the same words are around them.

    Many of these are a sign of standing text, such as an imprint.
    """

    same_words: int = 0
    same_text: int = 0


def _alerts_elsewhere(alerts: Collection[AnonymityAlert]) -> QuerySet[AnonymityAlert]:
    """Alerts for the same words in other reports that staff can see."""
    rows = AnonymityAlert.objects.filter(
        folded__in={alert.folded for alert in alerts}, report__state__in=OPEN_TO_STAFF
    )
    return rows.exclude(report__in={alert.report_id for alert in alerts})


def other_reports_of(alerts: Collection[AnonymityAlert]) -> dict[int, OtherReports]:
    """Alert of one report -> the other reports with the same words."""
    elsewhere: dict[tuple[str, str], list[AnonymityAlert]] = defaultdict(list)
    rows = _alerts_elsewhere(alerts).only("kind", "folded", "surroundings")
    for row in rows:
        elsewhere[row.kind, row.folded].append(row)
    return {
        alert.pk: OtherReports(
            len(elsewhere[alert.kind, alert.folded]),
            sum(map(alert.has_surroundings_of, elsewhere[alert.kind, alert.folded])),
        )
        for alert in alerts
    }


def alerts_of_standing_text(
    alerts: Collection[AnonymityAlert],
) -> dict[int, list[AnonymityAlert]]:
    """Report -> its alerts without an answer that are for the same words in the same text."""
    by_words = {(alert.kind, alert.folded): alert for alert in alerts}
    same: dict[int, list[AnonymityAlert]] = defaultdict(list)
    for row in _alerts_elsewhere(alerts).filter(verdict="").select_related("report"):
        known = by_words.get((row.kind, row.folded))
        if known is not None and known.has_surroundings_of(row):
            same[row.report_id].append(row)
    return dict(same)


def pages_of_alerts(report: Report, alerts: Iterable[AnonymityAlert]) -> dict[int, list[int]]:
    """Alert -> the pages with its words, each once; empty if they are not in the text."""
    pages = list(report.pages.order_by("start").values_list("start", "number"))
    starts = [start for start, _ in pages]
    return {
        alert.pk: list(
            dict.fromkeys(pages[bisect_right(starts, start) - 1][1] for start, _ in alert.places)
        )
        for alert in alerts
    }


def listed_words(person: Actor) -> list[ListedWords]:
    """Words that are never, or always, an identifier here. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(ListedWords.objects.select_related("added_by"))
