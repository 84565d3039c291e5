"""The national picture of recommendations with 10,000, 30,000 and 100,000 of them.

Three entries of a ledger for each recommendation, five recommendations for each review. Cold: the
first page after a change; warm: the next. The answer is checked against a plain recount. Run:

    python -m benchmarks.recommendations
"""

import os
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SIZES = (10_000, 30_000, 100_000)
OF_A_REVIEW, ENTRIES, BODIES, SEED = 5, 3, 300, 16
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PAGES = ("", "?board=board-1", "?category=training&late=yes", "?from=2010&to=2015")
CATEGORIES = ("training", "procedures_and_policy", "interagency_working", "assessment")
AUDIENCES = ("health", "social_services", "police", "education", "board")


def main() -> None:
    """Fill a new installation step by step, and time the page at each size."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WAYMARK_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
        os.environ["WAYMARK_DEBUG"] = "1"
        import django

        Path(folder, "static").mkdir()
        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0)
        chance = random.Random(SEED)  # noqa: S311 (no secrets)
        made: Counter[str] = Counter()
        for size in SIZES:
            _fill(size - made.total(), made, chance)
            _measure(size, made)


def _fill(number: int, made: Counter[str], chance: random.Random) -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection, transaction

    from waymark.bodies.models import Body, BodyName
    from waymark.documents.models import Original, Report, Review
    from waymark.recommendations.models import (
        Addressee,
        LedgerEntry,
        Recommendation,
        Standing,
    )

    person, _ = get_user_model().objects.get_or_create(username="coder")
    start = made.total() // OF_A_REVIEW
    reviews = range(start, start + number // OF_A_REVIEW)
    if not Body.objects.exists():
        names = [f"Board {at}" for at in range(BODIES)]
        Body.objects.bulk_create(
            Body(key=name.lower().replace(" ", "-"), name=name, kind="board", added_at=NOW)
            for name in names
        )
        BodyName.objects.bulk_create(
            BodyName(body=body, name=body.name) for body in Body.objects.all()
        )
    bodies = list(Body.objects.all())
    with transaction.atomic():
        stored = Review.objects.bulk_create(
            Review(
                reference=f"B{at}",
                title=f"Review {at}",
                board=f"Board {at % BODIES}",
                completed_on=date(2000, 1, 1) + timedelta(days=at % 9_000),
                state="published",
                added_at=NOW,
            )
            for at in reviews
        )
        digests = [f"{at:012x}".ljust(64, "0") for at in reviews]
        Original.objects.bulk_create(
            Original(sha256=digest, media_type="text/plain", size=1, stored_at=NOW)
            for digest in digests
        )
        reports = Report.objects.bulk_create(
            Report(
                key=digest[:12],
                review=review,
                original_id=digest,
                title=review.title,
                file_name="a.txt",
                page_count=1,
                extractor="benchmark 1",
                received_at=NOW,
                state="published",
            )
            for review, digest in zip(stored, digests, strict=True)
        )
        rows = []
        for review, report in zip(stored, reports, strict=True):
            for at in range(1, OF_A_REVIEW + 1):
                standing = chance.choice(Standing.values)
                made[standing] += 1
                rows.append(
                    Recommendation(
                        review=review,
                        report=report,
                        key=f"{report.key}-{at}-9",
                        start=at,
                        end=9,
                        exact="Everybody should be trained.",
                        page=1,
                        number=at,
                        category=chance.choice(CATEGORIES),
                        audience=chance.choice(AUDIENCES),
                        recorded_by=person,
                        recorded_at=NOW,
                        standing=standing,
                        overdue_from=date(2026, 1, 1) if at == 1 else None,
                    )
                )
        Recommendation.objects.bulk_create(rows, batch_size=5_000)
        asked = Addressee.objects.bulk_create(
            (
                Addressee(
                    review=row.review,
                    number=row.number,
                    body=chance.choice(bodies),
                    words="A body",
                    added_at=NOW,
                    told_on=date(2025, 1, 1),
                    standing=row.standing,
                    overdue_from=row.overdue_from,
                )
                for row in rows
            ),
            batch_size=5_000,
        )
        for _ in range(ENTRIES):
            LedgerEntry.objects.bulk_create(
                (
                    LedgerEntry(addressee=row, kind="note", on=date(2025, 1, 1), recorded_at=NOW)
                    for row in asked
                ),
                batch_size=5_000,
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure(size: int, made: Counter[str]) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.test import Client
    from django.utils import timezone

    from waymark.accounts.content_state import ContentCache
    from waymark.follow_up.queries import PictureChoice, national_picture
    from waymark.recommendations.models import LedgerEntry

    picture = national_picture(PictureChoice(), AnonymousUser(), timezone.now())
    counted = {row.value: row.number for row in picture.standings}
    assert (picture.total, counted) == (size, dict(made)), "the picture is not a plain recount"
    client = Client()
    print(f"{size:>8,} recommendations, {LedgerEntry.objects.count():,} states")
    for query in PAGES:
        cold, warm = [], []
        for _ in range(3):
            ContentCache.clear_all()
            cold.append(_seconds(client, query))
            warm.append(_seconds(client, query))
        print(f"  /recommendations/{query:<28} cold {min(cold):6.3f} s   warm {min(warm):6.3f} s")


def _seconds(client: object, query: str) -> float:
    start = time.perf_counter()
    answer = client.get(f"/recommendations/{query}")  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
