"""Base of the forms that anyone can send: a trap for programs, and the time it took to fill in."""

import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from waymark.web.shared.client_address import client_address
from waymark.web.shared.fields import HiddenField, TextField
from waymark.web.shared.forms import SiteForm

LEAST_SECONDS = 2.0
"""A person takes longer to fill in a form; a program usually does not."""
SALT = "form opened"
TOO_QUICK = "Wait a few seconds, then send it again. This stops programs that send spam."


class GuardedForm(SiteForm):
    """A form that needs no account. homepage: out of sight, so that only programs fill it in.

    opened: signed moment at which the form was shown. A form that is shown again with an error
    keeps it, so that nobody waits twice.
    """

    homepage = TextField("Leave this field empty", attrs={"autocomplete": "off", "tabindex": -1})
    opened = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        initial = {"opened": opened_now(), **(options.pop("initial", None) or {})}
        super().__init__(*args, initial=initial, **options)

    def clean_homepage(self) -> None:
        """Refuse programs."""
        if self.cleaned_data["homepage"]:
            raise ValidationError("Leave this field empty: it is there to stop programs.")

    def clean_opened(self) -> None:
        """Refuse a form that was filled in faster than a person can, or of another site."""
        try:
            opened = float(signing.loads(self.cleaned_data["opened"], salt=SALT))
        except (signing.BadSignature, TypeError, ValueError):
            self.put("opened", opened_now())
            self.add_error(None, TOO_QUICK)
            return
        if time.time() - opened < LEAST_SECONDS:
            self.add_error(None, TOO_QUICK)


def opened_now(ago: float = 0.0) -> str:
    """The mark of a form that is shown now. ago: seconds since it was shown."""
    return signing.dumps(time.time() - ago, salt=SALT)


def client_network(request: HttpRequest) -> str:
    """The network of a client: an IPv4 address, or the /64 that one IPv6 connection has."""
    address = client_address(request)
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return address
