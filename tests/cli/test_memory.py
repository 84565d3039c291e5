"""A command that ends for want of memory says so, and does not call it a fault of its own."""

import json

import pytest

from waymark.cli.errors import report_errors
from waymark.cli.reports import _exit_if_refused
from waymark.core.errors import FileRefused, NotEnoughMemory


@pytest.mark.parametrize(
    "error", [MemoryError(), ImportError("a.so: failed to map segment from shared object")]
)
def test_too_little_memory_is_named_as_such(error, capsys):
    with pytest.raises(SystemExit) as ended, report_errors(as_json=False):
        raise error
    assert ended.value.code == 3
    assert capsys.readouterr().err == (
        "waymark: there is not enough free memory: close other programs and try again\n"
    )


def test_a_file_for_which_memory_ran_out_is_no_refused_file(capsys):
    with pytest.raises(SystemExit) as ended, report_errors(as_json=True):
        raise NotEnoughMemory("a.pdf", "needs more than 300 MiB of memory to read")
    error = json.loads(capsys.readouterr().out)["error"]
    assert (ended.value.code, error["kind"], error["file"]) == (3, "memory", "a.pdf")
    assert error["remedy"].startswith("The file may be sound")


def test_an_ingest_that_lacked_memory_ends_as_failed():
    damaged = FileRefused("b.pdf", "is damaged", "Ask for another copy")
    lacking = NotEnoughMemory("a.pdf", "could not be read")
    for refused, code in (([damaged], 1), ([damaged, lacking], 3)):
        with pytest.raises(SystemExit) as ended:
            _exit_if_refused(refused)
        assert ended.value.code == code
    _exit_if_refused([])
