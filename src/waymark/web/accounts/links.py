"""Pages by which people choose a password: a forgotten one, or the first by an invitation."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from waymark.accounts.models import LinkKind
from waymark.accounts.queries import open_link
from waymark.accounts.second_factor import has_factor
from waymark.accounts.services import TooManyResets
from waymark.core.errors import NotFound, RuleError
from waymark.pipeline.mail.account_links import choose_password, request_reset
from waymark.web.accounts.landing import INVITATION
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import EmailField, PasswordField
from waymark.web.shared.form_guard import GuardedForm
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.known_device import remember_device

LONG_ENOUGH = (
    "At least 12 characters. Several words in a row are good. Not one of the common passwords, no "
    "sequence of keys, and not the name of this site, of a role or of yourself."
)


def refuse_difference(form: SiteForm, first: str, again: str) -> None:
    """Add an error if two fields of a form have different passwords."""
    values = form.cleaned_data
    if {first, again} <= set(values) and values[first] != values[again]:
        form.add_error(again, "The two passwords differ. Enter the same one twice.")


class ForgottenPasswordForm(GuardedForm):
    """The email address of an account."""

    address = EmailField(
        "Email address of your account",
        missing="Enter an email address, such as name@example.org.",
    )


class NewPasswordForm(SiteForm):
    """A new password, twice."""

    new_password = PasswordField(
        "New password",
        missing="Enter a new password.",
        kind="new-password",
        hint=LONG_ENOUGH,
    )
    new_password_again = PasswordField(
        "New password once more",
        missing="Enter the new password once more.",
        kind="new-password",
    )

    def clean(self) -> dict[str, Any]:
        """Refuse two that differ."""
        values = super().clean() or {}
        refuse_difference(self, "new_password", "new_password_again")
        return values


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Ask for a link by email: the answer is the same for every address."""
    form, asked = ForgottenPasswordForm.of(request), False
    if form.is_valid():
        try:
            request_reset(
                address=form.cleaned_data["address"],
                network=client_network(request),
                now=timezone.now(),
            )
        except TooManyResets as error:
            form.refuse(error)
        else:
            asked = True
    context = {"form": form, "asked": asked}
    return render(request, "accounts/forgotten.html", context, status=form.http_status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def choose_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a password by a link; the person then signs in with it."""
    now = timezone.now()
    try:
        link = open_link(token, now)
    except NotFound:
        return render(request, "accounts/choose.html", {"person": None}, status=404)
    invited = link.kind == LinkKind.INVITATION
    organisation = settings.ORGANISATION_SIGN_IN if invited else None
    if organisation and request.POST.get("do") == "organisation":
        # By a form, which another site cannot send: else an invited person could let a colleague
        # link the account of the colleague. The page has a link because a form may lead to no
        # other site.
        request.session[INVITATION] = token
        context = {"person": link.person, "organisation": organisation}
        return render(request, "accounts/to_organisation.html", context)
    person, form = link.person, NewPasswordForm.of(request)
    if form.is_valid():
        try:
            choose_password(token=token, new=form.cleaned_data["new_password"], now=now)
        except RuleError as error:
            form.refuse(error, "new_password")
        else:
            messages.success(request, "Your password is set. Sign in with it.")
            answer = redirect("sign-in")
            # Whoever has the mailbox need not wait for those who guess from elsewhere; but a device
            # on which nobody has used the second factor is not known for guesses at its codes.
            return answer if has_factor(person) else remember_device(request, answer, person)
    context = {"form": form, "person": person, "organisation": organisation}
    return render(request, "accounts/choose.html", context, status=form.http_status)
