"""Staff pages of briefings and guides: the list, their description, their texts."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.briefings import services
from waymark.briefings.queries import drafts, editions
from waymark.briefings.queries.support import text_support
from waymark.briefings.queries.uses import waiting_uses
from waymark.briefings.text.about import ABOUT
from waymark.briefings.text.sections import SHORT, SHORT_TITLE, sections_of, slots_of
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.publishing.models import Manuscript, ReportVersion
from waymark.publishing.services import TextOvertaken
from waymark.web.briefings.public import shown_statements
from waymark.web.shared.clean_input import clean_line, whole_number
from waymark.web.shared.fields import (
    HiddenField,
    VerbatimField,
)
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.text_diff import diff_lines

CHANGE = ["GET", "HEAD", "POST"]
SHORT_HINT = (
    "Seven parts, each with a heading (###), and a list of three questions in the last one."
    " At most 700 words."
)


@require_safe
def briefings_in_progress(request: HttpRequest) -> HttpResponse:
    """All briefings and guides with what comes next, and editions to check again."""
    now = timezone.now()
    rows = pipeline.briefing_drafts(list(drafts.manuscripts_for(request.user)), now)
    return render(
        request,
        "briefings/in_progress.html",
        {
            "drafts": rows,
            "to_sign": [row for row in rows if row.awaits(request.user)],
            "flagged": editions.flagged_briefings(now),
            "uses": waiting_uses(request.user).count(),
        },
    )


# ---- the texts ----


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text of the list. version: the current one, None if nothing is written."""

    slot: str
    title: str
    needed: bool
    version: ReportVersion | None
    faults: int


@require_safe
def edit_briefing(request: HttpRequest, work: str, slug: str) -> HttpResponse:
    """A briefing: its texts, and what must be done before it can be published."""
    manuscript = drafts.manuscript_called(work, slug, request.user)
    draft = pipeline.briefing_draft(manuscript, timezone.now())
    current = drafts.current_texts(manuscript)
    needed = {section.slot for section in sections_of(work) if section.needed} | {SHORT}
    faults = [fault.slot for fault in draft.content.faults]
    lines = [
        TextLine(name, title, name in needed, current.get(name), faults.count(name))
        for name, title in slots_of(work).items()
    ]
    context = {"manuscript": manuscript, "draft": draft, "lines": lines}
    return render(request, "briefings/edit.html", context)


class BriefingTextForm(SiteForm):
    """A text. base: number of the version it began with; theme: whose passages are offered."""

    text = VerbatimField("Text")
    base = HiddenField()


def _title_of(kind: str, slot: str) -> tuple[str, str]:
    """Title and hint of a text. Raises NotFound."""
    if slot == SHORT and SHORT in slots_of(kind):
        return SHORT_TITLE, SHORT_HINT
    for section in sections_of(kind):
        if section.slot == slot:
            return section.title, section.hint
    raise NotFound(f"a {kind} has no text {slot}")


@dataclass(frozen=True, slots=True)
class TypedText:
    """Text in the form, with the number of the version that it began with."""

    text: str
    base: int


@require_http_methods(CHANGE)
def edit_text(request: HttpRequest, work: str, slug: str, slot: str) -> HttpResponse:
    """A text with support beside it: save it, or cite a passage by one button."""
    manuscript = drafts.manuscript_called(work, slug, request.user)
    _title_of(work, slot)
    current = drafts.current_texts(manuscript).get(slot)
    if request.method != "POST":
        typed = TypedText(current.text, current.number) if current else TypedText("", 0)
        return _text_page(request, manuscript, slot, typed)
    form = BriefingTextForm.of(request)
    form.full_clean()
    typed = TypedText(
        form.cleaned_data.get("text", ""), whole_number(form.cleaned_data.get("base", "")) or 0
    )
    return _save_text(request, manuscript, slot, _with_cited(request, typed))


def _with_cited(request: HttpRequest, typed: TypedText) -> TypedText:
    """The text with the passage whose button was used, or the number."""
    text = typed.text
    if key := clean_line(request.POST.get("cite", "")):
        text = services.with_passage(text, key, quote=False)
    if key := clean_line(request.POST.get("quote", "")):
        text = services.with_passage(text, key, quote=True)
    if mark := clean_line(request.POST.get("number", "")):
        text = f"{text.rstrip()} {{{mark}}}"
    return TypedText(text, typed.base)


def _save_text(
    request: HttpRequest, manuscript: Manuscript, slot: str, typed: TypedText
) -> HttpResponse:
    try:
        version = services.save_briefing_text(
            by=request.user,
            manuscript=manuscript,
            slot=slot,
            text=typed.text,
            base=typed.base,
            now=timezone.now(),
        )
    except TextOvertaken as error:
        merged = TypedText(typed.text, error.current.number)
        return _text_page(request, manuscript, slot, merged, overtaken=error.current)
    except SpecError as error:
        return _text_page(request, manuscript, slot, typed, wrong=error.faults)
    except RuleError as error:
        return _text_page(request, manuscript, slot, typed, wrong=[FileFault(0, str(error))])
    if version is not None:
        messages.success(request, f"Saved as version {version.number}.")
    answer = redirect("edit-briefing-text", manuscript.kind, manuscript.slug, slot)
    if theme := clean_line(request.POST.get("theme", "")):
        answer["Location"] += "?" + urlencode({"theme": theme})
    return answer


def _text_page(
    request: HttpRequest,
    manuscript: Manuscript,
    slot: str,
    typed: TypedText,
    *,
    overtaken: ReportVersion | None = None,
    wrong: object = (),
) -> HttpResponse:
    now = timezone.now()
    title, hint = _title_of(manuscript.kind, slot)
    draft = pipeline.briefing_draft(manuscript, now, instead={slot: typed.text})
    theme = clean_line(request.GET.get("theme", "") or request.POST.get("theme", ""))
    support = text_support(draft.about, theme, request.user, now)
    context = {
        "manuscript": manuscript,
        "draft": draft,
        "slot": slot,
        "title": title,
        "hint": hint,
        "typed": typed,
        "wrong": wrong,
        "faults": draft.content.faults_of(slot),
        "overtaken": overtaken,
        "difference": diff_lines(overtaken.text, typed.text) if overtaken else [],
        "themes": support.themes,
        "theme": support.theme,
        "offered": support.reviews,
        "statements": shown_statements(
            draft.content, editions.checked_statements(draft.content, now, slot=slot)
        ),
        "words": draft.content.short_words if slot == SHORT else 0,
    }
    status = 400 if overtaken or wrong else 200
    return render(request, "briefings/text.html", context, status=status)


@require_safe
def text_versions(request: HttpRequest, work: str, slug: str, slot: str) -> HttpResponse:
    """Every version of a text, with what each changed."""
    manuscript = drafts.manuscript_called(work, slug, request.user)
    title = "Description" if slot == ABOUT else _title_of(work, slot)[0]
    versions = drafts.versions_of(manuscript, slot, request.user)
    before = [*versions[1:], None]
    rows = [
        (row, diff_lines(earlier.text if earlier else "", row.text))
        for row, earlier in zip(versions, before, strict=True)
    ]
    context = {"manuscript": manuscript, "title": title, "slot": slot, "rows": rows}
    return render(request, "briefings/versions.html", context)
