"""Making very many rows without looking for cycles in between."""

import gc

import pytest

from waymark.core.bulk import uncollected


def test_nothing_is_collected_inside_and_everything_is_as_before_after():
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_as_before_after_an_error_too():
    with pytest.raises(ValueError, match="stop"), uncollected():
        raise ValueError("stop")
    assert gc.isenabled()


def test_where_nothing_is_collected_anyway_it_stays_so():
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
