"""The thesaurus of the library as plain values: checked, looked up, read and written as SKOS."""

from waymark.library.thesaurus.changes import ThesaurusChange, with_file_loaded, with_subject_merged
from waymark.library.thesaurus.lexicon import SubjectLexicon, words_of_name
from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    CLOSE,
    DRAFT,
    EXACT,
    HIDDEN,
    KEY,
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
from waymark.library.thesaurus.skos_read import MAX_BYTES, TurtleReading, read_turtle
from waymark.library.thesaurus.skos_terms import (
    LABEL_PROPERTIES,
    MATCH_PROPERTIES,
    NOTE_PROPERTIES,
    PREFIXES,
    labels_by_property,
)
from waymark.library.thesaurus.skos_write import write_turtle
from waymark.library.thesaurus.upgrade import ThesaurusUpgrade, split_subjects, upgraded

__all__ = [
    "ALTERNATIVE",
    "CLOSE",
    "DRAFT",
    "EXACT",
    "HIDDEN",
    "KEY",
    "LABEL_PROPERTIES",
    "MATCH_PROPERTIES",
    "MAX_BYTES",
    "NOTE_PROPERTIES",
    "PREFERRED",
    "PREFIXES",
    "BrokenRule",
    "SchemeDetails",
    "SubjectLexicon",
    "SubjectMatch",
    "SubjectName",
    "Thesaurus",
    "ThesaurusChange",
    "ThesaurusSubject",
    "ThesaurusUpgrade",
    "TurtleReading",
    "broader_keys",
    "broken_rules",
    "labels_by_property",
    "narrower_keys",
    "read_turtle",
    "split_subjects",
    "top_concepts",
    "upgraded",
    "with_file_loaded",
    "with_subject_merged",
    "words_of_name",
    "write_turtle",
]
