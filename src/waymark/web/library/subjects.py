"""The subjects of the library: the tree of them, the A to Z, the page and the files of one."""

from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from waymark.accounts.content_state import ContentCache
from waymark.accounts.permissions import Actor, has_permission
from waymark.core.errors import NotFound
from waymark.library.queries import thesaurus as queries
from waymark.library.queries.library_mark import library_mark
from waymark.library.queries.topics import topics_with

MANAGE_THESAURUS = "edit the thesaurus"
TURTLE = "text/turtle; charset=utf-8"
LANGUAGES = {"en": "English", "ga": "Irish", "cy": "Welsh"}


def language_name(code: str) -> str:
    """A language in words; its code where the site has no word for it."""
    return LANGUAGES.get(code, code)


@require_safe
def subject_list(request: HttpRequest) -> HttpResponse:
    """All subjects: from the top down, or by letter."""
    by_letter = request.GET.get("by") == "letter"
    thesaurus = queries.current_thesaurus()
    return render(
        request,
        "subjects/letters.html" if by_letter else "subjects/tree.html",
        {
            "scheme": thesaurus.scheme,
            "total": sum(not concept.ended for concept in thesaurus.subjects.values()),
            "letters": queries.a_to_z() if by_letter else [],
            "tree": "" if by_letter else _tree_html(request.user, timezone.now()),
            "may_keep": has_permission(request.user, MANAGE_THESAURUS),
        },
    )


_cached_trees: ContentCache[str] = ContentCache()


def _tree_html(person: Actor, now: datetime) -> str:
    """The tree with its numbers; cached for a state of the library."""
    mark = library_mark(person, now)
    return _cached_trees.value(
        mark,
        queries.thesaurus_version(),
        lambda: render_to_string(
            "subjects/branches.html", {"branches": queries.subject_tree(person, now)}
        ),
    )


@require_safe
def subject_page(request: HttpRequest, key: str) -> HttpResponse:
    """One subject: its meaning, other names and neighbours in the thesaurus."""
    page = queries.subject_page(key, request.user, timezone.now())
    if page.subject.ended and page.replaced_by is not None:
        return redirect("subject", page.replaced_by.key)
    may_keep = has_permission(request.user, MANAGE_THESAURUS)
    return render(
        request,
        "subjects/subject.html",
        {
            "page": page,
            "others": _with_languages(page.others),
            "used_for": _with_languages(page.used_for),
            "drafts": _with_languages(page.drafts) if may_keep else [],
            "topics": topics_with(subject=key),
            "search": f"{reverse('find')}?{urlencode({'subject': key})}",
            "may_keep": may_keep,
        },
    )


def _with_languages(names: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """(code, name of the language, text) of each name."""
    return [(code, language_name(code), text) for code, text in names]


@require_safe
def subject_file(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """One subject as Turtle or JSON-LD."""
    thesaurus = queries.current_thesaurus()
    if key not in thesaurus.subjects or ending not in ("ttl", "jsonld"):
        raise NotFound(f"there is no subject {key} in this form")
    # Imported only here, as below: no other page needs the library for it.
    from waymark.library.exchange.writers.skos import subject_json_ld
    from waymark.library.thesaurus.skos_write import write_turtle

    if ending == "ttl":
        return HttpResponse(write_turtle(thesaurus, only=key), content_type=TURTLE)
    return HttpResponse(subject_json_ld(thesaurus, key), content_type="application/ld+json")


@require_safe
def thesaurus_file(request: HttpRequest) -> HttpResponse:
    """The whole thesaurus as SKOS Turtle."""
    from waymark.library.thesaurus.skos_write import write_turtle

    answer = HttpResponse(write_turtle(queries.current_thesaurus()), content_type=TURTLE)
    answer["Content-Disposition"] = 'attachment; filename="thesaurus.ttl"'
    return answer
