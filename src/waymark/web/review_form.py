"""The form for what the catalogue says of a review."""

from collections.abc import Mapping

from waymark.library.schemes import builtin_schemes
from waymark.pipeline import ReviewDescription
from waymark.web.fields import Field, Form, Group
from waymark.web.resource_form import NATIONS

MOST_KEYWORDS = 40


def review_form() -> Form:
    """The form, empty."""
    return Form([_abstract(), _what(), _when()])


def _abstract() -> Group:
    return Group(
        "What it is about",
        [
            Field("title", "Title", hint="Name no child and no family."),
            Field(
                "summary",
                "Abstract (optional)",
                "lines",
                hint="What happened, then Background:, Key issues: and Recommendations:, each as a "
                "paragraph of its own.",
                rows=16,
            ),
            Field("keywords", "Keywords of an earlier catalogue (optional)", "lines", rows=2),
        ],
    )


def _what() -> Group:
    return Group(
        "Which review it is",
        [
            Field("scheme", "Process (optional)", "choice", options=_schemes()),
            Field("review_type", "Type, as the report says it (optional)", most=100),
            Field(
                "nation",
                "Nation (optional)",
                "choice",
                options=[(one, one or "Not known") for one in NATIONS],
            ),
            Field("board", "Board or partnership (optional)", most=200),
            Field(
                "anonymous",
                "Published on behalf of a board that is not named",
                "tick",
                hint="Then the name of the board is taken out of the record.",
            ),
            Field(
                "pseudonym",
                "Pseudonym (optional)",
                hint="What the report calls the child or the family: Child Birch.",
                most=100,
            ),
        ],
    )


def _schemes() -> list[tuple[str, str]]:
    return [("", "Not known")] + [
        (one.key, f"{one.nation}: {one.name}{f' ({one.years})' if one.years else ''}")
        for one in builtin_schemes().schemes
    ]


def _when() -> Group:
    return Group(
        "When",
        [
            Field("period", "Period looked at, as the report says it (optional)", most=100),
            Field("period_from", "First day of that period (optional)", "date"),
            Field("period_to", "Last day of that period (optional)", "date"),
            Field("completed_on", "Completed on (optional)", "date"),
            Field("published_on", "Published on (optional)", "date"),
        ],
    )


def shown(said: ReviewDescription) -> dict[str, str]:
    """What is said of a review, as the fields hold it."""
    return {
        "title": said.title,
        "summary": said.summary,
        "keywords": "\n".join(said.keywords),
        "scheme": said.scheme,
        "review_type": said.review_type,
        "nation": said.nation,
        "board": said.board,
        "anonymous": "on" if said.anonymous else "",
        "pseudonym": said.pseudonym,
        "period": said.period,
        "period_from": str(said.period_from or ""),
        "period_to": str(said.period_to or ""),
        "completed_on": str(said.completed_on or ""),
        "published_on": str(said.published_on or ""),
    }


def read(form: Form, values: Mapping[str, str]) -> ReviewDescription:
    """What was typed; what is wrong with it is noted in the form."""
    form.fill(values)
    said = ReviewDescription(
        title=form.value("title"),
        nation=form.value("nation"),
        board="" if form.ticked("anonymous") else form.value("board"),
        review_type=form.value("review_type"),
        period=form.value("period"),
        completed_on=form.day("completed_on"),
        published_on=form.day("published_on"),
        summary=form.value("summary"),
        scheme=form.value("scheme"),
        pseudonym=form.value("pseudonym"),
        period_from=form.day("period_from"),
        period_to=form.day("period_to"),
        keywords=form.lines("keywords"),
        anonymous=form.ticked("anonymous"),
    )
    for name, most in (("board", 200), ("review_type", 100), ("period", 100), ("pseudonym", 100)):
        if len(form.value(name)) > most:
            form.note(name, f"Use at most {most} characters.")
    if not said.title:
        form.note("title", "Enter a title, such as the type of review and the pseudonym.")
    if said.scheme not in dict(_schemes()):
        form.note("scheme", "Choose a process from the list.")
    if len(said.keywords) > MOST_KEYWORDS:
        form.note("keywords", f"Enter at most {MOST_KEYWORDS}, one on each line.")
    if said.period_from and said.period_to and said.period_to < said.period_from:
        form.note("period_to", "The period ends before it begins.")
    if said.completed_on and said.published_on and said.published_on < said.completed_on:
        form.note("published_on", "It was published before it was completed: one date is wrong.")
    return said
