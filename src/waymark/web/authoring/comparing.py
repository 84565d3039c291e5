"""The draft of an overview beside an edition: what would change for readers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.overview.models import Overview
from waymark.overview.queries.overviews import decided_profile, latest_snapshot
from waymark.publishing.models import Publication
from waymark.publishing.queries.editions import compare_with_draft, editions_to_compare
from waymark.web.authoring.texts import report_overview
from waymark.web.overviews.comparison_view import comparison_context
from waymark.web.shared.clean_input import clean_line


@require_safe
def compare_draft(request: HttpRequest, slug: str) -> HttpResponse:
    """The draft and an edition of any overview, with the same parts as the public comparison."""
    overview = report_overview(request, slug)
    editions = {f"{row.slug}@{row.edition}": row for row in editions_to_compare(slug)}
    name = clean_line(request.GET.get("with", "")) or next(iter(editions), "")
    frozen = overview.snapshots.exists()
    context = {"overview": overview, "editions": editions, "name": name, "frozen": frozen}
    if frozen and name in editions:
        tables = request.GET.getlist("table")
        context |= _compared(overview, name, editions[name], tables)
    wrong = "Choose an edition from the list." if name and name not in editions else ""
    return render(
        request, "writing/compare.html", context | {"wrong": wrong}, status=400 if wrong else 200
    )


def _compared(
    overview: Overview, name: str, edition: Publication, tables: list[str]
) -> dict[str, object]:
    snapshot = latest_snapshot(overview)
    try:
        comparison = compare_with_draft(edition, snapshot, decided_profile(snapshot))
    except RuleError as error:
        return {"refusal": as_sentence(error)}
    # An earlier edition has no pages of its own: links would lead to the current one.
    return comparison_context(comparison, tables, choosing=[("with", name)])
