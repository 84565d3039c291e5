"""An overview written to a folder: the whole folder or nothing."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings

from waymark.core.errors import RuleError
from waymark.overview import queries as overview
from waymark.overview.plain import table_csv, table_json
from waymark.overview.release import Release
from waymark.publishing import html
from waymark.publishing.citations import CitedRecord
from waymark.publishing.excel import excel
from waymark.publishing.nodes import Document
from waymark.publishing.opendocument import opendocument
from waymark.publishing.package import package
from waymark.publishing.pdf import pdf
from waymark.publishing.queries import document_of, release_for, standing
from waymark.publishing.reports import NO_RECORDS, Draft, draft_of
from waymark.publishing.whole import new_folder
from waymark.publishing.word import word

File = tuple[str, bytes]


def _html(release: Release, made: Document) -> Iterator[File]:
    yield "overview.html", html.whole_file(made).encode()
    for figure in release.figures:
        yield f"{figure.id}.svg", figure.svg.encode()


def _pdf(release: Release, made: Document) -> Iterator[File]:
    yield "overview.pdf", pdf(made)


def _docx(release: Release, made: Document) -> Iterator[File]:
    yield "overview.docx", word(made)


def _xlsx(release: Release, made: Document) -> Iterator[File]:
    yield "overview.xlsx", excel(made)


def _ods(release: Release, made: Document) -> Iterator[File]:
    yield "overview.ods", opendocument(made)


def _csv(release: Release, made: Document) -> Iterator[File]:
    for protected in release.tables:
        yield f"{protected.table.id}.csv", table_csv(protected).encode("utf-8-sig")


def _json(release: Release, made: Document) -> Iterator[File]:
    whole = {
        "overview": release.spec.overview,
        "title": made.title,
        "scope": made.scope,
        "edition": made.edition,
        "framework": release.spec.framework,
        "profile": release.profile,
        "sha256": release.provenance.sha256,
        "tables": [table_json(protected) for protected in release.tables],
        "figures": [
            {"id": one.id, "title": one.title, "table": one.table, "text": one.text}
            for one in release.figures
        ],
    }
    yield "overview.json", (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _package(release: Release, made: Document) -> Iterator[File]:
    yield "overview-data.zip", package(release, made, licence=settings.DATA_LICENCE)


FORMATS: dict[str, Callable[[Release, Document], Iterator[File]]] = {
    "html": _html,
    "pdf": _pdf,
    "docx": _docx,
    "xlsx": _xlsx,
    "ods": _ods,
    "csv": _csv,
    "json": _json,
    "package": _package,
}


def render(
    slug: str,
    folder: Path,
    *,
    profile: str = "open",
    formats: Collection[str] = ("html", "pdf"),
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> list[Path]:
    """Write the latest snapshot of an overview to a new folder. The files, in their order.

    Where an edition of it stands under that profile, the edition; else the draft of its report.
    records: what the catalogue knows of the publications cited in a draft. The folder appears when
    all of it is written. The same snapshot and texts give the same bytes. Raises NotFound,
    RuleError for a profile or a format that is not there, Refused where the folder holds anything
    already.
    """
    makers = [_maker(name) for name in dict.fromkeys(formats)]
    snapshot = overview.latest_snapshot(overview.overview_for(slug))
    stands = standing(slug)
    if stands is not None and (stands.snapshot_id, stands.profile) == (snapshot.pk, profile):
        release, made = release_for(stands), document_of(stands, now=now)
    else:
        release = overview.release_of(snapshot, profile)
        made = _draft(draft_of(snapshot, records=records, now=now, trial=profile))
    names = []
    with new_folder(folder) as temporary:
        for maker in makers:
            for name, content in maker(release, made):
                (temporary / name).write_bytes(content)
                names.append(name)
    return [folder / name for name in names]


def _draft(draft: Draft) -> Document:
    if draft.composed is None:
        raise RuleError("; ".join(draft.rules))
    return draft.composed.document


def _maker(name: str) -> Callable[[Release, Document], Iterator[File]]:
    made = FORMATS.get(name.strip().lower())
    if made is None:
        raise RuleError(f"{name} is not a format: there are {', '.join(FORMATS)}")
    return made
