"""Files of an edition: the whole text, one page, the seven-minute form, its slides."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from waymark.briefings.formats.event_pack import event_pack
from waymark.briefings.formats.sheets import one_page_pdf, short_form_pdf, slides_pdf
from waymark.briefings.queries import editions
from waymark.briefings.text.compose import for_print
from waymark.core.errors import NotFound
from waymark.library.queries.content_notes import content_notes_together
from waymark.publishing.document.content_note import with_content_note
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.printed_form import PrintedForm, form_as_word
from waymark.publishing.formats.word import render_word
from waymark.publishing.models import Publication
from waymark.publishing.queries import closed_cited_reports, public_pdf
from waymark.web.briefings.public import edition_shown, gone
from waymark.web.shared.file_answers import file_answer

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Writer = Callable[[Publication, str], bytes]


@dataclass(frozen=True, slots=True)
class BriefingFile:
    """Kind of file. write: makes it from an edition and the address of its page."""

    media_type: str
    write: Writer


def _word(document: ReportDocument, publication: Publication) -> bytes:
    report = editions.content_of(publication).stored
    noted = with_content_note(for_print(document), report, content_notes_together)
    return render_word(noted)


def _whole_word(publication: Publication, address: str) -> bytes:
    return _word(editions.briefing_document(publication, timezone.now()), publication)


def _short(publication: Publication) -> ReportDocument:
    return for_print(editions.short_document(publication, timezone.now()))


def _one_page(publication: Publication, address: str) -> bytes:
    return one_page_pdf(for_print(editions.one_page_document(publication)), address=address)


def pack_of(publication: Publication, address: str) -> PrintedForm:
    """The learning event of an edition."""
    reviews = editions.content_of(publication).about.reviews
    note = content_notes_together(reviews)
    return event_pack(_short(publication), content_note=note, address=address)


FILES = {
    "event-pack.docx": BriefingFile(
        WORD, lambda edition, address: form_as_word(pack_of(edition, address))
    ),
    "whole.docx": BriefingFile(WORD, _whole_word),
    "one-page.pdf": BriefingFile(PDF, _one_page),
    "seven-minutes.pdf": BriefingFile(
        PDF, lambda edition, address: short_form_pdf(_short(edition), address=address)
    ),
    "seven-minutes.docx": BriefingFile(
        WORD, lambda edition, address: _word(_short(edition), edition)
    ),
    "slides.pdf": BriefingFile(
        PDF, lambda edition, address: slides_pdf(_short(edition), address=address)
    ),
}


@require_safe
def event_page(request: HttpRequest, work: str, slug: str, number: int) -> HttpResponse:
    """The learning event of an edition, to read and print."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    if closed_cited_reports(publication, timezone.now()):
        raise NotFound(f"{publication} cites a report that is no longer public")
    place = [work, slug, number]
    address = request.build_absolute_uri(reverse("briefing-edition", args=place))
    context = {
        "publication": publication,
        "kind": work,
        "printed": pack_of(publication, address),
    }
    return render(request, "briefings/event_pack.html", context)


@require_safe
def briefing_file(
    request: HttpRequest, work: str, slug: str, number: int, name: str
) -> HttpResponseBase:
    """A file of an edition, while all that it cites is public."""
    try:
        publication = edition_shown(work, slug, number)
    except NotFound:
        return gone(request, work, slug, number)
    now = timezone.now()
    file_name = f"{slug}-edition-{number}-{name}"
    if name == "whole.pdf":
        path = public_pdf(publication, now)
        return file_answer(request, path, name=file_name, media_type=PDF, attachment=False)
    if name not in FILES:
        raise NotFound(f"there is no file {name} of a {work}")
    if closed_cited_reports(publication, now):
        raise NotFound(f"{name} of {publication} cites a report that is no longer public")
    file = FILES[name]
    place = [work, slug, number]
    address = request.build_absolute_uri(reverse("briefing-edition", args=place))
    content = file.write(publication, address)
    return file_answer(
        request,
        content,
        name=file_name,
        media_type=file.media_type,
        attachment=file.media_type != PDF,
    )
