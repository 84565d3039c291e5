"""The indexes of one generation in a cluster: their names, fields and settings.

    waymark-staff_records, waymark-heads ...           aliases: the generation that is searched
    waymark-writing      alias of the heads of every generation that is written to
    waymark-<generation>-staff_records ...             the indexes themselves
    waymark-<generation>-staff_records-write ...       aliases by which they are written

Staff and the public have indexes of their own, as in the embedded one (tantivy/index_files.py).

The cluster would make an index that is written to and does not exist, with fields that it guesses.
So all writing names an alias, which ends together with its index.

A *head* is a document for each record: the version of its row that is indexed, and the passages and
record documents that belong to it (writing.py).
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Any

from waymark.library.language.analyser import ANALYSER
from waymark.library.search.index_values import (
    CODE,
    EXACT,
    IDENTIFIER,
    PUBLIC,
    RAW_FACETS,
    STAFF,
    STEMS,
    YEAR,
    words_field,
)
from waymark.library.search.opensearch.cluster import ClusterOptions
from waymark.library.search.protocol import TEXT_FIELDS

# Change it with every change of the fields or of their values: old indexes are built again.
STAMP = f"cluster 2, schema 8, analyser {ANALYSER}"
PARTS = tuple(
    f"{audience}_{level}" for level in ("passages", "records") for audience in (STAFF, PUBLIC)
)
"""The indexes of documents, in the order in which they are written: passages before records."""
HEADS = "heads"
LEVELS = (*PARTS, HEADS)
BEGINNINGS = "beginnings"
"""The field with each word of EXACT once, which lists the words that begin with some letters."""
MARK = "mark"
"""The field with a number made of the id of a document: see writing.mark_of()."""
MOST_FOUND = 1_000_000
"""How far pages reach: who selects all records reads them page by page."""
MOST_LISTED = 1_000_000
LONGEST_WORD, LONGEST_VALUE = 8_000, 8_000
LONGEST_LISTED = 200
_NAME = re.compile("[0-9a-f]{8}-[0-9a-f]{16}")


@dataclass(frozen=True)
class Generation:
    """The indexes of one build. name: of the stamp and of chance, 1f00ba11-0123456789abcdef."""

    prefix: str
    name: str

    def index(self, level: str) -> str:
        return f"{self.prefix}-{self.name}-{level}"

    def writing(self, level: str) -> str:
        return f"{self.index(level)}-write"

    @property
    def is_current(self) -> bool:
        """True if this version of Waymark made it, with the same fields and analysis."""
        return self.name.startswith(f"{_stamp()}-")


def _stamp() -> str:
    return hashlib.sha256(STAMP.encode()).hexdigest()[:8]


def new_generation(prefix: str) -> Generation:
    return Generation(prefix, f"{_stamp()}-{secrets.token_hex(8)}")


def generation_of(prefix: str, index: str) -> Generation | None:
    """The generation of an index; None if it is none of ours."""
    name, _, level = index.removeprefix(f"{prefix}-").rpartition("-")
    ours = index.startswith(f"{prefix}-") and level in LEVELS and _NAME.fullmatch(name)
    return Generation(prefix, name) if ours else None


def index_body(generation: Generation, level: str, options: ClusterOptions) -> dict[str, Any]:
    """What an index is made of. The alias of all heads that are written is among it."""
    aliases: dict[str, Any] = {generation.writing(level): {}}
    if level == HEADS:
        aliases[f"{generation.prefix}-writing"] = {}
    return {
        "settings": {
            "index": {
                "number_of_shards": options.shards,
                "number_of_replicas": options.replicas,
                "max_result_window": MOST_FOUND,
                # Records that a search leaves out, because they changed and wait to be indexed.
                "max_terms_count": MOST_LISTED,
                # For so long a deleted document refuses an older version of itself.
                "gc_deletes": "1h",
                # Writers refresh; this is for those that die before they do.
                "refresh_interval": "30s",
            },
            "analysis": {
                "tokenizer": {"words": {"type": "whitespace", "max_token_length": LONGEST_WORD}},
                "analyzer": {"words": {"type": "custom", "tokenizer": "words"}},
            },
        },
        "mappings": _FIELDS[level],
        "aliases": aliases,
    }


# Words arrive analysed, divided by spaces. The gap keeps a phrase from spanning two texts.
_WORDS = {"type": "text", "analyzer": "words", "position_increment_gap": 1}
_RAW = {"type": "keyword", "ignore_above": LONGEST_VALUE}
_NUMBER = {"type": "long"}
_LISTED = {"type": "keyword", "index": False, "ignore_above": LONGEST_LISTED}
_SHARED = {
    "record": _RAW,
    "audience": _RAW,
    "since": _NUMBER,
    "until": _NUMBER,
    EXACT: _WORDS,
    STEMS: _WORDS,
    "number": _NUMBER,
    BEGINNINGS: _LISTED,
    MARK: {"type": "long", "index": False},
}
_RECORDS = {
    **_SHARED,
    "title": _WORDS,
    "title_order": _RAW,
    "language": _RAW,
    "reports": {"type": "keyword", "index": False},
    IDENTIFIER: _RAW,
    "order": _NUMBER,
    "added": _NUMBER,
    YEAR: _NUMBER,
    **dict.fromkeys(RAW_FACETS, _RAW),
    CODE: _RAW,
    **{words_field(name): _WORDS for name in TEXT_FIELDS},
}
_PASSAGES = {**_SHARED, "of_record": _NUMBER, "kind": _RAW}
_HEADS = {
    "number": _NUMBER,
    "version": _NUMBER,
    MARK: _NUMBER,
    **dict.fromkeys(PARTS, _NUMBER),
    **{f"{part}_mark": _NUMBER for part in PARTS},
    "ids": {"type": "object", "enabled": False},
}
# Without the source the cluster keeps no text, not even an analysed one, that a page could show.
_WITHOUT_SOURCE = {"dynamic": "strict", "_source": {"enabled": False}}
_FIELDS: dict[str, dict[str, Any]] = {
    **{
        part: {**_WITHOUT_SOURCE, "properties": _RECORDS if part.endswith("records") else _PASSAGES}
        for part in PARTS
    },
    HEADS: {"dynamic": "strict", "properties": _HEADS},
}
