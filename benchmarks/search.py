"""Search at 500,000 passages: speed beside bare Tantivy and SQLite FTS5, indexing, freshness.

    .venv/bin/python benchmarks/search.py [--reviews 5000] [--passages 100] [--queries 40]

Reviews made of the words of real texts (search_corpus.py) go into a database and indexes of their
own, which are thrown away. Each step is a process of its own, so that its memory is given back:

    fill      the database
    index     our index, built anew from the database
    words     what our index is given, read and analysed, without an engine; kept in a file
    tantivy, fts5   the words of that file into bare Tantivy, and into FTS5 (search_peers.py)
    ask       the same questions to all in turn, and their answers compared
    visible   from the commit of a change until a search finds it
    writing   searching while another process replaces reviews without a pause

    engine    ours: parse, compile, the filter of who may see what, and the same answer as bare
    whole     what a page calls: the same, then every row read from the database and asked again
              whether it may show, the words marked

Without the texts it says so and ends. Ratios travel between machines, milliseconds do not.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.search_corpus import (
    NOW,
    SEED,
    SHARED,
    WORDS_OF_A_PASSAGE,
    Question,
    fill,
    questions,
    real_words,
)
from benchmarks.search_peers import (
    Answer,
    Ask,
    BareTantivy,
    Fts5,
    Fts5Builder,
    TantivyBuilder,
    words_given,
)
from benchmarks.search_times import Taken, Times, in_turn, middle, p95, print_table, taken

CHANGES = 15
AT_ONCE = 5
"""Reviews that the writer replaces at a time."""
BLOCKS, BLOCK_QUERIES = 4, 16
MIB = 2**20
OURS = frozenset({"engine", "whole"})


# ---- how ours is asked ----


def engine_search() -> Ask:
    from waymark.library.queries.search_backend import search_backend
    from waymark.library.search.parser import parse_query
    from waymark.library.search.protocol import IndexQuery, SearchAudience

    def ask(question: Question) -> Answer:
        chosen = {facet: (value,) for facet, value in question.chosen.items()}
        audience = SearchAudience(staff=False, now=NOW)
        request = IndexQuery(parse_query(question.text).tree, audience, selections=chosen)
        found = search_backend().find(request)
        search_backend().best_passages(
            request, records=[one.record for one in found.records], limit=3
        )
        return found.total, [one.score for one in found.records], found.passages_total

    return ask


def whole_search() -> Ask:
    from django.contrib.auth.models import AnonymousUser

    from waymark.library.queries import search_library
    from waymark.library.search.protocol import SearchRequest

    def ask(question: Question) -> Answer:
        chosen = {facet: (value,) for facet, value in question.chosen.items()}
        request = SearchRequest(question.text, filters=chosen)
        answer = search_library(request, person=AnonymousUser(), now=NOW)
        return answer.total, [hit.score for hit in answer.hits], answer.passages_total

    return ask


def check(question: Question, answers: dict[str, Answer]) -> None:
    """The same reviews and passages counted; of Tantivy the same scores, but for the bonus that all
    reviews have in ours.

    Not compared: scores where there are conditions (the engine's own parser lets these add to the
    score), passages of `least` there (it counts them everywhere), and scores of FTS5 (its bm25
    has another idf and weighs by the length of all columns).
    """
    from waymark.library.search.compiler import REVIEW_BONUS

    total, scores, passages = answers["bare"]
    for way, answer in answers.items():
        assert answer[0] == total, (way, question, answer[0], total)
        if way != "least" or not question.is_narrowed:
            assert answer[2] == passages, (way, question, answer[2], passages)
        if way != "fts5" and not question.is_narrowed:
            bonus = REVIEW_BONUS if way in OURS else 0.0
            pairs = zip((score - bonus for score in answer[1]), scores, strict=True)
            assert all(abs(a - b) < 1e-3 * max(a, b) for a, b in pairs), (way, question)


# ---- steps ----


def step_fill(arguments: argparse.Namespace, folder: Path) -> None:
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    with transaction.atomic():
        chance = numpy.random.default_rng(SEED)
        fill(real_words(), arguments.reviews, arguments.passages, chance)
    print(
        f"{arguments.reviews * arguments.passages:,} passages of {WORDS_OF_A_PASSAGE} words in "
        f"{arguments.reviews:,} reviews; database filled in {time.perf_counter() - started:.0f} s, "
        f"{(folder / 'waymark.sqlite3').stat().st_size / MIB:.0f} MiB"
    )


def step_index(arguments: argparse.Namespace, folder: Path) -> None:
    from waymark.library.services import rebuild_index

    started, begun = time.perf_counter(), time.process_time()
    rebuild_index(now=NOW)
    spent = time.perf_counter() - started, time.process_time() - begun
    _told("ours, from the database", *spent, folder / "index")


def step_words(arguments: argparse.Namespace, folder: Path) -> None:
    """The file: a line of JSON for each record, since memory would not hold all together."""
    from waymark.library.indexing.documents import documents_of
    from waymark.library.models import CatalogueRecord

    clock = processor = 0.0
    documents = documents_of(CatalogueRecord.objects.values_list("pk", flat=True), now=NOW)
    with (folder / "words").open("w", encoding="utf-8") as file:
        while True:
            started, begun = time.perf_counter(), time.process_time()
            of = next(documents, None)
            clock += time.perf_counter() - started
            processor += time.process_time() - begun
            if of is None:
                break
            file.write(json.dumps(words_given(of)) + "\n")
    _told("of it reading and analysing", clock, processor)


def step_tantivy(arguments: argparse.Namespace, folder: Path) -> None:
    _build("bare Tantivy, words analysed", TantivyBuilder(folder / "bare"), folder, "bare")


def step_fts5(arguments: argparse.Namespace, folder: Path) -> None:
    _build("FTS5, words analysed", Fts5Builder(folder / "fts5"), folder, "fts5")


def _build(what: str, builder: TantivyBuilder | Fts5Builder, folder: Path, kept: str) -> None:
    started, begun = time.perf_counter(), time.process_time()
    with (folder / "words").open(encoding="utf-8") as file:
        for line in file:
            builder.put(json.loads(line))
    builder.finish()
    spent = time.perf_counter() - started, time.process_time() - begun
    _told(what, *spent, folder / kept)


def _told(what: str, clock: float, processor: float, kept: Path | None = None) -> None:
    """Passages and megabytes of text a second, and what is kept on disk.

    clock, processor: seconds, those of the processor in all threads together.
    """
    from django.db.models import F, Sum

    from waymark.documents.models import Passage

    passages = Passage.objects.count()
    characters = Passage.objects.aggregate(n=Sum(F("end") - F("start")))["n"]
    said = f"{what:<29}{clock:6.1f} s{passages / clock:8,.0f} passages/s"
    said += f"{characters / clock / 1e6:6.1f} MB/s, processors {processor:6.1f} s"
    if kept is not None:
        files = [kept] if kept.is_file() else [one for one in kept.rglob("*") if one.is_file()]
        size = sum(file.stat().st_size for file in files)
        said += f"{size / MIB:6.0f} MiB, {size / characters:.2f} of the text"
    print(said)


def step_ask(arguments: argparse.Namespace, folder: Path) -> None:
    ways: dict[str, Ask] = {
        "least": BareTantivy(folder / "index", least=True).ask,
        "bare": BareTantivy(folder / "index", least=False).ask,
        "engine": engine_search(),
        "whole": whole_search(),
        "fts5": Fts5(folder / "fts5").ask,
    }
    chance = numpy.random.default_rng(SEED + 1)
    waited: Times = {}
    worked: Times = {}
    for question in questions(real_words(), arguments.queries, chance):
        check(question, {way: ask(question) for way, ask in ways.items()})
        asks = {way: partial(ask, question) for way, ask in ways.items()}
        for way, (wall, processor) in in_turn(asks, arguments.rounds).items():
            waited.setdefault(question.kind, {}).setdefault(way, []).append(wall)
            worked.setdefault(question.kind, {}).setdefault(way, []).append(processor)
    print("by the clock:")
    print_table(waited)
    print("of the processor, which others on the machine do not stretch:")
    print_table(worked)


def step_visible(arguments: argparse.Namespace, folder: Path) -> None:
    from waymark.documents.models import Review
    from waymark.library.services import index_changed, mark_changed

    ask, until_found, indexing = whole_search(), [], []
    for number, review in zip(range(CHANGES), _some_reviews(), strict=False):
        now = NOW + timedelta(hours=1, seconds=number)
        canary = f"zqx{time.time_ns()}"
        Review.objects.filter(pk=review).update(title=canary)
        mark_changed(reviews=[review], now=now)
        question = Question("visible", canary, (canary,))
        assert ask(question)[0] == 0
        started = time.perf_counter()
        index_changed(now=now)
        indexing.append(time.perf_counter() - started)
        assert ask(question)[0] == 1
        until_found.append(time.perf_counter() - started)
    print(
        f"from commit to visible, one review of {arguments.passages} passages: median "
        f"{statistics.median(until_found) * 1_000:.0f} ms, "
        f"longest {max(until_found) * 1_000:.0f} ms "
        f"(the index's update {statistics.median(indexing) * 1_000:.0f} ms)"
    )


def _some_reviews() -> Iterator[int]:
    """Numbers of reviews, at random, without end."""
    from waymark.documents.models import Review

    numbers = list(Review.objects.values_list("pk", flat=True))
    chance = numpy.random.default_rng(SEED + 2)
    while True:
        yield numbers[int(chance.integers(len(numbers)))]


def step_writer(arguments: argparse.Namespace, folder: Path) -> None:
    """Replaces reviews until told to stop, and tells how many it has."""
    from waymark.library.services import index_changed, mark_changed

    reviews, told = _some_reviews(), folder / "written"
    for number in count(1):
        now = NOW + timedelta(hours=2, seconds=number)
        mark_changed(reviews=[next(reviews) for _ in range(AT_ONCE)], now=now)
        index_changed(now=now)
        told.write_text(str(number * AT_ONCE), encoding="ascii")
        if (folder / "enough").exists():
            return


def step_writing(arguments: argparse.Namespace, folder: Path) -> None:
    """The same questions while the writer runs and while it is held, in turn."""
    asked = questions(real_words(), BLOCK_QUERIES, numpy.random.default_rng(SEED + 3))
    ways = {"engine": engine_search(), "whole": whole_search()}
    # way and state -> question -> its times, one of each block.
    times: dict[tuple[str, str], list[list[Taken]]] = {
        (way, state): [[] for _ in asked] for way in ways for state in ("held", "writing")
    }
    child = subprocess.Popen(_command("writer", arguments, folder))
    try:
        while not (folder / "written").exists():
            time.sleep(0.1)
        for block in range(2 * BLOCKS):
            state = "writing" if block % 2 else "held"
            child.send_signal(signal.SIGSTOP if state == "held" else signal.SIGCONT)
            before = _written(folder)
            for number, question in enumerate(asked):
                for way, ask in ways.items():
                    times[way, state][number].append(taken(partial(ask, question)))
            while state == "writing" and _written(folder) == before:
                time.sleep(0.1)  # the writer has to have written in each of its blocks
    finally:
        child.send_signal(signal.SIGCONT)
        (folder / "enough").touch()
        child.wait()
    print(f"another process replaces reviews, {AT_ONCE} at a time, {_written(folder)} in all:")
    for way in ways:
        held, writing = (
            list(zip(*map(middle, times[way, state]), strict=True)) for state in ("held", "writing")
        )
        for clock, a, b in zip(("by the clock", "of the processor"), held, writing, strict=True):
            low, high = statistics.median(b) / statistics.median(a), p95(b) / p95(a)
            print(
                f"  {way:<8}{clock:<18} p50/p95 held {statistics.median(a):.2f}/{p95(a):.2f} ms, "
                f"writing {statistics.median(b):.2f}/{p95(b):.2f} ms: {low:.2f}/{high:.2f} times"
            )


def _written(folder: Path) -> int:
    return int((folder / "written").read_text(encoding="ascii") or 0)


STEPS: dict[str, Callable[[argparse.Namespace, Path], None]] = {
    "fill": step_fill,
    "index": step_index,
    "words": step_words,
    "tantivy": step_tantivy,
    "fts5": step_fts5,
    "ask": step_ask,
    "visible": step_visible,
    "writing": step_writing,
}


# ---- the run ----


def _command(step: str, arguments: argparse.Namespace, folder: Path) -> list[str]:
    said = {"reviews": arguments.reviews, "passages": arguments.passages}
    said |= {"queries": arguments.queries, "rounds": arguments.rounds}
    options = [f"--{name}={value}" for name, value in said.items()]
    return [sys.executable, __file__, *options, f"--folder={folder}", f"--step={step}"]


def _run_step(arguments: argparse.Namespace) -> None:
    os.environ["WAYMARK_DATA"] = arguments.folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.db import connections

    django.setup()
    {**STEPS, "writer": step_writer}[arguments.step](arguments, Path(arguments.folder))
    connections.close_all()


def main() -> None:
    options = argparse.ArgumentParser(description="Search against bare Tantivy and SQLite FTS5.")
    options.add_argument("--reviews", type=int, default=5_000)
    options.add_argument("--passages", type=int, default=100, help="in each review")
    options.add_argument("--queries", type=int, default=40, help="of each kind, 2 or more")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", default="", help="a kept folder, to repeat a step")
    options.add_argument("--step", default="", choices=["", *STEPS, "writer"])
    arguments = options.parse_args()
    if not real_words():
        print(f"skipped: there are no texts under {SHARED}/data (set WAYMARK_SHARED)")
    elif arguments.step:
        _run_step(arguments)
    else:
        with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as folder:
            for step in STEPS:
                subprocess.run(_command(step, arguments, Path(folder)), check=True)


if __name__ == "__main__":
    main()
