"""Field for an email address that alerts can be sent to."""

from typing import Any

from django.core.exceptions import ValidationError

from waymark.alerts.address_spelling import address_key
from waymark.core.errors import ParseError
from waymark.web.shared.fields import EmailField

NO_ADDRESS = "Enter an email address, such as name@example.org."


class AddressField(EmailField):
    """An email address that has the one spelling of subscribers."""

    def __init__(self, label: str = "Email address", **more: Any) -> None:
        super().__init__(label, missing=NO_ADDRESS, **more)

    def clean(self, value: Any) -> str:
        """The address as it was typed. Raises ValidationError."""
        address: str = super().clean(value)
        try:
            address_key(address)
        except ParseError as error:
            raise ValidationError(f"{NO_ADDRESS[:-1]}: {error.reason}.") from error
        return address
