"""Citation of a resource in one line."""

from datetime import date

from waymark.core.wording import date_in_words, list_in_words
from waymark.library.catalogue.author_names import bodies_among, with_initials
from waymark.library.catalogue.host_place import article_place
from waymark.library.catalogue.resource_description import ResourceDescription

UNDATED = "no date"


def cite_resource(described: ResourceDescription, *, accessed: date | None = None) -> str:
    """Return an author-date citation, as used in the field: Author (year) Title. Publisher. URL.

    Without authors it begins with the publisher, or the organisation that did the work. accessed:
    for a web page, the day on which the cataloguer last looked at it.
    """
    body = described.publisher or described.conducted_by
    author = _author_list(described) or body
    year = f"({described.year or UNDATED})"
    title = described.title
    parts = [
        f"{author} {year}" if author else year,
        title if title.endswith(("?", "!", ".")) else f"{title}.",
        *_place_of(described),
        f"{body}." if described.authors and body else "",
        _doi_or_url(described, accessed),
    ]
    return " ".join(part for part in parts if part)


def _place_of(described: ResourceDescription) -> list[str]:
    """Journal with volume and pages; else the series and the report number in brackets."""
    if described.host_title:
        place = article_place(described.volume, described.issue, described.pages)
        names = ", ".join(filter(None, (described.host_title, place)))
        return [f"In {names}." if described.kind == "book-chapter" else f"{names}."]
    names = ", ".join(filter(None, (described.series, described.report_number)))
    return [f"({names})."] if names else []


def _doi_or_url(described: ResourceDescription, accessed: date | None) -> str:
    """The DOI, else the web address and the date of access, else ""."""
    if described.doi:
        return f"https://doi.org/{described.doi}"
    if described.url and accessed:
        return f"{described.url} (accessed {date_in_words(accessed)})"
    return described.url


def _author_list(described: ResourceDescription) -> str:
    names, bodies = described.authors, described.author_bodies
    bodies = bodies_among(names) if bodies is None else bodies
    return list_in_words([with_initials(name, body=name in bodies) for name in names])
