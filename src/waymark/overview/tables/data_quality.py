"""The data-quality statement of every overview, whichever tables it has. Pure.

All of it is about the process of review, so it is shown under every disclosure profile.
"""

from dataclasses import dataclass

from waymark.coding.agreement import cohen_kappa
from waymark.frameworks.families import with_descendants
from waymark.frameworks.schema import FrameworkFile
from waymark.overview.snapshot.rows import AnsweredQuery, FrozenRows, SuggesterUse
from waymark.overview.tables.agreement import code_ratings, within_codes


@dataclass(frozen=True, slots=True)
class CoderAgreement:
    """Agreement of two coders, who worked independently, on the codes of reviews.

    units: one for each code of each review coded twice; agreed: number of them judged alike. kappa,
    ac1: within codes, with the chance of each code apart; pooled: kappa as if all codes were one.
    kappa, pooled: None if both coders gave every unit the same value.
    """

    units: int
    agreed: int
    kappa: float | None
    pooled: float | None
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
    if not families:
        return None
    # With 2 themes and 3 reviews coded twice there are 6 units.
    coded, pooled = code_ratings(list(zip(codes, families, strict=True)), rows.double_coded)
    first, second = pooled.first, pooled.second
    kappa, ac1 = within_codes(coded)
    return CoderAgreement(
        units=len(first),
        agreed=sum(a == b for a, b in zip(first, second, strict=True)),
        kappa=kappa.together,
        pooled=cohen_kappa(first, second) if pooled.defines(cohen_kappa) else None,
        ac1=ac1.together,
    )
