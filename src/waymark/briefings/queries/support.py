"""Support that the author of a briefing is offered: themes with their numbers, and passages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.permissions import Actor, require_permission
from waymark.briefings.queries.drafts import WRITE
from waymark.briefings.queries.sources import citable_passages
from waymark.briefings.text.about import BriefingAbout
from waymark.coding.queries import ReviewWithCode, reviews_with_code
from waymark.core.errors import NotFound
from waymark.core.evidence import Quote
from waymark.frameworks.models import Framework
from waymark.frameworks.queries import code_for, current_framework, file_of
from waymark.overview.spec.schema import ThemesTable
from waymark.publishing.queries import current_edition, edition_release

MOST = 200
"""Most reviews of a theme that are offered at once."""


@dataclass(frozen=True, slots=True)
class OfferedTheme:
    """Theme with the number of reviews that have it. mark: names that number in a text.

    printed: the number as the published table prints it; both "" if no table does, or not openly.
    """

    code: str
    name: str
    printed: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class OfferedPassage:
    """Passage that people agreed to give a theme. refused: why it cannot be cited, or ""."""

    quote: Quote
    refused: str


@dataclass(frozen=True, slots=True)
class OfferedReview:
    """Review with its passages of a theme."""

    reference: str
    title: str
    passages: tuple[OfferedPassage, ...]


@dataclass(frozen=True, slots=True)
class TextSupport:
    """What stands beside a text that is being written.

    theme: the chosen one, None for none; reviews: with its passages.
    """

    themes: list[OfferedTheme]
    theme: OfferedTheme | None
    reviews: list[OfferedReview]


def text_support(
    about: BriefingAbout | None, code: str, person: Actor, now: datetime
) -> TextSupport:
    """Support for the texts of a briefing. code: of the chosen theme; of another, none is chosen.

    Raises NotPermitted.
    """
    overview, references = (about.overview, about.reviews) if about else ("", ())
    themes = offered_themes(overview, person)
    theme = next((row for row in themes if row.code == code), None)
    reviews = (
        offered_passages(overview, theme.code, person, now, reviews=references) if theme else []
    )
    return TextSupport(themes, theme, reviews)


def _framework_of(overview: str) -> tuple[Framework | None, Mapping[str, tuple[str, str]]]:
    """Framework of an overview, and code -> printed number and mark, of its current edition."""
    edition = current_edition(overview) if overview else None
    if edition is None:
        return current_framework(), {}
    release = edition_release(edition)
    table = next(
        (row for row in release.spec.tables if isinstance(row, ThemesTable) and not row.columns),
        None,
    )
    numbers = {}
    if table is not None:
        printed = release.table(table.id).table
        column = printed.columns[0].id
        for row in printed.rows:
            cell = row.cells[0]
            if not cell.mark:
                numbers[row.id] = (cell.shown, f"{table.id}/{row.id}/{column}")
    return edition.frozen.overview.framework, numbers


def offered_themes(overview: str, person: Actor) -> list[OfferedTheme]:
    """Themes in the order of the framework. Numbers come from the published table alone.

    A count made here would show what a table may withhold. Raises NotPermitted.
    """
    require_permission(person, WRITE)
    framework, numbers = _framework_of(overview)
    if framework is None:
        return []
    themes = [code for code in file_of(framework).codes if code.theme is not None]
    return [OfferedTheme(code.id, code.name, *numbers.get(code.id, ())) for code in themes]


def offered_passages(
    overview: str, theme: str, person: Actor, now: datetime, *, reviews: Collection[str] = ()
) -> list[OfferedReview]:
    """Agreed public passages of a theme, by review. reviews: limited to these, if any are given.

    Raises NotPermitted, NotFound for a theme that the framework does not have.
    """
    require_permission(person, WRITE)
    framework, _ = _framework_of(overview)
    if framework is None:
        raise NotFound("no coding framework has been published")
    code = code_for(framework, theme)
    # As a visitor sees them: only public passages can be cited, whoever writes.
    _, rows = reviews_with_code(code, AnonymousUser(), now, offset=0, limit=MOST)
    chosen = [row for row in rows if not reviews or row.review in reviews]
    keys = [quote.key for row in chosen for quote in row.quotes]
    _, refused = citable_passages(keys, now)
    return [_offered(row, refused) for row in chosen]


def _offered(row: ReviewWithCode, refused: Mapping[str, str]) -> OfferedReview:
    passages = tuple(OfferedPassage(quote, refused.get(quote.key, "")) for quote in row.quotes)
    return OfferedReview(row.review, row.title, passages)
