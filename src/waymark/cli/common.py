"""Helpers of all commands: start Django, JSON, progress."""

import atexit
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark import __version__
from waymark.cli.errors import WaymarkGroup, installation_errors
from waymark.core.errors import RuleError
from waymark.core.processes import without_collector
from waymark.core.setting_names import misspelt_settings

if TYPE_CHECKING:
    from waymark.core.locks import FolderLock

_locks: list["FolderLock"] = []
"""Held until the process ends, so that no other command replaces the data folder."""


def set_up(*, check_key: bool = True) -> None:
    """Start Django and change nothing. Raises RuleError for a wrong setting or a damaged key."""
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
    try:
        with without_collector():
            django.setup()
        if check_key and (settings.DATA / "secret-key").exists():
            # Refuse an empty key here rather than on the first page that signs a session.
            str(settings.SECRET_KEY)
    except ImproperlyConfigured as error:
        raise RuleError(str(error)) from error


def start_django(
    *,
    new: bool = False,
    migrate: bool = False,
    check: bool = True,
    list_originals: bool = False,
) -> None:
    """Start Django on the data folder, for a command that needs its database.

    new: the command can create an installation; migrate: it also upgrades the database.
    check: folder and database must belong together; False for commands that diagnose or repair.
    list_originals: see open_installation().
    Raises InstallationError: see start_installation().
    """
    with installation_errors():
        set_up()
        with without_collector():
            from django.utils import timezone

            # Imported here, because models can be imported only after django.setup().
            from waymark.pipeline.start import start_installation

        give_files_to_owner_at_end()
        _locks.append(
            start_installation(
                new=new,
                migrate=migrate,
                check=check,
                list_originals=list_originals,
                now=timezone.now(),
                tell=print_progress,
            )
        )


def give_files_to_owner_at_end() -> None:
    """As root in another user's data folder, say so, and leave no file of root's there."""
    from waymark.accounts.file_permissions import owner_if_other

    owner = owner_if_other()
    if owner is None:
        return
    click.echo(
        f"waymark: this command runs as root, but the data folder belongs to user {owner.st_uid}: "
        "files that it makes there are given to that user when it ends. Run commands as that user",
        err=True,
    )
    atexit.register(give_files_to_owner)


def give_files_to_owner() -> None:
    """Give files of root to the owner of the data folder, or say that it is not allowed."""
    from waymark.accounts.file_permissions import give_to_owner

    try:
        give_to_owner()
    except PermissionError as error:
        click.echo(
            f"waymark: {error.filename} cannot be given to the owner of the data folder "
            f"({error.strerror}): give it to that user with chown, as a root that may",
            err=True,
        )


def print_progress(step: str) -> None:
    """Print a progress message to stderr."""
    click.echo(step, err=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_answer(values: object, *lines: str, as_json: bool) -> None:
    """Print values as JSON with --json, else lines of text."""
    if as_json:
        print_json(values)
        return
    for line in lines:
        click.echo(line)


@contextmanager
def progress_bar(label: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """Progress bar on stderr; the yielded function advances it by one and shows the last item."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)

        def move(done: str) -> None:
            bar.update(task, advance=1, description=f"{label} {done}"[:60])

        yield move


BY = click.option("--by", required=True, help="Account that acts.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(cls=WaymarkGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder (default: $WAYMARK_DATA, else ./waymark-data).",
)
def main(data: Path | None) -> None:
    """Waymark: an evidence service for learning from case reviews."""
    if data is not None:
        os.environ["WAYMARK_DATA"] = str(data)
    for sentence in misspelt_settings(os.environ):
        click.echo(f"waymark: {sentence}", err=True)
