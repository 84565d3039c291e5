"""Overviews of other bodies: what they found, by theme, beside the published overviews here."""

import csv
import io
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.accounts.permissions import has_permission
from waymark.core.errors import NotFound
from waymark.core.spreadsheet import without_formula
from waymark.library.queries.resources import open_resources
from waymark.overview.models import OtherOverview
from waymark.overview.queries import other_overviews as queries
from waymark.overview.queries.other_overviews import ThemeFindings
from waymark.overview.releases.release import Release
from waymark.overview.spec.schema import ThemesTable
from waymark.publishing.models import Publication
from waymark.publishing.queries import edition_release, editions_of_work
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.file_answers import file_answer

NATION = 60
COLUMNS = (
    *("theme", "overview", "body", "nation", "period", "reviews", "children"),
    *("finding", "page", "number", "base", "unit", "not_comparable", "judged_by", "address"),
)


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """The number of reviews with a theme in a published overview, as it prints it.

    scope: place and period of its reviews.
    """

    edition: Publication
    scope: str
    shown: str
    base: int | None
    table: str


@dataclass(frozen=True, slots=True)
class ComparedTheme:
    """A theme: what we count, and what others found."""

    found: ThemeFindings
    own: tuple[OwnNumber, ...]


@require_safe
def other_overview_list(request: HttpRequest) -> HttpResponse:
    """Other overviews, with what they found by theme, beside ours. ?nation= limits it to one."""
    every = list(queries.open_other_overviews(request.user))
    nation = clean_line(request.GET.get("nation", ""))[:NATION]
    chosen = [row for row in every if not nation or row.nation == nation]
    releases = [(row, edition_release(row)) for row in editions_of_work("overview")]
    themes = [
        ComparedTheme(theme, tuple(_own_numbers(theme.theme, releases)))
        for theme in queries.findings_by_theme(chosen)
    ]
    context = {
        "overviews": chosen,
        "themes": themes,
        "nations": sorted({row.nation for row in every if row.nation}),
        "nation": nation,
        "may_write": has_permission(request.user, queries.WRITE),
    }
    return render(request, "overview/others.html", context)


def _own_numbers(theme: str, releases: list[tuple[Publication, Release]]) -> list[OwnNumber]:
    numbers = (_own_number(theme, *pair) for pair in releases)
    return [number for number in numbers if number is not None]


def _own_number(theme: str, edition: Publication, release: Release) -> OwnNumber | None:
    """The protected cell of a theme in the first table of all reviews that counts it."""
    for spec in release.spec.tables:
        if not isinstance(spec, ThemesTable) or spec.columns or spec.where or spec.qualified:
            continue
        try:
            cell = release.table(spec.id).table.cell(theme, "n")
        except (KeyError, NotFound):
            continue
        scope = f"{release.spec.place}, {release.spec.period}"
        return OwnNumber(edition, scope, cell.shown, cell.base, spec.id)
    return None


@require_safe
def other_overview_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One overview of another body: facts, method, findings, and why not to compare numbers."""
    row = queries.other_overview_for(slug, request.user)
    records = open_resources(request.user, timezone.now())
    context = {
        "row": row,
        "themes": queries.findings_by_theme([row]),
        "record": records.filter(key=row.record).first() if row.record else None,
        "may_write": has_permission(request.user, queries.WRITE),
    }
    return render(request, "overview/other.html", context)


@require_safe
def other_findings_csv(request: HttpRequest) -> HttpResponseBase:
    """All findings as CSV, each with the reasons against comparing its numbers."""
    rows = list(queries.open_other_overviews(request.user))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for theme in queries.findings_by_theme(rows):
        for finding in theme.findings:
            writer.writerow(_csv_row(theme.name, finding.overview, finding))
    content = written.getvalue().encode("utf-8-sig")
    return file_answer(
        request, content, name="other-overviews.csv", media_type="text/csv; charset=utf-8"
    )


def _csv_row(theme: str, of: OtherOverview, finding: object) -> list[object]:
    values = [getattr(finding, name) for name in ("text", "page", "number", "base", "unit")]
    facts = (theme, of.title, of.body, of.nation, of.period, of.reviews, of.children)
    row = (*facts, *values, "; ".join(of.caveat_lines), of.judged_by, of.address)
    return [
        without_formula(value) if isinstance(value, str) else "" if value is None else value
        for value in row
    ]
