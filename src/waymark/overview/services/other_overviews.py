"""The only writers of overviews of other bodies."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction

from waymark.accounts import audit, removals
from waymark.accounts.permissions import Actor, require_permission
from waymark.core.errors import RuleError
from waymark.core.journal import Entry
from waymark.overview.models import OtherFinding, OtherOverview
from waymark.overview.spec.other_overviews import OtherOverviewEntry

WRITE, PUBLISH = "write overviews", "publish overviews"
UNLISTED = "other overview hidden"
"""Kind of line in the journal of removals."""


@audit.serialized
def save_other_overview(
    *, by: Actor, entry: OtherOverviewEntry, is_new: bool = False, now: datetime
) -> OtherOverview:
    """Store an overview of another body with its findings, or replace it.

    Raises NotPermitted; RuleError for a new one with the web address name of another.
    """
    require_permission(by, WRITE)
    if is_new and OtherOverview.objects.filter(slug=entry.slug).exists():
        raise RuleError("another overview has this web address name")
    plain = entry.model_dump(exclude={"slug", "findings", "caveats"})
    texts = {name: plain[name] or "" for name in ("nation", "method", "record", "address")}
    overview, made = OtherOverview.objects.update_or_create(
        slug=entry.slug,
        defaults={**plain, **texts, "caveats": "\n".join(entry.caveats), "changed_at": now},
    )
    overview.findings.all().delete()
    OtherFinding.objects.bulk_create(
        OtherFinding(
            overview=overview,
            theme=finding.theme or "",
            text=finding.text,
            page=(finding.page or "")[:40],
            number=None if finding.number is None else Decimal(f"{finding.number:.1f}"),
            base=finding.base,
            unit=finding.unit or "",
        )
        for finding in entry.findings
    )
    action = "add other overview" if made else "change other overview"
    audit.record_about(by, action, overview, now, findings=len(entry.findings))
    return overview


@audit.serialized
def import_other_overviews(
    *, by: Actor, entries: Sequence[OtherOverviewEntry], now: datetime
) -> list[OtherOverview]:
    """Store all overviews of a file; those known already are replaced. Raises NotPermitted."""
    require_permission(by, WRITE)
    return [save_other_overview(by=by, entry=entry, now=now) for entry in entries]


@audit.serialized
def list_other_overview(*, by: Actor, overview: OtherOverview, now: datetime) -> None:
    """Show an overview of another body to everyone. Raises NotPermitted."""
    require_permission(by, PUBLISH)
    if not overview.listed:
        _set_listed(overview, listed=True)
        # Only when it is stored: the journal must hide at least as much as the database.
        line = _journal_line(overview, now, hidden=False)
        transaction.on_commit(partial(removals.append_entries, [line]))
        audit.record_about(by, "list other overview", overview, now)


@audit.serialized
def unlist_other_overview(
    *, by: Actor, overview: OtherOverview, reason: str, now: datetime
) -> None:
    """Take an overview of another body from the public site. Raises RuleError without a reason."""
    require_permission(by, PUBLISH)
    if not reason.strip():
        raise RuleError("give a reason for removing the overview: it is kept in the audit log")
    if overview.listed:
        _set_listed(overview, listed=False)
        line = _journal_line(overview, now, hidden=True)
        audit.before_commit(partial(removals.append_entries, [line]))
        audit.record_about(by, "unlist other overview", overview, now, reason=reason.strip()[:300])


def unlist_again(*, key: str, entry: Entry, now: datetime) -> bool:
    """Hide an overview again that a restored database shows; False if nothing was left to do."""
    overview = OtherOverview.objects.filter(slug=key, listed=True).first()
    if overview is None or not entry["hidden"]:
        return False
    _set_listed(overview, listed=False)
    audit.record_about(None, "unlist other overview", overview, now, reason="before the restore")
    return True


def _set_listed(overview: OtherOverview, *, listed: bool) -> None:
    OtherOverview.objects.filter(pk=overview.pk).update(listed=listed)
    overview.listed = listed


def _journal_line(overview: OtherOverview, now: datetime, *, hidden: bool) -> Entry:
    return removals.removal_entry(
        subject=overview.audit_subject(), what=UNLISTED, now=now, hidden=hidden
    )
