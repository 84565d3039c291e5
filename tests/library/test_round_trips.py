"""Records with hard names, through every format and back, field by field."""

import pytest
from hypothesis import given, settings

from tests.library.records_made import FORMATS, differences, records
from waymark.library.exchange.formats import format_of
from waymark.library.exchange.writers import WRITINGS


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=30)
@given(record=records())
def test_every_field_comes_back_as_it_was(ending, record):
    assert differences(ending, record) == {}


@pytest.mark.soak
@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=1_000)
@given(record=records())
def test_every_field_of_a_thousand_records_comes_back_as_it_was(ending, record):
    assert differences(ending, record) == {}


@pytest.mark.parametrize("ending", FORMATS)
@settings(max_examples=10)
@given(record=records())
def test_a_file_of_ours_is_known_by_its_content(ending, record):
    assert format_of("x", WRITINGS[ending].write([record])) == FORMATS[ending]
