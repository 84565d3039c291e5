"""What search engines may list: one rule for each class of record (no Django).

Whatever tells a machine what there is asks here: the header X-Robots-Tag, the robots element of a
page, robots.txt, the sitemap, feeds, and harvesting. What is not listed may still be read by
people, through the library.

- A feed of records carries only what may be listed, unless it is a feed of a search, which says of
  itself (by the header) that it is not to be listed.
- Harvesters (OAI-PMH) get the catalogue data of every public record, because libraries agree what
  they do with them; they get the address of a file or a page image of none that is not listed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol


class RecordClass(StrEnum):
    """What a page or a file is of."""

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
class Rule:
    """listed: whether search engines may list it and follow its links. why: in a sentence."""

    listed: bool
    why: str


RULES: Mapping[RecordClass, Rule] = MappingProxyType(
    {
        RecordClass.SITE: Rule(listed=True, why="It says what this site is and names no review."),
        RecordClass.FRAMEWORK: Rule(
            listed=True, why="It says what may be coded and quotes no report."
        ),
        RecordClass.OVERVIEW: Rule(
            listed=True, why="Its numbers are protected; it names no review."
        ),
        RecordClass.RESOURCE: Rule(
            listed=True, why="It describes a publication that is public elsewhere."
        ),
        RecordClass.CASE_REVIEW: Rule(
            listed=False, why="A family must not be found by the words of a case."
        ),
        RecordClass.REPORT: Rule(
            listed=False, why="Its file and its words are reached by the library alone."
        ),
        RecordClass.SEARCH: Rule(listed=False, why="It repeats titles and words of reviews."),
        RecordClass.EVIDENCE: Rule(listed=False, why="It names reviews and quotes reports."),
        RecordClass.TOMBSTONE: Rule(
            listed=False, why="What was withdrawn must not live on elsewhere."
        ),
        RecordClass.STAFF: Rule(listed=False, why="It is not public."),
    }
)


class OfOneThing(Protocol):
    """A catalogue record: of a review or of a resource."""

    @property
    def resource_id(self) -> int | None:
        """The resource's number, where it is of one."""


def class_of(record: OfOneThing) -> RecordClass:
    """The class of a catalogue record."""
    return RecordClass.CASE_REVIEW if record.resource_id is None else RecordClass.RESOURCE


def may_be_listed(record: OfOneThing) -> bool:
    """Whether search engines may list a record that is public. Who may see it is asked apart."""
    return RULES[class_of(record)].listed
