"""Texts, signatures and editions of any kind of work, tried with a briefing: no overview is there.

Its content is what its kind decides; here it is the texts alone.
"""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import stored_edition
from waymark.accounts import removals
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.documents.files import storage
from waymark.overview import services as overview
from waymark.overview.models import Overview, Snapshot
from waymark.pipeline.removals.replay_removals import close_again
from waymark.publishing import queries, services
from waymark.publishing.kinds import KIND_RULES
from waymark.publishing.models import (
    Manuscript,
    ManuscriptKind,
    Publication,
    Signature,
    SigningCapacity,
)
from waymark.publishing.queries.manuscripts import (
    ManuscriptContent,
    current_edition,
    next_number,
    require_signatures,
    signatures_on_content,
)

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
AUTHOR, EDITOR = SigningCapacity.AUTHOR, SigningCapacity.EDITOR


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def briefing(db):
    return Manuscript.objects.create(kind=ManuscriptKind.BRIEFING, slug="neglect")


@pytest.fixture
def analyst(db):
    return make_person(Role.ANALYST)


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR)


def save(by, manuscript, text, *, base=0, slot="introduction", now=NOON):
    return services.save_version(
        by=by, manuscript=manuscript, slot=slot, text=text, base=base, now=now
    )


def hash_of(manuscript):
    texts = manuscript.versions.filter(superseded_at=None).order_by("slot")
    return sha256("\n".join(texts.values_list("text", flat=True)).encode()).hexdigest()


def content_of(manuscript):
    return ManuscriptContent(manuscript, hash_of(manuscript))


def sign(by, content, capacity, *, now=NOON):
    return services.sign_content(
        by=by,
        content=content,
        capacity=capacity,
        current=lambda: hash_of(content.manuscript),
        now=now,
    )


def prepare(manuscript, pdf=b"%PDF-1.7 A briefing"):
    content = content_of(manuscript)
    return services.PreparedEdition(
        content=content,
        number=next_number(manuscript.slug, manuscript.kind),
        title="Neglect: a briefing",
        report=b"{}",
        signatures=tuple(signatures_on_content(content)),
        pdf=pdf,
    )


def publish(by, prepared, *, now=LATER):
    return services.publish_prepared(
        by=by,
        prepared=prepared,
        current=lambda: hash_of(prepared.content.manuscript),
        now=now,
    )


@pytest.fixture
def signed(briefing, analyst, editor):
    """The briefing with one text that both have signed."""
    save(analyst, briefing, "What reviews say about neglect.")
    sign(analyst, content_of(briefing), AUTHOR)
    sign(editor, content_of(briefing), EDITOR)
    return briefing


def stored_files():
    return [path.name for path in storage.files_of(storage.publications_folder())]


# ---- texts ----


def test_each_save_is_a_version_and_supersedes_the_one_before(briefing, analyst, editor):
    first = save(analyst, briefing, "One.\r\n")
    second = save(editor, briefing, "Two.", base=1, now=LATER)
    first.refresh_from_db()
    assert [(row.number, row.text, row.superseded_at) for row in (first, second)] == [
        (1, "One.\n", LATER),
        (2, "Two.", None),
    ]
    entry = AuditEntry.objects.last()
    assert (entry.subject, entry.action) == ("briefing neglect", "save text of briefing")
    assert not Overview.objects.exists()
    assert not Snapshot.objects.exists()


def test_a_lost_update_is_refused(briefing, analyst, editor):
    save(analyst, briefing, "One.")
    save(editor, briefing, "Two.", base=1)
    with pytest.raises(services.TextOvertaken, match="compare it with yours") as refused:
        save(analyst, briefing, "Mine.", base=1)
    assert refused.value.current.text == "Two."
    assert briefing.versions.count() == 2


def test_the_same_text_again_is_no_version_and_no_conflict(briefing, analyst):
    first = save(analyst, briefing, "One.")
    assert save(analyst, briefing, "One.", base=0) == first
    assert save(analyst, briefing, "", slot="summary") is None


def test_texts_of_two_works_of_one_name_are_apart(briefing, analyst):
    guide = Manuscript.objects.create(kind=ManuscriptKind.GUIDE, slug="neglect")
    save(analyst, briefing, "A briefing.")
    assert save(analyst, guide, "A guide.").number == 1


def test_a_coder_neither_writes_nor_signs_nor_publishes_nor_withdraws(signed, editor):
    coder, content = make_person(Role.CODER), content_of(signed)
    with pytest.raises(NotPermitted):
        save(coder, signed, "Mine.", base=1)
    with pytest.raises(NotPermitted):
        sign(coder, content, EDITOR)
    with pytest.raises(NotPermitted):
        publish(coder, prepare(signed))
    edition = publish(editor, prepare(signed))
    with pytest.raises(NotPermitted):
        services.withdraw_edition(by=coder, publication=edition, reason="x", now=LATER)


# ---- signatures ----


def test_only_the_current_content_is_signed(briefing, analyst, editor):
    save(analyst, briefing, "One.")
    read = content_of(briefing)
    save(analyst, briefing, "Two.", base=1)
    with pytest.raises(RuleError, match="has changed since you opened this page"):
        sign(editor, read, EDITOR)
    assert not Signature.objects.exists()


def test_a_person_signs_one_content_once(briefing):
    both = make_person(Role.ANALYST, Role.EDITOR)
    save(both, briefing, "One.")
    first = sign(both, content_of(briefing), AUTHOR)
    assert sign(both, content_of(briefing), EDITOR) == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Signature.objects.create(
            manuscript=briefing,
            content=first.content,
            capacity=EDITOR,
            signed_by=both,
            name="Both",
            signed_at=NOON,
        )


def test_a_signature_is_for_exactly_one_content(signed):
    """The same texts can have another content: a work that they cite was described anew."""
    other = ManuscriptContent(signed, sha256(b"cites another work").hexdigest())
    assert len(signatures_on_content(content_of(signed))) == 2
    assert signatures_on_content(other) == []


def test_a_changed_text_voids_the_signatures_and_leaves_them_on_record(signed, editor):
    save(editor, signed, "Something else.", base=1, now=LATER)
    assert [row.voided_at for row in Signature.objects.all()] == [LATER, LATER]
    assert AuditEntry.objects.last().detail["signatures_voided"] == 2
    save(editor, signed, "What reviews say about neglect.", base=2)
    assert signatures_on_content(content_of(signed)) == []


def test_a_changed_text_voids_nothing_of_another_work(signed, editor):
    guide = Manuscript.objects.create(kind=ManuscriptKind.GUIDE, slug="neglect")
    save(editor, guide, "A guide.")
    assert len(signatures_on_content(content_of(signed))) == 2


def test_every_kind_needs_two_people():
    assert all(len(KIND_RULES[kind].capacities) >= 2 for kind in ManuscriptKind)


@pytest.mark.parametrize("kind", [ManuscriptKind.BRIEFING, ManuscriptKind.GUIDE])
def test_an_editor_alone_is_not_enough(kind, briefing, analyst, editor):
    save(editor, briefing, "One.")
    with pytest.raises(RuleError, match="no author has signed it"):
        require_signatures(kind, [sign(editor, content_of(briefing), EDITOR)])
    sign(analyst, content_of(briefing), AUTHOR)
    require_signatures(kind, signatures_on_content(content_of(briefing)))


# ---- editions ----


def test_what_two_people_signed_is_published(signed, analyst, editor):
    edition = publish(editor, prepare(signed))
    assert (edition.kind, edition.slug, edition.edition) == ("briefing", "neglect", 1)
    assert (edition.snapshot, edition.profile, bytes(edition.ledger)) == (None, "", b"")
    assert {row.signed_by for row in edition.signatures.all()} == {analyst, editor}
    assert stored_files() == [edition.pdf]
    entry = AuditEntry.objects.last()
    assert (entry.subject, entry.action) == ("briefing neglect", "publish briefing")
    assert entry.detail == {
        "edition": 1,
        "pdf": edition.pdf,
        "content": edition.content,
        "signed_by": [row.name for row in edition.signatures.all()],
    }
    assert publish(editor, prepare(signed)) == edition


def test_without_both_signatures_nothing_is_published(briefing, analyst, editor):
    save(analyst, briefing, "One.")
    sign(editor, content_of(briefing), EDITOR)
    with pytest.raises(RuleError, match="no author has signed it; signed so far"):
        publish(editor, prepare(briefing))
    assert (Publication.objects.count(), stored_files()) == (0, [])


def test_a_text_changed_after_typesetting_refuses_the_edition(signed, editor):
    prepared = prepare(signed)
    save(editor, signed, "Something else.", base=1)
    with pytest.raises(ConcurrentChange, match="a text of the report"):
        publish(editor, prepared)
    save(editor, signed, "What reviews say about neglect.", base=2)
    with pytest.raises(ConcurrentChange, match="its signatures were changed"):
        publish(editor, prepared)
    assert (Publication.objects.count(), stored_files()) == (0, [])


def test_a_withdrawn_edition_is_gone_and_its_number_is_used_up(
    signed, analyst, editor, django_capture_on_commit_callbacks
):
    prepared = prepare(signed)
    edition = publish(editor, prepared)
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_edition(by=editor, publication=edition, reason="A mistake.", now=LATER)
    assert (current_edition("neglect", "briefing"), stored_files()) == (None, [])
    assert ("briefing neglect", removals.EDITION, 1) in removals.last_entries()
    entry = AuditEntry.objects.last()
    assert (entry.subject, entry.action) == ("briefing neglect", "withdraw briefing")
    with pytest.raises(ConcurrentChange, match="another edition of this briefing was published"):
        publish(editor, prepared)
    sign(analyst, content_of(signed), AUTHOR)
    sign(editor, content_of(signed), EDITOR)
    assert publish(editor, prepare(signed)).edition == 2


def test_a_withdrawn_edition_is_withdrawn_again_in_a_restored_database(signed, editor):
    edition = publish(editor, prepare(signed))
    services.withdraw_edition(by=editor, publication=edition, reason="A mistake.", now=LATER)
    Publication.objects.update(withdrawn_at=None)
    latest = removals.last_entries()
    assert close_again("briefing neglect", latest, LATER)
    assert not close_again("briefing neglect", latest, LATER)
    assert Publication.objects.get().withdrawn_at == LATER


def test_a_briefing_is_no_edition_of_the_overview_of_the_same_name(
    signed, framework, editor, django_capture_on_commit_callbacks
):
    world = make_world(framework)
    spec = SPEC.replace("overview: small", "overview: neglect")
    small = overview.create_overview(by=world.analyst, spec=spec, file="s.yaml", now=NOON)
    snapshot = overview.freeze_overview(by=world.analyst, overview=small, now=NOON)
    briefing = publish(editor, prepare(signed))
    assert queries.current_editions() == []
    with pytest.raises(NotFound):
        queries.published_edition("neglect")
    with pytest.raises(NotFound, match="counts no reviews"):
        briefing.frozen  # noqa: B018
    edition = stored_edition(snapshot, by=editor)
    assert queries.published_edition("neglect") == edition
    assert current_edition("neglect", "briefing") == briefing
    assert queries.ledger_entries_for(snapshot) == ()
    services.withdraw_edition(by=editor, publication=briefing, reason="A mistake.", now=LATER)
    assert queries.current_editions() == [edition]


# ---- what the database refuses ----


def test_the_database_refuses_an_edition_of_an_overview_without_a_snapshot(briefing, editor):
    row = {"edition": 1, "title": "x", "pdf": "x", "published_at": NOON, "published_by": editor}
    with pytest.raises(IntegrityError, match="an_edition_of_an_overview_has_a_snapshot"):
        Publication.objects.create(manuscript=briefing, kind="overview", slug="x", **row)


def test_the_database_refuses_a_manuscript_of_an_overview_that_is_not_there(db):
    with pytest.raises(IntegrityError, match="manuscripts_of_overviews_alone"):
        Manuscript.objects.create(kind=ManuscriptKind.OVERVIEW, slug="x")


def test_the_database_refuses_two_briefings_of_one_name(briefing):
    with pytest.raises(IntegrityError):
        Manuscript.objects.create(kind=ManuscriptKind.BRIEFING, slug="neglect")
