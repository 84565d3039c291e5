"""References of mixed origin are imported: each value is in the record, or said not to be."""

import pytest

from tests.factories import NOON
from tests.library.mixed_references import WRITERS, MixedReference, references
from waymark.library.exchange.formats import format_of, read_as
from waymark.library.models import Resource
from waymark.library.services.resource_mapping import as_stored, description_of
from waymark.pipeline.library.import_records import ImportOptions, import_reading

pytestmark = pytest.mark.django_db


def lost(number: int) -> list[str]:
    """What is neither in a record nor in a note about it, as "format: field: value"."""
    missing = []
    rows = list(references(number))
    for place, (format_name, write) in enumerate(WRITERS.items()):
        own = rows[place :: len(WRITERS)]
        content = write(own).encode()
        assert format_of("upload.txt", content) == format_name
        done = import_reading(
            by=None,
            reading=read_as(format_name, content),
            source="upload.txt",
            format_name=format_name,
            options=ImportOptions("research-report", include_similar=True),
            now=NOON,
        )
        notes = [str(entry) for entry in done.report["records"]]
        assert len(notes) == len(own), (format_name, done.report["faults"])
        for row, note in zip(own, notes, strict=True):
            missing += [f"{format_name}: {value}" for value in _lost_values(row, note)]
    return missing


def _lost_values(row: MixedReference, note: str) -> list[str]:
    stored = as_stored(description_of(Resource.objects.get(title=row.values["title"])))
    there = (" ".join(map(str, stored.values())) + note).casefold()
    return [
        f"{name} {value}"
        for name, value in {**row.values, "year": str(row.year)}.items()
        if value.casefold() not in there
    ]


def test_no_field_of_references_in_four_formats_is_lost_unsaid():
    assert lost(40) == []
    assert Resource.objects.count() == 40


@pytest.mark.soak
def test_no_field_of_2600_references_of_mixed_origin_is_lost_unsaid():
    assert lost(2_600) == []
    assert Resource.objects.count() == 2_600
