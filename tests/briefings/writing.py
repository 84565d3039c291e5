"""A small briefing for tests: three reviews with a report each, and texts whose words they have."""

import datetime
from dataclasses import dataclass

from tests.factories import NOON, make_person, make_report, make_review
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role, User
from waymark.briefings import services
from waymark.briefings.queries.drafts import current_texts
from waymark.briefings.text.about import BriefingAbout, about_yaml
from waymark.documents.models import Report
from waymark.publishing.models import Manuscript, SigningCapacity

ABOUT = BriefingAbout(
    title="Visits that stop",
    strapline="Endings and what follows",
    audience="health visitors",
    rule="Reviews in which visits stopped.",
    query="visits stopped",
    reviews=("B1", "B2", "B3"),
    first=2004,
    last=2008,
    searched_on=datetime.date(2026, 4, 1),
    review_on=datetime.date(2027, 4, 1),
)
STOPPED = "The visits stopped in May. Nobody asked why."
LETTERS = "The file held two letters about the baby."
MIDWIFE = "A midwife came back the next morning."
QUESTIONS = """- Who would notice?
- Who would ask?
- Who would write it down?
"""


def short_form(key: str) -> str:
    """A seven-minute form: seven parts, three questions."""
    parts = [
        f"### Part {number}\n\nThe visits stopped. [@{key}]\n"
        for number in ("A", "B", "C", "D", "E", "F")
    ]
    return "\n".join([*parts, f"### Questions for your team\n\n{QUESTIONS}"])


@dataclass(frozen=True)
class SmallBriefing:
    """A briefing with its reports, and the two people who sign it."""

    manuscript: Manuscript
    reports: tuple[Report, ...]
    author: User
    editor: User

    @property
    def keys(self) -> tuple[str, ...]:
        """Citation keys of the passages, one of each report."""
        return tuple(report.passages.get().key for report in self.reports)


@written_once
def make_briefing(kind: str = "briefing", slug: str = "visits") -> SmallBriefing:
    """A briefing that can be signed."""
    reports = tuple(
        make_report(make_review(f"B{at}"), words)
        for at, words in enumerate((STOPPED, LETTERS, MIDWIFE), start=1)
    )
    author, editor = make_person(Role.CATALOGUER), make_person(Role.EDITOR)
    manuscript = services.add_briefing(by=author, kind=kind, slug=slug, about=ABOUT, now=NOON)
    small = SmallBriefing(manuscript, reports, author, editor)
    stopped, letters, midwife = small.keys
    texts = {
        "why": "Reviews ask what can be learned. {own}",
        "issues": f"### Endings\n\nThe visits stopped in May. [@{stopped}]\n\n"
        f"The file held two letters. [@{letters}]\n\n{{quote {midwife}}}\n",
        "learning": f"- Ask why. {{own}}\n- Come back the next morning. [@{midwife}]\n",
        "limits": "The reviews are few. {own}",
        "short": short_form(stopped),
    }
    for slot, text in texts.items():
        write(small, slot, text)
    return small


def write(small: SmallBriefing, slot: str, text: str, *, now: datetime.datetime = NOON) -> None:
    """Save a text on top of its current version."""
    current = current_texts(small.manuscript).get(slot)
    services.save_briefing_text(
        by=small.author,
        manuscript=small.manuscript,
        slot=slot,
        text=text,
        base=current.number if current else 0,
        now=now,
    )


def describe(small: SmallBriefing, **changes: object) -> None:
    """Change the description."""
    write(small, "about", about_yaml(ABOUT.model_copy(update=changes)))


def sign_both(small: SmallBriefing, *, now: datetime.datetime = NOON) -> None:
    """Two people sign what they see."""
    for person, capacity in (
        (small.author, SigningCapacity.AUTHOR),
        (small.editor, SigningCapacity.EDITOR),
    ):
        seen = pipeline.briefing_draft(small.manuscript, now).content.sha256
        pipeline.sign_briefing(
            by=person, manuscript=small.manuscript, capacity=capacity, seen=seen, now=now
        )


def publish(small: SmallBriefing, *, now: datetime.datetime = NOON):
    """Sign and publish."""
    sign_both(small, now=now)
    return pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=now)
