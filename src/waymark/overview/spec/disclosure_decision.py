"""Disclosure decisions: when one is incomplete, and which of two protects less. Pure."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from waymark.core.placeholders import find_placeholders
from waymark.core.wording import date_in_words
from waymark.overview.spec.selection import DisclosureDecision

STRICTNESS = {"open": 0, "k3": 1, "k5": 2}
"""Profiles that show exact numbers, by how much they withhold."""


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A disclosure decision to record. decided: the day of the controller's decision."""

    profile: str
    controller: str
    role: str
    reason: str
    decided: datetime.date


def is_weaker(profile: str, decided: str) -> bool:
    """True if a profile can show what the profile decided on withholds.

    k3 is weaker than k5. r5 shows rounded numbers: exact numbers reveal more beside rounded ones,
    and rounded ones more beside exact ones. So r5 can replace no other profile, and none r5.
    """
    if profile == decided or decided == "open":
        return False
    # Rounded 5 beside exact 7 shows that 7 was printed as 5: the two reveal more than either alone.
    if "r5" in (profile, decided):
        return True
    return STRICTNESS[profile] < STRICTNESS[decided]


def is_overtaken(decision: DisclosureDecision, recorded: DisclosureDecision) -> bool:
    """True if a decision is older than the one recorded, or of the same day and protects less.

    A file on disk still has the decision of the day it was written after another was recorded.
    """
    if recorded.proposed or decision == recorded:
        return False
    # A proposal never replaces a recorded decision, whatever its date.
    if decision.proposed or decision.decided < recorded.decided:
        return True
    weaker = is_weaker(decision.profile, recorded.profile)
    return weaker and decision.decided == recorded.decided


def decision_gaps(decision: DisclosureDecision, today: datetime.date) -> list[str]:
    """Reasons why a decision is not valid, each as part of a sentence; empty if it is."""
    if decision.proposed:
        return [f"the profile {decision.profile} is only proposed"]
    reasons = []
    names = {"controller": decision.controller, "role": decision.role, "reason": decision.reason}
    for name, text in names.items():
        reasons += [
            f"the {name} of the decision on disclosure is a placeholder, “{placeholder.words}”"
            for placeholder in find_placeholders(text or "")
        ]
    if decision.decided > today:
        day = decision.decided
        reasons.append(f"the decision on disclosure is dated {date_in_words(day)}, in the future")
    return reasons


def form_faults(form: DecisionForm, today: datetime.date) -> dict[str, str]:
    """Field -> error message; empty if the decision can be recorded."""
    faults: dict[str, str] = {}
    messages = {
        "controller": "Enter the name of the data controller who decided.",
        "role": "Enter the role of the data controller.",
        "reason": "Enter the reason for the decision.",
    }
    for name, message in messages.items():
        text = str(getattr(form, name))
        if not text.strip():
            faults[name] = message
        elif find_placeholders(text):
            faults[name] = f"{message} “{find_placeholders(text)[0].words}” is a placeholder."
    if form.decided > today:
        faults["decided"] = "The date of the decision must be today or in the past."
    return faults


def decision_part(form: DecisionForm, before: DisclosureDecision) -> Mapping[str, Any]:
    """The disclosure part of a specification with a new decision and the settings of before."""
    part: dict[str, Any] = {
        "profile": form.profile,
        "controller": form.controller.strip(),
        "role": form.role.strip(),
        "reason": form.reason.strip(),
        "decided": form.decided,
    }
    # Only values that differ from the default are written, so an unchanged decision gives the same
    # text, and the same text is no new version.
    if not before.open_process:
        part["open_process"] = False
    if before.keep_withheld:
        part["keep_withheld"] = True
    return part
