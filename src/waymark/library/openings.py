"""Embargo: the moment from which the public may see something."""

from datetime import UTC, datetime

from waymark.accounts.models import State, Visible

ALWAYS = datetime.min.replace(tzinfo=UTC)


def opening_of(item: Visible, now: datetime) -> datetime | None:
    """When an item becomes public: ALWAYS (it is), a future moment, or None (not planned)."""
    if item.state == State.PUBLISHED:
        return ALWAYS
    if item.state == State.EMBARGOED and item.public_from is not None:
        return ALWAYS if item.public_from <= now else item.public_from
    return None


def later_of(first: datetime | None, second: datetime | None) -> datetime | None:
    """When both are open; None if one is never."""
    return None if first is None or second is None else max(first, second)


def moment_of(opening: datetime | None) -> datetime | None:
    """When the embargo ends; None if already public or never public."""
    return None if opening == ALWAYS else opening
