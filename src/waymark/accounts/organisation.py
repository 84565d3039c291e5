"""Accounts at an organisation: who they belong to here, and whether they may sign in.

They are matched by issuer and subject. An email address links nothing: whoever can write one into
the directory of the organisation would get the account of another person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser

from waymark.accounts import audit
from waymark.accounts.models import OrganisationAccount, User
from waymark.accounts.second_factor import has_factor
from waymark.accounts.sign_in import SignIn, remember_network
from waymark.core.errors import RuleError
from waymark.setting_values import OrganisationSignIn

SUBJECT = "organisation account"
"""Subject of entries of the audit log about nobody's account here."""
NOT_ALLOWED = (
    "Your organisation's account may not be used here. "
    "Ask the person who manages accounts in your organisation."
)
CLOSED = "This account is closed. Ask the person who manages accounts in your organisation."


def account_of(issuer: str, subject: str) -> OrganisationAccount | None:
    """The row of an account at an organisation; None if it is not linked."""
    rows = OrganisationAccount.objects.select_related("person")
    return rows.filter(issuer=issuer, subject=subject).first()


def linked_account(person: User) -> OrganisationAccount | None:
    """The account of a person at an organisation; None if none is linked."""
    return OrganisationAccount.objects.filter(person=person).first()


def may_enter(provider: OrganisationSignIn, claims: Mapping[str, Any]) -> bool:
    """True for a person of an allowed domain and group."""
    claim, value = provider.group
    held = claims.get(claim) if claim else value
    if value not in (held if isinstance(held, list) else [held]):
        return False
    if not provider.domains:
        return True
    domain = str(claims.get("email", "")).rpartition("@")[2].lower()
    return claims.get("email_verified") is True and domain in provider.domains


def require_entry(provider: OrganisationSignIn, claims: Mapping[str, Any]) -> None:
    """Raise RuleError for a person of another domain or group."""
    if not may_enter(provider, claims):
        raise RuleError(NOT_ALLOWED)


def proves_factor(provider: OrganisationSignIn, claims: Mapping[str, Any]) -> bool:
    """True if the organisation has asked for a second factor, in the words of the setting."""
    amr = claims.get("amr")
    said = {one for one in amr if isinstance(one, str)} if isinstance(amr, list) else set()
    return bool(provider.factors & (said | {str(claims.get("acr"))}))


def try_organisation(
    *,
    provider: OrganisationSignIn,
    subject: str,
    claims: Mapping[str, Any],
    network: str,
    now: datetime,
) -> SignIn:
    """Whom an account at the organisation signs in, with checked claims; audited as passwords are.

    Who has a second factor here uses it, unless the organisation has asked for one.
    """
    if not may_enter(provider, claims):
        return _refuse("not allowed", NOT_ALLOWED, subject, now)
    linked = account_of(provider.issuer, subject)
    if linked is None:
        return _refuse("not linked", _not_linked(subject), subject, now)
    person = linked.person
    if not person.is_active:
        return _refuse("closed", CLOSED, subject, now, person)
    if has_factor(person) and not proves_factor(provider, claims):
        return SignIn(None, code_for=person)
    _note(linked, network, now)
    return SignIn(person)


def _not_linked(subject: str) -> str:
    return (
        "Your organisation's account is not linked to an account here. Give the person who manages "
        f"accounts this identifier: {subject}"
    )


@audit.serialized
def _note(linked: OrganisationAccount, network: str, now: datetime) -> None:
    linked.last_used_at = now
    linked.save(update_fields=["last_used_at"])
    remember_network(linked.person, network, now)
    audit.record_about(linked.person, "sign in", linked.person, now, way="organisation")


def _refuse(
    reason: str, message: str, subject: str, now: datetime, person: User | None = None
) -> SignIn:
    note_refusal(reason, now, person, identifier=subject)
    return SignIn(None, message)


@audit.serialized
def note_refusal(reason: str, now: datetime, person: User | None = None, **detail: str) -> None:
    """Audit a sign-in by an organisation that was refused."""
    audit.record_entry(
        actor=AnonymousUser(),
        action="refuse organisation sign-in",
        subject=person.audit_subject() if person else SUBJECT,
        now=now,
        reason=reason,
        **detail,
    )
