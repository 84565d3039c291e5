"""Pages for those who write a report: its chapters, and the versions of their texts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark import pipeline
from waymark.accounts.permissions import require_permission
from waymark.core.errors import FileFault, NotFound, RuleError, SpecError
from waymark.core.language_advice import language_advice
from waymark.frameworks.queries import file_of
from waymark.overview.models import Overview
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.spec.schema import read_overview
from waymark.publishing import services
from waymark.publishing.document.chapter_tables import RESULTS, describe_generated_parts
from waymark.publishing.document.claims.check import SentenceFault, TypedFigure
from waymark.publishing.document.compose import TextFault
from waymark.publishing.document.nodes import chapters_of
from waymark.publishing.document.report_plan import (
    PLAN,
    PlanChapter,
    ReportPlan,
    default_plan,
    read_plan,
)
from waymark.publishing.formats.html import PageLinks
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries import drafts
from waymark.publishing.queries.drafts import WRITE, ReportDraft
from waymark.web.authoring.beside import ChapterPart, chapter_parts
from waymark.web.authoring.obstacles import obstacle_links
from waymark.web.shared.clean_input import whole_number
from waymark.web.shared.fields import HiddenField, VerbatimField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.opened_drafts import note_opened
from waymark.web.shared.text_diff import diff_lines

CHANGE = ["GET", "HEAD", "POST"]


# ---- the chapters ----


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text of the list. version: the current one; None if nothing was written."""

    slot: str
    name: str
    theme: str
    version: ReportVersion | None
    faults: int


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """A chapter of the list. generated: what the program puts there, in words; added: it is in no
    plan, and holds the tables that no chapter takes.
    """

    title: str
    texts: list[TextRow]
    generated: list[str]
    added: bool = False


@require_safe
def report_texts(request: HttpRequest, slug: str) -> HttpResponse:
    """Every chapter of a report, with what is written and what is still wrong."""
    overview = report_overview(request, slug)
    plan = plan_of(overview)
    draft = draft_shown(overview)
    return render(
        request,
        "writing/list.html",
        {
            "overview": overview,
            "lines": _chapter_rows(overview, plan, draft),
            "draft": draft,
            "wrong": obstacle_links(request, overview, draft.obstacles) if draft else (),
            "own_plan": drafts.current_versions(overview).get(PLAN),
        },
    )


def report_overview(request: HttpRequest, slug: str) -> Overview:
    """The overview whose report is written. Raises NotPermitted, NotFound."""
    require_permission(request.user, WRITE)
    return overview_for(slug)


def plan_of(overview: Overview) -> ReportPlan:
    """The plan of its chapters."""
    return read_plan(drafts.plan_source(overview))


def draft_shown(overview: Overview, instead: dict[str, str] | None = None) -> ReportDraft | None:
    """The draft, or None where nothing has been frozen yet."""
    try:
        return pipeline.report_draft(overview, timezone.now(), instead=instead)
    except NotFound:
        return None


def themes_of(overview: Overview) -> dict[str, str]:
    """The themes of the framework: code -> name."""
    return {
        code.id: code.name for code in file_of(overview.framework).codes if code.theme is not None
    }


def _chapter_rows(
    overview: Overview, plan: ReportPlan, draft: ReportDraft | None
) -> list[ChapterRow]:
    there = drafts.current_versions(overview)
    themes = themes_of(overview)
    slots = [fault.slot for fault in _faults_of(draft)]
    source = draft.snapshot.spec if draft is not None else latest_version(overview).spec
    words, left = describe_generated_parts(plan, read_overview(source, file=overview.slug)[0])
    lines = []
    for chapter in plan.chapters:
        texts = []
        for slot in chapter.slots(tuple(themes)):
            theme = slot.partition(":")[2]
            name = themes.get(theme, "The second text" if theme else "The text")
            wrong = slots.count(slot)
            theme = theme if theme in themes else ""
            texts.append(TextRow(slot, name, theme, there.get(slot), wrong))
        lines.append(ChapterRow(chapter.title, texts, words[chapter.id]))
    return [*lines, ChapterRow(RESULTS, [], left, added=True)] if left else lines


def _faults_of(draft: ReportDraft | None) -> tuple[TextFault | SentenceFault, ...]:
    if draft is None or draft.composed is None:
        return ()
    return (*draft.composed.faults, *draft.sentences.faults)


# ---- one text ----


@dataclass(frozen=True, slots=True)
class TextDraft:
    """A text in its form. base: number of the version it began with, 0 for none."""

    text: str
    base: int


class TextForm(SiteForm):
    """A text of a report. base: number of the version it began with."""

    text = VerbatimField("Text")
    base = HiddenField()

    @property
    def typed(self) -> TextDraft:
        """The text that was sent; base 0 for one that is no number."""
        self.full_clean()
        base = whole_number(self.cleaned_data.get("base", ""))
        return TextDraft(self.cleaned_data["text"], base or 0)


@require_http_methods(CHANGE)
def write_text(request: HttpRequest, slug: str, slot: str) -> HttpResponse:
    """The form of one text; preview and save."""
    overview = report_overview(request, slug)
    _chapter_of(overview, slot)
    current = drafts.current_versions(overview).get(slot)
    if request.method != "POST":
        typed, overtaken = _text_to_edit(request, overview, slot, current)
        preview = "preview" in request.GET
        note_opened(request, overview.slug, slot, title_of(overview, slot))
        return _text_page(request, overview, slot, typed, preview=preview, overtaken=overtaken)
    form = TextForm.of(request)
    if form.data.get("action") == "preview":
        return _text_page(request, overview, slot, form.typed, preview=True)
    return _save_text(request, overview, slot, form.typed)


def _text_to_edit(
    request: HttpRequest, overview: Overview, slot: str, current: ReportVersion | None
) -> tuple[TextDraft, ReportVersion | None]:
    """The text for the form: what the person has not saved, or else the current version.

    With the version that someone saved in the meantime, so that the two can be compared.
    """
    source = default_plan() if slot == PLAN else ""
    text, number = (current.text, current.number) if current else (source, 0)
    unsaved = drafts.unsaved_text_of(overview, slot, request.user)
    if unsaved is None or unsaved.text == text:
        return TextDraft(text, number), None
    overtaken = current if current and unsaved.base != number else None
    return TextDraft(unsaved.text, number), overtaken


def _chapter_of(overview: Overview, slot: str) -> PlanChapter | None:
    """The chapter of a text; None for the plan. Raises NotFound for a text that is not there."""
    plan = plan_of(overview)
    if slot != PLAN and slot not in plan.slots(tuple(themes_of(overview))):
        raise NotFound(f"the plan of this report has no text {slot}")
    return plan.chapter_of(slot)


def _save_text(
    request: HttpRequest, overview: Overview, slot: str, typed: TextDraft
) -> HttpResponse:
    try:
        version = services.save_text(
            by=request.user,
            overview=overview,
            slot=slot,
            text=typed.text,
            base=typed.base,
            now=timezone.now(),
        )
    except services.TextOvertaken as error:
        now_stands = TextDraft(typed.text, error.current.number)
        return _text_page(request, overview, slot, now_stands, overtaken=error.current)
    except SpecError as error:
        return _text_page(request, overview, slot, typed, faults=error.faults)
    except RuleError as error:
        return _text_page(request, overview, slot, typed, faults=[FileFault(0, str(error))])
    if version is None:
        messages.info(request, "Nothing was typed, so nothing was saved.")
    else:
        messages.success(request, f"Saved as version {version.number}.")
    return redirect(f"{reverse('write-text', args=[overview.slug, slot])}?preview=1")


def _text_page(
    request: HttpRequest,
    overview: Overview,
    slot: str,
    typed: TextDraft,
    *,
    preview: bool = False,
    overtaken: ReportVersion | None = None,
    faults: Iterable[FileFault] = (),
) -> HttpResponse:
    chapter = _chapter_of(overview, slot)
    current = drafts.current_versions(overview).get(slot)
    shown_text = (
        _text_preview(overview, slot, typed.text)
        if slot != PLAN and (preview or typed.text.strip()) and not overtaken
        else TextPreview()
    )
    # A saved text is checked against the tables whenever it is opened; its marks only on request.
    wrong = [
        *faults,
        *(FileFault(fault.line, fault.message) for fault in shown_text.faults if preview),
    ]
    theme = slot.partition(":")[2]
    return render(
        request,
        "writing/text.html",
        {
            "overview": overview,
            "slot": slot,
            "title": title_of(overview, slot),
            "hint": chapter.hint if chapter else "",
            "theme": theme if theme in themes_of(overview) else "",
            "themes": themes_of(overview),
            "said": typed,
            "preview": shown_text,
            "show_preview": preview,
            "wrong": wrong,
            "carried": current.carried_from if current else "",
            "advice": [] if slot == PLAN else language_advice(typed.text),
            "unsaved": drafts.unsaved_text_of(overview, slot, request.user),
            "overtaken": overtaken,
            "difference": diff_lines(overtaken.text, typed.text) if overtaken else [],
        },
        status=400 if request.method == "POST" and (overtaken or list(faults)) else 200,
    )


def title_of(overview: Overview, slot: str) -> str:
    """Title of a text."""
    return titles_of(overview, [slot])[slot]


def titles_of(overview: Overview, slots: Iterable[str]) -> dict[str, str]:
    """Titles of texts, by slot."""
    plan, themes = plan_of(overview), themes_of(overview)
    return {slot: _title_in(plan, themes, slot) for slot in slots}


def _title_in(plan: ReportPlan, themes: dict[str, str], slot: str) -> str:
    chapter = plan.chapter_of(slot)
    if chapter is None:
        return "The plan of the chapters"
    name = slot.partition(":")[2]
    return f"{chapter.title}: {themes.get(name, name)}" if name else chapter.title


@dataclass(frozen=True, slots=True)
class TextPreview:
    """Preview of a chapter, in parts with what they cite.

    sentences: those that the tables do not support. typed: figures typed by hand, with the reasons.
    """

    requested: bool = False
    title: str = ""
    parts: tuple[ChapterPart, ...] = ()
    faults: tuple[TextFault, ...] = ()
    sentences: tuple[SentenceFault, ...] = ()
    typed: tuple[TypedFigure, ...] = ()


def _text_preview(overview: Overview, slot: str, text: str) -> TextPreview:
    draft = draft_shown(overview, {slot: services.clean_text(text)})
    if draft is None:
        problem = TextFault(slot, 0, "no preview is available until the overview is frozen")
        return TextPreview(requested=True, faults=(problem,))
    if draft.composed is None:
        return TextPreview(
            requested=True, faults=tuple(TextFault(slot, 0, str(fault)) for fault in draft.rules)
        )
    composed = draft.composed
    name = slot.partition(":")[0]
    chapters = chapters_of(composed.document)
    chapter = next((row for row in chapters if row.heading.anchor == name), None)
    links = PageLinks(
        place=lambda anchor: "#preview",
        passage=lambda key: reverse("passage", args=[key]),
        review=lambda reference: reverse("review", args=[reference]),
    )
    parts = chapter_parts(composed.document, chapter, links) if chapter else []
    return TextPreview(
        requested=True,
        title=chapter.heading.full_text if chapter else "",
        parts=tuple(parts),
        faults=tuple(fault for fault in composed.faults if fault.slot == slot),
        sentences=tuple(fault for fault in draft.sentences.faults if fault.slot == slot),
        typed=tuple(
            figure for figure in draft.sentences.typed if figure.slot == slot and figure.listed
        ),
    )


# ---- versions ----


@require_safe
def text_history(request: HttpRequest, slug: str, slot: str) -> HttpResponse:
    """Every version of a text, the newest first."""
    overview = report_overview(request, slug)
    versions = drafts.versions_of(overview, slot, request.user)
    if not versions:
        _chapter_of(overview, slot)
    return render(
        request,
        "writing/history.html",
        {
            "overview": overview,
            "slot": slot,
            "title": title_of(overview, slot),
            "versions": versions,
        },
    )


@require_safe
def text_version(request: HttpRequest, slug: str, slot: str, number: int) -> HttpResponse:
    """One version, and what it changed in the one before."""
    overview = report_overview(request, slug)
    versions = {
        version.number: version for version in drafts.versions_of(overview, slot, request.user)
    }
    if number not in versions:
        raise NotFound(f"{slot} has no version {number}")
    before = versions.get(number - 1)
    return render(
        request,
        "writing/version.html",
        {
            "overview": overview,
            "slot": slot,
            "title": title_of(overview, slot),
            "version": versions[number],
            "before": before,
            "difference": diff_lines(before.text if before else "", versions[number].text),
        },
    )
