"""Turn catalogue values into index fields."""

from collections.abc import Iterable
from datetime import date, datetime

from waymark.library.analysis import analysed
from waymark.library.languages import ENGLISH
from waymark.library.models import CatalogueRecord
from waymark.library.openings import moment_of
from waymark.library.search import Analysed
from waymark.library.subjects import Subject


def words_of(text: str, otherwise: str = ENGLISH) -> Analysed:
    """Analyse one text. otherwise: its language if the text is too short to tell."""
    return Analysed(*analysed(text, otherwise))


def terms_of(texts: Iterable[str], otherwise: str = ENGLISH) -> tuple[str, ...]:
    """The terms of each text, without texts that have none."""
    return tuple(terms for text in texts if (terms := analysed(text, otherwise)[1]))


def names_of(subjects: Iterable[Subject]) -> tuple[str, ...]:
    """The terms of subjects: keys and all names, also of their broader concepts."""
    names = [
        (text, language)
        for subject in subjects
        for text, language in ((subject.key, ENGLISH), *subject.names)
    ]
    return tuple(terms for text, language in names if (terms := analysed(text, language)[1]))


def day_of(known: date | None) -> int:
    """Ordinal of a day (date.toordinal); 0 if unknown."""
    return known.toordinal() if known else 0


def available_from(record: CatalogueRecord, opening: datetime | None) -> datetime | None:
    """When the public could first find the record, else when its embargo ends."""
    return record.available_at or moment_of(opening)
