"""The national picture: counts of the recommendations that a person may see."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from waymark.accounts.content_state import ContentCache, content_mark
from waymark.accounts.permissions import Actor, has_permission
from waymark.bodies.models import Body
from waymark.bodies.queries import bodies_called, names_of
from waymark.core.uk_time import uk_date
from waymark.documents.models import Report, Review
from waymark.follow_up.queries.picture_counts import (
    Counts,
    ReviewBlock,
    counts_together,
    review_blocks,
    uncounted_blocks,
)
from waymark.follow_up.queries.recommendations import (
    PictureChoice,
    in_words,
    labels_of_lists,
    open_body,
    open_recommendations,
    withheld_reviews,
)
from waymark.recommendations.models import Standing

MOST_BODIES = 20
_pictures: ContentCache["NationalPicture"] = ContentCache(16)


@dataclass(frozen=True, slots=True)
class PictureCount:
    """A line of the picture. value: in addresses; late: how many of the number are late."""

    value: str
    label: str
    number: int
    late: int


@dataclass(frozen=True, slots=True)
class NationalPicture:
    """Counts of recommendations. not_shown: those whose standing is withheld, in no table.

    boards: of reviews; bodies: that were asked, counted by addressee; years: in which the reviews
    ended, each with the counts by standing.
    """

    total: int
    late: int
    not_shown: int
    standings: tuple[PictureCount, ...]
    categories: tuple[PictureCount, ...]
    audiences: tuple[PictureCount, ...]
    boards: tuple[PictureCount, ...]
    bodies: tuple[PictureCount, ...]
    years: tuple[PictureCount, ...]
    by_year: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def national_picture(choice: PictureChoice, person: Actor, now: datetime) -> NationalPicture:
    """Counts of the recommendations that a person may see. Raises NotFound for an unknown board.

    Made anew after each change that may alter what pages show, and each day.
    """
    mark = content_mark(person, now, Review, Report)
    protected = has_permission(person, "see protected numbers")
    key = (choice, uk_date(now), protected)
    return _pictures.value(mark, key, lambda: _count(choice, person, now))


def blocks_to_count(now: datetime) -> list[ReviewBlock]:
    """The blocks of the picture that visitors see whose counts are not stored."""
    return uncounted_blocks(_blocks(PictureChoice(), AnonymousUser(), now))


def _blocks(choice: PictureChoice, person: Actor, now: datetime) -> Iterator[ReviewBlock]:
    reviews = ~Q(reference__in=withheld_reviews(person))
    if choice.first:
        reviews &= Q(completed_on__gte=date(choice.first, 1, 1))
    if choice.last:
        reviews &= Q(completed_on__lte=date(choice.last, 12, 31))
    if choice.board:
        names = names_of(open_body(choice.board, person, now))
        reviews &= Q(board__in=names.values("name"))
    values = {name: getattr(choice, name) for name in ("category", "audience", "standing")}
    limits = {name: value for name, value in values.items() if value}
    rows = Q(**limits)
    if choice.late:
        limits["late"] = "yes"
        rows &= Q(overdue_from__lte=uk_date(now))
    words = json.dumps(limits) if limits else ""
    return review_blocks(person, now, reviews=reviews, rows=rows, limits=words)


def _count(choice: PictureChoice, person: Actor, now: datetime) -> NationalPicture:
    axes = counts_together(_blocks(choice, person, now)).axes
    standings, years, labels = axes["standing"], axes["year"], labels_of_lists()
    by_year: dict[str, dict[str, int]] = {value: {} for value in sorted(years)}
    for value, (number, _) in axes["year and standing"].items():
        year, _, standing = value.partition(" ")
        by_year[year][standing] = number
    return NationalPicture(
        total=sum(number for number, _ in standings.values()),
        late=sum(late for _, late in standings.values()),
        not_shown=_not_shown(person, now),
        standings=tuple(
            PictureCount(value, str(label), *standings[value])
            for value, label in Standing.choices
            if value in standings
        ),
        categories=_by_number(axes["category"], labels),
        audiences=_by_number(axes["audience"], labels),
        boards=_by_board(axes["board"]),
        bodies=_by_body(axes["body"]),
        years=tuple(
            PictureCount(value, value or "Year not known", *years[value]) for value in by_year
        ),
        by_year=by_year,
    )


def _not_shown(person: Actor, now: datetime) -> int:
    withheld = withheld_reviews(person)
    if not withheld:
        return 0
    return open_recommendations(person, now).filter(review__reference__in=withheld).count()


def _by_number(
    counts: Mapping[str, list[int]], labels: Mapping[str, str]
) -> tuple[PictureCount, ...]:
    lines = [
        PictureCount(value, labels.get(value) or in_words(value), number, late)
        for value, (number, late) in counts.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.number, line.label)))


def _by_board(counts: Counts) -> tuple[PictureCount, ...]:
    """Counts by the board of the review, all names of a body together.

    Each of these bodies has a page for the person, who may see a review that names it.
    """
    bodies = bodies_called(frozenset(counts))
    names: dict[str, str] = {}
    together: Counts = {}
    for words, (number, late) in counts.items():
        body = bodies.get(words)
        key = body.key if body is not None else ""
        names[key] = body.name if body is not None else "Board not named"
        earlier = together.get(key, [0, 0])
        together[key] = [earlier[0] + number, earlier[1] + late]
    return _by_number(together, names)[:MOST_BODIES]


def _by_body(counts: Counts) -> tuple[PictureCount, ...]:
    """Counts by the body that was asked: a recommendation to three bodies counts for each."""
    merged = dict(Body.objects.exclude(merged_into=None).values_list("pk", "merged_into_id"))
    together: Counter[int] = Counter()
    late: Counter[int] = Counter()
    for words, (number, late_of_it) in counts.items():
        body = merged.get(int(words), int(words))
        together[body] += number
        late[body] += late_of_it
    top = together.most_common(MOST_BODIES)
    bodies = Body.objects.in_bulk([pk for pk, _ in top])
    return tuple(
        PictureCount(bodies[pk].key, bodies[pk].name, number, late[pk]) for pk, number in top
    )
