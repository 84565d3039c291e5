"""The vectors of this installation: a folder for staff and one for the public, of one model."""

from django.db.models import Count, Max

from waymark.library.meaning.embedder import MODEL_SHA256
from waymark.library.meaning.vectors import VectorFiles
from waymark.library.models import CatalogueRecord
from waymark.library.queries.meaning import vector_folder

MODEL_KEY = MODEL_SHA256[:12]
SETTLED = "settled"
"""Note beside the vectors: settled_mark() when none was missing."""


def vectors_for(*, staff: bool) -> VectorFiles:
    """The vectors of what staff may see, or of what the public may."""
    return VectorFiles(vector_folder() / MODEL_KEY / ("staff" if staff else "public"))


def settled_mark() -> list[str]:
    """A mark that is another one after each change of a record."""
    counted = CatalogueRecord.objects.aggregate(Count("pk"), Max("changed_at"), Max("pk"))
    return [str(value) for value in counted.values()]


def vectors_are_complete() -> bool:
    """True if there is a vector of every text as it is now."""
    return bool(vectors_for(staff=True).note(SETTLED) == settled_mark())
