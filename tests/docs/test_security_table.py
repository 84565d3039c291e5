"""docs/security.md: every requirement of level 1 has a row, every row its test or its reason."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([123]) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
RESULTS = {"met", "part", "not met", "not applicable"}
LEVEL_1 = """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1
3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2
6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.3.1 6.3.2 6.4.1 6.4.2
7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1
11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1 15.3.1
"""
"""Requirements of level 1 in ASVS 5.0, without V10 (OAuth) and V17 (WebRTC)."""


def rows():
    return ROW.findall((ROOT / "docs" / "security.md").read_text("utf-8"))


def test_every_requirement_of_level_1_has_one_row():
    numbers = [number for number, *_ in rows()]
    assert len(numbers) == len(set(numbers)) >= 96
    assert [number for number, level, *_ in rows() if level == "1"] == LEVEL_1.split()


def test_every_row_has_a_result_and_its_test_or_reason():
    for number, _, _, result, why in rows():
        assert result in RESULTS, number
        for path in re.findall(r"`((?:tests|docs|src|deploy)/[\w./-]+)`", why):
            assert (ROOT / path).exists(), (number, path)
        # What is missing needs more than a word.
        assert len(why) >= (40 if result in {"part", "not met"} else 3), number


def test_nothing_of_level_1_is_not_met():
    assert [row for row in rows() if row[1] == "1" and row[3] == "not met"] == []


def test_the_table_says_how_many_rows_it_has():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert f"in short words of our own: {len(rows())} rows." in text
