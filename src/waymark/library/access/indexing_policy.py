"""Search-engine policy: one rule for each class of page or record (no Django).

The X-Robots-Tag header, the robots element of pages, robots.txt, the sitemap, feeds and harvesting
all use it. People can still read through the library what search engines must not list.

- A feed of records contains only records that may be listed. A feed of a search may contain
  others; its header says that it must not be listed itself.
- Harvesters (OAI-PMH) get the catalogue data of every public record, because libraries agree how to
  use them, but no address of a file or page image that must not be listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class RecordClass(StrEnum):
    """Class of a page or file."""

    SITE = "site"
    FRAMEWORK = "framework"
    OVERVIEW = "overview"
    RESOURCE = "resource"
    CASE_REVIEW = "case-review"
    REPORT = "report"
    SEARCH = "search"
    EVIDENCE = "evidence"
    TOMBSTONE = "tombstone"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class IndexingRule:
    """listed: search engines may list it and follow its links. why: in a sentence."""

    listed: bool
    why: str


RULES: Mapping[RecordClass, IndexingRule] = MappingProxyType(
    {
        # A page without a class here is not listed (web/middleware/robots.py).
        RecordClass.SITE: IndexingRule(
            listed=True, why="It describes this site and names no review."
        ),
        RecordClass.FRAMEWORK: IndexingRule(
            listed=True, why="It lists what can be coded and quotes no report."
        ),
        RecordClass.OVERVIEW: IndexingRule(
            listed=True, why="Its small numbers are protected and it names no review."
        ),
        RecordClass.RESOURCE: IndexingRule(
            listed=True, why="It describes a publication that is published elsewhere."
        ),
        RecordClass.CASE_REVIEW: IndexingRule(
            listed=False, why="A search engine must not lead from the words of a case to a family."
        ),
        RecordClass.REPORT: IndexingRule(
            listed=False, why="Its file and text are available only through this library."
        ),
        RecordClass.SEARCH: IndexingRule(
            listed=False, why="It repeats titles and text of reviews."
        ),
        RecordClass.EVIDENCE: IndexingRule(
            listed=False, why="It names reviews and quotes reports."
        ),
        RecordClass.TOMBSTONE: IndexingRule(
            listed=False, why="Withdrawn items must not stay in search results elsewhere."
        ),
        RecordClass.STAFF: IndexingRule(listed=False, why="It is not public."),
    }
)
