"""The search backend of this installation, chosen by WAYMARK_SEARCH_BACKEND."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from waymark.library.search.protocol import SearchBackend
from waymark.library.search.tantivy.backend import index_in

BACKENDS: dict[str, Callable[[Path], SearchBackend]] = {"tantivy": index_in}
"""Name -> maker of the backend, given the folder where it may keep files."""


def search_backend() -> SearchBackend:
    """The configured search backend. Raises ImproperlyConfigured for an unknown name."""
    name = settings.SEARCH_BACKEND
    if name not in BACKENDS:
        known = ", ".join(BACKENDS)
        raise ImproperlyConfigured(
            f"WAYMARK_SEARCH_BACKEND is {name!r}, but the known search backends are: {known}"
        )
    return BACKENDS[name](settings.DATA / "index")
