"""The vectors of this installation: a folder for staff and one for the public, of one model."""

from pathlib import Path

from django.conf import settings
from django.db.models import Count, Max

from waymark.accounts.content_state import digest_mark
from waymark.library.meaning.embedder import MODEL_SHA256
from waymark.library.meaning.vectors import VectorFiles
from waymark.library.models import CatalogueRecord

MODEL_KEY = MODEL_SHA256[:12]
COMPLETE = "complete"
"""Note beside the vectors: record_versions() of the records whose texts all have one."""
SETTLED = "settled"
"""Note beside the vectors: settled_mark() when none was missing."""


def vector_folder() -> Path:
    """Where the vectors of all models are: they can be made again, so no backup has them."""
    return Path(settings.DATA) / "meaning"


def vectors_for(*, staff: bool) -> VectorFiles:
    """The vectors of what staff may see, or of what the public may."""
    return VectorFiles(vector_folder() / MODEL_KEY / ("staff" if staff else "public"))


def settled_mark() -> list[str]:
    """A mark that is another one after each change of a record, and after some of other things."""
    counted = CatalogueRecord.objects.aggregate(Count("pk"), Max("changed_at"), Max("pk"))
    # The moment of a change is from before it waited for its turn to write, so that it may be
    # earlier than that of another one that is stored already.
    return [digest_mark().digest, *(str(value) for value in counted.values())]


def record_versions() -> dict[str, str]:
    """Number of a record -> when it was last changed, both as JSON has them; oldest first."""
    rows = CatalogueRecord.objects.order_by("changed_at", "pk").values_list("pk", "changed_at")
    return {str(number): changed.isoformat() for number, changed in rows}


def vectors_are_complete() -> bool:
    """True if there is a vector of every text as it is now."""
    # Not by the mark, which is another one after changes of much else.
    return bool((vectors_for(staff=True).note(COMPLETE) or {}) == record_versions())
