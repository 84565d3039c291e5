"""Authority records of authors for staff: list, names, merging, telling apart, removing a page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import has_permission, require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence
from waymark.library.models import Author, AuthorKind
from waymark.library.queries import authors as queries
from waymark.library.queries.resources import resource_for
from waymark.library.services import authors as services
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import ChoiceField, LinesField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

MANAGE = "catalogue"
MOST_LISTED = 100
AUTHORS = StaffList(
    "author",
    "authors",
    search=("name", "names__name"),
    columns=(
        ListColumn("Author", "name", ("name",)),
        ListColumn("Kind", "kind", ("kind", "name")),
        ListColumn("Added", "added", ("added_at",), falling=True),
    ),
    order="name",
    filters=(
        ListFilter("kind", "Kind", dict(AuthorKind.choices), lambda value: Q(kind=value)),
        ListFilter(
            "record",
            "Record",
            {"merged": "Merged", "hidden": "Page removed"},
            lambda value: (
                Q(merged_into__isnull=False) if value == "merged" else Q(hidden_at__isnull=False)
            ),
        ),
    ),
)


@require_http_methods(["GET", "HEAD", "POST"])
def manage_authors(request: HttpRequest) -> HttpResponse:
    """All records of authors, and the names on works that no record has yet."""
    require_permission(request.user, MANAGE)
    if request.method == "POST":
        names = [name[:200] for name in request.POST.getlist("name")]
        made = services.add_authors_of_works(by=request.user, names=names, now=timezone.now())
        messages.success(request, f"{len(made)} added.")
        return redirect("keep-authors")
    view = AUTHORS.view(request, Author.objects.all().distinct())
    without = queries.names_without_author(request.user)
    context = {"list": view, "without": without[:MOST_LISTED], "more": len(without) - MOST_LISTED}
    return render(request, "catalogue/authors.html", context)


class AuthorForm(SiteForm):
    """Description of an author."""

    name = TextField(
        "Name", hint="“Surname, First” for a person.", missing="Enter the name.", most=200
    )
    kind = ChoiceField("Kind", AuthorKind.choices, missing="Choose the kind of author.")
    other_names = LinesField(
        "Other names (optional)",
        hint="One on each line, exactly as records have them.",
        items=services.MOST_NAMES,
    )
    note = TextAreaField(
        "Note (optional)",
        hint="Everyone can read it. Only about the person as an author.",
        most=1_000,
    )

    @property
    def about(self) -> services.AuthorAbout:
        """The description."""
        return services.AuthorAbout(**self.cleaned_data)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_author(request: HttpRequest, key: str) -> HttpResponse:
    """Change the record of an author: names, merging, telling apart, removing its page."""
    require_permission(request.user, MANAGE)
    author = queries.author_with_key(key)
    action = str(request.POST.get("do", ""))
    if action in SMALL_ACTIONS:
        try:
            messages.success(request, SMALL_ACTIONS[action](request, author))
        except (RuleError, NotFound) as error:
            messages.error(request, as_sentence(error))
        return redirect("edit-author", key)
    form = AuthorForm(request.POST) if action == "save" else AuthorForm(initial=_stored(author))
    if form.is_bound and form.is_valid():
        try:
            services.change_author(
                by=request.user, author=author, about=form.about, now=timezone.now()
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("edit-author", key)
    context = {
        "author": author,
        "form": form,
        "works": queries.works_of(author, request.user, timezone.now())[:MOST_LISTED],
        "others": queries.different_from(author),
        "duplicates": author.duplicates.all(),
        "may_remove": has_permission(request.user, services.REMOVE),
    }
    return render(request, "catalogue/author.html", context, status=form.http_status)


def _stored(author: Author) -> dict[str, Any]:
    names = [name for name in author.names.values_list("name", flat=True) if name != author.name]
    fields = {field: getattr(author, field) for field in ("name", "kind", "note")}
    return {**fields, "other_names": names}


def _other(request: HttpRequest) -> Author:
    """The other record that a form names. Raises RuleError."""
    name = clean_line(request.POST.get("other", ""))[:200]
    other = queries.author_called(name)
    if other is None:
        raise RuleError("no other record has exactly this name: copy it from its page")
    return other


def _merge(request: HttpRequest, author: Author) -> str:
    into = _other(request)
    services.merge_authors(by=request.user, duplicate=author, into=into, now=timezone.now())
    return f"Merged into {into}. You can undo this."


def _undo(request: HttpRequest, author: Author) -> str:
    services.undo_author_merge(by=request.user, duplicate=author, now=timezone.now())
    return "The merge is undone."


def _apart(request: HttpRequest, author: Author) -> str:
    other, note = _other(request), clean_line(request.POST.get("note", ""))
    services.tell_authors_apart(
        by=request.user, first=author, second=other, note=note, now=timezone.now()
    )
    return f"Recorded: {author} is not {other}."


def _forget(request: HttpRequest, author: Author) -> str:
    services.forget_difference(
        by=request.user, first=author, second=_other(request), now=timezone.now()
    )
    return "Removed."


def _move(request: HttpRequest, author: Author) -> str:
    now, key = timezone.now(), clean_line(request.POST.get("work", ""))[:80]
    name, other = clean_line(request.POST.get("printed", ""))[:200], _other(request)
    work = resource_for(key, request.user, now)
    services.move_work(by=request.user, resource=work, name=name, author=other, now=now)
    return f"“{work.title}” is now a work of {other}."


def _hide(request: HttpRequest, author: Author) -> str:
    reason = clean_line(request.POST.get("reason", ""))[:300]
    services.hide_author(by=request.user, author=author, reason=reason, now=timezone.now())
    return "The public page is removed. The name stays on the works."


def _show(request: HttpRequest, author: Author) -> str:
    services.show_author(by=request.user, author=author, now=timezone.now())
    return "The page is public again."


SMALL_ACTIONS: dict[str, Callable[[HttpRequest, Author], str]] = {
    "merge": _merge,
    "undo-merge": _undo,
    "apart": _apart,
    "forget": _forget,
    "move": _move,
    "hide": _hide,
    "show": _show,
}
