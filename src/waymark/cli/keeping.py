"""Commands to maintain an installation: backup, restore, migrate, index, doctor."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark.cli.common import (
    as_json,
    give_files_to_owner_at_end,
    main,
    print_answer,
    print_json,
    print_progress,
    progress_bar,
    set_up,
    start_django,
)
from waymark.cli.errors import DONE_WITH_REFUSALS, FAILED, InstallationCommand
from waymark.cli.inputs import INPUT_FILE

if TYPE_CHECKING:
    from waymark.pipeline.backup import RestoredBackup
    from waymark.pipeline.backup.manifest import BackupManifest


@main.command("backup", cls=InstallationCommand)
@click.argument("path", type=click.Path(path_type=Path))
@as_json
def backup_command(*, path: Path, as_json: bool) -> None:
    """Back up the running installation to a folder of backups or to a new file NAME.tar."""
    start_django()
    from waymark.pipeline.backup import back_up

    backup = back_up(path, now=datetime.now(UTC), tell=print_progress)
    print_answer(
        {
            "backup": str(backup.place),
            "files": backup.files,
            "new": backup.new,
            "bytes": backup.size,
            "missing": list(backup.missing),
        },
        f"{backup.place}: the database and {backup.files:,} files ({backup.new:,} new), "
        f"{backup.size / 1e6:,.1f} MB",
        as_json=as_json,
    )
    for name in backup.missing:
        print_progress(f"{name} is missing and was not backed up: run waymark doctor")
    if backup.missing:
        sys.exit(DONE_WITH_REFUSALS)


@main.command("restore", cls=InstallationCommand)
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a data folder that is not empty.")
@click.option("--check", is_flag=True, help="Check the whole backup without restoring it.")
@as_json
def restore_command(*, path: Path, replace: bool, check: bool, as_json: bool) -> None:
    """Restore a backup to the new or empty folder that --data names."""
    # Not start_django(): the data folder is missing, or of the installation to replace.
    set_up()
    from django.conf import settings

    from waymark.pipeline import backup as backups

    for name in backups.unfinished_in(path):
        print_progress(f"note: skipped the unfinished backup {name}")
    if check:
        manifest = backups.check_backup(path, tell=print_progress)
        print_answer(
            {"backup": str(path), "made": manifest.created_at.isoformat(), "well": True},
            f"{path}: the backup of {_backup_time(manifest)} is complete",
            as_json=as_json,
        )
        return
    done = backups.restore_backup(
        path, Path(settings.DATA), replace=replace, now=datetime.now(UTC), tell=print_progress
    )
    if as_json:
        print_json(
            {
                "backup": done.place,
                "made": done.manifest.created_at.isoformat(),
                "data": str(settings.DATA),
                "files": len(done.manifest.files),
                "rows": sum(done.manifest.database.counts.values()),
                "kept": None if done.previous is None else str(done.previous),
            }
        )
    else:
        _print_restored(done)


def _print_restored(done: "RestoredBackup") -> None:
    """Print what was restored and what to do next."""
    from waymark.settings import in_force

    rows = sum(done.manifest.database.counts.values())
    click.echo(
        f"restored the backup of {_backup_time(done.manifest)}: {rows:,} rows and "
        f"{len(done.manifest.files):,} files"
    )
    if done.previous is not None:
        click.echo(f"the previous folder is now {done.previous}")
    click.echo(
        "Emails are paused until you run waymark sending resume: some may already have been sent "
        "since the backup was made."
    )
    now = in_force()
    for name, value in done.manifest.settings.items():
        if now.get(name) != value:
            click.echo(f"The backup was made with {name}={value}. Set it again if you need it.")


def _backup_time(manifest: "BackupManifest") -> str:
    at = manifest.created_at
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


@main.command("migrate", cls=InstallationCommand)
@as_json
def migrate_command(*, as_json: bool) -> None:
    """Upgrade the database to this version, after making and checking a copy; load new topics."""
    start_django(migrate=True)
    from waymark.library.services.topics import load_builtin_topics
    from waymark.pipeline.checks.schema import schema_state

    load_builtin_topics(by=None, now=datetime.now(UTC))
    applied = len(schema_state().applied)
    line = f"the database is up to date ({applied} migrations)"
    print_answer({"migrations": applied}, line, as_json=as_json)


@main.command("move-database", cls=InstallationCommand)
@click.argument("address", envvar="WAYMARK_MOVE_TO")
@as_json
def move_database_command(*, address: str, as_json: bool) -> None:
    """Move the database to PostgreSQL, or back to SQLite, while the site is stopped.

    ADDRESS is postgresql://user@host/name of an empty database, or the word sqlite. Give an address
    with a password in WAYMARK_MOVE_TO, as others on this machine can read a command.
    """
    set_up()
    from waymark.pipeline.move_database import move_database
    from waymark.pipeline.start import start_installation

    give_files_to_owner_at_end()
    now = datetime.now(UTC)
    moved = move_database(address, start_installation(now=now), now=now, tell=print_progress)
    print_answer(
        {"tables": moved.tables, "rows": moved.rows, "kept": moved.kept},
        f"moved {moved.rows:,} rows of {moved.tables} tables; the old database is kept: "
        f"{moved.kept}",
        "Unset DATABASE_URL before you start the site."
        if address == "sqlite"
        else "Set DATABASE_URL to the new address before you start the site.",
        as_json=as_json,
    )


@main.command("move-originals", cls=InstallationCommand)
@click.argument("address")
@click.option("--delete", is_flag=True, help="Delete the files from the old place in the end.")
@as_json
def move_originals_command(*, address: str, delete: bool, as_json: bool) -> None:
    """Move the original files to an S3 address, or back, while the site is stopped.

    ADDRESS is s3://bucket/prefix, or the word folder for the data folder.
    """
    set_up()
    from waymark.pipeline.documents.move_originals import WORD_FOR_FOLDER, move_originals
    from waymark.pipeline.start import start_installation

    give_files_to_owner_at_end()
    lock = start_installation(now=datetime.now(UTC))
    moved = move_originals(address, lock, delete=delete, tell=print_progress)
    print_answer(
        {
            "files": moved.files,
            "bytes": moved.size,
            "copied": moved.copied,
            "deleted": moved.deleted,
        },
        f"{moved.files:,} original files ({moved.size / 1e6:,.1f} MB) are in {moved.place}, "
        f"{moved.copied:,} of them copied now; {moved.deleted:,} deleted from the old place",
        "Unset WAYMARK_ORIGINALS before you start the site."
        if address == WORD_FOR_FOLDER
        else f"Set WAYMARK_ORIGINALS={address.rstrip('/')} before you start the site.",
        as_json=as_json,
    )


@main.group("index")
def index_group() -> None:
    """The search index, which can always be rebuilt."""


@index_group.command("rebuild", cls=InstallationCommand)
@as_json
def index_rebuild(*, as_json: bool) -> None:
    """Rebuild the search index; the site uses the old one until the new one is ready."""
    start_django()
    import time

    from waymark.library.services import rebuild_index

    begun = time.monotonic()
    built = rebuild_index(now=datetime.now(UTC))
    seconds = round(time.monotonic() - begun, 1)
    print_answer(
        {"records": built.done, "waiting": built.waiting, "seconds": seconds},
        f"indexed {built.done} records in {seconds} s; {built.waiting} changed in the meantime",
        as_json=as_json,
    )


@index_group.command("judge")
@click.argument("file", type=INPUT_FILE)
@as_json
def index_judge(*, file: Path, as_json: bool) -> None:
    """Judge by the queries of a file whether search by meaning helps this collection. It is off
    until it does: better nDCG of the first ten records, and not by chance (p < 0.05)."""
    start_django()
    from waymark.pipeline.library.meaning import judge_meaning

    with progress_bar("Judging", None) as move:
        result = judge_meaning(
            source=file.read_text("utf-8"), file=file.name, now=datetime.now(UTC), on_done=move
        )
    print_answer(
        result.as_json(),
        f"{result.queries} queries, nDCG@10: {result.words:.3f} by words, {result.fused:.3f} with "
        f"meaning; {result.better} better, {result.worse} worse, p = {result.chance:.4f}",
        "Search by meaning helps. Pages use it from now on where WAYMARK_MEANING=1 is set."
        if result.helps
        else "This does not show that search by meaning helps: it stays off.",
        as_json=as_json,
    )


@main.command("doctor", cls=InstallationCommand)
@click.option("--quick", is_flag=True, help="Leave out the checks that read everything.")
@as_json
def doctor_command(*, quick: bool, as_json: bool) -> None:
    """Check that the installation is complete and consistent. Changes nothing."""
    # A damaged secret key is one of the faults to report, so it must not stop the command.
    set_up(check_key=False)
    from waymark.core.errors import RuleError
    from waymark.core.parallel import processors
    from waymark.pipeline import examine_installation, head_of_audit, installation_notes
    from waymark.pipeline.start import open_read_only

    try:
        open_read_only(damaged=True)
        results = examine_installation(
            now=datetime.now(UTC), quick=quick, processes=processors(), on_check=_print_check
        )
        faults_of = {row.name: list(row.faults) for row in results if not row.skipped}
        skipped = [row.name for row in results if row.skipped]
        notes, head = installation_notes(), head_of_audit()
    except RuleError as error:
        # Without a working installation the checks cannot run. A program that reads the JSON gets
        # this as the single fault; a person gets the usual one-line error.
        if not as_json:
            raise
        faults_of, notes, head = {"there is an installation": [str(error)]}, [], None
        skipped = []
    well = not any(faults_of.values())
    if as_json:
        checks = [{"check": name, "faults": faults} for name, faults in faults_of.items()]
        answer = {"well": well, "audit_head": head, "checks": checks, "notes": notes}
        print_json(answer | {"not_checked": skipped})
    else:
        _print_findings(faults_of, skipped, notes, head)
    if not well:
        sys.exit(FAILED)


def _print_check(name: str) -> None:
    """Name a check on a terminal before its result: some take minutes in a large library."""
    if sys.stderr.isatty():
        print_progress(f"checking that {name}")


def _print_findings(
    faults_of: dict[str, list[str]], skipped: list[str], notes: list[str], head: str | None
) -> None:
    for name, faults in faults_of.items():
        click.echo(f"{'FAULT' if faults else 'ok   '} {name}")
        for fault in faults:
            click.echo(f"      {fault}")
    for name in skipped:
        click.echo(f"not checked: {name}")
    for note in notes:
        click.echo(f"note  {note}")
    if head is not None:
        click.echo(f"Head of the audit chain (keep a copy elsewhere): {head}")
