"""Opening what is withheld: for those alone who may, and never without a trace.

`by` is the person who acts; an opening is recorded under somebody's name.
"""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.models import User
from waymark.accounts.permissions import Actor, require
from waymark.core.errors import NotPermitted
from waymark.overview.models import Snapshot
from waymark.overview.release import Release
from waymark.overview.trace import EVERY, CoveredEvidence
from waymark.publishing.giving_out import release_to_show
from waymark.publishing.models import Publication
from waymark.publishing.queries import RESTRICTED, covered_evidence


def open_withheld(
    *,
    by: Actor,
    publication: Publication,
    table: str,
    row: str,
    column: str,
    now: datetime,
    part: slice = EVERY,
) -> CoveredEvidence:
    """A number of an edition that is not open to everybody, with what stands behind it.

    part: of its reviews. Who opened which cell and when is in the audit before anything is given
    back. Raises NotPermitted, and NotFound for a cell that is not there or is open to everybody.
    """
    require(by, RESTRICTED)
    if not isinstance(by, User):
        raise NotPermitted("what is withheld is opened under a person's name: sign in")
    found = covered_evidence(publication, table, row, column, person=by, now=now, part=part)
    # Worked out before, because that can take seconds, and nothing else could be written meanwhile.
    audit.record(
        actor=by,
        action="open withheld number",
        subject=f"overview {publication.slug}",
        now=now,
        edition=publication.edition,
        table=found.evidence.table.id,
        row=row,
        column=column,
    )
    return found


def show_against_decision(
    *, by: Actor, snapshot: Snapshot, profile: str | None, what: str, now: datetime
) -> Release:
    """Numbers of a snapshot that are not for giving out: see giving_out.release_to_show.

    what: what they are wanted for, as "table T3", for the audit, which has it before anything is
    given back. Where nothing speaks against the release, nothing is recorded. Raises NotPermitted,
    and RuleError where the tables cannot be shown under the profile.
    """
    require(by, RESTRICTED)
    if not isinstance(by, User):
        raise NotPermitted("what is not for giving out is shown under a person's name: name one")
    release = release_to_show(snapshot, profile, now=now, against_decision=True)
    if release.warning:
        audit.record(
            actor=by,
            action="show numbers against decision",
            subject=f"overview {snapshot.overview.slug}",
            now=now,
            snapshot=snapshot.number,
            profile=release.profile,
            decided=release.spec.disclosure.profile,
            what=what,
        )
    return release
