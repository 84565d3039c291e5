"""Signing in and out, one's own account, one's own password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.models import Role, User
from waymark.accounts.permissions import ALLOWED, roles_of
from waymark.accounts.second_factor import factor_of
from waymark.accounts.services import change_password
from waymark.accounts.sign_in import note_sign_out, try_sign_in
from waymark.core.errors import NotPermitted, RuleError
from waymark.web.accounts.landing import next_page, start_page
from waymark.web.accounts.links import LONG_ENOUGH, refuse_difference
from waymark.web.accounts.second_factor import begin_second_step
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import HiddenField, PasswordField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.kept_forms import LONGEST, carried_form, kept_form, send_again_page
from waymark.web.shared.known_device import known_device, remember_device


class SignInForm(SiteForm):
    """An account name and its password.

    next: the page to open afterwards; kept: a form to send afterwards, see kept_forms.py.
    """

    next = HiddenField(most=100_000)
    kept = HiddenField(most=LONGEST)
    name = TextField(
        "Account name",
        missing="Enter your account name.",
        most=150,
        attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField("Password", missing="Enter your password.")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in."""
    onward = next_page(request)
    if request.user.is_authenticated:
        kept = carried_form(request)
        return (
            send_again_page(request, kept) if kept else redirect(onward or start_page(request.user))
        )
    form = SignInForm.of(request, initial={"next": onward})
    form.put("next", onward)  # The page repeats no address of another site.
    status = form.http_status
    if form.is_valid():
        outcome = try_sign_in(
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password"],
            network=client_network(request),
            device=known_device(request),
            now=timezone.now(),
        )
        if outcome.person is not None:
            login(request, outcome.person)
            kept = kept_form(form.cleaned_data["kept"])
            onward = onward or start_page(outcome.person)
            answer = send_again_page(request, kept) if kept else redirect(onward)
            return remember_device(request, answer, outcome.person)
        if outcome.code_for is not None:
            start = onward or start_page(outcome.code_for)
            return begin_second_step(
                request, outcome.code_for, start, kept=form.cleaned_data["kept"]
            )
        form.refuse(outcome.message)
        status = 429 if outcome.paused else 400
    return _sign_in_form(request, form, onward=onward, status=status)


def sign_in_page(request: HttpRequest, *, kept: str) -> HttpResponse:
    """The page for a person whose session ended: kept, what they sent, goes with the password."""
    form = SignInForm(initial={"kept": kept})
    answer = _sign_in_form(request, form, onward="", status=403)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _sign_in_form(
    request: HttpRequest, form: SignInForm, *, onward: str, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "kept": kept_form(str(form["kept"].value() or "")) is not None,
        "next": onward,
        "organisation": settings.ORGANISATION_SIGN_IN,
    }
    return render(request, "accounts/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    if isinstance(request.user, User):
        note_sign_out(person=request.user, now=timezone.now())
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect(settings.LOGOUT_REDIRECT_URL)


@login_required
@require_safe
def own_account(request: HttpRequest) -> HttpResponse:
    """The person's own account: its roles and what they allow."""
    own_roles = roles_of(request.user)
    person = request.user
    return render(
        request,
        "accounts/account.html",
        {
            "app": isinstance(person, User) and factor_of(person) is not None,
            "passkeys": person.passkeys.count() if isinstance(person, User) else 0,
            "roles": [role.label for role in Role if role in own_roles],
            "may": [action for action, roles in ALLOWED.items() if roles & own_roles],
        },
    )


class ChangePasswordForm(SiteForm):
    """One's own password, and a new one twice."""

    old_password = PasswordField("Current password", missing="Enter your current password.")
    new_password1 = PasswordField(
        "New password", missing="Enter a new password.", kind="new-password", hint=LONG_ENOUGH
    )
    new_password2 = PasswordField(
        "New password once more",
        missing="Enter the new password once more.",
        kind="new-password",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two new ones that differ."""
        values = super().clean() or {}
        refuse_difference(self, "new_password1", "new_password2")
        return values


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_own_password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    person = request.user
    if not isinstance(person, User):  # login_required has seen to it; this tells the type checker
        raise NotPermitted("changing a password needs an account")
    form = ChangePasswordForm.of(request)
    first = person.first_password_until is not None
    if form.is_valid() and _change_password(form, person):
        update_session_auth_hash(request, person)
        messages.success(
            request, "Your password is changed. Everywhere else you have been signed out."
        )
        return redirect(start_page(person) if first else "account")
    context = {"form": form, "first": first}
    return render(request, "accounts/password.html", context, status=form.http_status)


def _change_password(form: ChangePasswordForm, person: User) -> bool:
    """Change the password to what was sent; False if it was refused."""
    try:
        change_password(
            by=person,
            current=form.cleaned_data["old_password"],
            new=form.cleaned_data["new_password1"],
            now=timezone.now(),
        )
    except NotPermitted as error:
        form.refuse(error, "old_password")
        return False
    except RuleError as error:
        form.refuse(error, "new_password1")
        return False
    return True
