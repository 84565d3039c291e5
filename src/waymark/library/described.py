"""Between a row of Resource and its description."""

from typing import Any

from waymark.library.description import FIELDS, Description
from waymark.library.models import Resource


def description_of(resource: Resource) -> Description:
    """What people wrote about a resource, as it is stored."""
    said: dict[str, Any] = {name: getattr(resource, name) for name in FIELDS}
    return Description(
        **said
        | {
            "authors": tuple(resource.authors),
            "key_points": tuple(resource.key_points),
            "contents": tuple((title, page) for title, page in resource.contents),
        }
    )


def as_stored(said: Description) -> dict[str, Any]:
    """Field -> value as the row keeps it."""
    stored: dict[str, Any] = {name: getattr(said, name) for name in FIELDS}
    return stored | {
        "authors": list(said.authors),
        "key_points": list(said.key_points),
        "contents": [[title, page] for title, page in said.contents],
    }
