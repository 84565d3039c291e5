"""Texts carried over into a copy of an overview: marked, confirmed by a person, then signed."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.publishing.giving import give_out
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import AuditEntry, Role
from waymark.core.errors import NotPermitted, RuleError
from waymark.overview.queries.overviews import overview_for
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.document.report_plan import default_plan
from waymark.publishing.models import ReportVersion
from waymark.publishing.queries.drafts import current_versions, draft_of
from waymark.publishing.services import (
    TextOvertaken,
    carry_over_texts,
    confirm_texts,
    save_text,
)

pytestmark = pytest.mark.django_db
DRAFT, CONFIRM = (reverse(name, args=["copy"]) for name in ("draft", "confirm-texts"))
TEXTS = {"introduction": "These were read.", "foreword": "A foreword."}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def analyst(client, framework):
    """An analyst who is signed in, and has written two texts of the overview small."""
    make_world(framework)
    person = make_person(Role.ANALYST, name="ann")
    create_overview(by=person, spec=SPEC, file="small.yaml", now=NOON)
    for slot, text in TEXTS.items():
        write(person, "small", slot, text)
    client.force_login(person)
    return person


def write(person, name, slot, text, base=0):
    return save_text(
        by=person, overview=overview_for(name), slot=slot, text=text, base=base, now=NOON
    )


def begin(client, **more):
    """A copy of the overview small, by the form, with its texts."""
    fields = {"base": "small", "texts": "on", "title": "A copy", "slug": "copy", **more}
    assert client.post(reverse("new-overview"), fields).status_code == 302
    return overview_for("copy")


def decided_copy(analyst):
    """A copy under the same decision, with its texts, frozen."""
    spec = SPEC.replace("overview: small", "overview: copy")
    copy = create_overview(by=analyst, spec=spec, file="copy.yaml", now=NOON)
    carry_over_texts(by=analyst, source=overview_for("small"), overview=copy, now=NOON)
    return freeze_overview(by=analyst, overview=copy, now=NOON)


def carried():
    texts = current_versions(overview_for("copy"))
    return {slot: row.text for slot, row in texts.items() if row.carried_from == "small"}


def test_a_copy_takes_the_texts_over_each_marked_as_not_yet_read(client, analyst):
    begin(client)
    assert carried() == TEXTS
    page = see(client, reverse("writing", args=["copy"]))
    assert page.count("carried over, not yet read") == 2
    page = see(client, reverse("write-text", args=["copy", "foreword"]))
    assert "Carried over from small, not yet read." in page


def test_a_copy_without_its_texts_has_none(client, analyst):
    copy = begin(client, texts="")
    assert not ReportVersion.objects.filter(manuscript__overview=copy).exists()


def test_nobody_signs_before_each_text_is_confirmed(client, analyst):
    snapshot = decided_copy(analyst)
    (obstacle,) = draft_of(snapshot, now=NOON).obstacles
    assert str(obstacle) == (
        "2 texts carried over from another overview have not been confirmed (foreword,"
        " introduction): read them in the draft, then confirm or change each"
    )
    editor = make_person(Role.EDITOR)
    with pytest.raises(RuleError, match="2 texts carried over"):
        give_out(editor=editor, snapshot=snapshot)
    client.post(CONFIRM, {"text": ["foreword@1", "introduction@1"]})
    assert draft_of(snapshot, now=NOON).obstacles == ()
    assert give_out(editor=editor, snapshot=snapshot).edition == 1


def test_the_draft_offers_each_with_a_box_that_is_not_ticked(client, analyst):
    decided_copy(analyst)
    tree = strictly(client.get(DRAFT))
    boxes = tree.findall(".//input[@name='text']")
    assert [(box.get("value"), box.get("checked")) for box in boxes] == [
        ("foreword@1", None),
        ("introduction@1", None),
    ]
    step = tree.find(".//p[@class='next-step']/a")
    assert words_of(step) == "Read and confirm 2 texts carried over"
    assert step.get("href") == f"{DRAFT}#carried"


def test_a_confirmed_text_is_a_version_of_who_confirmed_it(client, analyst):
    decided_copy(analyst)
    editor = make_person(Role.EDITOR, name="eddie")
    client.force_login(editor)
    answer = client.post(CONFIRM, {"text": "foreword@1"}, follow=True)
    assert "1 text confirmed." in words_of(strictly(answer))
    row = current_versions(overview_for("copy"))["foreword"]
    assert (row.number, row.text, row.carried_from) == (2, "A foreword.", "")
    assert row.saved_by == editor
    assert carried().keys() == {"introduction"}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.detail["texts"]) == ("confirm texts", ["foreword"])
    history = see(client, reverse("text-history", args=["copy", "foreword"]))
    assert "ann, carried over from small" in history
    # A second window with the page from before changes nothing.
    client.post(CONFIRM, {"text": "foreword@1"})
    assert current_versions(overview_for("copy"))["foreword"].number == 2


def test_a_changed_text_needs_no_confirmation_and_an_unchanged_one_still_does(client, analyst):
    decided_copy(analyst)
    write(analyst, "copy", "foreword", "A foreword.", base=1)
    assert carried().keys() == {"foreword", "introduction"}
    write(analyst, "copy", "foreword", "Another foreword.", base=1)
    assert carried().keys() == {"introduction"}


def test_only_the_version_that_was_read_is_confirmed(client, analyst):
    decided_copy(analyst)
    copy = overview_for("copy")
    with pytest.raises(TextOvertaken):
        confirm_texts(by=analyst, overview=copy, seen={"foreword": 0}, now=NOON)
    answer = client.post(CONFIRM, {"text": "foreword@nine"}, follow=True)
    assert "saved foreword (version 1) while you were editing" in words_of(strictly(answer))
    answer = client.post(CONFIRM, {}, follow=True)
    assert "Tick at least one text that you have read." in words_of(strictly(answer))
    assert len(carried()) == 2


def test_texts_are_carried_only_into_an_overview_that_has_none(analyst):
    small = overview_for("small")
    with pytest.raises(RuleError, match="small has texts of its own: carry none over"):
        carry_over_texts(by=analyst, source=small, overview=small, now=NOON)
    with pytest.raises(NotPermitted):
        confirm_texts(by=make_person(Role.CODER), overview=small, seen={"foreword": 1}, now=NOON)


def test_the_plan_is_carried_over_and_needs_no_confirmation(analyst):
    plan = default_plan().replace("title: Foreword", "title: Before you read")
    write(analyst, "small", "plan", plan)
    decided_copy(analyst)
    texts = current_versions(overview_for("copy"))
    assert (texts["plan"].text, texts["plan"].carried_from) == (plan, "")
