"""Query of the reviews that two people coded independently."""

from collections import defaultdict

from waymark.coding.models import Assignment, Coding
from waymark.coding.settled_versions import SettledVersions
from waymark.core.evidence import DoubleCoded
from waymark.documents.queries.reader import ReviewSelection
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import version_line


def double_coded(framework: Framework, reviews: ReviewSelection) -> list[DoubleCoded]:
    """Independent codes of the first two coders of each double-coded review, by reference."""
    # Later coders may have been asked because the first two differed, and would not be independent
    # of that: where the first is reopened, the review is not double-coded until they finish again.
    line = version_line(framework)
    settled = SettledVersions(line, reviews)
    rank_of = {version: rank for rank, version in enumerate(line.versions)}
    done = Assignment.objects.filter(
        framework__in=line.versions,
        review__in=reviews,
        finished_at__isnull=False,
        position__lte=2,
    ).order_by("review__reference", "position")
    coders: dict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    rows = done.values_list("review", "review__reference", "coder", "framework")
    for review, reference, coder, version in rows:
        if settled.counts(review, rank_of[version]):
            coders[review].append(coder)
            names[review] = reference
    twice = [review for review, finished in coders.items() if len(finished) >= 2]
    used: dict[tuple[int, int], set[str]] = defaultdict(set)
    current = Coding.objects.filter(
        report__review__in=twice, code__framework__in=line.versions, superseded_at=None
    )
    # Without order_by() Django adds the columns of Meta.ordering to SELECT DISTINCT, and every row
    # is distinct again.
    codes = current.order_by().values_list("report__review", "coder", "code").distinct()
    for review, coder, code in codes.iterator():
        rank, code_id = line.codes[code]
        if settled.counts(review, rank):
            used[review, coder].add(code_id)
    return [
        DoubleCoded(
            names[review],
            frozenset(used[review, coders[review][0]]),
            frozenset(used[review, coders[review][1]]),
        )
        for review in twice
    ]
