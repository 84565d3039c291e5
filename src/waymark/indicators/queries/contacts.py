"""The contacts log, and the published highlights of its years."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError, require_found
from waymark.indicators.contact_counts import (
    ContactFacts,
    ContactHighlightTables,
    highlight_tables,
)
from waymark.indicators.models import ContactHighlight, LoggedContact
from waymark.indicators.periods import year_period

LOG = "log contacts"


def logged_contacts(person: Actor) -> QuerySet[LoggedContact]:
    """All contacts. Raises NotPermitted."""
    require_permission(person, LOG)
    return LoggedContact.objects.all()


def counted_tables(starts: date, profile: str) -> ContactHighlightTables:
    """Protected counts of the financial year from a day. Raises RuleError without a contact."""
    period = year_period("financial", starts.year)
    rows = LoggedContact.objects.filter(day__gte=period.start, day__lte=period.end)
    facts = [ContactFacts(*row) for row in rows.values_list("topic", "channel", "referred")]
    if not facts:
        raise RuleError("no contact was logged in this year")
    return highlight_tables(facts, profile)


def preview_highlight(starts: date, profile: str, person: Actor) -> ContactHighlightTables:
    """What would be published of a year. Raises NotPermitted, RuleError."""
    require_permission(person, "publish indicators")
    return counted_tables(starts, profile)


def published_highlights() -> list[ContactHighlight]:
    """Highlights that were not withdrawn, the latest first."""
    return list(ContactHighlight.objects.filter(withdrawn_at=None))


@dataclass(frozen=True, slots=True)
class HighlightChange:
    """A highlight, and by how many percent its total differs from the year before, else None."""

    highlight: ContactHighlight
    percent: int | None

    @property
    def fewer(self) -> int:
        """By how many percent there were fewer contacts."""
        return -(self.percent or 0)


def highlight_of(year: str) -> HighlightChange:
    """The highlight of a year such as 2025-26. Raises NotFound."""
    rows = {row.year: row for row in published_highlights()}
    row = require_found(rows.get(year), f"there is no highlight of {year[:10]}")
    years = {other.starts.year: other for other in rows.values()}
    before = years.get(row.starts.year - 1)
    return HighlightChange(row, _change(_total(before), _total(row)) if before else None)


def _total(row: ContactHighlight) -> int:
    return int(row.tables["total"].replace(",", ""))


def _change(before: int, after: int) -> int | None:
    return round((after - before) * 100 / before) if before else None
