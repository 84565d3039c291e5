"""Commands for files that are not in the database, and for pausing emails."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from waymark.cli.common import as_json, main, print_answer, print_json, start_django
from waymark.cli.errors import DONE_WITH_REFUSALS


@main.group("files")
def files_group() -> None:
    """Files in the data folder that are not in the database."""


@files_group.command("unknown")
@as_json
def files_unknown(*, as_json: bool) -> None:
    """List reports, publications and uploads that are not in the database."""
    start_django(check=False)
    from waymark.pipeline.checks.unknown_files import place_of, unknown_files

    unknown = unknown_files()
    kinds: dict[str, tuple[Path, ...]] = {
        "originals": unknown.originals,
        "publications": unknown.publications,
        "uploads": unknown.uploads,
        "arriving": unknown.arriving,
    }
    if as_json:
        print_json({kind: [place_of(path) for path in paths] for kind, paths in kinds.items()})
        return
    for kind, paths in kinds.items():
        for path in paths:
            click.echo(f"{kind:<12} {place_of(path)}")
    click.echo(f"{sum(map(len, kinds.values()))} files that are not in the database", err=True)


@files_group.command("quarantine")
@click.option("--yes", is_flag=True, help="Move the files; without this they are only listed.")
@as_json
def files_quarantine(*, yes: bool, as_json: bool) -> None:
    """Move reports, publications and uploads that are not in the database to quarantine."""
    start_django(check=False)
    from waymark.documents.services import move_aside
    from waymark.pipeline.checks.unknown_files import place_of, unknown_files

    # Arriving files are left out: another process may still be storing them.
    unknown = unknown_files()
    paths = [*unknown.blocking, *unknown.uploads]
    now = datetime.now(UTC)
    moves = [
        (place_of(path), str(move_aside(by=None, path=path, now=now)) if yes else "")
        for path in paths
    ]
    print_answer(
        {"moved": yes, "files": [{"file": path, "place": place} for path, place in moves]},
        *(f"{path} -> {place}" if yes else path for path, place in moves),
        as_json=as_json,
    )
    if yes or not paths:
        click.echo(f"moved {len(paths)} files", err=True)
        return
    click.echo(
        f"{len(paths)} files would be moved. Check that this is the right database and its newest "
        "copy. Then run: waymark files quarantine --yes",
        err=True,
    )
    sys.exit(DONE_WITH_REFUSALS)


@files_group.command("bring-back")
@as_json
def files_bring_back(*, as_json: bool) -> None:
    """Put back quarantined files that are in the database again."""
    start_django(check=False)
    from waymark.documents.services import bring_back
    from waymark.pipeline.checks.unknown_files import place_of, returnable

    places = returnable()
    for path, place in places.items():
        bring_back(by=None, path=path, target=place, now=datetime.now(UTC))
    print_answer(
        {
            "files": [
                {"file": str(path), "place": place_of(place)} for path, place in places.items()
            ]
        },
        *(f"{path} -> {place_of(place)}" for path, place in places.items()),
        as_json=as_json,
    )
    click.echo(f"put back {len(places)} files", err=True)


@main.group("sending")
def sending_group() -> None:
    """Emails: show whether they are being sent, pause and resume them."""


@sending_group.command("status")
@as_json
def sending_status(*, as_json: bool) -> None:
    """Show whether emails are being sent and how many are waiting."""
    start_django(check=False)
    from waymark.accounts.installation import pause_of_sending
    from waymark.mail.queries import unsent_emails

    pause, waiting = pause_of_sending(), len(unsent_emails(None).waiting)
    if as_json:
        since = pause[0].isoformat() if pause else None
        reason = pause[1] if pause else None
        print_json(
            {"paused": pause is not None, "since": since, "reason": reason, "waiting": waiting}
        )
        return
    if pause is None:
        click.echo(f"Emails are being sent. Waiting: {waiting}.")
        return
    click.echo(
        f"Emails have been paused since {pause[0]:%-d %B %Y, %H:%M}: {pause[1]}. "
        f"Waiting: {waiting}. Check them at Workspace, Unsent emails, then run: "
        "waymark sending resume"
    )


@sending_group.command("pause")
@click.option("--reason", required=True, help="Reason, shown to staff.")
@as_json
def sending_pause(*, reason: str, as_json: bool) -> None:
    """Pause all emails until you resume them. No email is lost."""
    start_django()
    from waymark.accounts.installation import pause_sending

    pause_sending(reason=reason, now=datetime.now(UTC), by=None)
    print_answer({"paused": True, "reason": reason}, "Emails are paused", as_json=as_json)


@sending_group.command("resume")
@as_json
def sending_resume(*, as_json: bool) -> None:
    """Send emails again, starting with the waiting ones."""
    start_django()
    from waymark.accounts.installation import resume_sending

    resume_sending(by=None, now=datetime.now(UTC))
    print_answer({"paused": False}, "Emails are being sent again", as_json=as_json)
