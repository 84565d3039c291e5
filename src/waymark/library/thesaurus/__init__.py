"""The thesaurus of the library as plain values: checked, looked up, read and written as SKOS.

What reads and writes files is imported when it is first asked for: only the pages and commands that
exchange a thesaurus need the large library for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from waymark.library.thesaurus.changes import ThesaurusChange, with_file_loaded, with_subject_merged
from waymark.library.thesaurus.lexicon import SubjectLexicon, words_of_name
from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    CLOSE,
    DRAFT,
    EXACT,
    HIDDEN,
    KEY,
    MATCH_KINDS,
    MAX_BYTES,
    PREFERRED,
    SchemeDetails,
    SubjectMatch,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broader_keys,
    narrower_keys,
    top_concepts,
)
from waymark.library.thesaurus.rules import BrokenRule, broken_rules
from waymark.library.thesaurus.upgrade import ThesaurusUpgrade, split_subjects, upgraded

if TYPE_CHECKING:
    from waymark.library.thesaurus.skos_read import SkosReading, read_skos
    from waymark.library.thesaurus.skos_terms import (
        LABEL_PROPERTIES,
        MATCH_PROPERTIES,
        NOTE_PROPERTIES,
        PREFIXES,
        labels_by_property,
    )
    from waymark.library.thesaurus.skos_write import write_turtle

__all__ = [
    "ALTERNATIVE",
    "CLOSE",
    "DRAFT",
    "EXACT",
    "HIDDEN",
    "KEY",
    "LABEL_PROPERTIES",
    "MATCH_KINDS",
    "MATCH_PROPERTIES",
    "MAX_BYTES",
    "NOTE_PROPERTIES",
    "PREFERRED",
    "PREFIXES",
    "BrokenRule",
    "SchemeDetails",
    "SkosReading",
    "SubjectLexicon",
    "SubjectMatch",
    "SubjectName",
    "Thesaurus",
    "ThesaurusChange",
    "ThesaurusSubject",
    "ThesaurusUpgrade",
    "broader_keys",
    "broken_rules",
    "labels_by_property",
    "narrower_keys",
    "read_skos",
    "split_subjects",
    "top_concepts",
    "upgraded",
    "with_file_loaded",
    "with_subject_merged",
    "words_of_name",
    "write_turtle",
]

_MODULE_OF = {
    "SkosReading": "skos_read",
    "read_skos": "skos_read",
    "LABEL_PROPERTIES": "skos_terms",
    "MATCH_PROPERTIES": "skos_terms",
    "NOTE_PROPERTIES": "skos_terms",
    "PREFIXES": "skos_terms",
    "labels_by_property": "skos_terms",
    "write_turtle": "skos_write",
}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
