"""What answers cite: each citation is checked as the public sees it, because the asker is one."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from waymark.core.errors import NotFound, RuleError
from waymark.documents.queries.reader import cited_place
from waymark.enquiries.citation_marks import CitationMark, marks_in
from waymark.library.queries.resources import resource_for
from waymark.library.queries.reviews import open_review
from waymark.publishing.queries import published_edition, table_of

PUBLIC = AnonymousUser()


@dataclass(frozen=True, slots=True)
class ResolvedCitation:
    """A citation of an answer. path: of its page on this site."""

    number: int
    kind: str
    key: str
    label: str
    path: str


def resolve_marks(text: str, now: datetime) -> tuple[ResolvedCitation, ...]:
    """The citations of an answer, numbered. Raises RuleError for what the public cannot see."""
    resolved = []
    for number, mark in enumerate(marks_in(text), start=1):
        try:
            label, path = _RESOLVERS[mark.kind](mark.key, now)
        except NotFound as error:
            raise RuleError(
                f"{mark} is nothing that the asker can see: take the citation out, or choose "
                "another"
            ) from error
        resolved.append(ResolvedCitation(number, mark.kind, mark.key, label[:500], path))
    return tuple(resolved)


def _passage(key: str, now: datetime) -> tuple[str, str]:
    place = cited_place(key, PUBLIC, now)
    return f"{place.report.title}, page {place.page}", reverse("passage", args=[key])


def _record(key: str, now: datetime) -> tuple[str, str]:
    try:
        review = open_review(key, PUBLIC, now)
    except NotFound:
        resource = resource_for(key, PUBLIC, now)
        return resource.title, reverse("resource", args=[resource.key])
    return review.title, reverse("review", args=[review.reference])


def _table(key: str, now: datetime) -> tuple[str, str]:
    slug, _, name = key.partition(" ")
    edition = published_edition(slug)
    table = table_of(edition, name)
    return f"{table.table.title} (Table {name.removeprefix('T')})", reverse(
        "overview-table", args=[slug, name]
    )


_RESOLVERS = {"passage": _passage, "record": _record, "table": _table}


def mark_for(kind: str, key: str) -> str:
    """The mark of a citation."""
    return str(CitationMark(kind, key))
