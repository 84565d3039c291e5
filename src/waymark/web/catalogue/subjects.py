"""Manage the thesaurus: add, change, retire and merge subjects; load a file."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require_permission
from waymark.core.errors import NotFound, RuleError, SpecError
from waymark.documents.files.uploads import IncomingFile
from waymark.library.models import Import, ImportState
from waymark.library.queries import imports as batches
from waymark.library.queries import thesaurus as queries
from waymark.library.services import imports, thesaurus
from waymark.library.thesaurus import MAX_BYTES, Thesaurus, ThesaurusSubject
from waymark.web.catalogue.subject_form import SubjectForm, key_of_subject
from waymark.web.library.subjects import MANAGE_THESAURUS
from waymark.web.shared.fields import (
    FilesField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList
from waymark.web.shared.upload_limits import MIB, SizeLimit, UploadForm

FORMAT = "thesaurus"


@require_safe
def manage_thesaurus(request: HttpRequest) -> HttpResponse:
    """Find subjects to change; retired subjects."""
    require_permission(request.user, MANAGE_THESAURUS)
    current = queries.current_thesaurus()
    ended = sum(subject.ended for subject in current.subjects.values())
    view = SUBJECTS.view(request, queries.listed_subjects(current.scheme.language))
    return render(
        request,
        "subjects/keep.html",
        {
            "scheme": current.scheme,
            "total": len(current.subjects) - ended,
            "ended": ended,
            "list": view,
            "rows": [_subject_row(current, row.key) for row in view.rows],
        },
    )


SUBJECTS = StaffList(
    "subject",
    "subjects",
    search=("key", "labels__text"),
    columns=(
        ListColumn("Subject", "name", ("name", "key")),
        ListColumn("Broader subjects"),
        ListColumn("State"),
    ),
    order="name",
    filters=(
        ListFilter(
            "state",
            "State",
            {"used": "In use", "retired": "Retired"},
            lambda value: Q(ended=value == "retired"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject in the list. broader: names of its wider subjects; into: of the one that a retired
    one was merged into, or ""."""

    key: str
    name: str
    ended: bool
    broader: list[str]
    into: str


def _subject_row(current: Thesaurus, key: str) -> SubjectRow:
    language, subject = current.scheme.language, current.subjects[key]
    broader = sorted(current.subjects[other].name(language) for other in subject.broader)
    into = current.subjects.get(subject.replaced_by)
    return SubjectRow(
        key,
        subject.name(language),
        subject.ended,
        broader,
        into.name(language) if into else "",
    )


@dataclass(frozen=True, slots=True)
class DividedSubject:
    """A record whose subject was divided. address: of the page on which its subjects are chosen.

    candidates: key and name of each subject that may fit better.
    """

    title: str
    address: str
    subject: str
    candidates: tuple[tuple[str, str], ...]


@require_safe
def divided_subjects(request: HttpRequest) -> HttpResponse:
    """Records with a subject that a newer edition of the thesaurus divided."""
    require_permission(request.user, MANAGE_THESAURUS)
    current, splits = queries.current_thesaurus(), thesaurus.builtin_splits()
    names = {key: row.name(current.scheme.language) for key, row in current.subjects.items()}
    rows = [
        DividedSubject(
            row.title,
            reverse(page, args=[row.reference]),
            names[row.subject],
            tuple((key, names[key]) for key in row.candidates if key in names),
        )
        for kind, page in (("review", "review-about"), ("resource", "resource-about"))
        for row in queries.records_to_divide(splits, kind=kind)
    ]
    rows.sort(key=lambda row: (row.subject.lower(), row.title))
    return render(request, "subjects/divided.html", {"rows": rows})


# ---- one subject ----


class MergeSubjectForm(SiteForm):
    """The subject into which another one is merged."""

    into = TextField("Subject that stays", hint="Its name or key.", most=200)


@require_http_methods(["GET", "HEAD", "POST"])
def add_subject(request: HttpRequest) -> HttpResponse:
    """Add a subject."""
    require_permission(request.user, MANAGE_THESAURUS)
    form = SubjectForm.of(request)
    if form.is_valid():
        subject = form.subject
        try:
            thesaurus.add_subject(by=request.user, subject=subject, now=timezone.now())
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, f"Subject “{subject.name('en')}” added.")
            return redirect("subject", subject.key)
    return _subject_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_subject(request: HttpRequest, key: str) -> HttpResponse:
    """Change, retire or merge a subject."""
    require_permission(request.user, MANAGE_THESAURUS)
    subject = queries.current_thesaurus().subjects.get(key)
    if subject is None or subject.ended:
        raise NotFound(f"there is no subject {key} in use")
    form, merge = SubjectForm.of(request, subject), MergeSubjectForm.of(request)
    if form.action in {"end", "merge"}:
        return _retire_subject(request, subject, merge)
    if form.is_valid():
        try:
            thesaurus.change_subject(
                by=request.user,
                subject=form.subject,
                now=timezone.now(),
                seen=form.cleaned_data["seen"] or None,
            )
        except RuleError as error:
            form.refuse(error)
        else:
            messages.success(request, "Saved.")
            return redirect("subject", key)
    return _subject_page(request, form, subject)


def _retire_subject(
    request: HttpRequest, subject: ThesaurusSubject, merge: MergeSubjectForm
) -> HttpResponse:
    """End a subject, or merge it into another."""
    now = timezone.now()
    try:
        if merge.action == "end":
            thesaurus.end_subject(by=request.user, key=subject.key, now=now)
            messages.success(request, f"Subject “{subject.name('en')}” retired.")
            return redirect("keep-subjects")
        into = merge.cleaned_data["into"] if merge.is_valid() else ""
        key = key_of_subject(into)
        if key is None:
            raise RuleError(f"there is no subject {into or 'without a name'} to merge it into")
        moved = thesaurus.merge_subjects(by=request.user, key=subject.key, into=key, now=now)
    except RuleError as error:
        merge.refuse(error, None if merge.action == "end" else "into", alone=True)
        return _subject_page(request, SubjectForm(subject), subject, merge)
    messages.success(request, f"Merged: {moved} record{'' if moved == 1 else 's'} moved.")
    return redirect("subject", key)


def _subject_page(
    request: HttpRequest,
    form: SubjectForm,
    subject: ThesaurusSubject | None,
    merge: MergeSubjectForm | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "merge": merge or MergeSubjectForm(),
        "subject": subject,
        "name": subject.name("en") if subject else "",
    }
    status = merge.http_status if merge else form.http_status
    return render(request, "subjects/edit.html", context, status=status)


# ---- a whole file ----


class ThesaurusFileForm(UploadForm):
    """A SKOS file that replaces the thesaurus."""

    file = FilesField(
        "File",
        accept=".ttl,.nt,.rdf,.xml,.jsonld,.json",
        multiple=False,
        hint=f"SKOS as Turtle, N-Triples, RDF/XML or JSON-LD, at most {MAX_BYTES // MIB} MiB.",
    )

    def clean_file(self) -> IncomingFile:
        """The file."""
        too_large = f"The file is larger than {MAX_BYTES // MIB} MiB."
        return self.received("file", too_large=too_large)[0]


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def load_file(request: HttpRequest) -> HttpResponse:
    """Upload a SKOS file and store it until someone has seen what it would change.

    The check against forged forms reads the body, so it comes after the limit on size.
    """
    require_permission(request.user, MANAGE_THESAURUS)
    limit = SizeLimit(request, largest=MAX_BYTES, together=MAX_BYTES * 2)
    request.upload_handlers.insert(0, limit)
    return _receive_file(request, limit)


@csrf_protect
def _receive_file(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    form = ThesaurusFileForm.of(request, limit)
    if not form.is_valid():
        return render(request, "subjects/load.html", {"form": form}, status=form.http_status)
    file = form.cleaned_data["file"]
    batch = imports.open_import(
        by=request.user,
        source=file.name or "thesaurus.ttl",
        format_name=FORMAT,
        content=b"".join(file.chunks()),
        now=timezone.now(),
    )
    return redirect("load-subjects-preview", batch.key)


@require_http_methods(["GET", "HEAD", "POST"])
def preview_file(request: HttpRequest, key: str) -> HttpResponse:
    """Preview the changes of a file; replace the thesaurus with it."""
    require_permission(request.user, MANAGE_THESAURUS)
    batch = batches.import_for(key, request.user)
    if batch.format != FORMAT or batch.state != ImportState.PROPOSED:
        raise NotFound(f"there is no file {key} to preview")
    if request.method == "POST" and request.POST.get("do") == "drop":
        imports.drop_import(by=request.user, batch=batch, now=timezone.now())
        messages.success(request, "Nothing was changed.")
        return redirect("keep-subjects")
    return _load_or_preview(request, batch)


def _load_or_preview(request: HttpRequest, batch: Import) -> HttpResponse:
    person, source, now = request.user, bytes(batch.content or b""), timezone.now()
    try:
        if request.method != "POST":
            change = thesaurus.preview_thesaurus(by=person, source=source, file=batch.source)
            return render(request, "subjects/preview.html", {"batch": batch, "change": change})
        change = thesaurus.load_thesaurus(by=person, source=source, file=batch.source, now=now)
    except SpecError as error:
        return render(
            request, "subjects/preview.html", {"batch": batch, "faults": error.faults}, status=400
        )
    report = {name: len(getattr(change, name)) for name in ("new", "changed", "ended", "back")}
    imports.close_import(by=person, batch=batch, report=report, now=now)
    messages.success(request, f"The thesaurus has been replaced with {batch.source}.")
    return redirect("keep-subjects")
