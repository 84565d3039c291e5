"""The texts of records that can be found by meaning, with who may find them from when.

They are the passages of reports, and of each record its title and summary. Who may see them is
decided as for the index of words: review_documents.py, resource_documents.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from waymark.accounts.visibility import OPEN_TO_STAFF
from waymark.documents.models import Passage, PassageKind, Report, ReportText
from waymark.library.indexing.embargo import ALREADY_PUBLIC, later_opening, opening_of
from waymark.library.meaning.vectors import VectorRow, text_hash
from waymark.library.models import CatalogueRecord
from waymark.library.queries.meaning import description_text
from waymark.library.search.index_values import microseconds

SHORTEST = 20
"""Characters: a shorter passage has too little meaning to be like another."""


@dataclass(frozen=True, slots=True)
class MeaningTexts:
    """Texts of records. staff, public: the rows that each may find; texts: by their hash."""

    staff: tuple[VectorRow, ...]
    public: tuple[VectorRow, ...]
    texts: dict[bytes, str]


def meaning_texts(records: Sequence[int], now: datetime) -> MeaningTexts:
    """The texts of records, by their numbers; a record that nobody may see has none."""
    collected = _CollectedTexts(now)
    listed = CatalogueRecord.objects.filter(pk__in=records).select_related("review", "resource")
    described = {record.pk: record for record in listed.order_by("pk")}
    for record in described.values():
        item = record.review or record.resource
        if item is not None and item.state in OPEN_TO_STAFF:
            collected.add(-record.pk, record.pk, description_text(item), opening_of(item, now))
    collected.add_passages(described)
    return MeaningTexts(tuple(collected.staff), tuple(collected.public), collected.texts)


class _CollectedTexts:
    """The rows and texts collected so far."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.staff: list[VectorRow] = []
        self.public: list[VectorRow] = []
        self.texts: dict[bytes, str] = {}

    def add(self, passage: int, record: int, text: str, opening: datetime | None) -> None:
        """opening: when it is public, as opening_of() gives it."""
        key = text_hash(text)
        self.texts[key] = text
        self.staff.append(VectorRow(passage, record, 0, key))
        if opening is not None:
            opens = 0 if opening == ALREADY_PUBLIC else microseconds(opening)
            self.public.append(VectorRow(passage, record, opens, key))

    def add_passages(self, records: dict[int, CatalogueRecord]) -> None:
        of_review = {
            record.review_id: record
            for record in records.values()
            if record.review is not None and record.review.state in OPEN_TO_STAFF
        }
        reports = {
            report.pk: report
            for report in Report.objects.filter(review__in=of_review, state__in=OPEN_TO_STAFF)
        }
        places = _places(reports)
        contents = ReportText.objects.filter(report__in=reports).values_list("report_id", "content")
        for number, content in contents.order_by("report_id").iterator(chunk_size=20):
            report = reports[number]
            record = of_review[report.review_id]
            assert record.review is not None  # noqa: S101  for the types: chosen above
            opening = later_opening(
                opening_of(record.review, self.now), opening_of(report, self.now)
            )
            for passage, start, end in places[number]:
                if end - start >= SHORTEST:
                    self.add(passage, record.pk, content[start:end], opening)


def _places(reports: Iterable[int]) -> dict[int, list[tuple[int, int, int]]]:
    """Report -> number, start and end of its passages without headings."""
    places: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = Passage.objects.filter(report__in=list(reports)).exclude(kind=PassageKind.HEADING)
    columns = rows.order_by("report_id", "ordinal").values_list("report_id", "pk", "start", "end")
    for report, number, start, end in columns.iterator(chunk_size=2_000):
        places[report].append((number, start, end))
    return places
