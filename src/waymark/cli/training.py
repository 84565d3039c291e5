"""Commands of the training."""

from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, start_django


@main.group(name="training")
def training_group() -> None:
    """Courses and their calendar."""


@training_group.command(name="list")
@as_json
def list_courses(*, as_json: bool) -> None:
    """List published courses with a session to come, or without a date yet."""
    start_django()
    from django.contrib.auth.models import AnonymousUser

    from waymark.training.queries import courses_to_come

    courses = [
        {
            "slug": row.course.slug,
            "title": row.course.title,
            "provider": row.course.provider,
            "sessions": [
                {
                    "uid": session.uid,
                    "starts": session.starts_at.isoformat(),
                    "ends": session.ends_at.isoformat(),
                    "where": session.where,
                }
                for session in row.sessions
            ],
        }
        for row in courses_to_come(AnonymousUser(), datetime.now(UTC))
    ]
    lines = [f"{row['slug']}: {row['title']}, {len(row['sessions'])} sessions" for row in courses]
    print_answer({"courses": courses}, *lines, as_json=as_json)


@training_group.command(name="calendar")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def write_calendar(*, file: Path, as_json: bool) -> None:
    """Write the calendar that people follow to FILE (ICS)."""
    start_django()
    from django.conf import settings

    from waymark.training.calendar_file import calendar_file
    from waymark.training.queries import calendar_entries

    site = settings.SITE_ADDRESS or f"https://{settings.REPOSITORY}"
    entries = calendar_entries(datetime.now(UTC), lambda slug: f"{site}/training/{slug}/")
    name = f"{settings.SITE_NAME}: training"
    file.write_bytes(calendar_file(name, entries, site=settings.SITE_NAME))
    print_answer(
        {"file": str(file), "sessions": len(entries)},
        f"{file}: {len(entries)} sessions",
        as_json=as_json,
    )
