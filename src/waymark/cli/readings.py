"""Commands to read stored files again and to accept their newer texts."""

import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from waymark.cli.common import as_json, print_answer, progress_bar, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.report_checks import stored_reports_group
from waymark.cli.reports import WORKERS
from waymark.core.errors import RuleError

if TYPE_CHECKING:
    from waymark.documents.models import AnchorMove


@stored_reports_group.command(name="reread")
@click.argument("reports", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Read every stored file again.")
@click.option(
    "--accept-moved", is_flag=True, help="Accept a text in which every quotation is the same."
)
@click.option("--also-rejected", is_flag=True, help="Propose texts again that a person rejected.")
@WORKERS
@as_json
def reread_reports(
    *,
    reports: tuple[str, ...],
    everything: bool,
    accept_moved: bool,
    also_rejected: bool,
    workers: int,
    as_json: bool,
) -> None:
    """Read stored files again: those given, or all that an earlier version read."""
    start_django()
    from waymark.pipeline import reread_reports as run

    with progress_bar("Reading", None) as move:
        result = run(
            by=None,
            keys=reports,
            everything=everything,
            accept_moved=accept_moved,
            also_rejected=also_rejected,
            workers=workers,
            on_done=move,
        )
    outcome = result.as_json()
    total = (
        f"read {outcome['read']}: {outcome['same']} with the same text, {outcome['accepted']} "
        f"accepted, {outcome['rejected']} rejected before, {outcome['pending']} to accept; "
        f"quotations: {outcome['moved']} the same, {outcome['unsure']} not certain, "
        f"{outcome['lost']} not found"
    )
    lines = [
        total,
        *(
            f"{report.report}  {report.file} ({report.review}): {report.moved} the same, "
            f"{report.unsure} not certain, {report.lost} not found"
            for report in result.reports
            if report.state == "pending"
        ),
    ]
    print_answer(outcome, *lines, as_json=as_json)
    for failure in result.failed:
        click.echo(f"not read {failure.file}: it {failure.reason}", err=True)
    if outcome["pending"]:
        click.echo("Next: waymark reports accept REPORT, or Workspace, Newer texts.", err=True)
    if result.failed:
        sys.exit(DONE_WITH_REFUSALS)


@stored_reports_group.command(name="accept")
@click.argument("report")
@as_json
def accept_text(*, report: str, as_json: bool) -> None:
    """Accept the newer text of a report; quotations with the same words move with it."""
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.pipeline import accept_reading

    stored = report_in_any_state(report, None)
    before = stored.state
    moved = accept_reading(by=None, report=stored, now=datetime.now(UTC))
    _update_index()
    stored.refresh_from_db()
    values = {
        "report": stored.key,
        "moved": moved.moved,
        "merged": list(moved.merged),
        "open": _open_places(stored.key),
    }
    print_answer(
        values,
        f"{stored.key} has its newer text; {moved.moved} quotations moved, {moved.summary()}, "
        f"{values['open']} to decide on",
        as_json=as_json,
    )
    if stored.state != before:
        click.echo(
            f"{stored.key} is not published any more, as its newer text may identify people: "
            f"waymark reports answer {stored.key}, then waymark review publish "
            f"{stored.review.reference}",
            err=True,
        )
    if values["open"]:
        click.echo(f"Next: waymark reports quotations {stored.key}", err=True)


@stored_reports_group.command(name="reject")
@click.argument("report")
@click.option("--reason", required=True, help="Why the newer text is not to be used.")
@as_json
def reject_text(*, report: str, reason: str, as_json: bool) -> None:
    """Reject the newer text of a report; its text stays, and this one is not proposed again."""
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.documents.services import reject_reading

    stored = report_in_any_state(report, None)
    rejected = reject_reading(by=None, report=stored, reason=reason, now=datetime.now(UTC))
    values = {"report": stored.key, "extractor": rejected.extractor, "reason": rejected.reason}
    print_answer(
        values,
        f"{stored.key} keeps its text; the one read by {rejected.extractor} is not proposed again",
        as_json=as_json,
    )


def _update_index() -> None:
    from waymark.pipeline import update_index

    with suppress(RuleError):  # the worker of a running site does it
        update_index()


def _open_places(key: str) -> int:
    from waymark.documents.queries.readings import open_moves

    return open_moves().filter(report__key=key).count()


@stored_reports_group.command(name="quotations")
@click.argument("report")
@click.argument("passage", required=False)
@click.option("--move", "choice", flag_value="move", help="Move to the proposed words.")
@click.option("--keep", "choice", flag_value="keep", help="Keep it in the earlier text.")
@click.option("--quote", default="", help="Move to these words of the newer text.")
@as_json
def list_quotations(
    *, report: str, passage: str | None, choice: str | None, quote: str, as_json: bool
) -> None:
    """List where the quotations of a report are in its newer text, or decide on one of them."""
    if bool(passage) != bool(choice or quote) or (choice and quote):
        raise click.UsageError("give a PASSAGE with one of --move, --keep and --quote, or neither")
    start_django()
    from waymark.documents.queries.holdings import report_in_any_state
    from waymark.documents.queries.readings import listed_moves, move_of
    from waymark.pipeline import decide_move

    stored = report_in_any_state(report, None)
    if passage:
        move = move_of(stored, passage, None)
        keep, now = choice == "keep", datetime.now(UTC)
        moved = decide_move(by=None, move=move, keep=keep, quote=quote, now=now)
        if moved.merged:
            click.echo(moved.summary(), err=True)
        _update_index()
    moves = listed_moves(stored, None)
    rows = [_row_of_move(move) for move in moves]
    lines = [
        f"{row['passage']}  {row['outcome']}{', ' if row['decision'] else ''}{row['decision']}\n"
        f"  {row['words']}\n  {row['newer_words']}"
        for row in rows
    ]
    print_answer({"report": stored.key, "quotations": rows}, *lines, as_json=as_json)


def _row_of_move(move: "AnchorMove") -> dict[str, str]:
    return {
        "passage": move.key,
        "outcome": move.outcome,
        "decision": move.decision,
        "words": move.exact,
        "newer_words": move.words,
    }
