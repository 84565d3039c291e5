"""Commands of the catalogue: its thesaurus, and records that come from elsewhere."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    as_json,
    fail,
    main,
    one_line_errors,
    print_json,
    progress,
    start,
)


@main.group()
def thesaurus() -> None:
    """The thesaurus of subjects."""


@thesaurus.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@as_json
@one_line_errors
def thesaurus_load(*, file: Path | None, dry_run: bool, as_json: bool) -> None:
    """Put a SKOS Turtle file in place of the thesaurus; without FILE, the one that comes with
    Waymark. Subjects that the file does not hold have ended; records keep them."""
    start(new=not dry_run)
    from django.utils import timezone

    from waymark.library.services.thesaurus import BUILTIN, load_thesaurus

    path = file or BUILTIN
    change = load_thesaurus(
        by=None, source=path.read_bytes(), file=path.name, now=timezone.now(), dry_run=dry_run
    )
    said = {
        "new": list(change.new),
        "changed": list(change.changed),
        "ended": list(change.ended),
        "back": list(change.back),
        "left_out": list(change.left_out),
    }
    if as_json:
        print_json(said)
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{path.name}: {would}new {len(change.new)}, changed {len(change.changed)}, "
        f"ended {len(change.ended)}, back in use {len(change.back)}"
    )
    for line in change.left_out:
        click.echo(f"note: not kept: {line}", err=True)


@thesaurus.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@one_line_errors
def thesaurus_export(*, file: Path) -> None:
    """Write the thesaurus as SKOS Turtle; the same content gives the same bytes."""
    start()
    from waymark.library.queries.thesaurus import thesaurus_now
    from waymark.library.thesaurus import write_turtle

    made = thesaurus_now()
    file.write_text(write_turtle(made), encoding="utf-8", newline="\n")
    click.echo(f"{file.name}: {len(made.subjects)} subjects")


if TYPE_CHECKING:
    from waymark.library.exchange.reading.found import Reading

# ---- records from elsewhere ----

FORMATS = ("csv", "ris", "bibtex", "marc", "marcxml", "oai", "abstracts")
"""As exchange.formats.READERS has them; a test holds both together."""


@dataclass(frozen=True, slots=True)
class How:
    """What both ways of taking in share."""

    kind: str
    take_duplicates: bool
    dry_run: bool
    as_json: bool


def taking(command: Callable[..., None]) -> Callable[..., None]:
    """A command with the options that both ways of taking in share, given to it as how."""

    @click.option(
        "--kind",
        default="",
        help="What records are that do not say it, as research-report or case-review.",
    )
    @click.option("--take-duplicates", is_flag=True, help="Take also what is perhaps here already.")
    @click.option("--dry-run", is_flag=True, help="Say what would come, and store nothing.")
    @as_json
    @one_line_errors
    @wraps(command)
    def run(
        *, kind: str, take_duplicates: bool, dry_run: bool, as_json: bool, **others: Any
    ) -> None:
        command(how=How(kind, take_duplicates, dry_run, as_json), **others)

    return run


@main.group()
def catalogue() -> None:
    """The catalogue: records from other catalogues."""


@catalogue.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "format_name", type=click.Choice(FORMATS), help="Of the file.")
@taking
def catalogue_import(*, file: Path, format_name: str | None, how: How) -> None:
    """Take in records from a file: CSV, RIS, BibTeX, MARC 21, MARCXML, an answer of OAI-PMH, or a
    list of case review abstracts. The same file again adds nothing."""
    from waymark.library.exchange.formats import MOST_BYTES, format_of, read_as

    if file.stat().st_size > MOST_BYTES:
        fail(f"{file.name} is larger than {MOST_BYTES // 1024 // 1024} MiB: divide it")
    content = file.read_bytes()
    found = format_name or format_of(file.name, content)
    if not found:
        fail(f"{file.name}: the format cannot be told: give --format {'|'.join(FORMATS)}")
    start(new=not how.dry_run)
    _take(read_as(found, content), file.name, found, how)


@catalogue.command("harvest")
@click.argument("address")
@click.option("--set", "of_set", default="", help="Only this set of the repository.")
@click.option("--from", "since", default="", help="Only what changed from this day on.")
@click.option("--until", default="", help="Only what changed up to this day.")
@taking
def catalogue_harvest(*, address: str, of_set: str, since: str, until: str, how: How) -> None:
    """Take in the records of a repository by OAI-PMH (oai_dc), with a pause between requests."""
    from waymark.library.exchange.reading.oai import Asked, harvest

    for day in filter(None, (since, until)):
        _check_day(day)
    start(new=not how.dry_run)
    with progress("Harvesting", None) as move:
        reading = harvest(
            Asked(address, of_set, since, until), on_page=lambda number: move(f"{number:,} records")
        )
    _take(reading, address, "oai", how)


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise click.UsageError(f"{day} is no day such as 2026-01-31") from None


def _take(reading: "Reading", source: str, format_name: str, how: How) -> None:
    """Look at what was read, or take it in; tell of each record that is not simply new."""
    from django.utils import timezone

    from waymark.library.kinds import KINDS
    from waymark.library.queries import imports
    from waymark.pipeline.importing import Wanted, import_reading

    if how.kind and how.kind not in KINDS:
        raise click.UsageError(f"no such kind: {how.kind}; kinds are {', '.join(KINDS)}")
    if how.dry_run:
        said = imports.as_json(imports.plan(reading, None, kind=how.kind))
    else:
        with progress("Storing", len(reading.candidates)) as move:
            batch = import_reading(
                by=None,
                reading=reading,
                source=source,
                format_name=format_name,
                wanted=Wanted(how.kind, how.take_duplicates),
                now=timezone.now(),
                on_done=move,
            )
        said = {"import": batch.key, **batch.report}
    said = {"source": source, "format": format_name, "dry_run": how.dry_run, **said}
    if how.as_json:
        print_json(said)
    else:
        _tell(said)
    if said["faults"] or any(one["wrong"] for one in said["records"]):
        sys.exit(DONE_WITH_REFUSALS)


def _tell(said: dict[str, Any]) -> None:
    counts = (
        f"new {said['new']}, back {said['again']}, came before {said['known']}, changed at their "
        f"source {said['changed']}, perhaps here already {said['like']}, refused {said['refused']}"
    )
    if said["dry_run"]:
        click.echo(f"{said['source']}: would be {counts}")
    else:
        click.echo(f"{said['source']}: taken {said['taken']} ({counts}); import {said['import']}")
    for one in said["records"]:
        for word in ("like", "wrong", "notes"):
            for text in one[word]:
                click.echo(f"{one['place']}: {one['title'][:60]}: {text}", err=True)
    for one in said["deleted_at_source"]:
        click.echo(f"{one['place']}: deleted at its source: {one['record']}", err=True)
    for note in said["notes"]:
        click.echo(f"note: {note}", err=True)
    for fault in said["faults"]:
        click.echo(f"refused {fault['place']}: {fault['message']}", err=True)


@catalogue.command("undo")
@click.argument("key")
@one_line_errors
def catalogue_undo(*, key: str) -> None:
    """Withdraw what came with an import and nobody has touched since."""
    start()
    from django.utils import timezone

    from waymark.pipeline.importing import undo_import

    withdrawn, kept = undo_import(by=None, key=key, now=timezone.now())
    click.echo(f"withdrawn {withdrawn}, kept {len(kept)}")
    for name in kept:
        click.echo(f"kept {name}: somebody has worked on it", err=True)
