"""Texts that a new overview takes over from the one it was copied from.

What is true of one set of reviews need not be true of another, so each text is marked until a
person confirms or changes it, and nothing is signed before that.
"""

from collections.abc import Mapping
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.overview.models import Overview
from waymark.publishing.document.report_plan import PLAN
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries.drafts import WRITE, current_versions
from waymark.publishing.services.manuscripts import TextOvertaken, add_version
from waymark.publishing.services.texts import manuscript_of


@audit.serialized
def carry_over_texts(
    *, by: Actor, source: Overview, overview: Overview, now: datetime
) -> list[ReportVersion]:
    """Copy the current texts of an overview, with its plan, into one that has none.

    Raises NotPermitted, RuleError if it has texts.
    """
    person = require_account(by, WRITE, "carry texts over")
    texts = current_versions(source)
    if current_versions(overview):
        raise RuleError(f"{overview.slug} has texts of its own: carry none over")
    if not texts:
        return []
    manuscript = manuscript_of(overview)
    versions = ReportVersion.objects.bulk_create(
        ReportVersion(
            manuscript=manuscript,
            slot=slot,
            number=1,
            text=row.text,
            saved_at=now,
            saved_by=person,
            # The plan says nothing about reviews.
            carried_from="" if slot == PLAN else source.slug,
        )
        for slot, row in texts.items()
    )
    audit.record_about(
        by, "carry over texts", manuscript, now, source=source.slug, texts=sorted(texts)
    )
    return versions


@audit.serialized
def confirm_texts(
    *, by: Actor, overview: Overview, seen: Mapping[str, int], now: datetime
) -> list[ReportVersion]:
    """Confirm texts that were carried over: each becomes a version of the person, as it is.

    seen: number of the version that the person read, by slot. Texts that someone has confirmed or
    changed to the same are passed over. Raises NotPermitted, RuleError for none, TextOvertaken.
    """
    person = require_account(by, WRITE, "confirm texts")
    if not seen:
        raise RuleError("tick at least one text that you have read")
    confirmed = []
    texts = current_versions(overview)
    for slot, number in seen.items():
        current = texts.get(slot)
        if current is None or not current.carried_from:
            continue
        if current.number != number:
            raise TextOvertaken(current)
        confirmed.append(add_version(current.manuscript, slot, current.text, current, person, now))
    if confirmed:
        audit.record_about(
            by,
            "confirm texts",
            confirmed[0].manuscript,
            now,
            texts=[version.slot for version in confirmed],
        )
    return confirmed
