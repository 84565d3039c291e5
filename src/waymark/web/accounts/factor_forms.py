"""What the pages of second factors share: forms with a code or a passkey, and what they send."""

from typing import Any

from django.http import HttpRequest

from waymark.accounts.models import User
from waymark.accounts.proofs import Proof
from waymark.core.errors import NotPermitted, RuleError
from waymark.web.shared.fields import HiddenField, PasswordField, TextField
from waymark.web.shared.forms import SiteForm
from waymark.web.shared.kept_forms import LONGEST
from waymark.web.shared.passkey_forms import PasskeyField, passkey_address, question, take_answer

CODE = {
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
    "class": "short",
}


class CodeForm(SiteForm):
    """A code of the app, a recovery code, or the use of a passkey. kept: see SignInForm."""

    kept = HiddenField(most=LONGEST)
    passkey = PasskeyField()
    code = TextField("Code", most=20, attrs=CODE)

    def clean(self) -> dict[str, Any]:
        """Refuse a form without either."""
        return require_proof(self, super().clean())


class RemoveFactorForm(SiteForm):
    """The end of an app or a passkey, with the password and a second factor."""

    passkey = PasskeyField()
    password = PasswordField("Current password", missing="Enter your current password.")
    code = TextField("Code of the app, or a recovery code", most=20, attrs=CODE)

    def clean(self) -> dict[str, Any]:
        """Refuse a form without a second factor."""
        return require_proof(self, super().clean())


class RenewCodesForm(RemoveFactorForm):
    """New recovery codes, with the password and a second factor."""


def require_proof(form: SiteForm, values: dict[str, Any] | None) -> dict[str, Any]:
    """The values of a form with a code or the use of a passkey; an error in it without."""
    values = values or {}
    if "code" not in form.errors and not values.get("code") and not values.get("passkey"):
        form.refuse("Enter a code.", "code")
    return values


def proof_of(request: HttpRequest, form: SiteForm) -> Proof:
    """The second factor that was sent."""
    answer = form.cleaned_data["passkey"]
    return take_answer(request, answer) if answer else str(form.cleaned_data["code"])


def passkey_question(request: HttpRequest, person: User) -> dict[str, str]:
    """What passkey_area.html shows: the question, or where the person has to go for it."""
    asked = question(request, person)
    elsewhere = "" if asked or not person.passkeys.exists() else passkey_address()
    return {"question": asked, "elsewhere": elsewhere}


def try_service(form: SiteForm, service: Any, **values: Any) -> Any:
    """What a service returns; None, and an error in the form, if it refuses."""
    try:
        return service(**values)
    except NotPermitted as error:
        form.refuse(error, "password")
    except RuleError as error:
        form.refuse(error)
    return None
