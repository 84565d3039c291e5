"""Addresses whose owners had them erased."""

from django.utils.crypto import salted_hmac

from waymark.alerts.models import SuppressedAddress


def suppression_digest(key: str) -> str:
    """Keyed hash of an address in its one spelling: comparable, not readable."""
    return salted_hmac("suppressed address", key, algorithm="sha256").hexdigest()


def is_suppressed(key: str) -> bool:
    """True if the owner of this address had it erased and has not signed up again since."""
    return SuppressedAddress.objects.filter(digest=suppression_digest(key)).exists()
