"""Queries of the applications for restricted data: for staff, and for whoever has the link."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import NotFound, require_found
from waymark.data_access.models import RECORDS, AccessApproval, AccessState, DataApplication
from waymark.publishing.queries import current_editions
from waymark.publishing.queries.manuscripts import current_edition

DECIDE = "decide on data access"
YEAR = timedelta(days=365)
NONE = "there is no such application for data"
UNCONFIRMED = Q(state=AccessState.WAITING, confirmed_at=None)


def dataset_choices() -> dict[str, str]:
    """Datasets that a person can apply for: name -> label."""
    protected = [edition for edition in current_editions() if edition.profile != "open"]
    return {
        RECORDS: "All coded records that are public, row by row, with nothing withheld",
        **{
            edition.slug: f"{edition.title}: the rows and numbers of edition {edition.edition}"
            for edition in protected
        },
    }


def profiles_for(application: DataApplication) -> dict[str, str]:
    """Disclosure profiles that an approval can name: name -> label."""
    choices = {"open": profile_label("open")}
    current = None if application.dataset == RECORDS else current_edition(application.dataset)
    if current is not None:
        # Numbers under any other profile could undo what the edition withholds.
        choices[current.profile] = profile_label(current.profile)
    return choices


def profile_label(profile: str) -> str:
    """What is given under a disclosure profile, in words."""
    if profile == "open":
        return "Rows of single reviews, nothing withheld (open)"
    return f"Numbers alone, under the profile {profile}"


def application_with(reference: str, token: str) -> DataApplication:
    """The application of a private link. Raises NotFound."""
    row = DataApplication.objects.filter(reference=reference, erased_at=None).first()
    if row is None or not constant_time_compare(row.token, token):
        raise NotFound(NONE)
    return row


def listed_applications(person: Actor) -> QuerySet[DataApplication]:
    """All applications but those whose address is not confirmed. Raises NotPermitted."""
    require_permission(person, DECIDE)
    return DataApplication.objects.exclude(UNCONFIRMED)


def application_for(reference: str, person: Actor) -> DataApplication:
    """One application. Raises NotPermitted, NotFound."""
    return require_found(listed_applications(person).filter(reference=reference).first(), NONE)


def waiting_approval(application: DataApplication) -> AccessApproval | None:
    """The approval that waits for a second person."""
    rows = application.approvals.filter(confirmed_at=None, dropped_at=None)
    return rows.select_related("proposed_by").first()


def waiting_applications(person: Actor) -> QuerySet[DataApplication]:
    """Applications and extensions that wait for a person: not those that they proposed to approve.

    Raises NotPermitted.
    """
    rows = listed_applications(person).filter(waiting_since__isnull=False)
    if not isinstance(person, User):
        return rows
    own = AccessApproval.objects.filter(proposed_by=person, confirmed_at=None, dropped_at=None)
    return rows.exclude(pk__in=own.values("application"))


@dataclass(frozen=True, slots=True)
class DueDates:
    """Days of the job: reminders are sent to what ends on or before `ending`."""

    today: date
    ending: date


def to_remind(days: DueDates) -> QuerySet[DataApplication]:
    """Granted applications that end soon or have ended."""
    return DataApplication.objects.filter(
        state=AccessState.GRANTED, expires_on__lte=days.ending
    ).order_by("pk")


def never_confirmed(before: datetime) -> QuerySet[DataApplication]:
    """Applications received before a time whose address was never confirmed."""
    rows = DataApplication.objects.filter(UNCONFIRMED, received_at__lte=before, approvals=None)
    return rows.order_by("pk")


def to_erase(before: datetime) -> QuerySet[DataApplication]:
    """Applications that ended before a time, once destroyed or if nothing was taken.

    Others a year later: nobody can be reminded for ever.
    """
    done = Q(destroyed_at__isnull=False) | Q(exports=None) | Q(ended_at__lte=before - YEAR)
    rows = DataApplication.objects.filter(done, ended_at__lte=before, erased_at=None)
    return rows.distinct().order_by("pk")
