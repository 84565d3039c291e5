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


# A page without a class is not listed either (web/middleware/robots.py).
LISTED = {
    RecordClass.SITE: "It describes this site and names no review.",
    RecordClass.FRAMEWORK: "It lists what can be coded and quotes no report.",
    RecordClass.OVERVIEW: "Its small numbers are protected and it names no review.",
    RecordClass.RESOURCE: "It describes a publication that is published elsewhere.",
}
NOT_LISTED = {
    RecordClass.CASE_REVIEW: "A search engine must not lead from the words of a case to a family.",
    RecordClass.REPORT: "Its file and text are available only through this library.",
    RecordClass.SEARCH: "It repeats titles and text of reviews.",
    RecordClass.EVIDENCE: "It names reviews and quotes reports.",
    RecordClass.TOMBSTONE: "Withdrawn items must not stay in search results elsewhere.",
    RecordClass.STAFF: "It is not public.",
}
RULES: Mapping[RecordClass, IndexingRule] = MappingProxyType(
    {name: IndexingRule(listed=True, why=why) for name, why in LISTED.items()}
    | {name: IndexingRule(listed=False, why=why) for name, why in NOT_LISTED.items()}
)
