"""What the search benchmarks search: reviews made of the words of real texts, and questions.

The words are read at run time ($WAYMARK_SHARED or ../shared: coroners' reports, else the Cranfield
abstracts). Passages are runs of five words drawn from them at random, so that words keep their
frequencies (Zipf's law holds as in the texts) and phrases occur. Nothing is copied into the
project.
"""

import csv
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy

SHARED = Path(os.environ.get("WAYMARK_SHARED") or Path(__file__).resolve().parents[2] / "shared")
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WORDS_OF_A_PASSAGE, RUN = 80, 5
NATIONS = ("England", "Northern Ireland", "Scotland", "Wales")
TYPES = ("Case management review", "Serious case review", "Learning review")
FIRST_YEAR, AFTER_LAST_YEAR, YEARS_ASKED = 1998, 2026, 7
SEED = 20260504
KINDS = ("one word", "three-word OR", "phrase", "field filter", "faceted")
PASSAGE = """
    INSERT INTO documents_passage
    (report_id, key, ordinal, start, "end", page, last_page, heading, kind, source)
    VALUES (%s, %s, %s, %s, %s, 1, 1, '', 'paragraph', '')
"""

Chance = numpy.random.Generator


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


def drawn(items: Sequence[str], chance: Chance) -> str:
    return items[int(chance.integers(len(items)))]


def fill(words: list[str], reviews: int, passages: int, chance: Chance) -> None:
    """The database: reviews, each with one report of so many passages, and agreed themes."""
    from django.db import connection

    from waymark.accounts.models import State, User
    from waymark.coding.models import AgreedCode
    from waymark.documents.models import Original, Report, ReportText, Review
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
               published_on=date(int(chance.integers(FIRST_YEAR, AFTER_LAST_YEAR)), 1 + n % 12, 1))
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
    runs = [" ".join(words[at : at + RUN]) for at in range(len(words) - RUN)]
    for report in reports:
        starts = chance.integers(len(runs), size=(passages, WORDS_OF_A_PASSAGE // RUN))
        texts = [" ".join([runs[at] for at in row]) for row in starts.tolist()]
        ReportText.objects.create(report=report, content="\n".join(texts))
        rows, start = [], 0
        for ordinal, text in enumerate(texts):
            end = start + len(text)
            rows.append((report.pk, f"{report.key}-{start}-{end}", ordinal, start, end))
            start = end + 1
        with connection.cursor() as cursor:  # a model for each row takes as long as all the rest
            cursor.executemany(PASSAGE, rows)
    AgreedCode.objects.bulk_create(
        AgreedCode(review=review, code=codes[code], present=True, basis=Basis.SOLE,
                   decided_by=coder, decided_at=NOW)
        for review in made
        for code in chance.permutation(len(codes))[: chance.integers(1, 7)]
    )  # fmt: skip
    CatalogueRecord.objects.bulk_create(
        CatalogueRecord(review=review, changed_at=NOW) for review in made
    )


def a_word(words: list[str], chance: Chance) -> str:
    """Drawn as words occur in the texts, so that frequent ones are asked for more often."""
    while True:
        one = drawn(words, chance)
        if len(one) > 3 and one.isalpha() and one.isascii():
            return one.lower()


@dataclass(frozen=True)
class Question:
    """What is asked, for each engine to say in its own way.

    text: in our language. stems: any of these terms will do; phrase: words side by side, as
    written; one of the two is given. nation, years: conditions written in the query, years with
    both ends. chosen: facet -> value chosen, counted without its own choice.
    """

    kind: str
    text: str
    stems: tuple[str, ...] = ()
    phrase: tuple[str, ...] = ()
    nation: str = ""
    years: tuple[int, int] | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether more is asked than that words stand somewhere."""
        return bool(self.nation or self.chosen)


def questions(words: list[str], number: int, chance: Chance) -> list[Question]:
    """So many of each of KINDS, the kinds in turn."""
    from waymark.library.language.analyser import analyse_text

    asked = []
    for _ in range(number):
        one, three, pair = a_word(words, chance), _three(words, chance), _pair(words, chance)
        stems = (analyse_text(one)[1],)
        nation = drawn(NATIONS, chance)
        first = int(chance.integers(FIRST_YEAR, AFTER_LAST_YEAR - YEARS_ASKED))
        years = first, first + YEARS_ASKED
        narrowed = f'{one} nation:"{nation}" year:{years[0]}-{years[1]}'
        chosen = {"nation": nation, "type": drawn(TYPES, chance)}
        asked += [
            Question(KINDS[0], one, stems),
            Question(KINDS[1], " OR ".join(three.values()), tuple(three)),
            Question(KINDS[2], f'"{" ".join(pair)}"', phrase=pair),
            Question(KINDS[3], narrowed, stems, nation=nation, years=years),
            Question(KINDS[4], one, stems, chosen=chosen),
        ]
    return asked


def _pair(words: list[str], chance: Chance) -> tuple[str, ...]:
    """Two words that stand side by side in the texts."""
    while True:
        at = int(chance.integers(len(words) - 2))
        pair = words[at : at + 2]
        if all(len(one) > 2 and one.isalpha() for one in pair):
            return tuple(one.lower() for one in pair)


def _three(words: list[str], chance: Chance) -> dict[str, str]:
    """Three words with different stems: stem -> word."""
    from waymark.library.language.analyser import analyse_text

    three: dict[str, str] = {}
    while len(three) < 3:
        one = a_word(words, chance)
        three.setdefault(analyse_text(one)[1], one)
    return three
