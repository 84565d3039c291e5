"""What a person asks to receive (no Django)."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

MOST_CHOICES = 60
"""Lists, topics and searches of one person together."""
LONGEST_NAME, LONGEST_SEARCH = 200, 2000


@dataclass(frozen=True, slots=True, order=True)
class SubscriptionChoice:
    """A list, or a topic or search followed in it: see models.Subscription for the parts."""

    alert_list: str
    followed: str = ""
    name: str = ""
    search: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two choices the same, whatever they are called."""
        return self.alert_list, self.followed


def topic_choice(key: str, name: str) -> SubscriptionChoice:
    """A followed topic."""
    return SubscriptionChoice("topics", f"topic {key}", name[:LONGEST_NAME])


def search_choice(query: str, name: str) -> SubscriptionChoice:
    """A followed search. query: query string of the search page, in its one spelling.

    Example: "?q=neglect" is followed as "search 91f60bd8a1f0d2e7".
    """
    digest = hashlib.sha256(query.encode()).hexdigest()[:16]
    return SubscriptionChoice("searches", f"search {digest}", name[:LONGEST_NAME], query)


def joined(*groups: Iterable[SubscriptionChoice]) -> list[SubscriptionChoice]:
    """The choices of all groups, each once, in the order of the first."""
    return list({choice.key: choice for group in groups for choice in group}.values())


def as_rows(choices: Iterable[SubscriptionChoice]) -> list[dict[str, str]]:
    """For a JSON column."""
    return [asdict(choice) for choice in choices]


def from_rows(rows: Iterable[dict[str, str]]) -> list[SubscriptionChoice]:
    """From a JSON column."""
    return [SubscriptionChoice(**row) for row in rows]
