"""Files of other catalogues: preview, import, undo."""

from calendar import month_name
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.core.errors import NotFound, RuleError
from waymark.core.wording import as_sentence, counted
from waymark.documents.files.uploads import IncomingFile
from waymark.library.exchange.formats import READERS, format_of
from waymark.library.models import Import, ImportState
from waymark.library.models.kinds import KINDS
from waymark.library.queries import imports as queries
from waymark.library.services import imports
from waymark.pipeline.library import import_records, left_out_records
from waymark.pipeline.library.import_records import ImportOptions
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import CheckField, ChoiceField, FilesField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, StaffList, column_filter
from waymark.web.shared.paging import Paging, page_number
from waymark.web.shared.upload_limits import MIB, SizeLimit, UploadForm

CATALOGUE = "catalogue"
LARGEST = 5 * MIB
MOST_RECORDS = 1_000
"""Records that one request imports; for more there is the command line."""
SIZE = 50
MOST_FAULTS = 10
PARTS = (
    ("issues", "Key issues"),
    ("learning", "Learning"),
    ("recommendations", "Recommendations"),
    ("keywords", "Keywords"),
)


IMPORTS = StaffList(
    "import",
    "imports",
    search=("source", "by__username"),
    columns=(
        ListColumn("From", "source", ("source",)),
        ListColumn("State", "state", ("state",)),
        ListColumn("Imported", number=True),
        ListColumn("When", "when", ("at",), falling=True),
    ),
    order="-when",
)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A record of a finished import. entry: its lines in the report; url: its form; abstract: the
    page of its imported abstract, "" for none. number: in the report, from 0. left_out: a possible
    duplicate that can still be taken; mergeable: there is a resource to merge it into."""

    entry: dict[str, Any]
    label: str
    url: str
    abstract: str
    number: int
    left_out: bool

    @property
    def mergeable(self) -> bool:
        """True if the first record that it may duplicate is a resource of the catalogue."""
        return self.left_out and self.entry["like"][0].startswith("resource ")

    @classmethod
    def of(cls, entry: dict[str, Any], number: int, *, kept: bool) -> "ImportLine":
        """With the addresses of its pages."""
        kind, _, key = entry["there"].partition(" ")
        page = {"review": "edit-review", "resource": "edit-resource"}.get(kind)
        abstract = reverse("review-abstract", args=[key]) if entry.get("abstract") else ""
        url = reverse(page, args=[key]) if page else ""
        label = "Merged" if entry.get("merged") else queries.OUTCOMES[entry["outcome"]]
        left_out = kept and queries.is_left_out(entry)
        return cls(entry, label, url, abstract if url else "", number, left_out)


class CatalogueFileForm(UploadForm):
    """A file of another catalogue. After is_valid(), content holds its bytes."""

    file = FilesField("File", multiple=False)
    format = ChoiceField("Kind of file")

    def __init__(self, limit: SizeLimit | None = None, **options: Any) -> None:
        super().__init__(limit, **options)
        self.content = b""
        self.fields["file"].help_text = (
            f"At most {LARGEST // MIB} MiB and {MOST_RECORDS:,} records. Use the command line to "
            "import or harvest more."
        )
        labels = [(reader.format, reader.label) for reader in READERS.values()]
        cast(ChoiceField, self.fields["format"]).choices = [("", "Detect from the file"), *labels]

    def clean_file(self) -> IncomingFile:
        """The file."""
        too_large = f"The file is larger than {LARGEST // MIB} MiB: use the command line."
        return self.received("file", too_large=too_large)[0]

    def clean(self) -> dict[str, Any]:
        """The format is the chosen one, or the one that name and content show."""
        values = self.cleaned_data
        if file := values.get("file"):
            self.content = b"".join(file.chunks())
            values["format"] = values.get("format") or format_of(file.name or "", self.content)
            if not values["format"]:
                self.add_error("file", "The kind of file could not be detected: choose it below.")
        return values


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: HttpRequest) -> HttpResponse:
    """Upload a file of records; the imports so far.

    The check against forged forms reads the body, so it comes after the limit on size.
    """
    require_permission(request.user, CATALOGUE)
    limit = SizeLimit(request, largest=LARGEST, together=LARGEST * 2)
    request.upload_handlers.insert(0, limit)
    return _receive_file(request, limit)


@csrf_protect
def _receive_file(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    form = CatalogueFileForm.of(request, limit)
    if not form.is_valid():
        rows = queries.listed_imports(request.user)
        filters = (
            column_filter("state", "State", rows, dict(ImportState.choices)),
            column_filter("format", "Kind of file", rows),
        )
        context = {"form": form, "list": IMPORTS.view(request, rows, *filters)}
        return render(request, "imports/form.html", context, status=form.http_status)
    batch = imports.open_import(
        by=request.user,
        source=form.cleaned_data["file"].name or "file",
        format_name=form.cleaned_data["format"],
        content=form.content,
        now=timezone.now(),
    )
    return redirect("import", batch.key)


# ---- preview, import, undo ----


class ImportForm(SiteForm):
    """Choices for an import."""

    kind = ChoiceField("Kind of the records without one", [("", "Choose"), *KINDS.items()])
    like = CheckField("Also import possible duplicates")

    @property
    def choices(self) -> ImportOptions:
        """The choices; without a form, those of the address."""
        values = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return ImportOptions(values.get("kind", ""), include_similar=values.get("like", False))


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest, key: str) -> HttpResponse:
    """Preview or results of an import; run, discard or undo it."""
    require_permission(request.user, CATALOGUE)
    batch = queries.import_for(key, request.user)
    if batch.format not in READERS:
        raise NotFound(f"there is no import {key} of records")
    if request.method == "POST":
        return _run_or_discard(request, batch, ImportForm(request.POST))
    if batch.state == ImportState.PROPOSED and batch.content is not None:
        return _preview_page(request, batch, ImportForm(request.GET))
    return _report_page(request, batch)


def _preview_page(request: HttpRequest, batch: Import, form: ImportForm) -> HttpResponse:
    choices, number = form.choices, page_number(request)
    plan = import_records.cached_preview(batch, choices, request.user, timezone.now())
    start = (number - 1) * SIZE
    unsaid = sum(not record.data.kind for record in plan.reading.candidates)
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
            "form": form,
            "unsaid": unsaid,
            "too_many": len(plan.records) > MOST_RECORDS,
            "most": MOST_RECORDS,
        },
        status=form.http_status,
    )


def _report_page(request: HttpRequest, batch: Import) -> HttpResponse:
    number = page_number(request)
    lines = batch.report.get("records", [])
    start = (number - 1) * SIZE
    readable = batch.state == ImportState.DONE and batch.content is not None
    return render(
        request,
        "imports/report.html",
        {
            "batch": batch,
            "report": batch.report,
            "counts": [(queries.OUTCOMES[n], batch.report.get(n, 0)) for n in queries.OUTCOMES],
            "lines": [
                ImportLine.of(line, number, kept=readable)
                for number, line in enumerate(lines[start : start + SIZE], start)
            ],
            "left_out": sum(map(queries.is_left_out, lines)) if readable else 0,
            "kept_until": batch.at + imports.PREVIEW_LIFETIME,
            "total": len(lines),
            "paging": Paging.of(request, number, total=len(lines), size=SIZE),
            "may_undo": batch.state == ImportState.DONE and bool(batch.report.get("taken")),
        },
    )


def _run_or_discard(request: HttpRequest, batch: Import, form: ImportForm) -> HttpResponse:
    """Run, discard or undo an import, as the button says."""
    now = timezone.now()
    if form.action == "drop":
        imports.drop_import(by=request.user, batch=batch, now=now)
        messages.success(request, "Import discarded.")
        return redirect("imports")
    if form.action == "undo":
        withdrawn, left = import_records.undo_import(by=request.user, key=batch.key, now=now)
        stay = f" {len(left)} stay: someone has changed them since." if left else ""
        messages.success(request, f"{withdrawn} withdrawn.{stay}")
        return redirect("import", batch.key)
    if form.action in {"take-left-out", "merge-left-out"}:
        return _take_left_out(request, batch, merge=form.action == "merge-left-out")
    if form.action != "take":
        raise RuleError("the form did not say what to do")
    return _import_records(request, batch, form)


def _take_left_out(request: HttpRequest, batch: Import, *, merge: bool) -> HttpResponse:
    """Take or merge one possible duplicate, or all that were left out."""
    number = whole_number(request.POST.get("record", ""))
    numbers = [number] if number is not None else range(len(batch.report.get("records", [])))
    done, faults = left_out_records.take_left_out(
        by=request.user, key=batch.key, numbers=numbers, merge=merge, now=timezone.now()
    )
    messages.success(request, f"{counted(done, 'record')} {'merged' if merge else 'added'}.")
    for fault in faults[:MOST_FAULTS]:
        messages.warning(request, as_sentence(fault))
    return redirect("import", batch.key)


def _import_records(request: HttpRequest, batch: Import, form: ImportForm) -> HttpResponse:
    if batch.state != ImportState.PROPOSED:
        messages.warning(request, "This file had already been imported: nothing was added twice.")
        return redirect("import", batch.key)
    choices = form.choices
    plan = import_records.cached_preview(batch, choices, request.user, timezone.now())
    if len(plan.records) > MOST_RECORDS:
        form.refuse(f"More than {MOST_RECORDS:,} records: use the command line")
    elif any(not record.candidate.data.kind for record in plan.records):
        form.refuse("Choose the kind of the records without one", "kind")
    if form.errors:
        return _preview_page(request, batch, form)
    done = import_records.import_upload(
        by=request.user, key=batch.key, import_plan=plan, options=choices, now=timezone.now()
    )
    imported = done.report["taken"]
    messages.success(request, f"{imported} record{'' if imported == 1 else 's'} imported.")
    return redirect("import", batch.key)


@require_safe
def imported_abstract(request: HttpRequest, reference: str) -> HttpResponse:
    """The imported abstract of a review by part, for coders."""
    review, parts = queries.abstract_of(reference, request.user)
    month = parts.get("month")
    event = parts.get("event", {})
    return render(
        request,
        "imports/abstract.html",
        {
            "review": review,
            "said": parts,
            "event": event,
            "published": month_name[month] if month else "",
            "event_month": month_name[event["month"]] if event.get("month") else "",
            "lists": [
                (label, parts[name]) for name, label in PARTS if isinstance(parts.get(name), list)
            ],
        },
    )
