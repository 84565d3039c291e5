"""An overview of 10,000 reviews and 500,000 codings, against plain SQL for the same numbers.

    .venv/bin/python benchmarks/overview.py [--reviews 10000] [--codings 500000] [--rounds 5]

A database of its own is filled by resampling the demo (resampled.py) and thrown away at the end;
--folder keeps it, and takes up one that is there. Then, in one process, taking turns:

    bare     every number of tables 1 to 14 by SQL straight from the database (overview_sql.py)
    ours     freezing: all agreed rows with their words, hashed, compressed and stored; then all
             tables counted, with base, records and words of every cell, and the figures drawn

Numbers are compared cell by cell. Then the same snapshot is read back and counted by a process
that has not seen it, protected under each profile, and its pages are asked for.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from django.test import Client
    from overview_sql import Numbers

    from waymark.accounts.models import User
    from waymark.overview.models import Snapshot
    from waymark.overview.releases.release import Release

AS_AT = date(2010, 12, 31)
SLUG = "resampled"
MOST_RATIO, MOST_MEMORY, MOST_MILLISECONDS = 3.0, 1024, 100.0
Made = TypeVar("Made")


def main() -> int:
    options = argparse.ArgumentParser(description="Freezing and counting against plain SQL.")
    options.add_argument("--reviews", type=int, default=10_000)
    options.add_argument("--codings", type=int, default=500_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--folder", type=Path, help="kept, and elapsed up where it is filled")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.step:
        django_for(arguments.folder)
        STEPS[arguments.step](arguments)
        return 0
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        folder = arguments.folder or Path(made)
        filled = (folder / "filled").exists()
        # Each step in a process of its own, so that memory is that of the step alone.
        for step in STEPS:
            if step == "fill" and filled:
                continue
            command = [sys.executable, __file__, "--step", step, "--folder", str(folder)]
            for name in ("reviews", "codings", "rounds"):
                command += [f"--{name}", str(getattr(arguments, name))]
            if subprocess.run(command, check=False).returncode:
                return 1
    return 0


def django_for(folder: Path) -> None:
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


@dataclass(frozen=True)
class ElapsedTime:
    """Seconds that passed, and seconds that the processors worked for us."""

    passed: float
    worked: float

    def __add__(self, other: "ElapsedTime") -> "ElapsedTime":
        return ElapsedTime(self.passed + other.passed, self.worked + other.worked)


def seconds(work: Callable[[], Made]) -> tuple[ElapsedTime, Made]:
    passed, worked = time.perf_counter(), time.process_time()
    made = work()
    return ElapsedTime(time.perf_counter() - passed, time.process_time() - worked), made


def best(of: list[ElapsedTime]) -> ElapsedTime:
    return ElapsedTime(min(one.passed for one in of), min(one.worked for one in of))


def memory() -> float:
    """The most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---- filling ----


def fill(arguments: argparse.Namespace) -> None:
    from resampled import COLLECTION, resample

    from waymark.coding.models import Coding
    from waymark.demo.build import build_demo

    build_demo(lambda _: None)
    elapsed, _ = seconds(lambda: resample(arguments.reviews, arguments.codings))
    number = Coding.objects.filter(report__review__collection=COLLECTION).count()
    print(
        f"{arguments.reviews:,} reviews with {number:,} codings, filled in {elapsed.passed:.0f} s"
    )
    (arguments.folder / "filled").touch()


# ---- counting ----


def count(arguments: argparse.Namespace) -> None:
    """Both ways in turns; the best of each. The last snapshot stays for the next steps."""
    from overview_sql import Straight
    from resampled import COLLECTION

    from waymark.frameworks.models import Framework

    straight = Straight(COLLECTION, Framework.objects.get(name="cr-core").pk, as_at=AS_AT)
    analyst = analyst_with_spec()
    bare, frozen, counted = [], [], []
    for _ in range(arguments.rounds):
        elapsed, numbers = seconds(straight.numbers)
        bare.append(elapsed)
        forget()
        elapsed, snapshot = seconds(lambda: freeze(analyst))
        frozen.append(elapsed)
        elapsed, release = seconds(partial(release_of, snapshot, "open"))
        counted.append(elapsed)
        compare(numbers, release)
        del release
    ours = best([one + other for one, other in zip(frozen, counted, strict=True)])
    straight_away = best(bare)
    print(f"{len(numbers)} numbers, equal in both; best of {arguments.rounds}, passed and worked:")
    print(f"  bare SQL {straight_away.passed:6.2f} s {straight_away.worked:6.2f} s")
    print(f"  ours     {ours.passed:6.2f} s {ours.worked:6.2f} s")
    for name, part in (("freezing", best(frozen)), ("counting", best(counted))):
        print(f"  {name} {part.passed:6.2f} s {part.worked:6.2f} s")
    print(f"  times    {ours.passed / straight_away.passed:6.2f}  "
          f"{ours.worked / straight_away.worked:7.2f}   (at most {MOST_RATIO})")  # fmt: skip
    print(f"  memory   {memory():.0f} MiB at most (at most {MOST_MEMORY})")
    print(f"  snapshot {len(snapshot.rows) / 2**20:.0f} MiB")


def analyst_with_spec() -> "User":
    from resampled import COLLECTION

    from waymark.accounts.models import User
    from waymark.demo.sources import sources_folder
    from waymark.overview import services
    from waymark.overview.models import Overview

    analyst = User.objects.get(username="analyst")
    spec = (sources_folder() / "overview.yaml").read_text("utf-8")
    spec = spec.replace("overview: demo", f"overview: {SLUG}")
    spec = spec.replace("collection: demo", f"collection: {COLLECTION}")
    if not Overview.objects.filter(slug=SLUG).exists():
        services.create_overview(by=analyst, spec=spec, file="overview.yaml", now=now())
    return analyst


def now() -> datetime:
    from django.utils import timezone

    return timezone.now()


def forget() -> None:
    """No snapshot is held or stored: what is frozen next is frozen, written and counted anew."""
    from waymark.overview.models import Snapshot
    from waymark.overview.queries import snapshot_cache
    from waymark.publishing.models import Publication

    Publication.objects.filter(slug=SLUG).delete()
    Snapshot.objects.filter(overview__slug=SLUG).delete()
    snapshot_cache._cached_snapshots.clear()


def freeze(analyst: "User") -> "Snapshot":
    from waymark.overview import services
    from waymark.overview.models import Overview

    return services.freeze_overview(by=analyst, overview=Overview.objects.get(slug=SLUG), now=now())


def release_of(snapshot: "Snapshot", profile: str) -> "Release":
    from waymark.overview.queries.overviews import release_of

    return release_of(snapshot, profile)


LAST_BY_SQL = 14
"""The SQL tells the numbers of tables 1 to 14; the others are counted and not compared."""


def compare(numbers: "Numbers", release: "Release") -> None:
    """Raises AssertionError where a count of the tables is not what SQL says, or has none there.

    A cell that SQL does not tell counts nothing: GROUP BY gives no rows for what is not there.
    """
    left = dict(numbers)
    for protected in (made for made in release.tables if int(made.table.id[1:]) <= LAST_BY_SQL):
        table = protected.table
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                place = (table.id, row.id, column.id)
                if column.kind == "count" and not cell.mark and cell.kind == "count":
                    told = left.pop(place, 0)
                    assert cell.value == told, (place, cell.value, told)
    assert not left, sorted(left)[:5]


# ---- afterwards ----


def reread(arguments: argparse.Namespace) -> None:
    from waymark.overview.queries.overviews import latest_snapshot, overview_for

    snapshot = latest_snapshot(overview_for(SLUG))
    elapsed, _ = seconds(lambda: release_of(snapshot, "open"))
    print(f"read back and counted by another process: {elapsed.passed:.2f} s, {memory():.0f} MiB")


def protect(arguments: argparse.Namespace) -> None:
    from waymark.overview.queries.overviews import latest_snapshot, overview_for
    from waymark.overview.queries.snapshot_cache import cached_snapshot

    snapshot = latest_snapshot(overview_for(SLUG))
    cached_snapshot(snapshot).rows()
    for profile in ("open", "k3", "k5", "r5"):
        elapsed, _ = seconds(lambda profile=profile: release_of(snapshot, profile))
        print(f"counted and protected under {profile}: {elapsed.passed:.2f} s")
    print(f"  memory {memory():.0f} MiB")


def pages(arguments: argparse.Namespace) -> None:
    """The pages of an edition: server time of the first request and the median of the next."""
    from django.test import Client, override_settings

    from waymark.accounts.models import User
    from waymark.overview.queries.overviews import latest_snapshot, ledger_entry, overview_for
    from waymark.publishing.models import Publication
    from waymark.publishing.services.texts import manuscript_of

    editor = User.objects.get(username="editor")
    snapshot = latest_snapshot(overview_for(SLUG))
    for edition, profile in enumerate(("open", "k5"), start=1):
        Publication.objects.filter(slug=SLUG).delete()
        release = release_of(snapshot, profile)
        Publication.objects.create(
            manuscript=manuscript_of(snapshot.overview), kind="overview", snapshot=snapshot,
            slug=SLUG, edition=edition, title=release.spec.title, profile=profile,
            ledger=ledger_entry(release, snapshot, name=f"edition {edition}"),
            published_at=now(), published_by=editor,
        )  # fmt: skip
        # A quarter of the reviews and more have the theme, listed by 50 a page.
        page = max(1, arguments.reviews // 200)
        paths = {"overview": "", "table": "T3/", "widest table": "T13/",
                 "evidence": f"T10/prac.assessment/n/?page={page}"}  # fmt: skip
        if profile == "k5":
            del paths["evidence"]
        with override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
            client = Client()
            for name, path in paths.items():
                times = [milliseconds(client, f"/overviews/{SLUG}/{path}") for _ in range(11)]
                median = statistics.median(times[1:])
                print(f"page under {profile}: {name:<14} first {times[0]:6.0f} ms, "
                      f"then {median:5.0f} ms (at most {MOST_MILLISECONDS:.0f})")  # fmt: skip


def milliseconds(client: "Client", path: str) -> float:
    """Server time of one request for a page that must exist."""
    elapsed, answer = seconds(lambda: client.get(path))
    assert answer.status_code == 200, (path, answer.status_code)
    return elapsed.passed * 1000


STEPS = {"fill": fill, "count": count, "reread": reread, "protect": protect, "pages": pages}

if __name__ == "__main__":
    sys.exit(main())
