"""Learning event from a briefing: programme, short form, questions, sign-in and feedback. Pure."""

from collections.abc import Iterator

from waymark.publishing.document.nodes import (
    HeadingNode,
    NoteMark,
    ParagraphNode,
    PointList,
    ReportDocument,
    Words,
    plain_text,
)
from waymark.publishing.formats.printed_form import FormPart, FormTable, PrintedForm

PROGRAMME = (
    ("5 minutes", "Welcome. Read the content note aloud; anyone may leave at any time."),
    ("10 minutes", "Each reads the seven-minute form in silence."),
    ("15 minutes", "In pairs: what is familiar, and what is not?"),
    ("30 minutes", "In groups of four to six: the questions for your team."),
    ("15 minutes", "All together: what will we change, who does it, and by when?"),
    ("10 minutes", "How are we? Support that is on offer."),
    ("5 minutes", "Feedback form."),
)
FEEDBACK = (
    "What is the most important thing that you learned?",
    "What will you do differently, and from when?",
    "What could stop you?",
    "What was missing or hard to follow?",
    "How sure are you that you can use it, from 1 (not at all) to 5 (very)?",
)
QUESTIONS = "questions"
INTRO = (
    "For 90 minutes, with up to 20 people. The person who leads it needs no special training, and"
    " should have read the whole briefing."
)


def event_pack(document: ReportDocument, *, address: str) -> PrintedForm:
    """The pack of a briefing. document: its seven-minute form; address: of its page."""
    all_parts = tuple(_parts(document))
    # What comes before the first heading is the content note, and what is to be checked again.
    opening = tuple(row for part in all_parts if not part.heading for row in part.paragraphs)
    parts = [part for part in all_parts if part.heading]
    asked = [part for part in parts if part.heading.lower().startswith(QUESTIONS)]
    questions = tuple(row for part in asked for row in part.points)
    sign_in = FormTable(("Name", "Role", "Team or agency"), (("",) * 3,) * 20)
    programme = FormTable(("Time", "What"), PROGRAMME)
    changes = FormTable(("What we will change", "Who", "By when"), (("",) * 3,) * 5)
    feedback = FormTable(("Question", "Answer"), tuple((row, "") for row in FEEDBACK))
    return PrintedForm(
        f"Learning event: {document.title}",
        (
            INTRO,
            f"Briefing and slides: {address}",
            *opening,
        ),
        (
            FormPart("Programme", table=programme),
            FormPart("Before the event", points=BEFORE),
            *(part for part in parts if part not in asked),
            FormPart(
                "Questions to discuss",
                points=questions,
                paragraphs=("Speak of practice, not of your own cases by name.",),
            ),
            FormPart("What we will change", table=changes),
            FormPart("Sign-in sheet", table=sign_in),
            FormPart(
                "Feedback form",
                paragraphs=("Give it back without your name.",),
                table=feedback,
            ),
        ),
    )


BEFORE = (
    "Send the content note with the invitation, and say that nobody has to come.",
    "Print the seven-minute form for each person, this sign-in sheet and the feedback forms.",
    "Agree who can be spoken to afterwards by anyone who is upset.",
    "Afterwards tell us what you changed: the page of the briefing has a form for it.",
)


def _parts(document: ReportDocument) -> Iterator[FormPart]:
    """Headings of the short form with their paragraphs and points, without lists of passages."""
    heading, paragraphs, points = "", list[str](), list[str]()
    for node in document.nodes:
        match node:
            case HeadingNode():
                if paragraphs or points:
                    yield FormPart(heading, tuple(paragraphs), tuple(points))
                heading, paragraphs, points = node.full_text, [], []
            case ParagraphNode():
                paragraphs.append(_text(node.words))
            case PointList():
                points += [_text(row) for row in node.points]
    if paragraphs or points:
        yield FormPart(heading, tuple(paragraphs), tuple(points))


def _text(words: Words) -> str:
    return " ".join(plain_text(tuple(w for w in words if not isinstance(w, NoteMark))).split())
