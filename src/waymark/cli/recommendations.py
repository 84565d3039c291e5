"""Commands of recommendations: chase those who are late."""

from dataclasses import asdict
from datetime import UTC, datetime

from waymark.cli.common import as_json, main, print_answer, start_django


@main.group("recommendations")
def recommendations_group() -> None:
    """What reviews ask for, and what became of it."""


@recommendations_group.command("chase")
@as_json
def chase_command(*, as_json: bool) -> None:
    """Remind those who are late, and list who did not answer. The worker does it by itself."""
    start_django()
    from waymark.recommendations.services import chase_late

    result = chase_late(now=datetime.now(UTC))
    print_answer(
        asdict(result),
        "Emails are paused: nothing was done"
        if result.paused
        else f"{result.reminded} reminded in {result.emails} emails, {result.listed} published as"
        f" late, {result.without_address} bodies without an email address",
        as_json=as_json,
    )
