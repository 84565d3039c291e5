"""Commands for files that no row of the database names, and for emails that wait."""

import sys
from pathlib import Path

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    as_json,
    main,
    one_line_errors,
    print_json,
    start,
)


@main.group()
def files() -> None:
    """Files of the data folder that the database does not know."""


@files.command("unknown")
@as_json
@one_line_errors
def files_unknown(*, as_json: bool) -> None:
    """List reports, publications and uploads that the database does not name."""
    start(check=False)
    from waymark.pipeline.unknown import unknown_files

    unknown = unknown_files()
    kinds: dict[str, tuple[Path, ...]] = {
        "originals": unknown.originals,
        "publications": unknown.publications,
        "uploads": unknown.uploads,
        "arriving": unknown.arriving,
    }
    if as_json:
        print_json({kind: [str(path) for path in paths] for kind, paths in kinds.items()})
        return
    for kind, paths in kinds.items():
        for path in paths:
            click.echo(f"{kind:<12} {path}")
    click.echo(f"{sum(map(len, kinds.values()))} files that the database does not name", err=True)


@files.command("quarantine")
@click.option("--yes", is_flag=True, help="Move them; without it they are listed only.")
@one_line_errors
def files_quarantine(*, yes: bool) -> None:
    """Move reports, publications and uploads aside that the database does not name."""
    start(check=False)
    from django.utils import timezone

    from waymark.documents.services import move_aside
    from waymark.pipeline.unknown import unknown_files

    unknown = unknown_files()
    paths = [*unknown.blocking, *unknown.uploads]
    for path in paths:
        place = move_aside(by=None, path=path, now=timezone.now()) if yes else ""
        click.echo(f"{path} -> {place}" if yes else str(path))
    if yes or not paths:
        click.echo(f"moved {len(paths)} files", err=True)
        return
    click.echo(
        f"{len(paths)} files would be moved. Is the database the right one, and the newest copy? "
        "Then: waymark files quarantine --yes",
        err=True,
    )
    sys.exit(DONE_WITH_REFUSALS)


@files.command("bring-back")
@one_line_errors
def files_bring_back() -> None:
    """Put back what is in quarantine and the database names by now."""
    start(check=False)
    from django.utils import timezone

    from waymark.documents.services import bring_back
    from waymark.pipeline.unknown import returnable

    places = returnable()
    for path, place in places.items():
        bring_back(by=None, path=path, target=place, now=timezone.now())
        click.echo(f"{path} -> {place}")
    click.echo(f"brought back {len(places)} files", err=True)


@main.group()
def sending() -> None:
    """Emails: whether they are sent, or wait until a person lets them go."""


@sending.command("status")
@as_json
@one_line_errors
def sending_status(*, as_json: bool) -> None:
    """Say whether emails are sent, and how many wait."""
    start(check=False)
    from waymark.accounts.installation import pause_of_sending
    from waymark.library.queries.repository import unsent

    pause, waiting = pause_of_sending(), len(unsent(None).waiting)
    if as_json:
        since = pause[0].isoformat() if pause else None
        reason = pause[1] if pause else None
        print_json(
            {"paused": pause is not None, "since": since, "reason": reason, "waiting": waiting}
        )
        return
    if pause is None:
        click.echo(f"Emails are sent. {waiting} are waiting.")
        return
    click.echo(
        f"Sending has been paused since {pause[0]:%-d %B %Y, %H:%M}: {pause[1]}. "
        f"{waiting} are waiting; let them go with: waymark sending resume"
    )


@sending.command("pause")
@click.option("--reason", required=True, help="Why; staff read it.")
@one_line_errors
def sending_pause(*, reason: str) -> None:
    """Send no more emails until they are resumed. None is lost."""
    start()
    from django.utils import timezone

    from waymark.accounts.installation import pause_sending

    pause_sending(reason=reason, now=timezone.now(), by=None)
    click.echo("Sending is paused")


@sending.command("resume")
@one_line_errors
def sending_resume() -> None:
    """Send emails again, those that wait first."""
    start()
    from django.utils import timezone

    from waymark.accounts.installation import resume_sending

    resume_sending(by=None, now=timezone.now())
    click.echo("Emails are sent again")
