"""Which engine the installation uses: the embedded one, in the data folder."""

from django.conf import settings

from waymark.library.search import SearchBackend
from waymark.library.search.tantivy import index_in


def engine() -> SearchBackend:
    """The search engine of this installation."""
    return index_in(settings.DATA / "index")
