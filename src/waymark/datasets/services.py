"""Giving out data as files, and keeping account of who had more than is public.

`by` is the person who acts; a visitor gets what is public, and nothing is kept about visitors.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.conf import settings

from waymark import __version__
from waymark.accounts import audit
from waymark.accounts.permissions import Person, may
from waymark.datasets.queries import (
    Request,
    Source,
    overview_rows,
    overview_shapes,
    record_shapes,
    request_for,
    rows_of_tables,
    source_of,
    withheld_reviews,
)
from waymark.publishing.giving_out import release_to_show
from waymark.publishing.package import about_release
from waymark.publishing.tidy.files import FORMATS, TableFiles, checked_formats, written_files
from waymark.publishing.tidy.package import About, File, datapackage
from waymark.publishing.tidy.readme import readme
from waymark.publishing.tidy.shape import DICTIONARY, VALUES, Shape, dictionary_rows, value_rows
from waymark.publishing.whole import new_folder


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. rows: by table; refused: tables that were not given, with the reason.

    withheld: how many reviews are told without their facts.
    """

    files: tuple[Path, ...]
    rows: Mapping[str, int]
    refused: tuple[tuple[str, str], ...]
    withheld: int


def export_records(
    *,
    by: Person,
    folder: Path,
    now: datetime,
    formats: Collection[str] = FORMATS,
    framework: str = "",
    as_at: date | None = None,
) -> Exported:
    """Write what is agreed now, as far as a person may see it, to a new folder.

    Nothing is there before all of it is written. The same facts give the same bytes. Raises
    NotFound for a framework that is not published, RuleError for a format there is not, Refused
    where the folder holds anything.
    """
    wanted = checked_formats(formats)
    request = request_for(by, now, framework=framework, as_at=as_at)
    account_for(by=by, what="records", request=request, now=now)
    about = about_records(request)
    held = withheld_reviews(by)
    with new_folder(folder) as made:
        files = _records(request, made, wanted, about)
        files += _explained(list(record_shapes(request).values()), made, wanted, about)
        _told(about, files, made)
    return _exported(folder, files, (), len(held))


def export_overview(
    *, by: Person, slug: str, folder: Path, now: datetime, formats: Collection[str] = FORMATS
) -> Exported:
    """Write the numbers of an overview, and the frozen rows behind them where they may be given.

    Under another profile than open the rows need the permission to see what is withheld: without
    it they are refused, and the numbers as they are shown are given. Raises NotFound, RuleError,
    Refused as export_records does; RuleError also where no edition stands and its numbers may not
    be given out.
    """
    wanted = checked_formats(formats)
    source = source_of(slug, by, now)
    if source.edition is None and source.request.snapshot is not None:
        release = release_to_show(source.request.snapshot, now=now)
        source = replace(source, release=release)
    request = source.request
    refused = tuple((name, source.refused) for name in record_shapes(request) if source.refused)
    if not refused:
        account_for(by=by, what=f"overview {slug}", request=request, now=now)
    about = about_overview(source)
    shapes = [*overview_shapes().values()]
    with new_folder(folder) as made:
        files = [
            file
            for shape in shapes
            for file in written_files(
                shape, overview_rows(source, shape.name), made, wanted, about.said
            )
        ]
        if not refused:
            files += _records(request, made, wanted, about)
            shapes += record_shapes(request).values()
        files += _explained(shapes, made, wanted, about)
        _told(about, files, made)
    return _exported(folder, files, refused, len(withheld_reviews(by)))


def account_for(*, by: Person, what: str, request: Request, now: datetime) -> None:
    """Keep in the audit that a person was given rows that not everybody may see."""
    if may(by, "see unpublished reports"):
        audit.record(
            actor=by,
            action="export data",
            subject=what,
            now=now,
            framework=str(request.framework),
            snapshot=request.snapshot.number if request.snapshot else None,
            withheld=may(by, "see what is withheld"),
        )


def _records(request: Request, folder: Path, formats: Collection[str], about: About) -> list[File]:
    """All tables of records, in one pass over the reviews."""
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(TableFiles(shape, folder, formats, about.said))
            for name, shape in record_shapes(request).items()
        }
        for name, row in rows_of_tables(request, list(made)):
            made[name].add(row)
        return [file for one in made.values() for file in one.close()]


def _explained(
    shapes: Sequence[Shape], folder: Path, formats: Collection[str], about: About
) -> list[File]:
    tables = ((DICTIONARY, dictionary_rows(shapes)), (VALUES, value_rows(shapes)))
    return [
        file
        for shape, rows in tables
        for file in written_files(shape, rows, folder, formats, about.said)
    ]


def _told(about: About, files: Sequence[File], folder: Path) -> None:
    (folder / "README.md").write_bytes(readme(about, files))
    (folder / "datapackage.json").write_bytes(datapackage(about, files))


def _exported(
    folder: Path, files: Iterable[File], refused: tuple[tuple[str, str], ...], withheld: int
) -> Exported:
    held = list(files)
    names = ["README.md", "datapackage.json", *(file.path for file in held)]
    rows = {file.shape.name: file.rows for file in held}
    return Exported(tuple(folder / name for name in names), rows, refused, withheld)


def about_records(request: Request) -> About:
    """What the files of what is agreed now say of themselves."""
    return About(
        name="waymark-data",
        title=f"{settings.SITE_NAME}: data",
        text="What people agreed that case reviews say: reviews, children, judgements, codings and"
        " recommendations. Nothing that a program suggested is in it.",
        version=__version__,
        licence=settings.DATA_LICENCE,
        said={
            "framework": str(request.framework),
            "framework_sha256": request.framework.sha256,
            "framework_licence": request.framework.licence,
            "overdue_as_at": request.as_at.isoformat(),
            "program": f"Waymark {__version__}",
        },
    )


def about_overview(source: Source) -> About:
    """What the files of an overview say of themselves."""
    edition = f"Edition {source.edition}" if source.edition else "Draft, not published"
    return about_release(source.release, edition, licence=settings.DATA_LICENCE)
