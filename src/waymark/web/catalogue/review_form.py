"""The form for the catalogue data of a review."""

from dataclasses import asdict
from typing import Any

from django.http import QueryDict

from waymark.library.catalogue.content_notes import ContentNote
from waymark.library.catalogue.review_process import builtin_processes
from waymark.pipeline import ReviewDescription
from waymark.web.catalogue.resource_form import (
    NATIONS,
    RecordForm,
    licence_field,
    rights_holder_field,
)
from waymark.web.shared.fields import (
    CheckField,
    DateField,
    LinesField,
    OpenChoiceField,
    TextAreaField,
    TextField,
    TicksField,
)

MOST_KEYWORDS = 40
MOST_PLACES = 60


def _process_choices() -> list[tuple[str, str]]:
    return [("", "Not known")] + [
        (
            scheme.key,
            f"{scheme.nation}: {scheme.name}{f' ({scheme.years})' if scheme.years else ''}",
        )
        for scheme in builtin_processes().schemes
    ]


class ReviewForm(RecordForm):
    """The catalogue data of a review."""

    groups = (
        ("What it is about", ("title", "summary", "content_notes", "keywords")),
        (
            "Which review it is",
            ("scheme", "review_type", "nation", "board", "anonymous", "pseudonym"),
        ),
        ("Who holds the rights in its reports", ("rights_holder", "licence")),
        ("When", ("period", "period_from", "period_to", "completed_on", "published_on")),
    )

    title = TextField(
        "Title",
        missing="Enter a title, such as the type of review and the pseudonym.",
        hint="Name no child and no family.",
    )
    summary = TextAreaField(
        "Abstract (optional)",
        hint="What happened, then Background:, Key issues: and Recommendations:, each as a "
        "paragraph of its own.",
        rows=16,
    )
    content_notes = TicksField(
        "Content notes (optional)",
        [(note.value, note.label.capitalize()) for note in ContentNote],
        hint="What readers should know before they read. Shown wherever words of this review are.",
    )
    keywords = LinesField(
        "Keywords of an earlier catalogue (optional)", rows=2, items=MOST_KEYWORDS
    )
    scheme = OpenChoiceField("Process (optional)", _process_choices)
    review_type = TextField("Type, in the words of the report (optional)", most=100)
    nation = OpenChoiceField(
        "Nation (optional)", [(nation, nation or "Not known") for nation in NATIONS]
    )
    board = TextField("Board or partnership (optional)", most=200)
    anonymous = CheckField(
        "Published on behalf of a board that is not named",
        hint="Then the name of the board is removed from the record.",
    )
    pseudonym = TextField(
        "Pseudonym (optional)",
        hint="The report's name for the child or the family: Child Birch.",
        most=100,
    )
    rights_holder = rights_holder_field()
    licence = licence_field()
    period = TextField("Period reviewed, in the words of the report (optional)", most=100)
    period_from = DateField("First day of that period (optional)")
    period_to = DateField("Last day of that period (optional)")
    completed_on = DateField("Completed on (optional)")
    published_on = DateField("Published on (optional)")

    def clean_scheme(self) -> str:
        """The key of a process, "" for none."""
        scheme: str = self.cleaned_data["scheme"]
        if scheme not in dict(_process_choices()):
            self.add_error("scheme", "Choose a process from the list.")
        return scheme

    def clean(self) -> dict[str, Any]:
        """Check the order of the dates, and leave out the name of a board that is not named."""
        values = self.cleaned_data
        if values.get("anonymous"):
            values["board"] = ""
        begins, ends = values.get("period_from"), values.get("period_to")
        if begins and ends and ends < begins:
            self.add_error("period_to", "The period ends before it begins.")
        completed, published = values.get("completed_on"), values.get("published_on")
        if completed and published and published < completed:
            self.add_error(
                "published_on", "It was published before it was completed: one date is wrong."
            )
        return values

    @property
    def places(self) -> tuple[str, ...]:
        """Keys of the sentences that were put into the abstract so far."""
        sent = self.data.getlist("place") if isinstance(self.data, QueryDict) else []
        return tuple(dict.fromkeys(sent))[:MOST_PLACES]

    @property
    def description(self) -> ReviewDescription:
        """The catalogue data of a valid form."""
        return ReviewDescription(
            **{name: value for name, value in self.cleaned_data.items() if name != "seen"}
        )


def initial_values(description: ReviewDescription) -> dict[str, Any]:
    """The catalogue data of a review as the form takes them."""
    return asdict(description)
