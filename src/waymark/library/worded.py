"""Small steps from what the catalogue says to what the index is given."""

from collections.abc import Iterable
from datetime import date, datetime

from waymark.library.analysis import analysed
from waymark.library.models import CatalogueRecord
from waymark.library.openings import moment_of
from waymark.library.search import Analysed
from waymark.library.subjects import Subject


def words_of(text: str) -> Analysed:
    """The words of one text."""
    return Analysed(*analysed(text))


def stems_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The stems of each text that has any."""
    return tuple(stems for text in texts if (stems := analysed(text)[1]))


def day_of(known: date | None) -> int:
    """A day as a number, in the order of days; 0 where it is not known."""
    return known.toordinal() if known else 0


def available_from(record: CatalogueRecord, opening: datetime | None) -> datetime | None:
    """When the public could first find it: as it was written down, else when its embargo ends."""
    return record.available_at or moment_of(opening)


def names_of(subjects: Iterable[Subject]) -> tuple[str, ...]:
    """What the words of a subject search: keys and all names, of the wider concepts too."""
    return tuple(said for subject in subjects for said in (subject.key, *subject.names))
