"""Commands by which an installation is kept: backup, restore, migrate, index, doctor."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark.cli.common import (
    DONE_WITH_REFUSALS,
    FAILED,
    as_json,
    main,
    one_line_errors,
    print_json,
    set_up,
    start,
    tell,
)

if TYPE_CHECKING:
    from waymark.pipeline.backup import Restored
    from waymark.pipeline.backup.manifest import Manifest


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@as_json
@one_line_errors
def backup(*, path: Path, as_json: bool) -> None:
    """Copy the installation to a folder of backups, or to a new file NAME.tar, while it runs."""
    start()
    import sys

    from django.utils import timezone

    from waymark.pipeline.backup import back_up

    made = back_up(path, now=timezone.now(), tell=tell)
    if as_json:
        print_json(
            {
                "backup": str(made.place),
                "files": made.files,
                "new": made.new,
                "bytes": made.size,
                "missing": list(made.missing),
            }
        )
    else:
        click.echo(
            f"{made.place}: the database and {made.files:,} files ({made.new:,} new), "
            f"{made.size / 1e6:,.1f} MB"
        )
    for name in made.missing:
        tell(f"{name} was not there to be copied: see waymark doctor")
    if made.missing:
        sys.exit(DONE_WITH_REFUSALS)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of a folder that is not empty.")
@click.option("--check", is_flag=True, help="Read all of the backup, and restore nothing.")
@as_json
@one_line_errors
def restore(*, path: Path, replace: bool, check: bool, as_json: bool) -> None:
    """Restore a backup into the new or empty folder that --data names."""
    set_up()
    from django.conf import settings
    from django.utils import timezone

    from waymark.pipeline import backup as backups

    for name in backups.unfinished_in(path):
        tell(f"note: the backup {name} is not finished, and is passed over")
    if check:
        manifest = backups.check_backup(path, tell=tell)
        if as_json:
            print_json({"backup": str(path), "made": manifest.created_at.isoformat(), "well": True})
        else:
            click.echo(f"{path}: the backup of {_moment(manifest)} is whole")
        return
    done = backups.restore(
        path, Path(settings.DATA), replace=replace, now=timezone.now(), tell=tell
    )
    if as_json:
        print_json(
            {
                "backup": done.place,
                "made": done.manifest.created_at.isoformat(),
                "data": str(settings.DATA),
                "files": len(done.manifest.files),
                "rows": sum(done.manifest.database.counts.values()),
                "kept": None if done.kept is None else str(done.kept),
            }
        )
    else:
        _tell_restored(done)


def _tell_restored(done: "Restored") -> None:
    """What was restored, and what a person has to do now."""
    from waymark.settings import in_force

    rows = sum(done.manifest.database.counts.values())
    click.echo(
        f"restored the backup of {_moment(done.manifest)}: {rows:,} rows and "
        f"{len(done.manifest.files):,} files"
    )
    if done.kept is not None:
        click.echo(f"the folder that was there is kept: {done.kept}")
    click.echo(
        "No emails are sent until you run waymark sending resume: some may have been sent since "
        "the backup was made."
    )
    now = in_force()
    for name, value in done.manifest.settings.items():
        if now.get(name) != value:
            click.echo(f"The backup was made with {name}={value}: set it again where it is needed.")


def _moment(manifest: "Manifest") -> str:
    at = manifest.created_at
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


@main.command()
@as_json
@one_line_errors
def migrate(*, as_json: bool) -> None:
    """Bring the database to the form of this version, after a checked copy of it was made."""
    start(migrate=True)
    from waymark.pipeline.schema import schema_state

    applied = len(schema_state().applied)
    if as_json:
        print_json({"migrations": applied})
    else:
        click.echo(f"the database is up to date ({applied} migrations)")


@main.group()
def index() -> None:
    """The search index, which can always be made again."""


@index.command("rebuild")
@as_json
@one_line_errors
def index_rebuild(*, as_json: bool) -> None:
    """Build the search index anew; until it is whole, the site answers from the old one."""
    start()
    import time

    from django.utils import timezone

    from waymark.library.services import rebuild_index

    begun = time.monotonic()
    built = rebuild_index(now=timezone.now())
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        print_json({"records": built.done, "waiting": built.waiting, "seconds": seconds})
    else:
        click.echo(
            f"indexed {built.done} records in {seconds} s; {built.waiting} changed meanwhile"
        )


@main.command()
@as_json
@one_line_errors
def doctor(*, as_json: bool) -> None:
    """Check every promise of the installation against what is really there. Changes nothing."""
    set_up(check_key=False)
    import sys

    from django.utils import timezone

    from waymark.core.errors import RuleError
    from waymark.pipeline import examine, head_of_audit
    from waymark.pipeline.starting import look_only

    try:
        look_only()
        found = {finding.name: list(finding.faults) for finding in examine(now=timezone.now())}
        head = head_of_audit()
    except RuleError as error:
        if not as_json:
            raise
        found, head = {"there is an installation": [str(error)]}, None
    well = not any(found.values())
    if as_json:
        checks = [{"check": name, "faults": faults} for name, faults in found.items()]
        print_json({"well": well, "audit_head": head, "checks": checks})
    else:
        _tell_found(found, head)
    if not well:
        sys.exit(FAILED)


def _tell_found(found: dict[str, list[str]], head: str | None) -> None:
    for name, faults in found.items():
        click.echo(f"{'FAULT' if faults else 'ok   '} {name}")
        for fault in faults:
            click.echo(f"      {fault}")
    if head is not None:
        click.echo(f"Head of the audit chain, to be kept elsewhere: {head}")
