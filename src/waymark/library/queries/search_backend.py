"""The search backend of this installation, chosen by WAYMARK_SEARCH_BACKEND."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from waymark.library.search.protocol import SearchBackend


def search_backend() -> SearchBackend:
    """The configured search backend. The settings refuse an unknown name."""
    maker = import_string(settings.SEARCH_BACKENDS[settings.SEARCH_BACKEND])
    return cast(Callable[[Path], SearchBackend], maker)(settings.DATA / "index")
