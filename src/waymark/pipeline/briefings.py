"""A briefing with the catalogue records that it cites, and its own record in the library.

Each current edition has a record, so that people find it where they search, and it is in feeds,
exports and harvests. The record follows the edition: published, changed and withdrawn with it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import State, User
from waymark.briefings import services
from waymark.briefings.queries.drafts import BriefingDraft, publications_cited, texts_of
from waymark.briefings.queries.drafts import briefing_draft as draft_of
from waymark.briefings.queries.drafts import briefing_drafts as drafts_of
from waymark.briefings.queries.editions import (
    briefing_document,
    content_of,
    current_of,
    edition_state,
    published_briefing,
    record_key,
    short_document,
)
from waymark.briefings.queries.files import edition_file, printed_document
from waymark.briefings.text.briefing import BriefingContent, cited_publications
from waymark.core.errors import NotReady
from waymark.core.uk_time import uk_date
from waymark.library import services as library
from waymark.library.catalogue.resource_description import MOST_POINTS, ResourceDescription
from waymark.library.models import Concept, Resource, ResourceKind
from waymark.library.queries.content_notes import content_notes_together
from waymark.library.queries.resources import assigned_subjects
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.publishing.publish import catalogue_records
from waymark.pipeline.removals.state_changes import change_state
from waymark.publishing import services as publishing
from waymark.publishing.formats.html import render_page
from waymark.publishing.models import (
    Manuscript,
    ManuscriptKind,
    Publication,
    Signature,
    SigningCapacity,
)
from waymark.publishing.services import PreparedEdition


def briefing_draft(
    manuscript: Manuscript, now: datetime, *, instead: Mapping[str, str] | None = None
) -> BriefingDraft:
    """The draft of a briefing. instead: texts to read in place of those saved, for a preview."""
    records = catalogue_records(publications_cited(manuscript, instead), now)
    return draft_of(manuscript, records=records, now=now, instead=instead)


def briefing_drafts(manuscripts: Sequence[Manuscript], now: datetime) -> list[BriefingDraft]:
    """The drafts of some briefings, in as many queries as for one."""
    texts = texts_of(manuscripts)
    cited = {key for some in texts.values() for key in cited_publications(some)}
    return drafts_of(manuscripts, texts, records=catalogue_records(cited, now), now=now)


def sign_briefing(
    *, by: User, manuscript: Manuscript, capacity: SigningCapacity, seen: str, now: datetime
) -> Signature:
    """Sign a draft. Raises as briefings.services.sign_briefing does."""
    return services.sign_briefing(
        by=by,
        manuscript=manuscript,
        capacity=capacity,
        seen=seen,
        records=catalogue_records(publications_cited(manuscript), now),
        now=now,
    )


def publish_briefing(*, by: User, manuscript: Manuscript, now: datetime) -> Publication:
    """Publish the draft that two people signed, as the next edition, with its record.

    It is typeset before the write lock is taken. Raises as briefings.services.prepare_briefing and
    publish_briefing do.
    """
    prepared = services.prepare_briefing(
        by=by,
        manuscript=manuscript,
        records=catalogue_records(publications_cited(manuscript), now),
        notes_of=content_notes_together,
        now=now,
    )
    if isinstance(prepared, Publication):
        return prepared
    return _publish_prepared(by, prepared, now)


@serialized_in("documents", "briefings", "publishing", "library")
def _publish_prepared(by: User, prepared: PreparedEdition, now: datetime) -> Publication:
    records = catalogue_records(publications_cited(prepared.content.manuscript), now)
    edition = services.publish_briefing(by=by, prepared=prepared, records=records, now=now)
    _catalogue_edition(by, edition, now)
    return edition


@serialized_in("documents", "briefings", "publishing", "library")
def withdraw_briefing(*, by: User, publication: Publication, reason: str, now: datetime) -> None:
    """Withdraw an edition, with its record if it is the current one.

    Raises as publishing.services.withdraw_edition does.
    """
    was_current = current_of(publication) == publication
    publishing.withdraw_edition(by=by, publication=publication, reason=reason, now=now)
    key = record_key(publication.kind, publication.slug)
    resource = Resource.objects.filter(key=key, state=State.PUBLISHED).first()
    if was_current and resource is not None:
        change_state(by=by, item=resource, state=State.WITHDRAWN, now=now)


def render_briefing(kind: str, slug: str, folder: Path, *, now: datetime) -> list[Path]:
    """Write the current edition of a briefing to a folder, as HTML, PDF and Word.

    The names begin with the kind, so that the attack on disclosure can read them beside the files
    of an overview. Raises NotFound, also if the edition cites a report that is no longer public.
    """
    edition = published_briefing(kind, slug)
    state = edition_state(edition, now)
    named = {
        f"{kind}-{slug}.{ending}": edition_file(edition, f"whole.{ending}", "", now)
        for ending in ("pdf", "docx")
    }
    pages = {"": briefing_document}
    if content_of(edition).short.parts:
        pages["-seven-minutes"] = short_document
    for ending, compose in pages.items():
        page = render_page(printed_document(edition, compose, state, now))
        named[f"{kind}-{slug}{ending}.html"] = page.encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in named.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in named]


# ---- the record in the library ----


def _catalogue_edition(by: User, edition: Publication, now: datetime) -> None:
    """Add the record of a briefing, or change it to what its current edition says.

    What a cataloguer added of which an edition says nothing, such as a licence, stays as it is.
    A record whose words wait for a person's answer stays unpublished: staff find it, with the
    reason, where they publish other records.
    """
    content = content_of(edition)
    key = record_key(edition.kind, edition.slug)
    resource = Resource.objects.filter(key=key).first()
    subjects = set(content.about.subjects)
    if resource is None:
        description = _described(_new_description(), edition, content)
        resource = library.add_resource(by=by, description=description, key=key, now=now)
    else:
        description = _described(description_of(resource), edition, content)
        library.change_resource(by=by, resource=resource, description=description, now=now)
        subjects.update(row.key for row in assigned_subjects(resource.record))
    known = Concept.objects.filter(key__in=subjects, ended=False)
    library.set_subjects(
        by=by, record=resource.record, subjects=list(known.values_list("key", flat=True)), now=now
    )
    if resource.state != State.PUBLISHED:
        with suppress(NotReady):
            change_state(by=by, item=resource, state=State.PUBLISHED, now=now)


def _new_description() -> ResourceDescription:
    """The rights of those who run this installation, in what they publish themselves."""
    return ResourceDescription(
        kind=ResourceKind.BRIEFING,
        title="",
        rights_holder=settings.ORGANISATION or settings.SITE_NAME,
        licence=settings.DATA_LICENCE,
    )


def _described(
    before: ResourceDescription, edition: Publication, content: BriefingContent
) -> ResourceDescription:
    about = content.about
    parts = (content.sections.get(slot) for slot in ("issues", "learning", "guidance"))
    headings = [part.heading for text in parts if text for part in text.parts if part.heading]
    guide = edition.kind == ManuscriptKind.GUIDE
    return replace(
        before,
        kind=ResourceKind.GUIDANCE if guide else ResourceKind.BRIEFING,
        title=edition.title,
        strapline=about.strapline,
        publisher=settings.SITE_NAME,
        report_number=f"Edition {edition.edition}",
        year=edition.published_at.year,
        published_on=uk_date(edition.published_at),
        covers=about.period,
        audience=about.audience,
        summary=about.rule,
        key_points=tuple(headings[:MOST_POINTS]),
    )
