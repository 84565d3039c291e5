"""Turn catalogue values into index fields."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache

from waymark.library.indexing.embargo import embargo_end
from waymark.library.language.analyser import analyse_text
from waymark.library.language.languages import ENGLISH
from waymark.library.models import CatalogueRecord
from waymark.library.queries.subjects import RecordSubject
from waymark.library.search.protocol import AnalysedText

SHORT, NAMES = 100, 16_384
"""Names up to SHORT characters are analysed once while they are among the last NAMES used."""


def analysed_text(text: str, otherwise: str = ENGLISH) -> AnalysedText:
    """Analyse one text. otherwise: its language if the text is too short to tell."""
    return (_analysed_name if len(text) <= SHORT else _analysed)(text, otherwise)


def _analysed(text: str, otherwise: str) -> AnalysedText:
    return AnalysedText(*analyse_text(text, otherwise))


# A batch of 20 reviews has 4,000 names of subjects, themes and boards, nearly all the same ones.
_analysed_name = lru_cache(maxsize=NAMES)(_analysed)


def terms_of(texts: Iterable[str], otherwise: str = ENGLISH) -> tuple[str, ...]:
    """The terms of each text, without texts that have none."""
    return tuple(terms for text in texts if (terms := analysed_text(text, otherwise).terms))


def analysed_subjects(subjects: Iterable[RecordSubject]) -> tuple[AnalysedText, ...]:
    """The displayed names of assigned subjects, each in its own language.

    In the language of the record "Neglect" on a Welsh record would be a Welsh word, and a rare one.
    """
    return tuple(
        analysed_text(subject.name, dict(subject.names).get(subject.name, ENGLISH))
        for subject in subjects
        if subject.assigned
    )


def names_of(subjects: Iterable[RecordSubject]) -> tuple[str, ...]:
    """The terms of subjects: keys and all names, also of their broader concepts."""
    return tuple(
        terms for subject in subjects for terms in _subject_names(subject.key, subject.names)
    )


# Every record about neglect has the same twenty names.
@lru_cache(maxsize=NAMES)
def _subject_names(key: str, names: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    analysed = (analysed_text(text, language) for text, language in ((key, ENGLISH), *names))
    return tuple(text.terms for text in analysed if text.terms)


def day_of(known: date | None) -> int:
    """Ordinal of a day (date.toordinal); 0 if unknown."""
    return known.toordinal() if known else 0


def available_from(record: CatalogueRecord, opening: datetime | None) -> datetime | None:
    """When the public could first find the record, else when its embargo ends."""
    return record.available_at or embargo_end(opening)
