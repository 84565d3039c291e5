"""The form by which a board sends a report for the repository. It needs no account."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import TooManyFilesSent, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import Person
from waymark.core.errors import NotFound
from waymark.documents.uploads import Upload
from waymark.library.services.deposits import Offer, TooManyDeposits, check_room
from waymark.web.origin import origin_of
from waymark.web.receiving import DEPOSIT_TOGETHER, MIB, SizeLimit, not_readable, wrong_choice
from waymark.web.typed import typed

MOST_FILES = 10
YEARS = (1, 2, 3, 5, 7, 10)
FURTHEST = timedelta(days=366 * 5)
RIGHTS = (
    "We hold the copyright in this report, or may have it published here. Copyright stays with us."
)
SALT = "deposit reference"
LIMITS = {"board": 200, "contact_name": 200, "contact_email": 254, "title": 300, "note": 5_000}
MISSING = {
    "board": "Enter the name of the board or partnership.",
    "contact_name": "Enter the name of somebody we can ask.",
    "contact_email": "Enter an e-mail address, such as name@example.org.",
    "title": "Enter the title of the report.",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a field. field: its name, as the form has it."""

    field: str
    message: str


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def deposit(request: HttpRequest) -> HttpResponse:
    """The form, and taking what it brings.

    The check against forged forms reads what was sent; it comes in _receive, after the limit on
    size is in place. Where no deposit can be taken, nothing that is sent is kept.
    """
    if not settings.DEPOSITS:
        raise NotFound("this site takes no deposits")
    closed = _closed(request)
    if request.method != "POST":
        return _form(request, closed=closed)
    largest = settings.MAX_UPLOAD_MIB * MIB
    together = 0 if closed else DEPOSIT_TOGETHER * largest
    limit = SizeLimit(request, largest=largest, together=together)
    request.upload_handlers.insert(0, limit)
    try:
        return _receive(request, limit, closed)
    except TooManyFilesSent:
        return _form(request, wrong=[Wrong("files", f"Choose at most {MOST_FILES} files.")])


def _closed(request: HttpRequest) -> str:
    """Why no deposit can be taken now, or ""."""
    try:
        check_room(origin=origin_of(request), mailbox="", now=timezone.now())
    except TooManyDeposits as error:
        return f"{error}."
    return ""


@csrf_protect
def _receive(request: HttpRequest, limit: SizeLimit, closed: str) -> HttpResponse:
    said = {name: typed(request.POST.get(name, ""))[:most] for name, most in LIMITS.items()}
    files: list[Upload] = [*request.FILES.getlist("files"), *limit.dropped]
    if closed:
        return _form(request, said=said, closed=closed, status=429)
    wrong = [*_wrong_words(request, said), *_wrong_terms(request)]
    if message := wrong_choice(files, limit, most=MOST_FILES):
        wrong.append(Wrong("files", message))
    else:
        told = [not_readable(file, largest=limit.largest) for file in files]
        wrong += [Wrong("files", message) for message in told if message]
    if wrong:
        return _form(request, said=said, wrong=wrong)
    return _taken(request, said, files)


def _taken(request: HttpRequest, said: dict[str, str], files: list[Upload]) -> HttpResponse:
    person: Person = request.user
    offer = Offer(
        **said,
        rights=RIGHTS,
        anonymous="anonymous" in request.POST,
        embargo_until=_day(request.POST.get("embargo_until", "")),
        available_years=int(request.POST.get("available_years", settings.KEEP_YEARS)),
    )
    try:
        made = pipeline.receive_deposit(
            by=person, offer=offer, files=files, origin=origin_of(request), now=timezone.now()
        )
    except TooManyDeposits as error:
        return _form(request, said=said, closed=f"{error}.", status=429)
    return redirect("deposited", signed=signing.dumps(made.reference, salt=SALT))


def _wrong_words(request: HttpRequest, said: dict[str, str]) -> list[Wrong]:
    wrong = [Wrong(name, message) for name, message in MISSING.items() if not said[name]]
    if said["contact_email"]:
        try:
            validate_email(said["contact_email"])
        except ValidationError:
            wrong.append(Wrong("contact_email", MISSING["contact_email"]))
    if request.POST.get("homepage"):
        wrong.append(Wrong("homepage", "Leave this field empty: it is there to stop programs."))
    return wrong


def _wrong_terms(request: HttpRequest) -> list[Wrong]:
    wrong = []
    if "rights" not in request.POST:
        wrong.append(Wrong("rights", "Say that you have the right to have it published."))
    if request.POST.get("available_years", "") not in _years():
        wrong.append(Wrong("available_years", "Choose for how long the file may be had."))
    embargo = typed(request.POST.get("embargo_until", ""))
    day, today = _day(embargo), timezone.localdate()
    if embargo and (day is None or not today < day <= today + FURTHEST):
        message = "Enter a day after today as year-month-day, such as 2027-01-24, or leave it out."
        wrong.append(Wrong("embargo_until", message))
    return wrong


def _years() -> list[str]:
    return [str(year) for year in sorted({*YEARS, settings.KEEP_YEARS})]


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(typed(said))
    except ValueError:
        return None


def _form(
    request: HttpRequest,
    *,
    said: dict[str, str] | None = None,
    wrong: list[Wrong] | None = None,
    closed: str = "",
    status: int = 400,
) -> HttpResponse:
    # What was typed is read again only where the form was taken apart whole.
    terms = request.POST if said is not None else {}
    answer = render(
        request,
        "deposit/form.html",
        {
            "said": said or {},
            "anonymous": "anonymous" in terms,
            "rights": "rights" in terms,
            "embargo_until": typed(terms.get("embargo_until", "")),
            "years": terms.get("available_years", str(settings.KEEP_YEARS)),
            "all_years": _years(),
            "statement": RIGHTS,
            "wrong": wrong or [],
            "errors": {one.field: one.message for one in reversed(wrong or [])},
            "closed": closed,
            "largest": settings.MAX_UPLOAD_MIB,
            "most_pages": settings.MAX_PAGES,
            "most_files": MOST_FILES,
            "together": DEPOSIT_TOGETHER * settings.MAX_UPLOAD_MIB,
        },
        status=status if wrong or (closed and request.method == "POST") else 200,
    )
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def deposited(request: HttpRequest, signed: str) -> HttpResponse:
    """The reference of a deposit that was just made, as its address says: nothing is looked up."""
    try:
        reference = signing.loads(signed, salt=SALT, max_age=timedelta(days=1))
    except signing.BadSignature as error:
        raise NotFound("this is no page of a deposit, or it is from an earlier day") from error
    return render(request, "deposit/received.html", {"reference": reference})
