"""Commands of the alerts."""

import sys
from pathlib import Path
from typing import Any

import click

from waymark.cli.common import as_json, main, print_answer
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import STANDARD_INPUT
from waymark.core.errors import FileRefused
from waymark.mail.bounces import MailReport, classify
from waymark.mail.raw_mail import MAX_BYTES


@main.group(name="alerts")
def alerts_group() -> None:
    """Alerts by email: who received them, and what came back."""


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
