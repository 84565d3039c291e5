"""Forms of literature searches."""

from typing import Any

from waymark.enquiries.models import LiteratureSearch
from waymark.enquiries.services import SearchDescription
from waymark.web.shared.fields import (
    DateField,
    HiddenField,
    NumberField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm

NO_NAMES = "Do not name the asker, a child or a family: a search stays when the enquiry is erased."
PARTS = "One on each line, as name and words: Population: children under two. Any names will do."
NUMBERS = ("years_from", "years_to", "duplicates", "screened", "read_full")


class NewSearchForm(SiteForm):
    """A new search."""

    title = TextField("Title", missing="Enter a title.", hint=NO_NAMES, most=200)
    question = TextAreaField(
        "Question", missing="Enter the question.", hint="In one sentence.", rows=3, most=2_000
    )


class DescribeSearchForm(NewSearchForm):
    """Question, scope, limits, rules and numbers of a search. version: that the page showed."""

    version = HiddenField()
    parts = TextAreaField("Parts of the question (optional)", hint=PARTS, rows=5, most=4_000)
    scope = TextAreaField(
        "Scope (optional)", hint="What it is for, and how far it goes.", rows=3, most=2_000
    )
    years_from = NumberField("Published from (optional)")
    years_to = NumberField("Published until (optional)")
    languages = TextField("Languages (optional)", most=200)
    nations = TextField("Nations (optional)", most=200)
    kinds = TextField("Kinds of publication (optional)", most=200)
    include = TextAreaField("Include (optional)", hint="The rule of choice.", rows=2, most=2_000)
    exclude = TextAreaField("Leave out (optional)", rows=2, most=2_000)
    duplicates = NumberField("Removed as duplicates (optional)")
    screened = NumberField("Screened by title and summary (optional)")
    read_full = NumberField("Read in full (optional)")
    summary = TextAreaField("What was found (optional)", rows=6, most=8_000)
    groups = (
        ("Question", ("title", "question", "parts", "scope")),
        ("Limits", ("years_from", "years_to", "languages", "nations", "kinds")),
        ("Choice", ("include", "exclude", "duplicates", "screened", "read_full")),
        ("Result", ("summary",)),
    )

    def description(self) -> SearchDescription:
        """The description of a valid form."""
        values: dict[str, Any] = dict(self.cleaned_data)
        del values["version"]
        for name in NUMBERS:
            number = values[name]
            values[name] = None if number is None else int(number)
        return SearchDescription(**values | {"parts": parts_of(values["parts"])})


def parts_of(text: str) -> tuple[tuple[str, str], ...]:
    """Name and words of each line: "Population: babies"."""
    lines = (line.partition(":") for line in text.splitlines() if line.strip())
    return tuple(
        (name.strip(), words.strip()) if colon else ("", name.strip())
        for name, colon, words in lines
    )


def described_values(search: LiteratureSearch) -> dict[str, Any]:
    """The values of a search for its form."""
    names = [name for name in DescribeSearchForm.base_fields if name != "parts"]
    parts = "\n".join(f"{name}: {words}" for name, words in search.parts)
    return {name: getattr(search, name) for name in names} | {"parts": parts}


class AddSourceForm(SiteForm):
    """A database to add to a search."""

    name = TextField(
        "Database",
        missing="Enter the name of the database.",
        most=120,
        attrs={"list": "known-sources", "autocomplete": "off"},
    )
    platform = TextField("Platform (optional)", hint="Such as Ovid or EBSCOhost.", most=120)


class RunDateForm(SiteForm):
    """The day on which a source was searched."""

    on = DateField("Date of the search", missing="Enter the day on which you searched.", hint="")


class AddPublicationForm(SiteForm):
    """A publication from elsewhere."""

    citation = TextAreaField("Reference", missing="Enter the reference.", rows=3, most=1_000)
    url = TextField("Web address (optional)", most=500, attrs={"inputmode": "url"})
    note = TextAreaField(
        "Note (optional)", hint="What it says on the question.", rows=3, most=2_000
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix="new", **options)
