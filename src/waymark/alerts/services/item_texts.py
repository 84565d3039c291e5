"""What an item of an issue says, checked and written."""

from dataclasses import asdict, dataclass

from waymark.alerts.models import IssueItem
from waymark.core.errors import RuleError

LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class ItemText:
    """What an item says: see IssueItem for the fields."""

    heading: str
    summary: str
    group: str = ""
    source: str = ""
    dated: str = ""
    address: str = ""
    content_note: str = ""


@dataclass(frozen=True, slots=True)
class RecordItem:
    """An item made of a record. record: its number; followed: see IssueItem."""

    record: int
    text: ItemText
    followed: str = ""


def check_text(text: ItemText) -> None:
    """Raise RuleError for an item without heading or summary, or with a text that is too long."""
    for name, value in (("heading", text.heading), ("summary", text.summary)):
        if not value.strip():
            raise RuleError(f"enter a {name}")
    if "\n\n" in text.summary.strip():
        raise RuleError("a summary is one paragraph: remove the empty line")
    if text.address and not text.address.startswith(("https://", "http://")):
        raise RuleError("an address begins with https:// or http://")
    check_lengths(text.summary)


def check_lengths(*texts: str) -> None:
    """Raise RuleError for a text that is too long."""
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise RuleError(f"a text must have {LONGEST_TEXT:,} characters or fewer")


def write_text(item: IssueItem, text: ItemText, *, by_hand: bool) -> None:
    """Save what an item says."""
    for name, value in asdict(text).items():
        setattr(item, name, " ".join(value.split()))
    item.by_hand = by_hand
    item.save()
