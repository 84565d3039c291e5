"""The form in which a cataloguer describes a resource."""

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import QueryDict

from waymark.library.catalogue.author_names import author_lines, read_author_lines
from waymark.library.catalogue.resource_description import (
    FIELDS,
    MAX_LENGTHS,
    ResourceDescription,
    description_faults,
    tidy_description,
)
from waymark.library.models import ResourceKind
from waymark.library.queries.cataloguing import SimilarRecord
from waymark.web.shared.fields import (
    CODE,
    DateField,
    HiddenField,
    LinesField,
    NumberField,
    OpenChoiceField,
    TextAreaField,
    TextField,
)
from waymark.web.shared.forms import SiteForm

NATIONS = ("", "England", "Northern Ireland", "Scotland", "Wales", "United Kingdom")
KINDS = [pair for pair in ResourceKind.choices if pair[0] != ResourceKind.ANSWER]
"""Kinds that people catalogue. Answers of our own are written at the desk."""
LANGUAGES = (("en", "English"), ("cy", "Welsh"), ("ga", "Irish"), ("gd", "Scottish Gaelic"))
_ENTRY = re.compile(r"(?P<title>.*?\S)\s*(?:\||\t|\.{3,}|…)\s*(?P<page>\d{1,5})")


class ContentsField(LinesField):
    """A list of contents: a title on each line, with its page after a bar, a tab or dots."""

    def prepare_value(self, value: Any) -> Any:
        """Entries as lines."""
        if value is None or isinstance(value, str):
            return value
        return "\n".join(title if page is None else f"{title} | {page}" for title, page in value)

    def clean(self, value: Any) -> tuple[tuple[str, int | None], ...]:  # type: ignore[override]
        """Titles with their pages, None for a title without one."""
        lines = super().clean(value)
        matches = [(line, _ENTRY.fullmatch(line)) for line in lines]
        return tuple(
            (entry["title"], int(entry["page"])) if entry else (line, None)
            for line, entry in matches
        )


def rights_holder_field() -> TextField:
    """Field for who holds the rights in a publication."""
    return TextField(
        "Rights holder (optional)",
        hint="As the publication names it: Northshire Safeguarding Board, Crown copyright.",
        most=MAX_LENGTHS["rights_holder"],
    )


def licence_field() -> TextField:
    """Field for the terms on which a publication may be reused."""
    return TextField(
        "Terms of reuse (optional)",
        hint="A licence, such as CC-BY-4.0 or OGL-UK-3.0, or the terms in a few words. Leave it "
        "empty if it is not known: the page then says so.",
        most=MAX_LENGTHS["licence"],
    )


class RecordForm(SiteForm):
    """A form for a catalogue record that someone else may change or have entered already."""

    seen = HiddenField()

    def own_words(self, *names: str) -> list[tuple[str, str]]:
        """Label and text of some fields, as typed or stored."""
        texts = []
        for name in names:
            bound = self[name]
            value = bound.value() or ""
            text = value if isinstance(value, str) else "\n".join(value)
            texts.append((str(bound.label).removesuffix(" (optional)"), text))
        return texts

    def confirms(self, same: Sequence[SimilarRecord]) -> bool:
        """True if the person saw each of these likely duplicates and saves the record anyway."""
        if not isinstance(self.data, QueryDict) or self.action != "anyway":
            return not same
        return {record.key for record in same} <= set(self.data.getlist("not"))


class ResourceForm(RecordForm):
    """A resource. After is_valid(), description holds what was typed, tidied."""

    groups = (
        (
            "What it is",
            ("kind", "title", "strapline", "series", "report_number", "language", "nation"),
        ),
        (
            "For an article or a chapter only",
            ("host_title", "volume", "issue", "pages", "issn", "editors"),
        ),
        (
            "Who made it, and when",
            ("authors", "conducted_by", "publisher", "place", "edition", "published_on", "covers"),
        ),
        (
            "What it says, and to whom",
            ("summary", "key_points", "audience", "contents", "keywords"),
        ),
        ("Who holds the rights", ("rights_holder", "licence")),
        ("Where it is", ("url", "accessed_on", "doi", "isbn", "transcript_url")),
        ("For a training course only", ("starts_on", "ends_on", "cpd_hours")),
        (
            "For an evaluation only",
            ("evaluated", "setting", "method", "sample", "limits", "standard", "cost"),
        ),
    )

    kind = OpenChoiceField("Kind", [("", "Choose"), *KINDS])
    title = TextField("Title", hint="As on the publication.", most=MAX_LENGTHS["title"])
    strapline = TextField(
        "Strapline (optional)", hint="The line below the title, or one of your own."
    )
    series = TextField(
        "Series (optional)",
        hint="The same words for all parts of a series.",
        most=MAX_LENGTHS["series"],
    )
    report_number = TextField(
        "Report number (optional)",
        hint="As printed: DFE-RR226, Cm 5730.",
        most=MAX_LENGTHS["report_number"],
    )
    host_title = TextField(
        "Journal or book (optional)",
        hint="The journal of an article, the book of a chapter.",
        most=MAX_LENGTHS["host_title"],
    )
    volume = TextField("Volume (optional)", most=MAX_LENGTHS["volume"])
    issue = TextField("Issue (optional)", most=MAX_LENGTHS["issue"])
    pages = TextField("Pages (optional)", hint="Such as 242-260.", most=MAX_LENGTHS["pages"])
    issn = TextField(
        "ISSN (optional)", hint="Of the journal or series, such as 0145-2134.", most=40
    )
    editors = LinesField(
        "Editors (optional)", hint="One on each line, the surname first: Devaney, John."
    )
    language = OpenChoiceField("Language", LANGUAGES)
    nation = OpenChoiceField(
        "Nation (optional)", [(nation, nation or "Not about one nation") for nation in NATIONS]
    )
    authors = LinesField(
        "Authors (optional)",
        hint="One on each line, the surname first: Devaney, John. In the order of the publication. "
        "If an organisation's name reads like a person's, write organisation: before it.",
    )
    conducted_by = TextField(
        "Author statement (optional)", hint="As it reads in a sentence: the NSPCC and a university."
    )
    publisher = TextField("Publisher (optional)", most=MAX_LENGTHS["publisher"])
    place = TextField("Place of publication (optional)", most=MAX_LENGTHS["place"])
    edition = TextField(
        "Edition (optional)", hint="Such as 2nd, or revised.", most=MAX_LENGTHS["edition"]
    )
    published_on = DateField(
        "Date of publication (optional)",
        year_alone=True,
        hint="For example, 24 1 2013. Leave day and month empty if you only know the year.",
    )
    covers = TextField(
        "Time covered (optional)",
        hint="The years of its figures or cases: 2003 to 2008.",
        most=MAX_LENGTHS["covers"],
    )
    summary = TextAreaField(
        "Summary (optional)",
        hint="Two to four sentences in your own words. An empty line begins a paragraph.",
        rows=6,
    )
    key_points = LinesField(
        "Key points (optional)",
        hint="One on each line. Only what the publication itself says.",
        rows=6,
    )
    audience = TextField(
        "Audience (optional)",
        hint="Whom it is for: health visitors and midwives.",
        most=MAX_LENGTHS["audience"],
    )
    contents = ContentsField(
        "Contents (optional)",
        hint="One entry on each line, with its page after a bar: Foreword | 5",
        rows=6,
    )
    url = TextField(
        "Address (optional)",
        hint="Of the publication itself, on its publisher's site.",
        most=MAX_LENGTHS["url"],
        attrs={**CODE, "inputmode": "url"},
    )
    keywords = LinesField(
        "Keywords (optional)",
        hint="One on each line: words that people search with and the subjects do not have.",
        rows=4,
    )
    transcript_url = TextField(
        "Address of the transcript (optional)",
        hint="Of a film or podcast: the page with its words in writing.",
        most=MAX_LENGTHS["transcript_url"],
        attrs={**CODE, "inputmode": "url"},
    )
    accessed_on = DateField("Date accessed (optional)")
    doi = TextField("DOI (optional)", hint="Such as 10.1136/adc.2010.12345.", most=200)
    rights_holder = rights_holder_field()
    licence = licence_field()
    isbn = TextField("ISBN (optional)", most=40)
    starts_on = DateField("First day (optional)")
    ends_on = DateField("Last day (optional)")
    cpd_hours = NumberField("Hours of CPD (optional)")
    evaluated = TextField(
        "What was evaluated (optional)",
        hint="Such as: group supervision for project workers. Write the findings as key points.",
    )
    setting = TextField("Where (optional)", hint="Such as: four voluntary projects in one county.")
    method = TextAreaField(
        "Method (optional)",
        hint="Design and comparison: before and after, without a comparison group.",
        most=MAX_LENGTHS["method"],
    )
    sample = TextField("Sample (optional)", hint="Who, and how many.", most=500)
    limits = TextAreaField(
        "Limits (optional)", hint="What it cannot show.", most=MAX_LENGTHS["limits"]
    )
    standard = TextField(
        "Standard of evidence (optional)",
        hint="How strong the evidence is, in words, and who says so.",
        most=500,
    )
    cost = TextField("Cost (optional)", hint="As reported, with what it includes.")

    def clean(self) -> dict[str, Any]:
        """Check the description as a whole."""
        values = dict(self.cleaned_data)
        published = values.pop("published_on", None)
        values["authors"], bodies = read_author_lines(values.get("authors") or ())
        self.description = tidy_description(
            ResourceDescription(
                **{"kind": "", "title": ""}
                | {name: value for name, value in values.items() if name in FIELDS and value},
                author_bodies=bodies,
                **_publication_values(published),
            )
        )
        for wrong in description_faults(self.description):
            name = "published_on" if wrong.field == "year" else wrong.field
            if name not in self.errors:
                self.add_error(name, wrong.message)
        return self.cleaned_data


WITHOUT_ADDRESS: dict[str, Any] = {"url": "", "accessed_on": None, "doi": "", "isbn": ""}
"""Fields of where a publication is, as they are if it is nowhere."""


class AddressForm(RecordForm):
    """Where the publication of a resource is. stored: its description before.

    After is_valid(), description holds the whole of it, with what was typed.
    """

    def __init__(self, stored: ResourceDescription, **options: Any) -> None:
        super().__init__(**options)
        self.stored = stored
        for name in WITHOUT_ADDRESS:
            self.fields[name] = deepcopy(ResourceForm.base_fields[name])

    def clean(self) -> dict[str, Any]:
        """Check the new address as part of the description."""
        sent = self.cleaned_data
        values = {name: sent.get(name) or empty for name, empty in WITHOUT_ADDRESS.items()}
        self.description = tidy_description(replace(self.stored, **values))
        for wrong in description_faults(self.description):
            self.add_error(wrong.field if wrong.field in WITHOUT_ADDRESS else None, wrong.message)
        return self.cleaned_data


def _publication_values(published: date | int | None) -> dict[str, Any]:
    if isinstance(published, date):
        return {"year": published.year, "published_on": published}
    return {"year": published}


def initial_values(description: ResourceDescription) -> dict[str, Any]:
    """A description as the form takes it."""
    values = {name: getattr(description, name) for name in FIELDS if name != "year"}
    names = author_lines(description.authors, description.author_bodies or ())
    return values | {
        "authors": names,
        "published_on": description.published_on or description.year,
    }
