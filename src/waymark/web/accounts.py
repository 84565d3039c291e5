"""Signing in and out, one's own account, one's own password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from waymark.accounts.models import Role, User
from waymark.accounts.permissions import ALLOWED, roles_of
from waymark.accounts.services import change_password
from waymark.accounts.sign_in import note_sign_out, try_sign_in
from waymark.core.errors import NotPermitted
from waymark.web.origin import origin_of
from waymark.web.typed import typed


def _next_page(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site, or the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    here = {request.get_host()}
    if url_has_allowed_host_and_scheme(wanted, here, require_https=request.is_secure()):
        return wanted
    return reverse(settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in form, and what comes of it."""
    onward = _next_page(request)
    if request.user.is_authenticated:
        return redirect(onward)
    name = typed(request.POST.get("name", ""))
    said = {"name": name, "next": onward, "error": ""}
    if request.method != "POST":
        return render(request, "accounts/sign_in.html", said)
    outcome = try_sign_in(
        name=name,
        password=request.POST.get("password", ""),
        address=origin_of(request),
        now=timezone.now(),
    )
    if outcome.person is None:
        said["error"] = outcome.message
        return render(request, "accounts/sign_in.html", said, status=429 if outcome.paused else 400)
    login(request, outcome.person)
    return redirect(onward)


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
def account(request: HttpRequest) -> HttpResponse:
    """The person's own account: its roles and what they allow."""
    held = roles_of(request.user)
    return render(
        request,
        "accounts/account.html",
        {
            "roles": [role.label for role in Role if role in held],
            "may": [action for action, roles in ALLOWED.items() if roles & held],
        },
    )


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    person = request.user
    if not isinstance(person, User):  # login_required has seen to it; this tells the type checker
        raise NotPermitted("changing a password needs an account")
    form = PasswordChangeForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(
            by=person,
            current=form.cleaned_data["old_password"],
            new=form.cleaned_data["new_password1"],
            now=timezone.now(),
        )
        update_session_auth_hash(request, person)
        messages.success(
            request, "Your password is changed. Everywhere else you have been signed out."
        )
        return redirect("account")
    status = 400 if form.is_bound else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)
