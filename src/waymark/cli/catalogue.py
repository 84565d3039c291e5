"""Commands for the thesaurus and for importing records into the catalogue."""

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waymark.cli.common import as_json, main, print_answer, print_json, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import INPUT_FILE
from waymark.core.errors import FileRefused


@main.group("thesaurus")
def thesaurus_group() -> None:
    """The thesaurus of subjects."""


@thesaurus_group.command("load")
@click.argument("file", required=False, type=INPUT_FILE)
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@as_json
def thesaurus_load(*, file: Path | None, dry_run: bool, as_json: bool) -> None:
    """Replace the thesaurus with a SKOS file (Turtle, N-Triples, RDF/XML or JSON-LD); without FILE,
    with the built-in one. Subjects that are not in the file are retired; records keep them."""
    start_django(new=not dry_run)
    from waymark.library.services.thesaurus import BUILTIN, load_thesaurus, preview_thesaurus

    path = file or BUILTIN
    source = path.read_bytes()
    if dry_run:
        change = preview_thesaurus(by=None, source=source, file=path.name)
    else:
        change = load_thesaurus(by=None, source=source, file=path.name, now=datetime.now(UTC))
    summary = {
        "new": list(change.new),
        "changed": list(change.changed),
        "ended": list(change.ended),
        "back": list(change.back),
        "left_out": list(change.left_out),
    }
    if as_json:
        print_json(summary)
        return
    would = "would be " if dry_run else ""
    click.echo(
        f"{path.name}: {would}new {len(change.new)}, changed {len(change.changed)}, "
        f"retired {len(change.ended)}, back in use {len(change.back)}"
    )
    for line in change.left_out:
        click.echo(f"note: not imported: {line}", err=True)


@thesaurus_group.command("upgrade")
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@as_json
def thesaurus_upgrade(*, dry_run: bool, as_json: bool) -> None:
    """Bring the thesaurus to the newest built-in edition. Your own edits stay. Records of subjects
    that were divided are listed: a person decides about them."""
    start_django()
    from waymark.library.queries.thesaurus import records_to_divide
    from waymark.library.services.thesaurus import (
        builtin_splits,
        preview_upgrade,
        upgrade_thesaurus,
    )

    upgrade = (
        preview_upgrade(by=None) if dry_run else upgrade_thesaurus(by=None, now=datetime.now(UTC))
    )
    records = records_to_divide(upgrade.splits if upgrade else builtin_splits())
    values = {
        "new": list(upgrade.change.new) if upgrade else [],
        "changed": list(upgrade.change.changed) if upgrade else [],
        "own": list(upgrade.own) if upgrade else [],
        "records": [asdict(record) for record in records],
    }
    if as_json:
        print_json(values)
        return
    click.echo(_upgrade_text(upgrade, dry_run=dry_run))
    for line in upgrade.own if upgrade else ():
        click.echo(f"kept: {line}")
    divided: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for record in records:
        divided[record.subject, record.candidates].append(record.reference)
    for (subject, candidates), references in divided.items():
        click.echo(f"decide: {subject}, or {', '.join(candidates)}? {', '.join(references)}")


def _upgrade_text(upgrade: "ThesaurusUpgrade | None", *, dry_run: bool) -> str:
    if upgrade is None:
        return "the thesaurus has the newest built-in edition"
    would = "would be " if dry_run else ""
    return (
        f"edition {upgrade.thesaurus.scheme.edition}: {would}new {len(upgrade.change.new)}, "
        f"changed {len(upgrade.change.changed)}, kept as you have it {len(upgrade.own)}"
    )


@thesaurus_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def thesaurus_export(*, file: Path, as_json: bool) -> None:
    """Write the thesaurus as SKOS Turtle; the same content always gives the same bytes."""
    start_django()
    from waymark.library.queries.thesaurus import current_thesaurus
    from waymark.library.thesaurus.skos_write import write_turtle

    thesaurus = current_thesaurus()
    # On a full disk an earlier export stays as it was.
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_text(write_turtle(thesaurus), encoding="utf-8", newline="\n")
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    number = len(thesaurus.subjects)
    values = {"file": str(file), "subjects": number}
    print_answer(values, f"{file.name}: {number} subjects", as_json=as_json)


if TYPE_CHECKING:
    from waymark.library.exchange.readers.result import ReadResult
    from waymark.library.models import Import
    from waymark.library.thesaurus import ThesaurusUpgrade

# ---- imported records ----

FORMATS = (
    *("csv", "ris", "bibtex", "csl", "pubmed", "endnote", "endnotexml", "wos"),
    *("marc", "marcxml", "mods", "oai", "abstracts"),
)
"""Names of exchange.formats.READERS; a test checks that both agree."""


@dataclass(frozen=True, slots=True)
class ImportCommandOptions:
    """Options of import and harvest."""

    kind: str
    take_duplicates: bool
    dry_run: bool
    as_json: bool
    update: bool = False


def import_options(command: Callable[..., None]) -> Callable[..., None]:
    """Decorate a command with the options of import and harvest, passed to it as `how`."""

    @click.option(
        "--kind",
        default="",
        help="Kind of records that state none, such as research-report or case-review.",
    )
    @click.option("--take-duplicates", is_flag=True, help="Also import possible duplicates.")
    @click.option(
        "--update",
        is_flag=True,
        help="Update records that their source has changed and nobody here.",
    )
    @click.option("--dry-run", is_flag=True, help="Show what would be imported without storing it.")
    @as_json
    @wraps(command)
    def run(
        *,
        kind: str,
        take_duplicates: bool,
        update: bool,
        dry_run: bool,
        as_json: bool,
        **others: Any,
    ) -> None:
        how = ImportCommandOptions(kind, take_duplicates, dry_run, as_json, update)
        command(how=how, **others)

    return run


@main.group("catalogue")
def catalogue_group() -> None:
    """The catalogue: import records from other catalogues."""


@catalogue_group.command("import")
@click.argument("file", type=INPUT_FILE)
@click.option("--format", "format_name", type=click.Choice(FORMATS), help="Format of the file.")
@import_options
def catalogue_import(*, file: Path, format_name: str | None, how: ImportCommandOptions) -> None:
    """Import records from a file: CSV, RIS, BibTeX, CSL-JSON, PubMed, EndNote, Web of Science, MARC
    21, MARCXML, MODS, an OAI-PMH response, or a list of case review abstracts. The format is known
    by the content. Importing the same file again adds nothing."""
    from waymark.library.exchange.formats import MOST_BYTES, format_of, read_as

    if file.stat().st_size > MOST_BYTES:
        raise FileRefused(
            file.name, f"the file is larger than {MOST_BYTES // 1024 // 1024} MiB", "Split it"
        )
    content = file.read_bytes()
    name = format_name or format_of(file.name, content)
    if not name:
        raise FileRefused(
            file.name, "the format is not recognised", f"Use --format {'|'.join(FORMATS)}"
        )
    start_django(new=not how.dry_run)
    _run_import(read_as(name, content), file.name, name, how)


@catalogue_group.command("harvest")
@click.argument("address")
@click.option("--set", "of_set", default="", help="Only this set of the repository.")
@click.option("--from", "since", default="", help="Only records changed on or after this day.")
@click.option("--until", default="", help="Only records changed on or before this day.")
@import_options
def catalogue_harvest(
    *, address: str, of_set: str, since: str, until: str, how: ImportCommandOptions
) -> None:
    """Import the records of a repository by OAI-PMH (oai_dc), with a pause between requests."""
    from waymark.library.exchange.oai.harvester import HarvestRequest, harvest_records

    for day in filter(None, (since, until)):
        _check_day(day)
    start_django(new=not how.dry_run)
    with progress_bar("Harvesting", None) as move:
        reading = harvest_records(
            HarvestRequest(address, of_set, since, until),
            on_page=lambda number: move(f"{number:,} records"),
        )
    _run_import(reading, address, "oai", how)


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError:
        raise click.UsageError(f"{day} is not a date: write it as 2026-01-31") from None


def _run_import(
    reading: "ReadResult", source: str, format_name: str, how: ImportCommandOptions
) -> None:
    """Preview or import records; print each one that is not simply new."""
    from waymark.library.models.kinds import KINDS
    from waymark.library.queries import imports
    from waymark.pipeline.library.import_records import ImportOptions, import_reading

    if how.kind and how.kind not in KINDS:
        raise click.UsageError(f"unknown kind: {how.kind}. Kinds are {', '.join(KINDS)}")
    if how.dry_run:
        report = imports.plan_as_json(imports.plan_import(reading, None, kind=how.kind))
    else:
        with progress_bar("Storing", len(reading.candidates)) as move:
            batch = import_reading(
                by=None,
                reading=reading,
                source=source,
                format_name=format_name,
                options=ImportOptions(how.kind, how.take_duplicates, how.update),
                now=datetime.now(UTC),
                on_done=move,
                on_begin=_print_key,
            )
        report = {"import": batch.key, **batch.report}
    report = {"source": source, "format": format_name, "dry_run": how.dry_run, **report}
    if how.as_json:
        print_json(report)
    else:
        _print_report(report)
    if report["faults"] or any(record["wrong"] for record in report["records"]):
        sys.exit(DONE_WITH_REFUSALS)


def _print_key(batch: "Import") -> None:
    """Print the key at the beginning: a run that is killed is undone by it."""
    click.echo(f"import {batch.key} begins; waymark catalogue undo {batch.key} undoes it", err=True)


def _print_report(report: dict[str, Any]) -> None:
    counts = (
        f"new {report['new']}, restored {report['again']}, imported before {report['known']}, "
        f"changed at source {report['changed']}, possible duplicates {report['like']}, "
        f"refused {report['refused']}"
    )
    if report["dry_run"]:
        click.echo(f"{report['source']}: would be {counts}")
    else:
        updated = f", updated {report['updated']}" if report["updated"] else ""
        click.echo(
            f"{report['source']}: imported {report['taken']}{updated} ({counts}); "
            f"import {report['import']}"
        )
    for record in report["records"]:
        for word in ("like", "wrong", "notes"):
            for text in record[word]:
                click.echo(f"{record['place']}: {record['title'][:60]}: {text}", err=True)
    for record in report["deleted_at_source"]:
        click.echo(f"{record['place']}: deleted at its source: {record['record']}", err=True)
    for note in report["notes"]:
        click.echo(f"note: {note}", err=True)
    for fault in report["faults"]:
        click.echo(f"refused {fault['place']}: {fault['message']}", err=True)


@catalogue_group.command("undo")
@click.argument("key")
@as_json
def catalogue_undo(*, key: str, as_json: bool) -> None:
    """Withdraw the records of an import that nobody has changed since."""
    start_django()
    from waymark.pipeline.library.import_records import undo_import

    withdrawn, kept_records = undo_import(by=None, key=key, now=datetime.now(UTC))
    print_answer(
        {"withdrawn": withdrawn, "kept": kept_records},
        f"withdrawn {withdrawn}, kept {len(kept_records)}",
        as_json=as_json,
    )
    for name in kept_records:
        click.echo(f"kept {name}: someone has changed it", err=True)
