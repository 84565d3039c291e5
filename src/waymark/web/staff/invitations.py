"""Page on which administrators invite a person, who chooses the password of the new account."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from waymark.accounts.models import Role
from waymark.accounts.permissions import require_permission
from waymark.core.errors import RuleError
from waymark.pipeline.mail.account_links import Invitation, invite_person
from waymark.web.shared.fields import CODE, TextField, TicksField
from waymark.web.shared.forms import SiteForm


class InvitationForm(SiteForm):
    """A new account."""

    name = TextField(
        "Account name",
        missing="Enter a name for the account.",
        most=150,
        attrs=CODE,
        hint="For signing in: letters, digits and @ . + - _",
    )
    full_name = TextField("Full name (optional)", most=150)
    email = TextField(
        "Email address (optional)",
        most=254,
        widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        hint="The invitation goes there, and later the link for a forgotten password.",
    )
    roles = TicksField("Roles", Role.choices, missing="Choose at least one role.")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invite_account(request: HttpRequest) -> HttpResponse:
    """Invite a person; the page then shows the link once, to pass it on where email does not."""
    require_permission(request.user, "manage accounts")
    form = InvitationForm.of(request)
    invitation = _invite(request, form) if form.is_valid() else None
    context = {"form": form, "invitation": invitation}
    return render(request, "staff/invite.html", context, status=form.http_status)


def _invite(request: HttpRequest, form: InvitationForm) -> Invitation | None:
    """Invite the person of a valid form; None if that was refused."""
    values = form.cleaned_data
    try:
        return invite_person(
            name=values["name"],
            full_name=values["full_name"],
            email=values["email"],
            roles=[Role(role) for role in values["roles"]],
            by=request.user,
            now=timezone.now(),
        )
    except RuleError as error:
        form.refuse(error)
        return None
