"""Commands of the catalogue: its thesaurus, and records that come from elsewhere."""

from pathlib import Path

import click

from waymark.cli.common import as_json, main, one_line_errors, print_json, start


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
    start()
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
