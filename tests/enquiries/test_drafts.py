"""An answer that somebody writes is stored for them, and goes when it is sent or erased."""

import pytest
from django.urls import reverse

from tests.enquiries.test_enquiries import DAY, MONDAY, answer, ask, installation
from tests.factories import make_person
from tests.web.test_pages import strictly
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.enquiries.models import AnswerDraft
from waymark.enquiries.queries.drafts import draft_of, other_writers
from waymark.enquiries.services import NewerDraft, close_enquiry, drop_draft, store_draft
from waymark.enquiries.services.erasure import erase_due

pytestmark = pytest.mark.django_db
__all__ = ["installation"]


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="editor")


def store(by, enquiry, text, *, seen=0):
    return store_draft(by=by, enquiry=enquiry, text=text, seen=seen, now=MONDAY)


def test_each_change_has_the_next_number_and_makes_no_entry_in_the_audit(editor):
    enquiry = ask()
    entries = AuditEntry.objects.count()
    assert store(editor, enquiry, "One").number == 1
    assert store(editor, enquiry, "One two", seen=1).number == 2
    assert store(editor, enquiry, "One two", seen=1).number == 2
    assert draft_of(enquiry, editor).text == "One two"
    assert AuditEntry.objects.count() == entries


def test_an_older_window_does_not_overwrite_a_newer_one(editor):
    enquiry = ask()
    store(editor, enquiry, "One")
    store(editor, enquiry, "Newer", seen=1)
    with pytest.raises(NewerDraft) as refused:
        store(editor, enquiry, "Older", seen=1)
    assert refused.value.current.text == "Newer"
    with pytest.raises(NewerDraft):
        drop_draft(by=editor, enquiry=enquiry, seen=1)
    drop_draft(by=editor, enquiry=enquiry, seen=2)
    assert draft_of(enquiry, editor) is None


def test_each_person_has_their_own_and_others_see_only_that_there_is_one(editor):
    enquiry, other = ask(), make_person(Role.CATALOGUER, name="cat")
    store(editor, enquiry, "Mine")
    store(other, enquiry, "Theirs")
    assert draft_of(enquiry, editor).text == "Mine"
    assert [name for name, _ in other_writers(enquiry, editor)] == ["cat"]


def test_an_empty_text_makes_no_draft_and_a_long_one_is_refused(editor):
    enquiry = ask()
    assert store(editor, enquiry, "  ") is None
    with pytest.raises(RuleError, match="40,000 characters"):
        store(editor, enquiry, "x" * 40_001)
    with pytest.raises(NotPermitted):
        store(make_person(Role.CODER), enquiry, "x")
    # The operator has no account, and so no drafts.
    with pytest.raises(NotPermitted):
        store(None, enquiry, "x")


def test_an_answer_takes_the_place_of_the_draft_of_its_author_alone(editor):
    enquiry, other = ask(), make_person(Role.CATALOGUER)
    store(editor, enquiry, "Mine")
    store(other, enquiry, "Theirs")
    answer(enquiry, "Mine", by=editor)
    assert [row.text for row in AnswerDraft.objects.all()] == ["Theirs"]


def test_erasure_erases_drafts_too(editor, settings):
    enquiry = ask()
    store(editor, enquiry, "To Quillfeather")
    close_enquiry(by=editor, enquiry=enquiry, spam=False, now=MONDAY + DAY)
    erase_due(now=MONDAY + 400 * DAY)
    assert not AnswerDraft.objects.exists()


@pytest.mark.parametrize("button", [{"do": "search"}, {"cite": "record R01"}])
def test_the_page_after_a_button_knows_the_number_of_the_draft_that_it_stored(
    client, editor, button
):
    """With the number before, the script would put back what the browser had kept."""
    client.force_login(editor)
    enquiry = ask()
    typed = {"text": "One", "draft": "", "state": "answered", **button}
    page = strictly(client.post(reverse("enquiry", args=[enquiry.reference]), typed))
    assert draft_of(enquiry, editor).number == 1
    (number,) = page.findall(".//form[@id='answer']//input[@name='draft']")
    assert number.get("value") == "1"
