"""Making very many rows without looking for cycles in between."""

import gc

import pytest

from waymark.core import gc_pause
from waymark.core.gc_pause import gc_paused


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    gc.unfreeze()


def test_nothing_is_collected_inside_and_everything_is_as_before_after():
    with gc_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_as_before_after_an_error_too():
    with pytest.raises(ValueError, match="stop"), gc_paused():
        raise ValueError("stop")
    assert gc.isenabled()


def test_where_nothing_is_collected_anyway_it_stays_so():
    with gc_paused():
        with gc_paused():
            pass
        assert not gc.isenabled()


def test_what_was_made_in_great_numbers_is_left_out_of_later_searches(monkeypatch):
    monkeypatch.setattr(gc_pause, "MANY", 1_000)
    before = gc.get_freeze_count()
    with gc_paused():
        few = [[] for _ in range(10)]
    assert (gc.get_freeze_count(), len(few)) == (before, 10)
    with gc_paused():
        many = [[] for _ in range(2_000)]
    assert gc.get_freeze_count() - before >= len(many)
