"""Figures of a large installation that are not those of single pages, in at most six minutes.

    .venv/bin/python benchmarks/acceptance.py --folder FOLDER

FOLDER is that of site.py, with `demo` and `10000` in it; both are used as they are and left so: a
review is withdrawn and published again, and records are imported into a copy of the demo. Printed
are seconds by the clock and of the processor, which depend on the machine, and ratios, which do
not:

    start        until the first page; memory of all processes, shared pages divided among them
    downloads    p95 of the home page beside 16 downloads, and alone
    readers      p95 of 50 readers of the demo, each of whom reads a page a second
    withdrawal   one review at this size: gone from every page, count and download at once
    indexing     the whole index again
    doctor       all checks
    import       600 records of resources as RIS, with subjects

It is meant for a machine with nothing else running.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

from site_server import WAYMARK, Server, children_of, fetch, middle, served

DOWNLOADS = ("/data/codings.csv", "/data/judgements.csv", "/data/reviews.csv", "/data/children.csv")
AT_ONCE = 16
READERS, READING_SECONDS = 50, 20
READ = ("/", "/find/", "/find/?q=neglect", "/topics/", "/subjects/", "/reviews/R01-1/", "/about/")
LISTS = (
    "/find/?q={reference}",
    "/library/results.json?q={reference}",
    "/library/results.ris?q={reference}",
    "/library/feed.atom",
    "/sitemap.xml",
    "/data/reviews.csv",
    "/data/codings.csv",
    "/oai/?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:waymark.localhost:{reference}",
)
RECORDS = 600


def main() -> int:
    options = argparse.ArgumentParser(description="Figures of a large installation.")
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--size", default="10000")
    options.add_argument("--only", default="", help="names, separated by commas")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options.add_argument("--reference", default="", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments)
        return 0
    large, demo = arguments.folder / arguments.size, arguments.folder / "demo"
    figures: dict[str, Callable[[], None]] = {
        "start": lambda: start(large),
        "downloads": lambda: downloads(large),
        "readers": lambda: readers(demo),
        "withdrawal": lambda: withdrawal(large),
        "indexing": lambda: command("indexing", large, "index", "rebuild"),
        "doctor": lambda: command("doctor", large, "doctor"),
        "import": lambda: imported(demo),
    }
    for name, figure in figures.items():
        if not arguments.only or name in arguments.only.split(","):
            figure()
    return 0


def start(data: Path) -> None:
    begun = time.monotonic()
    with served(data) as server:
        first = time.monotonic() - begun
        print(f"start: first page after {first:.1f} s", flush=True)
        for address in READ * 4:
            fetch(server.port, address)
        rows = {pid: memory(pid) for pid in family(server.pid)}
        print(f"memory: {sum(rows.values())} MiB in {len(rows)} processes", flush=True)


def family(pid: int) -> list[int]:
    """A process, its children, their children and so on."""
    return [pid, *(member for child in children_of(pid) for member in family(child))]


def memory(pid: int) -> int:
    """MiB of a process, with its part of the pages that it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss: +(\d+)", rollup, re.MULTILINE)[0]) // 1024


def downloads(data: Path) -> None:
    with served(data) as server:
        for address in (*DOWNLOADS, "/"):
            fetch(server.port, address)
        alone = home_times(server, 60)
        stopping = Event()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            taken = [
                pool.submit(download, server.port, DOWNLOADS[number % len(DOWNLOADS)], stopping)
                for number in range(AT_ONCE)
            ]
            time.sleep(0.5)
            beside = home_times(server, 60)
            stopping.set()
            whole = sum(row.result() for row in taken)
    print(
        f"downloads: home p95 {alone[1]:.0f} ms alone, {beside[1]:.0f} ms beside {AT_ONCE} "
        f"({beside[1] / alone[1]:.1f} times; {whole} files were taken meanwhile)",
        flush=True,
    )


def home_times(server: Server, rounds: int) -> tuple[float, float]:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        fetch(server.port, "/")
        times.append(1000 * (time.perf_counter() - begun))
    return middle(times)


def download(port: int, address: str, stopping: Event) -> int:
    """Take a file again and again until it is time to stop; return how often."""
    taken = 0
    while not stopping.is_set():
        fetch(port, address)
        taken += 1
    return taken


def readers(data: Path) -> None:
    def read(number: int) -> list[float]:
        times = []
        until = time.monotonic() + READING_SECONDS
        chance = random.Random(number)  # noqa: S311
        time.sleep(chance.random())
        while time.monotonic() < until:
            begun = time.perf_counter()
            fetch(server.port, chance.choice(READ[:-2]))
            times.append(time.perf_counter() - begun)
            time.sleep(max(0.0, 1 - times[-1]))
        return times

    with served(data) as server:
        for address in READ[:-2] * 4:
            fetch(server.port, address)
        with ThreadPoolExecutor(READERS) as pool:
            times = [row for of_reader in pool.map(read, range(READERS)) for row in of_reader]
    p50, p95 = middle(times)
    print(
        f"readers: {READERS} read {len(times) / READING_SECONDS:.0f} pages a second, "
        f"p50 {p50:.2f} s, p95 {p95:.2f} s",
        flush=True,
    )


def withdrawal(data: Path) -> None:
    """Raise AssertionError if anything shows the review after it was withdrawn."""
    known = json.loads(step(data, "canary"))
    reference, title = known["reference"], known["title"]
    with served(data) as server:
        addresses = [address.format(reference=reference) for address in LISTS]
        shown = [address for address in addresses if reference in ask(server.port, address)[1]]
        assert len(shown) >= 5, shown
        before = home_count(server.port)
        assert ask(server.port, f"/reviews/{reference}/")[0] == 200
        try:
            step(data, "withdraw", reference)
            status, page = ask(server.port, f"/reviews/{reference}/")
            assert status in {404, 410}, status
            assert title not in page
            for address in addresses:
                answer = ask(server.port, address)[1]
                echoed = answer.replace(f"q={reference}", "").replace(f'"{reference}"', "")
                assert title not in echoed, address
                assert f"/reviews/{reference}/" not in echoed, address
            assert home_count(server.port) == before - 1
        finally:
            step(data, "publish", reference)
    print(f"withdrawal: gone at once from {len(addresses)} lists and files, its page and the count")


def ask(port: int, address: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("GET", address)
    answer = connection.getresponse()
    content = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, content


def home_count(port: int) -> int:
    """The number of reviews on the home page: the largest number before that word."""
    text = re.sub(r"<[^>]+>|&nbsp;", " ", ask(port, "/")[1])
    numbers = re.findall(r"([\d,]+)\s+(?:case\s+)?reviews", text)
    return max(int(number.replace(",", "")) for number in numbers)


def command(name: str, data: Path, *words: str) -> None:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    # The doctor ends with a fault: the originals of copied reviews do not exist.
    subprocess.run([WAYMARK, "--data", data, *words], stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name}: {time.monotonic() - begun:.1f} s, {worked:.1f} s of processor", flush=True)


def imported(demo: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        data = Path(made) / "data"
        shutil.copytree(demo, data)
        print(step(data, "import"), end="")


# ---- steps in a process of their own ----


def step(data: Path, name: str, reference: str = "") -> str:
    words = [sys.executable, __file__, "--step", name, "--folder", str(data)]
    done = subprocess.run(
        [*words, "--reference", reference], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def django_for(folder: Path) -> None:
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()


def canary(arguments: argparse.Namespace) -> None:
    """Print a published review whose reference is in no other."""
    django_for(arguments.folder)
    from waymark.documents.models import Review

    review = Review.objects.filter(state="published").order_by("-published_on", "-pk")[0]
    print(json.dumps({"reference": review.reference, "title": review.title}))


def withdraw(arguments: argparse.Namespace) -> None:
    change_to(arguments, "withdrawn")


def publish(arguments: argparse.Namespace) -> None:
    change_to(arguments, "published")


def change_to(arguments: argparse.Namespace, name: str) -> None:
    django_for(arguments.folder)
    from django.utils import timezone

    from waymark.accounts.models import State
    from waymark.documents.models import Review
    from waymark.pipeline.state_changes import change_state

    review = Review.objects.get(reference=arguments.reference)
    change_state(by=None, item=review, state=State(name), now=timezone.now())


def import_records(arguments: argparse.Namespace) -> None:
    django_for(arguments.folder)
    from django.core.management import call_command
    from django.utils import timezone

    from waymark.library.exchange.formats import read_as
    from waymark.pipeline.import_records import ImportOptions, import_reading

    call_command("migrate", verbosity=0)
    chance = random.Random(1)  # noqa: S311
    words = ["visit", "school", "nurse", "court", "health", "home", "learning", "police", "plan"]
    records = "".join(
        f"TY  - RPRT\nTI  - {' '.join(chance.sample(words, 6))} {number:05}\nAU  - Made, Up\n"
        f"PY  - 2010\nPB  - Made-up board\nAB  - {' '.join(chance.choices(words, k=60))}\n"
        f"KW  - neglect\nER  - \n"
        for number in range(RECORDS)
    )
    begun = time.process_time()
    batch = import_reading(
        by=None,
        reading=read_as("ris", records.encode()),
        source="made up",
        format_name="ris",
        options=ImportOptions("research-report", include_similar=True),
        now=timezone.now(),
    )
    worked = time.process_time() - begun
    assert batch.report["taken"] == RECORDS, batch.report["taken"]
    print(f"import: {RECORDS / worked:.0f} records a second of processor")


STEPS: dict[str, Callable[[argparse.Namespace], None]] = {
    "canary": canary,
    "withdraw": withdraw,
    "publish": publish,
    "import": import_records,
}

if __name__ == "__main__":
    sys.exit(main())
