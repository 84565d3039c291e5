"""The only writers of the catalogue, one module for each subject."""

from waymark.library.services.indexing import (
    IndexProgress,
    catalogue_resource,
    catalogue_review,
    index_changed,
    mark_changed,
    rebuild_index,
)
from waymark.library.services.meaning import embed_some, store_gate
from waymark.library.services.public_words import answer_public_words
from waymark.library.services.records import (
    change_subjects,
    link_records,
    set_subjects,
    unlink_records,
)
from waymark.library.services.resources import (
    NewResource,
    add_resource,
    add_resources,
    change_resource,
    rename_resource,
    set_resource_state,
)
from waymark.library.services.reviews import (
    move_abstract_places,
    record_step,
    set_abstract_places,
    set_details,
    take_back_step,
)

__all__ = [
    "IndexProgress",
    "NewResource",
    "add_resource",
    "add_resources",
    "answer_public_words",
    "catalogue_resource",
    "catalogue_review",
    "change_resource",
    "change_subjects",
    "embed_some",
    "index_changed",
    "link_records",
    "mark_changed",
    "move_abstract_places",
    "rebuild_index",
    "record_step",
    "rename_resource",
    "set_abstract_places",
    "set_details",
    "set_resource_state",
    "set_subjects",
    "store_gate",
    "take_back_step",
    "unlink_records",
]
