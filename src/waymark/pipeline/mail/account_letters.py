"""Emails with a link by which a person chooses a password (no Django)."""

from waymark.mail.email_text import EmailText


def invitation_email(account: str, *, link: str, until: str, site: str) -> EmailText:
    """The link to a new account. account: its name; until: a day in words."""
    return EmailText(
        f"Your account at {site}",
        f"""You have an account at {site}. Its name is {account}.

Open this link to choose a password:

{link}

It works once, until {until}. Do not pass it on.

{site}
""",
    )


def reset_email(account: str, *, link: str, until: str, site: str) -> EmailText:
    """The link by which a forgotten password is replaced. until: a time in words."""
    return EmailText(
        "Choose a new password",
        f"""Someone, probably you, has forgotten the password of the account {account}.

Open this link to choose a new one:

{link}

It works once, until {until}. Do not pass it on.

If you did not ask for it, you do not need to do anything: the password stays as it is.

{site}
""",
    )
