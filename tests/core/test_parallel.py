"""Parts that are worked on by several processes: order, faults, memory."""

import os
from functools import partial
from threading import get_native_id

import pytest

from waymark.core.errors import RuleError
from waymark.core.parallel import AHEAD, LOW_PRIORITY, at_low_priority, in_parallel


def squared(number):
    return number * number


def process_of(_part):
    return os.getpid()


def refuse(number):
    if number == 2:
        raise RuleError("part 2 is wrong")
    return number


def numbers_taken_from(taken):
    for number in range(100):
        taken.append(number)
        yield number


def test_results_come_in_the_order_of_the_parts():
    assert list(in_parallel(squared, range(9), processes=2)) == [0, 1, 4, 9, 16, 25, 36, 49, 64]


def test_the_work_is_done_by_other_processes_and_with_one_process_here():
    assert os.getpid() not in set(in_parallel(process_of, range(4), processes=2))
    assert set(in_parallel(process_of, range(4), processes=1)) == {os.getpid()}


def test_no_more_parts_are_taken_than_are_worked_ahead():
    taken = []
    results = in_parallel(squared, numbers_taken_from(taken), processes=2)
    assert next(results) == 0
    assert len(taken) == 2 * AHEAD
    assert next(results) == 1
    assert len(taken) == 2 * AHEAD + 1
    results.close()


@pytest.mark.parametrize("processes", [1, 2])
def test_a_part_that_fails_ends_the_work_with_its_error(processes):
    results = in_parallel(partial(refuse), range(5), processes=processes)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(RuleError, match="part 2 is wrong"):
        next(results)


def test_long_work_has_a_low_priority_and_what_follows_it_has_not():
    def niceness():
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    before = niceness()
    assert (at_low_priority(niceness), niceness()) == (max(before, LOW_PRIORITY), before)
    with pytest.raises(RuleError, match="part 2 is wrong"):
        at_low_priority(lambda: refuse(2))
