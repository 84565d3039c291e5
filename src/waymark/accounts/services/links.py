"""Links by which people choose a password: invitations and resets.

The emails with the links are written in waymark.pipeline.mail.account_links.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import salted_hmac

from waymark.accounts import audit
from waymark.accounts.models import (
    AccountLink,
    FailedSignIn,
    KnownNetwork,
    LinkKind,
    ResetRequest,
    User,
)
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.queries import digest_of, open_link
from waymark.accounts.services.people import check_password, set_password
from waymark.accounts.sessions import delete_sessions
from waymark.accounts.sign_in import COUNTED, NETWORK_KNOWN, failures_of, knows_network
from waymark.core.errors import RuleError

INVITATION_VALID, RESET_VALID = timedelta(days=7), timedelta(hours=1)
DAY = timedelta(days=1)
MOST_OF_AN_ADDRESS, MOST_OF_A_NETWORK = 3, 20
"""Resets that are asked for within a day."""
MOST_ACCOUNTS = 5
"""Accounts with one email address that get a link each."""


class TooManyResets(RuleError):
    """The limit of a network is reached, which does not depend on the address."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link and its token, which is stored nowhere."""

    link: AccountLink
    token: str


@audit.serialized
def add_invitation(*, person: User, by: Actor, now: datetime) -> NewLink:
    """Make a link by which a person chooses a password; it replaces earlier ones.

    Raises NotPermitted, or RuleError for a closed account.
    """
    require_permission(by, "manage accounts")
    if not person.is_active:
        raise RuleError(f"the account {person} is closed: reopen it first")
    made = _new_link(person, LinkKind.INVITATION, now + INVITATION_VALID, now)
    audit.record_about(by, "invite", person, now)
    return made


@audit.serialized
def add_resets(*, address: str, network: str, now: datetime) -> list[NewLink]:
    """Make a link for each open account with an email address; none for one that nobody has.

    Anybody may ask: pages give the same answer for every address. network: of who asks. Raises
    TooManyResets.
    """
    ResetRequest.objects.filter(at__lte=now - DAY).delete()
    typed, origin = _mark("address", address.strip().casefold()), _mark("network", network)
    if ResetRequest.objects.filter(network=origin).count() >= MOST_OF_A_NETWORK:
        raise TooManyResets("too many links were asked for today: try again tomorrow")
    people = User.objects.filter(is_active=True, email__iexact=address.strip()).order_by("pk")
    earlier = ResetRequest.objects.filter(address=typed)
    # Strangers must not use up what the person may ask for from where they have signed in before.
    if any(knows_network(person, network, now) for person in people[:MOST_ACCOUNTS]):
        earlier = earlier.filter(network=origin)
    too_many = earlier.count() >= MOST_OF_AN_ADDRESS
    ResetRequest.objects.create(address=typed, network=origin, at=now)
    if not address.strip() or too_many:
        return []
    links = []
    for person in people[:MOST_ACCOUNTS]:
        links.append(_new_link(person, LinkKind.RESET, now + RESET_VALID, now))
        audit.record_about(AnonymousUser(), "ask for new password", person, now)
    return links


def _mark(kind: str, value: str) -> str:
    return salted_hmac(f"password reset {kind}", value, algorithm="sha256").hexdigest()


def _new_link(person: User, kind: LinkKind, until: datetime, now: datetime) -> NewLink:
    # A stranger who asks for a reset must end neither an invitation nor the link in an email that
    # the person is about to open.
    if kind == LinkKind.INVITATION:
        person.links.filter(kind=kind).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    link = AccountLink.objects.create(
        person=person, kind=kind, digest=digest_of(token), made_at=now, expires_at=until
    )
    return NewLink(link, token)


@audit.serialized
def use_link(*, token: str, new: str, now: datetime) -> User:
    """Choose a password by a link, once: all links and sessions of the account end.

    It signs nobody in, so that a second factor is asked for as always. Raises NotFound for a used
    or old link, RuleError for a password that is too weak.
    """
    person = open_link(token, now).person
    check_password(new, person)
    set_password(person, new)
    person.links.update(expires_at=now)
    delete_sessions(person, now=now)
    failures_of(person).delete()
    audit.record_about(person, "choose password by link", person, now)
    return person


@audit.serialized
def forget_links(*, now: datetime) -> int:
    """Delete links that are too old; returns how many.

    With them go requests for links, failed sign-ins and networks that no longer count.
    """
    deleted, _ = AccountLink.objects.filter(expires_at__lte=now).delete()
    ResetRequest.objects.filter(at__lte=now - DAY).delete()
    FailedSignIn.objects.filter(at__lte=now - COUNTED).delete()
    KnownNetwork.objects.filter(seen_at__lte=now - NETWORK_KNOWN).delete()
    return deleted
