"""Emails about signing up (no Django).

Anyone can type any address into the form. So the emails repeat nothing that was typed, such as the
name of a search: nobody can use them to send words of their own to a stranger.
"""

from collections.abc import Sequence
from datetime import timedelta

from waymark.mail.email_text import EmailText

VALID_FOR = timedelta(hours=48)
"""For so long after the last letter its link confirms."""
FORGOTTEN_AFTER = timedelta(days=7)
"""A sign-up that nobody confirmed is then deleted."""


def confirmation_letter(
    *, lists: Sequence[str], link: str, until: str, site: str, called: bool
) -> EmailText:
    """Letter to confirm. lists: in words, such as "Followed topics (2)"; until: in words.

    called: the person asked a member of staff to sign them up.
    """
    beginning = "You asked our staff" if called else "Someone, we hope you, asked us"
    names = "\n".join(f"- {name}" for name in lists)
    return EmailText(
        f"Confirm your alerts from {site}",
        f"""{beginning} to send these alerts to this address:

{names}

To receive them, open this page and press the button on it:

{link}

The link works until {until}.

If you did not ask for this, do nothing. You receive no alerts, and we delete
your address after {FORGOTTEN_AFTER.days} days.

{site}
""",
    )


def new_address_letter(*, link: str, until: str, site: str) -> EmailText:
    """Letter to the new address of a subscriber."""
    return EmailText(
        f"Confirm your new address for alerts from {site}",
        f"""A subscriber asked us to send their alerts to this address from now on.

If this was you, open this page and press the button on it:

{link}

The link works until {until}.

If you did not ask for this, do nothing. Nothing is sent to you, and we delete
your address after {FORGOTTEN_AFTER.days} days.

{site}
""",
    )


def moved_letter(*, site: str) -> EmailText:
    """Letter to the earlier address of a subscriber."""
    return EmailText(
        f"Your alerts from {site} go to another address",
        f"""Your alerts now go to another address, as someone asked on your preferences page.
We send nothing more to this address.

If this was not you, contact us: someone else has seen the link in one of your
alerts.

{site}
""",
    )
