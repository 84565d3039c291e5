"""Server time of the search page: 10,000 records, and whether the database is asked no more often.

    .venv/bin/python benchmarks/search_page.py [--reviews 9000] [--resources 1000] [--rounds 7]

The collection is resampled as in search.py. The page is asked for through the whole site, without
a network: address, session, search, database, template. For each kind of question the median and
the 95th percentile of its rounds (and how much of it the processor was busy, which a shared
machine does not stretch), and the number of questions to the database, here and in a tenth of the
collection: it must not grow, where records are found in both.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.search_corpus import NATIONS, NOW, SEED, Chance, a_word, drawn, fill, real_words

SUBJECTS = 150


def fill_resources(words: list[str], resources: int, chance: Chance) -> None:
    """Resources with a few sentences each, every record with up to three of SUBJECTS subjects."""
    from waymark.accounts.models import State
    from waymark.library.models import CatalogueRecord, Concept, Resource, ResourceKind
    from waymark.library.services.thesaurus import load_builtin

    load_builtin(by=None, now=NOW)
    kinds = [str(kind.value) for kind in ResourceKind]
    made = Resource.objects.bulk_create(
        Resource(key=f"zqx{n}", kind=kinds[n % len(kinds)], title=text(words, 8, chance),
                 publisher=f"Zqx press {n % 20}", authors=[text(words, 2, chance)],
                 year=int(chance.integers(1990, 2026)), nation=drawn(NATIONS, chance),
                 summary=text(words, 60, chance), key_points=[text(words, 15, chance)] * 4,
                 state=State.PUBLISHED, added_at=NOW)
        for n in range(resources)
    )  # fmt: skip
    CatalogueRecord.objects.bulk_create(
        CatalogueRecord(resource=one, changed_at=NOW, available_at=NOW, harvest_at=NOW)
        for one in made
    )
    concepts = list(Concept.objects.values_list("pk", flat=True)[:SUBJECTS])
    through = CatalogueRecord.subjects.through
    through._default_manager.bulk_create(
        through(cataloguerecord_id=record, concept_id=concept)
        for record in CatalogueRecord.objects.values_list("pk", flat=True)
        for concept in set(numpy.array(concepts)[chance.integers(len(concepts), size=3)].tolist())
    )


def text(words: list[str], length: int, chance: Chance) -> str:
    start = int(chance.integers(len(words) - length))
    return " ".join(words[start : start + length])


def questions(words: list[str], chance: Chance) -> dict[str, dict[str, Any]]:
    one, two = a_word(words, chance), a_word(words, chance)
    return {
        "everything": {},
        "one word": {"q": one},
        "two words": {"q": f"{one} {two}"},
        "a subject, broadened": {"q": "neglect"},
        "a wide subject, broadened": {"q": "abuse OR family"},
        "three facets chosen": {
            "q": one,
            "nation": ["Wales"],
            "kind": ["case-review", "guidance"],
            "year": ["2004", "2005", "2006"],
        },
        "dates, by title": {"q": "published:2004-2014", "sort": "title"},
        "page 9": {"q": one, "page": 9},
        "nothing found, asked back": {"q": f"{one}qzx {two}zqq"},
    }


def ask(reviews: int, resources: int, rounds: int, words: list[str]) -> dict[str, tuple[Any, ...]]:
    """kind -> milliseconds of each round, of them the processor's, questions to the database,
    records found."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from waymark.library.services import rebuild_index

    chance = numpy.random.default_rng(SEED)
    with transaction.atomic():
        fill(words, reviews, 10, chance)
        fill_resources(words, resources, chance)
    rebuild_index(now=NOW)
    settings.ALLOWED_HOSTS = ["testserver"]
    client, measured = Client(), {}
    for kind, asked in questions(words, numpy.random.default_rng(SEED + 1)).items():
        elapsed, busy = [], []
        client.get(reverse("find"), asked)
        for _ in range(rounds):
            started, begun = time.perf_counter(), time.process_time()
            answer = client.get(reverse("find"), asked)
            elapsed.append((time.perf_counter() - started) * 1_000)
            busy.append((time.process_time() - begun) * 1_000)
            assert answer.status_code == 200, (kind, answer.status_code)
        with CaptureQueriesContext(connection) as context:
            client.get(reverse("find"), asked)
        total = re.search(r"([0-9]+) records?", answer.content.decode())
        assert total is not None, kind
        measured[kind] = elapsed, busy, len(context), int(total[1])
    return measured


def measured_in_a_child(reviews: int, resources: int, rounds: int) -> dict[str, tuple[Any, ...]]:
    """ask() in a process and a data folder of their own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        with tempfile.TemporaryDirectory(prefix="waymark-benchmark-") as folder:
            os.environ["WAYMARK_DATA"] = folder
            os.environ["DJANGO_SETTINGS_MODULE"] = "waymark.settings"
            os.environ.pop("DATABASE_URL", None)
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0)
            said = json.dumps(ask(reviews, resources, rounds, real_words()))
            connections.close_all()
        with os.fdopen(writer, "w") as pipe:
            pipe.write(said)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    found: dict[str, tuple[Any, ...]] = json.loads(said)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description="Server time of the search page.")
    options.add_argument("--reviews", type=int, default=9_000)
    options.add_argument("--resources", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=7, help="2 or more")
    arguments = options.parse_args()
    if not real_words():
        print("skipped: there are no texts to resample (set WAYMARK_SHARED)")
        return
    small = measured_in_a_child(
        arguments.reviews // 10, arguments.resources // 10, arguments.rounds
    )
    large = measured_in_a_child(arguments.reviews, arguments.resources, arguments.rounds)
    heads = ("records", "p50 ms", "p95 ms", "CPU p50 ms", "SQL", "SQL in a tenth")
    print(f"{'':<28}" + "".join(f"{head:>{len(head) + 3}}" for head in heads))
    for kind, (elapsed, busy, queries, total) in large.items():
        times = (
            f"{total:,}",
            f"{statistics.median(elapsed):.1f}",
            f"{statistics.quantiles(elapsed, n=20)[-1]:.1f}",
            f"{statistics.median(busy):.1f}",
            f"{queries}",
            f"{small[kind][2]}",
        )
        cells = zip(heads, times, strict=True)
        print(f"{kind:<28}" + "".join(f"{cell:>{len(head) + 3}}" for head, cell in cells))


if __name__ == "__main__":
    main()
