"""Commands of the retention schedule: what is kept how long, and what is erased now."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from waymark.cli.common import as_json, main, print_answer, start_django

if TYPE_CHECKING:
    from waymark.pipeline.retention.rules import RetentionResult


@main.group("retention")
def retention_group() -> None:
    """Personal data that are erased by schedule."""


@retention_group.command("show")
@as_json
def retention_show(*, as_json: bool) -> None:
    """Show how long personal data are kept, and what would be erased now. Changes nothing."""
    start_django()
    from waymark.pipeline.retention.rules import apply_retention

    _print_results(apply_retention(now=datetime.now(UTC), dry_run=True), as_json=as_json)


@retention_group.command("apply")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@as_json
def retention_apply(*, dry_run: bool, as_json: bool) -> None:
    """Erase data whose time in the schedule is over. The worker does it once an hour."""
    start_django()
    from waymark.pipeline.retention.rules import apply_retention

    results = apply_retention(now=datetime.now(UTC), dry_run=dry_run)
    _print_results(results, as_json=as_json)


def _print_results(results: "tuple[RetentionResult, ...]", *, as_json: bool) -> None:
    rows = [
        {
            "key": row.period.key,
            "what": row.period.what,
            "kept": row.period.in_words,
            "counted_from": row.period.counted_from,
            "effect": row.period.effect,
            "due": row.due,
            "erased": row.erased,
        }
        for row in results
    ]
    lines = [
        f"{row['key']:<22} {row['kept']:>10}  {row['due']:>7,} due {row['erased']:>7,} erased  "
        f"{row['what']}"
        for row in rows
    ]
    print_answer({"schedule": rows}, *lines, as_json=as_json)
