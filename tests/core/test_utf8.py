"""Files that people write are UTF-8, or refused with the line and the byte."""

import pytest

from waymark.core.errors import SpecError
from waymark.core.utf8 import decode_utf8, read_utf8


def faults(content):
    with pytest.raises(SpecError) as refusal:
        decode_utf8(content, file="first.yaml")
    return [str(fault) for fault in refusal.value.faults]


def test_a_latin_1_byte_is_refused_with_its_line_its_place_and_the_remedy():
    (fault,) = faults("children:\n- name: Child Zoë\n".encode("latin-1"))
    assert fault == (
        "line 2: byte 0xEB (perhaps ë) at character 17 is not UTF-8: save the file as UTF-8 and"
        " try again"
    )


def test_every_line_that_is_not_utf_8_is_named():
    content = "é\r\nplain\r\nü é\r\n".encode("latin-1")
    assert [fault.split(": ")[0] for fault in faults(content)] == ["line 1", "line 3"]


def test_a_place_is_counted_in_characters_not_in_bytes():
    assert "at character 5 " in faults("Zoë ".encode() + b"\xeb")[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_a_utf_16_file_is_called_so(encoding):
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    (fault,) = faults(mark + "format: x".encode(encoding))
    assert fault == "line 1: the file is UTF-16, not UTF-8: save the file as UTF-8 and try again"


def test_line_ends_of_any_system_are_read_alike(tmp_path):
    (tmp_path / "a.yaml").write_bytes("a: ö\r\nb: 2\rc: 3\n".encode())
    assert read_utf8(tmp_path / "a.yaml") == "a: ö\nb: 2\nc: 3\n"
