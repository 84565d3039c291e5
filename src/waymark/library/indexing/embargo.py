"""Embargo: the moment from which the public may see something."""

from datetime import UTC, datetime

from waymark.accounts.models import State, Visible

ALREADY_PUBLIC = datetime.min.replace(tzinfo=UTC)


def opening_of(item: Visible, now: datetime) -> datetime | None:
    """When an item becomes public: ALWAYS (it is), a future moment, or None (not planned)."""
    if item.state == State.PUBLISHED:
        return ALREADY_PUBLIC
    if item.state == State.EMBARGOED and item.public_from is not None:
        return ALREADY_PUBLIC if item.public_from <= now else item.public_from
    return None


def later_opening(first: datetime | None, second: datetime | None) -> datetime | None:
    """When both are open; None if one is never."""
    return None if first is None or second is None else max(first, second)


def embargo_end(opening: datetime | None) -> datetime | None:
    """When the embargo ends; None if already public or never public."""
    return None if opening == ALREADY_PUBLIC else opening
