"""Pages for those who work here: what is held and its state, and taking in files."""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.installation import pause_of_sending
from waymark.accounts.models import State, User
from waymark.accounts.permissions import may, require
from waymark.coding.queries import coding_progress
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.documents import held, queries, services
from waymark.documents.held import HeldReview
from waymark.documents.models import Intake, IntakeState, ReportKind
from waymark.documents.uploads import Upload
from waymark.publishing import queries as editions
from waymark.publishing import services as publishing
from waymark.web.paging import Paging, page_number
from waymark.web.receiving import MIB, MOST_TOGETHER, SizeLimit, wrong_choice
from waymark.web.typed import typed

SIZE = 25
RECENT = 20
OFFERED = 1_000
"""Reviews offered in the list of the upload form; any other can be typed."""
MOST_FILES = 50
TAKE_IN = "take in reports"
PUBLISH = "publish reports"
PUBLISH_OVERVIEWS = "publish overviews"


# ---- what is held ----


@dataclass(frozen=True, slots=True)
class Filter:
    """A state with the number of reviews it concerns. url: the list of these."""

    label: str
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A review of the list. coding: how far its coding is, in words."""

    held: HeldReview
    coding: str


@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Every review with its reports: state, size, coding, who brought it."""
    number = page_number(request)
    said = request.GET.get("state", "")
    if said and said not in State.values:
        raise NotFound(f"there is no state {said}")
    state = State(said) if said else None
    total, found = held.held_reviews(
        request.user, state=state, offset=(number - 1) * SIZE, limit=SIZE
    )
    progress = coding_progress([one.review.pk for one in found])
    lines = [Line(one, _coding(*progress.get(one.review.pk, (0, 0)))) for one in found]
    return render(
        request,
        "staff/list.html",
        {
            "lines": lines,
            "filters": _filters(request, state),
            "state": state.label if state else "",
            "total": total,
            "paging": Paging.of(request, number, total=total, size=SIZE),
            "may_publish": may(request.user, PUBLISH),
            "may_take_in": may(request.user, TAKE_IN),
            "may_analyse": may(request.user, "analyse"),
            "pause": pause_of_sending(),
        },
    )


def _coding(assigned: int, finished: int) -> str:
    if not assigned:
        return "not begun"
    return f"{finished} of {assigned} finished"


def _filters(request: HttpRequest, chosen: State | None) -> list[Filter]:
    page = reverse("staff")
    return [
        Filter(state.label, number, f"{page}?{urlencode({'state': state})}", state == chosen)
        for state, number in held.state_counts(request.user).items()
    ]


# ---- taking an overview back ----


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """What taking back the edition that stands means, and doing it with a reason."""
    require(request.user, PUBLISH_OVERVIEWS)
    publication = editions.publication_for(slug)
    reason = typed(request.POST.get("reason", ""))
    if request.method == "POST" and request.POST.get("edition") != str(publication.edition):
        raise RuleError("another edition was published since this page was opened: see it first")
    if request.method == "POST" and reason:
        publishing.withdraw(
            by=request.user, publication=publication, reason=reason, now=timezone.now()
        )
        messages.success(request, f"Edition {publication.edition} is withdrawn.")
        return redirect("overviews")
    return render(
        request,
        "staff/withdraw.html",
        {"publication": publication, "wrong": request.method == "POST"},
        status=400 if request.method == "POST" else 200,
    )


# ---- taking in files ----


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """The form for files, and taking them in.

    The check against forged forms reads what was sent; it comes in _receive, after the limit on
    size is in place.
    """
    require(request.user, TAKE_IN)
    if request.method != "POST":
        return _form(request)
    largest = settings.MAX_UPLOAD_MIB * MIB
    limit = SizeLimit(request, largest=largest, together=MOST_TOGETHER * largest)
    request.upload_handlers.insert(0, limit)
    try:
        return _receive(request, limit)
    except TooManyFilesSent:
        return _form(request, wrong_files=f"Choose at most {MOST_FILES} files at a time.")


@csrf_protect
def _receive(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    person = request.user
    if not isinstance(person, User):  # require() has seen to it; this tells the type checker
        raise NotPermitted("taking in files needs an account")
    files: list[Upload] = [*request.FILES.getlist("files"), *limit.dropped]
    said = typed(request.POST.get("review", ""))
    kind = request.POST.get("kind", ReportKind.OVERVIEW)
    wrong = wrong_choice(files, limit, most=MOST_FILES)
    if wrong or kind not in ReportKind.values:
        return _form(request, wrong_files=wrong or "Choose what they are from the list.")
    try:
        review = queries.review_for(said, person, timezone.now()) if said else None
    except NotFound:
        return _form(request, wrong_review=f"There is no review {said}. Leave it empty or choose.")
    batch = secrets.token_hex(8)
    services.receive_upload(
        by=person, files=files, batch=batch, review=review, kind=kind, now=timezone.now()
    )
    return redirect("upload-batch", batch=batch)


def _form(request: HttpRequest, *, wrong_files: str = "", wrong_review: str = "") -> HttpResponse:
    # What was typed is read again only where the form was taken apart whole.
    said = request.POST if wrong_review else {}
    return render(
        request,
        "staff/upload.html",
        {
            "wrong_files": wrong_files,
            "wrong_review": wrong_review,
            "review": said.get("review", ""),
            "kind": said.get("kind", ReportKind.OVERVIEW),
            "kinds": ReportKind.choices,
            "reviews": held.references(request.user, limit=OFFERED),
            "largest": settings.MAX_UPLOAD_MIB,
            "most_pages": settings.MAX_PAGES,
            "most_files": MOST_FILES,
            "together": MOST_TOGETHER * settings.MAX_UPLOAD_MIB,
            "recent": queries.intakes(request.user, limit=RECENT),
        },
        status=400 if wrong_files or wrong_review else 200,
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is. waiting: files not yet read."""

    total: int
    waiting: int
    stored: int
    already: int
    refused: int

    @property
    def done(self) -> int:
        """Files read."""
        return self.total - self.waiting

    @classmethod
    def of(cls, intakes: list[Intake]) -> "Progress":
        """Counted by state."""
        states = [intake.state for intake in intakes]
        return cls(
            total=len(states),
            waiting=states.count(IntakeState.WAITING) + states.count(IntakeState.READING),
            stored=states.count(IntakeState.STORED),
            already=states.count(IntakeState.ALREADY),
            refused=states.count(IntakeState.REFUSED),
        )


@require_safe
def upload_batch(request: HttpRequest, batch: str) -> HttpResponse:
    """What became of each file of one upload; the page renews itself while any is waiting."""
    intakes = held.batch_of(batch, request.user)
    return render(
        request,
        "staff/batch.html",
        {"intakes": intakes, "progress": Progress.of(intakes), "batch": batch},
    )
