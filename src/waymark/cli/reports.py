"""Commands to add report files, read their text, search and check hidden text."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, print_json, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS, FAILED
from waymark.cli.inputs import INPUT_FILE
from waymark.core.errors import FileRefused, NotEnoughMemory

ANSWER = (
    "Reports that are held back are stored but not published. For hidden text, run waymark reports "
    "check or open the page Staff, Hidden text, and record a decision. For scanned pages, run "
    "waymark reports recognise."
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


@main.command("ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
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
    start_django(new=not dry_run)
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
        _list_stored(outcome["reports"])
    _tell_waiting(outcome["waiting"])
    for refusal in outcome["refused"]:
        click.echo(f"refused {refusal['file']}: {refusal['reason']}", err=True)
    for report in outcome["held"]:
        click.echo(f"held back {report['file']}: it {report['reason']}", err=True)
    if outcome["held"]:
        click.echo(ANSWER, err=True)
    _exit_if_stopped(result.stopped, result.unread)
    _exit_if_refused(result.refused)
    # Without --publish, held reports are stored as intended, so they are no refusal.
    if publish and outcome["held"]:
        sys.exit(DONE_WITH_REFUSALS)


def _exit_if_stopped(reason: str, unread: int) -> None:
    """End with 3 if the batch ended early."""
    if reason:
        left = f". Not read: {unread} file{'s' * (unread != 1)}" if unread else ""
        again = "Then run the same command again: it continues where this run stopped."
        click.echo(f"waymark: stopped: {reason}{left}. {again}", err=True)
        sys.exit(FAILED)


def _tell_waiting(pages: int) -> None:
    """Print how many scanned pages wait, and what to do, to the error stream."""
    from waymark.documents.isolation.engine import HOW_TO_INSTALL, find_engine

    if not pages:
        return
    step = "waymark work or waymark reports recognise does it"
    if find_engine() is None:
        step = f"{HOW_TO_INSTALL}, then run waymark reports recognise"
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
        click.echo(f"would be refused {refusal['file']}: {refusal['reason']}", err=True)
    _exit_if_stopped(preview.result.stopped, preview.result.unread)
    _exit_if_refused(preview.result.refused)


LISTED = 50
"""Reports listed after a run; `waymark review list` shows all."""


def _list_stored(keys: list[str]) -> None:
    """Print the reference and title of each stored review, and the next steps."""
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
        if review.state != State.PUBLISHED:
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


@main.group("reports")
def stored_reports_group() -> None:
    """Hidden text, scanned pages and newer texts of stored reports."""


@stored_reports_group.command(name="check")
@click.option(
    "--all", "everything", is_flag=True, help="Also check files that were checked before."
)
@WORKERS
@as_json
def check_reports(*, everything: bool, workers: int, as_json: bool) -> None:
    """Look for hidden text in stored files and list the reports that need a decision."""
    start_django()
    from waymark.pipeline import check_stored_reports

    with progress_bar("Checking", None) as move:
        outcome = check_stored_reports(
            by=None, everything=everything, workers=workers, on_done=move
        ).as_json()
    if as_json:
        print_json(outcome)
    else:
        click.echo(f"checked {outcome['checked']}, failed {len(outcome['failed'])}")
        for report in outcome["held"]:
            seen = "public now" if report["public"] else report["state"]
            click.echo(f"{report['report']}  {report['file']} ({seen}) {report['reason']}")
    for failure in outcome["failed"]:
        click.echo(f"not checked {failure['file']}: it {failure['reason']}", err=True)
    if outcome["held"]:
        click.echo("Next: waymark reports answer REPORT, or Staff, Hidden text.", err=True)
    if outcome["failed"]:
        sys.exit(DONE_WITH_REFUSALS)


@stored_reports_group.command(name="answer")
@click.argument("report")
@click.option("--class", "kind", help="Class of hidden text, as the list shows it.")
@click.option(
    "--place",
    "places",
    type=int,
    multiple=True,
    help="Number of a place in the list; needed to declare words under a box harmless.",
)
@click.option("--harmless", "verdict", flag_value="harmless", help="The report can be published.")
@click.option("--replace", "verdict", flag_value="replace", help="The file must be replaced.")
@click.option("--because", default="", help="Reason, kept in the audit log.")
@as_json
def answer_hidden_text(
    *, report: str, kind: str, places: tuple[int, ...], verdict: str, because: str, as_json: bool
) -> None:
    """Show the hidden text of a report; with --class and a verdict, record a decision."""
    start_django()
    from waymark.documents.queries.holdings import hidden_text_of, report_in_any_state
    from waymark.documents.services import answer_hidden_text as answer

    stored, now, count = report_in_any_state(report, None), datetime.now(UTC), 0
    if verdict:
        count = answer(
            by=None,
            report=stored,
            kind=kind or "",
            places=places,
            verdict=verdict,
            answer=because,
            now=now,
        )
    finds = hidden_text_of(stored, None)
    fields = {"place": "pk", "kind": "kind", "page": "page", "words": "words"}
    fields |= {"verdict": "verdict", "answer": "answer"}
    rows = [{name: getattr(find, field) for name, field in fields.items()} for find in finds]
    lines = [f"decided on {count} in {stored.file_name}: {verdict}"]
    if not verdict:
        lines = [
            f"{find.pk}  {find.kind}  {f'page {find.page}' if find.page else 'whole file'}  "
            + (f"{find.verdict}: {find.answer}" if find.verdict else "no decision")
            + f"\n  {find.words}"
            for find in finds
        ]
    values = {"report": stored.key, "decided": count, "hidden_text": rows}
    print_answer(values, *lines, as_json=as_json)


@stored_reports_group.command(name="recognise")
@click.argument("report", required=False)
@click.option("--pages", default="", help="Page numbers, such as 3,4; else all that wait.")
@click.option("--language", default="", help="Languages of Tesseract, such as eng+cym.")
@click.option(
    "--own-words",
    is_flag=True,
    help="Use the words of the file itself for these pages, if any, instead of recognised ones.",
)
@WORKERS
@as_json
def recognise_reports(
    *,
    report: str | None,
    pages: str,
    language: str,
    own_words: bool,
    workers: int,
    as_json: bool,
) -> None:
    """Recognise the text of scanned pages: of all reports that wait, or as you choose for one."""
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.documents.queries.recognition import unread_reports
    from waymark.pipeline import choose_words, recognise_pages, update_index

    if report is None and (pages or language or own_words):
        raise click.UsageError("name the report whose pages you choose")
    reports = unread_reports(None)
    if report is not None:
        reports = [report_in_any_state(report, None)]
        choose_words(
            by=None,
            report=reports[0],
            now=datetime.now(UTC),
            numbers=_page_numbers(pages),
            languages=language,
            own_words=own_words,
        )
    with progress_bar("Recognising", None) as move:
        result = recognise_pages(by=None, reports=reports, workers=workers, on_done=move)
    update_index()
    outcome = result.as_json()
    changed = len(outcome["reports"])
    summary = (
        f"recognised {outcome['recognised']:,} pages, {changed} report{'s' * (changed != 1)} with "
        f"new text, failed {len(outcome['failed'])}"
    )
    print_answer(outcome, summary, as_json=as_json)
    _tell_waiting(outcome["waiting"])
    for failure in outcome["failed"]:
        click.echo(f"failed {failure['file']}: {failure['reason']}", err=True)
    if outcome["failed"]:
        sys.exit(DONE_WITH_REFUSALS)


def _page_numbers(typed: str) -> list[int]:
    """Page numbers typed as 3,4 or 3-5. Raises UsageError."""
    numbers: list[int] = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        match = re.fullmatch(r"([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?", part)
        if match is None:
            raise click.UsageError(f"--pages takes numbers such as 3,4 or 3-5, not {part!r}")
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers
