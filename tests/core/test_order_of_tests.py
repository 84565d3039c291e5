"""The lists of files: the slowest, which come first, and those that run on PostgreSQL too."""

from pathlib import Path

import pytest

from tests.slowest import SLOWEST

TESTS = Path(__file__).resolve().parents[1]
ON_POSTGRESQL = [
    line.removeprefix("tests/")
    for line in (TESTS / "on_postgresql.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize("files", [SLOWEST, ON_POSTGRESQL], ids=["slowest", "on PostgreSQL"])
def test_every_file_of_a_list_exists_and_is_in_it_once(files):
    assert [file for file in files if not (TESTS / file).is_file()] == []
    assert len(set(files)) == len(files)
