"""Commands about the subscribers of the alerts."""

import sys
from datetime import UTC, datetime

import click

from waymark.cli.alerts import alerts_group
from waymark.cli.common import as_json, print_answer, start_django
from waymark.core.errors import ParseError, RuleError


@alerts_group.command(name="subscribers")
@as_json
def count_subscribers(*, as_json: bool) -> None:
    """Count the subscribers by state, and those who receive each list."""
    start_django()
    from waymark.alerts.queries.subscriber_lists import subscriber_counts

    counts = subscriber_counts(None)
    states = {str(state): number for state, number in counts.of_state.items()}
    lists = {row.value: number for row, number in counts.of_list.items()}
    print_answer(
        {**states, "lists": lists},
        *(f"{name}: {number:,}" for name, number in states.items()),
        *(f"{row.label}: {number:,}" for row, number in counts.of_list.items()),
        as_json=as_json,
    )


@alerts_group.command(name="erase")
@click.argument("address")
@as_json
def erase_address(*, address: str, as_json: bool) -> None:
    """Erase a subscriber, and keep a one-way code of ADDRESS so that staff cannot add it again.

    ADDRESS - reads it from standard input, so that it is in no history of commands.
    """
    start_django()
    from waymark.alerts.services import erasure

    typed = sys.stdin.read(1_000) if address == "-" else address
    try:
        erased = erasure.erase_address(by=None, address=typed, now=datetime.now(UTC))
    except ParseError as error:
        # Without the address: what a command prints may end in a log.
        raise RuleError(f"this is no email address: {error.reason}") from None
    print_answer(
        {"erased": erased},
        "The subscriber is erased." if erased else "Nobody subscribes with it; it is suppressed.",
        as_json=as_json,
    )
