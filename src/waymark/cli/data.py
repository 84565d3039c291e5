"""Commands for data: what people agreed on, as tidy tables with their dictionary."""

import sys
from datetime import datetime
from pathlib import Path

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    as_json,
    main,
    one_line_errors,
    print_json,
    start,
)


@main.group()
def data() -> None:
    """Data for researchers."""


@data.command("export")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--overview", "slug", help="The rows and numbers of this overview.")
@click.option("--formats", default="csv,parquet", show_default=True, help="Comma-separated.")
@click.option("--by", help="What this account may see; without it, what everybody may see.")
@click.option("--framework", "of", default="", help="Default: the one published last.")
@click.option("--as-at", type=click.DateTime(["%Y-%m-%d"]), help="The day of what is overdue.")
@as_json
@one_line_errors
def data_export(
    *,
    to: Path,
    slug: str | None,
    formats: str,
    by: str | None,
    of: str,
    as_at: datetime | None,
    as_json: bool,
) -> None:
    """Write tidy tables of what was agreed, with a data dictionary, to a new folder."""
    start()
    from django.contrib.auth.models import AnonymousUser
    from django.utils import timezone

    from waymark.accounts.queries import account
    from waymark.datasets.services import export_overview, export_records

    if slug and (of or as_at):
        raise click.UsageError("an overview has its own framework and day: leave them out")
    person, now = account(by) if by else AnonymousUser(), timezone.now()
    wanted = formats.split(",")
    if slug:
        made = export_overview(by=person, slug=slug, folder=to, now=now, formats=wanted)
    else:
        day = as_at.date() if as_at else None
        made = export_records(
            by=person, folder=to, now=now, formats=wanted, framework=of, as_at=day
        )
    if as_json:
        print_json(
            {
                "files": [str(path) for path in made.files],
                "rows": made.rows,
                "refused": [{"table": name, "reason": why} for name, why in made.refused],
                "withheld": made.withheld,
            }
        )
    else:
        for path in made.files:
            click.echo(str(path))
        for name, why in made.refused:
            click.echo(f"not given: {name}: {why}", err=True)
        if made.withheld:
            click.echo(f"told without their facts: {made.withheld} reviews", err=True)
    if made.refused:
        sys.exit(DONE_WITH_REFUSALS)
