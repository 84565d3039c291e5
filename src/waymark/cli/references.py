"""Command that checks references against the library."""

from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.inputs import INPUT_FILE
from waymark.core.utf8 import read_utf8


@main.group("references")
def references_group() -> None:
    """References that people ask about."""


@references_group.command("check")
@click.argument("file", type=INPUT_FILE)
@as_json
def references_check(*, file: Path, as_json: bool) -> None:
    """Check each reference of a text file: found, found with differences, or not found.

    Nothing is looked up outside this library.
    """
    start_django()
    from waymark.enquiries.queries.references import check_references

    check = check_references(read_utf8(file), None, datetime.now(UTC), limited=False)
    lines = []
    for result in check.results:
        named = f" {result.record.key}" if result.record else ""
        lines.append(f"{result.outcome:<8}{named}: {result.text}")
        lines += [
            f"         {row.part}: {row.given}; in the library {row.library}"
            for row in result.differences
        ]
    found, differs, missing = check.counts
    lines.append(f"{found} found, {differs} found with differences, {missing} not found")
    print_answer(check.as_json(), *lines, as_json=as_json)
