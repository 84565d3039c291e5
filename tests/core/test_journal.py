"""A journal: what it says after a write that was cut short, and when several write at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from waymark.core import journal
from waymark.core.errors import RuleError


def append(path, *words, after=0):
    with journal.open_journal(path) as lines:
        return lines.append([{"word": word} for word in words], after=after)


def words(path):
    return [(entry["number"], entry["word"]) for entry in journal.read_journal(path)]


def test_there_are_no_lines_where_there_is_no_file(tmp_path):
    assert journal.read_journal(tmp_path / "journal") == []


def test_lines_are_numbered_and_kept_in_their_order(tmp_path):
    path = tmp_path / "journal"
    assert append(path, "a", "b") == 2
    assert append(path, "é") == 3
    assert words(path) == [(1, "a"), (2, "b"), (3, "é")]
    assert path.stat().st_mode & 0o777 == 0o600


def test_numbers_pass_those_that_were_lost_with_the_file(tmp_path):
    path = tmp_path / "journal"
    append(path, "a", after=7)
    append(path, "b", after=7)
    assert words(path) == [(8, "a"), (9, "b")]


def test_a_line_that_was_cut_short_was_never_written(tmp_path):
    path = tmp_path / "journal"
    append(path, "a")
    with path.open("a") as file:
        file.write('{"number": 2, "wo')
    assert words(path) == [(1, "a")]
    append(path, "c")
    assert words(path) == [(1, "a"), (2, "c")]


@pytest.mark.parametrize("line", ["x", "[]", '{"number": 1}', '{"number": "2"}', "{}", ""])
def test_a_line_that_cannot_be_read_is_named(tmp_path, line):
    path = tmp_path / "journal"
    append(path, "a")
    with path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(RuleError, match=r"journal, line 2 cannot be read: restore this file"):
        journal.read_journal(path)
    with pytest.raises(RuleError, match="line 2"):
        append(path, "b")


def test_many_writers_at_once_lose_no_line(tmp_path):
    path = tmp_path / "journal"
    with ThreadPoolExecutor(8) as writers:
        numbers = list(writers.map(lambda word: append(path, word), "abcdefghijklmnop"))
    assert sorted(numbers) == list(range(1, 17))
    assert sorted(word for _, word in words(path)) == list("abcdefghijklmnop")
