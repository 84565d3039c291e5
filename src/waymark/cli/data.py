"""Commands to export agreed data as tidy tables with a dictionary."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark.cli.common import as_json, main, print_json, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS

if TYPE_CHECKING:
    from waymark.datasets.services import ExportedData


@main.group("data")
def data_group() -> None:
    """Data for researchers."""


@data_group.command("export")
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="New folder."
)
@click.option("--overview", "slug", help="Export the rows and numbers of this overview.")
@click.option("--formats", default="csv,parquet", show_default=True, help="Comma-separated.")
@click.option("--by", help="Export what this account can see. Default: public data.")
@click.option(
    "--framework", "framework_name", default="", help="Default: the latest published one."
)
@click.option(
    "--as-at", type=click.DateTime(["%Y-%m-%d"]), help="Day for which to work out what is overdue."
)
@as_json
def data_export(
    *,
    to: Path,
    slug: str | None,
    formats: str,
    by: str | None,
    framework_name: str,
    as_at: datetime | None,
    as_json: bool,
) -> None:
    """Write tidy tables of the agreed data, with a data dictionary, to a new folder."""
    start_django()
    from django.contrib.auth.models import AnonymousUser

    from waymark.accounts.queries import find_account
    from waymark.datasets.services import export_overview, export_records

    if slug and (framework_name or as_at):
        raise click.UsageError(
            "an overview has its own framework and day: leave out --framework and --as-at"
        )
    person, now = find_account(by) if by else AnonymousUser(), datetime.now(UTC)
    chosen_formats = formats.split(",")
    if slug:
        export = export_overview(by=person, slug=slug, folder=to, now=now, formats=chosen_formats)
    else:
        day = as_at.date() if as_at else None
        export = export_records(
            by=person,
            folder=to,
            now=now,
            formats=chosen_formats,
            framework=framework_name,
            as_at=day,
        )
    _print_export(export, as_json=as_json)
    if export.refused:
        sys.exit(DONE_WITH_REFUSALS)


def _print_export(export: "ExportedData", *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "files": [str(path) for path in export.files],
                "rows": export.rows,
                "refused": [{"table": name, "reason": why} for name, why in export.refused],
                "withheld": export.withheld,
            }
        )
    else:
        for path in export.files:
            click.echo(str(path))
        for name, why in export.refused:
            click.echo(f"not exported: {name}: {why}", err=True)
        if export.withheld:
            click.echo(f"listed without coded data: {export.withheld} reviews", err=True)
