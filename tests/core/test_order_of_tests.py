"""The list of slow files, by which a run in several processes is ordered."""

from pathlib import Path

from tests.slowest import SLOWEST

TESTS = Path(__file__).resolve().parents[1]


def test_every_file_of_the_list_exists_and_is_in_it_once():
    assert [file for file in SLOWEST if not (TESTS / file).is_file()] == []
    assert len(set(SLOWEST)) == len(SLOWEST)
