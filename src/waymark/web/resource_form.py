"""The form for a resource: its fields, and the description they make."""

from collections.abc import Mapping

from waymark.library.description import LONGEST, Description, faults, tidied
from waymark.library.models import ResourceKind
from waymark.web.fields import Field, Form, Group, as_lines, entries

NATIONS = ("", "England", "Northern Ireland", "Scotland", "Wales", "United Kingdom")
LANGUAGES = (("en", "English"), ("cy", "Welsh"), ("ga", "Irish"), ("gd", "Scottish Gaelic"))


def resource_form() -> Form:
    """The form, empty."""
    return Form([_what(), _who(), _says(), _where(), _course()])


def _what() -> Group:
    return Group(
        "What it is",
        [
            Field("kind", "Kind", "choice", options=[("", "Choose"), *ResourceKind.choices]),
            Field("title", "Title", hint="As it stands on the publication.", most=LONGEST["title"]),
            Field(
                "strapline",
                "Strapline (optional)",
                hint="The line below the title, or one of your own.",
            ),
            Field("series", "Series (optional)", hint="The same words for all parts of a series."),
            Field("language", "Language", "choice", options=LANGUAGES),
            Field(
                "nation",
                "Nation (optional)",
                "choice",
                options=[(one, one or "Not about one nation") for one in NATIONS],
            ),
        ],
    )


def _who() -> Group:
    return Group(
        "Who made it, and when",
        [
            Field(
                "authors",
                "Authors (optional)",
                "lines",
                hint="One on each line, the surname first: Devaney, John. In the order in which "
                "they stand on the publication.",
            ),
            Field(
                "conducted_by",
                "Who did the work (optional)",
                hint="As a sentence names them: the NSPCC and a university.",
            ),
            Field("publisher", "Publisher (optional)", most=LONGEST["publisher"]),
            Field("year", "Year (optional)", "number"),
            Field("published_on", "Day of publication (optional)", "date"),
            Field(
                "covers",
                "Time covered (optional)",
                hint="From when its figures or cases are: 2003 to 2008.",
                most=LONGEST["covers"],
            ),
        ],
    )


def _says() -> Group:
    return Group(
        "What it says",
        [
            Field(
                "summary",
                "Summary (optional)",
                "lines",
                hint="Two to four sentences in your own words. An empty line begins a paragraph.",
                rows=6,
            ),
            Field(
                "key_points",
                "Key points (optional)",
                "lines",
                hint="One on each line. Only what the publication itself says.",
                rows=6,
            ),
            Field(
                "contents",
                "Contents (optional)",
                "lines",
                hint="One entry on each line, with its page behind a bar: Foreword | 5",
                rows=6,
            ),
        ],
    )


def _where() -> Group:
    return Group(
        "Where it is",
        [
            Field(
                "url",
                "Address (optional)",
                "address",
                hint="Of the publication itself, on the site of its publisher.",
                most=LONGEST["url"],
            ),
            Field("accessed_on", "Day on which you looked at it (optional)", "date"),
            Field("doi", "DOI (optional)", hint="Such as 10.1136/adc.2010.12345.", most=200),
            Field("isbn", "ISBN (optional)", most=40),
        ],
    )


def _course() -> Group:
    return Group(
        "For a training course only",
        [
            Field("starts_on", "First day (optional)", "date"),
            Field("ends_on", "Last day (optional)", "date"),
            Field("cpd_hours", "Hours of CPD (optional)", "number"),
        ],
    )


def shown(said: Description) -> dict[str, str]:
    """A description as the fields hold it."""
    return {
        "kind": said.kind,
        "title": said.title,
        "strapline": said.strapline,
        "series": said.series,
        "language": said.language,
        "nation": said.nation,
        "authors": "\n".join(said.authors),
        "conducted_by": said.conducted_by,
        "publisher": said.publisher,
        "year": str(said.year or ""),
        "published_on": str(said.published_on or ""),
        "covers": said.covers,
        "summary": said.summary,
        "key_points": "\n".join(said.key_points),
        "contents": as_lines(said.contents),
        "url": said.url,
        "accessed_on": str(said.accessed_on or ""),
        "doi": said.doi,
        "isbn": said.isbn,
        "starts_on": str(said.starts_on or ""),
        "ends_on": str(said.ends_on or ""),
        "cpd_hours": f"{said.cpd_hours.normalize():f}" if said.cpd_hours is not None else "",
    }


def read(form: Form, values: Mapping[str, str]) -> Description:
    """The description that was typed, tidied; what is wrong with it is noted in the form."""
    form.fill(values)
    said = tidied(
        Description(
            kind=form.value("kind"),
            title=form.value("title"),
            strapline=form.value("strapline"),
            authors=form.lines("authors"),
            conducted_by=form.value("conducted_by"),
            publisher=form.value("publisher"),
            series=form.value("series"),
            year=form.number("year"),
            published_on=form.day("published_on"),
            covers=form.value("covers"),
            nation=form.value("nation"),
            language=form.value("language") or "en",
            summary=form.value("summary"),
            key_points=form.lines("key_points"),
            contents=entries(form.lines("contents")),
            url=form.value("url"),
            doi=form.value("doi"),
            isbn=form.value("isbn"),
            accessed_on=form.day("accessed_on"),
            starts_on=form.day("starts_on"),
            ends_on=form.day("ends_on"),
            cpd_hours=form.decimal("cpd_hours"),
        )
    )
    for wrong in faults(said):
        form.note(wrong.field, wrong.message)
    return said
