"""Two published overviews side by side: the tables to choose, then what differs."""

import csv
import io
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from waymark.publishing import queries
from waymark.publishing.comparison.compare import ComparedNumber, ComparedRow, ReleaseComparison
from waymark.publishing.comparison.differences import chosen_tables
from waymark.web.middleware.pacing import COMPARISONS, paced
from waymark.web.overviews.comparison_view import comparison_context
from waymark.web.shared.chart_files import chart_file
from waymark.web.shared.clean_input import clean_line


@require_safe
def choose_overviews(request: HttpRequest) -> HttpResponse:
    """Form to choose two overviews; with two valid ones, redirect to their comparison."""
    chosen = [clean_line(request.GET.get(name, "")) for name in ("first", "second")]
    publications = queries.editions_of_work("overview")
    known = {publication.slug for publication in publications}
    error = ""
    if all(chosen):
        error = _choice_error(chosen, known)
        if not error:
            return redirect("comparison", *chosen)
    elif any(chosen):
        error = "Choose two overviews."
    elif len(publications) > 1:
        # Suggest the two latest, the older one first, as the difference is second minus first.
        chosen = [publications[1].slug, publications[0].slug]
    return render(
        request,
        "overview/choose.html",
        {"publications": publications, "first": chosen[0], "second": chosen[1], "wrong": error},
        status=400 if error else 200,
    )


def _choice_error(chosen: list[str], known: set[str]) -> str:
    if chosen[0] == chosen[1]:
        return "Choose two different overviews."
    return "" if known.issuperset(chosen) else "Choose overviews from the list."


@require_safe
@paced(COMPARISONS)
def comparison_page(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """The tables that both overviews have, or those of them that the visitor chose."""
    compared = queries.compare_editions(first, second)
    pages = tuple(reverse("overview", args=[slug]) for slug in (first, second))
    chosen = request.GET.getlist("table")
    context = {
        "first": compared.first,
        "second": compared.second,
        "charts": f"{request.path}charts/",
        **comparison_context(compared.comparison, chosen, pages=(pages[0], pages[1])),
    }
    return render(request, "overview/comparison.html", context)


@require_safe
@paced(COMPARISONS)
def comparison_chart(
    request: HttpRequest, first: str, second: str, figure: str, ending: str
) -> HttpResponse:
    """A chart of the comparison as SVG or PNG. Raises Http404 if there is none of this id."""
    compared = queries.compare_editions(first, second)
    for table in compared.comparison.tables:
        if table.figure and table.figure.id == figure:
            source = f"{compared.first.title} and {compared.second.title}."
            name = f"{first}-and-{second}-{figure}"
            return chart_file(table.figure, source, ending=ending, name=name)
    raise Http404(f"the comparison has no chart {figure}")


HEAD = (
    "table",
    "column",
    "unit",
    "group",
    "row",
    "first",
    "first base",
    "second",
    "second base",
    "pooled",
    "pooled base",
    "difference in percentage points",
    "why not",
)


@require_safe
@paced(COMPARISONS)
def comparison_csv(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """The tables chosen as CSV: UTF-8 with a byte order mark, for spreadsheets."""
    compared = queries.compare_editions(first, second)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(_csv_rows(compared.comparison, request.GET.getlist("table")))
    answer = HttpResponse(
        out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    name = f"{compared.first.slug}-and-{compared.second.slug}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _csv_rows(comparison: ReleaseComparison, tables: list[str]) -> Iterator[list[str]]:
    for table in chosen_tables(comparison, tables):
        for row in table.rows:
            yield [
                table.title,
                table.column,
                row.unit,
                row.group,
                row.label,
                *_number_cells(row),
                "" if row.difference is None else str(row.difference),
                table.reason or row.reason,
            ]


def _number_cells(row: ComparedRow) -> Iterator[str]:
    for number in (row.first, row.second, row.pooled):
        yield from _number_cell(number)


def _number_cell(number: ComparedNumber | None) -> tuple[str, str]:
    if number is None:
        return "", ""
    return number.text.replace(",", ""), "" if number.base is None else str(number.base)
