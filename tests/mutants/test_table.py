"""The table of broken rules fits the source and the tests of today; script/mutants runs it."""

import pytest

from tests.mutants.table import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.rule for mutant in MUTANTS])
def test_a_break_fits_one_place_of_the_source_and_has_a_test(mutant):
    assert mutant.why_stale() == ""
    assert mutant.instead != mutant.text


def test_every_rule_is_broken_once():
    rules = [mutant.rule for mutant in MUTANTS]
    assert len(set(rules)) == len(rules) >= 60
