"""The thesaurus of the library as plain values: checked, looked up, read and written as SKOS."""

from waymark.library.thesaurus.changes import ThesaurusChange, merged, replaced_with
from waymark.library.thesaurus.lexicon import Lexicon, words_of_name
from waymark.library.thesaurus.model import (
    ALTERNATIVE,
    HIDDEN,
    KEY,
    PREFERRED,
    Name,
    Scheme,
    Subject,
    Thesaurus,
    above,
    narrower_of,
    tops_of,
)
from waymark.library.thesaurus.rules import Finding, findings
from waymark.library.thesaurus.skos_read import MOST_BYTES, TurtleReading, read_turtle
from waymark.library.thesaurus.skos_terms import KINDS
from waymark.library.thesaurus.skos_write import write_turtle

__all__ = [
    "ALTERNATIVE",
    "HIDDEN",
    "KEY",
    "KINDS",
    "MOST_BYTES",
    "PREFERRED",
    "Finding",
    "Lexicon",
    "Name",
    "Scheme",
    "Subject",
    "Thesaurus",
    "ThesaurusChange",
    "TurtleReading",
    "above",
    "findings",
    "merged",
    "narrower_of",
    "read_turtle",
    "replaced_with",
    "tops_of",
    "words_of_name",
    "write_turtle",
]
