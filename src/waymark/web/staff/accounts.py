"""Pages for administrators: every account, its roles, closing it and opening it again."""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from waymark.accounts import queries, services
from waymark.accounts.models import Role, User
from waymark.accounts.organisation import linked_account
from waymark.accounts.passkeys import passkeys_of
from waymark.accounts.permissions import ALLOWED
from waymark.accounts.second_factor import factor_of
from waymark.accounts.sessions import live_sessions
from waymark.accounts.sign_in import failures_of
from waymark.coding.assignments import unfinished_of
from waymark.core.errors import RuleError
from waymark.pipeline.mail.account_links import Invitation, invite_again
from waymark.web.shared.clean_input import clean_line
from waymark.web.shared.lists import ListColumn, ListFilter, StaffList


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account of the list. roles: their labels."""

    person: User
    roles: list[str]


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as it is granted or withdrawn. actions: what it allows, in words."""

    role: Role
    granted: bool
    actions: list[str]


ACCOUNTS = StaffList(
    "account",
    "accounts",
    search=("username", "first_name"),
    columns=(
        ListColumn("Account", "account", ("username",)),
        ListColumn("Name", "name", ("first_name",)),
        ListColumn("Roles"),
        ListColumn("Last signed in", "signed-in", ("last_login",), falling=True),
        ListColumn(
            "Status", "status", ("-is_active", "username"), words=("open first", "closed first")
        ),
    ),
    order="status",
    filters=(
        ListFilter("role", "Role", dict(Role.choices), lambda value: Q(grants__role=value)),
        ListFilter(
            "status",
            "Status",
            {"open": "Open", "closed": "Closed"},
            lambda value: Q(is_active=value == "open"),
        ),
    ),
)


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """Every account with its roles and its last sign-in."""
    view = ACCOUNTS.view(request, queries.listed_accounts(request.user))
    rows = [AccountRow(person, _role_labels(person)) for person in view.rows]
    return render(request, "staff/accounts.html", {"list": view, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def manage_account(request: HttpRequest, number: int) -> HttpResponse:
    """One account: its roles, its links and sessions, closing it, opening it again."""
    person = queries.account_for(number, request.user)
    if request.method != "POST":
        return _account_page(request, person)
    try:
        if request.POST.get("action") == "invite":
            link = invite_again(person=person, by=request.user, now=timezone.now())
            return _account_page(request, person, invitation=link)
        message = _apply_action(request, person)
    except RuleError as error:
        return _account_page(request, queries.account_for(number, request.user), wrong=str(error))
    messages.success(request, message)
    return redirect("manage-account", number=person.pk)


def _apply_action(request: HttpRequest, person: User) -> str:
    """Do what the sent form asks for, and return a message. Raises RuleError."""
    by, now = request.user, timezone.now()
    action = request.POST.get("action", "")
    of_account: dict[str, tuple[Callable[..., object], str]] = {
        "close": (services.close_account, f"The account {person} is closed."),
        "reopen": (services.reopen_account, f"The account {person} is open again."),
        "forget": (services.forget_failures, f"{person} can try to sign in again."),
        "remove-factor": (services.remove_factor, f"The second factor of {person} is removed."),
        "unlink": (services.unlink_organisation, f"{person} signs in with a password again."),
        "sign-out": (services.end_sessions, f"{person} is signed out everywhere."),
    }
    if action in of_account:
        change, message = of_account[action]
        change(person=person, by=by, now=now)
        return message
    if action == "email":
        address = clean_line(request.POST.get("email", ""))
        services.change_email(person=person, email=address, by=by, now=now)
        return "The email address is saved."
    if action == "link":
        return _link_organisation(request, person)
    name = request.POST.get("role", "")
    if action not in {"grant", "withdraw"} or name not in Role.values:
        raise RuleError("choose a button on this page")
    role = Role(name)
    if action == "grant":
        services.grant_role(person=person, role=role, by=by, now=now)
        return f"{person} now has the role {role.label.lower()}."
    services.withdraw_role(person=person, role=role, by=by, now=now)
    return f"{person} no longer has the role {role.label.lower()}."


def _link_organisation(request: HttpRequest, person: User) -> str:
    provider = settings.ORGANISATION_SIGN_IN
    if provider is None:
        raise RuleError("there is no sign-in by an organisation: see WAYMARK_OIDC_ISSUER")
    subject = clean_line(request.POST.get("subject", ""))
    services.link_organisation(
        person=person, issuer=provider.issuer, subject=subject, by=request.user, now=timezone.now()
    )
    return f"{person} can sign in by {provider.name}."


def _account_page(
    request: HttpRequest, person: User, wrong: str = "", invitation: Invitation | None = None
) -> HttpResponse:
    rows = [
        RoleRow(role, role in person.roles, [name for name, who in ALLOWED.items() if role in who])
        for role in Role
    ]
    return render(
        request,
        "staff/account.html",
        {
            "person": person,
            "own": person == request.user,
            "roles": rows,
            "granted": _role_labels(person),
            "unfinished": unfinished_of(person, request.user),
            "app": factor_of(person),
            "passkeys": passkeys_of(person),
            "organisation": settings.ORGANISATION_SIGN_IN,
            "linked": linked_account(person),
            "failures": failures_of(person).count(),
            "sessions": live_sessions(person, now=timezone.now()),
            "wrong": wrong,
            "invitation": invitation,
        },
        status=400 if wrong else 200,
    )


def _role_labels(person: User) -> list[str]:
    return [role.label for role in Role if role in person.roles]
