"""A large database for benchmarks, made by resampling the demo: every review is one of its reviews.

Each new review copies what is agreed of one demo review, drawn at random, and how two people came
to it; codings beyond the demo's own are drawn from that review's with replacement and moved to
places further on in its report. Rows are written in bulk: nothing but a benchmark may do that.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import connection, models, transaction

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
COLLECTION = "resampled"
SEED = 20260504
STEP = 100_000
"""Code points between a coding and its next copy: further than any report of the demo is long."""
AT_A_TIME = 500
"""Reviews that are written together."""
Row = dict[str, Any]


def resample(reviews: int, codings: int) -> None:
    """Fill the database in which the demo stands with so many reviews and standing codings."""
    Resampling(reviews, codings).run()


def rows_of(model: type[models.Model], *, by: str, **wanted: object) -> dict[int, list[Row]]:
    """The rows of a table as they are stored, by the value of one column."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in model._default_manager.filter(**wanted).order_by("pk").values():
        found[row[by]].append(row)
    return found


class Resampling:
    def __init__(self, reviews: int, codings: int) -> None:
        from waymark.coding.models import AgreedCode, Assignment, Coding
        from waymark.documents.models import Original, Report, Review
        from waymark.profiles.models import (
            Adult,
            AgreedJudgement,
            Child,
            Judgement,
            JudgementQuote,
        )
        from waymark.recommendations.models import Progress, Recommendation

        standing = {"superseded_at": None}
        self.wanted, self.codings_wanted = reviews, codings
        self.reports = {row["review_id"]: row for row in Report.objects.values()}
        self.reviews = [row for row in Review.objects.values() if row["id"] in self.reports]
        self.originals = {row["sha256"]: row for row in Original.objects.values()}
        self.assignments = rows_of(Assignment, by="review_id")
        self.codings = rows_of(Coding, by="report_id", **standing)
        self.agreed_codes = rows_of(AgreedCode, by="review_id", **standing)
        self.carried = links(AgreedCode.codings.through, "agreedcode_id", "coding_id")
        self.children = rows_of(Child, by="review_id")
        self.adults = rows_of(Adult, by="review_id")
        self.judgements = rows_of(Judgement, by="review_id", **standing)
        self.quotes = rows_of(JudgementQuote, by="judgement_id")
        self.agreed_judgements = rows_of(AgreedJudgement, by="review_id", **standing)
        self.judged = links(
            AgreedJudgement.judgements.through, "agreedjudgement_id", "judgement_id"
        )
        self.recommendations = rows_of(Recommendation, by="review_id")
        self.progress = rows_of(Progress, by="recommendation_id")
        self.made: dict[type[models.Model], list[Row]] = defaultdict(list)
        self.last: dict[type[models.Model], int] = {}

    def run(self) -> None:
        chance = np.random.default_rng(SEED)
        drawn = chance.integers(len(self.reviews), size=self.wanted)
        own = np.array([len(self.codings[self.reports[row["id"]]["id"]]) for row in self.reviews])
        share = np.full(self.wanted, self.codings_wanted // self.wanted)
        share[: self.codings_wanted % self.wanted] += 1
        for number, (at, codings) in enumerate(zip(drawn, share, strict=True)):
            extra = chance.integers(own[at], size=max(0, codings - own[at]))
            self._review(number, self.reviews[at], [int(place) for place in extra])
            if (number + 1) % AT_A_TIME == 0:
                self._write()
        self._write()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _write(self) -> None:
        with transaction.atomic():
            for model, rows in self.made.items():
                model._default_manager.bulk_create((model(**row) for row in rows), batch_size=5_000)
        self.made.clear()

    def _add(self, model: type[models.Model], row: Row, **changed: object) -> int:
        """A copy of a row with a key of its own; gives the key back."""
        if model not in self.last:
            top = model._default_manager.aggregate(top=models.Max("pk"))["top"]
            self.last[model] = top or 0
        self.last[model] += 1
        self.made[model].append({**row, "id": self.last[model], **changed})
        return self.last[model]

    def _review(self, number: int, source: Row, extra: list[int]) -> None:
        from waymark.documents.models import Original, Report, Review

        report = self.reports[source["id"]]
        key = f"{number + 1:012x}"
        original = {**self.originals[report["original_id"]], "sha256": key.ljust(64, "0")}
        self.made[Original].append(original)
        review = self._add(Review, source, reference=f"B{number + 1:05}", collection=COLLECTION)
        place = {
            "report_id": self._add(
                Report, report, key=key, review_id=review, original_id=original["sha256"]
            )
        }
        self._codes(source["id"], report["id"], review, key, place, extra)
        self._profile(source["id"], review, key, place)
        self._recommendations(source["id"], review, key, place)

    def _codes(
        self, source: int, report: int, review: int, key: str, place: Row, extra: Iterable[int]
    ) -> None:
        from waymark.coding.models import AgreedCode, Assignment, Coding

        for row in self.assignments[source]:
            self._add(Assignment, row, review_id=review)
        copies: dict[int, list[int]] = defaultdict(list)
        own = self.codings[report]
        for row in [*own, *(own[place] for place in extra)]:
            moved = self._moved(row, key, STEP * len(copies[row["id"]]))
            copies[row["id"]].append(self._add(Coding, row, **place, **moved))
        through = AgreedCode.codings.through
        for row in self.agreed_codes[source]:
            agreed = self._add(AgreedCode, row, review_id=review)
            for old in self.carried[row["id"]]:
                for coding in copies[old]:
                    self._add(through, {}, agreedcode_id=agreed, coding_id=coding)

    @staticmethod
    def _moved(row: Row, key: str, by: int) -> Row:
        start, end = row["start"] + by, row["end"] + by
        return {"key": f"{key}-{start}-{end}", "start": start, "end": end}

    def _profile(self, source: int, review: int, key: str, place: Row) -> None:
        from waymark.profiles.models import (
            Adult,
            AgreedJudgement,
            Child,
            Judgement,
            JudgementQuote,
        )

        children: dict[int | None, int | None] = {None: None}
        for row in self.children[source]:
            children[row["id"]] = self._add(Child, row, review_id=review)
        adults: dict[int | None, int | None] = {None: None}
        for row in self.adults[source]:
            adults[row["id"]] = self._add(Adult, row, review_id=review)

        def person_of(row: Row) -> Row:
            return {"child_id": children[row["child_id"]], "adult_id": adults[row["adult_id"]]}

        made: dict[int, int] = {}
        for row in self.judgements[source]:
            made[row["id"]] = self._add(Judgement, row, review_id=review, **person_of(row))
            for quote in self.quotes[row["id"]]:
                moved = self._moved(quote, key, 0)
                self._add(JudgementQuote, quote, judgement_id=made[row["id"]], **place, **moved)
        through = AgreedJudgement.judgements.through
        for row in self.agreed_judgements[source]:
            agreed = self._add(AgreedJudgement, row, review_id=review, **person_of(row))
            for old in self.judged[row["id"]]:
                self._add(through, {}, agreedjudgement_id=agreed, judgement_id=made[old])

    def _recommendations(self, source: int, review: int, key: str, place: Row) -> None:
        from waymark.recommendations.models import Progress, Recommendation

        for row in self.recommendations[source]:
            moved = self._moved(row, key, 0)
            made = self._add(Recommendation, row, review_id=review, **place, **moved)
            for told in self.progress[row["id"]]:
                self._add(Progress, told, recommendation_id=made)


def links(through: type[models.Model], one: str, other: str) -> dict[int, list[int]]:
    """The pairs of a table of links, by the first of them."""
    found: dict[int, list[int]] = defaultdict(list)
    for first, second in through._default_manager.values_list(one, other):
        found[first].append(second)
    return found
