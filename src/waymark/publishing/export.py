"""An overview written to a folder: the whole folder or nothing. What it holds is a release."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from waymark.core.errors import RuleError
from waymark.overview.models import Snapshot
from waymark.overview.plain import table_csv, table_json
from waymark.overview.release import NOT_FOR_GIVING_OUT, Release
from waymark.publishing import html
from waymark.publishing.citations import CitedRecord
from waymark.publishing.excel import excel
from waymark.publishing.giving_out import edition_shown
from waymark.publishing.nodes import Document, Paragraph, Styled
from waymark.publishing.opendocument import opendocument
from waymark.publishing.package import package
from waymark.publishing.pdf import pdf
from waymark.publishing.queries import document_of
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
        content = table_csv(protected)
        if release.warning:
            # A line of one field, after all others: nobody can take it for a row of numbers.
            content += f"{NOT_FOR_GIVING_OUT}\r\n"
        yield f"{protected.table.id}.csv", content.encode("utf-8-sig")


def _json(release: Release, made: Document) -> Iterator[File]:
    whole = {
        "overview": release.spec.overview,
        "title": made.title,
        "scope": made.scope,
        "edition": made.edition,
        "framework": release.spec.framework,
        "profile": release.profile,
        **({"warning": release.warning} if release.warning else {}),
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
    snapshot: Snapshot,
    release: Release,
    folder: Path,
    *,
    formats: Collection[str] = ("html", "pdf"),
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    now: datetime,
) -> list[Path]:
    """Write a release of a snapshot to a new folder. The files, in their order.

    release: as giving_out.release_to_show gave it. Where it is the edition that stands, that is
    written; else the draft of its report. records: what the catalogue knows of the publications
    cited in a draft. The folder appears when all of it is written. The same snapshot and texts give
    the same bytes. Raises RuleError for a format that is not there and for a draft with faults
    that a reader would stumble over, Refused where the folder holds anything already.
    """
    makers = [_maker(name) for name in dict.fromkeys(formats)]
    stands = edition_shown(snapshot, release.profile)
    if stands is not None:
        made = document_of(stands, now=now)
    else:
        made = _draft(draft_of(snapshot, records=records, now=now, trial=release), release)
    names = []
    with new_folder(folder) as temporary:
        for maker in makers:
            for name, content in maker(release, made):
                (temporary / name).write_bytes(content)
                names.append(name)
    return [folder / name for name in names]


def _draft(draft: Draft, release: Release) -> Document:
    """The document of a draft that can be read, with the warning of its release, if any."""
    if draft.composed is None:
        raise RuleError("; ".join(str(one) for one in draft.rules))
    broken = [str(fault) for fault in draft.composed.faults if not fault.readable]
    if broken:
        raise RuleError(f"put right in the report, then render it: {'; '.join(broken)}")
    made = draft.composed.document
    if not release.warning:
        return made
    warned = Paragraph((Styled(release.warning, strong=True),))
    edition = f"{NOT_FOR_GIVING_OUT}. {made.edition}"
    return replace(made, edition=edition, nodes=(warned, *made.nodes))


def _maker(name: str) -> Callable[[Release, Document], Iterator[File]]:
    made = FORMATS.get(name.strip().lower())
    if made is None:
        raise RuleError(f"{name} is not a format: there are {', '.join(FORMATS)}")
    return made
