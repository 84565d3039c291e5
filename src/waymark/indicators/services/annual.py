"""Services that write, sign and publish an annual report; its editions are of a manuscript.

`by` is the person who acts, under their own name.
"""

import re
from datetime import datetime

from waymark.accounts import audit
from waymark.accounts.permissions import Actor, require_account
from waymark.core.errors import RuleError
from waymark.indicators.annual_about import ABOUT, AnnualAbout, annual_about_yaml
from waymark.indicators.annual_content import compose_annual
from waymark.indicators.queries.annual import KIND, WRITE, AnnualDraft, annual_draft, annual_texts
from waymark.indicators.services.describing import PUBLISH
from waymark.publishing.document.nodes import EditionInfo
from waymark.publishing.formats.pdf import render_pdf
from waymark.publishing.models import Manuscript, Publication, Signature, SigningCapacity
from waymark.publishing.queries.editions import edition_signatures
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    next_number,
    require_signatures,
)
from waymark.publishing.services.manuscripts import (
    PreparedEdition,
    conflict_error,
    publish_prepared,
    save_version,
    sign_content,
)

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLOT = re.compile(r"foreword|method|indicator--[a-z0-9-]{1,60}")


@audit.serialized_in("indicators", "publishing")
def add_annual_report(*, by: Actor, slug: str, about: AnnualAbout, now: datetime) -> Manuscript:
    """Add a report with its description. Raises NotPermitted, RuleError for a wrong name."""
    require_account(by, WRITE, "add an annual report")
    if not SLUG.fullmatch(slug) or len(slug) > 60:
        raise RuleError("the web address name has lower-case letters, digits and hyphens")
    if Manuscript.objects.filter(kind=KIND, slug=slug).exists():
        raise RuleError(f"there is already an annual report {slug}: choose another name")
    manuscript = Manuscript.objects.create(kind=KIND, slug=slug)
    audit.record_about(by, "add annual report", manuscript, now)
    text = annual_about_yaml(about)
    save_version(by=by, manuscript=manuscript, slot=ABOUT, text=text, base=0, now=now)
    return manuscript


@audit.serialized_in("indicators", "publishing")
def describe_annual_report(
    *, by: Actor, manuscript: Manuscript, about: AnnualAbout, now: datetime
) -> None:
    """Save the description. Raises NotPermitted."""
    require_account(by, WRITE, "describe an annual report")
    current = annual_texts(manuscript).get(ABOUT)
    base = current.number if current else 0
    text = annual_about_yaml(about)
    save_version(by=by, manuscript=manuscript, slot=ABOUT, text=text, base=base, now=now)


@audit.serialized_in("indicators", "publishing")
def save_annual_text(
    *, by: Actor, manuscript: Manuscript, slot: str, text: str, base: int, now: datetime
) -> None:
    """Save a text: "foreword", "method" or "indicator--SLUG". See manuscripts.save_version()."""
    require_account(by, WRITE, "save a text")
    if not SLOT.fullmatch(slot):
        raise RuleError(f"an annual report has no text {slot[:60]}")
    save_version(by=by, manuscript=manuscript, slot=slot, text=text, base=base, now=now)


def sign_annual_report(
    *, by: Actor, manuscript: Manuscript, capacity: SigningCapacity, seen: str, now: datetime
) -> Signature:
    """Sign a draft. seen: hash of the content that the person read.

    Raises NotPermitted, and RuleError with all obstacles, or if the draft is another one now.
    """
    person = require_account(by, WRITE, "sign an annual report")
    _fit_draft(manuscript)
    return sign_content(
        by=person,
        content=ManuscriptContent(manuscript, seen),
        capacity=capacity,
        current=lambda: _fit_draft(manuscript).content.sha256,
        now=now,
    )


def _fit_draft(manuscript: Manuscript) -> AnnualDraft:
    draft = annual_draft(manuscript)
    if draft.obstacles:
        raise RuleError("; ".join(draft.obstacles))
    return draft


def prepare_annual_report(
    *, by: Actor, manuscript: Manuscript, now: datetime
) -> PreparedEdition | Publication:
    """Compose and typeset the next edition, without the write lock.

    Returns the current edition if its content is exactly this. Raises NotPermitted, and RuleError
    if it has an obstacle or two people have not signed exactly this.
    """
    require_account(by, PUBLISH, "publish an annual report")
    draft = annual_draft(manuscript)
    if draft.is_published and draft.edition is not None:
        return draft.edition
    if draft.obstacles:
        raise RuleError("; ".join(draft.obstacles))
    signatures = tuple(draft.signatures)
    require_signatures(manuscript.kind, signatures)
    number = next_number(manuscript.slug, manuscript.kind)
    edition = EditionInfo(number, now, draft.content.sha256, edition_signatures(signatures))
    return PreparedEdition(
        content=draft.signable,
        number=number,
        title=draft.content.title,
        report=draft.content.to_json(),
        signatures=signatures,
        pdf=render_pdf(compose_annual(draft.content, edition)),
    )


@audit.serialized_in("indicators", "publishing")
def publish_annual_report(*, by: Actor, prepared: PreparedEdition, now: datetime) -> Publication:
    """Publish a prepared edition, if no text and no value has changed since.

    Raises NotPermitted, ConcurrentChange with nothing written.
    """
    require_account(by, PUBLISH, "publish an annual report")
    manuscript = prepared.content.manuscript

    def current() -> str:
        draft = annual_draft(manuscript)
        if draft.obstacles:
            raise conflict_error("; ".join(draft.obstacles))
        return draft.content.sha256

    return publish_prepared(by=by, prepared=prepared, current=current, now=now)
