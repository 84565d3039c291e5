"""The data-quality statement of every overview, whichever tables it has. Pure.

All of it is about the process of review, so it is shown under every disclosure profile.
"""

from dataclasses import dataclass

from waymark.coding.agreement import cohen_kappa, gwet_ac1
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.snapshot.rows import AnsweredQuery, FrozenRows, SuggesterUse


@dataclass(frozen=True, slots=True)
class CoderAgreement:
    """Agreement of two coders, who worked independently, on the codes of reviews.

    units: one for each code of each review coded twice; agreed: number of them judged alike. kappa,
    ac1: None if both coders gave every unit the same value.
    """

    units: int
    agreed: int
    kappa: float | None
    ac1: float | None


@dataclass(frozen=True, slots=True)
class DataQuality:
    """Numbers of reviews at each step from selection to counting.

    identified: selected. missing: no report was available. excluded: obtained, and left out with a
    reason. unread: obtained and not excluded, but not coded when the rows were frozen. Of those
    counted, summary_only have only an executive summary and double_coded were coded twice.
    codes, codes_applied: of the framework, and those found in a counted review. earlier: earlier
    versions of the framework with the number of counted reviews that were coded with each.
    answered: the query by which reviews were selected, if any. suggesters: programs that suggested
    codes for the reviews counted.
    """

    identified: int
    missing: int
    excluded: int
    unread: int
    counted: int
    summary_only: int
    double_coded: int
    codes: int
    codes_applied: int
    earlier: tuple[tuple[str, int], ...]
    agreed: CoderAgreement | None
    answered: AnsweredQuery | None
    suggesters: tuple[SuggesterUse, ...] = ()


def data_quality(rows: FrozenRows, framework: FrameworkFile) -> DataQuality:
    """The data quality of frozen rows. agreed is None if no review was coded twice."""
    reviews = rows.reviews
    obtained = [review for review in reviews if review.obtained]
    return DataQuality(
        identified=len(reviews),
        missing=len(reviews) - len(obtained),
        excluded=sum(bool(review.excluded) for review in obtained),
        unread=sum(not review.coded and not review.excluded for review in obtained),
        counted=len(rows.counted),
        summary_only=sum(review.counted and review.summary_only for review in reviews),
        double_coded=len(rows.double_coded),
        codes=len(framework.codes),
        codes_applied=len({row.code for row in rows.codes if row.present}),
        earlier=rows.earlier,
        agreed=_coder_agreement(rows, framework) if rows.double_coded else None,
        answered=rows.answered,
        suggesters=rows.suggesters,
    )


def _coder_agreement(rows: FrozenRows, framework: FrameworkFile) -> CoderAgreement | None:
    """Agreement over the themes for learning; over all top codes if there are no themes."""
    themes = [code for code in framework.codes if code.theme is not None]
    codes = themes or [code for code in framework.codes if code.parent is None]
    families = [with_descendants(framework, code.id) for code in codes]
    # One pair for each code and review: whether either coder found the code or one below it. With 2
    # themes and 3 reviews coded twice there are 6 units.
    pairs = [
        (bool(twice.first.intersection(family)), bool(twice.second.intersection(family)))
        for twice in rows.double_coded
        for family in families
    ]
    if not pairs:
        return None
    # pairs [(True, True), (True, False)] become first ["True", "True"] and second ["True",
    # "False"]: of 2 units 1 is agreed. The statistics compare texts, as they do for judged values.
    first, second = ([str(pair[at]) for pair in pairs] for at in (0, 1))
    # If both coders said yes everywhere, chance alone would agree as well.
    one_value = len({*first, *second}) < 2
    return CoderAgreement(
        units=len(pairs),
        agreed=sum(a == b for a, b in pairs),
        kappa=None if one_value else cohen_kappa(first, second),
        ac1=None if one_value else gwet_ac1(first, second),
    )
