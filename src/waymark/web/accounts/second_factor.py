"""Second factor: the second step of signing in, and the pages of the app that shows codes."""

from datetime import datetime, timedelta
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from waymark.accounts import services
from waymark.accounts.models import User
from waymark.accounts.proofs import try_second_step
from waymark.accounts.second_factor import (
    app_address,
    factor_of,
    has_factor,
    needs_factor,
    new_salt,
    secret_of,
)
from waymark.core.errors import NotPermitted
from waymark.web.accounts.factor_forms import (
    CODE,
    CodeForm,
    RemoveFactorForm,
    RenewCodesForm,
    passkey_question,
    proof_of,
    try_service,
)
from waymark.web.shared.client_address import client_network
from waymark.web.shared.fields import HiddenField, PasswordField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.kept_forms import carried_form, kept_form, send_again_page
from waymark.web.shared.known_device import known_device, remember_device
from waymark.web.shared.passkey_forms import passkeys_work_here

SESSION = "second_step"
"""Key in the session of whose password was right, and when."""
STEP_VALID = timedelta(minutes=10)
SALT = "new second factor"
SETTING_UP = timedelta(hours=1)


class AddFactorForm(SiteForm):
    """Proof that the app works. salt: signed, of the secret that the page shows."""

    salt = HiddenField()
    code = TextField(
        "Code that the app shows", missing="Enter the code of your app.", most=20, attrs=CODE
    )
    password = PasswordField("Current password", missing="Enter your current password.")


# ---- second step of signing in ----


def begin_second_step(
    request: HttpRequest, person: User, onward: str, *, kept: str = ""
) -> HttpResponse:
    """Remember whose password was right, and lead to the form for the code.

    kept: a form to send afterwards, which stays in the page and so in no session.
    """
    request.session[SESSION] = {
        "account": person.pk,
        "password": person.get_session_auth_hash(),
        "until": (timezone.now() + STEP_VALID).isoformat(),
        "next": onward,
    }
    if kept_form(kept) is None:
        return redirect("second-step")
    answer = _second_step_page(request, person, CodeForm(initial={"kept": kept}))
    answer["Cache-Control"] = "private, no-store"
    return answer


def _second_step_page(
    request: HttpRequest, person: User, form: CodeForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "app": factor_of(person) is not None}
    context |= passkey_question(request, person)
    return render(request, "accounts/second_step.html", context, status=status)


def _begun(request: HttpRequest) -> tuple[User, str] | None:
    """Whose password was right, and the page they came for; None if that is too long ago."""
    begun = request.session.get(SESSION)
    if not isinstance(begun, dict) or timezone.now() >= datetime.fromisoformat(begun["until"]):
        return None
    person = User.objects.filter(pk=begun["account"], is_active=True).first()
    if person is None or person.get_session_auth_hash() != begun["password"]:
        return None
    return person, begun["next"]


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """The code or passkey after the password."""
    begun = _begun(request)
    if begun is None:
        # KeptForms puts what the form carries into the page Sign in.
        return (
            redirect_to_login(reverse("my-work")) if carried_form(request) else redirect("sign-in")
        )
    person, onward = begun
    form = CodeForm.of(request)
    status = form.http_status
    if form.is_valid():
        outcome = try_second_step(
            person=person,
            proof=proof_of(request, form),
            network=client_network(request),
            device=known_device(request),
            now=timezone.now(),
        )
        if outcome.person is not None:
            del request.session[SESSION]
            login(request, person)
            kept = kept_form(form.cleaned_data["kept"])
            answer = send_again_page(request, kept) if kept else redirect(onward)
            return remember_device(request, answer, person)
        form.refuse(outcome.message, "code")
        status = 429 if outcome.paused else 400
    return _second_step_page(request, person, form, status=status)


# ---- one's own second factor ----


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Add an app where there is no second factor; else renew recovery codes, or remove the app."""
    person = signed_in(request)
    return _keep(request, person) if has_factor(person) else _add(request, person)


@never_cache
@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_app(request: HttpRequest) -> HttpResponse:
    """Add an app beside passkeys."""
    person = signed_in(request)
    return _add(request, person) if factor_of(person) is None else redirect("second-factor")


def signed_in(request: HttpRequest) -> User:
    """The person of a page with login_required, for the type checker."""
    if not isinstance(request.user, User):
        raise NotPermitted("sign in first")
    return request.user


def _add(request: HttpRequest, person: User) -> HttpResponse:
    salt = _salt_of(request.POST.get("salt", ""), person)
    signed = signing.dumps([person.pk, salt], salt=SALT)
    form = AddFactorForm.of(request, initial={"salt": signed})
    form.put("salt", signed)
    if request.method == "POST" and form.is_valid():
        codes = try_service(
            form,
            services.add_factor,
            by=person,
            salt=salt,
            code=form.cleaned_data["code"],
            password=form.cleaned_data["password"],
            keep=request.session.session_key,
            now=timezone.now(),
        )
        if codes:
            return codes_page(request, codes, added=True)
        if codes is not None:
            messages.success(request, "Your app is added.")
            return redirect("second-factor")
    secret = secret_of(salt)
    context = {
        "form": form,
        "qr_code": _qr_code(app_address(person, salt)),
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "required": needs_factor(person),
        "passkeys": passkeys_work_here(request) and not has_factor(person),
    }
    return render(request, "accounts/add_factor.html", context, status=form.http_status)


def _salt_of(signed: str, person: User) -> str:
    """The salt of a form that was shown to the person; a new one for any other."""
    try:
        number, salt = signing.loads(signed, salt=SALT, max_age=SETTING_UP)
    except (signing.BadSignature, TypeError, ValueError):
        return new_salt()
    return str(salt) if number == person.pk else new_salt()


def _qr_code(address: str) -> SafeString:
    """SVG of a QR code: dark on light in both colour schemes, because cameras need it."""
    svg = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return mark_safe(svg)  # noqa: S308  drawn by segno; the address is in it as squares


def _keep(request: HttpRequest, person: User) -> HttpResponse:
    do = request.POST.get("do", "")
    renew = RenewCodesForm(request.POST if do == "renew" else None, auto_id="renew-%s")
    remove = RemoveFactorForm(request.POST if do == "remove" else None, auto_id="remove-%s")
    now = timezone.now()
    if renew.is_valid():
        codes = try_service(
            renew,
            services.renew_recovery_codes,
            by=person,
            password=renew.cleaned_data["password"],
            proof=proof_of(request, renew),
            network=client_network(request),
            now=now,
        )
        if codes:
            return codes_page(request, codes, added=False)
    if remove.is_valid() and _remove(request, remove, person, now):
        messages.success(request, "The app is removed.")
        return redirect("account")
    form = remove if remove.errors else renew
    context: dict[str, Any] = {
        "form": form,
        "renew": renew,
        "remove": remove,
        "factor": factor_of(person),
        "passkeys": person.passkeys.count(),
        "left": person.recovery_codes.count(),
    }
    context |= passkey_question(request, person)
    return render(request, "accounts/second_factor.html", context, status=form.http_status)


def _remove(request: HttpRequest, form: RemoveFactorForm, person: User, now: datetime) -> bool:
    try_service(
        form,
        services.remove_own_factor,
        by=person,
        password=form.cleaned_data["password"],
        proof=proof_of(request, form),
        network=client_network(request),
        keep=request.session.session_key,
        now=now,
    )
    return not form.errors


def codes_page(request: HttpRequest, codes: list[str], *, added: bool) -> HttpResponse:
    """Recovery codes, shown once."""
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "added": added})
