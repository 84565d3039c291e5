"""What a briefing may cite: passages that are public and unchanged, numbers of published tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.briefings.text.briefing import BriefingNumbers
from waymark.core.errors import NotFound
from waymark.documents.keys import parse_span_key
from waymark.documents.models import Report
from waymark.documents.queries.reader import open_reports
from waymark.documents.queries.readings import words_now
from waymark.publishing.document.citations import CitedPassage
from waymark.publishing.models import Publication
from waymark.publishing.queries import edition_release
from waymark.publishing.queries.drafts import public_passages
from waymark.publishing.queries.protected import protecting_snapshots
from waymark.publishing.queries.protected_passages import protected_passages


def citable_passages(
    keys: Iterable[str], now: datetime
) -> tuple[dict[str, CitedPassage], dict[str, str]]:
    """Passages that may be cited, by key, and the reason why each of the others may not."""
    public, refused = public_passages(keys, now)
    refused |= changed_passages(public)
    refused |= protected_passages(public)
    return {key: row for key, row in public.items() if key not in refused}, refused


def are_untouched(keys: Iterable[str], now: datetime) -> bool:
    """True if passages are as they were when they were cited, found without reading any text.

    False where it takes a closer look: a report that is not public, or has a newer text, or an
    overview that protects numbers.
    """
    places = [parse_span_key(key) for key in keys]
    names = {place.report for place in places}
    rows = open_reports(AnonymousUser(), now).filter(key__in=names)
    readings = dict(rows.values_list("key", "reading"))
    same = all(readings.get(place.report) == place.reading for place in places)
    return same and next(protecting_snapshots(), None) is None


def changed_passages(passages: Mapping[str, CitedPassage]) -> dict[str, str]:
    """Those whose words the current text of their report does not have, each with the reason.

    A key of an earlier text stays good while the current text has the same words.
    """
    places = {key: parse_span_key(key) for key in passages}
    reports = Report.objects.in_bulk({place.report for place in places.values()}, field_name="key")
    changed = {}
    for key, place in places.items():
        report = reports[place.report]
        if place.reading == report.reading:
            continue
        if words_now(report, place.reading, place.span) is None:
            changed[key] = (
                f"the words of the passage {key} are not in the newer text of"
                f" {passages[key].review}: read the passage again, and cite the newer text"
            )
    return changed


def numbers_of(
    overview: str, edition: Publication | None, names: Iterable[str]
) -> tuple[BriefingNumbers, dict[str, str]]:
    """Numbers of the current edition of an overview, and why each of the others may not be named.

    edition: None if there is none. names: marks, as T3/row/column.
    """
    marks = list(names)
    if edition is None:
        reason = f"there is no published overview {overview}" if overview else "choose an overview"
        return BriefingNumbers(), {
            name: f"{{{name}}}: {reason} to take numbers from" for name in marks
        }
    if not marks:
        return BriefingNumbers(), {}
    release = edition_release(edition)
    cells, refused = {}, {}
    for name in marks:
        table, row, column = name.split("/")
        try:
            cell = release.table(table).table.cell(row, column)
        except (KeyError, NotFound):
            refused[name] = (
                f"{{{name}}}: edition {edition.edition} of {overview} has no such number"
            )
            continue
        if cell.mark:
            refused[name] = f"{{{name}}} is printed as {cell.mark} to protect people: name another"
        else:
            cells[name] = cell.shown
    return BriefingNumbers(overview, edition.edition, cells), refused
