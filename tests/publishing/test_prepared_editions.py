"""An edition is typeset first and published only if nothing it was made from has changed since."""

from datetime import timedelta

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, hide
from tests.publishing.giving import prepare_and_publish, sign
from tests.written_once import written_once
from waymark import pipeline
from waymark.accounts.models import Role
from waymark.core.errors import ConcurrentChange, NotPermitted
from waymark.documents.files import storage
from waymark.overview import services as overview
from waymark.pipeline.publishing.publish import _publish_prepared
from waymark.profiles.models import AgreedJudgement
from waymark.publishing import services
from waymark.publishing.document.citations import CitedRecord
from waymark.publishing.models import Publication, ReportVersion, SigningCapacity

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
CITED = {"ash": CitedRecord("ash", ("Ash, A",), 2001, "Trees")}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
@written_once
def snapshot(world):
    small = overview.create_overview(by=world.analyst, spec=SPEC, file="s.yaml", now=NOON)
    return overview.freeze_overview(by=world.analyst, overview=small, now=NOON)


def save(world, snapshot, text):
    current = ReportVersion.objects.filter(slot="introduction").order_by("-number").first()
    services.save_text(
        by=world.editor,
        overview=snapshot.overview,
        slot="introduction",
        text=text,
        base=current.number if current else 0,
        now=LATER,
    )


def prepare(world, snapshot, records=CITED):
    sign(world.analyst, snapshot, SigningCapacity.ANALYST, records=records)
    sign(world.editor, snapshot, SigningCapacity.EDITOR, records=records)
    return services.prepare_edition(by=world.editor, snapshot=snapshot, records=records, now=NOON)


def publish(world, prepared, records=CITED):
    return services.publish_edition(by=world.editor, prepared=prepared, records=records, now=LATER)


def is_refused(world, prepared, reason, records=CITED):
    before = Publication.objects.count()
    with pytest.raises(ConcurrentChange, match=f"Nothing was published.*{reason}"):
        publish(world, prepared, records)
    files = list(storage.files_of(storage.publications_folder()))
    assert (Publication.objects.count(), len(files)) == (before, before)


def test_preparing_writes_nothing_and_publishing_writes_the_prepared_file(world, snapshot):
    prepared = prepare(world, snapshot)
    assert not Publication.objects.exists()
    assert not storage.publications_folder().exists()
    edition = publish(world, prepared)
    assert (storage.publications_folder() / edition.pdf).read_bytes() == prepared.pdf
    assert edition.signatures.count() == 2


def test_a_text_changed_meanwhile_refuses_the_edition(world, snapshot):
    save(world, snapshot, "One.")
    prepared = prepare(world, snapshot)
    save(world, snapshot, "Two.")
    is_refused(world, prepared, "a text of the report, or something that it cites, was changed")


def test_a_text_changed_and_put_back_has_lost_its_signatures(world, snapshot):
    save(world, snapshot, "One.")
    prepared = prepare(world, snapshot)
    save(world, snapshot, "Two.")
    save(world, snapshot, "One.")
    is_refused(world, prepared, "its signatures were changed")


def test_a_publication_catalogued_anew_meanwhile_refuses_the_edition(world, snapshot):
    save(world, snapshot, "As told [@record:ash].")
    prepared = prepare(world, snapshot)
    changed = {"ash": CitedRecord("ash", ("Ash, A",), 2002, "Trees")}
    is_refused(world, prepared, "something that it cites, was changed", changed)


def test_a_report_closed_meanwhile_refuses_the_edition(world, snapshot):
    prepared = prepare(world, snapshot)
    hide(world.first)
    is_refused(world, prepared, f"these reports are not: {world.first.key}")


def test_another_edition_published_meanwhile_refuses_the_edition(world, snapshot):
    prepared = prepare(world, snapshot)
    first = publish(world, prepared)
    services.withdraw_edition(by=world.editor, publication=first, reason="A mistake.", now=LATER)
    is_refused(world, prepared, "another edition of this overview was published")


def test_the_same_edition_published_meanwhile_is_returned(world, snapshot):
    prepared = prepare(world, snapshot)
    assert publish(world, prepared) == publish(world, prepared)
    assert Publication.objects.count() == 1
    assert prepare_and_publish(by=world.editor, snapshot=snapshot, records=CITED).edition == 1


def test_an_overview_frozen_again_meanwhile_refuses_the_edition(world, snapshot):
    prepared = prepare(world, snapshot, records={})
    AgreedJudgement.objects.filter(value="not_mentioned").update(value="suspected")
    overview.freeze_overview(by=world.analyst, overview=snapshot.overview, now=LATER)
    with pytest.raises(ConcurrentChange, match="the overview was frozen again"):
        _publish_prepared(world.editor, snapshot.overview, prepared, LATER)
    assert not Publication.objects.exists()


def test_only_an_editor_prepares_and_publishes(world, snapshot):
    prepared = prepare(world, snapshot)
    coder = make_person(Role.CODER)
    with pytest.raises(NotPermitted):
        services.prepare_edition(by=coder, snapshot=snapshot, now=NOON)
    with pytest.raises(NotPermitted):
        services.publish_edition(by=coder, prepared=prepared, now=NOON)
    assert pipeline.publish_report(by=world.editor, overview=snapshot.overview, now=NOON)
