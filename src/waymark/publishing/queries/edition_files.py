"""Files of editions besides the PDF: rendered once, and read while all in them is public."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from waymark.core.errors import NotFound, require_found
from waymark.publishing.document.content_note import NotesOfReviews, with_content_note
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.opendocument import render_opendocument
from waymark.publishing.formats.package import data_package
from waymark.publishing.formats.word import render_word
from waymark.publishing.models import EditionFile, Publication
from waymark.publishing.queries.editions import (
    document_of,
    edition_of,
    edition_release,
    has_closed_parts,
    report_of,
    require_profile,
)
from waymark.publishing.queries.imprint import with_imprint

RENDERERS: dict[str, Callable[[ReportDocument], bytes]] = {
    "docx": render_word,
    "xlsx": render_excel,
    "ods": render_opendocument,
}
LABELS = {
    "pdf": "Report (PDF)",
    "docx": "Report (Word)",
    "xlsx": "Tables (Excel)",
    "ods": "Tables (OpenDocument)",
    "zip": "Data (ZIP)",
}
"""Ending -> what readers find in the file."""
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "zip": "application/zip",
}


def render_files(
    publication: Publication, *, notes_of: NotesOfReviews, now: datetime
) -> dict[str, bytes]:
    """Ending -> bytes of each file of an edition besides its PDF."""
    document, report = document_of(publication, now=now), report_of(publication)
    if report is not None:
        document = with_content_note(document, report, notes_of)
    document = with_imprint(document, publication.slug, edition_of(publication))
    files = {ending: render(document) for ending, render in RENDERERS.items()}
    release = edition_release(publication)
    files["zip"] = data_package(release, document, licence=settings.DATA_LICENCE)
    return files


def file_endings(publication: Publication) -> list[str]:
    """Endings of the files of an edition, in the order in which they are offered."""
    made = set(EditionFile.objects.filter(publication=publication).values_list("ending", flat=True))
    return [ending for ending in LABELS if ending == "pdf" or ending in made]


def public_file(publication: Publication, ending: str, now: datetime) -> bytes:
    """A file of an edition besides its PDF, while all that it quotes and lists is public.

    Raises NotFound otherwise, and if the overview has another profile now.
    """
    require_profile(publication)
    rows = EditionFile.objects.filter(publication=publication, ending=ending)
    stored = rows.values_list("content", flat=True).first()
    content = require_found(stored, f"{publication} has no file {ending}")
    if publication.withdrawn_at is not None or has_closed_parts(publication, now):
        raise NotFound(f"{publication} contains what is no longer public")
    return bytes(content)
