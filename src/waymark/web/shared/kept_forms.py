"""What was typed into a form that could not be taken: carried in the page until it can be sent.

A session ends while a person types, or they sign in again in another window. What they sent is
then put, signed, into the page that answers, and from there goes with the password: nothing is
stored on the server, where strangers could fill the disk with it.
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SALT = "kept form"
VALID = timedelta(hours=12)
LONGEST = 4_000_000
"""Characters of a kept form, which is larger than the body that it was made from."""
SHOWN_FROM = 40
"""Characters of a value that a person would not like to type again."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form as it was sent. path: with its query; fields: (name, value) in the order sent."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: bool = False

    @property
    def texts(self) -> list[str]:
        """The values that took time to type."""
        return [value for _, value in self.fields if len(value) >= SHOWN_FROM]


def was_sent_from_here(request: HttpRequest) -> bool:
    """True if the browser says that a page of this site sent the form.

    Only then is it kept: a page of another site must not put its words into a form of ours.
    """
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def keep_form(request: HttpRequest) -> str:
    """Signed text of the form of a request; "" if it must not be kept or holds a password."""
    if request.method != "POST" or not was_sent_from_here(request):
        return ""
    names = [name for name in request.POST if name != "csrfmiddlewaretoken"]
    if not names or any("password" in name for name in names):
        return ""
    fields = [(name, value) for name in names for value in request.POST.getlist(name)]
    kept = [request.get_full_path(), fields, bool(request.FILES)]
    return signing.dumps(kept, salt=SALT, compress=True)


def kept_form(text: str) -> KeptForm | None:
    """The form in a signed text; None if it is not ours or too old."""
    try:
        path, fields, files = signing.loads(text, salt=SALT, max_age=VALID)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return KeptForm(path, tuple((name, value) for name, value in fields), files)


def carried_form(request: HttpRequest) -> KeptForm | None:
    """The kept form that a page of this site sent along; None without one."""
    from_here = request.method == "POST" and was_sent_from_here(request)
    return kept_form(request.POST.get("kept", "")) if from_here else None


def send_again_page(request: HttpRequest, form: KeptForm) -> HttpResponse:
    """Page with a kept form, whose button sends it with the token of this session."""
    status = HTTPStatus.FORBIDDEN
    answer = render(request, "send_again.html", {"kept": form}, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer
