"""Command to recognise the text of scanned pages."""

import re
import sys
from datetime import UTC, datetime
from typing import Any

import click

from waymark.cli.common import as_json, print_answer, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.report_checks import stored_reports_group
from waymark.cli.reports import WORKERS, tell_waiting


@stored_reports_group.command(name="recognise")
@click.argument("report", required=False)
@click.option("--pages", default="", help="Page numbers, such as 3,4; else all that wait.")
@click.option("--language", default="", help="Languages of Tesseract, such as eng+cym.")
@click.option(
    "--own-words",
    is_flag=True,
    help="Use the words of the file itself for these pages, if any, instead of recognised ones.",
)
@click.option(
    "--release",
    is_flag=True,
    help="Begin pages again that another process had begun, if that process was stopped.",
)
@click.option("--because", default="", help="Reason for --own-words, kept in the audit log.")
@WORKERS
@as_json
def recognise_reports(
    *,
    report: str | None,
    pages: str,
    language: str,
    own_words: bool,
    release: bool,
    because: str,
    workers: int,
    as_json: bool,
) -> None:
    """Recognise the text of scanned pages: of all reports that wait, or as you choose for one."""
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.documents.queries.recognition import unread_reports
    from waymark.documents.services import release_pages
    from waymark.pipeline import choose_words, recognise_pages, update_index

    choice = pages or language or own_words
    if report is None and choice:
        raise click.UsageError("name the report whose pages you choose")
    if release and choice:
        raise click.UsageError("give --release alone or with a report")
    reports = [report_in_any_state(report, None)] if report else unread_reports(None)
    if release:
        for stored in reports:
            release_pages(by=None, report=stored, now=datetime.now(UTC))
    elif report is not None:
        choose_words(
            by=None,
            report=reports[0],
            now=datetime.now(UTC),
            numbers=_page_numbers(pages),
            languages=language,
            own_words=own_words,
            because=because,
        )
    with progress_bar("Recognising", None) as move:
        result = recognise_pages(by=None, reports=reports, workers=workers, on_done=move)
    update_index()
    _print_outcome(result.as_json(), as_json=as_json)
    tell_waiting(result.waiting, [stored.pk for stored in reports])
    if result.failed:
        sys.exit(DONE_WITH_REFUSALS)


def _print_outcome(outcome: dict[str, Any], *, as_json: bool) -> None:
    changed = len(outcome["reports"])
    summary = (
        f"recognised {outcome['recognised']:,} pages, {changed} report{'s' * (changed != 1)} with "
        f"new text, failed {len(outcome['failed'])}"
    )
    print_answer(outcome, summary, as_json=as_json)
    for note in outcome["notes"]:
        click.echo(f"pages were {note}", err=True)
    for failure in outcome["failed"]:
        click.echo(f"failed {failure['file']}: {failure['reason']}", err=True)


def _page_numbers(typed: str) -> list[int]:
    """Page numbers typed as 3,4 or 3-5. Raises UsageError."""
    numbers: list[int] = []
    for part in filter(None, (part.strip() for part in typed.split(","))):
        match = re.fullmatch(r"([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?", part)
        if match is None:
            raise click.UsageError(f"--pages takes numbers such as 3,4 or 3-5, not {part!r}")
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    return numbers
