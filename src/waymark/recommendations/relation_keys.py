"""Keys of recommendations, by which people relate two of them (no Django).

"review-12-3" is recommendation 3 of the review with the primary key 12, through all corrections of
its words; "inquiry-45" is the recommendation of an inquiry with the primary key 45.
"""

import re
from dataclasses import dataclass

PATTERN = re.compile(r"review-(\d{1,18})-(\d{1,5})|inquiry-(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RelationKey:
    """review, number: primary key and number, 0 for an inquiry's; inquiry: the primary key."""

    review: int = 0
    number: int = 0
    inquiry: int = 0

    def __str__(self) -> str:
        if self.inquiry:
            return f"inquiry-{self.inquiry}"
        return f"review-{self.review}-{self.number}"


def read_relation_key(text: str) -> RelationKey | None:
    """The key that a text is, None if it is none."""
    match = PATTERN.fullmatch(text)
    if match is None:
        return None
    review, number, inquiry = (int(part or 0) for part in match.groups())
    return RelationKey(review, number, inquiry)
