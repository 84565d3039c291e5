"""Write a release of an overview to a new folder: the whole folder or nothing."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from waymark.core.errors import RuleError
from waymark.overview.charts.charts import saved_drawing
from waymark.overview.models import Snapshot
from waymark.overview.releases.release import DO_NOT_SHARE, Release
from waymark.overview.tables.export import table_csv, table_csvw, table_json
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.document.content_note import NotesOfReviews, no_notes, with_content_note
from waymark.publishing.document.nodes import (
    ParagraphNode,
    ReportDocument,
    StyledText,
    source_of,
)
from waymark.publishing.formats import html
from waymark.publishing.formats.atomic_folder import new_folder
from waymark.publishing.formats.excel import render_excel
from waymark.publishing.formats.opendocument import render_opendocument
from waymark.publishing.formats.package import data_package
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.formats.word import render_word
from waymark.publishing.queries import document_of, report_of
from waymark.publishing.queries.drafts import NO_RECORDS, ReportDraft, draft_of
from waymark.publishing.queries.editions import edition_of
from waymark.publishing.queries.imprint import csvw_properties, with_imprint
from waymark.publishing.queries.release_gate import matching_edition

File = tuple[str, bytes]
FileMaker = Callable[[Release, ReportDocument], Iterator[File]]


def _html_files(release: Release, document: ReportDocument) -> Iterator[File]:
    yield "overview.html", html.render_page(document).encode()
    for figure in release.figures:
        yield f"{figure.id}.svg", saved_drawing(figure, source_of(document)).encode()


def _single_file(name: str, render: Callable[[ReportDocument], bytes]) -> FileMaker:
    """Maker of the one file of a format that shows the whole document."""

    def files(release: Release, document: ReportDocument) -> Iterator[File]:
        yield name, render(document)

    return files


def _csv_files(release: Release, document: ReportDocument) -> Iterator[File]:
    for protected in release.tables:
        content = table_csv(protected)
        if release.warning:
            # A last line of one field: nobody can take it for a row of numbers.
            content += f"{DO_NOT_SHARE}\r\n"
        # utf-8-sig: with the byte order mark Excel reads the file as UTF-8.
        name = f"{protected.table.id}.csv"
        yield name, content.encode("utf-8-sig")
        described = table_csvw(protected, name, **csvw_properties(document.imprint))
        yield f"{name}-metadata.json", _json_bytes(described)


def _json_bytes(content: object) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _json_files(release: Release, document: ReportDocument) -> Iterator[File]:
    whole = {
        "overview": release.spec.overview,
        "title": document.title,
        "scope": document.scope,
        "edition": document.edition,
        "framework": release.spec.framework,
        "profile": release.profile,
        **({"warning": release.warning} if release.warning else {}),
        "sha256": release.provenance.sha256,
        "tables": [table_json(protected) for protected in release.tables],
        "figures": [
            {"id": figure.id, "title": figure.title, "table": figure.table, "text": figure.text}
            for figure in release.figures
        ],
    }
    yield "overview.json", _json_bytes(whole)


def _package_files(release: Release, document: ReportDocument) -> Iterator[File]:
    yield "overview-data.zip", data_package(release, document, licence=settings.DATA_LICENCE)


FORMATS: dict[str, FileMaker] = {
    "html": _html_files,
    "pdf": _single_file("overview.pdf", render_pdf),
    "docx": _single_file("overview.docx", render_word),
    "xlsx": _single_file("overview.xlsx", render_excel),
    "ods": _single_file("overview.ods", render_opendocument),
    "csv": _csv_files,
    "json": _json_files,
    "package": _package_files,
}


def render_to_folder(
    snapshot: Snapshot,
    release: Release,
    folder: Path,
    *,
    formats: Collection[str] = ("html", "pdf"),
    records: Mapping[str, CitedRecord] = NO_RECORDS,
    notes_of: NotesOfReviews = no_notes,
    now: datetime,
) -> list[Path]:
    """Write a release of a snapshot to a new folder; return the files, in their order.

    release: from release_gate.release_to_show. If it is the current edition, that is written, else
    the draft of its report. records: catalogue entries of the publications that a draft cites.
    notes_of: content notes of the reviews quoted, at the head of each document. The folder appears
    when all of it is written. The same snapshot, texts and notes give the same bytes.
    Raises RuleError for an unknown format and for a draft with faults that a reader would notice,
    Refused if the folder is not empty.
    """
    makers = [_format_maker(name) for name in dict.fromkeys(formats)]
    edition = matching_edition(snapshot, release.profile)
    if edition is not None:
        document, report = document_of(edition, now=now), report_of(edition)
    else:
        draft = draft_of(snapshot, records=records, now=now, trial=release)
        document, report = _draft_document(draft, release), draft.report
    if report is not None:
        document = with_content_note(document, report, notes_of)
    document = with_imprint(
        document, release.spec.overview, edition_of(edition) if edition else None
    )
    names = []
    with new_folder(folder) as temporary:
        for maker in makers:
            for name, content in maker(release, document):
                (temporary / name).write_bytes(content)
                names.append(name)
    return [folder / name for name in names]


def _draft_document(draft: ReportDraft, release: Release) -> ReportDocument:
    """Document of a readable draft, with the warning of its release, if any."""
    if draft.composed is None:
        raise RuleError("; ".join(str(rule) for rule in draft.rules))
    broken = [str(fault) for fault in draft.composed.faults if not fault.readable]
    if broken:
        raise RuleError(f"correct the report, then render it: {'; '.join(broken)}")
    document = draft.composed.document
    if not release.warning:
        return document
    warned = ParagraphNode((StyledText(release.warning, strong=True),))
    edition = f"{DO_NOT_SHARE}. {document.edition}"
    return replace(document, edition=edition, nodes=(warned, *document.nodes))


def _format_maker(name: str) -> FileMaker:
    maker = FORMATS.get(name.strip().lower())
    if maker is None:
        raise RuleError(
            f"{name.strip() or 'nothing'} is not a format: choose from {', '.join(FORMATS)}"
        )
    return maker
