"""Coding frameworks: their codes and variables, and the passages with each code."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.coding import queries as coding
from waymark.datasets.queries import withheld_reviews
from waymark.frameworks import queries
from waymark.frameworks.models import Code, Framework
from waymark.frameworks.variables import VariableSpec
from waymark.library.queries.content_notes import content_notes_by_reference
from waymark.library.queries.thesaurus import current_thesaurus
from waymark.library.queries.topics import topics_with
from waymark.publishing.queries import current_editions
from waymark.web.shared.paging import Paging, page_number

REVIEWS_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """Code with its narrower codes and the number of reviews that have it."""

    code: Code
    reviews: int
    under: tuple["CodeEntry", ...]


@dataclass(frozen=True, slots=True)
class FrameworkSection:
    """Section of a framework. id: its anchor on the page."""

    id: str
    name: str
    description: str
    entries: tuple[CodeEntry, ...]


@require_safe
def framework_list(request: HttpRequest) -> HttpResponse:
    """List of published versions."""
    return render(request, "frameworks/list.html", {"frameworks": queries.published_frameworks()})


@require_safe
def methods_page(request: HttpRequest) -> HttpResponse:
    """Frameworks, thesaurus, promises and how findings are made, for researchers."""
    return render(
        request,
        "frameworks/methods.html",
        {
            "frameworks": queries.published_frameworks(),
            "editions": current_editions(),
            "subjects": len(current_thesaurus().subjects),
        },
    )


@require_safe
def themes_moved(request: HttpRequest) -> HttpResponse:
    """Redirect from the former page of themes to the topics; the codebook is under Methods."""
    query = request.GET.urlencode()
    return HttpResponsePermanentRedirect(reverse("topics") + (f"?{query}" if query else ""))


@require_safe
def framework_page(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """One version: its codes by section, its variables, its qualifiers."""
    return _render_version(request, queries.framework_for(name, version))


def _render_version(request: HttpRequest, version: Framework) -> HttpResponse:
    withheld = withheld_reviews(request.user)
    counts = coding.review_counts(version, request.user, timezone.now(), withheld=withheld.keys())
    codes, file = queries.codes_of(version), queries.file_of(version)
    parts = [
        FrameworkSection(
            section.id, section.name, section.description, _code_entries(codes, section.id, counts)
        )
        for section in file.sections
    ]
    return render(
        request,
        "frameworks/version.html",
        {
            "framework": version,
            "parts": parts,
            "variables": _grouped_variables(file.variables),
            "withheld": bool(withheld),
        },
    )


def _code_entries(
    codes: list[Code], section: str, counts: Mapping[str, int]
) -> tuple[CodeEntry, ...]:
    # Codes have a parent but no list of children: index them by parent, then build the tree.
    under: dict[int | None, list[Code]] = {}
    for code in codes:
        if code.section == section:
            under.setdefault(code.parent_id, []).append(code)

    def of(parent: int | None) -> tuple[CodeEntry, ...]:
        return tuple(
            CodeEntry(code, counts.get(code.code, 0), of(code.pk)) for code in under.get(parent, [])
        )

    return of(None)


def _grouped_variables(
    variables: Iterable[VariableSpec],
) -> list[tuple[str, list[VariableSpec]]]:
    """(heading, variables): grouped ones under the group's name, the others under their level."""
    grouped: dict[str, list[VariableSpec]] = {}
    for variable in variables:
        alone = f"Facts about the {variable.level}"
        group = (variable.group or alone).replace("_", " ")
        grouped.setdefault(f"{group[0].upper()}{group[1:]}", []).append(variable)
    return list(grouped.items())


@require_safe
def code_page(request: HttpRequest, name: str, version: str, code: str) -> HttpResponse:
    """One code: its definition and the agreed passages."""
    framework = queries.framework_for(name, version)
    record = queries.code_for(framework, code)
    number = page_number(request)
    # A list of the reviews with a code would name those that are in small numbers.
    withheld = withheld_reviews(request.user)
    total, reviews = coding.reviews_with_code(
        record,
        request.user,
        timezone.now(),
        offset=(number - 1) * REVIEWS_PER_PAGE,
        limit=REVIEWS_PER_PAGE,
        withheld=withheld.keys(),
    )
    file = queries.file_of(framework)
    sections = {section.id: section.name for section in file.sections}
    notes = content_notes_by_reference(row.review for row in reviews)
    return render(
        request,
        "frameworks/code.html",
        {
            "framework": framework,
            "code": record,
            "spec": file.code(record.code),
            "topics": topics_with(code=record.code),
            "section_name": sections.get(record.section, record.section),
            "total": total,
            "withheld": bool(withheld),
            "reviews": [(row, notes.get(row.review, "")) for row in reviews],
            "quoted_keys": [quote.key for row in reviews for quote in row.quotes],
            "paging": Paging.of(request, number, total=total, size=REVIEWS_PER_PAGE),
        },
    )
