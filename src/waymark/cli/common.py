"""Helpers of all commands: start Django, one-line errors, JSON, progress."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec, TypeVar

import click

from waymark import __version__
from waymark.core.errors import NotPermitted, RuleError, WaymarkError

if TYPE_CHECKING:
    from waymark.core.locks import FolderLock

P = ParamSpec("P")
R = TypeVar("R")

DONE_WITH_REFUSALS = 1
FAILED = 3


def exit_with_error(message: str) -> NoReturn:
    click.echo(f"waymark: {message}", err=True)
    sys.exit(FAILED)


def one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Decorate a command to print errors as one line on stderr and exit with code 3."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WaymarkError as error:
            exit_with_error(" ".join(f"{error}{_role_remedy(error)}".split()))
        except BrokenPipeError:
            # The reader of our output has closed it, as `head` does: nothing failed.
            # Python flushes stdout at exit and would fail again: send the rest to /dev/null.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            exit_with_error(_os_error_message(error))
        except click.ClickException:
            raise
        except Exception as error:
            if _lacks_memory(error):
                exit_with_error(
                    "there is not enough free memory: close other programs and try again"
                )
            traceback.print_exc()
            exit_with_error(
                "stopped because of an internal error. The details are above. Please report it."
            )

    return run


def _role_remedy(error: WaymarkError) -> str:
    """Remedy for a missing role; "" for other errors."""
    if not isinstance(error, NotPermitted):
        return ""
    return ". To give a role, run: waymark account grant NAME --role ROLE"


def _os_error_message(error: OSError) -> str:
    """Message for an operating system error, with its file and, for a full disk, the remedy."""
    message = error.strerror or str(error)
    named = f"{message}: {error.filename}" if error.filename else message
    return f"{named}: free some disk space and try again" if error.errno == errno.ENOSPC else named


def _lacks_memory(error: BaseException) -> bool:
    """True if there was no memory for an object or for loading a shared library."""
    return isinstance(error, MemoryError) or "failed to map segment" in str(error)


_locks: list["FolderLock"] = []
"""Held until the process ends, so that no other command replaces the data folder."""


def set_up(*, check_key: bool = True) -> None:
    """Start Django and change nothing. Raises RuleError for a wrong setting or a damaged key."""
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
    try:
        django.setup()
        if check_key and (settings.DATA / "secret-key").exists():
            # Refuse an empty key here rather than on the first page that signs a session.
            str(settings.SECRET_KEY)
    except ImproperlyConfigured as error:
        raise RuleError(str(error)) from error


def start_django(*, new: bool = False, migrate: bool = False, check: bool = True) -> None:
    """Start Django on the data folder, for a command that needs its database.

    new: the command can create an installation; migrate: it also upgrades the database.
    check: folder and database must belong together; False for commands that diagnose or repair.
    Raises RuleError: see start_installation().
    """
    set_up()
    from django.utils import timezone

    # Imported here, because models can be imported only after django.setup().
    from waymark.pipeline.start import start_installation

    _locks.append(
        start_installation(
            new=new, migrate=migrate, check=check, now=timezone.now(), tell=print_progress
        )
    )


def print_progress(step: str) -> None:
    """Print a progress message to stderr."""
    click.echo(step, err=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


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


@click.group()
@click.version_option(__version__)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder (default: $WAYMARK_DATA, else ./waymark-data).",
)
def main(data: Path | None) -> None:
    """Waymark: an evidence service for learning from case reviews."""
    if data is not None:
        os.environ["WAYMARK_DATA"] = str(data)
