"""The only writers of the catalogue, one module for each thing that is written."""

from waymark.library.services.indexing import (
    Indexed,
    catalogue_resource,
    catalogue_review,
    index_changed,
    mark_changed,
    rebuild_index,
)

__all__ = [
    "Indexed",
    "catalogue_resource",
    "catalogue_review",
    "index_changed",
    "mark_changed",
    "rebuild_index",
]
