"""The waymark command: reads, calls one function, prints. See docs/commands.md.

Exit codes: 0 done, 1 done with refusals, 2 wrong use, 3 failed. With --json one JSON object goes to
stdout and nothing else; progress goes to stderr.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec, TypeVar

import click

from waymark import __version__
from waymark.core.errors import WaymarkError

P = ParamSpec("P")
R = TypeVar("R")

DONE_WITH_REFUSALS = 1
FAILED = 3


def _fail(message: str) -> NoReturn:
    click.echo(f"waymark: {message}", err=True)
    sys.exit(FAILED)


def _one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """A product error becomes one line on stderr and exit code 3."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WaymarkError as error:
            _fail(" ".join(str(error).split()))
        except OSError as error:
            _fail(f"{error.strerror or error}: {error.filename or 'no file named'}")
        except click.ClickException:
            raise
        except Exception:
            traceback.print_exc()
            _fail("stopped on a fault of its own; what is above says where. Please report it.")

    return run


def _start() -> None:
    """Start Django on the data folder, and bring its database up to date."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "waymark.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    settings.DATA.mkdir(parents=True, exist_ok=True)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def _progress(label: str, total: int | None) -> Iterator[Callable[[str], None]]:
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


@main.command()
@click.option("--no-serve", is_flag=True, help="Build only.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@_one_line_errors
def demo(*, no_serve: bool, port: int) -> None:
    """Build the demo collection (24 fictional reviews) and serve it."""
    _start()
    from waymark.demo.build import build

    built = build(lambda step: click.echo(step, err=True))
    click.echo(
        f"The demo is built: {built.reviews} reviews, {built.reports} reports, "
        f"{built.passages:,} passages. All of it is fictional."
    )
    if built.passwords:
        click.echo("Demo accounts (the passwords are shown this once):")
        for name, password in built.passwords.items():
            click.echo(f"  {name:<14} {password}")
    else:
        click.echo("The accounts are as they were (new password: waymark account password NAME)")
    if not no_serve:
        _serve(port)


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@_one_line_errors
def serve(*, port: int) -> None:
    """Serve the site, with the worker that reads what is uploaded."""
    _start()
    _serve(port)


def _serve(port: int) -> None:
    from waymark.web.serve import serve as run

    click.echo(f"Waymark is at http://127.0.0.1:{port}/ (stop it with Ctrl-C)")
    run(port)


@main.command()
@click.option("--once", is_flag=True, help="Do what is waiting, then stop.")
@_one_line_errors
def work(*, once: bool) -> None:
    """Read uploaded files and bring the search index up to date, until stopped."""
    _start()
    from waymark.pipeline import work as run

    run(once=once)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--publish", is_flag=True, help="Let everybody see the reports at once.")
@as_json
@_one_line_errors
def ingest(*, paths: tuple[Path, ...], workers: int, publish: bool, as_json: bool) -> None:
    """Take in report files, or every file in a folder. Running it again stores nothing twice."""
    _start()
    from waymark.documents.ingest import expand
    from waymark.pipeline import ingest as run

    files = expand(paths)
    with _progress("Reading", len(files)) as move:
        result = run(files, workers=workers, publish=publish, by=None, on_done=move)
    said = result.as_json()
    if as_json:
        _print_json(said)
    else:
        click.echo(
            f"stored {said['stored']}, already here {said['already']}, refused "
            f"{len(said['refused'])}; {said['pages']:,} pages, {said['passages']:,} passages "
            f"in {said['seconds']} s"
        )
    for refusal in said["refused"]:
        click.echo(f"refused {refusal['file']}: {refusal['reason']}", err=True)
    if said["refused"]:
        sys.exit(DONE_WITH_REFUSALS)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@_one_line_errors
def text(*, file: Path, as_json: bool) -> None:
    """Print the text of a file, its pages and passages. Needs no database."""
    from waymark.documents.ingest import text_json

    said = text_json(file)
    if as_json:
        _print_json(said)
        return
    click.echo(said["text"])
    for warning in said["warnings"]:
        click.echo(f"note: {warning}", err=True)


@main.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@as_json
@_one_line_errors
def search(*, query: str, limit: int, as_json: bool) -> None:
    """Search records and passages: words, "phrases", AND, OR, NOT, field:value, (groups)."""
    _start()
    from waymark.library.queries import search_json

    said = search_json(query, limit=limit)
    if as_json:
        _print_json(said)
        return
    click.echo(f"{said['total']} found")
    for hit in said["hits"]:
        click.echo(f"\n{hit['record']}  {hit['title']}")
        for passage in hit["passages"]:
            click.echo(f"  p. {passage['page']}  {' '.join(passage['text'].split())[:200]}")


@main.group()
def framework() -> None:
    """Coding frameworks."""


@framework.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--publish", is_flag=True, help="Freeze this version, so that it can be used.")
@_one_line_errors
def framework_load(*, file: Path, publish: bool) -> None:
    """Load a framework's YAML; faults are told with their lines."""
    _start()
    from django.utils import timezone

    from waymark.frameworks.services import load_framework, publish_framework

    now = timezone.now()
    made = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=now)
    if publish:
        publish_framework(by=None, framework=made, now=now)
    click.echo(f"{made}: {made.codes.count()} codes, {made.variables.count()} variables")


@main.group()
def coding() -> None:
    """Coding files."""


@coding.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@_one_line_errors
def coding_import(*, file: Path, as_json: bool) -> None:
    """Take in one coder's work on one review from a YAML file."""
    _start()
    from django.utils import timezone

    from waymark.pipeline import import_coding

    new = import_coding(source=file.read_text("utf-8"), file=file.name, now=timezone.now())
    if as_json:
        _print_json({"file": file.name, "stored": new})
    else:
        click.echo(f"{file.name}: {'stored' if new else 'was stored before'}")


@main.group()
def overview() -> None:
    """Overview analyses."""


PROFILE = click.option(
    "--profile",
    type=click.Choice(["open", "k3", "k5", "r5"]),
    default="open",
    show_default=True,
    help="How small numbers are protected.",
)


@overview.command("table")
@click.argument("slug")
@click.argument("table")
@PROFILE
@as_json
@_one_line_errors
def overview_table(*, slug: str, table: str, profile: str, as_json: bool) -> None:
    """Print one table of an overview, with the evidence of every cell."""
    _start()
    from waymark.overview.plain import table_json, table_text
    from waymark.overview.queries import table_of

    made = table_of(slug, table, profile)
    if as_json:
        _print_json(table_json(made))
    else:
        click.echo(table_text(made))


@overview.command("render")
@click.argument("slug")
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True)
@PROFILE
@click.option("--formats", default="html,pdf", show_default=True, help="Comma-separated.")
@_one_line_errors
def overview_render(*, slug: str, to: Path, profile: str, formats: str) -> None:
    """Write an overview to a folder: html, pdf, csv, json."""
    _start()
    from waymark.publishing.export import render

    for made in render(slug, to, profile=profile, formats=formats.split(",")):
        click.echo(str(made))


@main.group()
def account() -> None:
    """Accounts of the people who work here."""


@account.command("create")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="May be given several times.")
@_one_line_errors
def account_create(*, name: str, roles: tuple[str, ...]) -> None:
    """Make an account with a random password, shown once."""
    _start()
    import secrets

    from django.utils import timezone

    from waymark.accounts.models import Role
    from waymark.accounts.services import create_account

    unknown = set(roles) - set(Role.values)
    if unknown:
        raise click.UsageError(
            f"no such role: {', '.join(sorted(unknown))}; roles are {', '.join(Role.values)}"
        )
    password = secrets.token_urlsafe(12)
    create_account(
        name=name,
        password=password,
        roles=[Role(role) for role in roles],
        by=None,
        now=timezone.now(),
    )
    click.echo(f"{name} {password}")


@account.command("password")
@click.argument("name")
@_one_line_errors
def account_password(*, name: str) -> None:
    """Give an account a new random password, shown once."""
    _start()
    import secrets

    from django.utils import timezone

    from waymark.accounts.models import User
    from waymark.accounts.services import reset_password

    person = User.objects.filter(username=name).first()
    if person is None:
        _fail(f"there is no account {name}")
    password = secrets.token_urlsafe(12)
    reset_password(person=person, new=password, by=None, now=timezone.now())
    click.echo(f"{name} {password}")


@main.command()
@as_json
@_one_line_errors
def doctor(*, as_json: bool) -> None:
    """Check every promise of the installation against what is really there."""
    _start()
    from django.utils import timezone

    from waymark.accounts.audit import head
    from waymark.pipeline import examine

    found = examine(now=timezone.now())
    well = not any(one.faults for one in found)
    if as_json:
        checks = [{"check": one.name, "faults": list(one.faults)} for one in found]
        _print_json({"well": well, "audit_head": head(), "checks": checks})
    else:
        for one in found:
            click.echo(f"{'ok   ' if not one.faults else 'FAULT'} {one.name}")
            for fault in one.faults:
                click.echo(f"      {fault}")
        click.echo(f"Head of the audit chain, to be kept elsewhere: {head()}")
    if not well:
        sys.exit(FAILED)
