"""How to cite a resource, in one line."""

from datetime import date

from waymark.library.description import Description

UNDATED = "no date"


def cited(said: Description, *, accessed: date | None = None) -> str:
    """Author (year) Title. Publisher. Where. Author-date, as reading lists of the field have it.

    Without authors the publisher, or who did the work, stands in their place. accessed: when the
    page was looked at, where it is a page.
    """
    body = said.publisher or said.conducted_by
    who = _authors(said.authors) or body
    year = str(said.year) if said.year else UNDATED
    title = said.title if said.title.endswith(("?", "!", ".")) else f"{said.title}."
    parts = [f"{who} ({year})" if who else f"({year})", title]
    if said.series:
        parts.append(f"({said.series}).")
    if said.authors and body:
        parts.append(f"{body}.")
    if said.doi:
        parts.append(f"https://doi.org/{said.doi}")
    elif said.url:
        looked = f" (looked at {accessed.day} {accessed:%B %Y})" if accessed else ""
        parts.append(f"{said.url}{looked}")
    return " ".join(parts)


def _authors(names: tuple[str, ...]) -> str:
    short = [_with_initials(name) for name in names]
    return " and ".join([", ".join(short[:-1]), short[-1]]) if len(short) > 1 else "".join(short)


def _with_initials(name: str) -> str:
    """ "Devaney, John Paul" as "Devaney, J. P."; a body, which has no comma, as it is."""
    surname, comma, first = name.partition(",")
    initials = " ".join(f"{one[0]}." for one in first.split())
    return f"{surname}, {initials}" if comma and initials else name


def in_reading_order(name: str) -> str:
    """ "Devaney, John" as "John Devaney"; what has no comma as it is."""
    surname, comma, first = name.partition(",")
    return f"{first.strip()} {surname.strip()}" if comma and first.strip() else name
