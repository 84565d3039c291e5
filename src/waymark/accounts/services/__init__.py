"""Services that change accounts, roles, passwords and sessions; each change is audited.

`by` is the person who acts, or None for the operator at the command line.
"""

from waymark.accounts.services.people import (
    change_password,
    close_account,
    create_account,
    grant_role,
    reopen_account,
    reset_password,
    withdraw_role,
)
from waymark.accounts.services.sessions import (
    end_other_sessions,
    end_own_session,
    end_sessions,
)

__all__ = [
    "change_password",
    "close_account",
    "create_account",
    "end_other_sessions",
    "end_own_session",
    "end_sessions",
    "grant_role",
    "reopen_account",
    "reset_password",
    "withdraw_role",
]
