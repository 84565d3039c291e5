"""Mark of the state of the library, under which its numbers are cached."""

from datetime import datetime

from waymark.accounts.content_state import ContentMark, content_mark
from waymark.accounts.permissions import Actor
from waymark.documents.models import Report, Review
from waymark.library.models import Resource, unindexed_records


def library_mark(person: Actor, now: datetime) -> ContentMark:
    """The mark of all reviews, reports and resources that a person may see."""
    return content_mark(person, now, Review, Report, Resource)


def index_mark(person: Actor, now: datetime) -> ContentMark | None:
    """The mark for numbers that are counted by the search index.

    None while a record waits to be indexed: the index then follows the library only later, so its
    numbers must not be cached.
    """
    mark = library_mark(person, now)
    return None if unindexed_records().exists() else mark
