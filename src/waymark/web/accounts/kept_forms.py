"""The page Sign in for a person whose session ended while they typed: what they sent is kept."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from waymark.web.accounts.accounts import sign_in_page
from waymark.web.shared.kept_forms import carried_form, keep_form


class KeptForms:
    """Middleware that answers a refused form with a page Sign in that carries what was sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.method != "POST" or not _leads_to_sign_in(answer):
            return answer
        if request.user.is_authenticated:
            return answer
        # The second step carries a form that is kept already.
        kept = request.POST["kept"] if carried_form(request) else keep_form(request)
        return sign_in_page(request, kept=kept) if kept else answer


def _leads_to_sign_in(answer: HttpResponse) -> bool:
    # With the page to open afterwards: the pages of signing in itself lead there without one.
    to = f"{reverse(settings.LOGIN_URL)}?"
    return answer.status_code == HTTPStatus.FOUND and answer.get("Location", "").startswith(to)
