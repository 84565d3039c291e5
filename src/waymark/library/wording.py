"""The letters that a board gets, in plain words (no Django).

A letter passes through other people's machines: it says nothing about the case, does not name the
board, and repeats nothing that somebody typed into the form, so that nobody can have it carry a
message of theirs to a stranger.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and text of a letter."""

    subject: str
    body: str


def received(reference: str, *, files: int, years: int, site: str) -> Wording:
    """That a deposit has come in."""
    kept = f"{files} file{'' if files == 1 else 's'}"
    return Wording(
        f"Deposit {reference} has been received",
        f"""Thank you for your deposit. We have received {kept}.

Your reference is {reference}. Please give it whenever you write to us about this deposit.

What happens next:

- We check that each file can be read, and that it holds nothing that was meant to be hidden.
- We enter it in the catalogue. Until then only our staff can see it.
- We write to you again when it is published, or when we need something else from you.

Copyright stays with you. Once it is published, the file can be had for {_years(years)}, unless we
agree otherwise; after that the file goes and its entry in the catalogue stays.

If you did not send us anything, somebody has typed your address by mistake. You need not do
anything.

{site}
""",
    )


def published(reference: str, *, opens: date | None, until: date | None, site: str) -> Wording:
    """That a deposit is in the library. opens: the end of an embargo; until: the first day without
    the file."""
    when = f"from {_day(opens)}" if opens else "from today"
    kept = f"\nThe file can be had until {_day(until)}.\n" if until else ""
    return Wording(
        f"Deposit {reference} has been checked",
        f"""Your deposit {reference} has been checked and entered in the library. It is open to
readers {when}.
{kept}
If you find anything in it that should not be public, write to us at once with this reference: we
can take it back within a minute.

{site}
""",
    )


def returned(reference: str, *, reason: str, site: str) -> Wording:
    """That a deposit was not taken. reason: as staff wrote it for the board."""
    return Wording(
        f"Deposit {reference} needs your attention",
        f"""We have looked at your deposit {reference} and cannot publish it as it is. The reason:

{reason}

You are welcome to send it again. Nobody but our staff has seen what you sent.

{site}
""",
    )


def _years(years: int) -> str:
    return "one year" if years == 1 else f"{years} years"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
