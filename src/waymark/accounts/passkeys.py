"""Passkeys (WebAuthn level 2): what a browser is asked for, and the check of what it answers.

    site                  browser                          site
    challenge in page  -> passkey signs it, after the   -> check of origin, challenge, signature,
    and in session        person has shown who they are    of the person's own keys, of the counter

The site has only public keys. The signature covers the address of the site that asked, so a page
of another site cannot pass it on.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from struct import error as StructError
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac
from fido2.cose import ES256, RS256, EdDSA
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from waymark.accounts.models import Passkey, User
from waymark.core.errors import RuleError, require_found

CHALLENGE_VALID = timedelta(minutes=5)
MOST = 10
"""Passkeys of an account."""
LONGEST_ID = 1_023
"""Bytes of the id of a passkey, by the standard."""
KINDS = [one.ALGORITHM for one in (ES256, EdDSA, RS256)]
"""Kinds of keys that are taken; every authenticator makes one of them."""
MALFORMED = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    StructError,
)
"""What the library raises for an answer that no browser gives, or that proves nothing."""

WRONG_PASSKEY = "This passkey was not accepted. Try again, or use a code."
TOO_LATE = "That took too long, or the page was used before. Try again on this page."
COPIED = (
    "This passkey may have been copied, so it was not accepted. "
    "Sign in with a code, remove the passkey, and ask the person who manages accounts."
)


class CopiedPasskey(RuleError):
    """The counter of a passkey went back: somebody else may have a copy."""


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What a browser sent: PublicKeyCredential.toJSON() as text.

    challenge: state of ask_for_new() or ask(); None if the session has none for it.
    """

    text: str
    challenge: Mapping[str, Any] | None


def passkey_origin() -> str | None:
    """The origin at which passkeys work, such as "https://waymark.example"; None for none.

    Browsers need a name, no IP address, and HTTPS except on their own machine.
    """
    site = urlsplit(settings.SITE_ADDRESS)
    host = site.hostname or ""
    own = host == "localhost" or host.endswith(".localhost")
    if _is_ip_address(host) or (site.scheme != "https" and not own):
        return None
    return f"{site.scheme}://{site.netloc}"


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _server() -> Fido2Server:
    origin = passkey_origin()
    if origin is None:
        raise RuleError("passkeys need a site with a name and HTTPS: see WAYMARK_SITE_ADDRESS")
    host = urlsplit(origin).hostname
    server = Fido2Server(
        PublicKeyCredentialRpEntity(id=host, name=settings.SITE_NAME),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda sent: sent == origin,
    )
    server.timeout = int(CHALLENGE_VALID.total_seconds() * 1_000)  # type: ignore[assignment]
    server.allowed_algorithms = [one for one in server.allowed_algorithms if one.alg in KINDS]
    return server


def passkeys_of(person: User) -> list[Passkey]:
    """The passkeys of a person, the oldest first."""
    return list(person.passkeys.order_by("pk"))


def own_passkey(person: User, number: int) -> Passkey:
    """A passkey of a person by its primary key. Raises NotFound."""
    return require_found(person.passkeys.filter(pk=number).first(), "you have no such passkey")


def _credentials(person: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(one.credential)) for one in passkeys_of(person)]


# ---- questions ----


def ask_for_new(person: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """What navigator.credentials.create() takes, as JSON data, and the challenge to keep."""
    user = PublicKeyCredentialUserEntity(
        # The same at each time, so that a device keeps one passkey for an account; not the name.
        id=salted_hmac("passkey owner", str(person.pk), algorithm="sha256").digest(),
        name=person.username,
        display_name=person.first_name or person.username,
    )
    options, challenge = _server().register_begin(
        user,
        _credentials(person),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options), challenge


def ask(person: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """What navigator.credentials.get() takes, as JSON data, and the challenge to keep."""
    options, challenge = _server().authenticate_begin(
        _credentials(person), user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options), challenge


# ---- answers ----


def read_new(answer: PasskeyAnswer) -> AuthenticatorData:
    """The checked answer of a browser that made a passkey. Raises RuleError."""
    challenge = _challenge_of(answer)
    try:
        response = RegistrationResponse.from_dict(json.loads(answer.text))
        made = _server().register_complete(challenge, response)
    except MALFORMED:
        raise RuleError("the passkey was not accepted: try again") from None
    new = made.credential_data
    if (
        new is None
        or response.response.client_data.cross_origin
        or new.public_key.get(3) not in KINDS
        or len(new.credential_id) > LONGEST_ID
    ):
        raise RuleError("this site cannot use a passkey of this kind: try another device")
    return made


def read_use(person: User, answer: PasskeyAnswer) -> tuple[Passkey, int]:
    """The passkey of a person that a browser used, and its counter after that.

    Raises RuleError for any other, CopiedPasskey if the counter went back.
    """
    challenge = _challenge_of(answer)
    known = passkeys_of(person)
    credentials = [AttestedCredentialData(bytes(one.credential)) for one in known]
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer.text))
        used = _server().authenticate_complete(challenge, credentials, response)
    except MALFORMED:
        raise RuleError(WRONG_PASSKEY) from None
    if response.response.client_data.cross_origin:
        raise RuleError(WRONG_PASSKEY)
    passkey = known[credentials.index(used)]
    count = response.response.authenticator_data.counter
    # Zero at both ends: a passkey that a person has on several devices counts nothing.
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise CopiedPasskey(COPIED)
    return passkey, count


def _challenge_of(answer: PasskeyAnswer) -> Mapping[str, Any]:
    if answer.challenge is None:
        raise RuleError(TOO_LATE)
    return answer.challenge
