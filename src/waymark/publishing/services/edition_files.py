"""Make the files of an edition besides its PDF, once: later versions of the program keep them."""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.publishing.document.content_note import NotesOfReviews
from waymark.publishing.models import EditionFile, ManuscriptKind, Publication
from waymark.publishing.queries.edition_files import render_files
from waymark.publishing.queries.editions import has_closed_parts
from waymark.publishing.queries.manuscripts import edition_rows


def editions_without_files() -> list[Publication]:
    """Editions of overviews that were not withdrawn and have no files but the PDF."""
    rows = edition_rows(ManuscriptKind.OVERVIEW).filter(withdrawn_at=None, files=None)
    return list(rows.order_by("-published_at"))


def make_files(publication: Publication, *, notes_of: NotesOfReviews, now: datetime) -> bool:
    """Render and store the files of an edition; False if it has parts that are not public now.

    Those would be left out for ever, so such an edition waits until they are public again.
    """
    if has_closed_parts(publication, now):
        return False
    # Rendered before the write lock is taken: it takes some seconds.
    _store_files(publication, render_files(publication, notes_of=notes_of, now=now), now)
    return True


@audit.serialized
def _store_files(publication: Publication, files: Mapping[str, bytes], now: datetime) -> None:
    """Store them unless another worker did, or the edition was withdrawn meanwhile."""
    current = Publication.objects.get(pk=publication.pk)
    if current.withdrawn_at is not None or current.files.exists():
        return
    EditionFile.objects.bulk_create(
        EditionFile(publication=publication, ending=ending, content=content, made_at=now)
        for ending, content in files.items()
    )
