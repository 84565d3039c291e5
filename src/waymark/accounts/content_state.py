"""State of all that a person may see: counts and files are cached under it, and only under it.

It has two parts. The digest of the last change is stored in the transaction of that change, so a
withdrawal starts a new state at once. The visible rows are counted anew at each request: the end of
an embargo, which no task carries out, starts a new state as well.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import Count, Sum

from waymark.accounts.models import Visible
from waymark.accounts.permissions import Actor, has_permission
from waymark.accounts.queries import content_state
from waymark.accounts.visibility import visible_to

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ContentMark:
    """Mark of a state. staff: True for people who see unpublished records.

    visible: number and sum of the keys of the visible rows of each model.
    """

    digest: str
    staff: bool
    visible: tuple[tuple[int, int], ...]


def content_mark(person: Actor, now: datetime, *models: type[Visible]) -> ContentMark:
    """The mark of what a person may see of some models now; the same for all who see the same."""
    state = content_state()
    return ContentMark(
        state.digest if state else "",
        has_permission(person, "see unpublished reports"),
        visible_numbers(person, now, *models),
    )


def digest_mark() -> ContentMark:
    """The mark for what is the same for everybody and at any time, such as names."""
    state = content_state()
    return ContentMark(state.digest if state else "", staff=False, visible=())


def visible_numbers(
    person: Actor, now: datetime, *models: type[Visible]
) -> tuple[tuple[int, int], ...]:
    """Number and sum of the keys of the visible rows of each model."""
    return tuple(_numbers_of(model, person, now) for model in models)


def _numbers_of(model: type[Visible], person: Actor, now: datetime) -> tuple[int, int]:
    rows = model._default_manager.filter(visible_to(person, now=now))
    numbers = rows.aggregate(rows=Count("pk"), keys=Sum("pk"))
    return numbers["rows"], numbers["keys"] or 0


@dataclass(slots=True)
class FinishedState:
    """State of the database in which a job of this process found nothing to do, or None."""

    digest: str | None = None


class ContentCache(Generic[Value]):
    """Values of this process, each for one state; the values used longest ago are dropped.

    A value is computed after its mark was read, so it is never older than its mark.
    """

    _caches: ClassVar[list["ContentCache[Any]"]] = []

    def __init__(self, size: int = 4) -> None:
        self._caches.append(self)
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[object, Value] = OrderedDict()

    def value(self, mark: ContentMark, key: object, compute: Callable[[], Value]) -> Value:
        """The value of a key in a state, computed if it is not cached.

        The mark must be read before anything that the value is computed from.
        """
        place = (mark, key)
        with self._lock:
            if place in self._values:
                self._values.move_to_end(place)
                return self._values[place]
        # Outside of the lock: two threads may compute the same, but none waits for another value.
        value = compute()
        with self._lock:
            self._values[place] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value

    @classmethod
    def clear_all(cls) -> None:
        """Forget the values of all caches."""
        for cache in cls._caches:
            with cache._lock:
                cache._values.clear()
