"""Commands to add report files, read their text and search."""

import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from waymark.cli.common import as_json, main, print_answer, print_json, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS, FAILED
from waymark.cli.inputs import INPUT_FILE
from waymark.core.errors import FileRefused, NotEnoughMemory

ANSWER = (
    "Reports that are held back are stored but not published, and waymark review publish refuses "
    "them until someone has answered what was found. See what was found with waymark "
    "reports answer REPORT, or at Workspace, Hidden text and Workspace, Anonymity, and record a "
    "decision, such as waymark reports answer REPORT --all false --because REASON. For scanned "
    "pages, run waymark reports recognise. List all with waymark reports check."
)
WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Files read at a time.",
)


def _known_encoding(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name of an encoding. Raises BadParameter for an unknown one."""
    from waymark.documents.parsers.charset import codec_for

    if value and not codec_for(value):
        raise click.BadParameter(f"{value} is not a known character encoding")
    return value


ENCODING = click.option(
    "--encoding",
    default="",
    metavar="NAME",
    callback=_known_encoding,
    help="Character encoding of text files and web pages, such as windows-1252 or mac-roman.",
)


# What this user may not read is refused among the others, file by file.
PATH = click.Path(exists=True, readable=False, path_type=Path)


@main.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=PATH)
@WORKERS
@ENCODING
@click.option("--publish", is_flag=True, help="Publish the reports at once.")
@click.option("--dry-run", is_flag=True, help="Show what would be added without storing it.")
@click.option("--no-ocr", is_flag=True, help="Leave scanned pages to waymark work.")
@as_json
def ingest_command(
    *,
    paths: tuple[Path, ...],
    workers: int,
    encoding: str,
    publish: bool,
    dry_run: bool,
    no_ocr: bool,
    as_json: bool,
) -> None:
    """Add report files, or every file in a folder. Running it again adds nothing twice."""
    start_django(new=not dry_run, list_originals=True)
    from waymark.documents.ingest import expand_paths
    from waymark.pipeline import ingest_files as run

    files = expand_paths(paths)
    if dry_run:
        _preview_ingest(files, workers, encoding, as_json=as_json)
        return
    with progress_bar("Reading", len(files)) as move:
        result = run(
            files,
            workers=workers,
            publish=publish,
            encoding=encoding,
            recognise=not no_ocr,
            by=None,
            on_done=move,
        )
    outcome = result.as_json()
    if as_json:
        print_json(outcome)
    else:
        click.echo(
            f"stored {outcome['stored']}, already stored {outcome['already']}, "
            f"refused {len(outcome['refused'])}; {outcome['pages']:,} pages, "
            f"{outcome['passages']:,} passages in {outcome['seconds']} s"
        )
        if outcome["recognised"]:
            click.echo(f"recognised the text of {outcome['recognised']:,} scanned pages")
        _list_stored(outcome["reports"], {row["report"] for row in outcome["held"]})
        _list_known(outcome["known"])
    tell_waiting(outcome["waiting"])
    _print_unpublished(outcome)
    _exit_if_stopped(result.stopped, result.unread)
    _exit_if_refused(result.refused)
    # Without --publish, held reports are stored as intended, so they are no refusal.
    if publish and outcome["held"]:
        sys.exit(DONE_WITH_REFUSALS)


def _print_unpublished(outcome: Mapping[str, Any]) -> None:
    """Print the refused files and the reports that are held back, to the error stream."""
    for refusal in outcome["refused"]:
        click.echo(f"refused {_reason_and_remedy(refusal)}", err=True)
    for report in outcome["held"]:
        click.echo(f"held back {report['file']}: it {report['reason']}", err=True)
    if outcome["held"]:
        click.echo(ANSWER, err=True)


def _reason_and_remedy(refusal: Mapping[str, str]) -> str:
    """A refused file, why, and what to do."""
    return f"{refusal['file']}: {refusal['reason']}. {refusal['remedy']}"


def _exit_if_stopped(reason: str, unread: int) -> None:
    """End with 3 if the batch ended early."""
    if reason:
        left = f". Not read: {unread} file{'s' * (unread != 1)}" if unread else ""
        again = "Then run the same command again: it continues where this run stopped."
        click.echo(f"waymark: stopped: {reason}{left}. {again}", err=True)
        sys.exit(FAILED)


def tell_waiting(pages: int, reports: Collection[int] | None = None) -> None:
    """Print how many scanned pages wait, why, and what to do, to the error stream.

    reports: primary keys of the reports with these pages; None for all.
    """
    from waymark.documents.isolation.engine import HOW_TO_INSTALL, find_engine
    from waymark.documents.queries.recognition import leased_until

    if not pages:
        return
    step = "waymark work or waymark reports recognise does it"
    if find_engine() is None:
        step = f"{HOW_TO_INSTALL}, then run waymark reports recognise"
    elif (until := leased_until(reports)) is not None and until > (now := datetime.now(UTC)):
        minutes = -(-(until - now) // timedelta(minutes=1))
        step = (
            "another process has begun them. If it was stopped, they are free again in "
            f"{minutes} minute{'s' * (minutes != 1)} (after {until:%H:%M} UTC): run waymark "
            "reports recognise then, or now with --release"
        )
    need = f"{pages:,} scanned page{' needs' if pages == 1 else 's need'} text recognition (OCR)"
    click.echo(f"{need}: {step}", err=True)


def _exit_if_refused(refused: list[FileRefused]) -> None:
    """End with 3 if the computer had too little memory for a file, else with 1."""
    if any(isinstance(refusal, NotEnoughMemory) for refusal in refused):
        sys.exit(FAILED)
    if refused:
        sys.exit(DONE_WITH_REFUSALS)


def _preview_ingest(files: list[Path], workers: int, encoding: str, *, as_json: bool) -> None:
    """Print what an ingest would do with each file."""
    from waymark.pipeline import preview_ingest

    with progress_bar("Reading", len(files)) as move:
        preview = preview_ingest(files, workers=workers, encoding=encoding, by=None, on_done=move)
    outcome = preview.as_json()
    lines = [
        *(f"new {file}" for file in outcome["new"]),
        *(f"already stored {file}" for file in outcome["already"]),
    ]
    print_answer(outcome, *lines, as_json=as_json)
    for refusal in outcome["refused"]:
        click.echo(f"would be refused {_reason_and_remedy(refusal)}", err=True)
    _exit_if_stopped(preview.result.stopped, preview.result.unread)
    _exit_if_refused(preview.result.refused)


LISTED = 50
"""Reports listed after a run; `waymark review list` shows all."""


def _list_known(keys: list[str]) -> None:
    """Print the reference of each review that was stored before: coding files need it."""
    from waymark.documents.queries.reader import stored_reports

    for report in stored_reports(keys[:LISTED]):
        click.echo(f"{report.review.reference}  {report.title} (stored before)")
    if len(keys) > LISTED:
        click.echo(f"and {len(keys) - LISTED} more stored before: waymark review list")


def _list_stored(keys: list[str], held: Collection[str]) -> None:
    """Print the reference and title of each stored review, and the next steps.

    held: keys of the reports that cannot be published yet.
    """
    from waymark.accounts.models import State
    from waymark.documents.queries.reader import stored_reports

    reports = stored_reports(keys[:LISTED])
    for report in reports:
        click.echo(f"{report.review.reference}  {report.title}")
    if len(keys) > LISTED:
        click.echo(f"and {len(keys) - LISTED} more: waymark review list")
    if reports:
        review = reports[0].review
        name = review.reference
        steps = f"waymark review show {name}, or waymark coding new {name} --coder NAME"
        if reports[0].key in held:
            steps += f", or to publish it, first waymark reports answer {reports[0].key}"
        elif review.state != State.PUBLISHED:
            steps += f", or to publish it, waymark review publish {name}"
        click.echo(f"Next: {steps}", err=True)


@main.command("text")
@click.argument("file", type=INPUT_FILE)
@ENCODING
@as_json
def text_command(*, file: Path, encoding: str, as_json: bool) -> None:
    """Print the text of a file, its pages and passages. Needs no database."""
    from waymark.documents.ingest import text_json

    content = text_json(file, encoding=encoding)
    if as_json:
        print_json(content)
        return
    click.echo(content["text"])
    for warning in content["warnings"]:
        click.echo(f"note: {warning}", err=True)


@main.command("search")
@click.argument("query")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Number of records.",
)
@click.option("--broaden", is_flag=True, help="Also search related terms from the thesaurus.")
@as_json
def search_command(*, query: str, limit: int, broaden: bool, as_json: bool) -> None:
    """Search records and passages: words, "phrases", AND, OR, NOT, field:value, (groups)."""
    start_django()
    from waymark.library.queries import search_json

    answer = search_json(query, limit=limit, broaden=broaden)
    if as_json:
        print_json(answer)
        return
    for note in answer["notes"]:
        click.echo(f"note: {note['message']}", err=True)
    for terms in answer["also"]:
        click.echo(f"also searched for {terms['typed']}: {', '.join(terms['names'])}", err=True)
    click.echo(f"{answer['total']} result{'s' * (answer['total'] != 1)}")
    for hit in answer["hits"]:
        click.echo(f"\n{hit['record']}  {hit['title']}")
        for passage in hit["passages"]:
            click.echo(f"  p. {passage['page']}  {' '.join(passage['text'].split())[:200]}")
