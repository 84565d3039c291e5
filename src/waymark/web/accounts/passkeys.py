"""Pages on which people add and remove their passkeys."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from waymark.accounts import services
from waymark.accounts.models import User
from waymark.accounts.passkeys import own_passkey, passkeys_of
from waymark.web.accounts.factor_forms import (
    RemoveFactorForm,
    passkey_question,
    proof_of,
    try_service,
)
from waymark.web.accounts.second_factor import codes_page, signed_in
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import PasswordField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.passkey_forms import (
    PasskeyField,
    passkey_address,
    question_for_new,
    take_answer,
)


class AddPasskeyForm(SiteForm):
    """A new passkey."""

    passkey = PasskeyField()
    name = TextField(
        "Name of the passkey",
        missing="Enter a name, such as My work phone.",
        hint="By which you know it again, such as My work phone.",
        most=60,
    )
    password = PasswordField("Current password", missing="Enter your current password.")


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def passkeys(request: HttpRequest) -> HttpResponse:
    """One's passkeys, and the form that adds one."""
    person = signed_in(request)
    form = AddPasskeyForm.of(request)
    if request.method == "POST" and form.is_valid():
        codes = _add(request, form, person)
        if codes:
            return codes_page(request, codes, added=True)
        if codes is not None:
            messages.success(request, "Your passkey is added.")
            return redirect("passkeys")
    context = {
        "form": form,
        "passkeys": passkeys_of(person),
        "question": question_for_new(request, person),
        "address": passkey_address(),
    }
    return render(request, "accounts/passkeys.html", context, status=form.http_status)


def _add(request: HttpRequest, form: AddPasskeyForm, person: User) -> list[str] | None:
    """Recovery codes, [] after an earlier factor; None, and an error in the form, if refused."""
    answer = form.cleaned_data["passkey"]
    if not answer:
        form.refuse("No passkey was made. It needs a browser with JavaScript.")
        return None
    codes: list[str] | None = try_service(
        form,
        services.add_passkey,
        by=person,
        name=form.cleaned_data["name"],
        answer=take_answer(request, answer),
        password=form.cleaned_data["password"],
        keep=request.session.session_key,
        now=timezone.now(),
    )
    return codes


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_passkey(request: HttpRequest, number: int) -> HttpResponse:
    """Remove one of one's passkeys."""
    person = signed_in(request)
    passkey = own_passkey(person, number)
    form = RemoveFactorForm.of(request)
    if form.is_valid():
        try_service(
            form,
            services.remove_passkey,
            by=person,
            number=number,
            password=form.cleaned_data["password"],
            proof=proof_of(request, form),
            network=client_network(request),
            keep=request.session.session_key,
            now=timezone.now(),
        )
        if not form.errors:
            messages.success(request, f"The passkey {passkey.name} is removed.")
            return redirect("passkeys")
    context = {"form": form, "passkey": passkey} | passkey_question(request, person)
    return render(request, "accounts/remove_passkey.html", context, status=form.http_status)
