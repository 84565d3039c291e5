"""Rates, comparators and pooled periods of counts beside figures of a population."""

import pandas as pd
import pytest

from tests.indicators.invented import SLUG, imported, published
from waymark.api import indicator_values, pooled_periods, protect_frame, rates, with_comparator
from waymark.core.errors import NotFound, RuleError

AGES = ["Under 1", "1 to 5", "6 to 10", "11 to 15"]


def test_a_rate_has_its_base_and_says_how_far_it_can_be_relied_on():
    """12 / 48,000 is 25 in 100,000; 30 / 160,000 is 18.75, halves up; 2 events are too few."""
    counts = pd.Series([12, 30, 2, 0], index=AGES)
    made = rates(counts, pd.Series([48_000, 160_000, 150_000, 140_000], index=AGES))
    assert made["rate"].tolist()[:2] == [25.0, 18.8]
    assert made["mark"].tolist() == ["[u]", "", "[x]", "[u]"]
    assert pd.isna(made["rate"].iloc[2])
    assert made["rate"].iloc[3] == 0
    assert made["base"].tolist() == [48_000, 160_000, 150_000, 140_000]
    assert made.attrs["per"] == 100_000
    assert rates(counts, pd.Series(48_000, index=AGES), per=1_000)["rate"].iloc[0] == 0.3


def test_a_withheld_count_has_no_rate_and_a_missing_base_none():
    made = rates(
        pd.Series(["[c]", 4, 5, 6], index=AGES), pd.Series([9_000, None, 0, "[x]"], index=AGES)
    )
    assert made["mark"].tolist() == ["[c]", "[x]", "[z]", "[x]"]
    assert made["rate"].isna().all()


def test_a_protected_table_gives_rates_with_its_marks():
    counts = pd.Series([2, 3, 40, 30], index=AGES)
    protected = protect_frame(counts, k=3).table
    base = pd.Series([10_000] * 4 + [40_000], index=[*AGES, "All"])
    made = rates(protected, base)
    assert made["mark"].tolist() == ["[c]", "[c]", "", "", ""]
    assert made["rate"].tolist()[2:] == [400.0, 300.0, 187.5]


def test_a_comparator_stands_beside_shares_and_is_divided_by_nothing():
    """6, 8, 6, 4 of 24 and 700, 3,000, 3,500, 2,800 of 10,000."""
    made = with_comparator(
        pd.Series([6, 8, 6, 4], index=AGES), pd.Series([700, 3000, 3500, 2800], index=AGES)
    )
    assert made["percent"].tolist() == [25, 33, 25, 17]
    assert made["comparator_percent"].tolist() == [7, 30, 35, 28]
    assert list(made.columns) == ["count", "percent", "comparator", "comparator_percent"]
    small = with_comparator(
        pd.Series([2, 3], index=["a", "b"]), pd.Series([1, 999], index=["a", "b"])
    )
    assert small["percent"].tolist() == ["[x]", "[x]"]
    assert small["comparator_percent"].tolist() == ["[low]", 100]
    hidden = with_comparator(
        pd.Series(["[c]", 30], index=["a", "b"]), pd.Series([1, 999], index=["a", "b"])
    )
    assert hidden["percent"].tolist() == ["[x]", "[x]"]


def test_years_are_pooled_into_periods_that_do_not_overlap():
    """As in the overview of the demo: 2, 3, 5, 5, 4, 5 reviews in 2003 to 2008."""
    years = pd.Series([2, 3, 5, 5, 4, 5], index=range(2003, 2009), name="reviews")
    pooled = pooled_periods(years)
    assert pooled.to_dict() == {"2003 to 2005": 10, "2006 to 2008": 14}
    assert pooled.attrs["left_out"] == []
    assert pooled_periods(years, years=4).to_dict() == {"2003 to 2006": 15}
    assert pooled_periods(years, years=4).attrs["left_out"] == [2007, 2008]
    population = pooled_periods(pd.Series(400_000, index=range(2003, 2009)))
    assert rates(pooled, population)["rate"].tolist() == [0.8, 1.2]  # 10 of 1.2 million


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: pooled_periods(pd.Series([1, 2], index=[2003, 2005])), "2005 follows 2003"),
        (lambda: pooled_periods(pd.Series(["[c]", 2], index=[2003, 2004])), "is not a number"),
        (lambda: pooled_periods(pd.Series([1, 2], index=[2003, 2004])), "2 years are too few"),
        (lambda: pooled_periods(pd.Series([1, 2], index=[2003, 2004]), years=1), "from 2"),
        (
            lambda: rates(pd.Series([5], index=["Under 1"]), pd.Series([9], index=["Under1"])),
            "the base has no Under 1; did you mean Under1",
        ),
        (lambda: rates(pd.Series([5], index=["a"]), pd.Series([4], index=["a"])), "5 is more than"),
        (lambda: rates(pd.Series([5.5], index=["a"]), pd.Series([9], index=["a"])), "only whole"),
        (lambda: rates([5], pd.Series([9])), "counts must be a Series of pandas, not list"),
        (
            lambda: rates(pd.Series([5], index=["a"]), pd.Series([9, 9], index=["a", "a"])),
            "the base has a twice",
        ),
    ],
)
def test_what_would_give_a_wrong_figure_is_refused(act, message):
    with pytest.raises(RuleError, match=message):
        act()


@pytest.mark.django_db
def test_the_values_of_a_published_indicator_are_a_base(settings):
    """England has 900 plans in 2024 and 1,020 in 2025; a draft is nobody's base."""
    imported()
    with pytest.raises(NotFound, match="there is no indicator"):
        indicator_values(SLUG)
    published()
    values = indicator_values(SLUG)
    england = values[(values["area"] == "England") & (values["measure"] == "plans-at31")]
    base = england.set_index("period_end")["value"]
    assert base.to_dict() == {"2024-03-31": 900, "2025-03-31": 1020}
    made = rates(pd.Series({"2025-03-31": 51}), base, per=1_000)
    assert made["rate"].tolist() == [50.0]
