"""A large installation for benchmarks: copies of the demo with words of their own, written in bulk.

Each review is a copy of a review of the demo, with its report, passages, coded data and subjects.
Rows are copied inside the database, a table at a time, each copy with numbers of its own. The words
of a copied report are exchanged for words of the demo of the same length, except where they are
quoted, so that all positions stay right and no two reports are the same. Nothing but a benchmark
may write so: all of it is made up.
"""

import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection, models, transaction

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
SEED = 20260504
STEP = 100_000
"""Numbers between a row and its next copy: more than any table of the demo has rows."""
REVIEWS_FOR_A_RESOURCE = 20
LONG_PAGES, PASSAGES_OF_A_PAGE, WORDS_OF_A_PASSAGE = 300, 6, 60
LONG = "LONG-1"
SHARE = 0.7
"""Share of the words of a report that are exchanged."""
COPY = "printf('fa%04x', copy.n)"


def build(folder: Path, reviews: int) -> None:
    """Fill the database of a folder, which contains the demo, and make its index."""
    from waymark.documents.models import Review
    from waymark.library.services.indexing import rebuild_index

    copies = -(-(reviews - Review.objects.count()) // Review.objects.count())
    with transaction.atomic():
        for model in _models():
            _copy_rows(model, copies)
        _write_texts(random.Random(SEED))  # noqa: S311 (no secrets)
        _write_long_report(random.Random(SEED))  # noqa: S311
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    shutil.rmtree(folder / "index", ignore_errors=True)
    rebuild_index(now=NOW)


def _models() -> list[type[models.Model]]:
    """The tables to copy; a table comes after those that it refers to."""
    from waymark.coding.models import AgreedCode, Assignment, Coding
    from waymark.documents.models import Original, Page, Passage, Report, Review
    from waymark.library.models import (
        AbstractPlace,
        CatalogueRecord,
        Resource,
        ReviewDetails,
        ReviewStep,
    )
    from waymark.profiles.models import Adult, AgreedJudgement, Child, Judgement, JudgementQuote
    from waymark.recommendations.models import Progress, Recommendation

    return [
        *(Original, Review, Report, Page, Passage, Resource, ReviewDetails, ReviewStep),
        *(AbstractPlace, CatalogueRecord, CatalogueRecord.subjects.through),
        *(Assignment, Coding, AgreedCode, AgreedCode.codings.through),
        *(Child, Adult, Judgement, JudgementQuote, AgreedJudgement),
        *(AgreedJudgement.judgements.through, Recommendation, Progress),
    ]


CHANGED = {
    "documents_original.sha256": f"{COPY} || substr(sha256, 7)",
    "documents_report.original_id": f"{COPY} || substr(original_id, 7)",
    "documents_review.reference": "reference || '-' || copy.n",
    "documents_review.title": "title || ' ' || copy.n",
    "documents_review.collection": "'made-up'",
    "documents_review.board": "board || ' ' || (copy.n % 7)",
    "documents_review.published_on": "date(published_on, '-' || (copy.n % 3000) || ' days')",
    "library_resource.key": "key || '-' || copy.n",
    "library_resource.title": "title || ' ' || copy.n",
    "library_cataloguerecord.indexed_at": "NULL",
}
"""Columns of which each copy has a value of its own, beside numbers and citation keys."""


def _copy_rows(model: type[models.Model], copies: int) -> None:
    """So many copies of each row of a table, by one statement."""
    table, copied = model._meta.db_table, {other._meta.db_table for other in _models()}
    columns = [field.column for field in model._meta.concrete_fields]
    values = []
    for field in model._meta.concrete_fields:
        related = field.related_model if field.is_relation else None
        refers = isinstance(related, type) and related._meta.db_table in copied
        value = CHANGED.get(f"{table}.{field.column}")
        if value is None and (refers or field.primary_key):
            value = f'"{field.column}" + copy.n * {STEP}'
        if value is None and field.column == "key":
            value = f"{COPY} || substr(key, 7)"
        values.append(value or f'"{field.column}"')
    names = ", ".join(f'"{column}"' for column in columns)
    few = -(-copies // REVIEWS_FOR_A_RESOURCE)
    limit = {
        "library_resource": f"copy.n <= {few}",
        "library_cataloguerecord": f"(resource_id IS NULL OR copy.n <= {few})",
        "library_cataloguerecord_subjects": "EXISTS (SELECT 1 FROM library_cataloguerecord AS own "  # noqa: S608
        f"WHERE own.id = cataloguerecord_id + copy.n * {STEP})",
    }.get(table, "1")
    numbers = f"SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {copies}"  # noqa: S608
    copied_rows = f'SELECT {", ".join(values)} FROM "{table}", copy WHERE {limit}'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f'WITH RECURSIVE copy(n) AS ({numbers}) INSERT INTO "{table}" ({names}) {copied_rows}'
        )


# ---- texts ----


def _write_texts(chance: random.Random) -> None:
    """The texts of the copied reports, with words exchanged."""
    from waymark.documents.models import Report, ReportText

    originals = {row.report_id: row for row in ReportText.objects.all()}
    by_length: dict[int, list[str]] = defaultdict(list)
    for row in originals.values():
        for word in re.findall(r"[a-z]{4,}", row.content):
            by_length[len(word)].append(word)
    sources = {key: _ExchangedText(row, by_length) for key, row in originals.items()}
    rows = []
    for number in Report.objects.filter(pk__gt=STEP).values_list("pk", flat=True):
        source = sources[number % STEP]
        rows.append(
            ReportText(
                report_id=number,
                content=source.exchanged(chance),
                furniture=source.row.furniture,
                running_lines=source.row.running_lines,
            )
        )
    ReportText.objects.bulk_create(rows, batch_size=500)


class _ExchangedText:
    """A text of the demo in parts: words that can be exchanged, and what is between them."""

    def __init__(self, row: models.Model, by_length: dict[int, list[str]]) -> None:
        self.row, self.by_length = row, by_length
        content: str = row.content
        quoted = bytearray(len(content))
        for start, end in _quoted_spans(row.report_id):
            quoted[start:end] = b"\1" * (end - start)
        self.parts: list[str] = []
        self.places: list[int] = []
        end = 0
        for match in re.finditer(r"[a-z]{4,}", content):
            if not any(quoted[match.start() : match.end()]):
                self.parts += [content[end : match.start()], match.group()]
                self.places.append(len(self.parts) - 1)
                end = match.end()
        self.parts.append(content[end:])

    def exchanged(self, chance: random.Random) -> str:
        parts = list(self.parts)
        for place in self.places:
            if chance.random() < SHARE:
                words = self.by_length[len(parts[place])]
                parts[place] = words[int(chance.random() * len(words))]
        return "".join(parts)


def _quoted_spans(report: int) -> Iterator[tuple[int, int]]:
    from waymark.coding.models import Coding
    from waymark.library.models import AbstractPlace
    from waymark.profiles.models import JudgementQuote
    from waymark.recommendations.models import Recommendation

    for model in (Coding, JudgementQuote, Recommendation, AbstractPlace):
        yield from model.objects.filter(report=report).values_list("start", "end")


def _write_long_report(chance: random.Random) -> None:
    """A review whose report has LONG_PAGES pages."""
    from waymark.documents.models import Page, Passage, Report, ReportText
    from waymark.library.models import CatalogueRecord

    report = Report.objects.select_related("original", "review").filter(pk__lt=STEP).first()
    words = re.findall(r"[a-z]{4,}", report.text.content)
    original, review = report.original, report.review
    original.sha256 = "ffff" + original.sha256[4:]
    review.pk, review.reference, review.title = None, LONG, "A review with a long report"
    for row in (original, review):
        row._state.adding = True
        row.save()
    report.pk, report.key, report._state.adding = None, original.sha256[:12], True
    report.original, report.review, report.page_count = original, review, LONG_PAGES
    report.save()
    content, pages, passages = "", [], []
    for number in range(1, LONG_PAGES + 1):
        begun = len(content)
        for _ in range(PASSAGES_OF_A_PAGE):
            start = len(content)
            content += " ".join(chance.choices(words, k=WORDS_OF_A_PASSAGE)) + ".\n"
            end = len(content) - 1
            key = f"{report.key}-{start}-{end}"
            passages.append(
                Passage(
                    report=report, key=key, ordinal=len(passages), start=start, end=end,
                    page=number, last_page=number, heading="", kind="paragraph",
                )
            )  # fmt: skip
        pages.append(
            Page(report=report, number=number, start=begun, end=len(content), width=595, height=842)
        )
    ReportText.objects.create(report=report, content=content)
    Page.objects.bulk_create(pages)
    Passage.objects.bulk_create(passages)
    CatalogueRecord.objects.create(review=review, changed_at=NOW, available_at=NOW, harvest_at=NOW)
