"""Strength of the action that a recommendation asks for, by the action hierarchy (no Django).

The scale is that of RCA2: Improving Root Cause Analyses and Actions to Prevent Harm (National
Patient Safety Foundation, 2015), after the hierarchy of actions of the US Department of Veterans
Affairs. It says how much an action depends on people remembering it, not how good the idea is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SOURCE = "RCA2: Improving Root Cause Analyses and Actions to Prevent Harm"
SOURCE_BY = "National Patient Safety Foundation, 2015"


@dataclass(frozen=True, slots=True)
class ActionStrength:
    """A step of the scale. meaning: one sentence; examples: from practice with children."""

    label: str
    meaning: str
    examples: str


STRENGTHS: Mapping[str, ActionStrength] = {
    "strong": ActionStrength(
        "Strong",
        "Changes the system, so that it works without anyone having to remember.",
        "A record that cannot be closed before a child was seen; one shared record instead of two;"
        " a step that is no longer needed; leaders who take part themselves.",
    ),
    "intermediate": ActionStrength(
        "Intermediate",
        "Helps people to do the right thing, but still depends on them.",
        "A checklist; more staff or smaller caseloads; a prompt in the software; training by"
        " simulation, repeated; a second person who decides.",
    ),
    "weak": ActionStrength(
        "Weak",
        "Depends on people remembering what they were told.",
        "Training; a new policy or procedure; a reminder; a warning; an audit of files.",
    ),
}
"""Value -> step, from the strongest."""
