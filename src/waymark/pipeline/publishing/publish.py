"""A report with the catalogue records of the publications it cites: draft, sign, publish."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import AnonymousUser

from waymark.accounts.audit import serialized_in
from waymark.accounts.models import User
from waymark.accounts.permissions import has_permission
from waymark.core.errors import ConcurrentChange, NotPermitted, RuleError
from waymark.core.tables import ProtectedTable
from waymark.core.utf8 import read_utf8
from waymark.library.catalogue.host_place import article_place
from waymark.library.models import Resource
from waymark.library.queries.content_notes import content_notes_together
from waymark.library.queries.resources import open_resources
from waymark.overview.models import Overview, Snapshot
from waymark.overview.queries.overviews import latest_snapshot, overview_for
from waymark.overview.releases.release import Release
from waymark.pipeline.removals.protection import protected_facts_reindexed
from waymark.publishing import services as publishing
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.document.report_plan import PLAN
from waymark.publishing.models import Publication, ReportVersion, Signature, SigningCapacity
from waymark.publishing.queries import export
from waymark.publishing.queries.drafts import ReportDraft, cited_records, current_versions, draft_of
from waymark.publishing.queries.release_gate import release_to_show
from waymark.publishing.services import PreparedOverview


def records_cited(
    overview: Overview, now: datetime, instead: Mapping[str, str] | None = None
) -> dict[str, CitedRecord]:
    """The public catalogue records of the publications that a report cites, by key."""
    return catalogue_records(cited_records(overview, instead), now)


def catalogue_records(keys: Collection[str], now: datetime) -> dict[str, CitedRecord]:
    """Public catalogue records of publications, by key, as a report cites them."""
    rows = open_resources(AnonymousUser(), now).filter(key__in=keys)
    return {
        row.key: CitedRecord(
            key=row.key,
            authors=tuple(row.authors) or tuple(filter(None, [row.publisher])),
            bodies=tuple(name for name in _bodies_of(row) if "," in name),
            year=row.year,
            title=row.title,
            publisher=row.publisher,
            url=_address_of(row),
            source=_source_of(row),
        )
        for row in rows
    }


def _bodies_of(resource: Resource) -> list[str]:
    return resource.author_bodies if resource.authors else [resource.publisher]


def _address_of(resource: Resource) -> str:
    if resource.doi:
        return f"https://doi.org/{resource.doi}"
    return resource.url if resource.url.startswith("https://") else ""


def _source_of(resource: Resource) -> str:
    """The journal with volume and pages of an article; the report number of anything else."""
    place = article_place(resource.volume, resource.issue, resource.pages)
    return ", ".join(filter(None, (resource.host_title, place, resource.report_number)))


def report_draft(
    overview: Overview, now: datetime, *, instead: Mapping[str, str] | None = None
) -> ReportDraft:
    """The draft of the last snapshot of an overview, as publishing.queries.drafts.draft_of makes
    it.

    Raises NotFound if nothing has been frozen yet.
    """
    records = records_cited(overview, now, instead)
    return draft_of(latest_snapshot(overview), records=records, now=now, instead=instead)


def sign_report(
    *, by: User, overview: Overview, capacity: SigningCapacity, seen: str, now: datetime
) -> Signature:
    """Sign the draft of an overview. Raises as publishing.services.sign_report does."""
    return publishing.sign_report(
        by=by,
        snapshot=latest_snapshot(overview),
        capacity=capacity,
        seen=seen,
        records=records_cited(overview, now),
        now=now,
    )


def publish_report(*, by: User, overview: Overview, now: datetime) -> Publication:
    """Publish the draft of an overview that two people signed, as its next edition.

    It is composed and typeset first, while others can save their work; the write lock is taken
    only to check that nothing has changed since and to write the edition. Raises as
    publishing.services.prepare_edition and publish_edition do.
    """
    prepared = publishing.prepare_edition(
        by=by,
        snapshot=latest_snapshot(overview),
        records=records_cited(overview, now),
        notes_of=content_notes_together,
        now=now,
    )
    if isinstance(prepared, Publication):
        return prepared
    return _publish_prepared(by, overview, prepared, now)


@serialized_in("publishing", "library")
def _publish_prepared(
    by: User, overview: Overview, prepared: PreparedOverview, now: datetime
) -> Publication:
    if latest_snapshot(overview).pk != prepared.snapshot.pk:
        raise ConcurrentChange(
            "Nothing was published. While the edition was being typeset, the overview was frozen"
            " again. Check the new draft, then publish it"
        )
    records = records_cited(overview, now)
    with protected_facts_reindexed(now):
        return publishing.publish_edition(by=by, prepared=prepared, records=records, now=now)


def sign_and_publish(
    *, by: Sequence[User], overview: Overview, profile: str | None, now: datetime
) -> Publication:
    """Have these people sign the draft, and the one who signs as editor publish it.

    profile: the profile that the caller expects, if any. Raises RuleError if another was decided
    on, or if two different people cannot sign as analyst and as editor.
    """
    draft = report_draft(overview, now)
    if profile is not None and draft.profile != profile:
        raise RuleError(
            f"{overview.slug}: the data controller decided on the profile {draft.profile}, not"
            f" {profile}"
        )
    signing = assigned_capacities(by)
    for person, capacity in signing:
        sign_report(by=person, overview=overview, capacity=capacity, seen=draft.content, now=now)
    editor = next((who for who, capacity in signing if capacity == SigningCapacity.EDITOR), by[0])
    return publish_report(by=editor, overview=overview, now=now)


@serialized_in("publishing")
def save_texts(*, by: User, overview: Overview, folder: Path, now: datetime) -> list[ReportVersion]:
    """Save the texts of a report from a folder: NAME.md each; "chapter:name" is chapter.name.md.

    plan.yaml comes first, if there is one. Returns the new versions: an unchanged text has none.
    Raises RuleError for a file that the plan has no part for; then none of them is saved.
    """
    texts = {
        file.stem.replace(".", ":", 1): read_utf8(file) for file in sorted(folder.glob("*.md"))
    }
    plan = folder / "plan.yaml"
    if plan.exists():
        texts = {PLAN: read_utf8(plan), **texts}
    current = current_versions(overview)
    saved = []
    for slot, text in texts.items():
        base = current[slot].number if slot in current else 0
        version = publishing.save_text(
            by=by, overview=overview, slot=slot, text=text, base=base, now=now
        )
        if version is not None and version.number != base:
            saved.append(version)
    return saved


def assigned_capacities(people: Sequence[User]) -> list[tuple[User, SigningCapacity]]:
    """Assign the capacities analyst and editor: people who have only one of them come first.

    Raises NotPermitted for a person who can sign as neither.
    """
    able = {
        person.pk: [
            capacity
            for capacity, action in publishing.NEEDS.items()
            if has_permission(person, action)
        ]
        for person in people
    }
    # Ann may sign as both, Ben only as editor: Ben is editor, so that Ann is left as analyst.
    assigned: dict[int, SigningCapacity] = {}
    for person in sorted(people, key=lambda signer: len(able[signer.pk])):
        if not able[person.pk]:
            raise NotPermitted(f"{person.get_username()} may sign neither as analyst nor as editor")
        free = [name for name in able[person.pk] if name not in assigned.values()]
        assigned.setdefault(person.pk, (free or able[person.pk])[0])
    return [(person, assigned[person.pk]) for person in dict.fromkeys(people)]


def overview_table(
    slug: str, table: str, *, profile: str | None, by: User | None, now: datetime
) -> ProtectedTable:
    """A table of the last snapshot. profile: None for the one decided on.

    by: the person who looks at it against the decision; None if nobody does. Raises NotFound,
    RuleError if it may not be shown, NotPermitted.
    """
    snapshot = latest_snapshot(overview_for(slug))
    return _release_to_show(snapshot, profile, by=by, what=f"table {table}", now=now).table(table)


def render_overview(
    slug: str,
    folder: Path,
    *,
    profile: str | None,
    formats: Collection[str],
    by: User | None,
    now: datetime,
) -> list[Path]:
    """Write an overview to a folder, as publishing.queries.export.render_to_folder does.

    profile, by: as in overview_table.
    """
    overview = overview_for(slug)
    snapshot, records = latest_snapshot(overview), records_cited(overview, now)
    release = _release_to_show(snapshot, profile, by=by, what=", ".join(formats), now=now)
    return export.render_to_folder(
        snapshot,
        release,
        folder,
        formats=formats,
        records=records,
        notes_of=content_notes_together,
        now=now,
    )


def _release_to_show(
    snapshot: Snapshot, profile: str | None, *, by: User | None, what: str, now: datetime
) -> Release:
    if by is None:
        return release_to_show(snapshot, profile, now=now)
    return publishing.show_against_decision(
        by=by, snapshot=snapshot, profile=profile, what=what, now=now
    )
