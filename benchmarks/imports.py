"""References of mixed origin (RIS, BibTeX, PubMed, EndNote XML), previewed and stored.

    WAYMARK_DATA=$(mktemp -d) .venv/bin/python benchmarks/imports.py [--records 50000] [--json]

The database must be empty. A quarter of the records is in each format. No two titles are the same,
all have authors, year, journal, keywords and an abstract of 80 words. Preview: reading a file and
comparing each record with the library and with those before it. Storing: the import without its
preview. The figures are records a second of the processor's time of this process, so that other
work on the machine does not count. The answer is checked: every record is stored, with its title.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")

import django

django.setup()
# ruff: noqa: E402 - models can be imported only after that

from django.core.management import call_command
from django.utils import timezone

from waymark.library.exchange.formats import read_as
from waymark.library.models import Resource
from waymark.library.queries.imports import plan_import
from waymark.pipeline.library.import_records import ImportOptions, import_reading

WORDS = [f"{a}{b}" for a in "bcdfglmnprst" for b in ("arden", "ister", "onal", "umber", "eving")]
AIM_PREVIEW, AIM_STORE = 1_000, 300


class Reference:
    """The parts of one made reference."""

    def __init__(self, number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        self.number = number
        title = " ".join(chance.choices(WORDS, k=chance.randint(6, 12)))
        self.title = f"{title.capitalize()} {number}"
        self.authors = [
            f"{chance.choice(WORDS).capitalize()}, {chance.choice(WORDS).capitalize()}"
            for _ in range(chance.randint(1, 4))
        ]
        self.year = chance.randint(1990, 2025)
        self.journal = f"Journal of {chance.choice(WORDS)}"
        self.keywords = chance.choices(WORDS, k=3)
        self.abstract = " ".join(chance.choices(WORDS, k=80)).capitalize() + "."


def ris(row: Reference) -> str:
    lines = [("TY", "JOUR"), ("TI", row.title), *(("AU", name) for name in row.authors)]
    lines += [("PY", str(row.year)), ("T2", row.journal), *(("KW", word) for word in row.keywords)]
    return "\n".join(f"{tag}  - {text}" for tag, text in [*lines, ("AB", row.abstract), ("ER", "")])


def bibtex(row: Reference) -> str:
    return (
        f"@article{{a{row.number},\n  title = {{{row.title}}},\n"
        f"  author = {{{' and '.join(row.authors)}}},\n  year = {{{row.year}}},\n"
        f"  journal = {{{row.journal}}},\n  keywords = {{{', '.join(row.keywords)}}},\n"
        f"  abstract = {{{row.abstract}}}\n}}"
    )


def pubmed(row: Reference) -> str:
    lines = [("PMID", str(10_000_000 + row.number)), ("TI", row.title), ("AB", row.abstract)]
    lines += [("FAU", name) for name in row.authors]
    lines += [("DP", str(row.year)), ("JT", row.journal), ("PT", "Journal Article")]
    lines += [("OT", word) for word in row.keywords]
    return "\n".join(f"{tag:<4}- {text}" for tag, text in lines) + "\n"


def endnote_xml(row: Reference) -> str:
    authors = "".join(f"<author>{name}</author>" for name in row.authors)
    keywords = "".join(f"<keyword>{word}</keyword>" for word in row.keywords)
    return (
        '<record><ref-type name="Journal Article">17</ref-type>'
        f"<contributors><authors>{authors}</authors></contributors>"
        f"<titles><title>{row.title}</title><secondary-title>{row.journal}</secondary-title>"
        f"</titles><keywords>{keywords}</keywords><dates><year>{row.year}</year></dates>"
        f"<abstract>{row.abstract}</abstract></record>"
    )


FORMATS: dict[str, tuple[Callable[[Reference], str], str, str]] = {
    "ris": (ris, "", ""),
    "bibtex": (bibtex, "", ""),
    "pubmed": (pubmed, "", ""),
    "endnotexml": (endnote_xml, "<xml><records>", "</records></xml>"),
}


def file_of(name: str, references: Iterator[Reference]) -> bytes:
    write, head, end = FORMATS[name]
    return f"{head}{chr(10).join(map(write, references))}{end}".encode()


def measured(name: str, numbers: range) -> dict[str, float]:
    """Records a second of the processor, to preview and to store one format."""
    content = file_of(name, map(Reference, numbers))
    begun = time.process_time()
    reading = read_as(name, content)
    plan = plan_import(reading, None, kind="article")
    previewed = time.process_time() - begun
    new = plan.counts["new"]
    assert new == len(numbers), (name, plan.counts)
    again = time.process_time()
    plan_import(reading, None, kind="article")
    planned = time.process_time() - again
    begun = time.process_time()
    import_reading(
        by=None,
        reading=reading,
        source=f"made.{name}",
        format_name=name,
        options=ImportOptions("article"),
        now=timezone.now(),
    )
    stored = time.process_time() - begun - planned
    size = len(numbers)
    return {"preview": size / previewed, "store": size / stored, "seconds": previewed + stored}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    assert not Resource.objects.exists(), "the database must be empty"
    each = options.records // len(FORMATS)
    results = {}
    for place, name in enumerate(FORMATS):
        numbers = range(place * each, (place + 1) * each)
        results[name] = measured(name, numbers)
        assert Resource.objects.count() == numbers.stop
        if not options.json:
            rates = results[name]
            print(f"{name}: preview {rates['preview']:,.0f}/s, store {rates['store']:,.0f}/s")
    titles = set(Resource.objects.values_list("title", flat=True))
    assert {Reference(number).title for number in range(0, each * 4, 997)} <= titles
    whole = {
        step: len(results) / sum(1 / rates[step] for rates in results.values())
        for step in ("preview", "store")
    }
    if options.json:
        print(json.dumps({"formats": results, "all": whole}, indent=1))
        return
    print(
        f"all: preview {whole['preview']:,.0f}/s (aim {AIM_PREVIEW:,}),"
        f" store {whole['store']:,.0f}/s (aim {AIM_STORE})"
    )


if __name__ == "__main__":
    main()
