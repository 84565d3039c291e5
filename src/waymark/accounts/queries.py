"""What may be read about accounts."""

from waymark.accounts.models import User
from waymark.core.errors import NotFound


def account(name: str) -> User:
    """The account of a name, in any case of its letters. Raises NotFound."""
    person = User.objects.filter(username__iexact=name.strip()).first()
    if person is None:
        raise NotFound(f"there is no account {name}")
    return person
