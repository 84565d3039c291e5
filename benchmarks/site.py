"""Every kind of page at 1,000, 3,000 and 10,000 reviews, from a real `waymark serve`.

    .venv/bin/python benchmarks/site.py --folder FOLDER [--sizes 1000,3000,10000] [--rounds 20]

FOLDER keeps an installation for each size (big_site.py makes it in minutes from the demo); later
runs use it again. Each page is asked for by one client and by eight, on the real server, and by
Django's test client for the number of queries. Printed are p50 and p95 by the clock, milliseconds
of the server's processes, the same as times of a bare Django page on the same rows in the same run
(site_bare.py), queries, bytes, and the exponent of growth: 0 means that the size makes no
difference, 1 that ten times the reviews take ten times as long. Answers are checked: a page must
say what the database says. Datasette takes part where it is installed.
"""

import argparse
import importlib.util
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from site_server import WAYMARK, Server, fetch, middle, served, served_bare

SIZES = "1000,3000,10000"
CLIENTS = 8
MOST_MILLISECONDS = 100.0


@dataclass(frozen=True)
class PageKind:
    """Page to ask for. bare: the bare page it is compared with; heavy: asked for few times.

    number: name of the number of facts() that must be in the page.
    """

    name: str
    address: str
    bare: str = "list"
    number: str = ""
    heavy: bool = False


PAGES = (
    PageKind("home", "/", number="reviews"),
    PageKind("find, all", "/find/", number="records"),
    PageKind("find, page 100", "/find/?page=100", number="records"),
    PageKind("find, common words", "/find/?q=child+mother+school"),
    PageKind("find, one word", "/find/?q=bruising"),
    PageKind("find, passages", "/find/?q=mother&view=passages"),
    PageKind("find, two filters", "/find/?q=mother&nation=Northern+Ireland&agency=ag.police"),
    PageKind("results.json", "/library/results.json?q=mother"),
    PageKind("results.ris", "/library/results.ris?q=mother"),
    PageKind("feed", "/library/feed.atom"),
    PageKind("topics", "/topics/"),
    PageKind("topic", "/topics/neglect/"),
    PageKind("subjects", "/subjects/"),
    PageKind("subject", "/subjects/neglect/"),
    PageKind("review", "/reviews/R01-1/", "review"),
    PageKind("report page", "/reports/{report}/pages/1/", "review"),
    PageKind("long report, page 150", "/reports/{long}/pages/150/", "review"),
    PageKind("long report, whole", "/reports/{long}/", "review"),
    PageKind("passage", "/p/{passage}/", "review"),
    PageKind("resource", "/resources/{resource}/", "review"),
    PageKind("overviews", "/overviews/"),
    PageKind("overview", "/overviews/demo/"),
    PageKind("codebook", "/frameworks/cr-core/1.1.0/"),
    PageKind("code", "/frameworks/cr-core/1.1.0/prac.assessment/"),
    PageKind("data", "/data/"),
    PageKind("data, reviews.csv", "/data/reviews.csv", heavy=True),
    PageKind("data, codings.csv", "/data/codings.csv", heavy=True),
    PageKind("data, codings.parquet", "/data/codings.parquet", heavy=True),
    PageKind("sitemap", "/sitemap.xml", heavy=True),
    PageKind("OAI-PMH, records", "/oai/?verb=ListRecords&metadataPrefix=oai_dc"),
    PageKind("OAI-PMH, identifiers", "/oai/?verb=ListIdentifiers&metadataPrefix=oai_dc"),
    PageKind("methods", "/methods/"),
    PageKind("about", "/about/"),
)


@dataclass
class PageTimes:
    """Times of a page. alone, eight: (p50, p95) in ms by the clock; worked: ms of processor."""

    alone: tuple[float, float] = (0.0, 0.0)
    eight: tuple[float, float] = (0.0, 0.0)
    worked: float = 0.0
    times_bare: float = 0.0
    size: int = 0
    queries: int = 0
    by_size: dict[int, float] = field(default_factory=dict)


def main() -> int:
    options = argparse.ArgumentParser(description="Pages of a large installation.")
    options.add_argument("--folder", type=Path, help="keeps the installations; else made anew")
    options.add_argument("--sizes", default=SIZES)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--only", default="", help="pages whose name contains this")
    options.add_argument("--json", type=Path, help="file for the numbers")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options.add_argument("--reviews", type=int, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments)
        return 0
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        folder = arguments.folder or Path(made)
        results: dict[int, dict[str, PageTimes]] = {}
        for reviews in sorted(int(size) for size in arguments.sizes.split(",")):
            data = folder / str(reviews)
            if not (data / "filled").exists():
                build_installation(data, reviews)
            results[reviews] = measure(data, arguments)
    report(results)
    if arguments.json:
        numbers = {
            size: {name: vars(row) for name, row in rows.items()} for size, rows in results.items()
        }
        arguments.json.write_text(json.dumps(numbers, indent=1), "utf-8")
    return 0


def build_installation(data: Path, reviews: int) -> None:
    begun = time.monotonic()
    shutil.rmtree(data, ignore_errors=True)
    demo = data.parent / "demo"
    if not demo.exists():
        subprocess.run([WAYMARK, "--data", demo, "demo", "--no-serve"], check=True)
    shutil.copytree(demo, data)
    run_step("fill", data, reviews)
    (data / "filled").touch()
    print(f"{reviews:,} reviews: built in {time.monotonic() - begun:.0f} s", flush=True)


def run_step(step: str, data: Path, reviews: int = 0, only: str = "") -> str:
    command = [sys.executable, __file__, "--step", step, "--folder", str(data)]
    command += ["--reviews", str(reviews), "--only", only]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def django_for(folder: Path) -> None:
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()


def fill(arguments: argparse.Namespace) -> None:
    django_for(arguments.folder)
    from big_site import build
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    build(arguments.folder, arguments.reviews)


# ---- what is right ----


def facts(arguments: argparse.Namespace) -> None:
    """Print what the database says: names to ask for and numbers that pages must show."""
    django_for(arguments.folder)
    from big_site import LONG
    from django.core.management import call_command
    from django.db.models import Q

    from waymark.documents.models import Passage, Report, Review
    from waymark.library.models import CatalogueRecord, Resource

    # An installation that an earlier version made is brought up to date.
    call_command("migrate", verbosity=0)
    public = Q(review__state="published") | Q(resource__state="published")
    shown = CatalogueRecord.objects.filter(public)
    report = Report.objects.get(review__reference="R01-1")
    known = {
        "report": report.key,
        "passage": Passage.objects.filter(report=report)[7].key,
        "long": Report.objects.get(review__reference=LONG).key,
        "resource": Resource.objects.filter(state="published").latest("pk").key,
        "records": shown.count(),
        "reviews": shown.filter(review__isnull=False).count(),
        "all_reviews": Review.objects.count(),
    }
    print(json.dumps(known))


def queries(arguments: argparse.Namespace) -> None:
    """Print the number of queries of each page, warm."""
    django_for(arguments.folder)
    from django.db import connection
    from django.test import Client, override_settings
    from django.test.utils import CaptureQueriesContext

    numbers = {}
    known = json.loads(run_step("facts", arguments.folder))
    with override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        client = Client()
        for page in chosen_pages(arguments.only):
            if not page.heavy:
                address = page.address.format(**known)
                client.get(address)
                with CaptureQueriesContext(connection) as captured:
                    client.get(address)
                numbers[page.name] = len(captured)
    print(json.dumps(numbers))


def chosen_pages(only: str) -> list[PageKind]:
    return [page for page in PAGES if only in page.name]


# ---- asking ----


def measure(data: Path, arguments: argparse.Namespace) -> dict[str, PageTimes]:
    known = json.loads(run_step("facts", data))
    counted = json.loads(run_step("queries", data, only=arguments.only))
    times = {page.name: PageTimes() for page in chosen_pages(arguments.only)}
    with served_bare(data) as bare_server:
        addresses = {"list": "/?page=1", "review": "/review/R01-1/"}
        bare = {
            name: timed(bare_server, address, 5 * arguments.rounds).worked
            for name, address in addresses.items()
        }
    print(f"bare Django: {bare}", flush=True)
    with served(data) as server:
        for page in chosen_pages(arguments.only):
            address = page.address.format(**known)
            answer = fetch(server.port, address)
            check(page, answer, known)
            rounds = 3 if page.heavy else arguments.rounds
            row = timed(server, address, rounds)
            row.eight = (
                (math.nan, math.nan) if page.heavy else at_once(server.port, address, rounds)
            )
            row.size, row.queries = len(answer), counted.get(page.name, 0)
            row.times_bare = row.worked / bare[page.bare]
            times[page.name] = row
            print(f"  {page.name}: {row.worked:.0f} ms of processor", flush=True)
    return times


def check(page: PageKind, answer: bytes, known: dict[str, int]) -> None:
    """Raise AssertionError unless the page shows the number of the database."""
    if page.number:
        number = known[page.number]
        shown = re.sub(r"<[^>]+>|&nbsp;", " ", answer.decode())
        assert f"{number:,}" in shown or str(number) in shown, (page.name, number)


def timed(server: Server, address: str, rounds: int) -> PageTimes:
    """Times of a page asked for again and again by one client, warm."""
    for _ in range(4 if rounds > 3 else 1):
        fetch(server.port, address)
    before, times = server.worked(), []
    for _ in range(rounds):
        begun = time.perf_counter()
        fetch(server.port, address)
        times.append(1000 * (time.perf_counter() - begun))
    return PageTimes(alone=middle(times), worked=1000 * (server.worked() - before) / rounds)


def at_once(port: int, address: str, rounds: int) -> tuple[float, float]:
    """p50 and p95 for eight clients, each of which asks again as soon as it has its answer."""

    def ask(_: int) -> float:
        begun = time.perf_counter()
        fetch(port, address)
        return 1000 * (time.perf_counter() - begun)

    with ThreadPoolExecutor(CLIENTS) as clients:
        return middle(list(clients.map(ask, range(rounds * 2))))


# ---- telling ----


def report(results: dict[int, dict[str, PageTimes]]) -> None:
    sizes = sorted(results)
    largest = results[sizes[-1]]
    if importlib.util.find_spec("datasette") is None:
        print("Datasette is not installed and took no part.")
    print(
        "| page | processor ms | times bare | queries | bytes | one client p50/p95 | "
        "eight p50/p95 | growth |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, row in largest.items():
        eight = "" if math.isnan(row.eight[0]) else f"{row.eight[0]:.0f}/{row.eight[1]:.0f}"
        late = "" if row.alone[1] <= MOST_MILLISECONDS else " (late)"
        print(
            f"| {name} | {row.worked:.0f} | {row.times_bare:.1f} | {row.queries or ''} "
            f"| {row.size:,} | {row.alone[0]:.0f}/{row.alone[1]:.0f}{late} | {eight} "
            f"| {growth({size: results[size][name].worked for size in sizes})} |"
        )


def growth(worked: dict[int, float]) -> str:
    """The exponent of growth: the slope of the line through the logarithms."""
    points = [(math.log(size), math.log(max(ms, 0.5))) for size, ms in worked.items()]
    if len(points) < 2:
        return ""
    return f"{statistics.linear_regression(*zip(*points, strict=True)).slope:.2f}"


STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "fill": fill,
    "facts": facts,
    "queries": queries,
}

if __name__ == "__main__":
    sys.exit(main())
