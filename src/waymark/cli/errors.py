"""Errors of commands: a line on stderr, with --json also an object on stdout, and an exit code."""

import errno
import json
import os
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import NoReturn

import click

from waymark.core.database_remedy import FREE_SPACE, database_remedy, unusable_database
from waymark.core.errors import (
    FileFault,
    FileRefused,
    MissingExtra,
    NotEnoughMemory,
    NotFound,
    NotPermitted,
    ParseError,
    RuleError,
    ServiceUnavailable,
    SpecError,
    WaymarkError,
)

DONE_WITH_REFUSALS = REFUSED = 1
FAILED = 3
INTERRUPTED = 130
"""128 and the number of the signal, as shells count it."""


class InstallationError(WaymarkError):
    """The installation cannot be used: its folder, its database or a setting is wrong."""


KINDS: tuple[tuple[type[WaymarkError], str, int], ...] = (
    (NotPermitted, "not-permitted", REFUSED),
    (NotFound, "not-found", REFUSED),
    (SpecError, "file", REFUSED),
    (NotEnoughMemory, "memory", FAILED),
    (FileRefused, "file", REFUSED),
    (ParseError, "syntax", REFUSED),
    (RuleError, "rule", REFUSED),
    (MissingExtra, "missing-package", FAILED),
    (ServiceUnavailable, "unavailable", FAILED),
    (InstallationError, "installation", FAILED),
)
"""Class of an error, its kind in JSON and the exit code."""
ROLE_REMEDY = "To give a role, run: waymark account grant NAME --role ROLE"


@dataclass(frozen=True, slots=True)
class CommandError:
    """Error of a command, as --json prints it. line: of the first fault, counted from 1."""

    kind: str
    exit_code: int
    message: str
    file: str | None = None
    line: int | None = None
    remedy: str | None = None
    faults: tuple[FileFault, ...] = ()


@contextmanager
def installation_errors() -> Iterator[None]:
    """Turn refusals inside it into InstallationError: it is not the person's input that is wrong.

    So a script can tell "this file was refused" (1) from "nothing could be done" (3).
    """
    try:
        yield
    except ServiceUnavailable:
        raise
    except WaymarkError as error:
        raise InstallationError(str(error)) from error


class InstallationCommand(click.Command):
    """Command that maintains an installation: every error of it has exit code 3."""

    def invoke(self, ctx: click.Context) -> object:
        with installation_errors():
            return super().invoke(ctx)


def describe_error(error: Exception) -> CommandError:
    """Kind, exit code and message of an error that ended a command."""
    if isinstance(error, WaymarkError):
        return _refusal(error)
    if isinstance(error, click.ClickException):
        return CommandError("usage", error.exit_code, error.format_message())
    if isinstance(error, OSError):
        return _system_error(error)
    if remedy := _remedy_of_database(error):
        return CommandError("system", FAILED, unusable_database(error), remedy=remedy)
    if isinstance(error, MemoryError) or "failed to map segment" in str(error):
        # The second is an import that had no memory for a shared library.
        remedy = "close other programs and try again"
        return CommandError("memory", FAILED, f"there is not enough free memory: {remedy}")
    message = "stopped because of an internal error. The details are above. Please report it."
    return CommandError("internal", FAILED, message)


def _refusal(error: WaymarkError) -> CommandError:
    kind, code = next(
        ((kind, code) for of, kind, code in KINDS if isinstance(error, of)), ("rule", REFUSED)
    )
    message, remedy = str(error), getattr(error, "remedy", None)
    if isinstance(error, NotPermitted):
        remedy = ROLE_REMEDY
        message = f"{message}. {remedy}"
    faults = tuple(error.faults) if isinstance(error, SpecError) else ()
    return CommandError(
        kind,
        code,
        " ".join(message.split()),
        file=getattr(error, "file", None),
        line=(faults[0].line or None) if faults else None,
        remedy=remedy,
        faults=faults,
    )


def _remedy_of_database(error: Exception) -> str:
    """What to do about an error of the database; "" for other errors."""
    # Imported here, because some commands need no database.
    from django.db.utils import DatabaseError

    of_database = isinstance(error, DatabaseError | sqlite3.Error)
    return database_remedy(str(error)) if of_database else ""


def _system_error(error: OSError) -> CommandError:
    """Error of the operating system, with its file and, for a full disk, the remedy."""
    message = error.strerror or str(error)
    file = str(error.filename) if error.filename else None
    remedy = FREE_SPACE if error.errno == errno.ENOSPC else None
    text = ": ".join(part for part in (message, file, remedy) if part)
    return CommandError("system", FAILED, text, file=file, remedy=remedy)


@contextmanager
def report_errors(*, as_json: bool) -> Iterator[None]:
    """End the process with the message and the exit code of an error inside it."""
    try:
        yield
    except BrokenPipeError:
        # The reader of our output has closed it, as `head` does: nothing failed.
        # Python flushes stdout at exit and would fail again: send the rest to /dev/null.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        click.echo("waymark: interrupted", err=True)
        sys.exit(INTERRUPTED)
    except (click.exceptions.Exit, click.Abort):
        raise
    except click.ClickException as error:
        if not as_json:
            raise  # click prints it with the usage of the command
        error.show()
        _exit_with(describe_error(error), as_json=True)
    except Exception as error:
        described = describe_error(error)
        if described.kind == "internal":
            traceback.print_exc()
        click.echo(f"waymark: {described.message}", err=True)
        _exit_with(described, as_json=as_json)


def _exit_with(error: CommandError, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps({"error": asdict(error)}, ensure_ascii=False, indent=2))
    sys.exit(error.exit_code)


class WaymarkGroup(click.Group):
    """The waymark command and its groups: they report errors in one way, and their help has the
    whole first sentence of each command."""

    group_class = type  # groups of a group are of this class too

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without click's cut at the width of the terminal."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, self.commands[name].get_short_help_str(limit=1_000))
                    for name in self.list_commands(ctx)
                ]
            )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options before the command: their errors are reported like those of others."""
        with report_errors(as_json="--json" in args):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command and report how it ends."""
        with report_errors(as_json="--json" in ctx.args):
            return super().invoke(ctx)
