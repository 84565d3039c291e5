"""Sign-ins while 20 people save different things and an overview is signed and published.

    WAYMARK_DATA=$(mktemp -d) .venv/bin/python benchmarks/writers.py [--seconds 20] [--json]
    script/test-postgres --run .venv/bin/python benchmarks/writers.py

The database must be empty. Each person is a process of its own: 6 code, 4 judge facts, 4 add
reviews, 4 add publications, 2 write the same text of a second overview, one after the other where
both save at once. Each pauses for --pause seconds after a save. Meanwhile one person writes in an
overview, two sign it and it is published, again and again; another signs in, again and again.

Passwords are hashed by a fast algorithm, since the product's own takes as long as the processor
needs for it (about 0.3 s by design), whoever else is there: what is left is what a sign-in waits.

The answer is checked: every save is there exactly once, each coder and judge has one current entry,
versions have no gap, the audit log has an entry of every save and an unbroken chain, nobody failed.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")

import django

django.setup()
# ruff: noqa: E402 - models can be imported only after that

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.factories import make_person
from tests.frameworks.test_schema import GOOD
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import write_introduction
from waymark import pipeline
from waymark.accounts.audit import broken_links
from waymark.accounts.models import AuditEntry, Role, User
from waymark.accounts.sign_in import try_sign_in
from waymark.coding import services as coding
from waymark.coding.models import Coding
from waymark.core.spans import Span
from waymark.documents import services as documents
from waymark.documents.anchors import ReportAnchors
from waymark.documents.models import Report, Review
from waymark.frameworks.models import Framework
from waymark.frameworks.services import load_framework, publish_framework
from waymark.library.catalogue.resource_description import ResourceDescription
from waymark.library.models import Resource
from waymark.library.services.resources import add_resource
from waymark.overview import services as overviews
from waymark.overview.models import Overview
from waymark.profiles import services as profiles
from waymark.profiles.models import Judgement
from waymark.publishing import services as publishing
from waymark.publishing.models import Publication, ReportVersion
from waymark.publishing.services import TextOvertaken

PASSWORD = "correct horse battery"  # noqa: S105
TEXT = "introduction"
LETTERS = str.maketrans("0123456789", "abcdefghij")
ACTIONS = {
    "code": "code",
    "judge": "judge",
    "review": "add review",
    "resource": "add resource",
    "text": "save text of overview",
    "publish": "publish overview",
    "sign in": "sign in",
}
"""job -> action in the audit log."""
JOBS = (
    [("code", number) for number in range(6)]
    + [("judge", number) for number in range(4)]
    + [("review", number) for number in range(4)]
    + [("resource", number) for number in range(4)]
    + [("text", number) for number in range(2)]
    + [("publish", 0), ("sign in", 0)]
)


def build_world() -> None:
    """Three reviews, two of them coded; two overviews; an account for everybody."""
    now = timezone.now()
    call_command("migrate", verbosity=0)
    framework = load_framework(by=None, source=GOOD, file="small.yaml", now=now)
    publish_framework(by=None, framework=framework, now=now)
    world = make_world(framework)
    for slug in ("small", "other"):
        spec = SPEC.replace("overview: small", f"overview: {slug}")
        overview = overviews.create_overview(by=world.analyst, spec=spec, file="s.yaml", now=now)
        overviews.freeze_overview(by=world.analyst, overview=overview, now=now)
        write_introduction(overview, now=now)
    make_person(Role.ANALYST, name="analyst")
    make_person(Role.EDITOR, name="editor")
    for job, number in JOBS:
        person = make_person(
            Role.CODER, Role.CATALOGUER, Role.EDITOR, name=f"{job} {number}".replace(" ", "-")
        )
        if job in {"code", "judge"}:
            coding.assign_coder(
                by=person, coder=person, review=world.second.review, framework=framework, now=now
            )


class Desk:
    """What one person works with, in a process of their own."""

    def __init__(self, job: str, number: int) -> None:
        self.name = f"{job} {number}".replace(" ", "-")
        self.person = User.objects.get(username=self.name)
        self.framework = Framework.objects.get()
        self.anchors = ReportAnchors(Report.objects.get(review__reference="S2"))
        self.count = 0

    def code(self, now: datetime) -> None:
        """Code the same words once more."""
        coding.record_coding(
            by=self.person,
            anchors=self.anchors,
            span=Span(0, 8),
            code=self.framework.codes.get(code="a"),
            qualifiers={},
            memo=f"{self.count}",
            now=now,
        )

    def judge(self, now: datetime) -> None:
        """Judge the same fact once more."""
        profiles.record_judgement(
            by=self.person,
            review=self.anchors.report.review,
            child=None,
            variable=self.framework.variables.get(variable="drink"),
            value="present",
            anchors=self.anchors,
            spans=[Span(0, 8)],
            memo=f"{self.count}",
            now=now,
        )

    def review(self, now: datetime) -> None:
        """Add a review."""
        reference = f"{self.name}-{self.count}"
        documents.add_review(by=self.person, reference=reference, title=reference, now=now)

    def resource(self, now: datetime) -> None:
        """Add a publication."""
        title = f"{self.name} {self.count}"
        description = ResourceDescription(kind="tool", title=title, year=2020)
        add_resource(by=self.person, description=description, now=now)

    def text(self, now: datetime, slug: str = "other") -> None:
        """Save a text that another person writes too: again where they were first."""
        # In letters: a number in a text needs its source.
        text = f"{self.name} {self.count}.".translate(LETTERS)
        overview = Overview.objects.get(slug=slug)
        while True:
            base = ReportVersion.objects.get(
                manuscript__overview=overview, slot=TEXT, superseded_at=None
            )
            with suppress(TextOvertaken):
                publishing.save_text(
                    by=self.person,
                    overview=overview,
                    slot=TEXT,
                    text=text,
                    base=base.number,
                    now=now,
                )
                return

    def publish(self, now: datetime) -> None:
        """Write, sign and publish the next edition."""
        self.text(now, "small")
        people = [User.objects.get(username=name) for name in ("analyst", "editor")]
        overview = Overview.objects.get(slug="small")
        pipeline.sign_and_publish(by=people, overview=overview, profile=None, now=now)

    def sign_in(self, now: datetime) -> None:
        """Sign in."""
        if try_sign_in(name=self.name, password=PASSWORD, network="192.0.2.1", now=now).paused:
            raise AssertionError("the sign-in was paused")


def work(job: str, number: int, begin: float, seconds: float, pause: float) -> dict[str, Any]:
    """Save until the time is over; return the times of each save and the error, if any."""
    desk = Desk(job, number)
    save: Callable[[datetime], None] = getattr(desk, job.replace(" ", "_"))
    times: list[float] = []
    error = ""
    time.sleep(max(0.0, begin - time.monotonic()))
    try:
        while not times or time.monotonic() < begin + seconds:
            started = time.monotonic()
            save(timezone.now())
            times.append(time.monotonic() - started)
            desk.count += 1
            time.sleep(pause)
    except Exception as failure:  # noqa: BLE001 - any failure is part of the answer
        error = f"{job} {number}: {type(failure).__name__}: {failure}"
    connection.close()
    return {"job": job, "times": times, "error": error}


def check_answer(saved: dict[str, int], before: dict[str, int]) -> list[str]:
    """What is wrong in the database; empty if nothing is."""
    wrong = [f"broken chain at entry {number}" for number in broken_links()]
    added = {
        job: AuditEntry.objects.filter(action=action).count() - before[job]
        for job, action in ACTIONS.items()
    }
    # Each edition begins with a text of its own.
    expected = saved | {"text": saved["text"] + saved["publish"]}
    wrong += [
        f"{job}: {expected[job]} saved, {added[job]} in the audit log"
        for job in ACTIONS
        if added[job] != expected[job]
    ]
    rows = {
        "code": Coding.objects.filter(coder__username__startswith="code-").count(),
        "judge": Judgement.objects.filter(coder__username__startswith="judge-").count(),
        "review": Review.objects.filter(reference__startswith="review-").count(),
        "resource": Resource.objects.filter(title__startswith="resource-").count(),
        "text": ReportVersion.objects.filter(text__startswith="text-").count(),
        "publish": Publication.objects.count(),
    }
    wrong += [
        f"{job}: {saved[job]} saved, {rows[job]} rows" for job in rows if rows[job] != saved[job]
    ]
    current = Coding.objects.filter(superseded_at=None, coder__username__startswith="code-").count()
    if current != 6:
        wrong.append(f"6 coders have {current} current codings")
    for slug in ("small", "other"):
        versions = ReportVersion.objects.filter(manuscript__slug=slug, slot=TEXT)
        numbers = sorted(versions.values_list("number", flat=True))
        if numbers != list(range(1, len(numbers) + 1)):
            wrong.append(f"versions of {slug}: {numbers}")
    return wrong


def quantiles(times: list[float]) -> dict[str, int]:
    """p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    return {"p50": round(cuts[9] * 1000), "p95": round(cuts[18] * 1000)}


def main() -> int:
    """Run; return 1 if the answer is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pause", type=float, default=0.25)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    build_world()
    before = {job: AuditEntry.objects.filter(action=a).count() for job, a in ACTIONS.items()}
    alone = work("sign in", 0, time.monotonic(), 1, 0)["times"]
    before["sign in"] += len(alone)
    vendor = connection.vendor
    # A connection cannot be shared with a forked process.
    connection.close()
    begin = time.monotonic() + 1
    jobs = [(*job, begin, options.seconds, options.pause) for job in JOBS]
    with multiprocessing.get_context("fork").Pool(len(jobs)) as pool:
        results = pool.starmap(work, jobs, chunksize=1)
    saved = dict.fromkeys(ACTIONS, 0)
    times: dict[str, list[float]] = {job: [] for job in ACTIONS}
    for result in results:
        times[result["job"]] += result["times"]
        saved[result["job"]] += len(result["times"])
    wrong = [result["error"] for result in results if result["error"]]
    wrong += check_answer(saved, before)
    answer = {
        "database": vendor,
        "saved": saved,
        "sign-in alone": quantiles(alone),
        "times": {job: quantiles(values) for job, values in times.items() if values},
        "wrong": wrong,
    }
    print(json.dumps(answer, indent=None if options.json else 2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
