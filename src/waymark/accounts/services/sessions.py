"""End sessions: one's own, or as an administrator those of an account."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.sessions import delete_sessions
from waymark.core.errors import NotPermitted, RuleError


@audit.serialized
def end_own_session(*, by: Actor, mark: str, now: datetime) -> None:
    """End one of one's own sessions. mark: its LiveSession.mark.

    Raises NotPermitted without an account, RuleError if it has ended already.
    """
    person = _own(by)
    if not delete_sessions(person, now=now, mark=mark):
        raise RuleError("that session has already ended")
    audit.record_about(by, "end sessions", person, now, number=1)


@audit.serialized
def end_other_sessions(*, by: Actor, keep: str | None, now: datetime) -> int:
    """End one's own sessions but for one, and return how many. keep: key of the one.

    Raises NotPermitted without an account.
    """
    person = _own(by)
    ended = delete_sessions(person, now=now, keep=keep)
    if ended:
        audit.record_about(by, "end sessions", person, now, number=ended)
    return ended


@audit.serialized
def end_sessions(*, person: User, by: Actor, now: datetime) -> int:
    """Sign a person out everywhere, and return how many sessions ended. Raises NotPermitted."""
    require_permission(by, "manage accounts")
    ended = delete_sessions(person, now=now)
    if ended:
        audit.record_about(by, "end sessions", person, now, number=ended)
    return ended


def _own(by: Actor) -> User:
    if not isinstance(by, User):
        raise NotPermitted("sign in to see your sessions")
    return by
