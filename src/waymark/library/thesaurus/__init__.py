"""The thesaurus of the library as plain values: checked, looked up, read and written as SKOS."""

from waymark.library.thesaurus.changes import ThesaurusChange, with_file_loaded, with_subject_merged
from waymark.library.thesaurus.lexicon import SubjectLexicon, words_of_name
from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    HIDDEN,
    KEY,
    PREFERRED,
    SchemeDetails,
    SubjectName,
    Thesaurus,
    ThesaurusSubject,
    broader_keys,
    narrower_keys,
    top_concepts,
)
from waymark.library.thesaurus.rules import BrokenRule, broken_rules
from waymark.library.thesaurus.skos_read import MAX_BYTES, TurtleReading, read_turtle
from waymark.library.thesaurus.skos_terms import LABEL_PROPERTIES
from waymark.library.thesaurus.skos_write import write_turtle

__all__ = [
    "ALTERNATIVE",
    "HIDDEN",
    "KEY",
    "LABEL_PROPERTIES",
    "MAX_BYTES",
    "PREFERRED",
    "BrokenRule",
    "SchemeDetails",
    "SubjectLexicon",
    "SubjectName",
    "Thesaurus",
    "ThesaurusChange",
    "ThesaurusSubject",
    "TurtleReading",
    "broader_keys",
    "broken_rules",
    "narrower_keys",
    "read_turtle",
    "top_concepts",
    "with_file_loaded",
    "with_subject_merged",
    "words_of_name",
    "write_turtle",
]
