"""The national picture of recommendations with 10,000, 30,000 and 100,000 of them.

Three addressees of each recommendation, each with its own state and an entry in its ledger; five
recommendations of each review. Not counted: nothing is stored, as after an upgrade, before the
worker has come by. Started: the worker has counted, and the process has just begun. Changed: one
ledger has changed since. Withdrawn: a review was withdrawn since. Again: the next page. The answers
are checked against a plain recount, by standing and by body, before and after each. Run:

    python -m benchmarks.recommendations
"""

import gc
import os
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SIZES = (10_000, 30_000, 100_000)
OF_A_REVIEW, ADDRESSEES, BODIES, SEED = 5, 3, 300, 16
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
            _measure(size)


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
                    words=f"Body {at}",
                    added_at=NOW,
                    told_on=date(2025, 1, 1),
                    standing=row.standing,
                    overdue_from=row.overdue_from,
                )
                for row in rows
                for at in range(ADDRESSEES)
            ),
            batch_size=5_000,
        )
        LedgerEntry.objects.bulk_create(
            (
                LedgerEntry(addressee=row, kind="note", on=date(2025, 1, 1), recorded_at=NOW)
                for row in asked
            ),
            batch_size=5_000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _measure(size: int) -> None:
    from django.test import Client
    from django.utils import timezone

    from waymark.accounts.content_state import ContentCache
    from waymark.documents.models import Review
    from waymark.documents.services import set_review_state
    from waymark.pipeline.follow_up import CountRun
    from waymark.recommendations.models import Addressee, CountBlock
    from waymark.recommendations.services import NewEntry, record_entry_of

    client = Client()
    print(f"{size:>8,} recommendations, {Addressee.objects.count():,} states")
    addressee = Addressee.objects.order_by("pk")[size]
    started = time.perf_counter()
    CountRun()(timezone.now)
    print(f"  the worker counts in {time.perf_counter() - started:.3f} s")
    heads = ("not counted", "started", "changed", "withdrawn", "again")
    print("  " + " " * 45 + "".join(f"{head:>13}" for head in heads), "clock/processor")
    published = Review.objects.filter(state="published").order_by("-pk")
    for query in PAGES:
        times = []
        CountBlock.objects.update(counted_for="")
        ContentCache.clear_all()
        times.append(_seconds(client, query))
        CountRun()(timezone.now)
        ContentCache.clear_all()
        times.append(_seconds(client, query))
        _check()
        entry = NewEntry("answered", date(2025, 2, 1), answer="accepted")
        record_entry_of(by=None, addressee=addressee, entry=entry, now=timezone.now())
        times.append(_seconds(client, query))
        _check()
        withdrawn = published[size // OF_A_REVIEW // 2]
        set_review_state(by=None, review=withdrawn, state="withdrawn", now=timezone.now())
        times.append(_seconds(client, query))
        _check()
        times.append(_seconds(client, query))
        shown = "".join(f"{clock:>7.3f}/{worked:.3f}" for clock, worked in times)
        print(f"  /recommendations/{query:<28}{shown}")


def _check() -> None:
    """Compare the picture with a plain recount, one row after the other."""
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from waymark.follow_up.queries import PictureChoice, national_picture
    from waymark.recommendations.models import Addressee, Recommendation

    picture = national_picture(PictureChoice(), AnonymousUser(), timezone.now())
    shown = {"review__state": "published"}
    standings = Recommendation.objects.filter(superseded_at=None, **shown)
    counted = Counter(standings.values_list("standing", flat=True))
    assert {row.value: row.number for row in picture.standings} == dict(counted)
    asked = Counter(Addressee.objects.filter(**shown).values_list("body__key", flat=True))
    assert all(asked[row.value] == row.number for row in picture.bodies)
    assert sum(row.number for row in picture.years) == counted.total() == picture.total


def _seconds(client: object, query: str) -> tuple[float, float]:
    """Seconds on the clock and of the processor."""
    # As the site does it before its first page: no page waits for the collector.
    gc.collect()
    gc.freeze()
    start = time.perf_counter(), time.process_time()
    answer = client.get(f"/recommendations/{query}")  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.status_code
    return time.perf_counter() - start[0], time.process_time() - start[1]


if __name__ == "__main__":
    main()
