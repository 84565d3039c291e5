"""The search backend of this installation, chosen by WAYMARK_SEARCH_BACKEND."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from waymark.core.errors import ServiceUnavailable
from waymark.library.search.opensearch.backend import index_in_cluster
from waymark.library.search.opensearch.cluster import ClusterOptions
from waymark.library.search.protocol import SearchBackend


def search_backend() -> SearchBackend:
    """The configured search backend. The settings refuse an unknown name."""
    maker = import_string(settings.SEARCH_BACKENDS[settings.SEARCH_BACKEND])
    return cast(Callable[[Path], SearchBackend], maker)(settings.DATA / "index")


def index_is_ready() -> bool:
    """True if searches can be answered; False too while a cluster does not answer."""
    try:
        return search_backend().ready()
    except ServiceUnavailable:
        return False


def cluster_index(folder: Path) -> SearchBackend:
    """The index in the cluster that the settings name, which has no use for a folder."""
    return index_in_cluster(ClusterOptions(**settings.OPENSEARCH))
