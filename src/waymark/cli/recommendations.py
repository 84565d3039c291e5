"""Commands of recommendations: chase, import, repeats, counts."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS
from waymark.cli.inputs import INPUT_FILE
from waymark.core.errors import FileRefused

LARGEST = 100 * 1024 * 1024
"""Bytes of a file that the command reads."""


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


@recommendations_group.command("import")
@click.argument("file", type=INPUT_FILE)
@click.option("--scheme", default="Other inquiries", help="Name of the scheme of the inquiries.")
@click.option("--source", default="", help="Where the file comes from, shown with the counts.")
@click.option("--licence", default="", help="What may be done with it, shown with the counts.")
@click.option("--publish", is_flag=True, help="Show the scheme to everyone, not only to staff.")
@as_json
def import_command(
    *, file: Path, scheme: str, source: str, licence: str, publish: bool, as_json: bool
) -> None:
    """Import the recommendations of inquiries that are not case reviews from FILE (CSV or XLSX).

    Columns: Inquiry and Recommendation; if there are any also Number, Recipient, Status, Made,
    Closed and Reply. Rows with the same words in one inquiry are one recommendation to several. The
    same file again changes nothing. Text that was encoded twice is repaired. Rows that cannot be
    stored are listed, and the others are stored.
    """
    if file.stat().st_size > LARGEST:
        raise FileRefused(file.name, "it is larger than 100 MiB", "Divide it into files")
    content = file.read_bytes()
    start_django(new=True)
    from waymark.recommendations.services import (
        describe_scheme,
        import_recommendations,
        set_scheme_state,
    )

    now = datetime.now(UTC)
    result = import_recommendations(
        by=None, file=file.name, content=content, scheme=scheme, now=now
    )
    if source or licence:
        describe_scheme(by=None, scheme=result.scheme, source=source, licence=licence, now=now)
    if publish:
        set_scheme_state(by=None, scheme=result.scheme, state="published", now=now)
    reading = result.reading
    print_answer(
        {
            "rows": reading.rows,
            "stored": result.stored,
            "unchanged": result.unchanged,
            "recommendations": result.recommendations,
            "addressees": result.addressees,
            "refused": [asdict(row) for row in reading.refused],
            "repaired": [asdict(cell) for cell in reading.repaired],
        },
        f"{result.scheme.name}: {result.stored:,} of {reading.rows:,} rows stored,"
        f" {result.unchanged:,} unchanged; {result.recommendations:,} recommendations to"
        f" {result.addressees:,} addressees; {len(reading.repaired):,} cells with broken characters"
        " repaired",
        as_json=as_json,
    )
    for row in reading.refused:
        click.echo(f"refused row {row.row}, {row.column}: {row.reason}", err=True)
    if reading.refused:
        sys.exit(DONE_WITH_REFUSALS)


@recommendations_group.command("repeats")
@click.option(
    "--between",
    type=click.Choice(["inquiries"]),
    help="Only pairs of different reviews or inquiries.",
)
@click.option(
    "--least",
    type=click.FloatRange(0.05, 1),
    default=0.6,
    show_default=True,
    help="Least similarity of their words, from 0 to 1.",
)
@as_json
def repeats_command(*, between: str | None, least: float, as_json: bool) -> None:
    """List pairs of recommendations that say nearly the same, of all reviews and inquiries.

    Pairs in different words come first, the most similar first, then those in the same words.
    """
    start_django()
    from waymark.follow_up.queries.said_before import repeated_pairs

    pairs = repeated_pairs(None, datetime.now(UTC), least=least, between_sources=bool(between))
    print_answer(
        {
            "pairs": [
                {
                    "a": pair.one.label,
                    "b": pair.other.label,
                    "similarity": round(pair.similarity, 4),
                    "identical": pair.identical,
                }
                for pair in pairs
            ]
        },
        "\n".join(f"{row.similarity:.2f}  {row.one.label}  {row.other.label}" for row in pairs)
        or "No repeats found",
        as_json=as_json,
    )


@recommendations_group.command("counts")
@as_json
def counts_command(*, as_json: bool) -> None:
    """Count the imported recommendations by scheme: by state, recipient and year, per addressee."""
    start_django()
    from waymark.follow_up.queries.inquiries import scheme_pictures

    schemes = scheme_pictures(None, datetime.now(UTC))
    print_answer(
        {"schemes": [asdict(scheme) for scheme in schemes]},
        "\n".join(
            f"{row.name}: {row.recommendations:,} recommendations to {row.addressees:,} addressees,"
            f" {'published' if row.published else 'shown to staff only'}"
            for row in schemes
        )
        or "No scheme was imported",
        as_json=as_json,
    )
