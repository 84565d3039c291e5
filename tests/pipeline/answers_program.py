"""Program that builds a small library in an empty installation, and writes what it answers.

    python -m tests.pipeline.answers_program FOLDER_OF_FILES ANSWERS.json

Database, search engine and executor are those of the environment. The answers are the same for all:

    {"held back": ["3.txt: may identify people ..."],
     "searches": {"visitor: heron": {"total", "hits", "facets", ...}},    without numbers of rows
     "files": {"overview/overview.csv": SHA-256},                         downloads and exports
     "shown": {"T8/fac.neglect/recorded": "[c]"},
     "snapshot": SHA-256 of the frozen rows}
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

QUERIES = (
    *("heron", "herons", '"stood in the river"', "baby OR letters", "visit -3", "vis*", "letters"),
    *("title:review", "nation:Wales", "esgeulustod", "father drank", "nothing-has-this", ""),
)
SORTS = ("", "title", "newest", "added")
ADDRESSES = ("results.ris", "results.bib", "results.csv", "results.json")
OVERVIEW_FORMATS = ("html", "xlsx", "ods", "csv", "json", "package")


def build_library(files: Path) -> list[str]:
    """Five files by `ingest_files`, so by the executor, and eight reviews with codings.

    Returns the files that are held back, each with the reason.
    """
    from django.utils import timezone

    from tests.factories import NOON
    from tests.web.test_restricted_pages import SPEC, eight_reviews
    from waymark import pipeline
    from waymark.accounts.models import User
    from waymark.documents.models import Review
    from waymark.library.indexing import documents
    from waymark.library.services import catalogue_review, rebuild_index
    from waymark.overview.services import create_overview, freeze_overview

    result = pipeline.ingest_files(sorted(files.iterdir()), workers=1, by=None, publish=True)
    assert (result.stored, result.stopped) == (5, ""), result
    eight_reviews()
    for number, review in enumerate(Review.objects.filter(collection="small").order_by("pk")):
        Review.objects.filter(pk=review.pk).update(nation=("Wales", "England")[number % 2])
        catalogue_review(by=None, review=review, now=NOON)
    # Fewer would be made in this process, whatever the executor.
    documents.PARALLEL = 1
    rebuild_index(now=timezone.now())
    analyst = User.objects.get(username="analyst")
    spec = SPEC.replace("OPEN", "true")
    row = create_overview(by=analyst, spec=spec, file="small.yaml", now=NOON)
    freeze_overview(by=analyst, overview=row, now=NOON)
    return sorted(f"{row.file}: {row.reason}" for row in result.held_back)


def searches() -> Iterator[tuple[str, object]]:
    """Each query as a visitor and as staff, by relevance; the first ones in every order."""
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from waymark.accounts.models import User
    from waymark.library.queries import search_library
    from waymark.library.search.protocol import SearchRequest

    people = {"visitor": AnonymousUser(), "staff": User.objects.get(username="cataloguer")}
    for name, person in people.items():
        for query in QUERIES:
            for sort in SORTS[: 1 if query else None]:
                request = SearchRequest(query, limit=20, **({"sort": sort} if sort else {}))
                answer = search_library(request, person=person, now=timezone.now())
                content = answer.as_json(scores=True)
                hits = content["hits"] if sort else sorted(content["hits"], key=_place)
                for hit in hits:
                    del hit["score"]
                yield f"{name}: {query} {sort}".strip(), {**content, "hits": hits}


def _place(hit: dict[str, Any]) -> tuple[float, str]:
    """By relevance; those of equal score by reference.

    Which of them comes first depends on how many processors or workers have built the index.
    """
    return -round(hit["score"], 3), hit["record"]


def written_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and SHA-256 of each file that the installation gives to people."""
    from django.contrib.auth.models import AnonymousUser
    from django.test import Client, override_settings

    from tests.factories import NOON
    from waymark import pipeline
    from waymark.accounts.models import User
    from waymark.datasets.services import export_records

    pipeline.render_overview(
        "small",
        folder / "overview",
        profile=None,
        formats=OVERVIEW_FORMATS,
        by=None,
        now=NOON,
    )
    analyst = User.objects.get(username="analyst")
    for name, person in (("visitor", AnonymousUser()), ("analyst", analyst)):
        export_records(by=person, folder=folder / name, now=NOON)
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()
    with override_settings(ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        for address in ADDRESSES:
            response = Client().get(f"/library/{address}?q=letters&sort=title")
            assert response.status_code == 200, (address, response.status_code)
            yield address, hashlib.sha256(b"".join(response)).hexdigest()


def answers() -> dict[str, object]:
    """What this installation answers, as above."""
    from tests.factories import NOON
    from waymark import pipeline
    from waymark.overview.models import Snapshot

    tables = [
        pipeline.overview_table("small", name, profile=None, by=None, now=NOON).table
        for name in ("T8", "T10")
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = dict(written_files(Path(folder)))
    return {
        "searches": dict(searches()),
        "files": files,
        "shown": {
            f"{table.id}/{row.id}/{column.id}": cell.shown
            for table in tables
            for row in table.rows
            for column, cell in zip(table.columns, row.cells, strict=True)
        },
        "snapshot": Snapshot.objects.get().sha256,
    }


if __name__ == "__main__":
    django.setup()
    held_back = build_library(Path(sys.argv[1]))
    content = {"held back": held_back, **answers()}
    Path(sys.argv[2]).write_text(json.dumps(content, indent=1, sort_keys=True), "utf-8")
