"""For those who keep the repository: deposits, letters, and for how long files may be had."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark import pipeline
from waymark.accounts.installation import pause_of_sending
from waymark.accounts.permissions import may, require
from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import NotFound, RuleError
from waymark.documents import held
from waymark.documents import services as documents
from waymark.documents.models import Report
from waymark.library.models import Deposit, DepositState
from waymark.library.post import can_send
from waymark.library.queries import repository
from waymark.library.services import keeping, letters
from waymark.web.paging import Paging, page_number
from waymark.web.typed import typed

SIZE = 25
PUBLISH = "publish reports"


@dataclass(frozen=True, slots=True)
class Filter:
    """A state with the number of deposits in it. url: the list of these."""

    label: str
    number: int
    url: str
    chosen: bool


# ---- deposits ----


@require_safe
def deposits(request: HttpRequest) -> HttpResponse:
    """Every deposit, the last first."""
    number = page_number(request)
    said = request.GET.get("state", "")
    if said and said not in DepositState.values:
        raise NotFound(f"there is no state {said}")
    state = DepositState(said) if said else None
    total, found = repository.deposits(
        request.user, state=state, offset=(number - 1) * SIZE, limit=SIZE
    )
    here = reverse("deposits")
    return render(
        request,
        "staff/deposits.html",
        {
            "deposits": found,
            "total": total,
            "state": state.label if state else "",
            "filters": [
                Filter(one.label, count, f"{here}?{urlencode({'state': one})}", one == state)
                for one, count in repository.deposit_counts(request.user).items()
            ],
            "paging": Paging.of(request, number, total=total, size=SIZE),
            "post": repository.unsent(request.user),
            "can_send": can_send(),
            "open": settings.DEPOSITS,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def deposit_check(request: HttpRequest, reference: str) -> HttpResponse:
    """One deposit: what it says, what its files hold, and what becomes of it."""
    found = repository.deposit_for(reference, request.user)
    wrong = ""
    if request.method == "POST":
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise RuleError("the form named nothing that can be done with a deposit")
        try:
            messages.success(request, act(request, found))
            return redirect("deposit-check", reference=reference)
        except RuleError as error:
            wrong = f"{str(error)[:1].upper()}{str(error)[1:]}."
            found = repository.deposit_for(reference, request.user)
    check = repository.check_of(found)
    return render(
        request,
        "staff/deposit.html",
        {
            "deposit": found,
            "check": check,
            "decided": found.state in {DepositState.PUBLISHED, DepositState.RETURNED},
            "letters": repository.letters_of(found),
            "reviews": held.references(request.user, limit=1_000),
            "said": request.POST,
            "wrong": wrong,
            "may_publish": may(request.user, PUBLISH),
        },
        status=400 if wrong else 200,
    )


def _begin(request: HttpRequest, deposit: Deposit) -> str:
    pipeline.begin_check(by=request.user, deposit=deposit, now=timezone.now())
    return f"{deposit.reference} is in check."


def _as_new(request: HttpRequest, deposit: Deposit) -> str:
    reference, title = _said(request, "new_reference"), _said(request, "new_title")
    if not title or not _is_reference(reference):
        raise RuleError("give a title, and a reference of letters, digits and hyphens")
    review = pipeline.file_as_new(
        by=request.user, deposit=deposit, reference=reference, title=title, now=timezone.now()
    )
    return f"It is now the review {review.reference}."


def _is_reference(said: str) -> bool:
    plain = said.replace("-", "").replace("_", "")
    return bool(plain) and plain.isascii() and plain.isalnum() and len(said) <= 60


def _under(request: HttpRequest, deposit: Deposit) -> str:
    try:
        review = held.held_review(_said(request, "review"), request.user)
    except NotFound as error:
        raise RuleError(str(error)) from error
    pipeline.file_under(by=request.user, deposit=deposit, review=review, now=timezone.now())
    return f"Its files are now with the review {review.reference}."


def _publish(request: HttpRequest, deposit: Deposit) -> str:
    looked = "looked" in request.POST
    pipeline.publish_deposit(by=request.user, deposit=deposit, looked=looked, now=timezone.now())
    return f"{deposit.reference} is published. A letter to the board is in the post."


def _return(request: HttpRequest, deposit: Deposit) -> str:
    reason = request.POST.get("reason", "").replace("\r\n", "\n").replace("\0", "").strip()[:5_000]
    pipeline.return_deposit(by=request.user, deposit=deposit, reason=reason, now=timezone.now())
    return f"{deposit.reference} is returned. A letter to the board is in the post."


def _said(request: HttpRequest, name: str) -> str:
    return typed(request.POST.get(name, ""))[:300]


ACTS: dict[str, Callable[[HttpRequest, Deposit], str]] = {
    "begin": _begin,
    "new": _as_new,
    "under": _under,
    "publish": _publish,
    "return": _return,
}


# ---- letters ----


@require_safe
def letters_waiting(request: HttpRequest) -> HttpResponse:
    """The letters that are not sent."""
    return render(
        request,
        "staff/letters.html",
        {
            "post": repository.unsent(request.user),
            "can_send": can_send(),
            "pause": pause_of_sending(),
        },
    )


@require_POST
def letter_again(request: HttpRequest, number: int) -> HttpResponse:
    """Have a letter that failed tried again."""
    letter = repository.letter_for(number, request.user)
    letters.send_again(by=request.user, letter=letter, now=timezone.now())
    messages.success(request, "The letter is in the post again.")
    return redirect("letters")


# ---- for how long files may be had ----


@require_http_methods(["GET", "HEAD", "POST"])
def keeping_list(request: HttpRequest) -> HttpResponse:
    """The files whose time is over or soon will be, those held, and those without an end.

    Sent as a form, it lets the usual time begin now for those that were given none.
    """
    now = timezone.now()
    if request.method == "POST":
        begun = pipeline.begin_all_terms(by=request.user, now=now)
        messages.success(request, f"The time begins now for {begun} reports.")
        return redirect("keeping")
    return render(
        request,
        "staff/keeping.html",
        {"terms": repository.terms(request.user, now), "years": settings.KEEP_YEARS},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def report_keeping(request: HttpRequest, key: str) -> HttpResponse:
    """For how long the file of a report may be had, and erasing one that may not any more."""
    report = held.held_report(key, request.user)
    require(request.user, PUBLISH)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        wrong = _erase(request, report) if "erase" in request.POST else _set_term(request, report)
        if not wrong:
            return redirect("report-keeping", key=key)
    kept = repository.retention_of(report)
    sent = request.POST if wrong and "erase" not in request.POST else None
    return render(
        request,
        "staff/report_keeping.html",
        {
            "report": report,
            "kept": kept,
            "until": _until_said(sent, kept.until),
            "hold": "legal_hold" in sent if sent is not None else kept.legal_hold,
            "hold_reason": sent.get("hold_reason", "") if sent is not None else kept.hold_reason,
            "reason": sent.get("reason", "") if sent is not None else "",
            "gone": report.state not in OPEN_TO_STAFF,
            "erased_at": report.original.erased_at,
            "wrong": wrong,
        },
        status=400 if wrong else 200,
    )


def _until_said(sent: dict[str, str] | None, until: date | None) -> str:
    if sent is not None:
        return typed(sent.get("until", ""))
    return until.isoformat() if until else ""


def _set_term(request: HttpRequest, report: Report) -> dict[str, str]:
    said = _said(request, "until")
    try:
        until = date.fromisoformat(said) if said else None
    except ValueError:
        return {"until": "Enter the day as year-month-day, such as 2031-05-04, or leave it empty."}
    hold, hold_reason = "legal_hold" in request.POST, _said(request, "hold_reason")
    if hold and not hold_reason:
        return {"hold_reason": "Say why the file is held."}
    if not _said(request, "reason"):
        return {"reason": "Say why it is changed."}
    keeping.set_retention(
        by=request.user,
        report=report,
        until=until,
        legal_hold=hold,
        hold_reason=hold_reason,
        reason=_said(request, "reason"),
        now=timezone.now(),
    )
    messages.success(request, "What was set for this file is kept.")
    return {}


def _erase(request: HttpRequest, report: Report) -> dict[str, str]:
    if _said(request, "erase") != report.key:
        return {"erase": f"Type {report.key} to erase the file."}
    documents.erase_original(by=request.user, report=report, now=timezone.now())
    messages.success(request, "The file is erased.")
    return {}
