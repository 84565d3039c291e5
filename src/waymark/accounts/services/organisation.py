"""Link accounts at an organisation (OpenID Connect) to people, and end such a link."""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import LinkKind, OrganisationAccount, User
from waymark.accounts.organisation import account_of, linked_account
from waymark.accounts.permissions import Actor, require_permission
from waymark.accounts.queries import open_link
from waymark.accounts.second_factor import has_factor
from waymark.accounts.sessions import delete_sessions
from waymark.core.errors import RuleError


@audit.serialized
def link_organisation(*, person: User, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    """Link an account at an organisation to a person; it replaces an earlier one.

    Raises NotPermitted, RuleError for no subject or one that is another person's.
    """
    require_permission(by, "manage accounts")
    _link(person, issuer, subject.strip(), by, now)


@audit.serialized
def unlink_organisation(*, person: User, by: Actor, now: datetime) -> None:
    """End the link of a person, and their sessions. Raises NotPermitted, RuleError without one."""
    require_permission(by, "manage accounts")
    deleted, _ = OrganisationAccount.objects.filter(person=person).delete()
    if not deleted:
        raise RuleError(f"{person} has no account at the organisation")
    delete_sessions(person, now=now)
    audit.record_about(by, "unlink organisation account", person, now)


@audit.serialized
def link_by_invitation(*, token: str, issuer: str, subject: str, now: datetime) -> User:
    """Link an account at an organisation to the person of an invitation, which ends with it.

    Raises NotFound for a used or old link, RuleError for a subject that is another person's, and
    for a person who has a second factor or such a link: whoever holds the invitation would go
    round them.
    """
    link = open_link(token, now)
    person = link.person
    if has_factor(person) or linked_account(person) is not None:
        raise RuleError(
            "this account is in use already: ask the person who manages accounts to link it"
        )
    if link.kind != LinkKind.INVITATION:
        raise RuleError("this link is for a new password alone: ask for an invitation")
    _link(person, issuer, subject, person, now)
    person.links.update(expires_at=now)
    return person


def _link(person: User, issuer: str, subject: str, by: Actor, now: datetime) -> None:
    if not 0 < len(subject) <= 255:
        raise RuleError("enter the identifier of the account at the organisation")
    known = account_of(issuer, subject)
    if known is not None and known.person_id != person.pk:
        raise RuleError("this account at the organisation is linked to another person already")
    OrganisationAccount.objects.update_or_create(
        person=person, defaults={"issuer": issuer, "subject": subject, "linked_at": now}
    )
    audit.record_about(by, "link organisation account", person, now, identifier=subject)
