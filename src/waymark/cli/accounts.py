"""Commands to list accounts, grant and withdraw roles, close and reopen accounts."""

from datetime import UTC, datetime

import click

from waymark.cli.common import as_json, print_answer, print_json, start_django
from waymark.cli.site import ROLES, account_group

ROLE = click.option("--role", required=True, type=click.Choice(ROLES), help="The role.")


@account_group.command("list")
@as_json
def account_list(*, as_json: bool) -> None:
    """List every account with its roles, its last sign-in and whether it is closed."""
    start_django()
    from waymark.accounts.queries import all_accounts
    from waymark.coding.assignments import unfinished_of

    # None acts as the operator, who can see all accounts.
    people = all_accounts(None)
    if as_json:
        print_json(
            [
                {
                    "name": person.username,
                    "full_name": person.first_name,
                    "roles": sorted(person.roles),
                    "last_signed_in": person.last_login.isoformat() if person.last_login else None,
                    "closed": not person.is_active,
                    "unfinished_reviews": unfinished_of(person),
                }
                for person in people
            ]
        )
        return
    for person in people:
        last = person.last_login
        words = [
            ", ".join(sorted(person.roles)) or "no roles",
            f"last signed in {last:%Y-%m-%d}" if last else "never signed in",
            *([] if person.is_active else ["closed"]),
        ]
        click.echo(f"{person.username}: {'; '.join(words)}")


@account_group.command("grant")
@click.argument("name")
@ROLE
@as_json
def account_grant(*, name: str, role: str, as_json: bool) -> None:
    """Give an account a role. It applies from the person's next page."""
    start_django()
    from waymark.accounts.models import Role
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import grant_role

    person = find_account(name)
    grant_role(person=person, role=Role(role), by=None, now=datetime.now(UTC))
    roles = sorted(person.roles)
    answer = {"account": name, "roles": roles}
    print_answer(answer, f"{person}: {', '.join(roles)}", as_json=as_json)


@account_group.command("withdraw")
@click.argument("name")
@ROLE
@as_json
def account_withdraw(*, name: str, role: str, as_json: bool) -> None:
    """Remove a role from an account. It applies from the person's next page."""
    start_django()
    from waymark.accounts.models import Role
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import withdraw_role
    from waymark.coding.assignments import unfinished_of

    person = find_account(name)
    withdraw_role(person=person, role=Role(role), by=None, now=datetime.now(UTC))
    roles, unfinished = sorted(person.roles), unfinished_of(person)
    print_answer(
        {"account": name, "roles": roles, "unfinished_reviews": unfinished},
        f"{person}: {', '.join(roles) or 'no roles'}",
        *_unfinished_lines(unfinished),
        as_json=as_json,
    )


@account_group.command("close")
@click.argument("name")
@as_json
def account_close(*, name: str, as_json: bool) -> None:
    """Close an account. Its sessions end at once; its work keeps the person's name."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import close_account
    from waymark.coding.assignments import unfinished_of

    person = find_account(name)
    close_account(person=person, by=None, now=datetime.now(UTC))
    unfinished = unfinished_of(person)
    print_answer(
        {"account": name, "closed": True, "unfinished_reviews": unfinished},
        f"{person} is closed",
        *_unfinished_lines(unfinished),
        as_json=as_json,
    )


@account_group.command("reopen")
@click.argument("name")
@as_json
def account_reopen(*, name: str, as_json: bool) -> None:
    """Reopen a closed account with the roles it had."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import reopen_account

    person = find_account(name)
    reopen_account(person=person, by=None, now=datetime.now(UTC))
    roles = sorted(person.roles)
    print_answer(
        {"account": name, "closed": False, "roles": roles},
        f"{person} is open: {', '.join(roles) or 'no roles'}",
        as_json=as_json,
    )


@account_group.command("forget-failures")
@click.argument("name")
@as_json
def account_forget_failures(*, name: str, as_json: bool) -> None:
    """Forget failed attempts to sign in to an account, so that nobody has to wait for it."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import forget_failures
    from waymark.core.wording import counted

    person = find_account(name)
    number = forget_failures(person=person, by=None, now=datetime.now(UTC))
    words = f"{person}: {counted(number, 'failed attempt')} forgotten"
    print_answer({"account": name, "forgotten": number}, words, as_json=as_json)


@account_group.command("remove-factor")
@click.argument("name")
@as_json
def account_remove_factor(*, name: str, as_json: bool) -> None:
    """Remove the second factor of a person who has lost it. Their sessions end."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import remove_factor

    person = find_account(name)
    remove_factor(person=person, by=None, now=datetime.now(UTC))
    answer = {"account": name, "second_factor": False}
    print_answer(answer, f"{person} has no second factor", as_json=as_json)


@account_group.command("invite")
@click.argument("name")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Of a new account.")
@click.option("--email", default="", help="Of a new account; the invitation goes there.")
@click.option("--full-name", default="", help="Of a new account.")
@as_json
def account_invite(
    *, name: str, roles: tuple[str, ...], email: str, full_name: str, as_json: bool
) -> None:
    """Create an account, or take an existing one, and print a link to choose a password."""
    start_django(new=True)
    from waymark.accounts.models import Role
    from waymark.accounts.queries import find_account
    from waymark.pipeline.mail.account_links import invite_again, invite_person

    now = datetime.now(UTC)
    if roles:
        invitation = invite_person(
            name=name,
            full_name=full_name,
            email=email,
            roles=[Role(role) for role in roles],
            by=None,
            now=now,
        )
    elif email or full_name:
        raise click.UsageError("--email and --full-name are for a new account: give its --role")
    else:
        invitation = invite_again(person=find_account(name), by=None, now=now)
    answer = {"account": name, "link": invitation.link, "mailed": invitation.mailed}
    print_answer(answer, f"{name} {invitation.link}", as_json=as_json)


@account_group.command("email")
@click.argument("name")
@click.argument("address")
@as_json
def account_email(*, name: str, address: str, as_json: bool) -> None:
    """Store the email address of an account, to which links for a new password go."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import change_email

    person = find_account(name)
    change_email(person=person, email=address, by=None, now=datetime.now(UTC))
    answer = {"account": name, "email": person.email}
    print_answer(answer, f"{person}: {person.email}", as_json=as_json)


@account_group.command("sign-out")
@click.argument("name")
@as_json
def account_sign_out(*, name: str, as_json: bool) -> None:
    """End every session of an account. The person can sign in again."""
    start_django()
    from waymark.accounts.queries import find_account
    from waymark.accounts.services import end_sessions
    from waymark.core.wording import counted

    person = find_account(name)
    ended = end_sessions(person=person, by=None, now=datetime.now(UTC))
    words = f"{person}: {counted(ended, 'session')} ended"
    print_answer({"account": name, "ended": ended}, words, as_json=as_json)


def _unfinished_lines(references: list[str]) -> list[str]:
    if not references:
        return []
    return [f"unfinished reviews assigned to this account: {', '.join(references)}"]
