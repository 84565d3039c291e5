"""Manage the thesaurus: add, change, retire and merge subjects; load a file."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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
from waymark.library.thesaurus import (
    ALTERNATIVE,
    CLOSE,
    DRAFT,
    EXACT,
    HIDDEN,
    KEY,
    MAX_BYTES,
    PREFERRED,
    SubjectMatch,
    SubjectName,
    ThesaurusSubject,
)
from waymark.web.library.subjects import LANGUAGES, MANAGE_THESAURUS
from waymark.web.shared.fields import (
    CheckField,
    FilesField,
    HiddenField,
    LinesField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.upload_limits import MIB, SizeLimit, UploadForm

FORMAT = "thesaurus"
# "unig @cy | a note": a name, its language and what is shown to people who search by it.
LINE = re.compile(
    r"(?P<text>[^|]+?)\s*(?:@(?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})?)\s*)?"
    r"(?:\|\s*(?P<note>.*))?"
)
MATCH = re.compile(rf"(?P<kind>{EXACT}|{CLOSE})\s+(?P<address>\S+)")


@require_safe
def manage_thesaurus(request: HttpRequest) -> HttpResponse:
    """Find subjects to change; retired subjects."""
    require_permission(request.user, MANAGE_THESAURUS)
    current = queries.current_thesaurus()
    ended = [subject for subject in current.subjects.values() if subject.ended]
    ended.sort(key=lambda subject: subject.key)
    return render(
        request,
        "subjects/keep.html",
        {
            "scheme": current.scheme,
            "total": len(current.subjects) - len(ended),
            "ended": [(subject.key, subject.name(current.scheme.language)) for subject in ended],
            "found": queries.find_subjects(request.GET.get("q", "")[:200]),
            "q": request.GET.get("q", "")[:200],
        },
    )


# ---- one subject ----


class SubjectForm(SiteForm):
    """A subject of the thesaurus. old: the one that is changed, None for a new one."""

    seen = HiddenField()
    key = TextField(
        "Key",
        missing="Enter a key.",
        hint="Small letters, digits and hyphens, such as home-conditions. It never changes.",
        most=80,
    )
    preferred = TextField(
        "Preferred name",
        missing="Enter the name that is shown.",
        hint="In English, as people say it now.",
        most=120,
    )
    preferred_cy = TextField("Preferred name in Welsh", most=120)
    preferred_ga = TextField("Preferred name in Irish", most=120)
    alternative = LinesField(
        "Other names",
        hint="One on each line: synonyms, abbreviations. For another language put @cy or @ga after "
        "the name. After a | you can write a note: people who search by the name see it.",
    )
    hidden = LinesField(
        "Hidden names",
        hint="One on each line: misspellings and old words. Searches use them; they are never "
        "shown. After a | you can write a note: people who search by the word see it.",
    )
    draft = LinesField(
        "Draft names",
        hint="One on each line, with @cy or @ga: names that no translator has checked. Searches "
        "use them; only staff see them. Move a checked one to the preferred or other names.",
    )
    definition = TextAreaField("Definition", rows=3)
    scope_note = TextAreaField("How to use it", rows=2)
    history_note = TextAreaField("History", hint="Earlier names and meanings, with dates.", rows=2)
    change_note = TextAreaField("Changes in this thesaurus", rows=2)
    matches = LinesField(
        "The same in other lists",
        rows=2,
        hint="One on each line: exact or close, then an address, such as "
        "close urn:waymark:framework:cr-core:prac.neglect.",
    )
    broader = LinesField("Broader subjects", rows=2, hint="One on each line, by name or key.")
    top = CheckField("It is a top subject, without a broader one")
    related = LinesField(
        "Related subjects",
        rows=3,
        hint="One on each line, by name or key. No broader or narrower subjects.",
    )
    groups = (
        (
            "Names",
            (
                *("key", "preferred", "preferred_cy", "preferred_ga"),
                *("alternative", "hidden", "draft"),
            ),
        ),
        (
            "Meaning and place",
            (
                *("definition", "scope_note", "history_note", "change_note"),
                *("broader", "top", "related", "matches"),
            ),
        ),
    )

    def __init__(self, old: ThesaurusSubject | None = None, **options: Any) -> None:
        initial = {"seen": queries.thesaurus_version(), **(_initial_values(old) if old else {})}
        super().__init__(initial=initial, **options)
        self.old = old
        if old:
            del self.fields["key"]

    def clean_key(self) -> str:
        """A key that addresses and files can contain."""
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key) or key != key.lower():
            raise ValidationError("Use small letters, digits and hyphens.")
        return key

    def clean_broader(self) -> frozenset[str]:
        """Keys of the broader subjects."""
        return self._keys("broader")

    def clean_related(self) -> frozenset[str]:
        """Keys of the related subjects."""
        return self._keys("related")

    def clean_matches(self) -> frozenset[SubjectMatch]:
        """Concepts of other lists."""
        matches = {line: MATCH.fullmatch(line) for line in self.cleaned_data["matches"]}
        if wrong := [line for line, match in matches.items() if match is None]:
            raise ValidationError(f"Begin “{wrong[0][:60]}” with exact or close.")
        return frozenset(SubjectMatch(**match.groupdict()) for match in matches.values() if match)

    def _keys(self, field: str) -> frozenset[str]:
        keys = {line: _key_of(line) for line in self.cleaned_data[field]}
        if unknown := [line for line, key in keys.items() if key is None]:
            raise ValidationError(f"There is no subject “{unknown[0][:60]}”.")
        return frozenset(key for key in keys.values() if key)

    def clean(self) -> dict[str, Any]:
        """A subject has either a broader one or its place at the top."""
        values = self.cleaned_data
        if "broader" in values and bool(values["broader"]) == values["top"]:
            self.add_error("broader", "Enter a broader subject, or tick that it is a top subject.")
        return values

    @property
    def subject(self) -> ThesaurusSubject:
        """The subject of a valid form."""
        values = self.cleaned_data
        preferred = {
            "en": values["preferred"],
            "cy": values["preferred_cy"],
            "ga": values["preferred_ga"],
        }
        names = {
            _with_old_note(SubjectName(PREFERRED, code, text), self.old)
            for code, text in preferred.items()
            if text
        }
        # Preferred names in languages that the form has no field for stay as they are.
        if self.old is not None:
            names |= {
                name
                for name in self.old.names
                if name.kind == PREFERRED and name.language not in LANGUAGES
            }
        for kind in (ALTERNATIVE, HIDDEN, DRAFT):
            names |= _names_of_kind(kind, values[kind])
        return ThesaurusSubject(
            key=self.old.key if self.old else values["key"],
            names=tuple(sorted(names)),
            definition=values["definition"],
            scope_note=values["scope_note"],
            history_note=values["history_note"],
            change_note=values["change_note"],
            broader=values["broader"],
            related=values["related"],
            matches=values["matches"],
        )


def _initial_values(subject: ThesaurusSubject) -> dict[str, Any]:
    known = queries.current_thesaurus().subjects

    def names(kind: str) -> tuple[str, ...]:
        return tuple(
            name.text
            + (f" @{name.language}" if name.language != "en" else "")
            + (f" | {name.note}" if name.note else "")
            for name in subject.names
            if name.kind == kind
        )

    def names_of(keys: frozenset[str]) -> tuple[str, ...]:
        return tuple(sorted(known[key].name("en") for key in keys))

    preferred = {name.language: name.text for name in subject.names if name.kind == PREFERRED}
    return {
        "preferred": preferred.get("en", ""),
        "preferred_cy": preferred.get("cy", ""),
        "preferred_ga": preferred.get("ga", ""),
        "alternative": names(ALTERNATIVE),
        "hidden": names(HIDDEN),
        "draft": names(DRAFT),
        "definition": subject.definition,
        "scope_note": subject.scope_note,
        "history_note": subject.history_note,
        "change_note": subject.change_note,
        "matches": tuple(f"{match.kind} {match.address}" for match in sorted(subject.matches)),
        "broader": names_of(subject.broader),
        "top": not subject.broader,
        "related": names_of(subject.related),
    }


def _names_of_kind(kind: str, lines: Iterable[str]) -> set[SubjectName]:
    """Names of a kind; English where no language code follows."""
    matches = [match for line in lines if (match := LINE.fullmatch(line))]
    return {
        SubjectName(kind, (match["code"] or "en").lower(), match["text"], match["note"] or "")
        for match in matches
    }


def _with_old_note(name: SubjectName, old: ThesaurusSubject | None) -> SubjectName:
    """The name with the note that it had; preferred names have no place for one in the form."""
    return next(
        (same for same in (old.names if old else ()) if replace(same, note="") == name),
        name,
    )


def _key_of(name: str) -> str | None:
    """The key of the subject with this name or key."""
    return (
        name
        if name in queries.current_thesaurus().subjects
        else queries.subject_lexicon().key_of(name)
    )


class MergeForm(SiteForm):
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
    form, merge = SubjectForm.of(request, subject), MergeForm.of(request)
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
    request: HttpRequest, subject: ThesaurusSubject, merge: MergeForm
) -> HttpResponse:
    """End a subject, or merge it into another."""
    now = timezone.now()
    try:
        if merge.action == "end":
            thesaurus.end_subject(by=request.user, key=subject.key, now=now)
            messages.success(request, f"Subject “{subject.name('en')}” retired.")
            return redirect("keep-subjects")
        into = merge.cleaned_data["into"] if merge.is_valid() else ""
        key = _key_of(into)
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
    merge: MergeForm | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "merge": merge or MergeForm(),
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
        accept=".ttl",
        multiple=False,
        hint=f"SKOS as Turtle (.ttl), at most {MAX_BYTES // MIB} MiB.",
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
