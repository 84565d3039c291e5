"""Publications in the catalogue for tests, by their authors."""

from tests.factories import NOON
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource
from waymark.library.services.resources import add_resource


def catalogued(*authors: str, title: str = "A work", year: str = "2013") -> Resource:
    """A resource by these authors, not public yet."""
    description = ResourceDescription(
        title=title, kind="research-report", year=int(year), authors=authors
    )
    return add_resource(by=None, description=description, now=NOON)
