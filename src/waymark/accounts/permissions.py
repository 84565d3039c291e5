"""Permissions of each role: the only list of them."""

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.models import Role, User
from waymark.core.errors import NotPermitted

Person = User | AnonymousUser
# None: the operator at the command line, who owns the data folder and so can do everything.
Actor = Person | None

STAFF = frozenset(Role) - {Role.READER}

ALLOWED: dict[str, frozenset[Role]] = {
    "see unpublished reports": STAFF,
    "add reports": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "catalogue": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "edit the thesaurus": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "edit topics": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "handle deposits": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "decide on hidden text": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "check anonymity": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "publish reports": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "load frameworks": frozenset({Role.ANALYST, Role.ADMINISTRATOR}),
    "suggest": frozenset({Role.CODER, Role.ANALYST, Role.ADMINISTRATOR}),
    "lead suggestions": frozenset({Role.ANALYST, Role.ADMINISTRATOR}),
    "draft with a language model": frozenset({Role.CATALOGUER, Role.ANALYST, Role.EDITOR}),
    "connect language models": frozenset({Role.ADMINISTRATOR}),
    "code": frozenset({Role.CODER, Role.ANALYST}),
    "adjudicate": frozenset({Role.ANALYST}),
    "record progress": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "analyse": frozenset({Role.ANALYST}),
    "see protected numbers": frozenset({Role.ANALYST}),
    "decide on disclosure": frozenset({Role.ANALYST, Role.EDITOR}),
    "write overviews": frozenset({Role.ANALYST, Role.EDITOR}),
    "publish overviews": frozenset({Role.EDITOR}),
    "read the audit log": frozenset({Role.ADMINISTRATOR}),
    "edit alerts": frozenset({Role.CATALOGUER, Role.EDITOR}),
    "approve alerts": frozenset({Role.EDITOR}),
    "manage feeds": frozenset({Role.ADMINISTRATOR}),
    "write briefings": frozenset({Role.CATALOGUER, Role.ANALYST, Role.EDITOR}),
    "publish briefings": frozenset({Role.EDITOR}),
    "manage accounts": frozenset({Role.ADMINISTRATOR}),
    "edit indicators": frozenset({Role.ANALYST, Role.EDITOR}),
    "publish indicators": frozenset({Role.EDITOR}),
    "log contacts": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "edit training": frozenset({Role.CATALOGUER, Role.EDITOR}),
    "decide on data access": frozenset({Role.ANALYST, Role.EDITOR, Role.ADMINISTRATOR}),
    "handle enquiries": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "manage emails": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "manage subscribers": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "pause sending": frozenset({Role.ADMINISTRATOR}),
}


def roles_of(person: Person) -> frozenset[Role]:
    """Roles of a signed-in, active person; none for anyone else."""
    if not isinstance(person, User) or not person.is_active:
        return frozenset()
    return person.roles


def has_permission(person: Actor, action: str) -> bool:
    """Return True if a person can do an action of ALLOWED. Raises KeyError for unknown ones."""
    return person is None or bool(ALLOWED[action] & roles_of(person))


def require_permission(person: Actor, action: str) -> None:
    """Raise NotPermitted unless the person can do the action; the message names the roles."""
    if person is None or has_permission(person, action):
        return
    # A list of five roles helps nobody: what a reader needs is any staff role.
    if ALLOWED[action] == STAFF:
        raise NotPermitted("you need a staff account to see this page")
    roles = sorted(role.label.lower() for role in ALLOWED[action])
    needed = f"the role {roles[0]}" if len(roles) == 1 else f"one of the roles {', '.join(roles)}"
    name = person.get_username() or "a visitor"
    raise NotPermitted(f"{name} cannot {action}: you need {needed}")


def require_account(person: Actor, action: str, purpose: str) -> User:
    """Return a person who can do the action in their own name; the operator has no account.

    purpose: what the account is needed for, such as "save a text".
    """
    require_permission(person, action)
    if not isinstance(person, User):
        raise NotPermitted(f"sign in with your own account to {purpose}")
    return person
