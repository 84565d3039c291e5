"""A briefing from its texts to its edition, and what happens when a passage is withdrawn since."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.briefings.writing import (
    LETTERS,
    MIDWIFE,
    describe,
    make_briefing,
    publish,
    sign_both,
    write,
)
from tests.factories import NOON, make_person, reading_of
from tests.library.conftest import make_resource
from waymark import pipeline
from waymark.accounts.models import AuditEntry, Role, RoleGrant, State
from waymark.briefings import services
from waymark.briefings.queries import editions
from waymark.briefings.text.about import BriefingAbout
from waymark.core.errors import ConcurrentChange, NotFound, NotPermitted, RuleError
from waymark.documents.services import replace_reading, set_report_state
from waymark.library.models import Concept, Resource
from waymark.library.queries.resources import assigned_subjects
from waymark.library.services import change_resource, set_subjects
from waymark.library.services.resource_mapping import description_of
from waymark.pipeline.publishing import published_tables
from waymark.publishing.models import Publication, SigningCapacity
from waymark.publishing.services import TextOvertaken, publish_prepared

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
TITLE = BriefingAbout(title="Visits", audience="everyone")


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def small(db):
    return make_briefing()


def withdraw(report, *, now=LATER):
    set_report_state(by=None, report=report, state=State.WITHDRAWN, now=now)


def reread(report, *paragraphs):
    replace_reading(by=None, report=report, read=reading_of(*paragraphs), now=LATER)


def obstacles(small):
    return pipeline.briefing_draft(small.manuscript, NOON).obstacles


def prepared(small, *, now=NOON):
    sign_both(small, now=now)
    return services.prepare_briefing(by=small.editor, manuscript=small.manuscript, now=now)


# ---- between signing and publishing ----


def test_a_report_withdrawn_after_signing_stops_the_edition(small):
    sign_both(small)
    withdraw(small.reports[1])
    with pytest.raises(RuleError, match="is not in a report that the public may read"):
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=LATER)
    assert not Publication.objects.exists()


def test_a_report_withdrawn_while_it_is_typeset_stops_the_edition(small):
    edition = prepared(small)
    withdraw(small.reports[1])
    with pytest.raises(ConcurrentChange, match="is not in a report that the public may read"):
        services.publish_briefing(by=small.editor, prepared=edition, now=LATER)
    assert not Publication.objects.exists()


def test_a_newer_text_with_other_words_stops_the_edition(small):
    edition = prepared(small)
    reread(small.reports[1], "The file held three letters about another matter.")
    with pytest.raises(ConcurrentChange, match="are not in the newer text of B2"):
        services.publish_briefing(by=small.editor, prepared=edition, now=LATER)
    with pytest.raises(RuleError, match="are not in the newer text of B2"):
        sign_both(small, now=LATER)
    assert not Publication.objects.exists()


def test_a_newer_text_with_the_same_words_does_not_stop_it(small):
    edition = prepared(small)
    reread(small.reports[1], "A line that the first reading missed.", LETTERS)
    assert services.publish_briefing(by=small.editor, prepared=edition, now=LATER).edition == 1


def test_a_text_saved_after_signing_voids_the_signatures(small):
    sign_both(small)
    write(small, "limits", "The reviews are few and old. {own}")
    with pytest.raises(RuleError, match="no author has signed it"):
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=LATER)


# ---- support ----


def test_a_statement_without_support_cannot_be_signed_unless_it_is_the_authors_own(small):
    write(small, "limits", "Most families were poor.")
    (obstacle,) = obstacles(small)
    assert obstacle == (
        "limits, statement 1 (line 1): nothing supports this statement: cite a passage as [@KEY],"
        " or mark the statement as your own with {own}"
    )
    with pytest.raises(RuleError, match="nothing supports this statement"):
        sign_both(small)
    write(small, "limits", "We think that more could be known. {own}")
    assert obstacles(small) == ()


def test_a_passage_of_a_report_that_is_not_public_cannot_be_cited(small):
    withdraw(small.reports[0])
    assert any("is not in a report that the public may read" in row for row in obstacles(small))


def test_the_description_names_reviews_that_the_public_can_see(small):
    describe(small, reviews=("B1", "B9"))
    assert obstacles(small) == ("the public library has no review B9: correct the list of reviews",)


def test_the_description_names_subjects_of_the_thesaurus(small):
    Concept.objects.create(key="home-visits")
    describe(small, subjects=("home-visits", "home-vists"))
    remedy = "correct the list of subjects"
    assert obstacles(small) == (f"the thesaurus has no subject home-vists: {remedy}",)


def test_the_description_repeats_only_numbers_that_a_statement_has(small):
    describe(
        small, strapline="Nine of ten mothers", rule="The 3 reviews of 2004 in which it stopped."
    )
    remedy = "in the strapline is in no statement: write it in one with its source, or leave it out"
    assert obstacles(small) == (f"“Nine” {remedy}", f"“ten” {remedy}")


# ---- two people, editions ----


def test_one_person_cannot_sign_for_both(small):
    seen = pipeline.briefing_draft(small.manuscript, NOON).content.sha256
    for capacity in (SigningCapacity.AUTHOR, SigningCapacity.EDITOR):
        pipeline.sign_briefing(
            by=small.editor, manuscript=small.manuscript, capacity=capacity, seen=seen, now=NOON
        )
    with pytest.raises(RuleError, match="needs the signatures of two people"):
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=NOON)


def test_a_signature_counts_only_while_its_person_may_sign_so(small):
    sign_both(small)
    RoleGrant.objects.filter(person=small.author).delete()
    draft = pipeline.briefing_draft(small.manuscript, NOON)
    assert [row.signed_by for row in draft.signatures] == [small.editor]
    with pytest.raises(RuleError, match="no author has signed it"):
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=NOON)


def test_the_signature_of_a_closed_account_does_not_count(small):
    sign_both(small)
    small.author.is_active = False
    small.author.save()
    with pytest.raises(RuleError, match="no author has signed it"):
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=NOON)


def test_a_person_whose_role_changed_signs_again_in_the_capacity_of_the_new_one(small):
    sign_both(small)
    RoleGrant.objects.filter(person=small.editor).update(role=Role.CATALOGUER)
    seen = pipeline.briefing_draft(small.manuscript, NOON).content.sha256
    editor = type(small.editor).objects.get(pk=small.editor.pk)
    signature = pipeline.sign_briefing(
        by=editor,
        manuscript=small.manuscript,
        capacity=SigningCapacity.AUTHOR,
        seen=seen,
        now=NOON,
    )
    assert (signature.capacity, signature.voided_at) == (SigningCapacity.AUTHOR, None)
    names = [row.name for row in pipeline.briefing_draft(small.manuscript, NOON).signatures]
    assert sorted(names) == sorted([small.author.username, small.editor.username])


def test_what_was_not_read_cannot_be_signed(small):
    seen = pipeline.briefing_draft(small.manuscript, NOON).content.sha256
    write(small, "limits", "Another sentence. {own}")
    with pytest.raises(RuleError, match="has changed since you opened this page"):
        pipeline.sign_briefing(
            by=small.author,
            manuscript=small.manuscript,
            capacity=SigningCapacity.AUTHOR,
            seen=seen,
            now=NOON,
        )


def test_a_cataloguer_writes_and_signs_but_does_not_publish(small):
    sign_both(small)
    with pytest.raises(NotPermitted):
        pipeline.publish_briefing(by=small.author, manuscript=small.manuscript, now=NOON)
    with pytest.raises(NotPermitted):
        services.add_briefing(
            by=make_person(Role.CODER), kind="briefing", slug="x", about=TITLE, now=NOON
        )


def test_an_edition_is_published_once_and_the_next_one_leaves_it_readable(small):
    first = publish(small)
    assert (
        pipeline.publish_briefing(by=small.editor, manuscript=small.manuscript, now=NOON) == first
    )
    write(small, "helped", "A midwife came back. {own}")
    second = publish(small, now=LATER)
    assert (first.edition, second.edition) == (1, 2)
    assert editions.published_briefing("briefing", "visits") == second
    assert editions.briefing_edition("briefing", "visits", 1) == first
    assert "helped" not in editions.content_of(first).sections
    entry = AuditEntry.objects.filter(action="publish briefing").last()
    assert entry.subject == "briefing visits"


def test_a_withdrawn_edition_is_gone_and_the_one_before_does_not_come_back(small):
    publish(small)
    write(small, "helped", "A midwife came back. {own}")
    second = publish(small, now=LATER)
    pipeline.withdraw_briefing(by=small.editor, publication=second, reason="wrong", now=LATER)
    with pytest.raises(NotFound):
        editions.published_briefing("briefing", "visits")
    assert editions.withdrawn_edition("briefing", "visits", None) == second
    assert editions.briefing_edition("briefing", "visits", 1).edition == 1


def test_the_record_of_an_edition_says_who_holds_its_rights(small, settings):
    settings.ORGANISATION, settings.DATA_LICENCE = "Sandhaven Board", "CC BY 4.0"
    publish(small)
    record = Resource.objects.get(key="briefings-visits")
    assert (record.rights_holder, record.licence) == ("Sandhaven Board", "CC-BY-4.0")


def test_the_next_edition_keeps_what_a_cataloguer_added_to_the_record(small):
    publish(small)
    record = Resource.objects.get(key="briefings-visits")
    description = replace(description_of(record), licence="OGL-UK-3.0", isbn="9780000000002")
    change_resource(by=None, resource=record, description=description, now=NOON)
    Concept.objects.create(key="home-visits")
    set_subjects(by=None, record=record.record, subjects=["home-visits"], now=NOON)
    write(small, "helped", "A midwife came back. {own}")
    publish(small, now=LATER)
    record.refresh_from_db()
    assert (record.report_number, record.licence, record.isbn) == (
        "Edition 2",
        "OGL-UK-3.0",
        "9780000000002",
    )
    assert "home-visits" in {row.key for row in assigned_subjects(record.record)}


def test_a_lost_update_is_refused(small):
    with pytest.raises(TextOvertaken):
        services.save_briefing_text(
            by=small.editor,
            manuscript=small.manuscript,
            slot="limits",
            text="Mine. {own}",
            base=0,
            now=NOON,
        )


def test_a_guide_has_no_seven_minute_form(db):
    guide = services.add_briefing(
        by=make_person(Role.EDITOR), kind="guide", slug="reading", about=TITLE, now=NOON
    )
    with pytest.raises(RuleError, match="a guide has no text short"):
        services.save_briefing_text(
            by=make_person(Role.EDITOR), manuscript=guide, slot="short", text="x", base=0, now=NOON
        )


@pytest.mark.parametrize("slug", ["Neglect", "a b", "-a", "a--b", "", "x" * 61])
def test_the_name_in_addresses_is_plain(db, slug):
    with pytest.raises(RuleError, match="the web address name can have"):
        services.add_briefing(
            by=make_person(Role.EDITOR), kind="briefing", slug=slug, about=TITLE, now=NOON
        )


# ---- after publication ----


def test_a_withdrawn_report_flags_every_statement_that_rests_on_it(small):
    edition = publish(small)
    assert editions.flagged_briefings(LATER) == []
    withdraw(small.reports[2])
    (flagged,) = editions.flagged_briefings(LATER)
    assert flagged.publication == edition
    assert [row.statement.slot for row in flagged.statements] == ["issues", "learning"]
    assert all(row.passages[0].passage is None for row in flagged.statements)
    assert MIDWIFE not in str(editions.briefing_document(edition, LATER))


def test_a_newer_text_with_other_words_flags_the_edition_and_keeps_the_words_signed(small):
    publish(small)
    reread(small.reports[0], "The visits went on until May. Everybody asked.")
    (flagged,) = editions.flagged_briefings(LATER)
    assert [row.statement.slot for row in flagged.statements] == ["issues", *["short"] * 6]
    assert "newer text of B1" in flagged.statements[0].problems[0]
    assert flagged.statements[0].passages[0].passage.words.startswith("The visits stopped")


def test_a_publication_that_left_the_catalogue_flags_the_statements_that_rest_on_it(small):
    law = make_resource("law-2020", title="A law", publisher="A body", year=2020)
    write(small, "limits", "It is a duty to ask. [@record:law-2020]")
    edition = publish(small)
    assert editions.flagged_briefings(LATER) == []
    pipeline.change_state(by=None, item=law, state=State.WITHDRAWN, now=LATER)
    (flagged,) = editions.flagged_briefings(LATER)
    (statement,) = flagged.statements
    assert (flagged.publication, statement.statement.slot) == (edition, "limits")
    assert statement.problems == (
        "the publication A body, 2020 is no longer in the public catalogue",
    )


def test_a_notebook_reads_statements_with_what_they_rest_on(small):
    publish(small)
    withdraw(small.reports[2])
    (row,) = published_tables.briefings().to_dict("records")
    assert (row["name"], row["statements"], row["to_check"]) == ("visits", 13, 2)
    rows = published_tables.briefing_statements().to_dict("records")
    assert [row["section"] for row in rows if row["problems"]] == ["issues", "learning"]
    assert rows[1] == {
        "kind": "briefing",
        "name": "visits",
        "edition": 1,
        "number": 2,
        "section": "issues",
        "words": "The visits stopped in May.",
        "own_view": False,
        "passages": [small.keys[0]],
        "records": [],
        "problems": [],
    }
    assert MIDWIFE not in str(rows)


def test_publishing_as_an_author_alone_is_refused_whatever_was_prepared(small):
    edition = prepared(small)
    with pytest.raises(NotPermitted):
        publish_prepared(by=small.author, prepared=edition, current=lambda: "", now=NOON)
