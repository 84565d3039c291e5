"""Search latency at 100,000 passages: the library's whole path against bare Tantivy.

    .venv/bin/python benchmarks/search.py [--reviews 1000] [--passages 100] [--queries 60]

Reads the words of real texts at run time ($WAYMARK_SHARED or ../shared: coroners' reports, else
the Cranfield abstracts), draws runs of five words from them at random (so words keep their
frequencies and phrases occur), and puts them into reviews of a database and an index of its own,
which are thrown away. Nothing is copied into the project. Without the texts it says so and ends.

    least    the least one can ask Tantivy, by its own parser, of the same indexes: ten best records
             with the count, all facets, ten best passages with the count
    bare     the same, with the three best passages of each of the ten records, as our answer has
    engine   ours: parse, compile, the filter of who may see what, and the same questions as bare
    whole    what a page calls: the same, then every row read from the database and asked again
             whether it may show, the words marked

Answers are checked: the same counts, and the same scores of the ten best records.
"""

import argparse
import csv
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy

SHARED = Path(os.environ.get("WAYMARK_SHARED") or Path(__file__).resolve().parents[2] / "shared")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS_OF_A_PASSAGE, RUN = 80, 5
NATIONS = ("England", "Northern Ireland", "Scotland", "Wales")
TYPES = ("Case management review", "Serious case review", "Learning review")
SEED = 20260504


def real_words() -> list[str]:
    """The words of the real texts in their order; none where they are not here."""
    reports = SHARED / "data/pfd/pfd_reports_dev.csv"
    abstracts = SHARED / "data/cranfield/cran.all.1400"
    texts: list[str] = []
    if reports.exists():
        csv.field_size_limit(10_000_000)
        with reports.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                texts += [row["investigation"], row["circumstances"], row["concerns"]]
    elif abstracts.exists():
        texts.append(abstracts.read_text(encoding="utf-8", errors="replace"))
    return re.findall(r"[A-Za-z][A-Za-z'\-]*|\d+", " ".join(texts))


@dataclass(frozen=True)
class Question:
    """kind: the row of the table. ours: in our language; bare_records, bare_passages: Tantivy's."""

    kind: str
    ours: str
    bare_records: str
    bare_passages: str


Chance = numpy.random.Generator


def drawn(items: Sequence[str], chance: Chance) -> str:
    return items[int(chance.integers(len(items)))]


# Reviews found, scores of the best ten, passages with any of the words.
Answer = tuple[int, list[float], int | None]
Ask = Callable[[Question], Answer]


def fill(words: list[str], reviews: int, passages: int, chance: Chance) -> None:
    """The database: reviews, each with one report of so many passages, and agreed themes."""
    from waymark.accounts.models import State, User
    from waymark.coding.models import AgreedCode
    from waymark.documents.models import Original, Passage, Report, ReportText, Review
    from waymark.frameworks.models import Basis, Code, Framework
    from waymark.library.models import CatalogueRecord

    coder = User.objects.create(username="benchmark")
    framework = Framework.objects.create(
        name="benchmark", version="1.0.0", title="Benchmark", language="en-GB", licence="none",
        source="", sha256="0" * 64, published_at=NOW,
    )  # fmt: skip
    codes = Code.objects.bulk_create(
        Code(framework=framework, code=f"t{n}", name=f"Theme {n}", definition="", section="themes",
             theme=n, order=n)
        for n in range(1, 12)
    )  # fmt: skip
    made = Review.objects.bulk_create(
        Review(reference=f"B{n:05}", title=f"Zqx {n:05}", state=State.PUBLISHED,
               nation=drawn(NATIONS, chance), review_type=drawn(TYPES, chance),
               board=f"Zqx{n % 40}", added_at=NOW,
               published_on=date(int(chance.integers(1998, 2026)), 1 + n % 12, 1))
        for n in range(reviews)
    )  # fmt: skip
    originals = Original.objects.bulk_create(
        Original(sha256=f"{n:012x}".ljust(64, "0"), media_type="text/plain", size=1, stored_at=NOW)
        for n in range(reviews)
    )
    reports = Report.objects.bulk_create(
        Report(key=original.sha256[:12], review=review, original=original, title="Zqx",
               file_name="b.txt", page_count=1, extractor="benchmark 1", received_at=NOW,
               state=State.PUBLISHED)
        for review, original in zip(made, originals, strict=True)
    )  # fmt: skip
    for report in reports:
        texts = [_passage(words, chance) for _ in range(passages)]
        ReportText.objects.create(report=report, content="\n".join(texts))
        rows, start = [], 0
        for ordinal, text in enumerate(texts):
            end = start + len(text)
            rows.append(
                Passage(report=report, key=f"{report.key}-{start}-{end}", ordinal=ordinal,
                        start=start, end=end, page=1, last_page=1, kind="paragraph")
            )  # fmt: skip
            start = end + 1
        Passage.objects.bulk_create(rows)
    AgreedCode.objects.bulk_create(
        AgreedCode(review=review, code=codes[code], present=True, basis=Basis.SOLE,
                   decided_by=coder, decided_at=NOW)
        for review in made
        for code in chance.permutation(len(codes))[: chance.integers(1, 7)]
    )  # fmt: skip
    CatalogueRecord.objects.bulk_create(
        CatalogueRecord(review=review, changed_at=NOW) for review in made
    )


def _passage(words: list[str], chance: Chance) -> str:
    starts = chance.integers(len(words) - RUN, size=WORDS_OF_A_PASSAGE // RUN)
    return " ".join(" ".join(words[start : start + RUN]) for start in starts)


def a_word(words: list[str], chance: Chance) -> str:
    """Drawn as words occur in the texts, so that frequent ones are asked for more often."""
    while True:
        one = drawn(words, chance)
        if len(one) > 3 and one.isalpha() and one.isascii():
            return one.lower()


def two_words(words: list[str], chance: Chance) -> str:
    """Two that stand side by side in the texts."""
    while True:
        at = int(chance.integers(len(words) - 2))
        pair = words[at : at + 2]
        if all(len(one) > 2 and one.isalpha() for one in pair):
            return " ".join(pair).lower()


def three_words(words: list[str], chance: Chance) -> dict[str, str]:
    """Three with different stems: stem -> word."""
    from waymark.library.analysis import analysed

    three: dict[str, str] = {}
    while len(three) < 3:
        one = a_word(words, chance)
        three.setdefault(analysed(one)[1], one)
    return three


def questions(words: list[str], number: int, chance: Chance) -> list[Question]:
    """So many of each of four kinds, in our language and in the engine's."""
    from waymark.library.analysis import analysed

    asked = []
    for _ in range(number):
        one = a_word(words, chance)
        stem = analysed(one)[1]
        asked.append(Question("one word", one, f"stems:{stem}", f"stems:{stem}"))
        three = three_words(words, chance)
        stems = " ".join(f"stems:{each}" for each in three)
        asked.append(Question("three-word OR", " OR ".join(three.values()), stems, stems))
        pair = two_words(words, chance)
        asked.append(Question("phrase", f'"{pair}"', f'exact:"{pair}"', f'exact:"{pair}"'))
        nation, year = drawn(NATIONS, chance), int(chance.integers(1998, 2019))
        asked.append(
            Question(
                "field filter",
                f'{one} nation:"{nation}" year:{year}-{year + 7}',
                f'+stems:{stem} +nation:"{nation}" +year:[{year} TO {year + 7}]',
                f"stems:{stem}",
            )
        )
    return asked


def bare_search(folder: Path, *, places: bool) -> Ask:
    """Tantivy alone, on the indexes as they lie on disk. places: those of each record too."""
    import tantivy

    from waymark.library.search import FACETS

    generation = next(entry for entry in folder.iterdir() if entry.is_dir())
    records = tantivy.Index.open(str(generation / "records"))
    passages = tantivy.Index.open(str(generation / "passages"))
    of_records, of_passages = records.searcher(), passages.searcher()
    facets = {name: {"terms": {"field": name, "size": 1_000}} for name in FACETS}

    def ask(question: Question) -> Answer:
        query = records.parse_query(question.bare_records, ["stems"])
        best = of_records.search(query, limit=10)
        addresses = [address for _, address in best.hits]
        numbers = of_records.fast_field_values("number", addresses)
        of_records.aggregate(query, facets)
        wanted = passages.parse_query(question.bare_passages, ["stems"])
        found = of_passages.search(wanted, limit=10)
        if places:
            for number in numbers:
                said = f"+({question.bare_passages}) +record:{number}"
                in_record = of_passages.search(passages.parse_query(said, ["stems"]), limit=3)
                of_passages.fast_field_values("number", [at for _, at in in_record.hits])
        return best.count, [score for score, _ in best.hits], found.count

    return ask


def engine_search() -> Ask:
    from waymark.library.engine import engine
    from waymark.library.query import parse
    from waymark.library.search import Audience, Request

    def ask(question: Question) -> Answer:
        request = Request(parse(question.ours).tree, Audience(staff=False, now=NOW))
        found = engine().find(request)
        engine().places(request, records=[one.record for one in found.records], limit=3)
        return found.total, [one.score for one in found.records], found.passages

    return ask


def whole_search() -> Ask:
    from django.contrib.auth.models import AnonymousUser

    from waymark.library.queries import search

    def ask(question: Question) -> Answer:
        answer = search(question.ours, person=AnonymousUser(), now=NOW)
        return answer.total, [hit.score for hit in answer.hits], answer.passages_total

    return ask


def check(question: Question, ours: Answer, bare: Answer) -> None:
    """The same reviews counted, the same scores, the same passages where both count the same."""
    assert ours[0] == bare[0], (question, ours[0], bare[0])
    if question.kind != "field filter":  # the engine's parser lets a filter add to the score
        pairs = zip(ours[1], bare[1], strict=True)
        assert all(abs(a - b) < 1e-3 * max(a, b) for a, b in pairs), question
        assert ours[2] == bare[2], (question, ours[2], bare[2])


def milliseconds(ask: Ask, question: Question) -> float:
    start = time.perf_counter()
    ask(question)
    return (time.perf_counter() - start) * 1_000


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


Times = dict[str, dict[str, list[float]]]


def measure(asked: list[Question], ways: dict[str, Ask], rounds: int) -> Times:
    """kind -> way -> the time of each question, the median of its rounds, ways taking turns."""
    times: Times = {}
    for question in asked:
        answers = {way: ask(question) for way, ask in ways.items()}
        for way in ways:
            check(question, answers[way], answers["bare"])
        taken = {way: [] for way in ways}
        order = list(ways)
        for _ in range(rounds):
            for way in order:
                taken[way].append(milliseconds(ways[way], question))
            order = [*order[1:], order[0]]  # each comes after each: caches favour nobody
        for way in ways:
            of_kind = times.setdefault(question.kind, {}).setdefault(way, [])
            of_kind.append(statistics.median(taken[way]))
    return times


def report(times: Times) -> None:
    print(f"{'p50/p95 ms':<15}", end="")
    print("".join(f"{way:>13}" for way in ("least", "bare", "engine", "whole")), end="")
    print("".join(f"{ratio:>14}" for ratio in ("engine/least", "engine/bare", "whole/bare")))
    everything: dict[str, list[float]] = {}
    for kind, ways in times.items():
        for way, values in ways.items():
            everything.setdefault(way, []).extend(values)
        _line(kind, ways)
    _line("all", everything)


def _line(kind: str, ways: dict[str, list[float]]) -> None:
    cells = {way: (statistics.median(values), p95(values)) for way, values in ways.items()}
    print(f"{kind:<15}", end="")
    for middle, high in cells.values():
        print(f"{f'{middle:.2f}/{high:.2f}':>13}", end="")
    for way, base in (("engine", "least"), ("engine", "bare"), ("whole", "bare")):
        middle, high = (a / b for a, b in zip(cells[way], cells[base], strict=True))
        print(f"{f'{middle:.2f}/{high:.2f}':>14}", end="")
    print()


def main() -> None:
    options = argparse.ArgumentParser(description="Search latency against bare Tantivy.")
    options.add_argument("--reviews", type=int, default=1_000)
    options.add_argument("--passages", type=int, default=100, help="in each review")
    options.add_argument("--queries", type=int, default=60, help="of each kind")
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    words = real_words()
    if not words:
        print(f"skipped: there are no texts under {SHARED}/data (set WAYMARK_SHARED)")
        return
    with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as folder:
        run(given, words, Path(folder))


def run(given: argparse.Namespace, words: list[str], folder: Path) -> None:
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command
    from django.db import transaction

    django.setup()
    call_command("migrate", verbosity=0)
    chance = numpy.random.default_rng(SEED)
    started = time.perf_counter()
    with transaction.atomic():
        fill(words, given.reviews, given.passages, chance)
    total = given.reviews * given.passages
    print(f"{total:,} passages of {WORDS_OF_A_PASSAGE} words in {given.reviews:,} reviews; "
          f"database filled in {time.perf_counter() - started:.0f} s")  # fmt: skip
    from waymark.library.services import rebuild_index

    started = time.perf_counter()
    rebuild_index(now=NOW)
    taken = time.perf_counter() - started
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    print(f"indexed in {taken:.1f} s ({total / taken:,.0f} passages/s), {size / 2**20:.0f} MiB")
    asked = questions(words, given.queries, chance)
    ways = {
        "least": bare_search(folder / "index", places=False),
        "bare": bare_search(folder / "index", places=True),
        "engine": engine_search(),
        "whole": whole_search(),
    }
    report(measure(asked, ways, given.rounds))
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
