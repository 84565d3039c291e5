"""Decisions on disclosure: what makes one incomplete, what another profile would show. Pure."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from waymark.core.placeholders import placeholders
from waymark.overview.spec_selection import Decision

STRICTNESS = {"open": 0, "k3": 1, "k5": 2}
"""Profiles that show exact numbers, from the one that withholds nothing."""


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A decision as somebody records it. decided: the day on which the controller decided."""

    profile: str
    controller: str
    role: str
    reason: str
    decided: datetime.date


def is_weaker(profile: str, decided: str) -> bool:
    """Whether a profile may show what the one decided on withholds.

    k3 is weaker than k5. r5 prints rounded numbers, beside which exact ones tell more and exact
    ones beside which rounded ones do: it can stand for no other and no other for it.
    """
    if profile == decided or decided == "open":
        return False
    if "r5" in (profile, decided):
        return True
    return STRICTNESS[profile] < STRICTNESS[decided]


def is_overtaken(decision: Decision, recorded: Decision) -> bool:
    """Whether a decision is older than the one recorded, or of its day and protects less.

    A file on disk keeps the decision that it was written with when another has been recorded since.
    """
    if recorded.proposed or decision == recorded:
        return False
    if decision.proposed or decision.decided < recorded.decided:
        return True
    weaker = is_weaker(decision.profile, recorded.profile)
    return weaker and decision.decided == recorded.decided


def undecided(decision: Decision, today: datetime.date) -> list[str]:
    """Why a decision does not count, each as part of a sentence; empty where it does."""
    if decision.proposed:
        return [f"nobody has decided on the profile {decision.profile} yet: it is only proposed"]
    found = []
    names = {"controller": decision.controller, "role": decision.role, "reason": decision.reason}
    for name, text in names.items():
        found += [
            f"the {name} of the decision on disclosure is a placeholder, “{one.words}”"
            for one in placeholders(text or "")
        ]
    if decision.decided > today:
        day = decision.decided
        found.append(f"the decision on disclosure is dated {day.day} {day:%B %Y}, in the future")
    return found


def form_faults(form: DecisionForm, today: datetime.date) -> dict[str, str]:
    """Field -> what is wrong with it, as a sentence; empty where the decision can be recorded."""
    found: dict[str, str] = {}
    asked = {
        "controller": "Enter the name of the data controller who decided.",
        "role": "Enter the role of the data controller.",
        "reason": "Enter the reason for the decision.",
    }
    for name, message in asked.items():
        text = str(getattr(form, name))
        if not text.strip():
            found[name] = message
        elif placeholders(text):
            found[name] = f"{message} “{placeholders(text)[0].words}” is a placeholder."
    if form.decided > today:
        found["decided"] = "The date of the decision must be today or in the past."
    return found


def decision_part(form: DecisionForm, before: Decision) -> Mapping[str, Any]:
    """The disclosure part of a spec with a new decision; its other settings stay as they were."""
    made: dict[str, Any] = {
        "profile": form.profile,
        "controller": form.controller.strip(),
        "role": form.role.strip(),
        "reason": form.reason.strip(),
        "decided": form.decided,
    }
    if not before.open_process:
        made["open_process"] = False
    if before.keep_withheld:
        made["keep_withheld"] = True
    return made
