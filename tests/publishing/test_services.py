"""Giving editions out, taking them back, and who sees what of them."""

from datetime import timedelta
from hashlib import sha256

import pytest

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, hide
from tests.publishing.giving import give_out, prepare_and_publish
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotFound, NotPermitted, RuleError
from waymark.overview import services as overview
from waymark.profiles.models import AgreedJudgement
from waymark.publishing import queries, services
from waymark.publishing.formats.html import render_fragment
from waymark.publishing.models import Publication

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


def frozen(world, source=SPEC, now=NOON):
    edition = overview.create_overview(by=world.analyst, spec=source, file="s.yaml", now=now)
    return overview.freeze_overview(by=world.analyst, overview=edition, now=now)


def publish(world, snapshot, *, now=NOON):
    return give_out(editor=world.editor, analyst=world.analyst, snapshot=snapshot, now=now)


def withdraw(world, publication):
    services.withdraw_edition(
        by=world.editor, publication=publication, reason="A mistake.", now=LATER
    )


def test_an_edition_has_its_pdf_under_the_hash_of_its_bytes(world):
    edition = publish(world, frozen(world))
    path = queries.pdf_path(edition)
    assert edition.pdf == f"{sha256(path.read_bytes()).hexdigest()}.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    assert [entry.name for entry in path.parent.iterdir()] == [edition.pdf]


def test_only_an_editor_publishes_and_withdraws(world):
    snapshot = frozen(world)
    with pytest.raises(NotPermitted):
        prepare_and_publish(by=world.analyst, snapshot=snapshot, now=NOON)
    edition = publish(world, snapshot)
    with pytest.raises(NotPermitted):
        services.withdraw_edition(by=world.analyst, publication=edition, reason="x", now=NOON)


def test_the_same_snapshot_again_is_the_same_edition(world):
    snapshot = frozen(world)
    assert publish(world, snapshot) == publish(world, snapshot, now=LATER)


def test_a_new_snapshot_is_the_next_edition_and_stands_instead(world):
    first = publish(world, frozen(world))
    AgreedJudgement.objects.filter(value="not_mentioned").update(value="suspected")
    second = publish(world, frozen(world, now=LATER), now=LATER)
    assert (first.edition, second.edition) == (1, 2)
    assert queries.published_edition("small") == second
    assert queries.current_editions() == [second]


def test_the_page_links_every_number_under_its_address(world):
    page = render_fragment(
        queries.document_of(publish(world, frozen(world)), now=NOON), address="/overviews/small/"
    )
    assert '<a href="/overviews/small/T2/present/n/">1</a>' in page
    assert 'There are <a href="/overviews/small/T2/all/n/">2</a> reviews.' in page


def test_a_number_of_an_edition_opens_to_its_words(world):
    edition = publish(world, frozen(world))
    evidence = queries.cell_evidence(
        edition, "T10", "a", "n", person=make_person(Role.READER), now=NOON
    )
    assert [entry.exact for entry in evidence.reviews[0].passages] == ["Nobody asked why."]


def test_a_withdrawn_edition_is_gone_from_page_file_and_passages(
    world, django_capture_on_commit_callbacks
):
    edition = publish(world, frozen(world))
    (key,) = queries.table_of(edition, "T10").table.cell("a", "n").evidence
    assert [use.cell.table for use in queries.uses_of([key])] == ["T10"]
    path = queries.pdf_path(edition)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw(world, edition)
    edition.refresh_from_db()
    assert (edition.withdrawn_at, path.exists()) == (LATER, False)
    assert ("overview small", removals.EDITION, 1) in removals.last_entries()
    assert queries.current_editions() == queries.uses_of([key]) == []
    with pytest.raises(NotFound):
        queries.published_edition("small")
    with pytest.raises(NotFound):
        queries.pdf_path(edition)


def test_an_older_edition_does_not_come_back_when_the_newest_is_withdrawn(world):
    publish(world, frozen(world))
    AgreedJudgement.objects.filter(value="not_mentioned").update(value="suspected")
    withdraw(world, publish(world, frozen(world, now=LATER), now=LATER))
    assert queries.current_editions() == []
    with pytest.raises(NotFound):
        queries.published_edition("small")


def test_numbers_of_editions_are_never_used_twice(world):
    snapshot = frozen(world)
    withdraw(world, publish(world, snapshot))
    assert publish(world, snapshot, now=LATER).edition == 2


def test_withdrawing_needs_a_reason(world):
    edition = publish(world, frozen(world))
    with pytest.raises(RuleError, match="give a reason"):
        services.withdraw_edition(by=world.editor, publication=edition, reason=" ", now=NOON)


def test_a_report_that_is_not_public_stops_the_open_profile(world):
    snapshot = frozen(world)
    hide(world.first)
    with pytest.raises(RuleError, match=f"these reports are not: {world.first.key}"):
        publish(world, snapshot)
    assert not Publication.objects.exists()


def test_a_text_that_names_a_missing_cell_stops_the_edition(world):
    with pytest.raises(RuleError, match="no such cell"):
        publish(world, frozen(world, SPEC.replace("{T2/all/n}", "{T2/not_judged/n}")))
    assert not Publication.objects.exists()


def test_giving_out_and_taking_back_are_in_the_audit(world):
    withdraw(world, publish(world, frozen(world)))
    last = list(AuditEntry.objects.order_by("-pk")[:2])
    assert [entry.action for entry in last] == ["withdraw overview", "publish overview"]
    assert last[0].detail == {"edition": 1, "reason": "A mistake."}
    assert last[1].detail["profile"] == "open"
