"""The built-in search index alone, at sizes for which no database is made: up to 10 million.

    .venv/bin/python benchmarks/index_growth.py [--passages 1000000,3000000,10000000]
        [--folder FOLDER] [--json FILE]

Passages of 80 words are resampled from the reports of the demo, in runs of five, so that words keep
their frequencies; a review has 100 of them. There are no more different words than in the demo,
where a real collection would bring new ones with each report. The runs are analysed once, so the
time of a build is that of the engine and of the values that it is given; reading the database and
analysing come on top (benchmarks/search.py). Each size is built, searched and deleted before the
next, in processes of their own.

    built        seconds by the clock, and of the processor in the processes that write
    bytes        of the index for each passage, with all that staff and the public see alike
    search       p50/p95 of a mix of queries, as in benchmarks/search.py: found, counted, the best
                 passages of each record; ms of the processor and (by the clock)
    memory       of the process after all searches, MiB: its own, and with the files of the index
                 that the kernel keeps for it
    gone         from the beginning of a withdrawal until the search finds the record no more:
                 seconds by the clock, and of the processor

The exponent of growth is that of a power: 1.0 is ten times as much for ten times the passages.
"""

import argparse
import json
import math
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.search_corpus import (  # noqa: E402
    FIRST_YEAR,
    NATIONS,
    NOW,
    RUN,
    SEED,
    TYPES,
    WORDS_OF_A_PASSAGE,
    Question,
    questions,
)
from benchmarks.search_times import p95  # noqa: E402

PASSAGES_OF_A_REVIEW = 100
YEARS = 28
QUERIES, ROUNDS, WITHDRAWALS = 20, 3, 5
LEAST_FREE = 15 * 2**30
"""Bytes of the disk that a size leaves free, or it is not built."""
BYTES_OF_A_PASSAGE = 1_200
"""Most that a passage takes on the disk while an index is built, with the files to be merged."""
MIB = 2**20


@dataclass
class Size:
    """Figures of one size. Times: search in ms, the others in s; memory in MiB."""

    passages: int
    built: float = 0.0
    build_worked: float = 0.0
    bytes: int = 0
    search_p50: float = 0.0
    search_p95: float = 0.0
    clock_p50: float = 0.0
    clock_p95: float = 0.0
    own_memory: int = 0
    memory: int = 0
    gone: float = 0.0
    gone_worked: float = 0.0


# ---- what is indexed ----


@lru_cache(maxsize=1)
def demo_words() -> list[str]:
    """The words of the demo's reports in their order."""
    files = sorted((ROOT / "demo" / "reports").glob("R*.md"))
    texts = [file.read_text("utf-8").split("---\n", 2)[2] for file in files]
    return re.findall(r"[A-Za-z][A-Za-z'\-]*|\d+", " ".join(texts))


@lru_cache(maxsize=1)
def analysed_runs() -> list[tuple[str, str]]:
    """Each run of words in the demo: its folded words and its terms."""
    from waymark.library.indexing.index_fields import analysed_text

    words = demo_words()
    runs = (" ".join(words[at : at + RUN]) for at in range(len(words) - RUN))
    return [(text.folded, text.terms) for text in map(analysed_text, runs)]


@dataclass(frozen=True)
class Reviews:
    """The documents of some reviews; can be iterated in another process."""

    first: int
    end: int

    def __iter__(self) -> Iterator:
        runs = analysed_runs()
        for number in range(self.first, self.end):
            yield review(number, runs)


def review(number: int, runs: list[tuple[str, str]]):
    """The documents of a review, the same each time."""
    from waymark.library.indexing.index_fields import analysed_text, terms_of
    from waymark.library.search.protocol import (
        AnalysedText,
        DocumentVisibility,
        IndexDocuments,
        PassageDocument,
        RecordDocument,
    )

    seen = DocumentVisibility(staff=True, public=True)
    chance = numpy.random.default_rng((SEED, number))
    drawn = chance.integers(len(runs), size=(PASSAGES_OF_A_REVIEW, WORDS_OF_A_PASSAGE // RUN))
    texts = tuple(
        AnalysedText(
            " ".join([runs[at][0] for at in row]), " ".join([runs[at][1] for at in row]), "en"
        )
        for row in drawn.tolist()
    )
    title = analysed_text(f"Zqx {number}")
    year = FIRST_YEAR + number % YEARS
    record = RecordDocument(
        visibility=seen,
        reports=(number,),
        title=title,
        texts=(title, *texts),
        words={"title": (title.terms,), "board": terms_of([f"Zqx{number % 40}"])},
        facets={
            "collection": ("reviews",),
            "kind": ("case-review",),
            "year": (str(year),),
            "board": (f"Zqx{number % 40}",),
            "nation": (NATIONS[int(chance.integers(len(NATIONS)))],),
            "type": (TYPES[int(chance.integers(len(TYPES)))],),
        },
        dated=date(year, 1 + number % 12, 1).toordinal(),
        available=NOW,
    )
    passages = tuple(
        PassageDocument(seen, number * PASSAGES_OF_A_REVIEW + place, text, heading=False)
        for place, text in enumerate(texts)
    )
    return IndexDocuments(number, (record,), passages, version=1)


# ---- steps, each in a process of its own ----


def build(folder: Path, passages: int) -> None:
    """Build the index; print seconds by the clock, of the processor, and bytes."""
    from waymark.core.executor import LocalExecutor
    from waymark.core.parallel import processors
    from waymark.library.search.tantivy.backend import TantivyIndex

    analysed_runs()  # before the copies of this process are made, and not a part of the build
    reviews, places = -(-passages // PASSAGES_OF_A_REVIEW), processors()
    ends = [1 + reviews * place // places for place in range(places + 1)]
    parts = [Reviews(*span) for span in pairwise(ends)]
    begun, before = time.monotonic(), worked()
    TantivyIndex(folder).rebuild(parts, executor=LocalExecutor(places), total=reviews)
    clock, processor = time.monotonic() - begun, worked() - before
    # A file that both audiences share is one file.
    files = {(path.stat().st_ino, path.stat().st_size) for path in folder.rglob("*")}
    print(json.dumps([clock, processor, sum(size for _, size in files)]))


def worked() -> float:
    """Seconds of processor of this process and of its children that ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def search(folder: Path, _passages: int) -> None:
    """Ask the mix; print its times and the memory of this process."""
    from waymark.library.search.tantivy.backend import TantivyIndex

    index = TantivyIndex(folder)
    asked = questions(demo_words(), QUERIES, numpy.random.default_rng(SEED + 1))
    clock, processor = [], []
    for question in asked:
        rounds = [search_milliseconds(index, question) for _ in range(ROUNDS)]
        clock.append(statistics.median(row[0] for row in rounds))
        processor.append(statistics.median(row[1] for row in rounds))
    status = Path("/proc/self/status").read_text()
    kibibytes = {
        name: int(re.findall(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[0])
        for name in ("RssAnon", "VmRSS")
    }
    times = [statistics.median(processor), p95(processor), statistics.median(clock), p95(clock)]
    print(json.dumps([*times, kibibytes["RssAnon"] // 1024, kibibytes["VmRSS"] // 1024]))


def search_milliseconds(index, question: Question) -> tuple[float, float]:
    """Milliseconds by the clock and of the processor of one search."""
    from waymark.library.search.parser import parse_query
    from waymark.library.search.protocol import IndexQuery, SearchAudience

    begun, before = time.monotonic(), time.process_time()
    chosen = {facet: (value,) for facet, value in question.chosen.items()}
    audience = SearchAudience(staff=False, now=NOW)
    request = IndexQuery(parse_query(question.text).tree, audience, selections=chosen)
    found = index.find(request)
    index.best_passages(request, records=[match.record for match in found.records], limit=3)
    return 1000 * (time.monotonic() - begun), 1000 * (time.process_time() - before)


def withdraw(folder: Path, passages: int) -> None:
    """Withdraw some reviews, one after another; print the medians of their times."""
    from waymark.library.search.protocol import IndexDocuments, IndexQuery, SearchAudience
    from waymark.library.search.tantivy.backend import TantivyIndex
    from waymark.library.search.tree import WordNode

    index, audience = TantivyIndex(folder), SearchAudience(staff=False, now=NOW)
    clock, processor = [], []
    for number in numpy.linspace(1, passages // PASSAGES_OF_A_REVIEW, WITHDRAWALS, dtype=int):
        request = IndexQuery(WordNode(str(number)), audience, counted=False)

        everything = index.count(IndexQuery(None, audience))
        begun, before = time.monotonic(), time.process_time()
        index.replace([IndexDocuments(int(number), version=2)])
        assert int(number) not in {match.record for match in index.find(request).records}
        clock.append(time.monotonic() - begun)
        processor.append(time.process_time() - before)
        assert index.count(IndexQuery(None, audience)) == everything - 1
    print(json.dumps([statistics.median(clock), statistics.median(processor)]))


STEPS = {step.__name__: step for step in (build, search, withdraw)}


# ---- the run ----


def measured(folder: Path, passages: int) -> Size:
    size = Size(passages)
    size.built, size.build_worked, size.bytes = step("build", folder, passages)
    times = step("search", folder, passages)
    size.search_p50, size.search_p95, size.clock_p50, size.clock_p95 = times[:4]
    size.own_memory, size.memory = times[4:]
    size.gone, size.gone_worked = step("withdraw", folder, passages)
    return size


def step(name: str, folder: Path, passages: int) -> list:
    command = [sys.executable, __file__, "--folder", str(folder), "--step", name]
    command += ["--passages", str(passages)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def report(sizes: list[Size]) -> None:
    print("| passages | built, s | passages/s | bytes | search, ms | memory, MiB | gone, s |")
    print("|---" * 7 + "|")
    for size in sizes:
        print(
            f"| {size.passages:,} | {size.built:.0f} ({size.build_worked:.0f}) "
            f"| {size.passages / size.built:,.0f} ({size.passages / size.build_worked:,.0f}) "
            f"| {size.bytes / size.passages:,.0f} "
            f"| {size.search_p50:.1f}/{size.search_p95:.1f} "
            f"({size.clock_p50:.1f}/{size.clock_p95:.1f}) "
            f"| {size.own_memory:,}; {size.memory:,} | {size.gone:.2f} ({size.gone_worked:.2f}) |"
        )
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        powers = {
            name: exponent(getattr(first, name), getattr(last, name), first, last)
            for name in ("build_worked", "bytes", "search_p50", "search_p95", "gone_worked")
        }
        print("exponents:", ", ".join(f"{name} {power:.2f}" for name, power in powers.items()))


def exponent(low: float, high: float, first: Size, last: Size) -> float:
    return math.log(high / low) / math.log(last.passages / first.passages)


def main() -> int:
    options = argparse.ArgumentParser(description="The search index alone, up to 10 million.")
    options.add_argument("--passages", default="1000000,3000000,10000000")
    options.add_argument("--folder", type=Path, help="where the indexes are built, else temporary")
    options.add_argument("--json", type=Path, help="file for the numbers")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.step:
        STEPS[arguments.step](arguments.folder, int(arguments.passages))
        return 0
    sizes: list[Size] = []
    for passages in map(int, arguments.passages.split(",")):
        with tempfile.TemporaryDirectory(prefix="waymark-index-", dir=arguments.folder) as scratch:
            if shutil.disk_usage(scratch).free - passages * BYTES_OF_A_PASSAGE < LEAST_FREE:
                print(f"not measured: {passages:,} passages, for which the disk is too small")
                continue
            sizes.append(measured(Path(scratch) / "index", passages))
        print(json.dumps(asdict(sizes[-1])), flush=True)
    report(sizes)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(size) for size in sizes], indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    with tempfile.TemporaryDirectory(prefix="waymark-none-") as nowhere:
        os.environ.setdefault("WAYMARK_DATA", nowhere)
        import django

        django.setup()
        sys.exit(main())
