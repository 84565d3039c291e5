"""Services that show withheld numbers: only to those who may see them, and always recorded.

`by` is the person who acts; each time is recorded under that person's name.
"""

from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.overview.models import Snapshot
from waymark.overview.queries.evidence import EVERY, SuppressedEvidence
from waymark.overview.releases.release import Release
from waymark.publishing.models import Publication
from waymark.publishing.queries import RESTRICTED, withheld_evidence
from waymark.publishing.queries.release_gate import release_to_show


def open_withheld(
    *,
    by: Actor,
    publication: Publication,
    table: str,
    row: str,
    column: str,
    now: datetime,
    part: slice = EVERY,
) -> SuppressedEvidence:
    """Evidence of a number of an edition that is not open to everybody.

    part: slice of its reviews. The audit entry (person, cell, time) is written before anything is
    returned. Raises NotPermitted, and NotFound for a cell that is missing or open to everybody.
    """
    person = require_account(by, RESTRICTED, "open withheld numbers")
    covered = withheld_evidence(publication, table, row, column, person=person, now=now, part=part)
    # Computed before the entry is written: it can take seconds, and the entry takes the write lock.
    audit.record_entry(
        actor=by,
        action="open withheld number",
        subject=f"overview {publication.slug}",
        now=now,
        edition=publication.edition,
        table=covered.evidence.table.id,
        row=row,
        column=column,
    )
    return covered


def show_against_decision(
    *, by: Actor, snapshot: Snapshot, profile: str | None, what: str, now: datetime
) -> Release:
    """Release of a snapshot that may not be published: see release_gate.release_to_show.

    what: purpose, for example "table T3", for the audit entry, which is written before anything is
    returned. If there is no reason against the release, nothing is recorded. Raises NotPermitted,
    and RuleError if the tables cannot be shown under the profile.
    """
    require_account(by, RESTRICTED, "see withheld numbers")
    release = release_to_show(snapshot, profile, now=now, against_decision=True)
    if release.warning:
        audit.record_entry(
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
