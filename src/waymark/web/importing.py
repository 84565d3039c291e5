"""For cataloguers: files of other catalogues, looked at, taken in, and undone."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require
from waymark.core.errors import NotFound, RuleError
from waymark.library.exchange.abstracts.profiles import MONTHS
from waymark.library.exchange.formats import READERS, format_of
from waymark.library.kinds import KINDS
from waymark.library.models import Import, ImportState
from waymark.library.queries import imports as queries
from waymark.library.services import imports
from waymark.pipeline import importing
from waymark.pipeline.importing import Wanted
from waymark.web.paging import Paging, page_number
from waymark.web.receiving import SizeLimit

CATALOGUE = "catalogue"
MIB = 1024 * 1024
LARGEST = 5 * MIB
MOST_RECORDS = 1_000
"""Records that a page takes in while somebody waits; for more there is the command line."""
SIZE = 50
PARTS = (
    ("issues", "Key issues"),
    ("learning", "Learning"),
    ("recommendations", "Recommendations"),
    ("keywords", "Keywords"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A record of an import that was done. said: of it in the report; url: its form; abstract:
    the page of what its abstract says, where it came with one."""

    said: dict[str, Any]
    label: str
    url: str
    abstract: str

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Line":
        """With the addresses that its name leads to."""
        kind, _, key = said["there"].partition(" ")
        page = {"review": "edit-review", "resource": "edit-resource"}.get(kind)
        abstract = reverse("review-abstract", args=[key]) if said.get("abstract") else ""
        url = reverse(page, args=[key]) if page else ""
        return cls(said, queries.OUTCOMES[said["outcome"]], url, abstract if url else "")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """The form for a file, and the imports so far.

    The check against forged forms reads what was sent; it comes after the limit on size.
    """
    require(request.user, CATALOGUE)
    if request.method != "POST":
        return _form(request)
    limit = SizeLimit(request, largest=LARGEST, together=LARGEST * 2)
    request.upload_handlers.insert(0, limit)
    return _receive(request, limit)


@csrf_protect
def _receive(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    file = request.FILES.get("file")
    if limit.dropped or limit.too_much:
        return _form(
            request, f"The file is larger than {LARGEST // MIB} MiB: use the command line."
        )
    if file is None:
        return _form(request, "Choose a file.")
    content = file.read()
    said = request.POST.get("format", "")
    found = said if said in READERS else format_of(file.name or "", content)
    if not found:
        return _form(request, "What kind of file it is cannot be told: choose it, then try again.")
    batch = imports.open_import(
        by=request.user,
        source=file.name or "file",
        format_name=found,
        content=content,
        now=timezone.now(),
    )
    return redirect("import", batch.key)


def _form(request: HttpRequest, wrong: str = "") -> HttpResponse:
    return render(
        request,
        "imports/form.html",
        {
            "wrong": wrong,
            "readers": READERS.values(),
            "largest": LARGEST // MIB,
            "most": MOST_RECORDS,
            "made": queries.imports_made(request.user),
        },
        status=400 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def one_import(request: HttpRequest, key: str) -> HttpResponse:
    """What an import would bring, or brought; and doing, dropping or undoing it."""
    require(request.user, CATALOGUE)
    batch = queries.import_for(key, request.user)
    if batch.format not in READERS:
        raise NotFound(f"there is no import {key} of records")
    if request.method == "POST":
        return _decide(request, batch)
    if batch.state == ImportState.PROPOSED and batch.content is not None:
        return _preview(request, batch)
    return _report(request, batch)


def _wanted(request: HttpRequest) -> Wanted:
    said = request.POST if request.method == "POST" else request.GET
    kind = said.get("kind", "")
    return Wanted(kind if kind in KINDS else "", like=said.get("like") == "on")


def _preview(request: HttpRequest, batch: Import, wrong: str = "") -> HttpResponse:
    wanted, number = _wanted(request), page_number(request)
    plan = importing.look_at(batch, wanted, request.user)
    start = (number - 1) * SIZE
    unsaid = sum(not one.data.kind for one in plan.reading.candidates)
    return render(
        request,
        "imports/preview.html",
        {
            "batch": batch,
            "plan": plan,
            "counts": [(queries.OUTCOMES[name], count) for name, count in plan.counts.items()],
            "records": plan.records[start : start + SIZE],
            "total": len(plan.records),
            "paging": Paging.of(request, number, total=len(plan.records), size=SIZE),
            "kinds": KINDS.items(),
            "wanted": wanted,
            "unsaid": unsaid,
            "too_many": len(plan.records) > MOST_RECORDS,
            "most": MOST_RECORDS,
            "wrong": wrong,
        },
        status=400 if wrong else 200,
    )


def _report(request: HttpRequest, batch: Import) -> HttpResponse:
    number = page_number(request)
    lines = batch.report.get("records", [])
    start = (number - 1) * SIZE
    return render(
        request,
        "imports/report.html",
        {
            "batch": batch,
            "report": batch.report,
            "counts": [(queries.OUTCOMES[n], batch.report.get(n, 0)) for n in queries.OUTCOMES],
            "lines": [Line.of(line) for line in lines[start : start + SIZE]],
            "total": len(lines),
            "paging": Paging.of(request, number, total=len(lines), size=SIZE),
            "may_undo": batch.state == ImportState.DONE and bool(batch.report.get("taken")),
        },
    )


def _decide(request: HttpRequest, batch: Import) -> HttpResponse:
    """Do, drop or undo it, as the button said."""
    now, said = timezone.now(), request.POST.get("do")
    if said == "drop":
        imports.drop_import(by=request.user, batch=batch, now=now)
        messages.success(request, "Nothing was taken in.")
        return redirect("imports")
    if said == "undo":
        withdrawn, kept = importing.undo_import(by=request.user, key=batch.key, now=now)
        stay = f" {len(kept)} stay: somebody has worked on them since." if kept else ""
        messages.success(request, f"{withdrawn} withdrawn.{stay}")
        return redirect("import", batch.key)
    if said != "take":
        raise RuleError("the form said nothing that can be done")
    return _take(request, batch)


def _take(request: HttpRequest, batch: Import) -> HttpResponse:
    if batch.state != ImportState.PROPOSED:
        messages.warning(request, "This file had been taken in already: nothing came twice.")
        return redirect("import", batch.key)
    wanted = _wanted(request)
    plan = importing.look_at(batch, wanted, request.user)
    if len(plan.records) > MOST_RECORDS:
        return _preview(
            request, batch, f"More than {MOST_RECORDS:,} records: use the command line."
        )
    if any(not one.candidate.data.kind for one in plan.records):
        return _preview(request, batch, "Choose what the records are that do not say it.")
    done = importing.import_upload(
        by=request.user, key=batch.key, wanted=wanted, now=timezone.now()
    )
    taken = done.report["taken"]
    messages.success(request, f"{taken} record{'' if taken == 1 else 's'} taken in.")
    return redirect("import", batch.key)


@require_safe
def abstract(request: HttpRequest, reference: str) -> HttpResponse:
    """What an imported abstract of a review said, part by part: for those who code it."""
    review, said = queries.abstract_of(reference, request.user)
    month = said.get("month")
    event = said.get("event", {})
    return render(
        request,
        "imports/abstract.html",
        {
            "review": review,
            "said": said,
            "event": event,
            "published": MONTHS[month - 1] if month else "",
            "event_month": MONTHS[event["month"] - 1] if event.get("month") else "",
            "lists": [
                (label, said[name]) for name, label in PARTS if isinstance(said.get(name), list)
            ],
        },
    )
