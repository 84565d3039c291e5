"""The data quality of every overview, whichever tables it has, is measured from its rows."""

from dataclasses import replace

import pytest

from tests.overview.small import FRAMEWORK, rows
from waymark.overview.tables.data_quality import data_quality


def test_what_could_not_be_had_and_what_was_not_read_are_counted():
    quality = data_quality(rows(), FRAMEWORK)
    assert (quality.identified, quality.missing, quality.excluded, quality.unread) == (7, 1, 1, 1)
    assert (quality.counted, quality.summary_only, quality.double_coded) == (4, 0, 2)


def test_reviews_of_which_there_is_only_a_summary_are_counted_where_they_count():
    reviews = [
        replace(review, summary_only=review.reference in {"A1", "A6"}) for review in rows().reviews
    ]
    assert data_quality(replace(rows(), reviews=tuple(reviews)), FRAMEWORK).summary_only == 1


def test_codes_are_counted_once_however_many_reviews_have_them():
    quality = data_quality(rows(), FRAMEWORK)
    present = {row.code for row in rows().codes if row.present}
    assert (quality.codes, quality.codes_applied) == (len(FRAMEWORK.codes), len(present))
    assert quality.codes_applied < sum(row.present for row in rows().codes)


def test_agreement_is_measured_over_the_themes():
    """A1: visits by both. A2: visits and letters by one, letters by the other. 3 of 4 alike;
    by chance 3/4 * 2/4 + 1/4 * 2/4 = 1/2, so kappa is (3/4 - 1/2) / (1/2), and so it is within
    codes. AC1 within codes: (3 - 7/4) / (4 - 7/4)."""
    quality = data_quality(rows(), FRAMEWORK).agreed
    assert (quality.units, quality.agreed) == (4, 3)
    assert quality.kappa == quality.pooled == pytest.approx(0.5)
    assert quality.ac1 == pytest.approx(5 / 9)


def test_where_no_review_was_coded_twice_agreement_is_not_known():
    assert data_quality(replace(rows(), double_coded=()), FRAMEWORK).agreed is None


def test_where_both_gave_one_value_alone_kappa_is_not_known():
    twice = tuple(
        replace(item, first=frozenset(), second=frozenset()) for item in rows().double_coded
    )
    quality = data_quality(replace(rows(), double_coded=twice), FRAMEWORK).agreed
    assert (quality.units, quality.agreed, quality.kappa, quality.pooled) == (4, 4, None, None)
