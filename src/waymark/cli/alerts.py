"""Commands of the alerts."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import STANDARD_INPUT
from waymark.core.errors import FileRefused
from waymark.mail.bounces import MailReport, classify
from waymark.mail.raw_mail import MAX_BYTES

if TYPE_CHECKING:
    from waymark.alerts.queries.completeness import DeliveryReport


@main.group(name="alerts")
def alerts_group() -> None:
    """Alerts by email: what they contain, who received them, and what came back."""


@alerts_group.command(name="gather")
@as_json
def gather_candidates(*, as_json: bool) -> None:
    """Fetch the feeds that are due, and gather what is new in the library."""
    start_django()
    from waymark.pipeline.alerts.gather_alerts import gather_now

    result = gather_now(by=None, now=datetime.now(UTC))
    problems = [
        {"feed": name, "problem": problem, "remedy": remedy}
        for name, problem, remedy in result.problems
    ]
    print_answer(
        {"feeds": result.feeds, "candidates": result.candidates, "problems": problems},
        f"{result.feeds} feeds fetched, {result.candidates} new candidates",
        *("{feed}: {problem}. {remedy}".format(**row) for row in problems),
        as_json=as_json,
    )


BUILT_LISTS = ("library", "reviews", "topics", "searches")


@alerts_group.command(name="build")
@click.argument("lists", nargs=-1, type=click.Choice(BUILT_LISTS), metavar="[LIST...]")
@as_json
def build_issues(*, lists: tuple[str, ...], as_json: bool) -> None:
    """Make the issues of lists that repeat the library now, without waiting for their day.

    LIST: library, reviews, topics, searches; without one all of them. A list whose issues a person
    approves gets a draft.
    """
    start_django()
    from waymark.alerts.models import AlertList
    from waymark.pipeline.alerts.build_alerts import build_issue

    rows = []
    for name in lists or BUILT_LISTS:
        built = build_issue(by=None, alert_list=AlertList(name), now=datetime.now(UTC))
        rows.append(
            {
                "list": name,
                "issue": built.issue.number if built.issue else None,
                "items": built.items,
                "approved": built.approved,
            }
        )
    print_answer({"issues": rows}, *map(_issue_line, rows), as_json=as_json)


def _issue_line(row: dict[str, Any]) -> str:
    if row["issue"] is None:
        return f"{row['list']}: nothing new"
    state = "approved" if row["approved"] else "a draft, for a person to approve"
    return f"{row['list']}: issue {row['issue']} with {row['items']} items, {state}"


@alerts_group.command(name="bounce")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@as_json
def classify_bounces(*, files: tuple[str, ...], as_json: bool) -> None:
    """Say what emails that came back mean: which addresses do not exist, which replies are
    automatic. It needs no installation and changes nothing.
    """
    mails: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    for file in files:
        name = STANDARD_INPUT if file == "-" else file
        try:
            mails.append(_as_json(name, classify(_read(file), name=name)))
        except FileRefused as refusal:
            refused.append({"file": name, "reason": f"{refusal.reason}. {refusal.remedy}"})
    print_answer({"mails": mails, "refused": refused}, *map(_line, mails), as_json=as_json)
    for row in refused:
        click.echo(f"refused {row['file']}: {row['reason']}", err=True)
    if refused:
        sys.exit(DONE_WITH_REFUSALS)


def _read(file: str) -> bytes:
    """The bytes of a file, one more than the limit at most. Raises FileRefused."""
    if file == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with Path(file).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror})"
        raise FileRefused(file, reason, "Check its name and who may read it") from error


def _as_json(file: str, report: MailReport) -> dict[str, Any]:
    return {
        "file": file,
        "automatic": report.automatic,
        "hard": any(recipient.hard for recipient in report.recipients),
        "recipients": [
            {"address": recipient.address, "kind": recipient.kind, "hard": recipient.hard}
            for recipient in report.recipients
        ],
    }


def _line(mail: dict[str, Any]) -> str:
    kinds = ", ".join(
        f"{recipient['address'] or 'an address that it does not name'} {recipient['kind']}"
        for recipient in mail["recipients"]
    )
    return f"{mail['file']}: {kinds or ('automatic' if mail['automatic'] else 'not a bounce')}"


# ---- who received an issue ----


@alerts_group.command(name="report")
@click.argument("issue")
@as_json
def report_delivery(*, issue: str, as_json: bool) -> None:
    """Say whether everyone due received ISSUE (such as weekly-12), or why not."""
    start_django()
    from waymark.alerts.queries.completeness import report_by_name

    report = report_by_name(issue, None)
    print_answer(_report_values(report), *_report_lines(report), as_json=as_json)


@alerts_group.command(name="settle")
@click.argument("issue")
@click.option("--arrived", "arrived", flag_value="yes", help="Count them as sent.")
@click.option("--again", "arrived", flag_value="no", help="Send them again.")
@click.option("--message-id", "chosen", multiple=True, help="Only the email with this Message-ID.")
@as_json
def settle_mailings(
    *, issue: str, arrived: str | None, chosen: tuple[str, ...], as_json: bool
) -> None:
    """Decide on emails of ISSUE of which nobody knows whether they were sent.

    They are listed by waymark alerts report. What is sent again has the same Message-ID, so that
    mail programs show it once.
    """
    if arrived is None:
        raise click.UsageError("say --arrived or --again")
    start_django()
    from waymark.alerts.queries.completeness import chosen_mailings, report_by_name
    from waymark.alerts.services.sending import settle_unknown

    sent = again = 0
    for row in report_by_name(issue, None).dispatches:
        numbers = chosen_mailings(row.dispatch, chosen) if chosen else None
        if row.unknown and numbers != []:
            settled = settle_unknown(
                by=None,
                dispatch=row.dispatch,
                mailings=numbers,
                arrived=arrived == "yes",
                now=datetime.now(UTC),
            )
            sent, again = sent + settled.sent, again + settled.again
    print_answer(
        {"arrived": sent, "again": again},
        f"{sent} counted as sent, {again} to be sent again",
        as_json=as_json,
    )


def _report_values(report: "DeliveryReport") -> dict[str, Any]:
    issue = report.issue
    return {
        "issue": f"{issue.alert_list}-{issue.number}",
        "approved": issue.approved_at.isoformat() if issue.approved_at else None,
        "finished": report.finished,
        "subscribed_later": report.later,
        "emails": [
            {
                "kind": row.dispatch.kind,
                "item": row.dispatch.item_id,
                "finished": row.finished,
                "states": {str(state): n for state, n in row.of_state.items()},
                "reasons": [
                    {"state": state, "reason": reason, "emails": n}
                    for (state, reason), n in row.reasons.items()
                ],
                "problem": row.dispatch.problem,
            }
            for row in report.dispatches
        ],
        "items": [
            {
                "item": row.item.pk,
                "heading": row.item.heading,
                "due": row.due,
                "states": {str(state): n for state, n in row.of_state.items()},
                "monthly": row.monthly,
                "not_due": {str(outcome): n for outcome, n in row.not_due.items()},
            }
            for row in report.items
        ],
        "bounces": dict(report.bounces),
    }


def _report_lines(report: "DeliveryReport") -> list[str]:
    lines = ["finished" if report.finished else "not finished"]
    for row in report.dispatches:
        states = ", ".join(f"{n:,} {state.label.lower()}" for state, n in row.of_state.items())
        lines.append(f"{row.dispatch}: {states or 'nobody is due'}")
        lines += [f"  {n:,} {state.label}: {why}" for (state, why), n in row.reasons.items()]
    for item in report.items:
        not_due = ", ".join(f"{n:,} {outcome.label}" for outcome, n in item.not_due.items())
        lines.append(
            f"{item.item.heading}: {item.reached:,} of {item.due:,} due"
            + (f"; not due: {not_due}" if not_due else "")
        )
    return lines
