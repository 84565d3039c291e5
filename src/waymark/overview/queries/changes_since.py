"""Changes to the reviews of a snapshot after it was frozen, by which it is out of date.

A snapshot is a copy and does not change. The publishing stage decides if it may still be shown.
"""

from collections.abc import Iterable

from django.db.models import Q

from waymark.accounts.models import State
from waymark.coding.models import AgreedCode
from waymark.coding.queries import agreed_codes
from waymark.core.evidence import CodeRow, JudgementRow
from waymark.documents.models import Review
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import version_line
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import counted_reviews, frozen_rows
from waymark.profiles.models import AgreedJudgement
from waymark.profiles.queries import agreed_judgements

GONE = (State.WITHDRAWN, State.EXPIRED)
AgreedLayer = set[JudgementRow | CodeRow]


def gone_since(snapshot: Snapshot) -> list[str]:
    """References of reviews in a snapshot that have been withdrawn or have expired since."""
    withdrawn = Review.objects.filter(reference__in=counted_reviews(snapshot), state__in=GONE)
    return sorted(withdrawn.values_list("reference", flat=True))


def agreed_anew_since(snapshot: Snapshot) -> list[str]:
    """References of reviews in a snapshot whose agreed coding is different now.

    Coding that was reopened and then agreed as before counts as unchanged.
    """
    framework, counted = snapshot.overview.framework, counted_reviews(snapshot)
    versions = version_line(framework).versions
    # A review that was read from an earlier version may have been settled in the newer one since.
    anew = Q(superseded_at__gt=snapshot.taken_at) | Q(decided_at__gt=snapshot.taken_at)
    codes = AgreedCode.objects.filter(anew, code__framework__in=versions)
    values = AgreedJudgement.objects.filter(anew, variable__framework__in=versions, adult=None)
    changed = {
        reference
        for rows in (codes, values)
        for reference in rows.order_by().values_list("review__reference", flat=True).distinct()
    }
    changed &= counted
    if not changed:
        return []
    then, now = _frozen_of(snapshot, changed), _agreed_of(framework, changed)
    return sorted(reference for reference in changed if then[reference] != now[reference])


def _frozen_of(snapshot: Snapshot, references: set[str]) -> dict[str, AgreedLayer]:
    rows = frozen_rows(snapshot)
    return _by_review(references, rows.judgements, rows.codes)


def _agreed_of(framework: Framework, references: set[str]) -> dict[str, AgreedLayer]:
    reviews = Review.objects.filter(reference__in=references).order_by()
    values, codes = agreed_judgements(framework, reviews), agreed_codes(framework, reviews)
    return _by_review(references, values, codes)


def _by_review(
    references: set[str], values: Iterable[JudgementRow], codes: Iterable[CodeRow]
) -> dict[str, AgreedLayer]:
    layers: dict[str, AgreedLayer] = {reference: set() for reference in references}
    for value in values:
        if value.review in layers:
            layers[value.review].add(value)
    for code in codes:
        if code.review in layers:
            layers[code.review].add(code)
    return layers
