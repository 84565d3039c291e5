"""Possible identifiers of a report as staff see them, reports with open ones, listed words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.anonymity.identifiers import Identifier
from waymark.documents.anonymity.search import find_identifiers
from waymark.documents.models import (
    AnonymityVerdict,
    ListedWords,
    PossibleIdentifier,
    Report,
    WordRule,
)

CHECK = "check anonymity"
CLOSING = (AnonymityVerdict.KEPT, AnonymityVerdict.FALSE)


@dataclass(frozen=True, slots=True)
class IdentifierFinder:
    """Search by the rules and the words of an installation, which needs no database.

    never, always, bodies: see find_identifiers().
    """

    never: tuple[str, ...]
    always: tuple[str, ...]
    bodies: tuple[Path, ...]

    def __call__(self, text: str, sources: Mapping[str, str]) -> list[Identifier]:
        """Identifiers in a text and in other parts of a file: name of a part -> its words."""
        return find_identifiers(
            text, sources=sources, never=self.never, always=self.always, bodies=self.bodies
        )


def identifiers_in(text: str, sources: Mapping[str, str]) -> list[Identifier]:
    """Identifiers in a text and in other parts, by the rules and the words of this installation."""
    return identifier_finder()(text, sources)


def identifier_finder() -> IdentifierFinder:
    """identifiers_in() for many texts: the words of this installation are read once."""
    words: dict[str, list[str]] = {rule: [] for rule in WordRule.values}
    for rule, line in ListedWords.objects.values_list("rule", "words"):
        words[rule].append(line)
    return IdentifierFinder(
        never=tuple(words[WordRule.NEVER]),
        always=tuple(words[WordRule.ALWAYS]),
        bodies=(settings.PUBLIC_BODIES,) if settings.PUBLIC_BODIES else (),
    )


def reports_with_identifiers(person: Actor) -> QuerySet[Report]:
    """Reports with a possible identifier that blocks publication, the last received first.

    Without withdrawn and expired ones. Raises NotPermitted.
    """
    require_permission(person, CHECK)
    waiting = PossibleIdentifier.objects.exclude(verdict__in=CLOSING)
    rows = Report.objects.filter(pk__in=waiting.values("report"), state__in=OPEN_TO_STAFF)
    return rows.select_related("review").order_by("-received_at", "-pk")


def reports_not_checked(person: Actor, *, limit: int) -> list[Report]:
    """Reports that an earlier version stored without a check. Raises NotPermitted."""
    require_permission(person, CHECK)
    rows = Report.objects.filter(anonymity_checked_at=None, state__in=OPEN_TO_STAFF)
    return list(rows.select_related("review").order_by("-received_at", "-pk")[:limit])


def ids_with_identifiers(reports: Iterable[int | None]) -> set[int]:
    """The ids of the reports with a possible identifier that blocks publication."""
    waiting = PossibleIdentifier.objects.exclude(verdict__in=CLOSING)
    return set(waiting.filter(report__in=set(reports) - {None}).values_list("report", flat=True))


def identifiers_of(report: Report, person: Actor) -> list[PossibleIdentifier]:
    """Those of a report in the order of their first mention. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(report.possible_identifiers.select_related("answered_by"))


@dataclass(frozen=True, slots=True)
class OtherReports:
    """Other reports with the same words: how many, and in how many the same words are around them.

    Many of these are a sign of standing text, such as an imprint.
    """

    same_words: int = 0
    same_text: int = 0


def _identifiers_elsewhere(
    identifiers: Collection[PossibleIdentifier],
) -> QuerySet[PossibleIdentifier]:
    """Possible identifiers for the same words in other reports that staff can see."""
    rows = PossibleIdentifier.objects.filter(
        folded__in={identifier.folded for identifier in identifiers},
        report__state__in=OPEN_TO_STAFF,
    )
    return rows.exclude(report__in={identifier.report_id for identifier in identifiers})


def other_reports_of(identifiers: Collection[PossibleIdentifier]) -> dict[int, OtherReports]:
    """Possible identifier of one report -> the other reports with the same words."""
    elsewhere: dict[tuple[str, str], list[PossibleIdentifier]] = defaultdict(list)
    rows = _identifiers_elsewhere(identifiers).only("kind", "folded", "surroundings")
    for row in rows:
        elsewhere[row.kind, row.folded].append(row)
    return {
        identifier.pk: OtherReports(
            len(elsewhere[identifier.kind, identifier.folded]),
            sum(map(identifier.has_surroundings_of, elsewhere[identifier.kind, identifier.folded])),
        )
        for identifier in identifiers
    }


def identifiers_of_standing_text(
    identifiers: Collection[PossibleIdentifier],
) -> dict[int, list[PossibleIdentifier]]:
    """Report -> those without an answer that are for the same words in the same text."""
    by_words = {(identifier.kind, identifier.folded): identifier for identifier in identifiers}
    same: dict[int, list[PossibleIdentifier]] = defaultdict(list)
    for row in _identifiers_elsewhere(identifiers).filter(verdict="").select_related("report"):
        known = by_words.get((row.kind, row.folded))
        if known is not None and known.has_surroundings_of(row):
            same[row.report_id].append(row)
    return dict(same)


def pages_of_identifiers(
    report: Report, identifiers: Iterable[PossibleIdentifier]
) -> dict[int, list[int]]:
    """Its id -> the pages with its words, each once; empty if they are not in the text."""
    pages = list(report.pages.order_by("start").values_list("start", "number"))
    starts = [start for start, _ in pages]
    return {
        identifier.pk: list(
            dict.fromkeys(
                pages[bisect_right(starts, start) - 1][1] for start, _ in identifier.places
            )
        )
        for identifier in identifiers
    }


def listed_words(person: Actor) -> list[ListedWords]:
    """Words that are never, or always, an identifier here. Raises NotPermitted."""
    require_permission(person, CHECK)
    return list(ListedWords.objects.select_related("added_by"))
