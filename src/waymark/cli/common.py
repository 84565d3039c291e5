"""What every command shares: starting Django, one-line errors, JSON, progress."""

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


def fail(message: str) -> NoReturn:
    click.echo(f"waymark: {message}", err=True)
    sys.exit(FAILED)


def one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """A product error becomes one line on stderr and exit code 3."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WaymarkError as error:
            fail(" ".join(f"{error}{_remedy(error)}".split()))
        except BrokenPipeError:
            # Whoever read our output has had enough, as `head` has: nothing failed.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        except OSError as error:
            fail(_what_failed(error))
        except click.ClickException:
            raise
        except Exception as error:
            if _lacks_memory(error):
                fail("this computer has too little free memory: close other programs, try again")
            traceback.print_exc()
            fail("stopped on a fault of its own; what is above says where. Please report it.")

    return run


def _remedy(error: WaymarkError) -> str:
    """How whoever runs the command can do what a person was not permitted."""
    if not isinstance(error, NotPermitted):
        return ""
    return ". Give the role by: waymark account grant NAME --role ROLE"


def _what_failed(error: OSError) -> str:
    """What the computer refused, with the file where it is known; of a full disk the remedy."""
    said = error.strerror or str(error)
    named = f"{said}: {error.filename}" if error.filename else said
    return f"{named}: make room on the disk, try again" if error.errno == errno.ENOSPC else named


def _lacks_memory(error: BaseException) -> bool:
    """Whether there was no room for an object, or for a library that was to be loaded."""
    return isinstance(error, MemoryError) or "failed to map segment" in str(error)


_locks: list["FolderLock"] = []
"""Kept to the end of the process: as long as it runs, nobody exchanges the data folder."""


def set_up(*, check_key: bool = True) -> None:
    """Start Django, and touch nothing. Raises RuleError for a wrong setting, and a damaged key."""
    import django
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
    try:
        django.setup()
        if check_key and (settings.DATA / "secret-key").exists():
            # An empty one is refused here, not by the first page that signs a session with it.
            str(settings.SECRET_KEY)
    except ImproperlyConfigured as error:
        raise RuleError(str(error)) from error


def start(*, new: bool = False, migrate: bool = False, check: bool = True) -> None:
    """Start Django on the data folder, for a command that needs its database.

    new: the command may begin an installation; migrate: it also brings the database up to date.
    check: whether folder and database have to belong together; not for the commands by which one
    finds out what is wrong or puts it right. Raises RuleError: see start_installation().
    """
    set_up()
    from django.utils import timezone

    from waymark.pipeline.starting import start_installation

    _locks.append(
        start_installation(new=new, migrate=migrate, check=check, now=timezone.now(), tell=tell)
    )


def tell(step: str) -> None:
    """A line about what goes on, beside the output."""
    click.echo(step, err=True)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """A progress bar on stderr; the function given moves it on by one and shows what was done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)

        def move(done: str) -> None:
            bar.update(task, advance=1, description=f"{label} {done}"[:60])

        yield move


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
