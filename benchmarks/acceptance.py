"""Figures of a large installation that are not those of single pages, in at most six minutes.

    .venv/bin/python benchmarks/acceptance.py --folder FOLDER [--only NAME,NAME]

FOLDER is that of site.py, with `demo` and `10000` in it; both are used as they are: a review is
withdrawn and published again, somebody signs in, and records and files are added to a copy of the
demo.
Each line is a figure with its target, and whether it was met on this machine:

    start        until the first page; memory of the processes, shared pages divided among them
    downloads    first byte of the tables of data; p95 of the home page beside 16 downloads
    readers      p95 of 50 readers of the demo, each of whom reads a page a second
    withdrawal   one review at this size: gone from every page, count and download at once
    lists        pages of the list of reviews, and results as files, by Django's test client
    indexing     the whole index again
    doctor       all checks, and the quick ones
    import       600 records of resources as RIS, with subjects
    files        400 texts of a page, by `waymark ingest` as a whole

Where the large installation was moved to PostgreSQL, set DATABASE_URL and choose the figures that
need no demo: --only start,downloads,withdrawal,lists,indexing,doctor

It is meant for a machine with nothing else running: seconds are by the clock unless it says
processor.
"""

import argparse
import json
import multiprocessing
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
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from site_server import WAYMARK, Server, family, fetch, memory, middle, served

DOWNLOADS = ("/data/codings.csv", "/data/judgements.csv", "/data/reviews.csv", "/data/children.csv")
WORDS = (
    "the panel found that nobody had asked about visits made in winter when records were kept by "
    "different services and letters went unanswered although the school wrote twice to the clinic"
)
AT_ONCE = 16
IN_ONE_PROCESS = 8
READERS, READING_SECONDS = 50, 20
BEFORE = 1.88
"""p95 of the readers in seconds before the work on speed."""
STEPS = Path(__file__).with_name("acceptance_steps.py")
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
HELD = "/overviews/demo/"
"""Page of an edition, which reads its snapshot."""
FILES, WORDS_OF_A_FILE = 400, 300


def main() -> int:
    options = argparse.ArgumentParser(description="Figures of a large installation.")
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--size", default="10000")
    options.add_argument("--only", default="", help="names, separated by commas")
    arguments = options.parse_args()
    large, demo = arguments.folder / arguments.size, arguments.folder / "demo"
    figures: dict[str, Callable[[], None]] = {
        "start": lambda: start(large),
        "downloads": lambda: downloads(large),
        "readers": lambda: readers(demo),
        "withdrawal": lambda: withdrawal(large),
        "lists": lambda: lists(large),
        "indexing": lambda: command("index rebuild", large, "index", "rebuild", most=25),
        "doctor": lambda: doctor(large),
        "import": lambda: imported(demo),
        "files": lambda: files(demo),
    }
    for name, figure in figures.items():
        if not arguments.only or name in arguments.only.split(","):
            figure()
    return 0


def tell(name: str, value: float, unit: str, *, most: float = 0, least: float = 0) -> None:
    """Print a figure and whether it meets its target. most, least: the target, 0 for none."""
    target = ""
    if most or least:
        met = value <= most if most else value >= least
        words = f"at most {most:g}" if most else f"at least {least:g}"
        target = f"{words}: {'met' if met else 'missed'}"
    print(f"{name:42} {value:8.1f} {unit:12} {target}".rstrip(), flush=True)


def start(data: Path) -> None:
    begun = time.monotonic()
    with served(data) as server:
        first = time.monotonic() - begun
        tell("start: first page", first, "s", most=2)
        for address in (*READ, HELD) * 4:
            fetch(server.port, address)
        rows = {pid: memory(pid) for pid in family(server.pid)}
        tell(f"memory of all {len(rows)} processes", sum(rows.values()), "MiB")
        tell("memory of the largest process", max(rows.values()), "MiB", most=300)


def downloads(data: Path) -> None:
    with served(data) as server:
        for address in (*DOWNLOADS, "/"):
            fetch(server.port, address)
        slowest = max(first_byte(server, address)[1] for address in DOWNLOADS)
        tell("data: first byte, p95 of the slowest table", slowest, "ms", most=50)
        alone = home_times(server, 60)
        stopping, done = multiprocessing.Event(), multiprocessing.Value("i", 0)
        # In processes of their own, and below all others: visitors' machines are not the server.
        visitors = [
            multiprocessing.Process(target=download_all, args=(server.port, stopping, done))
            for _ in range(AT_ONCE // IN_ONE_PROCESS)
        ]
        for visitor in visitors:
            visitor.start()
        time.sleep(2)
        beside = home_times(server, 60)
        stopping.set()
        for visitor in visitors:
            visitor.join()
        whole = done.value
    tell("home: p95 alone", alone[1], "ms")
    tell(f"home: p95 beside {AT_ONCE} downloads ({whole} done)", beside[1], "ms")
    tell("home: p95 beside them by p95 alone", beside[1] / alone[1], "times", most=3)


def first_byte(server: Server, address: str) -> tuple[float, float]:
    """p50 and p95 of the time until a download begins, in ms."""
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=300)
        connection.request("GET", address)
        connection.getresponse().read(1)
        times.append(1000 * (time.perf_counter() - begun))
        connection.close()
    return middle(times)


def home_times(server: Server, rounds: int) -> tuple[float, float]:
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        fetch(server.port, "/")
        times.append(1000 * (time.perf_counter() - begun))
    return middle(times)


def download_all(port: int, stopping: Event, done: "Synchronized[int]") -> None:
    """Take files again and again until it is time to stop, several at once; count them."""
    os.nice(19)

    def download(address: str) -> None:
        while not stopping.is_set():
            fetch(port, address)
            with done.get_lock():
                done.value += 1

    with ThreadPoolExecutor(IN_ONE_PROCESS) as pool:
        list(pool.map(download, (DOWNLOADS * IN_ONE_PROCESS)[:IN_ONE_PROCESS]))


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
    tell(f"readers: pages a second to {READERS}", len(times) / READING_SECONDS, "pages")
    tell("readers: p50", p50, "s")
    tell("readers: p95", p95, "s", most=0.6 * BEFORE)


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


def lists(data: Path) -> None:
    for name, (worked, most) in json.loads(step(data, "lists")).items():
        tell(f"{name}, processor", worked, "ms", most=most)


def doctor(data: Path) -> None:
    # It ends with a fault: the originals of copied reviews do not exist.
    command("doctor", data, "doctor")
    command("doctor --quick", data, "doctor", "--quick", most=2)


def command(name: str, data: Path, *words: str, most: float = 0) -> None:
    seconds, worked = run(data, *words)
    tell(name, seconds, "s", most=most)
    tell(f"{name}, processor", worked, "s")


def run(data: Path, *words: str) -> tuple[float, float]:
    """Run a command; its seconds by the clock and of the processor."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [str(WAYMARK), "--data", str(data), *words]
    quiet = subprocess.DEVNULL
    subprocess.run(command, stdout=quiet, stderr=quiet, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - begun, worked


def imported(demo: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        data = Path(made) / "data"
        shutil.copytree(demo, data)
        tell("import: records", float(step(data, "import")), "/s processor", least=350)


def files(demo: Path) -> None:
    """`waymark ingest` of new files by that of none, so that neither start nor end counts."""
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as made:
        data, folder = Path(made) / "data", Path(made) / "files"
        shutil.copytree(demo, data)
        folder.mkdir()
        chance, vocabulary = random.Random(1), WORDS.split()  # noqa: S311
        for number in range(FILES + 1):
            words = [chance.choice(vocabulary) for _ in range(WORDS_OF_A_FILE)]
            lines = [" ".join(words[at : at + 60]) for at in range(0, len(words), 60)]
            text = "\n\n".join([f"Review {number}", *(f"{line}." for line in lines)])
            (folder / f"{number:04}.txt").write_text(text, "ascii")
        first = folder / "0000.txt"
        run(data, "ingest", str(first))
        least = run(data, "ingest", str(first))
        seconds, worked = run(data, "ingest", str(folder))
    tell("ingest: texts of a page", FILES / (seconds - least[0]), "/s", least=40)
    tell("ingest: texts of a page, processor", 1000 * (worked - least[1]) / FILES, "ms each")


def step(data: Path, name: str, reference: str = "") -> str:
    """What a step of acceptance_steps.py prints: it has the settings of one installation."""
    command = [sys.executable, str(STEPS), name, str(data), reference]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
