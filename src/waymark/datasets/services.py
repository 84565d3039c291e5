"""Export of data as files, with an audit entry if a person gets more than is public.

`by` is the person who acts; a visitor gets what is public, and nothing about them is recorded.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.models import AnonymousUser

from waymark.accounts import audit
from waymark.accounts.content_state import digest_mark
from waymark.accounts.permissions import Person, has_permission
from waymark.core.errors import RuleError, require_found
from waymark.datasets.descriptions import about_overview, about_records
from waymark.datasets.queries import (
    DataRequest,
    OverviewSource,
    overview_rows,
    overview_shapes,
    record_shapes,
    request_for,
    rows_of_tables,
    source_of,
    withheld_reviews,
)
from waymark.overview.models import Snapshot
from waymark.overview.queries.overviews import release_of
from waymark.overview.releases.release import Release
from waymark.publishing.formats.atomic_folder import new_folder
from waymark.publishing.formats.tidy import csvw
from waymark.publishing.formats.tidy.files import FORMATS, TableFiles, checked_formats, write_table
from waymark.publishing.formats.tidy.package import (
    PackageDescription,
    PackageFile,
    datapackage_json,
)
from waymark.publishing.formats.tidy.readme import readme_text
from waymark.publishing.formats.tidy.shape import (
    DICTIONARY,
    VALUES,
    TableShape,
    dictionary_rows,
    value_rows,
)
from waymark.publishing.queries.release_gate import release_to_show


@dataclass(frozen=True, slots=True)
class ExportedData:
    """Files written. rows: number by table; refused: tables left out, with the reason.

    withheld: number of reviews listed without coded data.
    """

    files: tuple[Path, ...]
    rows: Mapping[str, int]
    refused: tuple[tuple[str, str], ...]
    withheld: int


@dataclass(frozen=True, slots=True)
class ApprovedData:
    """Restricted data that was written. state: hash of the facts; rows: of all tables."""

    state: str
    rows: int


def export_records(
    *,
    by: Person,
    folder: Path,
    now: datetime,
    formats: Collection[str] = FORMATS,
    framework: str = "",
    as_at: date | None = None,
) -> ExportedData:
    """Write what is agreed now, limited to what a person may see, to a new folder.

    The folder appears when all of it is written. The same facts give the same bytes. Raises
    NotFound for a framework that is not published, RuleError for an unknown format, FileRefused if
    the folder is not empty.
    """
    chosen = checked_formats(formats)
    request = request_for(by, now, framework=framework, as_at=as_at)
    record_export(by=by, what="records", request=request, now=now)
    about = about_records(request)
    withheld = withheld_reviews(by)
    with new_folder(folder) as part:
        files = _write_records(request, part, chosen, about)
        files += _write_dictionary(list(record_shapes(request).values()), part, chosen, about)
        _write_description(about, files, part)
    return _export_result(folder, files, (), len(withheld))


def export_overview(
    *, by: Person, slug: str, folder: Path, now: datetime, formats: Collection[str] = FORMATS
) -> ExportedData:
    """Write the numbers of an overview, and its frozen rows if the person may have them.

    Under a profile other than open, the rows need the permission to see what is withheld: without
    it only the numbers are written, as they are shown. Raises NotFound, RuleError, FileRefused as
    export_records does; RuleError also if there is no edition and its numbers may not be published.
    """
    chosen = checked_formats(formats)
    source = source_of(slug, by, now)
    if source.edition is None and source.request.snapshot is not None:
        # A draft is checked again here: its decision may be missing, or a source closed since.
        release = release_to_show(source.request.snapshot, now=now)
        source = replace(source, release=release)
    request = source.request
    refused = tuple((name, source.refused) for name in record_shapes(request) if source.refused)
    if not refused:
        record_export(by=by, what=f"overview {slug}", request=request, now=now)
    about = about_overview(source)
    shapes = [*overview_shapes().values()]
    with new_folder(folder) as part:
        files = _write_numbers(source, part, chosen, about)
        if not refused:
            files += _write_records(request, part, chosen, about)
            shapes += record_shapes(request).values()
        files += _write_dictionary(shapes, part, chosen, about)
        _write_description(about, files, part)
    return _export_result(folder, files, refused, len(withheld_reviews(by)))


def export_approved(*, dataset: str, profile: str, folder: Path, now: datetime) -> ApprovedData:
    """Write the restricted data that an approval names to a new folder.

    dataset: "" for what is agreed now, else an overview. profile: open gives rows with nothing
    withheld, that of the current edition its numbers as they are published. Closed reports stay
    closed. The pipeline checks the approval and records the export. Raises NotFound, RuleError,
    FileRefused as export_overview does; RuleError also for any other profile.
    """
    visitor = AnonymousUser()
    with new_folder(folder) as part:
        if dataset:
            source = source_of(dataset, visitor, now)
            snapshot = require_found(source.request.snapshot, f"{dataset} is not frozen")
            source = replace(source, release=_approved_release(source, snapshot, profile))
            request, state = source.request, snapshot.sha256
            about, shapes = about_overview(source), [*overview_shapes().values()]
            files = _write_numbers(source, part, FORMATS, about)
        else:
            request, state = request_for(visitor, now), digest_mark().digest
            about, shapes, files = about_records(request), [], []
        if profile == "open":
            request = replace(request, opened=True)
            files += _write_records(request, part, FORMATS, about)
            shapes += record_shapes(request).values()
        files += _write_dictionary(shapes, part, FORMATS, about)
        _write_description(about, files, part)
    counted = {file.shape.name: file.rows for file in files}
    return ApprovedData(state, sum(counted.values()))


def _approved_release(source: OverviewSource, snapshot: Snapshot, profile: str) -> Release:
    """Release that an approval names: all numbers, or those of the current edition.

    Raises RuleError for any other: the ledger does not know what is given out, so a release with
    another pattern and an edition could be subtracted from each other.
    """
    if profile == "open":
        return release_of(snapshot, profile)
    if profile != source.release.profile:
        raise RuleError(
            f"edition {source.edition} is published under the profile {source.release.profile},"
            f" and numbers were approved under {profile}: apply again"
        )
    return source.release


def _write_numbers(
    source: OverviewSource, folder: Path, formats: Collection[str], about: PackageDescription
) -> list[PackageFile]:
    """The tables of the numbers of an overview."""
    return [
        file
        for shape in overview_shapes().values()
        for file in write_table(
            shape, overview_rows(source, shape.name), folder, formats, about.metadata
        )
    ]


def record_export(*, by: Person, what: str, request: DataRequest, now: datetime) -> None:
    """Record in the audit that a person got rows that not everybody may see."""
    if has_permission(by, "see unpublished reports"):
        audit.record_entry(
            actor=by,
            action="export data",
            subject=what,
            now=now,
            framework=str(request.framework),
            snapshot=request.snapshot.number if request.snapshot else None,
            withheld=has_permission(by, "see protected numbers"),
        )


def _write_records(
    request: DataRequest, folder: Path, formats: Collection[str], about: PackageDescription
) -> list[PackageFile]:
    """All tables of records, in one pass over the reviews."""
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(TableFiles(shape, folder, formats, about.metadata))
            for name, shape in record_shapes(request).items()
        }
        for name, row in rows_of_tables(request, list(writers)):
            writers[name].add(row)
        return [file for writer in writers.values() for file in writer.close()]


def _write_dictionary(
    shapes: Sequence[TableShape], folder: Path, formats: Collection[str], about: PackageDescription
) -> list[PackageFile]:
    tables = ((DICTIONARY, dictionary_rows(shapes)), (VALUES, value_rows(shapes)))
    return [
        file
        for shape, rows in tables
        for file in write_table(shape, rows, folder, formats, about.metadata)
    ]


def _write_description(
    about: PackageDescription, files: Sequence[PackageFile], folder: Path
) -> None:
    (folder / "README.md").write_bytes(readme_text(about, files))
    (folder / "datapackage.json").write_bytes(datapackage_json(about, files))
    (folder / csvw.NAME).write_bytes(csvw.csvw_json(about, files))


def _export_result(
    folder: Path, files: Iterable[PackageFile], refused: tuple[tuple[str, str], ...], withheld: int
) -> ExportedData:
    written = list(files)
    names = ["README.md", "datapackage.json", csvw.NAME, *(file.path for file in written)]
    rows = {file.shape.name: file.rows for file in written}
    return ExportedData(tuple(folder / name for name in names), rows, refused, withheld)
