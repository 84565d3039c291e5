"""Base of the forms that anybody may send: a trap for programs, and a least time to fill it in."""

import secrets
import time
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError

from waymark.web.shared.fields import HiddenField, TextField
from waymark.web.shared.forms import SiteForm

LEAST_SECONDS = 2.0
"""No person reads a form and sends it faster; programs usually do."""
VALID_SECONDS = 86_400.0
SALT = "start of a form"
TOO_QUICK = "Wait a few seconds, then send it again. This stops programs that send spam."
AGAIN = "Check what you entered, then send the form again."


class GuardedForm(SiteForm):
    """A form that needs no account. homepage: out of sight, so that only programs fill it in.

    started: signed moment at which it was first shown. A form that is shown again with an error
    keeps it, so that nobody waits twice; one that is too old or of another site gets a new one.
    """

    homepage = TextField("Leave this field empty", attrs={"autocomplete": "off", "tabindex": -1})
    started = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        initial = {"started": started_token(), **(options.pop("initial", None) or {})}
        super().__init__(*args, initial=initial, **options)

    @property
    def shown_mark(self) -> str:
        """Mark of a form as it was shown: the same if it is sent again, and of nobody else."""
        return str(self["started"].value() or "")

    def clean_homepage(self) -> None:
        """Refuse programs."""
        if self.cleaned_data["homepage"]:
            raise ValidationError("Leave this field empty: it is there to stop programs.")

    def clean_started(self) -> None:
        """Refuse a form that nobody can have read, or that is not one of today."""
        open_seconds = _seconds_open(self.cleaned_data["started"])
        if open_seconds is None or open_seconds > VALID_SECONDS:
            self.put("started", started_token())
            self.add_error(None, AGAIN)
        elif open_seconds < LEAST_SECONDS:
            self.add_error(None, TOO_QUICK)


def started_token(*, ago: float = 0.0) -> str:
    """Mark of a form that is shown now, unlike any other. ago: seconds since it was shown."""
    return signing.dumps([time.time() - ago, secrets.token_hex(8)], salt=SALT)


def _seconds_open(token: str) -> float | None:
    """Seconds since a form was shown; None for a mark that is not ours."""
    try:
        moment, _ = signing.loads(token, salt=SALT)
        return time.time() - float(moment)
    except (signing.BadSignature, TypeError, ValueError):
        return None
