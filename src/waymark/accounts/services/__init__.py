"""Services that change accounts, roles, passwords and sessions; each change is audited.

`by` is the person who acts, or None for the operator at the command line.
"""

from waymark.accounts.services.links import (
    NewLink,
    TooManyResets,
    add_invitation,
    add_resets,
    forget_links,
    use_link,
)
from waymark.accounts.services.organisation import (
    link_by_invitation,
    link_organisation,
    unlink_organisation,
)
from waymark.accounts.services.passkeys import add_passkey, remove_passkey
from waymark.accounts.services.people import (
    add_person,
    change_email,
    change_password,
    close_account,
    create_account,
    forget_failures,
    grant_role,
    reopen_account,
    reset_password,
    withdraw_role,
)
from waymark.accounts.services.second_factor import (
    add_factor,
    remove_factor,
    remove_own_factor,
    renew_recovery_codes,
)
from waymark.accounts.services.sessions import (
    end_other_sessions,
    end_own_session,
    end_sessions,
)

__all__ = [
    "NewLink",
    "TooManyResets",
    "add_factor",
    "add_invitation",
    "add_passkey",
    "add_person",
    "add_resets",
    "change_email",
    "change_password",
    "close_account",
    "create_account",
    "end_other_sessions",
    "end_own_session",
    "end_sessions",
    "forget_failures",
    "forget_links",
    "grant_role",
    "link_by_invitation",
    "link_organisation",
    "remove_factor",
    "remove_own_factor",
    "remove_passkey",
    "renew_recovery_codes",
    "reopen_account",
    "reset_password",
    "unlink_organisation",
    "use_link",
    "withdraw_role",
]
