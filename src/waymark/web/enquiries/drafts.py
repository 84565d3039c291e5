"""An answer stored while somebody types it: by the script, and by every button of the form."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from waymark.core.errors import RuleError
from waymark.core.wording import as_sentence
from waymark.enquiries.models import Enquiry
from waymark.enquiries.queries import desk
from waymark.enquiries.services import NewerDraft, store_draft
from waymark.web.shared.clean_input import clean_lines, whole_number
from waymark.web.shared.forms import SiteForm


@require_POST
def store_answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Store the text; its number as JSON, or 409 with the newer text of another window."""
    enquiry = desk.enquiry_for(reference, request.user)
    try:
        draft = store_draft(
            by=request.user,
            enquiry=enquiry,
            text=clean_lines(str(request.POST.get("text", ""))),
            seen=whole_number(str(request.POST.get("draft", ""))) or 0,
            now=timezone.now(),
        )
    except NewerDraft as error:
        newer = error.current
        return JsonResponse({"number": newer.number, "text": newer.text}, status=409)
    except RuleError as error:
        return JsonResponse({"message": as_sentence(error)}, status=400)
    return JsonResponse({"number": draft.number if draft else 0})


def keep_typed(request: HttpRequest, enquiry: Enquiry, form: SiteForm) -> str:
    """Store what a form has; the newer text of another window, "" if there is none.

    The form gets the number of what is stored now, so that its next button stores its own text.
    """
    # Not by the bound fields, which would show the number that they had before.
    values = form.data if form.is_bound else form.initial
    text = clean_lines(str(values.get("text") or ""))
    seen = whole_number(str(values.get("draft") or "")) or 0
    now = timezone.now()
    try:
        try:
            draft = store_draft(by=request.user, enquiry=enquiry, text=text, seen=seen, now=now)
        except NewerDraft as error:
            # The script stored the beginning of the same text a moment ago.
            if not text.startswith(error.current.text):
                raise
            seen = error.current.number
            draft = store_draft(by=request.user, enquiry=enquiry, text=text, seen=seen, now=now)
    except NewerDraft as error:
        number, other = error.current.number, error.current.text
    # A text that is too long is refused by the form, with its own message.
    except RuleError:
        return ""
    else:
        number, other = draft.number if draft else 0, ""
    if form.is_bound:
        form.put("draft", str(number))
    else:
        form.initial["draft"] = str(number)
    return other
