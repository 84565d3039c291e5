"""Service that saves the texts of a report: each save is a new version and voids signatures."""

import re
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.frameworks.queries import file_of
from waymark.overview.models import Overview
from waymark.publishing.document.report_plan import PLAN, read_plan
from waymark.publishing.models import ReportVersion, Signature
from waymark.publishing.queries.drafts import WRITE, plan_source

LONGEST = 200_000
"""Most characters of one text: about a hundred pages."""
# Control characters other than tab and line feed, non-characters and surrogates of Unicode.
UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


class TextOvertaken(RuleError):
    """Someone else saved the text while it was edited. current: the current version."""

    def __init__(self, current: ReportVersion) -> None:
        super().__init__(
            f"{current.saved_by} saved {current.slot} (version {current.number}) while you were"
            " editing: merge the two texts, then save"
        )
        self.current = current


@audit.serialized
def save_text(
    *, by: Actor, overview: Overview, slot: str, text: str, base: int, now: datetime
) -> ReportVersion | None:
    """Save a text as its next version; the same text again changes nothing.

    base: number of the version that the person began with, 0 for none. Returns None if there is no
    version and nothing was typed. Voids all unused signatures. Raises NotPermitted,
    ConcurrentChange if another version is current, RuleError for a slot that is not in the plan or
    a text that is too long, SpecError for an unreadable plan.
    """
    person = require_account(by, WRITE, "save a text")
    text = clean_text(text)
    if len(text) > LONGEST:
        raise RuleError(
            f"{slot}: a text can have at most {LONGEST:,} characters, not {len(text):,}"
        )
    # The row of the overview is locked, not that of the text: a first version has no row yet, and
    # two people could both write number 1.
    overview = Overview.objects.select_for_update().get(pk=overview.pk)
    _check_slot(overview, slot, text)
    current = (
        ReportVersion.objects.filter(overview=overview, slot=slot, superseded_at=None)
        .select_related("saved_by")
        .first()
    )
    if current is not None and current.text == text:
        return current
    # Saving the same text twice is no conflict, so that comparison came first: a form sent again
    # after a broken connection answers as it did before.
    if current is not None and current.number != base:
        raise TextOvertaken(current)
    if current is None and not text.strip():
        return None
    if current is not None:
        current.superseded_at = now
        current.save(update_fields=["superseded_at"])
    version = ReportVersion.objects.create(
        overview=overview,
        slot=slot,
        number=current.number + 1 if current else 1,
        text=text,
        saved_at=now,
        saved_by=person,
    )
    # Signatures that an edition has used stay valid: they are on the content of that edition.
    voided = Signature.objects.filter(
        snapshot__overview=overview, voided_at=None, publication=None
    ).update(voided_at=now)
    audit.record_entry(
        actor=by,
        action="save text of overview",
        subject=f"overview {overview.slug}",
        now=now,
        slot=slot,
        version=version.number,
        signatures_voided=voided,
    )
    return version


def clean_text(text: str) -> str:
    """Return a text with LF line ends and without characters that cannot be displayed."""
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _check_slot(overview: Overview, slot: str, text: str) -> None:
    if slot == PLAN:
        if text.strip():
            read_plan(text)
        return
    framework = file_of(overview.framework)
    themes = tuple(code.id for code in framework.codes if code.theme is not None)
    slots = read_plan(plan_source(overview)).slots(themes)
    if slot not in slots:
        # As in the names of files: key-themes.prac.neglect.md.
        names = ", ".join(slots).replace(":", ".")
        raise RuleError(f"the plan of the report has no text {slot}: it has {names}")
