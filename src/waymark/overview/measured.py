"""What must be said of every overview, whichever tables it has: measured from its frozen rows.

All of it is about the process of review, so it is said under every disclosure profile. Pure.
"""

from dataclasses import dataclass

from waymark.coding.agreement import cohen_kappa, gwet_ac1
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.snapshot import AnsweredQuery, FrozenRows


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far two coders agreed, apart, on which codes reviews bear.

    units: a code of a review coded twice, each; agreed of them were judged alike. kappa, ac1: None
    where both gave every unit one same value.
    """

    units: int
    agreed: int
    kappa: float | None
    ac1: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Numbers of reviews.

    identified: asked for. missing: no report of them could be had. summary_only: of those counted,
    of which there is only an executive summary. excluded: obtained, and left out with a reason.
    unread: obtained and not left out, and not read and coded when the rows were frozen. counted.
    double_coded: of those counted. answered: the query that found them, where they were selected
    so.
    """

    identified: int
    missing: int
    excluded: int
    unread: int
    counted: int
    summary_only: int
    double_coded: int
    agreed: Agreed | None
    answered: AnsweredQuery | None


def measured(rows: FrozenRows, framework: FrameworkFile) -> Measured:
    """The facts of frozen rows. agreed is None where no review was coded twice."""
    reviews = rows.reviews
    obtained = [review for review in reviews if review.obtained]
    return Measured(
        identified=len(reviews),
        missing=len(reviews) - len(obtained),
        excluded=sum(bool(review.excluded) for review in obtained),
        unread=sum(not review.coded and not review.excluded for review in obtained),
        counted=len(rows.counted),
        summary_only=sum(review.counted and review.summary_only for review in reviews),
        double_coded=len(rows.double_coded),
        agreed=_agreed(rows, framework) if rows.double_coded else None,
        answered=rows.answered,
    )


def _agreed(rows: FrozenRows, framework: FrameworkFile) -> Agreed | None:
    """Over the themes for learning, or over all codes where there are none."""
    codes = [one.id for one in framework.codes if one.theme is not None]
    families = [
        with_descendants(framework, code)
        for code in codes or [one.id for one in framework.codes if one.parent is None]
    ]
    pairs = [
        (bool(twice.first.intersection(family)), bool(twice.second.intersection(family)))
        for twice in rows.double_coded
        for family in families
    ]
    if not pairs:
        return None
    first, second = ([str(pair[at]) for pair in pairs] for at in (0, 1))
    one_value = len({*first, *second}) < 2
    return Agreed(
        units=len(pairs),
        agreed=sum(a == b for a, b in pairs),
        kappa=None if one_value else cohen_kappa(first, second),
        ac1=None if one_value else gwet_ac1(first, second),
    )
