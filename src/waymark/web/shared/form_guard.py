"""Guard of the forms that anybody may send: a trap for programs, and a least time to fill it in."""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError

from waymark.web.shared.fields import HiddenField, TextField
from waymark.web.shared.forms import SiteForm

LEAST_SECONDS = 2
"""No person reads a form and sends it faster."""
VALID_FOR = timedelta(days=1)
SALT = "start of a form"
AGAIN = "Check what you entered, then send the form again."


def started_token() -> str:
    """The moment at which a form was shown, signed."""
    return signing.dumps("", salt=SALT)


class GuardedForm(SiteForm):
    """A form that anybody may send. homepage: out of sight, so that only programs fill it in.

    started: when it was shown. A form that comes back at once, or without a moment of ours, is
    shown again with what was typed, so that a person loses nothing.
    """

    homepage = TextField("Leave this field empty", attrs={"autocomplete": "off", "tabindex": -1})
    started = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        initial = {"started": started_token(), **options.pop("initial", {})}
        super().__init__(*args, initial=initial, **options)

    def clean_homepage(self) -> None:
        """Refuse programs."""
        if self.cleaned_data["homepage"]:
            raise ValidationError("Leave this field empty: it is there to stop programs.")

    def clean(self) -> dict[str, Any]:
        """Refuse what nobody can have read."""
        values = super().clean() or {}
        if not _was_read(values.get("started", "")):
            self.put("started", started_token())
            raise ValidationError(AGAIN)
        return values


def _was_read(token: str) -> bool:
    try:
        signing.loads(token, salt=SALT, max_age=VALID_FOR)
    except signing.BadSignature:
        return False
    try:
        signing.loads(token, salt=SALT, max_age=LEAST_SECONDS)
    except signing.SignatureExpired:
        return True
    return False
