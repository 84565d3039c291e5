"""The workbench: acts of one coder on a long report, and many coders who save at once.

    WAYMARK_DATA=$(mktemp -d) .venv/bin/python benchmarks/workbench.py [--json]
    script/test-postgres --run .venv/bin/python benchmarks/workbench.py

The database must be empty. A report has --pages pages and one coder has --codings codings on it.
Timed by Django's test client, middleware included: opening a page, a page for the script, and acts
(code, memo, boundaries, undo, redo, read) on pages all over the report: by the clock, and what
the processor needs, which other work on the machine does not change. Then --coders processes
save --saves times together, without pause, each tenth request sent twice as after a lost answer.

The answer is checked: each act is stored once and in order, every coding that should be there is
there and no other, the audit log has an unbroken chain, and nothing failed.
"""

import argparse
import json
import multiprocessing
import os
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")

import django

django.setup()
# ruff: noqa: E402 - models can be imported only after that

from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.coding.long_report import add_codings, make_long_report
from tests.factories import make_person, make_review
from waymark.accounts.audit import broken_links
from waymark.accounts.models import Role, User
from waymark.coding import services
from waymark.coding.models import Coding, CodingAction
from waymark.documents.models import Report
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import codes_of
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.pipeline.checks.schema import migrate_database

Times = dict[str, list[float]]


def build_world(pages: int, codings: int, coders: int) -> None:
    """A long report, the built-in framework, and coders to whom it is assigned."""
    now = timezone.now()
    migrate_database()
    for file in sorted(builtin_frameworks(), key=lambda file: file.name):
        framework = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=now)
        publish_framework(by=None, framework=framework, now=now)
    report = make_long_report(make_review("W01"), pages)
    for number in range(coders + 1):
        person = make_person(Role.CODER, name=f"coder-{number}")
        services.assign_coder(
            by=person, coder=person, review=report.review, framework=framework, now=now
        )
    add_codings(report, User.objects.get(username="coder-0"), codes_of(framework), codings)


class Desk:
    """A coder's browser on the long report."""

    def __init__(self, number: int) -> None:
        self.coder = User.objects.get(username=f"coder-{number}")
        self.report = Report.objects.get()
        framework = Framework.objects.order_by("version").last()
        self.codes = [code.code for code in codes_of(framework)]
        self.names = {
            "name": framework.name,
            "version": framework.version,
            "key": self.report.key,
        }
        self.client = Client()
        self.client.force_login(self.coder)
        self.times: Times = {}
        self.processor: Times = {}
        self.acts = 0
        self.client.post(self.address("workbench-begin"), {"veil": "marked", "break_minutes": "0"})

    def address(self, name: str, **more: Any) -> str:
        """Address of a page of the desk."""
        return reverse(name, kwargs=self.names | more)

    def timed(self, kind: str, call: Any) -> Any:
        """The answer of a request that must succeed."""
        started, processor = time.perf_counter(), time.process_time()
        answer = call()
        self.times.setdefault(kind, []).append(time.perf_counter() - started)
        self.processor.setdefault(kind, []).append(time.process_time() - processor)
        if answer.status_code != 200:
            raise AssertionError(f"{kind}: {answer.status_code} {answer.content[:200]!r}")
        return answer

    def act(self, do: str, *, twice: bool = False, **sent: Any) -> Any:
        """An act; twice: its request is sent again, as after a lost answer."""
        self.acts += 1
        fields = {"do": do, "act": f"act-{self.acts}", "reading": "1"} | sent
        address, headers = self.address("workbench-act"), {"accept": "application/json"}
        for _ in range(1 + twice):
            answer = self.timed(do, lambda: self.client.post(address, fields, headers=headers))
        return answer.json()


def long_report(rounds: int, codings: int) -> tuple[Desk, list[str]]:
    """One coder's desk with the times of its requests, and what was wrong in the answers."""
    desk, wrong = Desk(0), []
    pages = desk.report.page_count
    per_page = len(desk.report.text.content) // pages
    for number in range(rounds):
        page = 1 + number * 37 % pages
        start = (page - 1) * per_page + 300 + number
        code = desk.codes[number % len(desk.codes)]
        place = f"{start}-{start + 90}:{code}"
        opened = desk.timed(
            "open", lambda page=page: desk.client.get(desk.address("workbench"), {"page": page})
        )
        if f'id="part-{page}"' not in opened.content.decode():
            wrong.append(f"page {page} was not opened")
        part = desk.address("workbench-part", number=page)
        desk.timed("part", lambda part=part: desk.client.get(part))
        answer = desk.act("code", **{"from": start, "to": start + 90}, code=code)
        place = re.search(rf'data-coding="({start}-\d+:{re.escape(code)})"', str(answer["parts"]))
        start_of = place[1] if place else ""
        if not start_of:
            # White space at the ends is left out, so a coding may begin a character later.
            row = Coding.objects.filter(coder=desk.coder).latest("pk")
            start_of = f"{row.start}-{row.end}:{code}"
        desk.act("change", coding=start_of, memo=f"Memo {number}")
        first = int(start_of.partition("-")[0])
        desk.act("boundaries", coding=start_of, **{"from": first, "to": first + 40})
        desk.act("undo")
        desk.act("redo")
        desk.act("read", part=page, read="yes")
        answer = desk.act("undo")
        if answer["progress"]["codings"] != codings + number + 1:
            wrong.append(f"{answer['progress']['codings']} codings after round {number}")
        if answer["number"] != (number + 1) * 7:
            wrong.append(f"act {answer['number']} after round {number}")
    return desk, wrong


def save(number: int, saves: int, begin: float) -> dict[str, Any]:
    """What one coder saves while others save: times of the requests, and the error, if any."""
    desk, error = Desk(number), ""
    time.sleep(max(0.0, begin - time.monotonic()))
    try:
        for at in range(saves):
            start = at * 50
            code = desk.codes[at % len(desk.codes)]
            desk.act("code", twice=at % 10 == 9, **{"from": start, "to": start + 31}, code=code)
    except Exception as failure:  # noqa: BLE001 - any failure is part of the answer
        error = f"coder-{number}: {type(failure).__name__}: {failure}"
    connection.close()
    return {"times": desk.times.get("code", []), "error": error}


def saved_at_once(coders: int, saves: int) -> tuple[list[float], list[str]]:
    """Times of all requests of coders who save together, and what is wrong in the database."""
    connection.close()  # it cannot be shared with a forked process
    each = saves // coders
    begin = time.monotonic() + 2
    jobs = [(number, each, begin) for number in range(1, coders + 1)]
    with multiprocessing.get_context("fork").Pool(coders) as pool:
        results = pool.starmap(save, jobs, chunksize=1)
    wrong = [result["error"] for result in results if result["error"]]
    for number in range(1, coders + 1):
        own = {"coder__username": f"coder-{number}"}
        acts = CodingAction.objects.filter(**own).order_by("number")
        if list(acts.values_list("number", flat=True)) != list(range(1, each + 1)):
            wrong.append(f"coder-{number}: {acts.count()} acts of {each}")
        current = Coding.objects.filter(**own, superseded_at=None).count()
        if current != each:
            wrong.append(f"coder-{number}: {current} codings of {each}")
    wrong += [f"broken chain at entry {entry}" for entry in broken_links()]
    return [moment for result in results for moment in result["times"]], wrong


def quantiles(times: list[float]) -> dict[str, int]:
    """p50 and p95 in milliseconds."""
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    return {"p50": round(cuts[9] * 1000), "p95": round(cuts[18] * 1000)}


def main() -> int:
    """Run; return 1 if the answer is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, number in (
        ("pages", 300),
        ("codings", 2_000),
        ("rounds", 40),
        ("coders", 20),
        ("saves", 1_000),
    ):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings.ALLOWED_HOSTS = ["testserver"]
    build_world(options.pages, options.codings, options.coders)
    desk, wrong = long_report(options.rounds, options.codings)
    alone = {
        "times": {kind: quantiles(values) for kind, values in desk.times.items()},
        "processor": {kind: quantiles(values) for kind, values in desk.processor.items()},
    }
    print(json.dumps(alone), file=sys.stderr, flush=True)
    at_once, lost = saved_at_once(options.coders, options.saves)
    answer = {
        "database": connection.vendor,
        "pages": options.pages,
        "codings": options.codings,
        **alone,
        "at once": quantiles(at_once) | {"requests": len(at_once)},
        "wrong": wrong + lost,
    }
    print(json.dumps(answer, indent=None if options.json else 2))
    return 1 if answer["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
