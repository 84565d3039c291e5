"""Commands of the Information Service: erasure by rule, and its statistics."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from waymark.cli.common import as_json, main, print_answer, start_django


@main.group("desk")
def desk_group() -> None:
    """The Information Service."""


@desk_group.command("erase")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@as_json
def desk_erase(*, dry_run: bool, as_json: bool) -> None:
    """Erase who asked, of enquiries whose time is over. The worker does it by itself."""
    start_django()
    from waymark.enquiries.services.erasure import erase_due, plan_erasure

    now = datetime.now(UTC)
    plan = plan_erasure(now=now)
    if not dry_run:
        while erase_due(now=now):
            pass
    done = "would be erased" if dry_run else "erased"
    print_answer(
        {"erased": not dry_run, **asdict(plan)},
        *plan.references,
        f"{len(plan.references)} enquiries with {plan.messages} messages and {plan.attachments} "
        f"files, {plan.emails} emails and {plan.log} lines of the log of erasures {done}",
        as_json=as_json,
    )


@desk_group.command("statistics")
@as_json
def desk_statistics_command(*, as_json: bool) -> None:
    """Count enquiries by month, kind and channel, with the time to the first answer."""
    start_django()
    from waymark.enquiries.queries.statistics import desk_statistics

    counts = desk_statistics(None)
    rows = (*counts.months, *counts.kinds, *counts.channels, counts.total)
    print_answer(
        counts.as_json(),
        *(
            f"{row.name:<20} {row.received:>6} received {row.answered:>6} answered "
            f"{row.in_time:>6} in time  {row.usual}"
            for row in rows
        ),
        as_json=as_json,
    )
