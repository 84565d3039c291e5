"""Sign-in by an organisation (OpenID Connect): the authorisation code flow with PKCE.

    site                    browser                 provider of the organisation
    state, nonce, verifier -> /authorize          -> the person signs in there
    code, state            <- redirect            <-
    code, verifier         -----------------------> /token
    ID token               <-----------------------
    signature by its keys, issuer, audience, times, nonce checked

The provider is asked only when a person signs in, each time anew, with limits of time and size, and
no redirect is followed. Nothing is asked where the setting is off.
"""

import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from http.client import HTTPResponse
from time import monotonic
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from waymark import __version__
from waymark.alerts.feeds.fetching import FetchFailed, FetchLimits, PublicFetch
from waymark.core.errors import RuleError
from waymark.setting_values import OrganisationSignIn

logger = logging.getLogger(__name__)

LIMITS = {"most_bytes": 500_000, "most_seconds": 10.0}
LEEWAY = 60
"""Seconds by which clocks may differ."""
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures that are taken: by a key of the provider alone, never "none" or a shared secret."""
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Refused(RuleError):
    """The answer of the provider proves nothing. reason: for the audit log."""

    def __init__(self, reason: str) -> None:
        super().__init__("The sign-in by your organisation did not succeed. Try again from here.")
        self.reason = reason


class NoAnswer(RuleError):
    """The provider cannot be asked at the moment."""

    def __init__(self) -> None:
        super().__init__(
            "The sign-in of your organisation does not answer at the moment. Try again later, or "
            "sign in with your password."
        )


@dataclass(frozen=True, slots=True)
class Begun:
    """What the session keeps between the two ends of a sign-in."""

    state: str
    nonce: str
    verifier: str

    def as_data(self) -> dict[str, str]:
        """The same as JSON data."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """A person as the provider knows them. claims: of the ID token, all checked."""

    issuer: str
    subject: str
    claims: Mapping[str, Any]


def begin(provider: OrganisationSignIn, back: str, *, again: bool) -> tuple[str, Begun]:
    """The address to which the browser goes, and what to keep. back: address of return.

    again: for a person who is signed in and has to prove anew who they are. Raises NoAnswer.
    """
    begun = Begun(generate_token(48), generate_token(48), generate_token(64))
    address = prepare_grant_uri(
        _discovered(provider)["authorization_endpoint"],
        provider.client_id,
        "code",
        redirect_uri=back,
        scope="openid email profile",
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256",
        **({"prompt": "login", "max_age": 0} if again else {}),
    )
    return str(address), begun


def finish(
    provider: OrganisationSignIn,
    back: str,
    begun: Begun | None,
    sent: Mapping[str, str],
    now: datetime,
) -> ProvenIdentity:
    """Who has signed in. sent: parameters of the address of return. Raises Refused, NoAnswer."""
    if begun is None or sent.get("state") != begun.state:
        raise Refused("state")
    if "error" in sent or not sent.get("code"):
        raise Refused("the provider refused")
    if sent.get("iss", provider.issuer) != provider.issuer:  # RFC 9207
        raise Refused("issuer")
    about = _discovered(provider)
    token = _token(provider, about, back, sent["code"], begun)
    keys = _json(provider, about["jwks_uri"])
    claims = _checked(provider, token, keys, begun, now)
    return ProvenIdentity(provider.issuer, claims["sub"], claims)


def _discovered(provider: OrganisationSignIn) -> dict[str, Any]:
    """The provider's description of itself. Raises NoAnswer."""
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    about = _json(provider, address)
    if about.get("issuer") != provider.issuer:
        logger.warning("the provider at %s describes another issuer", provider.issuer)
        raise NoAnswer
    if not all(isinstance(about.get(name), str) for name in ENDPOINTS):
        logger.warning("the provider at %s does not describe its endpoints", provider.issuer)
        raise NoAnswer
    return about


def _token(
    provider: OrganisationSignIn, about: Mapping[str, Any], back: str, code: str, begun: Begun
) -> dict[str, Any]:
    """The answer of the token endpoint."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    ways = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if "client_secret_basic" in ways:
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    return _json(provider, about["token_endpoint"], urlencode(form).encode(), headers)


def _checked(
    provider: OrganisationSignIn,
    token: Mapping[str, Any],
    keys: dict[str, Any],
    begun: Begun,
    now: datetime,
) -> CodeIDToken:
    """The claims of an ID token. Raises Refused."""
    try:
        decoded = jwt.decode(
            str(token.get("id_token", "")),
            KeySet.import_key_set(keys),  # type: ignore[arg-type]  # checked by the library
            algorithms=ALGORITHMS,
        )
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {
                "nonce": begun.nonce,
                "client_id": provider.client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"ID token: {error}"[:200]) from error
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise Refused("ID token: subject")
    return claims


def _json(
    provider: OrganisationSignIn,
    address: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What an address of the provider answers. Raises NoAnswer, Refused for a refused code."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in provider.private_hosts:
        logger.warning("the provider at %s names an address without HTTPS", provider.issuer)
        raise NoAnswer
    limits = FetchLimits(**LIMITS, private_hosts=provider.private_hosts)  # type: ignore[arg-type]
    fetch = PublicFetch(limits, monotonic())
    sent = {"User-Agent": f"Waymark/{__version__}", "Accept": "application/json"}
    ports = {443, urlsplit(provider.issuer).port or 443}
    method = "GET" if body is None else "POST"
    try:
        status, content = fetch.once(
            address, sent | dict(headers or {}), ports, _read, method, body
        )
        if body is not None and 400 <= status < 500:
            raise Refused("the provider refused the code")
        answer = json.loads(content) if status == 200 else None
    except (FetchFailed, ValueError) as error:
        logger.warning("the provider at %s did not answer: %s", provider.issuer, error)
        raise NoAnswer from error
    if not isinstance(answer, dict):
        logger.warning("the provider at %s answered %s", provider.issuer, status)
        raise NoAnswer
    return answer


def _read(response: HTTPResponse) -> tuple[int, bytes]:
    most = int(LIMITS["most_bytes"])
    content = response.read(most + 1)
    if len(content) > most:
        raise FetchFailed("its answer is too large", "")
    return response.status, content
