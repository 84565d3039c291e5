"""Working on overviews: beginning, writing with a preview, saving, two at once, freezing."""

import html5lib
import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.frameworks.services import builtin_frameworks, load_framework, publish_framework
from waymark.overview.models import Overview, Snapshot, SpecVersion
from waymark.overview.queries.overviews import latest_version, overview_for, release_of
from waymark.overview.services import create_overview
from waymark.pipeline.publishing.preview import preview_cache
from waymark.publishing.document.nodes import ReportDocument
from waymark.publishing.document.render import table_nodes
from waymark.publishing.formats.html import render_fragment
from waymark.web.authoring.spec_preview import LONGEST

pytestmark = pytest.mark.django_db

EDITOR = "/staff/overviews/small/spec/"
PREVIEW = "/staff/overviews/small/spec/preview/"
PAGES = [
    "/staff/overviews/",
    "/staff/overviews/new/",
    EDITOR,
    "/staff/overviews/small/history/",
    "/staff/overviews/small/versions/1/",
]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    """The data folder of this test."""
    settings.DATA = tmp_path
    preview_cache.clear()


@pytest.fixture
def analyst(client, framework):
    """An analyst who is signed in, and has begun the overview small, of two reviews."""
    make_world(framework)
    person = make_person(Role.ANALYST, name="analyst")
    create_overview(by=person, spec=SPEC, file="small.yaml", now=NOON)
    client.force_login(person)
    return person


@pytest.fixture
def shipped(db):
    """The framework that comes with Waymark, and so its overview, can be used."""
    file = builtin_frameworks()[0]
    made = load_framework(by=None, source=file.read_text("utf-8"), file=file.name, now=NOON)
    publish_framework(by=None, framework=made, now=NOON)


def send(client, text=SPEC, do="preview", seen="1", table="", **more):
    said = {"spec": text, "do": do, "seen": seen, "table": table, **more}
    return client.post(EDITOR, said)


def shown(client, text=SPEC, table=""):
    answer = client.post(PREVIEW, {"spec": text, "seen": "1", "table": table})
    assert answer.status_code == 200
    return answer.content.decode()


# ---- who ----


@pytest.mark.parametrize("page", [*PAGES, PREVIEW])
def test_only_analysts_come_in(client, analyst, page):
    client.logout()
    method = client.post if page == PREVIEW else client.get
    assert method(page)["Location"].startswith("/sign-in/")
    for role in set(Role) - {Role.ANALYST}:
        client.force_login(make_person(role))
        # The list is an editor's too: first editions wait there for their signature.
        listed = page == reverse("specs") and role == Role.EDITOR
        assert method(page).status_code == (200 if listed else 403)
        if page != PREVIEW:
            assert client.post(page, {"do": "save", "seen": "1", "spec": SPEC}).status_code in {
                403,
                405,
            }
    assert SpecVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (EDITOR, {"do": "save", "seen": "1", "spec": SPEC.replace("For tests", "B")}),
        (EDITOR, {"do": "freeze", "seen": "1", "spec": SPEC}),
        (PREVIEW, {"spec": SPEC}),
        ("/staff/overviews/new/", {"base": "small", "slug": "x", "title": "X"}),
        ("/staff/overviews/small/versions/1/", {"seen": "1"}),
    ],
)
def test_forms_from_elsewhere_change_nothing(analyst, page, said):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(analyst)
    assert strict.post(page, said).status_code == 403
    assert (SpecVersion.objects.count(), Snapshot.objects.count()) == (1, 0)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_whole(client, analyst, page):
    see(client, page)


def test_the_preview_is_asked_for_by_post_alone(client, analyst):
    assert client.get(PREVIEW).status_code == 405


@pytest.mark.parametrize("page", ["spec", "spec-history"])
def test_an_overview_that_is_not_there_is_not_found(client, analyst, page):
    see(client, reverse(page, args=["nothing"]), status=404)
    see(client, "/staff/overviews/small/versions/9/", status=404)


# ---- beginning ----


def begin(client, **said):
    return client.post(
        "/staff/overviews/new/",
        {"base": "builtin:everything", "slug": "mine", "title": "Mine", **said},
    )


def test_an_overview_is_begun_with_all_tables_and_a_query(client, analyst, shipped):
    answer = begin(client, place="Derry", query="year:2004-2006")
    assert answer["Location"] == "/staff/overviews/mine/tables/"
    spec = latest_version(overview_for("mine")).spec
    assert "select:\n  query: year:2004-2006\n" in spec
    assert "place: Derry\n" in spec
    assert "Mine created." in see(client, "/staff/overviews/mine/tables/")


def test_an_overview_is_begun_with_a_copy(client, analyst):
    begin(client, base="small")
    assert latest_version(overview_for("mine")).title == "Mine"
    assert "Draft, not frozen yet" in see(client, "/staff/overviews/")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"slug": "", "query": "year:2004"}, "Enter a web address name."),
        ({"title": " ", "query": "year:2004"}, "Enter a title."),
        ({}, "Choose a collection or write a query."),
        ({"query": "x", "collection": "y"}, "not both"),
        ({"slug": "Mine!", "query": "year:2004"}, "must be small letters, digits and hyphens"),
        ({"slug": "small", "query": "year:2004"}, "There is an overview small already"),
        ({"query": "thme:neglect"}, "There is no field thme"),
        ({"query": "year:2004"}, "no published framework"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_in_the_summary(client, analyst, said, told):
    answer = begin(client, **said)
    assert answer.status_code == 400
    tree = strictly(answer)
    (summary,) = [one for one in tree.iter("div") if one.get("role") == "alert"]
    (link,) = list(summary.iter("a"))
    assert told in words_of(link)
    field = link.get("href").removeprefix("#")
    (wrong,) = [one for one in tree.iter("p") if one.get("id") == f"{field}_error"]
    assert told in words_of(wrong)
    assert Overview.objects.count() == 1


def test_what_nobody_has_cannot_be_begun_with(client, analyst):
    assert begin(client, base="builtin:../secret", query="year:2004").status_code == 404
    assert begin(client, base="nothing").status_code == 404


# ---- the preview ----


def test_the_preview_is_marked_as_a_draft_and_equals_what_is_frozen_and_rendered(client, analyst):
    seen = shown(client, table="T1")
    assert "<b>DRAFT.</b> Counted now from the agreed facts of 2 reviews" in seen
    send(client, SPEC, do="freeze")
    release = release_of(Snapshot.objects.get(), "open")
    nodes = tuple(table_nodes(release.spec.tables[0], release.table("T1"), release))
    rendered = render_fragment(ReportDocument("", "", "", "", NOON, nodes), address=None)
    for name in ("Figure 1", "Table 1"):
        rendered = rendered.replace(name, f"DRAFT, {name.lower()}")
    for reference in (">{}</a>", "Numbers in {}."):
        rendered = rendered.replace(reference.format("DRAFT, table 1"), reference.format("Table 1"))
    assert rendered in seen


def test_one_table_is_shown_and_any_can_be_chosen(client, analyst):
    seen = shown(client, table="T10")
    assert 'id="T10"' in seen
    assert 'id="T3"' not in seen
    assert '<option value="T10" selected>T10: Themes</option>' in seen
    assert 'id="T3"' in shown(client, table="all")
    assert "How this overview was made" in shown(client, table="all")
    assert 'id="T1"' in shown(client)


def test_nothing_of_a_preview_is_kept(client, analyst):
    shown(client, SPEC.replace("For tests", "Another"))
    send(client, SPEC.replace("For tests", "Another"))
    assert (SpecVersion.objects.count(), Snapshot.objects.count()) == (1, 0)


def test_without_script_a_button_shows_the_preview_and_keeps_what_was_written(client, analyst):
    text = SPEC.replace("For tests", "Not saved yet")
    answer = send(client, text, table="T2")
    said = words_of(strictly(answer))
    assert "DRAFT, table 2." in said
    assert "subtitle: Not saved yet" in said
    assert "No preview" not in said


def test_a_fault_names_its_line_and_leads_there(client, analyst):
    text = SPEC.replace("variable: sex", "variable: six")
    line = 1 + text.split("variable: six")[0].count("\n")
    answer = send(client, text)
    assert answer.status_code == 400
    tree = strictly(answer)
    (faults,) = [one for one in tree.iter("div") if one.get("id") == "faults"]
    (link,) = list(faults.iter("a"))
    assert (link.get("href"), words_of(link)) == (f"#line-{line}", f"Line {line}")
    assert "there is no variable six" in words_of(faults)
    (number,) = [one for one in tree.iter("span") if one.get("id") == f"line-{line}"]
    assert (number.get("class"), number.text) == ("wrong", str(line))
    assert f'data-line="{line}"' in shown(client, text)


def test_numbers_of_lines_stand_beside_all_that_was_written(client, analyst):
    tree = strictly(client.get(EDITOR))
    (area,) = list(tree.iter("textarea"))
    lines = area.text.count("\n")
    assert int(area.get("rows")) > lines
    numbers = [one.text for one in tree.iter("span") if (one.get("id") or "").startswith("line-")]
    assert numbers[:3] == ["1", "2", "3"]
    assert len(numbers) > lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 5000, "values are nested too deeply"),
        ("", "must be a mapping of names to values"),
        ("x" * (LONGEST + 1), "longer than 200,000 characters"),
        (SPEC.replace("{collection: small}", "{reviews: [S9]}"), "there is no review S9"),
        (SPEC.replace("overview: small", "overview: other"), "this is small: its name stays"),
        (SPEC.replace("small 1.0.0", "small 9.0.0"), "no published framework"),
    ],
)
def test_whatever_is_written_the_preview_tells_what_is_wrong(client, analyst, text, said):
    assert said in shown(client, text)


def test_what_is_written_is_never_taken_for_a_page(client, analyst):
    bad = "</textarea><script>alert(1)</script>"
    answer = send(client, f"{SPEC}# {bad}")
    assert "<script>alert" not in answer.content.decode()
    title = SPEC.replace("title: Drink", "title: <img src=x>")
    assert "<img" not in shown(client, title, table="T2")


def test_the_panel_on_prediction_is_off_with_its_reason_until_sources_are_given(client, analyst):
    seen = shown(client)
    assert "switched off" in seen
    assert "No factor is named." in seen
    block = "predictive_value:\n  factor: {table: T2, row: present}\n"
    seen = shown(client, SPEC.replace("tables:\n", f"{block}tables:\n"), table="T3")
    assert "How common serious harm is and how common the factor is are not given." in seen


# ---- what cannot be shown ----

SMALL = SPEC.replace("profile: open", "profile: k3")
"""Two reviews and one child: under k3 neither drink (T2) nor sex (T3) can be shown."""


def left_out(page):
    """What the preview says it does not show: name, line and reason of each."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    (found,) = [one for one in tree.iter("div") if one.get("id") == "left-out"]
    return [words_of(one) for one in found.iter("li")], words_of(found)


def line_of(text):
    return SMALL[: SMALL.index(text)].count("\n") + 1


def test_tables_that_cannot_be_protected_are_named_and_the_others_shown(client, analyst):
    seen = shown(client, SMALL, table="T10")
    assert 'id="T10"' in seen
    listed, whole = left_out(seen)
    assert listed[0].startswith(f"Table 2, Drink ( line {line_of('- id: T2')} ). In every version")
    assert listed[1].startswith(f"Table 3, Sex ( line {line_of('- id: T3')} ). In every version")
    assert "Leave it out, or add a less detailed version." in listed[0]
    (paragraph,) = listed[2:]
    assert paragraph == (
        f"Paragraph 1 about the overview ( line {line_of('- There are')} ). It refers to a number"
        " in table 2, which is not shown."
    )
    assert "Some tables cannot be shown" in seen
    assert "The other tables (T1, T10) are shown." in whole
    assert "protected as if only these tables were published" in whole
    assert "not published until this is fixed" in whole
    assert f'href="#line-{line_of("- id: T2")}" data-line="{line_of("- id: T2")}"' in seen


def test_of_a_table_that_cannot_be_protected_no_number_is_shown(client, analyst):
    seen = shown(client, SMALL, table="T2")
    assert "No preview of table 2. The reason is below." in seen
    assert "<table" not in seen
    assert "DRAFT" not in seen
    assert '<option value="T2" selected>T2: Drink</option>' in seen
    assert '<option value="T1">T1: Flow</option>' in seen
    whole = shown(client, SMALL, table="all")
    assert 'id="T1"' in whole
    assert not [one for one in ('id="T2"', 'id="T3"', "All reviews", "There are") if one in whole]


def test_unasked_the_first_table_that_can_be_shown_is_shown(client, analyst):
    first = SMALL.replace("  - {id: T1, kind: flow, title: Flow}\n", "")
    first = first.replace("  - {id: F1, kind: flow, table: T1, title: Flow}\n", "")
    seen = shown(client, first.replace("figures:\n", ""))
    assert 'id="T10"' in seen
    assert '<option value="T10" selected>' in seen


def test_without_script_what_cannot_be_shown_is_told_with_its_lines_marked(client, analyst):
    answer = send(client, SMALL, table="T1")
    assert answer.status_code == 200
    tree = strictly(answer)
    wrong = [one.text for one in tree.iter("span") if one.get("class") == "wrong"]
    assert wrong == [str(line_of(one)) for one in ("- There are", "- id: T2", "- id: T3")]


def test_where_no_table_can_be_shown_there_is_no_preview_and_every_reason(client, analyst):
    none = SMALL.replace("  - {id: T1, kind: flow, title: Flow}\n", "")
    none = none.replace("  - {id: F1, kind: flow, table: T1, title: Flow}\n", "")
    none = none.replace("figures:\n", "")
    none = none.replace("  - {id: T10, kind: themes, title: Themes, of: {themes: true}}\n", "")
    seen = shown(client, none)
    assert "No table can be shown. T2: In every version, more than half" in seen
    assert "<table" not in seen


# ---- saving, and two at once ----


def test_a_version_is_saved_and_listed(client, analyst):
    answer = send(client, SPEC.replace("For tests", "Another"), do="save", table="T3")
    assert answer["Location"] == f"{EDITOR}?table=T3"
    assert "Version 2 is saved." in see(client, EDITOR)
    said = see(client, "/staff/overviews/small/history/")
    assert "Version 2 current" in said
    assert "Nothing has been frozen yet." in said


def test_lines_end_as_in_a_file_however_the_browser_sends_them(client, analyst):
    text = SPEC.replace("\n", "\r\n")
    send(client, text, do="save")
    assert SpecVersion.objects.count() == 1


def test_what_has_faults_is_not_saved_and_stays_in_the_form(client, analyst):
    answer = send(client, SPEC.replace("variable: sex", "variable: six"), do="save")
    assert answer.status_code == 400
    said = words_of(strictly(answer))
    assert "variable: six" in said
    assert "Your changes have not been saved." in said
    assert SpecVersion.objects.count() == 1


def test_the_second_of_two_is_told_sees_the_difference_and_can_save_after_all(client, analyst):
    other = Client()
    other.force_login(make_person(Role.ANALYST, name="other"))
    assert send(other, SPEC.replace("For tests", "Theirs"), do="save").status_code == 302
    answer = send(client, SPEC.replace("For tests", "Mine"), do="save")
    assert answer.status_code == 409
    tree = strictly(answer)
    said = words_of(tree)
    assert "A newer version was saved while you were editing" in said
    assert "Other saved version 2 since you opened version 1." in said
    assert [words_of(one) for one in tree.iter("del")] == ["gone: subtitle: Theirs"]
    assert [words_of(one) for one in tree.iter("ins")] == ["new: subtitle: Mine"]
    (area,) = list(tree.iter("textarea"))
    assert "subtitle: Mine" in area.text
    (seen,) = [one.get("value") for one in tree.iter("input") if one.get("name") == "seen"]
    assert seen == "2"
    assert send(client, SPEC.replace("For tests", "Mine"), do="save", seen=seen).status_code == 302
    assert [one.spec.split("\n")[2] for one in SpecVersion.objects.order_by("number")] == [
        "subtitle: For tests",
        "subtitle: Theirs",
        "subtitle: Mine",
    ]


def test_a_preview_does_not_take_another_s_version_for_seen(client, analyst):
    other = Client()
    other.force_login(make_person(Role.ANALYST, name="other"))
    send(other, SPEC.replace("For tests", "Theirs"), do="save")
    answer = send(client, SPEC.replace("For tests", "Mine"))
    (seen,) = [
        one.get("value") for one in strictly(answer).iter("input") if one.get("name") == "seen"
    ]
    assert seen == "1"


@pytest.mark.parametrize("seen", ["", "x", "²", "9" * 30])
def test_a_form_that_does_not_say_which_version_it_changed_saves_nothing(client, analyst, seen):
    answer = send(client, SPEC.replace("For tests", "Mine"), do="save", seen=seen)
    assert answer.status_code == 400
    assert "which version was changed" in words_of(strictly(answer))
    assert SpecVersion.objects.count() == 1


def test_a_form_that_does_not_say_what_to_do_does_nothing(client, analyst):
    answer = send(client, SPEC.replace("For tests", "Mine"), do="nonsense")
    assert answer.status_code == 400
    assert SpecVersion.objects.count() == 1


# ---- freezing and history ----


def test_freezing_saves_first_and_is_told_in_the_history(client, analyst):
    answer = send(client, SPEC.replace("For tests", "Frozen"), do="freeze")
    assert answer["Location"] == "/staff/overviews/small/history/"
    said = see(client, answer["Location"])
    snapshot = Snapshot.objects.get()
    assert "The numbers are frozen in snapshot 1." in said
    assert snapshot.sha256 in said
    assert snapshot.spec.split("\n")[2] == "subtitle: Frozen"
    assert SpecVersion.objects.count() == 2


def test_freezing_again_without_a_change_says_so(client, analyst):
    send(client, do="freeze")
    answer = send(client, do="freeze")
    assert "Nothing has changed since snapshot 1." in see(client, answer["Location"])
    assert Snapshot.objects.count() == 1


def test_an_earlier_version_can_stand_again_and_none_is_lost(client, analyst):
    send(client, SPEC.replace("For tests", "Second"), do="save")
    said = see(client, "/staff/overviews/small/versions/2/")
    assert "subtitle: For tests" in said
    page = "/staff/overviews/small/versions/1/"
    assert "Restore this version" in see(client, page)
    assert client.post(page, {"seen": "2"}).status_code == 302
    assert [one.number for one in SpecVersion.objects.order_by("number")] == [1, 2, 3]
    assert latest_version(overview_for("small")).spec == SPEC
