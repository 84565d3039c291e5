"""Sections of briefings and guides, and the rules of the seven-minute form. Pure."""

from dataclasses import dataclass

SHORT = "short"
"""Name of the text that has the seven-minute form."""
SHORT_TITLE = "Seven-minute form"
PARTS, QUESTIONS, MOST_WORDS = 7, 3, 700
"""Parts and questions that a seven-minute form has, and the most words it can have."""


@dataclass(frozen=True, slots=True)
class BriefingSection:
    """Section of a briefing. slot: name of its text; hint: for its author.

    needed: a briefing cannot be published without it. plain: its paragraphs are no statements, so
    they need no support. asks: its questions need none.
    """

    slot: str
    title: str
    hint: str
    needed: bool = False
    plain: bool = False
    asks: bool = False


_QUESTIONS = BriefingSection(
    "questions", "Questions for your team", "A list of questions.", asks=True
)
_LIMITS = BriefingSection("limits", "Limits", "What these reviews cannot show.", needed=True)
_REFERENCES = BriefingSection(
    "references",
    "References",
    "One line for each publication in the catalogue: [@record:KEY].",
    plain=True,
)
_CHANGES = BriefingSection(
    "changes", "Change log", "What changed in each edition, newest first.", plain=True
)
_SECTIONS = {
    "briefing": (
        BriefingSection(
            "why",
            "Why the reviews were commissioned",
            "What happened to the children, and what the reviews were asked to find out.",
            needed=True,
        ),
        BriefingSection(
            "issues", "Key issues", "What the reviews found, under headings.", needed=True
        ),
        BriefingSection(
            "learning",
            "Learning for improved practice",
            "What people can do differently, under headings.",
            needed=True,
        ),
        BriefingSection("helped", "What helped", "Practice that the reviews found good."),
        _QUESTIONS,
        _LIMITS,
        _REFERENCES,
        _CHANGES,
    ),
    "guide": (
        BriefingSection(
            "purpose", "Who this guide is for", "Who can use it, and for what.", needed=True
        ),
        BriefingSection("guidance", "Guidance", "What to do, under headings.", needed=True),
        _QUESTIONS,
        _LIMITS,
        _REFERENCES,
        _CHANGES,
    ),
}


def sections_of(kind: str) -> tuple[BriefingSection, ...]:
    """Sections of a kind of work, in order."""
    return _SECTIONS[kind]


def has_short_form(kind: str) -> bool:
    """True if works of a kind have a seven-minute form."""
    return kind == "briefing"


def slots_of(kind: str) -> dict[str, str]:
    """Name and title of each text of a kind of work, without its description."""
    slots = {section.slot: section.title for section in sections_of(kind)}
    return slots | ({SHORT: SHORT_TITLE} if has_short_form(kind) else {})
