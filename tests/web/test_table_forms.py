"""Tables and figures in forms: what is typed becomes the specification, without YAML."""

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from tests.factories import NOON, make_person
from tests.overview.world import SPEC, make_world
from tests.web.test_pages import see, strictly, words_of
from waymark.accounts.models import Role
from waymark.frameworks.schema import read_framework
from waymark.frameworks.services import builtin_frameworks
from waymark.overview.models import SpecVersion
from waymark.overview.queries.overviews import latest_version, overview_for
from waymark.overview.services import create_overview
from waymark.pipeline.publishing.preview import preview_cache
from waymark.web.authoring.table_form import TableForm
from waymark.web.authoring.table_lines import (
    LineFault,
    band_lines,
    bands_of,
    condition_of,
    group_lines,
    groups_of,
)

TABLES = reverse("overview-tables", args=["small"])
DRINK = reverse("edit-table", args=["small", "T2"])


@pytest.fixture
def analyst(client, framework, settings, tmp_path):
    settings.DATA = tmp_path
    preview_cache.clear()
    make_world(framework)
    person = make_person(Role.ANALYST, name="ann")
    create_overview(by=person, spec=SPEC, file="small.yaml", now=NOON)
    client.force_login(person)
    return person


def values_of(client, page):
    """What a browser would send back of the form of a page, as it was shown."""
    tree = strictly(client.get(page))
    form = next(
        form for form in tree.iter("form") if form.find(".//input[@name='seen']") is not None
    )
    values = {}
    for field in form.iter():
        name = field.get("name")
        if field.tag == "input" and field.get("type") in {"checkbox", "radio"}:
            if field.get("checked") is not None:
                values.setdefault(name, []).append(field.get("value") or "on")
        elif field.tag == "input":
            values[name] = field.get("value") or ""
        elif field.tag == "textarea":
            values[name] = (field.text or "").lstrip("\n")
        elif field.tag == "select":
            chosen = [one for one in field.iter("option") if one.get("selected") is not None]
            values[name] = chosen[0].get("value") if chosen else ""
    return values


def send(client, page, do="save", **changes):
    return client.post(page, {**values_of(client, page), "do": do, **changes})


def spec_now():
    return latest_version(overview_for("small")).spec


# ---- one table ----


@pytest.mark.django_db
def test_a_form_sent_as_it_was_shown_changes_nothing(client, analyst):
    for table in ("T1", "T2", "T3", "T10"):
        send(client, reverse("edit-table", args=["small", table]))
    assert SpecVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_table_is_changed_and_every_other_line_stays(client, analyst):
    answer = send(client, DRINK, title="Alcohol", blocks__0__percent="on", notes="One.\nTwo.")
    assert answer["Location"] == DRINK
    before, after = (yaml.safe_load(text)["tables"] for text in (SPEC, spec_now()))
    assert after[1]["title"] == "Alcohol"
    assert after[1]["blocks"][0]["percent"] is True
    assert after[1]["notes"] == ["One.", "Two."]
    assert [*after[:1], *after[2:]] == [*before[:1], *before[2:]]


@pytest.mark.django_db
def test_a_second_fact_makes_a_crosstab_and_no_fact_makes_it_plain_again(client, analyst):
    send(client, DRINK, blocks__0__columns="variable:drink")
    assert yaml.safe_load(spec_now())["tables"][1]["blocks"][0]["columns"] == {"variable": "drink"}
    send(client, DRINK, blocks__0__columns="")
    assert "columns" not in yaml.safe_load(spec_now())["tables"][1]["blocks"][0]


@pytest.mark.django_db
def test_a_count_begins_with_bands_that_can_then_be_changed(client, analyst):
    assert send(client, DRINK, blocks__0__rows="count:children").status_code == 302
    bands = values_of(client, DRINK)["blocks__0__rows__bands"]
    assert bands.split("\n") == ["None = 0", "1 = 1", "2 = 2", "3 or more = 3 and over"]
    send(client, DRINK, blocks__0__rows__bands="None = 0\nSome = 1 and over")
    rows = yaml.safe_load(spec_now())["tables"][1]["blocks"][0]["rows"]
    assert [band["label"] for band in rows["bands"]] == ["None", "Some"]


def test_only_facts_of_which_a_record_has_one_value_can_be_chosen_for_a_crosstab():
    source = next(row for row in builtin_frameworks() if "1.1" in row.name).read_text("utf-8")
    core = read_framework(source, file="core.yaml")
    table = {"id": "T1", "kind": "crosstab", "title": "T", "blocks": [{"title": "B"}]}
    form = TableForm(table, core)
    offered = {
        value.removeprefix("variable:")
        for _, choices in form.fields["blocks__0__rows"].choices
        for value, _ in choices
    }
    types = {variable.type for variable in core.variables if variable.id in offered}
    assert "categories" not in types
    assert {"category", "age", "number", "state", "contact"} <= types


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"title": ""}, "title", "Enter a title."),
        ({"blocks__0__rows": "variable:six"}, "blocks__0__rows", "there is no variable six"),
        ({"blocks__0__rows__groups": "Drinks"}, "blocks__0__rows__groups", "is not complete"),
        ({"blocks__0__where": "six = a"}, "blocks__0__where", "six"),
        ({"blocks__0__unit": "child"}, None, ""),
    ],
)
def test_a_fault_is_told_beside_its_field_and_nothing_is_lost(
    client, analyst, changes, field, message
):
    answer = send(client, DRINK, notes="Typed.", **changes)
    if field is None:
        assert answer.status_code == 302
        return
    assert answer.status_code == 400
    tree = strictly(answer)
    assert message in words_of(tree.find(".//div[@role='alert']"))
    assert tree.find(f".//*[@id='{field}']").get("aria-invalid") == "true"
    assert "Typed." in tree.find(".//*[@id='notes']").text
    assert SpecVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_preview_is_shown_beside_the_form_and_stored_nowhere(client, analyst):
    answer = send(client, DRINK, do="preview", title="Alcohol")
    preview = strictly(answer).find(".//div[@id='preview']")
    assert "DRAFT, table 2. Alcohol" in words_of(preview)
    assert SpecVersion.objects.count() == 1


@pytest.mark.django_db
def test_the_preview_alone_is_counted_from_what_is_typed(client, analyst):
    page = reverse("table-preview", args=["small", "T2"])
    shown = client.post(page, {**values_of(client, DRINK), "title": "Alcohol"}).content.decode()
    assert "DRAFT, table 2. Alcohol" in shown
    shown = client.post(page, {**values_of(client, DRINK), "title": ""}).content.decode()
    assert "Enter a title." in shown
    assert "#line-" not in shown


@pytest.mark.django_db
def test_a_second_person_does_not_overwrite_the_first(client, analyst):
    values = values_of(client, DRINK)
    client.post(DRINK, {**values, "do": "save", "title": "First"})
    answer = client.post(DRINK, {**values, "do": "save", "title": "Second"})
    assert answer.status_code == 400
    assert "saved version 2 since you opened version 1" in words_of(strictly(answer))
    assert latest_version(overview_for("small")).number == 2


# ---- the list ----


@pytest.mark.django_db
def test_a_table_is_added_from_the_known_kinds_changed_moved_and_removed(client, analyst):
    answer = client.post(
        reverse("add-table", args=["small"]), {"seen": "1", "title": "Mine", "kind": "crosstab"}
    )
    page = reverse("edit-table", args=["small", "T11"])
    assert answer["Location"] == page
    assert "Mine" in see(client, page)
    client.post(TABLES, {"seen": "2", "do": "up:T11"})
    ids = [table["id"] for table in yaml.safe_load(spec_now())["tables"]]
    assert ids == ["T1", "T2", "T3", "T11", "T10"]
    assert send(client, page, do="remove")["Location"] == TABLES
    assert yaml.safe_load(spec_now()) == yaml.safe_load(SPEC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["flow", "crosstab", "states", "cooccurrence", "silence", "themes", "agreement"]
)
def test_each_kind_can_be_added_or_says_what_the_framework_lacks(client, analyst, kind):
    page = reverse("add-table", args=["small"])
    answer = client.post(page, {"seen": "1", "title": "Mine", "kind": kind})
    if answer.status_code == 302:
        see(client, answer["Location"])
    else:
        assert strictly(answer).find(".//div[@role='alert']") is not None


# ---- figures ----


@pytest.mark.django_db
def test_a_figure_is_added_with_the_tables_title_changed_and_removed(client, analyst):
    add = reverse("add-figure", args=["small", "T2"])
    assert send(client, add)["Location"] == DRINK
    figure = {"id": "F2", "kind": "bars", "table": "T2", "title": "Drink", "column": "n"}
    assert yaml.safe_load(spec_now())["figures"][1] == figure
    page = reverse("edit-figure", args=["small", "F2"])
    send(client, page, kind="columns")
    assert yaml.safe_load(spec_now())["figures"][1] == {**figure, "kind": "columns"}
    send(client, DRINK, title="Alcohol")
    assert yaml.safe_load(spec_now())["figures"][1]["title"] == "Alcohol"
    send(client, page, do="remove")
    assert len(yaml.safe_load(spec_now())["figures"]) == 1


@pytest.mark.django_db
def test_a_figure_that_its_table_cannot_draw_is_refused(client, analyst):
    answer = send(client, reverse("add-figure", args=["small", "T2"]), kind="flow")
    assert answer.status_code == 400
    assert SpecVersion.objects.count() == 1


# ---- who ----


@pytest.mark.django_db
@pytest.mark.parametrize("page", [TABLES, DRINK, reverse("add-table", args=["small"])])
def test_forms_from_elsewhere_change_nothing(analyst, page):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(analyst)
    assert strict.post(page, {"seen": "1"}).status_code == 403


@pytest.mark.django_db
def test_an_editor_does_not_change_tables(client, analyst):
    client.force_login(make_person(Role.EDITOR))
    for page in (TABLES, DRINK):
        assert client.get(page).status_code == 403
        assert client.post(page, {"seen": "1", "do": "save"}).status_code == 403


# ---- lines ----


BANDS = [
    {"id": "young", "label": "Under 1 year", "from": 0, "to": 11},
    {"id": "one", "label": "1 month", "from": 12, "to": 12},
    {"id": "old", "label": "Older", "from": 13},
]
GROUPS = [
    {"id": "died", "label": "Died", "deaths": True},
    {"id": "some", "label": "Two = more", "values": ["a", "b"]},
    {"id": "rest", "label": "Other", "rest": True},
]


def test_bands_are_lines_and_come_back_with_their_ids():
    lines = band_lines(BANDS)
    assert lines == ["Under 1 year = 0 to 11", "1 month = 12", "Older = 13 and over"]
    assert bands_of(lines, BANDS) == BANDS


def test_a_renamed_or_widened_band_keeps_its_id_and_a_new_one_gets_one():
    bands = bands_of(["Infants = 0 to 11", "Older = 12 and over", "1 to 2 = 1-2"], BANDS)
    assert [band["id"] for band in bands] == ["young", "old", "from_1_to_2"]


def test_groups_are_lines_and_come_back():
    lines = group_lines(GROUPS)
    assert lines == ["Died = deaths", "Two = more = a, b", "Other = all others"]
    assert groups_of(lines, GROUPS) == GROUPS


def test_two_new_rows_of_one_name_get_two_ids():
    groups = groups_of(["A = x", "A! = y"], [])
    assert [group["id"] for group in groups] == ["a", "a_more"]


@pytest.mark.parametrize("line", ["Young", "Young = ", " = 3", "Young = x to y", "Young = 3 to"])
def test_a_line_that_is_no_band_says_what_to_write(line):
    with pytest.raises(LineFault, match="write such as Under 1 year = 0 to 11"):
        bands_of([line], [])


def test_a_condition_is_a_fact_and_its_values():
    assert condition_of("role = subject, sibling") == {
        "variable": "role",
        "values": ["subject", "sibling"],
    }
    assert condition_of("") is None
