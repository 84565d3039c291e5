"""Commands to build the demo, serve the site, run background tasks and create accounts."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waymark.cli.common import as_json, main, print_answer, print_progress, start_django
from waymark.cli.errors import InstallationCommand
from waymark.core.processes import without_collector
from waymark.web.server.serve import require_port

if TYPE_CHECKING:
    from waymark.demo.build import DemoSize

DEMO_SETTINGS = {
    "WAYMARK_ORGANISATION": "Northshire Learning Partnership (fictional)",
    "WAYMARK_ORGANISATION_ADDRESS": "1 Example Street, Northshire",
    "WAYMARK_OPENING_HOURS": "Monday to Friday, 9am to 5pm, except public holidays",
    "WAYMARK_CONTACT_EMAIL": "ask@northshire.example",
    "WAYMARK_CONTACT_PHONE": "01632 960 001",
    "WAYMARK_COMPLAINTS_EMAIL": "complaints@northshire.example",
    "WAYMARK_EXIT_PAGE": "https://www.bbc.co.uk/weather",
}
"""Settings of the demo where the environment has none: addresses and a number that nobody has."""
PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port of the site.",
)


@main.command("demo", cls=InstallationCommand)
@click.option("--no-serve", is_flag=True, help="Build only.")
@PORT
def demo_command(*, no_serve: bool, port: int) -> None:
    """Build the demo collection (24 fictional reviews with reports) and serve it.

    The folder is ./demo-data, or the one given by --data. WAYMARK_DATA, DATABASE_URL
    and WAYMARK_ORIGINALS are ignored, because they name a real library.
    """
    from waymark.demo.folder import FOLDER, locked_demo_folder

    if not no_serve:
        require_port(port)
    folder = click.get_current_context().find_root().params["data"] or FOLDER
    # Set before Django reads its settings. The demo must never write to a real library, so the
    # variables that could name one are replaced or removed.
    os.environ["WAYMARK_DATA"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("WAYMARK_ORIGINALS", None)
    for name, value in DEMO_SETTINGS.items():
        os.environ.setdefault(name, value)
    with locked_demo_folder(folder, print_progress) as mark:
        start_django(migrate=True)
        from waymark.demo.build import build_demo

        built = build_demo(print_progress, new_passwords=not mark.passwords_shown)
        _print_built(built, folder)
        mark.write(passwords_shown=True)
    if not no_serve:
        _serve_site(port)


def _print_built(built: "DemoSize", folder: Path) -> None:
    click.echo(
        f"The demo is built: {built.reviews} reviews, {built.reports} reports, "
        f"{built.passages:,} passages. All of it is fictional. It is in {folder.resolve()}"
    )
    if built.passwords:
        click.echo("Demo accounts (passwords are shown only once):")
        for name, password in built.passwords.items():
            click.echo(f"  {name:<14} {password}")
    else:
        click.echo(
            "The accounts have not changed "
            f"(to set a new password: waymark --data {folder} account password NAME)"
        )


@main.command("serve", cls=InstallationCommand)
@PORT
def serve_command(*, port: int) -> None:
    """Serve the site and run the background workers."""
    require_port(port)
    start_django(migrate=True, list_originals=True)
    _serve_site(port)


def _serve_site(port: int) -> None:
    with without_collector():
        from waymark.library.services.thesaurus import load_builtin
        from waymark.web.server.serve import serve_site

    load_builtin(by=None, now=datetime.now(UTC))
    _print_connection_notes()
    click.echo(f"Waymark is at http://127.0.0.1:{port}/ (press Ctrl-C to stop)")
    serve_site(port)


@main.command("work", cls=InstallationCommand)
@click.option("--once", is_flag=True, help="Finish the waiting tasks, then stop.")
def work_command(*, once: bool) -> None:
    """Run background tasks until stopped: uploads, emails, file expiry, indexing."""
    start_django()
    from waymark.pipeline import run_worker as run

    _print_connection_notes()
    run(once=once)


def _print_connection_notes() -> None:
    from waymark.pipeline.checks.connection_notes import connection_notes

    for note in connection_notes():
        print_progress(f"warning: {note}")


ROLES = ("reader", "cataloguer", "coder", "analyst", "editor", "administrator")


@main.group("account")
def account_group() -> None:
    """Accounts of staff."""


@account_group.command("create")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLES),
    help="Can be given several times.",
)
@as_json
def account_create(*, name: str, roles: tuple[str, ...], as_json: bool) -> None:
    """Create an account with a random first password, shown once."""
    start_django(new=True)
    import secrets

    from waymark.accounts.models import Role
    from waymark.accounts.services import create_account

    password = secrets.token_urlsafe(12)
    create_account(
        name=name,
        password=password,
        roles=[Role(role) for role in roles],
        by=None,
        now=datetime.now(UTC),
        first=True,
    )
    answer = {"account": name, "password": password}
    print_answer(answer, f"{name} {password}", as_json=as_json)


@account_group.command("password")
@click.argument("name")
@as_json
def account_password(*, name: str, as_json: bool) -> None:
    """Give an account a new random first password, shown once."""
    start_django()
    import secrets

    from waymark.accounts.queries import find_account
    from waymark.accounts.services import reset_password

    person = find_account(name)
    password = secrets.token_urlsafe(12)
    reset_password(person=person, new=password, by=None, now=datetime.now(UTC), first=True)
    answer = {"account": str(person), "password": password}
    print_answer(answer, f"{person} {password}", as_json=as_json)
