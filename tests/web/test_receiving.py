"""The limit on a file while it is received: what is too large is dropped, not stored first."""

import pytest
from django.core.files.uploadhandler import SkipFile
from django.test import RequestFactory

from waymark.web.shared.upload_limits import SizeLimit


@pytest.fixture
def limit():
    handler = SizeLimit(RequestFactory().post("/"), largest=10, together=25)
    handler.new_file("files", "one.txt", "text/plain", None)
    return handler


def test_a_file_of_the_largest_size_is_received_whole(limit):
    assert limit.receive_data_chunk(b"123456", 0) == b"123456"
    assert limit.receive_data_chunk(b"7890", 6) == b"7890"
    assert limit.dropped == []


def test_a_file_of_one_byte_more_is_dropped_at_that_byte(limit):
    limit.receive_data_chunk(b"1234567890", 0)
    with pytest.raises(SkipFile):
        limit.receive_data_chunk(b"1", 10)
    assert [file.name for file in limit.dropped] == ["one.txt"]


def test_a_first_piece_that_is_too_large_is_dropped_at_once(limit):
    with pytest.raises(SkipFile):
        limit.receive_data_chunk(b"12345678901", 0)


def test_files_that_are_too_much_together_are_dropped_from_there_on(limit):
    for _ in range(2):
        limit.receive_data_chunk(b"1234567890", 0)
    assert limit.receive_data_chunk(b"12345", 0) == b"12345"
    with pytest.raises(SkipFile):
        limit.receive_data_chunk(b"1", 5)
    assert limit.is_exceeded
