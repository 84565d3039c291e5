"""What somebody types into a chapter is stored at once, and never overwrites a newer text."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.web.test_overview_pages import SPEC
from tests.web.test_pages import strictly, words_of
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.overview.services import create_overview
from waymark.publishing import services
from waymark.publishing.models import ReportVersion, UnsavedText
from waymark.publishing.queries.drafts import unsaved_text_of

pytestmark = pytest.mark.django_db
SLOT = "introduction"
PAGE = reverse("write-text", args=["small", SLOT])
STORE = reverse("store-unsaved", args=["small", SLOT])
DROP = reverse("drop-unsaved", args=["small", SLOT])


@pytest.fixture
def editor(db, settings, tmp_path):
    settings.DATA = tmp_path
    return make_person(Role.EDITOR, name="eddie")


@pytest.fixture
def small(coded, editor):
    return create_overview(
        by=make_person(Role.ANALYST, name="ann"), spec=SPEC, file="small.yaml", now=NOON
    )


def store(person, overview, text, *, seen=0, base=0, slot=SLOT):
    return services.store_unsaved_text(
        by=person, overview=overview, slot=slot, text=text, base=base, seen=seen, now=NOON
    )


def save(person, overview, text, *, base=0):
    return services.save_text(
        by=person, overview=overview, slot=SLOT, text=text, base=base, now=NOON
    )


def test_each_change_is_stored_with_the_next_number_and_makes_no_version(small, editor):
    entries = AuditEntry.objects.count()
    assert store(editor, small, "One").number == 1
    assert store(editor, small, "One two", seen=1).number == 2
    assert unsaved_text_of(small, SLOT, editor).text == "One two"
    assert not ReportVersion.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_an_older_window_does_not_overwrite_a_newer_one(small, editor):
    store(editor, small, "One")
    store(editor, small, "Newer", seen=1)
    with pytest.raises(services.NewerUnsavedText) as refused:
        store(editor, small, "Older", seen=1)
    assert refused.value.current.text == "Newer"
    assert unsaved_text_of(small, SLOT, editor).text == "Newer"


def test_the_same_text_again_is_no_conflict(small, editor):
    store(editor, small, "One")
    assert store(editor, small, "One", seen=0).number == 1


def test_two_people_each_have_their_own(small, editor):
    other = make_person(Role.EDITOR)
    store(editor, small, "Mine")
    store(other, small, "Theirs")
    assert unsaved_text_of(small, SLOT, editor).text == "Mine"
    assert unsaved_text_of(small, SLOT, other).text == "Theirs"


def test_a_saved_text_is_not_unsaved_any_more_for_the_person_who_saved_it(small, editor):
    other = make_person(Role.EDITOR)
    store(editor, small, "Mine")
    store(other, small, "Theirs")
    save(editor, small, "Mine")
    assert unsaved_text_of(small, SLOT, editor) is None
    assert unsaved_text_of(small, SLOT, other).text == "Theirs"


def test_a_window_from_before_a_save_begins_after_its_number(small, editor):
    store(editor, small, "One")
    save(editor, small, "One")
    assert store(editor, small, "One and more", seen=1, base=1).number == 2


def test_only_who_writes_can_store_and_only_texts_of_the_plan(small, editor):
    with pytest.raises(NotPermitted):
        store(make_person(Role.CODER), small, "One")
    with pytest.raises(RuleError, match="has no text nowhere"):
        store(editor, small, "One", slot="nowhere")
    with pytest.raises(RuleError, match="at most 200,000 characters"):
        store(editor, small, "x" * 200_001)
    assert not UnsavedText.objects.exists()


# ---- on the page ----


def test_what_was_typed_is_in_the_form_when_the_page_is_opened_again(client, small, editor):
    client.force_login(editor)
    answer = client.post(STORE, {"text": "One", "base": "0", "seen": "0"})
    assert answer.json() == {"number": 1}
    tree = strictly(client.get(PAGE))
    assert tree.find(".//textarea[@id='words']").text.strip() == "One"
    assert "have not saved. Only you see it." in words_of(tree)


def test_a_conflict_answers_with_the_newer_text(client, small, editor):
    client.force_login(editor)
    client.post(STORE, {"text": "One", "base": "0", "seen": "0"})
    answer = client.post(STORE, {"text": "Two", "base": "0", "seen": "0"})
    assert (answer.status_code, answer.json()) == (409, {"number": 1, "text": "One"})


def test_a_version_that_someone_saved_meanwhile_is_shown_beside_what_was_typed(
    client, small, editor
):
    store(editor, small, "One\nMine.")
    save(make_person(Role.EDITOR, name="nora"), small, "One\nHers.")
    client.force_login(editor)
    tree = strictly(client.get(PAGE))
    assert "nora saved this text while you were editing" in words_of(tree)
    assert "Mine." in tree.find(".//textarea[@id='words']").text
    # The next save is based on the version that the page showed.
    assert tree.find(".//input[@name='base']").get("value") == "1"


def test_what_was_typed_is_dropped_only_as_the_page_showed_it(client, small, editor):
    client.force_login(editor)
    store(editor, small, "One")
    store(editor, small, "Two", seen=1)
    assert client.post(DROP, {"seen": "1"}).status_code == 400
    assert unsaved_text_of(small, SLOT, editor).text == "Two"
    assert client.post(DROP, {"seen": "2"})["Location"] == PAGE
    assert unsaved_text_of(small, SLOT, editor) is None


def test_nobody_else_sees_what_was_typed(client, small, editor):
    store(editor, small, "Only mine.")
    client.force_login(make_person(Role.EDITOR))
    assert b"Only mine." not in client.get(PAGE).content
