"""Which role may do what: the one list. Services ask require(); pages ask may()."""

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.models import Role, User
from waymark.core.errors import NotPermitted

Person = User | AnonymousUser
# None: the operator at the command line, who owns the data folder and so may do everything.
Actor = Person | None

STAFF = frozenset(Role) - {Role.READER}

ALLOWED: dict[str, frozenset[Role]] = {
    "see unpublished reports": STAFF,
    "take in reports": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "catalogue": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "keep the thesaurus": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "handle deposits": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "answer for hidden text": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "publish reports": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "load frameworks": frozenset({Role.ANALYST, Role.ADMINISTRATOR}),
    "suggest": frozenset({Role.CODER, Role.ANALYST, Role.ADMINISTRATOR}),
    "code": frozenset({Role.CODER, Role.ANALYST}),
    "adjudicate": frozenset({Role.ANALYST}),
    "record progress": frozenset({Role.CATALOGUER, Role.EDITOR, Role.ADMINISTRATOR}),
    "analyse": frozenset({Role.ANALYST}),
    "see what is withheld": frozenset({Role.ANALYST}),
    "decide on disclosure": frozenset({Role.ANALYST, Role.EDITOR}),
    "write overviews": frozenset({Role.ANALYST, Role.EDITOR}),
    "publish overviews": frozenset({Role.EDITOR}),
    "manage accounts": frozenset({Role.ADMINISTRATOR}),
    "pause sending": frozenset({Role.ADMINISTRATOR}),
}


def roles_of(person: Person) -> frozenset[Role]:
    """The roles of a person who is signed in and active; none for anybody else."""
    if not isinstance(person, User) or not person.is_active:
        return frozenset()
    return person.roles


def may(person: Actor, action: str) -> bool:
    """Whether a person may do an action of ALLOWED. Raises KeyError for an unknown action."""
    return person is None or bool(ALLOWED[action] & roles_of(person))


def require(person: Actor, action: str) -> None:
    """Raises NotPermitted unless the person may do the action; the message says who may."""
    if person is not None and not may(person, action):
        roles = sorted(role.label.lower() for role in ALLOWED[action])
        who = f"the role {roles[0]}" if len(roles) == 1 else f"one of the roles {', '.join(roles)}"
        name = person.get_username() or "a visitor"
        raise NotPermitted(f"{name} may not {action}: this needs {who}")
