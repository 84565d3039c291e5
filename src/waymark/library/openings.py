"""When the public may find something, now or at a moment to come."""

from datetime import UTC, datetime

from waymark.accounts.models import State, Visible

ALWAYS = datetime.min.replace(tzinfo=UTC)


def opening_of(thing: Visible, now: datetime) -> datetime | None:
    """From when everybody may see it: ALWAYS, a moment to come, or None for never as it stands."""
    if thing.state == State.PUBLISHED:
        return ALWAYS
    if thing.state == State.EMBARGOED and thing.public_from is not None:
        return ALWAYS if thing.public_from <= now else thing.public_from
    return None


def later_of(first: datetime | None, second: datetime | None) -> datetime | None:
    """When both are open; None where one never is."""
    return None if first is None or second is None else max(first, second)


def moment_of(opening: datetime | None) -> datetime | None:
    """The moment of an opening, None where it has no moment: open already, or never."""
    return None if opening == ALWAYS else opening
