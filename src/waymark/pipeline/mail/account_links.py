"""Links by which people choose a password, and the emails that bring them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from waymark.accounts import services as accounts
from waymark.accounts.audit import serialized_in
from waymark.accounts.models import AccountLink, Role, User
from waymark.accounts.permissions import Actor
from waymark.accounts.services import NewLink
from waymark.core.jobs import HourlyRun, Job, JobQueue
from waymark.core.uk_time import uk_date
from waymark.core.wording import date_in_words
from waymark.mail.outbox import erase_letters, write_letter
from waymark.pipeline.mail.account_letters import invitation_email, reset_email


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invited person. link: address to pass on; mailed: it was also sent by email."""

    person: User
    link: str
    mailed: bool


@serialized_in("accounts", "mail")
def invite_person(
    *, name: str, full_name: str, email: str, roles: Iterable[Role], by: Actor, now: datetime
) -> Invitation:
    """Create an account whose person chooses a password by a link, within 7 days.

    Raises NotPermitted, RuleError.
    """
    person = accounts.add_person(
        name=name, full_name=full_name, email=email, roles=roles, by=by, now=now
    )
    return invite_again(person=person, by=by, now=now)


@serialized_in("accounts", "mail")
def invite_again(*, person: User, by: Actor, now: datetime) -> Invitation:
    """Make a new link for an account, also for one whose password is forgotten.

    Raises NotPermitted, or RuleError for a closed account.
    """
    new = accounts.add_invitation(person=person, by=by, now=now)
    if person.email:
        wording = invitation_email(
            person.username,
            link=_address(new),
            until=date_in_words(uk_date(new.link.expires_at)),
            site=settings.SITE_NAME,
        )
        write_letter(key=new.link.letter_key, to=person.email, wording=wording, now=now)
    return Invitation(person, _address(new), mailed=bool(person.email))


@serialized_in("accounts", "mail")
def request_reset(*, address: str, network: str, now: datetime) -> None:
    """Mail a link to the accounts with an address, if there are any. Raises TooManyResets."""
    for new in accounts.add_resets(address=address, network=network, now=now):
        until = timezone.localtime(new.link.expires_at)
        wording = reset_email(
            new.link.person.username,
            link=_address(new),
            until=f"{until:%H:%M} on {date_in_words(uk_date(new.link.expires_at))}",
            site=settings.SITE_NAME,
        )
        write_letter(key=new.link.letter_key, to=new.link.person.email, wording=wording, now=now)


@serialized_in("accounts", "mail")
def choose_password(*, token: str, new: str, now: datetime) -> User:
    """Choose a password by a link, and delete the emails with the links of the account.

    Raises NotFound for a used or old link, RuleError for a password that is too weak.
    """
    person = accounts.use_link(token=token, new=new, now=now)
    erase_letters(keys=[link.letter_key for link in person.links.all()])
    return person


@serialized_in("accounts", "mail")
def forget_old_links(*, now: datetime) -> int:
    """Delete links that are over, with their emails; returns how many."""
    links = AccountLink.objects.filter(expires_at__lte=now)
    erase_letters(keys=[link.letter_key for link in links])
    return accounts.forget_links(now=now)


def _address(new: NewLink) -> str:
    return f"{settings.SITE_ADDRESS}{reverse('account-link', args=[new.token])}"


JOBS = (
    Job(
        "forget links of accounts",
        JobQueue.UPKEEP,
        HourlyRun(lambda now: forget_old_links(now=now) > 0),
    ),
)
