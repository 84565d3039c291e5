"""Services that take what teams did with a briefing, and decide which of it is shown."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from waymark.accounts import audit, removals
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_account
from waymark.briefings.models import BriefingUse, UseState
from waymark.core.errors import RuleError, require_found
from waymark.core.uk_time import uk_date
from waymark.publishing.models import Publication

MOST_A_DAY = 200
"""Most records that may wait for one briefing from one day: more are no teams."""


class TooManyUses(RuleError):
    """So many records came in a day that no more are taken."""


@dataclass(frozen=True, slots=True)
class ReportedUse:
    """What a team says. team: its name, no person's; change: what it changed."""

    team: str
    used_on: date
    change: str


@audit.serialized
def take_use(
    *, by: Actor, publication: Publication, use: ReportedUse, now: datetime
) -> BriefingUse:
    """Take a record of use, from anybody; it is shown only once a person has read it.

    The same words sent twice in a day are one record. Raises RuleError for a day in the future or
    without words, TooManyUses.
    """
    if use.used_on > uk_date(now):
        raise RuleError("the day on which you used it is in the future: enter a past date")
    if not use.team.strip() or not use.change.strip():
        raise RuleError("enter the name of your team, and what you changed")
    recent = BriefingUse.objects.filter(
        manuscript=publication.manuscript, received_at__gt=now - timedelta(days=1)
    )
    team, change = use.team.strip()[:200], use.change.strip()[:2_000]
    same = recent.filter(team=team, used_on=use.used_on, change=change).first()
    if same is not None:
        return same
    if recent.count() >= MOST_A_DAY:
        raise TooManyUses("we have received many records today: send yours again tomorrow")
    row = BriefingUse.objects.create(
        manuscript=publication.manuscript,
        edition=publication.edition,
        team=team,
        used_on=use.used_on,
        change=change,
        received_at=now,
    )
    audit.record_about(by, "receive record of use", row, now)
    return row


@audit.serialized
def decide_use(*, by: Actor, use: int, shown: bool, now: datetime) -> BriefingUse:
    """Show a record of use on its briefing, or do not. A later decision replaces this one.

    Raises NotPermitted, NotFound.
    """
    person = require_account(by, "write briefings", "decide on a record of use")
    return _decide(by, use, UseState.SHOWN if shown else UseState.REFUSED, person, now)


@audit.serialized
def hide_use_again(*, use: int, now: datetime) -> None:
    """Hide a record of use that a restored copy of the database shows again. Raises NotFound."""
    _decide(None, use, UseState.REFUSED, None, now)


def _decide(
    by: Actor, use: int, state: UseState, person: User | None, now: datetime
) -> BriefingUse:
    rows = BriefingUse.objects.select_for_update(of=("self",)).select_related("manuscript")
    row = require_found(rows.filter(pk=use).first(), "there is no such record of use")
    row.state, row.decided_at, row.decided_by = state, now, person
    row.save(update_fields=["state", "decided_at", "decided_by"])
    removals.note_withdrawal(subject=f"use {row.pk}", withdrawn=state == UseState.REFUSED, now=now)
    audit.record_about(by, f"decide on record of use: {row.state}", row, now)
    return row
