"""Giving an edition out as two people do: both sign what they see, the editor publishes it."""

from tests.factories import NOON, make_person
from waymark.accounts.models import Role
from waymark.publishing import services
from waymark.publishing.models import (
    ManuscriptKind,
    Publication,
    ReportVersion,
    SigningCapacity,
)
from waymark.publishing.queries.drafts import NO_RECORDS, draft_of
from waymark.publishing.services.texts import manuscript_of


def write_introduction(overview, *, now=NOON):
    """The one chapter that every report needs, where nobody has written it."""
    if not ReportVersion.objects.filter(
        manuscript__overview=overview, slot="introduction"
    ).exists():
        services.save_text(
            by=make_person(Role.EDITOR),
            overview=overview,
            slot="introduction",
            text="These reviews were read to learn from them.",
            base=0,
            now=now,
        )


def sign(by, snapshot, capacity, *, now=NOON, records=NO_RECORDS):
    write_introduction(snapshot.overview, now=now)
    seen = draft_of(snapshot, records=records, now=now).content
    return services.sign_report(
        by=by, snapshot=snapshot, capacity=capacity, seen=seen, records=records, now=now
    )


def give_out(*, editor, snapshot, analyst=None, now=NOON, records=NO_RECORDS):
    """The next edition of a snapshot. analyst: a new one where none is given."""
    sign(
        analyst or make_person(Role.ANALYST),
        snapshot,
        SigningCapacity.ANALYST,
        now=now,
        records=records,
    )
    sign(editor, snapshot, SigningCapacity.EDITOR, now=now, records=records)
    return prepare_and_publish(by=editor, snapshot=snapshot, records=records, now=now)


def prepare_and_publish(*, by, snapshot, records=NO_RECORDS, now=NOON):
    """The next edition of a snapshot that is signed, with nothing changed in between."""
    prepared = services.prepare_edition(by=by, snapshot=snapshot, records=records, now=now)
    if isinstance(prepared, Publication):
        return prepared
    return services.publish_edition(by=by, prepared=prepared, records=records, now=now)


def stored_edition(snapshot, profile="open", number=1, *, by):
    """The row of an edition: it has no texts, no signatures and no file."""
    return Publication.objects.create(
        manuscript=manuscript_of(snapshot.overview),
        snapshot=snapshot,
        kind=ManuscriptKind.OVERVIEW,
        slug=snapshot.overview.slug,
        edition=number,
        title="A stored edition",
        profile=profile,
        pdf="none.pdf",
        published_at=NOON,
        published_by=by,
    )
