"""Files of an edition: the whole text, one page, the seven-minute form, its slides.

They are there while the public may read all that the edition cites. A file of an edition with
statements to check again says so at its head, and marks them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from waymark.briefings.formats.event_pack import event_pack
from waymark.briefings.formats.sheets import one_page_pdf, short_form_pdf, slides_pdf
from waymark.briefings.queries import editions
from waymark.briefings.text.compose import EditionState, for_print, with_opening
from waymark.core.errors import NotFound
from waymark.library.queries.content_notes import content_notes_together
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.printed_form import PrintedForm, form_as_word
from waymark.publishing.formats.word import render_word
from waymark.publishing.models import Publication
from waymark.publishing.queries import public_pdf

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Compose = Callable[[Publication, datetime], ReportDocument]
Render = Callable[[ReportDocument, str], bytes]


@dataclass(frozen=True, slots=True)
class BriefingFile:
    """Kind of file. render: makes it from a document and the address of the edition's page."""

    label: str
    media_type: str
    compose: Compose
    render: Render


FILES: Mapping[str, BriefingFile] = {
    "whole.pdf": BriefingFile(
        "Whole text (PDF)",
        PDF,
        editions.briefing_document,
        lambda document, _: render_pdf(document),
    ),
    "whole.docx": BriefingFile(
        "Whole text (Word)",
        WORD,
        editions.briefing_document,
        lambda document, _: render_word(document),
    ),
    "one-page.pdf": BriefingFile(
        "One page (PDF)",
        PDF,
        editions.one_page_document,
        lambda document, address: one_page_pdf(document, address=address),
    ),
    "seven-minutes.pdf": BriefingFile(
        "Seven minutes (PDF)",
        PDF,
        editions.short_document,
        lambda document, address: short_form_pdf(document, address=address),
    ),
    "seven-minutes.docx": BriefingFile(
        "Seven minutes (Word)",
        WORD,
        editions.short_document,
        lambda document, _: render_word(document),
    ),
    "event-pack.docx": BriefingFile(
        "Learning event (Word)",
        WORD,
        editions.short_document,
        lambda document, address: form_as_word(event_pack(document, address=address)),
    ),
    "slides.pdf": BriefingFile(
        "Slides (PDF)",
        PDF,
        editions.short_document,
        lambda document, address: slides_pdf(document, address=address),
    ),
}
"""Name -> kind of file, in the order in which they are offered."""


def offered_files(publication: Publication, state: EditionState) -> dict[str, str]:
    """Name -> label of the files that an edition has now. state: of now."""
    if state.unreadable:
        return {}
    has_short_form = bool(editions.content_of(publication).short.parts)
    return {
        name: file.label
        for name, file in FILES.items()
        if has_short_form or file.compose is not editions.short_document
    }


def edition_file(publication: Publication, name: str, address: str, now: datetime) -> bytes:
    """A file of an edition. address: of its page, printed in it.

    The whole PDF is the one that was stored when it was published, unless a statement is to be
    checked again. Raises NotFound, also if it cites what is no longer public.
    """
    file = FILES.get(name)
    if file is None:
        raise NotFound(f"there is no file {name} of a {publication.kind}")
    state = editions.edition_state(publication, now)
    if state.unreadable:
        raise NotFound(f"{name} of {publication} cites words that are no longer public")
    if name == "whole.pdf" and not state.broken:
        return public_pdf(publication, now).read_bytes()
    return file.render(printed_document(publication, file.compose, state, now), address)


def learning_event(publication: Publication, address: str, now: datetime) -> PrintedForm:
    """The learning event of an edition, to read on a page. address: of the edition's page.

    Raises NotFound if it cites what is no longer public.
    """
    state = editions.edition_state(publication, now)
    if state.unreadable:
        raise NotFound(f"{publication} cites words that are no longer public")
    document = printed_document(publication, editions.short_document, state, now)
    return event_pack(document, address=address)


def printed_document(
    publication: Publication, compose: Compose, state: EditionState, now: datetime
) -> ReportDocument:
    """A document as a file has it, with the notes at its head."""
    notes = content_notes_together(editions.reviews_cited(publication))
    return with_opening(for_print(compose(publication, now)), notes=notes, state=state)
