"""Pages of the sign-in by an organisation: the way there, and the way back."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from waymark.accounts import services
from waymark.accounts.models import User
from waymark.accounts.organisation import (
    note_refusal,
    proves_factor,
    require_entry,
    try_organisation,
)
from waymark.accounts.sessions import CONFIRMED, FACTOR_ELSEWHERE, FRESH
from waymark.core.errors import NotFound, RuleError
from waymark.pipeline.organisation_sign_in import (
    Begun,
    NoAnswer,
    ProvenIdentity,
    Refused,
    begin,
    finish,
)
from waymark.setting_values import OrganisationSignIn
from waymark.web.accounts.landing import INVITATION, next_page, start_page
from waymark.web.accounts.second_factor import begin_second_step
from waymark.web.middleware.pacing import ORGANISATION, paced
from waymark.web.shared.client_address import client_network
from waymark.web.shared.known_device import remember_device

SESSION = "organisation_sign_in"
VALID = timedelta(minutes=10)
"""How long a person may take at the organisation."""


def _provider() -> OrganisationSignIn:
    provider: OrganisationSignIn | None = settings.ORGANISATION_SIGN_IN
    if provider is None:
        raise Http404("there is no sign-in by an organisation")
    return provider


def _back() -> str:
    """Where the provider sends the browser: an address that is registered there."""
    return f"{settings.SITE_ADDRESS}{reverse('organisation-back')}"


@never_cache
@paced(ORGANISATION)
@require_safe
def to_organisation(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in of the organisation, for an invitation if the session has one."""
    provider = _provider()
    try:
        address, begun = begin(provider, _back(), again=request.user.is_authenticated)
    except NoAnswer as error:
        return _problem(request, str(error), 503)
    request.session[SESSION] = {
        "begun": begun.as_data(),
        "next": next_page(request),
        "invitation": request.session.pop(INVITATION, ""),
        "until": (timezone.now() + VALID).isoformat(),
    }
    return redirect(address)


@never_cache
@paced(ORGANISATION)
@require_safe
def from_organisation(request: HttpRequest) -> HttpResponse:
    """Sign in whom the organisation has signed in."""
    provider, now = _provider(), timezone.now()
    kept = _taken(request, now)
    begun = Begun(**kept["begun"]) if kept else None
    try:
        identity = finish(provider, _back(), begun, request.GET.dict(), now)
        if kept["invitation"]:
            _use_invitation(provider, identity, kept["invitation"], now)
    except Refused as error:
        note_refusal(error.reason, now)
        return _problem(request, str(error), 400)
    except NoAnswer as error:
        return _problem(request, str(error), 503)
    except (NotFound, RuleError) as error:
        note_refusal("invitation", now, identifier=identity.subject)
        return _problem(request, str(error), 400)
    return _enter(request, provider, identity, kept["next"], now)


def _taken(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the session kept, which is used up by it; {} for nothing, or if it is too old."""
    kept: dict[str, Any] = request.session.pop(SESSION, {})
    return kept if kept and now < datetime.fromisoformat(kept["until"]) else {}


def _use_invitation(
    provider: OrganisationSignIn, identity: ProvenIdentity, token: str, now: datetime
) -> None:
    require_entry(provider, identity.claims)
    services.link_by_invitation(
        token=token, issuer=identity.issuer, subject=identity.subject, now=now
    )


def _enter(
    request: HttpRequest,
    provider: OrganisationSignIn,
    identity: ProvenIdentity,
    onward: str,
    now: datetime,
) -> HttpResponse:
    outcome = try_organisation(
        provider=provider,
        subject=identity.subject,
        claims=identity.claims,
        network=client_network(request),
        now=now,
    )
    if outcome.code_for is not None:
        return begin_second_step(request, outcome.code_for, onward or start_page(outcome.code_for))
    if outcome.person is None:
        return _problem(request, outcome.message, 403)
    return _signed_in(request, outcome.person, provider, identity, onward, now)


def _signed_in(
    request: HttpRequest,
    person: User,
    provider: OrganisationSignIn,
    identity: ProvenIdentity,
    onward: str,
    now: datetime,
) -> HttpResponse:
    login(request, person)
    request.session[FACTOR_ELSEWHERE] = proves_factor(provider, identity.claims)
    # A provider that remembers the person has not asked who sits there now.
    asked = identity.claims.get("auth_time") or 0
    if now.timestamp() - asked > FRESH.total_seconds():
        request.session.pop(CONFIRMED, None)
    else:
        request.session[CONFIRMED] = now.isoformat()
    return remember_device(request, redirect(onward or start_page(person)), person)


def _problem(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return render(request, "accounts/organisation.html", {"message": message}, status=status)
