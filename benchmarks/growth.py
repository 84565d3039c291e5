"""The same installation at several sizes, on each database and search engine.

    .venv/bin/python benchmarks/growth.py --folder FOLDER [--passages 10000,100000]
        [--on sqlite,postgresql,cluster] [--json FILE]

FOLDER keeps an installation of each size on SQLite (big_site.py makes it from the demo); each cell
works on a copy. sqlite: SQLite and the built-in index; postgresql: PostgreSQL (a server in a
temporary folder, moved to by `waymark move-database`) and the built-in index; cluster: the same
database and two nodes of OpenSearch, which Maven fetches. Every cell is printed as it ends.

    search, home, review   p50/p95 of one reader by the clock, ms, from a real `waymark serve`; and
                           in brackets the milliseconds of its processor
    gone                   from the commit of a withdrawal until no page shows it; until the index
                           has followed; s
    pages in               texts of a page a second, by `waymark ingest` beside the running site
    move, rebuild, backup  seconds by the clock, and of the processor in brackets (without those of
                           servers); the rebuild while another process changes records all the time,
                           and afterwards the index is compared with the database
    bytes                  of the database and of the index, for each passage
"""

import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from acceptance import WORDS, ask
from site_server import WAYMARK, Server, fetch, middle, served

CELLS = ("sqlite", "postgresql", "cluster")
PASSAGES_OF_A_REVIEW = 56
ROUNDS, FILES, WORDS_OF_A_FILE = 4, 60, 300
QUERIES = (
    *("bruising", "neglect", "child mother school", '"health visitor"', "police OR housing"),
    *("domestic abuse of the mother", "nobody asked the father", "nation:Wales school"),
    *("missed appointment", "child NOT school", "neglect*", "what do reviews say about visits?"),
)
MOST_WAITED = 300.0


@dataclass
class Cell:
    """Figures of one size on one database and engine.

    load: of the machine at the begin and at the end, as uptime has it for the last minute.
    search, home, review: p50, p95 and processor, in ms; move, rebuild, backup: seconds by the clock
    and of the processor.
    """

    passages: int
    on: str
    load: tuple[float, ...] = ()
    search: tuple[float, ...] = ()
    home: tuple[float, ...] = ()
    review: tuple[float, ...] = ()
    gone: float = 0.0
    indexed: float = 0.0
    pages_in: float = 0.0
    move: tuple[float, ...] = ()
    rebuild: tuple[float, ...] = ()
    writes: int = 0
    refused: int = 0
    backup: tuple[float, ...] = ()
    backup_bytes: int = 0
    database_bytes: int = 0
    index_bytes: int = 0
    faults: int = 0


def main() -> int:
    options = argparse.ArgumentParser(description="Growth over sizes, databases and engines.")
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--passages", default="10000,100000")
    options.add_argument("--on", default=",".join(CELLS))
    options.add_argument("--json", type=Path, help="file for the numbers")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options.add_argument("--reference", default="", help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments)
        return 0
    cells: list[Cell] = []
    for size in map(int, arguments.passages.split(",")):
        source = arguments.folder / f"passages-{size}"
        if not (source / "filled").exists():
            build_installation(source, size)
        for on in arguments.on.split(","):
            cells.append(measured(source, on))
            print(json.dumps(asdict(cells[-1])), flush=True)
    report(cells)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(cell) for cell in cells], indent=1), "utf-8")
    return 0


def build_installation(data: Path, passages: int) -> None:
    """An installation on SQLite with about so many passages, made of copies of the demo."""
    shutil.rmtree(data, ignore_errors=True)
    demo = data.parent / "demo"
    if not demo.exists():
        subprocess.run([WAYMARK, "--data", demo, "demo", "--no-serve"], check=True)
    shutil.copytree(demo, data)
    with environment_of({"WAYMARK_DATA": str(data)}):
        run("migrate")
        step("fill", str(-(-passages // PASSAGES_OF_A_REVIEW)))
    (data / "filled").touch()


def measured(source: Path, on: str) -> Cell:
    """The figures of one cell, on a copy of an installation on SQLite."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-growth-")))
        data = scratch / "data"
        shutil.copytree(source, data)
        environment = {"WAYMARK_DATA": str(data), "WAYMARK_LINK_CHECKS": "0"}
        stack.enter_context(environment_of(environment))
        run("migrate")
        cell = Cell(0, on)
        before = os.getloadavg()[0]
        if on != "sqlite":
            url = stack.enter_context(postgresql())
            cell.move = timed(lambda: run("move-database", url))
            stack.enter_context(environment_of({"DATABASE_URL": url}))
        if on == "cluster":
            stack.enter_context(environment_of(stack.enter_context(cluster(scratch))))
        cell.rebuild, cell.writes, cell.refused, cell.faults = rebuilt()
        with served(data) as server:
            read(server, cell)
            cell.pages_in = ingested(scratch)
            cell.gone, cell.indexed = withdrawn(server)
        target = scratch / "backup.tar"
        # 1: the copies of the demo have no original files.
        cell.backup = timed(lambda: run("backup", str(target), also=1))
        cell.backup_bytes = target.stat().st_size
        sizes = json.loads(step("sizes"))
        cell.passages, cell.database_bytes = sizes["passages"], sizes["database"]
        cell.index_bytes, cell.load = sizes["index"], (before, os.getloadavg()[0])
    return cell


# ---- what a cell runs on ----


@contextmanager
def environment_of(values: dict[str, str]) -> Iterator[None]:
    """Set variables for the programs that are started meanwhile."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def postgresql() -> Iterator[str]:
    """Address of an empty database of a new server."""
    from tests.postgresql_server import running_server

    with environment_of({}):
        os.environ.pop("DATABASE_URL", None)
        with running_server() as url:
            yield url


@contextmanager
def cluster(scratch: Path) -> Iterator[dict[str, str]]:
    """The settings for a new cluster of two nodes."""
    from tests.cluster.nodes import TwoNodes

    folder = scratch / "cluster"
    folder.mkdir()
    nodes = TwoNodes(folder)
    try:
        nodes.start_all()
        yield {
            "WAYMARK_SEARCH_BACKEND": "opensearch",
            "WAYMARK_OPENSEARCH_HOSTS": ",".join(nodes.hosts),
        }
    finally:
        nodes.end()


def run(*words: str, also: int = 0) -> None:
    """Run a command, which must end with 0 or `also`."""
    done = subprocess.run([WAYMARK, *words], capture_output=True, text=True, check=False)
    assert done.returncode in {0, also}, f"{words}\n{done.stdout[-500:]}\n{done.stderr[-2_000:]}"


def step(name: str, reference: str = "") -> str:
    command = [sys.executable, __file__, "--folder", ".", "--step", name, "--reference", reference]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of some work by the clock, and of the processor in the programs that it runs."""
    begun, before = time.monotonic(), _worked()
    work()
    return time.monotonic() - begun, _worked() - before


def _worked() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


# ---- measurements ----


def read(server: Server, cell: Cell) -> None:
    known = json.loads(step("names"))
    searches = [f"/find/?q={quote(query)}" for query in QUERIES]
    cell.search = pages(server, searches)
    cell.home = pages(server, ["/"] * 8)
    cell.review = pages(server, [f"/reviews/{reference}/" for reference in known])


def pages(server: Server, addresses: list[str]) -> tuple[float, ...]:
    """p50, p95 and processor of some pages, after each process of the site has shown them."""
    for address in addresses * 2:
        fetch(server.port, address)
    times, before = [], server.worked()
    for address in addresses * ROUNDS:
        begun = time.monotonic()
        fetch(server.port, address)
        times.append(1000 * (time.monotonic() - begun))
    return *middle(times), 1000 * (server.worked() - before) / len(times)


def rebuilt() -> tuple[tuple[float, float], int, int, int]:
    """Seconds of a rebuild beside a process that writes, its writes, those refused, and faults."""
    command = [sys.executable, __file__, "--folder", ".", "--step", "write"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        seconds = timed(lambda: run("index", "rebuild"))
        writer.send_signal(signal.SIGTERM)
        writes, refused = map(int, writer.communicate()[0].split()[-2:])
    return seconds, writes, refused, int(step("compare"))


def ingested(scratch: Path) -> float:
    """Pages a second, without the start and the end of the command."""
    folder, chance = scratch / "files", random.Random(1)  # noqa: S311
    folder.mkdir()
    vocabulary = WORDS.split()
    for number in range(FILES + 1):
        words = [chance.choice(vocabulary) for _ in range(WORDS_OF_A_FILE)]
        lines = [" ".join(words[at : at + 60]) for at in range(0, len(words), 60)]
        text = "\n\n".join([f"Review {number}", *(f"{line}." for line in lines)])
        (folder / f"{number:04}.txt").write_text(text, "ascii")
    first = str(folder / "0000.txt")
    run("ingest", first)
    least = timed(lambda: run("ingest", first))[0]
    return FILES / (timed(lambda: run("ingest", str(folder)))[0] - least)


def withdrawn(server: Server) -> tuple[float, float]:
    """Seconds from a withdrawal until no page shows the review, and until the index followed."""
    reference = json.loads(step("names"))[0]
    address = f"/reviews/{reference}/"
    listed = f"/find/?q={quote(f'review:{reference}')}"
    assert ask(server.port, address)[0] == 200
    assert address in ask(server.port, listed)[1]
    command = [sys.executable, __file__, "--folder", ".", "--step", "withdraw"]
    command += ["--reference", reference]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as withdrawing:
        assert withdrawing.stdout is not None
        committed = float(withdrawing.stdout.readline())
        while ask(server.port, address)[0] == 200 or address in ask(server.port, listed)[1]:
            assert time.time() - committed < MOST_WAITED
        gone = time.time() - committed
        indexed = float(withdrawing.stdout.readline())
    return gone, indexed


# ---- steps in a process of their own ----


def fill(arguments: argparse.Namespace) -> None:
    """Fill the installation to a number of reviews."""
    from big_site import build
    from django.conf import settings

    build(settings.DATA, int(arguments.reference))


def names(_: argparse.Namespace) -> None:
    """Print the references of eight published reviews, the last ones first."""
    from waymark.documents.models import Review

    rows = Review.objects.filter(state="published", reports__state="published").order_by("-pk")
    print(json.dumps(list(dict.fromkeys(rows.values_list("reference", flat=True)[:40]))[:8]))


def write(_: argparse.Namespace) -> None:
    """Change records until the process is told to stop; print how many, and how many refused."""
    from django.db import OperationalError
    from django.utils import timezone

    from waymark.documents.models import Review
    from waymark.library.services import mark_changed

    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    chance, written, refused = random.Random(2), 0, 0  # noqa: S311
    keys = list(Review.objects.values_list("pk", flat=True))
    print("begun", flush=True)
    while going:
        review = Review.objects.get(pk=chance.choice(keys))
        review.summary = f"{review.summary[:500]} Changed {written}."
        try:
            review.save(update_fields=["summary"])
            mark_changed(reviews=[review], now=timezone.now())
            written += 1
        except OperationalError:  # it waited too long for its turn
            refused += 1
        time.sleep(0.05)
    print(written, refused)


def compare(_: argparse.Namespace) -> None:
    """Let the index follow what was written, then print the number of its faults."""
    from django.utils import timezone

    from waymark.library.models import unindexed_records
    from waymark.library.queries.index_check import index_faults
    from waymark.library.services import index_changed

    while unindexed_records().exists():
        index_changed(now=timezone.now())
    faults = list(index_faults(timezone.now()))
    print(*faults, sep="\n", file=sys.stderr)
    print(len(faults))


def withdraw(arguments: argparse.Namespace) -> None:
    """Withdraw a review; print the moment, then the seconds until the index has followed."""
    from django.utils import timezone

    from waymark.accounts.models import State
    from waymark.documents.models import Review
    from waymark.library.models import unindexed_records
    from waymark.pipeline.removals.state_changes import change_state

    review = Review.objects.get(reference=arguments.reference)
    change_state(by=None, item=review, state=State.WITHDRAWN, now=timezone.now())
    committed = time.time()
    print(committed, flush=True)
    while unindexed_records().exists():
        time.sleep(0.1)
        assert time.time() - committed < MOST_WAITED
    print(time.time() - committed, flush=True)


def sizes(_: argparse.Namespace) -> None:
    """Print the number of passages, and the bytes of the database and of the index."""
    from django.conf import settings

    from waymark.documents.models import Passage
    from waymark.pipeline.backup.database import database_size

    index = sum(
        path.stat().st_size for path in (settings.DATA / "index").rglob("*") if path.is_file()
    )
    if settings.SEARCH_BACKEND == "opensearch":
        from opensearchpy import OpenSearch

        client = OpenSearch(list(settings.OPENSEARCH["hosts"]))
        client.indices.flush(index="waymark-*")
        index = client.indices.stats(index="waymark-*")["_all"]["total"]["store"]["size_in_bytes"]
    found = {"passages": Passage.objects.count(), "database": database_size(), "index": index}
    print(json.dumps(found))


STEPS = {step.__name__: step for step in (fill, names, write, compare, withdraw, sizes)}


# ---- what is printed ----


def report(cells: list[Cell]) -> None:
    print(
        "| passages | on | load | search | home | review | gone | indexed | pages in | move"
        " | rebuild, writes, refused | faults | backup | database | index |\n" + "|---" * 15 + "|"
    )
    for cell in cells:
        times = (
            f"{p50:.0f}/{p95:.0f} ({worked:.0f})"
            for p50, p95, worked in (cell.search, cell.home, cell.review)
        )
        sizes_of = (
            f"{size / cell.passages:,.0f}" for size in (cell.database_bytes, cell.index_bytes)
        )
        values = (
            f"{cell.passages:,}",
            cell.on,
            " to ".join(f"{load:.0f}" for load in cell.load),
            *times,
            f"{cell.gone:.2f}",
            f"{cell.indexed:.1f}",
            f"{cell.pages_in:.1f}",
            _seconds(cell.move),
            f"{_seconds(cell.rebuild)}, {cell.writes}, {cell.refused}",
            str(cell.faults),
            _seconds(cell.backup),
            *sizes_of,
        )
        print(f"| {' | '.join(values)} |")


def _seconds(times: tuple[float, ...]) -> str:
    return f"{times[0]:.0f} ({times[1]:.0f})" if times else ""


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    if "--step" in sys.argv:
        os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
        import django

        django.setup()
    sys.exit(main())
