"""Pages for those who write a report: chapters, versions, passages to quote, signing."""

import pytest
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.publishing.giving import give_out
from tests.web.test_overview_pages import SPEC
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role, State
from waymark.core.data_use import FORBIDDEN_USES
from waymark.core.errors import RuleError
from waymark.documents.models import Review
from waymark.library.services import set_details
from waymark.overview.services import create_overview, freeze_overview, revise_overview
from waymark.pipeline import change_state
from waymark.publishing.document.report_plan import default_plan
from waymark.publishing.models import Publication, ReportVersion, Signature
from waymark.publishing.queries import drafts

pytestmark = pytest.mark.django_db
TEXT = reverse("write-text", args=["small", "introduction"])
SIGN = reverse("sign-report", args=["small"])


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
def small(coded, analyst):
    return create_overview(by=analyst, spec=SPEC, file="small.yaml", now=NOON)


@pytest.fixture
def snapshot(small, analyst):
    return freeze_overview(by=analyst, overview=small, now=NOON)


@pytest.fixture
def writer(client, editor):
    client.force_login(editor)
    return client


def save(client, text, *, base=0, page=TEXT):
    return client.post(page, {"text": text, "base": base, "action": "save"})


def test_the_list_tells_what_is_written_and_what_is_made(writer, snapshot):
    page = reverse("writing", args=["small"])
    said = see(writer, page)
    assert "Learning from one review: the report" in said
    assert "not written" in said
    assert (
        "Added automatically: What was done: how the reviews were chosen, read, counted and"
        " protected What these figures cannot tell"
    ) in said
    save(writer, "One {T3/nobody/n}.")
    said = see(writer, page)
    assert "version 1, eddie" in said
    assert "Introduction, line 1: T3 has no row nobody" in said
    assert "1 fault" in said


def test_tables_that_no_chapter_takes_are_listed_where_the_program_puts_them(writer, small):
    """Before anything is frozen the list goes by what the overview asks for."""
    page = reverse("writing", args=["small"])
    assert "Table 1: Reviews read" in see(writer, page)
    plan = default_plan().replace(", tables flow", "")
    save(writer, plan, page=reverse("write-text", args=["small", "plan"]))
    said = see(writer, page)
    assert "so they are added in a chapter of their own: Table 1: Reviews read" in said


def test_an_overview_that_was_not_frozen_can_be_written_and_not_shown(writer, small):
    assert "Nothing has been frozen yet" in see(writer, reverse("writing", args=["small"]))
    assert save(writer, "One.").status_code == 302
    assert "until the overview is frozen" in see(writer, f"{TEXT}?preview=1")


def test_a_saved_text_comes_back_in_its_form_with_a_preview(writer, snapshot, key_of):
    key = key_of("The health visitor wrote no chronology.")
    text = f"### Why\n\n<b>Bold</b> & {{see T3}}\n\n{{quote {key}}}\n"
    assert save(writer, text).url == f"{TEXT}?preview=1"
    tree = strictly(writer.get(f"{TEXT}?preview=1"))
    assert tree.find(".//textarea").text.lstrip("\n") == text
    assert tree.find(".//input[@name='base']").get("value") == "1"
    shown = tree.find(".//section[@class='preview']")
    assert shown.find(".//blockquote/p").text == "The health visitor wrote no chronology."
    assert "<b>Bold</b> & Table 3" in words_of(shown)
    assert not list(shown.iter("b"))


def test_a_paragraph_is_beside_the_table_that_it_cites_first(writer, snapshot):
    page = reverse("write-text", args=["small", "case-profiles"])
    save(writer, "Of {T3/all/n} reviews, see {see F3}.\n\nAgain {T3/all/n}.\n", page=page)
    tree = strictly(writer.get(page))
    rows = tree.findall(".//div[@class='beside-row']")
    paragraphs = {words_of(row.find("div")): row for row in rows}
    first = paragraphs["Of 1 reviews, see Figure 3 ."]
    beside = [words_of(one) for one in first.findall(".//details/summary")]
    title = "Nature of the incident: reviews, A place, 2005"
    assert beside == [f"Table 3. {title}", f"Figure 3. {title}"]
    assert first.find(".//table[@id='T3']") is not None
    assert paragraphs["Again 1."].find(".//details") is None
    # Where readers find the table there is a link to it, as an id is on a page only once.
    places = [
        row.find(".//a").get("href") for text, row in paragraphs.items() if "For read" in text
    ]
    assert places == ["#F3", "#T3"]
    assert len(tree.findall(".//table[@id='T3']")) == 1


def test_a_preview_shows_faults_by_line_and_keeps_nothing(writer, snapshot):
    answer = writer.post(TEXT, {"text": "a\n{T3/x/n} 12", "base": 0, "action": "preview"})
    said = words_of(strictly(answer))
    assert "Line 2: T3 has no row x" in said
    assert "1 number to check against the tables" in said
    assert "Paragraph 1, sentence 1 (line 1): “a {T3/x/n} 12” “12” is not linked to a table" in said
    assert not ReportVersion.objects.exists()


def test_who_saves_second_is_told_sees_the_difference_and_loses_nothing(
    client, writer, snapshot, analyst
):
    save(writer, "One.\nTwo.")
    client.force_login(analyst)
    answer = save(client, "One.\nMine.")
    assert answer.status_code == 400
    tree = strictly(answer)
    assert "Not saved: eddie saved this text while you were editing" in words_of(tree)
    assert tree.find(".//textarea").text.strip() == "One.\nMine."
    assert ["Two." in (one.find("span").tail or "") for one in tree.iter("del")] == [True]
    assert save(client, "Both.", base=1).status_code == 302
    assert ReportVersion.objects.get(number=2).saved_by == analyst


def test_a_plan_that_cannot_be_read_is_refused_with_its_lines(writer, snapshot):
    page = reverse("write-text", args=["small", "plan"])
    source = strictly(writer.get(page)).find(".//textarea").text
    answer = save(writer, source.replace("tables flow", "poem"), page=page)
    assert answer.status_code == 400
    assert "is not a part" in words_of(strictly(answer))
    assert save(writer, source.replace("title: Foreword", "title: Before"), page=page)
    assert "Before" in see(writer, reverse("writing", args=["small"]))


def test_versions_are_listed_and_compared(writer, snapshot):
    save(writer, "One.\nTwo.")
    save(writer, "One.\nThree.", base=1)
    said = see(writer, reverse("text-history", args=["small", "introduction"]))
    assert "2 versions" in said
    tree = strictly(writer.get(reverse("text-version", args=["small", "introduction", 2])))
    assert [one.find("span").tail for one in tree.iter("del")] == ["Two."]
    assert [one.find("span").tail for one in tree.iter("ins")] == ["Three."]
    nothing = reverse("text-version", args=["small", "introduction", 3])
    assert writer.get(nothing).status_code == 404


def test_a_passage_of_a_theme_is_put_into_its_text(writer, snapshot, key_of):
    page = reverse("choose-passages", args=["small", "prac.recording"])
    key = key_of("The health visitor wrote no chronology.")
    assert f"{{quote {key}}}" in see(writer, page)
    answer = writer.post(page, {"key": key, "to": "key-themes:prac.recording"})
    assert answer.status_code == 302
    (version,) = ReportVersion.objects.all()
    assert (version.slot, version.text) == ("key-themes:prac.recording", f"{{quote {key}}}\n")


@pytest.mark.parametrize("key", ["", "nonsense", "3f9c01ab2d44-1-5} {quote 3f9c01ab2d44-7-9"])
def test_what_is_no_citation_key_is_not_put_into_a_text(writer, snapshot, key):
    page = reverse("choose-passages", args=["small", "prac.recording"])
    answer = writer.post(page, {"key": key, "to": "key-themes:prac.recording"})
    assert answer.status_code == 400
    assert not ReportVersion.objects.exists()


@pytest.fixture
def no_release(monkeypatch):
    """An earlier edition withholds what the tables of the next would show."""

    def refuse(*_):
        raise RuleError("T3 cannot be shown in this release")

    monkeypatch.setattr(drafts, "next_release", refuse)


def test_texts_are_not_counted_where_no_release_can_be_made(writer, snapshot, no_release):
    save(writer, "One.")
    page = see(writer, SIGN)
    assert "T3 cannot be shown in this release" in page
    assert "Texts written" not in page
    assert "Passages cited" not in page


def test_passages_can_be_chosen_where_no_release_can_be_made(writer, snapshot, key_of, no_release):
    key = key_of("The health visitor wrote no chronology.")
    page = reverse("choose-passages", args=["small", "prac.recording"])
    assert f"{{quote {key}}}" in see(writer, page)


def test_two_people_sign_what_they_see_and_the_editor_gives_it_out(
    client, writer, snapshot, analyst, editor
):
    save(writer, "One.")

    def sign(capacity):
        seen = strictly(client.get(SIGN)).find(".//input[@name='seen']").get("value")
        return client.post(SIGN, {"seen": seen, "capacity": capacity})

    assert "Nobody has signed this yet." in see(client, SIGN)
    assert sign("editor").url == SIGN
    said = see(client, SIGN)
    assert ", as editor" in said
    assert "You have signed this. Another person must give the second signature" in said
    assert client.post(SIGN, {"action": "publish"}).status_code == 400
    client.force_login(analyst)
    assert sign("analyst").url == SIGN
    assert client.post(SIGN, {"action": "publish"}).status_code == 403
    client.force_login(editor)
    assert "Publish next edition" in see(client, SIGN)
    assert client.post(SIGN, {"action": "publish"}).url == "/overviews/small/"
    assert Publication.objects.get().edition == 1
    said = see(client, "/overviews/small/chapters/provenance/")
    assert "ann (analyst)" in said
    assert "eddie (editor)" in said


def test_a_signature_on_what_was_not_seen_or_in_no_capacity_is_refused(writer, snapshot):
    assert writer.post(SIGN, {"seen": "0" * 64, "capacity": "editor"}).status_code == 400
    assert writer.post(SIGN, {"seen": "0" * 64, "capacity": "king"}).status_code == 400
    assert not Signature.objects.exists()


def test_the_page_to_sign_tells_what_changed_and_what_stands_in_the_way(
    writer, snapshot, editor, analyst
):
    give_out(editor=editor, analyst=analyst, snapshot=snapshot)
    said = see(writer, SIGN)
    assert "What changed since edition 1" in said
    assert "Texts: none changed" in said
    save(writer, "One [@record:nothing].", base=1)
    said = see(writer, SIGN)
    assert "Texts: 1 changed" in said
    assert "the public catalogue has no publication nothing" in said
    assert "Sign as editor" not in said


def test_who_signs_is_told_that_public_reports_tell_what_the_tables_withhold(
    writer, small, snapshot, analyst, coded
):
    warning = "1 of the 1 reviews counted here have public reports"
    assert warning not in see(writer, SIGN)
    rounded = SPEC.replace("profile: open", "profile: r5")
    revise_overview(by=analyst, overview=small, spec=rounded, file="small.yaml", now=NOON)
    freeze_overview(by=analyst, overview=small, now=NOON)
    assert warning in see(writer, SIGN)
    change_state(by=None, item=coded.review, state=State.INTERNAL, now=NOON)
    assert warning not in see(writer, SIGN)


def test_nobody_else_sees_or_changes_what_is_being_written(client, snapshot):
    pages = [
        TEXT,
        SIGN,
        reverse("writing", args=["small"]),
        reverse("text-history", args=["small", "introduction"]),
        reverse("text-version", args=["small", "introduction", 1]),
        reverse("choose-passages", args=["small", "prac.recording"]),
    ]
    for role in (Role.READER, Role.CODER, Role.CATALOGUER, Role.ADMINISTRATOR):
        client.force_login(make_person(role))
        assert {client.get(page).status_code for page in pages} == {403}
        assert save(client, "One.").status_code == 403


def test_what_is_not_there_is_told_so(writer, snapshot):
    for page in (
        reverse("writing", args=["none"]),
        reverse("write-text", args=["small", "nowhere"]),
        reverse("text-history", args=["small", "nowhere"]),
        reverse("choose-passages", args=["small", "fac.neglect"]),
        f"{reverse('choose-passages', args=['small', 'prac.recording'])}?page=9",
    ):
        assert writer.get(page).status_code == 404, page


def test_from_a_passage_to_the_chapter_that_cites_it(
    writer, client, snapshot, editor, analyst, key_of
):
    key = key_of("The health visitor wrote no chronology.")
    save(writer, f"{{quote {key}}}")
    give_out(editor=editor, analyst=analyst, snapshot=snapshot)
    assert "Cited in 1 Introduction" in see(client, reverse("passage", args=[key]))
    page = strictly(client.get("/overviews/small/chapters/introduction/"))
    leads = [one.get("href") for one in page.iter("a")]
    assert reverse("passage", args=[key]) in leads
    assert "/overviews/small/chapters/references/#note--1" in leads


def test_the_draft_says_what_its_quotations_describe_and_which_uses_are_not_allowed(
    writer, snapshot, key_of
):
    page = reverse("draft", args=["small"])
    save(writer, "Words without a quotation.")
    set_details(by=None, review=Review.objects.get(), content_notes=["neglect"], now=NOON)
    assert "Content note" not in see(writer, page)
    key = key_of("The health visitor wrote no chronology.")
    save(writer, f"{{quote {key}}}", base=1)
    text = see(writer, page)
    assert "Content note: this draft quotes reviews that describe neglect." in text
    assert FORBIDDEN_USES in text


def test_the_editing_page_lists_each_number_without_a_source_and_what_to_do(writer, snapshot):
    text = "Words.\n\nThat is so. Half of them were."
    save(writer, text)
    tree = strictly(writer.get(TEXT))
    listed = tree.find(".//section[@aria-labelledby='sentences']")
    assert [words_of(row) for row in listed.iter("li")] == [
        (
            "Paragraph 2, sentence 2 (line 3): “Half of them were.” “Half” is not linked to a"
            " table. What to do: name a cell as {T3/row/column}, link the word as {check Half:"
            " T3/row/column}, cite a passage that has it, or give a reason as {exempt Half:"
            " reason}."
        )
    ]
    assert tree.find(".//textarea").text.strip() == text
    assert "1 fault" in see(writer, reverse("writing", args=["small"]))


def test_figures_typed_by_hand_are_listed_with_their_reasons_where_one_signs(writer, snapshot):
    save(writer, "Two people read. {exempt two: their names are in the foreword}")
    row = "Introduction, line 1, “Two”: their names are in the foreword"
    assert row in see(writer, TEXT)
    assert row in see(writer, reverse("sign-report", args=["small"]))


def test_words_that_can_hurt_are_advised_on_beside_a_draft_and_block_nothing(writer, snapshot):
    assert save(writer, "One.\nHe committed suicide. “They failed to act.”").status_code == 302
    said = words_of(strictly(writer.get(TEXT)))
    assert "Advice on wording: 1 place" in said
    assert "Line 2: “committed suicide”" in said
    assert "Instead: “died by suicide”" in said
    assert ReportVersion.objects.count() == 1
