"""Reports with possible identifiers, their words in context, the answers, and listed words."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.core.errors import RuleError
from waymark.documents import services
from waymark.documents.anonymity.identifiers import KINDS
from waymark.documents.models import AnonymityVerdict, PossibleIdentifier, Report, WordRule
from waymark.documents.queries import anonymity as queries
from waymark.documents.queries.holdings import report_in_any_state
from waymark.documents.queries.reader import text_of
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.fields import CheckField, HiddenField, LinesField, RadioField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.record_lists import QUESTIONED_REPORTS, report_state_filter

CONTEXT = 80
"""Characters of the text shown before and after the words."""
MOST_MENTIONS = 3
"""Mentions that are shown with their surroundings; the others are counted."""
MOST_UNCHECKED = 50


@dataclass(frozen=True, slots=True)
class Mention:
    """Words in their surroundings. page: of the report."""

    before: str
    words: str
    after: str
    page: int


@dataclass(frozen=True, slots=True)
class ShownIdentifier:
    """A possible identifier with its first mentions. others: number of mentions not shown.

    elsewhere: other reports with the same words.
    """

    identifier: PossibleIdentifier
    mentions: tuple[Mention, ...]
    others: int
    elsewhere: queries.OtherReports


@dataclass(frozen=True, slots=True)
class IdentifierGroup:
    """Possible identifiers of one kind in a report. waiting: how many have no answer."""

    kind: str
    name: str
    identifiers: tuple[ShownIdentifier, ...]
    waiting: int
    form: "IdentifierForm"


NO_NAMES = "None of these words is the name of a person"
NO_NAMES_HINT = (
    "Needed if the check takes one of them for a name: later reports would not show it to anyone."
)


class IdentifierForm(SiteForm):
    """The answer to possible identifiers of one kind, which are ticked in the page."""

    kind = HiddenField()
    verdict = RadioField(
        "What did you decide?",
        AnonymityVerdict.choices,
        missing="Choose whether the words may be published, must be masked or identify nobody.",
    )
    answer = TextField(
        "Reason",
        missing="Enter a reason.",
        hint="We keep it in the audit record with your name. Do not repeat the words.",
        most=500,
    )
    everywhere = CheckField(
        "Also save this answer in the other reports with the same text around the words",
        hint="For standing text, such as an imprint. The reason is recorded with each report. "
        "Possible identifiers that have an answer keep it.",
    )
    in_future = CheckField(
        "Do not raise a possible identifier for these words in future reports",
        hint="Only for places and organisations: a child in a later report can have the same name.",
    )
    confirmed = CheckField(NO_NAMES, hint=NO_NAMES_HINT)


class ListedWordsForm(SiteForm):
    """Words for the list of this installation."""

    words = LinesField(
        "Words", missing="Enter at least one word.", hint="Enter each on a line.", items=200
    )
    rule = RadioField(
        "What are they?",
        WordRule.choices,
        missing="Choose whether they are never or always an identifier.",
    )
    reason = TextField(
        "Reason, if they are never an identifier",
        hint="We keep it in the audit record with your name. Do not repeat the words.",
        most=500,
    )
    confirmed = CheckField(NO_NAMES, hint=NO_NAMES_HINT)


@require_http_methods(["GET", "HEAD", "POST"])
def anonymity_checks(request: HttpRequest) -> HttpResponse:
    """Reports to decide on, and those not checked yet; POST checks one of these."""
    if request.method == "POST":
        report = report_in_any_state(clean_line(request.POST.get("report", "")), request.user)
        services.refresh_identifiers(by=request.user, report=report, now=timezone.now())
        return redirect("anonymity", key=report.key)
    reports = queries.reports_with_identifiers(request.user)
    view = QUESTIONED_REPORTS.view(request, reports, report_state_filter(reports))
    reasons = services.reasons_not_anonymous(view.rows)
    return render(
        request,
        "staff/anonymity_checks.html",
        {
            "list": view,
            "rows": [(report, reasons.get(report.pk, "")) for report in view.rows],
            "unchecked": queries.reports_not_checked(request.user, limit=MOST_UNCHECKED),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def anonymity(request: HttpRequest, key: str) -> HttpResponse:
    """The possible identifiers of a report, kind by kind, each kind with its form."""
    report = report_in_any_state(key, request.user)
    identifiers = queries.identifiers_of(report, request.user)
    kind_sent = clean_line(request.POST.get("kind", ""))
    # The ids of the inputs are a format: no other text than the name of a kind may come into it.
    sent = IdentifierForm.of(request, auto_id=f"{kind_sent if kind_sent in KINDS else ''}-%s")
    if sent.is_valid():
        chosen = _chosen(
            request, [identifier for identifier in identifiers if identifier.kind == kind_sent]
        )
        if _answer(request, report, chosen, sent):
            messages.success(request, "Your answer has been saved.")
            return redirect("anonymity", key=report.key)
    return render(
        request,
        "staff/anonymity.html",
        {
            "report": report,
            "shown": {report.state, report.review.state} <= OPEN_TO_STAFF,
            "groups": _groups(report, identifiers, sent, kind_sent),
            "held_because": services.reason_not_anonymous(report),
            "form": sent,
            "ticked": set(request.POST.getlist("identifier")),
        },
        status=sent.http_status,
    )


def _chosen(request: HttpRequest, identifiers: Iterable[PossibleIdentifier]) -> list[int]:
    """Ids of the ticked ones; of those without an answer for the button that answers the rest.

    An answer to the rest must not turn a name that has to be masked into a false alarm.
    """
    if request.POST.get("do") == "all":
        return [identifier.pk for identifier in identifiers if not identifier.verdict]
    ticked = set(request.POST.getlist("identifier"))
    return [identifier.pk for identifier in identifiers if str(identifier.pk) in ticked]


def _answer(
    request: HttpRequest, report: Report, identifiers: list[int], sent: IdentifierForm
) -> bool:
    values = sent.cleaned_data
    try:
        services.answer_identifiers(
            by=request.user,
            report=report,
            identifiers=identifiers,
            verdict=values["verdict"],
            answer=values["answer"],
            in_future=values["in_future"],
            everywhere=values["everywhere"],
            confirmed=values["confirmed"],
            now=timezone.now(),
        )
    except RuleError as error:
        sent.refuse(error)
        return False
    return True


def _groups(
    report: Report, identifiers: list[PossibleIdentifier], sent: IdentifierForm, kind_sent: str
) -> list[IdentifierGroup]:
    text = text_of(report)
    pages = list(report.pages.order_by("start").values_list("start", "number"))
    elsewhere = queries.other_reports_of(identifiers)
    groups = []
    for kind, name in KINDS.items():
        rows = tuple(
            _shown_identifier(text, pages, identifier, elsewhere[identifier.pk])
            for identifier in identifiers
            if identifier.kind == kind
        )
        form = sent
        if kind != kind_sent:
            form = IdentifierForm(initial={"kind": kind}, auto_id=f"{kind}-%s")
        waiting = sum(not row.identifier.verdict for row in rows)
        if rows:
            groups.append(IdentifierGroup(kind, name, rows, waiting, form))
    return groups


def _shown_identifier(
    text: str,
    pages: list[tuple[int, int]],
    identifier: PossibleIdentifier,
    elsewhere: queries.OtherReports,
) -> ShownIdentifier:
    mentions = tuple(
        Mention(
            text[max(0, start - CONTEXT) : start],
            text[start:end],
            text[end : end + CONTEXT],
            next((number for begin, number in reversed(pages) if begin <= start), 1),
        )
        for start, end in identifier.places[:MOST_MENTIONS]
    )
    return ShownIdentifier(
        identifier, mentions, identifier.count - len(mentions) if mentions else 0, elsewhere
    )


@require_http_methods(["GET", "HEAD", "POST"])
def anonymity_words(request: HttpRequest) -> HttpResponse:
    """Words that are never, or always, an identifier here: the list, and a form to add to it."""
    rows = queries.listed_words(request.user)
    form = ListedWordsForm() if request.POST.get("remove") else ListedWordsForm.of(request)
    try:
        if _changed_words(request, form):
            messages.success(request, "The list has been changed.")
            return redirect("anonymity-words")
    except RuleError as error:
        form.refuse(error)
    return render(
        request, "staff/anonymity_words.html", {"rows": rows, "form": form}, status=form.http_status
    )


def _changed_words(request: HttpRequest, form: ListedWordsForm) -> bool:
    if words := clean_line(request.POST.get("remove", "")):
        # Somebody else may have removed them since the page was shown: then nothing is left to do.
        with suppress(RuleError):
            services.unlist_words(by=request.user, words=words, now=timezone.now())
        return True
    if not form.is_valid():
        return False
    services.list_words(by=request.user, now=timezone.now(), **form.cleaned_data)
    return True
