"""A command that ends for want of memory says so, and does not call it a fault of its own."""

import pytest

from waymark.cli.errors import report_errors


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
