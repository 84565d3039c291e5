"""Commands of the indicators."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import INPUT_FILE
from waymark.core.errors import FileRefused

LARGEST = 200 * 1024 * 1024
"""Bytes of a file that the command reads."""
DAY = click.option(
    "--on", "day", metavar="DAY", help="As it was at the end of this day, such as 2026-01-31."
)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.UsageError(f"{text!r} is not a day such as 2026-01-31") from None


@main.group(name="indicators")
def indicators_group() -> None:
    """Official statistics: import files, list indicators, write their values."""


@indicators_group.command(name="import")
@click.argument("file", type=INPUT_FILE)
@click.option("--mapping", help="A mapping: a YAML file, or the name of a saved one.")
@as_json
def import_indicators(*, file: Path, mapping: str | None, as_json: bool) -> None:
    """Import FILE (CSV or XLSX) of official statistics.

    Without --mapping it is detected: from the mappings that are saved, or from the layout of
    Explore Education Statistics. The same file again changes nothing; a changed value is a
    revision. Rows that cannot be read are listed, and the others are stored.
    """
    if file.stat().st_size > LARGEST:
        raise FileRefused(file.name, "it is larger than 200 MiB", "Divide it into files")
    content = file.read_bytes()
    start_django(new=True)
    from waymark.indicators.mapping import read_mapping
    from waymark.indicators.queries.indicators import detected_mapping, mapping_called
    from waymark.indicators.services import import_values

    if mapping is None:
        how = detected_mapping(content, file.name)
    elif Path(mapping).is_file():
        how = read_mapping(Path(mapping).read_text("utf-8"), file=mapping)
    else:
        how = mapping_called(mapping, None)
    result = import_values(
        by=None, file=file.name, content=content, mapping=how, now=datetime.now(UTC)
    )
    refused = [
        {"row": row.row, "column": row.column, "reason": row.reason} for row in result.refused
    ]
    values = result.values
    print_answer(
        {
            "indicator": result.indicator.slug,
            "rows": result.rows,
            "stored": result.stored,
            "new": values.new,
            "revised": values.revised,
            "unchanged": values.unchanged,
            "refused": refused,
        },
        f"{result.indicator.slug}: {result.stored:,} of {result.rows:,} rows stored;"
        f" {values.new:,} new values, {values.revised:,} revised, {values.unchanged:,} unchanged",
        as_json=as_json,
    )
    for row in result.refused:
        where = f"row {row.row}" + (f", {row.column}" if row.column else "")
        click.echo(f"refused {where}: {row.reason}", err=True)
    if refused:
        sys.exit(DONE_WITH_REFUSALS)


@indicators_group.command(name="mapping")
@click.argument("file", type=INPUT_FILE)
@as_json
def show_mapping(*, file: Path, as_json: bool) -> None:
    """Print the mapping that FILE would be imported by, to save and change it."""
    content = file.read_bytes()
    start_django()
    from waymark.indicators.mapping import mapping_yaml
    from waymark.indicators.queries.indicators import detected_mapping

    text = mapping_yaml(detected_mapping(content, file.name))
    print_answer({"mapping": text}, text.rstrip(), as_json=as_json)


@indicators_group.command(name="list")
@as_json
def list_indicators(*, as_json: bool) -> None:
    """List indicators with their state and the number of their values."""
    start_django()
    from waymark.indicators.queries.indicators import listed_indicators

    rows = listed_indicators(None)
    lines = [f"{row['slug']}: {row['name']}, {row['state']}, {row['values']:,}" for row in rows]
    print_answer({"indicators": rows}, *lines, as_json=as_json)


@indicators_group.command(name="export")
@click.argument("slug")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@DAY
@as_json
def export_indicator(*, slug: str, file: Path, day: str | None, as_json: bool) -> None:
    """Write all values of an indicator to FILE as CSV."""
    on = _date(day)
    start_django()
    from waymark.indicators.data_files import csv_file
    from waymark.indicators.queries.data_rows import data_rows
    from waymark.indicators.queries.indicators import edited_indicator

    rows = list(data_rows(edited_indicator(slug, None), on))
    file.write_bytes(csv_file(rows))
    print_answer(
        {"file": str(file), "values": len(rows)}, f"{file}: {len(rows):,} values", as_json=as_json
    )


@indicators_group.command(name="value")
@click.argument("slug")
@click.argument("measure")
@click.argument("area")
@click.argument("period")
@DAY
@as_json
def show_value(
    *, slug: str, measure: str, area: str, period: str, day: str | None, as_json: bool
) -> None:
    """Print one value as it was at the end of a day, with all its revisions.

    MEASURE and PERIOD are keys as in the exported file; AREA is a code such as E92000001.
    """
    on, now = _date(day), datetime.now(UTC)
    start_django()
    from waymark.core.uk_time import uk_date
    from waymark.indicators.queries.indicators import edited_indicator
    from waymark.indicators.queries.values import value_on

    history = value_on(edited_indicator(slug, None), measure, area, period, on or uk_date(now), now)
    row = history.value
    print_answer(
        {
            "on": history.day.isoformat(),
            "value": row.plain,
            "marker": row.marker or None,
            "current": history.is_current,
            "revisions": [
                {
                    "revision": item.revision,
                    "value": item.plain,
                    "recorded": item.recorded_at.isoformat(),
                    "reason": item.reason,
                }
                for item in history.revisions
            ],
        },
        f"{row.shown} ({row.measure.label}, {row.area.name}, {row.period.label})",
        as_json=as_json,
    )


# ---- contacts ----


@main.group(name="contacts")
def contacts_group() -> None:
    """The log of contacts with a helpline."""


@contacts_group.command(name="import")
@click.argument("file", type=INPUT_FILE)
@as_json
def import_contacts(*, file: Path, as_json: bool) -> None:
    """Log the contacts of FILE: CSV or XLSX with columns date, topic, channel, referred, note.

    A row that is not a contact, or whose note may identify a person, is listed and left out.
    """
    content = file.read_bytes()
    start_django()
    from waymark.core.sheet_rows import read_rows
    from waymark.indicators.contact_rows import read_contacts
    from waymark.indicators.services import ContactDetails, log_contacts
    from waymark.indicators.services.contacts import check_note

    reading = read_contacts(read_rows(content, name=file.name), name=file.name, check=check_note)
    contacts = [ContactDetails(**row) for row in reading.contacts]
    logged = log_contacts(by=None, contacts=contacts, now=datetime.now(UTC)) if contacts else 0
    refused = [
        {"row": row.row, "column": row.column, "reason": row.reason} for row in reading.problems
    ]
    print_answer(
        {"rows": logged + len(refused), "stored": logged, "refused": refused},
        f"{logged:,} contacts logged, {len(refused):,} rows refused",
        as_json=as_json,
    )
    for row in reading.problems:
        click.echo(f"refused row {row.row}, {row.column}: {row.reason}", err=True)
    if refused:
        sys.exit(DONE_WITH_REFUSALS)
