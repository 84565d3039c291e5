"""Queries of the framework version in which each review is settled.

A review counts once, in its newest settled version. Example: an overview counts with 1.1.0; R01 is
settled in 1.0.0 and 1.1.0, and R02 in 1.0.0 alone. R01 is read from 1.1.0, R02 from 1.0.0 by the
mapping.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

from waymark.coding.models import AgreedCode
from waymark.core.evidence import CodeRow
from waymark.documents.models import Review
from waymark.documents.queries.reader import ReviewSelection
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import VersionLine
from waymark.frameworks.schema import version_number


class SettledVersions:
    """Which version of a line counts for each review, by primary keys."""

    def __init__(self, line: VersionLine, reviews: ReviewSelection) -> None:
        self._ranks: dict[int, int] | None = None
        # Frameworks with a single version, nearly all, need no query: each review counts in it.
        if len(line.versions) > 1:
            rank_of = {version: rank for rank, version in enumerate(line.versions)}
            settled = AgreedCode.objects.filter(
                code__framework__in=line.versions, review__in=reviews, superseded_at=None
            )
            self._ranks = {}
            pairs = settled.order_by().values_list("review", "code__framework").distinct()
            for review, version in pairs.iterator():
                rank = rank_of[version]
                self._ranks[review] = min(rank, self._ranks.get(review, rank))

    def counts(self, review: int, rank: int) -> bool:
        """True if a review counts in the version of a rank, 0 for the newest."""
        return self._ranks is None or self._ranks.get(review) == rank

    @property
    def earlier(self) -> dict[int, int]:
        """Review -> rank of its version, for reviews that are read from an earlier version."""
        return {review: rank for review, rank in (self._ranks or {}).items() if rank}


def joined_code_rows(rows: Iterable[CodeRow]) -> Iterator[CodeRow]:
    """Rows in order, with those of earlier codes that are read as one code joined into one."""
    for _, group in groupby(rows, key=lambda row: (row.review, row.code)):
        alike = list(group)
        present = [row for row in alike if row.present]
        row = (present or alike)[0]
        if len(present) > 1:
            places = {place for part in present for place in part.places}
            row = row._replace(places=tuple(sorted(places)))
        yield row


@dataclass(frozen=True, slots=True)
class SettledFrameworks:
    """The framework versions in which a review is settled, by primary key.

    superseded: those that no longer count for it, because a later version of the name does.
    """

    versions: Mapping[int, Framework]
    superseded: tuple[int, ...]


def settled_frameworks(review: Review) -> SettledFrameworks:
    """The framework versions in which a review is settled."""
    agreed = AgreedCode.objects.filter(review=review, superseded_at=None)
    settled = list(Framework.objects.filter(pk__in=agreed.values("code__framework")))
    settled.sort(key=lambda framework: version_number(framework.version))
    newest = {framework.name: framework.pk for framework in settled}
    superseded = (row.pk for row in settled if row.pk != newest[row.name])
    return SettledFrameworks({row.pk: row for row in settled}, tuple(superseded))


def counted_in(line: VersionLine) -> Q:
    """Condition on agreed codes: they are of the version of the line that counts for the review."""
    condition: Q = Q(code__framework=line.versions[0])
    for rank, version in enumerate(line.versions[1:], start=1):
        newer = AgreedCode.objects.filter(
            review=OuterRef("review"),
            superseded_at=None,
            code__framework__in=line.versions[:rank],
        )
        condition |= Q(~Exists(newer), code__framework=version)
    return condition


def read_as_code(line: VersionLine, code: str) -> Q:
    """Condition on agreed codes: they are read as a code of the newest version of a line."""
    alike = [pk for pk, (_, name) in line.codes.items() if name == code]
    return Q(code__in=alike) & counted_in(line)
