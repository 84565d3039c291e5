"""What a person types into a chapter, stored as they type: for them alone, until they save it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.publishing import services
from waymark.web.authoring.texts import TextForm, report_overview
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import HiddenField


class UnsavedForm(TextForm):
    """A text as it is in the form. seen: number of the unsaved text that the page knows."""

    seen = HiddenField()

    @property
    def number_seen(self) -> int:
        """The number; 0 for one that is no number."""
        self.full_clean()
        return whole_number(self.cleaned_data.get("seen", "")) or 0


@require_POST
def store_unsaved(request: HttpRequest, slug: str, slot: str) -> HttpResponse:
    """Store the text; its number as JSON, or 409 with the newer text of another window."""
    overview = report_overview(request, slug)
    form = UnsavedForm.of(request)
    typed, seen = form.typed, form.number_seen
    try:
        stored = services.store_unsaved_text(
            by=request.user,
            overview=overview,
            slot=slot,
            text=typed.text,
            base=typed.base,
            seen=seen,
            now=timezone.now(),
        )
    except services.NewerUnsavedText as error:
        newer = error.current
        return JsonResponse({"number": newer.number, "text": newer.text}, status=409)
    except RuleError as error:
        return JsonResponse({"message": as_sentence(error)}, status=400)
    return JsonResponse({"number": stored.number})


@require_POST
def drop_unsaved(request: HttpRequest, slug: str, slot: str) -> HttpResponse:
    """Drop the unsaved text; the form then has the current version again."""
    overview = report_overview(request, slug)
    seen = UnsavedForm.of(request).number_seen
    services.drop_unsaved_text(by=request.user, overview=overview, slot=slot, seen=seen)
    return redirect("write-text", slug=slug, slot=slot)
