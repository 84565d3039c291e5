"""Notes on editions for readers: what changed, what is corrected, when the next is expected."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.publishing import queries, services
from waymark.publishing.models import EditionNoteKind
from waymark.publishing.queries import archive
from waymark.publishing.services.edition_notes import LONGEST, LONGEST_DAY
from waymark.web.shared.fields import ChoiceField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm

PUBLISH = "publish overviews"
CHANGE = ["GET", "HEAD", "POST"]


class EditionNoteForm(SiteForm):
    """What changed or is corrected, and why."""

    kind = ChoiceField("Kind of note", EditionNoteKind.choices, missing="Choose what it is about.")
    text = TextAreaField(
        "What changed, or what is wrong and what is right",
        missing="Enter what changed or is corrected.",
        hint="Anyone can read it. Name no person, and no number that is withheld.",
        most=LONGEST,
    )
    reason = TextAreaField("Why", missing="Enter why.", rows=3, most=LONGEST)


@require_http_methods(CHANGE)
def note_edition(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Add a note to an edition. It cannot be edited afterwards; a further note can correct it."""
    require_permission(request.user, PUBLISH)
    edition = archive.archived_edition(slug, number)
    form = EditionNoteForm.of(request)
    if form.is_valid():
        try:
            services.note_edition(
                by=request.user,
                publication=edition.publication,
                kind=EditionNoteKind(form.cleaned_data["kind"]),
                text=form.cleaned_data["text"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The note on edition {number} is published.")
            return redirect("overview-edition", slug, number)
    context = {"publication": edition.publication, "edition": edition, "form": form}
    return render(request, "writing/edition_note.html", context, status=form.http_status)


class NextEditionForm(SiteForm):
    """When the next edition is expected."""

    when = TextField(
        "When the next edition is expected (optional)",
        hint="For example, June 2027. Leave it empty if that is not known.",
        most=LONGEST_DAY,
    )


@require_http_methods(CHANGE)
def next_edition(request: HttpRequest, slug: str) -> HttpResponse:
    """Say when the next edition is expected."""
    require_permission(request.user, PUBLISH)
    publication = queries.published_edition(slug)
    manuscript = publication.manuscript
    form = NextEditionForm.of(request, initial={"when": manuscript.next_edition})
    if form.is_valid():
        services.announce_next_edition(
            by=request.user,
            manuscript=manuscript,
            when=form.cleaned_data["when"],
            now=timezone.now(),
        )
        announced = form.cleaned_data["when"]
        messages.success(
            request,
            "The next edition is announced."
            if announced
            else "The archive no longer says when the next edition is expected.",
        )
        return redirect("overview-editions", slug)
    context = {"publication": publication, "form": form}
    return render(request, "writing/next_edition.html", context, status=form.http_status)
