"""What a coder chooses for their own workbench: keys of codes, hidden passages, reminders."""

from collections.abc import Mapping

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import require_permission
from waymark.coding.models import CodeKey, CoderSettings, VeilChoice
from waymark.core.errors import RuleError
from waymark.frameworks.models import Code, Framework

LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""The keys that a coder can give to codes. Digits are of the codes used last."""
LONGEST_PAUSE = 240
"""Most minutes between reminders."""


@audit.serialized
def choose_keys(*, by: User, framework: Framework, keys: Mapping[str, str]) -> None:
    """Replace the coder's keys of a framework. keys: code -> letter.

    Raises NotPermitted, RuleError for an unknown code, another key or one given twice.
    """
    require_permission(by, "code")
    codes = {code.code: code for code in Code.objects.filter(framework=framework, code__in=keys)}
    for code, key in keys.items():
        if code not in codes:
            raise RuleError(f"{framework} has no code {code}")
        if len(key) != 1 or key not in LETTERS:
            raise RuleError(f"a key is one letter from a to z, not “{key}”")
    twice = {key for key in keys.values() if list(keys.values()).count(key) > 1}
    if twice:
        raise RuleError(
            f"each key can have one code: choose another for {', '.join(sorted(twice))}"
        )
    CodeKey.objects.filter(coder=by, framework=framework).delete()
    CodeKey.objects.bulk_create(
        CodeKey(coder=by, framework=framework, code=codes[code], key=key)
        for code, key in keys.items()
    )


@audit.serialized
def choose_settings(*, by: User, veil: str, break_minutes: int) -> None:
    """Store what the workbench hides and when it reminds of a break (minutes, 0 for never).

    Raises NotPermitted, RuleError.
    """
    require_permission(by, "code")
    if veil not in VeilChoice.values or not 0 <= break_minutes <= LONGEST_PAUSE:
        raise RuleError("choose from the list")
    chosen = {"veil": veil, "break_minutes": break_minutes}
    CoderSettings.objects.update_or_create(coder=by, defaults=chosen)
