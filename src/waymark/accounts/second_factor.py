"""Second factors: codes of an app (TOTP), passkeys, recovery codes, and who needs one."""

import base64
import secrets
from datetime import datetime
from hmac import compare_digest

import pyotp
from django.conf import settings
from django.utils.crypto import salted_hmac

from waymark.accounts.models import Passkey, SecondFactor, User
from waymark.accounts.permissions import roles_of

STEP = 30
"""Seconds for which an app shows a code."""
AROUND = (0, -1, 1)
"""Steps before and after now whose codes are taken: clocks differ, and typing takes time."""
RECOVERY_CODES = 10
HALF = 5
"""Characters of each half of a recovery code."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of recovery codes: none that looks like another on paper."""


def needs_factor(person: User) -> bool:
    """True for a person whose role needs a second factor and who has none."""
    roles = settings.SECOND_FACTOR_ROLES
    return bool(roles and roles & roles_of(person)) and not has_factor(person)


def has_factor(person: User) -> bool:
    """True if a person has an app or a passkey."""
    return factor_of(person) is not None or Passkey.objects.filter(person=person).exists()


def factor_of(person: User) -> SecondFactor | None:
    """The app of a person that shows codes; None if there is none."""
    return SecondFactor.objects.filter(person=person).first()


def new_salt() -> str:
    """Random salt of a new secret."""
    return secrets.token_hex(32)


def secret_of(salt: str) -> str:
    """The secret of a salt, in base32 as apps take it."""
    digest = salted_hmac("second factor", salt, algorithm="sha256").digest()
    return base64.b32encode(digest[:20]).decode()


def app_address(person: User, salt: str) -> str:
    """Address by which an app takes the secret, for a QR code."""
    app = pyotp.TOTP(secret_of(salt))
    return app.provisioning_uri(name=person.username, issuer_name=settings.SITE_NAME)


def step_of(salt: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The step whose code this is; None for a wrong one, or one of a step not later than `after`.

    code: as typed, with or without spaces.
    """
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP
    app = pyotp.TOTP(secret_of(salt))
    for step in (present + offset for offset in AROUND):
        if step > after and compare_digest(app.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Random codes such as "k7m2p-x9qrt"."""
    return ["-".join(_letters() for _ in range(2)) for _ in range(RECOVERY_CODES)]


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(HALF))


def recovery_digest(person: User, code: str) -> str:
    """Keyed hash of a recovery code, as typed: capitals, spaces and the dash do not matter."""
    typed = "".join(letter for letter in code.casefold() if letter.isalnum())
    return salted_hmac("recovery code", f"{person.pk} {typed}", algorithm="sha256").hexdigest()
