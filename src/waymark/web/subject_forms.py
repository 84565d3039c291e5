"""For those who keep the thesaurus: subjects added, changed, ended and merged; a file loaded."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts.permissions import require
from waymark.core.errors import NotFound, RuleError, SpecError
from waymark.library.models import Import, ImportState
from waymark.library.queries import imports as batches
from waymark.library.queries import thesaurus as queries
from waymark.library.services import imports, thesaurus
from waymark.library.thesaurus import (
    ALTERNATIVE,
    HIDDEN,
    KEY,
    MOST_BYTES,
    PREFERRED,
    Name,
    Subject,
)
from waymark.web.fields import Field, Form, Group
from waymark.web.receiving import SizeLimit
from waymark.web.subjects import KEEP, LANGUAGES

FORMAT = "thesaurus"
CODED = re.compile(r"(?P<text>.+?)\s*@(?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})?)")


@require_safe
def keep(request: HttpRequest) -> HttpResponse:
    """What may be done with the thesaurus, and the subjects that were ended."""
    require(request.user, KEEP)
    made = queries.thesaurus_now()
    ended = sorted((one for one in made.subjects.values() if one.ended), key=lambda one: one.key)
    return render(
        request,
        "subjects/keep.html",
        {
            "scheme": made.scheme,
            "total": len(made.subjects) - len(ended),
            "ended": [(one.key, one.name(made.scheme.language)) for one in ended],
            "found": queries.find_subjects(request.GET.get("q", "")[:200]),
            "q": request.GET.get("q", "")[:200],
        },
    )


# ---- one subject ----


def _form(*, new: bool) -> Form:
    names = Group(
        "Names",
        [
            Field(
                "preferred", "Preferred name", most=120, hint="In English, as people say it now."
            ),
            Field("preferred_cy", "Preferred name in Welsh", most=120),
            Field("preferred_ga", "Preferred name in Irish", most=120),
            Field(
                "alternative",
                "Other names",
                look="lines",
                hint="One on each line: synonyms, abbreviations. For another language put @cy or "
                "@ga behind the name.",
            ),
            Field(
                "hidden",
                "Hidden names",
                look="lines",
                hint="One on each line: misspellings and old words. Searches find by them; they "
                "are never shown.",
            ),
        ],
    )
    meaning = Group(
        "Meaning and place",
        [
            Field("definition", "Definition", look="lines", rows=3),
            Field("scope_note", "How to use it", look="lines", rows=2),
            Field(
                "broader",
                "Broader subjects",
                look="lines",
                rows=2,
                hint="One on each line, by name or key.",
            ),
            Field("top", "It stands at the top, under nothing", look="tick"),
            Field(
                "related",
                "Related subjects",
                look="lines",
                rows=3,
                hint="One on each line, by name or key. Not those above or under it.",
            ),
        ],
    )
    if new:
        hint = "Small letters, digits and hyphens, such as home-conditions. It never changes."
        names.fields.insert(0, Field("key", "Key", most=80, hint=hint))
    return Form([names, meaning])


def _shown(one: Subject) -> dict[str, str]:
    """The values of the form for a subject."""
    made = queries.thesaurus_now()

    def said(kind: str) -> str:
        return "\n".join(
            name.text if name.language == "en" else f"{name.text} @{name.language}"
            for name in one.names
            if name.kind == kind and not (kind == PREFERRED and name.language in LANGUAGES)
        )

    def names(keys: frozenset[str]) -> str:
        return "\n".join(sorted(made.subjects[key].name("en") for key in keys))

    preferred = {name.language: name.text for name in one.names if name.kind == PREFERRED}
    return {
        "preferred": preferred.get("en", ""),
        "preferred_cy": preferred.get("cy", ""),
        "preferred_ga": preferred.get("ga", ""),
        "alternative": said(ALTERNATIVE),
        "hidden": said(HIDDEN),
        "definition": one.definition,
        "scope_note": one.scope_note,
        "broader": names(one.broader),
        "top": "" if one.broader else "on",
        "related": names(one.related),
    }


def _said(form: Form, key: str, old: Subject | None) -> Subject:
    """What the form says; what is wrong is noted at its field."""
    if not form.value("preferred"):
        form.note("preferred", "Enter the name that is shown.")
    broader, related = _keys(form, "broader"), _keys(form, "related")
    if bool(broader) == form.ticked("top"):
        form.note("broader", "Name what it stands under, or say that it stands at the top.")
    names = [
        Name(PREFERRED, code, text)
        for code, text in (
            ("en", form.value("preferred")),
            ("cy", form.value("preferred_cy")),
            ("ga", form.value("preferred_ga")),
        )
        if text
    ]
    # Preferred names in languages that the form has no field for stay as they are.
    if old is not None:
        names += [n for n in old.names if n.kind == PREFERRED and n.language not in LANGUAGES]
    names += _coded(form, "alternative", ALTERNATIVE) + _coded(form, "hidden", HIDDEN)
    return Subject(
        key=key,
        names=tuple(sorted(set(names))),
        definition=form.value("definition"),
        scope_note=form.value("scope_note"),
        broader=broader,
        related=related,
    )


def _coded(form: Form, field: str, kind: str) -> list[Name]:
    """The names on the lines of a field, in English where no language is behind them."""
    names = []
    for line in form.lines(field):
        found = CODED.fullmatch(line)
        names.append(
            Name(kind, found["code"].lower(), found["text"]) if found else Name(kind, "en", line)
        )
    return names


def _keys(form: Form, field: str) -> frozenset[str]:
    """The keys of the subjects that the lines of a field name."""
    made, book = queries.thesaurus_now(), queries.lexicon()
    keys = set()
    for line in form.lines(field):
        key = line if line in made.subjects else book.key_of(line)
        if key is None:
            form.note(field, f"There is no subject “{line[:60]}”.")
        else:
            keys.add(key)
    return frozenset(keys)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form for a new subject, and adding it."""
    require(request.user, KEEP)
    form = _form(new=True)
    if request.method != "POST":
        return _page(request, form, None)
    form.fill(request.POST.dict())
    key = form.value("key")
    if not KEY.fullmatch(key) or key != key.lower():
        form.note("key", "Use small letters, digits and hyphens.")
    said = _said(form, key, None)
    wrong = "" if form.errors else _refusal(request, said, new=True)
    if form.errors or wrong:
        return _page(request, form, None, wrong=wrong)
    messages.success(request, f"“{said.name('en')}” is a subject now.")
    return redirect("subject", key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """The form for a subject, and changing, ending or merging it."""
    require(request.user, KEEP)
    one = queries.thesaurus_now().subjects.get(key)
    if one is None or one.ended:
        raise NotFound(f"there is no subject {key} in use")
    form = _form(new=False)
    if request.method != "POST":
        form.fill(_shown(one))
        return _page(request, form, one)
    if request.POST.get("do") in ("end", "merge"):
        return _gone(request, form, one)
    form.fill(request.POST.dict())
    said = _said(form, key, one)
    wrong = "" if form.errors else _refusal(request, said, new=False)
    if form.errors or wrong:
        return _page(request, form, one, wrong=wrong)
    messages.success(request, "Saved.")
    return redirect("subject", key)


def _refusal(request: HttpRequest, said: Subject, *, new: bool) -> str:
    """Write it; why that was refused, or ""."""
    try:
        if new:
            thesaurus.add_subject(by=request.user, subject=said, now=timezone.now())
        else:
            seen = request.POST.get("seen")
            thesaurus.change_subject(
                by=request.user, subject=said, now=timezone.now(), seen=seen or None
            )
    except RuleError as error:
        return str(error)
    return ""


def _gone(request: HttpRequest, form: Form, one: Subject) -> HttpResponse:
    """End a subject, or merge it into another."""
    into = request.POST.get("into", "").strip()[:200]
    now, said = timezone.now(), ""
    try:
        if request.POST["do"] == "end":
            thesaurus.end_subject(by=request.user, key=one.key, now=now)
            messages.success(request, f"“{one.name('en')}” is no longer given to records.")
            return redirect("keep-subjects")
        known = queries.thesaurus_now().subjects
        key = into if into in known else queries.lexicon().key_of(into)
        if key is None:
            raise RuleError(f"there is no subject {into or 'without a name'} to merge it into")
        moved = thesaurus.merge_subjects(by=request.user, key=one.key, into=key, now=now)
        messages.success(request, f"Merged: {moved} record{'' if moved == 1 else 's'} moved.")
        return redirect("subject", key)
    except RuleError as error:
        said = str(error)
    form.fill(_shown(one))
    return _page(request, form, one, wrong=said, into=into)


def _page(
    request: HttpRequest, form: Form, one: Subject | None, *, wrong: str = "", into: str = ""
) -> HttpResponse:
    return render(
        request,
        "subjects/edit.html",
        {
            "form": form,
            "subject": one,
            "name": one.name("en") if one else "",
            "wrong": wrong,
            "into": into,
            "seen": request.POST.get("seen") or queries.thesaurus_version(),
        },
        status=400 if form.errors or wrong else 200,
    )


# ---- a whole file ----


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """The form for a SKOS file, and keeping it until somebody has seen what it would change.

    The check against forged forms reads what was sent; it comes after the limit on size.
    """
    require(request.user, KEEP)
    if request.method != "POST":
        return render(request, "subjects/load.html", {"wrong": ""})
    limit = SizeLimit(request, largest=MOST_BYTES, together=MOST_BYTES * 2)
    request.upload_handlers.insert(0, limit)
    return _receive(request, limit)


@csrf_protect
def _receive(request: HttpRequest, limit: SizeLimit) -> HttpResponse:
    file = request.FILES.get("file")
    if limit.dropped or limit.too_much:
        wrong = f"The file is larger than {MOST_BYTES // 1024 // 1024} MiB."
    else:
        wrong = "" if file is not None else "Choose a file."
    if wrong or file is None:
        return render(request, "subjects/load.html", {"wrong": wrong}, status=400)
    batch = imports.open_import(
        by=request.user,
        source=file.name or "thesaurus.ttl",
        format_name=FORMAT,
        content=file.read(),
        now=timezone.now(),
    )
    return redirect("load-subjects-preview", batch.key)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What a file would change, and putting it in place of the thesaurus."""
    require(request.user, KEEP)
    batch = batches.import_for(key, request.user)
    if batch.format != FORMAT or batch.state != ImportState.PROPOSED:
        raise NotFound(f"there is no file {key} to look at")
    if request.method == "POST" and request.POST.get("do") == "drop":
        imports.drop_import(by=request.user, batch=batch, now=timezone.now())
        messages.success(request, "Nothing was changed.")
        return redirect("keep-subjects")
    return _looked_at(request, batch)


def _looked_at(request: HttpRequest, batch: Import) -> HttpResponse:
    doing = request.method == "POST"
    try:
        change = thesaurus.load_thesaurus(
            by=request.user,
            source=bytes(batch.content or b""),
            file=batch.source,
            now=timezone.now(),
            dry_run=not doing,
        )
    except SpecError as error:
        return render(
            request, "subjects/preview.html", {"batch": batch, "faults": error.faults}, status=400
        )
    if not doing:
        return render(request, "subjects/preview.html", {"batch": batch, "change": change})
    report = {name: len(getattr(change, name)) for name in ("new", "changed", "ended", "back")}
    imports.close_import(by=request.user, batch=batch, report=report, now=timezone.now())
    messages.success(request, f"The thesaurus is now as {batch.source} says.")
    return redirect("keep-subjects")
