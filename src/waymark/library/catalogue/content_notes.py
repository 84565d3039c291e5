"""Content notes: what readers may find distressing in a review, as a short controlled list.

Not subjects: a subject says what can be learned from a review, a note what somebody should know
before reading it. A note names a kind of event and never a method or a detail.
"""

from collections.abc import Iterable
from enum import StrEnum

from waymark.core.errors import RuleError


class ContentNote(StrEnum):
    """Kind of content, in the order in which notes are shown."""

    SUICIDE = "suicide"
    SELF_HARM = "self-harm"
    SEXUAL_ABUSE = "sexual-abuse"
    BABY_DEATH = "death-of-a-baby"
    CHILD_DEATH = "death-of-a-child"
    CRUELTY = "cruelty"
    DOMESTIC_VIOLENCE = "domestic-violence"
    NEGLECT = "neglect"

    @property
    def label(self) -> str:
        """The kind in words: "death of a baby"."""
        return _LABELS.get(self, self.value.replace("-", " "))


_LABELS = {
    ContentNote.SELF_HARM: "self-harm",
    ContentNote.CRUELTY: "cruelty or violence to a child",
}

_OF_FACTS = {
    ("nature", "assault"): ContentNote.CRUELTY,
    ("nature", "infant_death"): ContentNote.BABY_DEATH,
    ("fac.domestic_violence", "present"): ContentNote.DOMESTIC_VIOLENCE,
    ("fac.domestic_violence", "suspected"): ContentNote.DOMESTIC_VIOLENCE,
    ("fac.neglect", "present"): ContentNote.NEGLECT,
    ("fac.neglect", "suspected"): ContentNote.NEGLECT,
}


def ordered_notes(notes: Iterable[str]) -> tuple[ContentNote, ...]:
    """Notes without repetition, in the order of the list. Raises RuleError for an unknown one."""
    chosen = set(notes)
    unknown = sorted(chosen - set(ContentNote))
    if unknown:
        raise RuleError(f"no such content note: {', '.join(unknown)}")
    return tuple(note for note in ContentNote if note in chosen)


def notes_in_words(notes: Iterable[str]) -> str:
    """Notes as a phrase: "suicide, self-harm and neglect"; "" for none."""
    *first, last = [note.label for note in ordered_notes(notes)] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def notes_of_facts(facts: Iterable[tuple[str, str]]) -> tuple[ContentNote, ...]:
    """Notes that follow from agreed facts: variable and value of each.

    The other kinds do not follow: "suicide or accident" is one nature of incident, and a person has
    to read which of the two it was.
    """
    return ordered_notes(_OF_FACTS[fact] for fact in facts if fact in _OF_FACTS)
