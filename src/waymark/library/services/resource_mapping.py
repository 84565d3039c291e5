"""Convert between the Resource model and ResourceDescription."""

from typing import Any

from waymark.library.catalogue.resource_description import FIELDS, ResourceDescription
from waymark.library.models import Resource


def description_of(resource: Resource) -> ResourceDescription:
    """The description of a stored resource."""
    values: dict[str, Any] = {name: getattr(resource, name) for name in FIELDS}
    return ResourceDescription(
        **values
        | {
            "authors": tuple(resource.authors),
            "author_bodies": tuple(resource.author_bodies),
            "key_points": tuple(resource.key_points),
            "editors": tuple(resource.editors),
            "keywords": tuple(resource.keywords),
            "contents": tuple((title, page) for title, page in resource.contents),
        }
    )


def as_stored(description: ResourceDescription) -> dict[str, Any]:
    """Model field -> value for a description: its tuples as JSON lists."""
    stored: dict[str, Any] = {name: getattr(description, name) for name in FIELDS}
    return stored | {
        "authors": list(description.authors),
        "author_bodies": list(description.author_bodies or ()),
        "key_points": list(description.key_points),
        "editors": list(description.editors),
        "keywords": list(description.keywords),
        "contents": [[title, page] for title, page in description.contents],
    }
