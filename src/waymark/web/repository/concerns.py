"""Report a concern about a page; answer concerns; what was done about them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.core.errors import NotFound, NotReady, ParseError, RuleError
from waymark.documents.keys import parse_span_key
from waymark.library.models import Concern, ConcernDecision, ConcernItem, ConcernKind
from waymark.library.queries import concerns as queries
from waymark.library.services import concerns as services
from waymark.pipeline.concerns import is_shown, item_of, possible_decisions
from waymark.web.shared.addresses import page_path
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import EmailField, RadioField, TextAreaField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList

SALT = "concern reference"
MOST = 300
"""Characters of the address of a page."""
HINTS: dict[str, str] = {
    ConcernKind.IDENTIFYING: "For example a name, a date of birth, an address or a school.",
    ConcernKind.DISTRESS: "For example there is no note about distressing content.",
    ConcernKind.ERROR: "For example a wrong number, or text that has been read wrongly.",
    ConcernKind.OTHER: "",
}
ITEMS = {
    "reviews/": (ConcernItem.REVIEW, "reference"),
    "reports/": (ConcernItem.REPORT, "key"),
    "p/": (ConcernItem.REPORT, "key"),
    "resources/": (ConcernItem.RESOURCE, "key"),
    "topics/": (ConcernItem.TOPIC, "key"),
}
"""Start of an address -> kind of its item, and the part of the address that is its key."""


def item_at(path: str) -> tuple[str, str]:
    """Kind and key of the item that a page is of, ("", "") for other pages.

    Nothing is looked up: the form must not reveal which items exist.
    """
    try:
        here = resolve(path)
    except Resolver404:
        return "", ""
    for beginning, (kind, part) in ITEMS.items():
        if here.route.startswith(beginning) and part in here.kwargs:
            key = str(here.kwargs[part])
            return _report_item(key) if beginning == "p/" else (kind, key[:100])
    return "", ""


def _report_item(passage: str) -> tuple[str, str]:
    try:
        return ConcernItem.REPORT, parse_span_key(passage).report
    except ParseError:
        return "", ""


class ConcernForm(SiteForm):
    """A concern about a page. host: of this site, as the browser of the person has it.

    homepage: out of sight, so that only programs fill it in.
    """

    page = TextField(
        "Address of the page",
        missing="Enter the address of the page.",
        hint="For example, /topics/ or the whole address from your browser.",
    )
    kind = RadioField(
        "What is your concern?",
        ConcernKind.choices,
        HINTS,
        missing="Choose what your concern is.",
    )
    text = TextAreaField(
        "Tell us more",
        missing="Tell us what your concern is.",
        hint="Say where on the page it is. Do not repeat names or other details of a person: the "
        "place is enough.",
        most=5_000,
    )
    email = EmailField(
        "Email address (optional)",
        missing="",
        hint="Only if you want to know what we decide. We do not use it for anything else.",
    )
    homepage = TextField("Leave this field empty", attrs={"autocomplete": "off", "tabindex": -1})

    def __init__(self, host: str, **options: Any) -> None:
        super().__init__(**options)
        self.host = host
        self.fields["email"].error_messages["invalid"] = (
            "Enter an email address, such as name@example.org, or leave it empty."
        )

    def clean_page(self) -> str:
        """The path of the page, also of a whole address; the address itself of another site.

        Somebody who worries is not sent away: staff see that the page is not ours.
        """
        page = reported_page(self.cleaned_data["page"], host=self.host)
        if not page:
            raise ValidationError("Enter the address of a page of this site.")
        return page

    def clean_homepage(self) -> None:
        """Refuse programs."""
        if self.cleaned_data["homepage"]:
            raise ValidationError("Leave this field empty: it is there to stop programs.")

    def concern(self) -> services.ReportedConcern:
        """The concern of a valid form."""
        values = self.cleaned_data
        kind, key = item_at(values["page"])
        return services.ReportedConcern(
            values["page"], values["kind"], values["text"], values["email"], kind, key
        )


def reported_page(address: str, *, host: str) -> str:
    """Path of an address on this site; of another site, the address as it was given; else "".

    Example: on library.example, "library.example/topics/?q=x" is /topics/, and
    "https://other.example/topics/" stays as it is.
    """
    try:
        parts = urlsplit(address if "//" in address or address.startswith("/") else f"//{address}")
    except ValueError:
        return ""
    # A host has a dot: a word alone is no address.
    if parts.netloc and ("." in parts.netloc or parts.netloc == host):
        return (parts.path or "/") if parts.netloc.lower() == host.lower() else address[:MOST]
    return page_path(address)


@require_http_methods(["GET", "HEAD", "POST"])
def report_concern(request: HttpRequest) -> HttpResponse:
    """Report a concern about a page. It needs no account."""
    page = page_path(request.GET.get("page", ""))[:MOST]
    form = ConcernForm.of(request, request.get_host(), initial={"page": page})
    status = form.http_status
    if form.is_valid():
        try:
            stored = services.take_concern(
                by=request.user,
                concern=form.concern(),
                origin=client_network(request),
                now=timezone.now(),
            )
        except services.TooManyConcerns as error:
            form.refuse(error)
            status = 429
        else:
            return redirect("concern-received", signed=signing.dumps(stored.reference, salt=SALT))
    status = status if status == 429 else form.http_status
    context = {"form": form, "days": services.KEPT_DAYS}
    answer = render(request, "concerns/form.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def concern_received(request: HttpRequest, signed: str) -> HttpResponse:
    """The reference of a new concern, read from the signed address: nothing is looked up."""
    try:
        reference = signing.loads(signed, salt=SALT, max_age=timedelta(days=1))
    except signing.BadSignature as error:
        raise NotFound("this is no page of a concern, or it is from an earlier day") from error
    return render(request, "concerns/received.html", {"reference": reference})


@require_safe
def removals_report(request: HttpRequest) -> HttpResponse:
    """Counts and times of the concerns and their outcomes; nothing identifies anybody."""
    return render(
        request,
        "concerns/removals.html",
        {
            "periods": queries.concern_periods(),
            "decisions": ConcernDecision.labels,
            "removals": queries.removal_counts(),
        },
    )


# ---- staff ----


OTHER_KINDS = "other-kinds"
CONCERNS = StaffList(
    "concern",
    "concerns",
    search=("reference", "page"),
    columns=(
        ListColumn(
            "Concern",
            "urgency",
            ("urgency", "received_at"),
            words=("most urgent first", "least urgent first"),
        ),
        ListColumn("Page", "page", ("page",)),
        ListColumn("Received", "received", ("received_at",), falling=True),
        ListColumn("Visible now, or decision"),
    ),
    order="urgency",
    filters=(
        ListFilter(
            "state",
            "State",
            {"open": "Open", "decided": "Decided"},
            lambda value: Q(decided_at__isnull=value == "open"),
        ),
        ListFilter(
            "kind",
            "Kind",
            {**dict(ConcernKind.choices), OTHER_KINDS: "All but identifying"},
            lambda value: (
                ~Q(kind=ConcernKind.IDENTIFYING) if value == OTHER_KINDS else Q(kind=value)
            ),
        ),
    ),
)


@require_safe
def concern_list(request: HttpRequest) -> HttpResponse:
    """All concerns, the most urgent first."""
    view = CONCERNS.view(request, queries.listed_concerns(request.user))
    now = timezone.now()
    rows = [(row, row.decided_at is None and is_shown(item_of(row), now)) for row in view.rows]
    return render(request, "concerns/list.html", {"list": view, "rows": rows})


class ConcernDecisionForm(SiteForm):
    """The decision on a concern."""

    decision = RadioField("Decision", (), missing="Choose a decision.")
    reason = TextAreaField(
        "Reason",
        missing="Enter the reason for your decision.",
        hint="Only staff see it. We erase it together with the concern. Name no person.",
        most=2_000,
    )

    def __init__(self, concern: Concern, **options: Any) -> None:
        super().__init__(**options)
        decisions = possible_decisions(concern)
        self.fields["decision"].choices = [  # type: ignore[attr-defined]
            (decision.value, decision.label) for decision in decisions
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def concern_check(request: HttpRequest, reference: str) -> HttpResponse:
    """One concern: hide its item with one click, then decide."""
    concern = queries.concern_for(reference, request.user)
    hides = request.method == "POST" and request.POST.get("do") == "hide"
    if hides:
        pipeline.hide_for_concern(by=request.user, concern=concern, now=timezone.now())
        messages.success(request, f"Hidden. Decide on {reference} when you have checked it.")
        return redirect("concern-check", reference)
    form = ConcernDecisionForm.of(request, concern)
    if form.is_valid() and _decide(request, concern, form):
        return redirect("concerns")
    item = item_of(concern)
    return render(
        request,
        "concerns/concern.html",
        {
            "concern": concern,
            "form": form,
            "shown": is_shown(item, timezone.now()),
            "item_exists": item is not None,
            "state_page": _state_page(concern) if item is not None else "",
            "days": services.KEPT_DAYS,
        },
        status=form.http_status,
    )


def _decide(request: HttpRequest, concern: Concern, form: ConcernDecisionForm) -> bool:
    """Decide on a concern; False, with the reason in the form, if a rule is against it."""
    decision = ConcernDecision(form.cleaned_data["decision"])
    try:
        pipeline.decide_concern(
            by=request.user,
            concern=concern,
            decision=decision,
            reason=form.cleaned_data["reason"],
            now=timezone.now(),
        )
    except NotReady:
        raise
    except RuleError as error:
        form.refuse(error)
        return False
    messages.success(request, f"{concern.reference}: {decision.label.lower()}.")
    return True


def _state_page(concern: Concern) -> str:
    """Page of the workspace on which the visibility of an item is changed."""
    if concern.item_kind == ConcernItem.TOPIC:
        return reverse("edit-topic", args=[concern.item_key])
    return reverse(f"{concern.item_kind}-state", args=[concern.item_key])
