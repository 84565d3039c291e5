"""Deciding on disclosure on the site, reading a draft, and finding what waits for a signature."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.publishing.giving import give_out, sign, write_introduction
from tests.publishing.test_pdf import text_of
from tests.web.test_overview_pages import SPEC
from tests.web.test_pages import see, strictly, words_of
from tests.written_once import written_once
from waymark.accounts.models import AuditEntry, Role
from waymark.overview.models import SpecVersion
from waymark.overview.queries.overviews import decision_of, latest_snapshot, latest_version
from waymark.overview.services import create_overview, freeze_overview
from waymark.publishing.models import SigningCapacity
from waymark.publishing.services import save_text

pytestmark = pytest.mark.django_db
DECIDE, SIGN = reverse("decide", args=["small"]), reverse("sign-report", args=["small"])
DRAFT, PDF = reverse("draft", args=["small"]), reverse("draft-pdf", args=["small"])
LIST = reverse("specs")
PROPOSED = SPEC.replace("  profile: open\n", "  profile: open\n  proposed: true\n")
DECISION = {
    "profile": "open",
    "controller": "Jo Ash",
    "role": "Chair of the board",
    "decided_day": "12",
    "decided_month": "1",
    "decided_year": "2026",
    "reason": "All of it is public.",
    "seen": "1",
}
OTHERS = (Role.READER, Role.CODER, Role.CATALOGUER, Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def analyst(db):
    return make_person(Role.ANALYST, name="ann")


@pytest.fixture
def editor(db):
    return make_person(Role.EDITOR, name="eddie")


@pytest.fixture
@written_once
def small(coded, analyst):
    return create_overview(by=analyst, spec=PROPOSED, file="small.yaml", now=NOON)


@pytest.fixture
@written_once
def snapshot(small, analyst):
    return freeze_overview(by=analyst, overview=small, now=NOON)


@pytest.fixture
def as_editor(client, editor):
    client.force_login(editor)
    return client


# ---- deciding ----


def test_from_what_stops_a_signature_to_the_form_and_back(as_editor, snapshot):
    write_introduction(snapshot.overview)
    tree = strictly(as_editor.get(SIGN))
    assert "The profile open is only proposed: record who decided" in words_of(tree)
    assert DECIDE in [one.get("href") for one in tree.iter("a")]
    assert "Nobody has decided yet. The profile open is proposed." in see(as_editor, DECIDE)
    assert as_editor.post(DECIDE, DECISION).url == SIGN
    said = see(as_editor, SIGN)
    assert "No problems found" in said
    assert "Sign as editor" in said
    made = decision_of(latest_snapshot(snapshot.overview))
    assert (made.controller, made.role, made.proposed) == ("Jo Ash", "Chair of the board", False)
    assert AuditEntry.objects.get(action="decide on disclosure").actor == "eddie"
    assert "Jo Ash, Chair of the board" in see(as_editor, DECIDE)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("controller", "C", "“C” is a placeholder"),
        ("controller", "", "Enter the name of the data controller who decided."),
        ("role", "...", "Enter the role of the data controller."),
        ("reason", "TODO", "“TODO” is a placeholder"),
        ("decided_year", "2199", "The date of the decision must be today or in the past."),
        ("decided_day", "soon", "Date of the decision must be a real date"),
        ("profile", "k4", "Choose how small numbers are protected."),
    ],
)
def test_an_incomplete_decision_comes_back_with_what_is_wrong(
    as_editor, snapshot, field, value, says
):
    answer = as_editor.post(DECIDE, {**DECISION, field: value})
    assert answer.status_code == 400
    tree = strictly(answer)
    assert says in words_of(tree)
    target = {"profile": "profile_0"}.get(field, "decided_0" if "decided" in field else field)
    assert f"#{target}" in [one.get("href") for one in tree.iter("a")]
    typed = "Chair of the board" if field != "role" else value
    assert tree.find(".//input[@id='role']").get("value") == typed
    assert SpecVersion.objects.count() == 1


def test_who_decides_on_another_version_than_the_last_is_told(as_editor, snapshot):
    as_editor.post(DECIDE, DECISION)
    answer = as_editor.post(DECIDE, {**DECISION, "profile": "r5"})
    assert answer.status_code == 400
    assert "eddie saved version 2 since you opened version 1" in words_of(strictly(answer))
    assert decision_of(latest_version(snapshot.overview)).profile == "open"


def test_an_overview_that_was_not_frozen_can_be_decided_on(as_editor, small):
    assert as_editor.post(DECIDE, DECISION, follow=True).status_code == 200
    assert decision_of(latest_version(small)).controller == "Jo Ash"


@pytest.mark.parametrize("page", [DECIDE, DRAFT, PDF, LIST])
def test_only_those_who_sign_come_in(client, snapshot, page):
    assert client.get(page)["Location"].startswith("/sign-in/")
    for role in OTHERS:
        client.force_login(make_person(role))
        assert client.get(page).status_code == 403
    assert client.post(DECIDE, DECISION).status_code == 403


# ---- the draft ----


def test_a_draft_is_read_as_readers_will_see_it_before_it_is_signed(as_editor, snapshot):
    write_introduction(snapshot.overview)
    answer = as_editor.get(DRAFT)
    said = words_of(strictly(answer))
    assert "Draft, not published." in said
    assert "These reviews were read to learn from them." in said
    assert "Table 3. Nature of the incident" in said
    assert "The profile open is only proposed: record who decided" in said
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert DRAFT in as_editor.get(SIGN).content.decode()


def test_the_pdf_of_a_draft_says_so_on_its_pages_and_is_kept_by_no_cache(as_editor, snapshot):
    write_introduction(snapshot.overview)
    answer = as_editor.get(PDF)
    said = text_of(answer.content)
    assert said.count("DRAFT, DO NOT SHARE") > 2
    assert "These reviews were read to learn from them." in said
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_a_draft_with_a_fault_shows_it_and_makes_no_pdf(as_editor, snapshot, editor):
    save_text(
        by=editor,
        overview=snapshot.overview,
        slot="introduction",
        text="One.\n\nThere are {T3/nobody/n}.",
        base=0,
        now=NOON,
    )
    said = see(as_editor, DRAFT)
    assert "Introduction, line 3: T3 has no row nobody" in said
    assert "There are [correct line 3 of this text]." in said
    assert "T3/nobody/n?" not in said
    answer = as_editor.get(PDF)
    assert answer.status_code == 400
    assert "introduction, line 3: T3 has no row nobody" in answer.content.decode()


def test_an_overview_that_was_not_frozen_has_no_draft(as_editor, small):
    assert as_editor.get(DRAFT).status_code == 404


# ---- what waits ----


def waiting(client):
    tree = strictly(client.get(LIST))
    heading = tree.find(".//h2[@id='waiting']")
    parent = next(one for one in tree.iter() if heading in list(one))
    return words_of(list(parent)[list(parent).index(heading) + 1])


def test_a_first_edition_waits_for_the_editor_who_finds_it_in_the_list(
    client, analyst, editor, coded
):
    small = create_overview(by=analyst, spec=SPEC, file="small.yaml", now=NOON)
    client.force_login(editor)
    assert waiting(client) == "No overview is waiting for your signature."
    snapshot = freeze_overview(by=analyst, overview=small, now=NOON)
    # A report without its introduction cannot be signed yet.
    assert waiting(client) == "No overview is waiting for your signature."
    write_introduction(small)
    assert "Learning from one review (first edition). Nobody has signed yet." in waiting(client)
    sign(analyst, snapshot, SigningCapacity.ANALYST)
    assert "ann signed as analyst on 4 May 2026." in waiting(client)
    client.force_login(analyst)
    assert waiting(client) == "No overview is waiting for your signature."
    sign(editor, snapshot, SigningCapacity.EDITOR)
    assert "Both signatures are there: an editor can publish it" in see(client, LIST)
    give_out(editor=editor, analyst=analyst, snapshot=snapshot)
    client.force_login(editor)
    assert waiting(client) == "No overview is waiting for your signature."


def test_a_text_changed_after_an_edition_waits_again(client, analyst, editor, coded):
    small = create_overview(by=analyst, spec=SPEC, file="small.yaml", now=NOON)
    snapshot = freeze_overview(by=analyst, overview=small, now=NOON)
    give_out(editor=editor, analyst=analyst, snapshot=snapshot)
    client.force_login(analyst)
    assert waiting(client) == "No overview is waiting for your signature."
    page = reverse("write-text", args=["small", "foreword"])
    client.post(page, {"text": "Thanks to all.", "base": 0, "action": "save"})
    assert "Learning from one review" in waiting(client)


def test_an_editor_is_led_to_pages_that_an_editor_may_open(as_editor, snapshot):
    tree = strictly(as_editor.get(LIST))
    leads = {one.get("href") for one in tree.findall(".//table/tbody//a")}
    assert leads == {reverse("writing", args=["small"]), DECIDE, SIGN}
    for address in leads:
        assert as_editor.get(address).status_code == 200, address


@pytest.mark.parametrize(("profile", "warned"), [("k3", True), ("open", False)])
def test_a_stricter_decision_says_what_the_edition_that_stands_goes_on_showing(
    as_editor, small, analyst, editor, profile, warned
):
    as_editor.post(DECIDE, DECISION)
    give_out(
        editor=editor,
        analyst=analyst,
        snapshot=freeze_overview(by=analyst, overview=small, now=NOON),
    )
    again = {**DECISION, "profile": profile, "reason": "Thought over.", "seen": "2"}
    said = words_of(strictly(as_editor.post(DECIDE, again, follow=True)))
    assert ("Edition 1 was published under the profile open and still shows" in said) is warned
